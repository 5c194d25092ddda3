package mn

import (
	"cmp"
	"net/netip"
	"time"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/mip"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// registration is the home registration: the Binding Update List entry of the IPv6 home
// address at the home agent, with its timers (RFC 6275 sections 11.1, 11.7.1 and 11.8).
type registration struct {
	m            *Node
	exists       bool // the home agent may hold a binding
	bound        bool // it has confirmed one that has not expired
	acknowledged bool
	careOf       netip.Addr
	confirmed    netip.Addr // care-of address of the last acceptance
	sequence     uint16
	oldest       uint16 // sequence number of the oldest Binding Update that is still unanswered
	asked        time.Duration
	sent         []vtime.Time // when the Binding Updates from oldest on were sent
	granted      time.Duration
	expires      vtime.Time
	interval     time.Duration // to the next retransmission

	recent [mip.MaxUpdateRate]vtime.Time // when the last Binding Updates were sent, the oldest first; Never for none

	retransmit *machine.Timer
	refresh    *machine.Timer
	delayed    *machine.Timer // sends what the update rate forbade
	expiry     *machine.Timer
}

func (u *registration) init(m *Node) {
	u.m = m
	u.retransmit = m.Timers.New(u.again)
	u.refresh = m.Timers.New(u.register)
	u.delayed = m.Timers.New(u.send)
	u.expiry = m.Timers.New(u.expired)
	for i := range u.recent {
		u.recent[i] = vtime.Never
	}
}

// pause stops all activity while there is no usable network. The binding at the home agent
// lives on until it expires.
func (u *registration) pause() {
	u.retransmit.Stop()
	u.refresh.Stop()
	u.delayed.Stop()
}

// expired is called when the binding has not been renewed in time. The home agent has none
// any more, unless a Binding Update that is under way has made a new one: the mobile node
// goes on asking (RFC 6275 section 11.8). From the home link there is nothing more to end.
func (u *registration) expired(now vtime.Time) {
	m := u.m
	trying := u.retransmit.Armed() || u.delayed.Armed()
	if !trying || m.place() == returning {
		u.forget()
		if m.place() == returning {
			m.arrived(now)
		}
		return
	}
	u.bound = false
	u.endIPv4()
}

// endIPv4 removes the entry of the IPv4 home address. An assigned address is the mobile
// node's for as long as its binding.
func (u *registration) endIPv4() {
	m := u.m
	m.ipv4Bound = false
	if m.ipv4.IsValid() && m.ipv4 != m.cfg.IPv4Home {
		m.giveUpIPv4()
	}
}

// forget removes the entry: the home agent holds no binding any more.
func (u *registration) forget() {
	u.pause()
	u.expiry.Stop()
	u.exists, u.bound, u.acknowledged = false, false, false
	u.endIPv4()
}

// register binds the home addresses to the current care-of address, or renews the binding.
// The first wait is longer when the home agent has no binding yet: it then verifies the
// home address first.
func (u *registration) register(now vtime.Time) {
	u.interval = mip.InitialBindackTimeout
	if !u.bound {
		u.interval = cmp.Or(u.m.cfg.FirstBindackTimeout, mip.InitialBindackTimeoutFirstReg)
	}
	u.asked = u.m.cfg.Lifetime
	u.begin(now)
}

// deregister ends the bindings, from the home link.
func (u *registration) deregister(now vtime.Time) {
	u.interval = mip.InitialBindackTimeout
	u.asked = 0
	u.begin(now)
}

func (u *registration) begin(now vtime.Time) {
	u.acknowledged = false
	u.careOf = u.m.careOf()
	if !u.careOf.IsValid() {
		u.careOf = u.m.cfg.HomeAddress // at home
	}
	u.refresh.Stop()
	u.outstanding()
	u.send(now)
}

// outstanding forgets the Binding Updates sent so far: they are not answered any more, or
// their answers do not count.
func (u *registration) outstanding() { u.oldest, u.sent = u.sequence+1, u.sent[:0] }

// again retransmits: doubled interval, new sequence number.
func (u *registration) again(now vtime.Time) {
	if u.m.agents.silent(now) {
		return
	}
	u.interval = min(2*u.interval, mip.MaxBindackTimeout)
	u.send(now)
}

// send sends a Binding Update, or has it sent as soon as the rate allows it: no more than
// MaxUpdateRate within a second (RFC 6275 sections 11.7.1 and 11.8).
func (u *registration) send(now vtime.Time) {
	if first := u.recent[0]; first != vtime.Never && now.Sub(first) < time.Second {
		u.retransmit.Stop()
		u.delayed.Set(first.Add(time.Second))
		return
	}
	copy(u.recent[:], u.recent[1:])
	u.recent[len(u.recent)-1] = now
	u.delayed.Stop()
	m := u.m
	u.sequence++
	u.sent = append(u.sent, now)
	f := wire.BindingUpdateFields{
		Sequence: u.sequence, Flags: wire.BUAcknowledge | wire.BUHomeRegistration, Lifetime: u.asked,
	}
	e := m.envelope()
	if u.asked > 0 {
		if !m.cfg.NoMappedAltCoA || !e.Source.Is4In6() {
			f.AlternateCareOf = e.Source // covered by ESP, unlike the IPv6 header
		}
		f.IPv4HomeAddress = m.ipv4Option()
	}
	m.Out.Note(trace.Note{
		Kind: trace.BindingUpdateSent, Home: m.cfg.HomeAddress, CareOf: u.careOf, Peer: m.cfg.HomeAgent,
		Sequence: u.sequence, Lifetime: int64(u.asked / time.Second),
	})
	u.exists = true
	p := mip.Compose(m.Stack, e, func(b []byte) []byte { return wire.AppendBindingUpdate(b, f, m.cfg.Layout) })
	m.Originate(now, p, e.Target())
	ip.After(u.retransmit, now, u.interval)
}

// envelope says how a Binding Update travels from here: from home plainly; from an IPv6
// network with the home address in an option (case A); from an IPv4 network the same in an
// IPv4 tunnel, with the mapped care-of address as source (case B).
func (m *Node) envelope() mip.Envelope {
	e := mip.Envelope{Source: m.cfg.HomeAddress, Destination: m.cfg.HomeAgent, Seal: m.cfg.Seal}
	switch {
	case m.careOf().Is4():
		e.Source, e.HomeAddress = mip.Mapped(m.careOf()), m.cfg.HomeAddress
		e.OuterSource, e.OuterDest = m.careOf(), m.cfg.HomeAgent4
	case m.careOf().Is6():
		e.Source, e.HomeAddress = m.careOf(), m.cfg.HomeAddress
	}
	return e
}

// ipv4Option returns the IPv4 home address option: the static or assigned address, or the
// unspecified one to be given an address; nil if none is wanted (draft section 3.3).
func (m *Node) ipv4Option() *wire.IPv4HomeAddress {
	switch {
	case m.ipv4Off || m.ipv4Failures > maxIPv4Failures || m.cfg.Layout.Style == wire.IPv4None:
		return nil
	case m.ipv4.IsValid():
		return &wire.IPv4HomeAddress{Address: m.ipv4, PrefixLen: 32}
	case m.cfg.IPv4Dynamic:
		return &wire.IPv4HomeAddress{Address: netip.IPv4Unspecified(), PrefixLen: 32}
	}
	return nil
}

func (m *Node) handleMobility(now vtime.Time, p *packet.Buf, in ip.Info) {
	h := mip.Receive(m.Stack, now, p, in)
	if h == nil {
		return
	}
	if why := m.mobility(now, h, in); why != 0 {
		m.Out.Drop(p, why)
		return
	}
	m.Out.Absorb(p)
}

// mobility takes a mobility message of the home agent, or of a correspondent. A reason
// tells that it is discarded silently.
func (m *Node) mobility(now vtime.Time, h wire.Mobility, in ip.Info) trace.Reason {
	if u, err := h.BindingUpdate(); err == nil {
		if mip.RefuseHome(m.Stack, now, u, in) {
			return 0
		}
		return trace.MobilityRejected
	}
	if in.Source != m.cfg.HomeAgent {
		return m.routes.receive(now, h, in)
	}
	if ack, err := h.BindingAcknowledgement(); err == nil {
		return m.acknowledged(now, ack, in)
	}
	if e, err := h.BindingError(); err == nil && m.homeAgentError(now, e) {
		return 0
	}
	return trace.MobilityRejected
}

// acknowledged judges a Binding Acknowledgement (RFC 6275 section 11.7.3). A reason tells
// that it is discarded silently.
func (m *Node) acknowledged(now vtime.Time, ack wire.BindingAcknowledgement, in ip.Info) trace.Reason {
	u := &m.update
	if m.cfg.IPsec && !(in.Secured && in.SecuredFor == m.cfg.HomeAddress) {
		return trace.SecurityRequired
	}
	if in.Source != m.cfg.HomeAgent || in.Destination != m.cfg.HomeAddress || !u.exists || u.acknowledged {
		return trace.MobilityRejected
	}
	if ack.Status() == wire.BindingSequenceOutOfWindow {
		// Not an answer to an outstanding number: it tells where to go on.
		u.sequence = ack.Sequence()
		u.outstanding()
		u.send(now)
		return 0
	}
	if n := ack.Sequence(); n != u.oldest && !mip.Newer(n, u.oldest) || mip.Newer(n, u.sequence) {
		return trace.MobilityRejected
	}
	if !ack.Status().IsAccepted() {
		u.pause()
		m.Out.Note(trace.Note{Kind: trace.BindingRejected, Home: m.cfg.HomeAddress, Peer: m.cfg.HomeAgent, Sequence: ack.Sequence(), Status: uint8(ack.Status())})
		if ack.Status() == wire.BindingNotHomeAgent && u.asked == 0 {
			u.forget() // nothing to deregister: as good as done
			m.deregistered(now, ack)
			return 0
		}
		m.agents.refused(now)
		return 0
	}
	u.acknowledged = true
	u.retransmit.Stop()
	if u.asked == 0 {
		u.forget()
		m.deregistered(now, ack)
		return 0
	}
	u.accept(now, ack)
	return 0
}

func (m *Node) deregistered(now vtime.Time, ack wire.BindingAcknowledgement) {
	m.Out.Note(trace.Note{Kind: trace.BindingDeregistered, Home: m.cfg.HomeAddress, Peer: m.cfg.HomeAgent, Sequence: ack.Sequence(), Status: uint8(ack.Status())})
	m.arrived(now)
}

// accept takes over the granted lifetime, which counts from when the update that is
// acknowledged was sent (RFC 6275 section 11.7.3).
func (u *registration) accept(now vtime.Time, ack wire.BindingAcknowledgement) {
	m := u.m
	u.bound = true
	m.agents.accepted()
	m.confirmed(now)
	m.cfg.Tunnel.Move(m.agent(), u.careOf)
	u.granted = min(ack.Lifetime(), u.asked)
	sent := u.sent[ack.Sequence()-u.oldest]
	u.expires = sent.Add(u.granted)
	u.expiry.Set(max(now, u.expires)) // an answer that took too long comes after the end
	next := u.granted / 100 * mip.RefreshPercent
	if advice, ok := ack.RefreshAdvice(); ok && advice > 0 && advice < u.granted {
		next = advice
	}
	u.refresh.Set(max(now, sent.Add(next)))
	m.Out.Note(trace.Note{
		Kind: trace.BindingAccepted, Home: m.cfg.HomeAddress, CareOf: u.careOf, Peer: m.cfg.HomeAgent,
		Sequence: ack.Sequence(), Status: uint8(ack.Status()), Lifetime: int64(u.granted / time.Second),
	})
	m.acceptIPv4(now, ack)
	m.home.registered(now, ack.Status())
	m.routes.homeBound(now)
}

// noOption is the status that stands in reports for an acknowledgement without the option.
const noOption = 255

// maxIPv4Failures is how often a failure without a reason is followed by another attempt
// with the next renewal.
const maxIPv4Failures = 3

// acceptIPv4 acts on the IPv4 address acknowledgement (draft section 3.3): success makes
// the second entry of the Binding Update List, anything else none.
func (m *Node) acceptIPv4(now vtime.Time, ack wire.BindingAcknowledgement) {
	asked := m.ipv4Option()
	if asked == nil {
		return
	}
	a, ok := ack.IPv4Acknowledgement(m.cfg.Layout)
	switch {
	case !ok:
		m.ipv4Bound, m.ipv4Off = false, true
		if m.cfg.Reprobe > 0 {
			ip.After(m.reprobe, now, m.cfg.Reprobe)
		}
		m.Out.Note(trace.Note{Kind: trace.IPv4HomeRefused, Home: m.ipv4, Peer: m.cfg.HomeAgent, Status: noOption})
	case !a.Status.IsSuccess():
		m.refusedIPv4(asked.Address, a.Status)
	case !asked.Address.IsUnspecified() && a.Address != asked.Address, a.Address.IsUnspecified(), a.Address.IsMulticast():
		// Success repeats what was asked for or assigns an address (draft section 3.2.1).
		m.refusedIPv4(asked.Address, wire.IPv4Unspecified)
	default:
		m.ipv4, m.ipv4Bound, m.ipv4Failures, m.ipv4Instead = a.Address, true, 0, false
		if m.Address(m.ipv4) == nil {
			m.AddAddress(ip.Virtual, m.ipv4, m.cfg.IPv4Prefix.Bits(), ip.Preferred)
		}
		m.Out.Note(trace.Note{Kind: trace.IPv4HomeAccepted, Home: m.ipv4, Peer: m.cfg.HomeAgent, Status: uint8(a.Status)})
	}
}

// refusedIPv4 decides whether the option will be in later Binding Updates, which the draft
// leaves open (section 3.3).
func (m *Node) refusedIPv4(asked netip.Addr, status wire.IPv4Status) {
	m.ipv4Bound = false
	m.Out.Note(trace.Note{Kind: trace.IPv4HomeRefused, Home: m.ipv4, Peer: m.cfg.HomeAgent, Status: uint8(status)})
	switch status {
	case wire.IPv4NoDynamic:
		// The next renewal asks again: an address may have become free.
	case wire.IPv4Prohibited:
		m.ipv4Off = true
	case wire.IPv4IncorrectAddress, wire.IPv4InvalidAddress:
		if m.cfg.IPv4Dynamic && !asked.IsUnspecified() && !m.ipv4Instead {
			m.ipv4Instead = true
			m.giveUpIPv4() // the next renewal asks for another
			return
		}
		m.ipv4Off = true
	default:
		m.ipv4Failures++
	}
}

// giveUpIPv4 forgets the IPv4 home address.
func (m *Node) giveUpIPv4() {
	m.RemoveAddress(m.ipv4)
	m.ipv4 = netip.Addr{}
}

// tryIPv4Again puts the option back into Binding Updates, from the next one on, which is
// sent at once where that is possible. The draft allows it (section 3.3) and advises against
// it (section 2.2.1).
func (m *Node) tryIPv4Again(now vtime.Time) {
	m.ipv4Off = false
	if m.place() == away && m.update.acknowledged {
		m.update.register(now)
	}
}
