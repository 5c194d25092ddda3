package conformance

import (
	"net/netip"
	"slices"
	"time"

	"dsmipsim/nodes/mip"
	"dsmipsim/nodes/wire"
	"dsmipsim/scenarios/spec"
	"dsmipsim/sim/vtime"
)

// This file holds what many judges ask of a run.

// registrations returns the home registrations that nodes sent for themselves in one of the
// cases, deregistrations excluded.
func (r *Run) registrations(c Case) []*Update {
	var all []*Update
	for _, u := range r.Updates {
		if u.ToHA && !u.Forged && u.Case == c && u.U.Lifetime() > 0 {
			all = append(all, u)
		}
	}
	return all
}

// away returns the home registrations of cases A and B.
func (r *Run) away() []*Update { return append(r.registrations(CaseA), r.registrations(CaseB)...) }

// answer returns the home agent's acknowledgement of an update, or nil.
func (r *Run) answer(u *Update) *Ack {
	for _, a := range r.Acks {
		if a.Of == u && a.FromHA {
			return a
		}
	}
	return nil
}

// accepted returns the acknowledgement of an update if it grants a binding.
func (r *Run) accepted(u *Update) *Ack {
	if a := r.answer(u); a != nil && a.A.Status().IsAccepted() && a.A.Lifetime() > 0 {
		return a
	}
	return nil
}

// delivered returns when a mobile node has surely acted on an acknowledgement that came to its
// link: the judge looks a while later, before the node sends anything new.
func (r *Run) delivered(a *Ack) (vtime.Time, bool) {
	if a == nil || a.Last == nil || !a.addressed() {
		return 0, false
	}
	t := a.Last.Time.Add(settle)
	s := r.stay(a.Mobile, a.Last.Time)
	if s == nil || !s.In(t) || t > r.end {
		return 0, false // it moved on, or the run ended
	}
	for _, u := range r.Updates {
		if u.Mobile == a.Mobile && !u.Forged && u.ToHA && a.Last.Time < u.Time && u.Time <= t {
			return 0, false
		}
	}
	return t, true
}

// addressed reports whether an acknowledgement comes to the home address of its mobile node as
// it must; otherwise nobody can expect anything of it.
func (a *Ack) addressed() bool {
	h := a.Inner()
	return a.Mobile != nil && (h.Routing == a.Mobile.Home && h.SegmentsLeft == 1 || !h.Routing.IsValid() && h.Destination == a.Mobile.Home)
}

// settle is longer than an access link of the library delays, and shorter than anything
// that a mobile node waits for.
const settle = 200 * time.Millisecond

// ipv4Home returns the IPv4 home address of a mobile node at a time: the static one, or the
// last that an acknowledgement gave it.
func (r *Run) ipv4Home(m *Mobile, t vtime.Time) netip.Addr {
	if m.IPv4.IsValid() {
		return m.IPv4
	}
	var last netip.Addr
	for _, a := range r.Acks {
		if a.Mobile == m && a.FromHA && a.Time <= t && a.IPv4 != nil && a.IPv4.Status.IsSuccess() && a.A.Status().IsAccepted() {
			last = a.IPv4.Address
		}
	}
	return last
}

// Tunnelled is a packet in a tunnel between a mobile node and its home agent, at its first hop.
type Tunnelled struct {
	*Packet
	Mobile *Mobile
	Down   bool   // from the home agent
	Kind   string // "6in6", "4in6", "6in4" or "4in4"
	CareOf netip.Addr
	Home   netip.Addr // the inner address of the mobile node
	Peer   netip.Addr // the other inner address
}

// tunnels returns the data in tunnels: signalling to and from mapped addresses is none.
func (r *Run) tunnels() []*Tunnelled {
	if r.tunnelled == nil {
		for _, p := range r.Packets {
			if t := r.tunnel(p); t != nil {
				r.tunnelled = append(r.tunnelled, t)
			}
		}
	}
	return r.tunnelled
}

func (r *Run) tunnel(p *Packet) *Tunnelled {
	if len(p.IPs) < 2 {
		return nil
	}
	// The access network may have put a tunnel of its own around.
	outer, inner := &p.IPs[len(p.IPs)-2], &p.IPs[len(p.IPs)-1]
	if outer.Upper != wire.ProtoIPv4 && outer.Upper != wire.ProtoIPv6 {
		return nil
	}
	for _, m := range r.Mobiles {
		t := &Tunnelled{Packet: p, Mobile: m, Kind: string([]byte{'0' + byte(inner.Version)}) + "in" + string([]byte{'0' + byte(outer.Version)})}
		switch {
		case p.Node == m.Agent && (outer.Source == m.HomeAgent || outer.Source == m.HomeAgent4):
			t.Down, t.CareOf, t.Home, t.Peer = true, outer.Destination, inner.Destination, inner.Source
		case p.Node == m.Name && (outer.Destination == m.HomeAgent || outer.Destination == m.HomeAgent4):
			t.CareOf, t.Home, t.Peer = outer.Source, inner.Source, inner.Destination
		default:
			continue
		}
		if t.Home == m.Home || t.Home.Is4() && t.Home == r.ipv4Home(m, p.Time) {
			return t
		}
	}
	return nil
}

// isSignalling reports whether the packet is a Binding Update or Acknowledgement between mobile
// node and home agent.
func isSignalling(p *Packet) bool {
	return p.Is(wire.MobilityBindingUpdate) || p.Is(wire.MobilityBindingAcknowledgement)
}

// binding returns the bindings of an update just after its acknowledgement was sent.
func (r *Run) binding(a *Ack) (v6, v4 *mip.Binding) {
	if a == nil || a.Mobile == nil {
		return nil, nil
	}
	return bindings(r.After(a.Time), a.Mobile)
}

// on reports whether a mobile node was in a network of the kind.
func (s *Stay) on(kinds ...spec.NetworkKind) bool {
	return s != nil && s.Network != nil && slices.Contains(kinds, s.Network.Kind)
}

// option is a mobility option as it stands on the wire.
type option struct {
	typ    uint8
	data   []byte
	offset int // in the Mobility Header
}

// options reads the options of a BU or BA behind its 12 fixed octets, padding left out.
func options(mh wire.Mobility) []option {
	var all []option
	for at := 12; at < len(mh); {
		if mh[at] == wire.MobOptPad1 {
			at++
			continue
		}
		if at+1 >= len(mh) || at+2+int(mh[at+1]) > len(mh) {
			break
		}
		next := at + 2 + int(mh[at+1])
		if mh[at] != wire.MobOptPadN {
			all = append(all, option{mh[at], mh[at+2 : next], at})
		}
		at = next
	}
	return all
}

func find(all []option, typ uint8) *option {
	for i := range all {
		if all[i].typ == typ {
			return &all[i]
		}
	}
	return nil
}

// Numbers of the options for IPv4, ruling X-5.
const (
	optHome4 = 253
	optAck4  = 254
)

// refusedBefore reports whether the mobile node had a reason not to ask for IPv4 in an update:
// an acknowledgement before it left the option out or refused the address.
func (r *Run) refusedBefore(u *Update) bool {
	for _, a := range r.Acks {
		if a.Mobile == u.Mobile && (a.FromHA || a.Sealed) && a.Time < u.Time && a.A.Status().IsAccepted() && a.Of != nil && a.Of.IPv4 != nil &&
			(a.IPv4 == nil || !a.IPv4.Status.IsSuccess()) {
			return true
		}
	}
	return false
}

// deliveries counts the test packets of a flow that arrived in a span of time.
func (r *Run) deliveries(flow int, from, to vtime.Time) int {
	n := 0
	for _, e := range r.Ends {
		if e.Flow == flow && e.Delivered && from <= e.Time && e.Time < to {
			n++
		}
	}
	return n
}

// flowsOf returns the indices of the flows of a mobile node in a family.
func (r *Run) flowsOf(m *Mobile, family spec.Family) []int {
	var all []int
	for i := range r.Spec.Flows {
		if f := &r.Spec.Flows[i]; f.Family == family && (f.From == m.Name || f.To == m.Name) {
			all = append(all, i)
		}
	}
	return all
}

// bound returns when the mobile node's first acknowledged registration of a stay was
// acknowledged.
func (r *Run) bound(s *Stay) (vtime.Time, bool) {
	for _, a := range r.Acks {
		if a.Mobile == s.Mobile && a.FromHA && a.Last != nil && a.addressed() && s.In(a.Last.Time) && a.Of != nil && a.Of.Time >= s.From && a.A.Status().IsAccepted() {
			return a.Last.Time, true
		}
	}
	return 0, false
}

// fromCare reports whether a packet left a mobile node in an IPv4-only network.
func (r *Run) fromIPv4Only(p *Packet) (*Mobile, bool) {
	m := r.mobile(p.Node)
	if m == nil {
		return nil, false
	}
	return m, r.stay(m, p.Time).on(spec.KindIPv4Public, spec.KindIPv4Private)
}
