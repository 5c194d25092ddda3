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
		l.Server = c.held.Server
	}
	if !ok || !l.Server.IsValid() || c.state == Requesting && l.Server != c.offer.Server {
		return
	}
	wanted := c.offer.Address
	if c.inUse() {
		wanted = c.held.Address
	}
	if l.Address != wanted {
		return // not what was asked for
	}
	isNew := !c.inUse()
	c.held = c.times(l, m)
	c.stack.Interface(c.iface).Configuring = false
	if isNew && c.cfg.Verifier != nil {
		c.verify(now)
		return
	}
	c.use(now, isNew)
}

// use begins to use the lease, or goes on with what an ACK has made of it.
func (c *Client) use(now vtime.Time, isNew bool) {
	c.state, c.confirmed = Bound, false
	c.timer.Set(max(now, c.held.Renew))
	c.tell(now, isNew)
}

// tell tells the owner of the lease.
func (c *Client) tell(now vtime.Time, isNew bool) {
	if isNew {
		c.stack.Out.Note(trace.Note{
			Kind: trace.DHCPBound, Home: c.held.Address, Peer: c.held.Server, Lifetime: int64(c.held.Duration / time.Second),
		})
	}
	if c.events.Bound != nil {
		c.events.Bound(now, c.held.Lease)
	}
}

// verify has the address of a new lease checked before it is used. If it is taken the
// server is told, and the client begins anew (RFC 2131 section 3.1.5).
func (c *Client) verify(now vtime.Time) {
	c.state = Checking
	c.timer.Set(c.held.Expires)
	c.cfg.Verifier.Probe(now, c.held.Address, func(now vtime.Time, unique bool) {
		if unique {
			c.use(now, true)
			return
		}
		c.state = Requesting // the verdict is there: nothing to end any more
		c.decline(now)
	})
}

// Decline gives a lease up whose address turned out to be used by somebody else. The client
// begins anew after a while; Lost is not called.
func (c *Client) Decline(now vtime.Time) {
	if c.inUse() {
		c.decline(now)
	}
}

func (c *Client) decline(now vtime.Time) {
	c.xid = c.rand.Uint32()
	c.sendDecline()
	c.restart(now, declineWait)
}

// Relinquish tells the server that the lease is not needed any longer (RFC 2131 section 4.4.6)
// and stops the client. Without a lease, or without its address configured, it only stops.
func (c *Client) Relinquish(now vtime.Time) {
	if c.state >= Bound && c.stack.Address(c.held.Address) != nil {
		c.xid = c.rand.Uint32()
		c.sendRelease(now)
	}
	c.Stop(now)
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

// times computes the instants of a lease (RFC 2131 section 4.4.5).
func (c *Client) times(l Lease, m *dhcpv4.DHCPv4) Held {
	d := l.Duration
	if d >= Infinite {
		return Held{l, vtime.Never, vtime.Never, vtime.Never}
	}
	t1 := m.IPAddressRenewalTime(d / 2)
	t2 := m.IPAddressRebindingTime(d / 8 * 7)
	if t1 <= 0 || t1 > t2 || t2 > d { // contradictory: fall back to the defaults
		t1, t2 = d/2, d/8*7
	}
	return Held{l, c.sent.Add(t1), c.sent.Add(t2), c.sent.Add(d)}
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
	if !c.inUse() { // Rebooting
		c.restart(now, 0)
		return
	}
	c.lose(now)
}

// keep does what the lease's times demand (RFC 2131 section 4.4.5).
func (c *Client) keep(now vtime.Time) {
	switch {
	case now >= c.held.Expires:
		c.lose(now)
	case now >= c.held.Rebind:
		if c.state != Rebinding {
			c.begin(now, Rebinding)
		}
		c.sendRenewal(now, c.held.Expires)
	case now >= c.held.Renew:
		if c.state != Renewing {
			c.begin(now, Renewing)
		}
		c.sendRenewal(now, c.held.Rebind)
	}
}

func (c *Client) lose(now vtime.Time) {
	lost := c.held.Lease
	c.timer.Stop()
	c.enter(Init)
	if c.events.Lost != nil {
		c.events.Lost(now, lost)
	}
	if c.state == Init && !c.timer.Armed() { // else its owner decided otherwise
		c.restart(now, 0)
	}
}
