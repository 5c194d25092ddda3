package wire

import (
	"bytes"
	"errors"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func requireSame(t *testing.T, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got, compare); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func udpDatagram(src, dst netip.Addr, payload string) []byte {
	b := append(make([]byte, UDPHeaderLen), payload...)
	PutUDP(b, 5000, 6000, src, dst)
	return b
}

// tcpSegment returns a SYN with a right checksum.
func tcpSegment(src, dst netip.Addr) []byte {
	b := make([]byte, TCPHeaderLen+3)
	b[1], b[3], b[tcpDataOffset], b[tcpFlags] = 80, 90, 5<<4, TCPSyn
	copy(b[TCPHeaderLen:], "odd")
	// The difference between a field of zero and the right one is an update
	// from nothing: sum everything into a zero checksum.
	zero := make([]byte, len(b)+1)
	pseudo := make([]byte, 0, 64)
	if src.Is4() {
		pseudo = append(append(pseudo, src.AsSlice()...), dst.AsSlice()...)
	} else {
		s, d := src.As16(), dst.As16()
		pseudo = append(append(pseudo, s[:]...), d[:]...)
	}
	pseudo = append(pseudo, 0, ProtoTCP, 0, byte(len(b)))
	sum := UpdateChecksum16(0xffff, make([]byte, len(pseudo)), pseudo)
	sum = UpdateChecksum16(sum, zero, append(bytes.Clone(b), 0))
	b[tcpChecksum], b[tcpChecksum+1] = byte(sum>>8), byte(sum)
	return b
}

func TestAddresses(t *testing.T) {
	for _, c := range []struct{ what, got, want string }{
		{"MAC", haMAC.String(), "02:00:00:00:01:01"},
		{"all nodes on Ethernet", MulticastMAC(AllNodes).String(), "33:33:00:00:00:01"},
		{"IPv4 group on Ethernet", MulticastMAC(ip("239.129.2.3")).String(), "01:00:5e:01:02:03"},
		{"solicited node", SolicitedNode(ip("2001:db8::12:3456")).String(), "ff02::1:ff12:3456"},
		{"link-local", LinkLocal(MAC{0, 0x11, 0x22, 0x33, 0x44, 0x55}).String(), "fe80::211:22ff:fe33:4455"},
		{"from a /64", FromPrefix(netip.MustParsePrefix("2001:db8:a::/64"), InterfaceID(mnMAC)).String(), "2001:db8:a::ff:fe00:1000"},
		{"from a /60", FromPrefix(netip.MustParsePrefix("2001:db8:a:fff0::/60"), [8]byte{7: 1}).String(), "2001:db8:a:fff0::1"},
		{"from a /80", FromPrefix(netip.MustParsePrefix("2001:db8:0:0:1::/80"), [8]byte{0xff, 0xff, 0xff, 7: 1}).String(), "2001:db8::1:ff00:0:1"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %s, want %s", c.what, c.got, c.want)
		}
	}
	if !Broadcast.IsMulticast() || haMAC.IsMulticast() || !allNodeMAC.IsMulticast() {
		t.Error("IsMulticast looks at the wrong bit")
	}
}

// A mapped address in an IPv6 header stays an IPv6 address, an address in an
// IPv4 header is a 4-octet one.
func TestAddressFamilies(t *testing.T) {
	b := vectorNamed(t, "V09_BU_6in4_mapped")
	outer, _ := ParseIPv4(b)
	inner, _ := ParseIPv6(outer.Payload())
	if !outer.Source().Is4() || !inner.Source().Is4In6() || inner.Source().Unmap() != outer.Source() {
		t.Errorf("outer %v, inner %v", outer.Source(), inner.Source())
	}
}

func TestErrors(t *testing.T) {
	_, err := ParseIPv6(nil)
	if !errors.Is(err, ErrTruncated) || errors.Is(err, ErrChecksum) {
		t.Errorf("%v is of another kind", err)
	}
	if err.Error() != "IPv6: shorter than its header" {
		t.Errorf("text %q", err)
	}
}

func TestIPv4Errors(t *testing.T) {
	good := make([]byte, 28)
	PutIPv4(good, IPv4Fields{TotalLen: 28, TTL: 2, Protocol: ProtoUDP, Source: coa4, Destination: ha4})
	edit := func(f func(b []byte)) []byte {
		b := bytes.Clone(good)
		f(b)
		return b
	}
	for _, c := range []struct {
		name string
		b    []byte
		want *Error
	}{
		{"good", good, nil},
		{"short", good[:19], errIPv4Short},
		{"version", edit(func(b []byte) { b[0] = 0x65 }), errIPv4Version},
		{"IHL 4", edit(func(b []byte) { b[0] = 0x44 }), errIPv4IHL},
		{"IHL beyond the octets", edit(func(b []byte) { b[0] = 0x4f }), errIPv4Short},
		{"total length below header", edit(func(b []byte) { b[3] = 19 }), errIPv4Total},
		{"total length beyond the octets", edit(func(b []byte) {
			PutIPv4(b, IPv4Fields{TotalLen: 29, Source: coa4, Destination: ha4})
		}), errIPv4Cut},
		{"checksum", edit(func(b []byte) { b[1] = 1 }), errIPv4Checksum},
	} {
		_, err := ParseIPv4(c.b)
		wantErr(t, err, c.want, c.name)
	}
	if h, err := ParseIPv4(append(bytes.Clone(good), 0, 0, 0)); err != nil || len(h) != 28 {
		t.Errorf("link padding: %d octets, %v", len(h), err)
	}
	if h, err := ParseQuotedIPv4(good[:24]); err != nil || len(h.Payload()) != 4 {
		t.Errorf("quote: %v", err)
	}
}

// Options between header and payload are stepped over.
func TestIPv4Options(t *testing.T) {
	b := make([]byte, 28)
	PutIPv4(b, IPv4Fields{TotalLen: 28, TTL: 9, Protocol: ProtoUDP, Source: coa4, Destination: ha4})
	old := bytes.Clone(b[:2])
	b[0] = 0x46
	copy(b[20:], []byte{1, 1, 1, 0, 'd', 'a', 't', 'a'})
	sum := uint16(b[10])<<8 | uint16(b[11])
	sum = UpdateChecksum16(UpdateChecksum16(sum, old, b[:2]), make([]byte, 4), b[20:24])
	b[10], b[11] = byte(sum>>8), byte(sum)
	h, err := ParseIPv4(b)
	if err != nil || h.HeaderLen() != 24 || string(h.Payload()) != "data" {
		t.Errorf("%v, payload %q", err, h.Payload())
	}
}

// Every setter leaves what a fresh header would hold, checksum included.
func TestIPv4Setters(t *testing.T) {
	f := IPv4Fields{TOS: 3, TotalLen: 20, ID: 0xffff, DontFragment: true, TTL: 255, Protocol: 6, Source: private4, Destination: ha4}
	b := make([]byte, 20)
	PutIPv4(b, f)
	h := IPv4(b)
	for _, a := range []netip.Addr{nat4, unspec4, ip("255.255.255.255"), cn4} {
		h.SetSource(a)
		h.SetDestination(a)
		f.Source, f.Destination = a, a
		for f.TTL--; h.DecrementTTL()%50 != 0; f.TTL-- {
		}
		want := make([]byte, 20)
		PutIPv4(want, f)
		if !bytes.Equal(b, want) {
			t.Errorf("with %v: %x, want %x", a, b, want)
		}
	}
	b[ip4TTL] = 0
	if h.DecrementTTL() != 0 {
		t.Error("TTL falls below zero")
	}
}

func TestIPv4Fragments(t *testing.T) {
	b := make([]byte, 20)
	for _, f := range []IPv4Fields{
		{TotalLen: 20, MoreFragments: true, Source: ha4, Destination: coa4},
		{TotalLen: 20, FragmentOffset: 1480, Source: ha4, Destination: coa4},
		{TotalLen: 20, FragmentOffset: 65528, MoreFragments: true, Source: ha4, Destination: coa4},
	} {
		PutIPv4(b, f)
		h, err := ParseIPv4(b)
		if err != nil || !h.IsFragment() || h.FragmentOffset() != f.FragmentOffset || h.MoreFragments() != f.MoreFragments || h.DontFragment() {
			t.Errorf("%+v: %x, %v", f, b, err)
		}
	}
}

func TestIPv6Setters(t *testing.T) {
	b := make([]byte, 48)
	PutIPv6(b, IPv6Fields{TrafficClass: 0xab, FlowLabel: 0xfffff, PayloadLen: 8})
	h := IPv6(b)
	if h.TrafficClass() != 0xab || h.FlowLabel() != 0xfffff || !h.Source().IsUnspecified() {
		t.Errorf("%x", b)
	}
	h.SetHopLimit(9)
	h.SetNextHeader(ProtoUDP)
	h.SetPayloadLen(0)
	h.SetSource(coa6)
	h.SetDestination(mapped)
	if h.HopLimit() != 9 || h.NextHeader() != ProtoUDP || h.PayloadLen() != 0 || h.Source() != coa6 || h.Destination() != mapped {
		t.Errorf("%x", b)
	}
	if h, err := ParseIPv6(b); err != nil || len(h.Payload()) != 0 {
		t.Errorf("octets after the payload are not cut: %v", err)
	}
	_, err := ParseIPv6(make([]byte, 40))
	wantErr(t, err, errIPv6Version, "version 0")
}

func TestUDPErrors(t *testing.T) {
	edit := func(src netip.Addr, f func(b []byte)) ([]byte, netip.Addr, netip.Addr) {
		dst := ha6
		if src.Is4() {
			dst = ha4
		}
		b := udpDatagram(src, dst, "abc")
		f(b)
		return b, src, dst
	}
	for _, c := range []struct {
		name string
		src  netip.Addr
		edit func(b []byte)
		want *Error
	}{
		{"good over IPv6", coa6, func([]byte) {}, nil},
		{"good over IPv4", coa4, func([]byte) {}, nil},
		{"no checksum over IPv4", coa4, func(b []byte) { b[6], b[7] = 0, 0 }, nil},
		{"no checksum over IPv6", coa6, func(b []byte) { b[6], b[7] = 0, 0 }, errUDPZero},
		{"checksum", coa6, func(b []byte) { b[8] ^= 1 }, errUDPChecksum},
		{"length 7", coa6, func(b []byte) { b[5] = 7 }, errUDPLength},
		{"length beyond", coa6, func(b []byte) { b[5] = 12 }, errUDPCut},
	} {
		_, err := ParseUDP(edit(c.src, c.edit))
		wantErr(t, err, c.want, c.name)
	}
}

// A checksum that computes to zero is sent as all ones (RFC 768).
func TestUDPZeroChecksum(t *testing.T) {
	b := udpDatagram(coa6, ha6, "\x00\x00")
	copy(b[8:], b[6:8]) // adding the checksum to the data makes the sum all ones
	PutUDP(b, 5000, 6000, coa6, ha6)
	if sum := UDP(b).Checksum(); sum != 0xffff {
		t.Fatalf("checksum %#x, want 0xffff", sum)
	}
	if _, err := ParseUDP(b, coa6, ha6); err != nil {
		t.Error(err)
	}
	// The same when a port is rewritten and the data makes up for it.
	u := UDP(b)
	u.SetSourcePort(1)
	u.SetSourcePort(5000)
	if sum := u.Checksum(); sum != 0xffff {
		t.Errorf("after rewriting: %#x, want 0xffff", sum)
	}
	// A datagram without a checksum keeps none.
	b[6], b[7] = 0, 0
	u.SetDestinationPort(9)
	if u.Checksum() != 0 {
		t.Errorf("%#x, want none", u.Checksum())
	}
}

func TestTCP(t *testing.T) {
	for _, a := range []addresses{{coa6, cn6}, {coa4, cn4}} {
		b := tcpSegment(a.src, a.dst)
		s, err := ParseTCP(b, a.src, a.dst)
		if err != nil {
			t.Fatal(err)
		}
		if s.SourcePort() != 80 || s.DestinationPort() != 90 || s.Flags() != TCPSyn || string(s.Payload()) != "odd" || s.Checksum() == 0 ||
			s.Sequence() != 0 || s.Acknowledgment() != 0 {
			t.Errorf("%x", b)
		}
		s.SetSourcePort(40000)
		s.SetDestinationPort(443)
		if s, err = ParseTCP(b, a.src, a.dst); err != nil || s.SourcePort() != 40000 || s.DestinationPort() != 443 {
			t.Errorf("after the setters: %v", err)
		}
		b[tcpDataOffset] = 4 << 4
		_, err = ParseTCP(b, a.src, a.dst)
		wantErr(t, err, errTCPOffset, "offset 4")
		b[tcpDataOffset] = 6 << 4
		_, err = ParseTCP(b, a.src, a.dst)
		wantErr(t, err, errTCPShort, "offset 6")
		b[tcpDataOffset] = 5<<4 | 1
		_, err = ParseTCP(b, a.src, a.dst)
		wantErr(t, err, errTCPChecksum, "checksum")
		_, err = ParseTCP(b[:19], a.src, a.dst)
		wantErr(t, err, errTCPShort, "19 octets")
	}
}

// translate is what a NAT does to an outgoing packet or to a quote of it.
func translate(h IPv4, src netip.Addr, port uint16) error {
	p, err := ParsePorts(h.Protocol(), h.Payload())
	if err != nil {
		return err
	}
	old, new := h.Source().As4(), src.As4()
	h.SetSource(src)
	AdjustTransportChecksum(h.Protocol(), h.Payload(), old[:], new[:])
	p.SetSource(port)
	return nil
}

// V38 is V37 behind a NAT: the helpers must turn one into the other.
func TestTranslateVector(t *testing.T) {
	h, err := ParseIPv4(vectorNamed(t, "V37_BU_5555_udp"))
	if err != nil {
		t.Fatal(err)
	}
	if err := translate(h, nat4, 40001); err != nil {
		t.Fatal(err)
	}
	if want := vectorNamed(t, "V38_BU_5555_natted"); !bytes.Equal(h, want) {
		t.Errorf("\n got %x\nwant %x", []byte(h), want)
	}
}

func TestTranslateQuotes(t *testing.T) {
	packet := func(proto uint8, payload []byte) IPv4 {
		b := append(make([]byte, IPv4HeaderLen), payload...)
		PutIPv4(b, IPv4Fields{TotalLen: len(b), TTL: 64, Protocol: proto, Source: nat4, Destination: cn4})
		return b
	}
	echo := make([]byte, 12)
	PutEcho(echo, 40000, 1)
	PutICMPv4(echo, ICMPv4Echo, 0)
	for _, c := range []struct {
		name   string
		packet IPv4
		quote  int
	}{
		{"UDP, 8 octets", packet(ProtoUDP, udpDatagram(nat4, cn4, "payload")), 8},
		{"UDP, whole", packet(ProtoUDP, udpDatagram(nat4, cn4, "payload")), 100},
		{"TCP, 8 octets", packet(ProtoTCP, tcpSegment(nat4, cn4)), 8},
		{"TCP, whole", packet(ProtoTCP, tcpSegment(nat4, cn4)), 100},
		{"echo", packet(ProtoICMPv4, echo), 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := AppendICMPv4Error(nil, ICMPv4DestinationUnreachable, ICMPv4CodeFragmentationNeeded, 1400, c.packet, c.quote)
			m, err := ParseICMPv4(e)
			if err != nil || m.NextHopMTU() != 1400 || !m.IsError() {
				t.Fatalf("%v, MTU %d", err, m.NextHopMTU())
			}
			quoted, err := ParseQuotedIPv4(m.Quoted())
			if err != nil {
				t.Fatal(err)
			}
			if want := min(max(c.quote, 8), len(c.packet)-20); len(quoted.Payload()) != want {
				t.Errorf("%d octets quoted, want %d", len(quoted.Payload()), want)
			}
			if err := translate(quoted, private4, 4191); err != nil {
				t.Fatal(err)
			}
			PutICMPv4(e, m.Type(), m.Code())
			if _, err := ParseICMPv4(e); err != nil {
				t.Error(err)
			}
			quoted, err = ParseQuotedIPv4(m.Quoted())
			if err != nil || quoted.Source() != private4 {
				t.Fatalf("quoted header: %v", err)
			}
			p, _ := ParsePorts(quoted.Protocol(), quoted.Payload())
			if p.Source() != 4191 {
				t.Errorf("port %d, want 4191", p.Source())
			}
			if len(quoted) < len(c.packet) {
				return
			}
			switch c.packet.Protocol() {
			case ProtoUDP:
				_, err = ParseUDP(quoted.Payload(), private4, cn4)
			case ProtoTCP:
				_, err = ParseTCP(quoted.Payload(), private4, cn4)
			case ProtoICMPv4:
				_, err = ParseICMPv4(quoted.Payload())
			}
			if err != nil {
				t.Errorf("quoted segment: %v", err)
			}
		})
	}
	for _, c := range []struct {
		proto   uint8
		segment []byte
		want    *Error
	}{
		{ProtoESP, make([]byte, 8), errPortsProto},
		{ProtoUDP, make([]byte, 5), errPortsShort},
		{ProtoICMPv4, []byte{ICMPv4TimeExceeded, 0, 0, 0, 0, 0, 0, 0}, errPortsProto},
	} {
		_, err := ParsePorts(c.proto, c.segment)
		wantErr(t, err, c.want, "ParsePorts")
	}
}

func TestUpdateChecksumPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("slices of different length are accepted")
		}
	}()
	UpdateChecksum16(0, []byte{1, 2}, []byte{1, 2, 3, 4})
}

func TestEcho(t *testing.T) {
	b := append(make([]byte, EchoLen), "ping"...)
	PutEcho(b, 7, 9)
	PutICMPv6(b, ICMPv6EchoRequest, 0, coa6, cn6)
	m6, err := ParseICMPv6(b, coa6, cn6)
	if err != nil {
		t.Fatal(err)
	}
	e, err := m6.Echo()
	if err != nil || e.Identifier() != 7 || e.Sequence() != 9 || string(e.Data()) != "ping" || m6.IsError() || m6.Quoted() != nil {
		t.Errorf("%v, %x", err, b)
	}
	_, err = ICMPv6(b[:7]).Echo()
	wantErr(t, err, errICMPv6Echo, "short")
	PutICMPv4(b, ICMPv4EchoReply, 0)
	m4, err := ParseICMPv4(b)
	if err != nil {
		t.Fatal(err)
	}
	if e, err = m4.Echo(); err != nil || e.Identifier() != 7 || m4.Quoted() != nil || len(m4.Body()) != 8 {
		t.Errorf("%v, %x", err, b)
	}
	_, err = ICMPv4(b[:7]).Echo()
	wantErr(t, err, errICMPv4Echo, "short")
	_, err = ICMPv4([]byte{3, 0, 0, 0}).Echo()
	wantErr(t, err, errICMPv4NoEcho, "other type")
	_, err = ICMPv6([]byte{1, 0, 0, 0}).Echo()
	wantErr(t, err, errICMPv6NoEcho, "other type")
	if m := ICMPv6([]byte{2, 0, 0, 0}); m.MTU() != 0 || m.Quoted() != nil {
		t.Error("a cut message has an MTU or a quote")
	}
}

// RFC 4443 section 2.4 (c): the packet stays within 1280 octets.
func TestICMPv6Errors(t *testing.T) {
	for _, n := range []int{40, 1000, 1232, 1233, 9000} {
		invoking := make([]byte, n)
		PutIPv6(invoking, IPv6Fields{PayloadLen: n - 40, NextHeader: ProtoNone, Source: cn6, Destination: hoa6})
		b := AppendICMPv6Error([]byte("before"), ICMPv6PacketTooBig, 0, 1400, invoking, ha6, cn6)
		m, err := ParseICMPv6(b[len("before"):], ha6, cn6)
		if err != nil {
			t.Fatal(err)
		}
		if len(m)+IPv6HeaderLen > IPv6MinimumMTU || len(m.Quoted()) != min(n, 1232) || m.MTU() != 1400 || !m.IsError() {
			t.Errorf("%d octets: message of %d, quote of %d, MTU %d", n, len(m), len(m.Quoted()), m.MTU())
		}
		q, err := ParseQuotedIPv6(m.Quoted())
		if err != nil || q.Source() != cn6 || q.PayloadLen() != n-40 {
			t.Errorf("quote: %v", err)
		}
	}
	b := AppendICMPv6Error(nil, ICMPv6ParameterProblem, ICMPv6CodeUnknownOption, 46, make([]byte, 40), ha6, cn6)
	if m := ICMPv6(b); m.Pointer() != 46 || m.Code() != ICMPv6CodeUnknownOption {
		t.Errorf("pointer %d, code %d", m.Pointer(), m.Code())
	}
}

// Reserved octets are zero even in a buffer that was used before.
func TestWritersOverwriteStaleOctets(t *testing.T) {
	stale := func(n int) []byte { return bytes.Repeat([]byte{0xa5}, n) }
	for _, c := range []struct {
		name string
		n    int
		put  func(b []byte)
	}{
		{"IPv4", 20, func(b []byte) { PutIPv4(b, IPv4Fields{Source: ha4, Destination: coa4}) }},
		{"IPv6", 40, func(b []byte) { PutIPv6(b, IPv6Fields{}) }},
		{"Home Address", 24, func(b []byte) { PutDestOptsHomeAddress(b, 0, hoa6) }},
		{"type 2 routing", 24, func(b []byte) { PutRouting2(b, 0, hoa6) }},
		{"Fragment", 8, func(b []byte) { PutFragment(b, FragmentFields{}) }},
		{"ARP", 28, func(b []byte) { PutARP(b, ARPFields{}) }},
		{"Ethernet", 14, func(b []byte) { PutEthernet(b, haMAC, mnMAC, EtherTypeARP) }},
		{"UDP", 8, func(b []byte) { PutUDP(b, 1, 2, ha6, coa6) }},
	} {
		clean, dirty := make([]byte, c.n), stale(c.n)
		c.put(clean)
		c.put(dirty)
		if !bytes.Equal(clean, dirty) {
			t.Errorf("%s: %x in a used buffer, %x in a new one", c.name, dirty, clean)
		}
	}
	for _, v := range vectors(t) {
		m := vectorModels[v.Name]
		layer := m.layers[len(m.layers)-1]
		a := addresses{hoa6, ha6}
		_, want := build([]any{layer}, m.layout, a)
		if f, ok := layer.(BindingUpdateFields); ok {
			used := stale(200)
			got := AppendBindingUpdate(used[:0], f, m.layout)
			SetMobilityChecksum(got, a.src, a.dst)
			if !bytes.Equal(got, want) {
				t.Errorf("%s: %x in a used buffer, want %x", v.Name, got, want)
			}
		}
		if f, ok := layer.(RouterAdvertisementFields); ok {
			used := stale(300)
			if got := AppendRouterAdvertisement(used[:0], f, a.src, a.dst); !bytes.Equal(got, want) {
				t.Errorf("%s: %x in a used buffer, want %x", v.Name, got, want)
			}
		}
	}
}

func TestARPErrors(t *testing.T) {
	good := vectorNamed(t, "E02_GARP_proxy")[EthernetLen:]
	edit := func(at int, v byte) []byte {
		b := bytes.Clone(good)
		b[at] = v
		return b
	}
	for _, c := range []struct {
		b    []byte
		want *Error
	}{
		{good[:27], errARPShort}, {edit(1, 6), errARPSpaces}, {edit(3, 6), errARPSpaces}, {edit(4, 8), errARPLengths}, {edit(5, 16), errARPLengths},
		{append(bytes.Clone(good), make([]byte, 18)...), nil},
	} {
		a, err := ParseARP(c.b)
		wantErr(t, err, c.want, "ParseARP")
		if err == nil && (len(a) != ARPLen || !a.IsGratuitous()) {
			t.Errorf("%x", []byte(a))
		}
	}
}

func TestNames(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{MobilityBindingUpdate.String(), "BU"},
		{MobilityHandoverAcknowledge.String(), "HAck"},
		{MobilityType(10).String(), "MH type 10"},
		{MobilityType(200).String(), "MH type 200"},
		{(buAH | BUForceUDP).String(), "AHF"},
		{BindingUpdateFlags(0xff00).String(), "AHLKMRPF"},
		{(BAKeyManagement | BAProxy).String(), "KP"},
		{(RegistrationDecapsulation | RegistrationReverseTunnel).String(), "DT"},
		{BindingSequenceOutOfWindow.String(), "Sequence number out of window"},
		{BindingStatus(144).String(), "status 144"},
		{IPv4NoDynamic.String(), "dynamic IPv4 home address assignment not available"},
		{IPv4Status(7).String(), "IPv4 status 7"},
		{BindingErrorUnknownType.String(), "Unrecognized MH Type value"},
		{BindingErrorStatus(9).String(), "status 9"},
		{RegistrationIDMismatch.String(), "home agent: identification mismatch"},
		{RegistrationCode(99).String(), "code 99"},
		{IPv4Draft00.String() + IPv4RFC5555.String() + IPv4None.String(), "draft00rfc5555mipv6"},
		{OptionReportUnicast.String(), "report unless multicast"},
		{GroupResolution.String(), "resolution"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
	if !BindingAcceptedPrefix.IsAccepted() || BindingUnspecified.IsAccepted() || !IPv4Status(127).IsSuccess() || IPv4Unspecified.IsSuccess() ||
		!RegistrationNoSimultaneous.IsAccepted() || RegistrationForeignMNAuthFailed.IsAccepted() {
		t.Error("a status counts on the wrong side")
	}
	seen := map[string]int{}
	for s := range 256 {
		seen[BindingStatus(s).String()]++
		seen[IPv4Status(s).String()]++
		seen[RegistrationCode(s).String()]++
	}
	for name, n := range seen {
		if n > 1 && name != "administratively prohibited" {
			t.Errorf("%d codes are called %q", n, name)
		}
	}
}
