package tidy

import (
	"io"
	"strconv"

	"dsmipsim/reports/result"
)

// SignallingDetails writes one row per message type, phase of the handover under way (empty
// between handovers) and link.
func SignallingDetails(w io.Writer, r *result.Result) error {
	t := newTable(w, detailColumns)
	for _, d := range r.Signalling.Details {
		t.write(d.Class, d.Type, d.Phase, d.Link, strconv.Itoa(d.Packets), integer(d.Octets), integer(d.OctetHops))
	}
	return t.done()
}

// Paths writes one row per flow and network that its mobile node was at.
func Paths(w io.Writer, r *result.Result) error {
	t := newTable(w, pathColumns)
	for i := range r.Flows {
		for _, p := range r.Flows[i].Paths {
			direct := ""
			if p.DirectHops != nil {
				direct = strconv.Itoa(*p.DirectHops)
			}
			t.write(r.Flows[i].Name, p.Network, strconv.Itoa(p.Received), number(p.HopsMean), number(p.DelayMinS), number(p.DelayMeanS),
				integer(p.OverheadOctets), direct, optional(p.DirectDelayS), optional(p.HopStretch), optional(p.DelayStretch))
		}
	}
	return t.done()
}

// Bindings writes one row per time that a node had one care-of address for a home address.
func Bindings(w io.Writer, r *result.Result) error {
	t := newTable(w, bindingColumns)
	for _, b := range r.Bindings {
		t.write(b.Node, b.Home, b.CareOf, number(b.FromS), optional(b.UntilS), strconv.Itoa(b.Updates))
	}
	return t.done()
}

// Links writes one row per link. Drops by reason are in summary.json.
func Links(w io.Writer, r *result.Result) error {
	t := newTable(w, linkColumns)
	for _, l := range r.Links {
		t.write(l.Name, strconv.Itoa(l.Transmissions), integer(l.Octets), strconv.Itoa(l.Drops.Total()))
	}
	return t.done()
}

// QueueTotals writes one row per transmitter at which a frame ever waited.
func QueueTotals(w io.Writer, r *result.Result) error {
	t := newTable(w, queueTotalColumns)
	for _, l := range r.Links {
		for _, q := range l.Queues {
			t.write(l.Name, q.Node, strconv.Itoa(q.Frames), strconv.Itoa(q.MaxFrames), integer(q.MaxOctets),
				number(q.MeanFrames), number(q.MeanOctets), number(q.MeanWaitS), number(q.MaxWaitS))
		}
	}
	return t.done()
}

// Attribution writes one row per handover and cause.
func Attribution(w io.Writer, r *result.Result) error {
	t := newTable(w, attributionColumns)
	for _, a := range r.Attribution {
		for _, c := range a.Costs {
			t.write(a.MobileNode, strconv.Itoa(a.Index), a.From, a.To, optional(a.LatencyS), c.Cause, optional(c.WithoutS), optional(c.CostS))
		}
	}
	return t.done()
}
