package scenarios

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"dsmipsim/nodes/wire"
	"dsmipsim/reports/result"
	"dsmipsim/scenarios/spec"
	"dsmipsim/sim/trace"
)

// natScenario has two hosts behind a NAT, a and b, and two outside, web1 and web2.
const natScenario = `
title = "Hosts behind a NAT"
duration = "10s"

[[network]]
name = "servers"
kind = "wired"
ipv4 = "198.51.100.0/24"
link = { delay = "2ms" }
[[network]]
name = "lan"
kind = "ipv4-private"
ipv4 = "10.1.1.0/24"
uplink = { to = "servers", delay = "10ms" }
[network.nat]
public = "203.0.113.5"
forward = [ { port = 7000, to = "b", to_port = 700 } ]

[[correspondent]]
name = "web1"
network = "servers"
ipv4 = "198.51.100.11"
[[correspondent]]
name = "web2"
network = "servers"
ipv4 = "198.51.100.12"
[[correspondent]]
name = "a"
network = "lan"
ipv4 = "10.1.1.11"
[[correspondent]]
name = "b"
network = "lan"
ipv4 = "10.1.1.12"
`

// natFlows are the flows of natScenario: name, ends, ports, start and what else there is.
var natFlows = []struct{ name, from, to, source, port, start, more string }{
	{"out", "a", "web1", "5000", "6000", "1s", ""},
	{"back", "web1", "a", "6000", "5000", "2s", ""},
	{"other-port", "web1", "a", "6001", "5000", "2s", ""},
	{"stranger", "web2", "a", "6000", "5000", "2s", ""},
	{"second", "a", "web2", "5000", "6000", "5s", ""},
	{"clash", "b", "web1", "5000", "6000", "4.2s", ""},
	{"odd", "a", "web1", "5001", "6000", "3s", ""},
	{"odd-clash", "b", "web1", "5001", "6000", "3.5s", ""},
	{"hairpin", "b", "a", "5050", "5000", "4s", ""},
	{"forward", "web2", "b", "6000", "7000", "2s", ""},
	{"reply", "b", "web2", "700", "6000", "3s", ""},
	{"big", "web1", "a", "6000", "5000", "4s", "payload = '3000B'\n"},
	{"once", "a", "web1", "5100", "6000", "1s", "interval = '20s'\n"},
	{"after", "web1", "a", "6000", "5100", "1.5s", ""},
}

func natSource() string {
	var b strings.Builder
	b.WriteString(natScenario)
	for _, f := range natFlows {
		fmt.Fprintf(&b, "[[flow]]\nname = %q\nkind = 'cbr'\nfrom = %q\nto = %q\nfamily = 'ipv4'\nsource_port = %s\nport = %s\nstart = %q\n%s",
			f.name, f.from, f.to, f.source, f.port, f.start, f.more)
		if !strings.Contains(f.more, "interval") {
			b.WriteString("interval = '500ms'\n")
		}
		if f.to == "a" || f.to == "b" {
			b.WriteString("address = '203.0.113.5'\n")
		}
	}
	b.WriteString("[[flow]]\nname = 'ping'\nkind = 'ping'\nfrom = 'a'\nto = 'web1'\nfamily = 'ipv4'\ninterval = '1s'\n")
	return b.String()
}

// natRun is what a run of natScenario shows.
type natRun struct {
	*result.Result
	public map[string]uint16 // source port of the first packet of a flow on the link behind the NAT
	drops  map[string]int    // of packets that belong to no flow, by reason
}

func runNAT(t *testing.T, src string, sets ...string) natRun {
	t.Helper()
	s, err := spec.Load("nat", []byte(src), sets)
	if err != nil {
		t.Fatal(err)
	}
	r := natRun{public: map[string]uint16{}, drops: map[string]int{}}
	o, err := Run("nat", s, Options{Sinks: func(result.Setup) ([]trace.Sink, error) {
		return []trace.Sink{sinkFunc(func(e *trace.Event) {
			switch {
			case e.Kind == trace.Transmission && e.Link == "lan-servers" && e.Flow > 0:
				h := wire.IPv4(e.Octets)
				if name := s.Flows[e.Flow-1].Name; r.public[name] == 0 && h.Source().String() == "203.0.113.5" && h.FragmentOffset() == 0 {
					r.public[name] = wire.UDP(h.Payload()).SourcePort()
				}
			case e.Kind == trace.Drop && e.Flow == 0:
				r.drops[e.Reason.String()]++
			}
		})}, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	r.Result = o.Result
	return r
}

// fate tells in a word what becomes of a flow's packets: "all" arrive, or "none" for the
// reason, or the share that does.
func (r *natRun) fate(t *testing.T, name string) string {
	t.Helper()
	for _, f := range r.Flows {
		if f.Name != name {
			continue
		}
		why := ""
		for reason := range f.Drops {
			why += " " + reason
		}
		switch {
		case f.Received+f.InFlight == f.Sent:
			return "all"
		case f.Received == 0:
			return "none" + why
		}
		return fmt.Sprintf("%d of %d%s", f.Received, f.Sent, why)
	}
	t.Fatalf("no flow %s", name)
	return ""
}

// Each behaviour of a NAT is changed alone and seen in the fate, or the public port, of flows.
func TestNATBehaviours(t *testing.T) {
	src := natSource()
	base := runNAT(t, src)
	for name, want := range map[string]string{
		"out": "all", "back": "all", "other-port": "all", "stranger": "all", "second": "all", "clash": "all",
		"hairpin": "all", "forward": "all", "reply": "all", "big": "all", "once": "all", "after": "all", "ping": "all",
	} {
		if got := base.fate(t, name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	for name, want := range map[string]uint16{"out": 5000, "second": 5000, "clash": 1024, "odd": 5001, "odd-clash": 1025, "reply": 7000} {
		if got := base.public[name]; got != want {
			t.Errorf("%s has public port %d, want %d", name, got, want)
		}
	}
	for _, tt := range []struct{ set, flow, want string }{
		{"mapping=address-dependent", "second", "port 1026"},
		{"mapping=address-and-port-dependent", "second", "port 1026"},
		{"filtering=address-dependent", "stranger", "10 of 16 nat_filtered"},
		{"filtering=address-dependent", "other-port", "all"},
		{"filtering=address-and-port-dependent", "other-port", "none nat_filtered"},
		{"filtering=address-and-port-dependent", "back", "all"},
		{"filtering=address-and-port-dependent", "forward", "all"},
		{"udp_timeout=2s", "after", "3 of 17 nat_mapping"},
		{"icmp_timeout=20ms", "ping", "none nat_mapping"},
		{"ports=sequential", "out", "port 1024"},
		{"ports=random", "out", "port 61558"},
		{"parity=ignore", "odd-clash", "port 1024"},
		{"first_port=3000", "clash", "port 3000"},
		{"max_mappings=2", "clash", "none nat_exhausted"},
		{"hairpin=none", "hairpin", "none nat_filtered"},
		{"fragments=none", "big", "none nat_fragment"},
		{"forward=[]", "forward", "none nat_mapping"},
		{"forward=[]", "reply", "port 700"},
		{"forward[0].port=7001", "reply", "port 7001"},
		{"forward[0].to=a", "forward", "none"},
		{"forward[0].protocol=tcp", "forward", "none nat_mapping"},
		{"kind=basic", "clash", "none nat_mapping"},
	} {
		set := []string{"network.lan.nat." + tt.set}
		if tt.set == "kind=basic" {
			set = []string{`network.lan.nat={public="203.0.113.5",kind="basic"}`}
		}
		r := runNAT(t, src, set...)
		got := r.fate(t, tt.flow)
		if strings.HasPrefix(tt.want, "port") {
			got = fmt.Sprintf("port %d", r.public[tt.flow])
		}
		if got != tt.want && tt.flow+tt.want != "forwardnone" || tt.want == "none" && !strings.HasPrefix(got, "none") {
			t.Errorf("%s: %s: %s, want %s", tt.set, tt.flow, got, tt.want)
		}
		if r.Fingerprint.Wire == base.Fingerprint.Wire {
			t.Errorf("%s changes nothing on the wire", tt.set)
		}
	}
	for _, tt := range []struct{ without, with, flow, want string }{
		{"udp_timeout=2s", "inbound_refresh=true", "after", "all"},
		{"first_port=65000", "last_port=65000", "odd-clash", "none nat_exhausted"},
		{"forward[0].to_port=700", "forward[0].to_port=701", "reply", "port 700"},
		{"hairpin=external", "hairpin=internal", "hairpin", "all"},
		{"hairpin=internal", "filtering=address-dependent", "hairpin", "none nat_filtered"},
	} {
		before := runNAT(t, src, "network.lan.nat."+tt.without)
		after := runNAT(t, src, "network.lan.nat."+tt.without, "network.lan.nat."+tt.with)
		got := after.fate(t, tt.flow)
		if strings.HasPrefix(tt.want, "port") {
			got = fmt.Sprintf("port %d", after.public[tt.flow])
		}
		if got != tt.want || before.Fingerprint.Wire == after.Fingerprint.Wire {
			t.Errorf("%s, %s: %s: %s, want %s and a change on the wire", tt.without, tt.with, tt.flow, got, tt.want)
		}
	}
}

// A flow through a NAT shows in the address, and in the ports, that its keys say.
func TestFlowAddressAndPorts(t *testing.T) {
	src := natSource()
	base := runNAT(t, src)
	for _, tt := range []struct{ set, flow, want string }{
		{"flow.back.port=5999", "back", "none nat_mapping"},
		{"flow.back.source_port=5998", "out", "all"},
		{"flow.out.source_port=5997", "stranger", "none nat_mapping"},
	} {
		r := runNAT(t, src, tt.set)
		if r.Fingerprint.Wire == base.Fingerprint.Wire {
			t.Errorf("%s changes nothing", tt.set)
		}
		if got := r.fate(t, tt.flow); got != tt.want && tt.flow != "stranger" {
			t.Errorf("%s: %s: %s, want %s", tt.set, tt.flow, got, tt.want)
		}
	}
	// Without the address packets go to the host's own, which nobody outside has a route to.
	r := runNAT(t, strings.Replace(src, "start = \"2s\"\ninterval = '500ms'\naddress = '203.0.113.5'\n", "start = \"2s\"\ninterval = '500ms'\n", 1))
	if got := r.fate(t, "back"); got != "none no_route" {
		t.Errorf("without an address: %s", got)
	}
}

// segment is a packet put on a link as if from a host.
type segment struct {
	at   time.Duration
	node string // "lan" from inside, "lan-router" from outside
	b    []byte
}

func tcpSegment(src, dst string, sp, dp uint16, flags uint8) []byte {
	b := make([]byte, 40)
	a, z := netip.MustParseAddr(src), netip.MustParseAddr(dst)
	wire.PutIPv4(b, wire.IPv4Fields{TotalLen: 40, TTL: 64, Protocol: wire.ProtoTCP, Source: a, Destination: z})
	t := b[20:]
	t[0], t[1], t[2], t[3], t[12], t[13] = byte(sp>>8), byte(sp), byte(dp>>8), byte(dp), 5<<4, flags
	sum := uint32(wire.ProtoTCP) + 20
	as, zs := a.As4(), z.As4()
	for _, part := range [][]byte{as[:], zs[:], t} {
		for i := 0; i < len(part); i += 2 {
			sum += uint32(part[i])<<8 | uint32(part[i+1])
		}
	}
	sum = sum>>16 + sum&0xffff
	sum += sum >> 16
	t[16], t[17] = ^byte(sum>>8), ^byte(sum)
	return b
}

func outward(at time.Duration, flags uint8) segment {
	return segment{at, "lan", tcpSegment("10.1.1.11", "198.51.100.11", 5000, 80, flags)}
}

func inward(at time.Duration, flags uint8) segment {
	return segment{at, "lan-router", tcpSegment("198.51.100.11", "203.0.113.5", 80, 5000, flags)}
}

// opening is how a connection is made from inside, as far as the NAT sees it.
func opening() []segment {
	return []segment{outward(time.Second, wire.TCPSyn), inward(2*time.Second, wire.TCPSyn|wire.TCPAck)}
}

// segments puts segments on the links of natScenario.
func segments(all []segment) string {
	var text strings.Builder
	for _, i := range all {
		link, node, iface := "lan", "lan", "lan"
		if i.node == "lan-router" {
			link, iface = "lan-servers", "to-servers"
		}
		fmt.Fprintf(&text, "[[inject]]\nat = %q\nlink = %q\nnode = %q\ninterface = %q\noctets = %q\n", i.at, link, node, iface, hex.EncodeToString(i.b))
	}
	return text.String()
}

// RFC 5382 section 5: an established TCP connection outlives one that is not. A connection is
// made, and a segment comes from outside after some time: it passes, and the host, which knows
// no TCP, ends it as unknown_protocol; or there is no mapping any more.
func TestNATTimersOfTCP(t *testing.T) {
	syn := opening()
	closed := append(syn[:2:2], outward(3*time.Second, wire.TCPFin), inward(3*time.Second+1, wire.TCPFin))
	for _, tt := range []struct {
		name string
		made []segment
		sets []string
		want int // segments without a mapping
	}{
		{"established", append(syn, inward(9*time.Second, wire.TCPAck)), nil, 0},
		{"established for less", append(syn, inward(9*time.Second, wire.TCPAck)), []string{"network.lan.nat.tcp_established_timeout=3s"}, 1},
		{"the other timer", append(syn, inward(9*time.Second, wire.TCPAck)), []string{"network.lan.nat.tcp_transitory_timeout=3s"}, 0},
		{"closed", append(closed, inward(9*time.Second, wire.TCPAck)), nil, 0},
		{"closed, for less", append(closed, inward(9*time.Second, wire.TCPAck)), []string{"network.lan.nat.tcp_transitory_timeout=3s"}, 1},
	} {
		r := runNAT(t, natScenario+segments(tt.made), tt.sets...)
		if got := r.drops["nat_mapping"]; got != tt.want {
			t.Errorf("%s: %d segments without a mapping, want %d: %v", tt.name, got, tt.want, r.drops)
		}
	}
}

// RFC 4787 section 9: an error about a packet from inside comes back to the host, unless the
// NAT drops it.
func TestNATErrors(t *testing.T) {
	b := make([]byte, 28)
	src, dst := netip.MustParseAddr("10.1.1.11"), netip.MustParseAddr("198.51.100.11")
	wire.PutUDP(b[20:], 5000, 9, src, dst)
	wire.PutIPv4(b, wire.IPv4Fields{TotalLen: 28, TTL: 64, Protocol: wire.ProtoUDP, Source: src, Destination: dst})
	text := natScenario + fmt.Sprintf("[[inject]]\nat = '1s'\nlink = 'lan'\nnode = 'lan'\noctets = %q\n", hex.EncodeToString(b))
	if r := runNAT(t, text); r.drops["no_socket"] != 1 || r.drops["nat_filtered"] != 0 {
		t.Errorf("translated: %v", r.drops)
	}
	if r := runNAT(t, text, "network.lan.nat.icmp_errors=drop"); r.drops["nat_filtered"] != 1 {
		t.Errorf("dropped: %v", r.drops)
	}
}
