package dhcp

import (
	"net/netip"

	"github.com/insomniacslk/dhcp/dhcpv4"
)

// The Potential Router List of ISATAP may come in "a DHCPv4 vendor-specific option"
// (RFC 5214 section 8.3.2), whose content the RFC leaves open: here the encapsulated form of
// RFC 2132 section 8.4 with one sub-option that holds the addresses.
const (
	isatapRouters = 1 // number of the sub-option
	addressLen    = 4
	maxRouters    = 63 // what fits into the length octet
)

// routerList encodes a Potential Router List.
func routerList(list []netip.Addr) []byte {
	list = list[:min(len(list), maxRouters)]
	b := []byte{isatapRouters, uint8(len(list) * addressLen)}
	for _, a := range list {
		b = append(b, octets(a)...)
	}
	return b
}

// routers reads the Potential Router List of a message, empty if there is none.
func routers(m *dhcpv4.DHCPv4) []netip.Addr {
	b := m.Options.Get(dhcpv4.OptionVendorSpecificInformation)
	if len(b) < 2 || b[0] != isatapRouters || int(b[1]) != len(b)-2 || b[1]%addressLen != 0 {
		return nil
	}
	var list []netip.Addr
	for b = b[2:]; len(b) > 0; b = b[addressLen:] {
		list = append(list, netip.AddrFrom4([addressLen]byte(b)))
	}
	return list
}
