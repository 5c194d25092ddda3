package nd

import (
	"net/netip"
	"time"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// Bounds of the cache. Entries that nobody has used for a long time go when a new one comes,
// so that nodes that were once on the link leave nothing behind.
const (
	cacheLimit    = 4096
	staleLifetime = 20 * time.Minute
	sweepInterval = time.Minute
)

type key struct {
	iface machine.Iface
	addr  netip.Addr
}

// entry is a neighbour.
type entry struct {
	key
	mac    wire.MAC
	state  Reachability
	router bool       // it says that it forwards packets
	until  vtime.Time // when Reachable ends
	used   vtime.Time // when a packet was last sent to it
	tries  int
	queue  []*packet.Buf // while Incomplete
	timer  *machine.Timer
}

// Resolve implements ip.Resolver.
func (n *Neighbours) Resolve(now vtime.Time, out machine.Iface, neighbour netip.Addr, p *packet.Buf) {
	e := n.entries[key{out, neighbour}]
	if e != nil && e.state != Incomplete {
		n.transmit(now, e, p)
		return
	}
	if e == nil {
		if via := n.instead(out, neighbour); via != nil {
			n.transmit(now, via, p)
			return
		}
		e = n.entry(now, out, neighbour)
	}
	if len(e.queue) >= resolutionQueueLimit { // the new one replaces the oldest (RFC 4861 section 7.2.2)
		n.s.Out.Drop(e.queue[0], trace.ResolutionFull)
		e.queue = append(e.queue[:0], e.queue[1:]...)
	}
	e.queue = append(e.queue, p)
	if !e.timer.Armed() {
		n.ask(now, e)
	}
}

// instead returns the default router that takes packets for an unknown neighbour while the
// node has only optimistic addresses to ask from: a solicitation from such an address would
// have to name its link-layer address, and must not (RFC 4429 section 3.2).
func (n *Neighbours) instead(out machine.Iface, neighbour netip.Addr) *entry {
	if !n.cfg.Optimistic || !neighbour.Is6() {
		return nil
	}
	src, ok := n.s.SourceFor(out, neighbour)
	if !ok || n.s.Address(src).State != ip.Optimistic {
		return nil
	}
	for _, h := range n.learnt {
		if h.route.Iface != out || !h.route.Gateway.IsValid() {
			continue
		}
		if e := n.entries[key{out, h.route.Gateway}]; e != nil && e.state != Incomplete {
			return e
		}
	}
	return nil
}

func (n *Neighbours) transmit(now vtime.Time, e *entry, p *packet.Buf) {
	e.used = now
	n.beforeUse(now, e)
	etherType := uint16(wire.EtherTypeIPv4)
	if p.Bytes()[0]>>4 == 6 { // the packet's family: an IPv4 neighbour carries IPv4 only, but be exact
		etherType = wire.EtherTypeIPv6
	}
	n.s.Frame(e.iface, e.mac, etherType, p)
}

func (n *Neighbours) entry(now vtime.Time, iface machine.Iface, a netip.Addr) *entry {
	n.sweep(now)
	e := &entry{key: key{iface, a}, used: now}
	e.timer = n.s.Timers.New(func(now vtime.Time) { n.fire(now, e) })
	n.entries[e.key] = e
	n.order = append(n.order, e)
	return e
}

// sweep makes room: it removes who has not been spoken to for long, and if that is not
// enough who has waited longest.
func (n *Neighbours) sweep(now vtime.Time) {
	if now >= n.swept.Add(sweepInterval) {
		n.swept = now
		n.drop(trace.Unreachable, func(e *entry) bool {
			return e.state != Incomplete && !e.timer.Armed() && now >= e.used.Add(staleLifetime)
		})
	}
	if len(n.order) < cacheLimit {
		return
	}
	oldest := n.order[0]
	for _, e := range n.order {
		if e.used < oldest.used {
			oldest = e
		}
	}
	n.drop(trace.Unreachable, func(e *entry) bool { return e == oldest })
}

// drop removes entries; packets that waited for them end for the reason.
func (n *Neighbours) drop(why trace.Reason, match func(*entry) bool) {
	kept := n.order[:0]
	for _, e := range n.order {
		if !match(e) {
			kept = append(kept, e)
			continue
		}
		e.timer.Stop()
		delete(n.entries, e.key)
		for _, p := range e.queue {
			n.s.Out.Drop(p, why)
		}
		e.queue = nil
	}
	clear(n.order[len(kept):])
	n.order = kept
}

// Learn records the link-layer address that a neighbour has told without being asked, and
// sends what waited for it. Nothing shows yet that the neighbour hears this node: the entry
// is stale, unless it was there with the same address (RFC 4861 sections 6.3.4 and 7.2.3).
func (n *Neighbours) Learn(now vtime.Time, iface machine.Iface, a netip.Addr, mac wire.MAC) {
	e := n.entries[key{iface, a}]
	if e == nil {
		e = n.entry(now, iface, a)
	}
	if e.state != Incomplete && e.mac == mac {
		return
	}
	e.mac = mac
	n.become(now, e, Stale)
	n.flush(now, e)
}

// flush sends what waited for a neighbour.
func (n *Neighbours) flush(now vtime.Time, e *entry) {
	queue := e.queue
	e.queue = nil
	for _, p := range queue {
		n.transmit(now, e, p)
	}
}

// setRouter notes whether a neighbour, if it is known, forwards packets. One that does no
// longer is no default router either (RFC 4861 section 7.2.5).
func (n *Neighbours) setRouter(iface machine.Iface, a netip.Addr, router bool) {
	e := n.entries[key{iface, a}]
	if e == nil {
		return
	}
	if e.router && !router {
		n.release(ip.Route{Prefix: anyIPv6, Iface: iface, Gateway: a, Learnt: true})
	}
	e.router = router
}

// Known returns the link-layer address of a neighbour if it is in the cache.
func (n *Neighbours) Known(iface machine.Iface, a netip.Addr) (wire.MAC, bool) {
	e := n.entries[key{iface, a}]
	if e == nil || e.state == Incomplete {
		return wire.MAC{}, false
	}
	return e.mac, true
}

// Forget removes a neighbour from the cache. Packets that waited for it are unreachable.
func (n *Neighbours) Forget(iface machine.Iface, a netip.Addr) {
	n.drop(trace.Unreachable, func(e *entry) bool { return e.key == key{iface, a} })
}

// Len returns how many neighbours are in the cache.
func (n *Neighbours) Len() int { return len(n.order) }

// HeardSolicitation takes note at a router of who asks for routers: the neighbour is a host,
// and where it says so with a link-layer address, is known (RFC 4861 section 6.2.6).
func (n *Neighbours) HeardSolicitation(now vtime.Time, iface machine.Iface, from netip.Addr, mac wire.MAC) {
	if from.IsUnspecified() {
		return
	}
	if mac != (wire.MAC{}) {
		n.Learn(now, iface, from, mac)
	}
	n.setRouter(iface, from, false)
}
