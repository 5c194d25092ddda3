package conformance

import (
	"time"

	"dsmipsim/nodes/wire"
	"dsmipsim/scenarios/spec"
)

// rowsD23 are the rows of sections 2.3 and 2.4 of the draft.
func rowsD23() []Row {
	return []Row{
		{ID: "D-2.3-1", Section: "2.3", Role: "MN, CN", Strength: "fact", Text: "route optimization is that of Mobile IPv6 in networks with IPv6",
			In: "route-optimization", Parts: "HoTI CoTI HoT CoT BU BA data-out data-in", Judge: routeOptimization},
		{ID: "D-2.3-2", Section: "2.3", Role: "MN", Strength: "fact", Text: "no route optimization in an IPv4-only network",
			In: "route-optimization", Judge: noRouteOptimizationOverIPv4},
		{ID: "D-2.3-3", Section: "2.3", Role: "MN", Strength: "will", Text: "there the mobile node communicates through the home agent",
			In: "case-b", Judge: throughAgent},
		{ID: "D-2.3-4", Section: "2.3", Role: "MN", Strength: "fact", Text: "no route optimization for the IPv4 home address",
			In: "case-a case-b", Judge: ipv4AlwaysTunnelled},
		{ID: "D-2.3-5", Section: "2.3", Role: "sim", Strength: "fact", Text: "no loss of features against Mobile IPv4",
			Fixed: NeedsMIP4, Why: "compares what is reachable with Mobile IPv4"},
		{ID: "D-2.4-1", Section: "2.4", Role: "MN", Strength: "fact", Text: "0.0.0.0 asks for a dynamic IPv4 home address",
			In: "dynamic", Judge: unspecifiedAsks},
		{ID: "D-2.4-2", Section: "2.4", Role: "HA", Strength: "SHOULD", Text: "allocates one and returns it",
			In: "dynamic", Judge: allocates},
		{ID: "D-2.4-3", Section: "2.4", Role: "HA, MN", Strength: "fact", Text: "lifetime is the lesser of binding and lease",
			In: "dynamic short-lease", Parts: "lease", Judge: leaseBounds},
	}
}

func routeOptimization(r *Run, j *Jury) {
	names := map[wire.MobilityType]string{
		wire.MobilityHomeTestInit: "HoTI", wire.MobilityCareOfTestInit: "CoTI", wire.MobilityHomeTest: "HoT", wire.MobilityCareOfTest: "CoT",
	}
	for _, p := range r.Packets {
		m, isHost := r.mobile(p.Node), r.Plan.Host(p.Node) != nil
		if len(p.IPs) == 0 || p.Outer().Version != 6 || m == nil && !isHost {
			continue
		}
		if m != nil && !r.stay(m, p.Time).on(spec.KindIPv6, spec.KindDualStack) {
			continue
		}
		h := p.Inner()
		switch {
		case p.Mobility != nil && names[p.Mobility.Type()] != "":
			part := names[p.Mobility.Type()]
			// Home tests go through the home agent on the mobile node's leg, care-of tests never.
			good := (len(p.IPs) == 2) == (m != nil && part == "HoTI") && !h.HomeAddress.IsValid() && !h.Routing.IsValid()
			j.CheckPart(part, good, p, "%s in %d IP headers", part, len(p.IPs))
		case p.Is(wire.MobilityBindingUpdate) && m != nil && h.Destination != m.HomeAgent:
			_, isAuthorized := p.Mobility.Options().AuthorizationData()
			j.CheckPart("BU", isAuthorized, p, "a Binding Update to a correspondent, authorized")
		case p.Is(wire.MobilityBindingAcknowledgement) && isHost:
			j.ShowPart("BA", p, "a correspondent's acknowledgement")
		case m != nil && h.HomeAddress == m.Home && p.Mobility == nil && p.ICMP6 == nil && h.Destination != m.HomeAgent && len(p.IPs) == 1:
			j.ShowPart("data-out", p, "data with a Home Address option")
		case isHost && h.Routing.IsValid() && p.Mobility == nil && len(p.IPs) == 1:
			j.ShowPart("data-in", p, "data with a type 2 routing header")
		}
	}
}

// noRouteOptimizationOverIPv4 allows only what deletes bindings at correspondents from an
// IPv4-only network (protocol reference 6.12).
func noRouteOptimizationOverIPv4(r *Run, j *Jury) {
	for _, m := range r.Mobiles {
		for p := range r.From(m.Name) {
			if _, only4 := r.fromIPv4Only(p); !only4 {
				continue
			}
			switch {
			case p.Is(wire.MobilityCareOfTestInit):
				j.Bad(p, "a Care-of Test Init from an IPv4-only network")
			case p.Is(wire.MobilityBindingUpdate) && p.Inner().Destination != m.HomeAgent:
				if bu, _ := p.Mobility.BindingUpdate(); bu.Lifetime() > 0 {
					j.Bad(p, "a registration with a correspondent from an IPv4-only network")
				}
			}
		}
		for _, u := range r.registrations(CaseB) {
			t, ok := r.delivered(r.accepted(u))
			if !ok || u.Mobile != m || !r.Spec.Protocol.RouteOptimization {
				continue
			}
			if end := r.stay(m, t).To - 1; end <= r.end {
				t = end
			}
			_, _, others := entries(r.State(t), m)
			held := 0
			for _, e := range others {
				if e.Acknowledged && e.Lifetime > 0 {
					held++
				}
			}
			j.CheckAt("", held == 0, t, "the update list has the home agent only")
		}
	}
}

func throughAgent(r *Run, j *Jury) {
	for _, m := range r.Mobiles {
		for p := range r.From(m.Name) {
			if _, only4 := r.fromIPv4Only(p); only4 && p.Flow != 0 && len(p.IPs) > 0 {
				j.Check(len(p.IPs) == 2 && p.Outer().Destination == m.HomeAgent4, p, "data goes to %s first", p.Outer().Destination)
			}
		}
	}
}

// ipv4AlwaysTunnelled looks at every IPv4 packet that an away mobile node sends or gets.
func ipv4AlwaysTunnelled(r *Run, j *Jury) {
	for _, p := range r.Packets {
		if len(p.IPs) == 0 || p.Inner().Version != 4 || forged(p) {
			continue
		}
		for _, m := range r.Mobiles {
			home := r.ipv4Home(m, p.Time)
			s := r.stay(m, p.Time)
			if !home.IsValid() || s == nil || s.Network == nil || s.Network.Kind == spec.KindHome || p.Link != s.Network.Name {
				continue
			}
			if p.Inner().Source == home && p.Node == m.Name || p.Inner().Destination == home && p.Node != m.Name {
				tunnel := p.IPs[max(0, len(p.IPs)-2)] // the access network may have put its own around
				agent := tunnel.Source
				if p.Node == m.Name {
					agent = tunnel.Destination
				}
				j.Check(len(p.IPs) >= 2 && (agent == m.HomeAgent || agent == m.HomeAgent4), p, "in a tunnel with %s", agent)
			}
		}
	}
}

func unspecifiedAsks(r *Run, j *Jury) {
	for _, u := range r.away() {
		if u.Mobile.Dynamic && u.IPv4 != nil && !r.ipv4Home(u.Mobile, u.Time).IsValid() {
			j.Check(u.IPv4.IsUnspecified(), u.Packet, "the option holds %s", u.IPv4)
		}
	}
}

// dynamicAnswers returns the acknowledgements of requests for a dynamic address.
func (r *Run) dynamicAnswers() []*Ack {
	var all []*Ack
	for _, a := range r.Acks {
		if a.FromHA && a.Of != nil && a.Mobile != nil && a.Of.IPv4 != nil && a.Of.IPv4.IsUnspecified() && a.A.Status().IsAccepted() && a.A.Lifetime() > 0 && a.IPv4 != nil {
			all = append(all, a)
		}
	}
	return all
}

func allocates(r *Run, j *Jury) {
	for _, a := range r.dynamicAnswers() {
		if !a.IPv4.Status.IsSuccess() {
			continue // what refusals look like is another row
		}
		_, v4 := r.binding(a)
		good := a.Mobile.Pool.Contains(a.IPv4.Address) && v4 != nil && unmap(v4.HomeAddress) == a.IPv4.Address
		for _, m := range r.Mobiles {
			good = good && (m == a.Mobile || a.IPv4.Address != m.IPv4)
		}
		j.Check(good, a.Packet, "%s of the pool %s", a.IPv4.Address, a.Mobile.Pool)
	}
}

// leaseBounds wants one lifetime for both entries, no longer than what was asked for. Where
// the scenario bounds the lease below that, the lifetime granted must be shorter.
func leaseBounds(r *Run, j *Jury) {
	for _, a := range r.Acks {
		if !a.FromHA || a.Mobile == nil || !a.Mobile.Dynamic || a.Of == nil || a.IPv4 == nil || !a.IPv4.Status.IsSuccess() || a.A.Lifetime() == 0 {
			continue
		}
		v6, v4 := r.binding(a)
		if v6 == nil || v4 == nil {
			continue
		}
		left := time.Duration(v4.Expires - a.Time)
		good := a.A.Lifetime() <= a.Of.U.Lifetime() && a.A.Lifetime() <= left && v4.Expires <= v6.Expires
		if h := r.Spec.HomeAgent(a.Node); h.Lease > 0 {
			good = good && a.A.Lifetime() <= h.Lease
			if h.Lease < a.Of.U.Lifetime() && good {
				j.ShowPart("lease", a.Packet, "%s granted of %s, the lease is %s", a.A.Lifetime(), a.Of.U.Lifetime(), h.Lease)
			}
		}
		j.Check(good, a.Packet, "%s granted of %s, entries end in %s", a.A.Lifetime(), a.Of.U.Lifetime(), left)
	}
}
