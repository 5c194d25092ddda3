package ip

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/vtime"
)

const (
	in6, out6 = "2001:db8:1::9", "2001:db8:2::9" // on the LAN and behind the core
	in4, out4 = "192.0.2.9", "198.51.100.9"
)

// RFC 2460 section 3, RFC 1812 section 5.2: one hop is taken from the packet.
func TestForwarding(t *testing.T) {
	r := newRig(t)
	r.expect(r.input(lan, udp6(in6, out6, 64, 10)), "send core: 2001:db8:1::9>2001:db8:2::9 hl=63 next=17")
	r.expect(r.input(core, udp6(out6, in6, 2, 10)), "send lan via 2001:db8:1::9: 2001:db8:2::9>2001:db8:1::9 hl=1 next=17")
	r.expect(r.input(lan, udp4(in4, out4, 64, 10)), "send core: 192.0.2.9>198.51.100.9 ttl=63 protocol=17")
	r.expect(r.input(core, udp4(out4, in4, 2, 10)), "send lan via 192.0.2.9: 198.51.100.9>192.0.2.9 ttl=1 protocol=17")
}

// A gateway is the neighbour to resolve, the destination stays in the packet.
func TestForwardingThroughAGateway(t *testing.T) {
	r := newRig(t)
	r.AddRoute(Route{Prefix: netip.MustParsePrefix("::/0"), Iface: dmz, Gateway: addr("2001:db8:3::fe")})
	r.expect(r.input(lan, udp6(in6, "2001:db8:77::1", 64, 10)),
		"send dmz via 2001:db8:3::fe: 2001:db8:1::9>2001:db8:77::1 hl=63 next=17")
}

func TestHostsDoNotForward(t *testing.T) {
	r := newRig(t)
	r.Forwarding = false
	r.expect(r.input(lan, udp6(in6, out6, 64, 10)), "drop not_for_us")
	r.expect(r.input(lan, udp4(in4, out4, 64, 10)), "drop not_for_us")
}

// RFC 4443 section 3.3, RFC 1812 section 5.3.1. The source of the error is an address of
// the interface through which it leaves.
func TestHopLimitExceeded(t *testing.T) {
	r := newRig(t)
	for hops := range uint8(2) {
		r.expect(r.input(lan, udp6(in6, out6, hops, 10)),
			"send lan via 2001:db8:1::9: 2001:db8:1::1>2001:db8:1::9 hl=64 error 3/0 0 quotes all; drop hop_limit")
		r.expect(r.input(lan, udp4(in4, out4, hops, 10)),
			"send lan via 192.0.2.9: 192.0.2.1>192.0.2.9 ttl=64 error 11/0 0 quotes all; drop hop_limit")
	}
	// Towards the core, whose interface has no address, the loopback address speaks for the
	// router in IPv4; in IPv6 the first address of the right scope does.
	r.expect(r.input(core, udp6(out6, in6, 1, 10)),
		"send core: 2001:db8:1::1>2001:db8:2::9 hl=64 error 3/0 0 quotes all; drop hop_limit")
	r.RemoveAddress(addr("192.0.2.1"))
	r.effects()
	r.expect(r.input(core, udp4(out4, in4, 1, 10)),
		"send core: 203.0.113.1>198.51.100.9 ttl=64 error 11/0 0 quotes all; drop hop_limit")
}

func TestNoRoute(t *testing.T) {
	r := newRig(t)
	r.expect(r.input(lan, udp6(in6, "2001:db8:99::1", 64, 10)),
		"send lan via 2001:db8:1::9: 2001:db8:1::1>2001:db8:1::9 hl=64 error 1/0 0 quotes all; drop no_route")
	r.expect(r.input(lan, udp4(in4, "203.0.113.99", 64, 10)),
		"send lan via 192.0.2.9: 192.0.2.1>192.0.2.9 ttl=64 error 3/0 0 quotes all; drop no_route")
	r.expect(r.output(udp6("2001:db8:1::1", "2001:db8:99::1", 64, 10)), "drop no_route")
	r.AddRoute(Route{Prefix: netip.MustParsePrefix("2001:db8:99::/64"), Iface: Virtual}) // a black hole
	r.expect(r.output(udp6("2001:db8:1::1", "2001:db8:99::1", 64, 10)), "drop no_route")
}

// RFC 4443 section 2.4 (c): an error fits into 1280 octets, so it quotes 1232; in IPv4 it
// fits into 576 (RFC 1812 section 4.3.2.3), so it quotes 548.
func TestQuotesAreLimited(t *testing.T) {
	r := newRig(t)
	r.expect(r.input(lan, udp6(in6, out6, 1, 1300)),
		"send lan via 2001:db8:1::9: 2001:db8:1::1>2001:db8:1::9 hl=64 error 3/0 0 quotes 1232; drop hop_limit")
	r.expect(r.input(lan, udp4(in4, out4, 1, 1300)),
		"send lan via 192.0.2.9: 192.0.2.1>192.0.2.9 ttl=64 error 11/0 0 quotes 548; drop hop_limit")
}

// RFC 4443 section 3.2: the MTU is that of the next link.
func TestTooBig(t *testing.T) {
	r := newRig(t)
	r.expect(r.input(lan, udp6(in6, out6, 64, 1400-48)), "send core: 2001:db8:1::9>2001:db8:2::9 hl=63 next=17")
	r.expect(r.input(lan, udp6(in6, out6, 64, 1401-48)),
		"send lan via 2001:db8:1::9: 2001:db8:1::1>2001:db8:1::9 hl=64 error 2/0 1400 quotes 1232; drop too_big")
}

// RFC 1191 section 4.
func TestFragmentationNeeded(t *testing.T) {
	r := newRig(t)
	r.expect(r.input(lan, dontFragment(udp4(in4, out4, 64, 1400-28))), "send core: 192.0.2.9>198.51.100.9 ttl=63 protocol=17")
	r.expect(r.input(lan, dontFragment(udp4(in4, out4, 64, 1401-28))),
		"send lan via 192.0.2.9: 192.0.2.1>192.0.2.9 ttl=64 error 3/4 1400 quotes 548; drop too_big")
}

// dontFragment sets the DF flag of an IPv4 packet.
func dontFragment(b []byte) []byte {
	h := wire.IPv4(b)
	wire.PutIPv4(b, wire.IPv4Fields{TotalLen: len(b), DontFragment: true, TTL: h.TTL(), Protocol: h.Protocol(), Source: h.Source(), Destination: h.Destination()})
	return b
}

// RFC 4291 section 2.5: what is bound to a node or a link does not pass a router.
func TestBoundAddressesAreNotForwarded(t *testing.T) {
	r := newRig(t)
	r.AddRoute(Route{Prefix: netip.MustParsePrefix("::/0"), Iface: core})
	r.AddRoute(Route{Prefix: netip.MustParsePrefix("0.0.0.0/0"), Iface: core})
	for _, c := range []struct{ src, dst string }{
		{in6, "::"}, {in6, "::1"}, {in6, "fe80::9"}, {"::", out6}, {"::1", out6}, {"fe80::9", out6},
		{"::ffff:192.0.2.9", out6}, {in6, "::ffff:192.0.2.9"}, {"ff02::1", out6},
	} {
		r.expect(r.input(lan, udp6(c.src, c.dst, 64, 10)), "drop bad_source")
	}
	for _, c := range []struct{ src, dst string }{
		{in4, "0.0.0.0"}, {in4, "127.0.0.1"}, {in4, "169.254.1.1"}, {in4, "224.0.0.9"},
		{"0.0.0.0", out4}, {"127.0.0.1", out4}, {"169.254.1.1", out4}, {"224.0.0.9", out4}, {"255.255.255.255", out4},
	} {
		r.expect(r.input(lan, udp4(c.src, c.dst, 64, 10)), "drop bad_source")
	}
}

// Mapped addresses pass from an IPv4 tunnel only.
func TestMappedAddressesOutOfATunnel(t *testing.T) {
	r := newRig(t)
	r.AddAddress(Virtual, addr("::ffff:192.0.2.1"), 128, Receiving)
	r.effects()
	in := func(tunnel string) string {
		a := netip.Addr{}
		if tunnel != "" {
			a = addr(tunnel)
		}
		r.InputFrom(0, core, r.Pool.From(ip6(out6, "::ffff:192.0.2.1", 64, wire.ProtoNone, nil)), a)
		return r.effects()
	}
	r.expect(in(""), "drop bad_source")
	r.expect(in("2001:db8:2::1"), "drop bad_source")
	r.expect(in("198.51.100.1"), "absorb")
}

// RFC 2460 section 4: a router looks at the Hop-by-Hop header, and at no other.
func TestHopByHopIsExaminedOnTheWay(t *testing.T) {
	r := newRig(t)
	const hbh = wire.ProtoHopByHop
	r.expect(r.input(lan, options6(hbh, in6, out6, 0x1e, 0)), "send core: 2001:db8:1::9>2001:db8:2::9 hl=63 next=0")
	r.expect(r.input(lan, options6(hbh, in6, out6, 0x5e, 0)), "drop unknown_protocol")
	r.expect(r.input(lan, options6(hbh, in6, out6, 1, 0, 0x9e, 0)),
		"send lan via 2001:db8:1::9: 2001:db8:1::1>2001:db8:1::9 hl=64 error 4/2 44 quotes all; drop unknown_protocol")
	r.expect(r.input(lan, options6(wire.ProtoDestOpts, in6, out6, 0x9e, 0)), "send core: 2001:db8:1::9>2001:db8:2::9 hl=63 next=60")
	b := options6(hbh, in6, out6, 1, 0)
	b[41] = 200 // longer than the packet
	if got := r.input(lan, b); !strings.Contains(got, "error 4/0 ") || !strings.HasSuffix(got, "; drop malformed") {
		t.Error(got)
	}
}

func TestHop(t *testing.T) {
	r := newRig(t)
	for _, c := range []struct {
		b    []byte
		want bool
	}{
		{udp6(in6, out6, 2, 10), true}, {udp6(in6, out6, 1, 10), false}, {udp4(in4, out4, 2, 10), true}, {udp4(in4, out4, 1, 10), false},
	} {
		p := r.Pool.From(c.b)
		r.invoked = c.b
		if got := r.Hop(0, p); got != c.want {
			t.Errorf("Hop: %v", got)
		}
		if c.want {
			if got := r.describe(p.Bytes()); !strings.Contains(got, "hl=1 ") && !strings.Contains(got, "ttl=1 ") {
				t.Error(got)
			}
			p.Release()
		}
		r.effects()
	}
}

// diverter takes every packet whose destination it is told to.
type diverter struct {
	r    *rig
	dst  netip.Addr
	seen []string
}

func (d *diverter) DivertOutput(_ vtime.Time, p *packet.Buf, src, dst netip.Addr) bool {
	return d.divert("output", p, src, dst)
}

func (d *diverter) DivertForward(_ vtime.Time, in machine.Iface, p *packet.Buf, src, dst netip.Addr) bool {
	return d.divert(fmt.Sprint("forward from ", in, " hops ", wire.IPv6(p.Bytes()).HopLimit()), p, src, dst)
}

func (d *diverter) divert(what string, p *packet.Buf, src, dst netip.Addr) bool {
	d.seen = append(d.seen, fmt.Sprintf("%s %v>%v", what, src, dst))
	if dst != d.dst {
		return false
	}
	d.r.Out.Absorb(p)
	return true
}

// A diverter sees what is originated and forwarded, before a hop is taken, and not what is
// for this node; what it sends itself goes past it.
func TestDiverter(t *testing.T) {
	r := newRig(t)
	d := &diverter{r: r, dst: addr("2001:db8:2::7")}
	r.Diverter = d
	r.expect(r.input(lan, udp6(in6, "2001:db8:2::7", 64, 1)), "absorb")
	r.expect(r.input(lan, udp6(in6, out6, 64, 1)), "send core: 2001:db8:1::9>2001:db8:2::9 hl=63 next=17")
	r.expect(r.output(udp6("2001:db8:1::1", "2001:db8:2::7", 64, 1)), "absorb")
	r.expect(r.output(udp6("2001:db8:1::1", out6, 64, 1)), "send core: 2001:db8:1::1>2001:db8:2::9 hl=64 next=17")
	r.expect(r.input(lan, ip6(in6, "2001:db8:1::1", 64, wire.ProtoNone, nil)), "absorb")
	r.Originate(0, r.Pool.From(udp6("2001:db8:1::1", "2001:db8:2::7", 64, 1)), addr("2001:db8:2::7"))
	r.expect(r.effects(), "send core: 2001:db8:1::1>2001:db8:2::7 hl=64 next=17")
	want := "[forward from 0 hops 64 2001:db8:1::9>2001:db8:2::7 forward from 0 hops 64 2001:db8:1::9>2001:db8:2::9" +
		" output 2001:db8:1::1>2001:db8:2::7 output 2001:db8:1::1>2001:db8:2::9]"
	if got := fmt.Sprint(d.seen); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

// The steady forwarding path allocates nothing, whatever the number of destinations.
func TestForwardingAllocatesNothing(t *testing.T) {
	r := newRig(t)
	r.Resolver = sender{r.Stack}
	var packets [][]byte
	for i := range 100 {
		packets = append(packets, udp6(in6, fmt.Sprintf("2001:db8:2::%x", i+0x100), 64, 100), udp4(out4, fmt.Sprintf("192.0.2.%d", i+10), 64, 100))
	}
	forward := func() {
		for i, b := range packets {
			r.Input(r.now, []machine.Iface{lan, core}[i&1], r.Pool.From(b))
			e, ok := r.Poll()
			if !ok || e.Kind != machine.Send {
				t.Fatalf("effect %+v", e)
			}
			e.Packet.Release()
			r.Poll()
		}
	}
	for range 10 {
		forward() // the destination cache grows to its size
	}
	if n := testing.AllocsPerRun(10, forward); n != 0 {
		t.Errorf("%v allocations for %d packets", n, len(packets))
	}
}

type sender struct{ *Stack }

func (s sender) Resolve(_ vtime.Time, out machine.Iface, _ netip.Addr, p *packet.Buf) {
	s.Out.Send(out, p)
}
func (s sender) HandleARP(vtime.Time, machine.Iface, *packet.Buf) {}

// RFC 4443 section 2.4 (f): a token bucket of ten, a new token each 100 ms.
func TestErrorsAreLimited(t *testing.T) {
	r := newRig(t)
	errors := func(at time.Duration, n int) int {
		r.now = vtime.Time(at)
		sent := 0
		for i := range n {
			b := udp6(in6, out6, 1, 10)
			if i%2 == 1 {
				b = udp4(in4, out4, 1, 10) // both families share the bucket
			}
			sent += strings.Count(r.input(lan, b), "error")
		}
		return sent
	}
	for _, c := range []struct {
		at   time.Duration
		n    int
		want int
	}{
		{5 * time.Second, 25, 10}, // a burst, however long nothing happened
		{5099 * time.Millisecond, 5, 0},
		{5100 * time.Millisecond, 5, 1},
		{5150 * time.Millisecond, 5, 0},
		{5450 * time.Millisecond, 5, 3},
		{5500 * time.Millisecond, 5, 1},
		{15 * time.Second, 25, 10},
	} {
		if got := errors(c.at, c.n); got != c.want {
			t.Errorf("at %v %d errors about %d packets, want %d", c.at, got, c.n, c.want)
		}
	}
}
