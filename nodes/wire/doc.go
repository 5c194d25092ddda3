// Package wire encodes and decodes every packet the simulator puts on a link:
// Ethernet, ARP, IPv4, IPv6 and its extension headers, UDP, TCP, ICMP,
// Neighbor Discovery, the Mobility Header, ESP and Mobile IPv4 registration.
//
// A view such as [IPv6] is a slice of the live octets. Only a Parse function
// makes one, after it has checked every length an accessor relies on, so
// accessors cannot run past the end. Parsers and accessors allocate nothing,
// verify every checksum and return preallocated errors; see [Error].
//
// Put functions write a header in place into a buffer the caller has sized,
// Append functions lengthen a slice; both compute checksums and write every
// octet of the header, reserved ones included. They panic when the buffer is
// too short or an address belongs to the wrong family: that is a defect of the
// caller, not of a peer.
//
// Addresses are [net/netip.Addr]. An IPv4 address is always a 4-octet Addr; an
// IPv4-mapped IPv6 address read from an IPv6 header stays a 16-octet one.
package wire
