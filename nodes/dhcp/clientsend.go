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
	m.ClientIPAddr = octets(c.held.Address)
	c.sent = now
	if c.state == Renewing {
		src, dst := c.held.Address, c.held.Server
		c.stack.Output(now, c.stack.Datagram(m.ToBytes(), wire.PortDHCPv4Client, wire.PortDHCPv4Server, src, dst))
	} else {
		c.broadcast(m, c.held.Address)
	}
	c.timer.Set(min(until, now.Add(max(until.Sub(now)/2, minRenewalWait))))
}

// sendReboot asks whether the address that the client had before is right where it is now.
// It names no server, because any may answer (RFC 2131 section 4.3.2).
func (c *Client) sendReboot(now vtime.Time) {
	m := c.compose(dhcpv4.MessageTypeRequest, c.elapsed(now))
	m.UpdateOption(dhcpv4.OptRequestedIPAddress(octets(c.offer.Address)))
	c.sent = now
	c.broadcast(m, unspecified)
	c.retry(now)
}

// sendDecline tells everybody, since the client has no address any more, that the address of
// the lease is taken. Of its configuration it may say nothing (RFC 2131 table 5).
func (c *Client) sendDecline() {
	m := message(dhcpv4.OpcodeBootRequest, dhcpv4.MessageTypeDecline, c.xid, c.mac())
	m.UpdateOption(dhcpv4.OptRequestedIPAddress(octets(c.held.Address)))
	m.UpdateOption(dhcpv4.OptServerIdentifier(octets(c.held.Server)))
	c.broadcast(m, unspecified)
}

// sendRelease gives the address back. Nobody answers, and it is not sent again.
func (c *Client) sendRelease(now vtime.Time) {
	m := message(dhcpv4.OpcodeBootRequest, dhcpv4.MessageTypeRelease, c.xid, c.mac())
	m.ClientIPAddr = octets(c.held.Address)
	m.UpdateOption(dhcpv4.OptServerIdentifier(octets(c.held.Server)))
	c.stack.Output(now, c.stack.Datagram(m.ToBytes(), wire.PortDHCPv4Client, wire.PortDHCPv4Server, c.held.Address, c.held.Server))
}

func (c *Client) broadcast(m *dhcpv4.DHCPv4, src netip.Addr) {
	p := c.stack.Datagram(m.ToBytes(), wire.PortDHCPv4Client, wire.PortDHCPv4Server, src, broadcast)
	c.stack.Multicast(c.iface, broadcast, p)
}
