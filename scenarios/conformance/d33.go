package conformance

import (
	"time"

	"dsmipsim/nodes/wire"
	"dsmipsim/scenarios/spec"
	"dsmipsim/sim/vtime"
)

// rowsD33 are the rows of section 3.3 of the draft: the mobile node.
func rowsD33() []Row {
	const s = "3.3"
	return []Row{
		{ID: "D-3.3-1", Section: s, Role: "MN", Strength: `MUST ("requires")`, Text: "supports an IPv4 home address",
			In: "case-a case-b", Parts: "sends receives", Judge: usesIPv4Home},
		{ID: "D-3.3-2", Section: s, Role: "MN", Strength: "fact", Text: "the IPv4 home address is never sent in mapped form",
			In: "case-a", Judge: neverMapped},
		{ID: "D-3.3-3", Section: s, Role: "MN", Strength: "SHOULD", Text: "stores it in the update list in mapped form",
			In: "case-a", Judge: func(r *Run, j *Jury) {
				for _, a := range r.grants("A B") {
					if t, ok := r.delivered(a); ok {
						if _, v4, _ := entries(r.State(t), a.Mobile); v4 != nil {
							j.CheckAt("", v4.HomeAddress == mapped(a.IPv4.Address), t, "entry of %s", v4.HomeAddress)
						}
					}
				}
			}},
		{ID: "D-3.3-4", Section: s, Role: "MN", Strength: `MUST ("required")`, Text: "is configured with the home agent's IPv4 address",
			In: "case-b", Judge: wants("home_agent", "ipv4 = ")},
		{ID: "D-3.3-5", Section: s, Role: "MN", Strength: "MUST", Text: "IPv4-only: the IPv6 packet is encapsulated in IPv4",
			In: "case-b", Judge: overIPv4(func(r *Run, u *Update) (bool, string) {
				return len(u.IPs) == 2 && u.Outer().Version == 4 && u.Inner().Version == 6, "IPv6 in IPv4"
			})},
		{ID: "D-3.3-6", Section: s, Role: "MN", Strength: "MUST", Text: "IPv4 source is the care-of address",
			In: "case-b", Judge: overIPv4(func(r *Run, u *Update) (bool, string) {
				return u.Outer().Source == r.leased(u.Mobile, u.Packet), "from " + u.Outer().Source.String()
			})},
		{ID: "D-3.3-7", Section: s, Role: "MN", Strength: "MUST", Text: "IPv4 destination is the home agent's IPv4 address",
			In: "case-b", Judge: overIPv4(func(r *Run, u *Update) (bool, string) {
				return u.Outer().Destination == u.Mobile.HomeAgent4, "to " + u.Outer().Destination.String()
			})},
		{ID: "D-3.3-8", Section: s, Role: "MN", Strength: "MUST", Text: "IPv6 source is the mapped form of the same address",
			In: "case-b", Judge: overIPv4(func(r *Run, u *Update) (bool, string) {
				return u.Inner().Source == mapped(u.Outer().Source), u.Inner().Source.String() + " in " + u.Outer().Source.String()
			})},
		{ID: "D-3.3-9", Section: s, Role: "MN", Strength: "MUST", Text: "the Home Address option contains the IPv6 home address",
			In: "case-b", Judge: overIPv4(func(r *Run, u *Update) (bool, string) {
				return u.Inner().HomeAddress == u.Mobile.Home, "Home Address option with " + u.Inner().HomeAddress.String()
			})},
		{ID: "D-3.3-10", Section: s, Role: "MN", Strength: "MAY", Text: "the IPv4 option is included, unspecified without a static address",
			In: "case-b dynamic", Parts: "static unspecified", Judge: func(r *Run, j *Jury) {
				for _, u := range r.registrations(CaseB) {
					if u.IPv4 != nil && u.IPv4.IsUnspecified() {
						j.CheckPart("unspecified", u.Mobile.Dynamic, u.Packet, "0.0.0.0")
					} else if u.IPv4 != nil && u.Mobile.IPv4.IsValid() {
						j.CheckPart("static", *u.IPv4 == u.Mobile.IPv4, u.Packet, "%s", u.IPv4)
					}
				}
			}},
		{ID: "D-3.3-11", Section: s, Role: "MN", Strength: "MUST", Text: "the IPv6 packet is authenticated, based on the IPv6 home address",
			In: "case-b attacks", Parts: "protected ignored", Judge: authenticated},
		{ID: "D-3.3-12", Section: s, Role: "MN", Strength: "MUST", Text: "with IPv6: follows Mobile IPv6",
			In: "case-a", Judge: func(r *Run, j *Jury) {
				for _, u := range r.registrations(CaseA) {
					j.Check(r.isHomeRegistration(u), u.Packet, "A, H, Home Address option, Alternate Care-of Address, ESP")
				}
			}},
		{ID: "D-3.3-13", Section: s, Role: "MN", Strength: "should", Text: "with IPv6: includes the option if it has or needs an IPv4 home address",
			In: "case-a dynamic", Judge: optionIn(CaseA, nil)},
		{ID: "D-3.3-14", Section: s, Role: "MN", Strength: "MUST", Text: "a static address is the one in the option",
			In: "case-a", Judge: func(r *Run, j *Jury) {
				for _, u := range r.away() {
					if u.Mobile.IPv4.IsValid() && u.IPv4 != nil {
						j.Check(*u.IPv4 == u.Mobile.IPv4, u.Packet, "%s", u.IPv4)
					}
				}
			}},
		{ID: "D-3.3-15", Section: s, Role: "MN", Strength: "should", Text: "otherwise the unspecified address",
			In: "dynamic", Judge: unspecifiedAsks},
		{ID: "D-3.3-16", Section: s, Role: "MN", Strength: "should (list: MUST)", Text: "success: two entries in the update list",
			In: "case-a case-b", Judge: bothAtOnce},
		{ID: "D-3.3-17", Section: s, Role: "MN", Strength: "MUST", Text: "no option: the entry of the IPv6 home address only",
			In: "plain-agent", Judge: assumesUnsupported},
		{ID: "D-3.3-18", Section: s, Role: "MN", Strength: "MAY", Text: "may include the option in later updates",
			In: "reprobe", Judge: func(r *Run, j *Jury) {
				for _, a := range r.withoutOption() {
					for _, u := range r.Updates {
						if r.Spec.Draft00.ReprobeInterval > 0 && u.Mobile == a.Mobile && !u.Forged && u.Time > a.Last.Time && u.IPv4 != nil {
							j.Show(u.Packet, "asks again, as switched on (X-2)")
						}
					}
				}
			}},
		{ID: "D-3.3-19", Section: s, Role: "MN", Strength: "MUST NOT", Text: "failure: no entry of the IPv4 home address",
			In: "refusals", Judge: func(r *Run, j *Jury) {
				for _, a := range r.failures() {
					if t, ok := r.delivered(a); ok {
						_, v4, _ := entries(r.State(t), a.Mobile)
						j.CheckAt("", v4 == nil, t, "no entry after status %d", a.IPv4.Status)
					}
				}
			}},
		{ID: "D-3.3-20", Section: s, Role: "MN", Strength: "MAY", Text: "may include the option in later updates",
			In: "refusals", Judge: asksAgain},
		{ID: "D-3.3-21", Section: s, Role: "MN", Strength: "MUST", Text: "configures a mapped address so that acknowledgements arrive",
			In: "case-b attacks", Parts: "configured other-refused", Judge: mappedConfigured},
	}
}

func usesIPv4Home(r *Run, j *Jury) {
	for _, m := range r.Mobiles {
		for _, f := range r.flowsOf(m, spec.IPv4) {
			for _, e := range r.Ends {
				if s := r.stay(m, e.Time); e.Flow == f && e.Delivered && s != nil && s.Network != nil && s.Network.Kind != spec.KindHome {
					part := "receives"
					if r.Spec.Flows[f].From == m.Name {
						part = "sends"
					}
					j.ShowAt(part, e.Time, "%s of flow %s in %s", part, r.Spec.Flows[f].Name, s.Network.Name)
					break
				}
			}
		}
	}
}

func neverMapped(r *Run, j *Jury) {
	for _, m := range r.Mobiles {
		for _, p := range r.Packets {
			home := r.ipv4Home(m, p.Time)
			if !home.IsValid() || forged(p) {
				continue
			}
			if containsMapped(p, home.As4()) {
				j.Bad(p, "the mapped form of %s", home)
			}
			if p.Is(wire.MobilityBindingUpdate) && p.Node == m.Name {
				if o := find(options(p.Mobility), optHome4); o != nil {
					j.Check(len(o.data) == 4, p, "the option holds %d octets", len(o.data))
				}
			}
		}
	}
}

// authenticated wants ESP right behind the Home Address option of every update that goes out
// over IPv4, with an association of that home address; and that updates without it do nothing.
func authenticated(r *Run, j *Jury) {
	if !r.Spec.Protocol.IPsec {
		return
	}
	for _, u := range r.registrations(CaseB) {
		e := u.Inner().ESP
		good := e != nil && e.Good && e.SA != nil && e.SA.HomeAddress == u.Mobile.Home && e.BeforeAt == 40+wire.DestOptsHomeAddressLen
		j.CheckPart("protected", good, u.Packet, "ESP behind the Home Address option, association of %s", u.HoA)
	}
	for _, u := range r.Updates {
		if !u.Forged || u.Case != CaseB || u.Mobile == nil || u.Last == nil || u.Inner().ESP != nil && u.Inner().ESP.Good {
			continue
		}
		j.CheckPart("ignored", r.ignored(u), u.Packet, "an update without ESP is ignored")
	}
}

// ignored reports whether an update got no answer and changed no binding.
func (r *Run) ignored(u *Update) bool {
	for _, a := range r.Acks {
		if a.FromHA && a.Of == u {
			return false
		}
	}
	before6, before4 := bindings(r.State(u.Time), u.Mobile)
	after6, after4 := bindings(r.After(u.Last.Time+vtime.Time(settle)), u.Mobile)
	if (before6 == nil) != (after6 == nil) || (before4 == nil) != (after4 == nil) {
		return false
	}
	return after6 == nil || after6.CareOf != u.CareOf && after6.CareOf == before6.CareOf
}

// isHomeRegistration reports whether an update is one as Mobile IPv6 wants it from away.
func (r *Run) isHomeRegistration(u *Update) bool {
	e := u.Inner().ESP
	return u.U.Has(wire.BUAcknowledge|wire.BUHomeRegistration) && u.Inner().HomeAddress == u.Mobile.Home && u.Alt == u.Inner().Source &&
		(!r.Spec.Protocol.IPsec || e != nil && e.Good)
}

// failures returns the acknowledgements that refuse the IPv4 home address alone.
func (r *Run) failures() []*Ack {
	var all []*Ack
	for _, a := range r.Acks {
		if (a.FromHA || a.Sealed) && a.Mobile != nil && a.Of != nil && !a.Of.Forged && a.IPv4 != nil && !a.IPv4.Status.IsSuccess() && a.A.Status().IsAccepted() && a.A.Lifetime() > 0 {
			all = append(all, a)
		}
	}
	return all
}

// asksAgain holds later updates against the retry rules of the protocol reference (6.6).
func asksAgain(r *Run, j *Jury) {
	for _, a := range r.failures() {
		if a.Last == nil {
			continue
		}
		for _, u := range r.Updates {
			if u.Mobile != a.Mobile || u.Forged || !u.ToHA || u.U.Lifetime() == 0 || u.Time <= a.Last.Time+vtime.Time(settle) {
				continue
			}
			switch a.IPv4.Status {
			case wire.IPv4NoDynamic:
				j.Check(u.IPv4 != nil && u.IPv4.IsUnspecified(), u.Packet, "asks for 0.0.0.0 again after status 132")
			case wire.IPv4Prohibited:
				j.Check(u.IPv4 == nil, u.Packet, "asks no more after status 129")
			case wire.IPv4Unspecified:
				j.Show(u.Packet, "the option after status 128: %t", u.IPv4 != nil)
			}
			break
		}
	}
}

// mappedConfigured looks at the mobile node in IPv4-only networks, and at what it does with
// acknowledgements to the mapped form of another address.
func mappedConfigured(r *Run, j *Jury) {
	for _, u := range r.registrations(CaseB) {
		a := r.accepted(u)
		if a == nil || a.Last == nil {
			continue
		}
		st := node(r.State(a.Last.Time), u.Mobile)
		got := false
		if t, ok := r.delivered(a); ok {
			v6, _, _ := entries(r.State(t), u.Mobile)
			got = v6 != nil && v6.Acknowledged
			j.CheckAt("configured", st.Mapped && got, a.Last.Time, "the mapped form of %s is configured, and the acknowledgement arrives", u.CareOf)
		}
	}
	for _, a := range r.Acks {
		if !forged(a.Packet) || a.Mobile == nil || a.Outer().Version != 4 || !a.Inner().Destination.Is4In6() || unmap(a.Inner().Destination) == a.Outer().Destination {
			continue
		}
		before, after := node(r.State(a.Time), a.Mobile), node(r.After(a.Time+vtime.Time(100*time.Millisecond)), a.Mobile)
		j.CheckPart("other-refused", sameEntries(before.Entries, after.Entries), a.Packet, "an acknowledgement to %s changes nothing", a.Inner().Destination)
	}
}
