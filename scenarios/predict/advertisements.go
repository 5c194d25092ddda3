package predict

import (
	"cmp"
	"slices"
	"time"

	"dsmipsim/scenarios/plan"
	"dsmipsim/scenarios/spec"

	"gonum.org/v1/gonum/integrate/quad"
)

// advertisements knows how long a node that arrives in a network waits for a Router
// Advertisement. It solicits at once; the router answers after a random delay, unless a
// scheduled advertisement comes first.
type advertisements struct {
	p        *plan.Plan
	arrivals map[string][]time.Duration // when nodes' links come up, by network, in order of time
	random   map[string]bool            // networks where chance decides when
}

func newAdvertisements(p *plan.Plan) *advertisements {
	a := &advertisements{p: p, arrivals: map[string][]time.Duration{}, random: map[string]bool{}}
	for i := range p.Spec.MobileNodes {
		m := &p.Spec.MobileNodes[i]
		home := p.Spec.HomeNetwork(m).Name
		a.arrivals[home] = append(a.arrivals[home], 0)
		for _, v := range m.Visits {
			attach := p.Spec.Network(v.Network).Link.Attach
			a.arrivals[v.Network] = append(a.arrivals[v.Network], v.At+attach.Mean())
			a.random[v.Network] = a.random[v.Network] || !attach.Constant()
		}
	}
	for _, at := range a.arrivals {
		slices.SortFunc(at, func(x, y time.Duration) int { return cmp.Compare(x, y) })
	}
	return a
}

// wait returns the time from link up to the arrival of the first Router Advertisement.
func (a *advertisements) wait(n *spec.Network, up time.Duration) Span {
	ra := n.RouterAdvertisement
	w := a.residual(n)
	if ra.Interval.Min == ra.Interval.Max && ra.SolicitedDelay.Min == ra.SolicitedDelay.Max && !a.random[n.Name] {
		w = exactly(a.scheduled(n, up) - up)
	}
	return w.plus(exactly(cross(n, routerSays)))
}

// ask is how long a solicitation takes to the router: it leaves behind the duplicate
// address detection of the link-local address.
func ask(n *spec.Network) time.Duration { return put(n, solicit) + cross(n, routerAsk) }

// residual describes min(X, S): X is what is left of the interval between scheduled
// advertisements at a random instant, S the time until the solicited one.
func (a *advertisements) residual(n *spec.Network) Span {
	ra := n.RouterAdvertisement
	low, high := float64(ra.Interval.Min), float64(ra.Interval.Max)
	first, last := float64(ask(n)+ra.SolicitedDelay.Min), float64(ask(n)+ra.SolicitedDelay.Max)
	mu := float64((low + high) / 2)
	later := func(x float64) float64 { // P(X > x), of the stationary residual life
		switch {
		case x < low:
			return float64(1 - x/mu)
		case x < high:
			return float64((high - x) * (high - x) / (2 * (high - low) * mu))
		}
		return 0
	}
	unanswered := func(x float64) float64 { // P(S > x)
		switch {
		case x < first:
			return 1
		case x < last:
			return float64((last - x) / (last - first))
		}
		return 0
	}
	// Between the corners the integrand is a polynomial of degree three at most, which four
	// points integrate exactly.
	corners := []float64{0, min(low, last), min(high, last), min(first, high), min(last, high)}
	slices.Sort(corners)
	mean := 0.0
	for i := 1; i < len(corners); i++ {
		if corners[i] > corners[i-1] {
			mean += quad.Fixed(func(x float64) float64 { return float64(later(x) * unanswered(x)) }, corners[i-1], corners[i], 4, quad.Legendre{}, 0)
		}
	}
	return Span{
		Min: 0, Mean: time.Duration(mean),
		// The answer keeps its distance from the advertisement before it.
		Max: min(ra.Interval.Max, time.Duration(last)+ra.MinDelay),
	}
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
	for {
		due := min(next, answer)
		if len(pending) > 0 && pending[0]+ask(n) < due {
			heard := pending[0] + ask(n)
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
		if due >= up {
			return due
		}
		advertise(due)
	}
}
