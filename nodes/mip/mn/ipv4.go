package mn

import (
	"net/netip"

	"dsmipsim/nodes/dhcp"
	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/mip"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// stopIPv4 ends the search for an IPv4 care-of address.
func (a *attachment) stopIPv4(now vtime.Time) {
	a.v6Wait.Stop()
	a.dhcp.stop(now, a.m.cfg.DHCP.Relinquish)
	a.leased = false
}

// concludeIPv4 is called when no Router Advertisement has come in time: the network has no
// IPv6.
func (a *attachment) concludeIPv4(now vtime.Time) {
	a.noIPv6 = true
	if a.searching {
		a.enterIPv4(now)
		return
	}
	if a.site.Searching() {
		return // an ISATAP router may still answer
	}
	a.note(trace.MovementDetected, netip.Addr{})
	if a.leased {
		a.useLease(now)
	}
}

// concludeSite is called when no ISATAP router has answered.
func (a *attachment) concludeSite(now vtime.Time) {
	if a.noIPv6 && a.at == detecting {
		a.concludeIPv4(now)
	}
}

// formSiteCareOf makes a care-of address in the prefix of an ISATAP router. Its uniqueness
// follows from that of the IPv4 address (RFC 5214 section 6).
func (a *attachment) formSiteCareOf(now vtime.Time, prefix netip.Prefix) {
	a.v6Wait.Stop()
	a.site.Stop()
	careOf := a.site.Configure(prefix, !mip.IsPrivate(a.site.Local()))
	a.note(trace.MovementDetected, careOf)
	a.use(now, careOf)
}

// bound hears of a lease. It is used as soon as it is clear that there is no IPv6.
func (a *attachment) bound(now vtime.Time, l dhcp.Lease) {
	a.dhcp.keep()
	if a.at != detecting && !a.searching {
		return // a renewal
	}
	if a.searching && l.Address == a.careOf {
		a.m.nd.Forget(a.iface, l.Router) // its hardware address may have changed
		a.searching = false
		a.v6Wait.Stop()
		a.m.nd.StopSoliciting(a.iface)
		return
	}
	a.lease, a.leased = l, true
	if a.searching {
		a.enterIPv4(now)
		return
	}
	a.offered(now, l)
}

// enterIPv4 leaves the network of a router that is gone for one in which a DHCP server has
// answered and no router.
func (a *attachment) enterIPv4(now vtime.Time) {
	if !a.noIPv6 || !a.leased {
		return
	}
	a.vanish()
	a.startLinkLocal(now)
	if len(a.lease.ISATAP) == 0 || a.site == nil {
		a.note(trace.MovementDetected, netip.Addr{})
	}
	a.offered(now, a.lease)
}

// offered takes up a lease in a network that may have an ISATAP router.
func (a *attachment) offered(now vtime.Time, l dhcp.Lease) {
	if len(l.ISATAP) > 0 && a.site != nil {
		a.configureLease(now)
		a.site.Up(l.Address, !mip.IsPrivate(l.Address), l.ISATAP)
		a.site.Solicit(now)
		return
	}
	if a.noIPv6 {
		a.useLease(now)
	}
}

// configureLease makes the node an IPv4 host of the network.
func (a *attachment) configureLease(now vtime.Time) {
	l := a.lease
	a.candidate = l.Address
	a.m.AddAddress(a.iface, l.Address, l.Bits, ip.Preferred)
	a.m.AddRoute(ip.Route{Prefix: netip.PrefixFrom(l.Address, l.Bits).Masked(), Iface: a.iface, Learnt: true})
	if l.Router.IsValid() {
		a.m.AddRoute(ip.Route{Prefix: anyIPv4, Iface: a.iface, Gateway: l.Router, Learnt: true})
	}
	a.dhcp.announce(now, l.Address)
}

// lost hears that the lease has ended: the care-of address may not be used any longer.
func (a *attachment) lost(now vtime.Time, l dhcp.Lease) {
	a.dhcp.forget()
	a.leased = false
	a.disturbed(now)
	if a.careOf == l.Address || a.site.Local() == l.Address {
		a.endCareOf()
	}
	a.m.RemoveAddress(l.Address)
	if a.candidate == l.Address {
		a.candidate = netip.Addr{}
	}
	a.site.Down()
	a.m.RemoveRoutes(func(r ip.Route) bool { return r.Learnt && r.Iface == a.iface && r.Prefix.Addr().Is4() })
	if a.at != configuring {
		a.at = detecting // the client goes on to look for another lease
	}
	a.reconsider(now)
}

func (a *attachment) useLease(now vtime.Time) {
	l := a.lease
	a.configureLease(now)
	if mip.IsPrivate(l.Address) && !a.m.cfg.ForceRegister || !a.m.cfg.HomeAgent4.IsValid() {
		// Case C: a home agent could neither see nor answer this address. Nor is there any
		// way to one that has no IPv4 address itself.
		a.at = unsupported
		a.note(trace.CareOfAddressReady, l.Address)
		a.note(trace.UnsupportedNetwork, l.Address)
		a.reconsider(now)
		return
	}
	// Binding Acknowledgements come to the mapped form; nothing is ever sent from it but
	// Binding Updates (draft section 3.3).
	a.candidate = netip.Addr{}
	a.m.AddAddress(a.iface, mip.Mapped(l.Address), 128, ip.Receiving)
	a.use(now, l.Address)
}
