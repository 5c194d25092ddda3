package ip

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/vtime"

	"pgregory.net/rapid"
)

// RFC 6724 as far as it matters here: the scope of the destination, then its interface.
func TestSourceSelection(t *testing.T) {
	r := newRig(t)
	r.AddAddress(lan, addr("2001:db8:1::2"), 64, Preferred) // a second one never wins
	r.AddAddress(dmz, addr("2001:db8:3::2"), 64, Tentative)
	r.AddAddress(dmz, addr("::ffff:192.0.2.1"), 128, Preferred)
	r.effects()
	for _, c := range []struct {
		iface     machine.Iface
		dst, want string
	}{
		{lan, "2001:db8:9::9", "2001:db8:1::1"},
		{dmz, "2001:db8:9::9", "2001:db8:3::1"},
		{core, "2001:db8:9::9", "2001:db8:1::1"}, // none of its own: any of the node's
		{lan, "ff05::9", "2001:db8:1::1"},
		{lan, "fe80::9", "fe80::1"},
		{lan, "ff02::9", "fe80::1"},
		{dmz, "fe80::9", ""}, // another link's address means nothing there
		{dmz, "ff02::9", ""},
		{core, "fe80::9", ""},
		{lan, "198.51.100.9", "192.0.2.1"},
		{dmz, "198.51.100.9", "192.0.2.1"},
		{Virtual, "198.51.100.9", "203.0.113.1"},
		{lan, "224.0.0.9", "192.0.2.1"},
	} {
		got, ok := r.SourceFor(c.iface, addr(c.dst))
		if ok != (c.want != "") || ok && got != addr(c.want) {
			t.Errorf("from interface %d to %s: %v %v, want %s", c.iface, c.dst, got, ok, c.want)
		}
	}
	for _, s := range []State{Tentative, Receiving} {
		r.Address(addr("2001:db8:1::1")).State = s
		if got, _ := r.SourceFor(lan, addr("2001:db8:9::9")); got != addr("2001:db8:1::2") {
			t.Errorf("state %d: %v is chosen", s, got)
		}
	}
	r.Address(addr("2001:db8:1::1")).State = Preferred
	r.RemoveAddress(addr("2001:db8:1::1"))
	if got, _ := r.SourceFor(lan, addr("2001:db8:9::9")); got != addr("2001:db8:1::2") {
		t.Errorf("a removed address leaves %v", got)
	}
}

// An IPv6 address on Ethernet listens to its solicited-node group (RFC 4861 section 7.2.1);
// one that belongs to no link does not, so that no neighbour is answered for it.
func TestAddressesJoinTheirGroups(t *testing.T) {
	r := newRig(t)
	r.AddAddress(lan, addr("2001:db8:1::5"), 64, Preferred)
	r.expect(r.effects(), "group 33:33:ff:00:00:05 true; address 2001:db8:1::5 true")
	r.AddAddress(dmz, addr("2001:db8:3::5"), 64, Preferred) // shares the group
	r.expect(r.effects(), "group 33:33:ff:00:00:05 true; address 2001:db8:3::5 true")
	r.RemoveAddress(addr("2001:db8:1::5"))
	r.expect(r.effects(), "group 33:33:ff:00:00:05 false; address 2001:db8:1::5 false")
	r.expect(r.input(dmz, ip6("2001:db8:3::9", "ff02::1:ff00:5", 64, wire.ProtoNone, nil)), "absorb")
	r.Handle(wire.ProtoNone, func(_ vtime.Time, p *packet.Buf, _ Info) { r.Turn(p); r.Out.Absorb(p) })
	r.expect(r.input(dmz, ip6("2001:db8:3::9", "ff02::1:ff00:5", 64, wire.ProtoNone, nil)), "turn; absorb")
	r.RemoveAddress(addr("2001:db8:3::5"))
	r.RemoveAddress(addr("2001:db8:3::5"))
	r.expect(r.effects(), "group 33:33:ff:00:00:05 false; address 2001:db8:3::5 false")
	r.expect(r.input(dmz, ip6("2001:db8:3::9", "ff02::1:ff00:5", 64, wire.ProtoNone, nil)), "absorb")

	for _, c := range []struct {
		iface machine.Iface
		a     string
	}{{Virtual, "2001:db8:1::6"}, {core, "2001:db8:2::6"}, {lan, "192.0.2.6"}, {lan, "::ffff:192.0.2.6"}} {
		r.AddAddress(c.iface, addr(c.a), 64, Preferred)
		r.expect(r.effects(), "address "+c.a+" true")
		r.RemoveAddress(addr(c.a))
		r.expect(r.effects(), "address "+c.a+" false")
	}
}

// Turn is a mark for the test above.
func (r *rig) Turn(p *packet.Buf) { r.Out.Turn(p) }

func TestAddressIsReplaced(t *testing.T) {
	r := newRig(t)
	n := len(r.Addresses())
	r.AddAddress(lan, addr(own4), 24, Tentative)
	if a := r.Address(addr(own4)); len(r.Addresses()) != n || a.State != Tentative || a.Bits != 24 || a.Iface != lan {
		t.Errorf("%d addresses, want %d; %+v", len(r.Addresses()), n, a)
	}
}

// Whether an address is the node's own changes at once, cached destinations included.
func TestAddressesInvalidateTheCache(t *testing.T) {
	r := newRig(t)
	const a = "2001:db8:1::5"
	forwarded := "send lan via 2001:db8:1::5: 2001:db8:2::9>2001:db8:1::5 hl=63 next=59"
	in := func() string { return r.input(core, ip6(out6, a, 64, wire.ProtoNone, nil)) }
	r.expect(in(), forwarded)
	r.AddAddress(lan, addr(a), 64, Preferred)
	r.effects()
	r.expect(in(), "absorb")
	r.RemoveAddress(addr(a))
	r.effects()
	r.expect(in(), forwarded)
}

func TestRoutes(t *testing.T) {
	r := newRig(t)
	p := netip.MustParsePrefix
	via := func(dst string) string {
		route, ok := r.Route(addr(dst))
		if !ok {
			return "none"
		}
		return fmt.Sprintf("%v %d %v", route.Prefix, route.Iface, route.Gateway)
	}
	r.expect(via("2001:db8:77::1"), "none")
	r.AddRoute(Route{Prefix: p("::/0"), Iface: core})
	r.expect(via("2001:db8:77::1"), "::/0 1 invalid IP") // nothing of "none" is remembered
	r.AddRoute(Route{Prefix: p("2001:db8::/32"), Iface: dmz})
	r.expect(via("2001:db8:77::1"), "2001:db8::/32 2 invalid IP")
	r.AddRoute(Route{Prefix: p("2001:db8:77::/48"), Iface: lan, Gateway: addr("fe80::7"), Learnt: true})
	r.AddRoute(Route{Prefix: p("2001:db8:77::/48"), Iface: dmz}) // the first one counts
	r.AddRoute(Route{Prefix: p("2001:db8:77::1/128"), Iface: Virtual, Learnt: true})
	r.expect(via("2001:db8:77::1"), "2001:db8:77::1/128 -2 invalid IP")
	r.expect(via("2001:db8:77::2"), "2001:db8:77::/48 0 fe80::7")
	r.expect(via("2001:db8:78::2"), "2001:db8::/32 2 invalid IP")
	r.expect(via("198.51.100.9"), "198.51.100.0/24 1 invalid IP")
	r.expect(via("203.0.113.77"), "none") // ::/0 is no route for IPv4
	r.RemoveRoutes(func(o Route) bool { return o.Learnt })
	r.expect(via("2001:db8:77::1"), "2001:db8:77::/48 2 invalid IP")
	if _, ok := r.Route(netip.Addr{}); ok {
		t.Error("a route to no address")
	}
	bits := []int{}
	for _, o := range r.Routes() {
		bits = append(bits, o.Prefix.Bits())
	}
	if !slices.IsSortedFunc(bits, func(a, b int) int { return b - a }) {
		t.Errorf("not most specific first: %v", bits)
	}
	r.Routes()[0].Iface = 99 // a copy
	if r.Routes()[0].Iface == 99 {
		t.Error("Routes hands out the table itself")
	}
}

// The cache of destinations beside a search through the routes, with routes coming and
// going and more destinations than the cache has places.
func TestRoutesAgainstModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := New("r", &packet.Pool{}, []Interface{{Name: "a"}})
		destination := func(rt *rapid.T) netip.Addr {
			n := rapid.IntRange(0, 99).Draw(rt, "destination")
			if n%3 == 0 {
				return netip.AddrFrom4([4]byte{10, 0, byte(n % 4), byte(n)})
			}
			return netip.AddrFrom16([16]byte{0x20, 0x01, 6: byte(n % 5), 15: byte(n)})
		}
		next := machine.Iface(0)
		rt.Repeat(map[string]func(*rapid.T){
			"add": func(rt *rapid.T) {
				a := destination(rt)
				p, err := a.Prefix(rapid.SampledFrom([]int{0, 8, 24, 32, 56, 64, 128}).Draw(rt, "bits") % (a.BitLen() + 1))
				if err != nil {
					rt.Fatal(err)
				}
				next++
				s.AddRoute(Route{Prefix: p, Iface: next})
			},
			"remove": func(rt *rapid.T) {
				k := machine.Iface(rapid.IntRange(1, 5).Draw(rt, "one of"))
				s.RemoveRoutes(func(r Route) bool { return r.Iface%5 == k })
			},
			"look up": func(rt *rapid.T) {
				a := destination(rt)
				var want Route
				for _, r := range s.Routes() {
					if r.Prefix.Contains(a) && (!want.Prefix.IsValid() || r.Prefix.Bits() > want.Prefix.Bits() ||
						r.Prefix.Bits() == want.Prefix.Bits() && r.Iface < want.Iface) {
						want = r
					}
				}
				got, ok := s.Route(a)
				if ok != want.Prefix.IsValid() || got != want {
					rt.Fatalf("route to %v: %+v, want %+v", a, got, want)
				}
			},
		})
	})
}

func TestCacheIsBounded(t *testing.T) {
	r := newRig(t)
	for i := range 100_000 {
		r.Route(netip.AddrFrom16([16]byte{0x20, 0x01, 0x0d, 0xb8, 7: 2, 12: byte(i >> 24), 13: byte(i >> 16), 14: byte(i >> 8), 15: byte(i)}))
	}
	if n := len(r.routes.cache); n != cacheLimit {
		t.Errorf("%d places in the cache, want %d", n, cacheLimit)
	}
}

// What hangs on a stack: link changes, timers, the end of a run.
func TestParts(t *testing.T) {
	r := newRig(t)
	var heard []string
	note := func(format string, args ...any) { heard = append(heard, fmt.Sprintf(format, args...)) }
	r.OnLink(func(now vtime.Time, e machine.LinkEvent) {
		note("first %v %v at %v", e.Iface, e.Up, r.Interface(e.Iface).Up)
	})
	r.OnLink(func(now vtime.Time, e machine.LinkEvent) { note("second") })
	r.HandleLink(5, machine.LinkEvent{Iface: dmz, Up: true})
	timer := r.Timers.New(func(now vtime.Time) { note("timer at %d", now) })
	After(timer, 5, 10*time.Nanosecond)
	if r.Deadline() != 15 {
		t.Errorf("deadline %v", r.Deadline())
	}
	r.HandleDeadline(14)
	r.HandleDeadline(15)
	p := r.Pool.New(0, 1)
	r.OnEnd(func(take func(*packet.Buf)) { take(p) })
	r.End(func(b *packet.Buf) { note("end %v", b == p); b.Release() })
	want := []string{"first 2 true at true", "second", "timer at 15", "end true"}
	if !slices.Equal(heard, want) {
		t.Errorf("got %q want %q", heard, want)
	}
	if r.Interfaces() != 3 || r.Deadline() != vtime.Never {
		t.Errorf("%d interfaces, deadline %v", r.Interfaces(), r.Deadline())
	}
}

// Identifications are counted per node (RFC 791 section 3.2).
func TestIdentifications(t *testing.T) {
	r := newRig(t)
	var ids []uint16
	for range 3 {
		p := r.Pool.New(0, 0)
		r.Push4(p, addr(own4), addr(out4), 17, 0, 64)
		ids = append(ids, wire.IPv4(p.Bytes()).ID())
		p.Release()
	}
	if ids[1] != ids[0]+1 || ids[2] != ids[0]+2 {
		t.Errorf("identifications %v", ids)
	}
}
