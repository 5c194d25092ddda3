package wire

import (
	"encoding/binary"
	"net/netip"

	"gvisor.dev/gvisor/pkg/tcpip/checksum"
)

// TCPHeaderLen is the length of a TCP header without options.
const TCPHeaderLen = 20

const (
	tcpSourcePort      = 0
	tcpDestinationPort = 2
	tcpSequence        = 4
	tcpAcknowledgment  = 8
	tcpDataOffset      = 12
	tcpFlags           = 13
	tcpChecksum        = 16
)

// TCP header flags.
const (
	TCPFin = 0x01
	TCPSyn = 0x02
	TCPRst = 0x04
	TCPPsh = 0x08
	TCPAck = 0x10
)

// TCP is a view of a TCP segment: what a NAT and a decoder need, not a stack.
type TCP []byte

var (
	errTCPShort    = &Error{Layer: "TCP", What: "shorter than its header", Kind: ErrTruncated}
	errTCPOffset   = &Error{Layer: "TCP", What: "data offset below 5 words", Kind: ErrLength, Pointer: tcpDataOffset}
	errTCPChecksum = &Error{Layer: "TCP", What: "checksum", Kind: ErrChecksum, Pointer: tcpChecksum}
)

// ParseTCP checks header length and checksum; the addresses are those of the
// pseudo-header, as in [ParseUDP].
func ParseTCP(b []byte, src, dst netip.Addr) (TCP, error) {
	if len(b) < TCPHeaderLen {
		return nil, errTCPShort
	}
	switch n := TCP(b).HeaderLen(); {
	case n < TCPHeaderLen:
		return nil, errTCPOffset
	case n > len(b):
		return nil, errTCPShort
	}
	if checksum.Checksum(b, pseudoHeaderSum(src, dst, ProtoTCP, len(b))) != onesSum {
		return nil, errTCPChecksum
	}
	return TCP(b), nil
}

// SourcePort returns the port of the sender.
func (t TCP) SourcePort() uint16 { return binary.BigEndian.Uint16(t[tcpSourcePort:]) }

// DestinationPort returns the port of the receiver.
func (t TCP) DestinationPort() uint16 { return binary.BigEndian.Uint16(t[tcpDestinationPort:]) }

// Sequence returns the sequence number of the first octet.
func (t TCP) Sequence() uint32 { return binary.BigEndian.Uint32(t[tcpSequence:]) }

// Acknowledgment returns the next sequence number expected from the peer.
func (t TCP) Acknowledgment() uint32 { return binary.BigEndian.Uint32(t[tcpAcknowledgment:]) }

// HeaderLen returns the length of the header in octets, options included.
func (t TCP) HeaderLen() int { return int(t[tcpDataOffset]>>4) * 4 }

// Flags returns the low eight flags, TCPFin and so on.
func (t TCP) Flags() uint8 { return t[tcpFlags] }

// Checksum returns the checksum field.
func (t TCP) Checksum() uint16 { return binary.BigEndian.Uint16(t[tcpChecksum:]) }

// Payload returns the octets after header and options.
func (t TCP) Payload() []byte { return t[t.HeaderLen():] }

// SetSourcePort rewrites the port and corrects the checksum.
func (t TCP) SetSourcePort(p uint16) { Ports{ProtoTCP, t}.SetSource(p) }

// SetDestinationPort rewrites the port and corrects the checksum.
func (t TCP) SetDestinationPort(p uint16) { Ports{ProtoTCP, t}.SetDestination(p) }
