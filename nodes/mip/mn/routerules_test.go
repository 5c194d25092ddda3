package mn

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"dsmipsim/nodes/mip/internal/rig"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/vtime"
)

// RFC 6275 section 11.5.5 and RFC 5555 section 5.1: bindings are deleted at home, and on
// entering an IPv4-only network; with an old home token after a new Home Test alone.
func TestDeletion(t *testing.T) {
	for _, c := range []struct {
		what  string
		to    netip.Addr
		after time.Duration
		keep  bool
		want  string // messages to the correspondent
	}{
		{"home, soon", netip.Addr{}, time.Minute, false, "BU"},
		{"home, late", netip.Addr{}, 300 * time.Second, false, "HoTI BU"},
		{"IPv4, soon", rig.CoA4, time.Minute, false, "BU"},
		{"IPv4, late", rig.CoA4, 300 * time.Second, false, "HoTI BU"},
		{"IPv4, switched off", rig.CoA4, time.Minute, true, ""},
	} {
		x := newTraveller(t, nil, func(cfg *Config) { cfg.DeregisterCNOnV4 = !c.keep })
		x.register()
		x.Advance(c.after)
		x.Take()
		x.move(c.to)
		var seen []string
		if c.to.IsValid() {
			if got := rig.Types(x.Take()); got != "BU" {
				t.Errorf("%s: before the home agent has answered %q", c.what, got)
			}
			x.bind()
		}
		for range 3 {
			sent := x.Take()
			for _, b := range sent {
				m := rig.Type(b)
				if m != "HoTI" && m != "CoTI" && m != "BU" {
					continue
				}
				seen = append(seen, m)
				if tunnelled := b[0]>>4 == 4; tunnelled != c.to.IsValid() {
					t.Errorf("%s: %s in a tunnel: %v", c.what, m, tunnelled)
				}
				if m != "BU" {
					continue
				}
				u, _ := rig.Mobility(t, b).BindingUpdate()
				if n, ok := u.NonceIndices(); u.Lifetime() != 0 || !ok || n.Home != 17 || n.CareOf != 0 {
					t.Errorf("%s: lifetime %v, nonce indices %v", c.what, u.Lifetime(), n)
				}
				want := append([]byte(nil), rig.Mobility(t, b)...)
				rig.Sign(want, rig.HoA6, rig.CN6, x.home)
				if auth, _ := u.AuthorizationData(); string(auth) != string(want[len(want)-12:]) {
					t.Errorf("%s: wrong authenticator", c.what)
				}
				x.acknowledge(b, wire.BindingAccepted, u.Sequence())
			}
			x.answerTests(sent)
		}
		if got := strings.Join(seen, " "); got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
		for _, e := range x.m.Snapshot().Entries { // D-2.3-2: only the home agent is left
			if e.Peer == rig.CN6 {
				t.Errorf("%s: %+v", c.what, e)
			}
		}
		if c.to.IsValid() {
			x.Take()
			for range 100 {
				x.Send(datagram(rig.HoA6, rig.CN6))
				x.Advance(time.Second)
			}
			if all := x.m.Snapshot().Entries; len(all) != 1 {
				t.Errorf("%s: traffic on IPv4 makes entries: %+v", c.what, all)
			}
			for _, b := range x.Take() {
				if rig.Type(b) != "UDP" && rig.Type(b) != "BU" || b[0]>>4 != 4 {
					t.Fatalf("%s: on IPv4 there is a %s: %x", c.what, rig.Type(b), b)
				}
			}
		}
	}
}

// 11.3.5: a Parameter Problem about the Mobility Header ends the attempts; about anything
// else, or from anybody else, it does not.
func TestParameterProblem(t *testing.T) {
	problem := func(from netip.Addr, code uint8, pointer uint32, invoking []byte) []byte {
		return rig.Around(from, rig.CoA6, wire.ProtoICMPv6, wire.AppendICMPv6Error(nil, wire.ICMPv6ParameterProblem, code, pointer, invoking, from, rig.CoA6))
	}
	for _, c := range []struct {
		what    string
		from    netip.Addr
		code    uint8
		pointer uint32
		ends    bool
	}{
		{"unknown next header", rig.CN6, wire.ICMPv6CodeUnknownNextHeader, 6, true},
		{"another place", rig.CN6, wire.ICMPv6CodeUnknownNextHeader, 7, false},
		{"another code", rig.CN6, wire.ICMPv6CodeUnknownOption, 6, false},
		{"a stranger", rig.CoA6b, wire.ICMPv6CodeUnknownNextHeader, 6, false},
	} {
		x := newTraveller(t, nil)
		x.Send(datagram(rig.HoA6, rig.CN6))
		coti := x.Take()[1]
		x.Receive(problem(c.from, c.code, c.pointer, coti))
		x.Advance(10 * time.Second)
		if n := strings.Count(rig.Types(x.Take()), "TI"); c.ends != (n == 0) {
			t.Errorf("%s: %d test inits follow", c.what, n)
		}
		x.move(rig.CoA6b)
		x.bind()
		x.Take()
		x.Send(datagram(rig.HoA6, rig.CN6))
		if got := rig.Types(x.Take()); c.ends && got != "UDP" {
			t.Errorf("%s: in the next network %q", c.what, got)
		}
	}
}

// B-32 at the mobile node: nonces that the correspondent forgot are tested for again, those
// only; a number out of the window is mended; other refusals end the attempt.
func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		status wire.BindingStatus
		want   string
	}{
		{wire.BindingExpiredHomeNonce, "HoTI"}, {wire.BindingExpiredCareOfNonce, "CoTI"}, {wire.BindingExpiredNonces, "HoTI CoTI"},
		{wire.BindingSequenceOutOfWindow, "BU"}, {wire.BindingInsufficientResources, ""}, {wire.BindingProhibited, ""},
	} {
		x := newTraveller(t, nil)
		x.Send(datagram(rig.HoA6, rig.CN6))
		x.answerTests(x.Take())
		bu := x.Take()[0]
		u, _ := rig.Mobility(t, bu).BindingUpdate()
		x.acknowledge(bu, c.status, u.Sequence()+7)
		if c.status != wire.BindingSequenceOutOfWindow {
			x.Want("the answer to another number")
			x.acknowledge(bu, c.status, u.Sequence())
		}
		sent := x.Take()
		if got := rig.Types(sent); got != c.want {
			t.Errorf("status %d: %q, want %q", c.status, got, c.want)
		}
		if c.want == "BU" {
			if v, _ := rig.Mobility(t, sent[0]).BindingUpdate(); v.Sequence() != u.Sequence()+8 {
				t.Errorf("next sequence number %d after %d was said to be the last", v.Sequence(), u.Sequence()+7)
			}
		}
	}
}

// B-31: an acknowledgement without the right authenticator is none.
func TestForgedAcknowledgement(t *testing.T) {
	x := newTraveller(t, nil)
	x.Send(datagram(rig.HoA6, rig.CN6))
	x.answerTests(x.Take())
	bu := x.Take()[0]
	u, _ := rig.Mobility(t, bu).BindingUpdate()
	f := wire.BindingAcknowledgementFields{Sequence: u.Sequence(), Lifetime: 420 * time.Second}
	x.Receive(rig.Packet(rig.CN6, rig.CoA6, netip.Addr{}, rig.HoA6, wire.AppendBindingAcknowledgement(nil, f, wire.IPv4Layout{})))
	right := x.away
	x.away[7] ^= 1
	x.acknowledge(bu, wire.BindingAccepted, u.Sequence())
	if got := x.route(); got != "tunnel" {
		t.Errorf("forged acknowledgements: %s", got)
	}
	x.away = right
	x.acknowledge(bu, wire.BindingAccepted, u.Sequence())
	if got := x.route(); got != "direct" {
		t.Errorf("the right one: %s, %s", got, x.TakeSaid())
	}
}

// Retransmission of Binding Updates: 1, 2, 4 s, each with the next number and its own
// authenticator; the lifetime counts from the one that is acknowledged.
func TestUpdateUnanswered(t *testing.T) {
	x := newTraveller(t, nil)
	x.Send(datagram(rig.HoA6, rig.CN6))
	x.answerTests(x.Take())
	x.Take()
	x.Advance(3 * time.Second)
	bus := x.Take()
	if got := rig.Types(bus); got != "BU BU" {
		t.Fatalf("until 3 s: %q", got)
	}
	u, _ := rig.Mobility(t, bus[0]).BindingUpdate()
	x.acknowledge(bus[0], wire.BindingAccepted, u.Sequence()) // the one sent at 1 s
	if c := x.m.routes.known(rig.CN6); c.expires != vtime.Time(421*time.Second) || !c.usable(x.Now) {
		t.Errorf("expires at %v", c.expires)
	}
	x.Advance(time.Minute)
	x.Want("nothing more")
}

// The lifetime asked of a correspondent is what is left of the home registration at most.
func TestLifetimeWithinHomeRegistration(t *testing.T) {
	x := newTraveller(t, nil)
	x.Advance(401 * time.Second)
	x.Send(datagram(rig.HoA6, rig.CN6))
	x.answerTests(x.Take())
	u, err := rig.Mobility(t, x.Take()[0]).BindingUpdate()
	if err != nil || u.Lifetime() != 196*time.Second || u.Flags() != wire.BUAcknowledge {
		t.Errorf("lifetime %v of 199 s left, flags %v", u.Lifetime(), u.Flags())
	}
}

// A binding that is in use is renewed before it ends; one that is not ends. B-38: a Binding
// Refresh Request renews it, too, if there is one.
func TestRefresh(t *testing.T) {
	x := newTraveller(t, nil, func(cfg *Config) { cfg.Lifetime = 10000 * time.Second })
	x.m.update.expiry.Stop() // the home registration is not the point here
	x.m.update.refresh.Stop()
	x.m.update.expires = vtime.Time(10000 * time.Second)
	x.register()
	x.Advance(330 * time.Second)
	x.Send(datagram(rig.HoA6, rig.CN6))
	x.Take()
	x.Advance(6 * time.Second)
	sent := x.Take()
	if got := rig.Types(sent); got != "HoTI CoTI" {
		t.Fatalf("at 336 s: %q", got)
	}
	x.answerTests(sent)
	bu := x.Take()[0]
	if got := x.route(); got != "direct" {
		t.Errorf("meanwhile %s", got)
	}
	x.acknowledge(bu, wire.BindingAccepted, x.m.routes.known(rig.CN6).sequence)

	idle := newTraveller(t, nil)
	idle.register()
	idle.Advance(420*time.Second - 1)
	if got := rig.Types(idle.Take()); got != "" || !idle.m.routes.known(rig.CN6).usable(idle.Now) {
		t.Errorf("without traffic: %q", got)
	}
	idle.Advance(1)
	if len(idle.m.Snapshot().Entries) != 1 {
		t.Errorf("after its lifetime: %+v", idle.m.Snapshot().Entries)
	}

	brr := rig.Packet(rig.CN6, rig.HoA6, netip.Addr{}, netip.Addr{}, wire.AppendBindingRefreshRequest(nil))
	x.Advance(250 * time.Second)
	x.Take()
	x.tunnelled(brr, true)
	if got := rig.Types(x.Take()); got != "HoTI CoTI" {
		t.Errorf("asked for a refresh: %q", got)
	}
	x.Advance(20 * time.Second)
	x.Take()
	x.Advance(300 * time.Second)
	if c := x.m.routes.known(rig.CN6); c.exists {
		t.Error("the binding did not end")
	}
	x.Take()
	x.tunnelled(brr, true)
	x.Want("asked for the refresh of what is not there")
}

// B-22: no more than three messages of a type within a second to one correspondent, however
// fast the node moves.
func TestRateLimit(t *testing.T) {
	x := newTraveller(t, nil)
	x.register()
	x.Sent, x.Times = nil, nil
	for i := range 40 {
		x.move([]netip.Addr{rig.CoA6, rig.CoA6b}[i%2])
		x.Do(func(now vtime.Time) {
			u := &x.m.update
			u.bound, u.acknowledged, u.expires = true, true, now.Add(600*time.Second)
			x.m.routes.homeBound(now)
		})
		x.Send(datagram(rig.HoA6, rig.CN6))
		x.Advance(37 * time.Millisecond)
	}
	x.Advance(5 * time.Second)
	of := map[string][]vtime.Time{}
	for i, b := range x.Sent {
		if m := rig.Type(b); m == "HoTI" || m == "CoTI" || m == "BU" && wire.IPv6(b).Destination() == rig.CN6 {
			of[m] = append(of[m], x.Times[i])
		}
	}
	if len(of["CoTI"]) < 4 {
		t.Errorf("%d Care-of Test Inits: the limit is not reached", len(of["CoTI"]))
	}
	for m, at := range of {
		for i := 3; i < len(at); i++ {
			if at[i].Sub(at[i-3]) < time.Second {
				t.Errorf("four %s between %v and %v", m, at[i-3], at[i])
			}
		}
	}
}

// With A = 0 the binding is used at once, and a refusal takes it back.
func TestWithoutAcknowledgement(t *testing.T) {
	x := newTraveller(t, nil, func(cfg *Config) { cfg.NoCorrespondentAck = true })
	x.Send(datagram(rig.HoA6, rig.CN6))
	x.answerTests(x.Take())
	bu := x.Take()
	u, err := rig.Mobility(t, bu[0]).BindingUpdate()
	if err != nil || u.Flags() != 0 {
		t.Fatalf("flags %v, %v", u.Flags(), err)
	}
	if got := x.route(); got != "direct" {
		t.Errorf("after the update: %s", got)
	}
	x.acknowledge(bu[0], wire.BindingExpiredNonces, u.Sequence())
	if got := rig.Types(x.Take()); got != "HoTI CoTI" {
		t.Errorf("after a refusal: %q", got)
	}
	if got := x.route(); got != "tunnel" {
		t.Errorf("after a refusal: %s", got)
	}
}

// Section 6.4: a type 2 routing header leads to the own home address, with one segment left.
func TestRoutingHeaders(t *testing.T) {
	x := newTraveller(t, nil)
	x.register()
	for _, c := range []struct {
		what string
		at   int // octet of the routing header
		to   byte
		want string
	}{
		{"as it should be", 3, 1, "deliver 2001:db8:c::99>2001:db8:100::1000"},
		{"two segments left", 3, 2, "drop routing_header"},
		{"a foreign address", 23, 1, "drop routing_header"},
	} {
		b := rig.Vector(t, "V27")
		b[wire.IPv6HeaderLen+c.at] = c.to
		x.TakeSaid()
		x.Receive(b)
		if got := x.TakeSaid(); got != c.want {
			t.Errorf("%s: %s, want %s", c.what, got, c.want)
		}
	}
}

// 11.7.2: packets that come through the home agent's tunnel begin the tests, but no errors of
// routers and no signalling; without the option nothing does.
func TestWhatBeginsTheTests(t *testing.T) {
	echo := make([]byte, 16)
	wire.PutICMPv6(echo, wire.ICMPv6EchoRequest, 0, rig.CN6, rig.HoA6)
	unreachable := wire.AppendICMPv6Error(nil, wire.ICMPv6DestinationUnreachable, 0, 0, datagram(rig.HoA6, rig.CoA6b), rig.CN6, rig.HoA6)
	for _, c := range []struct {
		what string
		b    []byte
		off  bool
		want bool
	}{
		{"UDP", datagram(rig.CN6, rig.HoA6), false, true},
		{"UDP, not configured", datagram(rig.CN6, rig.HoA6), true, false},
		{"Echo Request", rig.Around(rig.CN6, rig.HoA6, wire.ProtoICMPv6, echo), false, true},
		{"Destination Unreachable", rig.Around(rig.CN6, rig.HoA6, wire.ProtoICMPv6, unreachable), false, false},
		{"BRR", rig.Packet(rig.CN6, rig.HoA6, netip.Addr{}, netip.Addr{}, wire.AppendBindingRefreshRequest(nil)), false, false},
		{"UDP of the home agent", datagram(rig.HA6, rig.HoA6), false, false},
	} {
		x := newTraveller(t, nil, func(cfg *Config) { cfg.RouteOptimization = !c.off })
		x.tunnelled(c.b, true)
		if got := strings.Contains(rig.Types(x.Take()), "HoTI CoTI"); got != c.want {
			t.Errorf("%s: tests begun %v", c.what, got)
		}
	}
}

// The direct way takes 24 octets of each packet: what fits the link with them goes whole, a
// longer one is cut, and every fragment names the home address (RFC 6275 section 6.3).
func TestMTU(t *testing.T) {
	x := newTraveller(t, nil)
	x.register()
	for _, c := range []struct{ octets, packets int }{{1476, 1}, {1477, 2}} {
		u := make([]byte, c.octets-wire.IPv6HeaderLen)
		wire.PutUDP(u, 5000, 6000, rig.HoA6, rig.CN6)
		x.Take()
		x.Send(rig.Around(rig.HoA6, rig.CN6, wire.ProtoUDP, u))
		got := x.Take()
		if len(got) != c.packets {
			t.Errorf("%d octets: %d packets, want %d; %s", c.octets, len(got), c.packets, x.TakeSaid())
		}
		for _, b := range got {
			h, err := wire.ParseIPv6(b)
			if err != nil {
				t.Fatal(err)
			}
			chain, err := wire.WalkIPv6(h)
			if err != nil || chain.HomeAddress != rig.HoA6 || h.Source() != rig.CoA6 || len(b) > 1500 || chain.FragmentAt != 0 && chain.FragmentAt < chain.DestOptsAt {
				t.Errorf("%d octets: %v %+v", c.octets, err, chain)
			}
		}
	}
}

// B-22 for Binding Updates: a flood of Binding Refresh Requests, while the tokens are fresh,
// does not make the node send more than three a second.
func TestRefreshFlood(t *testing.T) {
	x := newTraveller(t, nil)
	x.register()
	brr := rig.Packet(rig.CN6, rig.HoA6, netip.Addr{}, netip.Addr{}, wire.AppendBindingRefreshRequest(nil))
	var at []vtime.Time
	for range 300 {
		x.tunnelled(brr, true)
		x.Advance(10 * time.Millisecond)
		times := x.Times
		for i, b := range x.Take() {
			at = append(at, times[i])
			u, _ := rig.Mobility(t, b).BindingUpdate()
			x.acknowledge(b, wire.BindingAccepted, u.Sequence())
		}
	}
	for i := 3; i < len(at); i++ {
		if at[i].Sub(at[i-3]) < time.Second {
			t.Errorf("four Binding Updates between %v and %v", at[i-3], at[i])
		}
	}
	if len(at) < 8 {
		t.Errorf("%d Binding Updates in three seconds", len(at))
	}
}

// B-39: the home agent that has lost the binding gets it anew.
func TestBindingErrorOfHomeAgent(t *testing.T) {
	x := newTraveller(t, nil)
	be := func(status wire.BindingErrorStatus, home netip.Addr) []byte {
		return rig.Packet(rig.HA6, rig.CoA6, netip.Addr{}, netip.Addr{}, wire.AppendBindingError(nil, status, home))
	}
	x.Receive(be(wire.BindingErrorUnknownBinding, rig.CoA6b))
	x.Receive(be(wire.BindingErrorUnknownType, rig.HoA6))
	x.Want("errors that concern nothing of ours")
	x.Receive(be(wire.BindingErrorUnknownBinding, rig.HoA6))
	got := x.Take()
	if u, err := rig.Mobility(t, got[0]).BindingUpdate(); len(got) != 1 || err != nil || !u.Has(wire.BUHomeRegistration) {
		t.Errorf("sent %s", rig.Types(got))
	}
	x.Receive(be(wire.BindingErrorUnknownBinding, rig.HoA6))
	x.Want("while that is unanswered")
}

// Refusals that can be mended are mended three times; Binding Updates that nobody answers are
// repeated three times. Then the home agent's way is taken.
func TestMaxROFailure(t *testing.T) {
	for _, c := range []struct {
		what   string
		answer func(x *traveller, bu []byte)
	}{
		{"silence", nil},
		{"135", func(x *traveller, bu []byte) {
			x.acknowledge(bu, wire.BindingSequenceOutOfWindow, x.m.routes.known(rig.CN6).sequence+100)
		}},
		{"138", func(x *traveller, bu []byte) {
			x.acknowledge(bu, wire.BindingExpiredNonces, x.m.routes.known(rig.CN6).sequence)
		}},
	} {
		x := newTraveller(t, nil)
		x.Send(datagram(rig.HoA6, rig.CN6))
		updates := 0
		for range 600 {
			sent := x.Take()
			x.answerTests(sent)
			for _, b := range sent {
				if rig.Type(b) != "BU" || wire.IPv6(b).Destination() != rig.CN6 {
					continue
				}
				updates++
				if c.answer != nil {
					c.answer(x, b)
				}
			}
			x.Advance(100 * time.Millisecond)
		}
		if updates != 4 || !strings.HasSuffix(x.TakeSaid(), "route_optimization_failed") {
			t.Errorf("%s: %d Binding Updates", c.what, updates)
		}
		if got := x.route(); got != "tunnel" {
			t.Errorf("%s: %s", c.what, got)
		}
	}
}

// A Binding Update that is still unanswered when its tokens end is not repeated with them.
func TestTokensEndDuringRegistration(t *testing.T) {
	x := newTraveller(t, nil)
	x.Send(datagram(rig.HoA6, rig.CN6))
	hoti := x.Take()
	x.answerTests(hoti[:1])
	c := x.m.routes.known(rig.CN6)
	c.home.received -= vtime.Time(209 * time.Second) // as if the care-of test had taken long
	x.answerTests(hoti[1:])
	if got := rig.Types(x.Take()); got != "BU" {
		t.Fatalf("with a token of 209 s: %q", got)
	}
	x.Advance(time.Second)
	if got := rig.Types(x.Take()); got != "HoTI" {
		t.Errorf("a second later: %q", got)
	}
}

// Without a home registration there is nothing to test with: attempts wait for the next one.
func TestHomeRegistrationEnds(t *testing.T) {
	for _, answered := range []bool{false, true} {
		x := newTraveller(t, nil)
		x.Send(datagram(rig.HoA6, rig.CN6))
		if answered {
			x.answerTests(x.Take()) // a Binding Update is under way
		}
		x.Take()
		x.m.update.forget()
		x.Advance(time.Minute)
		x.Want("without a home registration")
		x.move(rig.CoA6b)
		x.bind()
		if got := rig.Types(x.Take()); !strings.HasSuffix(got, "CoTI") {
			t.Errorf("with a new one: %q", got)
		}
	}
}
