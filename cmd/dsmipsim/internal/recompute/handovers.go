package recompute

import (
	"encoding/binary"
	"fmt"
	"regexp"
	"strconv"
)

// Handover is what was found of a handover of the mobile node. Times are nanoseconds.
type Handover struct {
	From, To string
	Start    int64
	Up       int64
	Update   int64 // departure of the first Binding Update to the home agent; Never
	Accepted int64 // arrival of its acknowledgement; Never
	Updated  int64 // arrival of the last Binding Update at a correspondent after that; Never
	Outcome  string
	Silent   bool // at home without a binding to end: that it is over is a decision without a message

	Phases []Phase // that comments name, in order of time
}

// Phase is one that comments of the capture name.
type Phase struct {
	Name        string
	First, Last int64 // departure of the first frame with the comment, and of the last
	Own         int64 // of the first that the mobile node sent; Never
}

// comment is for instance "mn handover 2 campus->cell: register".
var comment = regexp.MustCompile(`^(\S+) handover (\d+) (\S+)->(\S+): (\w+)$`)

func (s *Scenario) followHandovers(c *capture) ([]Handover, error) {
	var all []Handover
	for i, stay := range s.Stays[1:] {
		all = append(all, Handover{From: s.Stays[i].Network, To: stay.Network, Start: stay.Chosen, Up: stay.From,
			Update: Never, Accepted: Never, Updated: Never})
	}
	agent := "" // address of the home agent: the destination of the first Binding Update
	for _, f := range c.frames {
		if err := f.phase(all, s.Mobile, c.mobile); err != nil {
			return nil, err
		}
		kind := f.ip.mobility()
		i := s.attachment(f.departure) - 1
		if kind != bindingUpdate && kind != bindingAck || i < 0 || !f.shared {
			continue
		}
		h := &all[i]
		peer := f.ip.destination.String()
		switch {
		case kind == bindingUpdate && f.from == c.mobile:
			if agent == "" {
				agent = peer
			}
			if peer == agent && h.Update == Never && f.departure >= h.Up {
				h.Update = f.departure
				h.Outcome = "registered"
				if binary.BigEndian.Uint16(f.ip.upper[10:]) == 0 { // lifetime (RFC 6275 section 6.1.7)
					h.Outcome = "deregistered"
				}
			}
		case kind == bindingUpdate && peer != agent && h.Accepted != Never:
			h.Updated = f.arrival // on the link of the correspondent
		case kind == bindingAck && f.to == c.mobile && f.ip.source.String() == agent && h.Update != Never && h.Accepted == Never:
			h.Accepted = f.arrival
			if f.ip.upper[6] >= 128 { // status (section 6.1.8)
				h.Outcome = "failed"
			}
		}
	}
	bound := false
	for i := range all {
		switch h := &all[i]; {
		case h.Update == Never && s.private[h.To]:
			h.Outcome = "unsupported_network"
		case h.Update == Never && h.To == s.Home && !bound:
			h.Outcome, h.Silent = "deregistered", true
		case h.Accepted != Never:
			bound = h.Outcome == "registered"
		case i+1 < len(all):
			h.Outcome = "superseded"
		default:
			h.Outcome = "unfinished"
		}
	}
	return all, nil
}

// phaseName is the phase that the frame's comment names, or "".
func (f *frame) phaseName() string {
	if m := comment.FindStringSubmatch(f.comment); m != nil {
		return m[5]
	}
	return ""
}

// phase takes note of the frame's comment.
func (f *frame) phase(all []Handover, mobile, hardware string) error {
	if f.comment == "" {
		return nil
	}
	m := comment.FindStringSubmatch(f.comment)
	if m == nil || m[1] != mobile {
		return f.fault("comment %q", f.comment)
	}
	i, _ := strconv.Atoi(m[2])
	if i < 1 || i > len(all) || all[i-1].From != m[3] || all[i-1].To != m[4] {
		return f.fault("comment %q is of no handover of the itinerary", f.comment)
	}
	h := &all[i-1]
	if n := len(h.Phases); n == 0 || h.Phases[n-1].Name != m[5] {
		for _, p := range h.Phases {
			if p.Name == m[5] {
				return fmt.Errorf("phase %s of handover %d comes twice", m[5], i)
			}
		}
		h.Phases = append(h.Phases, Phase{Name: m[5], First: f.departure, Own: Never})
	}
	p := &h.Phases[len(h.Phases)-1]
	p.Last = f.departure
	if f.shared && f.from == hardware {
		p.Own = min(p.Own, f.departure)
	}
	return nil
}
