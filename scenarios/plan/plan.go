// Package plan works out from a scenario alone what it leaves open: which routers there
// are, how they are linked, who has which address, and which way packets take. The builder
// makes nodes from a Plan, and the prediction of handover delays reads the same one.
package plan

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"dsmipsim/scenarios/spec"
	"dsmipsim/topology"
	"dsmipsim/topology/motion/plane"
)

// Plan is a scenario with everything worked out.
type Plan struct {
	Spec    *spec.Spec
	Routers []Router
	Links   []Link // between routers
	Hosts   []Host // the correspondents, in the order of the scenario

	// Agents are the home agents that are not the router of their network, in the order of
	// the scenario. They forward, but have no links to other routers.
	Agents []Router

	itineraries map[string]*Itinerary // by mobile node, as far as asked for
	covering    []plane.Network       // networks with cells, if asked for

	graph  *topology.Graph
	byName map[string]*Router
}

// Router is a router of the core, or the router of a network, which is a home agent if the
// scenario names one there.
type Router struct {
	Name       string
	Network    *spec.Network   // nil for a router of the core
	HomeAgent  *spec.HomeAgent // nil if it is none
	IPv6, IPv4 netip.Prefix    // its address on the network, with the prefix's length; not valid for a family that is lacking
	Loopback6  netip.Addr      // of a router of the core
	Loopback4  netip.Addr
	Neighbours []string // in the order of the links
}

// Link joins two routers.
type Link struct {
	Name     string
	A, B     string
	Parallel int // how many links there are before it between the two
	Params   topology.Params
}

// Host is a fixed host.
type Host struct {
	Name       string
	Network    *spec.Network
	IPv6, IPv4 netip.Prefix
	Gateway6   netip.Addr
	Gateway4   netip.Addr
}

// Routers of the core have addresses from these, to send ICMP errors from: unique local
// addresses (RFC 4193) and the space for benchmarks (RFC 2544).
var (
	loopbacks6 = netip.MustParseAddr("fd00:db8::")
	loopbacks4 = netip.MustParseAddr("198.18.0.0")
)

// New works out a scenario that has been checked.
func New(s *spec.Spec) (*Plan, error) {
	p := &Plan{Spec: s, graph: topology.NewGraph(), byName: map[string]*Router{}, itineraries: map[string]*Itinerary{}}
	if len(s.Networks) == 0 {
		return nil, errors.New("a scenario needs at least one [[network]]")
	}
	if err := p.addRouters(); err != nil {
		return nil, err
	}
	if err := p.addLinks(); err != nil {
		return nil, err
	}
	return p, p.addHosts()
}

func (p *Plan) addRouters() error {
	s := p.Spec
	at6, at4 := loopbacks6, loopbacks4
	for i := range s.Routers {
		at6, at4 = at6.Next(), at4.Next()
		p.Routers = append(p.Routers, Router{Name: s.Routers[i].Name, Loopback6: at6, Loopback4: at4})
	}
	for i := range s.Networks {
		n := &s.Networks[i]
		r := Router{Name: n.Name, Network: n}
		for j := range s.HomeAgents {
			if s.HomeAgents[j].Network != n.Name {
				continue
			}
			h := &s.HomeAgents[j]
			if r.HomeAgent != nil {
				p.Agents = append(p.Agents, Router{Name: h.Name, Network: n, HomeAgent: h})
				continue
			}
			r.HomeAgent, r.Name = h, h.Name
		}
		if err := p.address(&r); err != nil {
			return err
		}
		p.Routers = append(p.Routers, r)
	}
	for i := range p.Agents {
		if err := p.address(&p.Agents[i]); err != nil {
			return err
		}
	}
	for i := range p.Routers {
		r := &p.Routers[i]
		p.byName[r.Name] = r
		if r.Network != nil {
			p.byName[r.Network.Name] = r // the network's name stands for its router
		}
		p.graph.AddRouter(r.Name)
	}
	return nil
}

// address gives a network's router its addresses: those of the home agent, else the first
// that nobody else has.
func (p *Plan) address(r *Router) error {
	n, ha := r.Network, r.HomeAgent
	want6, want4 := netip.Addr{}, netip.Addr{}
	if ha != nil {
		want6, want4 = ha.IPv6, ha.IPv4
	}
	var err error
	if r.IPv6, err = p.pick(n.IPv6, want6); err != nil {
		return err
	}
	r.IPv4, err = p.pick(n.IPv4, want4)
	return err
}

// pick returns an address of the prefix with the prefix's length: the wanted one, else the
// lowest that the scenario gives to nobody.
func (p *Plan) pick(prefix netip.Prefix, want netip.Addr) (netip.Prefix, error) {
	if !prefix.IsValid() {
		return netip.Prefix{}, nil
	}
	if want.IsValid() {
		return netip.PrefixFrom(want, prefix.Bits()), nil
	}
	for a := prefix.Addr().Next(); prefix.Contains(a); a = a.Next() {
		if !p.taken(a) && (a.Is6() || prefix.Contains(a.Next())) {
			return netip.PrefixFrom(a, prefix.Bits()), nil
		}
	}
	return netip.Prefix{}, fmt.Errorf("no free address left in %s", prefix)
}

// taken reports whether the scenario or the plan gives the address to a node.
func (p *Plan) taken(a netip.Addr) bool {
	s := p.Spec
	for i := range s.HomeAgents {
		if h := &s.HomeAgents[i]; a == h.IPv6 || a == h.IPv4 || h.IPv4Pool.IsValid() && h.IPv4Pool.Contains(a) {
			return true
		}
	}
	for i := range s.MobileNodes {
		if m := &s.MobileNodes[i]; a == m.HomeAddress || a == m.IPv4HomeAddress.Static {
			return true
		}
	}
	for i := range s.Correspondents {
		if c := &s.Correspondents[i]; a == c.IPv6 || a == c.IPv4 {
			return true
		}
	}
	for i := range s.Networks {
		if n := s.Networks[i].NAT; n != nil && a == n.Public {
			return true
		}
	}
	for i := range p.Routers {
		if r := &p.Routers[i]; a == r.IPv6.Addr() || a == r.IPv4.Addr() {
			return true
		}
	}
	for i := range p.Hosts {
		if h := &p.Hosts[i]; a == h.IPv6.Addr() || a == h.IPv4.Addr() {
			return true
		}
	}
	return false
}

func (p *Plan) addLinks() error {
	s := p.Spec
	for i := range s.Networks {
		if u := s.Networks[i].Uplink; u != nil {
			a, b := p.byName[s.Networks[i].Name].Name, p.byName[u.To].Name
			p.Links = append(p.Links, Link{Name: s.Networks[i].Name + "-" + u.To, A: a, B: b, Params: Params(&u.LinkParams)})
		}
	}
	for i := range s.Links {
		l := &s.Links[i]
		p.Links = append(p.Links, Link{Name: l.Name, A: p.byName[l.Between[0]].Name, B: p.byName[l.Between[1]].Name, Params: Params(&l.LinkParams)})
	}
	between := map[[2]string]int{}
	for i := range p.Links {
		l := &p.Links[i]
		pair := [2]string{min(l.A, l.B), max(l.A, l.B)}
		l.Parallel = between[pair]
		between[pair]++
		if err := p.graph.AddLink(l.A, l.B, l.cost()); err != nil {
			return err
		}
		p.byName[l.A].Neighbours = append(p.byName[l.A].Neighbours, l.B)
		p.byName[l.B].Neighbours = append(p.byName[l.B].Neighbours, l.A)
	}
	return nil
}

func (p *Plan) addHosts() error {
	s := p.Spec
	for i := range s.Correspondents {
		c := &s.Correspondents[i]
		r := p.byName[c.Network]
		h := Host{Name: c.Name, Network: r.Network, Gateway6: r.IPv6.Addr(), Gateway4: r.IPv4.Addr()}
		var err error
		if h.IPv6, err = p.pick(r.Network.IPv6, c.IPv6); err != nil {
			return err
		}
		if h.IPv4, err = p.pick(r.Network.IPv4, c.IPv4); err != nil {
			return err
		}
		p.Hosts = append(p.Hosts, h)
	}
	return nil
}

// Router returns the router of that name, which may also be that of a network.
func (p *Plan) Router(name string) *Router { return p.byName[name] }

// Host returns the fixed host of that name, or nil.
func (p *Plan) Host(name string) *Host {
	for i := range p.Hosts {
		if p.Hosts[i].Name == name {
			return &p.Hosts[i]
		}
	}
	return nil
}

// NextHops returns the neighbour of a router on the way to each other router.
func (p *Plan) NextHops(from string) map[string]string { return p.graph.NextHops(from) }

// Way returns the links between two routers, in order, along the shortest path. Each is as the
// packet sees it: up is the direction in which it goes.
func (p *Plan) Way(from, to string) []Link {
	var way []Link
	at := p.graph.Path(p.byName[from].Name, p.byName[to].Name)
	for i := 1; i < len(at); i++ {
		l := *p.Link(at[i-1], at[i])
		if l.A != at[i-1] {
			l.A, l.B = l.B, l.A
			l.Params.Up, l.Params.Down = l.Params.Down, l.Params.Up
		}
		way = append(way, l)
	}
	return way
}

// cost is what routes are chosen by: the delay, the mean of both directions.
func (l *Link) cost() time.Duration { return (l.Params.Up.Delay + l.Params.Down.Delay) / 2 }

// Link returns the link that packets take between two neighbours: of parallel ones the first of
// those with the least delay.
func (p *Plan) Link(a, b string) *Link {
	var best *Link
	for i := range p.Links {
		l := &p.Links[i]
		if (l.A == a && l.B == b || l.A == b && l.B == a) && (best == nil || l.cost() < best.cost()) {
			best = l
		}
	}
	return best
}

// Prefixes returns what of a router's network the rest of the internet routes to: its
// prefixes, or the public address where it hides behind a translator.
func (r *Router) Prefixes() []netip.Prefix {
	var all []netip.Prefix
	add := func(p netip.Prefix) {
		if p.IsValid() {
			all = append(all, p)
		}
	}
	for _, a := range []netip.Addr{r.Loopback6, r.Loopback4} {
		if a.IsValid() {
			add(netip.PrefixFrom(a, a.BitLen()))
		}
	}
	if n := r.Network; n != nil {
		add(n.IPv6)
		if n.NAT != nil {
			add(netip.PrefixFrom(n.NAT.Public, 32))
		} else if n.Kind != spec.KindISATAP { // a site of its own
			add(n.IPv4)
		}
	}
	return all
}
