package ip_test

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"
	"time"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/vtime"
)

// part says which octets of a payload a fragment holds.
type part struct {
	from, to int
	more     bool
}

func fragment6(id uint32, data []byte, p part) []byte {
	f := make([]byte, wire.FragmentLen)
	wire.PutFragment(f, wire.FragmentFields{NextHeader: protocol, Offset: p.from, More: p.more, ID: id})
	return packet6(near6, far6, wire.ProtoFragment, f, data[p.from:p.to])
}

func fragment4(id uint16, data []byte, p part) []byte {
	b := packet4(near4, far4, id, false, data[p.from:p.to])
	wire.IPv4(b).SetFragment(len(b), p.from, p.more)
	return b
}

// Fragments that contradict each other, in either family: nothing is delivered, nothing is
// answered, and what comes later is refused too, until the time is over (RFC 5722 section 4).
func TestContradictingFragments(t *testing.T) {
	data := payload(4000)
	cases := []struct {
		name  string
		parts []part
		want  []string
	}{
		{"none", []part{{0, 1000, true}, {1000, 2000, false}}, nil},
		{"the same twice", []part{{0, 1000, true}, {0, 1000, true}, {1000, 2000, false}}, nil},
		{"the last twice", []part{{1000, 2000, false}, {1000, 2000, false}, {0, 1000, true}}, nil},
		{"overlap with the one before", []part{{0, 1000, true}, {992, 2000, false}}, []string{"fragment_overlap", "fragment_overlap"}},
		{"overlap with the one behind", []part{{992, 2000, false}, {0, 1000, true}}, []string{"fragment_overlap", "fragment_overlap"}},
		{"one inside another", []part{{0, 1000, true}, {504, 600, true}}, []string{"fragment_overlap", "fragment_overlap"}},
		{"one around another", []part{{504, 600, true}, {0, 1000, true}}, []string{"fragment_overlap", "fragment_overlap"}},
		{"the same offset, another length", []part{{0, 1000, true}, {0, 992, true}}, []string{"fragment_overlap", "fragment_overlap"}},
		{"two ends", []part{{1000, 2000, false}, {2000, 3000, false}}, []string{"fragment_overlap", "fragment_overlap"}},
		{"an earlier end", []part{{1000, 2000, false}, {496, 800, false}}, []string{"fragment_overlap", "fragment_overlap"}},
		{"an end before others", []part{{2000, 3000, true}, {1000, 2000, false}}, []string{"fragment_overlap", "fragment_overlap"}},
		{"beyond the end", []part{{1000, 2000, false}, {2000, 3000, true}}, []string{"fragment_overlap", "fragment_overlap"}},
		{"the end said to be none", []part{{1000, 2000, false}, {1000, 2000, true}}, []string{"fragment_overlap", "fragment_overlap"}},
		{"all that comes later", []part{{0, 1000, true}, {504, 1504, true}, {1504, 2000, false}, {1000, 1504, true}},
			[]string{"fragment_overlap", "fragment_overlap", "fragment_overlap", "fragment_overlap"}},
	}
	for _, c := range cases {
		for _, v6 := range []bool{true, false} {
			pool := &packet.Pool{}
			s := newStation(t, pool, 9999, far6, far4)
			for _, p := range c.parts {
				b := fragment4(9, data, p)
				if v6 {
					b = fragment6(9, data, p)
				}
				if answers := s.giveBytes(left, b); len(answers) != 0 {
					t.Errorf("%s: answered", c.name)
				}
			}
			if !slices.Equal(s.ends, c.want) {
				t.Errorf("%s, IPv6 %v: %q, want %q", c.name, v6, s.ends, c.want)
			}
			if ok := len(s.got) == 1 && bytes.Equal(s.got[0], data[:2000]); ok != (c.want == nil) {
				t.Errorf("%s, IPv6 %v: delivered %v", c.name, v6, ok)
			}
			if c.want != nil {
				s.wait()
			}
			if s.Incomplete() != 0 || pool.Live() != 0 || len(s.sent) != 0 {
				t.Errorf("%s: %d incomplete, %d live, %d sent", c.name, s.Incomplete(), pool.Live(), len(s.sent))
			}
		}
	}
	// Other content in the same place is no duplicate.
	pool := &packet.Pool{}
	s := newStation(t, pool, 9999, far6)
	other := payload(1000)
	other[500]++
	s.giveBytes(left, fragment6(9, data, part{0, 1000, true}))
	s.giveBytes(left, fragment6(9, other, part{0, 1000, true}))
	if len(s.ends) != 2 {
		t.Errorf("a fragment replaced by another: %q", s.ends)
	}
}

// Packets of different origin, destination, identification or, in IPv4, protocol do not mix.
func TestFragmentsOfDifferentPackets(t *testing.T) {
	data := payload(200)
	first, last := part{0, 104, true}, part{104, 200, false}
	for name, change := range map[string]func(b []byte){
		"source":         func(b []byte) { b[15] ^= 1; b[23] ^= 1 },
		"identification": func(b []byte) { b[5] ^= 1; b[47] ^= 1 },
		"protocol":       func(b []byte) { b[9]-- },
	} {
		s := newStation(t, &packet.Pool{}, 1500, far6, far4)
		v4 := fragment4(1, data, last)
		change(v4)
		wire.IPv4(v4).SetHeaderLen(20)
		s.giveBytes(left, fragment4(1, data, first))
		s.giveBytes(left, v4)
		if name != "protocol" {
			v6 := fragment6(1, data, last)
			keep := bytes.Clone(v6[4:6])
			change(v6)
			copy(v6[4:6], keep)
			s.giveBytes(left, fragment6(1, data, first))
			s.giveBytes(left, v6)
		}
		if len(s.got) != 0 {
			t.Errorf("%s: fragments of different packets were put together", name)
		}
	}
}

func TestMalformedFragments(t *testing.T) {
	data := payload(4000)
	big6 := fragment6(1, data, part{0, 1000, false})
	wire.PutFragment(big6[40:], wire.FragmentFields{NextHeader: protocol, Offset: 65528 - 992 + 8, ID: 1})
	big4 := fragment4(1, data, part{0, 1000, false})
	wire.IPv4(big4).SetFragment(1020, 65528-992, false)
	cases := []struct {
		name    string
		b       []byte
		pointer int // of the parameter problem, or 0 for none
	}{
		{"IPv6, no multiple of 8", fragment6(1, data, part{0, 1001, true}), 4},
		{"IPv6, beyond 65535 octets", big6, 42},
		{"IPv6, empty", fragment6(1, data, part{800, 800, false}), 0},
		{"IPv4, no multiple of 8", fragment4(1, data, part{0, 1001, true}), 0},
		{"IPv4, beyond 65535 octets", big4, 0},
		{"IPv4, empty", fragment4(1, data, part{800, 800, false}), 0},
	}
	for _, c := range cases {
		s := newStation(t, &packet.Pool{}, 1500, far6, far4)
		sent := s.giveBytes(left, c.b)
		if !slices.Equal(s.ends, []string{"malformed"}) || s.Incomplete() != 0 {
			t.Errorf("%s: ends %q, %d incomplete", c.name, s.ends, s.Incomplete())
		}
		pointer := 0
		if len(sent) == 1 {
			m := wire.ICMPv6(sent[0].Bytes()[40:])
			if m.Type() != wire.ICMPv6ParameterProblem || m.Code() != wire.ICMPv6CodeHeaderField {
				t.Errorf("%s: error %d/%d", c.name, m.Type(), m.Code())
			}
			pointer = int(m.Pointer())
		}
		if pointer != c.pointer {
			t.Errorf("%s: pointer %d, want %d", c.name, pointer, c.pointer)
		}
	}
	// The greatest there can be is none of them.
	s := newStation(t, &packet.Pool{}, 65535, near4)
	pieces := s.giveBytes(machine.Local, packet4(near4, far4, 1, false, payload(65515)))
	pieces = append([]*packet.Buf(nil), pieces...)
	sink := newStation(t, s.pool, 1500, far4)
	for _, p := range pieces {
		for _, f := range s.Split(p, 1500) {
			sink.give(left, f)
		}
	}
	if len(sink.got) != 1 || len(sink.got[0]) != 65515 {
		t.Errorf("a packet of 65535 octets does not arrive: %q", sink.ends)
	}
}

// What the source hears when the rest does not come, and when.
func TestReassemblyTimeout(t *testing.T) {
	data := payload(3000)
	cases := []struct {
		name  string
		b     []byte
		after time.Duration
		want  string // type and code of the error
	}{
		{"IPv6, first fragment", fragment6(1, data, part{0, 1000, true}), 60 * time.Second, "\x03\x01"},
		{"IPv6, another fragment", fragment6(1, data, part{1000, 2000, true}), 60 * time.Second, ""},
		{"IPv4, first fragment", fragment4(1, data, part{0, 1000, true}), 30 * time.Second, "\x0b\x01"},
		{"IPv4, another fragment", fragment4(1, data, part{1000, 2000, false}), 30 * time.Second, ""},
	}
	for _, c := range cases {
		s := newStation(t, &packet.Pool{}, 1500, far6, far4)
		s.now = vtime.Time(5 * time.Second)
		s.giveBytes(left, c.b)
		sent := s.wait()
		if got := s.now.Sub(vtime.Time(5 * time.Second)); got != c.after {
			t.Errorf("%s: waited %v, want %v", c.name, got, c.after)
		}
		got := ""
		if len(sent) == 1 {
			at := 20
			if sent[0].Bytes()[0]>>4 == 6 {
				at = 40
			}
			got = string(sent[0].Bytes()[at : at+2])
			if quote := sent[0].Bytes()[at+8:]; !bytes.Equal(quote[24:], c.b[24:len(quote)]) {
				t.Errorf("%s: quotes something else", c.name)
			}
		}
		if got != c.want || !slices.Equal(s.ends, []string{"reassembly_timeout"}) {
			t.Errorf("%s: error %q, want %q; ends %q", c.name, got, c.want, s.ends)
		}
		// A fragment that comes now begins anew.
		if s.giveBytes(left, c.b); s.Incomplete() != 1 {
			t.Errorf("%s: %d incomplete", c.name, s.Incomplete())
		}
	}
}

// Beyond the limit the packet that has waited longest gives way.
func TestReassemblyLimit(t *testing.T) {
	pool := &packet.Pool{}
	s := newStation(t, pool, 9999, far6)
	data := payload(9000)
	n := 0
	for ; len(s.ends) == 0; n++ {
		s.giveBytes(left, fragment6(uint32(n), data, part{8, 9000, false}))
	}
	if held := n * (8992 + 48); held < ip.ReassemblyLimit*9/10 || held > ip.ReassemblyLimit*11/10 {
		t.Errorf("gave way at %d octets, limit %d", held, ip.ReassemblyLimit)
	}
	if s.ends[0] != "reassembly_full" || s.Incomplete() != n-1 {
		t.Errorf("ends %q, %d incomplete after %d", s.ends, s.Incomplete(), n)
	}
	s.giveBytes(left, fragment6(1, data, part{0, 8, true})) // the second one is still there
	s.giveBytes(left, fragment6(0, data, part{0, 8, true})) // the first one is not
	if len(s.got) != 1 {
		t.Errorf("%d delivered, want only the second", len(s.got))
	}
	held := 0
	s.End(func(p *packet.Buf) { held++; p.Release() })
	if held != n-1 || pool.Live() != 0 || s.Deadline() != vtime.Never {
		t.Errorf("%d handed out at the end, want %d; %d live; deadline %v", held, n-1, pool.Live(), s.Deadline())
	}
}

// Packets that were refused hold nothing any more.
func TestRefusedFragmentsTakeNoRoom(t *testing.T) {
	s := newStation(t, &packet.Pool{}, 9999, far6)
	data := payload(9000)
	for i := range 2 * ip.ReassemblyLimit / len(data) {
		s.giveBytes(left, fragment6(uint32(i), data, part{8, 9000, false}))
		s.giveBytes(left, fragment6(uint32(i), data, part{0, 16, true}))
	}
	for _, why := range s.ends {
		if why != "fragment_overlap" {
			t.Fatal(why)
		}
	}
}

// A fragment that came through a tunnel does not complete one that did not.
func TestFragmentsFromATunnel(t *testing.T) {
	s := newStation(t, &packet.Pool{}, 1500, far6, far4)
	data := payload(200)
	for _, make := range []func(p part) []byte{
		func(p part) []byte { return fragment6(1, data, p) },
		func(p part) []byte { return fragment4(1, data, p) },
	} {
		s.giveBytes(left, make(part{0, 104, true}))
		s.InputFrom(s.now, left, s.pool.From(make(part{104, 200, false})), mid6)
		if s.drain(); len(s.got) != 0 {
			t.Error("put together")
			s.got = nil
		}
	}
}

// Many small packets count more than their octets.
func TestReassemblyLimitOfNumber(t *testing.T) {
	s := newStation(t, &packet.Pool{}, 9999, far4)
	data := payload(24)
	for i := range 20000 {
		s.giveBytes(left, fragment4(uint16(i), data, part{8, 16, true}))
	}
	if n := s.Incomplete(); n > ip.ReassemblyLimit/256 || n < ip.ReassemblyLimit/400 {
		t.Errorf("%d incomplete packets are held", n)
	}
}

// One fragment with a mark of congestion marks the packet (RFC 3168 section 5.3).
func TestCongestionMarkOfFragments(t *testing.T) {
	data := payload(200)
	for _, v6 := range []bool{true, false} {
		s := newStation(t, &packet.Pool{}, 1500, far6, far4)
		for _, p := range []part{{0, 104, true}, {104, 200, false}} {
			var b []byte
			class := uint8(0xb8 | 2)
			if p.from > 0 {
				class |= 3
			}
			if v6 {
				b = fragment6(1, data, p)
				wire.IPv6(b).SetTrafficClass(class)
			} else {
				b = fragment4(1, data, p)
				wire.IPv4(b).SetTOS(class)
			}
			s.giveBytes(left, b)
		}
		if len(s.full) != 1 {
			t.Fatal("not reassembled")
		}
		got := s.full[0][1]
		if v6 {
			got = wire.IPv6(s.full[0]).TrafficClass()
		}
		if got != 0xb8|3 {
			t.Errorf("IPv6 %v: class %#x", v6, got)
		}
	}
}

// Arbitrary fragments neither crash the reassembly nor make it lose or invent a buffer, and
// what it delivers agrees with every fragment that it took.
func FuzzReassembly(f *testing.F) {
	f.Add([]byte{0, 0, 16, 1, 0, 2, 16, 0})
	f.Add([]byte{1, 2, 16, 0, 1, 0, 16, 1})
	f.Add([]byte{0, 0, 16, 1, 0, 1, 16, 0, 0, 4, 8, 0})
	f.Add([]byte{3, 0, 255, 1, 3, 31, 9, 0, 2, 0, 8, 1})
	data := payload(8192)
	f.Fuzz(func(t *testing.T, script []byte) {
		pool := &packet.Pool{}
		s := newStation(t, pool, 9999, far6, far4)
		for ; len(script) >= 4; script = script[4:] {
			// Family and identification, offset in units of 8, length, more.
			from := int(script[1]) * 8
			p := part{from, from + int(script[2]), script[3]&1 != 0}
			id := binary.BigEndian.Uint16([]byte{0, script[0] >> 1})
			b := fragment4(id, data, p)
			if script[0]&1 == 0 {
				b = fragment6(uint32(id), data, p)
			}
			release(s.giveBytes(left, b))
		}
		for i, got := range s.got {
			if !bytes.Equal(got, data[:len(got)]) {
				t.Errorf("packet %d of %d octets differs from what was sent", i, len(got))
			}
			if s.full[i][0]>>4 == 6 {
				if h, err := wire.ParseIPv6(s.full[i]); err != nil || len(h) != len(s.full[i]) {
					t.Errorf("packet %d: %v, %d of %d octets", i, err, len(h), len(s.full[i]))
				}
			} else if h, err := wire.ParseIPv4(s.full[i]); err != nil || len(h) != len(s.full[i]) {
				t.Errorf("packet %d: %v, %d of %d octets", i, err, len(h), len(s.full[i]))
			}
		}
		for s.Deadline() != vtime.Never {
			release(s.wait())
		}
		if s.Incomplete() != 0 || pool.Live() != 0 {
			t.Errorf("%d incomplete, %d live", s.Incomplete(), pool.Live())
		}
	})
}
