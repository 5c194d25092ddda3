package conformance

import (
	"time"

	"dsmipsim/nodes/wire"
	"dsmipsim/sim/vtime"
)

// rowsB1 are the rows of Mobile IPv6 about messages and home registrations at the home agent.
func rowsB1() []Row {
	return []Row{
		{ID: "B-1", Section: "6.1.1", Role: "all", Strength: "MUST", Text: "the checksum is verified, over the home address; bad: silent drop",
			In: "attacks case-a", Parts: "right wrong", Judge: checksums},
		{ID: "B-2", Section: "9.2", Role: "all", Strength: "MUST", Text: "unknown type: Binding Error 2; wrong proto or length: Parameter Problem 0",
			In: "attacks", Parts: "type proto length", Judge: malformed},
		{ID: "B-3", Section: "6.2.1", Role: "all", Strength: "MUST", Text: "unknown mobility options are skipped",
			In: "sequence", Judge: unknownOptions},
		{ID: "B-4", Section: "11.7.1", Role: "MN", Strength: "MUST", Text: "a home registration has A, H, Home Address option, Alternate Care-of Address",
			In: "case-a case-b", Parts: "A B", Judge: func(r *Run, j *Jury) {
				for _, u := range r.away() {
					good := u.U.Has(wire.BUAcknowledge|wire.BUHomeRegistration) && u.Inner().HomeAddress == u.Mobile.Home && u.Alt == u.Inner().Source
					j.CheckPart(string(u.Case), good, u.Packet, "flags %s, Home Address option %s, Alternate Care-of Address %s", u.U.Flags(), u.Inner().HomeAddress, u.Alt)
				}
			}},
		{ID: "B-5", Section: "5.1, 11.7.1", Role: "MN", Strength: "MUST", Text: "updates to the home agent are authenticated by ESP; clear ones are ignored",
			In: "case-a case-b attacks", Parts: "A B home ignored", Judge: espOnUpdates},
		{ID: "B-6", Section: "9.5.1", Role: "HA, CN", Strength: "MUST", Text: "old sequence number: status 135 with the last accepted one",
			In: "sequence", Parts: "old first", Judge: sequenceWindow},
		{ID: "B-7", Section: "9.5.1", Role: "HA, CN", Strength: "MUST", Text: "H flag differs from the entry: status 139",
			In: "sequence", Judge: registrationType},
		{ID: "B-8", Section: "10.3.1", Role: "HA", Strength: "MUST", Text: "131 not a home agent, 132 not on-link, 128 to 130 otherwise",
			In: "no-ipsec", Parts: "131 132 other", Judge: refusals},
		{ID: "B-9", Section: "10.3.1", Role: "HA", Strength: "MUST", Text: "the home address is verified before the first answer; a duplicate: 134",
			In: "case-a refresh duplicate", Parts: "first renewed 134", Judge: verifiesFirst},
		{ID: "B-10", Section: "10.3.1", Role: "HA", Strength: "MUST", Text: "granted lifetime: at most what was asked for and the prefix has left",
			In: "case-a", Judge: grantedLifetime},
		{ID: "B-11", Section: "10.3.1", Role: "HA", Strength: "MUST", Text: "an answer even without A; status 1 if the prefix is deprecated",
			In: "sequence renumbering", Parts: "unasked deprecated", Judge: answersAnyway},
		{ID: "B-12", Section: "9.5.4", Role: "HA, CN", Strength: "MUST", Text: "the answer goes to the source, with routing header iff there was a Home Address option",
			In: "case-a return-home", Parts: "away home", Judge: answersToSource},
		{ID: "B-13", Section: "10.3.1", Role: "HA", Strength: "MAY", Text: "Binding Refresh Advice below the lifetime",
			In: "advice", Judge: func(r *Run, j *Jury) {
				for _, a := range r.Acks {
					if advice, ok := a.A.RefreshAdvice(); ok && a.FromHA {
						j.Check(a.A.Status().IsAccepted() && advice < a.A.Lifetime(), a.Packet, "advice %s, lifetime %s", advice, a.A.Lifetime())
					}
				}
			}},
		{ID: "B-14", Section: "10.4.1", Role: "HA", Strength: "MUST", Text: "announces a first binding, answers for it and defends it while bound",
			In: "case-a home-link duplicate", Parts: "announces answers defends", Judge: defendsIPv6},
		{ID: "B-15", Section: "10.4.2", Role: "HA", Strength: "MUST", Text: "intercepted packets are tunnelled; link-local ones are not",
			In: "home-link", Parts: "tunnelled link-local", Judge: intercepts},
		{ID: "B-16", Section: "10.4.5", Role: "HA", Strength: "MUST", Text: "a reverse tunnel is accepted from the care-of address only",
			In: "case-a attacks", Parts: "accepted refused", Judge: reverseTunnelSource},
	}
}

// checksums wants the sum of every mobility message right over the addresses that upper layers
// see, and nothing to happen for a wrong one.
func checksums(r *Run, j *Jury) {
	for _, p := range r.Packets {
		if len(p.IPs) == 0 {
			continue
		}
		if !forged(p) && !r.isForged(p) && p.Badness == wire.ErrMobilityChecksum {
			j.Bad(p, "a wrong checksum")
		}
		if h := p.Inner(); p.Mobility != nil && !forged(p) && (h.HomeAddress.IsValid() || h.Routing.IsValid()) {
			j.ShowPart("right", p, "right over the home address")
		}
		if forged(p) && p.Badness == wire.ErrMobilityChecksum {
			j.CheckPart("wrong", !r.answered(p), p, "a wrong checksum gets no answer")
		}
	}
}

// answered reports whether there is a reaction to a forged packet.
func (r *Run) answered(p *Packet) bool { return r.reaction(p) != nil }

// reactTime is within what a reaction to a forged packet crosses every link of the library;
// forged packets come further apart.
const reactTime = 150 * time.Millisecond

// reaction returns the first mobility message or ICMPv6 error that goes to the source of a
// forged packet in that time.
func (r *Run) reaction(p *Packet) *Packet {
	src := p.Inner().Source
	return r.within(p, reactTime, func(q *Packet) bool {
		return !forged(q) && len(q.IPs) > 0 && (q.Inner().Destination == src || q.Outer().Destination == p.Outer().Source) && (q.Mobility != nil || q.ICMP6 != nil && q.ICMP6.IsError())
	})
}

func malformed(r *Run, j *Jury) {
	for _, p := range r.Forgeries {
		if p.Badness == nil || r.isMuted(p) {
			continue
		}
		q := r.reaction(p)
		switch p.Badness {
		case wire.ErrMobilityType:
			good := q != nil && q.Is(wire.MobilityBindingError)
			if good {
				e, _ := q.Mobility.BindingError()
				good = e.Status() == wire.BindingErrorUnknownType
			}
			j.CheckPart("type", good, p, "Binding Error of status 2")
		case wire.ErrMobilityProto, wire.ErrMobilityLength:
			part := "proto"
			if p.Badness == wire.ErrMobilityLength {
				part = "length"
			}
			good := q != nil && q.IsICMP6(wire.ICMPv6ParameterProblem) && q.ICMP6.Code() == wire.ICMPv6CodeHeaderField
			j.CheckPart(part, good, p, "Parameter Problem of code 0")
		}
	}
}

// isMuted reports whether a forged packet came where nobody could answer it.
func (r *Run) isMuted(p *Packet) bool { return p.Inner().Source.IsUnspecified() || p.Lost }

func unknownOptions(r *Run, j *Jury) {
	for _, u := range r.Updates {
		unknown := false
		for _, o := range options(u.Mobility) {
			unknown = unknown || o.typ >= 200 && o.typ != optHome4 && o.typ != optAck4
		}
		if !unknown || u.Last == nil || u.Inner().ESP != nil && !u.Inner().ESP.Good {
			continue
		}
		a := r.answer(u)
		good := a != nil && a.A.Status().IsAccepted() && (u.IPv4 == nil) == (a.IPv4 == nil)
		j.Check(good, u.Packet, "the options behind an unknown one are found")
	}
}

func espOnUpdates(r *Run, j *Jury) {
	if !r.Spec.Protocol.IPsec {
		return
	}
	for _, u := range r.Updates {
		if u.Mobile == nil || !u.ToHA || u.Inner().Destination != u.Mobile.HomeAgent {
			continue
		}
		e := u.Inner().ESP
		good := e != nil && e.Good && e.SA != nil && e.SA.HomeAddress == u.Mobile.Home
		switch {
		case !u.Forged:
			j.CheckPart(string(u.Case), good, u.Packet, "ESP of %s", u.HoA)
		case !good && u.Last != nil && u.Time+vtime.Time(time.Second) < r.end:
			j.CheckPart("ignored", r.ignored(u), u.Packet, "an update without the association of %s is ignored", u.HoA)
		}
	}
}

// newer compares sequence numbers modulo 2^16.
func newer(a, b uint16) bool { return a != b && a-b < 1<<15 }

func sequenceWindow(r *Run, j *Jury) {
	for _, u := range r.Updates {
		if u.Mobile == nil || !u.ToHA || u.Last == nil || r.Spec.Protocol.IPsec && (u.Inner().ESP == nil || !u.Inner().ESP.Good) || u.Case == CaseB && u.Outer().Source != unmap(u.Inner().Source) {
			continue
		}
		v6 := r.kept(u)
		a := r.answer(u)
		if a == nil {
			continue
		}
		if v6 == nil {
			j.CheckPart("first", a.A.Status() != wire.BindingSequenceOutOfWindow, a.Packet, "without an entry %d is as good as any", u.U.Sequence())
			continue
		}
		old := !newer(u.U.Sequence(), v6.sequence)
		good := (a.A.Status() == wire.BindingSequenceOutOfWindow) == old
		part := "new"
		if old {
			part, good = "old", good && a.A.Sequence() == v6.sequence
		}
		j.CheckPart(part, good, a.Packet, "%d after %d: status %d with %d", u.U.Sequence(), v6.sequence, a.A.Status(), a.A.Sequence())
	}
}

// last is what a home agent remembers of a mobile node when an update arrives.
type last struct{ sequence uint16 }

// kept returns the entry, deleted or not, that an update met at its home agent.
func (r *Run) kept(u *Update) *last {
	st := r.State(u.Last.Time)
	for i := range st.Agents {
		if st.Agents[i].Name != u.Mobile.Agent {
			continue
		}
		for _, b := range st.Agents[i].Bindings {
			if b.HomeAddress == u.Mobile.Home {
				return &last{b.Sequence}
			}
		}
	}
	return nil
}

func registrationType(r *Run, j *Jury) {
	for _, u := range r.Updates {
		if u.Mobile == nil || u.Last == nil || u.U.Has(wire.BUHomeRegistration) || u.Inner().Destination != u.Mobile.HomeAgent || u.Inner().ESP == nil || !u.Inner().ESP.Good {
			continue
		}
		if v6, _ := bindings(r.State(u.Last.Time), u.Mobile); v6 != nil && v6.Home && newer(u.U.Sequence(), v6.Sequence) {
			a := r.answer(u)
			j.Check(a != nil && a.A.Status() == wire.BindingTypeChangeDisallowed, u.Packet, "an update without H for a home registration gets status 139")
		}
	}
}

// refusals wants of each refused home registration the status for its reason.
func refusals(r *Run, j *Jury) {
	for _, a := range r.Acks {
		if a.Of == nil || !a.Of.ToHA || forged(a.Packet) {
			continue
		}
		switch status := a.A.Status(); status {
		case wire.BindingHomeNotSupported:
			j.CheckPart("131", r.Plan.Host(a.Node) != nil, a.Packet, "%s is no home agent", a.Node)
		case wire.BindingNotHomeSubnet:
			on := false
			for i := range r.Spec.HomeAgents {
				on = on || r.Spec.HomeAgents[i].Name == a.Node && r.Spec.Network(r.Spec.HomeAgents[i].Network).IPv6.Contains(a.Of.HoA)
			}
			j.CheckPart("132", !on, a.Packet, "%s is not on the home link", a.Of.HoA)
		case wire.BindingUnspecified, wire.BindingProhibited, wire.BindingInsufficientResources:
			j.ShowPart("other", a.Packet, "status %d for %s", status, a.Of.HoA)
		}
	}
	for _, u := range r.Updates {
		if a := r.answer(u); a != nil && a.A.Status().IsAccepted() && u.ToHA && u.Mobile == nil {
			j.Bad(a.Packet, "%s belongs to no mobile node of the home agent, and is bound", u.HoA)
		}
	}
}

// verifiesFirst wants a probe on the home link a second before the answer to a first
// registration, and none for a renewed one.
func verifiesFirst(r *Run, j *Jury) {
	for _, a := range r.Acks {
		if !a.FromHA || a.Mobile == nil || a.Of == nil || a.Of.Last == nil || a.Of.AtHome || a.Of.U.Lifetime() == 0 {
			continue
		}
		probe := (*Packet)(nil)
		for _, p := range r.Packets[:a.N-1] {
			if p.Node != a.Mobile.Agent || p.ICMP6 == nil || p.Link != a.Mobile.HomeLink || p.Time < a.Time-vtime.Time(1100*time.Millisecond) {
				continue
			}
			if ns, err := p.ICMP6.NeighborSolicitation(); err == nil && ns.Target() == a.Mobile.Home && p.Inner().Source.IsUnspecified() {
				probe = p
			}
		}
		before, _ := bindings(r.State(a.Of.Last.Time), a.Mobile)
		switch {
		case a.A.Status() == wire.BindingDADFailed:
			j.CheckPart("134", r.claimed(a, probe), a.Packet, "somebody else has %s", a.Mobile.Home)
		case !a.A.Status().IsAccepted():
		case before != nil:
			j.CheckPart("renewed", probe == nil || a.Time-probe.Time > vtime.Time(1001*time.Millisecond), a.Packet, "no probe for a binding that is renewed")
		default:
			// The probe may have waited a moment for the transmitter.
			good := probe != nil && a.Time-probe.Time >= vtime.Time(999*time.Millisecond)
			j.CheckPart("first", good, a.Packet, "answered 1 s after a probe for %s on the home link", a.Mobile.Home)
		}
	}
}

// claimed reports whether a neighbour advertised or probed the address between probe and answer.
func (r *Run) claimed(a *Ack, probe *Packet) bool {
	for _, p := range r.Packets[:a.N-1] {
		if p.ICMP6 == nil || p.Node == a.Mobile.Agent || p.Link != a.Mobile.HomeLink || probe != nil && p.Time < probe.Time {
			continue
		}
		if na, err := p.ICMP6.NeighborAdvertisement(); err == nil && na.Target() == a.Mobile.Home {
			return true
		}
		if ns, err := p.ICMP6.NeighborSolicitation(); err == nil && ns.Target() == a.Mobile.Home && p.Inner().Source.IsUnspecified() {
			return true
		}
	}
	return false
}

// prefixValid is how long the home prefix of the library is valid; the bound that a short one
// sets is the subject of the scenario that has one.
const prefixValid = 30 * 24 * time.Hour

func grantedLifetime(r *Run, j *Jury) {
	for _, a := range r.Acks {
		if !a.FromHA || a.Mobile == nil || a.Of == nil || !a.A.Status().IsAccepted() {
			continue
		}
		v6, _ := r.binding(a)
		good := a.A.Lifetime() <= a.Of.U.Lifetime() && a.A.Lifetime() <= prefixValid
		if c := r.Spec.Network(a.Mobile.HomeLink).PrefixChange; c != nil && a.Time >= vtime.Time(c.At) {
			good = good && a.Time.Add(a.A.Lifetime()) <= vtime.Time(c.At+c.Valid)
		}
		if v6 != nil {
			good = good && v6.Expires <= a.Time+vtime.Time(a.Of.U.Lifetime())+vtime.Time(time.Second)
		}
		j.Check(good, a.Packet, "%s granted of %s", a.A.Lifetime(), a.Of.U.Lifetime())
	}
}

func answersAnyway(r *Run, j *Jury) {
	for _, u := range r.Updates {
		if u.ToHA && u.Mobile != nil && u.Last != nil && !u.U.Has(wire.BUAcknowledge) && u.Inner().ESP != nil && u.Inner().ESP.Good {
			j.CheckPart("unasked", r.answer(u) != nil, u.Packet, "an update without A is answered")
		}
	}
	for _, a := range r.Acks {
		if a.FromHA && a.A.Status() == wire.BindingAcceptedPrefix {
			j.ShowPart("deprecated", a.Packet, "status 1")
		}
	}
}

func answersToSource(r *Run, j *Jury) {
	for _, a := range r.Acks {
		if a.Of == nil || forged(a.Packet) {
			continue
		}
		had := a.Of.Inner().HomeAddress.IsValid()
		part := "home"
		if had {
			part = "away"
		}
		good := a.Inner().Destination == a.Of.Inner().Source && a.Inner().Routing.IsValid() == had && (!had || a.Inner().Routing == a.Of.HoA)
		j.CheckPart(part, good, a.Packet, "to %s, routing header: %t", a.Inner().Destination, a.Inner().Routing.IsValid())
	}
}

// defendsIPv6 wants an unsolicited advertisement with R=0 S=0 O=1 after each first binding,
// answers for bound addresses, and a defence against whoever probes one.
func defendsIPv6(r *Run, j *Jury) {
	for _, a := range r.Acks {
		if !a.FromHA || a.Mobile == nil || a.Of == nil || !a.A.Status().IsAccepted() || a.A.Lifetime() == 0 {
			continue
		}
		if before, _ := bindings(r.State(a.Time-vtime.Time(2*look)), a.Mobile); before != nil {
			continue
		}
		na := r.advertisement(a.Mobile, a.Time-vtime.Time(2*look), func(p *Packet, m wire.NeighborAdvertisement) bool { return p.Inner().Destination == wire.AllNodes })
		if na == nil {
			j.Bad(a.Packet, "no unsolicited advertisement for %s", a.Mobile.Home)
			continue
		}
		m, _ := na.ICMP6.NeighborAdvertisement()
		mac, has := m.Options().TargetLinkLayer()
		good := !m.Router() && !m.Solicited() && m.Override() && has && mac == na.Ethernet.Source() && na.Inner().HopLimit == wire.NDHopLimit
		j.CheckPart("announces", good, na, "R=%t S=%t O=%t for %s", m.Router(), m.Solicited(), m.Override(), m.Target())
	}
	for _, p := range r.Packets {
		if p.ICMP6 == nil {
			continue
		}
		ns, err := p.ICMP6.NeighborSolicitation()
		if err != nil {
			continue
		}
		m := r.byHome(ns.Target())
		if m == nil || p.Node == m.Agent || p.Node == m.Name || p.Link != m.HomeLink {
			continue
		}
		v6, _ := bindings(r.State(p.Time), m)
		if after, _ := bindings(r.After(p.Time+vtime.Time(time.Second)), m); v6 == nil || after == nil {
			continue
		}
		probing := p.Inner().Source.IsUnspecified()
		na := r.advertisement(m, p.Time, func(q *Packet, a wire.NeighborAdvertisement) bool {
			if probing {
				return q.Inner().Destination == wire.AllNodes && !a.Solicited()
			}
			return q.Inner().Destination == p.Inner().Source && a.Solicited() && !a.Override()
		})
		part := "answers"
		if probing {
			part = "defends"
		}
		j.CheckPart(part, na != nil, p, "the home agent %s %s", part, m.Home)
	}
}

// advertisement returns the first Neighbor Advertisement of a home agent for a mobile node's
// home address within a second from a time that a test accepts.
func (r *Run) advertisement(m *Mobile, from vtime.Time, right func(*Packet, wire.NeighborAdvertisement) bool) *Packet {
	for p := range r.From(m.Agent) {
		if p.ICMP6 == nil || p.Time < from || p.Time > from+vtime.Time(time.Second) || p.Link != m.HomeLink {
			continue
		}
		if a, err := p.ICMP6.NeighborAdvertisement(); err == nil && a.Target() == m.Home && right(p, a) {
			return p
		}
	}
	return nil
}

// intercepts looks at packets from the home link itself: for a bound home address they go into
// the tunnel, for a link-local address of the mobile node they never do.
func intercepts(r *Run, j *Jury) {
	linkLocal(r, j)
	for _, t := range r.tunnels() {
		if !t.Down {
			continue
		}
		if t.Peer.IsLinkLocalUnicast() || t.Home.IsLinkLocalUnicast() {
			j.Bad(t.Packet, "a link-local packet in the tunnel")
		}
		for i := range r.Plan.Hosts {
			if h := &r.Plan.Hosts[i]; h.Network.Name == t.Mobile.HomeLink && (t.Peer == h.IPv6.Addr() || t.Peer == h.IPv4.Addr()) {
				j.CheckPart("tunnelled", t.CareOf.IsValid(), t.Packet, "a packet of %s on the home link goes on to %s", h.Name, t.CareOf)
			}
		}
	}
}

// linkLocal looks at packets for the link-local address of a mobile node that is away, as the
// home agent gets them: they stay out of the tunnel, and the sender is told.
func linkLocal(r *Run, j *Jury) {
	for _, p := range r.Forgeries {
		if len(p.IPs) != 1 || p.UDP == nil || !p.Inner().Destination.IsLinkLocalUnicast() {
			continue
		}
		tunnelled := r.within(p, reactTime, func(q *Packet) bool { return len(q.IPs) > 1 && string(q.Upper) == string(p.Upper) }) != nil
		q := r.reaction(p)
		told := q != nil && q.IsICMP6(wire.ICMPv6DestinationUnreachable) && q.ICMP6.Code() == wire.ICMPv6CodeAddressUnreachable
		j.CheckPart("link-local", !tunnelled && told, p, "a packet for %s is not tunnelled, and unreachable", p.Inner().Destination)
	}
}

// reverseTunnelSource compares the outer source of what the home agent lets out of tunnels with
// the binding of the inner source.
func reverseTunnelSource(r *Run, j *Jury) {
	for _, t := range r.tunnels() {
		if t.Down || len(t.IPs) != 2 || t.Flow == 0 {
			continue
		}
		v6, v4 := bindings(r.State(t.Time), t.Mobile)
		b := v6
		if t.Home.Is4() {
			b = v4
		}
		if b != nil && b.CareOf == t.CareOf {
			if out := r.leaves(t.Packet, t.Mobile); out != nil {
				j.ShowPart("accepted", out, "from the care-of address, and on")
			}
		}
	}
	for _, p := range r.Forgeries {
		if len(p.IPs) != 2 || p.UDP == nil {
			continue
		}
		for _, m := range r.Mobiles {
			if p.Outer().Destination != m.HomeAgent && p.Outer().Destination != m.HomeAgent4 {
				continue
			}
			if p.Inner().Source == m.Home || p.Inner().Source == r.ipv4Home(m, p.Time) {
				j.CheckPart("refused", r.leaves(p, m) == nil, p, "from %s, which is not the care-of address: goes nowhere", p.Outer().Source)
			}
		}
	}
}

// leaves returns the inner packet as the home agent sends it on, or nil.
func (r *Run) leaves(p *Packet, m *Mobile) *Packet {
	return r.next(p, func(q *Packet) bool {
		return q.Node == m.Agent && len(q.IPs) == 1 && q.Inner().Source == p.Inner().Source && q.Inner().Destination == p.Inner().Destination && string(q.Upper) == string(p.Upper)
	})
}
