package wire

import (
	"encoding/binary"
	"fmt"
)

// LinkType says what a packet begins with.
type LinkType uint8

// Link types. What is simulated has the first two; captures of other programs may have any.
const (
	LinkEthernet LinkType = iota // an Ethernet header, behind it VLAN tags if there are any
	LinkRaw                      // an IPv4 or IPv6 header
	LinkLoopback                 // an address family of BSD in 4 octets of either byte order
	LinkCooked                   // Linux cooked capture, version 1
	LinkCooked2                  // Linux cooked capture, version 2
)

// Tags between the Ethernet header, or one that stands in for it, and the packet.
const (
	EtherTypeVLAN    = 0x8100 // IEEE 802.1Q
	EtherTypeService = 0x88a8 // IEEE 802.1ad, the outer tag
	etherTypeQinQ    = 0x9100 // the same before it was standardised

	vlanTagLen = 4 // tag control information and the EtherType of what follows
)

// Lengths and places of the headers that stand in for Ethernet's
// (https://www.tcpdump.org/linktypes.html).
const (
	loopbackLen = 4

	cookedLen       = 16
	cookedType      = 0
	cookedAddrLen   = 4
	cookedAddress   = 6
	cookedEtherType = 14

	cooked2Len       = 20
	cooked2EtherType = 0
	cooked2Type      = 10
	cooked2AddrLen   = 11
	cooked2Address   = 12
)

var (
	errLoopbackShort = &Error{Layer: "Loopback", What: "frame shorter than its header", Kind: ErrTruncated}
	errCookedShort   = &Error{Layer: "Linux cooked", What: "frame shorter than its header", Kind: ErrTruncated}
	errVLANShort     = &Error{Layer: "VLAN", What: "frame ends within the tag", Kind: ErrTruncated}
)

// Network tells where in a frame the network packet begins, behind VLAN tags, and its EtherType.
func Network(b []byte, link LinkType) (at int, etherType uint16, err error) {
	if at, etherType, err = behindHeader(b, link); err != nil {
		return 0, 0, err
	}
	for isTag(etherType) {
		if len(b) < at+vlanTagLen {
			return 0, 0, errVLANShort
		}
		etherType = binary.BigEndian.Uint16(b[at+2:])
		at += vlanTagLen
	}
	return at, etherType, nil
}

func isTag(etherType uint16) bool {
	return etherType == EtherTypeVLAN || etherType == EtherTypeService || etherType == etherTypeQinQ
}

// behindHeader is Network without tags.
func behindHeader(b []byte, link LinkType) (at int, etherType uint16, err error) {
	switch link {
	case LinkEthernet:
		e, err := ParseEthernet(b)
		if err != nil {
			return 0, 0, err
		}
		return EthernetLen, e.EtherType(), nil
	case LinkLoopback:
		if len(b) < loopbackLen {
			return 0, 0, errLoopbackShort
		}
		return loopbackLen, familyType(loopbackFamily(b)), nil
	case LinkCooked:
		if len(b) < cookedLen {
			return 0, 0, errCookedShort
		}
		return cookedLen, binary.BigEndian.Uint16(b[cookedEtherType:]), nil
	case LinkCooked2:
		if len(b) < cooked2Len {
			return 0, 0, errCookedShort
		}
		return cooked2Len, binary.BigEndian.Uint16(b[cooked2EtherType:]), nil
	}
	if ipVersion(b, 0) == 4 {
		return 0, EtherTypeIPv4, nil
	}
	return 0, EtherTypeIPv6, nil
}

// loopbackFamily reads the number in the order in which it is small: captures have that of the
// machine that made them.
func loopbackFamily(b []byte) uint32 {
	return min(binary.LittleEndian.Uint32(b), binary.BigEndian.Uint32(b))
}

// familyType returns the EtherType of an address family, 0 of others. Every system has its own
// number for IPv6.
func familyType(family uint32) uint16 {
	switch family {
	case 2:
		return EtherTypeIPv4
	case 10, 23, 24, 28, 30: // Linux; Windows; NetBSD and OpenBSD; FreeBSD; Darwin
		return EtherTypeIPv6
	}
	return 0
}

// link adds what a frame begins with and returns the packet behind it.
func (d *dissector) link(b []byte, link LinkType) (packet []byte, etherType uint16, err error) {
	at, etherType, err := behindHeader(b, link)
	if err != nil {
		return b, 0, err
	}
	switch link {
	case LinkEthernet:
		e := Ethernet(b)
		d.add(at, "Ethernet", fmt.Sprintf("%v > %v", e.Source(), e.Destination()),
			field("Destination", e.Destination()), field("Source", e.Source()), hexField("EtherType", etherType))
	case LinkLoopback:
		family := loopbackFamily(b)
		d.add(at, "Loopback", fmt.Sprintf("family %d", family), field("Family", family))
	case LinkCooked:
		d.cooked(at, uint8(binary.BigEndian.Uint16(b[cookedType:])), int(binary.BigEndian.Uint16(b[cookedAddrLen:])), b[cookedAddress:cookedEtherType], etherType)
	case LinkCooked2:
		d.cooked(at, b[cooked2Type], int(b[cooked2AddrLen]), b[cooked2Address:cooked2Len], etherType)
	}
	for isTag(etherType) {
		if len(b) < at+vlanTagLen {
			return b[at:], 0, errVLANShort
		}
		control := binary.BigEndian.Uint16(b[at:])
		etherType = binary.BigEndian.Uint16(b[at+2:])
		d.add(vlanTagLen, "VLAN", fmt.Sprintf("%d, priority %d", control&0x0fff, control>>13),
			field("Identifier", control&0x0fff), field("Priority", control>>13), field("Drop eligible", control&0x1000 != 0), hexField("EtherType", etherType))
		at += vlanTagLen
	}
	return b[at:], etherType, nil
}

// cookedTypes tell where a frame of a cooked capture was going.
var cookedTypes = [...]string{"to us", "broadcast", "multicast", "to another host", "from us"}

func (d *dissector) cooked(n int, typ uint8, addrLen int, address []byte, etherType uint16) {
	summary := fmt.Sprintf("type %d", typ)
	if int(typ) < len(cookedTypes) {
		summary = cookedTypes[typ]
	}
	fields := []Field{field("Packet type", summary)}
	if address = address[:min(addrLen, len(address))]; len(address) == len(MAC{}) {
		fields = append(fields, field("Source", MAC(address)))
	}
	d.add(n, "Linux cooked", summary, append(fields, hexField("EtherType", etherType))...)
}
