package mn

import (
	"net/netip"
	"time"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/mip"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// goal is what the node wants of a correspondent's binding cache.
type goal uint8

const (
	rest     goal = iota
	register      // the care-of address shall be there
	remove        // nothing shall be there
)

const (
	inUse  = time.Minute              // a binding counts as used for so long after a packet
	offFor = mip.MaxRRBindingLifetime // how long no optimisation is tried after it failed (RFC 6275 section 11.3.5)
	unitOf = 4 * time.Second          // of lifetimes
)

// correspondent is the Binding Update List entry of the IPv6 home address at a
// correspondent node, with its return routability (RFC 6275 section 11.1). It outlives its
// bindings: sequence numbers go on where they were.
type correspondent struct {
	m     *Node
	addr  netip.Addr
	goal  goal
	begun bool // a milestone told of the current goal's pursuit

	home   test
	careOf test

	exists       bool // the correspondent may hold a binding
	acknowledged bool
	boundTo      netip.Addr // care-of address that it was told last
	granted      time.Duration
	expires      vtime.Time
	refreshAt    vtime.Time
	used         vtime.Time // last packet of a conversation

	sequence   uint16
	unanswered []sent // Binding Updates of the current goal
	key        mip.Key
	signedFor  netip.Addr // care-of address under the authenticator
	asked      time.Duration
	interval   time.Duration
	retries    int // of Binding Updates, and of refusals that can be mended
	rate       rate
	queued     bool

	refused  bool // it cannot do route optimization, as opposed to not answering
	offUntil vtime.Time

	retransmit *machine.Timer
	life       *machine.Timer
}

// sent is a Binding Update that may still be answered.
type sent struct {
	sequence uint16
	at       vtime.Time
}

func newCorrespondent(m *Node, a netip.Addr) *correspondent {
	c := &correspondent{m: m, addr: a, sequence: uint16(m.cfg.Rand.Uint64())}
	c.home.init0(c, c.homeTestInit)
	c.careOf.init0(c, c.careOfTestInit)
	c.retransmit = m.Timers.New(c.again)
	c.life = m.Timers.New(c.aged)
	return c
}

// want sets the goal and goes for it.
func (c *correspondent) want(now vtime.Time, g goal) {
	if c.goal != g {
		c.settle()
		c.goal = g
	}
	c.pursue(now)
}

// settle ends the pursuit of the goal.
func (c *correspondent) settle() {
	c.pause()
	c.goal = rest
}

// pause stops tests and retransmissions. What was sent is not waited for any longer.
func (c *correspondent) pause() {
	c.home.stop()
	c.careOf.stop()
	c.retransmit.Stop()
	c.unanswered, c.retries, c.queued, c.begun = c.unanswered[:0], 0, false, false
}

// pursue takes the next step towards the goal: tests for which there is no usable token, in
// parallel, and then the Binding Update.
func (c *correspondent) pursue(now vtime.Time) {
	if !c.may() {
		return
	}
	if len(c.unanswered) > 0 || c.queued {
		return
	}
	if !c.begun {
		c.begun = true
		c.m.Out.Note(trace.Note{Kind: trace.RouteOptimizationStarted, Home: c.m.cfg.HomeAddress, CareOf: c.target(), Peer: c.addr})
	}
	if !c.home.fresh(now, c.m.cfg.HomeAddress) {
		c.home.start(now, c.m.cfg.HomeAddress)
	}
	if c.goal == register && !c.careOf.fresh(now, c.m.careOf()) {
		c.careOf.start(now, c.m.careOf())
	}
	if c.home.pending || c.goal == register && c.careOf.pending {
		return
	}
	c.interval = mip.InitialBindackTimeout
	c.update(now)
}

// may reports whether the goal can be pursued from where the node is. The home registration
// that it rests on may have ended meanwhile.
func (c *correspondent) may() bool {
	r := &c.m.routes
	return c.goal == register && r.mayRegister() || c.goal == remove && r.mayDelete()
}

// target returns the care-of address that the goal is about: the home address to delete.
func (c *correspondent) target() netip.Addr {
	if c.goal == register {
		return c.m.careOf()
	}
	return c.m.cfg.HomeAddress
}

// update sends a Binding Update (RFC 6275 section 11.7.2). From an IPv4 network it goes from
// the home address through the tunnel, as from home.
func (c *correspondent) update(now vtime.Time) {
	m := c.m
	if at := c.rate.next(now); at > now {
		c.queued = true
		c.retransmit.Set(at)
		return
	}
	c.queued = false
	f := wire.BindingUpdateFields{
		Flags: wire.BUAcknowledge, NonceIndices: &wire.NonceIndices{Home: c.home.index}, Authenticator: &[wire.AuthenticatorLen]byte{},
	}
	e := mip.Envelope{Source: m.cfg.HomeAddress, Destination: c.addr}
	c.asked, c.signedFor, c.key = 0, c.target(), mip.DeletionKey(c.home.token)
	if c.goal == register {
		// No longer than the home agent forwards what comes to it (RFC 6275 section 11.7.2).
		c.asked = min(mip.MaxRRBindingLifetime, m.update.expires.Sub(now)) / unitOf * unitOf
		if c.asked <= 0 {
			return // the next home registration makes up for it
		}
		f.NonceIndices.CareOf = c.careOf.index
		c.key = mip.BindingKey(c.home.token, c.careOf.token)
		e.Source, e.HomeAddress = m.careOf(), m.cfg.HomeAddress
		if m.cfg.NoCorrespondentAck {
			f.Flags = 0
		}
	}
	c.sequence++
	f.Sequence, f.Lifetime = c.sequence, c.asked
	c.rate.count(now)
	c.unanswered = append(c.unanswered, sent{c.sequence, now})
	m.Out.Note(trace.Note{
		Kind: trace.BindingUpdateSent, Home: m.cfg.HomeAddress, CareOf: c.signedFor, Peer: c.addr,
		Sequence: c.sequence, Lifetime: int64(c.asked / time.Second),
	})
	p := mip.Compose(m.Stack, e, func(b []byte) []byte {
		start := len(b)
		b = wire.AppendBindingUpdate(b, f, wire.IPv4Layout{})
		c.key.Sign(c.signedFor, c.addr, b[start:])
		return b
	})
	c.told(now, f.Flags == 0)
	if c.goal == remove {
		m.fromHome(now, p)
		return
	}
	m.Originate(now, p, c.addr)
	if f.Flags == 0 {
		c.goal, c.begun = rest, false // a refusal may still come
	}
}

// told notes that the correspondent may hold a binding to another address from now on.
// Without an acknowledgement to come it is taken to have accepted.
func (c *correspondent) told(now vtime.Time, final bool) {
	if c.goal == remove {
		ip.After(c.retransmit, now, c.interval)
		c.acknowledged, c.boundTo = false, c.m.cfg.HomeAddress
		return
	}
	if c.boundTo != c.m.careOf() {
		c.acknowledged = false
	}
	c.exists, c.boundTo = true, c.m.careOf()
	if final {
		c.accepted(now, now, c.asked)
		return
	}
	if !c.acknowledged {
		c.granted, c.expires, c.refreshAt = c.asked, now.Add(c.asked), vtime.Never
		c.life.Set(c.expires)
	}
	ip.After(c.retransmit, now, c.interval)
}

// again retransmits a Binding Update, with a doubled interval and a new sequence number, or
// gives up. Tokens that have become too old are replaced first.
func (c *correspondent) again(now vtime.Time) {
	if !c.may() {
		c.pause()
		return
	}
	if c.queued {
		c.queued = false
	} else {
		if c.retries == mip.MaxROFailure {
			c.fail(now, false)
			return
		}
		c.retries++
		c.interval = min(2*c.interval, mip.MaxBindackTimeout)
	}
	if !c.home.fresh(now, c.m.cfg.HomeAddress) || c.goal == register && !c.careOf.fresh(now, c.m.careOf()) {
		c.unanswered = c.unanswered[:0]
		c.pursue(now)
		return
	}
	c.update(now)
}

// usable reports whether packets may carry the home address in an option: the
// correspondent knows the care-of address that they come from.
func (c *correspondent) usable(now vtime.Time) bool {
	return c.exists && c.acknowledged && c.boundTo == c.m.careOf() && now < c.expires
}

// accepted notes a binding that was made by an update sent at an instant, from which its
// lifetime counts.
func (c *correspondent) accepted(now, since vtime.Time, granted time.Duration) {
	c.acknowledged = true
	c.granted, c.expires = granted, since.Add(granted)
	c.refreshAt = since.Add(granted / 100 * mip.RefreshPercent)
	c.life.Set(max(now, c.refreshAt))
}

// aged is called when a binding should be refreshed, which it is if a conversation goes on,
// and when it has expired.
func (c *correspondent) aged(now vtime.Time) {
	if now >= c.expires {
		c.gone()
		return
	}
	c.life.Set(c.expires)
	if c.m.careOf().Is6() && c.goal == rest && now >= c.offUntil && now.Sub(c.used) < inUse {
		c.want(now, register)
	}
}

// gone notes that the correspondent holds no binding.
func (c *correspondent) gone() {
	c.life.Stop()
	c.exists, c.acknowledged, c.boundTo, c.granted = false, false, netip.Addr{}, 0
}

// deleteOrForget ends the binding, if there may be one, by asking or by waiting for its end.
func (c *correspondent) deleteOrForget(now vtime.Time, ask bool) {
	switch {
	case !c.exists || !ask:
		c.settle()
		c.gone()
	default:
		c.want(now, remove)
	}
}

// fail ends the attempt. The node's packets go through the home agent for a while, for long
// if the correspondent is known not to support it.
func (c *correspondent) fail(now vtime.Time, refused bool) {
	c.m.Out.Note(trace.Note{Kind: trace.RouteOptimizationFailed, Home: c.m.cfg.HomeAddress, CareOf: c.target(), Peer: c.addr})
	deleting := c.goal == remove
	c.settle()
	c.offUntil, c.refused = now.Add(offFor), refused
	if deleting || refused {
		c.gone()
	}
}

// forgive lets a correspondent that did not answer be tried again from a new network.
func (c *correspondent) forgive(moved bool) {
	if moved && !c.refused {
		c.offUntil = 0
	}
}
