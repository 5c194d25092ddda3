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
	MaxUpdateRate                 = 3 // messages of a type within a second to one node
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

// CheckHomeAddress judges a Home Address option at a node without bindings (RFC 6275
// sections 6.3 and 9.3.1): the address must be unicast and routable, and only messages that
// are to be authenticated may name it. Other packets are answered by a Binding Error.
func CheckHomeAddress(s *ip.Stack, now vtime.Time, in *ip.Info) trace.Reason {
	switch {
	case !IsCareOf(in.HomeAddress):
		return trace.HomeAddressOption
	case in.Protocol == wire.ProtoESP || in.Protocol == wire.ProtoMobility:
		return 0
	}
	SendBindingError(s, now, *in, wire.BindingErrorUnknownBinding)
	return trace.HomeAddressOption
}

// RefuseHome answers a home registration at a node that is no home agent with status 131
// (RFC 6275 section 10.3.1), and reports whether the Binding Update is one.
func RefuseHome(s *ip.Stack, now vtime.Time, u wire.BindingUpdate, in ip.Info) bool {
	_, nonces := u.NonceIndices()
	if !u.Has(wire.BUHomeRegistration) || nonces || !IsCareOf(in.Source) || !IsCareOf(in.WireSource) || !IsCareOf(in.WireDest) {
		return false
	}
	p := Compose(s, Envelope{Source: in.WireDest, Destination: in.WireSource, RoutingHome: in.HomeAddress}, func(b []byte) []byte {
		return wire.AppendBindingAcknowledgement(b, wire.BindingAcknowledgementFields{
			Status: wire.BindingHomeNotSupported, Sequence: u.Sequence(),
		}, wire.IPv4Layout{})
	})
	s.Output(now, p)
	return true
}

// SendBindingError answers an offending packet (RFC 6275 section 9.3.3). It goes to the
// source address on the wire, from where the packet was sent to unless that was a group or
// an IPv4-mapped address, from which only Binding Updates are sent. From or to a home
// address it takes the tunnel, as everything does. It shares the limit on ICMPv6 errors.
func SendBindingError(s *ip.Stack, now vtime.Time, in ip.Info, status wire.BindingErrorStatus) {
	for _, a := range [...]netip.Addr{in.WireSource, in.WireDest} {
		if a.IsMulticast() || a.IsUnspecified() || a.Is4In6() {
			return
		}
	}
	if !s.MayReport(now) {
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
	s.Output(now, p)
}
