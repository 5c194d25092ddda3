package html

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"dsmipsim/reports/result"
)

// fact is a line of events.jsonl, as far as a report needs it.
type fact struct {
	TimeS    json.Number `json:"time_s"`
	Kind     string      `json:"kind"`
	Node     string      `json:"node"`
	Link     string      `json:"link"`
	Target   string      `json:"target"`
	Flow     string      `json:"flow"`
	Sequence uint32      `json:"sequence"`
	X        float64     `json:"x_m"`
	Y        float64     `json:"y_m"`
	Gone     bool        `json:"gone"`
	Note     string      `json:"note"`
	Home     string      `json:"home"`
	CareOf   string      `json:"care_of"`
	Peer     string      `json:"peer"`
}

// nanoseconds converts seconds that stem from whole nanoseconds.
func nanoseconds(s float64) int64 { return int64(math.Round(float64(s * 1e9))) }

// instant reads a time of events.jsonl, which has nine decimals, without a float.
func instant(n json.Number) (int64, error) {
	whole, fraction, ok := strings.Cut(string(n), ".")
	if !ok || len(fraction) != 9 {
		return 0, fmt.Errorf("found time %q, wanted seconds with nine decimals", n)
	}
	return json.Number(strings.TrimLeft(whole, "0") + fraction).Int64()
}

func (d *data) readEvents(r io.Reader) error {
	dec := json.NewDecoder(r)
	for line := 1; ; line++ {
		var f fact
		if err := dec.Decode(&f); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
		at, err := instant(f.TimeS)
		if err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
		d.fact(at, &f)
	}
}

func (d *data) fact(at int64, f *fact) {
	switch f.Kind {
	case "origin", "delivery", "drop":
		if s := d.byName[f.Flow]; s != nil {
			s.fact(at, f)
		}
	case "link_down":
		n, to := d.nodeNumber(f.Node), d.linkNumber(f.Target)
		d.Moves = append(d.Moves, move{Time: at, Node: n, Link: -1, To: to})
		if f.Link != "" {
			d.note(at, n, "leaves "+f.Link)
		}
	case "link_up":
		n, l := d.nodeNumber(f.Node), d.linkNumber(f.Link)
		d.Moves = append(d.Moves, move{Time: at, Node: n, Link: l, To: l})
		d.note(at, n, "on "+f.Link)
	case "milestone":
		d.note(at, d.nodeNumber(f.Node), milestone(f))
	case "position":
		d.position(at, f)
	}
}

func (d *data) note(at int64, node int, text string) {
	d.notes = append(d.notes, row{Time: at, From: node, Link: -1, Content: -1, Phase: -1, Note: text})
}

// milestone is a fact of a protocol machine in words.
func milestone(f *fact) string {
	text := strings.ReplaceAll(f.Note, "_", " ")
	for _, x := range []struct{ name, value string }{{"", f.Home}, {"care-of ", f.CareOf}, {"peer ", f.Peer}} {
		if x.value != "" {
			text += ", " + x.name + x.value
		}
	}
	return text
}

// samples collects the delays of a flow.
type samples struct {
	info    result.FlowInfo
	packets []testPacket
	at      map[uint32]int // of the packets under way
}

// testPacket was sent, and received or lost, at these nanoseconds.
type testPacket struct {
	sent, received, lost int64 // received and lost are -1 for never
	back                 bool  // from the far end of a connection
}

func (s *samples) fact(at int64, f *fact) {
	if s.at == nil {
		s.at = map[uint32]int{}
	}
	if f.Kind == "origin" {
		s.at[f.Sequence] = len(s.packets)
		s.packets = append(s.packets, testPacket{sent: at, received: -1, lost: -1, back: s.info.TCP() && f.Node != s.info.From})
		return
	}
	i, ok := s.at[f.Sequence]
	if !ok {
		return
	}
	p := &s.packets[i]
	switch {
	case f.Kind == "drop":
		if p.lost < 0 {
			p.lost = at
		}
	case s.info.Ping() && s.info.From != "" && f.Node != s.info.From:
		// The request at its destination; the reply counts.
	case p.received < 0:
		p.received = at
	}
}

// series condenses the delays if all flows together have more than a report takes.
func (s *samples) series(total int) series {
	out := series{Name: s.info.Name, About: s.about(), Sent: []int64{}, Delay: []int64{}, Lost: []int64{}, Factor: 1}
	if total > maxSamples {
		out.Factor = 2 * ((total + maxSamples - 1) / maxSamples)
	}
	var group []testPacket
	var sent, lost int64 // microseconds of the last entry
	put := func(p testPacket) {
		at := p.sent / 1000
		out.Sent = append(out.Sent, at-sent)
		out.Delay = append(out.Delay, (p.received-p.sent+500)/1000)
		sent = at
	}
	flush := func() {
		if len(group) == 0 {
			return
		}
		least, most := 0, 0
		for i, p := range group {
			if p.received-p.sent < group[least].received-group[least].sent {
				least = i
			}
			if p.received-p.sent > group[most].received-group[most].sent {
				most = i
			}
		}
		put(group[min(least, most)])
		if least != most {
			put(group[max(least, most)])
		}
		group = group[:0]
	}
	for i, p := range s.packets {
		switch {
		case p.back:
			continue
		case p.received >= 0:
			group = append(group, p)
		case p.lost >= 0 && (len(out.Lost) == 0 || i%out.Factor == 0 || s.packets[i-1].received >= 0):
			at := p.sent / 1000
			out.Lost = append(out.Lost, at-lost)
			lost = at
		}
		if len(group) >= out.Factor {
			flush()
		}
	}
	flush()
	return out
}

func (s *samples) about() string {
	what := "one way"
	if s.info.Ping() {
		what = "round trip"
	}
	return fmt.Sprintf("%s %s, %s to %s, %s", s.info.Kind, s.info.Family, s.info.From, s.info.To, what)
}
