package scenarios

import (
	"fmt"
	"slices"
	"strconv"

	"dsmipsim/reports/result"
	"dsmipsim/scenarios/spec"
	"dsmipsim/sim/vtime"
)

// account is what a run leaves, from which places are told.
type account struct {
	result  *result.Result
	samples []result.FlowSamples
}

// where tells where in the run that value of a metric is which is not as wanted: the worst
// number, the first text, or what has no value.
func (v *evidence) where(e *spec.Expect, found, nulls []spot, a *account) *result.Where {
	var off *spot
	least := 0.0
	for k := range found {
		m := marginOf(e, k, found[k].value, e.Tolerance)
		switch {
		case m == nil && !fits(e, k, found[k].value, e.Tolerance):
			return v.place(found[k], a)
		case m != nil && (off == nil || *m < least):
			off, least = &found[k], *m
		}
	}
	switch {
	case off != nil && (least < 0 || e.Aggregate != ""):
		return v.place(*off, a)
	case len(nulls) > 0:
		return v.place(nulls[0], a)
	case e.Equal != nil && e.Equal.List && len(found) > 0:
		return &result.Where{Text: fmt.Sprintf("there are %d values, wanted %d", len(found), len(e.Equal.Values))}
	}
	return nil
}

// place tells of a value of the summary when it came about and by which packet.
func (v *evidence) place(s spot, a *account) *result.Where {
	if len(s.way) < 3 {
		return nil
	}
	i, err := strconv.Atoi(s.way[1])
	if err != nil {
		return nil
	}
	switch s.way[0] {
	case "handovers":
		w := v.ofHandover(i, a)
		if len(s.way) > 3 && s.way[2] == "flows" {
			if k, err := strconv.Atoi(s.way[3]); err == nil {
				w.Text = "flow " + a.result.Handovers[i].Flows[k].Flow + " in " + w.Text
			}
		}
		return w
	case "flows":
		return v.ofFlow(i, s.way[2:], a)
	}
	return nil
}

// ofHandover describes a handover and the packet that decided it.
func (v *evidence) ofHandover(i int, a *account) *result.Where {
	h, seen := &a.result.Handovers[i], v.tracker.All()[i]
	w := &result.Where{Text: fmt.Sprintf("handover %d of %s, %s -> %s, from %s s", h.Index, h.MobileNode, orNowhere(h.From), orNowhere(h.To), exact(h.StartS))}
	end := seen.End
	w.TimeS = result.Some(h.StartS)
	if end != vtime.Never {
		w.Text += fmt.Sprintf(" to %s s", exact(result.At(end)))
		w.TimeS = result.Some(result.At(end))
	}
	w.Text += ", " + h.Outcome
	if s, ok := v.packet[seen]; ok {
		w.Text += "; the answer that decided it"
		w.Packet = s.packet(v.opts)
		return w
	}
	if s := v.updates[h.MobileNode]; s != nil && s.time >= seen.Start && v.tracker.Last(h.MobileNode) == seen {
		w.Text += "; its last Binding Update, without an answer"
		w.Packet = s.packet(v.opts)
	}
	return w
}

func orNowhere(network string) string {
	if network == "" {
		return "nowhere"
	}
	return network
}

func exact(s float64) string { return strconv.FormatFloat(s, 'f', 9, 64) }

// ofFlow finds the test packet that a measure of a flow comes from.
func (v *evidence) ofFlow(i int, measure []string, a *account) *result.Where {
	f := &a.samples[i]
	switch {
	case measure[0] == "delay":
		return v.slowest(i, f, measure[1] == "min_s")
	case measure[0] == "longest_gap_s":
		return v.gap(i, f)
	case measure[0] == "in_flight":
		return v.first(i, f, result.InFlight, "")
	case measure[0] == "drops" && len(measure) > 1:
		return v.first(i, f, result.Lost, measure[1])
	case slices.Contains([]string{"lost", "drops", "received", "received_octets", "limits", "voice", "throughput_bps"}, measure[0]):
		return v.first(i, f, result.Lost, "")
	}
	return nil
}

// slowest is the packet with the greatest delay, or the least.
func (v *evidence) slowest(flow int, f *result.FlowSamples, fastest bool) *result.Where {
	var pick *result.Sample
	for k := range f.Packets {
		p := &f.Packets[k]
		if p.Fate == result.Received && (pick == nil || (p.End-p.Sent > pick.End-pick.Sent) != fastest && p.End-p.Sent != pick.End-pick.Sent) {
			pick = p
		}
	}
	if pick == nil {
		return nil
	}
	what := "greatest"
	if fastest {
		what = "least"
	}
	return v.sample(flow, f, pick, pick.End, fmt.Sprintf("received with the %s delay, %s s", what, exact(result.At(pick.End-pick.Sent))))
}

// gap is the first packet after the longest time without any.
func (v *evidence) gap(flow int, f *result.FlowSamples) *result.Where {
	var received []*result.Sample
	for k := range f.Packets {
		if f.Packets[k].Fate == result.Received {
			received = append(received, &f.Packets[k])
		}
	}
	slices.SortStableFunc(received, func(a, b *result.Sample) int { return int(a.End - b.End) })
	at := 0
	for k := 1; k < len(received); k++ {
		if at == 0 || received[k].End-received[k-1].End > received[at].End-received[at-1].End {
			at = k
		}
	}
	if at == 0 {
		return nil
	}
	since := received[at-1].End
	return v.sample(flow, f, received[at], since, fmt.Sprintf("nothing was received until %s s; the packet that ended the gap", exact(result.At(received[at].End))))
}

// first is the first packet that had this fate, for this reason if one is given.
func (v *evidence) first(flow int, f *result.FlowSamples, fate result.Fate, reason string) *result.Where {
	for k := range f.Packets {
		p := &f.Packets[k]
		if p.Fate != fate || reason != "" && p.Reason.String() != reason {
			continue
		}
		if fate == result.Lost {
			return v.sample(flow, f, p, p.End, "the first packet that was lost: "+p.Reason.String())
		}
		return v.sample(flow, f, p, p.Sent, "the first packet that was on the way when the run ended")
	}
	return nil
}

// sample describes a test packet at the moment that matters.
func (v *evidence) sample(flow int, f *result.FlowSamples, p *result.Sample, at vtime.Time, what string) *result.Where {
	w := &result.Where{TimeS: result.Some(result.At(at)), Text: "flow " + f.Flow.Name + ": " + what}
	number := 0
	if of := v.numbers[flow+1]; int(p.Sequence) < len(of) {
		number = of[p.Sequence]
	}
	if number == 0 { // it never left its node
		w.Text += fmt.Sprintf("; number %d of the flow, sent at %s s, never on a link", p.Sequence, exact(result.At(p.Sent)))
		return w
	}
	w.Packet = &result.Packet{Number: number, TimeS: result.At(p.Sent),
		Line: fmt.Sprintf("number %d of flow %s from %s to %s, %d octets", p.Sequence, f.Flow.Name, f.Flow.From, f.Flow.To, p.Octets)}
	return w
}
