package mn

import (
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/mip"
	"dsmipsim/nodes/mip/internal/rig"
	"dsmipsim/nodes/nd"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/vtime"
)

// traveller is a mobile node in the place of the vectors: away at a care-of address that the
// home agent has confirmed.
type traveller struct {
	*rig.Rig
	m *Node

	homeI, awayI uint16 // nonce indices that the correspondent gives
	home, away   wire.Token
}

func newTraveller(t testing.TB, given []uint64, sets ...func(*Config)) *traveller {
	pool := &packet.Pool{}
	s := rig.Stack(pool)
	cfg := Config{
		Interfaces:  []Interface{{}},
		HomeAddress: rig.HoA6, HomePrefix: netip.MustParsePrefix("2001:db8:100::/64"), HomeAgent: rig.HA6, HomeAgent4: rig.HA4,
		Lifetime: 600 * time.Second, RouteOptimization: true, DeregisterCNOnV4: true, Rand: rand.New(&rig.Words{Given: given}),
	}
	for _, set := range sets {
		set(&cfg)
	}
	m := New(s, nd.New(s), rand.New(rand.NewPCG(1, 2)), cfg)
	s.Listen(6000)
	x := &traveller{
		Rig: &rig.Rig{T: t, M: m, Pool: pool}, m: m, homeI: 17, awayI: 18,
		home: wire.Token(unhex("8c15a0bdbb0637d4")), away: wire.Token(unhex("61ae5e00c711be1a")),
	}
	s.AddAddress(ip.Virtual, rig.HoA6, 64, ip.Preferred)
	x.move(rig.CoA6)
	x.bind()
	x.Take()
	x.TakeSaid()
	return x
}

func unhex(s string) []byte {
	var b []byte
	for i := 0; i < len(s); i += 2 {
		b = append(b, byte(strings.IndexByte("0123456789abcdef", s[i])<<4|strings.IndexByte("0123456789abcdef", s[i+1])))
	}
	return b
}

// move gets the node a care-of address; not valid means that it comes home, deregistered.
func (x *traveller) move(to netip.Addr) {
	x.Do(func(now vtime.Time) {
		m := x.m
		m.primary.leave(now)
		if !to.IsValid() {
			m.primary.at = returning
			m.update.forget()
			m.arrived(now)
			return
		}
		m.AddAddress(0, to, 64, ip.Preferred)
		m.primary.use(now, to)
	})
}

// bind lets the home agent acknowledge the last Binding Update.
func (x *traveller) bind() {
	x.T.Helper()
	src, dst := rig.HA6, x.m.careOf()
	if dst.Is4() {
		dst = mip.Mapped(dst)
		x.m.AddAddress(0, dst, 128, ip.Receiving)
	}
	mh := wire.AppendBindingAcknowledgement(nil, wire.BindingAcknowledgementFields{Sequence: x.m.update.sequence, Lifetime: 600 * time.Second}, wire.IPv4Layout{})
	x.tunnelled(rig.Packet(src, dst, netip.Addr{}, rig.HoA6, mh), x.m.careOf().Is4())
	if !x.m.update.acknowledged {
		x.T.Fatalf("the home agent's acknowledgement was not accepted: %s", x.TakeSaid())
	}
}

// tunnelled lets a packet arrive from the home agent, in a tunnel or, of its own, without.
func (x *traveller) tunnelled(b []byte, tunnel bool) {
	switch careOf := x.m.careOf(); {
	case !tunnel:
	case careOf.Is4():
		h := make([]byte, wire.IPv4HeaderLen)
		wire.PutIPv4(h, wire.IPv4Fields{TotalLen: len(b) + len(h), TTL: 64, Protocol: wire.ProtoIPv6, Source: rig.HA4, Destination: careOf})
		b = append(h, b...)
	default:
		b = rig.Around(rig.HA6, careOf, wire.ProtoIPv6, b)
	}
	x.Receive(b)
}

func datagram(src, dst netip.Addr) []byte {
	u := make([]byte, wire.UDPHeaderLen+8)
	for i := range 8 {
		u[wire.UDPHeaderLen+i] = byte(i)
	}
	wire.PutUDP(u, 5000, 6000, src, dst)
	return rig.Around(src, dst, wire.ProtoUDP, u)
}

// answerTests plays the correspondent: it answers the test inits among the packets, those to
// the home address through the home agent.
func (x *traveller) answerTests(sent [][]byte) {
	x.T.Helper()
	for _, b := range sent {
		switch m := rig.Type(b); m {
		case "HoTI":
			i, _ := rig.Mobility(x.T, b).HomeTestInit()
			x.tunnelled(rig.Packet(rig.CN6, rig.HoA6, netip.Addr{}, netip.Addr{}, wire.AppendHomeTest(nil, x.homeI, i.Cookie(), x.home)), x.m.place() != home)
		case "CoTI":
			i, _ := rig.Mobility(x.T, b).CareOfTestInit()
			x.Receive(rig.Packet(rig.CN6, wire.IPv6(b).Source(), netip.Addr{}, netip.Addr{}, wire.AppendCareOfTest(nil, x.awayI, i.Cookie(), x.away)))
		}
	}
}

// acknowledge plays the correspondent's answer to a Binding Update.
func (x *traveller) acknowledge(bu []byte, status wire.BindingStatus, sequence uint16) {
	x.T.Helper()
	u, err := rig.Mobility(x.T, bu).BindingUpdate()
	if err != nil {
		x.T.Fatal(err)
	}
	f := wire.BindingAcknowledgementFields{Status: status, Sequence: sequence, Lifetime: u.Lifetime()}
	unsigned := status >= wire.BindingExpiredHomeNonce && status <= wire.BindingExpiredNonces
	if !unsigned {
		f.Authenticator = &[wire.AuthenticatorLen]byte{}
	}
	mh := wire.AppendBindingAcknowledgement(nil, f, wire.IPv4Layout{})
	if u.Lifetime() == 0 {
		rig.Sign(mh, rig.HoA6, rig.CN6, x.home)
		x.tunnelled(rig.Packet(rig.CN6, rig.HoA6, netip.Addr{}, netip.Addr{}, mh), x.m.place() != home)
		return
	}
	if !unsigned {
		rig.Sign(mh, x.m.careOf(), rig.CN6, x.home, x.away)
	}
	x.Receive(rig.Packet(rig.CN6, x.m.careOf(), netip.Addr{}, rig.HoA6, mh))
}

// register goes all the way to a binding at the correspondent.
func (x *traveller) register() {
	x.T.Helper()
	x.Send(datagram(rig.HoA6, rig.CN6))
	x.answerTests(x.Take())
	bu := x.Take()
	if rig.Types(bu) != "BU" {
		x.T.Fatalf("after the tests: %q, %s", rig.Types(bu), x.TakeSaid())
	}
	u, _ := rig.Mobility(x.T, bu[0]).BindingUpdate()
	x.acknowledge(bu[0], wire.BindingAccepted, u.Sequence())
	if c := x.m.routes.known(rig.CN6); !c.usable(x.Now) {
		x.T.Fatalf("the binding is not in use: %+v", c)
	}
}

// route tells which way a packet to the correspondent takes.
func (x *traveller) route() string {
	x.T.Helper()
	x.Take()
	x.Send(datagram(rig.HoA6, rig.CN6))
	for _, b := range x.Take() {
		if rig.Type(b) == "UDP" {
			switch {
			case b[0]>>4 == 4:
				return "IPv4 tunnel"
			case wire.IPv6(b).NextHeader() == wire.ProtoIPv6:
				return "tunnel"
			case wire.IPv6(b).NextHeader() == wire.ProtoDestOpts:
				return "direct"
			}
			return "plain"
		}
	}
	return "none"
}

// The mobile node's side of V13 to V22, V27, V28 and V33, octet by octet.
func TestVectors(t *testing.T) {
	v := func(name string) []byte { return rig.Vector(t, name) }
	x := newTraveller(t, []uint64{0x1233, 0x1111111122222222, 0x3333333344444444})
	x.Send(datagram(rig.HoA6, rig.CN6))
	x.Want("first packet", v("V13"), v("V14"), v("V33")) // B-29, B-18
	x.Receive(v("V16"))
	x.Want("after the Home Test")
	x.Receive(v("V17"))
	x.Want("after both tests", v("V18"))
	x.Send(datagram(rig.HoA6, rig.CN6))
	x.Want("before the acknowledgement", v("V33"))
	x.Receive(v("V19"))
	if said := x.TakeSaid(); said != "route_optimization_started, binding_update_sent, binding_accepted" {
		t.Error(said)
	}
	x.Send(datagram(rig.HoA6, rig.CN6))
	x.Want("after the acknowledgement", v("V28"))
	x.Receive(v("V27"))
	if said := x.TakeSaid(); said != "deliver 2001:db8:c::99>2001:db8:100::1000" {
		t.Error(said)
	}
	want := Entry{Peer: rig.CN6, HomeAddress: rig.HoA6, CareOf: rig.CoA6, Sequence: 0x1234, Lifetime: 420 * time.Second, Expires: vtime.Time(420 * time.Second), Acknowledged: true}
	if all := x.m.Snapshot().Entries; len(all) != 2 || all[1] != want {
		t.Errorf("Binding Update List: %+v", all)
	}
	x.move(netip.Addr{})
	x.Sent = x.Sent[1:] // the Neighbor Advertisement for the home address
	x.Want("at home, with a fresh home token", v("V20"))
}

// B-39 and 11.3.6: a Binding Error ends the use of the binding; of strangers it is ignored.
func TestBindingErrors(t *testing.T) {
	x := newTraveller(t, nil)
	x.Receive(rig.Vector(t, "V22"))
	if said := x.TakeSaid(); said != "drop mobility_rejected" {
		t.Error("from a stranger: ", said)
	}
	x.register()
	x.Receive(rig.Packet(rig.CN6, rig.CoA6, netip.Addr{}, netip.Addr{}, wire.AppendBindingError(nil, wire.BindingErrorUnknownType, netip.Addr{})))
	if got := x.route(); got != "direct" {
		t.Error("status 2 while nothing is awaited: ", got)
	}
	x.Receive(rig.Vector(t, "V22"))
	if len(x.m.Snapshot().Entries) != 1 {
		t.Errorf("the entry stays: %+v", x.m.Snapshot().Entries)
	}
	x.Take()
	x.Send(datagram(rig.HoA6, rig.CN6))
	if got := rig.Types(x.Take()); got != "BU UDP" {
		t.Errorf("the next packet causes %q: the tokens are fresh", got)
	}
	x.Receive(rig.Packet(rig.CN6, rig.CoA6, netip.Addr{}, netip.Addr{}, wire.AppendBindingError(nil, wire.BindingErrorUnknownType, netip.Addr{})))
	if said := x.TakeSaid(); !strings.Contains(said, "route_optimization_failed") {
		t.Error("status 2 in answer to a Binding Update: ", said)
	}
	x.Advance(time.Minute)
	x.Take()
	if got := x.route(); got != "tunnel" {
		t.Error("then: ", got)
	}
}

// B-29 and B-22: retransmissions after 1, 2 and 4 s with new cookies, then the home agent's
// way for good (MAX_RO_FAILURE), until a while has passed.
func TestTestInitsUnanswered(t *testing.T) {
	x := newTraveller(t, nil)
	x.Send(datagram(rig.HoA6, rig.CN6))
	x.Advance(60 * time.Second)
	cookies := map[wire.Cookie]bool{}
	var at []time.Duration
	for i, b := range x.Sent {
		switch rig.Type(b) {
		case "HoTI":
			m, _ := rig.Mobility(t, b).HomeTestInit()
			cookies[m.Cookie()] = true
			at = append(at, time.Duration(x.Times[i]))
		case "CoTI":
			m, _ := rig.Mobility(t, b).CareOfTestInit()
			cookies[m.Cookie()] = true
		}
	}
	if len(at) != 4 || at[0] != 0 || at[1] != time.Second || at[2] != 3*time.Second || at[3] != 7*time.Second || len(cookies) != 8 {
		t.Errorf("Home Test Inits at %v, %d different cookies", at, len(cookies))
	}
	if said := x.TakeSaid(); said != "route_optimization_started, route_optimization_failed" {
		t.Error(said)
	}
	x.Take()
	x.Send(datagram(rig.HoA6, rig.CN6))
	if got := rig.Types(x.Take()); got != "UDP" {
		t.Errorf("a minute later: %q", got)
	}
	x.Advance(offFor)
	x.Take()
	x.Send(datagram(rig.HoA6, rig.CN6))
	if got := rig.Types(x.Take()); got != "HoTI CoTI UDP" {
		t.Errorf("much later: %q", got)
	}
}

// A correspondent that did not answer gets another chance in the next network.
func TestNextNetworkForgives(t *testing.T) {
	x := newTraveller(t, nil)
	x.Send(datagram(rig.HoA6, rig.CN6))
	x.Advance(20 * time.Second)
	x.move(rig.CoA6b)
	x.bind()
	x.Take()
	x.Send(datagram(rig.HoA6, rig.CN6))
	if got := rig.Types(x.Take()); got != "HoTI CoTI UDP" {
		t.Errorf("in the next network: %q", got)
	}
}

// B-36: what is no valid answer to the tests is ignored.
func TestForgedTests(t *testing.T) {
	x := newTraveller(t, []uint64{0x1233, 0x1111111122222222, 0x3333333344444444})
	none := netip.Addr{}
	good := wire.Cookie(unhex("1111111122222222"))
	hot := func(src, dst netip.Addr, c wire.Cookie) []byte {
		return rig.Packet(src, dst, none, none, wire.AppendHomeTest(nil, 17, c, x.home))
	}
	cot := func(src, dst netip.Addr, c wire.Cookie) []byte {
		return rig.Packet(src, dst, none, none, wire.AppendCareOfTest(nil, 18, c, x.away))
	}
	inTunnel := func(b []byte) []byte { return rig.Around(rig.HA6, rig.CoA6, wire.ProtoIPv6, b) }
	goodAway := wire.Cookie(unhex("3333333344444444"))
	forged := []struct {
		what string
		b    []byte
	}{
		{"HoT past the tunnel, with a routing header", rig.Packet(rig.CN6, rig.CoA6, none, rig.HoA6, wire.AppendHomeTest(nil, 17, good, x.home))},
		{"HoT to the home address past the tunnel", hot(rig.CN6, rig.HoA6, good)},
		{"HoT to the care-of address", hot(rig.CN6, rig.CoA6, good)},
		{"HoT with another cookie", inTunnel(hot(rig.CN6, rig.HoA6, goodAway))},
		{"HoT of somebody else", inTunnel(hot(rig.CoA6b, rig.HoA6, good))},
		{"CoT in the tunnel", inTunnel(cot(rig.CN6, rig.HoA6, goodAway))},
		{"CoT with another cookie", cot(rig.CN6, rig.CoA6, good)},
		{"CoT of somebody else", cot(rig.CoA6b, rig.CoA6, goodAway)},
	}
	for _, f := range forged { // before there is an entry
		x.Receive(f.b)
	}
	x.Send(datagram(rig.HoA6, rig.CN6))
	x.Take()
	for _, f := range forged {
		x.TakeSaid()
		x.Receive(f.b)
		c := x.m.routes.known(rig.CN6)
		if c.home.have || c.careOf.have || !strings.HasPrefix(x.TakeSaid(), "drop") {
			t.Errorf("%s was accepted", f.what)
		}
	}
	x.Receive(inTunnel(hot(rig.CN6, rig.HoA6, good)))
	x.Receive(inTunnel(rig.Packet(rig.CN6, rig.HoA6, none, none, wire.AppendHomeTest(nil, 99, good, x.away))))
	x.Receive(cot(rig.CN6, rig.CoA6, goodAway))
	x.Want("the first answers count", rig.Vector(t, "V18"))
}

// B-37: after a move first the home agent, then, when it has answered, the correspondents;
// with a home token of the last 210 s only the care-of address is tested.
func TestMove(t *testing.T) {
	for _, c := range []struct {
		after time.Duration
		tests string
	}{{209 * time.Second, "CoTI"}, {210 * time.Second, "HoTI CoTI"}} {
		x := newTraveller(t, nil)
		x.register()
		x.Advance(c.after)
		x.Take()
		x.move(rig.CoA6b)
		if got := rig.Types(x.Take()); got != "BU" {
			t.Errorf("on moving: %q", got)
		}
		if got := x.route(); got != "tunnel" {
			t.Errorf("with a binding to the old address: %s", got)
		}
		x.Advance(500 * time.Millisecond)
		if got := rig.Types(x.Take()); got != "" {
			t.Errorf("before the home agent has answered: %q", got)
		}
		x.bind()
		sent := x.Take()
		if got := rig.Types(sent); got != c.tests {
			t.Errorf("%v after the tests: %q, want %q", c.after, got, c.tests)
		}
		x.answerTests(sent)
		bu := x.Take()
		if u, err := rig.Mobility(t, bu[0]).BindingUpdate(); len(bu) != 1 || err != nil || u.Has(wire.BUHomeRegistration) || wire.IPv6(bu[0]).Source() != rig.CoA6b {
			t.Errorf("then %s: %x", rig.Types(bu), bu)
		}
		if got := x.route(); got != "tunnel" {
			t.Errorf("before the correspondent has answered: %s", got)
		}
		x.acknowledge(bu[0], wire.BindingAccepted, x.m.routes.known(rig.CN6).sequence)
		if got := x.route(); got != "direct" {
			t.Errorf("after: %s", got)
		}
	}
}
