package dhcp

import (
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/vtime"
)

// Lease is what a client may use until it expires.
type Lease struct {
	Address  netip.Addr
	Bits     int        // length of the on-link prefix
	Router   netip.Addr // default router, not valid if there is none
	Server   netip.Addr
	Duration time.Duration // from the REQUEST on; Infinite if it never ends
	ISATAP   []netip.Addr  // Potential Router List of the site (RFC 5214 section 8.3.2), empty if it has none
}

// Held is a lease with its instants: what a client remembers of a network.
type Held struct {
	Lease
	// When the client asks its server for more time, when it asks any server, and when the
	// lease is over (RFC 2131 section 4.4.5); Never for a lease without end.
	Renew, Rebind, Expires vtime.Time
}

// Verifier tells whether somebody else on the link has an address.
type Verifier interface {
	// Probe tells done the verdict, after some time. Stop ends it without one.
	Probe(now vtime.Time, a netip.Addr, done func(now vtime.Time, unique bool))
	Stop()
}

// Config are the options of a client.
type Config struct {
	// The client waits for a uniform time between these two before its first DISCOVER.
	// RFC 2131 section 4.4.1 suggests 1 s to 10 s, hardly any client does it, and the
	// default is not to wait.
	InitDelayMin, InitDelayMax time.Duration
	// Verifier checks an address before it is used (RFC 2131 section 4.4.1), nil for
	// nobody.
	Verifier Verifier
}

// Events are the functions through which a client tells its owner. Any may be nil.
type Events struct {
	// Bound: the lease was acquired or extended. The owner configures the address.
	Bound func(now vtime.Time, l Lease)
	// Lost: the lease expired or the server refused to extend it. The owner must give
	// the address up at once. The client begins anew by itself.
	Lost func(now vtime.Time, l Lease)
	// Failed: no server has answered all retransmissions of a DISCOVER. It is told once
	// for each acquisition; the client keeps trying every 64 s.
	Failed func(now vtime.Time)
}

// State is the state of a client (RFC 2131 figure 5).
type State uint8

// States of a client.
const (
	Stopped State = iota
	Init          // waits before its first DISCOVER
	Selecting
	Requesting
	Rebooting // asks for an address that it had before
	Checking  // has a lease and verifies that nobody else uses its address
	Bound
	Renewing
	Rebinding
)

var stateNames = [...]string{"STOPPED", "INIT", "SELECTING", "REQUESTING", "REBOOTING", "CHECKING", "BOUND", "RENEWING", "REBINDING"}

// String returns the name in RFC 2131.
func (s State) String() string { return stateNames[s] }

// Retransmission (RFC 2131 section 4.1) and renewal (section 4.4.5).
const (
	firstWait  = 4 * time.Second
	lastWait   = 64 * time.Second
	waitJitter = time.Second // either way

	// A series ends when the wait has grown to lastWait and is over, for a REQUEST when
	// "a total delay of 60 seconds" is (section 3.1.5).
	discoverTries = 5 // 4+8+16+32+64 s
	requestTries  = 4 // 4+8+16+32 s

	minRenewalWait = 60 * time.Second

	// After a DECLINE the client waits before it begins anew (section 3.1.5).
	declineWait = 10 * time.Second
)

// Client acquires and keeps one lease on one Ethernet interface. It does not configure the
// address: its owner does, who hears of it through Events.
type Client struct {
	stack  *ip.Stack
	iface  machine.Iface
	rand   *rand.Rand
	cfg    Config
	events Events
	timer  *machine.Timer

	state State
	xid   uint32
	begun vtime.Time // of the acquisition or renewal, for the field secs
	secs  uint16     // of the last DISCOVER: its REQUEST repeats it
	tries int        // transmissions of the present message
	wait  time.Duration
	sent  vtime.Time // when the last REQUEST was sent: the lease counts from then
	offer Lease      // being requested
	held  Held       // what it has

	// While Rebooting: a neighbour that the network is known by has answered, so that the
	// address is in use before a server has said anything (RFC 4436 section 2.1).
	confirmed bool
}

// NewClient returns a stopped client and makes it the stack's handler for the client port.
// A node with several clients registers a handler of its own afterwards that calls
// HandlePacket of the one for in.In.
func NewClient(s *ip.Stack, iface machine.Iface, r *rand.Rand, cfg Config, e Events) *Client {
	c := &Client{stack: s, iface: iface, rand: r, cfg: cfg, events: e}
	c.timer = s.Timers.New(c.deadline)
	s.HandleUDP(wire.PortDHCPv4Client, c.HandlePacket)
	return c
}

// State returns the present state.
func (c *Client) State() State { return c.state }

// Held returns the lease that is in use, false if there is none.
func (c *Client) Held() (Held, bool) { return c.held, c.inUse() }

func (c *Client) inUse() bool { return c.state >= Bound || c.state == Rebooting && c.confirmed }

// Start acquires a lease from scratch, whatever the client was doing. The owner of a lease
// that is forgotten thereby is not told.
func (c *Client) Start(now vtime.Time) {
	c.Stop(now)
	c.restart(now, c.cfg.InitDelayMin+c.uniform(c.cfg.InitDelayMax-c.cfg.InitDelayMin))
}

// Stop ends everything: the link went down, or no lease is wanted any more. Lost is not
// called.
func (c *Client) Stop(vtime.Time) {
	c.timer.Stop()
	c.enter(Stopped)
	c.stack.Interface(c.iface).Configuring = false
}

// enter changes to a state in which the client has no lease.
func (c *Client) enter(s State) {
	if c.state == Checking {
		c.cfg.Verifier.Stop()
	}
	c.state, c.held, c.confirmed = s, Held{}, false
}

// uniform draws from 0 to d inclusive.
func (c *Client) uniform(d time.Duration) time.Duration {
	if d <= 0 {
		return 0
	}
	return time.Duration(c.rand.Int64N(int64(d) + 1))
}

// restart enters INIT and leaves it after a delay.
func (c *Client) restart(now vtime.Time, delay time.Duration) {
	c.enter(Init)
	c.stack.Interface(c.iface).Configuring = true
	if delay > 0 {
		c.timer.Set(now.Add(delay))
		return
	}
	c.discover(now)
}

// begin starts a transaction.
func (c *Client) begin(now vtime.Time, s State) {
	c.state, c.begun, c.xid = s, now, c.rand.Uint32()
	c.series()
}

// series starts the retransmissions of a message anew.
func (c *Client) series() { c.tries, c.wait = 0, firstWait }

// retry arms the timer for the next retransmission.
func (c *Client) retry(now vtime.Time) {
	c.tries++
	c.timer.Set(now.Add(c.wait - waitJitter + c.uniform(2*waitJitter)))
	c.wait = min(2*c.wait, lastWait)
}

func (c *Client) discover(now vtime.Time) {
	c.begin(now, Selecting)
	c.sendDiscover(now)
}

func (c *Client) deadline(now vtime.Time) {
	switch c.state {
	case Init:
		c.discover(now)
	case Selecting:
		xid := c.xid
		if c.tries == discoverTries && c.events.Failed != nil {
			c.events.Failed(now)
		}
		if c.state == Selecting && c.xid == xid { // else its owner decided otherwise
			c.sendDiscover(now)
		}
	case Requesting:
		if c.tries == requestTries {
			c.restart(now, 0)
			return
		}
		c.sendRequest(now)
	case Rebooting:
		c.rebootAgain(now)
	case Checking:
		c.restart(now, 0) // the lease was over before its address was verified
	case Bound, Renewing, Rebinding:
		c.keep(now)
	}
}

func (c *Client) mac() wire.MAC { return c.stack.Interface(c.iface).MAC }

// HandlePacket takes over a UDP datagram to the client port.
func (c *Client) HandlePacket(now vtime.Time, p *packet.Buf, in ip.Info) {
	m := ip.TakeMessage(c.stack, p, in, dhcpv4.FromBytes)
	if m == nil || in.In != c.iface || m.OpCode != dhcpv4.OpcodeBootReply || transaction(m) != c.xid {
		return
	}
	if mac, ok := hardware(m); !ok || mac != c.mac() {
		return
	}
	switch typ := m.MessageType(); c.state {
	case Selecting:
		if typ == dhcpv4.MessageTypeOffer {
			c.accept(now, m)
		}
	case Requesting, Rebooting, Renewing, Rebinding:
		switch typ {
		case dhcpv4.MessageTypeAck:
			c.bind(now, m)
		case dhcpv4.MessageTypeNak:
			c.refused(now, m)
		}
	}
}

// accept asks for what the first usable offer offers.
func (c *Client) accept(now vtime.Time, m *dhcpv4.DHCPv4) {
	offer := Lease{Address: address(m.YourIPAddr), Server: option(m, dhcpv4.OptionServerIdentifier)}
	if !offer.Address.IsValid() || !offer.Server.IsValid() {
		return
	}
	c.offer = offer
	c.state = Requesting
	c.series()
	c.sendRequest(now)
}
