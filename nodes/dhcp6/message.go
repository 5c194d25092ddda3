// Package dhcp6 assigns IPv6 addresses with DHCPv6 (RFC 8415): the Client of a mobile node
// and the Server of an access network, for one non-temporary address (IA_NA) each. Neither
// relays nor delegated prefixes nor other configuration are supported.
package dhcp6

import (
	"net"
	"net/netip"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv6"
	"github.com/insomniacslk/dhcp/iana"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/wire"
)

// Infinite is the lifetime without end, 0xffffffff seconds (RFC 8415 section 7.7).
const Infinite = 0xffffffff * time.Second

// allServers is All_DHCP_Relay_Agents_and_Servers (RFC 8415 section 7.1).
var allServers = netip.MustParseAddr("ff02::1:2")

// identify returns the identifier of the node with a hardware address, a DUID-LL (RFC 8415
// section 11.4).
func identify(mac wire.MAC) dhcpv6.DUID {
	return &dhcpv6.DUIDLL{HWType: iana.HWTypeEthernet, LinkLayerAddr: append(net.HardwareAddr(nil), mac[:]...)}
}

// association is the IA_NA of a message, nil if it has none or several: neither side ever
// asks for more than one address.
func association(m *dhcpv6.Message) *dhcpv6.OptIANA {
	if all := m.Options.IANA(); len(all) == 1 {
		return all[0]
	}
	return nil
}

// leased is the address in an association; false if there is none, or its lifetimes
// contradict each other (RFC 8415 section 21.6).
func leased(ia *dhcpv6.OptIANA) (a netip.Addr, preferred, valid time.Duration, ok bool) {
	o := ia.Options.OneAddress()
	if o == nil || o.Options.Status() != nil && o.Options.Status().StatusCode != iana.StatusSuccess {
		return netip.Addr{}, 0, 0, false
	}
	a, ok = netip.AddrFromSlice(o.IPv6Addr)
	ok = ok && a.Is6() && !a.Is4In6() && a.IsGlobalUnicast() && o.ValidLifetime > 0 && o.PreferredLifetime <= o.ValidLifetime
	return a, o.PreferredLifetime, o.ValidLifetime, ok
}

// status returns the status of a message or association: Success if it has none (RFC 8415
// section 21.13).
func status(o *dhcpv6.OptStatusCode) iana.StatusCode {
	if o == nil {
		return iana.StatusSuccess
	}
	return o.StatusCode
}

func withStatus(code iana.StatusCode) *dhcpv6.OptStatusCode {
	return &dhcpv6.OptStatusCode{StatusCode: code}
}

// linkLocal returns the link-local address of an interface; false while it has none that may
// be used as a source.
func linkLocal(s *ip.Stack, mac wire.MAC) (netip.Addr, bool) {
	a := wire.LinkLocal(mac)
	own := s.Address(a)
	return a, own != nil && own.State == ip.Preferred
}
