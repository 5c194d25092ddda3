package ip_test

import (
	"bytes"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/vtime"
)

// protocol is the upper layer of the tests, from the numbers for experiments (RFC 3692).
const protocol = 253

var (
	near6, near4 = netip.MustParseAddr("2001:db8:1::1"), netip.MustParseAddr("192.0.2.1")
	far6, far4   = netip.MustParseAddr("2001:db8:2::1"), netip.MustParseAddr("198.51.100.1")
	mid6, mid4   = netip.MustParseAddr("2001:db8:3::1"), netip.MustParseAddr("203.0.113.1")
)

// station is a node with two point-to-point links, so that what it sends starts with the IP
// header, and an upper layer that keeps what it gets.
type station struct {
	*ip.Stack
	t    failer
	pool *packet.Pool
	now  vtime.Time
	sent []*packet.Buf
	ends []string // of packets, other than by being sent
	got  [][]byte // octets behind the IP headers, as the upper layer saw them
	full [][]byte // the same packets from the IP header on
	tags []packet.Tag
}

type failer interface {
	Helper()
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
}

const (
	left, right machine.Iface = 0, 1
)

func newStation(t failer, pool *packet.Pool, mtu int, own ...netip.Addr) *station {
	s := &station{t: t, pool: pool}
	s.Stack = ip.New("station", pool, []ip.Interface{{Name: "left", MTU: mtu, Up: true}, {Name: "right", MTU: mtu, Up: true}})
	for _, a := range own {
		s.AddAddress(left, a, a.BitLen(), ip.Preferred)
	}
	for _, p := range []string{"2001:db8:1::/48", "192.0.2.0/24"} {
		s.AddRoute(ip.Route{Prefix: netip.MustParsePrefix(p), Iface: left})
	}
	for _, p := range []string{"::/0", "0.0.0.0/0"} {
		s.AddRoute(ip.Route{Prefix: netip.MustParsePrefix(p), Iface: right})
	}
	s.Handle(protocol, func(_ vtime.Time, p *packet.Buf, in ip.Info) {
		s.got = append(s.got, bytes.Clone(p.Bytes()[in.Offset:]))
		s.full = append(s.full, bytes.Clone(p.Bytes()))
		s.tags = append(s.tags, p.Tag())
		s.Out.Absorb(p)
	})
	s.drain()
	return s
}

func (s *station) drain() {
	for e, ok := s.Poll(); ok; e, ok = s.Poll() {
		switch e.Kind {
		case machine.Send:
			s.sent = append(s.sent, e.Packet)
		case machine.Drop:
			s.ends = append(s.ends, e.Reason.String())
			e.Packet.Release()
		case machine.Absorb, machine.Deliver:
			e.Packet.Release()
		}
	}
}

// give lets the station handle a packet. It returns what it sends.
func (s *station) give(in machine.Iface, p *packet.Buf) []*packet.Buf {
	s.sent = nil
	s.HandlePacket(s.now, in, p)
	s.drain()
	return s.sent
}

func (s *station) giveBytes(in machine.Iface, b []byte) []*packet.Buf {
	return s.give(in, s.pool.From(b))
}

// wait lets time pass up to the next deadline.
func (s *station) wait() []*packet.Buf {
	s.sent = nil
	s.now = s.Deadline()
	s.HandleDeadline(s.now)
	s.drain()
	return s.sent
}

func release(all []*packet.Buf) {
	for _, p := range all {
		p.Release()
	}
}

// payload makes n octets that differ from place to place.
func payload(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i ^ i>>8*37)
	}
	return b
}

// packet6 is an IPv6 packet; extra stands between its header and the upper layer and starts
// with the header numbered next.
func packet6(src, dst netip.Addr, next uint8, extra, data []byte) []byte {
	b := make([]byte, wire.IPv6HeaderLen)
	wire.PutIPv6(b, wire.IPv6Fields{PayloadLen: len(extra) + len(data), NextHeader: next, HopLimit: 64, Source: src, Destination: dst})
	return append(append(b, extra...), data...)
}

func packet4(src, dst netip.Addr, id uint16, df bool, data []byte) []byte {
	b := make([]byte, wire.IPv4HeaderLen)
	wire.PutIPv4(b, wire.IPv4Fields{TotalLen: len(b) + len(data), ID: id, DontFragment: df, TTL: 64, Protocol: protocol, Source: src, Destination: dst})
	return append(b, data...)
}

// Whatever the size, the MTUs on the way, the order, the duplicates and the losses: a packet
// arrives whole and once, or not at all and everything that came of it ends after the timeout.
func TestFragmentsMakeThePacketAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pool := &packet.Pool{}
		v6 := rapid.Bool().Draw(t, "IPv6")
		least := 68
		if v6 {
			least = 1280
		}
		mtus := rapid.SliceOfN(rapid.IntRange(least, 3000), 1, 3).Draw(t, "MTUs")
		data := payload(rapid.IntRange(1, 9000).Draw(t, "octets"))
		var options []byte
		next := uint8(protocol)
		if v6 && rapid.Bool().Draw(t, "hop-by-hop options") {
			next, options = wire.ProtoHopByHop, []byte{protocol, 0, 1, 4, 0, 0, 0, 0}
		}
		whole := packet4(near4, far4, 1, false, data)
		if v6 {
			whole = packet6(near6, far6, next, options, data)
			slices.Sort(mtus) // what is narrower later on, a router would have to refuse
		}

		source := newStation(t, pool, mtus[0], near6, near4)
		p := pool.From(whole)
		p.SetTag(packet.Tag{Flow: 7, Sequence: 3})
		pieces := source.give(machine.Local, p)
		check := func(pieces []*packet.Buf, mtu int) {
			for _, f := range pieces {
				if f.Len() > mtu {
					t.Fatalf("a fragment of %d octets on a link of %d", f.Len(), mtu)
				}
				if f.Tag().Flow != 7 || f.Tag().Sequence != 3 {
					t.Fatalf("a fragment of another packet: %+v", f.Tag())
				}
			}
		}
		check(pieces, mtus[0])
		for _, mtu := range mtus[1:] {
			r := newStation(t, pool, mtu, mid6, mid4)
			r.Forwarding = true
			var passed []*packet.Buf
			for _, f := range pieces {
				passed = append(passed, r.give(left, f)...)
			}
			if len(r.ends) > 0 {
				t.Fatalf("a router of MTU %d: %v", mtu, r.ends)
			}
			check(passed, mtu)
			pieces = passed
		}

		for _, f := range pieces {
			if n := f.Tag().Overhead; n != 0 { // which is of encapsulation, not of fragmentation
				t.Fatalf("overhead of %d octets in a fragment", n)
			}
		}

		lost := map[int]bool{}
		if len(pieces) > 1 && rapid.Bool().Draw(t, "loss") {
			lost[rapid.IntRange(0, len(pieces)-1).Draw(t, "lost")] = true
		}
		order := rapid.Permutation(indices(len(pieces))).Draw(t, "order")
		last, double := len(order)-1, -1
		if len(order) > 1 {
			double = rapid.IntRange(-1, last-1).Draw(t, "duplicate") // a copy after the end would be a packet of its own
		}
		sink := newStation(t, pool, 9999, far6, far4)
		for i, n := range order {
			if lost[n] {
				pieces[n].Release()
				continue
			}
			if i == double && n != order[last] {
				release(sink.give(left, pieces[n].Clone()))
			}
			release(sink.give(left, pieces[n]))
		}
		if len(lost) == 0 {
			if len(sink.got) != 1 || !bytes.Equal(sink.got[0], data) {
				t.Fatalf("%d packets delivered, or a wrong one; ends %v", len(sink.got), sink.ends)
			}
			if want := (packet.Tag{Flow: 7, Sequence: 3}); sink.tags[0] != want {
				t.Fatalf("tag %+v, want %+v", sink.tags[0], want)
			}
			same := bytes.Clone(sink.full[0])
			if v6 {
				same[7] = whole[7] // hop limits differ
			} else {
				h := wire.IPv4(same)
				for h.TTL() > 64-uint8(len(mtus))+1 {
					h.DecrementTTL()
				}
				if h.IsFragment() || h.TotalLen() != len(whole) {
					t.Fatalf("reassembled with fragment %v, total length %d of %d", h.IsFragment(), h.TotalLen(), len(whole))
				}
				if _, err := wire.ParseIPv4(same); err != nil {
					t.Fatalf("reassembled: %v", err)
				}
				same = whole // identification and TTL were the stack's to set
			}
			if !bytes.Equal(same, whole) {
				t.Fatalf("reassembled\n% x\nwant\n% x", same[:64], whole[:64])
			}
		} else {
			if len(sink.got) != 0 {
				t.Fatalf("delivered although a fragment was lost")
			}
			if errors := sink.wait(); (len(errors) == 1) != !lost[0] {
				t.Fatalf("%d ICMP errors, first fragment lost: %v", len(errors), lost[0])
			} else {
				release(errors)
			}
		}
		if sink.Incomplete() != 0 || pool.Live() != 0 {
			t.Fatalf("%d incomplete packets, %d buffers live", sink.Incomplete(), pool.Live())
		}
	})
}

func indices(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// What a source cuts, and what it refuses.
func TestSplit(t *testing.T) {
	home := netip.MustParseAddr("2001:db8:9::9")
	hao := make([]byte, wire.DestOptsHomeAddressLen)
	wire.PutDestOptsHomeAddress(hao, protocol, home)
	rh2 := make([]byte, wire.Routing2Len)
	wire.PutRouting2(rh2, wire.ProtoDestOpts, home)
	plain := []byte{protocol, 0, 1, 4, 0, 0, 0, 0} // destination options that are no mobility
	fragmented := make([]byte, wire.FragmentLen)
	wire.PutFragment(fragmented, wire.FragmentFields{NextHeader: protocol, More: true, ID: 1})
	data := payload(1400)
	cases := []struct {
		name string
		b    []byte
		mtu  int
		want string
	}{
		{"IPv6", packet6(near6, far6, protocol, nil, data), 1280, "40+8: 0-1232 more, 1232-1400"},
		{"a Home Address option is in each fragment", packet6(near6, far6, wire.ProtoDestOpts, hao, data), 1280, "64+8: 0-1208 more, 1208-1400"},
		{"so is a routing header", packet6(near6, far6, wire.ProtoRouting, append(bytes.Clone(rh2), hao...), data), 1280, "88+8: 0-1184 more, 1184-1400"},
		{"other destination options are payload", packet6(near6, far6, wire.ProtoDestOpts, plain, data), 1280, "40+8: 0-1232 more, 1232-1408"},
		{"a fragment", packet6(near6, far6, wire.ProtoFragment, fragmented, data), 1280, "no"},
		{"a broken chain", packet6(near6, far6, wire.ProtoRouting, []byte{protocol, 200}, data), 1280, "no"},
		{"no room", packet6(near6, far6, protocol, nil, data), 55, "no"},
		{"IPv4", packet4(near4, far4, 1, false, data), 1000, "20: 0-976 more, 976-1400"},
		{"IPv4 with DF", packet4(near4, far4, 1, true, data), 1000, "no"},
		{"IPv4 without room", packet4(near4, far4, 1, false, data), 27, "no"},
	}
	for _, c := range cases {
		pool := &packet.Pool{}
		s := newStation(t, pool, 9999, near6, near4)
		p := pool.From(c.b)
		pieces := s.Split(p, c.mtu)
		if got := describe(pieces); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		if pieces == nil {
			if !bytes.Equal(p.Bytes(), c.b) {
				t.Errorf("%s: changed although refused", c.name)
			}
			p.Release()
		}
		release(pieces)
	}
}

// describe tells which part of the payload each piece holds.
func describe(pieces []*packet.Buf) string {
	if pieces == nil {
		return "no"
	}
	var all []string
	head := ""
	for _, p := range pieces {
		b := p.Bytes()
		off, n, more := 0, 0, false
		if b[0]>>4 == 6 {
			h, err := wire.ParseIPv6(b)
			if err != nil || len(h) != len(b) {
				return fmt.Sprint(err)
			}
			c, _ := wire.WalkIPv6(h)
			head = fmt.Sprintf("%d+8: ", c.FragmentAt)
			off, n, more = c.FragmentStart, len(b)-c.FragmentAt-8, c.MoreFragments
		} else {
			h, err := wire.ParseIPv4(b)
			if err != nil || len(h) != len(b) {
				return fmt.Sprint(err)
			}
			if head == "" {
				head = fmt.Sprintf("%d: ", h.HeaderLen())
			}
			off, n, more = h.FragmentOffset(), len(h.Payload()), h.MoreFragments()
		}
		s := fmt.Sprintf("%d-%d", off, off+n)
		if more {
			s += " more"
		}
		all = append(all, s)
	}
	return head + strings.Join(all, ", ")
}

// Of IPv4 options only those with the copied flag are in later fragments (RFC 791).
func TestIPv4OptionsInFragments(t *testing.T) {
	const router, record, nop, end = 0x94, 7, 1, 0 // router alert is copied, record route is not
	cases := []struct {
		name          string
		options, want []byte
	}{
		{"one of each", []byte{record, 3, 4, nop, router, 4, 0, 0}, []byte{router, 4, 0, 0}},
		{"only the first", []byte{record, 4, 4, 0}, nil},
		{"padded anew", []byte{0x82, 3, 9, record, 5, 4, 0, 0}, []byte{0x82, 3, 9, end}},
		{"malformed", []byte{router, 9, 0, 0}, nil},
		{"cut", []byte{nop, nop, nop, router}, nil},
	}
	for _, c := range cases {
		data := payload(200)
		b := packet4(near4, far4, 1, false, nil)
		b = append(append(b, c.options...), data...)
		h := wire.IPv4(b)
		h.SetFragment(len(b), 0, false)
		h.SetHeaderLen(20 + len(c.options))
		pool := &packet.Pool{}
		r := newStation(t, pool, 128, mid4)
		r.Forwarding = true
		pieces := r.giveBytes(left, b)
		if len(pieces) < 2 {
			t.Fatalf("%s: %d pieces, ends %v", c.name, len(pieces), r.ends)
		}
		for i, p := range pieces {
			f, err := wire.ParseIPv4(p.Bytes())
			if err != nil {
				t.Fatalf("%s: fragment %d: %v", c.name, i, err)
			}
			want := c.want
			if i == 0 {
				want = c.options
			}
			if got := f[20:f.HeaderLen()]; !bytes.Equal(got, want) {
				t.Errorf("%s: fragment %d has options % x, want % x", c.name, i, got, want)
			}
		}
		sink := newStation(t, pool, 1500, far4)
		for _, p := range pieces {
			sink.give(left, p)
		}
		if len(sink.got) != 1 || !bytes.Equal(sink.got[0], data) {
			t.Errorf("%s: not reassembled", c.name)
		}
	}
}

// Packets of the upper layer get identifications of the stack, whatever they came with.
func TestIdentification(t *testing.T) {
	pool := &packet.Pool{}
	s := newStation(t, pool, 1500, near4)
	seen := map[uint16]bool{}
	for range 10 {
		for _, p := range s.giveBytes(machine.Local, packet4(near4, far4, 77, false, payload(20))) {
			seen[wire.IPv4(p.Bytes()).ID()] = true
			p.Release()
		}
	}
	if len(seen) != 10 {
		t.Errorf("%d identifications for ten packets", len(seen))
	}
}

// A link tells its MTU when it comes up.
func TestLinkMTU(t *testing.T) {
	s := newStation(t, &packet.Pool{}, 1500, near6)
	for _, c := range []struct {
		e    machine.LinkEvent
		want int
	}{
		{machine.LinkEvent{Iface: right, Up: true, MTU: 1280}, 1280},
		{machine.LinkEvent{Iface: right}, 1280},
		{machine.LinkEvent{Iface: right, Up: true}, 1280},
		{machine.LinkEvent{Iface: right, Up: true, MTU: 9000}, 9000},
	} {
		s.HandleLink(0, c.e)
		if got := s.PathMTU(0, far6); got != c.want {
			t.Errorf("after %+v: %d, want %d", c.e, got, c.want)
		}
	}
}
