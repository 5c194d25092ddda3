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

// routes is route optimization: what the node knows of its correspondents, in the order in
// which it first heard of them. It concerns the IPv6 home address only, and works only from
// networks that have IPv6 (draft section 2.3).
type routes struct {
	m      *Node
	byAddr map[netip.Addr]*correspondent
	all    []*correspondent
}

// known returns a correspondent, or nil.
func (r *routes) known(a netip.Addr) *correspondent { return r.byAddr[a] }

func (r *routes) get(a netip.Addr) *correspondent {
	c := r.byAddr[a]
	if c == nil {
		if r.byAddr == nil {
			r.byAddr = map[netip.Addr]*correspondent{}
		}
		c = newCorrespondent(r.m, a)
		r.byAddr[a] = c
		r.all = append(r.all, c)
	}
	return c
}

// talk hears that a packet of a conversation went to a peer, or came from it, through the
// home agent or the short way: reason to optimise the route, or to keep it so (RFC 6275
// section 11.7.2). Between two networks it is noted for when there is a binding again.
func (r *routes) talk(now vtime.Time, peer netip.Addr) {
	m := r.m
	if !m.cfg.RouteOptimization || m.careOf().Is4() || !mip.IsCareOf(peer) || peer == m.cfg.HomeAgent || m.Address(peer) != nil {
		return
	}
	c := r.get(peer)
	c.used = now
	if now < c.offUntil || c.goal != rest || c.exists && c.boundTo == m.careOf() && now < c.refreshAt {
		return
	}
	c.want(now, register)
}

// homeBound hears that the home agent has confirmed the care-of address. Correspondents
// come after that (RFC 6275 section 11.7.2): from an IPv6 network those that hold an old
// binding and those that a conversation waits for; from an IPv4 network, where no care-of
// test can pass, the old bindings are deleted, or left to expire.
func (r *routes) homeBound(now vtime.Time) {
	m := r.m
	moved := m.update.confirmed != m.careOf()
	m.update.confirmed = m.careOf()
	for _, c := range r.all {
		switch {
		case m.careOf().Is4():
			c.deleteOrForget(now, m.cfg.DeregisterCNOnV4)
		case c.exists && (c.boundTo != m.careOf() || c.goal == remove):
			c.forgive(moved)
			c.want(now, register)
		case c.goal == register:
			c.pursue(now)
		default:
			c.forgive(moved)
		}
	}
}

// cameHome hears that the node is at home: bindings of correspondents are deleted (RFC 6275
// section 11.5.5).
func (r *routes) cameHome(now vtime.Time) {
	r.m.update.confirmed = netip.Addr{}
	for _, c := range r.all {
		c.deleteOrForget(now, true)
	}
}

// pause stops all activity: the care-of address is no longer, or not yet, in use. What was
// wanted stays wanted.
func (r *routes) pause() {
	for _, c := range r.all {
		c.pause()
	}
}

// mayRegister reports whether correspondents may be told of the care-of address: the home
// agent has confirmed it.
func (r *routes) mayRegister() bool {
	m := r.m
	return m.place() == away && m.careOf().Is6() && m.update.bound && m.update.confirmed == m.careOf()
}

// mayDelete reports whether bindings may be deleted by what reaches a correspondent from
// the home address: directly at home, through the home agent's IPv4 tunnel.
func (r *routes) mayDelete() bool {
	m := r.m
	return m.place() == home || m.place() == away && m.careOf().Is4() && m.update.bound && m.update.confirmed == m.careOf()
}

// divert sends a packet from the home address straight to a correspondent that knows the
// care-of address (RFC 6275 section 11.3.1).
func (r *routes) divert(now vtime.Time, p *packet.Buf, dst netip.Addr) bool {
	c := r.known(dst)
	if c == nil || !c.usable(now) || !mip.Routable(p) {
		return false
	}
	mip.RouteFromMobile(r.m.Stack, p, r.m.careOf())
	r.m.Originate(now, p, dst)
	return true
}

// isConversation reports whether an IPv6 packet is a reason to optimise a route: no
// signalling and no error, which may come from any router on the way.
func isConversation(b []byte) bool {
	h, err := wire.ParseIPv6(b)
	if err != nil {
		return false
	}
	c, err := wire.WalkIPv6(h)
	if err != nil || c.HomeAddress.IsValid() || c.FragmentStart != 0 {
		return false
	}
	switch c.Upper {
	case wire.ProtoMobility, wire.ProtoNone:
		return false
	case wire.ProtoICMPv6:
		t := h[c.UpperOffset:]
		return len(t) > 0 && (t[0] == wire.ICMPv6EchoRequest || t[0] == wire.ICMPv6EchoReply)
	}
	return true
}

// receive takes the mobility messages of correspondents (RFC 6275 sections 11.6.2, 11.7.3,
// 11.7.4 and 11.3.6).
func (r *routes) receive(now vtime.Time, h wire.Mobility, in ip.Info) trace.Reason {
	c := r.known(in.Source)
	if c == nil {
		return trace.MobilityRejected // strangers cannot make the node do anything
	}
	ok := false
	switch h.Type() {
	case wire.MobilityHomeTest:
		t, _ := h.HomeTest()
		ok = r.throughHome(in) && c.home.answer(now, t.Cookie(), t.NonceIndex(), t.KeygenToken())
	case wire.MobilityCareOfTest:
		t, _ := h.CareOfTest()
		ok = !in.Tunnel.IsValid() && in.WireDest == r.m.careOf() && c.careOf.answer(now, t.Cookie(), t.NonceIndex(), t.KeygenToken())
	case wire.MobilityBindingAcknowledgement:
		ack, _ := h.BindingAcknowledgement()
		ok = in.Destination == r.m.cfg.HomeAddress && c.acknowledge(now, h, ack)
	case wire.MobilityBindingRefreshRequest:
		ok = r.throughHome(in) && c.refresh(now)
	case wire.MobilityBindingError:
		e, _ := h.BindingError()
		ok = c.bindingError(now, e)
	}
	if !ok {
		return trace.MobilityRejected
	}
	return 0
}

// throughHome reports whether a packet came to the home address as it must: out of the home
// agent's tunnel, or directly at home.
func (r *routes) throughHome(in ip.Info) bool {
	if in.Destination != r.m.cfg.HomeAddress || in.RoutingHome.IsValid() {
		return false
	}
	if r.m.place() == home {
		return !in.Tunnel.IsValid()
	}
	return in.Tunnel == r.m.agent()
}

// entries lists what the Binding Update List holds of correspondents.
func (r *routes) entries(all []Entry) []Entry {
	for _, c := range r.all {
		if !c.exists && c.goal == rest {
			continue
		}
		all = append(all, Entry{
			Peer: c.addr, HomeAddress: r.m.cfg.HomeAddress, CareOf: c.boundTo, Sequence: c.sequence,
			Lifetime: c.granted, Expires: c.expires, Acknowledged: c.acknowledged, Testing: c.home.pending || c.careOf.pending,
		})
	}
	return all
}
