package wire

import "encoding/binary"

// ICMPHeaderLen is the length of what all ICMP messages share: type, code and
// checksum. Error and echo messages have four octets more before their data.
const ICMPHeaderLen = 4

const (
	icmpType     = 0
	icmpCode     = 1
	icmpChecksum = 2
	icmpBody     = 4 // MTU, pointer, identifier...
	icmpQuote    = 8 // quoted packet of an error message

	echoIdentifier = 4
	echoSequence   = 6
	echoData       = 8
)

// EchoLen is the length of an echo message without data.
const EchoLen = echoData

// Echo is a view of an echo request or reply of either ICMP.
type Echo []byte

// Identifier tells flows of one sender apart.
func (e Echo) Identifier() uint16 { return binary.BigEndian.Uint16(e[echoIdentifier:]) }

// Sequence numbers the requests of a flow.
func (e Echo) Sequence() uint16 { return binary.BigEndian.Uint16(e[echoSequence:]) }

// Data returns the octets the receiver must send back.
func (e Echo) Data() []byte { return e[echoData:] }

// PutEcho writes identifier and sequence to octets 4-7 of the message b. Call
// it before PutICMPv4 or PutICMPv6, which compute the checksum.
func PutEcho(b []byte, id, seq uint16) {
	binary.BigEndian.PutUint16(b[echoIdentifier:], id)
	binary.BigEndian.PutUint16(b[echoSequence:], seq)
}

// icmpWord returns octets 4-7, zero if the message ends before them.
func icmpWord(b []byte) uint32 {
	if len(b) < icmpQuote {
		return 0
	}
	return binary.BigEndian.Uint32(b[icmpBody:])
}

// icmpQuoted returns the octets from 8 on, nil if there are none.
func icmpQuoted(b []byte) []byte {
	if len(b) <= icmpQuote {
		return nil
	}
	return b[icmpQuote:]
}
