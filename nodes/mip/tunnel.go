package mip

import (
	"math"
	"net/netip"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// MTU of tunnels that carry IPv6 over IPv4 (RFC 4213 section 3.2).
const (
	StaticTunnelMTU = wire.IPv6MinimumMTU // the default (section 3.2.1)
	DynamicMTU      = -1                  // the MTU follows the IPv4 path MTU (section 3.2.2)
)

// Tunnel is the entry point of a tunnel between a care-of address and a home agent, which
// carries both families (RFC 2473, RFC 2003, RFC 4213). It has no state of its own: the
// path MTU to the other end is what the stack has learnt about that address, and is
// forgotten there when the care-of address changes.
type Tunnel struct {
	Stack     *ip.Stack
	Local     netip.Addr // this end, of the same family as the other one
	Remote    netip.Addr
	SixInFour int // MTU for IPv6 over IPv4: 1280 to 1480, 0 for StaticTunnelMTU, or DynamicMTU

	Protection *Protection // nil for none
}

// MTU returns the largest packet of a family that fits into the tunnel without
// fragmentation, less than the 1280 octets of IPv6 where the path is narrow.
func (t Tunnel) MTU(now vtime.Time, payload6 bool) int {
	if payload6 && t.Remote.Is4() && t.SixInFour != DynamicMTU {
		return max(t.SixInFour, StaticTunnelMTU)
	}
	room := t.Stack.PathMTU(now, t.Remote) - t.overhead()
	if t.Protection == nil || t.Protection.Payload == nil {
		return room
	}
	n := room - t.Protection.Payload.Overhead(room)
	for n+1+t.Protection.Payload.Overhead(n+1) <= room { // padding differs from length to length
		n++
	}
	return n
}

// Largest returns the largest packet of a family that enters the tunnel whole and leaves the
// node as one outer packet or, where the family asks for it, as few as can be: IPv6 is owed
// its 1280 octets.
func (t Tunnel) Largest(now vtime.Time, payload6 bool) int {
	if payload6 {
		return max(t.MTU(now, true), wire.IPv6MinimumMTU)
	}
	return t.MTU(now, false)
}

func (t Tunnel) overhead() int {
	if t.Remote.Is4() {
		return wire.IPv4HeaderLen
	}
	return wire.IPv6HeaderLen
}

// limit returns the largest packet that may enter as it is. Beyond what fits the outer
// packet is then fragmented: for IPv6 because every link has to carry 1280 octets (RFC 2473
// section 7.1), for IPv4 in IPv6 because the source allows it (section 7.2).
func (t Tunnel) limit(now vtime.Time, b []byte) int {
	switch {
	case b[0]>>4 == 6:
		return max(t.MTU(now, true), wire.IPv6MinimumMTU)
	case t.Remote.Is6() && !wire.IPv4(b).DontFragment():
		return math.MaxInt
	}
	return t.MTU(now, false)
}

// Forward puts the packet of another node into the tunnel, as a router does (RFC 2473
// section 3.1, RFC 2003 section 3.1).
func (t Tunnel) Forward(now vtime.Time, p *packet.Buf) {
	s := t.Stack
	src, _, ok := ip.Endpoints(p.Bytes())
	if !ok || src == t.Remote || s.Address(src) != nil {
		s.Out.Drop(p, trace.BadSource) // it would come back (RFC 2003 section 3.2)
		return
	}
	if !s.Hop(now, p) {
		return
	}
	limit := t.limit(now, p.Bytes())
	if p.Len() <= limit {
		t.enter(now, p)
		return
	}
	if src.Is6() { // only its source may fragment it
		s.RejectTooBig(now, p, limit)
		return
	}
	t.enterInPieces(now, p, limit)
}

// Originate puts a packet of this node itself into the tunnel. The tunnel is no hop then,
// and what is too big for it is fragmented at once, where a router would have to ask for it.
func (t Tunnel) Originate(now vtime.Time, p *packet.Buf) {
	limit := t.limit(now, p.Bytes())
	if _, dst, ok := ip.Endpoints(p.Bytes()); ok {
		if beyond, learnt := t.Stack.LearntMTU(now, dst); learnt {
			limit = min(limit, beyond)
		}
	}
	if p.Len() <= limit {
		t.enter(now, p)
		return
	}
	t.enterInPieces(now, p, limit)
}

func (t Tunnel) enterInPieces(now vtime.Time, p *packet.Buf, limit int) {
	pieces := t.Stack.Split(p, limit)
	if pieces == nil {
		t.Stack.RejectTooBig(now, p, limit)
		return
	}
	for _, f := range pieces {
		t.enter(now, f)
	}
}

// enter encapsulates the packet and sends it. IPv6 over IPv4 may be fragmented on the way
// unless its MTU follows that of the path (RFC 4213 section 3.2.2).
func (t Tunnel) enter(now vtime.Time, p *packet.Buf) {
	df := t.SixInFour == DynamicMTU && t.Remote.Is4() && p.Bytes()[0]>>4 == 6 && t.MTU(now, true) >= wire.IPv6MinimumMTU
	if t.Protection != nil {
		if seal := t.Protection.For(p.Bytes()); seal != nil {
			t.enterSealed(now, p, seal)
			return
		}
	}
	Encapsulate(t.Stack, p, t.Local, t.Remote)
	if df {
		wire.IPv4(p.Bytes()).SetDontFragment(true)
	}
	t.Stack.Originate(now, p, t.Remote)
}

// Encapsulate puts an outer header from src to dst, which are of the same family, in front of
// a packet of either (RFC 2473, RFC 2003, RFC 4213). DSCP and ECN are copied (RFC 6040
// section 4.1, normal mode; the full functionality of RFC 3168 section 9.1), and in IPv4 so
// is DF (RFC 2003 section 3.1).
func Encapsulate(s *ip.Stack, p *packet.Buf, src, dst netip.Addr) {
	protocol, class, df := uint8(wire.ProtoIPv4), uint8(0), false
	if b := p.Bytes(); b[0]>>4 == 6 {
		protocol, class = wire.ProtoIPv6, wire.IPv6(b).TrafficClass()
	} else {
		class, df = wire.IPv4(b).TOS(), wire.IPv4(b).DontFragment()
	}
	if dst.Is4() {
		s.Push4(p, src, dst, protocol, class, ip.DefaultHopLimit)
		if df {
			wire.IPv4(p.Bytes()).SetDontFragment(true)
		}
		p.CountOverhead(wire.IPv4HeaderLen)
		return
	}
	s.Push6(p, src, dst, protocol, class, ip.DefaultHopLimit)
	p.CountOverhead(wire.IPv6HeaderLen)
}

// Decapsulate takes a packet out of the tunnel that it came through. A reason tells why it
// has to be dropped. Whether the tunnel may carry it is for the caller to judge.
func Decapsulate(p *packet.Buf, in ip.Info) (src, dst netip.Addr, why trace.Reason) {
	p.TrimFront(in.Offset)
	src, dst, ok := ip.Endpoints(p.Bytes())
	if !ok || src.Is4() != (in.Protocol == wire.ProtoIPv4) {
		return src, dst, trace.Malformed
	}
	return src, dst, carryECN(p.Bytes(), in.Class)
}

// Values of the ECN field (RFC 3168 section 5).
const (
	ecnMask   = 3
	ecnNotECT = 0
	ecnECT1   = 1
	ecnECT0   = 2
	ecnCE     = 3
)

// carryECN carries what routers inside the tunnel have marked into the packet that leaves
// it (RFC 6040 section 4.2). The DSCP inside stays.
func carryECN(b []byte, outer uint8) trace.Reason {
	v6 := b[0]>>4 == 6
	class := uint8(0)
	if v6 {
		class = wire.IPv6(b).TrafficClass()
	} else {
		class = wire.IPv4(b).TOS()
	}
	mark, inner := outer&ecnMask, class&ecnMask
	switch {
	case inner == ecnNotECT && mark == ecnCE:
		return trace.CongestionMarked
	case inner == ecnNotECT || mark == inner:
		return 0
	case mark == ecnCE, mark == ecnECT1 && inner == ecnECT0:
		class = class&^ecnMask | mark
	}
	if v6 {
		wire.IPv6(b).SetTrafficClass(class)
	} else {
		wire.IPv4(b).SetTOS(class)
	}
	return 0
}

// enterSealed puts the packet into ESP in tunnel mode (RFC 4303 section 3.1.2).
func (t Tunnel) enterSealed(now vtime.Time, p *packet.Buf, seal Sealer) {
	protocol, class := uint8(wire.ProtoIPv4), uint8(0)
	if b := p.Bytes(); b[0]>>4 == 6 {
		protocol, class = wire.ProtoIPv6, wire.IPv6(b).TrafficClass()
	} else {
		class = wire.IPv4(b).TOS()
	}
	seal.Seal(p, protocol)
	p.CountOverhead(t.overhead())
	if t.Remote.Is4() {
		t.Stack.Push4(p, t.Local, t.Remote, wire.ProtoESP, class, ip.DefaultHopLimit)
	} else {
		t.Stack.Push6(p, t.Local, t.Remote, wire.ProtoESP, class, ip.DefaultHopLimit)
	}
	t.Stack.Originate(now, p, t.Remote)
}
