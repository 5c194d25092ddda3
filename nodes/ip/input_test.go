package ip

import (
	"errors"
	"net/netip"
	"testing"

	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

const own6, own4 = "2001:db8:1::1", "192.0.2.1"

// broken returns b with one octet changed.
func broken(b []byte, at int) []byte {
	b[at] ^= 0x10
	return b
}

func TestMalformedPackets(t *testing.T) {
	r := newRig(t)
	for _, c := range []struct {
		what string
		b    []byte
		want string
	}{
		{"nothing", nil, "drop malformed"},
		{"another version", []byte{0x50, 0, 0, 0}, "drop malformed"},
		{"half an IPv6 header", udp6(in6, own6, 64, 1)[:30], "drop malformed"},
		{"half an IPv4 header", udp4(in4, own4, 64, 1)[:15], "drop malformed"},
		{"an IPv4 header checksum", broken(udp4(in4, own4, 64, 1), 8), "drop bad_checksum"},
		{"a UDP checksum", broken(udp6(in6, own6, 64, 1), 48), "drop bad_checksum"},
		{"a UDP checksum over IPv4", broken(udp4(in4, own4, 64, 1), 28), "drop bad_checksum"},
		{"half a UDP header", ip6(in6, own6, 64, wire.ProtoUDP, make([]byte, 5)), "drop malformed"},
		{"an ICMPv6 checksum", broken(icmp6(in6, own6, 128, "abcd"), 45), "drop bad_checksum"},
		{"an ICMPv4 checksum", broken(icmp4(in4, own4, 8, "abcd"), 25), "drop bad_checksum"},
		{"a multicast source", udp6("ff02::9", own6, 64, 1), "drop bad_source"},
		{"a multicast source in IPv4", udp4("224.0.0.9", own4, 64, 1), "drop bad_source"},
		{"a broadcast source", udp4("255.255.255.255", own4, 64, 1), "drop bad_source"},
		{"a mapped source", udp6("::ffff:192.0.2.9", own6, 64, 1), "drop bad_source"},
		{"a mapped destination", udp6(in6, "::ffff:192.0.2.1", 64, 1), "drop bad_source"},
	} {
		if got := r.input(lan, c.b); got != c.want {
			t.Errorf("%s: got %s want %s", c.what, got, c.want)
		}
	}
}

func TestEthernet(t *testing.T) {
	r := newRig(t)
	frame := func(etherType uint16, body []byte) string {
		b := make([]byte, wire.EthernetLen)
		wire.PutEthernet(b, r.Interface(lan).MAC, wire.MAC{2}, etherType)
		r.HandlePacket(0, lan, r.Pool.From(append(b, body...)))
		return r.effects()
	}
	r.expect(frame(wire.EtherTypeARP, make([]byte, 28)), "absorb")
	r.expect(frame(0x88b5, nil), "drop unknown_protocol")
	r.HandlePacket(0, lan, r.Pool.New(0, 5))
	r.expect(r.effects(), "drop malformed")
	// Padding is no part of the packet.
	r.expect(frame(wire.EtherTypeIPv4, append(icmp4(in4, own4, 8, "abcd"), make([]byte, 20)...)),
		`turn; send lan via 192.0.2.9: 192.0.2.1>192.0.2.9 ttl=64 icmp 0 "abcd"`)
	r.expect(frame(wire.EtherTypeIPv6, append(icmp6(in6, own6, 128, "abcd"), 0, 0)),
		`turn; send lan via 2001:db8:1::9: 2001:db8:1::1>2001:db8:1::9 hl=64 icmp6 129 "abcd"`)
}

// RFC 4443 section 4.2, RFC 1122 section 3.2.2.6: the reply has the request's octets, and
// the same buffer, so that the tag of a test packet comes back.
func TestEchoIsTurned(t *testing.T) {
	r := newRig(t)
	for _, b := range [][]byte{icmp6(in6, own6, wire.ICMPv6EchoRequest, "idseqdata"), icmp4(in4, own4, wire.ICMPv4Echo, "idseqdata")} {
		p := r.Pool.From(b)
		p.SetTag(packet.Tag{Flow: 7, Sequence: 8})
		serial := p.Serial()
		r.Input(0, lan, p)
		turn, _ := r.Poll()
		send, _ := r.Poll()
		if turn.Kind != machine.Turn || send.Kind != machine.Send || turn.Packet != p || send.Packet != p {
			t.Fatalf("effects %+v, %+v", turn, send)
		}
		if p.Serial() != serial || p.Tag() != (packet.Tag{Flow: 7, Sequence: 8}) {
			t.Errorf("the reply is another packet: %d %+v", p.Serial(), p.Tag())
		}
		p.Release()
	}
	r.expect(r.effects(), "")
}

func TestEchoSourceAndDestination(t *testing.T) {
	r := newRig(t)
	// From an address of the node's loopback.
	r.expect(r.input(lan, icmp6(in6, "2001:db8:ff::1", 128, "a")),
		`turn; send lan via 2001:db8:1::9: 2001:db8:ff::1>2001:db8:1::9 hl=64 icmp6 129 "a"`)
	// To a group: the answer comes from an address of the interface (RFC 4443 section 4.2).
	r.JoinGroup(lan, wire.AllNodes)
	r.effects()
	r.expect(r.input(lan, icmp6(in6, "ff02::1", 128, "a")),
		`turn; send lan via 2001:db8:1::9: 2001:db8:1::1>2001:db8:1::9 hl=64 icmp6 129 "a"`)
	// From a link-local address, for which there is no route.
	r.expect(r.input(lan, icmp6("fe80::9", "fe80::1", 128, "a")),
		`turn; send lan via fe80::9: fe80::1>fe80::9 hl=64 icmp6 129 "a"`)
	// A link-local address of another interface does not serve as a source.
	r.expect(r.input(dmz, icmp6("fe80::9", "ff02::1", 128, "a")), "absorb")
	// To a broadcast address: no answer (RFC 1122 section 3.2.2.6 lets the node choose).
	r.expect(r.input(lan, icmp4(in4, "255.255.255.255", 8, "a")), "absorb")
	r.expect(r.input(lan, icmp4(in4, "192.0.2.255", 8, "a")), "absorb")
}

func TestEchoReplyIsDelivered(t *testing.T) {
	r := newRig(t)
	r.expect(r.input(lan, icmp6(in6, own6, 129, "abcd")), "deliver 8 octets of protocol 58 2001:db8:1::9>2001:db8:1::1")
	r.expect(r.input(lan, icmp4(in4, own4, 0, "abcd")), "deliver 8 octets of protocol 1 192.0.2.9>192.0.2.1")
	r.expect(r.input(lan, icmp6(in6, own6, 200, "abcd")), "absorb")
	r.expect(r.input(lan, icmp4(in4, own4, 13, "abcd")), "absorb")
}

// Each ICMP belongs to one version of IP; the other does not know it.
func TestICMPOfTheOtherVersion(t *testing.T) {
	r := newRig(t)
	echo := make([]byte, 8)
	wire.PutICMPv4(echo, wire.ICMPv4Echo, 0)
	r.expect(r.input(lan, ip6(in6, own6, 64, wire.ProtoICMPv4, echo)),
		"send lan via 2001:db8:1::9: 2001:db8:1::1>2001:db8:1::9 hl=64 error 4/1 6 quotes all; drop unknown_protocol")
	wire.PutICMPv6(echo, wire.ICMPv6EchoRequest, 0, addr(in4), addr(own4))
	r.expect(r.input(lan, ip4(in4, own4, 64, wire.ProtoICMPv6, echo)),
		"send lan via 192.0.2.9: 192.0.2.1>192.0.2.9 ttl=64 error 3/2 0 quotes all; drop unknown_protocol")
}

// RFC 4443 section 3.1, RFC 1122 section 3.2.2.1.
func TestPorts(t *testing.T) {
	r := newRig(t)
	r.expect(r.input(lan, udp6(in6, own6, 64, 10)),
		"send lan via 2001:db8:1::9: 2001:db8:1::1>2001:db8:1::9 hl=64 error 1/4 0 quotes all; drop no_socket")
	r.expect(r.input(lan, udp4(in4, own4, 64, 10)),
		"send lan via 192.0.2.9: 192.0.2.1>192.0.2.9 ttl=64 error 3/3 0 quotes all; drop no_socket")
	// The loopback address was asked and answers itself (RFC 4443 section 2.2 (a)).
	r.expect(r.input(lan, udp6(in6, "2001:db8:ff::1", 64, 10)),
		"send lan via 2001:db8:1::9: 2001:db8:ff::1>2001:db8:1::9 hl=64 error 1/4 0 quotes all; drop no_socket")

	r.Listen(2000)
	r.expect(r.input(lan, udp6(in6, own6, 64, 10)), "deliver 18 octets of protocol 17 2001:db8:1::9>2001:db8:1::1")
	r.expect(r.input(lan, udp4(in4, own4, 64, 10)), "deliver 18 octets of protocol 17 192.0.2.9>192.0.2.1")
	// What the IP packet holds beyond the datagram is not delivered.
	b := udp6(in6, own6, 64, 10)
	b = append(b, 1, 2, 3)
	wire.IPv6(b).SetPayloadLen(21)
	r.expect(r.input(lan, b), "deliver 18 octets of protocol 17 2001:db8:1::9>2001:db8:1::1")

	r.HandleUDP(2000, func(_ vtime.Time, p *packet.Buf, in Info) {
		if in.Offset != wire.IPv6HeaderLen || in.HopLimit != 64 || in.In != lan || in.Protocol != wire.ProtoUDP {
			t.Errorf("info %+v", in)
		}
		r.Out.Absorb(p)
	})
	r.expect(r.input(lan, udp6(in6, own6, 64, 10)), "absorb")
}

// Whoever sends to everybody learns nothing of who does not listen.
func TestUnmatchedPortsOfGroupsAndBroadcasts(t *testing.T) {
	r := newRig(t)
	r.JoinGroup(lan, wire.AllNodes)
	r.effects()
	r.expect(r.input(lan, udp6(in6, "ff02::1", 64, 10)), "absorb")
	r.expect(r.input(lan, udp4(in4, "255.255.255.255", 64, 10)), "absorb")
	r.expect(r.input(lan, udp4(in4, "192.0.2.255", 64, 10)), "absorb")
	r.expect(r.input(lan, udp6(in6, "ff02::9", 64, 10)), "absorb") // not our group at all
}

// RFC 1122 section 3.3.6: the broadcast address of a subnet is local on its link only.
func TestDirectedBroadcast(t *testing.T) {
	r := newRig(t)
	r.Listen(2000)
	r.expect(r.input(lan, udp4(in4, "192.0.2.255", 64, 10)), "deliver 18 octets of protocol 17 192.0.2.9>192.0.2.255")
	r.expect(r.input(lan, udp4(in4, "192.0.2.254", 64, 10)), "send lan via 192.0.2.254: 192.0.2.9>192.0.2.254 ttl=63 protocol=17")
	r.AddAddress(dmz, addr("198.51.100.130"), 31, Preferred) // RFC 3021: no broadcast address
	r.effects()
	r.expect(r.input(dmz, udp4(in4, "198.51.100.131", 64, 10)), "send core: 192.0.2.9>198.51.100.131 ttl=63 protocol=17")
}

// RFC 4443 section 3.4: the pointer names the octet that holds the unknown number.
func TestUnknownNextHeader(t *testing.T) {
	r := newRig(t)
	r.expect(r.input(lan, ip6(in6, own6, 64, 200, []byte("data"))),
		"send lan via 2001:db8:1::9: 2001:db8:1::1>2001:db8:1::9 hl=64 error 4/1 6 quotes all; drop unknown_protocol")
	b := options6(wire.ProtoDestOpts, in6, own6, 1, 0)
	b[40] = 200
	r.expect(r.input(lan, b),
		"send lan via 2001:db8:1::9: 2001:db8:1::1>2001:db8:1::9 hl=64 error 4/1 40 quotes all; drop unknown_protocol")
	r.expect(r.input(lan, ip4(in4, own4, 64, 200, []byte("data"))),
		"send lan via 192.0.2.9: 192.0.2.1>192.0.2.9 ttl=64 error 3/2 0 quotes all; drop unknown_protocol")
	r.expect(r.input(lan, ip6(in6, own6, 64, wire.ProtoNone, []byte("data"))), "absorb") // RFC 2460 section 4.7
}

// RFC 2460 section 4.2: the two upper bits of an option type.
func TestUnknownOptions(t *testing.T) {
	r := newRig(t)
	r.Listen(2000)
	r.JoinGroup(lan, wire.AllNodes)
	r.effects()
	const error44 = "send lan via 2001:db8:1::9: 2001:db8:1::1>2001:db8:1::9 hl=64 error 4/2 44 quotes all; drop unknown_protocol"
	for _, kind := range []uint8{wire.ProtoHopByHop, wire.ProtoDestOpts} {
		for _, c := range []struct {
			option          byte
			unicast, groups string
		}{
			{0x1e, "deliver 12 octets of protocol 17 2001:db8:1::9>2001:db8:1::1", "deliver 12 octets of protocol 17 2001:db8:1::9>ff02::1"},
			{0x5e, "drop unknown_protocol", "drop unknown_protocol"},
			{0x9e, error44, error44},
			{0xde, error44, "drop unknown_protocol"},
		} {
			r.expect(r.input(lan, options6(kind, in6, own6, 1, 0, c.option, 0)), c.unicast)
			r.expect(r.input(lan, options6(kind, in6, "ff02::1", 1, 0, c.option, 0)), c.groups)
		}
		r.now += vtime.Time(1e9) // for the limit of errors
	}
}

// A node without Mobile IPv6 does not know the Home Address option (RFC 6275 section 6.3).
func TestHomeAddressOptionAtAPlainNode(t *testing.T) {
	r := newRig(t)
	home := addr("2001:db8:1::77").As16()
	b := options6(wire.ProtoDestOpts, in6, own6, append([]byte{1, 2, 0, 0, wire.OptHomeAddress, 16}, home[:]...)...)
	r.expect(r.input(lan, b),
		"send lan via 2001:db8:1::9: 2001:db8:1::1>2001:db8:1::9 hl=64 error 4/2 46 quotes all; drop unknown_protocol")
}

// mobility refuses what it is told to.
type mobility struct{ home, routing trace.Reason }

func (m mobility) CheckHomeAddress(_ vtime.Time, _ *packet.Buf, in *Info) trace.Reason { return m.home }
func (m mobility) CheckRouting(_ vtime.Time, in *Info) trace.Reason                    { return m.routing }

// Upper layers see the home addresses.
func TestMobilityHeaders(t *testing.T) {
	r := newRig(t)
	const home = "2001:db8:1::77"
	hoa := func() []byte { // a datagram whose checksum covers the home address
		u := make([]byte, 12)
		wire.PutUDP(u, 1, 2000, addr(home), addr(own6))
		h := make([]byte, 24)
		wire.PutDestOptsHomeAddress(h, wire.ProtoUDP, addr(home))
		return ip6(in6, own6, 64, wire.ProtoDestOpts, append(h, u...))
	}
	rh2 := func() []byte {
		u := make([]byte, 12)
		wire.PutUDP(u, 1, 2000, addr(in6), addr(home))
		h := make([]byte, 24)
		wire.PutRouting2(h, wire.ProtoUDP, addr(home))
		return ip6(in6, own6, 64, wire.ProtoRouting, append(h, u...))
	}
	r.Listen(2000)
	r.expect(r.input(lan, rh2()), "drop routing_header")
	r.Mobility = mobility{}
	r.expect(r.input(lan, hoa()), "deliver 12 octets of protocol 17 2001:db8:1::77>2001:db8:1::1")
	r.expect(r.input(lan, rh2()), "deliver 12 octets of protocol 17 2001:db8:1::9>2001:db8:1::77")
	r.Mobility = mobility{home: trace.HomeAddressOption}
	r.expect(r.input(lan, hoa()), "drop home_address_option")
	r.Mobility = mobility{routing: trace.RoutingHeader}
	r.expect(r.input(lan, rh2()), "drop routing_header")
}

type security struct{ why trace.Reason }

func (s security) Open(_ vtime.Time, p *packet.Buf, in *Info) trace.Reason {
	if s.why == 0 {
		in.Protocol, in.Secured = wire.ProtoNone, true
	}
	return s.why
}

func TestSecurity(t *testing.T) {
	r := newRig(t)
	r.expect(r.input(lan, ip6(in6, own6, 64, wire.ProtoESP, make([]byte, 40))),
		"send lan via 2001:db8:1::9: 2001:db8:1::1>2001:db8:1::9 hl=64 error 4/1 6 quotes all; drop unknown_protocol")
	r.Security = security{}
	r.expect(r.input(lan, ip6(in6, own6, 64, wire.ProtoESP, make([]byte, 40))), "absorb")
	r.Security = security{trace.SecurityFailed}
	r.expect(r.input(lan, ip6(in6, own6, 64, wire.ProtoESP, make([]byte, 40))), "drop security_failed")
}

// RFC 4862 section 5.4: for a tentative address only Neighbor Discovery is accepted.
func TestTentativeAddress(t *testing.T) {
	r := newRig(t)
	r.AddAddress(lan, addr("2001:db8:1::5"), 64, Tentative)
	r.effects()
	r.expect(r.input(lan, udp6(in6, "2001:db8:1::5", 64, 1)), "drop tentative")
	r.expect(r.input(lan, icmp6(in6, "2001:db8:1::5", 128, "echo")), "drop tentative")
	r.expect(r.input(lan, ip6(in6, "2001:db8:1::5", 64, wire.ProtoICMPv6, nil)), "drop tentative")
	for typ := uint8(133); typ <= 137; typ++ {
		r.expect(r.input(lan, icmp6(in6, "2001:db8:1::5", typ, "")), "absorb")
	}
	r.expect(r.input(lan, icmp6(in6, "2001:db8:1::5", 138, "")), "drop tentative")
	r.Address(addr("2001:db8:1::5")).State = Receiving
	r.expect(r.input(lan, icmp6(in6, "2001:db8:1::5", 138, "")), "absorb")
}

// Errors are never sent about errors, to or about groups and broadcasts, to nobody, about
// later fragments, or to the node itself (RFC 4443 section 2.4 (e), RFC 1122 section 3.2.2).
func TestNoErrorsAbout(t *testing.T) {
	fragment := func(b []byte) []byte {
		h := wire.IPv4(b)
		wire.PutIPv4(b, wire.IPv4Fields{TotalLen: len(b), FragmentOffset: 8, TTL: 1, Protocol: h.Protocol(), Source: h.Source(), Destination: h.Destination()})
		return b
	}
	fragment6 := func(offset int) []byte {
		f := make([]byte, wire.FragmentLen)
		wire.PutFragment(f, wire.FragmentFields{NextHeader: wire.ProtoUDP, Offset: offset, More: true})
		return ip6(in6, out6, 1, wire.ProtoFragment, append(f, make([]byte, 16)...))
	}
	const hop6 = "send lan via 2001:db8:1::9: 2001:db8:1::1>2001:db8:1::9 hl=64 error 3/0 0 quotes all; drop hop_limit"
	const hop4 = "send lan via 192.0.2.9: 192.0.2.1>192.0.2.9 ttl=64 error 11/0 0 quotes all; drop hop_limit"
	hops := func(b []byte) []byte {
		if b[0]>>4 == 6 {
			wire.IPv6(b).SetHopLimit(1)
			return b
		}
		h := wire.IPv4(b)
		for h.TTL() > 1 {
			h.DecrementTTL()
		}
		return b
	}
	for _, c := range []struct {
		what string
		b    []byte
		want string
	}{
		{"an echo request", hops(icmp6(in6, out6, 128, "abcd")), hop6},
		{"an ICMPv6 error", hops(icmp6(in6, out6, 1, "abcd")), "drop hop_limit"},
		{"the last ICMPv6 error type", hops(icmp6(in6, out6, 127, "abcd")), "drop hop_limit"},
		{"a redirect", hops(icmp6(in6, out6, 137, "abcd")), "drop hop_limit"},
		{"ICMPv6 without a type", ip6(in6, out6, 1, wire.ProtoICMPv6, nil), "drop hop_limit"},
		{"an error behind an options header", func() []byte {
			b := hops(options6(wire.ProtoDestOpts, in6, out6, 1, 0))
			b[40], b[48] = wire.ProtoICMPv6, 1
			return b
		}(), "drop hop_limit"},
		{"the first fragment", fragment6(0), hop6},
		{"a later fragment", fragment6(8), "drop hop_limit"},
		{"an IPv4 echo request", hops(icmp4(in4, out4, 8, "abcd")), hop4},
		{"an ICMPv4 error", hops(icmp4(in4, out4, 3, "abcd")), "drop hop_limit"},
		{"ICMPv4 without a type", ip4(in4, out4, 1, wire.ProtoICMPv4, nil), "drop hop_limit"},
		{"a later IPv4 fragment", fragment(udp4(in4, out4, 1, 1)), "drop hop_limit"},
		{"a subnet's broadcast address as source", udp4("192.0.2.255", out4, 1, 1), "drop hop_limit"},
		{"the node itself", udp6(own6, out6, 1, 1), "drop hop_limit"},
		{"the node itself in IPv4", udp4(own4, out4, 1, 1), "drop hop_limit"},
		{"a source without a route", udp6("2001:db8:99::1", out6, 1, 1), "drop hop_limit"},
		{"an IPv4 source without a route", udp4("203.0.113.99", out4, 1, 1), "drop hop_limit"},
	} {
		r := newRig(t)
		if got := r.input(lan, c.b); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.what, got, c.want)
		}
	}
	// These reach Reject from elsewhere in the node.
	r := newRig(t)
	for _, b := range [][]byte{
		udp6("::", own6, 64, 1), udp6("ff02::9", own6, 64, 1), udp6("::ffff:192.0.2.9", own6, 64, 1), udp6(in6, "ff02::1", 64, 1),
		udp4("0.0.0.0", own4, 64, 1), udp4("224.0.0.1", own4, 64, 1), udp4("255.255.255.255", own4, 64, 1), udp4("127.0.0.1", own4, 64, 1),
		udp4(in4, "224.0.0.1", 64, 1), udp4(in4, "255.255.255.255", 64, 1), udp4(in4, "192.0.2.255", 64, 1),
	} {
		r.Reject(0, r.Pool.From(b), trace.NoSocket, 1, 4, 0)
		r.expect(r.effects(), "drop no_socket")
	}
	// Packet Too Big and the Parameter Problem about an option go out about multicast too (e.3).
	r.invoked = udp6(in6, "ff02::1", 64, 1)
	r.Reject(0, r.Pool.From(r.invoked), trace.TooBig, wire.ICMPv6PacketTooBig, 0, 1280)
	r.expect(r.effects(), "send lan via 2001:db8:1::9: 2001:db8:1::1>2001:db8:1::9 hl=64 error 2/0 1280 quotes all; drop too_big")
}

// An error without any address to send it from is not sent.
func TestErrorsNeedASource(t *testing.T) {
	r := newRig(t)
	for _, a := range r.Addresses() {
		a.State = Receiving
	}
	r.expect(r.input(lan, udp6(in6, out6, 1, 1)), "drop hop_limit")
	r.expect(r.input(lan, udp4(in4, out4, 1, 1)), "drop hop_limit")
	r.expect(r.input(lan, udp6(in6, own6, 64, 1)), "drop no_socket")
	r.expect(r.input(lan, udp4(in4, own4, 64, 1)), "drop no_socket")
}

// RFC 2131 section 4.1: while it is being configured an interface takes what is for the
// DHCP client, whatever the address; and nothing else.
func TestConfiguringInterface(t *testing.T) {
	r := newRig(t)
	r.Listen(wire.PortDHCPv4Client)
	reply := udp4("192.0.2.254", "192.0.2.77", 64, 10)
	u := wire.IPv4(reply).Payload()
	wire.PutUDP(u, 67, wire.PortDHCPv4Client, addr("192.0.2.254"), addr("192.0.2.77"))
	r.expect(r.input(lan, reply), "send lan via 192.0.2.77: 192.0.2.254>192.0.2.77 ttl=63 protocol=17")
	r.Interface(lan).Configuring = true
	r.expect(r.input(lan, reply), "deliver 18 octets of protocol 17 192.0.2.254>192.0.2.77")
	r.expect(r.input(lan, udp4("192.0.2.254", "192.0.2.77", 64, 10)), "send lan via 192.0.2.77: 192.0.2.254>192.0.2.77 ttl=63 protocol=17")
}

func TestOutput(t *testing.T) {
	r := newRig(t)
	r.Listen(2000)
	// To itself, a Virtual address included; but not to a tentative one.
	r.expect(r.output(udp6(own6, "2001:db8:3::1", 64, 1)), "deliver 9 octets of protocol 17 2001:db8:1::1>2001:db8:3::1")
	r.expect(r.output(udp6(own6, "2001:db8:ff::1", 64, 1)), "deliver 9 octets of protocol 17 2001:db8:1::1>2001:db8:ff::1")
	r.AddAddress(lan, addr("2001:db8:1::5"), 64, Tentative)
	r.effects()
	r.expect(r.output(udp6(own6, "2001:db8:1::5", 64, 1)), "send lan via 2001:db8:1::5: 2001:db8:1::1>2001:db8:1::5 hl=64 next=17")
	// To groups and broadcast addresses without address resolution.
	r.AddRoute(Route{Prefix: netip.MustParsePrefix("ff00::/8"), Iface: lan})
	r.AddRoute(Route{Prefix: netip.MustParsePrefix("224.0.0.0/3"), Iface: lan})
	r.expect(r.output(udp6(own6, "ff02::5", 1, 1)), "send lan to 33:33:00:00:00:05: 2001:db8:1::1>ff02::5 hl=1 next=17")
	r.expect(r.output(udp4(own4, "224.0.0.5", 1, 1)), "send lan to 01:00:5e:00:00:05: 192.0.2.1>224.0.0.5 ttl=1 protocol=17")
	r.expect(r.output(udp4(own4, "255.255.255.255", 1, 1)), "send lan to ff:ff:ff:ff:ff:ff: 192.0.2.1>255.255.255.255 ttl=1 protocol=17")
	r.expect(r.output(udp4(own4, "192.0.2.255", 1, 1)), "send lan to ff:ff:ff:ff:ff:ff: 192.0.2.1>192.0.2.255 ttl=1 protocol=17")
	r.Multicast(core, wire.AllNodes, r.Pool.From(udp6(own6, "ff02::1", 1, 1))) // no frame on a point-to-point link
	r.expect(r.effects(), "send core: 2001:db8:1::1>ff02::1 hl=1 next=17")
	r.expect(r.output([]byte{0x60, 1, 2}), "drop malformed")
	r.expect(r.output(nil), "drop malformed")
}

func TestBadUpper(t *testing.T) {
	if got := badUpper(errors.New("x")); got != trace.Malformed {
		t.Error(got)
	}
}
