// Package nd finds neighbours: Neighbor Discovery (RFC 4861) with duplicate address
// detection (RFC 4862) for IPv6 and ARP (RFC 826) for IPv4, over one neighbour cache; the
// host's side of router discovery; and the proxying with which a home agent defends the
// home addresses of nodes that are away (RFC 6275 section 10.4.1).
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

// Protocol constants.
const (
	RetransTimer         = time.Second // RETRANS_TIMER of RFC 4861 section 10, also between ARP requests
	MaxMulticastSolicit  = 3           // MAX_MULTICAST_SOLICIT, attempts of address resolution
	RtrSolicitInterval   = 4 * time.Second
	MaxRtrSolicitations  = 3
	RtrSolicitDelay      = time.Second // MAX_RTR_SOLICITATION_DELAY, also from the last solicitation to the conclusion that there is no router
	DupAddrTransmits     = 1           // DupAddrDetectTransmits of RFC 4862 section 5.1
	discoveryHopLimit    = 255         // proves that a message was not forwarded (RFC 4861 section 11.2)
	resolutionQueueLimit = 64          // packets that wait for one neighbour; RFC 4861 section 7.2.2 asks for one at least
)

// Neighbours is the neighbour discovery of one node. It implements ip.Resolver.
type Neighbours struct {
	s       *ip.Stack
	entries map[key]*entry
	order   []*entry // the same, in order of creation
	probes  []*probe
	proxies map[netip.Addr]Proxy
	solicit []solicitation

	verifying []*verification

	// RetransTimer is the time between solicitations, and after the last one of duplicate
	// address detection; the constant of that name unless somebody sets it.
	RetransTimer time.Duration

	// OnAdvertisement hears of every valid Router Advertisement. It may be nil.
	OnAdvertisement func(now vtime.Time, a Advertisement)

	// OnNoRouter hears that no router has answered any solicitation on an interface
	// (RFC 4861 section 6.3.7). It may be nil.
	OnNoRouter func(now vtime.Time, out machine.Iface)

	// OnARP hears of every valid ARP packet before it is acted upon. It may be nil.
	OnARP func(now vtime.Time, in machine.Iface, a wire.ARP)
}

type key struct {
	iface machine.Iface
	addr  netip.Addr
}

// entry is a neighbour. Without a MAC its resolution is under way.
type entry struct {
	key
	mac      wire.MAC
	complete bool
	tries    int
	queue    []*packet.Buf
	timer    *machine.Timer
}

// Proxy says for which address of somebody else this node answers, and where.
type Proxy struct {
	Iface  machine.Iface
	Source netip.Addr // source of its Neighbor Advertisements
}

// New attaches neighbour discovery to a stack.
func New(s *ip.Stack) *Neighbours {
	n := &Neighbours{s: s, entries: map[key]*entry{}, proxies: map[netip.Addr]Proxy{}, solicit: make([]solicitation, s.Interfaces()), RetransTimer: RetransTimer}
	for i := range n.solicit {
		i := machine.Iface(i)
		n.solicit[i].timer = s.Timers.New(func(now vtime.Time) { n.sendSolicitation(now, i) })
	}
	s.Resolver = n
	s.HandleICMPv6(wire.ICMPv6NeighborSolicitation, n.handle(n.handleSolicitation))
	s.HandleICMPv6(wire.ICMPv6NeighborAdvertisement, n.handle(n.handleAdvertisement))
	s.HandleICMPv6(wire.ICMPv6RouterAdvertisement, n.handle(n.handleRouterAdvertisement))
	s.HandleICMPv6(wire.ICMPv6Redirect, func(_ vtime.Time, p *packet.Buf, _ ip.Info) { s.Out.Absorb(p) })
	s.OnLink(n.linkChanged)
	s.OnEnd(n.end)
	return n
}

// handle wraps a handler with the checks that all messages share (RFC 4861 sections 6.1
// and 7.1) and ends the packet afterwards. What came out of a tunnel has not come from a
// neighbour on the link, whatever its hop limit.
func (n *Neighbours) handle(h func(vtime.Time, wire.ICMPv6, ip.Info) bool) ip.Handler {
	return func(now vtime.Time, p *packet.Buf, in ip.Info) {
		if in.HopLimit != discoveryHopLimit || in.In < 0 || in.Tunnel.IsValid() || !h(now, wire.ICMPv6(p.Bytes()[in.Offset:]), in) {
			n.s.Out.Drop(p, trace.Malformed)
			return
		}
		n.s.Out.Absorb(p)
	}
}

// Resolve implements ip.Resolver.
func (n *Neighbours) Resolve(now vtime.Time, out machine.Iface, neighbour netip.Addr, p *packet.Buf) {
	e := n.entries[key{out, neighbour}]
	if e != nil && e.complete {
		n.transmit(e, p)
		return
	}
	if e == nil {
		e = n.entry(out, neighbour)
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

func (n *Neighbours) transmit(e *entry, p *packet.Buf) {
	etherType := uint16(wire.EtherTypeIPv4)
	if p.Bytes()[0]>>4 == 6 { // the packet's family: an IPv4 neighbour carries IPv4 only, but be exact
		etherType = wire.EtherTypeIPv6
	}
	n.s.Frame(e.iface, e.mac, etherType, p)
}

func (n *Neighbours) entry(iface machine.Iface, a netip.Addr) *entry {
	e := &entry{key: key{iface, a}}
	e.timer = n.s.Timers.New(func(now vtime.Time) { n.ask(now, e) })
	n.entries[e.key] = e
	n.order = append(n.order, e)
	return e
}

// ask sends the next request of an address resolution, or gives up.
func (n *Neighbours) ask(now vtime.Time, e *entry) {
	if e.tries == MaxMulticastSolicit {
		n.giveUp(now, e)
		return
	}
	e.tries++
	if e.addr.Is4() {
		n.arpRequest(e.iface, e.addr)
	} else {
		n.sendNeighborSolicitation(e)
	}
	ip.After(e.timer, now, n.RetransTimer)
}

func (n *Neighbours) giveUp(now vtime.Time, e *entry) {
	queue := e.queue
	e.queue = nil
	n.Forget(e.iface, e.addr)
	n.s.Out.Note(trace.Note{Kind: trace.ResolutionFailed, Home: e.addr})
	for _, p := range queue {
		if p.Bytes()[0]>>4 == 6 {
			n.s.Reject(now, p, trace.Unreachable, wire.ICMPv6DestinationUnreachable, wire.ICMPv6CodeAddressUnreachable, 0)
		} else {
			n.s.Reject(now, p, trace.Unreachable, wire.ICMPv4DestinationUnreachable, wire.ICMPv4CodeHostUnreachable, 0)
		}
	}
}

// Learn records a neighbour's link-layer address and sends what waited for it.
func (n *Neighbours) Learn(iface machine.Iface, a netip.Addr, mac wire.MAC) {
	e := n.entries[key{iface, a}]
	if e == nil {
		e = n.entry(iface, a)
	}
	e.mac, e.complete = mac, true
	e.timer.Stop()
	queue := e.queue
	e.queue = nil
	for _, p := range queue {
		n.transmit(e, p)
	}
}

// Known returns the link-layer address of a neighbour if it is in the cache.
func (n *Neighbours) Known(iface machine.Iface, a netip.Addr) (wire.MAC, bool) {
	e := n.entries[key{iface, a}]
	if e == nil || !e.complete {
		return wire.MAC{}, false
	}
	return e.mac, true
}

// Forget removes a neighbour from the cache. Packets that waited for it are unreachable.
func (n *Neighbours) Forget(iface machine.Iface, a netip.Addr) {
	e := n.entries[key{iface, a}]
	if e == nil {
		return
	}
	for _, p := range e.queue {
		n.s.Out.Drop(p, trace.Unreachable)
	}
	e.queue = nil
	e.timer.Stop()
	delete(n.entries, e.key)
	for i, o := range n.order {
		if o == e {
			n.order = append(n.order[:i], n.order[i+1:]...)
			break
		}
	}
}

// Len returns how many neighbours are in the cache.
func (n *Neighbours) Len() int { return len(n.order) }

// linkChanged drops everything that was learnt on a link when it goes down.
func (n *Neighbours) linkChanged(_ vtime.Time, e machine.LinkEvent) {
	if e.Up {
		return
	}
	kept := n.order[:0]
	for _, o := range n.order {
		if o.iface != e.Iface {
			kept = append(kept, o)
			continue
		}
		o.timer.Stop()
		delete(n.entries, o.key)
		for _, p := range o.queue {
			n.s.Out.Drop(p, trace.Detached)
		}
	}
	clear(n.order[len(kept):])
	n.order = kept
	for i := len(n.probes) - 1; i >= 0; i-- {
		if n.probes[i].iface == e.Iface {
			n.remove(n.probes[i])
		}
	}
	n.dropVerifications(func(v *verification) bool { return v.iface == e.Iface })
	n.StopSoliciting(e.Iface)
	n.s.RemoveRoutes(func(r ip.Route) bool { return r.Iface == e.Iface && r.Learnt })
}

// end hands out what still waits for address resolution when the run is over.
func (n *Neighbours) end(take func(*packet.Buf)) {
	for _, e := range n.order {
		for _, p := range e.queue {
			take(p)
		}
		e.queue = nil
	}
}
