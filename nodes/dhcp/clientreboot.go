package dhcp

import "dsmipsim/sim/vtime"

// Reboot asks at once for a lease that the client held before, whatever it was doing
// (RFC 2131 sections 3.2 and 4.4.2). A server that knows better refuses, and the client
// begins anew as after Start, without the delay.
func (c *Client) Reboot(now vtime.Time, before Held) {
	c.Stop(now)
	c.begin(now, Rebooting)
	c.stack.Interface(c.iface).Configuring = true
	c.offer = before.Lease
	c.sendReboot(now)
}

// Confirm takes a lease into use that the client held before, since the network is known to
// be the one where it was granted (RFC 4436 section 2.1). The first answer counts: what was
// being asked for elsewhere is given up, but a question about the same lease stays open, and
// if a server refuses it Lost follows. The address was verified when the lease was granted.
func (c *Client) Confirm(now vtime.Time, before Held) {
	if c.state == Checking && c.held.Address == before.Address {
		c.cfg.Verifier.Stop()
		c.use(now, true)
		return
	}
	if c.state == Stopped || c.state >= Checking || c.confirmed || before.Expires <= now {
		return
	}
	c.held = before
	if c.state == Rebooting && c.offer.Address == before.Address {
		c.confirmed = true
		c.tell(now, true)
		return
	}
	c.stack.Interface(c.iface).Configuring = false
	c.use(now, true)
}

// rebootAgain asks again, or gives the question up: the address stays in use for as long as
// the lease lasts if the network is known (RFC 2131 section 3.2).
func (c *Client) rebootAgain(now vtime.Time) {
	switch {
	case c.confirmed && now >= c.held.Expires:
		c.lose(now)
	case c.tries < requestTries:
		c.sendReboot(now)
		if c.confirmed {
			c.timer.Set(min(c.timer.At(), c.held.Expires))
		}
	case c.confirmed:
		c.stack.Interface(c.iface).Configuring = false
		c.state, c.confirmed = Bound, false
		c.timer.Set(max(now, c.held.Renew))
	default:
		c.restart(now, 0)
	}
}
