package nd

import (
	"net/netip"
	"time"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/draw"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// Reachability is what a node believes about a neighbour (RFC 4861 section 7.3.2). IPv4
// neighbours go through the same states, with ARP requests to the known link-layer address
// as probes (RFC 1122 section 2.3.2.1).
type Reachability uint8

// The states of a neighbour.
const (
	Incomplete Reachability = iota // its link-layer address is being asked for
	Reachable                      // it has answered lately
	Stale                          // nothing is known, and nothing is done until a packet is sent
	Delay                          // a packet was sent; probes follow if no answer comes by itself
	Probe                          // it is being asked whether it is there
)

var reachabilityNames = [...]string{"incomplete", "reachable", "stale", "delay", "probe"}

// String returns the RFC's name of the state.
func (r Reachability) String() string { return reachabilityNames[r] }

// Reachability returns what the node believes about a neighbour, and false if it is not in
// the cache.
func (n *Neighbours) Reachability(now vtime.Time, iface machine.Iface, a netip.Addr) (Reachability, bool) {
	e := n.entries[key{iface, a}]
	if e == nil {
		return Incomplete, false
	}
	if e.state == Reachable && now >= e.until {
		return Stale, true
	}
	return e.state, true
}

// become changes the state of a neighbour whose link-layer address is known.
func (n *Neighbours) become(now vtime.Time, e *entry, r Reachability) {
	e.state, e.tries = r, 0
	e.timer.Stop()
	switch {
	case r == Reachable && n.cfg.Unreachability:
		e.until = now.Add(n.reachableTime(now, e.iface))
	case r == Reachable:
		e.until = vtime.Never
	case r == Delay:
		ip.After(e.timer, now, n.cfg.DelayFirstProbe)
	}
}

// beforeUse takes note that a packet is about to be sent to a neighbour. A stale one is
// asked whether it is there if nothing is heard from it by then. Reachable ends without a
// timer: it is judged when it matters.
func (n *Neighbours) beforeUse(now vtime.Time, e *entry) {
	if n.cfg.Unreachability && (e.state == Stale || e.state == Reachable && now >= e.until) {
		n.become(now, e, Delay)
	}
}

// redraw is how long a drawn ReachableTime is kept (RFC 4861 section 6.3.4).
const redraw = 2 * time.Hour

// reachableTime is ReachableTime: the base that routers advertise, or else that of the
// Config, times a random factor from 0.5 to 1.5 (RFC 4861 section 6.3.2).
func (n *Neighbours) reachableTime(now vtime.Time, iface machine.Iface) time.Duration {
	l := &n.links[iface]
	if l.reachable == 0 || now >= l.drawn.Add(redraw) {
		base := l.base
		if base == 0 {
			base = n.cfg.ReachableTime
		}
		l.reachable, l.drawn = base, now
		if n.cfg.ReachableRand != nil {
			l.reachable = draw.Between(base/2, base+base/2).Draw(n.cfg.ReachableRand)
		}
	}
	return l.reachable
}

// fire is called when the time of an entry has come.
func (n *Neighbours) fire(now vtime.Time, e *entry) {
	switch e.state {
	case Incomplete:
		n.ask(now, e)
	case Delay:
		n.become(now, e, Probe)
		n.ask(now, e)
	case Probe:
		n.ask(now, e)
	}
}

// ask sends the next request to a neighbour: to everybody while its link-layer address is not
// known (RFC 4861 section 7.2.2), else to itself alone (section 7.3.3). After the last one it
// gives up.
func (n *Neighbours) ask(now vtime.Time, e *entry) {
	most := n.cfg.MulticastMax
	if e.state == Probe {
		most = n.cfg.UnicastMax
	}
	if e.tries >= most {
		n.giveUp(now, e)
		return
	}
	e.tries++
	if e.addr.Is4() {
		n.arpRequest(e)
	} else {
		n.sendNeighborSolicitation(e)
	}
	ip.After(e.timer, now, n.retransTimer(e.iface))
}

// giveUp ends the resolution or the probing of a neighbour that does not answer. If it is a
// router, others come before it from now on (RFC 4861 section 6.3.6).
func (n *Neighbours) giveUp(now vtime.Time, e *entry) {
	queue := e.queue
	e.queue = nil
	n.Forget(e.iface, e.addr)
	n.s.Out.Note(trace.Note{Kind: trace.ResolutionFailed, Home: e.addr})
	n.putLast(e.iface, e.addr)
	for _, p := range queue {
		if p.Bytes()[0]>>4 == 6 {
			n.s.Reject(now, p, trace.Unreachable, wire.ICMPv6DestinationUnreachable, wire.ICMPv6CodeAddressUnreachable, 0)
		} else {
			n.s.Reject(now, p, trace.Unreachable, wire.ICMPv4DestinationUnreachable, wire.ICMPv4CodeHostUnreachable, 0)
		}
	}
	if n.OnUnreachable != nil {
		n.OnUnreachable(now, e.iface, e.addr)
	}
}

// putLast moves the default route through a router behind those through others.
func (n *Neighbours) putLast(iface machine.Iface, router netip.Addr) {
	r := ip.Route{Prefix: anyIPv6, Iface: iface, Gateway: router, Learnt: true}
	if n.holding(r) == nil {
		return
	}
	n.s.RemoveRoutes(func(o ip.Route) bool { return o == r })
	n.s.AddRoute(r)
}

// confirm takes note that a neighbour has answered this node: it is there and hears.
func (n *Neighbours) confirm(now vtime.Time, iface machine.Iface, a netip.Addr, mac wire.MAC) {
	e := n.entries[key{iface, a}]
	if e == nil {
		return
	}
	e.mac = mac
	n.become(now, e, Reachable)
	n.flush(now, e)
}
