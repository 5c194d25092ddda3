package metric

import (
	"cmp"
	"slices"

	"dsmipsim/reports/result"
	"dsmipsim/sim/trace"
)

// signals counts control packets by message. Octets are IP octets with all outer headers, as
// the packet was at its first transmission; octet-hops count it again on every link, as it
// was there.
type signals struct {
	classify Classify
	byKey    map[signalKey]*result.Message
	details  map[detailKey]*result.Detail
}

type signalKey struct{ class, message string }

type detailKey struct{ class, message, phase, link string }

func newSignals(classify Classify) *signals {
	return &signals{classify: classify, byKey: map[signalKey]*result.Message{}, details: map[detailKey]*result.Detail{}}
}

// record takes note of a transmission. phase is that of the handover that was under way when
// the packet was transmitted first.
func (s *signals) record(e *trace.Event, first bool, phase string) {
	c := s.classify(e.Octets, e.LinkType)
	switch c.Group {
	case "mobility", "discovery", "address", "resolution":
	default:
		return
	}
	key := signalKey{c.Group, c.Message}
	m := s.byKey[key]
	if m == nil {
		m = &result.Message{Type: c.Message, Class: c.Group}
		s.byKey[key] = m
	}
	at := detailKey{c.Group, c.Message, phase, e.Link}
	d := s.details[at]
	if d == nil {
		d = &result.Detail{Type: c.Message, Class: c.Group, Phase: phase, Link: e.Link}
		s.details[at] = d
	}
	if first {
		m.Packets++
		m.Octets += int64(c.IPOctets)
		d.Packets++
		d.Octets += int64(c.IPOctets)
	}
	d.OctetHops += int64(c.IPOctets)
	m.OctetHops += int64(c.IPOctets)
}

func (s *signals) result() result.Signalling {
	all := result.Signalling{}
	for _, m := range s.byKey {
		all.Messages = append(all.Messages, *m)
		all.Packets += m.Packets
		all.Octets += m.Octets
		all.OctetHops += m.OctetHops
	}
	for _, d := range s.details {
		all.Details = append(all.Details, *d)
	}
	slices.SortFunc(all.Details, func(a, b result.Detail) int {
		return cmp.Or(cmp.Compare(a.Class, b.Class), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Phase, b.Phase), cmp.Compare(a.Link, b.Link))
	})
	// The sort undoes the map's order; no two messages are equal in both keys.
	slices.SortFunc(all.Messages, func(a, b result.Message) int {
		return cmp.Or(cmp.Compare(a.Class, b.Class), cmp.Compare(a.Type, b.Type))
	})
	return all
}
