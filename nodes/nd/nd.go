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
	RetransTimer         = time.Second      // RETRANS_TIMER of RFC 4861 section 10, also between ARP requests
	MaxMulticastSolicit  = 3                // MAX_MULTICAST_SOLICIT, attempts of address resolution
	ReachableTime        = 30 * time.Second // REACHABLE_TIME
	DelayFirstProbe      = 5 * time.Second  // DELAY_FIRST_PROBE_TIME
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

	cfg    Config
	links  []link
	learnt []*learnt
	swept  vtime.Time // when old entries were last looked for

	// RetransTimer is the time between solicitations, and after the last one of duplicate
	// address detection; the one of the Config unless somebody sets it.
	RetransTimer time.Duration

	// OnAdvertisement hears of every valid Router Advertisement. It may be nil.
	OnAdvertisement func(now vtime.Time, a Advertisement)

	// OnNoRouter hears that no router has answered any solicitation on an interface
	// (RFC 4861 section 6.3.7). It may be nil.
	OnNoRouter func(now vtime.Time, out machine.Iface)

	// OnUnreachable hears of a neighbour that does not answer: its link-layer address could not
	// be found, or it was asked whether it is still there (RFC 4861 section 7.3.3). It may be nil.
	OnUnreachable func(now vtime.Time, iface machine.Iface, a netip.Addr)

	// OnInvalid hears that the lifetime of an address from Autoconfigure has ended, which has
	// been removed. It may be nil.
	OnInvalid func(now vtime.Time, iface machine.Iface, a netip.Addr)

	// OnARP hears of every valid ARP packet before it is acted upon. It may be nil.
	OnARP func(now vtime.Time, in machine.Iface, a wire.ARP)
}

// Proxy says for which address of somebody else this node answers, and where.
type Proxy struct {
	Iface  machine.Iface
	Source netip.Addr // source of its Neighbor Advertisements
}

// New attaches neighbour discovery to a stack.
func New(s *ip.Stack) *Neighbours {
	n := &Neighbours{s: s, entries: map[key]*entry{}, proxies: map[netip.Addr]Proxy{}, solicit: make([]solicitation, s.Interfaces()), links: make([]link, s.Interfaces())}
	n.Configure(Defaults())
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

// linkChanged drops everything that was learnt on a link when it goes down.
func (n *Neighbours) linkChanged(_ vtime.Time, e machine.LinkEvent) {
	if e.Up {
		return
	}
	n.drop(trace.Detached, func(o *entry) bool { return o.iface == e.Iface })
	for i := len(n.probes) - 1; i >= 0; i-- {
		if n.probes[i].iface == e.Iface {
			n.remove(n.probes[i])
		}
	}
	n.dropVerifications(func(v *verification) bool { return v.iface == e.Iface })
	n.StopSoliciting(e.Iface)
	n.reset(e.Iface)
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
