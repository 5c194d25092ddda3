package router

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/nd"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/vtime"
)

const ms = time.Millisecond

// rig is a router that advertises on its only link.
type rig struct {
	t     *testing.T
	stack *ip.Stack
	pool  packet.Pool
	now   vtime.Time
	sent  []vtime.Time
	last  wire.RouterAdvertisement
	lines []string // drops and absorptions
}

func newRig(t *testing.T, seed uint64, cfg Config) *rig {
	r := &rig{t: t}
	r.stack = ip.New("router", &r.pool, []ip.Interface{{Name: "lan", MAC: wire.MAC{2, 0, 0, 0, 0, 1}, Ethernet: true, MTU: 1500}, {Name: "other", MTU: 1500}})
	r.stack.AddAddress(0, wire.LinkLocal(r.stack.Interface(0).MAC), 64, ip.Preferred)
	if cfg.Lifetime == 0 {
		cfg.Lifetime = max((3 * cfg.Interval.Max).Truncate(time.Second), time.Second)
	}
	cfg.HopLimit = ip.DefaultHopLimit
	Advertise(0, r.stack, nd.New(r.stack), 0, rand.New(rand.NewPCG(seed, 0)), cfg)
	r.drain()
	return r
}

func (r *rig) drain() {
	for e, ok := r.stack.Poll(); ok; e, ok = r.stack.Poll() {
		switch e.Kind {
		case machine.Send:
			r.sent = append(r.sent, r.now)
			r.check(e)
		case machine.Drop:
			r.lines = append(r.lines, "drop "+e.Reason.String())
		case machine.Absorb:
			r.lines = append(r.lines, "absorb")
		}
		if e.Packet != nil {
			e.Packet.Release()
		}
	}
}

// check keeps the advertisement, having checked how it travels (RFC 4861 section 6.1.2).
func (r *rig) check(e machine.Effect) {
	b := slices.Clone(e.Packet.Bytes())
	f, err := wire.ParseEthernet(b)
	if err != nil || e.Iface != 0 || f.Destination() != wire.MulticastMAC(wire.AllNodes) {
		r.t.Fatalf("frame to %v: %v", f.Destination(), err)
	}
	h, err := wire.ParseIPv6(f.Payload())
	if err != nil || h.HopLimit() != 255 || h.Destination() != wire.AllNodes || h.Source() != wire.LinkLocal(wire.MAC{2, 0, 0, 0, 0, 1}) {
		r.t.Fatalf("packet %v > %v, hops %d: %v", h.Source(), h.Destination(), h.HopLimit(), err)
	}
	m, err := wire.ParseICMPv6(h.Payload(), h.Source(), h.Destination())
	if err != nil {
		r.t.Fatal(err)
	}
	if r.last, err = m.RouterAdvertisement(); err != nil {
		r.t.Fatal(err)
	}
}

// run lets time pass until t.
func (r *rig) run(t time.Duration) {
	for r.stack.Deadline() <= vtime.Time(t) {
		r.now = r.stack.Deadline()
		r.stack.HandleDeadline(r.now)
		r.drain()
	}
	r.now = vtime.Time(t)
}

// solicit lets a solicitation arrive.
func (r *rig) solicit(src netip.Addr, mac wire.MAC, hops uint8, in machine.Iface) {
	p := r.pool.From(wire.AppendRouterSolicitation(nil, mac, src, wire.AllRouters))
	r.stack.Push6(p, src, wire.AllRouters, wire.ProtoICMPv6, 0, hops)
	r.stack.Input(r.now, in, p)
	r.drain()
}

// ask is a plain solicitation.
func (r *rig) ask() { r.solicit(netip.IPv6Unspecified(), wire.MAC{}, 255, 0) }

func (r *rig) times() string {
	s := ""
	for _, t := range r.sent {
		s += fmt.Sprint(time.Duration(t), " ")
	}
	return s
}

func fixed(d time.Duration) Range { return Range{d, d} }

func TestRange(t *testing.T) {
	from := rand.New(rand.NewPCG(1, 2))
	before := *rand.NewPCG(1, 2)
	src := &before
	if got := fixed(5).Draw(rand.New(src)); got != 5 || src.Uint64() != rand.NewPCG(1, 2).Uint64() {
		t.Errorf("a range without width draws: %v", got)
	}
	if got := (Range{9, 3}).Draw(from); got != 9 {
		t.Errorf("a range upside down gives %v", got)
	}
	seen := map[time.Duration]int{}
	for range 1000 {
		seen[Range{3, 6}.Draw(from)]++
	}
	if len(seen) != 4 || seen[3] < 200 || seen[6] < 200 {
		t.Errorf("values of 3 to 6: %v", seen)
	}
}

// RFC 4861 section 6.2.4: a new interval is drawn after each advertisement.
func TestIntervals(t *testing.T) {
	r := newRig(t, 1, Config{Interval: Range{30 * ms, 70 * ms}})
	r.run(100 * time.Second)
	var sum, least, most time.Duration = 0, time.Hour, 0
	last := vtime.Time(0)
	for _, at := range r.sent {
		d := at.Sub(last)
		least, most, sum, last = min(least, d), max(most, d), sum+d, at
	}
	n := len(r.sent)
	if least < 30*ms || most > 70*ms {
		t.Errorf("intervals from %v to %v", least, most)
	}
	if least > 31*ms || most < 69*ms { // of 2000 draws
		t.Errorf("intervals from %v to %v do not fill 30 to 70 ms", least, most)
	}
	mean := float64(sum) / float64(n) / 1e6
	if slack := 4 * 40 / math.Sqrt(12*float64(n)); math.Abs(mean-50) > slack {
		t.Errorf("mean interval %.3f ms, want 50 within %.3f", mean, slack)
	}
}

// The first three intervals are at most 16 s (RFC 4861 section 6.2.4).
func TestInitialAdvertisements(t *testing.T) {
	r := newRig(t, 1, Config{Interval: fixed(200 * time.Second)})
	r.run(500 * time.Second)
	if got, want := r.times(), "16s 32s 48s 4m8s 7m28s "; got != want {
		t.Errorf("at %s, want %s", got, want)
	}
	r = newRig(t, 1, Config{Interval: fixed(10 * time.Second)})
	r.run(35 * time.Second)
	if got, want := r.times(), "10s 20s 30s "; got != want {
		t.Errorf("at %s, want %s", got, want)
	}
}

// RFC 4861 section 6.2.6: a solicitation is answered after the delay, to all nodes, and the
// schedule begins anew.
func TestSolicitedAdvertisement(t *testing.T) {
	r := newRig(t, 1, Config{Interval: fixed(10 * time.Second), SolicitedDelay: fixed(300 * ms)})
	r.run(1 * time.Second)
	r.ask()
	r.run(12 * time.Second)
	if got, want := r.times(), "1.3s 11.3s "; got != want {
		t.Errorf("at %s, want %s", got, want)
	}
	if got := fmt.Sprint(r.lines); got != "[absorb]" {
		t.Errorf("the solicitation: %s", got)
	}
}

// The delay fills its range.
func TestSolicitedDelayIsDrawn(t *testing.T) {
	least, most := time.Hour, time.Duration(0)
	for seed := range uint64(200) {
		r := newRig(t, seed, Config{Interval: fixed(10 * time.Second), SolicitedDelay: Range{0, 500 * ms}})
		r.ask()
		r.run(1 * time.Second)
		if len(r.sent) != 1 {
			t.Fatalf("%d answers", len(r.sent))
		}
		d := time.Duration(r.sent[0])
		least, most = min(least, d), max(most, d)
	}
	if least > 20*ms || most > 500*ms || most < 480*ms {
		t.Errorf("delays from %v to %v, want 0 to 500 ms", least, most)
	}
}

// Several solicitations are answered at once, by the earliest answer.
func TestOneAnswerForManySolicitations(t *testing.T) {
	r := newRig(t, 1, Config{Interval: fixed(10 * time.Second), SolicitedDelay: fixed(300 * ms)})
	r.run(1 * time.Second)
	r.ask()
	r.run(1100 * ms)
	r.ask()
	r.ask()
	r.run(2 * time.Second)
	if got, want := r.times(), "1.3s "; got != want {
		t.Errorf("at %s, want %s", got, want)
	}
}

// No answer of its own if an advertisement is due before that anyway.
func TestScheduledAdvertisementAnswers(t *testing.T) {
	r := newRig(t, 1, Config{Interval: fixed(10 * time.Second), SolicitedDelay: fixed(300 * ms)})
	r.run(9800 * ms)
	r.ask()
	r.run(19 * time.Second)
	if got, want := r.times(), "10s "; got != want {
		t.Errorf("at %s, want %s", got, want)
	}
}

// RFC 4861 section 6.2.6 and RFC 6275 section 7.5: answers keep their distance from the
// advertisement before; the random delay comes on top of it.
func TestMinDelayBetweenAdvertisements(t *testing.T) {
	r := newRig(t, 1, Config{Interval: fixed(10 * time.Second), SolicitedDelay: fixed(300 * ms), MinDelay: 3 * time.Second})
	r.ask() // none was sent before: no distance to keep
	r.run(1 * time.Second)
	r.ask() // the distance to 0.3 s is too short: 3.3 s at least, and the delay after that
	r.run(4 * time.Second)
	r.run(9 * time.Second)
	r.ask() // the distance is over
	r.run(12 * time.Second)
	if got, want := r.times(), "300ms 3.6s 9.3s "; got != want {
		t.Errorf("at %s, want %s", got, want)
	}
}

// RFC 4861 section 6.1.1.
func TestInvalidSolicitations(t *testing.T) {
	r := newRig(t, 1, Config{Interval: fixed(10 * time.Second)})
	fe80 := netip.MustParseAddr("fe80::9")
	r.solicit(fe80, wire.MAC{2, 9}, 254, 0)                       // forwarded
	r.solicit(netip.IPv6Unspecified(), wire.MAC{2, 9}, 255, 0)    // an option without an address
	r.solicit(fe80, wire.MAC{2, 9}, 255, 1)                       // another link
	p := r.pool.From([]byte{wire.ICMPv6RouterSolicitation, 0, 0}) // cut off
	p.Append(3)
	wire.PutICMPv6(p.Bytes(), wire.ICMPv6RouterSolicitation, 0, fe80, wire.AllRouters)
	r.stack.Push6(p, fe80, wire.AllRouters, wire.ProtoICMPv6, 0, 255)
	r.stack.Input(0, 0, p)
	r.drain()
	if got := fmt.Sprint(r.lines); got != "[drop malformed drop malformed drop malformed drop malformed]" {
		t.Error(got)
	}
	r.run(1 * time.Second)
	if len(r.sent) != 0 {
		t.Errorf("answers at %s", r.times())
	}
	r.solicit(fe80, wire.MAC{2, 9}, 255, 0)
	r.run(2 * time.Second)
	if got := r.times(); got != "1s " {
		t.Errorf("the answer to a valid one comes at %s", got)
	}
}

// RFC 6275 section 7.3: the interval option promises the maximum, and 20 ms more below
// 200 ms. RFC 4861 section 6.2.1: the lifetime is three times the maximum.
func TestContents(t *testing.T) {
	prefix := wire.PrefixInformation{Address: netip.MustParseAddr("2001:db8:1::1"), PrefixLen: 64, OnLink: true, Autonomous: true,
		RouterAddress: true, ValidLifetime: time.Hour, PreferredLifetime: time.Minute}
	for _, c := range []struct {
		max, promised, lifetime time.Duration
	}{
		{70 * ms, 90 * ms, time.Second},
		{199 * ms, 219 * ms, time.Second},
		{200 * ms, 200 * ms, time.Second},
		{1500 * ms, 1500 * ms, 4 * time.Second},
		{10 * time.Second, 10 * time.Second, 30 * time.Second},
		{1800 * time.Second, 1800 * time.Second, 5400 * time.Second},
	} {
		for _, agent := range []bool{false, true} {
			r := newRig(t, 1, Config{Interval: fixed(c.max), HomeAgent: agent, Prefix: prefix})
			r.run(20 * time.Second)
			promised, ok := r.last.Options().AdvertisementInterval()
			if !ok || promised != c.promised {
				t.Errorf("maximum %v: promises %v, want %v", c.max, promised, c.promised)
			}
			if got := r.last.RouterLifetime(); got != c.lifetime {
				t.Errorf("maximum %v: lifetime %v, want %v", c.max, got, c.lifetime)
			}
			if r.last.HomeAgent() != agent || r.last.CurHopLimit() != 64 {
				t.Errorf("home agent %v, hop limit %d", r.last.HomeAgent(), r.last.CurHopLimit())
			}
			if mac, ok := r.last.Options().SourceLinkLayer(); !ok || mac != (wire.MAC{2, 0, 0, 0, 0, 1}) {
				t.Errorf("link-layer address %v", mac)
			}
			prefixes := 0
			for o := r.last.Options(); o.Next(); {
				if p, ok := o.PrefixInformation(); ok {
					prefixes++
					if p != prefix {
						t.Errorf("prefix %+v", p)
					}
				}
			}
			if prefixes != 1 {
				t.Errorf("%d prefixes", prefixes)
			}
		}
	}
}

// A node that arrives at a random late instant waits (a²+ab+b²)/(3(a+b)) in the mean for the
// next advertisement, if the intervals are uniform between a and b: long intervals are more
// likely to be hit (renewal theory).
func TestMeanWait(t *testing.T) {
	for _, c := range []struct{ a, b time.Duration }{{30 * ms, 70 * ms}, {1 * time.Second, 3 * time.Second}, {50 * ms, 50 * ms}, {10 * ms, 1000 * ms}} {
		const n = 4000
		var sum, squares float64
		arrivals := rand.New(rand.NewPCG(5, 5))
		for seed := range uint64(n) {
			r := newRig(t, seed, Config{Interval: Range{c.a, c.b}})
			// Late: many intervals have gone by, and the instant is uniform over more of them.
			at := time.Duration(float64(20*c.b) + arrivals.Float64()*float64(10*c.b))
			r.run(at)
			wait := r.stack.Deadline().Sub(r.now).Seconds()
			sum += wait
			squares += wait * wait
		}
		mean := sum / n
		standardError := math.Sqrt((squares/n - mean*mean) / (n - 1))
		a, b := c.a.Seconds(), c.b.Seconds()
		want := (a*a + a*b + b*b) / (3 * (a + b))
		if math.Abs(mean-want) > 4*standardError {
			t.Errorf("intervals of %v to %v: mean wait %.6f s, want %.6f within %.6f", c.a, c.b, mean, want, 4*standardError)
		}
	}
}

// A home agent tells its preference and lifetime where they are not the defaults (RFC 6275
// section 7.4); one that is no default router has a Router Lifetime of 0 (row B-42).
func TestHomeAgentInformation(t *testing.T) {
	for _, c := range []struct {
		what     string
		cfg      Config
		told     bool
		lifetime time.Duration
	}{
		{"a home agent with default values", Config{HomeAgent: true}, false, 4 * time.Second},
		{"a preferred one", Config{HomeAgent: true, Preference: 7}, true, 4 * time.Second},
		{"one that is no default router", Config{HomeAgent: true, NotDefault: true}, true, 0},
	} {
		c.cfg.Interval = fixed(1500 * ms)
		r := newRig(t, 1, c.cfg)
		r.run(5 * time.Second)
		if got := r.last.RouterLifetime(); got != c.lifetime {
			t.Errorf("%s: router lifetime %v, want %v", c.what, got, c.lifetime)
		}
		h, ok := r.last.Options().HomeAgentInformation()
		if ok != c.told || ok && (h.Preference != c.cfg.Preference || h.Lifetime != 4*time.Second) {
			t.Errorf("%s: option %v, %+v", c.what, ok, h)
		}
	}
}
