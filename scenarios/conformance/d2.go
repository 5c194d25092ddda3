package conformance

import (
	"errors"
	"net/netip"
	"strings"

	"dsmipsim/nodes/wire"
	"dsmipsim/scenarios/spec"
)

// rowsD2 are the rows of sections 2 and 2.1 of the draft.
func rowsD2() []Row {
	return []Row{
		{ID: "D-2-1", Section: "2", Role: "MN", Strength: "should", Text: "uses an IPv4 and an IPv6 address at once and updates the home agent",
			In: "case-a case-b", Parts: "A B", Judge: bothAtOnce},
		{ID: "D-2-2", Section: "2", Role: "MN", Strength: "should", Text: "knows the home agent's IPv4 address as well as its IPv6 address",
			In: "case-b", Judge: wants("home_agent", "ipv4 = ")},
		{ID: "D-2-3", Section: "2", Role: "net", Strength: "fact", Text: "there is no IPv4 prefix discovery",
			In: "case-b", Judge: noIPv4Discovery},
		{ID: "D-2.1-1", Section: "2.1", Role: "MN", Strength: "fact", Text: "home agent discovery asks the well-known anycast address of the home prefix",
			In: "discovery", Parts: "request reply", Judge: anycastDiscovery},
		{ID: "D-2.1-2", Section: "2.1", Role: "MN, HA", Strength: "fact", Text: "a Mobile Prefix Solicitation is answered with the home prefixes",
			In: "renumbering", Parts: "solicitation advertisement", Judge: prefixDiscovery},
		{ID: "D-2.1-3", Section: "2.1", Role: "MN", Strength: "will", Text: "is configured with the home agent's IPv4 address and possibly an IPv4 home address",
			In: "case-b dynamic", Judge: wants("home_agent", "ipv4 = ")},
		{ID: "D-2.1-4", Section: "2.1", Role: "MN", Strength: "MAY", Text: "sends Mobile Prefix Solicitations in IPv4 if there is no IPv6",
			In: "prefixes-over-ipv4", Judge: prefixesOverIPv4},
		{ID: "D-2.1-5", Section: "2.1", Role: "MN, HA", Strength: "fact", Text: "an association on the IPv4 care-of address would match every packet",
			In: "case-b", Judge: matchesAll},
		{ID: "D-2.1-6", Section: "2.1", Role: "MN", Strength: "REC not", Text: "no home agent discovery in an IPv4-only network",
			In: "case-b", Judge: noDiscoveryOverIPv4},
		{ID: "D-2.1-7", Section: "2.1", Role: "MN", Strength: "fact", Text: "home agent addresses and home addresses are configuration",
			In: "case-b", Judge: wants("home_agent", "ipv4 = ")},
	}
}

func bothAtOnce(r *Run, j *Jury) {
	for _, u := range r.away() {
		a := r.accepted(u)
		t, ok := r.delivered(a)
		if !ok || a.IPv4 == nil || !a.IPv4.Status.IsSuccess() || a.Mobile != u.Mobile || a.IPv4.Address != a.bound4() {
			continue
		}
		v6, v4, _ := entries(r.State(t), u.Mobile)
		good := v6 != nil && v4 != nil && v6.CareOf == v4.CareOf && unmap(v6.CareOf) == u.CareOf
		j.CheckAt(string(u.Case), good, t, "two entries of the update list with care-of address %s", u.CareOf)
	}
}

// wants shows that a scenario which visits an IPv4-only network is refused without one of its
// lines.
func wants(table, line string) func(*Run, *Jury) {
	return func(r *Run, j *Jury) {
		if !in(r.Name, "case-b") {
			return
		}
		text, err := source(r.Name)
		if err != nil {
			return
		}
		at := strings.Index(text, "[["+table+"]]")
		from := at + strings.Index(text[at:], "\n"+line)
		to := from + 1 + strings.Index(text[from+1:], "\n")
		_, err = spec.Load(r.Name, []byte(text[:from]+text[to:]), nil)
		var report *spec.Report
		refused := errors.As(err, &report)
		j.CheckAt("", refused, 0, "the scenario is refused without %q of the %s", strings.TrimSpace(text[from:to]), table)
	}
}

// noIPv4Discovery looks for anything that could tell a prefix over IPv4 or a prefix of IPv4:
// ICMP router discovery, and options of unknown type in mobility messages.
func noIPv4Discovery(r *Run, j *Jury) {
	for _, p := range r.Packets {
		if p.ICMP4 != nil && (p.ICMP4.Type() == wire.ICMPv4RouterAdvertisement || p.ICMP4.Type() == wire.ICMPv4RouterSolicitation) {
			j.Bad(p, "ICMPv4 router discovery")
		}
	}
	for _, u := range r.registrations(CaseB) {
		for _, o := range options(u.Mobility) {
			if o.typ != wire.MobOptAlternateCareOf && o.typ != optHome4 {
				j.Bad(u.Packet, "an option of type %d", o.typ)
			}
		}
		j.Show(u.Packet, "registered over IPv4 without any prefix being asked for")
	}
}

// anycast returns the home agents' anycast address of a prefix (RFC 2526, identifier 126).
func anycast(p netip.Prefix) netip.Addr {
	a := p.Masked().Addr().As16()
	copy(a[8:], []byte{0xfd, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe})
	return netip.AddrFrom16(a)
}

func anycastDiscovery(r *Run, j *Jury) {
	asked := map[uint16]*Packet{}
	for _, p := range r.Packets {
		if m := r.mobile(p.Node); m != nil && p.IsICMP6(wire.ICMPv6HomeAgentRequest) {
			want := anycast(r.Spec.Network(m.HomeLink).IPv6)
			j.CheckPart("request", p.Inner().Destination == want && p.Inner().Source != m.Home, p, "a request to %s", want)
			if q, err := p.ICMP6.HomeAgentRequest(); err == nil {
				asked[q.Identifier()] = p
			}
		}
		if q, err := reply(p); err == nil && r.Spec.HomeAgent(p.Node) != nil {
			request := asked[q.Identifier()]
			good := request != nil && p.Inner().Destination == request.Inner().Source && q.Agents() > 0
			j.CheckPart("reply", good, p, "a reply with %d home agents", q.Agents())
		}
	}
}

func reply(p *Packet) (wire.HomeAgentReply, error) {
	if p.ICMP6 == nil {
		return nil, errors.New("no ICMPv6")
	}
	return p.ICMP6.HomeAgentReply()
}

func prefixDiscovery(r *Run, j *Jury) {
	asked := map[uint16]bool{}
	for _, p := range r.Packets {
		if p.ICMP6 == nil {
			continue
		}
		if q, err := p.ICMP6.PrefixSolicitation(); err == nil && r.mobile(p.Node) != nil {
			asked[q.Identifier()] = true
			j.ShowPart("solicitation", p, "a Mobile Prefix Solicitation")
		}
		if q, err := p.ICMP6.PrefixAdvertisement(); err == nil && r.Spec.HomeAgent(p.Node) != nil && asked[q.Identifier()] {
			h := r.Spec.Network(r.Spec.HomeAgent(p.Node).Network)
			found := false
			for _, x := range prefixesOf(q.Options()) {
				found = found || x.Prefix().Masked() == h.IPv6
			}
			j.CheckPart("advertisement", found, p, "an advertisement with %s", h.IPv6)
		}
	}
}

func prefixesOf(o wire.NDOptions) []wire.PrefixInformation {
	var all []wire.PrefixInformation
	for o.Next() {
		if p, ok := o.PrefixInformation(); ok {
			all = append(all, p)
		}
	}
	return all
}

// prefixesOverIPv4 shows the MAY where the scenario switches it on; elsewhere nothing of the
// kind may be sent.
func prefixesOverIPv4(r *Run, j *Jury) {
	for _, p := range r.Packets {
		if r.mobile(p.Node) == nil || !p.IsICMP6(wire.ICMPv6PrefixSolicitation) || p.Outer().Version != 4 {
			continue
		}
		j.Check(r.Spec.Protocol.MPSOverIPv4, p, "a Mobile Prefix Solicitation in IPv4, as switched on")
	}
}

// matchesAll counts the packets of a node in an IPv4-only network that the selectors IPv4
// care-of address, home agent and IP in IP select: all that it sends to its home agent.
func matchesAll(r *Run, j *Jury) {
	for _, m := range r.Mobiles {
		all, kinds := 0, map[string]bool{}
		var last *Packet
		for p := range r.From(m.Name) {
			if _, only4 := r.fromIPv4Only(p); !only4 || p.Outer() == nil || p.Outer().Destination != m.HomeAgent4 {
				continue
			}
			o := p.Outer()
			if o.Upper != wire.ProtoIPv6 && o.Upper != wire.ProtoIPv4 {
				j.Bad(p, "protocol %d to the home agent: the selectors would tell it from the rest", o.Upper)
			}
			kind := "data"
			if isSignalling(p) {
				kind = "signalling"
			}
			all, last = all+1, p
			kinds[kind] = true
		}
		if kinds["data"] && kinds["signalling"] {
			j.Show(last, "%d of %d packets to the home agent, data and signalling, have the same selectors", all, all)
		}
	}
}

func noDiscoveryOverIPv4(r *Run, j *Jury) {
	for _, p := range r.Packets {
		if _, only4 := r.fromIPv4Only(p); only4 && p.IsICMP6(wire.ICMPv6HomeAgentRequest) {
			j.Bad(p, "home agent discovery in an IPv4-only network")
		}
	}
	for _, u := range r.registrations(CaseB) {
		j.Show(u.Packet, "registers over IPv4 with what it was configured with, without discovery")
	}
}
