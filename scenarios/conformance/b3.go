package conformance

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"net/netip"
	"strings"
	"time"

	"dsmipsim/nodes/mip"
	"dsmipsim/nodes/wire"
	"dsmipsim/scenarios/spec"
	"dsmipsim/sim/vtime"
)

// rowsB3 are the rows of Mobile IPv6 about route optimization.
func rowsB3() []Row {
	return []Row{
		{ID: "B-29", Section: "11.6.1", Role: "MN", Strength: "MUST", Text: "home and care-of test in parallel; new cookies when repeated",
			In: "route-optimization ro-no-answer", Parts: "parallel repeated", Judge: testsInParallel},
		{ID: "B-30", Section: "9.4", Role: "CN", Strength: "MUST", Text: "answers tests without state; ignores those with a Home Address option",
			In: "route-optimization ro-attacks", Parts: "stateless ignored", Judge: statelessTests},
		{ID: "B-31", Section: "5.2.5-5.2.6", Role: "MN, CN", Strength: "MUST", Text: "formulas of keys and authenticators",
			In: "route-optimization", Parts: "BU BA", Judge: authenticators},
		{ID: "B-32", Section: "5.2.7", Role: "CN", Strength: "MUST NOT", Text: "nonces older than 240 s; 136 to 138 without authorization",
			In: "ro-attacks", Judge: oldNonces},
		{ID: "B-33", Section: "5.2.6", Role: "CN", Strength: "MUST NOT", Text: "bindings longer than 420 s",
			In: "route-optimization", Judge: func(r *Run, j *Jury) {
				for _, a := range r.Acks {
					if !a.FromHA && !forged(a.Packet) && a.A.Status().IsAccepted() {
						j.Check(a.A.Lifetime() <= 420*time.Second, a.Packet, "lifetime %s", a.A.Lifetime())
					}
				}
			}},
		{ID: "B-34", Section: "9.5.1", Role: "CN", Strength: "MUST", Text: "updates need nonce indices and authorization, last; invalid: silent drop",
			In: "route-optimization ro-attacks", Parts: "valid ignored", Judge: needsAuthorization},
		{ID: "B-35", Section: "9.5.3", Role: "CN", Strength: "MUST", Text: "lifetime 0 deletes, under the key of the home token alone",
			In: "route-optimization", Judge: deletesAtCorrespondent},
		{ID: "B-36", Section: "11.6.2", Role: "MN", Strength: "MUST", Text: "home test through the home agent only, care-of test at the care-of address, cookies equal",
			In: "route-optimization ro-attacks", Parts: "HoT CoT ignored", Judge: testReplies},
		{ID: "B-37", Section: "11.7.2", Role: "MN", Strength: "SHOULD", Text: "after a move updates every correspondent, after the home agent",
			In: "route-optimization", Judge: updatesCorrespondents},
		{ID: "B-38", Section: "9.5.5, 11.7.4", Role: "CN, MN", Strength: "MAY", Text: "Binding Refresh Request to the home address; answered for known correspondents only",
			In: "ro-refresh attacks", Parts: "sent ignored", Judge: refreshRequests},
		{ID: "B-39", Section: "9.3.3, 11.3.6", Role: "CN, MN", Strength: "MUST", Text: "Binding Error to the source on the wire; the mobile node ignores unknown senders",
			In: "attacks", Parts: "sent ignored", Judge: bindingErrors},
	}
}

// binding of a packet's Home Address option and wire source.
func bindingOf(p *Packet) func(mip.Binding) bool {
	h := p.Inner()
	return func(b mip.Binding) bool {
		return b.HomeAddress == h.HomeAddress && b.CareOf == h.Source && !b.Deleted
	}
}

// correspondent returns the bindings of the correspondent with an address.
func (r *Run) correspondent(t vtime.Time, a netip.Addr) []mip.Binding {
	st := r.State(t)
	for i := range st.Correspondents {
		if h := r.Plan.Host(st.Correspondents[i].Name); h != nil && h.IPv6.Addr() == a {
			return st.Correspondents[i].Bindings
		}
	}
	return nil
}

// boundAt returns the live binding of a mobile node at the correspondent of an address.
func (r *Run) boundAt(t vtime.Time, cn netip.Addr, m *Mobile) *mip.Binding {
	all := r.correspondent(t, cn)
	for i := range all {
		if all[i].HomeAddress == m.Home && !all[i].Deleted {
			return &all[i]
		}
	}
	return nil
}

// testInits returns the test inits that a mobile node sent to a correspondent.
func (r *Run) testInits(m *Mobile, typ wire.MobilityType) []*Packet {
	var all []*Packet
	for p := range r.From(m.Name) {
		if p.Is(typ) {
			all = append(all, p)
		}
	}
	return all
}

func cookie(p *Packet) (c wire.Cookie) {
	if t, err := p.Mobility.HomeTestInit(); err == nil {
		return t.Cookie()
	}
	if t, err := p.Mobility.CareOfTestInit(); err == nil {
		return t.Cookie()
	}
	if t, err := p.Mobility.HomeTest(); err == nil {
		return t.Cookie()
	}
	if t, err := p.Mobility.CareOfTest(); err == nil {
		return t.Cookie()
	}
	return c
}

func testsInParallel(r *Run, j *Jury) {
	for _, m := range r.Mobiles {
		home, careOf := r.testInits(m, wire.MobilityHomeTestInit), r.testInits(m, wire.MobilityCareOfTestInit)
		for _, p := range careOf {
			for _, q := range home {
				if max(q.Time-p.Time, p.Time-q.Time) < vtime.Time(10*time.Millisecond) && q.Inner().Destination == p.Inner().Destination {
					j.ShowPart("parallel", p, "Home Test Init and Care-of Test Init at once")
				}
			}
		}
		for _, list := range [][]*Packet{home, careOf} {
			seen := map[wire.Cookie]bool{}
			for i, p := range list {
				if i > 0 && p.Inner().Destination == list[i-1].Inner().Destination && p.Time-list[i-1].Time < vtime.Time(33*time.Second) {
					j.CheckPart("repeated", !seen[cookie(p)], p, "a new cookie")
				}
				seen[cookie(p)] = true
			}
		}
	}
}

func statelessTests(r *Run, j *Jury) {
	for _, p := range r.Packets {
		host := r.Plan.Host(p.Node)
		if host == nil || !p.Is(wire.MobilityHomeTest) {
			continue
		}
		if m := r.byHome(p.Inner().Destination); m != nil {
			if r.boundBefore(p, m) == nil {
				j.CheckPart("stateless", r.boundAt(p.Time+vtime.Time(look), host.IPv6.Addr(), m) == nil || r.updated(p, m), p, "a test is answered, and nothing is kept")
			}
		}
	}
	for _, p := range r.Forgeries {
		if (p.Is(wire.MobilityHomeTestInit) || p.Is(wire.MobilityCareOfTestInit)) && p.Inner().HomeAddress.IsValid() {
			j.CheckPart("ignored", !r.answered(p), p, "a test with a Home Address option gets no answer")
		}
	}
}

// boundBefore returns the binding that a correspondent had when it answered a test.
func (r *Run) boundBefore(p *Packet, m *Mobile) *mip.Binding {
	return r.boundAt(p.Time, p.Inner().Source, m)
}

// updated reports whether an update to the correspondent came right after its answer.
func (r *Run) updated(p *Packet, m *Mobile) bool {
	for _, u := range r.Updates {
		if u.Mobile == m && u.Inner().Destination == p.Inner().Source && u.Last != nil && p.Time <= u.Last.Time && u.Last.Time <= p.Time+vtime.Time(2*look) {
			return true
		}
	}
	return false
}

// tokens returns the keygen tokens that the mobile node had got from a correspondent before an
// update, by the nonce indices that it names.
func (r *Run) tokens(u *Update, n wire.NonceIndices) (home, careOf *wire.Token) {
	for _, p := range r.Packets[:u.N-1] {
		if p.Mobility == nil || forged(p) || p.Inner().Source != u.Inner().Destination {
			continue
		}
		if t, err := p.Mobility.HomeTest(); err == nil && p.Inner().Destination == u.HoA && t.NonceIndex() == n.Home {
			k := t.KeygenToken()
			home = &k
		}
		if t, err := p.Mobility.CareOfTest(); err == nil && p.Inner().Destination == u.CareOf && t.NonceIndex() == n.CareOf {
			k := t.KeygenToken()
			careOf = &k
		}
	}
	return home, careOf
}

// managementKey is Kbm of RFC 6275 section 5.2.5; without a care-of token the one for deleting.
func managementKey(home, careOf *wire.Token) []byte {
	h := sha1.New()
	h.Write(home[:])
	if careOf != nil {
		h.Write(careOf[:])
	}
	return h.Sum(nil)
}

// authenticator is that of RFC 6275 section 6.2.7, written anew from the text: care-of address,
// correspondent, and the message up to the authenticator with its checksum as zero.
func authenticator(key []byte, careOf, cn netip.Addr, mh []byte) []byte {
	mac := hmac.New(sha1.New, key)
	c, n := careOf.As16(), cn.As16()
	mac.Write(c[:])
	mac.Write(n[:])
	b := append([]byte(nil), mh[:len(mh)-12]...)
	b[4], b[5] = 0, 0
	mac.Write(b)
	return mac.Sum(nil)[:12]
}

// rightAuthenticator recomputes the authenticator of an update; known is false if the tokens
// were not on any link.
func (r *Run) rightAuthenticator(u *Update) (right, known bool) {
	n, hasNonces := u.U.NonceIndices()
	got, hasData := u.U.AuthorizationData()
	if !hasNonces || !hasData {
		return false, true
	}
	home, careOf := r.tokens(u, n)
	target := u.CareOf
	if u.U.Lifetime() == 0 || u.CareOf == u.HoA {
		careOf, target = nil, u.HoA
	} else if careOf == nil {
		return false, false
	}
	if home == nil {
		return false, false
	}
	return bytes.Equal(authenticator(managementKey(home, careOf), target, u.Inner().Destination, u.Mobility), got), true
}

// toCorrespondents returns the updates of mobile nodes to correspondents.
func (r *Run) toCorrespondents() []*Update {
	var all []*Update
	for _, u := range r.Updates {
		if !u.Forged && !u.ToHA {
			all = append(all, u)
		}
	}
	return all
}

func authenticators(r *Run, j *Jury) {
	for _, u := range r.toCorrespondents() {
		if right, known := r.rightAuthenticator(u); known {
			j.CheckPart("BU", right, u.Packet, "authenticator from the tokens on the wire")
		}
	}
	for _, a := range r.Acks {
		got, has := a.A.AuthorizationData()
		if a.FromHA || !has || a.Of == nil || a.Of.Forged {
			continue
		}
		n, _ := a.Of.U.NonceIndices()
		home, careOf := r.tokens(a.Of, n)
		target := a.Of.CareOf
		if a.Of.U.Lifetime() == 0 || a.Of.CareOf == a.Of.HoA {
			careOf, target = nil, a.Of.HoA
		}
		if home != nil {
			want := authenticator(managementKey(home, careOf), target, a.Inner().Source, a.Mobility)
			j.CheckPart("BA", bytes.Equal(want, got), a.Packet, "authenticator of the answer")
		}
	}
}

func oldNonces(r *Run, j *Jury) {
	for _, a := range r.Acks {
		s := a.A.Status()
		if s < wire.BindingExpiredHomeNonce || s > wire.BindingExpiredNonces || forged(a.Packet) {
			continue
		}
		_, has := a.A.AuthorizationData()
		j.Check(!has, a.Packet, "status %d without authorization data", s)
	}
	for _, u := range r.toCorrespondents() {
		n, _ := u.U.NonceIndices()
		a := (*Ack)(nil)
		for _, x := range r.Acks {
			if x.Of == u {
				a = x
			}
		}
		if issued, ok := r.issued(u, n.Home); ok && a != nil && a.A.Status().IsAccepted() && u.Time-issued > vtime.Time(240*time.Second) {
			j.Bad(a.Packet, "a nonce from %s before is accepted", time.Duration(u.Time-issued))
		}
	}
}

// issued returns when a correspondent first used a home nonce index.
func (r *Run) issued(u *Update, index uint16) (vtime.Time, bool) {
	for _, p := range r.Packets {
		if p.Mobility == nil || p.Inner().Source != u.Inner().Destination {
			continue
		}
		if t, err := p.Mobility.HomeTest(); err == nil && t.NonceIndex() == index {
			return p.Time, true
		}
	}
	return 0, false
}

func needsAuthorization(r *Run, j *Jury) {
	for _, u := range r.Updates {
		host := r.hostOf(u.Inner().Destination)
		if host == "" || u.Last == nil || u.Mobile == nil {
			continue
		}
		if !u.Forged {
			_, nonces := u.U.NonceIndices()
			_, data := u.U.AuthorizationData()
			j.CheckPart("valid", nonces && data, u.Packet, "nonce indices, and authorization data last")
			continue
		}
		if u.U.Has(wire.BUHomeRegistration) {
			continue // refused with 131, another row
		}
		b := r.boundAt(u.Last.Time+vtime.Time(settle), u.Inner().Destination, u.Mobile)
		// Unknown nonce indices are told, everything else is passed over in silence.
		q := r.reaction(u.Packet)
		if q != nil && q.Is(wire.MobilityBindingAcknowledgement) {
			if ba, _ := q.Mobility.BindingAcknowledgement(); ba.Status() >= wire.BindingExpiredHomeNonce && ba.Status() <= wire.BindingExpiredNonces {
				continue
			}
		}
		j.CheckPart("ignored", q == nil && (b == nil || b.CareOf != u.CareOf), u.Packet, "an update without valid authorization changes nothing")
	}
}

// hostOf returns the correspondent with an address.
func (r *Run) hostOf(a netip.Addr) string {
	for i := range r.Plan.Hosts {
		if h := &r.Plan.Hosts[i]; h.IPv6.Addr() == a {
			return h.Name
		}
	}
	return ""
}

func deletesAtCorrespondent(r *Run, j *Jury) {
	for _, u := range r.toCorrespondents() {
		if u.U.Lifetime() != 0 || u.Last == nil || u.Last.Time+vtime.Time(settle) > r.end {
			continue
		}
		right, known := r.rightAuthenticator(u)
		b := r.boundAt(u.Last.Time+vtime.Time(settle), u.Inner().Destination, u.Mobile)
		j.Check((right || !known) && b == nil, u.Packet, "authenticated by the home token alone, and the binding is gone")
	}
}

func testReplies(r *Run, j *Jury) {
	for _, u := range r.toCorrespondents() {
		n, ok := u.U.NonceIndices()
		if !ok {
			continue
		}
		home, careOf := r.tokens(u, n)
		if home != nil {
			j.ShowPart("HoT", u.Packet, "uses the token that came to the home address")
		}
		if careOf != nil {
			j.ShowPart("CoT", u.Packet, "uses the token that came to the care-of address")
		}
	}
	for _, p := range r.Forgeries {
		if !p.Is(wire.MobilityHomeTest) && !p.Is(wire.MobilityCareOfTest) {
			continue
		}
		used := false
		for _, u := range r.toCorrespondents() {
			if u.N < p.N || u.Time > p.Time+vtime.Time(10*time.Second) {
				continue
			}
			// A key that the tokens of the correspondent do not give comes from the forged one.
			if right, _ := r.rightAuthenticator(u); !right {
				used = true
			}
		}
		j.CheckPart("ignored", !used, p, "a test reply with a wrong cookie, or not through the home agent, is not used")
	}
}

// updatesCorrespondents wants, after each move within IPv6, an update to each correspondent
// that held a binding, and none before the home agent has accepted the new address.
func updatesCorrespondents(r *Run, j *Jury) {
	for _, s := range r.Stays {
		if !s.on(spec.KindIPv6, spec.KindDualStack) {
			continue
		}
		at, bound := r.bound(s)
		for i := range r.Plan.Hosts {
			h := &r.Plan.Hosts[i]
			if r.boundAt(s.From, h.IPv6.Addr(), s.Mobile) == nil {
				continue
			}
			var first *Update
			for _, u := range r.toCorrespondents() {
				if u.Mobile == s.Mobile && s.In(u.Time) && u.Inner().Destination == h.IPv6.Addr() {
					first = u
					break
				}
			}
			switch {
			case first != nil:
				j.Check(bound && first.Time >= at, first.Packet, "%s is updated after the home agent", h.Name)
			case bound && at+vtime.Time(5*time.Second) < min(s.To, r.end):
				j.BadAt(at, "%s is not updated after the move to %s", h.Name, s.Network.Name)
			}
		}
	}
}

func refreshRequests(r *Run, j *Jury) {
	for _, p := range r.Packets {
		if !p.Is(wire.MobilityBindingRefreshRequest) {
			continue
		}
		if host := r.Plan.Host(p.Node); host != nil {
			m := r.byHome(p.Inner().Destination)
			good := m != nil && !p.Inner().Routing.IsValid() && r.boundAt(p.Time, host.IPv6.Addr(), m) != nil
			j.CheckPart("sent", good, p, "to the home address, for a binding that is about to end")
			continue
		}
		if m := r.byHome(p.Inner().Destination); forged(p) && m != nil {
			_, _, others := entries(r.State(p.Time), m)
			known := false
			for _, e := range others {
				known = known || e.Peer == p.Inner().Source
			}
			if known {
				continue
			}
			reaction := r.next(p, func(q *Packet) bool {
				return q.Node == m.Name && (q.Is(wire.MobilityHomeTestInit) || q.Is(wire.MobilityCareOfTestInit))
			})
			j.CheckPart("ignored", reaction == nil, p, "a request of an unknown correspondent starts nothing")
		}
	}
}

func bindingErrors(r *Run, j *Jury) {
	for _, p := range r.Packets {
		if !p.Is(wire.MobilityBindingError) {
			continue
		}
		if forged(p) {
			for _, m := range r.Mobiles {
				if p.Ethernet != nil && p.Ethernet.Destination() == r.mac(m) {
					before, after := node(r.State(p.Time), m), node(r.After(p.Time+vtime.Time(100*time.Millisecond)), m)
					j.CheckPart("ignored", sameEntries(before.Entries, after.Entries), p, "a Binding Error of %s, unknown, changes nothing", p.Inner().Source)
				}
			}
			continue
		}
		if r.Plan.Host(p.Node) == nil && r.Spec.HomeAgent(p.Node) == nil {
			continue
		}
		offender := (*Packet)(nil)
		for _, q := range r.Packets[:p.N-1] {
			if len(q.IPs) > 0 && q.Inner().Source == p.Inner().Destination && q.Inner().Destination == p.Inner().Source && q.Time > p.Time-vtime.Time(time.Second) {
				offender = q
			}
		}
		j.CheckPart("sent", offender != nil && !p.Inner().Routing.IsValid(), p, "to %s, where the offending packet came from", p.Inner().Destination)
	}
}

// containsOctets reports whether a quote holds the octets.
func containsOctets(quote, octets []byte) bool {
	return strings.Contains(string(quote), string(octets))
}
