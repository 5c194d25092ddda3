// Package predict says beforehand how long each handover of a scenario takes: closed
// formulas over the scenario alone, phase by phase. It never sees a run, so that where the
// two disagree one of them is wrong.
//
// A handover takes
//
//	layer 2  +  detection  +  address  +  registration
//
// with, for a network that has IPv6, detection = the wait for a Router Advertisement and
// address = duplicate address detection; for one that has only IPv4, detection = the time
// that IPv6 is waited for and address = what DHCP takes beyond it; and registration = the
// round trip to the home agent, one address resolution, and for a first registration the
// home agent's own duplicate address detection. At home, registration is the exchange of
// the deregistration on the link. With route optimization a phase follows that is not part
// of the latency: until every correspondent has the new binding.
//
// The formulas take links as idle: what waits behind other traffic is not in them.
package predict

import (
	"time"

	"dsmipsim/reports/result"
	"dsmipsim/scenarios/plan"
	"dsmipsim/scenarios/spec"
	"dsmipsim/sim/draw"
)

// Span is a random duration: its least, mean and greatest value.
type Span struct{ Min, Mean, Max time.Duration }

// exactly returns a Span without randomness.
func exactly(d time.Duration) Span { return Span{d, d, d} }

// spanOf returns the Span of a distribution.
func spanOf(d draw.Distribution) Span { return Span{Min: d.Min(), Mean: d.Mean(), Max: d.Max()} }

// without takes back what plus added.
func (s Span) without(t Span) Span { return Span{s.Min - t.Min, s.Mean - t.Mean, s.Max - t.Max} }

func (s Span) plus(t Span) Span { return Span{s.Min + t.Min, s.Mean + t.Mean, s.Max + t.Max} }

// latest is the later of two that run at the same time. Where both are random, its mean is
// a little short.
func latest(s, t Span) Span {
	return Span{max(s.Min, t.Min), max(s.Mean, t.Mean), max(s.Max, t.Max)}
}

// Phases are the predicted phases of a handover.
type Phases struct{ L2, Detect, Address, Register, RouteOptimization Span }

// Total is the whole handover, which ends with the registration.
func (p Phases) Total() Span { return p.L2.plus(p.Detect).plus(p.Address).plus(p.Register) }

// Handover is the prediction for one visit of a mobile node.
type Handover struct {
	Phases Phases
	Note   string // why there is no prediction; empty if there is one
}

// Result converts the prediction to the form of the report; nil if there is none.
func (h Handover) Result() *result.Prediction {
	if h.Note != "" {
		return nil
	}
	total := h.Phases.Total()
	return &result.Prediction{
		Phases: result.Phases{
			L2S: result.Seconds(h.Phases.L2.Mean), DetectS: result.Seconds(h.Phases.Detect.Mean),
			AddressS: result.Seconds(h.Phases.Address.Mean), RegisterS: result.Seconds(h.Phases.Register.Mean),
			RouteOptimizationS: result.Seconds(h.Phases.RouteOptimization.Mean),
		},
		LatencyS: result.Seconds(total.Mean), LatencyMinS: result.Seconds(total.Min), LatencyMaxS: result.Seconds(total.Max),
	}
}

// Handovers predicts all handovers of a mobile node, one for each visit. Of a node that moves
// at random the scenario tells none.
func Handovers(p *plan.Plan, m *spec.MobileNode) []Handover {
	j := journey{p: p, m: m, home: p.Router(p.Spec.HomeNetwork(m).Name), seen: map[string]bool{}, seenLease: map[string]bool{}, seen6: map[string]bool{}, routes: map[string]*route{}}
	j.advertisements = newAdvertisements(p)
	var all []Handover
	j.itinerary = p.Itinerary(m).Visits
	for i := range j.itinerary {
		all = append(all, j.visit(i))
	}
	return all
}

// journey follows a mobile node from visit to visit and keeps what earlier visits leave
// behind for later ones.
type journey struct {
	p              *plan.Plan
	m              *spec.MobileNode
	home           *plan.Router
	advertisements *advertisements

	bound      bool          // the home agent holds a binding
	registered time.Duration // when it was last made anew
	slack      time.Duration // how far from that it may have been
	left       time.Duration // when the network where that was done was left, which ends renewals; 0 while there
	plain      bool          // the home agent is known not to know the IPv4 option, which is therefore left out
	unclear    bool          // the visit before may have ended too early to tell
	bindsTo    *spec.Network // where the binding was made anew last; nil without one
	itinerary  []plan.Visit
	seen       map[string]bool // networks whose router knows the node's address there

	leases     []lease         // remembered, the last one first
	leasesOpen bool            // it is not known which
	seenLease  map[string]bool // networks whose DHCP server knows the node
	lease6     lease6
	seen6      map[string]bool // networks whose DHCPv6 server knows the node's link-local address

	routes       map[string]*route // by correspondent
	acknowledged time.Duration     // when the home agent's last acknowledgement came
	registration time.Duration     // how long after its Binding Update
	until        time.Duration     // when the node moves on
}

func (j *journey) visit(i int) Handover {
	v := j.itinerary[i]
	start, end := v.Left, j.p.Spec.Duration
	if j.left == 0 {
		j.left = start
	}
	if i+1 < len(j.itinerary) {
		end = j.itinerary[i+1].Left
	}
	if v.Network == "" {
		return Handover{Note: "the mobile node stays out of reach of every network"}
	}
	n := j.p.Spec.Network(v.Network)
	h := j.handover(n, start, v.At-v.Left)
	if h.Note == "" {
		if why := j.hazard(n, v.At, start+h.Phases.Total().Max); why != "" {
			h = Handover{Note: why}
		}
	}
	j.takeAlong(n, v.At, h, end)
	j.takeAlong6(n, h, start)
	switch {
	case n.Kind == spec.KindIPv4Private:
	case h.Note != "" || start+h.Phases.Total().Max > end:
		j.unclear = true // whether this one ends in time is open, and so is what the next finds
	case j.isHome(n):
		j.bound, j.unclear, j.bindsTo = false, false, nil
	default:
		j.bound, j.unclear, j.plain = true, false, !j.knowsIPv4()
		total := h.Phases.Total()
		j.registered, j.left, j.slack = start+total.Mean, 0, total.Max-total.Min+h.Phases.Register.Max
		j.seen[n.Name] = true
		j.bindsTo = n
	}
	if h.Note == "" {
		// Binding Updates that were answered late, after duplicate address detection at the
		// home agent, count from when they were sent.
		j.acknowledged, j.registration, j.until = start+h.Phases.Total().Mean, h.Phases.Register.Mean, end
		h.Phases.RouteOptimization = j.optimise(n, start, j.acknowledged)
	}
	return h
}

// handover predicts how the node changes to a network, which it chooses some time after it
// has lost the one before.
func (j *journey) handover(n *spec.Network, start, search time.Duration) Handover {
	if why := j.obstacle(n); why != "" {
		return Handover{Note: why}
	}
	if why := j.undetected(n, start); why != "" {
		return Handover{Note: why}
	}
	if search > 0 && j.m.MovementDetection != spec.MovementLink {
		return Handover{Note: "out of reach of every network the node may find out that it has lost the old one"}
	}
	j.advertisements.tie = false
	ph := Phases{L2: exactly(search).plus(attaching(n))}
	up := start + ph.L2.Mean
	switch {
	case n.Kind == spec.KindIPv4Public:
		a, why := j.ipv4(n, up, &ph)
		if why != "" {
			return Handover{Note: why}
		}
		ph.Register = j.register(n, up+ph.Detect.Mean+ph.Address.Mean).plus(exactly(a.behind))
		if a.router {
			ph.Register = ph.Register.without(exchange(n, arp))
		}
	case n.Kind == spec.KindISATAP:
		if why := j.site(n, up, &ph); why != "" {
			return Handover{Note: why}
		}
		ph.Register = j.register(n, up+ph.Detect.Mean+ph.Address.Mean)
	case j.isHome(n):
		ph.Detect = j.advertisements.wait(n, j.m, up)
		ph.Register = j.deregister(n, up+ph.Detect.Mean)
	default:
		ph.Detect = j.advertisements.wait(n, j.m, up)
		if j.m.MovementDetection == spec.MovementLink && ph.Detect.Max >= j.v6Limit() {
			return Handover{Note: "a router advertisement may come after v6_wait"}
		}
		ph.Address = j.configures(n)
		if j.handedOut(n) {
			if why := j.managed(n, up, &ph); why != "" {
				return Handover{Note: why}
			}
		}
		ph.Register = j.register(n, up+ph.Detect.Mean+ph.Address.Mean)
	}
	if j.advertisements.tie {
		return Handover{Note: "the router begins to advertise in the very instant in which the link comes up"}
	}
	if ready := exactly(start).plus(ph.L2).plus(ph.Detect).plus(ph.Address); j.unsettled(ready.Min, ready.Max) {
		return Handover{Note: "the binding may or may not have expired by then"}
	}
	if ph.Register.Max > 0 {
		ph.Register.Max += 2 * j.waiting(n) // there and back
	}
	return Handover{Phases: ph}
}

// isHome reports whether a network is the node's own home network: another one is a visited
// network like any with IPv6.
func (j *journey) isHome(n *spec.Network) bool { return j.home.Network == n }

// obstacle says why a handover has no closed form.
func (j *journey) obstacle(n *spec.Network) string {
	if n.Kind == spec.KindIPv4Private {
		return "no binding is possible from a private IPv4 network"
	}
	if j.m.HomeAgent == spec.Discover {
		return "the mobile node has to discover its home agent"
	}
	for i := range j.p.Agents {
		if a := &j.p.Agents[i]; a.Name == j.m.HomeAgent || n.Kind == spec.KindHome && a.Network == n {
			return "the home network has several home agents"
		}
	}
	if why := j.refusal(n); why != "" {
		return why
	}
	if j.roamed(n) {
		return "another mobile node that moves at random may be there"
	}
	if why := j.busy(n); why != "" {
		return why
	}
	if why := j.unoffered(n); why != "" {
		return why
	}
	if why := j.unresolved(n); why != "" {
		return why
	}
	if why := j.repeated(n); why != "" {
		return why
	}
	if j.bindsTo == n && j.reached() {
		return "packets that the home agent still sends there may hold up the acknowledgement"
	}
	if j.unclear {
		return "the handover before may not have ended in time"
	}
	return ""
}

// refusal says why the home agent does not accept the node.
func (j *journey) refusal(n *spec.Network) string {
	h, s := j.agent(), j.p.Spec
	for _, p := range h.Policies {
		if p.MobileNode == j.m.Name && (p.Unknown || p.Status != 0) {
			return "the home agent refuses the mobile node"
		}
	}
	switch {
	case n.Kind == spec.KindIPv4Public && (s.Protocol.Mode == spec.ModeMIPv6 || !h.IPv4.IsValid()):
		return "there is no way to the home agent over IPv4"
	case n.Kind == spec.KindIPv4Public && !h.IPv4Support:
		return "the home agent does not answer over IPv4"
	case h.MaxBindings > 0 && h.MaxBindings < len(s.MobileNodes):
		return "the home agent may have no room for the mobile node"
	}
	for i := range s.Correspondents {
		if s.Correspondents[i].Duplicate {
			return "somebody else has the same address"
		}
	}
	return ""
}

func (j *journey) agent() *spec.HomeAgent { return j.p.Spec.HomeAgent(j.m.HomeAgent) }

// lifetime returns how long a binding lasts that is granted.
func (j *journey) lifetime() time.Duration {
	h := j.agent()
	d := min(j.p.Spec.Protocol.BindingLifetime, h.MaxLifetime)
	if j.m.IPv4HomeAddress.Dynamic && h.Lease > 0 {
		d = min(d, h.Lease)
	}
	return d
}

// isBound reports whether the home agent still holds a binding at an instant, if the node
// has renewed it for as long as it could.
func (j *journey) isBound(at time.Duration) bool {
	if !j.bound {
		return false
	}
	life := j.lifetime()
	refresh := life / 100 * refreshPercent
	if advice := j.agent().RefreshAdvice; advice > 0 && advice < life {
		refresh = advice
	}
	last := j.registered + (j.left-j.registered)/refresh*refresh
	return at < last+life
}
