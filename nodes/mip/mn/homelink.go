package mn

import (
	"net/netip"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

var (
	anyIPv6 = netip.PrefixFrom(netip.IPv6Unspecified(), 0)
	anyIPv4 = netip.PrefixFrom(netip.IPv4Unspecified(), 0)
)

// homeAddresses puts the home addresses on an interface: on the home link at home, on none
// while away.
func (m *Node) homeAddresses(on machine.Iface) {
	m.AddAddress(on, m.cfg.HomeAddress, 64, ip.Preferred)
	if m.ipv4.IsValid() {
		m.AddAddress(on, m.ipv4, m.cfg.IPv4Prefix.Bits(), ip.Preferred)
	}
}

// configureHome makes the node an ordinary host of its home link.
func (a *attachment) configureHome() {
	a.at = home
	a.m.homeAddresses(a.iface)
	a.homeRoutes()
}

// homeRoutes adds what the node knows about its home link by configuration.
func (a *attachment) homeRoutes() {
	m := a.m
	m.AddRoute(ip.Route{Prefix: m.cfg.HomePrefix, Iface: a.iface, Learnt: true})
	m.AddRoute(ip.Route{Prefix: anyIPv6, Iface: a.iface, Gateway: m.cfg.HomeGateway, Learnt: true})
	if m.cfg.IPv4Prefix.IsValid() && m.cfg.HomeGateway4.IsValid() {
		m.AddRoute(ip.Route{Prefix: m.cfg.IPv4Prefix, Iface: a.iface, Learnt: true})
		m.AddRoute(ip.Route{Prefix: anyIPv4, Iface: a.iface, Gateway: m.cfg.HomeGateway4, Learnt: true})
	}
}

// comeHome returns to the home link (RFC 6275 section 11.5.5): with a binding at the home
// agent the node first deregisters, and answers for its home address from then on.
func (a *attachment) comeHome(now vtime.Time) {
	m := a.m
	a.stopIPv4(now)
	a.stopCandidate()
	if a.careOf.IsValid() {
		a.retire()
	}
	a.settled(now)
	a.note(trace.MovementDetected, m.cfg.HomeAddress)
	a.homeRoutes()
	a.note(trace.CareOfAddressReady, m.cfg.HomeAddress)
	a.at, a.since = onHomeLink, now
	if a != m.primary {
		m.choose(now)
		return
	}
	a.goHome(now)
}

// goHome ends the binding from the home link.
func (a *attachment) goHome(now vtime.Time) {
	m := a.m
	if !m.update.exists {
		// The home agent holds no binding: there is nothing to wait for.
		m.Out.Note(trace.Note{Kind: trace.BindingDeregistered, Home: m.cfg.HomeAddress, Peer: m.cfg.HomeAgent})
		m.arrived(now)
		return
	}
	a.at = returning
	m.AddAddress(a.iface, m.cfg.HomeAddress, 64, ip.Preferred)
	m.update.deregister(now)
}

// arrived takes the home addresses back from the home agent.
func (m *Node) arrived(now vtime.Time) {
	on := m.primary
	on.at = home
	if !m.ipv4.IsValid() {
		m.ipv4, m.ipv4Instead = m.cfg.IPv4Home, false // at home nobody can refuse it
	}
	m.homeAddresses(on.iface)
	m.nd.Announce(on.iface, m.cfg.HomeAddress, m.cfg.HomeAddress)
	if m.ipv4.IsValid() {
		m.nd.AnnounceARP(on.iface, m.ipv4, on.mac())
	}
	m.confirmed(now)
	m.routes.cameHome(now)
}
