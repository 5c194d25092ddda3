package wire

import (
	"encoding/binary"
	"net/netip"

	"gvisor.dev/gvisor/pkg/tcpip/checksum"
)

// ICMPv6 types (RFC 4443, RFC 4861, RFC 6275 section 6.5 to 6.8).
const (
	ICMPv6DestinationUnreachable = 1
	ICMPv6PacketTooBig           = 2
	ICMPv6TimeExceeded           = 3
	ICMPv6ParameterProblem       = 4
	ICMPv6EchoRequest            = 128
	ICMPv6EchoReply              = 129
	ICMPv6RouterSolicitation     = 133
	ICMPv6RouterAdvertisement    = 134
	ICMPv6NeighborSolicitation   = 135
	ICMPv6NeighborAdvertisement  = 136
	ICMPv6Redirect               = 137
	ICMPv6HomeAgentRequest       = 144 // Home Agent Address Discovery Request
	ICMPv6HomeAgentReply         = 145
	ICMPv6PrefixSolicitation     = 146 // Mobile Prefix Solicitation
	ICMPv6PrefixAdvertisement    = 147
)

// Codes of ICMPv6 errors (RFC 4443 section 3).
const (
	ICMPv6CodeNoRoute            = 0
	ICMPv6CodeProhibited         = 1
	ICMPv6CodeBeyondScope        = 2
	ICMPv6CodeAddressUnreachable = 3
	ICMPv6CodePortUnreachable    = 4

	ICMPv6CodeHopLimit   = 0 // Time Exceeded in transit
	ICMPv6CodeReassembly = 1 // Time Exceeded in reassembly

	ICMPv6CodeHeaderField       = 0 // Parameter Problem
	ICMPv6CodeUnknownNextHeader = 1
	ICMPv6CodeUnknownOption     = 2
)

// maxICMPv6Quote keeps an error packet, fixed IPv6 header included, within
// the minimum MTU (RFC 4443 section 2.4 (c)).
const maxICMPv6Quote = IPv6MinimumMTU - IPv6HeaderLen - icmpQuote

// ICMPv6 is a view of an ICMPv6 message (RFC 4443 section 2.1).
type ICMPv6 []byte

var (
	errICMPv6Short    = &Error{Layer: "ICMPv6", What: "shorter than its header", Kind: ErrTruncated}
	errICMPv6Checksum = &Error{Layer: "ICMPv6", What: "checksum", Kind: ErrChecksum, Pointer: icmpChecksum}
	errICMPv6Echo     = &Error{Layer: "ICMPv6", What: "echo shorter than 8 octets", Kind: ErrTruncated}
	errICMPv6NoEcho   = &Error{Layer: "ICMPv6", What: "not an echo message", Kind: ErrType}
)

// ParseICMPv6 verifies the checksum; the addresses are those of the
// pseudo-header, as in [ParseUDP].
func ParseICMPv6(b []byte, src, dst netip.Addr) (ICMPv6, error) {
	if len(b) < ICMPHeaderLen {
		return nil, errICMPv6Short
	}
	if checksum.Checksum(b, pseudoHeaderSum(src, dst, ProtoICMPv6, len(b))) != onesSum {
		return nil, errICMPv6Checksum
	}
	return ICMPv6(b), nil
}

// Type returns the message type; those below 128 are errors.
func (m ICMPv6) Type() uint8 { return m[icmpType] }

// Code returns the variant within the type.
func (m ICMPv6) Code() uint8 { return m[icmpCode] }

// Body returns the octets after type, code and checksum.
func (m ICMPv6) Body() []byte { return m[icmpBody:] }

// IsError reports whether the message is an error (RFC 4443 section 2.1).
func (m ICMPv6) IsError() bool { return m[icmpType] < 128 }

// MTU returns the MTU of a Packet Too Big in octets, zero if it is absent.
func (m ICMPv6) MTU() uint32 { return icmpWord(m) }

// Pointer returns the offset into the quoted packet that a Parameter Problem
// complains about.
func (m ICMPv6) Pointer() uint32 { return icmpWord(m) }

// Quoted returns the beginning of the packet that an error is about, nil for
// other messages. Use [ParseQuotedIPv6] on it.
func (m ICMPv6) Quoted() []byte {
	if !m.IsError() {
		return nil
	}
	return icmpQuoted(m)
}

// Echo returns the view of an echo request or reply; the error is ErrType for
// other messages.
func (m ICMPv6) Echo() (Echo, error) {
	switch {
	case m[icmpType] != ICMPv6EchoRequest && m[icmpType] != ICMPv6EchoReply:
		return nil, errICMPv6NoEcho
	case len(m) < EchoLen:
		return nil, errICMPv6Echo
	}
	return Echo(m), nil
}

// PutICMPv6 writes type, code and checksum of the message b, whose body is
// already in place at b[4:].
func PutICMPv6(b []byte, typ, code uint8, src, dst netip.Addr) {
	b[icmpType], b[icmpCode] = typ, code
	binary.BigEndian.PutUint16(b[icmpChecksum:], 0)
	sum := ^checksum.Checksum(b, pseudoHeaderSum(src, dst, ProtoICMPv6, len(b)))
	binary.BigEndian.PutUint16(b[icmpChecksum:], sum)
}

// AppendICMPv6Error appends an error message that quotes as much of the
// invoking IPv6 packet as keeps an IPv6 packet without extension headers
// within 1280 octets. word is the MTU of a Packet Too Big, the pointer of a
// Parameter Problem and zero otherwise.
func AppendICMPv6Error(b []byte, typ, code uint8, word uint32, invoking []byte, src, dst netip.Addr) []byte {
	start := len(b)
	b = append(b, 0, 0, 0, 0)
	b = binary.BigEndian.AppendUint32(b, word)
	b = append(b, invoking[:min(len(invoking), maxICMPv6Quote)]...)
	PutICMPv6(b[start:], typ, code, src, dst)
	return b
}
