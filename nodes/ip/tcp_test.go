package ip_test

import (
	"fmt"
	"math"
	"net/netip"
	"strings"
	"testing"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
)

// delivery puts the effects of a packet that arrives into a phrase.
func delivery(s *ip.Stack, pool *packet.Pool, b []byte) string {
	s.HandlePacket(0, right, pool.From(b))
	var all []string
	for e, ok := s.Poll(); ok; e, ok = s.Poll() {
		switch e.Kind {
		case machine.Deliver:
			all = append(all, fmt.Sprintf("deliver %d octets of protocol %d %v>%v", e.Packet.Len(), e.Protocol, e.Source, e.Destination))
		case machine.Drop:
			all = append(all, "drop "+e.Reason.String())
		case machine.Absorb:
			all = append(all, "absorb")
		case machine.Send:
			all = append(all, "send")
		}
		e.Packet.Release()
	}
	return strings.Join(all, "; ")
}

// segment is a TCP segment of 30 octets between two addresses with its checksum.
func segment(src, dst netip.Addr) []byte {
	b := make([]byte, wire.TCPHeaderLen+10)
	b[1], b[3], b[12] = 9, 80, 5<<4
	for i := range 1 << 16 { // the checksum that the parser accepts
		b[16], b[17] = byte(i>>8), byte(i)
		if _, err := wire.ParseTCP(b, src, dst); err == nil {
			break
		}
	}
	return b
}

// Segments, and errors about packets that were too big, go to the upper layer if it speaks TCP.
// A segment whose checksum is wrong does not (RFC 9293 section 3.1), and no other error.
func TestTCPIsDelivered(t *testing.T) {
	good6, good4 := segment(far6, near6), segment(far4, near4)
	bad6 := append([]byte(nil), good6...)
	bad6[25] ^= 1
	own6, own4 := packet6(near6, far6, protocol, nil, payload(1460)), packet4(near4, far4, 1, true, payload(1480))
	cases := []struct {
		name          string
		b             []byte
		without, with string
	}{
		{"IPv6", packet6(far6, near6, wire.ProtoTCP, nil, good6), "drop unknown_protocol", "deliver 30 octets of protocol 6 " + far6.String() + ">" + near6.String()},
		{"IPv4", tcp4(far4, near4, good4), "drop unknown_protocol", "deliver 30 octets of protocol 6 " + far4.String() + ">" + near4.String()},
		{"checksum", packet6(far6, near6, wire.ProtoTCP, nil, bad6), "drop unknown_protocol", "drop bad_checksum"},
		{"cut short", packet6(far6, near6, wire.ProtoTCP, nil, good6[:12]), "drop unknown_protocol", "drop malformed"},
		{"too big", error6(2, 0, 1400, own6), "absorb", "deliver 1240 octets of protocol 58 " + mid6.String() + ">" + near6.String()},
		{"fragmentation needed", error4(3, 4, 1000, own4, 8), "absorb", "deliver 36 octets of protocol 1 " + mid4.String() + ">" + near4.String()},
		{"unreachable", error6(1, 0, 0, own6), "absorb", "absorb"},
		{"IPv4, unreachable", error4(3, 1, 0, own4, 8), "absorb", "absorb"},
		{"too big, of somebody else", error6(2, 0, 1400, packet6(mid6, far6, protocol, nil, payload(1460))), "absorb", "absorb"},
	}
	for _, c := range cases {
		for _, with := range []bool{false, true} {
			pool := &packet.Pool{}
			s := newStation(t, pool, 1500, near6, near4)
			want := c.without
			if with {
				s.AcceptTCP()
				want = c.with
			}
			got := delivery(s.Stack, pool, c.b)
			got = strings.TrimPrefix(got, "send; ") // an error may answer
			if got != want {
				t.Errorf("%s, TCP %v: got %s, want %s", c.name, with, got, want)
			}
			if pool.Live() != 0 {
				t.Errorf("%s: %d packets live", c.name, pool.Live())
			}
		}
	}
}

func tcp4(src, dst netip.Addr, segment []byte) []byte {
	b := make([]byte, wire.IPv4HeaderLen, wire.IPv4HeaderLen+len(segment))
	wire.PutIPv4(b, wire.IPv4Fields{TotalLen: 20 + len(segment), TTL: 64, Protocol: wire.ProtoTCP, Source: src, Destination: dst})
	return append(b, segment...)
}

// What is learnt about a path limits packets; without a route nothing is known.
func TestLargestPacket(t *testing.T) {
	s := newStation(t, &packet.Pool{}, 1500, near6, near4)
	s.giveBytes(right, error6(2, 0, 1400, packet6(near6, far6, protocol, nil, payload(1460))))
	if n := s.LargestPacket(s.now, near6, far6); n != 1400 {
		t.Errorf("%d after an error", n)
	}
	if n := s.LargestPacket(s.now, near4, far4); n != 1500 {
		t.Errorf("%d where nothing was learnt", n)
	}
	none := ip.New("station", &packet.Pool{}, []ip.Interface{{Name: "left", MTU: 1500, Up: true}})
	if n := none.LargestPacket(0, near4, far4); n != math.MaxInt {
		t.Errorf("%d without a route", n)
	}
}
