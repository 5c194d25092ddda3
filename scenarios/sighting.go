package scenarios

import (
	"fmt"
	"math"
	"strconv"

	"dsmipsim/nodes/wire"
	"dsmipsim/reports/result"
	"dsmipsim/scenarios/spec"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// sighting is a packet of the capture that a verdict may have to show.
type sighting struct {
	number int // in the capture, from 1; 0 for no packet
	time   vtime.Time
	node   string // that sent it
	link   string
	class  wire.Class
	kind   wire.LinkType
	octets []byte
}

// keep takes a packet in the place of an earlier one.
func (s *sighting) keep(number int, e *trace.Event, c wire.Class, kind wire.LinkType) {
	*s = sighting{number: number, time: e.Time, node: e.Node, link: e.Link, class: c, kind: kind, octets: append(s.octets[:0], e.Octets...)}
}

// packet decodes it; nil for no packet.
func (s *sighting) packet(opts wire.DissectOptions) *result.Packet {
	if s == nil || s.number == 0 {
		return nil
	}
	return &result.Packet{Number: s.number, TimeS: result.At(s.time), Link: s.link,
		Line: wire.Line(s.class, wire.Dissect(s.octets, s.kind, opts), len(s.octets))}
}

// selection is what an expectation about packets has selected so far.
type selection struct {
	values []any // as its field says
	last   sighting
	off    sighting // the one to show if the expectation is not met
	at     int      // its position among the selected, from 0
	margin float64  // its margin
}

// take adds a packet with the value of its field. The first one that is not what is wanted is
// kept or, where a value is made of all, the one that is farthest from it.
func (s *selection) take(e *spec.Expect, v any, keep func(*sighting)) {
	k := len(s.values)
	s.values = append(s.values, v)
	keep(&s.last)
	if e.Field == spec.FieldCount {
		if s.off.number == 0 && tooMany(e, k+1) {
			keep(&s.off)
			s.at = k
		}
		return
	}
	v = valueOf(e, v, s.values[0])
	if e.Aggregate == "" {
		if s.off.number == 0 && !fits(e, k, v, e.Tolerance) {
			keep(&s.off)
			s.at = k
		}
		return
	}
	if m := marginOf(e, k, v, e.Tolerance); m != nil && (s.off.number == 0 || *m < s.margin) {
		keep(&s.off)
		s.at, s.margin = k, *m
	}
}

// tooMany reports whether a count is above what is wanted already.
func tooMany(e *spec.Expect, n int) bool {
	most := math.Inf(1)
	if e.Max != nil {
		most = *e.Max
	}
	if e.Equal != nil && !e.Equal.Values[0].IsText {
		most = min(most, e.Equal.Values[0].Number)
	}
	return float64(n) > most+e.Tolerance
}

// where tells which packet is not as wanted, or which one is missing.
func (s *selection) where(e *spec.Expect, all int, opts wire.DissectOptions) *result.Where {
	n := len(s.values)
	if s.off.number > 0 {
		w := &result.Where{TimeS: result.Some(result.At(s.off.time)), Packet: s.off.packet(opts)}
		switch {
		case e.Field == spec.FieldCount || e.Equal != nil && e.Equal.List && s.at >= len(e.Equal.Values):
			w.Text = fmt.Sprintf("packet %d of those selected is one too many", s.at+1)
		case e.Equal != nil && e.Equal.List:
			w.Text = fmt.Sprintf("value %d of %d: want %s, got %s", s.at+1, len(e.Equal.Values), e.Equal.Values[s.at], text(valueOf(e, s.values[s.at], s.values[0])))
		default:
			w.Text = fmt.Sprintf("packet %d of the %d selected: %s", s.at+1, n, text(valueOf(e, s.values[s.at], s.values[0])))
		}
		return w
	}
	if n == 0 {
		return &result.Where{Text: fmt.Sprintf("none of the %d packets of the capture is selected", all)}
	}
	w := &result.Where{Text: fmt.Sprintf("only %d of them until the end of the run; the last one", n), Packet: s.last.packet(opts)}
	if e.Equal != nil && e.Equal.List && n < len(e.Equal.Values) {
		w.Text = fmt.Sprintf("value %d of %d is missing: want %s; the packet before it", n+1, len(e.Equal.Values), e.Equal.Values[n])
		if e.Field == spec.FieldTime && !e.Equal.Values[n].IsText {
			expected := e.Equal.Values[n].Number
			if e.Relative {
				expected += s.values[0].(float64) // a time
			}
			w.TimeS = result.Some(math.Round(expected*1e9) / 1e9)
		}
	}
	return w
}

// valueOf is the value of a packet as it is judged: rounded to nanoseconds, and of relative
// ones the difference from the first.
func valueOf(e *spec.Expect, v, first any) any {
	x, ok := v.(float64)
	if !ok {
		return v
	}
	if e.Relative {
		x -= first.(float64) // only times are relative
	}
	return math.Round(x*1e9) / 1e9
}

func text(v any) string {
	if x, ok := v.(float64); ok {
		return strconv.FormatFloat(x, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}
