package metric

import (
	"dsmipsim/reports/result"
	"dsmipsim/sim/trace"
)

// packets knows by serial number which packets were transmitted and which have ended, and
// counts the ends. Serial numbers are given from 1 upwards, so a slice holds them.
type packets struct {
	marks                    []uint8
	delivered, dropped, held int
}

const (
	known uint8 = 1 << iota
	sent
	ended
)

// record reports whether the fact is the first transmission of its packet. A packet without
// a number is a packet of its own each time.
func (p *packets) record(e *trace.Event) (first bool) {
	switch e.Kind {
	case trace.Delivery:
		p.delivered++
	case trace.Drop:
		p.dropped++
	case trace.Held:
		p.held++
	}
	if e.Serial == 0 {
		return true
	}
	for uint64(len(p.marks)) <= e.Serial {
		p.marks = append(p.marks, 0)
	}
	mark := &p.marks[e.Serial]
	*mark |= known
	switch e.Kind {
	case trace.Transmission:
		first = *mark&sent == 0
		*mark |= sent
	case trace.Delivery, trace.Drop, trace.Held:
		*mark |= ended
	}
	return first
}

// result counts as absorbed what was seen and never ended by a fact. The caller who owns the
// buffers knows better and puts its own count in its place; see result.Result.Conserve.
func (p *packets) result() result.Conservation {
	c := result.Conservation{Delivered: p.delivered, Dropped: p.dropped, Held: p.held}
	for _, m := range p.marks {
		if m&known != 0 && m&ended == 0 {
			c.Absorbed++
		}
	}
	c.Made = c.Delivered + c.Dropped + c.Absorbed + c.Held
	return c
}
