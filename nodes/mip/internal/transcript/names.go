// Package transcript drives a protocol machine through machine.Machine alone and writes
// down what it does, one line for each effect, in a notation that is read and written: a
// packet is its headers from the outside in, separated by "|", as in protocol references.
//
//	IPv6(CoA6>HA6) | DestOpt{HAO HoA6} | ESP spi=0x1001 seq=1 | BU seq=1 flags=AH lifetime=600s AltCoA=CoA6 IPv4HoA=HoA4
//
// Only tests use it.
package transcript

import (
	"net/netip"
	"strings"

	"dsmipsim/nodes/wire"
)

// names are the addresses that have a name in transcripts. MN stands for the interface
// identifier of the mobile node, whose hardware address is 02:00:00:00:10:00.
var names = []struct {
	name string
	addr netip.Addr
}{
	{"HA6", netip.MustParseAddr("2001:db8:100::1")},
	{"HA4", netip.MustParseAddr("192.0.2.1")},
	{"HAb6", netip.MustParseAddr("2001:db8:100::2")},
	{"HomeAgents", netip.MustParseAddr("2001:db8:100:0:fdff:ffff:ffff:fffe")},
	{"HoA6", netip.MustParseAddr("2001:db8:100::1000")},
	{"HoA4", netip.MustParseAddr("192.0.2.100")},
	{"OtherHoA6", netip.MustParseAddr("2001:db8:100::2000")},
	{"OtherHoA4", netip.MustParseAddr("192.0.2.102")},
	{"CoA6", netip.MustParseAddr("2001:db8:a::ff:fe00:1000")},
	{"CoA6b", netip.MustParseAddr("2001:db8:b::ff:fe00:1000")},
	{"CoA4", netip.MustParseAddr("198.51.100.7")},
	{"CoA4b", netip.MustParseAddr("198.51.100.8")},
	{"Private4", netip.MustParseAddr("10.1.1.23")},
	{"CN6", netip.MustParseAddr("2001:db8:c::99")},
	{"CN4", netip.MustParseAddr("203.0.113.80")},
	{"fe80::MN", netip.MustParseAddr("fe80::ff:fe00:1000")},
	{"fe80::HA", netip.MustParseAddr("fe80::ff:fe00:101")},
}

// Name returns what an address is called: its name, map(name) if it is the IPv4-mapped
// form of a named address, or the address itself.
func Name(a netip.Addr) string {
	for _, n := range names {
		if n.addr == a {
			return n.name
		}
	}
	if a.Is4In6() {
		return "map(" + Name(a.Unmap()) + ")"
	}
	return a.String()
}

// Addr is the inverse of Name. It panics if there is no such address.
func Addr(s string) netip.Addr {
	if inner, ok := strings.CutPrefix(s, "map("); ok {
		return netip.AddrFrom16(Addr(strings.TrimSuffix(inner, ")")).As16())
	}
	for _, n := range names {
		if n.name == s {
			return n.addr
		}
	}
	return netip.MustParseAddr(s)
}

// Hardware addresses.
var (
	MobileMAC = wire.MAC{2, 0, 0, 0, 0x10, 0}
	AgentMAC  = wire.MAC{2, 0, 0, 0, 1, 1}
	// strangerMAC is the source of frames from addresses that are nobody's neighbours.
	strangerMAC = wire.MAC{2, 0, 0, 0, 0x99, 0x99}
)

func parseMAC(s string) (m wire.MAC) {
	digits := strings.Split(s, ":")
	for i := range m {
		for _, c := range []byte(digits[i]) {
			m[i] = m[i]<<4 | byte(strings.IndexByte("0123456789abcdef", c))
		}
	}
	return m
}
