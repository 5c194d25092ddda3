package conformance

import (
	"slices"
	"time"

	"dsmipsim/nodes/wire"
	"dsmipsim/scenarios/spec"
	"dsmipsim/sim/vtime"
)

// rowsB2 are the rows of Mobile IPv6 about the mobile node and returning home.
func rowsB2() []Row {
	return []Row{
		{ID: "B-17", Section: "11.3.3", Role: "MN", Strength: "MUST", Text: "a tunnelled packet is accepted from the home agent only",
			In: "attacks", Parts: "accepted refused", Judge: tunnelFromAgent},
		{ID: "B-18", Section: "11.3.1", Role: "MN", Strength: "MUST", Text: "without a binding at the correspondent: reverse tunnel",
			In: "case-a", Judge: reverseTunnels},
		{ID: "B-19", Section: "9.3.1", Role: "CN", Strength: "MUST", Text: "data with a Home Address option and no entry: dropped, Binding Error 1",
			In: "attacks", Judge: unknownBinding},
		{ID: "B-20", Section: "6.4, 11.3.3", Role: "MN", Strength: "MUST", Text: "a wrong type 2 routing header: silent drop",
			In: "attacks", Judge: wrongRoutingHeader},
		{ID: "B-21", Section: "11.8", Role: "MN", Strength: "MUST", Text: "waits of 1.5 or 1 s, doubled up to 32 s, a new number each time",
			In: "no-answer no-answer-again", Parts: "first later", Judge: backoff},
		{ID: "B-22", Section: "11.8", Role: "MN", Strength: "MUST NOT", Text: "more than 3 messages of a type in a second to one node",
			In: "roaming", Judge: updateRate},
		{ID: "B-23", Section: "11.7.3", Role: "MN", Strength: "MUST", Text: "an answer counts if authenticated and in sequence; lifetime from when the update was sent",
			In: "case-a attacks", Parts: "accepted refused", Judge: acceptsAnswers},
		{ID: "B-24", Section: "11.7.3", Role: "MN", Strength: "MUST", Text: "135: continues from the number in the answer",
			In: "return-home sequence", Judge: continuesAfter135},
		{ID: "B-25", Section: "11.7.1", Role: "MN", Strength: "SHOULD", Text: "renews well before the end; after status 1 asks for prefixes first",
			In: "refresh renumbering", Parts: "renews prefixes", Judge: renews},
		{ID: "B-26", Section: "11.5.5", Role: "MN", Strength: "MUST", Text: "return: lifetime 0 from the home address, no probe for it, advertisement after the answer",
			In: "return-home", Parts: "update silent announces", Judge: returnsHome},
		{ID: "B-27", Section: "10.3.2", Role: "HA", Strength: "MUST", Text: "deregistration: stops answering, status 0 with lifetime 0; without an entry 133",
			In: "return-home no-ipsec", Parts: "done 133", Judge: deregisters},
		{ID: "B-28", Section: "10.3.2", Role: "HA", Strength: "SHOULD", Text: "keeps the entry marked for 10 s: a late update gets 135",
			In: "return-home", Parts: "kept late", Judge: keepsDeleted},
	}
}

func tunnelFromAgent(r *Run, j *Jury) {
	for _, t := range r.tunnels() {
		if !t.Down || t.Flow == 0 {
			continue
		}
		for _, e := range r.Ends {
			if e.Flow == int(t.Flow)-1 && e.Delivered && t.Time < e.Time && e.Time < t.Time+vtime.Time(settle) && r.Spec.Flows[e.Flow].To == t.Mobile.Name {
				j.ShowPart("accepted", t.Packet, "from the home agent, and delivered")
				break
			}
		}
		break
	}
	for _, p := range r.Forgeries {
		if len(p.IPs) != 2 || p.UDP == nil || p.Ethernet == nil {
			continue
		}
		for _, m := range r.Mobiles {
			if p.Ethernet.Destination() != r.mac(m) || p.Outer().Source == m.HomeAgent || p.Outer().Source == m.HomeAgent4 {
				continue
			}
			// A datagram that got through would reach a closed port and be answered.
			j.CheckPart("refused", !r.portError(p), p, "from %s, which is not the home agent: no reaction", p.Outer().Source)
		}
	}
}

// portError reports whether a forged datagram got as far as the node's ports: a Port
// Unreachable about it leaves within a second.
func (r *Run) portError(p *Packet) bool {
	return r.within(p, reactTime, func(q *Packet) bool {
		var quoted []byte
		switch {
		case q.ICMP6 != nil && q.ICMP6.Type() == wire.ICMPv6DestinationUnreachable:
			quoted = q.ICMP6.Quoted()
		case q.ICMP4 != nil && q.ICMP4.Type() == wire.ICMPv4DestinationUnreachable:
			quoted = q.ICMP4.Quoted()
		}
		return len(quoted) > 0 && len(p.UDP) >= 8 && containsOctets(quoted, p.UDP[:8])
	}) != nil
}

func reverseTunnels(r *Run, j *Jury) {
	for _, m := range r.Mobiles {
		for p := range r.From(m.Name) {
			s := r.stay(m, p.Time)
			if p.Flow == 0 || len(p.IPs) == 0 || s == nil || s.Network == nil || s.Network.Kind == spec.KindHome || r.unaware(s, p.Time) {
				continue
			}
			h := p.Inner()
			switch {
			case h.HomeAddress == m.Home: // to a correspondent that holds a binding
			case h.Source == m.Home || h.Source == r.ipv4Home(m, p.Time):
				j.Check(r.tunnel(p) != nil, p, "from %s in the tunnel to the home agent", h.Source)
			}
		}
	}
}

func unknownBinding(r *Run, j *Jury) {
	for _, p := range r.Forgeries {
		h := p.Inner()
		if p.UDP == nil || h == nil || !h.HomeAddress.IsValid() || r.holds(h.Destination.String(), p) {
			continue
		}
		q := r.reaction(p)
		good := q != nil && q.Is(wire.MobilityBindingError)
		if good {
			e, _ := q.Mobility.BindingError()
			good = e.Status() == wire.BindingErrorUnknownBinding && e.HomeAddress() == h.HomeAddress && q.Inner().Destination == h.Source
		}
		j.Check(good && !r.portError(p), p, "Binding Error 1 to %s about %s", h.Source, h.HomeAddress)
	}
}

// holds reports whether the correspondent of an address has a binding that fits a packet.
func (r *Run) holds(address string, p *Packet) bool {
	st := r.State(p.Time)
	for i := range st.Correspondents {
		h := r.Plan.Host(st.Correspondents[i].Name)
		if h == nil || h.IPv6.Addr().String() != address {
			continue
		}
		return slices.ContainsFunc(st.Correspondents[i].Bindings, bindingOf(p))
	}
	return false
}

func wrongRoutingHeader(r *Run, j *Jury) {
	for _, p := range r.Forgeries {
		h := p.Inner()
		if p.Ethernet == nil || h == nil || !h.Routing.IsValid() || p.UDP == nil && p.Badness == nil {
			continue
		}
		for _, m := range r.Mobiles {
			if p.Ethernet.Destination() != r.mac(m) || h.Routing == m.Home && h.SegmentsLeft == 1 {
				continue
			}
			j.Check(!r.answered(p) && (p.UDP == nil || !r.portError(p)), p, "address %s, segments left %d: no reaction", h.Routing, h.SegmentsLeft)
		}
	}
}

// backoff looks at trains of updates that got no answer.
func backoff(r *Run, j *Jury) {
	if !in(r.Name, "no-answer no-answer-again") {
		return
	}
	for _, m := range r.Mobiles {
		for _, s := range r.Stays {
			if s.Mobile != m {
				continue
			}
			var train []*Update
			for _, u := range r.Updates {
				if u.Mobile == m && !u.Forged && u.ToHA && s.In(u.Time) && r.answer(u) == nil {
					train = append(train, u)
				}
			}
			if len(train) < 4 {
				continue
			}
			bound, _ := bindings(r.State(train[0].Time), m)
			wait, part := 1500*time.Millisecond, "first"
			if bound != nil {
				wait, part = time.Second, "later"
			}
			for i, u := range train[1:] {
				got := time.Duration(u.Time - train[i].Time)
				good := got.Round(time.Millisecond) == wait && newer(u.U.Sequence(), train[i].U.Sequence())
				j.CheckPart(part, good, u.Packet, "%s after the one before, number %d after %d; wanted %s", got, u.U.Sequence(), train[i].U.Sequence(), wait)
				wait = min(2*wait, 32*time.Second)
			}
		}
	}
}

// maxUpdateRate is MAX_UPDATE_RATE of RFC 6275 section 12.
const maxUpdateRate = 3

func updateRate(r *Run, j *Jury) {
	for _, m := range r.Mobiles {
		type stream struct {
			typ wire.MobilityType
			to  string
		}
		sent := map[stream][]vtime.Time{}
		for p := range r.From(m.Name) {
			if p.Mobility == nil {
				continue
			}
			k := stream{p.Mobility.Type(), p.Inner().Destination.String()}
			sent[k] = append(sent[k], p.Time)
			n := 0
			for _, t := range sent[k] {
				if t > p.Time-vtime.Time(time.Second) {
					n++
				}
			}
			j.Check(n <= maxUpdateRate, p, "%d %s in a second to %s", n, k.typ, k.to)
		}
	}
}

func acceptsAnswers(r *Run, j *Jury) {
	for _, a := range r.Acks {
		if a.Mobile == nil {
			continue
		}
		real := a.FromHA && a.Of != nil && !a.Of.Forged
		t, ok := r.delivered(a)
		switch {
		case real && ok && a.A.Status().IsAccepted() && a.A.Lifetime() > 0:
			v6, _, _ := entries(r.State(t), a.Mobile)
			if v6 == nil || v6.Sequence != a.A.Sequence() {
				continue // a later update is under way
			}
			end := a.Of.Time.Add(min(a.A.Lifetime(), a.Of.U.Lifetime()))
			// It was sent a little earlier than it left, if the next hop had to be found first.
			good := v6.Acknowledged && v6.Expires <= end && v6.Expires > end.Add(-time.Second) && (!r.Spec.Protocol.IPsec || a.Sealed)
			j.CheckPart("accepted", good, a.Packet, "entry ends %s after the update was sent", a.A.Lifetime())
		case forged(a.Packet) && (!a.Sealed && r.Spec.Protocol.IPsec || a.Of == nil && a.A.Status() != wire.BindingSequenceOutOfWindow):
			before, after := node(r.State(a.Time), a.Mobile), node(r.After(a.Time+vtime.Time(100*time.Millisecond)), a.Mobile)
			j.CheckPart("refused", sameEntries(before.Entries, after.Entries), a.Packet, "a forged answer changes nothing")
		}
	}
}

func continuesAfter135(r *Run, j *Jury) {
	for _, a := range r.Acks {
		if a.Mobile == nil || a.A.Status() != wire.BindingSequenceOutOfWindow || a.Last == nil || a.Of == nil || a.Of.Forged {
			continue
		}
		var next *Update
		for _, u := range r.Updates {
			if u.Mobile == a.Mobile && !u.Forged && u.ToHA && u.Time > a.Last.Time && u.Time < a.Last.Time+vtime.Time(time.Second) {
				next = u
				break
			}
		}
		if next == nil {
			j.Bad(a.Packet, "status 135 with %d, and no update follows", a.A.Sequence())
			continue
		}
		j.Check(next.U.Sequence() == a.A.Sequence()+1, next.Packet, "%d after status 135 with %d", next.U.Sequence(), a.A.Sequence())
	}
}

// renews wants an update before each binding ends, while the node stays where it is.
func renews(r *Run, j *Jury) {
	for _, a := range r.Acks {
		if !a.FromHA || a.Mobile == nil || a.Of == nil || a.Of.Forged || a.Last == nil || !a.A.Status().IsAccepted() || a.A.Lifetime() == 0 {
			continue
		}
		end := a.Of.Time.Add(a.A.Lifetime())
		s := r.stay(a.Mobile, a.Last.Time)
		if s == nil || !s.In(end) || end > r.end {
			continue
		}
		var next *Update
		asked := false
		for _, p := range r.Packets[a.N:] {
			asked = asked || p.Node == a.Mobile.Name && p.IsICMP6(wire.ICMPv6PrefixSolicitation)
			if p.Node == a.Mobile.Name && p.Is(wire.MobilityBindingUpdate) && p.Inner().Destination == a.Mobile.HomeAgent && p.Time > a.Last.Time {
				for _, u := range r.Updates {
					if u.Packet == p {
						next = u
					}
				}
				break
			}
		}
		if next == nil || next.Time >= end {
			j.Bad(a.Packet, "the binding ends at %.3f s and is not renewed", end.Seconds())
			continue
		}
		part := "renews"
		if a.A.Status() == wire.BindingAcceptedPrefix {
			part = "prefixes"
		}
		j.CheckPart(part, part == "renews" || asked, next.Packet, "renewed %s before the end", time.Duration(end-next.Time))
	}
}

func returnsHome(r *Run, j *Jury) {
	for _, u := range r.Updates {
		if u.Forged || !u.AtHome || !u.ToHA || u.U.Lifetime() != 0 || u.Mobile == nil {
			continue
		}
		s := r.stay(u.Mobile, u.Time)
		_, hasAlternate := u.U.AlternateCareOf()
		good := u.Inner().Source == u.Mobile.Home && u.Inner().Destination == u.Mobile.HomeAgent && !hasAlternate && u.U.Has(wire.BUHomeRegistration|wire.BUAcknowledge)
		j.CheckPart("update", good, u.Packet, "lifetime 0 from %s", u.Inner().Source)
		a := r.answer(u)
		if a == nil || s == nil {
			continue
		}
		announced := (*Packet)(nil)
		for p := range r.From(u.Mobile.Name) {
			if !s.In(p.Time) || p.ICMP6 == nil {
				continue
			}
			if ns, err := p.ICMP6.NeighborSolicitation(); err == nil && ns.Target() == u.Mobile.Home && p.Inner().Source.IsUnspecified() && p.Time > s.From && !r.asksForAgent(u.Mobile, p) {
				j.Bad(p, "probes its home address while the home agent has a binding")
			}
			na, err := p.ICMP6.NeighborAdvertisement()
			if err != nil || na.Target() != u.Mobile.Home || !p.Inner().Destination.IsMulticast() {
				continue
			}
			if p.Time < a.Time {
				j.Bad(p, "advertises its home address before it is deregistered")
			} else if announced == nil {
				announced = p
				mac, _ := na.Options().TargetLinkLayer()
				j.CheckPart("announces", na.Override() && !na.Solicited() && mac == p.Ethernet.Source(), p, "O=%t S=%t after the answer", na.Override(), na.Solicited())
			}
		}
		if announced == nil && a.Last != nil && a.Last.Time+vtime.Time(time.Second) < min(s.To, r.end) && r.accepts0(a) {
			j.Bad(a.Packet, "no advertisement after the deregistration")
		}
		j.ShowPart("silent", u.Packet, "no probe for the home address")
	}
}

// accepts0 reports whether an answer confirms a deregistration.
func (r *Run) accepts0(a *Ack) bool { return a.A.Status().IsAccepted() && a.A.Lifetime() == 0 }

// asksForAgent reports whether a solicitation from the unspecified address is the one that RFC
// 6275 section 11.5.5 allows to find the home agent's hardware address: it comes before the
// update, which would otherwise not know where to go.
func (r *Run) asksForAgent(m *Mobile, p *Packet) bool {
	for _, u := range r.Updates {
		if u.Mobile == m && u.AtHome && !u.Forged && u.Time >= p.Time && u.Time < p.Time+vtime.Time(time.Second) {
			return true
		}
	}
	return false
}

func deregisters(r *Run, j *Jury) {
	for _, a := range r.Acks {
		if !a.FromHA || a.Of == nil || !a.Of.ToHA || a.Of.U.Lifetime() != 0 || a.Mobile == nil || a.Of.Last == nil {
			continue
		}
		v6, _ := bindings(r.State(a.Of.Last.Time), a.Mobile)
		if v6 == nil && r.kept(a.Of) == nil && a.Of.Time > 0 && !r.pendingAt(a.Of) {
			j.CheckPart("133", a.A.Status() == wire.BindingNotHomeAgent, a.Packet, "nothing to delete: status %d", a.A.Status())
			continue
		}
		if a.A.Status() == wire.BindingSequenceOutOfWindow {
			continue
		}
		after6, after4 := bindings(r.After(a.Time), a.Mobile)
		good := a.A.Status() == wire.BindingAccepted && a.A.Lifetime() == 0 && after6 == nil && after4 == nil
		_, advised := a.A.RefreshAdvice()
		j.CheckPart("done", good && !advised, a.Packet, "status %d, lifetime %s, no entry left", a.A.Status(), a.A.Lifetime())
		// It no longer answers for the address.
		if na := r.advertisement(a.Mobile, a.Time+1, func(p *Packet, n wire.NeighborAdvertisement) bool { return !n.Router() }); na != nil {
			again, _ := bindings(r.State(na.Time), a.Mobile)
			if again == nil {
				j.Bad(na, "still answers for %s", a.Mobile.Home)
			}
		}
	}
}

// pendingAt reports whether the home agent was still verifying the home address when an update
// arrived.
func (r *Run) pendingAt(u *Update) bool {
	st := r.State(u.Last.Time)
	for i := range st.Agents {
		if st.Agents[i].Name == u.Mobile.Agent {
			return st.Agents[i].Pending > 0
		}
	}
	return false
}

// keepsDeleted looks for the marked entry after a deregistration, for as long as RFC 6275 has
// it, and at updates that come late.
func keepsDeleted(r *Run, j *Jury) {
	const hold = 10 * time.Second
	for _, a := range r.Acks {
		if !a.FromHA || a.Of == nil || a.Of.U.Lifetime() != 0 || a.Mobile == nil || !r.accepts0(a) {
			continue
		}
		until := a.Time.Add(hold)
		for _, u := range r.Updates {
			if u.Mobile == a.Mobile && u.ToHA && u.Time > a.Time && u.Time < until {
				until = u.Time - 1
			}
		}
		if until <= r.end && until > a.Time.Add(time.Second) {
			marked := false
			st := r.State(until - vtime.Time(2*look))
			for i := range st.Agents {
				for _, b := range st.Agents[i].Bindings {
					marked = marked || b.Owner == a.Mobile.Home && b.Deleted && b.Sequence == a.A.Sequence()
				}
			}
			j.CheckAt("kept", marked, until, "an entry that is marked as deleted")
		}
	}
	for _, u := range r.Updates {
		if u.Mobile == nil || u.Last == nil || !u.ToHA || u.Inner().ESP == nil || !u.Inner().ESP.Good {
			continue
		}
		k := r.kept(u)
		v6, _ := bindings(r.State(u.Last.Time), u.Mobile)
		if k != nil && v6 == nil && !newer(u.U.Sequence(), k.sequence) && u.U.Lifetime() > 0 {
			a := r.answer(u)
			j.CheckPart("late", a != nil && a.A.Status() == wire.BindingSequenceOutOfWindow, u.Packet, "a late update gets status 135")
		}
	}
}
