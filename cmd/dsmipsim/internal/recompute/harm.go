package recompute

import "fmt"

// harm computes what each handover did to the flow.
//
// The interruption lasts from the last reception over the old path to the first over the new
// one, never below 0; from the start of the handover if the old path carried nothing; null if the
// flow had not begun or if nothing came over the new path before the next handover. Lost is what
// was dropped between the start of the handover and that of the next, and sent before the first
// reception over the new path.
func (x *Flow) harm(s *Scenario) error {
	last, first := make([]int64, len(s.Stays)), make([]int64, len(s.Stays))
	for i := range first {
		last[i], first[i] = Never, Never
	}
	begun := int64(Never)
	for i := range x.Packets {
		p := &x.Packets[i]
		begun = min(begun, p.Sent)
		if p.Fate != Received {
			continue
		}
		at := p.Attachment
		if last[at] == Never || last[at] < p.End {
			last[at] = p.End
		}
		if at+1 == len(s.Stays) || p.End < s.Stays[at+1].Chosen {
			first[at] = min(first[at], p.End)
		}
	}
	for i, stay := range s.Stays[1:] {
		h := Harm{Interruption: -1}
		if begun < stay.Chosen && first[i+1] != Never {
			since := last[i]
			if since == Never {
				since = stay.Chosen
			}
			h.Interruption = max(0, first[i+1]-since)
		}
		x.Harm = append(x.Harm, h)
	}
	before := 0 // attachment when the packet before was sent
	for i := range x.Packets {
		p := &x.Packets[i]
		end, sent := p.End, p.Sent
		if sent == Never {
			end = x.following(i)
			sent = end
			if s.attachment(end) > before+1 {
				return fmt.Errorf("flow %s: which of two handovers packet %d was lost to nobody can tell", x.Name, p.Sequence)
			}
		} else {
			before = s.attachment(sent)
		}
		if p.Fate == Received || p.Fate == UnderWay {
			continue
		}
		if at := s.attachment(end); at > 0 && sent < first[at] {
			x.Harm[at-1].Lost++
		}
	}
	return nil
}

// following tells when the next packet of which that is known was sent. A refused packet without
// schedule counts as sent with it: nothing is refused before a handover, and after that all is until
// the new path is there.
func (x *Flow) following(i int) int64 {
	for _, after := range x.Packets[i:] {
		if after.Sent != Never {
			return after.Sent
		}
	}
	return Never
}
