package conformance

import (
	"dsmipsim/nodes/wire"
	"dsmipsim/scenarios/spec"
	"dsmipsim/sim/vtime"
)

// rowsD221 are the rows of section 2.2.1 of the draft: the visited network has IPv6.
func rowsD221() []Row {
	const s = "2.2.1"
	return []Row{
		{ID: "D-2.2.1-1", Section: s, Role: "MN", Strength: "will", Text: "the update goes to the home agent's IPv6 address",
			In: "case-a", Judge: func(r *Run, j *Jury) {
				for _, u := range r.registrations(CaseA) {
					j.Check(u.Inner().Destination == u.Mobile.HomeAgent && u.Inner().Source == u.CareOf && u.CareOf.Is6(), u.Packet, "from %s to %s", u.Inner().Source, u.Inner().Destination)
				}
			}},
		{ID: "D-2.2.1-2", Section: s, Role: "MN", Strength: "will", Text: "the update includes the IPv4 home address option",
			In: "case-a", Judge: optionIn(CaseA, nil)},
		{ID: "D-2.2.1-3", Section: s, Role: "HA", Strength: "fact", Text: "two entries, for the IPv4 and the IPv6 home address",
			In: "case-a", Judge: entryPerAddress("A")},
		{ID: "D-2.2.1-4", Section: s, Role: "HA", Strength: "fact", Text: "both entries point to the IPv6 care-of address",
			In: "case-a", Judge: pointTo(CaseA)},
		{ID: "D-2.2.1-5", Section: s, Role: "HA", Strength: "fact", Text: "packets for both home addresses are tunnelled in IPv6 to the care-of address",
			In: "case-a", Parts: "6in6 4in6", Judge: tunnelledTo(6)},
		{ID: "D-2.2.1-6", Section: s, Role: "MN, HA", Strength: "fact", Text: "one update sets up two tunnels",
			In: "case-a", Judge: oneUpdateTwoTunnels},
		{ID: "D-2.2.1-7", Section: s, Role: "MN", Strength: "fact", Text: "the option is the only addition to Mobile IPv6",
			In: "case-a no-ipv4-home", Parts: "with without", Judge: onlyAddition},
		{ID: "D-2.2.1-8", Section: s, Role: "HA", Strength: "MUST", Text: "an accepted update is acknowledged",
			In: "case-a", Judge: acknowledged(CaseA)},
		{ID: "D-2.2.1-9", Section: s, Role: "HA", Strength: "MUST", Text: "the acknowledgement has the IPv4 option if and only if the update had it",
			In: "case-a no-ipv4-home", Parts: "present absent", Judge: ackOptionIff("A home")},
		{ID: "D-2.2.1-10", Section: s, Role: "HA", Strength: "fact", Text: "the option tells whether the IPv4 binding was accepted",
			In: "case-a refusals", Parts: "success failure", Judge: optionTells},
		{ID: "D-2.2.1-11", Section: s, Role: "MN", Strength: "MUST", Text: "no IPv4 option in the answer: the home agent does not support it",
			In: "plain-agent", Judge: assumesUnsupported},
		{ID: "D-2.2.1-12", Section: s, Role: "MN", Strength: "SHOULD NOT", Text: "then the option is in no later update to that home agent",
			In: "plain-agent", Judge: asksNoMore},
		{ID: "D-2.2.1-13", Section: s, Role: "HA", Strength: "MUST", Text: "the routing header of the acknowledgement holds the IPv6 home address",
			In: "case-a case-b", Parts: "A B", Judge: routingHeader},
	}
}

// optionIn wants the IPv4 home address option in every update of a node that has or needs an
// IPv4 home address, until the home agent has given a reason against it; want may narrow what
// it contains.
func optionIn(c Case, want func(u *Update) bool) func(*Run, *Jury) {
	return func(r *Run, j *Jury) {
		for _, u := range r.registrations(c) {
			if !u.Mobile.WantsIPv4() || r.refusedBefore(u) {
				continue
			}
			o := find(options(u.Mobility), optHome4)
			if o == nil {
				j.Bad(u.Packet, "no IPv4 home address option")
				continue
			}
			if want == nil || want(u) {
				j.CheckPart("", u.IPv4 != nil, u.Packet, "IPv4 home address option with %x", o.data)
			}
		}
	}
}

func pointTo(c Case) func(*Run, *Jury) {
	return func(r *Run, j *Jury) {
		for _, a := range r.Acks {
			if !a.FromHA || a.Mobile == nil || a.Of == nil || a.Of.Case != c || !a.A.Status().IsAccepted() || a.A.Lifetime() == 0 {
				continue
			}
			v6, v4 := r.binding(a)
			if v6 == nil {
				continue // whether there is one is another row
			}
			good := v6.CareOf == a.Of.CareOf && (v4 == nil || v4.CareOf == a.Of.CareOf)
			j.CheckAt("", good, a.Time, "the entries point to %s", a.Of.CareOf)
		}
	}
}

// tunnelledTo wants every packet that the home agent tunnels to go where the binding says, in
// the family of the care-of address.
func tunnelledTo(version int) func(*Run, *Jury) {
	return func(r *Run, j *Jury) {
		for _, t := range r.tunnels() {
			if !t.Down || t.Outer().Version != version {
				continue
			}
			v6, v4 := bindings(r.State(t.Time), t.Mobile)
			b := v6
			if t.Home.Is4() {
				b = v4
			}
			after6, after4 := bindings(r.After(t.Time), t.Mobile)
			a := after6
			if t.Home.Is4() {
				a = after4
			}
			if b == nil || a == nil || a.CareOf != b.CareOf {
				continue // the binding changes at this very moment
			}
			own := t.Mobile.HomeAgent
			if version == 4 {
				own = t.Mobile.HomeAgent4
			}
			j.CheckPart(t.Kind, t.CareOf == b.CareOf && t.Outer().Source == own, t.Packet, "%s from %s to care-of address %s", t.Kind, t.Outer().Source, b.CareOf)
		}
	}
}

func oneUpdateTwoTunnels(r *Run, j *Jury) {
	for _, s := range r.Stays {
		if !s.on(spec.KindIPv6, spec.KindDualStack) {
			continue
		}
		updates, kinds := 0, map[string]*Packet{}
		for _, u := range r.registrations(CaseA) {
			if u.Mobile == s.Mobile && s.In(u.Time) {
				updates++
			}
		}
		for _, t := range r.tunnels() {
			if t.Mobile == s.Mobile && t.Down && s.In(t.Time) && kinds[t.Kind] == nil {
				kinds[t.Kind] = t.Packet
			}
		}
		if updates == 1 && kinds["6in6"] != nil && kinds["4in6"] != nil {
			j.Show(kinds["4in6"], "one update, and both 6in6 and 4in6")
		}
	}
}

// onlyAddition takes the option out of an update: what is left must be what Mobile IPv6 sends,
// Alternate Care-of Address and padding, with no flag but A, H, L and K.
func onlyAddition(r *Run, j *Jury) {
	const plain = wire.BUAcknowledge | wire.BUHomeRegistration | wire.BULinkLocal | wire.BUKeyManagement
	for _, u := range r.registrations(CaseA) {
		all, part := options(u.Mobility), "without"
		good := u.U.Flags()&^plain == 0
		for _, o := range all {
			switch o.typ {
			case wire.MobOptAlternateCareOf:
			case optHome4:
				part = "with"
			default:
				good = false
			}
		}
		if part == "without" {
			good = good && len(u.Mobility) == 32
		}
		j.CheckPart(part, good, u.Packet, "%s the option a Binding Update of Mobile IPv6, %d octets", part, len(u.Mobility))
	}
}

// acknowledged wants an acknowledgement for each update that made or renewed a binding.
func acknowledged(c Case) func(*Run, *Jury) {
	return func(r *Run, j *Jury) {
		for _, u := range r.registrations(c) {
			if u.Last == nil || u.Last.Time+vtime.Time(2e9) > r.end {
				continue
			}
			v6, _ := bindings(r.State(u.Last.Time+vtime.Time(15e8)), u.Mobile)
			if v6 == nil || v6.Sequence != u.U.Sequence() || v6.CareOf != u.CareOf {
				continue
			}
			a := r.answer(u)
			if a == nil {
				j.Bad(u.Packet, "the binding was made and nothing was acknowledged")
				continue
			}
			j.Check(a.A.Sequence() == u.U.Sequence() && a.A.Status().IsAccepted(), a.Packet, "acknowledges sequence number %d", u.U.Sequence())
		}
	}
}

// ackOptionIff compares answers with what they answer (ruling X-8: an answer that refuses
// everything carries none).
func ackOptionIff(cases string) func(*Run, *Jury) {
	return func(r *Run, j *Jury) {
		for _, a := range r.Acks {
			if !a.FromHA || a.Of == nil || a.Mobile == nil || !in(string(a.Of.Case), cases) || !a.A.Status().IsAccepted() {
				continue
			}
			asked := find(options(a.Of.Mobility), optHome4) != nil
			has := find(options(a.Mobility), optAck4) != nil
			if h := r.Spec.HomeAgent(a.Node); h != nil && !h.IPv4Support {
				continue // it knows nothing of the draft
			}
			part := "absent"
			if asked {
				part = "present"
			}
			j.CheckPart(part, asked == has, a.Packet, "update with the option: %t, acknowledgement with it: %t", asked, has)
		}
	}
}

// optionTells compares the status of the option with what the home agent has and with what the
// mobile node does.
func optionTells(r *Run, j *Jury) {
	for _, a := range r.Acks {
		if !a.FromHA || a.Mobile == nil || a.Of == nil || a.Of.Forged || a.IPv4 == nil || a.A.Lifetime() == 0 || !a.A.Status().IsAccepted() || a.IPv4.Address != a.bound4() {
			continue
		}
		part := "failure"
		if a.IPv4.Status.IsSuccess() {
			part = "success"
		}
		_, bound := r.binding(a)
		if (bound != nil) != a.IPv4.Status.IsSuccess() {
			j.Bad(a.Packet, "status %d, binding of the IPv4 home address: %t", a.IPv4.Status, bound != nil)
			continue
		}
		if t, ok := r.delivered(a); ok {
			_, v4, _ := entries(r.State(t), a.Mobile)
			j.CheckPart(part, (v4 != nil) == a.IPv4.Status.IsSuccess(), a.Packet, "status %d, and home agent and mobile node act so", a.IPv4.Status)
		}
	}
}

// withoutOption returns the accepted acknowledgements that lack an option which was asked for.
func (r *Run) withoutOption() []*Ack {
	var all []*Ack
	for _, a := range r.Acks {
		if (a.FromHA || a.Sealed) && a.Mobile != nil && a.Of != nil && !a.Of.Forged && a.Of.IPv4 != nil && a.IPv4 == nil && a.A.Status().IsAccepted() && a.A.Lifetime() > 0 && a.Last != nil &&
			a.Inner().Destination == a.Of.Inner().Source {
			all = append(all, a)
		}
	}
	return all
}

func assumesUnsupported(r *Run, j *Jury) {
	for _, a := range r.withoutOption() {
		if t, ok := r.delivered(a); ok {
			v6, v4, _ := entries(r.State(t), a.Mobile)
			j.CheckAt("", v6 != nil && v4 == nil, t, "an entry for the IPv6 home address only")
		}
	}
}

func asksNoMore(r *Run, j *Jury) {
	if r.Spec.Draft00.ReprobeInterval > 0 {
		return // the MAY of section 3.3 instead
	}
	for _, a := range r.withoutOption() {
		for _, u := range r.Updates {
			if u.Mobile == a.Mobile && u.ToHA && !u.Forged && u.Time > a.Last.Time+vtime.Time(settle) && u.U.Lifetime() > 0 {
				j.Check(find(options(u.Mobility), optHome4) == nil, u.Packet, "no IPv4 home address option after an answer without it")
			}
		}
	}
}

func routingHeader(r *Run, j *Jury) {
	for _, a := range r.Acks {
		if a.FromHA && a.Of != nil && a.Of.Mobile != nil && a.Of.Inner().HomeAddress.IsValid() {
			h := a.Inner()
			j.CheckPart(string(a.Of.Case), h.Routing == a.Of.HoA && h.SegmentsLeft == 1, a.Packet, "type 2 routing header with %s", h.Routing)
		}
	}
}
