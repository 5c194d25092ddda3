package mip

import (
	"net/netip"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
)

// Sealer puts ESP around a packet that starts at its payload. A nil Sealer sends in the clear.
type Sealer interface {
	Seal(p *packet.Buf, nextHeader uint8)
	// Overhead is how many octets that adds to a payload of n octets.
	Overhead(n int) int
}

// Envelope says how a mobility message travels between a mobile node and another node.
type Envelope struct {
	Source      netip.Addr // of the IPv6 header
	Destination netip.Addr
	HomeAddress netip.Addr // in a Home Address option, for a Binding Update from away
	RoutingHome netip.Addr // in a type 2 routing header, for an answer to one
	OuterSource netip.Addr // IPv4 tunnel around it all; not valid for none
	OuterDest   netip.Addr
	Seal        Sealer
}

// checksumAddresses returns the addresses that the Mobility Header's checksum covers
// (RFC 6275 section 6.1.1).
func (e Envelope) checksumAddresses() (src, dst netip.Addr) {
	src, dst = e.Source, e.Destination
	if e.HomeAddress.IsValid() {
		src = e.HomeAddress
	}
	if e.RoutingHome.IsValid() {
		dst = e.RoutingHome
	}
	return src, dst
}

// Compose makes the packet of a mobility message that write appends. Around it come, from
// the inside out: ESP, the Home Address option or the routing header, IPv6, IPv4
// (RFC 3776 section 3.1, draft-soliman-v4v6-mipv6-00 section 3.3).
func Compose(s *ip.Stack, e Envelope, write func(b []byte) []byte) *packet.Buf {
	src, dst := e.checksumAddresses()
	p := s.Compose(func(b []byte) []byte {
		b = write(b)
		wire.SetMobilityChecksum(b, src, dst)
		return b
	})
	return e.wrap(s, p, wire.ProtoMobility)
}

// ComposeICMPv6 is Compose for an ICMPv6 message, whose checksum covers src and dst: the home
// address where an option or a routing header names it.
func ComposeICMPv6(s *ip.Stack, e Envelope, write func(b []byte, src, dst netip.Addr) []byte) *packet.Buf {
	src, dst := e.checksumAddresses()
	return e.wrap(s, s.Compose(func(b []byte) []byte { return write(b, src, dst) }), wire.ProtoICMPv6)
}

func (e Envelope) wrap(s *ip.Stack, p *packet.Buf, next uint8) *packet.Buf {
	if e.Seal != nil {
		e.Seal.Seal(p, next)
		next = wire.ProtoESP
	}
	if e.HomeAddress.IsValid() {
		wire.PutDestOptsHomeAddress(p.Prepend(wire.DestOptsHomeAddressLen), next, e.HomeAddress)
		next = wire.ProtoDestOpts
	}
	if e.RoutingHome.IsValid() {
		wire.PutRouting2(p.Prepend(wire.Routing2Len), next, e.RoutingHome)
		next = wire.ProtoRouting
	}
	s.Push6(p, e.Source, e.Destination, next, 0, ip.DefaultHopLimit)
	if e.OuterDest.IsValid() {
		s.Push4(p, e.OuterSource, e.OuterDest, wire.ProtoIPv6, 0, ip.DefaultHopLimit)
	}
	return p
}

// Target returns where the composed packet goes: the destination of its outermost header.
func (e Envelope) Target() netip.Addr {
	if e.OuterDest.IsValid() {
		return e.OuterDest
	}
	return e.Destination
}
