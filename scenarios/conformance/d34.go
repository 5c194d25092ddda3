package conformance

import (
	"bytes"
	"reflect"
	"slices"

	"dsmipsim/nodes/esp"
	"dsmipsim/nodes/mip"
	"dsmipsim/nodes/mip/mn"
	"dsmipsim/nodes/wire"
	"dsmipsim/scenarios/spec"
	"dsmipsim/sim/vtime"
)

// rowsD34 are the rows of sections 3.4 and 3.5 of the draft: home agent and correspondent.
func rowsD34() []Row {
	const s = "3.4"
	return []Row{
		{ID: "D-3.4-1", Section: s, Role: "HA", Strength: `must ("needs")`, Text: "processes the IPv4 option and generates the acknowledgement option",
			In: "case-a", Judge: ackOptionIff("A B")},
		{ID: "D-3.4-2", Section: s, Role: "HA", Strength: "MUST", Text: "finds the IPv4 home address from the IPv6 one",
			In: "dynamic case-a", Judge: findsIPv4},
		{ID: "D-3.4-3", Section: s, Role: "HA", Strength: "MUST", Text: "stores a static IPv4 home address",
			In: "case-a refusals", Parts: "right wrong", Judge: storesStatic},
		{ID: "D-3.4-4", Section: s, Role: "HA", Strength: "MUST", Text: "stores a dynamic one once it is allocated",
			In: "dynamic", Judge: storesDynamic},
		{ID: "D-3.4-5", Section: s, Role: "HA", Strength: "must", Text: "follows all steps of Mobile IPv6 for the update",
			In: "case-a", Judge: followsSteps},
		{ID: "D-3.4-6", Section: s, Role: "HA", Strength: "MUST", Text: "checks that a unicast address is allocated to the mobile node",
			In: "refusals attacks", Judge: checksOwner},
		{ID: "D-3.4-7", Section: s, Role: "HA", Strength: "SHOULD", Text: "unspecified address: allocates",
			In: "dynamic", Judge: allocates},
		{ID: "D-3.4-8", Section: s, Role: "HA", Strength: "MUST", Text: "none available: an error code",
			In: "refusals", Judge: func(r *Run, j *Jury) {
				for _, a := range r.dynamicAnswers() {
					if _, v4 := r.binding(a); v4 == nil {
						j.Check(a.IPv4.Status == wire.IPv4NoDynamic, a.Packet, "status %d", a.IPv4.Status)
					}
				}
			}},
		{ID: "D-3.4-9", Section: s, Role: "HA", Strength: "MUST", Text: "accepted: creates the entry of the IPv4 home address",
			In: "case-a case-b", Judge: entryPerAddress("A B")},
		{ID: "D-3.4-10", Section: s, Role: "HA", Strength: "MAY", Text: "may store it in mapped form",
			In: "case-a", Judge: func(r *Run, j *Jury) {
				for _, a := range r.grants("A B") {
					if _, v4 := r.binding(a); v4 != nil {
						j.ShowAt("", a.Time, "stored as %s, on the wire never mapped", v4.HomeAddress)
					}
				}
			}},
		{ID: "D-3.4-11", Section: s, Role: "HA", Strength: "MUST", Text: "includes the acknowledgement option",
			In: "case-a case-b", Judge: ackOptionIff("A B")},
		{ID: "D-3.4-12", Section: s, Role: "HA", Strength: "MUST", Text: "accepted for both: two separate entries",
			In: "case-a case-b", Judge: entryPerAddress("A B")},
		{ID: "D-3.4-13", Section: s, Role: "HA", Strength: "fact", Text: "the care-of address is the one in the update",
			In: "case-a case-b", Judge: func(r *Run, j *Jury) { pointTo(CaseA)(r, j); pointTo(CaseB)(r, j) }},
		{ID: "D-3.4-14", Section: s, Role: "HA", Strength: "MUST", Text: "mapped care-of address: a tunnel to the IPv4 care-of address",
			In: "case-b", Parts: "6in4 4in4", Judge: tunnelledTo(4)},
		{ID: "D-3.4-15", Section: s, Role: "HA", Strength: "MUST", Text: "the routing header always contains the IPv6 home address",
			In: "case-a case-b", Parts: "A B", Judge: routingHeader},
		{ID: "D-3.4-16", Section: s, Role: "HA", Strength: "MUST", Text: "IPv4 care-of address: the IPv6 destination is its mapped form",
			In: "case-b", Judge: ackOverIPv4(func(a *Ack) (bool, string) {
				return a.Inner().Destination == mapped(a.Of.Outer().Source), "to " + a.Inner().Destination.String()
			})},
		{ID: "D-3.4-17", Section: s, Role: "HA", Strength: "MUST", Text: "then the packet is encapsulated in IPv4",
			In: "case-b", Judge: ackOverIPv4(func(a *Ack) (bool, string) {
				return len(a.IPs) == 2 && a.Outer().Version == 4 && a.Outer().Upper == wire.ProtoIPv6 && a.Outer().Source == a.Of.Mobile.HomeAgent4 && a.Outer().Destination == a.Of.Outer().Source,
					a.Outer().Source.String() + " to " + a.Outer().Destination.String()
			})},
		{ID: "D-3.4-18", Section: s, Role: "HA", Strength: "fact", Text: "all packets for the home addresses are tunnelled",
			In: "case-a case-b", Parts: "IPv6 IPv4", Judge: allTunnelled},
		{ID: "D-3.4-19", Section: s, Role: "HA", Strength: "fact", Text: "IPv4 care-of address: IPv4 outer header",
			In: "case-b", Judge: func(r *Run, j *Jury) {
				for _, t := range r.tunnels() {
					if v6, _ := bindings(r.State(t.Time), t.Mobile); t.Down && v6 != nil && v6.CareOf.Is4() && t.CareOf == v6.CareOf {
						j.Check(t.Outer().Version == 4, t.Packet, "%s", t.Kind)
					}
				}
			}},
		{ID: "D-3.4-20", Section: s, Role: "HA", Strength: "fact", Text: "the mapped format is not used for data",
			In: "case-b", Judge: mappedPlaces},
		{ID: "D-3.5-1", Section: "3.5", Role: "CN", Strength: "fact", Text: "no impact on correspondent nodes",
			In: "case-a case-b", Parts: "ipv6 ipv4", Judge: noImpact},
	}
}

func findsIPv4(r *Run, j *Jury) {
	for _, a := range r.Acks {
		if !a.FromHA || a.Mobile == nil || a.IPv4 == nil || !a.IPv4.Status.IsSuccess() {
			continue
		}
		if want := r.ipv4Home(a.Mobile, a.Time); want.IsValid() {
			j.Check(a.IPv4.Address == want, a.Packet, "%s belongs to %s", a.IPv4.Address, a.Mobile.Home)
		}
	}
}

func storesStatic(r *Run, j *Jury) {
	for _, a := range r.Acks {
		if !a.FromHA || a.Mobile == nil || !a.Mobile.IPv4.IsValid() || a.Of == nil || a.Of.IPv4 == nil || a.IPv4 == nil || a.A.Lifetime() == 0 {
			continue
		}
		switch asked := *a.Of.IPv4; {
		case asked == a.Mobile.IPv4:
			if a.IPv4.Status != wire.IPv4Prohibited && a.IPv4.Status != wire.IPv4Unspecified {
				j.CheckPart("right", a.IPv4.Status.IsSuccess(), a.Packet, "%s is in the table: status %d", asked, a.IPv4.Status)
			}
		case !asked.IsUnspecified():
			j.CheckPart("wrong", !a.IPv4.Status.IsSuccess(), a.Packet, "%s is not: status %d", asked, a.IPv4.Status)
		}
	}
}

func storesDynamic(r *Run, j *Jury) {
	for _, a := range r.Acks {
		if a.FromHA && a.Mobile != nil && a.Mobile.Dynamic && a.Of != nil && a.Of.IPv4 != nil && !a.Of.IPv4.IsUnspecified() && a.IPv4 != nil && a.A.Lifetime() > 0 && *a.Of.IPv4 == r.ipv4Home(a.Mobile, a.Of.Time) {
			j.Check(a.IPv4.Status.IsSuccess(), a.Packet, "%s, allocated before, is accepted", a.Of.IPv4)
		}
	}
}

// followsSteps wants of every granted home registration what Mobile IPv6 demands of it.
func followsSteps(r *Run, j *Jury) {
	for _, u := range r.away() {
		if a := r.accepted(u); a != nil {
			e := u.Inner().ESP
			good := (!r.Spec.Protocol.IPsec || e != nil && e.Good && e.SA.HomeAddress == u.HoA) && a.A.Lifetime() <= u.U.Lifetime() &&
				a.A.Sequence() == u.U.Sequence() && r.Spec.Network(u.Mobile.HomeLink).IPv6.Contains(u.HoA)
			j.Check(good, a.Packet, "authenticated, on-link home address, sequence number and lifetime in order")
		}
	}
}

// checksOwner looks at requests for an address that belongs to somebody else.
func checksOwner(r *Run, j *Jury) {
	for _, a := range r.Acks {
		if !a.FromHA || a.Mobile == nil || a.Of == nil || a.Of.IPv4 == nil || a.IPv4 == nil || !a.A.Status().IsAccepted() {
			continue
		}
		for _, m := range r.Mobiles {
			if m == a.Mobile || m.IPv4 != *a.Of.IPv4 || !m.IPv4.IsValid() {
				continue
			}
			_, mine := r.binding(a)
			_, before := bindings(r.State(a.Of.Time), m)
			_, after := bindings(r.After(a.Time), m)
			good := a.IPv4.Status == wire.IPv4IncorrectAddress && mine == nil && sameBinding(before, after)
			j.Check(good, a.Packet, "%s belongs to %s: status %d, no binding changes", m.IPv4, m.Name, a.IPv4.Status)
		}
	}
}

func sameBinding(a, b *mip.Binding) bool {
	return a == nil && b == nil || a != nil && b != nil && a.CareOf == b.CareOf && a.Owner == b.Owner
}

func sameEntries(a, b []mn.Entry) bool {
	return len(a) == len(b) && (len(a) == 0 || reflect.DeepEqual(a, b))
}

// allTunnelled follows packets for bound home addresses that come to the home agent: each must
// leave in a tunnel, unless it is dropped for a reason of its own.
func allTunnelled(r *Run, j *Jury) {
	for _, p := range r.Packets {
		if p.Flow == 0 || len(p.IPs) != 1 || r.mobile(p.Node) != nil {
			continue
		}
		dst := p.Outer().Destination
		for _, m := range r.Mobiles {
			if dst != m.Home && dst != r.ipv4Home(m, p.Time) || !r.touches(p.Link, m.HomeAgent) || p.Node == m.Agent {
				continue
			}
			v6, v4 := bindings(r.State(p.Time), m)
			b := v6
			if dst.Is4() {
				b = v4
			}
			late6, late4 := bindings(r.After(p.Time+vtime.Time(settle)), m)
			if b == nil || late6 == nil || dst.Is4() && late4 == nil || p.Time+vtime.Time(settle) > r.end || p.ICMP6 != nil && p.ICMP6.IsError() {
				continue
			}
			out := r.next(p, func(q *Packet) bool {
				return q.Node == m.Agent && q.Flow == p.Flow && len(q.IPs) >= 1 && bytes.Equal(q.Upper, p.Upper)
			})
			if out == nil {
				continue // lost in a queue, or too big: other rows
			}
			j.CheckPart("IPv"+string([]byte{'0' + byte(p.Outer().Version)}), r.tunnel(out) != nil || out.Outer().Fragment, out, "a packet for %s leaves in a tunnel", dst)
		}
	}
}

// mappedPlaces wants IPv4-mapped addresses in three places only: the source and the Alternate
// Care-of Address of updates over IPv4, and the destination of their acknowledgements.
func mappedPlaces(r *Run, j *Jury) {
	prefix := []byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}
	for _, p := range r.Packets {
		if forged(p) || r.isForged(p) || len(p.IPs) == 0 || p.Badness == wire.ErrMobilityChecksum || p.Flow == 0 && !hasMapped(p) && !isSignalling(p) {
			continue
		}
		n := bytes.Count(p.Octets, prefix)
		if e := p.Inner().ESP; e != nil && e.SA != nil && e.SA.Cipher != esp.NullCipher {
			n += bytes.Count(p.Mobility, prefix) // which nobody else can see
		}
		if !hasMapped(p) {
			if isSignalling(p) && n > 0 {
				j.Bad(p, "a mapped address inside a message that went over IPv6")
			}
			continue
		}
		h := p.Inner()
		switch {
		case p.Is(wire.MobilityBindingUpdate):
			bu, _ := p.Mobility.BindingUpdate()
			want := 1
			if alt, ok := bu.AlternateCareOf(); ok && alt.Is4In6() {
				want = 2
			}
			j.Check(h.Source.Is4In6() && !h.Destination.Is4In6() && n == want, p, "mapped source of a Binding Update")
		case p.Is(wire.MobilityBindingAcknowledgement):
			j.Check(h.Destination.Is4In6() && !h.Source.Is4In6() && n == 1, p, "mapped destination of a Binding Acknowledgement")
		default:
			j.Bad(p, "a mapped address, and neither update nor acknowledgement")
		}
	}
}

func hasMapped(p *Packet) bool {
	for i := range p.IPs {
		if p.IPs[i].Source.Is4In6() || p.IPs[i].Destination.Is4In6() || p.IPs[i].HomeAddress.Is4In6() || p.IPs[i].Routing.Is4In6() {
			return true
		}
	}
	return false
}

// isForged reports whether a packet is a later hop of a forged one.
func (r *Run) isForged(p *Packet) bool {
	return slices.ContainsFunc(r.Forgeries, func(q *Packet) bool { return q.Upper != nil && bytes.Equal(q.Upper, p.Upper) })
}

// noImpact wants of correspondents, where route optimization is off, nothing that a node
// without any mobility would not send or get.
func noImpact(r *Run, j *Jury) {
	if r.Spec.Protocol.RouteOptimization {
		return
	}
	for i := range r.Spec.Correspondents {
		name := r.Spec.Correspondents[i].Name
		for p := range r.From(name) {
			if len(p.IPs) == 0 {
				continue
			}
			if p.Mobility != nil && r.provoked(p) {
				continue // an answer to a forged message
			}
			plain := len(p.IPs) == 1 && !p.Outer().HomeAddress.IsValid() && !p.Outer().Routing.IsValid()
			if p.Mobility != nil || !plain {
				j.Bad(p, "a correspondent sends what only mobility brings about")
			}
		}
	}
	for i := range r.Spec.Flows {
		f := &r.Spec.Flows[i]
		m := r.mobile(f.To)
		if m == nil {
			continue
		}
		for _, e := range r.Ends {
			if s := r.stay(m, e.Time); e.Flow == i && e.Delivered && s.on(spec.KindIPv6, spec.KindIPv4Public, spec.KindDualStack) {
				j.ShowAt(string(f.Family), e.Time, "flow %s reaches the mobile node in %s, %s knows nothing of it", f.Name, s.Network.Name, f.From)
				break
			}
		}
	}
}

// provoked reports whether a mobility message answers a forged packet.
func (r *Run) provoked(p *Packet) bool {
	return len(r.Forgeries) > 0 && r.Forgeries[0].N < p.N
}
