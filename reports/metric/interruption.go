package metric

import (
	"dsmipsim/reports/result"
	"dsmipsim/sim/vtime"
)

// interruptions tells what each handover of its mobile node did to a flow. starts are those
// of the handovers; the i-th result belongs to the i-th start.
//
// The path of a packet is the attachment of the mobile node when it sent the packet or, of a
// flow towards it, received it; of a ping towards it, when it answered. A packet that the
// node sent between two attachments waits for the new one and belongs to its path.
//
// The interruption lasts from the last reception over the old path to the first over the
// new. Where the old path carried nothing (a network without a binding) it is counted from
// the start of the handover. It is null if the flow had not begun at the handover's start,
// or if nothing arrived over the new path before the next handover.
//
// Of a flow over TCP only packets count that brought octets which the application could read at
// once, in either direction: what the user sees is not the first segment that arrives but the
// first that fills the gap.
//
// Lost to the handover is a packet that was dropped after the handover's start and before
// the next one's, and sent before the first reception over the new path, if there was one.
// So a packet in flight at the detach is lost to the handover that cut it off, each lost
// packet counts for one handover at most, and later losses of the new path count for none.
func (f *flow) interruptions(starts []vtime.Time) []result.Interruption {
	last, first := f.receptions(starts)
	out := make([]result.Interruption, len(starts))
	for i, start := range starts {
		out[i].Flow = f.info.Name
		if f.stream != nil && f.info.Bulk() {
			until := vtime.Never
			if i+1 < len(starts) {
				until = starts[i+1]
			}
			out[i].Stall = &result.Stall{StallS: f.stream.stall(start, until)}
		}
		begun := len(f.packets) > 0 && f.packets[0].born < start
		if !begun || first[i+1] == vtime.Never {
			continue
		}
		since := last[i]
		if since == vtime.Never {
			since = start
		}
		out[i].InterruptionS = result.Some(result.At(max(0, first[i+1]-since)))
	}
	for i := range f.packets {
		p := &f.packets[i]
		if p.fate() == result.Lost && p.lostIn > 0 && p.born < first[p.lostIn] {
			out[p.lostIn-1].Lost++
		}
	}
	return out
}

// receptions returns for each attachment, numbered by the handovers before it, the last
// reception over it and the first that came before the next handover, or Never.
func (f *flow) receptions(starts []vtime.Time) (last, first []vtime.Time) {
	last = make([]vtime.Time, len(starts)+1)
	first = make([]vtime.Time, len(starts)+1)
	for i := range last {
		last[i], first[i] = vtime.Never, vtime.Never
	}
	for i := range f.packets {
		p := &f.packets[i]
		if p.received == vtime.Never || p.idle {
			continue
		}
		at := int(p.path)
		if last[at] == vtime.Never || p.received > last[at] {
			last[at] = p.received
		}
		if at == len(starts) || p.received < starts[at] {
			first[at] = vtime.Min(first[at], p.received)
		}
	}
	return last, first
}
