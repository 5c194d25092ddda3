package metric

import (
	"dsmipsim/reports/handover"
	"dsmipsim/sim/trace"
)

// path returns the attachment over which a packet goes, for a fact stated after a handover
// between two interfaces that were both up: what comes over the old one still belongs to that.
// The link on which a packet was last seen is noted on the way.
func (f *flow) path(e *trace.Event, h *handover.Handover, attachment int) int {
	switch e.Kind {
	case trace.Transmission:
		if e.Link == h.From || e.Link == h.To {
			if p := f.find(e.Sequence); p != nil {
				p.old = e.Link == h.From
			}
		}
	case trace.Delivery, trace.Turn:
		if p := f.find(e.Sequence); p != nil && p.old {
			return attachment - 1
		}
	}
	return attachment
}
