package dhcp6

import (
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv6"
	"github.com/insomniacslk/dhcp/iana"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// Lease is an address that a client may use until it expires.
type Lease struct {
	Address netip.Addr
	// Renew, Rebind and Expires are when the client asks its server for more time, when it
	// asks any server, and when the valid lifetime is over; Never without end.
	Renew, Rebind, Expires vtime.Time

	server dhcpv6.DUID
}

// Config are the options of a client.
type Config struct {
	// The client waits for a uniform time between these two before its first Solicit or
	// Confirm. RFC 8415 sections 18.2.1 and 18.2.3 want up to SOL_MAX_DELAY and
	// CNF_MAX_DELAY, 1 s; the default is not to wait.
	DelayMin, DelayMax time.Duration
	RapidCommit        bool // two messages instead of four if the server agrees (section 18.2.1)
	// Confirm lets the client ask on a new link whether the address that it had before is
	// right there (section 18.2.3); without it, it begins anew.
	Confirm bool
}

// Events are the functions through which a client tells its owner. Any may be nil.
type Events struct {
	// Bound: the lease was acquired, confirmed or extended. The owner verifies that the
	// address of a new one is unique before it uses it (section 18.2.10.1).
	Bound func(now vtime.Time, l Lease)
	// Lost: the lease is over. The client begins anew by itself.
	Lost func(now vtime.Time, l Lease)
}

// State is the state of a client.
type State uint8

// States of a client. From Bound on it has a lease.
const (
	Stopped State = iota
	Waiting       // before the first message
	Soliciting
	Requesting
	Confirming
	Declining
	Bound
	Renewing
	Rebinding
)

var stateNames = [...]string{"stopped", "waiting", "soliciting", "requesting", "confirming", "declining", "bound", "renewing", "rebinding"}

// String returns the name in lower case.
func (s State) String() string { return stateNames[s] }

// Client acquires and keeps one address on one Ethernet interface. It does not configure the
// address: its owner does, who hears of it through Events.
type Client struct {
	stack  *ip.Stack
	iface  machine.Iface
	rand   *rand.Rand
	cfg    Config
	events Events
	timer  *machine.Timer

	state    State
	first    dhcpv6.MessageType // the message that Waiting ends with
	xid      dhcpv6.TransactionID
	begun    vtime.Time // when the first message of the exchange was sent
	sent     vtime.Time // the last one
	wait     time.Duration
	tries    int
	best     *dhcpv6.Message // of the Advertise messages so far
	server   dhcpv6.DUID     // that is asked
	offer    netip.Addr      // that is asked for
	lease    Lease
	remember Lease // of the last link, not valid without one
}

// NewClient returns a stopped client. Its owner hands it what comes to the client port.
func NewClient(s *ip.Stack, iface machine.Iface, r *rand.Rand, cfg Config, e Events) *Client {
	c := &Client{stack: s, iface: iface, rand: r, cfg: cfg, events: e}
	c.timer = s.Timers.New(c.deadline)
	return c
}

// State returns the present state.
func (c *Client) State() State { return c.state }

// Start begins on a link that was just entered: with the confirmation of the address that
// the client has from the link before, or from scratch. The interface needs a link-local
// address that may be used.
func (c *Client) Start(now vtime.Time) {
	c.Stop()
	c.first = dhcpv6.MessageTypeSolicit
	if c.cfg.Confirm && c.remember.Address.IsValid() && now < c.remember.Expires {
		c.first = dhcpv6.MessageTypeConfirm
	}
	c.state = Waiting
	delay := c.cfg.DelayMin
	if w := c.cfg.DelayMax - c.cfg.DelayMin; w > 0 {
		delay += time.Duration(c.rand.Int64N(int64(w) + 1))
	}
	if delay > 0 {
		ip.After(c.timer, now, delay)
		return
	}
	c.deadline(now)
}

// Stop ends everything: the link went down. The lease is remembered for Confirm.
func (c *Client) Stop() {
	if c.state >= Bound {
		c.remember = c.lease
	}
	c.timer.Stop()
	c.state, c.lease, c.best = Stopped, Lease{}, nil
}

// Decline tells the server that somebody else has the address of the lease (section
// 18.2.8). The client begins anew when the server has answered, or does not.
func (c *Client) Decline(now vtime.Time) {
	if c.state < Bound {
		return
	}
	c.server, c.offer = c.lease.server, c.lease.Address
	c.lease, c.remember = Lease{}, Lease{}
	c.begin(now, Declining)
}

// Relinquish gives the lease back (section 18.2.7) and stops the client. The message is sent
// once: whoever does so is about to leave.
func (c *Client) Relinquish(now vtime.Time) {
	if c.state >= Bound {
		c.server, c.offer = c.lease.server, c.lease.Address
		c.exchange(now)
		c.send(now, dhcpv6.MessageTypeRelease)
	}
	c.Stop()
	c.remember = Lease{}
}

// exchange starts a new transaction.
func (c *Client) exchange(now vtime.Time) {
	x := c.rand.Uint32()
	c.xid = dhcpv6.TransactionID{byte(x >> 16), byte(x >> 8), byte(x)}
	c.begun, c.tries, c.wait = now, 0, 0
}

// begin enters a state and sends its first message.
func (c *Client) begin(now vtime.Time, s State) {
	c.state, c.best = s, nil
	c.exchange(now)
	c.transmit(now)
}

// deadline is the timer: a message is due again, or an exchange or the lease is over.
func (c *Client) deadline(now vtime.Time) {
	switch c.state {
	case Waiting:
		if c.first == dhcpv6.MessageTypeConfirm {
			c.offer = c.remember.Address
			c.begin(now, Confirming)
			return
		}
		c.begin(now, Soliciting)
	case Soliciting:
		if c.best != nil { // the first wait is over: the best answer counts (section 18.2.1)
			c.request(now, c.best)
			return
		}
		c.transmit(now)
	case Requesting, Confirming, Declining:
		if c.exhausted(now) {
			c.giveUp(now)
			return
		}
		c.transmit(now)
	case Bound, Renewing, Rebinding:
		c.keep(now)
	}
}

// giveUp ends an exchange that nobody answers.
func (c *Client) giveUp(now vtime.Time) {
	if c.state == Confirming { // the address is used as before (section 18.2.3)
		c.bind(now, c.remember)
		return
	}
	c.begin(now, Soliciting)
}

// keep does what the lease's times demand (sections 18.2.4 and 18.2.5).
func (c *Client) keep(now vtime.Time) {
	switch {
	case now >= c.lease.Expires:
		lost := c.lease
		c.lease = Lease{}
		c.begin(now, Soliciting)
		if c.events.Lost != nil {
			c.events.Lost(now, lost)
		}
	case now >= c.lease.Rebind && c.state != Rebinding:
		c.begin(now, Rebinding)
	case now >= c.lease.Renew && c.state == Bound:
		c.begin(now, Renewing)
	default:
		c.transmit(now)
	}
}

// request asks the server of an Advertise for what it offers.
func (c *Client) request(now vtime.Time, m *dhcpv6.Message) {
	c.server = m.Options.ServerID()
	c.offer, _, _, _ = leased(association(m))
	c.begin(now, Requesting)
}

// bind takes a lease into use.
func (c *Client) bind(now vtime.Time, l Lease) {
	isNew := c.state < Bound
	c.state, c.lease, c.best = Bound, l, nil
	c.timer.Set(max(now, l.Renew))
	if isNew {
		c.stack.Out.Note(trace.Note{Kind: trace.DHCPBound, Home: l.Address, Lifetime: int64(l.Expires.Sub(now) / time.Second)})
	}
	if c.events.Bound != nil {
		c.events.Bound(now, l)
	}
}

// HandlePacket takes over a UDP datagram to the client port.
func (c *Client) HandlePacket(now vtime.Time, p *packet.Buf, in ip.Info) {
	m := ip.TakeMessage(c.stack, p, in, dhcpv6.MessageFromBytes)
	if m == nil || in.In != c.iface || c.state <= Waiting || m.TransactionID != c.xid {
		return
	}
	// Sections 16.3 and 16.10.
	client, server := m.Options.ClientID(), m.Options.ServerID()
	if client == nil || !client.Equal(identify(c.mac())) || server == nil {
		return
	}
	switch m.MessageType {
	case dhcpv6.MessageTypeAdvertise:
		if c.state == Soliciting {
			c.advertised(now, m)
		}
	case dhcpv6.MessageTypeReply:
		c.replied(now, m)
	}
}

// advertised takes an Advertise: the server with the greatest preference at once, others when
// the first wait is over (section 18.2.9).
func (c *Client) advertised(now vtime.Time, m *dhcpv6.Message) {
	ia := association(m)
	if ia == nil || status(m.Options.Status()) != iana.StatusSuccess || status(ia.Options.Status()) != iana.StatusSuccess {
		return
	}
	if _, _, _, ok := leased(ia); !ok || ia.IaId != c.iaid() {
		return
	}
	if m.Options.Preference() == 255 || c.tries > 1 {
		c.request(now, m)
		return
	}
	if c.best == nil || m.Options.Preference() > c.best.Options.Preference() {
		c.best = m
	}
}

// replied takes a Reply (section 18.2.10).
func (c *Client) replied(now vtime.Time, m *dhcpv6.Message) {
	whole := status(m.Options.Status())
	ia := association(m)
	switch c.state {
	case Soliciting:
		if !c.cfg.RapidCommit || m.GetOneOption(dhcpv6.OptionRapidCommit) == nil {
			return
		}
		c.take(now, m, ia)
	case Requesting:
		if !m.Options.ServerID().Equal(c.server) {
			return
		}
		if whole == iana.StatusNotOnLink || ia == nil || status(ia.Options.Status()) != iana.StatusSuccess {
			c.begin(now, Soliciting)
			return
		}
		c.take(now, m, ia)
	case Confirming:
		if whole == iana.StatusNotOnLink {
			c.remember = Lease{}
			c.begin(now, Soliciting)
			return
		}
		if whole == iana.StatusSuccess {
			c.bind(now, c.remember)
		}
	case Declining:
		c.begin(now, Soliciting)
	case Renewing, Rebinding:
		if c.state == Renewing && !m.Options.ServerID().Equal(c.lease.server) || ia == nil {
			return
		}
		if status(ia.Options.Status()) == iana.StatusNoBinding { // the server has forgotten: ask anew
			lost := c.lease
			c.server, c.offer, c.lease = m.Options.ServerID(), lost.Address, Lease{}
			c.begin(now, Requesting)
			if c.events.Lost != nil {
				c.events.Lost(now, lost)
			}
			return
		}
		if a, _, _, ok := leased(ia); ok && a == c.lease.Address {
			c.take(now, m, ia)
		}
	}
}

// take takes the lease of a Reply, which counts from when it was asked for.
func (c *Client) take(now vtime.Time, m *dhcpv6.Message, ia *dhcpv6.OptIANA) {
	if ia == nil || ia.IaId != c.iaid() {
		return
	}
	a, preferred, valid, ok := leased(ia)
	if !ok || ia.T1 > ia.T2 && ia.T2 > 0 { // section 21.4
		return
	}
	t1, t2 := ia.T1, ia.T2
	if t1 == 0 { // left to the client (section 21.4)
		t1 = part(preferred, 5)
	}
	if t2 == 0 {
		t2 = part(preferred, 8)
	}
	at := func(d time.Duration) vtime.Time {
		if d >= Infinite {
			return vtime.Never
		}
		return c.sent.Add(d)
	}
	c.bind(now, Lease{Address: a, Renew: at(min(t1, valid)), Rebind: at(min(t2, valid)), Expires: at(valid), server: m.Options.ServerID()})
}

// part returns tenths of a lifetime, which may have no end.
func part(d time.Duration, tenths time.Duration) time.Duration {
	if d >= Infinite {
		return Infinite
	}
	return d / 10 * tenths
}

func (c *Client) mac() wire.MAC { return c.stack.Interface(c.iface).MAC }

// iaid identifies the association: the last octets of the hardware address.
func (c *Client) iaid() (id [4]byte) {
	mac := c.mac()
	copy(id[:], mac[2:])
	return id
}
