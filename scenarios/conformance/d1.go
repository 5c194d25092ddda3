package conformance

import (
	"slices"

	"dsmipsim/nodes/wire"
	"dsmipsim/scenarios/spec"
	"dsmipsim/sim/vtime"
)

// rowsD1 are the rows of the abstract and of section 1 of the draft.
func rowsD1() []Row {
	return []Row{
		{ID: "D-0-1", Section: "Abstract", Role: "MN", Strength: "fact", Text: "roams with Mobile IPv6 alone and keeps sessions on both home addresses",
			In: "roaming", Judge: keepsSessions},
		{ID: "D-1-1", Section: "1", Role: "MN, HA", Strength: "fact", Text: "IPv4 and IPv6 packets are tunnelled to an IPv4 or IPv6 care-of address",
			In: "case-a case-b", Parts: "6in6 4in6 6in4 4in4", Judge: fourFormats},
		{ID: "D-1-2", Section: "1", Role: "HA", Strength: "fact", Text: "the home agent is dual stack",
			In: "case-b", Parts: "IPv6 IPv4 both", Judge: dualStackAgent},
		{ID: "D-1-3", Section: "1", Role: "MN", Strength: "fact", Text: "Mobile IPv6 is the only mobility protocol needed",
			Fixed: NeedsMIP4, Why: "compares with a node that runs Mobile IPv4 and Mobile IPv6"},
		{ID: "D-1.1-1", Section: "1.1", Role: "net", Strength: "fact", Text: "route optimization and home agent discovery only in IPv6 networks",
			In: "route-optimization discovery", Parts: "RO DHAAD", Judge: onlyWithIPv6},
		{ID: "D-1.1-2", Section: "1.1", Role: "net", Strength: "fact", Text: "with IPv6 the care-of address is global: no NAT traversal",
			In: "case-a", Judge: noNATTraversal},
		{ID: "D-1.1-3", Section: "1.1", Role: "sim", Strength: "fact", Text: "simpler and more bandwidth-efficient than Mobile IPv4 with NAT traversal",
			Fixed: NeedsMIP4, Why: "compares signalling octets with Mobile IPv4 and RFC 3519"},
	}
}

// keepsSessions wants deliveries of both families in every stay in which the node was bound or
// at home, over at least two visited networks and home again.
func keepsSessions(r *Run, j *Jury) {
	for _, p := range r.Packets {
		if p.UDP != nil && (p.UDP.SourcePort() == wire.PortMobileIPv4 || p.UDP.DestinationPort() == wire.PortMobileIPv4) {
			j.Bad(p, "a Mobile IPv4 message")
		}
	}
	for _, m := range r.Mobiles {
		flows := slices.DeleteFunc(append(r.flowsOf(m, spec.IPv6), r.flowsOf(m, spec.IPv4)...), func(f int) bool {
			return r.Spec.Flows[f].Payload > 1200 // fits no tunnel: another row
		})
		if len(r.flowsOf(m, spec.IPv6)) == 0 || len(r.flowsOf(m, spec.IPv4)) == 0 {
			continue
		}
		visited, last := 0, vtime.Time(0)
		for _, s := range r.Stays {
			if s.Mobile != m || s.Network == nil {
				continue
			}
			at, bound := r.bound(s)
			if !bound || s.To-at < vtime.Time(3e9) {
				continue
			}
			for _, f := range flows {
				if r.Spec.Flows[f].Family == spec.IPv4 && s.Network.Kind != spec.KindHome && !r.granted4(s) {
					continue // the IPv4 home address was not bound: another row
				}
				// In the second half of what is left all handover effects are over.
				if r.deliveries(f, at+(s.To-at)/2, s.To) == 0 && r.sends(f, at+(s.To-at)/2, s.To) {
					j.BadAt(at, "%s is bound in %s, and nothing of flow %s arrives", m.Name, s.Network.Name, r.Spec.Flows[f].Name)
				}
			}
			if s.Network.Kind != spec.KindHome {
				visited++
			} else if visited >= 2 {
				last = at
			}
		}
		if last > 0 {
			j.ShowAt("", last, "flows of both families go on after %d visited networks and at home again", visited)
		}
	}
}

// granted4 reports whether the IPv4 home address was bound in a stay.
func (r *Run) granted4(s *Stay) bool {
	return slices.ContainsFunc(r.grants("A B"), func(a *Ack) bool { return a.Mobile == s.Mobile && s.In(a.Time) && a.Last != nil })
}

// sends reports whether a flow sends throughout a span.
func (r *Run) sends(flow int, from, to vtime.Time) bool {
	f := &r.Spec.Flows[flow]
	return vtime.Time(f.Start) <= from && to <= vtime.Time(f.Stop)+vtime.Time(f.Interval) && to-from > 2*vtime.Time(f.Interval)
}

func fourFormats(r *Run, j *Jury) {
	for _, t := range r.tunnels() {
		if t.Down {
			j.ShowPart(t.Kind, t.Packet, "%s from %s to %s", t.Kind, t.Outer().Source, t.CareOf)
		}
	}
}

func dualStackAgent(r *Run, j *Jury) {
	for _, a := range r.Acks {
		if !a.FromHA || a.Mobile == nil {
			continue
		}
		if a.Outer().Version == 4 {
			j.CheckPart("IPv4", a.Outer().Source == a.Mobile.HomeAgent4, a.Packet, "the home agent sends from its IPv4 address")
		} else {
			j.CheckPart("IPv6", a.Outer().Source == a.Mobile.HomeAgent, a.Packet, "the home agent sends from its IPv6 address")
		}
		if v6, v4 := r.binding(a); v6 != nil && v4 != nil {
			j.ShowAt("both", a.Time, "bindings of an IPv6 and an IPv4 home address")
		}
	}
}

// onlyWithIPv6 looks at what leaves mobile nodes. Deleting a binding at a correspondent from an
// IPv4-only network goes through the home agent and optimises nothing.
func onlyWithIPv6(r *Run, j *Jury) {
	for _, p := range r.Packets {
		_, only4 := r.fromIPv4Only(p)
		switch {
		case r.mobile(p.Node) == nil:
		case p.Is(wire.MobilityCareOfTestInit):
			j.CheckPart("RO", !only4 && p.Outer().Version == 6, p, "Care-of Test Init over IPv6")
		case p.IsICMP6(wire.ICMPv6HomeAgentRequest):
			j.CheckPart("DHAAD", !only4 && p.Outer().Version == 6, p, "home agent discovery over IPv6")
		}
	}
}

func noNATTraversal(r *Run, j *Jury) {
	for _, u := range r.registrations(CaseA) {
		j.Check(u.CareOf.IsGlobalUnicast() && !u.CareOf.IsPrivate() && !u.CareOf.Is4In6() && u.Outer().Upper != wire.ProtoUDP, u.Packet,
			"care-of address %s is global and nothing is in UDP", u.CareOf)
	}
	for _, p := range r.Packets {
		if m := r.mobile(p.Node); m == nil || p.UDP == nil || !r.stay(m, p.Time).on(spec.KindIPv6, spec.KindDualStack) {
			continue
		}
		for _, port := range []uint16{p.UDP.SourcePort(), p.UDP.DestinationPort()} {
			if port == wire.PortDSMIPv6 || port == wire.PortESPinUDP {
				j.Bad(p, "UDP encapsulation in a network with IPv6")
			}
		}
	}
}
