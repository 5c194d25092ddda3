package mn

import (
	"net/netip"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/mip"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// acknowledge takes a Binding Acknowledgement of the correspondent (RFC 6275 section
// 11.7.3). It counts only with the right authenticator, which must be its last option, and
// for an update that waits for its answer; the statuses about nonces come without one.
func (c *correspondent) acknowledge(now vtime.Time, h wire.Mobility, ack wire.BindingAcknowledgement) bool {
	if len(c.unanswered) == 0 {
		return false
	}
	status := ack.Status()
	if status == wire.BindingExpiredHomeNonce || status == wire.BindingExpiredCareOfNonce || status == wire.BindingExpiredNonces {
		_, matches := c.sentAt(ack.Sequence())
		if matches {
			c.reopen()
			c.tokensExpired(now, status)
		}
		return matches
	}
	if _, signed := ack.AuthorizationData(); !signed || !c.key.Verify(c.signedFor, c.addr, h) {
		return false
	}
	if status == wire.BindingSequenceOutOfWindow {
		// Not an answer to an outstanding number: it tells where to go on.
		c.reopen()
		if !c.another(now, ack) {
			return true
		}
		c.sequence = ack.Sequence()
		c.update(now)
		return true
	}
	since, matches := c.sentAt(ack.Sequence())
	switch {
	case !matches:
		return false
	case !status.IsAccepted():
		c.reopen()
		c.reject(ack)
		c.fail(now, false)
	case c.goal == remove:
		c.m.Out.Note(trace.Note{Kind: trace.BindingDeregistered, Home: c.m.cfg.HomeAddress, Peer: c.addr, Sequence: ack.Sequence(), Status: uint8(status)})
		c.settle()
		c.gone()
	default:
		c.accepted(now, since, min(ack.Lifetime(), c.asked))
		c.m.Out.Note(trace.Note{
			Kind: trace.BindingAccepted, Home: c.m.cfg.HomeAddress, CareOf: c.boundTo, Peer: c.addr,
			Sequence: ack.Sequence(), Status: uint8(status), Lifetime: int64(c.granted.Seconds()),
		})
		c.settle()
	}
	return true
}

// reopen takes back that an update which asked for no answer was taken as accepted: there
// is a refusal.
func (c *correspondent) reopen() {
	if c.goal == rest {
		c.goal, c.acknowledged = register, false
	}
}

// sentAt returns when the update of a sequence number was sent, if its answer is awaited.
func (c *correspondent) sentAt(sequence uint16) (vtime.Time, bool) {
	for _, s := range c.unanswered {
		if s.sequence == sequence {
			return s.at, true
		}
	}
	return 0, false
}

// tokensExpired discards the tokens that the correspondent does not know any more, and
// tests anew.
func (c *correspondent) tokensExpired(now vtime.Time, status wire.BindingStatus) {
	if status != wire.BindingExpiredCareOfNonce {
		c.home.have = false
	}
	if status != wire.BindingExpiredHomeNonce {
		c.careOf.have = false
	}
	c.retransmit.Stop()
	if c.retries == mip.MaxROFailure {
		c.fail(now, false)
		return
	}
	c.retries++
	c.unanswered = c.unanswered[:0]
	c.pursue(now)
}

// another reports whether a refused update may be followed by one more.
func (c *correspondent) another(now vtime.Time, ack wire.BindingAcknowledgement) bool {
	if c.retries == mip.MaxROFailure {
		c.reject(ack)
		c.fail(now, false)
		return false
	}
	c.retries++
	return true
}

func (c *correspondent) reject(ack wire.BindingAcknowledgement) {
	c.m.Out.Note(trace.Note{
		Kind: trace.BindingRejected, Home: c.m.cfg.HomeAddress, Peer: c.addr, Sequence: ack.Sequence(), Status: uint8(ack.Status()),
	})
}

// refresh takes a Binding Refresh Request: only for a binding that the node knows of (RFC
// 6275 section 11.7.4).
func (c *correspondent) refresh(now vtime.Time) bool {
	if !c.exists || c.boundTo != c.m.careOf() || c.goal == remove {
		return false
	}
	c.want(now, register)
	return true
}

// bindingError takes a Binding Error (RFC 6275 section 11.3.6). There is no information
// about the progress of upper layers, so that a correspondent that does not know the binding
// is believed, and the next packet begins a new registration. One that does not know a type
// of message although an answer is awaited cannot do route optimization.
func (c *correspondent) bindingError(now vtime.Time, e wire.BindingError) bool {
	switch e.Status() {
	case wire.BindingErrorUnknownBinding:
		if !c.exists || e.HomeAddress() != c.m.cfg.HomeAddress {
			return false
		}
		c.settle()
		c.gone()
		return true
	case wire.BindingErrorUnknownType:
		if !c.awaits() {
			return false
		}
		c.fail(now, true)
		return true
	}
	return false
}

// awaits reports whether an answer of the correspondent is awaited.
func (c *correspondent) awaits() bool {
	return c.home.pending || c.careOf.pending || len(c.unanswered) > 0
}

// homeAgentError takes a Binding Error of the home agent: it has lost the binding, and gets
// it anew (RFC 6275 section 11.3.6).
func (m *Node) homeAgentError(now vtime.Time, e wire.BindingError) bool {
	u := &m.update
	if e.Status() != wire.BindingErrorUnknownBinding || e.HomeAddress() != m.cfg.HomeAddress || m.place() != away || !u.acknowledged {
		return false
	}
	u.bound = false
	u.register(now)
	return true
}

// parameterProblem takes ICMPv6 Parameter Problems. Code 1 that points to a Mobility Header
// says that the correspondent does not know Mobile IPv6 (RFC 6275 section 11.3.5).
func (m *Node) parameterProblem(now vtime.Time, p *packet.Buf, in ip.Info) {
	if e := wire.ICMPv6(p.Bytes()[in.Offset:]); e.Code() == wire.ICMPv6CodeUnknownNextHeader {
		m.unknownHeader(now, e, in.Source)
	}
	m.Out.Absorb(p)
}

func (m *Node) unknownHeader(now vtime.Time, problem wire.ICMPv6, from netip.Addr) {
	h, err := wire.ParseQuotedIPv6(problem.Quoted())
	if err != nil || h.Destination() != from {
		return
	}
	q, err := wire.WalkIPv6(h)
	if err != nil || q.Upper != wire.ProtoMobility || uint32(q.NextHeaderAt) != problem.Pointer() {
		return
	}
	if c := m.routes.known(from); c != nil && c.awaits() {
		c.fail(now, true)
	}
}
