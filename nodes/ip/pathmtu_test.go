package ip_test

import (
	"net/netip"
	"testing"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/vtime"
)

// error6 is an ICMPv6 error of a router about a packet.
func error6(typ, code uint8, word uint32, about []byte) []byte {
	m := wire.AppendICMPv6Error(nil, typ, code, word, about, mid6, near6)
	b := make([]byte, wire.IPv6HeaderLen)
	wire.PutIPv6(b, wire.IPv6Fields{PayloadLen: len(m), NextHeader: wire.ProtoICMPv6, HopLimit: 64, Source: mid6, Destination: near6})
	return append(b, m...)
}

func error4(typ, code uint8, word uint32, about []byte, quote int) []byte {
	m := wire.AppendICMPv4Error(nil, typ, code, word, about, quote)
	b := make([]byte, wire.IPv4HeaderLen)
	wire.PutIPv4(b, wire.IPv4Fields{TotalLen: 20 + len(m), TTL: 64, Protocol: wire.ProtoICMPv4, Source: mid4, Destination: near4})
	return append(b, m...)
}

// What errors teach about a path (RFC 1981 section 4, RFC 1191 sections 3 and 7.1).
func TestPathMTU(t *testing.T) {
	own6, other6 := packet6(near6, far6, protocol, nil, payload(1460)), packet6(mid6, far6, protocol, nil, payload(1460))
	own4, other4 := packet4(near4, far4, 1, true, payload(1480)), packet4(mid4, far4, 1, true, payload(1480))
	cases := []struct {
		name string
		b    []byte
		want int
	}{
		{"packet too big", error6(2, 0, 1400, own6), 1400},
		{"below the minimum", error6(2, 0, 600, own6), 1280},
		{"larger than the link", error6(2, 0, 2000, own6), 1500},
		{"absurdly large", error6(2, 0, 0xffffffff, own6), 1500},
		{"about somebody else's packet", error6(2, 0, 1400, other6), 1500},
		{"another error", error6(1, 3, 1400, own6), 1500},
		{"quotes nothing", error6(2, 0, 1400, nil), 1500},
		{"fragmentation needed", error4(3, 4, 1000, own4, 8), 1000},
		{"IPv4, below the minimum", error4(3, 4, 20, own4, 8), 68},
		{"IPv4, about somebody else's packet", error4(3, 4, 1000, other4, 8), 1500},
		{"IPv4, another error", error4(3, 1, 1000, own4, 8), 1500},
		{"an old router", error4(3, 4, 0, own4, 8), 1492},
		{"an old router, a small packet", error4(3, 4, 0, packet4(near4, far4, 1, true, payload(200)), 8), 68},
	}
	for _, c := range cases {
		s := newStation(t, &packet.Pool{}, 1500, near6, near4)
		s.giveBytes(right, c.b)
		dst := far6
		if c.b[0]>>4 == 4 {
			dst = far4
		}
		if got := s.PathMTU(s.now, dst); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
		_, learnt := s.LearntMTU(s.now, dst)
		if learnt != (c.want != 1500) {
			t.Errorf("%s: learnt %v", c.name, learnt)
		}
	}
}

// A source uses what it has learnt, for ten minutes.
func TestPathMTUIsUsedAndForgotten(t *testing.T) {
	pool := &packet.Pool{}
	s := newStation(t, pool, 1500, near6, near4)
	own := packet6(near6, far6, protocol, nil, payload(1460))
	sizes := func() (n []int) {
		all := s.giveBytes(machine.Local, own)
		for _, p := range all {
			n = append(n, p.Len())
		}
		release(all)
		return n
	}
	want := func(when string, pieces int) {
		t.Helper()
		if got := sizes(); len(got) != pieces {
			t.Errorf("%s: packets of %v octets, want %d", when, got, pieces)
		}
	}
	want("at first", 1)
	s.giveBytes(right, error6(2, 0, 1400, own))
	want("with a path MTU", 2)
	s.now = s.now.Add(ip.PathMTUTimeout - 1)
	want("just before ten minutes are over", 2)
	s.giveBytes(right, error6(2, 0, 1450, own)) // a larger one is no news and prolongs nothing
	s.now++
	want("after ten minutes", 1)
	s.giveBytes(right, error6(2, 0, 1400, own))
	s.giveBytes(right, error6(2, 0, 1300, own))
	if mtu, _ := s.LearntMTU(s.now, far6); mtu != 1300 {
		t.Errorf("the smaller MTU does not win: %d", mtu)
	}
	s.ForgetPath(far6)
	want("when forgotten", 1)

	df := packet4(near4, far4, 1, true, payload(1400))
	s.giveBytes(right, error4(3, 4, 1000, df, 8))
	if got := s.giveBytes(machine.Local, df); len(got) != 0 || s.ends[len(s.ends)-1] != "too_big" {
		t.Errorf("a packet with DF beyond the path MTU: %d sent, ends %q", len(got), s.ends)
	}
	if got := s.giveBytes(machine.Local, packet4(near4, far4, 1, false, payload(1400))); len(got) != 2 {
		t.Errorf("without DF: %d packets", len(got))
	} else {
		release(got)
	}
}

// A router takes no notice of what it has learnt for its own packets, and never fragments
// IPv6.
func TestRouterAndMTU(t *testing.T) {
	pool := &packet.Pool{}
	r := newStation(t, pool, 1280, mid6, mid4)
	r.Forwarding = true
	cases := []struct {
		name string
		b    []byte
		want []byte // type and code of an error, or nil for fragments
		mtu  uint32
	}{
		{"IPv6", packet6(near6, far6, protocol, nil, payload(1300)), []byte{2, 0}, 1280},
		{"IPv4 with DF", packet4(near4, far4, 1, true, payload(1300)), []byte{3, 4}, 1280},
		{"IPv4", packet4(near4, far4, 1, false, payload(1300)), nil, 0},
	}
	for _, c := range cases {
		sent := r.giveBytes(left, c.b)
		if c.want == nil {
			if len(sent) != 2 {
				t.Errorf("%s: %d packets", c.name, len(sent))
			}
			release(sent)
			continue
		}
		at := 20
		if c.b[0]>>4 == 6 {
			at = 40
		}
		m := sent[0].Bytes()[at:]
		if len(sent) != 1 || string(m[:2]) != string(c.want) || wire.ICMPv6(m).MTU() != c.mtu {
			t.Errorf("%s: % x", c.name, m[:8])
		}
		release(sent)
	}
}

// The cache is bounded: the oldest entry gives way.
func TestPathMTUsAreBounded(t *testing.T) {
	s := newStation(t, &packet.Pool{}, 1500, near6)
	nth := func(i int) netip.Addr { return netip.AddrFrom16([16]byte{0x20, 1, 14: byte(i >> 8), 15: byte(i)}) }
	for i := range 1025 {
		s.giveBytes(right, error6(2, 0, 1400, packet6(near6, nth(i), protocol, nil, payload(1460))))
	}
	for i, want := range map[int]bool{0: false, 1: true, 1024: true} {
		if _, ok := s.LearntMTU(s.now, nth(i)); ok != want {
			t.Errorf("entry %d known: %v", i, ok)
		}
	}
}

func TestPathMTUWithoutRoute(t *testing.T) {
	s := newStation(t, &packet.Pool{}, 1500, near6, near4)
	s.giveBytes(right, error6(2, 0, 1400, packet6(near6, far6, protocol, nil, payload(1460))))
	s.RemoveRoutes(func(ip.Route) bool { return true })
	for a, want := range map[netip.Addr]int{far6: 1400, mid6: 1280, far4: 68} {
		if got := s.PathMTU(s.now, a); got != want {
			t.Errorf("%s: %d, want %d", a, got, want)
		}
	}
}

// Errors reach the protocol whose packet they quote, if enough of it is quoted.
func TestErrorsReachTheirProtocol(t *testing.T) {
	data := payload(100)
	frag := fragment6(1, payload(3000), part{1000, 2000, true})
	late := fragment4(1, payload(3000), part{1000, 2000, true})
	copy(frag[8:24], near6.AsSlice())
	cases := []struct {
		name string
		b    []byte
		want bool
	}{
		{"IPv6", error6(1, 3, 0, packet6(near6, far6, protocol, nil, data)), true},
		{"IPv6, of somebody else", error6(1, 3, 0, packet6(mid6, far6, protocol, nil, data)), false},
		{"IPv6, another protocol", error6(1, 3, 0, packet6(near6, far6, protocol-1, nil, data)), false},
		{"IPv6, a later fragment", error6(1, 3, 0, frag), false},
		{"IPv6, cut in an extension header", error6(1, 3, 0, packet6(near6, far6, wire.ProtoHopByHop, nil, data)[:41]), false},
		{"IPv4", error4(3, 1, 0, packet4(near4, far4, 1, false, data), 8), true},
		{"IPv4, of somebody else", error4(3, 1, 0, packet4(mid4, far4, 1, false, data), 8), false},
		{"IPv4, a later fragment", error4(3, 1, 0, late, 8), false},
		{"IPv4, a redirect", error4(wire.ICMPv4Redirect, 1, 0, packet4(near4, far4, 1, false, data), 8), true},
	}
	for _, c := range cases {
		s := newStation(t, &packet.Pool{}, 1500, near6, near4)
		var heard []ip.Quote
		s.HandleError(protocol, func(_ vtime.Time, q ip.Quote) { heard = append(heard, q) })
		s.giveBytes(right, c.b)
		if len(heard) == 1 != c.want {
			t.Errorf("%s: heard %v, want %v", c.name, heard, c.want)
			continue
		}
		if c.want {
			q := heard[0]
			at := len(c.b) - len(q.Packet)
			if q.Type != c.b[at-8] || q.Code != c.b[at-7] || q.Packet[q.Offset] != data[0] || q.TooBig() ||
				q.Source != near6 && q.Source != near4 || q.Destination != far6 && q.Destination != far4 ||
				q.Reporter != mid6 && q.Reporter != mid4 {
				t.Errorf("%s: %+v", c.name, q)
			}
		}
	}
}

// SendError makes errors about packets of which only a part is known.
func TestSendError(t *testing.T) {
	s := newStation(t, &packet.Pool{}, 1500, mid6, mid4)
	for name, b := range map[string][]byte{
		"IPv6": packet6(near6, far6, protocol, nil, payload(100))[:48],
		"IPv4": packet4(near4, far4, 1, false, payload(100))[:28],
	} {
		s.sent = nil
		s.SendError(s.now, b, 1, 3, 7)
		s.drain()
		if len(s.sent) != 1 {
			t.Errorf("%s: %d errors", name, len(s.sent))
		}
	}
	s.sent = nil
	s.SendError(s.now, payload(10), 1, 3, 0)
	if s.drain(); len(s.sent) != 0 {
		t.Error("an error about nothing")
	}
}
