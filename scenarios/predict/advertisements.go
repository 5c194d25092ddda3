package predict

import (
	"cmp"
	"slices"
	"time"

	"dsmipsim/scenarios/plan"
	"dsmipsim/scenarios/spec"
)

// advertisements knows how long a node that arrives in a network waits for a Router
// Advertisement. It solicits; the router answers after a random delay, unless a scheduled
// advertisement comes first.
type advertisements struct {
	p        *plan.Plan
	arrivals map[string][]time.Duration // when routers hear solicitations, by network, in order of time
	random   map[string]bool            // networks where chance decides when

	// tie says that the last wait ended with the router's very first advertisement, in the instant
	// in which the link came up: which comes first depends on what else the router has done.
	tie bool
}

func newAdvertisements(p *plan.Plan) *advertisements {
	a := &advertisements{p: p, arrivals: map[string][]time.Duration{}, random: map[string]bool{}}
	for i := range p.Spec.MobileNodes {
		m := &p.Spec.MobileNodes[i]
		for k := range m.Interfaces {
			a.arriveOn(m, &m.Interfaces[k])
		}
		if len(m.Interfaces) > 0 {
			continue
		}
		it := p.Itinerary(m)
		if it.Start != "" {
			a.arrive(m, p.Spec.Network(it.Start), Span{})
		}
		for _, v := range it.Visits {
			if v.Network != "" {
				n := p.Spec.Network(v.Network)
				a.arrive(m, n, exactly(v.At).plus(attaching(n)))
			}
		}
	}
	for _, at := range a.arrivals {
		slices.SortFunc(at, func(x, y time.Duration) int { return cmp.Compare(x, y) })
	}
	return a
}

// arriveOn is arrive for the itinerary of one of several interfaces.
func (a *advertisements) arriveOn(m *spec.MobileNode, f *spec.Interface) {
	if n := a.p.Spec.Network(f.Network); n != nil {
		a.arrive(m, n, Span{})
	}
	for _, v := range f.Visits {
		if n := a.p.Spec.Network(v.Network); n != nil {
			a.arrive(m, n, exactly(v.At).plus(attaching(n)))
		}
	}
}

// arrive notes when a router hears the solicitation of a node whose link comes up.
func (a *advertisements) arrive(m *spec.MobileNode, n *spec.Network, up Span) {
	if !solicits(m) && up != (Span{}) || m.ND.Solicitations == 0 {
		return
	}
	heard := up.plus(listens(a.p.Spec, m)).plus(uniform(m.ND.SolicitDelay)).plus(ask(n, m))
	a.arrivals[n.Name] = append(a.arrivals[n.Name], heard.Mean)
	if heard.Min != heard.Max {
		a.random[n.Name] = true
	}
}

// solicits reports whether a node solicits on a new link: it has heard of it from layer 2.
func solicits(m *spec.MobileNode) bool {
	return m.ND.Solicitations > 0 && m.MovementDetection == spec.MovementLink
}

// wait returns the time from link up to the arrival of the first Router Advertisement that
// counts.
func (a *advertisements) wait(n *spec.Network, m *spec.MobileNode, up time.Duration) Span {
	ra, begin := n.RouterAdvertisement, listens(a.p.Spec, m)
	from := up + begin.Mean
	if begin.Max > 0 {
		from -= cross(n, in, advertisement(n)).Mean // one that is on its way counts
	}
	var w Span
	if ra.Interval.Min == ra.Interval.Max && ra.SolicitedDelay.Min == ra.SolicitedDelay.Max && !a.random[n.Name] && ra.Answer == spec.AnswerMulticast {
		w = exactly(a.scheduled(n, from) - up - begin.Mean)
	} else if !solicits(m) {
		w = residual(ra, nil)
	} else {
		way := ask(n, m)
		w = residual(ra, &solicitation{wait: m.ND.SolicitDelay, way: way.Mean, answer: ra.SolicitedDelay})
		w.Max = min(ra.Interval.Max, w.Max+way.Max-way.Mean)
	}
	return begin.plus(w).plus(cross(n, in, advertisement(n)))
}

// scheduled returns when the first advertisement leaves at or after the link came up, for
// a router that leaves nothing to chance: its timetable follows from the arrivals.
func (a *advertisements) scheduled(n *spec.Network, up time.Duration) time.Duration {
	ra := n.RouterAdvertisement
	interval := func(sent int) time.Duration {
		if sent < 3 {
			return min(ra.Interval.Min, 16*time.Second) // RFC 4861 section 6.2.4
		}
		return ra.Interval.Min
	}
	const none = time.Duration(1<<63 - 1)
	sent, last, next, answer := 0, time.Duration(-1), interval(0), none
	advertise := func(at time.Duration) {
		sent++
		last, next, answer = at, at+interval(sent), none
	}
	pending := a.arrivals[n.Name]
	// An advertisement in the very instant in which the link comes up is heard, unless the
	// node chose the network when the run began: routers began before.
	early := up == attaching(n).Mean
	a.tie = false
	for {
		due := min(next, answer)
		if len(pending) > 0 && pending[0] < due {
			heard := pending[0]
			pending = pending[1:]
			from := heard
			if last >= 0 && heard < last+ra.MinDelay {
				from = last + ra.MinDelay
			}
			if at := from + ra.SolicitedDelay.Min; at < next {
				answer = min(answer, at)
			}
			continue
		}
		if due > up || due == up && !early {
			a.tie = due == up && sent == 0
			return due
		}
		advertise(due)
	}
}
