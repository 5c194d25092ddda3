package ha

import (
	"net/netip"
	"time"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/mip"
	"dsmipsim/nodes/nd"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// request is what a Binding Update asks for.
type request struct {
	home     netip.Addr
	careOf   netip.Addr // IPv6 or IPv4
	sequence uint16
	lifetime time.Duration
	ipv4     *wire.IPv4HomeAddress // the IPv4 home address option, or nil
	clash    bool                  // somebody on the home link has the IPv4 home address
	reply    mip.Envelope
}

// update judges a Binding Update (RFC 6275 sections 9.5.1 and 10.3.1, draft section 3.4).
// A reason tells that it is discarded silently.
func (a *Agent) update(now vtime.Time, u wire.BindingUpdate, in ip.Info) trace.Reason {
	r := &request{home: in.Source, sequence: u.Sequence(), lifetime: u.Lifetime()}
	if a.cfg.IPsec && !(in.Secured && in.SecuredFor == r.home) {
		return trace.SecurityRequired
	}
	if !mip.IsCareOf(r.home) {
		return trace.MobilityRejected
	}
	home := u.Has(wire.BUHomeRegistration)
	if !home && a.cache.Live(r.home) == nil {
		return trace.MobilityRejected // to a correspondent node, without authorization that it could verify
	}
	if _, present := u.NonceIndices(); present {
		return trace.MobilityRejected // forbidden in a home registration (RFC 6275 section 9.5.1)
	}
	if why := a.careOf(r, u, in); why != 0 {
		return why
	}
	if h, ok := u.IPv4HomeAddress(a.cfg.Layout); ok {
		r.ipv4 = &h
	}
	r.reply = a.envelope(r, in)

	mobile := a.mobiles[r.home]
	if last, known := a.lastSequence(r.home); known && !mip.Newer(r.sequence, last) {
		r.sequence = last
		a.reject(now, r, wire.BindingSequenceOutOfWindow)
		return 0
	}
	switch {
	case !home:
		a.reject(now, r, wire.BindingTypeChangeDisallowed)
	case !a.cfg.Prefix.Contains(r.home):
		a.reject(now, r, wire.BindingNotHomeSubnet)
	case mobile == nil:
		a.reject(now, r, wire.BindingProhibited)
	case mobile.Refuse != 0:
		a.reject(now, r, mobile.Refuse)
	case !r.careOf.Is4() && !mip.IsCareOf(r.careOf):
		a.reject(now, r, wire.BindingInvalidCareOfAddress)
	case r.lifetime == 0 || r.careOf == r.home:
		a.deregister(now, r)
	default:
		a.register(now, r)
	}
	return 0
}

// careOf finds the care-of address. Over IPv4 it is the tunnel's source, and the three
// places that name it must agree; over IPv6 an Alternate Care-of Address option wins.
func (a *Agent) careOf(r *request, u wire.BindingUpdate, in ip.Info) trace.Reason {
	alternate, has := u.AlternateCareOf()
	if in.WireSource.Is4In6() {
		if in.WireSource != mip.Mapped(in.Tunnel) || has && alternate != in.WireSource {
			return trace.MapMismatch
		}
		r.careOf = in.Tunnel
		return 0
	}
	if !mip.IsCareOf(in.WireSource) {
		return trace.MobilityRejected // nobody could be told
	}
	r.careOf = in.WireSource
	if has {
		r.careOf = alternate
	}
	return 0
}

// envelope prepares the answer: to the source of the Binding Update, with a routing header
// if that named the home address in an option (RFC 6275 section 9.5.4), and through the
// IPv4 tunnel if it came through one (draft section 3.4).
func (a *Agent) envelope(r *request, in ip.Info) mip.Envelope {
	e := mip.Envelope{Source: a.cfg.Address, Destination: in.WireSource}
	if in.HomeAddress.IsValid() {
		e.RoutingHome = in.HomeAddress
	}
	if in.WireSource.Is4In6() {
		e.OuterSource, e.OuterDest = a.cfg.IPv4, in.Tunnel
	}
	if m := a.mobiles[r.home]; m != nil {
		e.Seal = m.Seal
	}
	return e
}

// lastSequence returns the number of the last update that counted for a home address, be
// it still waiting for duplicate address detection.
func (a *Agent) lastSequence(home netip.Addr) (uint16, bool) {
	if r := a.pending[home]; r != nil {
		return r.sequence, true
	}
	if b := a.cache.Get(home); b != nil {
		return b.Sequence, true
	}
	return 0, false
}

// register creates or renews bindings. Without one the home address is verified on the
// home link first (RFC 6275 section 10.3.1); a retransmission meanwhile takes the place of
// the update that waits.
func (a *Agent) register(now vtime.Time, r *request) {
	if a.cache.Live(r.home) != nil {
		a.bind(now, r)
		return
	}
	if w := a.pending[r.home]; w != nil {
		r.clash = w.clash
		a.pending[r.home] = r
		return
	}
	if n := a.cfg.MaxBindings; n > 0 && a.served() >= n {
		a.reject(now, r, wire.BindingInsufficientResources)
		return
	}
	if a.cfg.Unverified {
		a.bind(now, r)
		return
	}
	a.pending[r.home] = r
	if r.ipv4 != nil && a.isUnicast(r.ipv4.Address) {
		// Its conclusion comes no later than that of the IPv6 address below.
		a.nd.ProbeIPv4(now, a.cfg.Home, r.ipv4.Address, func(_ vtime.Time, unique bool) {
			if w := a.pending[r.home]; w != nil && !unique {
				w.clash = true
			}
		})
	}
	a.nd.Probe(now, a.cfg.Home, r.home, func(now vtime.Time, unique bool) {
		r := a.pending[r.home]
		delete(a.pending, r.home)
		if !unique {
			a.reject(now, r, wire.BindingDADFailed)
			return
		}
		a.bind(now, r)
	})
}

func (a *Agent) bind(now vtime.Time, r *request) {
	address, status := a.ipv4For(r)
	accepted, valid := a.told.judge(now)
	granted := min(a.granted(r, address, status), valid)
	old := a.cache.Live(r.home)
	timer := a.expiry(r.home)
	b := &mip.Binding{
		HomeAddress: r.home, Owner: r.home, CareOf: r.careOf, Home: true, Sequence: r.sequence,
		Lifetime: granted, Expires: now.Add(granted), Timer: timer,
	}
	a.cache.Put(b)
	timer.Set(b.Expires)
	if m := a.mobiles[r.home]; m != nil {
		m.Tunnel.Move(r.careOf, a.tunnel(b).Local)
	}
	kind := trace.BindingUpdated
	if old == nil {
		kind = trace.BindingCreated
		a.defend(r.home, r.home)
	}
	if old == nil || old.CareOf != r.careOf {
		a.s.ForgetPath(r.careOf) // what was learnt may be from another time there
	}
	a.s.Out.Note(trace.Note{Kind: kind, Home: r.home, CareOf: r.careOf, Sequence: r.sequence, Lifetime: int64(granted / time.Second)})
	ack := a.bindIPv4(now, r, granted, address, status)
	f := wire.BindingAcknowledgementFields{
		Status: accepted, Sequence: r.sequence, Lifetime: granted, IPv4Acknowledgement: ack,
	}
	if a.cfg.Advice < granted {
		f.RefreshAdvice = a.cfg.Advice
	}
	a.acknowledge(now, r, f)
}

// granted returns the lifetime of a binding: not longer than asked for, than the agent
// allows, or than the lease of a dynamic IPv4 home address lasts, which every registration
// renews (draft section 2.4).
func (a *Agent) granted(r *request, address netip.Addr, status wire.IPv4Status) time.Duration {
	d := min(r.lifetime, a.cfg.MaxLifetime)
	if lease, ok := a.leases[r.home]; ok && r.ipv4 != nil && status.IsSuccess() && lease == address && a.cfg.Lease > 0 {
		d = min(d, a.cfg.Lease)
	}
	return d
}

// served returns how many mobile nodes the agent serves or is about to.
func (a *Agent) served() int {
	n := len(a.pending)
	for _, b := range a.cache.Snapshot() {
		if b.Home && !b.Deleted && b.HomeAddress == b.Owner {
			n++
		}
	}
	return n
}

// expiry returns the timer that ends a binding which is not renewed.
func (a *Agent) expiry(home netip.Addr) *machine.Timer {
	return a.s.Timers.New(func(now vtime.Time) { a.remove(home) })
}

// defend takes over an address on the home link: packets for it come to the home agent
// (RFC 6275 section 10.4.1; for IPv4 RFC 5944 section 4.6).
func (a *Agent) defend(home, address netip.Addr) {
	// Whatever the agent knew about the address on the link is void: the mobile node has left.
	a.nd.Forget(a.cfg.Home, address)
	a.nd.StartProxy(address, nd.Proxy{Iface: a.cfg.Home, Source: a.cfg.Address})
	if address.Is4() {
		a.nd.AnnounceARP(a.cfg.Home, address, a.s.Interface(a.cfg.Home).MAC)
	} else {
		a.nd.Announce(a.cfg.Home, a.cfg.Address, address)
	}
}

// deregister ends the bindings of both home addresses (RFC 6275 section 10.3.2). The entry
// of the IPv6 one stays for a while, marked as deleted: it recognises late updates and lets
// a repeated deregistration be confirmed again.
func (a *Agent) deregister(now vtime.Time, r *request) {
	if w := a.pending[r.home]; w != nil {
		delete(a.pending, r.home)
		a.nd.StopProbe(a.cfg.Home, r.home)
	} else if a.cache.Get(r.home) == nil {
		a.reject(now, r, wire.BindingNotHomeAgent)
		return
	}
	var ack *wire.IPv4Acknowledgement
	if r.ipv4 != nil {
		ack = &wire.IPv4Acknowledgement{Address: r.ipv4.Address}
	}
	a.remove(r.home)
	b := &mip.Binding{HomeAddress: r.home, Owner: r.home, Sequence: r.sequence, Home: true, Deleted: true}
	b.Timer = a.s.Timers.New(func(vtime.Time) { a.cache.Delete(r.home) })
	a.cache.Put(b)
	ip.After(b.Timer, now, mip.MaxDeleteBCETimeout)
	a.acknowledge(now, r, wire.BindingAcknowledgementFields{
		Status: wire.BindingAccepted, Sequence: r.sequence, IPv4Acknowledgement: ack,
	})
}

// remove deletes the bindings of a mobile node and stops defending its addresses.
func (a *Agent) remove(home netip.Addr) {
	if b := a.cache.Live(home); b != nil {
		a.nd.StopProxy(home)
		a.cache.Delete(home)
		a.s.Out.Note(trace.Note{Kind: trace.BindingRemoved, Home: home, CareOf: b.CareOf})
	}
	a.removeIPv4(home)
}

func (a *Agent) reject(now vtime.Time, r *request, status wire.BindingStatus) {
	a.acknowledge(now, r, wire.BindingAcknowledgementFields{Status: status, Sequence: r.sequence})
}

func (a *Agent) acknowledge(now vtime.Time, r *request, f wire.BindingAcknowledgementFields) {
	p := mip.Compose(a.s, r.reply, func(b []byte) []byte {
		return wire.AppendBindingAcknowledgement(b, f, a.cfg.Layout)
	})
	a.s.Originate(now, p, r.reply.Target())
}
