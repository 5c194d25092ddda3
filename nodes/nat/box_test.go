package nat

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// The router under test: inside 0 (10.1.1.0/24) and 1 (10.1.2.0/24), outside 2, another
// outside link 3. All are point-to-point, so that what is sent starts with its IP header.
const (
	lanA, lanB, wan, dmz machine.Iface = 0, 1, 2, 3
)

var (
	public = netip.MustParseAddr("203.0.113.5")
	host   = netip.MustParseAddr("10.1.1.23")
	host2  = netip.MustParseAddr("10.1.2.7")
	remote = netip.MustParseAddr("198.51.100.9")
	router = netip.MustParseAddr("203.0.113.1") // its own address outside
)

type rig struct {
	t     testing.TB
	pool  packet.Pool
	stack *ip.Stack
	box   *Box
	now   vtime.Time
}

func newRig(t testing.TB, c Config) *rig {
	r := &rig{t: t}
	r.stack = ip.New("nat", &r.pool, []ip.Interface{
		{Name: "a", MTU: 1500, Up: true}, {Name: "b", MTU: 1500, Up: true}, {Name: "wan", MTU: 1500, Up: true}, {Name: "dmz", MTU: 1500, Up: true}})
	r.stack.Forwarding = true
	for _, a := range []struct {
		iface machine.Iface
		addr  string
	}{{lanA, "10.1.1.1"}, {lanB, "10.1.2.1"}, {wan, "203.0.113.1"}, {dmz, "192.0.2.1"}} {
		r.stack.AddAddress(a.iface, netip.MustParseAddr(a.addr), 24, ip.Preferred)
	}
	for _, a := range []struct {
		prefix string
		iface  machine.Iface
	}{{"10.1.1.0/24", lanA}, {"10.1.2.0/24", lanB}, {"192.0.2.0/24", dmz}, {"2001:db8::/32", wan}, {"198.51.100.0/24", wan}, {"203.0.113.0/24", wan}} {
		r.stack.AddRoute(ip.Route{Prefix: netip.MustParsePrefix(a.prefix), Iface: a.iface})
	}
	r.box = New(r.stack, []machine.Iface{lanA, lanB}, wan, public, c)
	r.effects()
	return r
}

// effects describes what the router does, and checks that no packet is lost and that every
// checksum on the wire is right in the eyes of our parsers and of gopacket.
func (r *rig) effects() string {
	r.t.Helper()
	var out []string
	for e, ok := r.stack.Poll(); ok; e, ok = r.stack.Poll() {
		switch e.Kind {
		case machine.Send:
			out = append(out, fmt.Sprintf("%s: %s", r.stack.Interface(e.Iface).Name, r.describe(e.Packet.Bytes())))
		case machine.Drop:
			out = append(out, "drop "+e.Reason.String())
		case machine.Absorb:
			out = append(out, "absorb")
		}
		if e.Packet != nil {
			e.Packet.Release()
		}
	}
	if r.pool.Live() != 0 {
		r.t.Fatalf("%d packets live", r.pool.Live())
	}
	return strings.Join(out, "; ")
}

func (r *rig) describe(b []byte) string {
	if b[0]>>4 == 6 {
		return fmt.Sprintf("IPv6 hops %d", wire.IPv6(b).HopLimit())
	}
	judge(r.t, b)
	h, err := wire.ParseIPv4(b)
	if err != nil {
		r.t.Fatal(err)
	}
	s := upper(r.t, h, h.Payload(), true)
	if h.TTL() != 63 {
		s += fmt.Sprintf(" ttl %d", h.TTL())
	}
	return s
}

func upper(t testing.TB, h wire.IPv4, b []byte, whole bool) string {
	src, dst := h.Source(), h.Destination()
	fail := func(err error) {
		if whole && err != nil {
			t.Fatalf("%v > %v: %v", src, dst, err)
		}
	}
	switch h.Protocol() {
	case wire.ProtoUDP:
		_, err := wire.ParseUDP(b, src, dst)
		fail(err)
		return fmt.Sprintf("udp %v:%d > %v:%d", src, wire.UDP(b).SourcePort(), dst, wire.UDP(b).DestinationPort())
	case wire.ProtoTCP:
		_, err := wire.ParseTCP(b, src, dst)
		fail(err)
		return fmt.Sprintf("tcp %v:%d > %v:%d", src, wire.TCP(b).SourcePort(), dst, wire.TCP(b).DestinationPort())
	case wire.ProtoICMPv4:
		m := wire.ICMPv4(b)
		if whole {
			var err error
			m, err = wire.ParseICMPv4(b)
			fail(err)
		}
		if e, err := m.Echo(); err == nil {
			return fmt.Sprintf("echo %d id %d %v > %v", m.Type(), e.Identifier(), src, dst)
		}
		if m.IsError() {
			q, err := wire.ParseQuotedIPv4(m.Quoted())
			fail(err)
			return fmt.Sprintf("error %d/%d %v > %v [%s]", m.Type(), m.Code(), src, dst, upper(t, q, q.Payload(), len(q) == q.TotalLen()))
		}
		return fmt.Sprintf("icmp %d %v > %v", m.Type(), src, dst)
	}
	return fmt.Sprintf("proto %d %v > %v", h.Protocol(), src, dst)
}

// judge lets gopacket recompute the checksums.
func judge(t testing.TB, b []byte) {
	p := gopacket.NewPacket(b, layers.LayerTypeIPv4, gopacket.Default)
	four := p.Layer(layers.LayerTypeIPv4).(*layers.IPv4)
	if u, ok := p.Layer(layers.LayerTypeUDP).(*layers.UDP); ok {
		_ = u.SetNetworkLayerForChecksum(four)
	}
	if s, ok := p.Layer(layers.LayerTypeTCP).(*layers.TCP); ok {
		_ = s.SetNetworkLayerForChecksum(four)
	}
	if err, bad := p.VerifyChecksums(); err != nil || len(bad) > 0 {
		t.Fatalf("gopacket: %v %v", err, bad)
	}
}

// Packets.

func ip4(proto uint8, src, dst netip.Addr, payload []byte) []byte {
	b := make([]byte, 20+len(payload))
	copy(b[20:], payload)
	wire.PutIPv4(b, wire.IPv4Fields{TotalLen: len(b), TTL: 64, Protocol: proto, Source: src, Destination: dst})
	return b
}

func udp(src netip.Addr, sp uint16, dst netip.Addr, dp uint16) []byte {
	b := append(make([]byte, 8), "some payload"...)
	wire.PutUDP(b, sp, dp, src, dst)
	return ip4(wire.ProtoUDP, src, dst, b)
}

func tcp(src netip.Addr, sp uint16, dst netip.Addr, dp uint16) []byte {
	t := layers.TCP{SrcPort: layers.TCPPort(sp), DstPort: layers.TCPPort(dp), SYN: true, Seq: 7}
	four := layers.IPv4{SrcIP: src.AsSlice(), DstIP: dst.AsSlice(), Protocol: layers.IPProtocolTCP}
	_ = t.SetNetworkLayerForChecksum(&four)
	buf := gopacket.NewSerializeBuffer()
	_ = gopacket.SerializeLayers(buf, gopacket.SerializeOptions{ComputeChecksums: true, FixLengths: true}, &t, gopacket.Payload("tcp"))
	return ip4(wire.ProtoTCP, src, dst, buf.Bytes())
}

func echo(typ uint8, id uint16, src, dst netip.Addr) []byte {
	b := append(make([]byte, 8), "ping"...)
	wire.PutEcho(b, id, 1)
	wire.PutICMPv4(b, typ, 0)
	return ip4(wire.ProtoICMPv4, src, dst, b)
}

// icmpError is what from sends to the source of the packet, quoting all or 8 octets of it.
func icmpError(from netip.Addr, about []byte, quote int) []byte {
	h := wire.IPv4(about)
	return ip4(wire.ProtoICMPv4, from, h.Source(), wire.AppendICMPv4Error(nil, 3, 3, 0, h, quote))
}

func with(b []byte, f func([]byte)) []byte { f(b); return b }

// headerSum recomputes the IPv4 header checksum after a test changed the header.
func headerSum(b []byte) {
	b[10], b[11] = 0, 0
	var s uint32
	for i := 0; i < 20; i += 2 {
		s += uint32(b[i])<<8 | uint32(b[i+1])
	}
	s = s>>16 + s&0xffff
	s += s >> 16
	b[10], b[11] = ^byte(s>>8), ^byte(s)
}

func (r *rig) give(in machine.Iface, b []byte) string {
	r.t.Helper()
	r.stack.HandlePacket(r.now, in, r.pool.From(b))
	return r.effects()
}

type step struct {
	in   machine.Iface
	b    []byte
	want string
}

func TestBox(t *testing.T) {
	opened := step{lanA, udp(host, 5000, remote, 80), "wan: udp 203.0.113.5:5000 > 198.51.100.9:80"}
	pinged := step{lanA, echo(8, 7, host, remote), "wan: echo 8 id 7 203.0.113.5 > 198.51.100.9"}
	tests := []struct {
		name  string
		steps []step
	}{
		{"UDP there and back", []step{opened, {wan, udp(remote, 80, public, 5000), "a: udp 198.51.100.9:80 > 10.1.1.23:5000"}}},
		{"two hosts with one port", []step{opened,
			{lanB, udp(host2, 5000, remote, 80), "wan: udp 203.0.113.5:1024 > 198.51.100.9:80"},
			{wan, udp(remote, 80, public, 1024), "b: udp 198.51.100.9:80 > 10.1.2.7:5000"}}},
		{"UDP without checksum", []step{
			{lanA, with(udp(host, 5000, remote, 80), func(b []byte) { b[26], b[27] = 0, 0 }), opened.want}}},
		{"TCP there and back", []step{
			{lanA, tcp(host, 5000, remote, 80), "wan: tcp 203.0.113.5:5000 > 198.51.100.9:80"},
			{lanB, tcp(host2, 5000, remote, 80), "wan: tcp 203.0.113.5:1024 > 198.51.100.9:80"},
			{wan, tcp(remote, 80, public, 1024), "b: tcp 198.51.100.9:80 > 10.1.2.7:5000"}}},
		{"echo there and back", []step{pinged,
			{lanB, echo(8, 7, host2, remote), "wan: echo 8 id 1024 203.0.113.5 > 198.51.100.9"},
			{wan, echo(0, 1024, remote, public), "b: echo 0 id 7 198.51.100.9 > 10.1.2.7"}}},
		{"echo the wrong way round", []step{pinged,
			{wan, echo(8, 7, remote, public), "drop nat_mapping"},
			{lanA, echo(0, 7, host, remote), "drop nat_mapping"}}},
		{"nobody asked for it", []step{
			{wan, udp(remote, 80, public, 5000), "drop nat_mapping"},
			{wan, tcp(remote, 80, public, 5000), "drop nat_mapping"},
			{wan, echo(0, 7, remote, public), "drop nat_mapping"}}},
		{"straight to an inside address", []step{opened,
			{wan, udp(remote, 80, host, 5000), "drop nat_mapping"},
			{dmz, udp(remote, 80, host, 5000), "drop nat_mapping"}}},
		{"tunnels of inside hosts", []step{
			{lanA, ip4(wire.ProtoIPv6, host, remote, make([]byte, 40)), "drop nat_protocol"},
			{lanA, ip4(wire.ProtoIPv4, host, remote, make([]byte, 40)), "drop nat_protocol"},
			{lanA, ip4(wire.ProtoESP, host, remote, make([]byte, 40)), "drop nat_protocol"}}},
		{"tunnels to the public address", []step{
			{wan, ip4(wire.ProtoIPv6, remote, public, make([]byte, 40)), "drop nat_protocol"}}},
		{"other ICMP", []step{
			{lanA, ip4(wire.ProtoICMPv4, host, remote, with(make([]byte, 8), func(b []byte) { wire.PutICMPv4(b, 13, 0) })), "drop nat_protocol"},
			{lanA, ip4(wire.ProtoICMPv4, host, remote, nil), "drop malformed"}}},
		{"a port cut off", []step{{lanA, ip4(wire.ProtoUDP, host, remote, []byte{1, 2, 3}), "drop malformed"}}},
		{"between inside links", []step{{lanA, udp(host, 5000, host2, 80), "b: udp 10.1.1.23:5000 > 10.1.2.7:80"}}},
		{"between outside links", []step{
			{dmz, udp(netip.MustParseAddr("192.0.2.8"), 5000, remote, 80), "wan: udp 192.0.2.8:5000 > 198.51.100.9:80"}}},
		{"inside to the other outside link", []step{
			{lanA, udp(host, 5000, netip.MustParseAddr("192.0.2.8"), 80), "dmz: udp 10.1.1.23:5000 > 192.0.2.8:80"}}},
		{"no route", []step{{lanA, udp(host, 5000, netip.MustParseAddr("100.64.0.1"), 80),
			"a: error 3/0 10.1.1.1 > 10.1.1.23 [udp 10.1.1.23:5000 > 100.64.0.1:80] ttl 64; drop no_route"}}},
		{"multicast", []step{{lanA, udp(host, 5000, netip.MustParseAddr("224.0.1.1"), 80), "drop bad_source"}}},
		{"forged sources", []step{
			{lanA, udp(public, 5000, remote, 80), "drop bad_source"},
			{lanA, udp(netip.IPv4Unspecified(), 5000, remote, 80), "drop bad_source"}}},
		{"IPv6 passes", []step{
			{lanA, with(make([]byte, 40), func(b []byte) {
				wire.PutIPv6(b, wire.IPv6Fields{NextHeader: wire.ProtoNone, HopLimit: 9, Source: netip.MustParseAddr("2001:db8::1"), Destination: netip.MustParseAddr("2001:db8::2")})
			}), "wan: IPv6 hops 8"}}},
		{"an ICMP error about an outbound packet", []step{opened,
			{wan, icmpError(remote, udp(public, 5000, remote, 80), 500), "a: error 3/3 198.51.100.9 > 10.1.1.23 [udp 10.1.1.23:5000 > 198.51.100.9:80]"},
			{wan, icmpError(router4("198.51.100.77"), udp(public, 5000, remote, 80), 8), "a: error 3/3 198.51.100.77 > 10.1.1.23 [udp 10.1.1.23:5000 > 198.51.100.9:80]"}}},
		{"an ICMP error about outbound TCP, eight octets", []step{
			{lanA, tcp(host, 5000, remote, 80), "wan: tcp 203.0.113.5:5000 > 198.51.100.9:80"},
			{wan, icmpError(remote, tcp(public, 5000, remote, 80), 8), "a: error 3/3 198.51.100.9 > 10.1.1.23 [tcp 10.1.1.23:5000 > 198.51.100.9:80]"}}},
		{"an ICMP error about an echo whose identifier was changed", []step{pinged,
			{lanB, echo(8, 7, host2, remote), "wan: echo 8 id 1024 203.0.113.5 > 198.51.100.9"},
			{wan, icmpError(remote, echo(8, 1024, public, remote), 8), "b: error 3/3 198.51.100.9 > 10.1.2.7 [echo 8 id 7 10.1.2.7 > 198.51.100.9]"}}},
		{"an ICMP error about an inbound packet", []step{opened,
			{lanA, icmpError(host, udp(remote, 80, host, 5000), 500), "wan: error 3/3 203.0.113.5 > 198.51.100.9 [udp 198.51.100.9:80 > 203.0.113.5:5000]"}}},
		{"ICMP errors about unknown packets", []step{
			{wan, icmpError(remote, udp(public, 5000, remote, 80), 8), "drop nat_mapping"},
			{lanA, icmpError(host, udp(remote, 80, host, 5000), 8), "drop nat_mapping"}}},
		{"an ICMP error that quotes another source", []step{opened,
			{wan, with(icmpError(remote, udp(public, 5000, remote, 80), 8), func(b []byte) {
				q := wire.IPv4(b[28:])
				q.SetSource(router)
				wire.PutICMPv4(b[20:], 3, 3)
			}), "drop nat_mapping"}}},
		{"broken ICMP errors", []step{opened,
			{wan, with(icmpError(remote, udp(public, 5000, remote, 80), 8), func(b []byte) { b[22] ^= 1 }), "drop bad_checksum"},
			{wan, with(icmpError(remote, udp(public, 5000, remote, 80), 8), func(b []byte) { b[28] = 0x65; wire.PutICMPv4(b[20:], 3, 3) }), "drop malformed"},
			{wan, with(icmpError(remote, udp(public, 5000, remote, 80), 8), func(b []byte) {
				b[28+7] = 9 // a later fragment is quoted
				headerSum(b[28:48])
				wire.PutICMPv4(b[20:], 3, 3)
			}), "drop nat_mapping"},
			{lanA, with(icmpError(host, udp(remote, 80, host, 5000), 8), func(b []byte) { b[28] = 0x65; wire.PutICMPv4(b[20:], 3, 3) }), "drop malformed"},
			{wan, with(icmpError(remote, udp(public, 5000, remote, 80), 8), func(b []byte) { wire.PutICMPv4(b[20:], 5, 0) }), "drop nat_protocol"}}},
		{"the last hop outbound: the host inside is told", []step{
			{lanA, with(udp(host, 5000, remote, 80), func(b []byte) { b[8] = 1; headerSum(b) }),
				"drop hop_limit; a: error 11/0 203.0.113.1 > 10.1.1.23 [udp 10.1.1.23:5000 > 198.51.100.9:80] ttl 64"}}},
		{"the last hop inbound: the sender is told about what it sent", []step{opened,
			{wan, with(udp(remote, 80, public, 5000), func(b []byte) { b[8] = 1; headerSum(b) }),
				"drop hop_limit; wan: error 11/0 203.0.113.1 > 198.51.100.9 [udp 198.51.100.9:80 > 203.0.113.5:5000] ttl 64"}}},
		{"hairpin", []step{opened,
			{lanB, udp(host2, 5000, public, 5000), "a: udp 203.0.113.5:1024 > 10.1.1.23:5000"},
			{lanA, udp(host, 5000, public, 1024), "b: udp 203.0.113.5:5000 > 10.1.2.7:5000"},
			{lanA, udp(host, 5000, public, 9999), "drop nat_mapping"}}},
		{"an ICMP error across a hairpin", []step{opened,
			{lanB, udp(host2, 5000, public, 5000), "a: udp 203.0.113.5:1024 > 10.1.1.23:5000"},
			{lanA, icmpError(host, udp(public, 1024, host, 5000), 8), "b: error 3/3 203.0.113.5 > 10.1.2.7 [udp 10.1.2.7:5000 > 203.0.113.5:5000]"}}},
		{"ping to the public address", []step{{lanA, echo(8, 7, host, public), "drop nat_mapping"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, Config{})
			for i, s := range tt.steps {
				if got := set(r.give(s.in, s.b)); got != set(s.want) {
					t.Errorf("step %d:\n got %s\nwant %s", i+1, got, set(s.want))
				}
			}
		})
	}
}

func router4(s string) netip.Addr { return netip.MustParseAddr(s) }

// set makes the order of effects irrelevant.
func set(s string) string {
	w := strings.Split(s, "; ")
	if len(w) == 2 && w[0] > w[1] {
		w[0], w[1] = w[1], w[0]
	}
	return strings.Join(w, "; ")
}

// TestBehaviours flips each option alone and sees a change at the router.
func TestBehaviours(t *testing.T) {
	second := udp(host, 5000, router4("198.51.100.10"), 80)
	reply := udp(router4("198.51.100.10"), 80, public, 5000)
	tests := []struct {
		name   string
		cfg    Config
		second string
		reply  string // before second
	}{
		{"default", Config{}, "wan: udp 203.0.113.5:5000 > 198.51.100.10:80", "a: udp 198.51.100.10:80 > 10.1.1.23:5000"},
		{"address-dependent mapping", Config{Mapping: AddressDependent}, "wan: udp 203.0.113.5:1024 > 198.51.100.10:80", "a: udp 198.51.100.10:80 > 10.1.1.23:5000"},
		{"first port", Config{Mapping: AddressDependent, FirstPort: 2000}, "wan: udp 203.0.113.5:2000 > 198.51.100.10:80", "a: udp 198.51.100.10:80 > 10.1.1.23:5000"},
		{"address-dependent filtering", Config{Filtering: AddressDependent}, "wan: udp 203.0.113.5:5000 > 198.51.100.10:80", "drop nat_filtered"},
		{"short timer", Config{UDPTimeout: 1}, "wan: udp 203.0.113.5:5000 > 198.51.100.10:80", "drop nat_mapping"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, tt.cfg)
			r.give(lanA, udp(host, 5000, remote, 80))
			r.now++
			if got := r.give(wan, reply); got != tt.reply {
				t.Errorf("unasked reply: %s", got)
			}
			if got := r.give(lanA, second); got != tt.second {
				t.Errorf("second remote: %s", got)
			}
		})
	}
}

// TestTooBig: the host inside hears of the outside MTU with the packet that it sent, and
// the sender outside of the inside one.
func TestTooBig(t *testing.T) {
	big := func(src netip.Addr, sp uint16, dst netip.Addr, dp uint16) []byte {
		b := make([]byte, 1300)
		wire.PutUDP(b, sp, dp, src, dst)
		p := ip4(wire.ProtoUDP, src, dst, b)
		wire.IPv4(p).SetDontFragment(true)
		return p
	}
	r := newRig(t, Config{})
	r.stack.Interface(wan).MTU = 1000
	got := r.give(lanA, big(host, 5000, remote, 80))
	if want := "error 3/4 203.0.113.1 > 10.1.1.23 [udp 10.1.1.23:5000 > 198.51.100.9:80]"; !strings.Contains(got, "a: "+want) {
		t.Errorf("outbound: %s", got)
	}
	r.stack.Interface(wan).MTU, r.stack.Interface(lanA).MTU = 1500, 1000
	got = r.give(wan, big(remote, 80, public, 5000))
	if want := "error 3/4 203.0.113.1 > 198.51.100.9 [udp 198.51.100.9:80 > 203.0.113.5:5000]"; !strings.Contains(got, "wan: "+want) {
		t.Errorf("inbound: %s", got)
	}
}

// TestOwnTraffic: what the router itself sends is not translated.
func TestOwnTraffic(t *testing.T) {
	tests := []struct {
		name string
		b    []byte
		want string
	}{
		{"outside", udp(router, 500, remote, 80), "wan: udp 203.0.113.1:500 > 198.51.100.9:80 ttl 64"},
		{"inside", udp(router4("10.1.1.1"), 500, host, 80), "a: udp 10.1.1.1:500 > 10.1.1.23:80 ttl 64"},
		{"to the public address", udp(router, 500, public, 80), "drop nat_mapping"},
		{"an error about its own packets", icmpError(router, udp(remote, 80, router, 500), 8), "wan: error 3/3 203.0.113.1 > 198.51.100.9 [udp 198.51.100.9:80 > 203.0.113.1:500] ttl 64"},
		{"a fragment", with(udp(router, 500, remote, 80), func(b []byte) { b[6] = 0x20; headerSum(b) }), "wan: udp 203.0.113.1:500 > 198.51.100.9:80 ttl 64"},
		{"IPv6", with(make([]byte, 40), func(b []byte) {
			wire.PutIPv6(b, wire.IPv6Fields{NextHeader: wire.ProtoNone, HopLimit: 9, Source: netip.MustParseAddr("2001:db8::1"), Destination: netip.MustParseAddr("2001:db8::2")})
		}), "wan: IPv6 hops 9"},
	}
	for _, tt := range tests {
		r := newRig(t, Config{})
		if got := r.give(machine.Local, tt.b); got != tt.want {
			t.Errorf("%s: %s", tt.name, got)
		}
	}
}

func TestNoPortLeft(t *testing.T) {
	r := newRig(t, Config{FirstPort: 65535, IgnoreParity: true})
	r.give(lanA, udp(host, 5000, remote, 80))
	r.give(lanB, udp(host2, 5000, remote, 80))
	if got := r.give(lanB, udp(router4("10.1.2.8"), 5000, remote, 80)); got != "drop "+trace.NATExhausted.String() {
		t.Error(got)
	}
	if n := len(r.box.Table().Mappings(0)); n != 2 {
		t.Errorf("%d mappings", n)
	}
}

// TestDamagedHeader: Diverters are asked after the internet layer has parsed the header,
// and a packet that does not parse must end all the same.
func TestDamagedHeader(t *testing.T) {
	r := newRig(t, Config{})
	b := udp(host, 5000, remote, 80)
	b[10] ^= 1
	if !r.box.DivertForward(0, lanA, r.pool.From(b), host, remote) || r.effects() != "drop malformed" {
		t.Error("outbound packet with a wrong header checksum")
	}
	if !r.box.DivertForward(0, wan, r.pool.From(b), remote, public) || r.effects() != "drop malformed" {
		t.Error("inbound packet with a wrong header checksum")
	}
}

func TestNoAllocation(t *testing.T) {
	r := newRig(t, Config{})
	b := udp(host, 5000, remote, 80)
	back := udp(remote, 80, public, 5000)
	n := testing.AllocsPerRun(200, func() {
		for _, x := range []step{{in: lanA, b: b}, {in: wan, b: back}} {
			r.stack.HandlePacket(0, x.in, r.pool.From(x.b))
			for e, ok := r.stack.Poll(); ok; e, ok = r.stack.Poll() {
				e.Packet.Release()
			}
		}
	})
	if n != 0 {
		t.Errorf("%v allocations for a packet there and back", n)
	}
}

// FuzzBox sends the same octets through the box in both directions and as the router's own.
// Nothing may panic, no packet may get lost, and no inside address may leave as a source.
func FuzzBox(f *testing.F) {
	f.Add(udp(host, 5000, remote, 80))
	f.Add(udp(remote, 80, public, 5000))
	f.Add(tcp(host, 5000, public, 80))
	f.Add(echo(8, 7, host, remote))
	f.Add(echo(0, 7, remote, public))
	f.Add(icmpError(remote, udp(public, 5000, remote, 80), 8))
	f.Add(icmpError(host, udp(remote, 80, host, 5000), 8))
	f.Add(icmpError(remote, echo(8, 7, public, remote), 8))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := newRig(t, Config{})
		r.stack.HandlePacket(0, lanA, r.pool.From(udp(host, 5000, remote, 80)))
		if len(b) >= 20 && b[0] == 0x45 {
			b = append([]byte(nil), b...)
			headerSum(b)
		}
		for _, in := range []machine.Iface{lanA, wan, machine.Local} {
			r.stack.HandlePacket(0, in, r.pool.From(b))
			for e, ok := r.stack.Poll(); ok; e, ok = r.stack.Poll() {
				if e.Kind == machine.Send && e.Iface == wan && in == lanA && e.Packet.Bytes()[0]>>4 == 4 {
					if s := wire.IPv4(e.Packet.Bytes()).Source(); s.IsPrivate() {
						t.Errorf("%v leaves", s)
					}
				}
				if e.Packet != nil {
					e.Packet.Release()
				}
			}
			if r.pool.Live() != 0 {
				t.Fatalf("%d packets live", r.pool.Live())
			}
		}
	})
}

// BenchmarkBox is one packet through the router, there and back.
func BenchmarkBox(b *testing.B) {
	r := newRig(b, Config{})
	steps := []step{{in: lanA, b: udp(host, 5000, remote, 80)}, {in: wan, b: udp(remote, 80, public, 5000)}}
	b.ReportAllocs()
	for b.Loop() {
		for _, x := range steps {
			r.stack.HandlePacket(0, x.in, r.pool.From(x.b))
			for e, ok := r.stack.Poll(); ok; e, ok = r.stack.Poll() {
				e.Packet.Release()
			}
		}
	}
}
