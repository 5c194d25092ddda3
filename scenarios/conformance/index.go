package conformance

import (
	"bytes"
	"net/netip"

	"dsmipsim/nodes/wire"
)

// index finds the Binding Updates and Acknowledgements among the packets and joins what
// belongs together.
func (r *Run) index(layout wire.IPv4Layout) {
	for _, p := range r.Packets {
		switch {
		case p.Is(wire.MobilityBindingUpdate) && r.isOrigin(p):
			r.Updates = append(r.Updates, r.update(p, layout))
		case p.Is(wire.MobilityBindingAcknowledgement) && r.isOrigin(p):
			r.Acks = append(r.Acks, r.ack(p, layout))
		}
	}
	for _, u := range r.Updates {
		u.Last = r.lastHop(u.Packet, u.Inner().Destination)
	}
	for _, a := range r.Acks {
		if a.Mobile != nil {
			a.Last = r.lastHopTo(a)
		}
	}
}

// isOrigin reports whether the transmission is the first of its packet: by a mobile node, a
// home agent that did not get it from outside, a correspondent, or the injector.
func (r *Run) isOrigin(p *Packet) bool {
	switch {
	case forged(p), r.mobile(p.Node) != nil, r.Plan.Host(p.Node) != nil:
		return true
	}
	// A home agent forwards others' messages; its own are from its address.
	for i := range r.Spec.HomeAgents {
		if h := &r.Spec.HomeAgents[i]; h.Name == p.Node && p.Inner().Source == h.IPv6 {
			return true
		}
	}
	return false
}

func (r *Run) update(p *Packet, layout wire.IPv4Layout) *Update {
	bu, _ := p.Mobility.BindingUpdate()
	h := p.Inner()
	u := &Update{Packet: p, U: bu, HoA: h.Source, ToHA: bu.Has(wire.BUHomeRegistration)}
	if h.HomeAddress.IsValid() {
		u.HoA = h.HomeAddress
	}
	u.Mobile = r.mobile(p.Node) // whatever it says, it is about the node itself
	if u.Mobile == nil {
		u.Mobile, u.Forged = r.byHome(u.HoA), true
	}
	u.Alt, _ = bu.AlternateCareOf()
	u.CareOf = h.Source
	if u.Alt.IsValid() {
		u.CareOf = u.Alt
	}
	switch {
	case p.Outer().Version == 4 && (h.Source.Is4In6() || u.Mobile != nil && p.Outer().Destination == u.Mobile.HomeAgent4):
		u.Case, u.CareOf = CaseB, unmap(u.CareOf)
	case h.HomeAddress.IsValid() || u.Mobile != nil && !u.Forged && h.Source != u.Mobile.Home:
		u.Case = CaseA
	default:
		u.Case, u.AtHome = Home, true
	}
	if o, ok := bu.IPv4HomeAddress(layout); ok {
		u.IPv4 = &o.Address
	}
	return u
}

func (r *Run) ack(p *Packet, layout wire.IPv4Layout) *Ack {
	ba, _ := p.Mobility.BindingAcknowledgement()
	h := p.Inner()
	a := &Ack{Packet: p, A: ba}
	home := h.Destination
	if h.Routing.IsValid() {
		home = h.Routing
	}
	a.Mobile = r.byHome(home)
	for i := range r.Spec.HomeAgents {
		a.FromHA = a.FromHA || r.Spec.HomeAgents[i].Name == p.Node
	}
	a.Sealed = h.ESP != nil && h.ESP.Good
	if o, ok := ba.IPv4Acknowledgement(layout); ok {
		a.IPv4 = &o
	}
	for _, u := range r.Updates {
		mine := u.HoA == home || u.Inner().Source == h.Destination
		if mine && u.Inner().Destination == h.Source && u.Time <= p.Time && (u.U.Sequence() == ba.Sequence() || ba.Status() == wire.BindingSequenceOutOfWindow) {
			a.Of = u
		}
	}
	if a.Mobile == nil && a.Of != nil {
		a.Mobile = a.Of.Mobile
	}
	return a
}

// lastHop returns the last transmission of the same Mobility Header to the node that owns the
// destination: on a link to which that node is attached, by somebody else. A sender on the
// destination's own link is itself the last hop.
func (r *Run) lastHop(p *Packet, dst netip.Addr) *Packet {
	var last *Packet
	for _, q := range r.Packets[p.N-1:] {
		if !q.Lost && q.Mobility != nil && bytes.Equal(q.Mobility, p.Mobility) && q.Inner().Destination == p.Inner().Destination && r.touches(q.Link, dst) && !r.owns(q.Node, dst) {
			last = q
		}
	}
	return last
}

// touches reports whether the node that owns a fixed address is attached to the link.
func (r *Run) touches(link string, a netip.Addr) bool {
	for i := range r.Plan.Routers {
		rt := &r.Plan.Routers[i]
		if !r.owns(rt.Name, a) {
			continue
		}
		if rt.Network != nil && rt.Network.Name == link {
			return true
		}
		for _, l := range r.Plan.Links {
			if l.Name == link && (l.A == rt.Name || l.B == rt.Name) {
				return true
			}
		}
	}
	for i := range r.Plan.Hosts {
		if h := &r.Plan.Hosts[i]; h.IPv6.Addr() == a || h.IPv4.Addr() == a {
			return h.Network.Name == link
		}
	}
	return false
}

func (r *Run) owns(node string, a netip.Addr) bool {
	rt := r.Plan.Router(node)
	if rt == nil {
		return false
	}
	return rt.IPv6.Addr() == a || rt.IPv4.Addr() == a ||
		rt.HomeAgent != nil && (rt.HomeAgent.IPv6 == a || rt.HomeAgent.IPv4 == a)
}

// lastHopTo returns the transmission of an acknowledgement on the link where its mobile node is.
func (r *Run) lastHopTo(a *Ack) *Packet {
	for _, q := range r.Packets[a.N-1:] {
		if q.Lost || q.Mobility == nil || !bytes.Equal(q.Mobility, a.Mobility) || q.Ethernet == nil {
			continue
		}
		if s := r.stay(a.Mobile, q.Time); s != nil && s.Network.Name == q.Link {
			return q
		}
	}
	return nil
}
