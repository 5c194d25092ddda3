package metric

import (
	"dsmipsim/reports/handover"
	"dsmipsim/reports/result"
	"dsmipsim/sim/vtime"
)

// handovers turns what the tracker saw into the report, in order of the starts.
func (r *Recorder) handovers() []result.Handover {
	followed := r.tracker.All()
	starts := map[string][]vtime.Time{} // by node
	for _, h := range followed {
		starts[h.Node] = append(starts[h.Node], h.Start)
	}
	harm := make([][]result.Interruption, len(r.flows))
	for i, f := range r.flows {
		harm[i] = f.interruptions(starts[f.info.MobileNode])
	}
	all := make([]result.Handover, 0, len(followed))
	for _, h := range followed {
		from, fromKind := r.setup.NetworkOf(h.From)
		to, toKind := r.setup.NetworkOf(h.To)
		one := result.Handover{
			MobileNode: h.Node, Index: h.Index, From: from, To: to, Kind: fromKind + "->" + toKind,
			StartS: result.At(h.Start), Outcome: outcome(h, h.Index == len(starts[h.Node])),
			OverlapS: result.At(overlap(h)), FromInterface: h.FromInterface, Interface: h.Interface,
		}
		one.LatencyS, one.Phases = phases(h)
		for i, f := range r.flows {
			if f.info.MobileNode == h.Node {
				one.Flows = append(one.Flows, harm[i][h.Index-1])
			}
		}
		all = append(all, one)
	}
	return all
}

func outcome(h *handover.Handover, isLast bool) string {
	switch h.Outcome {
	case handover.Registered:
		return result.Registered
	case handover.Deregistered:
		return result.Deregistered
	case handover.Unsupported:
		return result.UnsupportedNetwork
	case handover.Rejected:
		return result.Failed
	}
	if isLast {
		return result.Unfinished
	}
	return result.Superseded
}

// phases splits the latency of a handover. The phases follow one another; what lies between
// the end of one and the start of the next is rest. Where there is no latency there is no
// rest, and the phases that were completed stand.
func phases(h *handover.Handover) (latency *float64, p result.Phases) {
	bound := h.Outcome == handover.Registered || h.Outcome == handover.Deregistered
	l2 := span(h.Start, h.Up)
	detect := span(h.Up, h.Detected)
	address := span(h.Detected, h.Ready)
	var register, rest vtime.Time
	if bound {
		register = span(h.Update, h.End)
		total := h.End - h.Start
		rest = total - l2 - detect - address - register
		latency = result.Some(result.At(total))
	}
	return latency, result.Phases{
		L2S: result.At(l2), DetectS: result.At(detect), AddressS: result.At(address),
		RegisterS: result.At(register), RouteOptimizationS: result.At(span(h.End, h.Optimised)), RestS: result.At(rest),
	}
}

// span is the interval between two instants, 0 if one was not reached or they come in the
// other order.
func span(from, to vtime.Time) vtime.Time {
	if from == vtime.Never || to == vtime.Never || to < from {
		return 0
	}
	return to - from
}

// overlap is the time that address configuration ran beside detection: from link up until
// the address was there, if that was before the movement was detected.
func overlap(h *handover.Handover) vtime.Time {
	if h.Detected == vtime.Never {
		return 0
	}
	done := vtime.Min(h.Bound, h.Ready)
	if done >= h.Detected {
		return 0
	}
	return span(h.Up, done)
}
