package mip

import (
	"net/netip"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
)

// Routable reports whether route optimization may carry an IPv6 packet that a node
// originates: not Mobility Header messages and not Neighbor Discovery, which go where they
// are addressed to (RFC 6275 sections 6.1 and 9.3.2). A packet that has extension headers
// already stays as it is, too.
func Routable(p *packet.Buf) bool {
	h := wire.IPv6(p.Bytes())
	switch h.NextHeader() {
	case wire.ProtoMobility, wire.ProtoHopByHop, wire.ProtoRouting, wire.ProtoDestOpts:
		return false
	case wire.ProtoICMPv6:
		t := p.Bytes()[wire.IPv6HeaderLen:]
		return len(t) > 0 && (t[0] < wire.ICMPv6RouterSolicitation || t[0] > wire.ICMPv6Redirect)
	}
	return true
}

// RouteToMobile sends an IPv6 packet for a home address to its care-of address, with a type
// 2 routing header (RFC 6275 section 9.3.2). Checksums cover the home address and stand.
func RouteToMobile(s *ip.Stack, p *packet.Buf, careOf netip.Addr) {
	h := wire.IPv6(p.Bytes())
	src, home, next, class, hops := h.Source(), h.Destination(), h.NextHeader(), h.TrafficClass(), h.HopLimit()
	p.TrimFront(wire.IPv6HeaderLen)
	wire.PutRouting2(p.Prepend(wire.Routing2Len), next, home)
	s.Push6(p, src, careOf, wire.ProtoRouting, class, hops)
	p.CountOverhead(wire.Routing2Len)
}

// RouteFromMobile sends an IPv6 packet from a home address with the care-of address as
// source and the home address in an option (RFC 6275 section 11.3.1).
func RouteFromMobile(s *ip.Stack, p *packet.Buf, careOf netip.Addr) {
	h := wire.IPv6(p.Bytes())
	home, dst, next, class, hops := h.Source(), h.Destination(), h.NextHeader(), h.TrafficClass(), h.HopLimit()
	p.TrimFront(wire.IPv6HeaderLen)
	wire.PutDestOptsHomeAddress(p.Prepend(wire.DestOptsHomeAddressLen), next, home)
	s.Push6(p, careOf, dst, wire.ProtoDestOpts, class, hops)
	p.CountOverhead(wire.DestOptsHomeAddressLen)
}
