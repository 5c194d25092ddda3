package movements

import (
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"time"
)

// readSUMO reads the positions that SUMO notes in each of its time steps, of vehicles,
// persons and containers. Who is not in a step has not departed yet, has arrived or is on the
// way from one lane to another out of sight: it is gone from the step before on. Who is there
// in the last step stays.
func readSUMO(r io.Reader) ([]Node, error) {
	in := xml.NewDecoder(r)
	in.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil } // numbers and names alone
	s := sumo{roll: newRoll(), at: -1}
	for {
		line, _ := in.InputPos()
		token, err := in.Token()
		if err == io.EOF {
			if s.depth != 0 || s.steps == 0 {
				return nil, wrong(line, "the file ends too early")
			}
			return s.roll.nodes, nil
		}
		if bad, ok := errors.AsType[*xml.SyntaxError](err); ok {
			return nil, wrong(bad.Line, "not XML: %s", bad.Msg)
		}
		if err != nil {
			return nil, err
		}
		switch e := token.(type) {
		case xml.StartElement:
			line, _ = in.InputPos()
			if err := s.start(line, e); err != nil {
				return nil, err
			}
			s.depth++
		case xml.EndElement:
			s.depth--
			if e.Name.Local == "timestep" {
				s.step()
			}
		}
	}
}

type sumo struct {
	roll  *roll
	depth int // of elements around
	steps int
	at    time.Duration
	there []string // in this step
	last  []string // in the step before
}

// start takes an element.
func (s *sumo) start(line int, e xml.StartElement) error {
	name := e.Name.Local
	switch {
	case s.depth == 0 && name == "fcd-export":
		return nil
	case s.depth == 1 && name == "timestep":
		at, err := instant(line, attribute(e, "time"))
		if err != nil {
			return err
		}
		if at <= s.at {
			return wrong(line, "the time steps must be in order")
		}
		s.at = at
		return nil
	case s.depth == 2 && slices.Contains([]string{"vehicle", "person", "container"}, name):
		id := attribute(e, "id")
		if id == "" {
			return wrong(line, "a %s has no id", name)
		}
		x, err := coordinate(line, attribute(e, "x"))
		if err != nil {
			return err
		}
		y, err := coordinate(line, attribute(e, "y"))
		if err != nil {
			return err
		}
		s.there = append(s.there, id)
		return s.roll.node(id).add(line, Sample{At: s.at, X: x, Y: y})
	}
	return wrong(line, "no element <%s> belongs here", name)
}

// step ends a time step: who was there in the one before and is not now has gone.
func (s *sumo) step() {
	slices.Sort(s.there)
	for _, id := range s.last {
		if _, found := slices.BinarySearch(s.there, id); !found {
			n := s.roll.node(id)
			n.Samples[len(n.Samples)-1].Gone = true
		}
	}
	s.last, s.there = s.there, s.last[:0]
	s.steps++
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
