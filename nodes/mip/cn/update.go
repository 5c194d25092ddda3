package cn

import (
	"net/netip"
	"time"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/mip"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// request is a Binding Update under judgement.
type request struct {
	wire.BindingUpdate
	home    netip.Addr
	careOf  netip.Addr // that the authenticator covers: the home address in a deletion
	indices wire.NonceIndices
	key     mip.Key
	in      ip.Info
}

func (r *request) deletes() bool { return r.Lifetime() == 0 || r.careOf == r.home }

// update judges a Binding Update (RFC 6275 section 9.5.1). A reason tells that it is
// discarded silently. Nonces and authenticator come before the sequence number, since the
// answer to a wrong one must carry an authenticator itself.
func (n *Node) update(now vtime.Time, m wire.Mobility, in ip.Info) trace.Reason {
	u, _ := m.BindingUpdate()
	r := &request{BindingUpdate: u, home: in.Source, in: in}
	if !mip.IsCareOf(r.home) || in.WireSource.IsMulticast() {
		return trace.MobilityRejected
	}
	indices, present := u.NonceIndices()
	if u.Has(wire.BUHomeRegistration) {
		if present {
			return trace.MobilityRejected
		}
		return n.refuseHome(now, r)
	}
	// Found only as the last option, without padding after it.
	if _, authorized := u.AuthorizationData(); !present || !authorized {
		return trace.MobilityRejected
	}
	r.indices, r.careOf = indices, careOf(u, in)
	if r.deletes() {
		r.careOf, r.indices.CareOf = r.home, 0
	} else if !mip.IsCareOf(r.careOf) {
		return trace.MobilityRejected
	}
	if status := n.authorize(now, r); status != wire.BindingAccepted {
		// Without the tokens there is no key for an authenticator.
		n.acknowledge(now, r, wire.BindingAcknowledgementFields{Status: status, Sequence: u.Sequence()}, false)
		return 0
	}
	if !r.key.Verify(r.careOf, in.Destination, m) {
		return trace.MobilityRejected
	}
	if last, bad := n.outOfWindow(r); bad {
		n.acknowledge(now, r, wire.BindingAcknowledgementFields{Status: wire.BindingSequenceOutOfWindow, Sequence: last}, true)
		return 0
	}
	var granted time.Duration
	if r.deletes() {
		n.remove(now, r.home, r.in.Destination, u.Sequence())
	} else {
		granted = n.bind(now, r)
	}
	if u.Has(wire.BUAcknowledge) {
		n.acknowledge(now, r, wire.BindingAcknowledgementFields{Sequence: u.Sequence(), Lifetime: granted}, true)
	}
	return 0
}

func careOf(u wire.BindingUpdate, in ip.Info) netip.Addr {
	if a, ok := u.AlternateCareOf(); ok {
		return a
	}
	return in.WireSource
}

// refuseHome answers an update that asks for a home registration: the type of an existing
// binding may not change, and this node is no home agent (RFC 6275 sections 9.5.1 and
// 10.3.1). Nothing that the two nodes share could authenticate the answer.
func (n *Node) refuseHome(now vtime.Time, r *request) trace.Reason {
	if n.cache.Live(r.home) != nil {
		n.acknowledge(now, r, wire.BindingAcknowledgementFields{Status: wire.BindingTypeChangeDisallowed, Sequence: r.Sequence()}, false)
		return 0
	}
	if mip.RefuseHome(n.Stack, now, r.BindingUpdate, r.in) {
		return 0
	}
	return trace.MobilityRejected
}

// authorize makes the key that the update must be authenticated with from the nonces that
// it names. The care-of nonce does not matter to a deletion.
func (n *Node) authorize(now vtime.Time, r *request) wire.BindingStatus {
	home, knowsHome := n.nonces.HomeTokenOf(now, r.indices.Home, r.home)
	if r.deletes() {
		if !knowsHome {
			return wire.BindingExpiredHomeNonce
		}
		r.key = mip.DeletionKey(home)
		return wire.BindingAccepted
	}
	careOf, knowsCareOf := n.nonces.CareOfTokenOf(now, r.indices.CareOf, r.careOf)
	switch {
	case !knowsHome && !knowsCareOf:
		return wire.BindingExpiredNonces
	case !knowsHome:
		return wire.BindingExpiredHomeNonce
	case !knowsCareOf:
		return wire.BindingExpiredCareOfNonce
	}
	r.key = mip.BindingKey(home, careOf)
	return wire.BindingAccepted
}

// outOfWindow reports whether the sequence number is not newer than the last one, and that.
// Without a binding any number will do, except from an update that was used already: it
// would bring a deleted binding back (RFC 6275 sections 5.2.8 and 9.5.3).
func (n *Node) outOfWindow(r *request) (last uint16, bad bool) {
	b := n.cache.Get(r.home)
	if b == nil || mip.Newer(r.Sequence(), b.Sequence) {
		return 0, false
	}
	if b.Deleted && (b.Indices != r.indices || b.CareOf != r.careOf) && !r.deletes() {
		return 0, false
	}
	return b.Sequence, true
}

// bind makes or renews a binding (RFC 6275 section 9.5.2).
func (n *Node) bind(now vtime.Time, r *request) time.Duration {
	kind := trace.BindingCreated
	var used vtime.Time
	if old := n.cache.Live(r.home); old != nil {
		kind, used = trace.BindingUpdated, old.Used
	}
	granted := min(r.Lifetime(), mip.MaxRRBindingLifetime)
	b := &mip.Binding{
		HomeAddress: r.home, Owner: r.home, CareOf: r.careOf, Sequence: r.Sequence(), Lifetime: granted,
		Expires: now.Add(granted), Indices: r.indices, Used: used,
	}
	n.watch(b, now)
	n.cache.Put(b)
	n.Out.Note(trace.Note{Kind: kind, Home: r.home, CareOf: r.careOf, Peer: r.in.Destination, Sequence: b.Sequence, Lifetime: int64(granted / time.Second)})
	return granted
}

// remove deletes a binding. What authorized it is remembered for as long as its nonces may
// be known, so that it cannot be used again. asked is the address that the mobile node asked
// at; not valid for an expiry.
func (n *Node) remove(now vtime.Time, home, asked netip.Addr, sequence uint16) {
	old := n.cache.Get(home)
	if old == nil {
		return
	}
	if !old.Deleted {
		n.Out.Note(trace.Note{Kind: trace.BindingRemoved, Home: home, CareOf: old.CareOf, Peer: asked})
	}
	b := *old
	b.Deleted, b.Sequence = true, sequence
	b.Timer = n.Timers.New(func(vtime.Time) { n.cache.Delete(home) })
	n.cache.Put(&b)
	ip.After(b.Timer, now, mip.MaxNonceLifetime)
}

// acknowledge answers an update to where it came from, with a routing header if it named
// the home address in an option (RFC 6275 section 9.5.4).
func (n *Node) acknowledge(now vtime.Time, r *request, f wire.BindingAcknowledgementFields, sign bool) {
	e := mip.Envelope{Source: r.in.Destination, Destination: r.in.WireSource, RoutingHome: r.in.HomeAddress}
	if sign {
		f.Authenticator = &[wire.AuthenticatorLen]byte{}
	}
	p := mip.Compose(n.Stack, e, func(b []byte) []byte {
		start := len(b)
		b = wire.AppendBindingAcknowledgement(b, f, wire.IPv4Layout{})
		if sign {
			r.key.Sign(r.careOf, e.Source, b[start:])
		}
		return b
	})
	n.Originate(now, p, e.Target())
}
