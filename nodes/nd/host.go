package nd

import (
	"net/netip"
	"time"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// link is what a host has learnt about the link of an interface from routers: the variables
// of RFC 4861 section 6.3.2 and the prefixes from which addresses are made.
type link struct {
	retrans   time.Duration // RetransTimer; 0 while no router has said
	base      time.Duration // BaseReachableTime that a router has advertised; 0 while none has
	reachable time.Duration // ReachableTime, drawn from the base; 0 before it is needed
	drawn     vtime.Time    // when
	prefixes  []prefix
	addresses []*lifetime
}

// prefix is one with the A flag, with its lifetimes as instants.
type prefix struct {
	prefix                  netip.Prefix
	validUntil, preferUntil vtime.Time
}

// lifetime is that of an address made by autoconfiguration.
type lifetime struct {
	iface                   machine.Iface
	addr                    *ip.Address
	validUntil, preferUntil vtime.Time
	timer                   *machine.Timer
}

// learnt is a route with the time that an advertisement gave it: a default router or an
// on-link prefix.
type learnt struct {
	route ip.Route
	timer *machine.Timer
}

var anyIPv6 = netip.PrefixFrom(netip.IPv6Unspecified(), 0)

// configure takes over what an advertisement offers to a host (RFC 4861 section 6.3.4). What
// it leaves unspecified stays as it is.
func (n *Neighbours) configure(now vtime.Time, a *Advertisement) {
	l, ifc := &n.links[a.Iface], n.s.Interface(a.Iface)
	if a.HopLimit > 0 {
		ifc.HopLimit = a.HopLimit
	}
	if a.Retrans > 0 {
		l.retrans = a.Retrans
	}
	if a.Reachable > 0 && a.Reachable != l.base {
		l.base, l.reachable = a.Reachable, 0
	}
	if mtu := int(min(a.MTU, 1<<16)); mtu >= wire.IPv6MinimumMTU && mtu <= ifc.MTU {
		ifc.MTU6 = mtu
	}
	if a.MAC != (wire.MAC{}) {
		n.Learn(now, a.Iface, a.Router, a.MAC)
		n.setRouter(a.Iface, a.Router, true)
	}
	for _, p := range a.Prefixes {
		if p.RouterAddress && a.MAC != (wire.MAC{}) {
			n.Learn(now, a.Iface, p.Address, a.MAC) // the router's global address is at the same place
		}
		if p.OnLink {
			n.hold(now, ip.Route{Prefix: p.Prefix(), Iface: a.Iface, Learnt: true}, p.ValidLifetime)
		}
		if p.Autonomous && p.PreferredLifetime <= p.ValidLifetime {
			n.renew(now, a.Iface, p)
		}
	}
	if n.hold(now, ip.Route{Prefix: anyIPv6, Iface: a.Iface, Gateway: a.Router, Learnt: true}, a.Lifetime) {
		n.s.Out.Note(trace.Note{Kind: trace.RouterFound, Peer: a.Router})
	}
	if a.Lifetime > 0 {
		n.heardRouter(a.Iface) // a router that is no default router does not end the search (RFC 4861 section 6.3.7)
	}
}

// retransTimer is the time between two solicitations on an interface.
func (n *Neighbours) retransTimer(iface machine.Iface) time.Duration {
	if d := n.links[iface].retrans; d > 0 {
		return d
	}
	return n.RetransTimer
}

// hold keeps a learnt route for a time, or removes it if that is zero, and reports whether it
// is new. An infinite lifetime has no end (RFC 4861 section 4.6.2).
func (n *Neighbours) hold(now vtime.Time, r ip.Route, d time.Duration) bool {
	if d <= 0 {
		n.release(r)
		return false
	}
	h := n.holding(r)
	if h == nil {
		h = &learnt{route: r}
		h.timer = n.s.Timers.New(func(vtime.Time) { n.release(r) })
		n.learnt = append(n.learnt, h)
	}
	h.timer.Set(until(now, d))
	for _, o := range n.s.Routes() {
		if o == r {
			return false
		}
	}
	n.s.AddRoute(r)
	return true
}

func (n *Neighbours) holding(r ip.Route) *learnt {
	for _, h := range n.learnt {
		if h.route == r {
			return h
		}
	}
	return nil
}

// release ends the time of a learnt route.
func (n *Neighbours) release(r ip.Route) {
	n.s.RemoveRoutes(func(o ip.Route) bool { return o == r })
	n.dropLearnt(func(o ip.Route) bool { return o == r })
}

func (n *Neighbours) dropLearnt(match func(ip.Route) bool) {
	kept := n.learnt[:0]
	for _, h := range n.learnt {
		if match(h.route) {
			h.timer.Stop()
		} else {
			kept = append(kept, h)
		}
	}
	clear(n.learnt[len(kept):])
	n.learnt = kept
}

// until is the end of a lifetime.
func until(now vtime.Time, d time.Duration) vtime.Time {
	if d >= wire.Infinity {
		return vtime.Never
	}
	return now.Add(d)
}

// twoHours guards the valid lifetime of an address against advertisements that nobody vouches
// for (RFC 4862 section 5.5.3 e).
const twoHours = 2 * time.Hour

// renew notes the lifetimes of a prefix and gives them to the addresses made from it.
func (n *Neighbours) renew(now vtime.Time, iface machine.Iface, p wire.PrefixInformation) {
	l := &n.links[iface]
	f := prefix{p.Prefix(), until(now, p.ValidLifetime), until(now, p.PreferredLifetime)}
	kept := l.prefixes[:0]
	for _, o := range l.prefixes {
		if o.prefix != f.prefix && o.validUntil > now {
			kept = append(kept, o)
		}
	}
	l.prefixes = kept
	if p.ValidLifetime > 0 {
		l.prefixes = append(l.prefixes, f)
	}
	for _, a := range l.addresses {
		if !f.prefix.Contains(a.addr.Addr) {
			continue
		}
		a.preferUntil = f.preferUntil
		left := time.Duration(vtime.Never)
		if a.validUntil != vtime.Never {
			left = a.validUntil.Sub(now)
		}
		switch {
		case p.ValidLifetime > twoHours || p.ValidLifetime > left:
			a.validUntil = f.validUntil
		case left > twoHours:
			a.validUntil = now.Add(twoHours)
		}
		n.age(now, a)
	}
}

// live gives an address the lifetimes of the prefix that it was made from.
func (n *Neighbours) live(now vtime.Time, e *ip.Address) {
	l := &n.links[e.Iface]
	for _, p := range l.prefixes {
		if !p.prefix.Contains(e.Addr) {
			continue
		}
		a := &lifetime{iface: e.Iface, addr: e, validUntil: p.validUntil, preferUntil: p.preferUntil}
		a.timer = n.s.Timers.New(func(now vtime.Time) { n.age(now, a) })
		l.addresses = append(l.addresses, a)
		n.age(now, a)
		return
	}
}

// age gives an address the state that its lifetimes leave it (RFC 4862 section 5.5.4) and
// waits for the next change.
func (n *Neighbours) age(now vtime.Time, a *lifetime) {
	l := &n.links[a.iface]
	if n.s.Address(a.addr.Addr) != a.addr { // its owner has given it up
		l.forget(a)
		return
	}
	if now >= a.validUntil {
		l.forget(a)
		n.StopProbe(a.iface, a.addr.Addr)
		n.s.RemoveAddress(a.addr.Addr)
		if n.OnInvalid != nil {
			n.OnInvalid(now, a.iface, a.addr.Addr)
		}
		return
	}
	switch {
	case now < a.preferUntil && a.addr.State == ip.Deprecated:
		a.addr.State = ip.Preferred
	case now >= a.preferUntil && a.addr.State == ip.Preferred:
		a.addr.State = ip.Deprecated
	}
	next := a.validUntil
	if now < a.preferUntil {
		next = vtime.Min(next, a.preferUntil)
	}
	a.timer.Set(next)
}

func (l *link) forget(a *lifetime) {
	a.timer.Stop()
	for i, o := range l.addresses {
		if o == a {
			l.addresses = append(l.addresses[:i], l.addresses[i+1:]...)
			return
		}
	}
}

// reset forgets what was learnt about a link that the interface has left.
func (n *Neighbours) reset(iface machine.Iface) {
	l := &n.links[iface]
	for _, a := range l.addresses {
		a.timer.Stop()
	}
	*l = link{}
	ifc := n.s.Interface(iface)
	ifc.HopLimit, ifc.MTU6, ifc.NoIPv6 = 0, 0, false
	n.dropLearnt(func(r ip.Route) bool { return r.Iface == iface })
}
