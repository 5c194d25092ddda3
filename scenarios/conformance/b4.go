package conformance

import (
	"time"

	"dsmipsim/nodes/esp"
	"dsmipsim/nodes/wire"
	"dsmipsim/scenarios/spec"
	"dsmipsim/sim/vtime"
)

// rowsB4 are the rows about discovery, routers, tunnels and the life of bindings.
func rowsB4() []Row {
	return []Row{
		{ID: "B-40", Section: "10.5, 11.4.1", Role: "HA, MN", Strength: "SHOULD", Text: "home agents by preference; asked again after 3 s, doubled, 4 times",
			In: "discovery discovery-unanswered", Parts: "ordered repeated", Judge: agentsByPreference},
		{ID: "B-41", Section: "6.8, 11.4.3", Role: "MN", Strength: "MUST", Text: "a prefix advertisement needs routing header, home agent's source and identifier",
			In: "renumbering", Parts: "accepted refused", Judge: prefixAdvertisements},
		{ID: "B-42", Section: "7.1-7.5", Role: "HA, net", Strength: "MUST/SHOULD", Text: "advertisements with H, R, link-layer address and interval",
			In: "case-a", Parts: "home visited", Judge: advertisements},
		{ID: "B-43", Section: "11.5.1, 11.5.3", Role: "MN", Strength: "should", Text: "movement detection; no random delay before DAD",
			In: "case-a movement", Parts: "hint new-prefix missed nud lazy", Judge: detectsMovement},
		{ID: "B-44", Section: "RFC 2473 7, 8", Role: "HA, MN", Strength: "MUST", Text: "tunnel MTU, Packet Too Big, outer fragments, relayed errors",
			In: "oversize narrow", Parts: "too-big fragments relayed", Judge: tunnelMTU},
		{ID: "B-45", Section: "10.4.6", Role: "HA", Strength: "MUST", Text: "ESP tunnel for home tests, its outer address follows the care-of address",
			In: "route-optimization", Parts: "HoTI HoT moved", Judge: protectedTests},
		{ID: "B-46", Section: "9.6", Role: "HA", Strength: "MUST", Text: "home bindings last until they expire; then deleted and no longer answered for",
			In: "refresh case-c", Parts: "lasts expires", Judge: lastsUntilExpiry},
	}
}

func agentsByPreference(r *Run, j *Jury) {
	preference := map[string]int{} // by address, from the home agents' own advertisements
	for _, p := range r.Packets {
		if p.ICMP6 == nil {
			continue
		}
		if ra, err := p.ICMP6.RouterAdvertisement(); err == nil && ra.HomeAgent() {
			for _, x := range prefixesOf(ra.Options()) {
				if x.RouterAddress {
					preference[x.Address.String()] = 0
					if i, ok := ra.Options().HomeAgentInformation(); ok {
						preference[x.Address.String()] = int(int16(i.Preference))
					}
				}
			}
		}
		if q, err := p.ICMP6.HomeAgentReply(); err == nil && r.Spec.HomeAgent(p.Node) != nil {
			good := q.Agents() > 0
			for i := 1; i < q.Agents(); i++ {
				good = good && preference[q.Agent(i-1).String()] >= preference[q.Agent(i).String()]
			}
			if q.Agents() > 1 || !good {
				j.CheckPart("ordered", good, p, "%d home agents, the preferred one first", q.Agents())
			}
		}
	}
	for _, m := range r.Mobiles {
		var last *Packet
		wait, n := 3*time.Second, 0
		for p := range r.From(m.Name) {
			if !p.IsICMP6(wire.ICMPv6HomeAgentRequest) {
				continue
			}
			if last != nil && r.stay(m, last.Time) == r.stay(m, p.Time) {
				n++
				got := time.Duration(p.Time - last.Time)
				j.CheckPart("repeated", got.Round(time.Millisecond) == wait && n <= 4, p, "asked again after %s, wanted %s", got, wait)
				wait *= 2
			} else {
				wait, n = 3*time.Second, 0
			}
			last = p
		}
	}
}

func prefixAdvertisements(r *Run, j *Jury) {
	for _, p := range r.Packets {
		if p.ICMP6 == nil {
			continue
		}
		q, err := p.ICMP6.PrefixAdvertisement()
		if err != nil {
			continue
		}
		if r.Spec.HomeAgent(p.Node) != nil {
			home := p.Inner().Routing
			if p.Outer().Version == 4 { // to an IPv4 care-of address everything but an acknowledgement goes in the tunnel alone
				home = p.Inner().Destination
			}
			m := r.byHome(home)
			j.CheckPart("accepted", m != nil && p.Inner().Source == m.HomeAgent, p, "identifier %d, for %s", q.Identifier(), home)
			continue
		}
		if !forged(p) {
			continue
		}
		for _, m := range r.Mobiles {
			if p.Ethernet != nil && p.Ethernet.Destination() == r.mac(m) {
				before, after := node(r.State(p.Time), m), node(r.After(p.Time+vtime.Time(100*time.Millisecond)), m)
				j.CheckPart("refused", before.CareOf == after.CareOf && sameEntries(before.Entries, after.Entries), p, "a forged advertisement changes nothing")
			}
		}
	}
}

// advertisements wants of home agents what RFC 6275 adds to Router Advertisements, and of all
// routers an interval that the next advertisement keeps.
func advertisements(r *Run, j *Jury) {
	last := map[string]vtime.Time{}
	for _, p := range r.Packets {
		if p.ICMP6 == nil || p.Ethernet == nil || len(p.IPs) > 1 || forged(p) {
			continue
		}
		ra, err := p.ICMP6.RouterAdvertisement()
		if err != nil {
			continue
		}
		o := ra.Options()
		interval, has := o.AdvertisementInterval()
		mac, hasMAC := o.SourceLinkLayer()
		good := has && hasMAC && mac == p.Ethernet.Source() && p.Inner().HopLimit == wire.NDHopLimit && interval >= 70*time.Millisecond
		if at, ok := last[p.Node]; ok && time.Duration(p.Time-at) > interval {
			j.Bad(p, "%s after the one before, which promised %s", time.Duration(p.Time-at), interval)
		}
		last[p.Node] = p.Time
		part := "visited"
		if h := r.Spec.HomeAgent(p.Node); h != nil {
			part = "home"
			full := false
			for _, x := range prefixesOf(o) {
				full = full || x.RouterAddress && x.Address == h.IPv6
			}
			good = good && ra.HomeAgent() && full
		} else {
			good = good && !ra.HomeAgent()
		}
		j.CheckPart(part, good, p, "H=%t, interval %s, link-layer address", ra.HomeAgent(), interval)
	}
}

// noRandomDelay wants the probe for a care-of address right after the advertisement that
// announced its prefix.
func noRandomDelay(r *Run, j *Jury) {
	for _, u := range r.registrations(CaseA) {
		if s := r.stay(u.Mobile, u.Time); s != nil && s.Network.DHCPv6 != nil {
			continue // the address does not come with the advertisement
		}
		switch r.Spec.MobileNode(u.Mobile.Name).MovementDetection {
		case spec.MovementLink, spec.MovementEager:
		default:
			continue // an advertisement is no reason to probe
		}
		var heard, probed *Packet
		for _, p := range r.Packets[:u.N-1] {
			if p.ICMP6 == nil || r.stay(u.Mobile, p.Time) != r.stay(u.Mobile, u.Time) {
				continue
			}
			if _, err := p.ICMP6.RouterAdvertisement(); err == nil && probed == nil && r.stay(u.Mobile, u.Time) != nil && p.Link == r.stay(u.Mobile, u.Time).Network.Name {
				heard = p
			}
			if ns, err := p.ICMP6.NeighborSolicitation(); err == nil && p.Node == u.Mobile.Name && ns.Target() == u.CareOf && probed == nil {
				probed = p
			}
		}
		if heard != nil && probed != nil {
			wait := time.Duration(probed.Time - heard.Time)
			j.Check(wait < 100*time.Millisecond, probed, "probes %s after the advertisement", wait)
		}
	}
}

// tunnelMTU looks at packets that fit no tunnel: they are refused with the size that would fit,
// or the tunnel's packets are fragments; nothing larger than a link carries may be sent.
func tunnelMTU(r *Run, j *Jury) {
	const mtu = 1500
	for _, p := range r.Packets {
		if len(p.IPs) == 0 || forged(p) {
			continue
		}
		if len(p.Outer().Octets) > mtu {
			j.Bad(p, "%d octets on a link of %d", len(p.Outer().Octets), mtu)
		}
		r.relayed(p, j)
		agent, m := r.Spec.HomeAgent(p.Node), r.mobile(p.Node)
		if agent == nil && m == nil {
			continue
		}
		switch {
		case p.IsICMP6(wire.ICMPv6PacketTooBig):
			n := int(p.ICMP6.MTU())
			j.CheckPart("too-big", n == 1460 || n == 1480 || n >= 1280 && n < mtu, p, "Packet Too Big, MTU %d", n)
		case p.ICMP4 != nil && p.ICMP4.Type() == wire.ICMPv4DestinationUnreachable && p.ICMP4.Code() == wire.ICMPv4CodeFragmentationNeeded:
			n := int(p.ICMP4.NextHopMTU())
			j.CheckPart("too-big", n >= 1260 && n < mtu, p, "Fragmentation Needed, MTU %d", n)
		case p.Outer().Fragment && (p.Outer().Upper == wire.ProtoIPv4 || p.Outer().Upper == wire.ProtoIPv6 || p.Outer().FragmentStart > 0):
			j.ShowPart("fragments", p, "a fragment of a tunnel packet at %d", p.Outer().FragmentStart)
		}
	}
}

// relayed follows a Packet Too Big from inside a tunnel: the tunnel's entry tells the inner
// source, with room for the tunnel's header, when the next such packet comes at the latest.
func (r *Run) relayed(p *Packet, j *Jury) {
	if !p.IsICMP6(wire.ICMPv6PacketTooBig) || r.Spec.HomeAgent(p.Node) != nil || r.mobile(p.Node) != nil {
		return
	}
	for _, m := range r.Mobiles {
		h, err := wire.ParseQuotedIPv6(p.ICMP6.Quoted())
		if err != nil || p.Outer().Destination != m.HomeAgent || h.Source() != m.HomeAgent || h.NextHeader() != wire.ProtoIPv6 || !r.touches(p.Link, m.HomeAgent) {
			continue
		}
		inner, err := wire.ParseQuotedIPv6(h.Payload())
		if err != nil {
			continue
		}
		told := r.next(p, func(q *Packet) bool {
			return q.Node == m.Agent && q.IsICMP6(wire.ICMPv6PacketTooBig) && q.Outer().Destination == inner.Source() && q.ICMP6.MTU() <= p.ICMP6.MTU()-wire.IPv6HeaderLen
		})
		j.CheckPart("relayed", told != nil, p, "a tunnel packet is too big for %d octets, and %s is told", p.ICMP6.MTU(), inner.Source())
	}
}

// protectedTests looks at home tests between mobile node and home agent.
func protectedTests(r *Run, j *Jury) {
	if !r.Spec.Protocol.IPsec {
		return
	}
	outer := map[string]map[string]bool{}
	for _, p := range r.Packets {
		for _, m := range r.Mobiles {
			init := p.Is(wire.MobilityHomeTestInit) && p.Node == m.Name
			test := p.Is(wire.MobilityHomeTest) && p.Node == m.Agent && len(p.IPs) > 1 && p.Inner().Destination == m.Home
			s := r.stay(m, p.Time)
			if !init && !test || s == nil || s.Network == nil || s.Network.Kind == spec.KindHome || len(p.IPs) < 2 {
				continue
			}
			h := &p.IPs[len(p.IPs)-2]
			part, mine := "HoTI", h.Source
			if test {
				part, mine = "HoT", h.Destination
			}
			if h.ESP == nil {
				continue // it need not be used, only known (RFC 3776 section 4.1)
			}
			good := h.ESP.Good && h.ESP.SA.Mode == esp.Tunnel && h.ESP.SA.HomeAddress == m.Home
			j.CheckPart(part, good, p, "ESP tunnel with %s", mine)
			if good {
				if outer[m.Name] == nil {
					outer[m.Name] = map[string]bool{}
				}
				outer[m.Name][mine.String()] = true
				if len(outer[m.Name]) > 1 {
					j.ShowPart("moved", p, "the tunnel has followed to %s", mine)
				}
			}
		}
	}
}

// lastsUntilExpiry follows bindings that are not renewed.
func lastsUntilExpiry(r *Run, j *Jury) {
	for _, a := range r.Acks {
		if !a.FromHA || a.Mobile == nil || a.Of == nil || !a.A.Status().IsAccepted() || a.A.Lifetime() == 0 {
			continue
		}
		end := a.Time.Add(a.A.Lifetime())
		renewed := false
		for _, u := range r.Updates {
			if u.Mobile == a.Mobile && u.Last != nil && u.ToHA && u.N > a.Of.N && u.Last.Time > a.Of.Time && u.Last.Time <= end.Add(time.Second) {
				renewed = true
			}
		}
		if renewed || end.Add(time.Second) > r.end {
			continue
		}
		v6, _ := bindings(r.State(end-vtime.Time(2*look)), a.Mobile)
		j.CheckAt("lasts", v6 != nil, end, "the binding is there until it expires")
		after6, after4 := bindings(r.After(end+vtime.Time(look)), a.Mobile)
		j.CheckAt("expires", after6 == nil && after4 == nil, end, "expired bindings are gone")
		for p := range r.From(a.Mobile.Agent) {
			if p.Time > end && r.tunnel(p) != nil && r.tunnel(p).Mobile == a.Mobile {
				if v6, _ := bindings(r.State(p.Time), a.Mobile); v6 == nil {
					j.Bad(p, "still tunnels after the binding expired")
				}
			}
		}
	}
}
