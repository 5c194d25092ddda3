package isatap

import (
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/nd"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

var (
	host4   = netip.MustParseAddr("10.1.1.23")
	router4 = netip.MustParseAddr("10.1.1.1")
	other4  = netip.MustParseAddr("10.1.1.66")
	prefix  = netip.MustParsePrefix("2001:db8:15a::/64")
)

// RFC 5214 section 6.1.
func TestAddresses(t *testing.T) {
	if got := wire.FromPrefix(prefix, InterfaceID(host4, false)); got != netip.MustParseAddr("2001:db8:15a::5efe:0a01:0117") {
		t.Errorf("private: %v", got)
	}
	if got := LinkLocal(netip.MustParseAddr("198.51.100.7"), true); got != netip.MustParseAddr("fe80::200:5efe:c633:6407") {
		t.Errorf("unique: %v", got)
	}
	for _, a := range []netip.Addr{LinkLocal(host4, false), LinkLocal(host4, true)} {
		if e, ok := Embedded(a); !ok || e != host4 {
			t.Errorf("%v embeds %v", a, e)
		}
	}
	for _, s := range []string{"fe80::1", "fe80::100:5efe:a01:117", "fe80::5eff:a01:117", "10.1.1.23"} {
		if e, ok := Embedded(netip.MustParseAddr(s)); ok {
			t.Errorf("%s embeds %v", s, e)
		}
	}
}

// site is a host and a router on a link without delay, where Ethernet is left out.
type site struct {
	t            *testing.T
	pool         packet.Pool
	host, router *ip.Stack
	h, r         *Interface
	heard        []nd.Advertisement
	drops        []trace.Reason
	answers      bool
}

func newSite(t *testing.T, cfg Config) *site {
	s := &site{t: t, answers: true}
	make := func(name string, a netip.Addr) (*ip.Stack, *Interface, *nd.Neighbours) {
		st := ip.New(name, &s.pool, []ip.Interface{{Name: "eth0", MTU: 1500, Up: true}, {Name: "isatap0"}})
		st.AddAddress(0, a, 24, ip.Preferred)
		st.AddRoute(ip.Route{Prefix: netip.PrefixFrom(a, 24).Masked(), Iface: 0})
		return st, New(st, 1), nd.New(st)
	}
	var n *nd.Neighbours
	s.host, s.h, n = make("host", host4)
	n.OnAdvertisement = func(_ vtime.Time, a nd.Advertisement) { s.heard = append(s.heard, a) }
	s.host.Handle(wire.ProtoIPv6, func(now vtime.Time, p *packet.Buf, in ip.Info) {
		if !s.h.Accepts(p, in) {
			s.host.Out.Drop(p, trace.TunnelSource)
			return
		}
		s.h.Receive(now, p, in)
	})
	s.router, s.r, _ = make("router", router4)
	s.router.Forwarding = true
	s.r.Up(router4, false, nil)
	Advertise(s.r, rand.New(rand.NewPCG(1, 1)), cfg)
	return s
}

// run carries packets between the two until there are none, and advances both clocks.
func (s *site) run(until vtime.Time) {
	for now := vtime.Time(0); ; {
		for moved := true; moved; {
			moved = false
			for _, st := range []*ip.Stack{s.host, s.router} {
				for e, ok := st.Poll(); ok; e, ok = st.Poll() {
					s.carry(now, st, e)
					moved = true
				}
			}
		}
		next := vtime.Min(s.host.Deadline(), s.router.Deadline())
		if next > until {
			break
		}
		now = next
		s.host.HandleDeadline(now)
		s.router.HandleDeadline(now)
	}
	if s.pool.Live() != 0 {
		s.t.Fatalf("%d packets live", s.pool.Live())
	}
}

func (s *site) carry(now vtime.Time, from *ip.Stack, e machine.Effect) {
	switch e.Kind {
	case machine.Send:
		if h, err := wire.ParseIPv4(e.Packet.Bytes()); err != nil || h.Protocol() != wire.ProtoIPv6 {
			s.t.Fatalf("%s sent something else than a tunnel packet: %x", from.Name, e.Packet.Bytes())
		}
		to := s.router
		if from == s.router {
			to = s.host
		}
		if to == s.router && !s.answers {
			e.Packet.Release()
			return
		}
		to.HandlePacket(now, 0, e.Packet)
	case machine.Drop:
		s.drops = append(s.drops, e.Reason)
		e.Packet.Release()
	case machine.Absorb, machine.Deliver:
		e.Packet.Release()
	}
}

// RFC 5214 sections 8.2 and 8.3: the solicitation goes straight to the router, the answer
// straight back after the router's delay.
func TestSolicitation(t *testing.T) {
	s := newSite(t, Config{DelayMin: 20 * time.Millisecond, DelayMax: 20 * time.Millisecond,
		Fields: wire.RouterAdvertisementFields{RouterLifetime: time.Hour, Prefixes: []wire.PrefixInformation{
			{Address: prefix.Addr(), PrefixLen: 64, OnLink: true, Autonomous: true, ValidLifetime: time.Hour, PreferredLifetime: time.Hour}}}})
	s.h.Up(host4, false, []netip.Addr{router4})
	s.h.Solicit(0)
	s.run(vtime.Time(19 * time.Millisecond))
	if len(s.heard) != 0 || !s.h.Searching() {
		t.Fatal("answered before the delay, or no longer searching")
	}
	s.run(vtime.Time(20 * time.Millisecond))
	if len(s.heard) != 1 || s.heard[0].Router != LinkLocal(router4, false) || s.heard[0].Prefixes[0].Prefix() != prefix || s.heard[0].Iface != 1 {
		t.Fatalf("heard %+v", s.heard)
	}
	a := s.h.Configure(prefix, false)
	if r, ok := s.host.Route(netip.MustParseAddr("2001:db8:c::1")); !ok || r.Iface != 1 || r.Gateway != LinkLocal(router4, false) {
		t.Errorf("default route %+v", r)
	}
	if s.host.Address(a) == nil {
		t.Error("no care-of address")
	}
	s.h.Stop()
	s.h.Down()
	if _, ok := s.host.Route(netip.MustParseAddr("2001:db8:c::1")); ok || s.h.Local().IsValid() {
		t.Error("something of the site is left after Down")
	}
}

// Nobody answers: three solicitations, four seconds apart, and the owner hears of it.
func TestNoRouter(t *testing.T) {
	s := newSite(t, Config{})
	s.answers = false
	failed := vtime.Never
	s.h.Failed = func(now vtime.Time) { failed = now }
	s.h.Up(host4, false, []netip.Addr{router4})
	s.h.Solicit(0)
	s.run(vtime.Time(time.Minute))
	if failed != vtime.Time(12*time.Second) || s.h.Searching() {
		t.Errorf("failed at %v", failed)
	}
}

// RFC 5214 section 7.3: the IPv4 source must be right for the IPv6 one, and a Router
// Advertisement must come from a router of the list.
func TestAccepts(t *testing.T) {
	s := newSite(t, Config{})
	s.h.Up(host4, false, []netip.Addr{router4})
	s.run(0)
	inner := func(src netip.Addr, advertisement bool) *packet.Buf {
		typ := uint8(wire.ICMPv6EchoRequest)
		if advertisement {
			typ = wire.ICMPv6RouterAdvertisement
		}
		p := s.pool.From([]byte{typ, 0, 0, 0, 0, 0, 0, 0})
		s.host.Push6(p, src, LinkLocal(host4, false), wire.ProtoICMPv6, 0, 255)
		return p
	}
	global := netip.MustParseAddr("2001:db8:c::99")
	for _, c := range []struct {
		what  string
		outer netip.Addr
		dst   netip.Addr
		p     *packet.Buf
		want  bool
	}{
		{"a neighbour with its own address", other4, host4, inner(LinkLocal(other4, false), false), true},
		{"a neighbour with somebody else's", other4, host4, inner(LinkLocal(router4, false), false), false},
		{"the router forwards for anybody", router4, host4, inner(global, false), true},
		{"a neighbour does not", other4, host4, inner(global, false), false},
		{"an advertisement of the router", router4, host4, inner(LinkLocal(router4, false), true), true},
		{"an advertisement of a neighbour", other4, host4, inner(LinkLocal(other4, false), true), false},
		{"not to the locator", router4, other4, inner(global, false), false},
	} {
		if got := s.h.Accepts(c.p, ip.Info{WireSource: c.outer, WireDest: c.dst, Protocol: wire.ProtoIPv6}); got != c.want {
			t.Errorf("%s: %v", c.what, got)
		}
		c.p.Release()
	}
	var none *Interface
	if none.Accepts(nil, ip.Info{}) || none.Searching() || none.Is(0) || none.Local().IsValid() {
		t.Error("a nil interface is up")
	}
	none.Down()
}

// A neighbour whose address embeds no IPv4 address cannot be reached.
func TestCarryNeedsAnEmbeddedAddress(t *testing.T) {
	s := newSite(t, Config{})
	s.h.Up(host4, false, nil)
	p := s.pool.From([]byte{})
	s.host.Push6(p, LinkLocal(host4, false), netip.MustParseAddr("fe80::1"), wire.ProtoNone, 0, 64)
	s.h.carry(0, netip.MustParseAddr("fe80::1"), p)
	s.run(0)
	if len(s.drops) != 1 || s.drops[0] != trace.NoRoute {
		t.Errorf("drops %v", s.drops)
	}
}
