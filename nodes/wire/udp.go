package wire

import (
	"encoding/binary"
	"net/netip"

	"gvisor.dev/gvisor/pkg/tcpip/checksum"
)

// UDPHeaderLen is the length of a UDP header.
const UDPHeaderLen = 8

const (
	udpSourcePort      = 0
	udpDestinationPort = 2
	udpLength          = 4
	udpChecksum        = 6
)

// UDP is a view of a UDP datagram (RFC 768).
type UDP []byte

var (
	errUDPShort    = &Error{Layer: "UDP", What: "shorter than its header", Kind: ErrTruncated}
	errUDPLength   = &Error{Layer: "UDP", What: "length below 8", Kind: ErrLength, Pointer: udpLength}
	errUDPCut      = &Error{Layer: "UDP", What: "length beyond the octets received", Kind: ErrTruncated, Pointer: udpLength}
	errUDPChecksum = &Error{Layer: "UDP", What: "checksum", Kind: ErrChecksum, Pointer: udpChecksum}
	errUDPZero     = &Error{Layer: "UDP", What: "checksum absent over IPv6", Kind: ErrChecksum, Pointer: udpChecksum}
)

// ParseUDP checks length and checksum. The addresses are those of the
// pseudo-header: after Home Address option and type 2 routing header they are
// home addresses, see [Chain.UpperAddresses]. A zero checksum means "none"
// over IPv4 and is refused over IPv6 (RFC 2460 section 8.1).
func ParseUDP(b []byte, src, dst netip.Addr) (UDP, error) {
	if len(b) < UDPHeaderLen {
		return nil, errUDPShort
	}
	n := int(binary.BigEndian.Uint16(b[udpLength:]))
	switch {
	case n < UDPHeaderLen:
		return nil, errUDPLength
	case n > len(b):
		return nil, errUDPCut
	}
	u := UDP(b[:n:n])
	if u.Checksum() == 0 {
		if src.Is4() {
			return u, nil
		}
		return nil, errUDPZero
	}
	if checksum.Checksum(u, pseudoHeaderSum(src, dst, ProtoUDP, n)) != onesSum {
		return nil, errUDPChecksum
	}
	return u, nil
}

// SourcePort returns the port of the sender.
func (u UDP) SourcePort() uint16 { return binary.BigEndian.Uint16(u[udpSourcePort:]) }

// DestinationPort returns the port of the receiver.
func (u UDP) DestinationPort() uint16 { return binary.BigEndian.Uint16(u[udpDestinationPort:]) }

// Checksum returns the checksum field; zero means that there is none.
func (u UDP) Checksum() uint16 { return binary.BigEndian.Uint16(u[udpChecksum:]) }

// Payload returns the octets after the header.
func (u UDP) Payload() []byte { return u[UDPHeaderLen:] }

// SetSourcePort rewrites the port and corrects the checksum, if there is one.
func (u UDP) SetSourcePort(p uint16) { Ports{ProtoUDP, u}.SetSource(p) }

// SetDestinationPort rewrites the port and corrects the checksum, if there is
// one.
func (u UDP) SetDestinationPort(p uint16) { Ports{ProtoUDP, u}.SetDestination(p) }

// PutUDP writes the header of the datagram b, whose payload is already in
// place at b[8:], and computes the checksum.
func PutUDP(b []byte, srcPort, dstPort uint16, src, dst netip.Addr) {
	binary.BigEndian.PutUint16(b[udpSourcePort:], srcPort)
	binary.BigEndian.PutUint16(b[udpDestinationPort:], dstPort)
	binary.BigEndian.PutUint16(b[udpLength:], uint16(len(b)))
	binary.BigEndian.PutUint16(b[udpChecksum:], 0)
	sum := ^checksum.Checksum(b, pseudoHeaderSum(src, dst, ProtoUDP, len(b)))
	if sum == 0 {
		sum = 0xffff // zero would say "no checksum"
	}
	binary.BigEndian.PutUint16(b[udpChecksum:], sum)
}
