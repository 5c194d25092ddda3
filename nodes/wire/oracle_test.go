package wire

import (
	"bytes"
	"math/rand/v2"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/mdlayher/ndp"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
)

// rounds is the number of random packets per comparison.
const rounds = 300

type random struct{ *rand.Rand }

func newRandom() random { return random{rand.New(rand.NewPCG(1, 2))} }

func (r random) octets(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func (r random) addr4() netip.Addr { return addr4(r.octets(4)) }
func (r random) addr6() netip.Addr { return addr6(r.octets(16)) }
func (r random) flag() bool        { return r.IntN(2) == 1 }

// unicast6 is in 2000::/3, which libraries that check targets accept.
func (r random) unicast6() netip.Addr {
	b := r.octets(16)
	b[0] = 0x20
	return addr6(b)
}

func serialize(t *testing.T, ls ...gopacket.SerializableLayer) []byte {
	t.Helper()
	buf := gopacket.NewSerializeBuffer()
	if err := gopacket.SerializeLayers(buf, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, ls...); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func requireOctets(t *testing.T, what string, got, want []byte) {
	t.Helper()
	if !bytes.Equal(got, want) {
		t.Fatalf("%s:\n got %x\nwant %x", what, got, want)
	}
}

func TestAgainstGopacket(t *testing.T) {
	r := newRandom()
	for range rounds {
		payload := r.octets(r.IntN(50))
		sport, dport := uint16(10000+r.IntN(1000)), uint16(20000+r.IntN(1000)) // ports without a decoder
		udp := &layers.UDP{SrcPort: layers.UDPPort(sport), DstPort: layers.UDPPort(dport)}

		f4 := IPv4Fields{TOS: uint8(r.Uint32()), ID: uint16(r.Uint32()), DontFragment: r.flag(), TTL: uint8(r.Uint32()), Source: r.addr4(), Destination: r.addr4()}
		g4 := &layers.IPv4{Version: 4, TOS: f4.TOS, Id: f4.ID, TTL: f4.TTL, Protocol: layers.IPProtocolUDP,
			SrcIP: f4.Source.AsSlice(), DstIP: f4.Destination.AsSlice()}
		if f4.DontFragment {
			g4.Flags = layers.IPv4DontFragment
		}
		if err := udp.SetNetworkLayerForChecksum(g4); err != nil {
			t.Fatal(err)
		}
		model := []any{f4, udpLayer{sport, dport}, dataLayer(payload)}
		want := serialize(t, g4, udp, gopacket.Payload(payload))
		_, got := build(model, IPv4Layout{}, addresses{})
		requireOctets(t, "IPv4 and UDP", got, want)
		back, err := parseIP(want, IPv4Layout{})
		if err != nil {
			t.Fatal(err)
		}
		requireSame(t, model, back)

		f6 := IPv6Fields{TrafficClass: uint8(r.Uint32()), FlowLabel: r.Uint32() & 0xfffff, HopLimit: uint8(r.Uint32()), Source: r.addr6(), Destination: r.addr6()}
		g6 := &layers.IPv6{Version: 6, TrafficClass: f6.TrafficClass, FlowLabel: f6.FlowLabel, HopLimit: f6.HopLimit, NextHeader: layers.IPProtocolUDP,
			SrcIP: f6.Source.AsSlice(), DstIP: f6.Destination.AsSlice()}
		if err := udp.SetNetworkLayerForChecksum(g6); err != nil {
			t.Fatal(err)
		}
		model = []any{f6, udpLayer{sport, dport}, dataLayer(payload)}
		want = serialize(t, g6, udp, gopacket.Payload(payload))
		_, got = build(model, IPv4Layout{}, addresses{})
		requireOctets(t, "IPv6 and UDP", got, want)
		if back, err = parseIP(want, IPv4Layout{}); err != nil {
			t.Fatal(err)
		}
		requireSame(t, model, back)

		g6.NextHeader = layers.IPProtocolTCP
		tcp := &layers.TCP{SrcPort: layers.TCPPort(sport), DstPort: layers.TCPPort(dport), Seq: r.Uint32(), Ack: r.Uint32(), SYN: true, ACK: r.flag()}
		if err := tcp.SetNetworkLayerForChecksum(g6); err != nil {
			t.Fatal(err)
		}
		segment, err := ParseTCP(serialize(t, g6, tcp, gopacket.Payload(payload))[IPv6HeaderLen:], f6.Source, f6.Destination)
		if err != nil {
			t.Fatal(err)
		}
		if segment.SourcePort() != sport || segment.Sequence() != tcp.Seq || segment.Acknowledgment() != tcp.Ack ||
			segment.Flags()&TCPSyn == 0 || (segment.Flags()&TCPAck != 0) != tcp.ACK || !bytes.Equal(segment.Payload(), payload) {
			t.Fatalf("TCP: %x", []byte(segment))
		}

		a := ARPFields{Operation: uint16(1 + r.IntN(2)), SenderMAC: MAC(r.octets(6)), SenderIP: r.addr4(), TargetMAC: MAC(r.octets(6)), TargetIP: r.addr4()}
		e := ethLayer{MAC(r.octets(6)), MAC(r.octets(6))}
		want = serialize(t, &layers.Ethernet{SrcMAC: e.src[:], DstMAC: e.dst[:], EthernetType: layers.EthernetTypeARP},
			&layers.ARP{AddrType: layers.LinkTypeEthernet, Protocol: layers.EthernetTypeIPv4, HwAddressSize: 6, ProtAddressSize: 4,
				Operation: a.Operation, SourceHwAddress: a.SenderMAC[:], SourceProtAddress: a.SenderIP.AsSlice(),
				DstHwAddress: a.TargetMAC[:], DstProtAddress: a.TargetIP.AsSlice()})
		_, got = build([]any{e, a}, IPv4Layout{}, addresses{})
		requireOctets(t, "ARP", got, want[:len(got)]) // gopacket pads to 60 octets
		if back, err = parseFrame(want, IPv4Layout{}); err != nil {
			t.Fatal(err)
		}
		requireSame(t, []any{e, a}, back)
	}
}

// gopacket, which knows nothing of mobility, must agree on extension headers.
func TestExtensionHeadersAgainstGopacket(t *testing.T) {
	for name := range vectorModels {
		b := vectorNamed(t, name)
		if name[0] == 'E' || b[0]>>4 != 6 {
			continue
		}
		h, _ := ParseIPv6(b)
		c, err := WalkIPv6(h)
		if err != nil {
			t.Fatal(err)
		}
		p := gopacket.NewPacket(b, layers.LayerTypeIPv6, gopacket.NoCopy)
		switch {
		case c.HomeAddress.IsValid():
			d, ok := p.Layer(layers.LayerTypeIPv6Destination).(*layers.IPv6Destination)
			if !ok || uint8(d.NextHeader) != c.Upper || d.ActualLength != DestOptsHomeAddressLen {
				t.Errorf("%s: %+v", name, d)
				continue
			}
			o := d.Options[len(d.Options)-1]
			if o.OptionType != OptHomeAddress || !bytes.Equal(o.OptionData, c.HomeAddress.AsSlice()) {
				t.Errorf("%s: option %+v, want %v", name, o, c.HomeAddress)
			}
		case c.RoutingHome.IsValid():
			d, ok := p.Layer(layers.LayerTypeIPv6Routing).(*layers.IPv6Routing)
			if ok && (uint8(d.NextHeader) != c.Upper || d.RoutingType != RoutingType2 || d.SegmentsLeft != 1) {
				t.Errorf("%s: %+v", name, d)
			}
		}
	}
}

func TestAgainstGvisor(t *testing.T) {
	r := newRandom()
	for range rounds {
		payload := r.octets(r.IntN(60))
		src4, dst4, src6, dst6 := r.addr4(), r.addr4(), r.addr6(), r.addr6()
		_, b := build([]any{IPv4Fields{TOS: uint8(r.Uint32()), ID: uint16(r.Uint32()), MoreFragments: r.flag(), FragmentOffset: 8 * r.IntN(8192), TTL: uint8(r.Uint32()),
			Source: src4, Destination: dst4}, dataLayer(payload)}, IPv4Layout{}, addresses{})
		g, h := header.IPv4(b), IPv4(b)
		tos, _ := g.TOS()
		if !g.IsValid(len(b)) || !g.IsChecksumValid() || tos != h.TOS() || g.ID() != h.ID() || int(g.FragmentOffset()) != h.FragmentOffset() ||
			g.More() != h.MoreFragments() || g.TTL() != h.TTL() || g.SourceAddress() != tcpip.AddrFrom4(src4.As4()) ||
			g.DestinationAddress() != tcpip.AddrFrom4(dst4.As4()) || !bytes.Equal(g.Payload(), h.Payload()) {
			t.Fatalf("IPv4 %x", b)
		}
		h.SetSource(dst4)
		if h.TTL() > 0 {
			h.DecrementTTL()
		}
		if !g.IsChecksumValid() {
			t.Fatalf("gvisor rejects the checksum after the setters: %x", b)
		}

		_, b = build([]any{IPv6Fields{TrafficClass: uint8(r.Uint32()), FlowLabel: r.Uint32() & 0xfffff, HopLimit: uint8(r.Uint32()), Source: src6, Destination: dst6},
			udpLayer{uint16(r.Uint32()), uint16(r.Uint32())}, dataLayer(payload)}, IPv4Layout{}, addresses{})
		g6, h6 := header.IPv6(b), IPv6(b)
		class, flow := g6.TOS()
		if !g6.IsValid(len(b)) || class != h6.TrafficClass() || flow != h6.FlowLabel() || g6.HopLimit() != h6.HopLimit() ||
			g6.SourceAddress() != tcpip.AddrFrom16(src6.As16()) || g6.NextHeader() != h6.NextHeader() {
			t.Fatalf("IPv6 %x", b)
		}
		u := header.UDP(g6.Payload())
		if !u.IsChecksumValid(g6.SourceAddress(), g6.DestinationAddress(), payloadSum(u.Payload())) || int(u.Length()) != len(u) {
			t.Fatalf("UDP %x", []byte(u))
		}

		b = append(make([]byte, EchoLen), payload...)
		PutEcho(b, uint16(r.Uint32()), uint16(r.Uint32()))
		PutICMPv6(b, ICMPv6EchoRequest, 0, src6, dst6)
		m, _ := ParseICMPv6(b, src6, dst6)
		e, _ := m.Echo()
		i := header.ICMPv6(b)
		if i.Ident() != e.Identifier() || i.Sequence() != e.Sequence() || header.ICMPv6Checksum(header.ICMPv6ChecksumParams{
			Header: i, Src: tcpip.AddrFrom16(src6.As16()), Dst: tcpip.AddrFrom16(dst6.As16())}) != i.Checksum() {
			t.Fatalf("ICMPv6 %x", b)
		}
		f := FragmentFields{NextHeader: uint8(r.Uint32()), Offset: 8 * r.IntN(8192), More: r.flag(), ID: r.Uint32()}
		b = make([]byte, FragmentLen)
		PutFragment(b, f)
		gf := header.IPv6Fragment(b)
		if gf.NextHeader() != f.NextHeader || int(gf.FragmentOffset())*8 != f.Offset || gf.More() != f.More || gf.ID() != f.ID {
			t.Fatalf("Fragment %+v: %x", f, b)
		}
	}
}

func payloadSum(b []byte) uint16 {
	return ^UpdateChecksum16(0xffff, make([]byte, len(b)+len(b)%2), append(bytes.Clone(b), make([]byte, len(b)%2)...))
}

func TestAgainstNDP(t *testing.T) {
	r := newRandom()
	marshal := func(m ndp.Message, src, dst netip.Addr) []byte {
		t.Helper()
		b, err := ndp.MarshalMessageChecksum(m, src, dst)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	link := func(d ndp.Direction, mac MAC) *ndp.LinkLayerAddress {
		return &ndp.LinkLayerAddress{Direction: d, Addr: net.HardwareAddr(bytes.Clone(mac[:]))}
	}
	for range rounds {
		mac := MAC(r.octets(6))
		a := addresses{r.unicast6(), r.unicast6()}
		target := r.unicast6()

		seconds := func(n uint32) time.Duration { return time.Duration(r.Uint32N(n)) * time.Second }
		ra := RouterAdvertisementFields{CurHopLimit: uint8(r.Uint32()), Managed: r.flag(), OtherConfig: r.flag(), HomeAgent: r.flag(),
			Preference: [...]RouterPreference{RouterMedium, RouterHigh, RouterLow}[r.IntN(3)], RouterLifetime: seconds(0xffff),
			ReachableTime: time.Duration(r.Uint32()) * time.Millisecond, RetransTimer: time.Duration(r.Uint32()) * time.Millisecond,
			SourceLinkLayer: mac, MTU: 1 + r.Uint32N(1e6)}
		theirs := &ndp.RouterAdvertisement{CurrentHopLimit: ra.CurHopLimit, ManagedConfiguration: ra.Managed, OtherConfiguration: ra.OtherConfig,
			MobileIPv6HomeAgent: ra.HomeAgent, RouterSelectionPreference: map[RouterPreference]ndp.Preference{RouterMedium: ndp.Medium, RouterHigh: ndp.High, RouterLow: ndp.Low}[ra.Preference],
			RouterLifetime: ra.RouterLifetime, ReachableTime: ra.ReachableTime, RetransmitTimer: ra.RetransTimer,
			Options: []ndp.Option{link(ndp.Source, mac), ndp.NewMTU(ra.MTU)}}
		for range r.IntN(3) {
			prefix, _ := target.Prefix(64)
			p := PrefixInformation{Address: prefix.Addr(), PrefixLen: 64, OnLink: r.flag(), Autonomous: r.flag(), ValidLifetime: seconds(1 << 31)}
			if r.flag() {
				p.ValidLifetime, p.PreferredLifetime = Infinity, Infinity
			}
			ra.Prefixes = append(ra.Prefixes, p)
			theirs.Options = append(theirs.Options, &ndp.PrefixInformation{PrefixLength: 64, OnLink: p.OnLink, AutonomousAddressConfiguration: p.Autonomous,
				ValidLifetime: p.ValidLifetime, PreferredLifetime: p.PreferredLifetime, Prefix: p.Address})
		}
		ns := nsLayer{target, mac}
		na := NeighborAdvertisementFields{r.flag(), r.flag(), r.flag(), target, mac}
		for _, c := range []struct {
			ours   any
			theirs ndp.Message
		}{
			{ra, theirs},
			{ns, &ndp.NeighborSolicitation{TargetAddress: target, Options: []ndp.Option{link(ndp.Source, mac)}}},
			{na, &ndp.NeighborAdvertisement{Router: na.Router, Solicited: na.Solicited, Override: na.Override, TargetAddress: target, Options: []ndp.Option{link(ndp.Target, mac)}}},
			{rsLayer{mac}, &ndp.RouterSolicitation{Options: []ndp.Option{link(ndp.Source, mac)}}},
		} {
			want := marshal(c.theirs, a.src, a.dst)
			_, got := build([]any{c.ours}, IPv4Layout{}, a)
			requireOctets(t, "ND", got, want)
			m, err := ParseICMPv6(want, a.src, a.dst)
			if err != nil {
				t.Fatal(err)
			}
			layer, err := icmpv6Layer(m)
			if err != nil {
				t.Fatal(err)
			}
			requireSame(t, c.ours, layer)
			parsed, err := ndp.ParseMessage(got)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.theirs, parsed, compare); diff != "" {
				t.Fatalf("ndp reads our octets differently:\n%s", diff)
			}
		}
	}
}
