package movements

import (
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// What a movement file for ns-2 consists of. The distances between nodes that setdest notes
// for the god object say nothing new.
var (
	ns2Place = regexp.MustCompile(`^\$node_\(([^)\s]+)\)\s+set\s+([XYZ])_\s+(\S+)$`)
	ns2At    = regexp.MustCompile(`^\$ns_\s+at\s+(\S+)\s+"([^"]*)"$`)
	ns2Go    = regexp.MustCompile(`^\$node_\(([^)\s]+)\)\s+setdest\s+(\S+)\s+(\S+)\s+(\S+)$`)
	ns2God   = regexp.MustCompile(`^\$god_\s+set-dist(\s+\d+){3}$`)
)

// readNS2 reads the commands that place nodes and send them to their destinations, each in a
// line of its own. A command replaces the one before it, even if the node is still on its
// way; at its destination a node waits.
func readNS2(r io.Reader) ([]Node, error) {
	all := newRoll()
	walkers := map[string]*ns2Walker{}
	err := lines(r, func(number int, line string) error {
		if line[0] == '#' || ns2God.MatchString(line) {
			return nil
		}
		if m := ns2Place.FindStringSubmatch(line); m != nil {
			n := all.node(m[1])
			w := walkers[n.Name]
			if w == nil {
				w = &ns2Walker{}
				walkers[n.Name] = w
			}
			return w.place(number, m[2], m[3])
		}
		at := ns2At.FindStringSubmatch(line)
		if at == nil {
			return wrong(number, "%q is no command that places or moves a node", line)
		}
		command := strings.TrimSpace(at[2])
		if ns2God.MatchString(command) {
			return nil
		}
		to := ns2Go.FindStringSubmatch(command)
		if to == nil {
			return wrong(number, "%q does not send a node to a destination", command)
		}
		w := walkers[to[1]]
		if w == nil || !w.x || !w.y {
			return wrong(number, "node %q has no place yet: wanted set X_ and set Y_ before", to[1])
		}
		dest, err := sample(number, at[1], to[2], to[3])
		if err != nil {
			return err
		}
		return w.setdest(number, dest, to[4])
	})
	if err != nil {
		return nil, err
	}
	for i := range all.nodes {
		n := &all.nodes[i]
		w := walkers[n.Name]
		if !w.x || !w.y {
			return nil, wrong(1, "node %q has no place: wanted set X_ and set Y_", n.Name)
		}
		w.rest()
		n.Samples = w.samples
	}
	return all.nodes, nil
}

// ns2Walker is a node that has its orders: to be at the last sample and, if it is under way,
// at next later on.
type ns2Walker struct {
	x, y    bool // it has been placed
	samples []Sample
	moving  bool
	next    Sample
}

func (w *ns2Walker) place(line int, axis, value string) error {
	c, err := coordinate(line, value)
	if err != nil {
		return err
	}
	if axis == "Z" {
		return nil
	}
	if w.samples == nil {
		w.samples = []Sample{{}}
	}
	seen, to := &w.x, &w.samples[0].X
	if axis == "Y" {
		seen, to = &w.y, &w.samples[0].Y
	}
	if *seen {
		return wrong(line, "the node has its %s_ already", axis)
	}
	*seen, *to = true, c
	return nil
}

// setdest sends the node to a place at an instant, at a speed in m/s; with 0 it stops.
func (w *ns2Walker) setdest(line int, dest Sample, speed string) error {
	v, err := strconv.ParseFloat(speed, 64)
	if err != nil || !(v >= 0 && v <= farthest) {
		return wrong(line, "%q is no speed in m/s", speed)
	}
	at := dest.At
	if at < w.samples[len(w.samples)-1].At {
		return wrong(line, "the commands of a node must be in order of time")
	}
	w.advance(at)
	from := w.samples[len(w.samples)-1]
	dx, dy := float64(dest.X-from.X), float64(dest.Y-from.Y)
	if v == 0 || dx == 0 && dy == 0 {
		return nil
	}
	took := math.Round(float64(math.Sqrt(float64(dx*dx)+float64(dy*dy)) / v * 1e3))
	if took > longest*1e9 {
		return wrong(line, "the node would never get there")
	}
	w.next = Sample{At: at + time.Duration(took), X: dest.X, Y: dest.Y}
	w.moving = w.next.At > at
	return nil
}

// advance puts the node where it is at an instant, and stops it there.
func (w *ns2Walker) advance(at time.Duration) {
	last := w.samples[len(w.samples)-1]
	if w.moving && at < w.next.At {
		w.moving = false
		if at == last.At {
			return
		}
		share := float64(at-last.At) / float64(w.next.At-last.At)
		w.samples = append(w.samples, Sample{
			At: at,
			X:  last.X + int64(math.Round(float64(share*float64(w.next.X-last.X)))),
			Y:  last.Y + int64(math.Round(float64(share*float64(w.next.Y-last.Y)))),
		})
		return
	}
	w.rest()
	if last = w.samples[len(w.samples)-1]; last.At < at {
		last.At = at
		w.samples = append(w.samples, last)
	}
}

// rest lets the node arrive.
func (w *ns2Walker) rest() {
	if w.moving {
		w.samples = append(w.samples, w.next)
		w.moving = false
	}
}
