// Package mip is what mobile nodes, home agents and correspondent nodes share: constants,
// sequence numbers, the composition of mobility messages, bindings and tunnels of Mobile
// IPv6 (RFC 6275) with the IPv4 extensions of draft-soliman-v4v6-mipv6-00.
package mip

import (
	"net/netip"
	"time"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// Protocol constants of RFC 6275 sections 12 and 13.
const (
	InitialBindackTimeout         = time.Second
	InitialBindackTimeoutFirstReg = 1500 * time.Millisecond // 1.5 x RetransTimer x DupAddrDetectTransmits: leaves the home agent time for DAD
	MaxBindackTimeout             = 32 * time.Second
	MaxDeleteBCETimeout           = 10 * time.Second
)

// RefreshPercent is the part of a granted lifetime after which a mobile node registers anew.
const RefreshPercent = 80

// Newer reports whether sequence number a comes after b modulo 2^16 (RFC 6275 section 9.5.1).
func Newer(a, b uint16) bool {
	d := a - b
	return d != 0 && d < 1<<15
}

// Mapped returns the IPv4-mapped form of an IPv4 address (RFC 4291 section 2.5.5.2).
func Mapped(a netip.Addr) netip.Addr { return netip.AddrFrom16(a.As16()) }

// IsPrivate reports whether an IPv4 address is not globally reachable: RFC 1918, the shared
// space of RFC 6598 and link-local.
func IsPrivate(a netip.Addr) bool {
	return a.IsPrivate() || a.IsLinkLocalUnicast() || shared.Contains(a)
}

var shared = netip.MustParsePrefix("100.64.0.0/10")

// IsCareOf reports whether an IPv6 address may be a care-of address: unicast and routable.
func IsCareOf(a netip.Addr) bool {
	return a.Is6() && !a.Is4In6() && a.IsGlobalUnicast()
}

// Encapsulate puts the packet into a tunnel from src to dst, which are of the same family;
// the payload may be of either (RFC 2473, RFC 2003, RFC 4213). The traffic class or type of
// service is copied to the outer header.
func Encapsulate(s *ip.Stack, p *packet.Buf, src, dst netip.Addr) {
	protocol, class := uint8(wire.ProtoIPv4), uint8(0)
	if b := p.Bytes(); b[0]>>4 == 6 {
		protocol, class = wire.ProtoIPv6, wire.IPv6(b).TrafficClass()
	} else {
		class = wire.IPv4(b).TOS()
	}
	if dst.Is4() {
		s.Push4(p, src, dst, protocol, class, ip.DefaultHopLimit)
		p.CountOverhead(wire.IPv4HeaderLen)
		return
	}
	s.Push6(p, src, dst, protocol, class, ip.DefaultHopLimit)
	p.CountOverhead(wire.IPv6HeaderLen)
}

// Receive parses the Mobility Header of a packet for this node (RFC 6275 section 9.2). If
// the header is wrong it ends the packet as the rules demand and returns nil.
func Receive(s *ip.Stack, now vtime.Time, p *packet.Buf, in ip.Info) wire.Mobility {
	m, err := wire.ParseMobility(p.Bytes()[in.Offset:], in.Source, in.Destination)
	switch err {
	case nil:
		return m
	case wire.ErrMobilityChecksum:
		s.Out.Drop(p, trace.BadChecksum)
	case wire.ErrMobilityType:
		SendBindingError(s, now, in, wire.BindingErrorUnknownType)
		s.Out.Drop(p, trace.MobilityRejected)
	case wire.ErrMobilityProto, wire.ErrMobilityLength:
		pointer := uint32(in.Offset + err.(*wire.Error).Pointer)
		s.Reject(now, p, trace.Malformed, wire.ICMPv6ParameterProblem, wire.ICMPv6CodeHeaderField, pointer)
	default:
		s.Out.Drop(p, trace.Malformed)
	}
	return nil
}

// SendBindingError answers an offending packet (RFC 6275 section 9.3.3). It goes to the
// source address on the wire.
func SendBindingError(s *ip.Stack, now vtime.Time, in ip.Info, status wire.BindingErrorStatus) {
	if in.WireSource.IsMulticast() || in.WireSource.IsUnspecified() || in.WireSource.Is4In6() {
		return
	}
	home := in.HomeAddress
	if !home.IsValid() {
		home = netip.IPv6Unspecified()
	}
	p := s.Compose(func(b []byte) []byte {
		b = wire.AppendBindingError(b, status, home)
		wire.SetMobilityChecksum(b, in.WireDest, in.WireSource)
		return b
	})
	s.Push6(p, in.WireDest, in.WireSource, wire.ProtoMobility, 0, ip.DefaultHopLimit)
	s.Originate(now, p, in.WireSource)
}
