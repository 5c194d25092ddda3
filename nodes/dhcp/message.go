// Package dhcp configures IPv4 addresses with DHCP (RFC 2131): the Client of a mobile node
// and the Server of an access network. Neither relays nor INFORM are supported.
package dhcp

import (
	"encoding/binary"
	"net"
	"net/netip"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"github.com/insomniacslk/dhcp/iana"

	"dsmipsim/nodes/wire"
)

// Infinite is the duration of a lease without end, 0xffffffff seconds (RFC 2131 section 3.3).
const Infinite = 0xffffffff * time.Second

var (
	unspecified = netip.IPv4Unspecified()
	broadcast   = netip.AddrFrom4([4]byte{255, 255, 255, 255})
)

// message returns a message without addresses or options but its type. The library's own
// constructors are of no use here, because they draw the transaction from the system.
func message(op dhcpv4.OpcodeType, typ dhcpv4.MessageType, xid uint32, mac wire.MAC) *dhcpv4.DHCPv4 {
	m := &dhcpv4.DHCPv4{
		OpCode:       op,
		HWType:       iana.HWTypeEthernet,
		ClientHWAddr: append(net.HardwareAddr(nil), mac[:]...),
		Options:      dhcpv4.Options{},
	}
	binary.BigEndian.PutUint32(m.TransactionID[:], xid)
	m.UpdateOption(dhcpv4.OptMessageType(typ))
	return m
}

func transaction(m *dhcpv4.DHCPv4) uint32 { return binary.BigEndian.Uint32(m.TransactionID[:]) }

// hardware returns the client's Ethernet address, false if it has another kind.
func hardware(m *dhcpv4.DHCPv4) (wire.MAC, bool) {
	if m.HWType != iana.HWTypeEthernet || len(m.ClientHWAddr) != len(wire.MAC{}) {
		return wire.MAC{}, false
	}
	mac := wire.MAC(m.ClientHWAddr)
	return mac, !mac.IsMulticast()
}

// address converts an address field or option; absent and 0.0.0.0 are not valid.
func address(a net.IP) netip.Addr {
	n, ok := netip.AddrFromSlice(a.To4())
	if !ok || n.IsUnspecified() {
		return netip.Addr{}
	}
	return n
}

func octets(a netip.Addr) net.IP {
	o := a.As4()
	return o[:]
}

// option returns the value of an option that holds one address.
func option(m *dhcpv4.DHCPv4, code dhcpv4.OptionCode) netip.Addr {
	return address(dhcpv4.GetIP(code, m.Options))
}
