package ip

import (
	"errors"
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
	case bound6(src) || bound6(dst):
		s.Out.Drop(p, trace.BadSource)
		return
	}
	if h.NextHeader() == wire.ProtoHopByHop && !s.hopByHop(now, p, h) {
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

// bound6 reports whether packets from or to the address must not be forwarded (RFC 4291
// sections 2.5.2, 2.5.3, 2.5.5 and 2.5.6).
func bound6(a netip.Addr) bool {
	return a.IsUnspecified() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.Is4In6()
}

// bound4 is bound6 for IPv4 (RFC 1122 section 3.2.1.3, RFC 3927 section 2.7).
func bound4(a netip.Addr) bool {
	return a.IsUnspecified() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsMulticast() || a == broadcast4
}

// hopByHop looks at the one extension header that every router examines (RFC 2460 section
// 4), or ends the packet.
func (s *Stack) hopByHop(now vtime.Time, p *packet.Buf, h wire.IPv6) bool {
	o, err := wire.ParseHopByHop(h.Payload())
	if err != nil {
		at := wire.IPv6HeaderLen
		if e := (*wire.Error)(nil); errors.As(err, &e) {
			at += e.Pointer
		}
		s.Reject(now, p, trace.Malformed, wire.ICMPv6ParameterProblem, wire.ICMPv6CodeHeaderField, uint32(at))
		return false
	}
	if at, action := o.FirstUnknown(); action != wire.OptionSkip {
		s.refuseOption(now, p, wire.IPv6HeaderLen+at, action)
		return false
	}
	return true
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
	case bound4(src) || bound4(dst):
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

// transmit sends an IP packet along a route, if it fits. A router fragments what is too big
// only in IPv4, and only if the source lets it (RFC 2460 section 5, RFC 791 section 2.3).
func (s *Stack) transmit(now vtime.Time, r *Route, dst netip.Addr, p *packet.Buf) {
	if r.Iface < 0 {
		s.Out.Drop(p, trace.NoRoute)
		return
	}
	ifc := &s.ifaces[r.Iface]
	version := p.Bytes()[0] >> 4
	if version == 6 && ifc.NoIPv6 {
		s.Out.Drop(p, trace.Disabled)
		return
	}
	if mtu := ifc.limit(version); p.Len() > mtu {
		if version == 4 {
			s.sendInPieces(now, r, dst, p, mtu)
		} else {
			s.RejectTooBig(now, p, mtu)
		}
		return
	}
	if !ifc.Ethernet && ifc.Carry == nil {
		s.Out.Send(r.Iface, p)
		return
	}
	if ifc.Carry == nil && (dst.IsMulticast() || dst == broadcast4 || s.isDirectedBroadcast(r.Iface, dst)) {
		s.Multicast(r.Iface, dst, p) // no address resolution (RFC 4861 section 7.2, RFC 1122 section 3.3.6)
		return
	}
	next := dst
	if r.Gateway.IsValid() {
		next = r.Gateway
	}
	if ifc.Carry != nil {
		ifc.Carry(now, next, p)
		return
	}
	s.Resolver.Resolve(now, r.Iface, next, p)
}

// RejectTooBig drops a packet and tells its source the largest one that would have passed.
func (s *Stack) RejectTooBig(now vtime.Time, p *packet.Buf, mtu int) {
	if p.Bytes()[0]>>4 == 6 {
		s.Reject(now, p, trace.TooBig, wire.ICMPv6PacketTooBig, 0, uint32(mtu))
		return
	}
	s.Reject(now, p, trace.TooBig, wire.ICMPv4DestinationUnreachable, wire.ICMPv4CodeFragmentationNeeded, uint32(mtu))
}
