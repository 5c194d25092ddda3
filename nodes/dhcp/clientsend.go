package dhcp

import (
	"net/netip"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"dsmipsim/nodes/wire"
	"dsmipsim/sim/vtime"
)

// wanted are the parameters that the client asks for.
var wanted = []dhcpv4.OptionCode{
	dhcpv4.OptionSubnetMask, dhcpv4.OptionRouter, dhcpv4.OptionRenewTimeValue, dhcpv4.OptionRebindingTimeValue,
	dhcpv4.OptionVendorSpecificInformation,
}

// compose returns a message of the present transaction. The broadcast flag stays clear:
// while it configures itself the client accepts what comes to its MAC address.
func (c *Client) compose(typ dhcpv4.MessageType, secs uint16) *dhcpv4.DHCPv4 {
	m := message(dhcpv4.OpcodeBootRequest, typ, c.xid, c.mac())
	m.NumSeconds = secs
	m.UpdateOption(dhcpv4.OptParameterRequestList(wanted...))
	return m
}

func (c *Client) elapsed(now vtime.Time) uint16 {
	return uint16(min(now.Sub(c.begun)/time.Second, 0xffff))
}

func (c *Client) sendDiscover(now vtime.Time) {
	c.secs = c.elapsed(now)
	c.broadcast(c.compose(dhcpv4.MessageTypeDiscover, c.secs), unspecified)
	c.retry(now)
}

// sendRequest asks for the offer. Servers whose offer was not taken hear it too.
func (c *Client) sendRequest(now vtime.Time) {
	m := c.compose(dhcpv4.MessageTypeRequest, c.secs) // the same secs (section 4.4.1)
	m.UpdateOption(dhcpv4.OptRequestedIPAddress(octets(c.offer.Address)))
	m.UpdateOption(dhcpv4.OptServerIdentifier(octets(c.offer.Server)))
	c.sent = now
	c.broadcast(m, unspecified)
	c.retry(now)
}

// sendRenewal asks for more time, the server alone while RENEWING and everybody while
// REBINDING. It waits half the time that is left in this state, but at least a minute.
func (c *Client) sendRenewal(now, until vtime.Time) {
	m := c.compose(dhcpv4.MessageTypeRequest, c.elapsed(now))
	m.ClientIPAddr = octets(c.lease.Address)
	c.sent = now
	if c.state == Renewing {
		src, dst := c.lease.Address, c.lease.Server
		c.stack.Output(now, datagram(c.stack, m, wire.PortDHCPv4Client, wire.PortDHCPv4Server, src, dst))
	} else {
		c.broadcast(m, c.lease.Address)
	}
	c.timer.Set(min(until, now.Add(max(until.Sub(now)/2, minRenewalWait))))
}

func (c *Client) broadcast(m *dhcpv4.DHCPv4, src netip.Addr) {
	p := datagram(c.stack, m, wire.PortDHCPv4Client, wire.PortDHCPv4Server, src, broadcast)
	c.stack.Multicast(c.iface, broadcast, p)
}
