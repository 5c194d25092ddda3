package conformance

import (
	"bytes"
	"net/netip"
	"slices"

	"dsmipsim/nodes/wire"
	"dsmipsim/scenarios/spec"
	"dsmipsim/sim/vtime"
)

// rowsD22 are the rows of section 2.2 of the draft, binding management, but for its cases.
func rowsD22() []Row {
	return []Row{
		{ID: "D-2.2-1", Section: "2.2", Role: "MN", Strength: "will", Text: "updates the home agent with its care-of address",
			In: "case-a case-b", Parts: "A B", Judge: updatesAfterMove},
		{ID: "D-2.2-2", Section: "2.2", Role: "MN, HA", Strength: "will", Text: "one binding cache entry per home address",
			In: "case-a", Judge: entryPerAddress("A B")},
		{ID: "D-2.2-3", Section: "2.2", Role: "MN, HA", Strength: "fact", Text: "the packet format depends on whether there is IPv6",
			In: "case-a case-b", Parts: "BU-A BA-A BU-B BA-B", Judge: formatsByCase},
		{ID: "D-2.2-4", Section: "2.2", Role: "net", Strength: "fact", Text: "case A: IPv6 is used even if there is IPv4",
			In: "dual-stack managed", Parts: "stateless stateful", Judge: prefersIPv6},
		{ID: "D-2.2-5", Section: "2.2", Role: "net", Strength: "fact", Text: "case B: only a public IPv4 address",
			In: "case-b", Judge: onlyPublicIPv4},
		{ID: "D-2.2-6", Section: "2.2", Role: "net", Strength: "fact", Text: "case C, only a private IPv4 address, is not supported",
			In: "case-c", Parts: "refused expires", Judge: privateUnsupported},
		{ID: "D-2.2-7", Section: "2.2", Role: "net", Strength: "fact", Text: "case C works if the site offers IPv6 by an ISATAP router",
			In: "isatap", Judge: isatap},
	}
}

// updatesAfterMove wants a Binding Update with an address of the network from every stay in
// a network that can be bound from, if it lasts long enough to get an address.
func updatesAfterMove(r *Run, j *Jury) {
	for _, s := range r.Stays {
		if !s.on(spec.KindIPv6, spec.KindDualStack, spec.KindIPv4Public) || s.To-s.From < vtime.Time(10e9) || s.Network.Link.Loss.All() {
			continue
		}
		var first *Update
		for _, u := range r.away() {
			if u.Mobile == s.Mobile && s.In(u.Time) && (s.Network.IPv6.Contains(u.CareOf) || s.Network.IPv4.Contains(u.CareOf)) {
				first = u
				break
			}
		}
		if first == nil {
			if !r.duplicate(s) && r.knowsAgent(s) {
				j.BadAt(s.From, "%s comes to %s and sends no update from there", s.Mobile.Name, s.Network.Name)
			}
			continue
		}
		j.ShowPart(string(first.Case), first.Packet, "update with care-of address %s after the move to %s", first.CareOf, s.Network.Name)
	}
}

// knowsAgent reports whether the mobile node knew where to send an update in a stay: it is
// configured with its home agent, or has been told.
func (r *Run) knowsAgent(s *Stay) bool {
	if r.Spec.HomeAgent(r.Spec.MobileNode(s.Mobile.Name).HomeAgent) != nil {
		return true
	}
	return slices.ContainsFunc(r.Packets, func(p *Packet) bool {
		return p.IsICMP6(wire.ICMPv6HomeAgentReply) && p.Link == s.Network.Name && s.In(p.Time)
	})
}

// duplicate reports whether somebody defended an address against the mobile node in a stay, so
// that it may be without one.
func (r *Run) duplicate(s *Stay) bool {
	probed := map[netip.Addr]bool{}
	for _, p := range r.Packets {
		if p.ICMP6 == nil || p.Link != s.Network.Name || !s.In(p.Time) {
			continue
		}
		if ns, err := p.ICMP6.NeighborSolicitation(); err == nil && p.Node == s.Mobile.Name && p.Inner().Source.IsUnspecified() {
			probed[ns.Target()] = true
		}
		if na, err := p.ICMP6.NeighborAdvertisement(); err == nil && p.Node != s.Mobile.Name && probed[na.Target()] {
			return true
		}
	}
	return false
}

// entryPerAddress looks at the binding cache after each acknowledgement that grants both.
func entryPerAddress(cases string) func(*Run, *Jury) {
	return func(r *Run, j *Jury) {
		for _, a := range r.grants(cases) {
			v6, v4 := r.binding(a)
			good := v6 != nil && v4 != nil && v6.HomeAddress == a.Of.HoA && unmap(v4.HomeAddress) == a.bound4()
			j.CheckAt(string(a.Of.Case), good, a.Time, "entries for %s and %s", a.Of.HoA, a.bound4())
		}
	}
}

// bound4 returns the IPv4 home address that an acknowledgement which grants one must be about:
// the one in the update, or else the one that it gives.
func (a *Ack) bound4() netip.Addr {
	if a.Of.IPv4 != nil && !a.Of.IPv4.IsUnspecified() {
		return *a.Of.IPv4
	}
	return a.IPv4.Address
}

// grants returns the acknowledgements of registrations, in the cases, that grant both home
// addresses.
func (r *Run) grants(cases string) []*Ack {
	var all []*Ack
	for _, a := range r.Acks {
		if a.FromHA && a.Mobile != nil && a.Of != nil && in(string(a.Of.Case), cases) && a.A.Status().IsAccepted() && a.A.Lifetime() > 0 &&
			a.IPv4 != nil && a.IPv4.Status.IsSuccess() && a.IPv4.Address == a.bound4() {
			all = append(all, a)
		}
	}
	return all
}

func formatsByCase(r *Run, j *Jury) {
	for _, u := range r.away() {
		s := r.stay(u.Mobile, u.Time)
		six := s.on(spec.KindIPv6, spec.KindDualStack)
		good := u.Inner().HomeAddress.IsValid() && (six && len(u.IPs) == 1 && u.Outer().Version == 6 ||
			!six && len(u.IPs) == 2 && u.Outer().Version == 4)
		if s == nil || s.Network == nil || u.tunnelledTwice() {
			continue
		}
		j.CheckPart("BU-"+string(u.Case), good, u.Packet, "%d IP headers, outermost IPv%d, Home Address option", len(u.IPs), u.Outer().Version)
	}
	for _, a := range r.Acks {
		if a.FromHA && a.Of != nil && a.Mobile != nil && !a.Of.AtHome && !a.Of.tunnelledTwice() {
			good := a.Inner().Routing.IsValid() && a.Outer().Version == a.Of.Outer().Version && len(a.IPs) == len(a.Of.IPs)
			j.CheckPart("BA-"+string(a.Of.Case), good, a.Packet, "the acknowledgement has the format of its update")
		}
	}
}

// tunnelledTwice reports whether an update goes through a tunnel of the access network.
func (u *Update) tunnelledTwice() bool {
	return u.Outer().Version == 4 && !u.Inner().Source.Is4In6()
}

func prefersIPv6(r *Run, j *Jury) {
	for _, s := range r.Stays {
		if !s.on(spec.KindDualStack) {
			continue
		}
		registered := false
		for _, p := range r.Packets {
			if p.Node != s.Mobile.Name || !s.In(p.Time) || len(p.IPs) == 0 {
				continue
			}
			bu := p.Is(wire.MobilityBindingUpdate)
			switch {
			case registered && p.Outer().Version == 4 && (bu || r.tunnel(p) != nil):
				j.Bad(p, "IPv4 towards the home agent although IPv6 is in use")
			case bu && p.Outer().Version == 6:
				registered = true
				careOf := p.Outer().Source
				switch given := r.handedOut(s, careOf, p.Time); {
				case s.Network.DHCPv6 == nil:
					j.ShowPart("stateless", p, "the update goes over IPv6 in a dual-stack network")
				case given != nil:
					j.ShowPart("stateful", p, "the update goes over IPv6 from %s, which DHCPv6 gave in packet %d", careOf, given.N)
				case s.Network.IPv6.Contains(careOf):
					j.Bad(p, "care-of address %s in a network that hands out addresses, and DHCPv6 did not give it", careOf)
				}
			}
		}
	}
}

// handedOut returns the last DHCPv6 Reply (RFC 8415 section 7.3) in a stay, before an instant,
// that holds an address, or nil.
func (r *Run) handedOut(s *Stay, a netip.Addr, before vtime.Time) *Packet {
	const reply = 7
	var last *Packet
	for _, p := range r.Packets {
		if p.UDP == nil || p.Link != s.Network.Name || !s.In(p.Time) || p.Time > before || p.UDP.DestinationPort() != wire.PortDHCPv6Client {
			continue
		}
		if m := p.UDP.Payload(); len(m) > 0 && m[0] == reply && bytes.Contains(m, a.AsSlice()) {
			last = p
		}
	}
	return last
}

func onlyPublicIPv4(r *Run, j *Jury) {
	for _, u := range r.registrations(CaseB) {
		if !r.stay(u.Mobile, u.Time).on(spec.KindIPv4Public) {
			continue
		}
		j.Check(u.CareOf.Is4() && !u.CareOf.IsPrivate(), u.Packet, "care-of address %s is public IPv4", u.CareOf)
	}
}

// privateUnsupported looks at stays behind a NAT: no binding comes about, no test packet gets
// through, and what was bound before is gone once its lifetime is over.
func privateUnsupported(r *Run, j *Jury) {
	for _, s := range r.Stays {
		if !s.on(spec.KindIPv4Private) {
			continue
		}
		for _, a := range r.Acks {
			if a.FromHA && a.Mobile == s.Mobile && a.Of != nil && s.In(a.Of.Time) && !a.Of.Forged {
				j.Bad(a.Packet, "a binding from a private network")
			}
		}
		settled := s.From + vtime.Time(5e9)
		if settled >= s.To {
			continue
		}
		for i := range r.Spec.Flows {
			if f := &r.Spec.Flows[i]; (f.From == s.Mobile.Name || f.To == s.Mobile.Name) && r.deliveries(i, settled, s.To) > 0 {
				j.BadAt(settled, "flow %s gets through in a private network", f.Name)
			}
		}
		j.CheckAt("refused", r.Spec.MobileNode(s.Mobile.Name).ForceRegister || node(r.State(settled), s.Mobile).Place == "unsupported", settled, "no binding from %s, flows fail", s.Network.Name)
		before, _ := bindings(r.State(s.From), s.Mobile)
		if before != nil && before.Expires+vtime.Time(1e9) < s.To {
			v6, v4 := bindings(r.State(before.Expires+vtime.Time(1e8)), s.Mobile)
			j.CheckAt("expires", v6 == nil && v4 == nil, before.Expires, "the bindings from before have expired")
		}
	}
}

// isatap wants a care-of address with the interface identifier of RFC 5214, whose packets go
// to the site's router in IPv4, there only, and on natively.
func isatap(r *Run, j *Jury) {
	for _, u := range r.Updates {
		h := u.Inner()
		iid := h.Source.As16()
		if u.Forged || h.Source.Is4In6() || iid[8]&^0x02 != 0 || iid[9] != 0 || iid[10] != 0x5e || iid[11] != 0xfe {
			continue
		}
		if u.Outer().Version != 4 {
			j.Bad(u.Packet, "an ISATAP address without an IPv4 tunnel")
			continue
		}
		good := u.Outer().Source == netip.AddrFrom4([4]byte(iid[12:])) && u.Outer().Destination != u.Mobile.HomeAgent4 && h.HomeAddress == u.HoA
		native := u.Last != nil && u.Last.Outer().Version == 6 && len(u.Last.IPs) == 1
		j.Check(good && native, u.Packet, "update from %s, in IPv4 to the site's router only", h.Source)
	}
}
