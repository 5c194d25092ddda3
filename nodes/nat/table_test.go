package nat

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dsmipsim/nodes/wire"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

func ap(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

// TestTable is a list of questions to one table each: "out a b" asks for the public port of
// a packet from a to b, "in p b" where a packet from b to port p goes, "wait d" lets time
// pass. Endpoints are written a:port of 10.1.1.a inside and 198.51.100.b outside; flags of TCP
// may follow.
func TestTable(t *testing.T) {
	tests := []struct {
		name  string
		cfg   Config
		proto uint8
		asks  []string // question = answer
	}{
		{"port preserved", Config{}, wire.ProtoUDP, []string{"out 1:5000 9:80 = 5000"}},
		{"next free from 1024 when taken", Config{}, wire.ProtoUDP, []string{
			"out 1:5000 9:80 = 5000", "out 2:5000 9:80 = 1024", "out 3:5000 9:80 = 1026", "out 4:1024 9:80 = 1028"}},
		{"parity", Config{}, wire.ProtoUDP, []string{
			"out 1:5001 9:80 = 5001", "out 2:5001 9:80 = 1025", "out 3:5001 9:80 = 1027", "out 1:0 9:80 = 1024"}},
		{"no parity", Config{IgnoreParity: true}, wire.ProtoUDP, []string{
			"out 1:5000 9:80 = 5000", "out 2:5000 9:80 = 1024", "out 3:5000 9:80 = 1025"}},
		{"well-known ports stay well known", Config{}, wire.ProtoTCP, []string{
			"out 1:80 9:80 = 80", "out 2:80 9:80 = 2", "out 3:80 9:80 = 4", "out 3:81 9:80 = 81", "out 4:81 9:80 = 1"}},
		{"sequential", Config{Ports: SequentialPort, IgnoreParity: true, FirstPort: 2000, LastPort: 2002}, wire.ProtoUDP, []string{
			"out 1:5000 9:80 = 2000", "out 2:5000 9:80 = 2001", "out 3:5000 9:80 = 2002", "out 4:5000 9:80 = full"}},
		{"sequential goes on where it was, and wraps around", Config{Ports: SequentialPort, FirstPort: 2000, LastPort: 2005}, wire.ProtoUDP, []string{
			"out 1:5000 9:80 = 2000", "wait 1s", "out 2:5000 9:80 = 2002", "wait 299s", "out 3:5000 9:80 = 2004", "out 4:5000 9:80 = 2000"}},
		{"sequential by range", Config{Ports: SequentialPort}, wire.ProtoUDP, []string{
			"out 1:700 9:80 = 2", "out 1:5000 9:80 = 1024", "out 2:700 9:80 = 4", "out 2:5000 9:80 = 1026"}},
		{"a limit on mappings", Config{MaxMappings: 2}, wire.ProtoUDP, []string{
			"out 1:5000 9:80 = 5000", "out 1:5001 9:80 = 5001", "out 1:5002 9:80 = full", "out 1:5000 8:80 = 5000",
			"wait 300s", "out 1:5002 9:80 = 5002"}},
		{"a forward", Config{Filtering: AddressAndPortDependent, Mapping: AddressAndPortDependent, MaxMappings: 1,
			Forwards: []Forward{{Protocol: wire.ProtoUDP, Public: 7000, Inside: ap("10.1.1.1:700")}}}, wire.ProtoUDP, []string{
			"in 7000 9:80 = 1:700", "wait 9999s", "in 7000 8:81 = 1:700", "out 1:700 9:80 = 7000", "out 2:7000 9:80 = 1024", "in 700 9:80 = no"}},
		{"other first port", Config{FirstPort: 40001}, wire.ProtoUDP, []string{
			"out 1:5000 9:80 = 5000", "out 2:5000 9:80 = 40002", "out 3:5000 9:80 = 40004"}},
		{"first port at the end of a word", Config{FirstPort: 2047, IgnoreParity: true}, wire.ProtoUDP, []string{
			"out 1:5000 9:80 = 5000", "out 2:5000 9:80 = 2047", "out 3:5000 9:80 = 2048"}},
		{"port 0 is not preserved", Config{}, wire.ProtoUDP, []string{"out 1:0 9:80 = 1024"}},
		{"endpoint-independent mapping", Config{}, wire.ProtoUDP, []string{
			"out 1:5000 9:80 = 5000", "out 1:5000 8:80 = 5000", "out 1:5000 8:81 = 5000"}},
		{"address-dependent mapping", Config{Mapping: AddressDependent}, wire.ProtoUDP, []string{
			"out 1:5000 9:80 = 5000", "out 1:5000 9:81 = 5000", "out 1:5000 8:80 = 1024"}},
		{"address and port-dependent mapping", Config{Mapping: AddressAndPortDependent}, wire.ProtoUDP, []string{
			"out 1:5000 9:80 = 5000", "out 1:5000 9:81 = 1024", "out 1:5000 8:80 = 1026", "out 1:5000 9:80 = 5000"}},
		{"no mapping, no way in", Config{}, wire.ProtoUDP, []string{"in 5000 9:80 = no"}},
		{"endpoint-independent filtering", Config{}, wire.ProtoUDP, []string{
			"out 1:5000 9:80 = 5000", "in 5000 9:80 = 1:5000", "in 5000 8:1 = 1:5000", "in 5001 9:80 = no"}},
		{"address-dependent filtering", Config{Filtering: AddressDependent}, wire.ProtoUDP, []string{
			"out 1:5000 9:80 = 5000", "in 5000 9:80 = 1:5000", "in 5000 9:81 = 1:5000", "in 5000 8:80 = filtered",
			"out 1:5000 8:99 = 5000", "in 5000 8:80 = 1:5000"}},
		{"address and port-dependent filtering", Config{Filtering: AddressAndPortDependent}, wire.ProtoUDP, []string{
			"out 1:5000 9:80 = 5000", "in 5000 9:80 = 1:5000", "in 5000 9:81 = filtered", "in 5000 8:80 = filtered"}},
		{"echo knows no remote port", Config{Mapping: AddressAndPortDependent, Filtering: AddressAndPortDependent}, wire.ProtoICMPv4, []string{
			"out 1:7 9:7 = 7", "out 2:7 9:7 = 1024", "in 1024 9:1024 = 2:7", "out 1:7 8:7 = 1025"}},
		{"UDP lives 300 s after the last outbound packet", Config{}, wire.ProtoUDP, []string{
			"out 1:5000 9:80 = 5000", "wait 299s", "out 1:5000 9:80 = 5000", "wait 299s", "in 5000 9:80 = 1:5000", "wait 1s", "in 5000 9:80 = no"}},
		{"inbound does not refresh", Config{}, wire.ProtoUDP, []string{
			"out 1:5000 9:80 = 5000", "wait 299s", "in 5000 9:80 = 1:5000", "wait 1s", "in 5000 9:80 = no"}},
		{"looking does not refresh", Config{}, wire.ProtoUDP, []string{
			"find 1:5000 9:80 = no", "out 1:5000 9:80 = 5000", "wait 299s", "find 1:5000 8:81 = 5000", "wait 1s", "find 1:5000 9:80 = no"}},
		{"an expired port is free again", Config{}, wire.ProtoUDP, []string{
			"out 1:5000 9:80 = 5000", "wait 300s", "out 2:5000 9:80 = 5000", "in 5000 9:80 = 2:5000"}},
		{"expiry forgets permissions", Config{Filtering: AddressDependent}, wire.ProtoUDP, []string{
			"out 1:5000 9:80 = 5000", "wait 300s", "out 1:5000 8:80 = 5000", "in 5000 9:80 = filtered"}},
		{"inbound refreshes if told", Config{InboundRefresh: true}, wire.ProtoUDP, []string{
			"out 1:5000 9:80 = 5000", "wait 299s", "in 5000 9:80 = 1:5000", "wait 299s", "in 5000 9:80 = 1:5000"}},
		{"inbound refreshes no echo", Config{InboundRefresh: true}, wire.ProtoICMPv4, []string{
			"out 1:7 9:0 = 7", "wait 59s", "in 7 9:0 = 1:7", "wait 1s", "in 7 9:0 = no"}},
		{"a TCP connection in the making lives 4 min", Config{}, wire.ProtoTCP, []string{
			"out 1:5000 9:80 syn = 5000", "wait 239s", "in 5000 9:80 = 1:5000", "wait 239s", "in 5000 9:80 = 1:5000", "wait 240s", "in 5000 9:80 = no"}},
		{"an established TCP connection lives 7440 s", Config{}, wire.ProtoTCP, []string{
			"out 1:5000 9:80 syn = 5000", "in 5000 9:80 syn = 1:5000", "wait 7439s", "in 5000 9:80 = 1:5000", "wait 7439s", "out 1:5000 9:80 = 5000", "wait 7440s", "in 5000 9:80 = no"}},
		{"a closed TCP connection lives 4 min", Config{}, wire.ProtoTCP, []string{
			"out 1:5000 9:80 syn = 5000", "in 5000 9:80 syn = 1:5000", "out 1:5000 9:80 fin = 5000", "wait 300s", "in 5000 9:80 fin = 1:5000", "wait 239s", "in 5000 9:80 = 1:5000", "wait 1s", "in 5000 9:80 = no"}},
		{"a reset TCP connection lives 4 min", Config{}, wire.ProtoTCP, []string{
			"out 1:5000 9:80 syn = 5000", "in 5000 9:80 syn = 1:5000", "in 5000 9:80 rst = 1:5000", "wait 240s", "in 5000 9:80 = no"}},
		{"one of two connections is closed", Config{}, wire.ProtoTCP, []string{
			"out 1:5000 9:80 syn = 5000", "in 5000 9:80 syn = 1:5000", "out 1:5000 8:80 syn = 5000", "in 5000 8:80 syn = 1:5000",
			"out 1:5000 9:80 rst = 5000", "wait 7439s", "in 5000 8:80 = 1:5000"}},
		{"strangers refresh no TCP mapping", Config{}, wire.ProtoTCP, []string{
			"out 1:5000 9:80 syn = 5000", "wait 239s", "in 5000 8:80 = 1:5000", "wait 1s", "in 5000 9:80 = no"}},
		{"TCP without a SYN lives 4 min", Config{TCPTransitory: 5 * time.Second}, wire.ProtoTCP, []string{
			"out 1:5000 9:80 = 5000", "in 5000 9:80 = 1:5000", "wait 5s", "in 5000 9:80 = no"}},
		{"established for less", Config{TCPEstablished: 10 * time.Second}, wire.ProtoTCP, []string{
			"out 1:5000 9:80 syn = 5000", "in 5000 9:80 syn = 1:5000", "wait 10s", "in 5000 9:80 = no"}},
		{"ICMP lives 60 s", Config{}, wire.ProtoICMPv4, []string{
			"out 1:7 9:0 = 7", "wait 59s", "in 7 9:0 = 1:7", "wait 1s", "in 7 9:0 = no"}},
		{"other timeouts", Config{UDPTimeout: 5 * time.Second, TCPTransitory: time.Second, ICMPTimeout: time.Second}, wire.ProtoUDP, []string{
			"out 1:5000 9:80 = 5000", "wait 4s", "in 5000 9:80 = 1:5000", "wait 1s", "in 5000 9:80 = no"}},
		{"other protocols", Config{}, wire.ProtoESP, []string{
			"out 1:5000 9:80 = protocol", "in 5000 9:80 = protocol", "find 1:5000 9:80 = no"}},
		{"the last ports", Config{FirstPort: 65534, IgnoreParity: true}, wire.ProtoUDP, []string{
			"out 1:5000 9:80 = 5000", "out 2:5000 9:80 = 65534", "out 3:5000 9:80 = 65535", "out 4:5000 9:80 = full", "out 2:5000 9:80 = 65534"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			table := NewTable(tt.cfg)
			var now vtime.Time
			for _, line := range tt.asks {
				ask, want, _ := strings.Cut(line, " = ")
				w := strings.Fields(ask)
				var got string
				var flags uint8
				if len(w) == 4 {
					flags = map[string]uint8{"syn": wire.TCPSyn, "fin": wire.TCPFin, "rst": wire.TCPRst}[w[3]]
				}
				switch w[0] {
				case "wait":
					d, _ := time.ParseDuration(w[1])
					now = now.Add(d)
				case "out":
					p, why := table.Outbound(now, tt.proto, ap("10.1.1."+w[1]), ap("198.51.100."+w[2]), flags)
					got = answer(fmt.Sprint(p), why)
				case "find":
					got = "no"
					if p, ok := table.Find(now, tt.proto, ap("10.1.1."+w[1]), ap("198.51.100."+w[2])); ok {
						got = fmt.Sprint(p)
					}
				case "in":
					var p uint16
					fmt.Sscan(w[1], &p)
					a, why := table.Inbound(now, tt.proto, p, ap("198.51.100."+w[2]), flags)
					got = answer(strings.TrimPrefix(a.String(), "10.1.1."), why)
				}
				if got != want {
					t.Errorf("at %v: %s: got %s", now, line, got)
				}
			}
		})
	}
}

func answer(s string, why trace.Reason) string {
	switch why {
	case 0:
		return s
	case trace.NATMapping:
		return "no"
	}
	return map[trace.Reason]string{trace.NATFiltered: "filtered", trace.NATExhausted: "full", trace.NATProtocol: "protocol"}[why]
}

// Random ports are in the range, of the right parity, each given once, and the same for the
// same seed.
func TestRandomPorts(t *testing.T) {
	draw := func(seed uint64) (all []uint16) {
		table := NewTable(Config{Ports: RandomPort, FirstPort: 3001, LastPort: 3100, Rand: rand.New(rand.NewPCG(seed, 0))})
		given := map[uint16]bool{}
		for i := range 50 {
			p, why := table.Outbound(0, wire.ProtoUDP, netip.AddrPortFrom(ap("10.1.1.1:1").Addr(), uint16(5000+2*i)), ap("198.51.100.1:80"), 0)
			if why != 0 || p < 3001 || p > 3100 || p%2 != 0 || given[p] {
				t.Fatalf("mapping %d has port %d, %v", i, p, why)
			}
			given[p] = true
			all = append(all, p)
		}
		if p, why := table.Outbound(0, wire.ProtoUDP, ap("10.1.1.2:9000"), ap("198.51.100.1:80"), 0); why != trace.NATExhausted {
			t.Fatalf("a 51st even port of 100: %d, %v", p, why)
		}
		return all
	}
	if a, b := draw(1), draw(1); !slices.Equal(a, b) {
		t.Error("the same seed gives other ports")
	}
	if a, b := draw(1), draw(2); slices.Equal(a, b) || slices.IsSorted(a) {
		t.Error("the ports are not random")
	}
}

func TestMappings(t *testing.T) {
	table := NewTable(Config{Mapping: AddressDependent})
	table.Outbound(0, wire.ProtoTCP, ap("10.1.1.1:80"), ap("198.51.100.1:80"), 0)
	table.Outbound(1, wire.ProtoUDP, ap("10.1.1.1:1"), ap("198.51.100.1:80"), 0)
	table.Outbound(2, wire.ProtoUDP, ap("10.1.1.2:1"), ap("198.51.100.1:80"), 0)
	table.Outbound(3, wire.ProtoUDP, ap("10.1.1.1:1"), ap("198.51.100.1:80"), 0)
	var got []string
	for _, m := range table.Mappings(4) {
		got = append(got, fmt.Sprint(m.Protocol, m.Inside, m.Remote, m.Public, m.Expires))
	}
	want := `17 10.1.1.2:1 198.51.100.1:0 3 300.000000002s
17 10.1.1.1:1 198.51.100.1:0 1 300.000000003s
6 10.1.1.1:80 198.51.100.1:0 80 240.000000000s`
	if strings.Join(got, "\n") != strings.ReplaceAll(want, "\t", "") {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
	if n := len(table.Mappings(vtime.Time(260 * time.Second))); n != 2 {
		t.Errorf("%d mappings after 260 s", n)
	}
}

// TestTableModel compares the table with a list that is searched from end to end.
func TestTableModel(t *testing.T) {
	type row struct {
		inside  netip.AddrPort
		public  uint16
		expires vtime.Time
	}
	rapid.Check(t, func(t *rapid.T) {
		table := NewTable(Config{FirstPort: 2000, UDPTimeout: 10, IgnoreParity: true})
		var model []row
		var now vtime.Time
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now += vtime.Time(rapid.IntRange(0, 4).Draw(t, "wait"))
			live := model[:0]
			for _, r := range model {
				if r.expires > now {
					live = append(live, r)
				}
			}
			model = live
			find := func(ok func(row) bool) int {
				for i, r := range model {
					if ok(r) {
						return i
					}
				}
				return -1
			}
			if p := uint16(rapid.IntRange(2000, 2003).Draw(t, "port")); rapid.Bool().Draw(t, "in") {
				a, why := table.Inbound(now, wire.ProtoUDP, p, ap("198.51.100.1:1"), 0)
				ok := why == 0
				i := find(func(r row) bool { return r.public == p })
				if ok != (i >= 0) || ok && a != model[i].inside {
					t.Fatalf("in %d: %v %v, model %d", p, a, ok, i)
				}
				continue
			}
			inside := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 1, 1, byte(rapid.IntRange(1, 4).Draw(t, "host"))}), uint16(rapid.IntRange(2000, 2002).Draw(t, "own")))
			i := find(func(r row) bool { return r.inside == inside })
			if i < 0 {
				want := inside.Port()
				for p := uint16(2000); find(func(r row) bool { return r.public == want }) >= 0; p++ {
					want = p
				}
				model = append(model, row{inside: inside, public: want})
				i = len(model) - 1
			}
			model[i].expires = now + 10
			if got, why := table.Outbound(now, wire.ProtoUDP, inside, ap("198.51.100.1:1"), 0); why != 0 || got != model[i].public {
				t.Fatalf("out %v: %d, want %d", inside, got, model[i].public)
			}
			if n := len(table.Mappings(now)); n != len(model) {
				t.Fatalf("%d mappings, model %d", n, len(model))
			}
		}
	})
}

// BenchmarkOutbound refreshes one mapping among 60000.
func BenchmarkOutbound(b *testing.B) {
	table := NewTable(Config{})
	for i := range 60000 {
		host := netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)})
		table.Outbound(0, wire.ProtoUDP, netip.AddrPortFrom(host, 5000), ap("198.51.100.1:80"), 0)
	}
	inside, remote := ap("10.1.0.1:5000"), ap("198.51.100.1:80")
	b.ReportAllocs()
	for b.Loop() {
		table.Outbound(0, wire.ProtoUDP, inside, remote, 0)
	}
}
