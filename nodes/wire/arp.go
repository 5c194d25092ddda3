package wire

import (
	"encoding/binary"
	"net/netip"
)

// ARP operations (RFC 826).
const (
	ARPRequest = 1
	ARPReply   = 2
)

// ARPLen is the length of an ARP packet for IPv4 over Ethernet.
const ARPLen = 28

const (
	arpHardware    = 0
	arpProtocol    = 2
	arpHardwareLen = 4
	arpProtocolLen = 5
	arpOperation   = 6
	arpSenderMAC   = 8
	arpSenderIP    = 14
	arpTargetMAC   = 18
	arpTargetIP    = 24

	arpHardwareEthernet = 1
)

// ARP is a view of an ARP packet for IPv4 over Ethernet (RFC 826).
type ARP []byte

var (
	errARPShort   = &Error{Layer: "ARP", What: "shorter than 28 octets", Kind: ErrTruncated}
	errARPSpaces  = &Error{Layer: "ARP", What: "not IPv4 over Ethernet", Kind: ErrField}
	errARPLengths = &Error{Layer: "ARP", What: "address lengths are not 6 and 4", Kind: ErrLength, Pointer: arpHardwareLen}
)

// ParseARP checks the address spaces and lengths. The view is cut to the 28
// octets of the packet, so that Ethernet padding is left out.
func ParseARP(b []byte) (ARP, error) {
	switch {
	case len(b) < ARPLen:
		return nil, errARPShort
	case binary.BigEndian.Uint16(b[arpHardware:]) != arpHardwareEthernet,
		binary.BigEndian.Uint16(b[arpProtocol:]) != EtherTypeIPv4:
		return nil, errARPSpaces
	case b[arpHardwareLen] != 6, b[arpProtocolLen] != 4:
		return nil, errARPLengths
	}
	return ARP(b[:ARPLen:ARPLen]), nil
}

// Operation returns ARPRequest, ARPReply or an operation outside RFC 826.
func (a ARP) Operation() uint16 { return binary.BigEndian.Uint16(a[arpOperation:]) }

// SenderMAC returns the hardware address the sender announces.
func (a ARP) SenderMAC() MAC { return MAC(a[arpSenderMAC:]) }

// SenderIP returns the address the sender announces; 0.0.0.0 in a probe.
func (a ARP) SenderIP() netip.Addr { return addr4(a[arpSenderIP:]) }

// TargetMAC returns the hardware address of the target; unset in a request.
func (a ARP) TargetMAC() MAC { return MAC(a[arpTargetMAC:]) }

// TargetIP returns the address asked for.
func (a ARP) TargetIP() netip.Addr { return addr4(a[arpTargetIP:]) }

// IsGratuitous reports whether sender and target address are the same, the
// sign of an announcement (RFC 5227 section 3).
func (a ARP) IsGratuitous() bool { return a.SenderIP() == a.TargetIP() }

// ARPFields are the fields of an ARP packet for IPv4 over Ethernet.
type ARPFields struct {
	Operation uint16 // ARPRequest or ARPReply
	SenderMAC MAC
	SenderIP  netip.Addr
	TargetMAC MAC // zero in a request
	TargetIP  netip.Addr
}

// PutARP writes the 28 octets of an ARP packet to b.
func PutARP(b []byte, f ARPFields) {
	_ = b[ARPLen-1]
	binary.BigEndian.PutUint16(b[arpHardware:], arpHardwareEthernet)
	binary.BigEndian.PutUint16(b[arpProtocol:], EtherTypeIPv4)
	b[arpHardwareLen], b[arpProtocolLen] = 6, 4
	binary.BigEndian.PutUint16(b[arpOperation:], f.Operation)
	copy(b[arpSenderMAC:], f.SenderMAC[:])
	putAddr4(b[arpSenderIP:], f.SenderIP)
	copy(b[arpTargetMAC:], f.TargetMAC[:])
	putAddr4(b[arpTargetIP:], f.TargetIP)
}
