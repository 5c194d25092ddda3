package wire

import "encoding/binary"

// EtherType values.
const (
	EtherTypeIPv4 = 0x0800
	EtherTypeARP  = 0x0806
	EtherTypeIPv6 = 0x86dd
)

// EthernetLen is the length of an Ethernet II header.
const EthernetLen = 14

const (
	ethDestination = 0
	ethSource      = 6
	ethType        = 12
)

// Ethernet is a view of an Ethernet II frame without preamble and FCS.
type Ethernet []byte

var errEthernetShort = &Error{Layer: "Ethernet", What: "frame shorter than its header", Kind: ErrTruncated}

// ParseEthernet checks that b holds a whole header.
func ParseEthernet(b []byte) (Ethernet, error) {
	if len(b) < EthernetLen {
		return nil, errEthernetShort
	}
	return Ethernet(b), nil
}

// Destination returns the address the frame is for.
func (e Ethernet) Destination() MAC { return MAC(e[ethDestination:]) }

// Source returns the address of the sender.
func (e Ethernet) Source() MAC { return MAC(e[ethSource:]) }

// EtherType says what the payload is.
func (e Ethernet) EtherType() uint16 { return binary.BigEndian.Uint16(e[ethType:]) }

// Payload returns the octets after the header, link padding included.
func (e Ethernet) Payload() []byte { return e[EthernetLen:] }

// PutEthernet writes the 14 octets of a header to b.
func PutEthernet(b []byte, dst, src MAC, etherType uint16) {
	_ = b[EthernetLen-1]
	copy(b[ethDestination:], dst[:])
	copy(b[ethSource:], src[:])
	binary.BigEndian.PutUint16(b[ethType:], etherType)
}
