package mn

import (
	"net/netip"

	"dsmipsim/nodes/nd"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// advertised reacts to a Router Advertisement. IPv6 is preferred: it wins even over an IPv4
// care-of address that is already in use (draft section 2.2).
func (a *attachment) advertised(now vtime.Time, ra nd.Advertisement) {
	if a.m.cfg.Detection != LinkTrigger && ra.Iface == a.iface && !a.heed(now, ra) {
		return
	}
	if a.at == home || a.at == onHomeLink || a.at == returning || a.at == configuring || a.careOf.Is6() {
		return
	}
	a.enter(now, ra)
}

// enter takes up what an advertisement offers.
func (a *attachment) enter(now vtime.Time, ra nd.Advertisement) {
	for _, p := range ra.Prefixes {
		if p.Prefix() == a.m.cfg.HomePrefix {
			a.comeHome(now)
			return
		}
	}
	for _, p := range ra.Prefixes {
		if !p.Autonomous || p.PrefixLen != 64 || p.ValidLifetime <= 0 || p.PreferredLifetime > p.ValidLifetime || p.Prefix() == a.taken {
			continue
		}
		if a.site.Is(ra.Iface) {
			a.formSiteCareOf(now, p.Prefix())
		} else {
			a.formCareOf(now, p.Prefix())
		}
		return
	}
	if ra.Managed && ra.Iface == a.iface && !a.managed {
		a.formManaged(now)
	}
}

// formCareOf makes a care-of address in the prefix and verifies that it is unique. A mobile
// node does not wait at random before (RFC 6275 section 11.5.3).
func (a *attachment) formCareOf(now vtime.Time, prefix netip.Prefix) {
	if !a.careOf.Is4() {
		a.stopIPv4(now) // else the lease is kept until there is something better
	}
	careOf := wire.FromPrefix(prefix, wire.InterfaceID(a.mac()))
	a.note(trace.MovementDetected, careOf)
	a.at = configuring
	if a.candidate.IsValid() { // an address of the IPv4 network that turned out to have IPv6 too
		a.m.RemoveAddress(a.candidate)
	}
	a.candidate = careOf
	if a.careOf == careOf { // back where it was
		a.endCareOf()
	}
	if a.previous == careOf {
		a.endPrevious()
	}
	if a.m.nd.Autoconfigure(now, a.iface, careOf, 64, func(now vtime.Time, unique bool) { a.verified(now, careOf, prefix, unique) }) {
		a.useIPv6(now, careOf) // optimistically (RFC 4429)
	}
}

// verified hears whether a care-of address is unique.
func (a *attachment) verified(now vtime.Time, careOf netip.Addr, prefix netip.Prefix, unique bool) {
	if unique {
		if a.careOf != careOf {
			a.useIPv6(now, careOf)
		}
		return
	}
	a.taken = prefix // the same interface identifier would fail again (RFC 4862 section 5.4.5)
	if a.careOf == careOf {
		a.disturbed(now)
		a.endCareOf()
	}
	a.candidate = netip.Addr{}
	if a.careOf.IsValid() {
		a.at = away // the one in use goes on
		return
	}
	a.at = unsupported
	a.note(trace.UnsupportedNetwork, careOf)
	a.reconsider(now)
}

// useIPv6 begins to use a care-of address of the network's prefix.
func (a *attachment) useIPv6(now vtime.Time, careOf netip.Addr) {
	a.candidate = netip.Addr{}
	a.stopIPv4(now)
	if a.careOf.IsValid() { // an IPv4 one, or one of the router before
		a.retire()
	}
	a.settled(now)
	a.use(now, careOf)
}
