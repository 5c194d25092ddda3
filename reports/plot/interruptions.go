package plot

import (
	"strings"

	"dsmipsim/reports/limits"
	"dsmipsim/reports/result"
)

// InterruptionBars draws how long each flow was interrupted by each kind of handover.
func InterruptionBars(runs []Run) *Figure {
	return pauses(runs, measured{title: title("Interruption by handovers", runs), quantity: "interruption", limits: limits.Interruption,
		empty: "No flow was received both before and after a handover, so none has an interruption."},
		func(x *result.Interruption) *float64 { return x.InterruptionS })
}

// StallBars draws how long each bulk transfer over TCP stood still at each kind of handover.
func StallBars(runs []Run) *Figure {
	return pauses(runs, measured{title: title("Stalls of TCP at handovers", runs), quantity: "stall", limits: limits.Interruption,
		empty: "No bulk transfer over TCP went on after a handover, so none has a stall."},
		func(x *result.Interruption) *float64 {
			if x.Stall == nil {
				return nil
			}
			return x.StallS
		})
}

// pauses draws the means of what handovers did to flows.
func pauses(runs []Run, m measured, of func(*result.Interruption) *float64) *Figure {
	by := func(name func(flow string) string) []group {
		return grouped(runs, func(r Run, add func(string, float64)) {
			for i := range r.Result.Handovers {
				h := &r.Result.Handovers[i]
				for k := range h.Flows {
					if v := of(&h.Flows[k]); v != nil {
						add(arrows(h.Kind)+", "+name(h.Flows[k].Flow), *v)
					}
				}
			}
		})
	}
	m.groups = by(func(flow string) string { return flow })
	if len(m.groups) > rowsMost {
		m.groups = by(func(string) string { return "all flows" })
	}
	m.name = func(g group) string { return runs[g.run].of(g.kind, runs) }
	m.note = "Means over the n handovers of a kind."
	return m.bars(func(g group) string {
		if len(runs) > 1 {
			return g.kind // the runs of one flow
		}
		return g.kind[:strings.LastIndex(g.kind, ", ")]
	})
}

// AttributionBars draws what each cause costs a handover: its latency less that without the cause.
func AttributionBars(runs []Run) *Figure {
	m := measured{title: title("What causes cost handovers", runs), quantity: "latency less that without the cause",
		empty: "These runs were made without --attribute, or no cause of theirs costs time.",
		note:  "Means over the n handovers between two networks. A cause that saves time, or none, has no bar."}
	m.groups = grouped(runs, func(r Run, add func(string, float64)) {
		for i := range r.Result.Attribution {
			a := &r.Result.Attribution[i]
			for _, c := range a.Costs {
				if c.CostS != nil && *c.CostS > 0 {
					add(change(a.From, a.To)+": "+c.Cause, *c.CostS)
				}
			}
		}
	})
	m.name = func(g group) string { return runs[g.run].of(g.kind, runs) }
	return m.bars(func(g group) string {
		if len(runs) > 1 {
			return g.kind
		}
		return g.kind[:strings.LastIndex(g.kind, ": ")]
	})
}

// change names a change of network; nowhere is out of reach of every network.
func change(from, to string) string {
	for _, end := range []*string{&from, &to} {
		if *end == "" {
			*end = "nowhere"
		}
	}
	return from + " → " + to
}
