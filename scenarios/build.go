package scenarios

import (
	"fmt"
	"net/netip"
	"slices"

	"dsmipsim/nodes"
	"dsmipsim/nodes/dhcp"
	"dsmipsim/nodes/esp"
	"dsmipsim/nodes/isatap"
	"dsmipsim/nodes/mip/ha"
	"dsmipsim/nodes/mip/mn"
	"dsmipsim/nodes/router"
	"dsmipsim/nodes/traffic"
	"dsmipsim/nodes/traffic/tcp"
	"dsmipsim/nodes/wire"
	"dsmipsim/reports/result"
	"dsmipsim/scenarios/plan"
	"dsmipsim/scenarios/spec"
	"dsmipsim/sim"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
	"dsmipsim/topology"
	"dsmipsim/topology/access"
	"dsmipsim/topology/motion/plane"
)

// world is a scenario as nodes and links, ready to run.
type world struct {
	plan  *plan.Plan
	loop  *sim.Loop
	pool  *packet.Pool
	net   *topology.Net
	setup result.Setup

	routers map[string]*nodes.Router
	mobiles map[string]*nodes.Mobile
	hosts   map[string]*nodes.Correspondent
	access  map[string]access.Network
	sinks   map[string]*traffic.Sink // of the nodes that flows end at
	tcp     map[string]*tcp.Endpoint // of the nodes that flows over TCP end at
	all     []*nodes.Host            // in order of creation
}

// layout is how the mobility options for IPv4 are encoded.
func layout(s *spec.Spec) wire.IPv4Layout {
	if s.Protocol.Mode == spec.ModeMIPv6 {
		return wire.IPv4Layout{}
	}
	d := s.Draft00
	return wire.IPv4Layout{
		Style: wire.IPv4Draft00, HomeAddressType: uint8(d.HomeAddressType), AcknowledgementType: uint8(d.AcknowledgementType),
		LenientLength: d.LenientLength, LiteralLength: d.LiteralLength,
	}
}

// build makes the world of a plan. Its facts go to sink.
func build(name string, p *plan.Plan, seed, replication uint64, sink trace.Sink) (*world, error) {
	w := &world{
		plan: p, loop: sim.New(name, seed, replication), pool: &packet.Pool{},
		routers: map[string]*nodes.Router{}, mobiles: map[string]*nodes.Mobile{},
		hosts: map[string]*nodes.Correspondent{}, access: map[string]access.Network{},
		sinks: map[string]*traffic.Sink{}, tcp: map[string]*tcp.Endpoint{},
		setup: result.Setup{Associations: describe(associations(p.Spec))},
	}
	w.setup.HomeAgents = map[string]netip.Addr{}
	w.net = topology.New(w.loop, w.pool, sink)
	if err := w.addRouters(); err != nil {
		return nil, err
	}
	if err := w.addAgents(); err != nil {
		return nil, err
	}
	w.addLinks()
	w.addRoutes()
	w.addHosts()
	if err := w.addMobiles(); err != nil {
		return nil, err
	}
	err := w.addFlows()
	if err == nil {
		err = w.addInjects()
	}
	if err != nil {
		w.close()
		return nil, err
	}
	w.describe(name)
	return w, nil
}

// describe completes what reports are told of the world.
func (w *world) describe(name string) {
	s := w.plan.Spec
	w.setup.Scenario, w.setup.Mode, w.setup.Seed, w.setup.Duration = name, string(s.Protocol.Mode), s.Seed, s.Duration
	for _, h := range w.all {
		n := result.NodeInfo{Name: h.Name, Role: result.RoleRouter}
		switch {
		case w.mobiles[h.Name] != nil:
			n.Role = result.RoleMobileNode
		case w.hosts[h.Name] != nil:
			n.Role = result.RoleCorrespondent
		case slices.ContainsFunc(s.HomeAgents, func(a spec.HomeAgent) bool { return a.Name == h.Name }):
			n.Role = result.RoleHomeAgent
		}
		for _, p := range h.Ports {
			port := result.PortInfo{MAC: p.MAC}
			if l := p.Link(); l != nil && n.Role != result.RoleMobileNode {
				port.Link = l.Name
			}
			n.Ports = append(n.Ports, port)
		}
		w.setup.Nodes = append(w.setup.Nodes, n)
	}
}

func (w *world) addRouters() error {
	for i := range w.plan.Routers {
		r := &w.plan.Routers[i]
		cfg := nodes.RouterConfig{Name: r.Name, Discovery: discovery(w.plan.Spec), Neighbours: r.Neighbours, Loopback6: r.Loopback6, Loopback4: r.Loopback4}
		if r.Network != nil {
			lan, err := w.lan(r)
			if err != nil {
				return err
			}
			cfg.LAN = lan
		}
		n, err := nodes.NewRouter(w.net, cfg)
		if err != nil {
			return err
		}
		w.routers[r.Name] = n
		w.all = append(w.all, n.Host)
	}
	return nil
}

// addAgents makes the home agents that are not the router of their network.
func (w *world) addAgents() error {
	for i := range w.plan.Agents {
		a := &w.plan.Agents[i]
		lan, err := w.lan(a)
		if err != nil {
			return err
		}
		lan.Advertisement.NotDefault = true
		r := w.plan.Router(a.Network.Name)
		n, err := nodes.NewRouter(w.net, nodes.RouterConfig{Name: a.Name, LAN: lan, Discovery: discovery(w.plan.Spec), Gateway6: r.IPv6.Addr(), Gateway4: r.IPv4.Addr()})
		if err != nil {
			return err
		}
		w.routers[a.Name] = n
		w.all = append(w.all, n.Host)
	}
	return nil
}

// lan is what the router of a network does on its link.
func (w *world) lan(r *plan.Router) (*nodes.LAN, error) {
	n := r.Network
	lan := &nodes.LAN{IPv6: r.IPv6, IPv4: r.IPv4}
	if ra := n.RouterAdvertisement; ra != nil && n.Kind == spec.KindISATAP {
		lan.ISATAP = &isatap.Config{DelayMin: ra.SolicitedDelay.Min, DelayMax: ra.SolicitedDelay.Max, Fields: wire.RouterAdvertisementFields{
			CurHopLimit: uint8(ra.HopLimit), Managed: ra.Managed, OtherConfig: ra.OtherConfig, RouterLifetime: ra.Lifetime,
			ReachableTime: ra.ReachableTime, RetransTimer: ra.RetransTimer, Prefixes: []wire.PrefixInformation{prefixInformation(r)},
		}}
	} else if ra != nil {
		lan.Advertisement = &router.Config{
			Interval: router.Range(ra.Interval), SolicitedDelay: router.Range(ra.SolicitedDelay),
			MinDelay: ra.MinDelay, HomeAgent: r.HomeAgent != nil, Prefix: prefixInformation(r),
			Lifetime: ra.Lifetime, NoInterval: !ra.ShowInterval, Unicast: ra.Answer == spec.AnswerUnicast, HopLimit: uint8(ra.HopLimit),
			Reachable: ra.ReachableTime, Retrans: ra.RetransTimer, MTU: uint32(ra.MTU), Managed: ra.Managed, OtherConfig: ra.OtherConfig,
		}
		if r.HomeAgent != nil {
			lan.Advertisement.Preference = uint16(r.HomeAgent.Preference)
		}
	}
	if n.DHCP != nil {
		lan.DHCP = &dhcp.ServerConfig{
			Address: r.IPv4.Addr(), Router: r.IPv4.Addr(), Subnet: n.IPv4, Lease: n.DHCP.Lease,
		}
		w.dhcpServer(n, lan.DHCP)
		if n.Kind == spec.KindISATAP {
			lan.DHCP.ISATAP = []netip.Addr{r.IPv4.Addr()}
		}
	}
	lan.DHCPv6 = w.dhcpv6Server(n)
	if n.NAT != nil {
		lan.NAT, lan.BasicNAT = n.NAT.Public, n.NAT.Kind == spec.NATBasic
		if !lan.BasicNAT {
			lan.NATConfig = w.natConfig(n.NAT)
		}
	}
	if r.HomeAgent != nil {
		cfg, inbound, err := w.homeAgent(r)
		if err != nil {
			return nil, err
		}
		cfg.Prefixes = w.homePrefixes(r, lan.Advertisement)
		lan.HomeAgent, lan.Inbound = cfg, inbound
	}
	return lan, nil
}

// prefixInformation is the prefix that a network's router advertises. A home agent puts its
// whole address there, with the R flag (RFC 6275 section 7.2).
func prefixInformation(r *plan.Router) wire.PrefixInformation {
	ra := r.Network.RouterAdvertisement
	p := wire.PrefixInformation{
		Address: r.IPv6.Masked().Addr(), PrefixLen: r.IPv6.Bits(), OnLink: ra.OnLink, Autonomous: ra.Autonomous,
		ValidLifetime: ra.Valid, PreferredLifetime: ra.Preferred,
	}
	if r.HomeAgent != nil {
		p.Address, p.RouterAddress = r.IPv6.Addr(), true
	}
	return p
}

// homePrefixes is what a home agent tells mobile nodes about its prefix, the same as in its
// Router Advertisements, and how the prefix changes.
func (w *world) homePrefixes(r *plan.Router, ra *router.Config) *ha.Prefixes {
	p := &ha.Prefixes{
		List: ra.Prefixes, Change: vtime.Never, OverIPv4: w.plan.Spec.Protocol.MPSOverIPv4,
		Rand: w.loop.Rand(r.Name + "/prefix-advertisement"),
	}
	c := r.Network.PrefixChange
	if c == nil {
		return p
	}
	p.Change = vtime.Time(c.At)
	ra.Change = &router.Change{At: p.Change, Valid: c.Valid, Preferred: c.Preferred}
	if c.IPv6.IsValid() {
		now := r.Network.RouterAdvertisement
		// The home agent's own address stays where it is: the new prefix is for hosts.
		ra.Change.New = wire.PrefixInformation{
			Address: c.IPv6.Addr(), PrefixLen: c.IPv6.Bits(), OnLink: now.OnLink, Autonomous: now.Autonomous,
			ValidLifetime: now.Valid, PreferredLifetime: now.Preferred,
		}
	}
	return p
}

func (w *world) homeAgent(r *plan.Router) (*ha.Config, []*esp.SA, error) {
	s := w.plan.Spec
	h := r.HomeAgent
	cfg := &ha.Config{
		Address: h.IPv6, IPv4: h.IPv4, Prefix: r.Network.IPv6, IPv4Prefix: r.Network.IPv4, Pool: h.IPv4Pool,
		Layout: layout(s), IPsec: s.Protocol.IPsec, MaxLifetime: h.MaxLifetime, Lease: h.Lease, Advice: h.RefreshAdvice,
		MaxBindings: h.MaxBindings, Unverified: !h.DAD, TunnelMTU: s.Protocol.TunnelMTU,
		Preference: uint16(h.Preference), Rand: w.loop.Rand(h.Name + "/home-agents-list"),
	}
	if !h.IPv4Support || s.Protocol.Mode == spec.ModeMIPv6 {
		cfg.IPv4, cfg.Pool, cfg.Layout = netip.Addr{}, netip.Prefix{}, wire.IPv4Layout{}
	}
	var inbound []*esp.SA
	for i := range s.MobileNodes {
		m := &s.MobileNodes[i]
		if !slices.Contains(s.AgentsOf(m), h) {
			continue
		}
		mobile := ha.Mobile{HomeAddress: m.HomeAddress, IPv4: m.IPv4HomeAddress.Static, Dynamic: m.IPv4HomeAddress.Dynamic}
		if s.Protocol.IPsec {
			sas := protect(s, h, m)
			var err error
			if inbound, err = receive(inbound, sas.update, sas.solicitation); err != nil {
				return nil, nil, err
			}
			if mobile.SealPrefix, err = w.sealer(h.Name, sas.advertisement); err != nil {
				return nil, nil, err
			}
			if mobile.Seal, err = w.sealer(h.Name, sas.acknowledgement); err != nil {
				return nil, nil, err
			}
			var more []*esp.SA
			mobile.Tunnel, more, err = w.tunnelEnd(h.Name, [2]esp.Config{sas.test, sas.testInit}, [2]esp.Config{sas.payloadDown, sas.payloadUp})
			if err != nil {
				return nil, nil, err
			}
			inbound = append(inbound, more...)
		}
		if policy(h, m, &mobile) {
			cfg.Mobiles = append(cfg.Mobiles, mobile)
		}
	}
	return cfg, inbound, nil
}

// policy applies what the home agent's table says of a mobile node, and reports whether the
// table has it at all.
func policy(h *spec.HomeAgent, m *spec.MobileNode, entry *ha.Mobile) bool {
	for i := range h.Policies {
		p := &h.Policies[i]
		if p.MobileNode != m.Name {
			continue
		}
		if p.IPv4.IsValid() {
			entry.IPv4, entry.Dynamic = p.IPv4, false
		}
		entry.Refuse, entry.RefuseIPv4 = wire.BindingStatus(p.Status), wire.IPv4Status(p.IPv4Status)
		return !p.Unknown
	}
	return true
}

// addLinks makes the shared link of each network, in file order, then the links between
// routers, and attaches the routers.
func (w *world) addLinks() {
	s := w.plan.Spec
	for i := range s.Networks {
		n := &s.Networks[i]
		l := w.net.Shared(n.Name, plan.AccessParams(&n.Link))
		w.access[n.Name] = access.Network{Name: n.Name, Link: l, Attach: n.Link.AttachParts()}
		w.routers[w.plan.Router(n.Name).Name].Lan.Attach(l)
		w.setup.Networks = append(w.setup.Networks, result.NetworkInfo{Name: n.Name, Kind: string(n.Kind), Cells: cells(n)})
		w.setup.Links = append(w.setup.Links, result.LinkInfo{Name: l.Name, Type: l.Type, Network: n.Name})
	}
	for i := range w.plan.Agents {
		a := &w.plan.Agents[i]
		w.routers[a.Name].Lan.Attach(w.access[a.Network.Name].Link)
	}
	for _, pl := range w.plan.Links {
		l := w.net.PointToPoint(pl.Name, pl.Params)
		w.routers[pl.A].LinkTo(pl.B, pl.Parallel).Attach(l)
		w.routers[pl.B].LinkTo(pl.A, pl.Parallel).Attach(l)
		w.setup.Links = append(w.setup.Links, result.LinkInfo{Name: l.Name, Type: l.Type, Ends: [2]string{pl.A, pl.B}})
	}
}

// cells describes where a network is in reach.
func cells(n *spec.Network) (all []result.CellInfo) {
	for i := range n.Cells {
		switch c := n.Cells[i].On().(type) {
		case plane.Disc:
			all = append(all, result.CellInfo{X: c.X, Y: c.Y, Radius: c.Radius})
		case plane.Polygon:
			all = append(all, result.CellInfo{Corners: c.Corners})
		}
	}
	return all
}

// addRoutes gives every router the shortest way to what every other router stands for.
func (w *world) addRoutes() {
	for i := range w.plan.Routers {
		from := w.routers[w.plan.Routers[i].Name]
		next := w.plan.NextHops(w.plan.Routers[i].Name)
		parallel := map[string]int{} // of the links to a neighbour the one that packets take
		for _, n := range w.plan.Routers[i].Neighbours {
			parallel[n] = w.plan.Link(w.plan.Routers[i].Name, n).Parallel
		}
		for j := range w.plan.Routers {
			to := &w.plan.Routers[j]
			via, reachable := next[to.Name]
			if !reachable {
				continue
			}
			for _, p := range to.Prefixes() {
				from.RouteVia(via, parallel[via], p)
			}
		}
	}
}

func (w *world) addHosts() {
	for i := range w.plan.Hosts {
		h := &w.plan.Hosts[i]
		c := nodes.NewCorrespondent(w.net, nodes.CorrespondentConfig{
			Name: h.Name, IPv6: h.IPv6, IPv4: h.IPv4, Gateway6: h.Gateway6, Gateway4: h.Gateway4,
			Discovery:  discovery(w.plan.Spec),
			MobileIPv6: w.plan.Spec.Correspondent(h.Name).MobileIPv6,
		})
		c.Port.Attach(w.access[h.Network.Name].Link)
		w.hosts[h.Name] = c
		w.all = append(w.all, c.Host)
	}
}

// detections are the ways of detecting movement by their names.
var detections = map[spec.MovementDetection]mn.Detection{
	spec.MovementLink: mn.LinkTrigger, spec.MovementEager: mn.Eager, spec.MovementLazy: mn.Lazy,
	spec.MovementAdvertisementInterval: mn.MissedAdvertisements, spec.MovementNUD: mn.Probing,
}

func (w *world) addMobiles() error {
	s := w.plan.Spec
	for i := range s.MobileNodes {
		m := &s.MobileNodes[i]
		r := w.plan.Router(s.HomeNetwork(m).Name)
		agents, inbound, err := w.homeAgentsOf(m)
		if err != nil {
			return err
		}
		cfg := mn.Config{
			HomeAddress: m.HomeAddress, HomePrefix: r.Network.IPv6, HomeGateway: r.IPv6.Addr(),
			IPv4Home: m.IPv4HomeAddress.Static, IPv4Dynamic: m.IPv4HomeAddress.Dynamic, IPv4Prefix: r.Network.IPv4,
			HomeGateway4: r.IPv4.Addr(), SequentialIPv4: m.IPv4Detection == spec.DetectSequential, DHCP: w.dhcpClient(m), DHCPv6: dhcpv6Client(m),
			Layout: layout(s), IPsec: s.Protocol.IPsec, Lifetime: s.Protocol.BindingLifetime, V6Wait: m.V6Wait,
			Policy:    mn.Policy{Hold: m.Hold, Break: !m.MakeBeforeBreak},
			Detection: detections[m.MovementDetection], Missed: m.MissedAdvertisements, ProbeInterval: m.ProbeInterval,
			RouteOptimization: s.Protocol.RouteOptimization, DeregisterCNOnV4: s.Protocol.DeregisterCNOnV4,
			TunnelMTU: s.Protocol.TunnelMTU, FirstBindackTimeout: s.Protocol.FirstBindingTimeout,
			ForceRegister: m.ForceRegister, NoMappedAltCoA: !s.Draft00.AltCoAv4, Reprobe: s.Draft00.ReprobeInterval,
		}
		cfg.Prefixes = &mn.PrefixDiscovery{Rand: w.loop.Rand(m.Name + "/prefix-discovery"), OverIPv4: s.Protocol.MPSOverIPv4}
		if m.HomeAgent == spec.Discover {
			cfg.Discovery = &mn.Discovery{Known: agents, Rand: w.loop.Rand(m.Name + "/home-agent-discovery")}
		} else {
			h := agents[0]
			cfg.HomeAgent, cfg.HomeAgent4 = h.Address, h.IPv4
			cfg.Seal, cfg.SealPrefix, cfg.Tunnel = h.Seal, h.SealPrefix, h.Tunnel
			w.setup.HomeAgents[m.Name] = h.Address
		}
		node := nodes.MobileConfig{Config: cfg, Name: m.Name, Discovery: hostDiscovery(s, m), Inbound: inbound}
		if err := w.addMobile(m, node, r.Network.Name); err != nil {
			return err
		}
	}
	return nil
}

// run lets the world run and accounts for every packet.
func (w *world) run() (result.Conservation, error) {
	w.loop.Run(vtime.Time(w.plan.Spec.Duration))
	w.net.HoldAll()
	for _, h := range w.all {
		h.End()
	}
	e := w.net.Ended()
	c := result.Conservation{
		Made: int(w.pool.Made()), Delivered: int(e.Delivered), Dropped: int(e.Dropped), Absorbed: int(e.Absorbed), Held: int(e.Held),
	}
	if live := w.pool.Live(); live != 0 {
		return c, fmt.Errorf("%d packets are unaccounted for at the end of the run", live)
	}
	return c, nil
}

// close gives up what outlives a loop.
func (w *world) close() {
	for _, e := range w.tcp {
		e.Close()
	}
}
