package dhcp6

import (
	"net"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv6"

	"dsmipsim/nodes/wire"
	"dsmipsim/sim/vtime"
)

// retransmission is how a message is repeated: initial and greatest time, greatest count and
// greatest duration of the exchange; 0 for no limit (RFC 8415 section 15).
type retransmission struct {
	message  dhcpv6.MessageType
	irt, mrt time.Duration
	mrc      int
	mrd      time.Duration
}

// repeat has the values of RFC 8415 section 7.6. Renew and Rebind end when the lease's times
// are over.
var repeat = map[State]retransmission{
	Soliciting: {dhcpv6.MessageTypeSolicit, time.Second, 3600 * time.Second, 0, 0},             // SOL_TIMEOUT, SOL_MAX_RT
	Requesting: {dhcpv6.MessageTypeRequest, time.Second, 30 * time.Second, 10, 0},              // REQ_TIMEOUT, REQ_MAX_RT, REQ_MAX_RC
	Confirming: {dhcpv6.MessageTypeConfirm, time.Second, 4 * time.Second, 0, 10 * time.Second}, // CNF_TIMEOUT, CNF_MAX_RT, CNF_MAX_RD
	Declining:  {dhcpv6.MessageTypeDecline, time.Second, 0, 4, 0},                              // DEC_TIMEOUT, DEC_MAX_RC
	Renewing:   {dhcpv6.MessageTypeRenew, 10 * time.Second, 600 * time.Second, 0, 0},           // REN_TIMEOUT, REN_MAX_RT
	Rebinding:  {dhcpv6.MessageTypeRebind, 10 * time.Second, 600 * time.Second, 0, 0},          // REB_TIMEOUT, REB_MAX_RT
}

// exhausted reports whether a message has been sent often or long enough.
func (c *Client) exhausted(now vtime.Time) bool {
	r := repeat[c.state]
	return r.mrc > 0 && c.tries >= r.mrc || r.mrd > 0 && now.Sub(c.begun) >= r.mrd
}

// transmit sends the message of the present state, and arms the timer for the next time.
func (c *Client) transmit(now vtime.Time) {
	r := repeat[c.state]
	c.send(now, r.message)
	c.tries++
	// RT = IRT + RAND*IRT, then RT = 2*RTprev + RAND*RTprev, at most MRT + RAND*MRT; RAND
	// between -0.1 and 0.1, for the first Solicit above 0 (sections 15 and 18.2.1).
	switch {
	case c.tries > 1:
		c.wait = 2*c.wait + c.spread(c.wait, false)
	default:
		c.wait = r.irt + c.spread(r.irt, r.message == dhcpv6.MessageTypeSolicit)
	}
	if r.mrt > 0 && c.wait > r.mrt {
		c.wait = r.mrt + c.spread(r.mrt, false)
	}
	next := now.Add(c.wait)
	if r.mrd > 0 {
		next = min(next, c.begun.Add(r.mrd))
	}
	switch c.state {
	case Renewing:
		next = min(next, c.lease.Rebind)
	case Rebinding:
		next = min(next, c.lease.Expires)
	}
	c.timer.Set(next)
}

// spread draws RAND*d.
func (c *Client) spread(d time.Duration, positive bool) time.Duration {
	tenth := int64(d / 10)
	if positive {
		return time.Duration(1 + c.rand.Int64N(tenth))
	}
	return time.Duration(c.rand.Int64N(2*tenth+1) - tenth)
}

// send sends a message of the present exchange to all servers.
func (c *Client) send(now vtime.Time, typ dhcpv6.MessageType) {
	src, ok := linkLocal(c.stack, c.mac())
	if !ok {
		return // as if it were lost
	}
	c.sent = now
	m := &dhcpv6.Message{MessageType: typ, TransactionID: c.xid}
	m.AddOption(dhcpv6.OptClientID(identify(c.mac())))
	ia := &dhcpv6.OptIANA{IaId: c.iaid()}
	switch typ {
	case dhcpv6.MessageTypeRequest, dhcpv6.MessageTypeRenew, dhcpv6.MessageTypeRelease, dhcpv6.MessageTypeDecline:
		server := c.server
		if typ == dhcpv6.MessageTypeRenew {
			server = c.lease.server
		}
		m.AddOption(dhcpv6.OptServerID(server))
	}
	// Lifetimes and times of what a client asks for are 0 (sections 18.2.2 to 18.2.8).
	wish := c.offer
	if c.lease.Address.IsValid() {
		wish = c.lease.Address
	}
	if typ != dhcpv6.MessageTypeSolicit && wish.IsValid() {
		ia.Options.Add(&dhcpv6.OptIAAddress{IPv6Addr: net.IP(wish.AsSlice())})
	}
	m.AddOption(ia)
	m.AddOption(dhcpv6.OptElapsedTime(min(now.Sub(c.begun), 0xffff*10*time.Millisecond)))
	if typ == dhcpv6.MessageTypeSolicit && c.cfg.RapidCommit {
		m.AddOption(&dhcpv6.OptionGeneric{OptionCode: dhcpv6.OptionRapidCommit})
	}
	c.stack.Multicast(c.iface, allServers, c.stack.Datagram(m.ToBytes(), wire.PortDHCPv6Client, wire.PortDHCPv6Server, src, allServers))
}
