package wire

import (
	"encoding/binary"
	"net/netip"
)

// IPv6HeaderLen is the length of the fixed IPv6 header.
const IPv6HeaderLen = 40

// IPv6MinimumMTU is the MTU every IPv6 link offers (RFC 2460 section 5).
const IPv6MinimumMTU = 1280

const (
	ip6VersionClass = 0 // version, traffic class, flow label
	ip6PayloadLen   = 4
	ip6NextHeader   = 6
	ip6HopLimit     = 7
	ip6Source       = 8
	ip6Destination  = 24
)

// IPv6 is a view of an IPv6 packet, cut to its payload length (RFC 2460).
type IPv6 []byte

var (
	errIPv6Short   = &Error{Layer: "IPv6", What: "shorter than its header", Kind: ErrTruncated}
	errIPv6Version = &Error{Layer: "IPv6", What: "version is not 6", Kind: ErrVersion}
	errIPv6Cut     = &Error{Layer: "IPv6", What: "payload length beyond the octets received", Kind: ErrTruncated, Pointer: ip6PayloadLen}
)

// ParseIPv6 checks version and payload length. Octets after the payload (link
// padding) are cut. Jumbograms are not supported: their payload length is 0.
func ParseIPv6(b []byte) (IPv6, error) {
	h, err := ParseQuotedIPv6(b)
	if err == nil && IPv6HeaderLen+h.PayloadLen() > len(b) {
		return nil, errIPv6Cut
	}
	return h, err
}

// ParseQuotedIPv6 is ParseIPv6 for a packet quoted in an ICMP error: the
// quote may end before the payload does.
func ParseQuotedIPv6(b []byte) (IPv6, error) {
	if len(b) < IPv6HeaderLen {
		return nil, errIPv6Short
	}
	if b[ip6VersionClass]>>4 != 6 {
		return nil, errIPv6Version
	}
	n := min(IPv6HeaderLen+IPv6(b).PayloadLen(), len(b))
	return IPv6(b[:n:n]), nil
}

// parseIPv6 is ParseIPv6, or of a packet that a capture cut off ParseQuotedIPv6.
func parseIPv6(b []byte, cut bool) (IPv6, error) {
	if cut {
		return ParseQuotedIPv6(b)
	}
	return ParseIPv6(b)
}

// TrafficClass returns the DSCP and ECN bits.
func (h IPv6) TrafficClass() uint8 {
	return uint8(binary.BigEndian.Uint16(h[ip6VersionClass:]) >> 4)
}

// FlowLabel returns the 20-bit flow label.
func (h IPv6) FlowLabel() uint32 { return binary.BigEndian.Uint32(h[ip6VersionClass:]) & 0xfffff }

// PayloadLen returns the number of octets after the fixed header.
func (h IPv6) PayloadLen() int { return int(binary.BigEndian.Uint16(h[ip6PayloadLen:])) }

// NextHeader returns the number of the header after the fixed one.
func (h IPv6) NextHeader() uint8 { return h[ip6NextHeader] }

// HopLimit returns the remaining hops.
func (h IPv6) HopLimit() uint8 { return h[ip6HopLimit] }

// Source returns the source address.
func (h IPv6) Source() netip.Addr { return addr6(h[ip6Source:]) }

// Destination returns the destination address.
func (h IPv6) Destination() netip.Addr { return addr6(h[ip6Destination:]) }

// Payload returns the octets after the fixed header.
func (h IPv6) Payload() []byte { return h[IPv6HeaderLen:] }

// SetTrafficClass rewrites the DSCP and ECN bits.
func (h IPv6) SetTrafficClass(c uint8) {
	h[ip6VersionClass] = h[ip6VersionClass]&0xf0 | c>>4
	h[ip6VersionClass+1] = h[ip6VersionClass+1]&0x0f | c<<4
}

// SetHopLimit rewrites the hop limit.
func (h IPv6) SetHopLimit(n uint8) { h[ip6HopLimit] = n }

// SetSource rewrites the source address; upper-layer checksums are untouched.
func (h IPv6) SetSource(a netip.Addr) { putAddr6(h[ip6Source:], a) }

// SetDestination rewrites the destination address; upper-layer checksums are
// untouched.
func (h IPv6) SetDestination(a netip.Addr) { putAddr6(h[ip6Destination:], a) }

// SetNextHeader rewrites the next header number.
func (h IPv6) SetNextHeader(n uint8) { h[ip6NextHeader] = n }

// SetPayloadLen rewrites the payload length, in octets.
func (h IPv6) SetPayloadLen(n int) { binary.BigEndian.PutUint16(h[ip6PayloadLen:], uint16(n)) }

// IPv6Fields are the fields of the fixed IPv6 header.
type IPv6Fields struct {
	TrafficClass uint8
	FlowLabel    uint32 // 20 bits
	PayloadLen   int    // octets after the fixed header
	NextHeader   uint8
	HopLimit     uint8
	Source       netip.Addr
	Destination  netip.Addr
}

// PutIPv6 writes the 40 octets of a fixed header to b.
func PutIPv6(b []byte, f IPv6Fields) {
	_ = b[IPv6HeaderLen-1]
	binary.BigEndian.PutUint32(b[ip6VersionClass:], 6<<28|uint32(f.TrafficClass)<<20|f.FlowLabel&0xfffff)
	binary.BigEndian.PutUint16(b[ip6PayloadLen:], uint16(f.PayloadLen))
	b[ip6NextHeader] = f.NextHeader
	b[ip6HopLimit] = f.HopLimit
	putAddr6(b[ip6Source:], f.Source)
	putAddr6(b[ip6Destination:], f.Destination)
}
