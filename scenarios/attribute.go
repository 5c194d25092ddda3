package scenarios

import (
	"fmt"
	"time"

	"dsmipsim/reports/result"
	"dsmipsim/scenarios/spec"
	"dsmipsim/sim/draw"
)

// Cause is something that makes handovers take time and that a scenario can do without.
type Cause struct {
	Name    string // as in attribution.csv
	Removed string // what removing it means
	remove  func(*spec.Spec)
}

// Causes returns the causes that Attribute removes, in the order of the phases of a handover.
func Causes() []Cause {
	return []Cause{
		{"layer2", "scan, authentication, association and attach take no time", withoutLayer2},
		{"ra_wait", "solicitations are sent and answered at once", withoutRAWait},
		{"v6_wait", "IPv4 is taken as soon as it is there, without waiting for a router", func(s *spec.Spec) {
			eachMobile(s, func(m *spec.MobileNode) { m.V6Wait = 0 })
		}},
		{"dhcp", "DHCP servers answer at once, clients neither wait before they ask nor probe for IPv4 addresses", withoutDHCPDelays},
		{"dad", "mobile nodes verify no address", withoutDAD},
		{"ha_dad", "home agents verify no home address", func(s *spec.Spec) {
			for i := range s.HomeAgents {
				s.HomeAgents[i].DAD = false
			}
		}},
		{"rtt", "links have neither delay nor jitter; rates stay", withoutDelay},
	}
}

func eachMobile(s *spec.Spec, f func(*spec.MobileNode)) {
	for i := range s.MobileNodes {
		f(&s.MobileNodes[i])
	}
}

func withoutLayer2(s *spec.Spec) {
	for i := range s.Networks {
		l := &s.Networks[i].Link
		l.Scan, l.Authentication, l.Association, l.Attach = draw.Distribution{}, draw.Distribution{}, draw.Distribution{}, draw.Distribution{}
	}
}

func withoutRAWait(s *spec.Spec) {
	for i := range s.Networks {
		if ra := s.Networks[i].RouterAdvertisement; ra != nil {
			copied := *ra
			copied.SolicitedDelay, copied.MinDelay = spec.Range{}, 0
			s.Networks[i].RouterAdvertisement = &copied
		}
	}
	eachMobile(s, func(m *spec.MobileNode) {
		m.ND.SolicitDelay = spec.Range{}
		m.ND.Solicitations = max(m.ND.Solicitations, 1)
	})
}

func withoutDHCPDelays(s *spec.Spec) {
	for i := range s.Networks {
		n := &s.Networks[i]
		if n.DHCP != nil {
			copied := *n.DHCP
			copied.ServerDelay = draw.Distribution{}
			n.DHCP = &copied
		}
		if n.DHCPv6 != nil {
			copied := *n.DHCPv6
			copied.ServerDelay = draw.Distribution{}
			n.DHCPv6 = &copied
		}
	}
	eachMobile(s, func(m *spec.MobileNode) {
		m.DHCP.InitDelay, m.DHCP.ACD = spec.Range{}, false
		m.DHCPv6.Delay = spec.Range{}
	})
}

func withoutDAD(s *spec.Spec) {
	eachMobile(s, func(m *spec.MobileNode) { m.ND.DADTransmits, m.ND.DADDelay = 0, spec.Range{} })
}

func withoutDelay(s *spec.Spec) {
	strip := func(p *spec.LinkParams) {
		p.Delay, p.Jitter = 0, draw.Distribution{}
		for _, d := range []**spec.Direction{&p.Up, &p.Down} {
			if *d != nil {
				copied := **d
				copied.Delay, copied.Jitter = 0, draw.Distribution{}
				*d = &copied
			}
		}
	}
	for i := range s.Networks {
		n := &s.Networks[i]
		strip(&n.Link.LinkParams)
		if n.Uplink != nil {
			copied := *n.Uplink
			strip(&copied.LinkParams)
			n.Uplink = &copied
		}
	}
	for i := range s.Links {
		strip(&s.Links[i].LinkParams)
	}
}

// without returns a copy of the scenario that lacks the cause. What it shares with the
// original, remove does not touch.
func (c Cause) without(s *spec.Spec) *spec.Spec {
	copied := *s
	copied.Networks = append([]spec.Network(nil), s.Networks...)
	copied.Links = append([]spec.Link(nil), s.Links...)
	copied.MobileNodes = append([]spec.MobileNode(nil), s.MobileNodes...)
	copied.HomeAgents = append([]spec.HomeAgent(nil), s.HomeAgents...)
	c.remove(&copied)
	return &copied
}

// Attribute runs the scenario again without each cause in turn, on the same random numbers,
// and tells what the cause costs each handover of the result: latency with it less latency
// without. Costs add up to the latency where the causes act one after the other; where they
// overlap, each saves less alone than it takes, and where the mobile node then goes another
// way, a cost may be negative. run runs a variant.
func Attribute(s *spec.Spec, r *result.Result, run func(cause string, s *spec.Spec) (*result.Result, error)) ([]result.Attribution, error) {
	var all []result.Attribution
	for i := range r.Handovers {
		h := &r.Handovers[i]
		all = append(all, result.Attribution{MobileNode: h.MobileNode, Index: h.Index, From: h.From, To: h.To, LatencyS: h.LatencyS})
	}
	for _, c := range Causes() {
		other, err := run(c.Name, c.without(s))
		if err != nil {
			return nil, fmt.Errorf("without %s: %w", c.Name, err)
		}
		without := map[string]*result.Handover{}
		for i := range other.Handovers {
			h := &other.Handovers[i]
			without[fmt.Sprint(h.MobileNode, h.Index)] = h
		}
		for i := range all {
			a := &all[i]
			cost := result.Cost{Cause: c.Name}
			// Where nodes move by themselves, the handover of that number may be another one.
			if h := without[fmt.Sprint(a.MobileNode, a.Index)]; h != nil && h.From == a.From && h.To == a.To {
				cost.WithoutS = h.LatencyS
				if a.LatencyS != nil && h.LatencyS != nil {
					cost.CostS = result.Some(result.SecondsOf((*a.LatencyS - *h.LatencyS) * float64(time.Second)))
				}
			}
			a.Costs = append(a.Costs, cost)
		}
	}
	return all, nil
}
