package wire

import (
	"encoding/binary"

	"gvisor.dev/gvisor/pkg/tcpip/checksum"
)

// ICMPv4 types (RFC 792, RFC 1256).
const (
	ICMPv4EchoReply              = 0
	ICMPv4DestinationUnreachable = 3
	ICMPv4Redirect               = 5
	ICMPv4Echo                   = 8
	ICMPv4RouterAdvertisement    = 9
	ICMPv4RouterSolicitation     = 10
	ICMPv4TimeExceeded           = 11
	ICMPv4ParameterProblem       = 12
)

// Codes of an ICMPv4 Destination Unreachable (RFC 792, RFC 1122 section
// 3.2.2.1).
const (
	ICMPv4CodeNetUnreachable      = 0
	ICMPv4CodeHostUnreachable     = 1
	ICMPv4CodeProtocolUnreachable = 2
	ICMPv4CodePortUnreachable     = 3
	ICMPv4CodeFragmentationNeeded = 4
	ICMPv4CodeProhibited          = 13
)

// minICMPv4Quote is what RFC 792 quotes after the IPv4 header.
const minICMPv4Quote = 8

// ICMPv4 is a view of an ICMPv4 message (RFC 792).
type ICMPv4 []byte

var (
	errICMPv4Short    = &Error{Layer: "ICMPv4", What: "shorter than its header", Kind: ErrTruncated}
	errICMPv4Checksum = &Error{Layer: "ICMPv4", What: "checksum", Kind: ErrChecksum, Pointer: icmpChecksum}
	errICMPv4Echo     = &Error{Layer: "ICMPv4", What: "echo shorter than 8 octets", Kind: ErrTruncated}
	errICMPv4NoEcho   = &Error{Layer: "ICMPv4", What: "not an echo message", Kind: ErrType}
)

// ParseICMPv4 verifies the checksum.
func ParseICMPv4(b []byte) (ICMPv4, error) {
	if len(b) < ICMPHeaderLen {
		return nil, errICMPv4Short
	}
	if checksum.Checksum(b, 0) != onesSum {
		return nil, errICMPv4Checksum
	}
	return ICMPv4(b), nil
}

// Type returns the message type.
func (m ICMPv4) Type() uint8 { return m[icmpType] }

// Code returns the variant within the type.
func (m ICMPv4) Code() uint8 { return m[icmpCode] }

// Body returns the octets after type, code and checksum.
func (m ICMPv4) Body() []byte { return m[icmpBody:] }

// IsError reports whether the message is an error that quotes a packet.
func (m ICMPv4) IsError() bool {
	switch m[icmpType] {
	case ICMPv4DestinationUnreachable, ICMPv4TimeExceeded, ICMPv4ParameterProblem, ICMPv4Redirect:
		return true
	}
	return false
}

// NextHopMTU returns the MTU of a Fragmentation Needed in octets; zero from
// routers older than RFC 1191 (section 4).
func (m ICMPv4) NextHopMTU() uint16 { return uint16(icmpWord(m)) }

// Quoted returns the beginning of the packet that an error is about, nil for
// other messages. Use [ParseQuotedIPv4] on it.
func (m ICMPv4) Quoted() []byte {
	if !m.IsError() {
		return nil
	}
	return icmpQuoted(m)
}

// Echo returns the view of an echo request or reply; the error is ErrType for
// other messages.
func (m ICMPv4) Echo() (Echo, error) {
	switch {
	case m[icmpType] != ICMPv4Echo && m[icmpType] != ICMPv4EchoReply:
		return nil, errICMPv4NoEcho
	case len(m) < EchoLen:
		return nil, errICMPv4Echo
	}
	return Echo(m), nil
}

// PutICMPv4 writes type, code and checksum of the message b, whose body is
// already in place at b[4:].
func PutICMPv4(b []byte, typ, code uint8) {
	b[icmpType], b[icmpCode] = typ, code
	binary.BigEndian.PutUint16(b[icmpChecksum:], 0)
	binary.BigEndian.PutUint16(b[icmpChecksum:], ^checksum.Checksum(b, 0))
}

// AppendICMPv4Error appends an error message. It quotes the header of the
// invoking packet and quote octets after it, at least the 8 of RFC 792; RFC
// 1812 section 4.3.2.3 allows as many as fit in a packet of 576. word holds
// octets 4-7: the next-hop MTU of a Fragmentation Needed, otherwise zero.
func AppendICMPv4Error(b []byte, typ, code uint8, word uint32, invoking IPv4, quote int) []byte {
	start := len(b)
	b = append(b, 0, 0, 0, 0)
	b = binary.BigEndian.AppendUint32(b, word)
	b = append(b, invoking[:min(len(invoking), invoking.HeaderLen()+max(quote, minICMPv4Quote))]...)
	PutICMPv4(b[start:], typ, code)
	return b
}
