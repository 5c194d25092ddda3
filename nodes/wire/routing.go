package wire

import "net/netip"

// Routing2Len is the length of a type 2 routing header.
const Routing2Len = 24

// RoutingType2 is the routing header of Mobile IPv6 (RFC 6275 section 6.4).
const RoutingType2 = 2

const (
	rhType         = 2
	rhSegmentsLeft = 3
	rhReserved     = 4
	rh2HomeAddress = 8
)

// Routing is a view of a routing header of any type (RFC 2460 section 4.4).
type Routing []byte

var (
	errRoutingShort   = &Error{Layer: "routing header", What: "length beyond the octets received", Kind: ErrTruncated, Pointer: extLength}
	errRouting2Len    = &Error{Layer: "routing header", What: "type 2 with a length other than 2", Kind: ErrLength, Pointer: extLength}
	errRoutingUnknown = &Error{Layer: "routing header", What: "unknown type with segments left", Kind: ErrUnsupported, Pointer: rhType}
)

// ParseRouting checks that the header is whole and, for type 2, that it holds
// exactly one address. Segments left is for the receiver to judge.
func ParseRouting(b []byte) (Routing, error) {
	if len(b) < 8 || len(b) < extLen(b) {
		return nil, errRoutingShort
	}
	n := extLen(b)
	if b[rhType] == RoutingType2 && n != Routing2Len {
		return nil, errRouting2Len
	}
	return Routing(b[:n:n]), nil
}

// NextHeader returns the number of the header that follows.
func (r Routing) NextHeader() uint8 { return r[extNextHeader] }

// Len returns the length of the header in octets.
func (r Routing) Len() int { return len(r) }

// Type returns the routing type.
func (r Routing) Type() uint8 { return r[rhType] }

// SegmentsLeft returns the number of addresses still to visit: 1 in a type 2
// header on the wire.
func (r Routing) SegmentsLeft() uint8 { return r[rhSegmentsLeft] }

// HomeAddress returns the address in a type 2 header, false for other types.
func (r Routing) HomeAddress() (netip.Addr, bool) {
	if r.Type() != RoutingType2 {
		return netip.Addr{}, false
	}
	return addr6(r[rh2HomeAddress:]), true
}

// SetSegmentsLeft rewrites the number of addresses still to visit.
func (r Routing) SetSegmentsLeft(n uint8) { r[rhSegmentsLeft] = n }

// SetHomeAddress rewrites the address of a type 2 header, for its exchange
// with the destination address; it does nothing for other types.
func (r Routing) SetHomeAddress(a netip.Addr) {
	if r.Type() == RoutingType2 {
		putAddr6(r[rh2HomeAddress:], a)
	}
}

// PutRouting2 writes a type 2 routing header of 24 octets with one segment
// left.
func PutRouting2(b []byte, next uint8, hoa netip.Addr) {
	b = b[:Routing2Len]
	b[extNextHeader], b[extLength] = next, Routing2Len/8-1
	b[rhType], b[rhSegmentsLeft] = RoutingType2, 1
	clear(b[rhReserved:rh2HomeAddress])
	putAddr6(b[rh2HomeAddress:], hoa)
}
