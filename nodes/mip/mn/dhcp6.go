package mn

import (
	"math/rand/v2"
	"net/netip"

	"dsmipsim/nodes/dhcp6"
	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// DHCPv6 is how a mobile node gets IPv6 addresses in networks that hand them out.
type DHCPv6 struct {
	dhcp6.Config
	Rand *rand.Rand
}

func (m *Node) handleDHCPv6(now vtime.Time, p *packet.Buf, in ip.Info) {
	for _, a := range m.attachments {
		if a.iface == in.In {
			a.dhcp6.HandlePacket(now, p, in)
			return
		}
	}
	m.Out.Drop(p, trace.UnknownProtocol)
}

// formManaged gets a care-of address from a DHCPv6 server, since the router says that there
// is one and advertises no prefix to make an address in (RFC 4861 section 4.2). Detection
// ends here: the network has IPv6. DHCPv6 needs a link-local address that may be used.
func (a *attachment) formManaged(now vtime.Time) {
	if !a.careOf.Is4() {
		a.stopIPv4(now) // else the lease is kept until there is something better
	}
	a.note(trace.MovementDetected, netip.Addr{})
	a.at, a.managed = configuring, true
	a.startDHCPv6(now)
}

// startDHCPv6 begins as soon as the network is known to be managed and the link-local
// address is verified.
func (a *attachment) startDHCPv6(now vtime.Time) {
	l := a.m.Address(wire.LinkLocal(a.mac()))
	if a.managed && a.dhcp6.State() == dhcp6.Stopped && l != nil && l.State == ip.Preferred {
		a.dhcp6.Start(now)
	}
}

// leased6 hears of an address. It is verified before it is used (RFC 8415 section
// 18.2.10.1).
func (a *attachment) leased6(now vtime.Time, l dhcp6.Lease) {
	if a.at != configuring || a.candidate == l.Address {
		return // an extension
	}
	if a.candidate.IsValid() {
		a.m.RemoveAddress(a.candidate)
	}
	careOf := l.Address
	a.candidate = careOf
	if a.m.nd.Autoconfigure(now, a.iface, careOf, 64, func(now vtime.Time, unique bool) { a.verified6(now, careOf, unique) }) {
		a.useIPv6(now, careOf) // optimistically (RFC 4429)
	}
}

// verified6 hears whether the address of the lease is unique. If it is not the server is told,
// which gives another one.
func (a *attachment) verified6(now vtime.Time, careOf netip.Addr, unique bool) {
	switch {
	case unique && a.careOf != careOf:
		a.useIPv6(now, careOf)
	case !unique:
		if a.careOf == careOf {
			a.disturbed(now)
			a.endCareOf()
		}
		a.at, a.candidate = configuring, netip.Addr{}
		a.dhcp6.Decline(now)
	}
}

// lost6 hears that the lease is over: the address may not be used any longer, and the client
// looks for another one.
func (a *attachment) lost6(now vtime.Time, l dhcp6.Lease) {
	a.m.nd.StopProbe(a.iface, l.Address)
	if a.candidate == l.Address {
		a.m.RemoveAddress(a.candidate)
		a.candidate = netip.Addr{}
	}
	if a.careOf == l.Address {
		a.disturbed(now)
		a.endCareOf()
		a.at = configuring
		a.reconsider(now)
	}
}
