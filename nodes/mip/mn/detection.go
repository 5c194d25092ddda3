package mn

import (
	"net/netip"
	"slices"
	"time"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/nd"
	"dsmipsim/sim/vtime"
)

// Detection is how a mobile node finds out that it has moved (RFC 6275 section 11.5.1). All
// but the first do without layer 2: the node keeps what it knew of the old network until
// packets, or their absence, tell it otherwise.
type Detection uint8

const (
	// LinkTrigger follows the link events of layer 2.
	LinkTrigger Detection = iota
	// Eager takes a prefix that was not advertised until now for a movement.
	Eager
	// Lazy keeps the default router until Neighbor Unreachability Detection gives it up.
	Lazy
	// MissedAdvertisements gives the default router up when several Advertisement Intervals
	// have passed without an advertisement of it.
	MissedAdvertisements
	// Probing asks the default router from time to time, and when another one is heard,
	// whether it is still there.
	Probing
)

// router is one that was heard on the link.
type router struct {
	address  netip.Addr // link-local
	prefixes []netip.Prefix
	at       vtime.Time // when it was heard last
	until    vtime.Time // then it has been silent for too long
	said     nd.Advertisement
}

func (r *router) isValid() bool { return r.address.IsValid() }

// shares reports whether one of the prefixes is the router's. A link-local address alone
// proves nothing: another link's router may have the same (RFC 6275 section 11.5.1).
func (r *router) shares(prefixes []netip.Prefix) bool {
	return slices.ContainsFunc(prefixes, func(p netip.Prefix) bool { return slices.Contains(r.prefixes, p) })
}

// onLink returns the prefixes of an advertisement that tell links apart.
func onLink(ra nd.Advertisement) []netip.Prefix {
	var all []netip.Prefix
	for _, p := range ra.Prefixes {
		if p.ValidLifetime > 0 {
			all = append(all, p.Prefix())
		}
	}
	return all
}

// silence is after which silence a router is heard no longer, as far as its advertisements
// tell: several Advertisement Intervals, or else its lifetime.
func (m *Node) silence(ra nd.Advertisement) time.Duration {
	if ra.Interval > 0 {
		return time.Duration(m.cfg.Missed) * ra.Interval
	}
	return ra.Lifetime
}

// heed takes an advertisement into account where layer 2 does not tell of movements, and
// reports whether it offers a network that the node is not in yet.
func (a *attachment) heed(now vtime.Time, ra nd.Advertisement) bool {
	prefixes := onLink(ra)
	if len(prefixes) == 0 || ra.Lifetime == 0 {
		return false
	}
	heard := router{address: ra.Router, prefixes: prefixes, at: now, until: now.Add(a.m.silence(ra)), said: ra}
	fresh := a.remember(now, heard)
	switch {
	case !a.router.isValid():
		a.follow(now, heard)
		return true
	case a.router.shares(prefixes):
		a.follow(now, heard)
		a.refute(now)
		return false
	case a.searching:
		a.vanish()
	case a.m.cfg.Detection == Eager && fresh:
		// The old router may well be on this link: its address serves until there is another.
	case a.m.cfg.Detection == Probing:
		a.ask(now)
		return false
	default:
		return false
	}
	a.move(now, heard)
	return false
}

// remember notes which routers are on the link and reports whether this one was not, as far
// as the node knew.
func (a *attachment) remember(now vtime.Time, heard router) bool {
	a.heard = slices.DeleteFunc(a.heard, func(r router) bool { return r.until < now })
	i := slices.IndexFunc(a.heard, func(r router) bool { return r.shares(heard.prefixes) })
	if i >= 0 {
		a.heard[i] = heard
		return false
	}
	a.heard = append(a.heard, heard)
	return true
}

// follow makes a router the default router.
func (a *attachment) follow(now vtime.Time, r router) {
	a.router = r
	d := r.said.Lifetime
	if a.m.cfg.Detection == MissedAdvertisements {
		d = a.m.silence(r.said)
	}
	a.silence.Set(max(now, r.at.Add(d)))
}

// refute ends the search for another router: the old one has spoken.
func (a *attachment) refute(now vtime.Time) {
	if !a.searching {
		return
	}
	a.searching = false
	a.m.nd.StopSoliciting(a.iface)
	if !a.careOf.Is4() {
		a.stopIPv4(now)
	}
}

// ask verifies that the default router, or the gateway of an IPv4 network, is still there.
func (a *attachment) ask(now vtime.Time) {
	target := a.gateway()
	if !target.IsValid() || a.searching {
		return
	}
	a.m.nd.Verify(now, a.iface, target, func(now vtime.Time, reachable bool) {
		if !reachable && target == a.gateway() {
			a.gone(now)
		}
	})
}

// gateway returns the neighbour whose reachability shows that the node is where it was.
func (a *attachment) gateway() netip.Addr {
	if a.router.isValid() {
		return a.router.address
	}
	if a.careOf.Is4() || a.at == unsupported {
		return a.lease.Router
	}
	return netip.Addr{}
}

// probeDue is called every ProbeInterval.
func (a *attachment) probeDue(now vtime.Time) {
	a.ask(now)
	ip.After(a.probe, now, a.m.cfg.ProbeInterval)
}

// unreachable hears that Neighbor Unreachability Detection has given a neighbour up.
func (a *attachment) unreachable(now vtime.Time, neighbour netip.Addr) {
	mine := neighbour == a.gateway() || a.at == home && neighbour == a.m.cfg.HomeGateway
	if a.m.cfg.Detection == Lazy && mine && !a.searching {
		a.gone(now)
	}
}

// gone is called when the default router is taken to be no longer there: one that has been
// heard since takes its place, or else routers are looked for, and beside that a DHCP server
// (RFC 6275 section 11.5.1). What the node has it keeps until then: the conclusion may be
// wrong.
func (a *attachment) gone(now vtime.Time) {
	for _, r := range a.heard {
		if r.until >= now && !r.shares(a.router.prefixes) {
			a.vanish()
			a.move(now, r)
			return
		}
	}
	a.searching = true
	a.silence.Stop()
	a.noIPv6, a.leased = false, false
	a.m.nd.Solicit(now, a.iface)
	if !a.m.cfg.SequentialIPv4 {
		a.startDHCP(now)
		ip.After(a.v6Wait, now, a.m.cfg.V6Wait)
	}
}

// vanish gives up what the node has of the old network.
func (a *attachment) vanish() {
	a.searching, a.router = false, router{}
	a.silence.Stop()
	a.abandon()
	a.m.nd.Moved(a.iface)
}

// move enters the network of a router: its prefix is the home prefix, or makes a care-of
// address.
func (a *attachment) move(now vtime.Time, r router) {
	if a.at == home || a.at == returning || a.site.Local().IsValid() {
		a.abandon()
	}
	a.startLinkLocal(now)
	a.follow(now, r)
	a.stopCandidate()
	a.dhcp6.Stop()
	a.managed = false
	a.taken = netip.Prefix{}
	a.at = detecting
	a.enter(now, r.said)
}

// settled is called when there is an address to use: only now the old router is left, if that
// was not clear before.
func (a *attachment) settled(now vtime.Time) {
	if a.m.cfg.Detection == LinkTrigger || !a.router.isValid() {
		return
	}
	a.m.nd.MovedTo(now, a.router.said)
}

// stopWatching ends all of movement detection.
func (a *attachment) stopWatching() {
	a.silence.Stop()
	a.probe.Stop()
	a.searching, a.router, a.heard = false, router{}, nil
}
