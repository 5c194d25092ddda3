package dhcp

import (
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// bind takes the lease of an ACK.
func (c *Client) bind(now vtime.Time, m *dhcpv4.DHCPv4) {
	l, ok := leaseOf(m)
	if !l.Server.IsValid() && c.state != Requesting {
		l.Server = c.lease.Server
	}
	if !ok || !l.Server.IsValid() || c.state == Requesting && l.Server != c.offer.Server {
		return
	}
	isNew := c.state == Requesting
	if !isNew && l.Address != c.lease.Address {
		return // not what was asked for
	}
	c.state, c.lease = Bound, l
	c.schedule(now, m)
	c.stack.Interface(c.iface).Configuring = false
	if isNew {
		c.stack.Out.Note(trace.Note{
			Kind: trace.DHCPBound, Home: l.Address, Peer: l.Server, Lifetime: int64(l.Duration / time.Second),
		})
	}
	if c.events.Bound != nil {
		c.events.Bound(now, l)
	}
}

// leaseOf reads an ACK, false if it lacks what a lease needs.
func leaseOf(m *dhcpv4.DHCPv4) (Lease, bool) {
	l := Lease{
		Address:  address(m.YourIPAddr),
		Server:   option(m, dhcpv4.OptionServerIdentifier),
		Duration: m.IPAddressLeaseTime(0),
	}
	if r := m.Router(); len(r) > 0 {
		l.Router = address(r[0])
	}
	l.ISATAP = routers(m)
	l.Bits, _ = m.SubnetMask().Size() // 0 for an absent or scattered mask
	return l, l.Address.IsValid() && l.Duration > 0 && l.Bits > 0
}

// schedule arms the timer for the lease (RFC 2131 section 4.4.5).
func (c *Client) schedule(now vtime.Time, m *dhcpv4.DHCPv4) {
	d := c.lease.Duration
	if d >= Infinite {
		c.timer.Stop()
		return
	}
	t1 := m.IPAddressRenewalTime(d / 2)
	t2 := m.IPAddressRebindingTime(d / 8 * 7)
	if t1 <= 0 || t1 > t2 || t2 > d { // contradictory: fall back to the defaults
		t1, t2 = d/2, d/8*7
	}
	c.renewAt, c.rebindAt, c.expireAt = c.sent.Add(t1), c.sent.Add(t2), c.sent.Add(d)
	c.timer.Set(max(now, c.renewAt))
}

// refused handles a NAK: the client begins anew.
func (c *Client) refused(now vtime.Time, m *dhcpv4.DHCPv4) {
	server := option(m, dhcpv4.OptionServerIdentifier)
	if c.state == Requesting {
		if server == c.offer.Server {
			c.restart(now, 0)
		}
		return
	}
	c.lose(now)
}

// keep does what the lease's times demand (RFC 2131 section 4.4.5).
func (c *Client) keep(now vtime.Time) {
	switch {
	case now >= c.expireAt:
		c.lose(now)
	case now >= c.rebindAt:
		if c.state != Rebinding {
			c.begin(now, Rebinding)
		}
		c.sendRenewal(now, c.expireAt)
	case now >= c.renewAt:
		if c.state != Renewing {
			c.begin(now, Renewing)
		}
		c.sendRenewal(now, c.rebindAt)
	}
}

func (c *Client) lose(now vtime.Time) {
	lost := c.lease
	c.timer.Stop()
	c.state, c.lease = Init, Lease{}
	if c.events.Lost != nil {
		c.events.Lost(now, lost)
	}
	if c.state == Init && !c.timer.Armed() { // else its owner decided otherwise
		c.restart(now, 0)
	}
}
