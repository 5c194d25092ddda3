package mn

import (
	"net/netip"

	"dsmipsim/nodes/dhcp"
	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/mip"
	"dsmipsim/nodes/nd"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// linkChanged reacts to layer 2. On a new link everything is tried at once: a Router
// Solicitation, duplicate address detection of the link-local address, and DHCP
// (RFC 6275 section 11.5.1; a link-layer trigger stands for movement detection).
func (m *Node) linkChanged(now vtime.Time, e machine.LinkEvent) {
	if e.Iface != m.cfg.Iface {
		return
	}
	if !e.Up {
		m.leave(now)
		return
	}
	m.startLinkLocal(now)
	if m.at == home {
		m.configureHome()
		m.nd.Solicit(now, m.cfg.Iface)
		return
	}
	m.at = detecting
	m.nd.Solicit(now, m.cfg.Iface)
	m.dhcp.Start(now)
	ip.After(m.v6Wait, now, m.cfg.V6Wait)
}

// leave forgets the network that the node was attached to. The home addresses stay, bound
// to no link.
func (m *Node) leave(now vtime.Time) {
	m.at = detached
	m.v6Wait.Stop()
	m.dhcp.Stop(now)
	m.update.pause()
	m.agents.pause()
	m.home.pause()
	m.routes.pause()
	m.dropCareOf()
	m.site.Down()
	m.RemoveAddress(wire.LinkLocal(m.Interface(m.cfg.Iface).MAC))
	m.leased, m.noIPv6, m.taken = false, false, netip.Prefix{}
	m.homeAddresses(ip.Virtual)
	m.RemoveRoutes(func(r ip.Route) bool { return r.Learnt })
}

// dropCareOf gives up the care-of address and the one that was about to become it.
func (m *Node) dropCareOf() {
	if m.candidate.IsValid() {
		m.RemoveAddress(m.candidate)
		m.candidate = netip.Addr{}
	}
	m.endCareOf()
}

// endCareOf gives up the care-of address in use.
func (m *Node) endCareOf() {
	if m.careOf.Is4() {
		m.RemoveAddress(mip.Mapped(m.careOf))
	}
	m.RemoveAddress(m.careOf)
	m.careOf = netip.Addr{}
}

func (m *Node) startLinkLocal(now vtime.Time) {
	a := wire.LinkLocal(m.Interface(m.cfg.Iface).MAC)
	e := m.AddAddress(m.cfg.Iface, a, 64, ip.Tentative)
	m.nd.Probe(now, m.cfg.Iface, a, func(_ vtime.Time, unique bool) {
		if !unique {
			m.RemoveAddress(a)
			return
		}
		e.State = ip.Preferred
	})
}

// homeAddresses puts the home addresses on an interface: on the home link at home, on none
// while away.
func (m *Node) homeAddresses(on machine.Iface) {
	m.AddAddress(on, m.cfg.HomeAddress, 64, ip.Preferred)
	if m.ipv4.IsValid() {
		m.AddAddress(on, m.ipv4, m.cfg.IPv4Prefix.Bits(), ip.Preferred)
	}
}

// configureHome makes the node an ordinary host of its home link.
func (m *Node) configureHome() {
	m.at = home
	m.homeAddresses(m.cfg.Iface)
	m.homeRoutes()
}

// homeRoutes adds what the node knows about its home link by configuration.
func (m *Node) homeRoutes() {
	m.AddRoute(ip.Route{Prefix: m.cfg.HomePrefix, Iface: m.cfg.Iface, Learnt: true})
	m.AddRoute(ip.Route{Prefix: anyIPv6, Iface: m.cfg.Iface, Gateway: m.cfg.HomeGateway, Learnt: true})
	if m.cfg.IPv4Prefix.IsValid() && m.cfg.HomeGateway4.IsValid() {
		m.AddRoute(ip.Route{Prefix: m.cfg.IPv4Prefix, Iface: m.cfg.Iface, Learnt: true})
		m.AddRoute(ip.Route{Prefix: anyIPv4, Iface: m.cfg.Iface, Gateway: m.cfg.HomeGateway4, Learnt: true})
	}
}

var (
	anyIPv6 = netip.PrefixFrom(netip.IPv6Unspecified(), 0)
	anyIPv4 = netip.PrefixFrom(netip.IPv4Unspecified(), 0)
)

// advertised reacts to a Router Advertisement. IPv6 is preferred: it wins even over an IPv4
// care-of address that is already in use (draft section 2.2).
func (m *Node) advertised(now vtime.Time, a nd.Advertisement) {
	if a.Iface != m.cfg.Iface && !m.site.Is(a.Iface) || m.at == home || m.at == returning || m.at == configuring || m.careOf.Is6() {
		return
	}
	for _, p := range a.Prefixes {
		if p.Prefix() == m.cfg.HomePrefix {
			m.comeHome(now)
			return
		}
	}
	for _, p := range a.Prefixes {
		if !p.Autonomous || p.PrefixLen != 64 || p.ValidLifetime <= 0 || p.PreferredLifetime > p.ValidLifetime || p.Prefix() == m.taken {
			continue
		}
		if m.site.Is(a.Iface) {
			m.formSiteCareOf(now, p.Prefix())
		} else {
			m.formCareOf(now, p.Prefix())
		}
		return
	}
}

// stopIPv4 ends the search for an IPv4 care-of address.
func (m *Node) stopIPv4(now vtime.Time) {
	m.v6Wait.Stop()
	m.dhcp.Stop(now)
	m.leased = false
}

// formCareOf makes a care-of address in the prefix and verifies that it is unique. A mobile
// node does not wait at random before (RFC 6275 section 11.5.3).
func (m *Node) formCareOf(now vtime.Time, prefix netip.Prefix) {
	if !m.careOf.Is4() {
		m.stopIPv4(now) // else the lease is kept until there is something better
	}
	a := wire.FromPrefix(prefix, wire.InterfaceID(m.Interface(m.cfg.Iface).MAC))
	m.Out.Note(trace.Note{Kind: trace.MovementDetected, Home: m.cfg.HomeAddress, CareOf: a})
	m.at = configuring
	if m.candidate.IsValid() { // an address of the IPv4 network that turned out to have IPv6 too
		m.RemoveAddress(m.candidate)
	}
	m.candidate = a
	e := m.AddAddress(m.cfg.Iface, a, 64, ip.Tentative)
	m.nd.Probe(now, m.cfg.Iface, a, func(now vtime.Time, unique bool) {
		m.candidate = netip.Addr{}
		if !unique {
			m.RemoveAddress(a)
			m.taken = prefix // the same interface identifier would fail again (RFC 4862 section 5.4.5)
			if m.careOf.IsValid() {
				m.at = away // the IPv4 care-of address goes on
				return
			}
			m.at = unsupported
			m.Out.Note(trace.Note{Kind: trace.UnsupportedNetwork, Home: m.cfg.HomeAddress, CareOf: a})
			return
		}
		m.stopIPv4(now)
		if m.careOf.IsValid() { // an IPv4 care-of address gives way
			m.endCareOf()
		}
		e.State = ip.Preferred
		m.use(now, a)
	})
}

// use begins to use a care-of address.
func (m *Node) use(now vtime.Time, a netip.Addr) {
	m.at = away
	m.careOf = a
	m.ipv4Failures = 0
	m.routes.pause()        // until the home agent knows the address
	m.ForgetPath(m.agent()) // another path, and perhaps another format of the tunnel
	m.Out.Note(trace.Note{Kind: trace.CareOfAddressReady, Home: m.cfg.HomeAddress, CareOf: a})
	if m.agents.ready(now) {
		m.update.register(now)
	}
}

// concludeIPv4 is called when no Router Advertisement has come in time: the network has no
// IPv6.
func (m *Node) concludeIPv4(now vtime.Time) {
	m.noIPv6 = true
	if m.site.Searching() {
		return // an ISATAP router may still answer
	}
	m.Out.Note(trace.Note{Kind: trace.MovementDetected, Home: m.cfg.HomeAddress})
	if m.leased {
		m.useLease(now)
	}
}

// concludeSite is called when no ISATAP router has answered.
func (m *Node) concludeSite(now vtime.Time) {
	if m.noIPv6 && m.at == detecting {
		m.concludeIPv4(now)
	}
}

// formSiteCareOf makes a care-of address in the prefix of an ISATAP router. Its uniqueness
// follows from that of the IPv4 address (RFC 5214 section 6).
func (m *Node) formSiteCareOf(now vtime.Time, prefix netip.Prefix) {
	m.v6Wait.Stop()
	m.site.Stop()
	a := m.site.Configure(prefix, !mip.IsPrivate(m.site.Local()))
	m.Out.Note(trace.Note{Kind: trace.MovementDetected, Home: m.cfg.HomeAddress, CareOf: a})
	m.use(now, a)
}

// bound hears of a lease. It is used as soon as it is clear that there is no IPv6.
func (m *Node) bound(now vtime.Time, l dhcp.Lease) {
	if m.at != detecting {
		return // a renewal
	}
	m.lease, m.leased = l, true
	if len(l.ISATAP) > 0 && m.site != nil {
		m.configureLease()
		m.site.Up(l.Address, !mip.IsPrivate(l.Address), l.ISATAP)
		m.site.Solicit(now)
		return
	}
	if m.noIPv6 {
		m.useLease(now)
	}
}

// configureLease makes the node an IPv4 host of the network.
func (m *Node) configureLease() {
	l := m.lease
	m.candidate = l.Address
	m.AddAddress(m.cfg.Iface, l.Address, l.Bits, ip.Preferred)
	m.AddRoute(ip.Route{Prefix: netip.PrefixFrom(l.Address, l.Bits).Masked(), Iface: m.cfg.Iface, Learnt: true})
	if l.Router.IsValid() {
		m.AddRoute(ip.Route{Prefix: anyIPv4, Iface: m.cfg.Iface, Gateway: l.Router, Learnt: true})
	}
}

// lost hears that the lease has ended: the care-of address may not be used any longer.
func (m *Node) lost(_ vtime.Time, l dhcp.Lease) {
	m.leased = false
	m.update.pause()
	if m.careOf == l.Address || m.site.Local() == l.Address {
		m.endCareOf()
	}
	m.RemoveAddress(l.Address)
	if m.candidate == l.Address {
		m.candidate = netip.Addr{}
	}
	m.site.Down()
	m.RemoveRoutes(func(r ip.Route) bool { return r.Learnt && r.Prefix.Addr().Is4() })
	if m.at != configuring {
		m.at = detecting // the client goes on to look for another lease
	}
}

func (m *Node) useLease(now vtime.Time) {
	l := m.lease
	m.configureLease()
	if mip.IsPrivate(l.Address) && !m.cfg.ForceRegister || !m.cfg.HomeAgent4.IsValid() {
		// Case C: a home agent could neither see nor answer this address. Nor is there any
		// way to one that has no IPv4 address itself.
		m.at = unsupported
		m.Out.Note(trace.Note{Kind: trace.CareOfAddressReady, Home: m.cfg.HomeAddress, CareOf: l.Address})
		m.Out.Note(trace.Note{Kind: trace.UnsupportedNetwork, Home: m.cfg.HomeAddress, CareOf: l.Address})
		return
	}
	// Binding Acknowledgements come to the mapped form; nothing is ever sent from it but
	// Binding Updates (draft section 3.3).
	m.candidate = netip.Addr{}
	m.AddAddress(m.cfg.Iface, mip.Mapped(l.Address), 128, ip.Receiving)
	m.use(now, l.Address)
}

// comeHome returns to the home link (RFC 6275 section 11.5.5): with a binding at the home
// agent the node first deregisters, and answers for its home address from then on.
func (m *Node) comeHome(now vtime.Time) {
	m.stopIPv4(now)
	m.dropCareOf()
	m.Out.Note(trace.Note{Kind: trace.MovementDetected, Home: m.cfg.HomeAddress, CareOf: m.cfg.HomeAddress})
	m.homeRoutes()
	m.Out.Note(trace.Note{Kind: trace.CareOfAddressReady, Home: m.cfg.HomeAddress, CareOf: m.cfg.HomeAddress})
	if !m.update.exists {
		// The home agent holds no binding: there is nothing to wait for.
		m.Out.Note(trace.Note{Kind: trace.BindingDeregistered, Home: m.cfg.HomeAddress, Peer: m.cfg.HomeAgent})
		m.arrived(now)
		return
	}
	m.at = returning
	m.AddAddress(m.cfg.Iface, m.cfg.HomeAddress, 64, ip.Preferred)
	m.update.deregister(now)
}

// arrived takes the home addresses back from the home agent.
func (m *Node) arrived(now vtime.Time) {
	m.at = home
	if !m.ipv4.IsValid() {
		m.ipv4, m.ipv4Instead = m.cfg.IPv4Home, false // at home nobody can refuse it
	}
	m.homeAddresses(m.cfg.Iface)
	m.nd.Announce(m.cfg.Iface, m.cfg.HomeAddress, m.cfg.HomeAddress)
	if m.ipv4.IsValid() {
		m.nd.AnnounceARP(m.cfg.Iface, m.ipv4, m.Interface(m.cfg.Iface).MAC)
	}
	m.routes.cameHome(now)
}
