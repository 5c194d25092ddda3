package ip

import (
	"net/netip"

	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

func (s *Stack) forward6(now vtime.Time, in machine.Iface, p *packet.Buf, h wire.IPv6, src, dst netip.Addr) {
	if s.Diverter != nil && s.Diverter.DivertForward(now, in, p, src, dst) {
		return
	}
	switch {
	case !s.Forwarding:
		s.Out.Drop(p, trace.NotForUs)
		return
	case src.IsUnspecified() || src.IsLinkLocalUnicast() || dst.IsLinkLocalUnicast() || dst.IsLoopback() || src.Is4In6() || dst.Is4In6():
		s.Out.Drop(p, trace.BadSource) // RFC 4291 sections 2.5.2 and 2.5.6
		return
	}
	if !s.hop6(now, p, h) {
		return
	}
	r := s.route(dst)
	if r == nil {
		s.Reject(now, p, trace.NoRoute, wire.ICMPv6DestinationUnreachable, wire.ICMPv6CodeNoRoute, 0)
		return
	}
	s.transmit(now, r, dst, p)
}

// hop6 takes one hop from the packet, or ends it.
func (s *Stack) hop6(now vtime.Time, p *packet.Buf, h wire.IPv6) bool {
	n := h.HopLimit()
	if n <= 1 {
		s.Reject(now, p, trace.HopLimit, wire.ICMPv6TimeExceeded, wire.ICMPv6CodeHopLimit, 0)
		return false
	}
	h.SetHopLimit(n - 1)
	return true
}

func (s *Stack) forward4(now vtime.Time, in machine.Iface, p *packet.Buf, h wire.IPv4, src, dst netip.Addr) {
	if s.Diverter != nil && s.Diverter.DivertForward(now, in, p, src, dst) {
		return
	}
	switch {
	case !s.Forwarding:
		s.Out.Drop(p, trace.NotForUs)
		return
	case src.IsUnspecified() || dst.IsMulticast() || dst == broadcast4:
		s.Out.Drop(p, trace.BadSource)
		return
	}
	if !s.hop4(now, p, h) {
		return
	}
	r := s.route(dst)
	if r == nil {
		s.Reject(now, p, trace.NoRoute, wire.ICMPv4DestinationUnreachable, wire.ICMPv4CodeNetUnreachable, 0)
		return
	}
	s.transmit(now, r, dst, p)
}

func (s *Stack) hop4(now vtime.Time, p *packet.Buf, h wire.IPv4) bool {
	if h.TTL() <= 1 {
		s.Reject(now, p, trace.HopLimit, wire.ICMPv4TimeExceeded, 0, 0)
		return false
	}
	h.DecrementTTL()
	return true
}

// Hop takes one hop from the packet, as a router does that puts it into a tunnel
// (RFC 2473 section 3.1, RFC 2003 section 3.1), or ends it and reports false.
func (s *Stack) Hop(now vtime.Time, p *packet.Buf) bool {
	if b := p.Bytes(); b[0]>>4 == 6 {
		return s.hop6(now, p, wire.IPv6(b))
	}
	return s.hop4(now, p, wire.IPv4(p.Bytes()))
}

// transmit sends an IP packet along a route, if it fits.
func (s *Stack) transmit(now vtime.Time, r *Route, dst netip.Addr, p *packet.Buf) {
	if r.Iface < 0 {
		s.Out.Drop(p, trace.NoRoute)
		return
	}
	ifc := &s.ifaces[r.Iface]
	if p.Len() > ifc.MTU {
		s.tooBig(now, p, ifc.MTU)
		return
	}
	if !ifc.Ethernet {
		s.Out.Send(r.Iface, p)
		return
	}
	next := dst
	if r.Gateway.IsValid() {
		next = r.Gateway
	}
	s.Resolver.Resolve(now, r.Iface, next, p)
}

func (s *Stack) tooBig(now vtime.Time, p *packet.Buf, mtu int) {
	if p.Bytes()[0]>>4 == 6 {
		s.Reject(now, p, trace.TooBig, wire.ICMPv6PacketTooBig, 0, uint32(mtu))
		return
	}
	s.Reject(now, p, trace.TooBig, wire.ICMPv4DestinationUnreachable, wire.ICMPv4CodeFragmentationNeeded, uint32(mtu))
}
