package wire

import (
	"fmt"
	"net/netip"
)

// MAC is an Ethernet address.
type MAC [6]byte

// Broadcast is the all-ones Ethernet address.
var Broadcast = MAC{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}

// String returns the usual colon form, for example "02:00:00:00:10:00".
func (m MAC) String() string {
	return fmt.Sprintf("%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5])
}

// IsMulticast reports whether the group bit is set; it is for Broadcast too.
func (m MAC) IsMulticast() bool { return m[0]&1 != 0 }

var (
	// AllNodes is the link-local all-nodes group (RFC 4291 section 2.7.1).
	AllNodes = netip.MustParseAddr("ff02::1")
	// AllRouters is the link-local all-routers group.
	AllRouters = netip.MustParseAddr("ff02::2")
)

// MulticastMAC returns the Ethernet group address that carries group: 33:33
// and the low 32 bits for IPv6 (RFC 2464 section 7), 01:00:5e and the low 23
// bits for IPv4 (RFC 1112 section 6.4).
func MulticastMAC(group netip.Addr) MAC {
	if group.Is4() {
		a := group.As4()
		return MAC{0x01, 0x00, 0x5e, a[1] & 0x7f, a[2], a[3]}
	}
	a := group.As16()
	return MAC{0x33, 0x33, a[12], a[13], a[14], a[15]}
}

// SolicitedNode returns the solicited-node multicast address of a:
// ff02::1:ff00:0/104 and its low 24 bits (RFC 4291 section 2.7.1).
func SolicitedNode(a netip.Addr) netip.Addr {
	o := a.As16()
	return netip.AddrFrom16([16]byte{0: 0xff, 1: 0x02, 11: 0x01, 12: 0xff, 13: o[13], 14: o[14], 15: o[15]})
}

// InterfaceID returns the modified EUI-64 interface identifier of mac: ff:fe
// in the middle and the universal/local bit inverted (RFC 4291 appendix A).
func InterfaceID(mac MAC) [8]byte {
	return [8]byte{mac[0] ^ 0x02, mac[1], mac[2], 0xff, 0xfe, mac[3], mac[4], mac[5]}
}

// LinkLocal returns fe80:: and the interface identifier of mac.
func LinkLocal(mac MAC) netip.Addr {
	iid := InterfaceID(mac)
	o := [16]byte{0: 0xfe, 1: 0x80}
	copy(o[8:], iid[:])
	return netip.AddrFrom16(o)
}

// FromPrefix returns the address made of the bits of prefix p and, below
// them, those of the interface identifier. A prefix longer than 64 bits
// overrides the upper bits of iid.
func FromPrefix(p netip.Prefix, iid [8]byte) netip.Addr {
	o := p.Addr().As16()
	for i := range o {
		keep := min(max(p.Bits()-8*i, 0), 8) // bits of this octet that belong to the prefix
		mask := byte(0xff << (8 - keep))
		var low byte
		if i >= 8 {
			low = iid[i-8]
		}
		o[i] = o[i]&mask | low&^mask
	}
	return netip.AddrFrom16(o)
}

// as4 returns the octets of an IPv4 address; the zero Addr counts as 0.0.0.0
// because fields structs leave unset addresses zero.
func as4(a netip.Addr) [4]byte {
	if !a.IsValid() {
		return [4]byte{}
	}
	return a.As4()
}

func putAddr4(b []byte, a netip.Addr) {
	o := as4(a)
	copy(b[:4], o[:])
}

// putAddr6 writes 16 octets; the zero Addr counts as the unspecified address.
func putAddr6(b []byte, a netip.Addr) {
	o := a.As16()
	copy(b[:16], o[:])
}

func addr4(b []byte) netip.Addr { return netip.AddrFrom4([4]byte(b[:4])) }

func addr6(b []byte) netip.Addr { return netip.AddrFrom16([16]byte(b[:16])) }
