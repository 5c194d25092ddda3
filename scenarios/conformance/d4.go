package conformance

import (
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/vtime"
)

// rowsD4 are the rows of section 4 of the draft: security.
func rowsD4() []Row {
	const s = "4"
	return []Row{
		{ID: "D-4-1", Section: s, Role: "MN, HA", Strength: "fact", Text: "one update binds both home addresses",
			In: "case-a case-b", Judge: entryPerAddress("A B")},
		{ID: "D-4-2", Section: s, Role: "MN, HA", Strength: "fact", Text: "the association is based on the IPv6 home address",
			In: "case-a case-b", Parts: "A B home", Judge: associationByHome},
		{ID: "D-4-3", Section: s, Role: "HA", Strength: "MUST", Text: "stores the IPv4 home address that belongs to the IPv6 one",
			In: "case-a refusals", Parts: "right wrong", Judge: storesStatic},
		{ID: "D-4-4", Section: s, Role: "HA", Strength: "fact", Text: "a valid check plus that table authorises the IPv4 binding",
			In: "attacks", Parts: "other bad-icv", Judge: tableAuthorises},
		{ID: "D-4-5", Section: s, Role: "sim", Strength: "fact", Text: "the IPv4 binding is as secure as the IPv6 one",
			In: "attacks", Parts: "A B", Judge: spoofedDoNothing},
	}
}

// associationByHome wants one association per home address and direction, whatever the
// care-of address.
func associationByHome(r *Run, j *Jury) {
	if !r.Spec.Protocol.IPsec {
		return
	}
	spi := map[*Mobile]uint32{}
	for _, u := range r.Updates {
		if u.Forged || !u.ToHA || u.Inner().ESP == nil {
			continue
		}
		e := u.Inner().ESP
		if spi[u.Mobile] == 0 {
			spi[u.Mobile] = e.SPI
		}
		good := e.SA != nil && e.SA.HomeAddress == u.Mobile.Home && e.SA.Selector.Source == u.Mobile.Home && e.SPI == spi[u.Mobile]
		j.CheckPart(string(u.Case), good, u.Packet, "SPI %#x of %s with care-of address %s", e.SPI, u.HoA, u.CareOf)
	}
}

// tableAuthorises looks at updates under a valid association that ask for another's IPv4 home
// address, and at updates whose integrity value is wrong.
func tableAuthorises(r *Run, j *Jury) {
	for _, u := range r.Updates {
		if u.Mobile == nil || !u.ToHA || u.Last == nil || u.Inner().ESP == nil {
			continue
		}
		if !u.Inner().ESP.Good {
			j.CheckPart("bad-icv", r.ignored(u), u.Packet, "a wrong integrity value: no answer, no change")
			continue
		}
		for _, m := range r.Mobiles {
			if m == u.Mobile || u.IPv4 == nil || m.IPv4 != *u.IPv4 {
				continue
			}
			if a := r.answer(u); a != nil && a.IPv4 != nil {
				j.CheckPart("other", a.IPv4.Status == wire.IPv4IncorrectAddress, a.Packet, "%s asks for %s of %s: status %d", u.Mobile.Name, m.IPv4, m.Name, a.IPv4.Status)
			}
		}
	}
}

func spoofedDoNothing(r *Run, j *Jury) {
	if !r.Spec.Protocol.IPsec {
		return
	}
	for _, u := range r.Updates {
		if u.Forged && u.Mobile != nil && u.ToHA && u.Last != nil && u.Inner().ESP == nil && u.Time+vtime.Time(1e9) < r.end {
			j.CheckPart(string(u.Case), r.ignored(u), u.Packet, "a spoofed update changes no binding")
		}
	}
}
