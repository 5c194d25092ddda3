package wire

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite testdata/dissect.txt")

// checkLayers demands that layers lie in order and within the packet.
func checkLayers(t *testing.T, b []byte, layers []Layer) {
	t.Helper()
	at := 0
	for _, l := range layers {
		if l.Offset < at || l.Len < 0 || l.Offset+l.Len > len(b) || l.Name == "" {
			t.Fatalf("layer %q at %d+%d after %d in %d octets of %x", l.Name, l.Offset, l.Len, at, len(b), b)
		}
		at = l.Offset + l.Len
	}
}

// The dissection of all vectors is a text to be read; -update rewrites it.
func TestDissectVectors(t *testing.T) {
	var out strings.Builder
	for _, v := range vectors(t) {
		b := v.octets()
		layers := Dissect(b, v.link(), DissectOptions{Layout: vectorModels[v.Name].layout, ESPNull: true, ICVLen: icvLen})
		checkLayers(t, b, layers)
		fmt.Fprintf(&out, "%s: %s\n", v.Name, v.Desc)
		covered := 0
		for _, l := range layers {
			covered += l.Len
			if l.Name == LayerMalformed {
				t.Errorf("%s: %s", v.Name, l.Summary)
			}
			fmt.Fprintf(&out, "  %3d+%-3d %s: %s\n", l.Offset, l.Len, l.Name, l.Summary)
			for _, f := range l.Fields {
				fmt.Fprintf(&out, "          %s = %s\n", f.Name, f.Value)
			}
		}
		// What is not covered can only be the trailer of ESP.
		if want := len(b); covered != want && !strings.Contains(v.Name, "esp") {
			t.Errorf("%s: layers cover %d of %d octets", v.Name, covered, want)
		}
	}
	const golden = "testdata/dissect.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestClassifyVectors(t *testing.T) {
	for name, want := range map[string]Class{
		"V01_BU_v6_hoa4":      {"BU", GroupMobility, coa6, ha6, 104},
		"V04_BA_v6_ack":       {"BA", GroupMobility, ha6, coa6, 88},
		"V09_BU_6in4_mapped":  {"BU", GroupMobility, mapped, ha6, 124},
		"V13_HoTI_tunnelled":  {"HoTI", GroupMobility, hoa6, cn6, 96},
		"V14_CoTI":            {"CoTI", GroupMobility, coa6, cn6, 56},
		"V15_HoT":             {"HoT", GroupMobility, cn6, hoa6, 64},
		"V17_CoT":             {"CoT", GroupMobility, cn6, coa6, 64},
		"V21_BRR":             {"BRR", GroupMobility, cn6, hoa6, 48},
		"V22_BE":              {"BE", GroupMobility, cn6, coa6, 64},
		"V23_DHAAD_req":       {"DHAAD request", GroupDiscovery, coa6, anycast, 48},
		"V24_DHAAD_rep":       {"DHAAD reply", GroupDiscovery, ha6, coa6, 80},
		"V25_MPS":             {"MPS", GroupDiscovery, coa6, ha6, 72},
		"V26_MPA":             {"MPA", GroupDiscovery, ha6, coa6, 104},
		"V27_data_RH2":        {"UDP", GroupData, cn6, coa6, 80},
		"V30_data_4in6":       {"UDP", GroupData, cn4, hoa4, 76},
		"V31_data_6in4":       {"UDP", GroupData, cn6, hoa6, 76},
		"V32_data_4in4":       {"UDP", GroupData, cn4, hoa4, 56},
		"V34_BU_esp":          {"BU", GroupMobility, coa6, ha6, 128},
		"V36_HoTI_esp_tunnel": {"HoTI", GroupMobility, hoa6, cn6, 120},
		"V37_BU_5555_udp":     {"BU", GroupMobility, hoa6, ha6, 100},
		"V42_MIP4_RRQ":        {"MIP4 request", GroupMobility, coa4, ha4, 74},
		"V43_MIP4_RRP":        {"MIP4 reply", GroupMobility, ha4, coa4, 70},
		"E01_NA_proxy":        {"NA", GroupResolution, ha6, AllNodes, 72},
		"E02_GARP_proxy":      {"ARP request", GroupResolution, hoa4, hoa4, 0},
		"E04_RA_home":         {"RA", GroupDiscovery, ip("fe80::1"), AllNodes, 112},
	} {
		link := LinkRaw
		if name[0] == 'E' {
			link = LinkEthernet
		}
		got := Classify(vectorNamed(t, name), link, DissectOptions{ESPNull: true, ICVLen: icvLen})
		if got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
	if c := Classify(vectorNamed(t, "V34_BU_esp"), LinkRaw, DissectOptions{}); c.Message != "ESP" || c.Group != GroupData {
		t.Errorf("encrypted: %+v", c)
	}
}

// Messages that no vector holds.
func TestClassifyOthers(t *testing.T) {
	v6packet := func(src, dst string, proto uint8, payload []byte) []byte {
		b := append(make([]byte, IPv6HeaderLen), payload...)
		PutIPv6(b, IPv6Fields{PayloadLen: len(payload), NextHeader: proto, HopLimit: 255, Source: ip(src), Destination: ip(dst)})
		return b
	}
	v4packet := func(proto uint8, payload []byte) []byte {
		b := append(make([]byte, IPv4HeaderLen), payload...)
		PutIPv4(b, IPv4Fields{TotalLen: len(b), TTL: 64, Protocol: proto, Source: coa4, Destination: ha4})
		return b
	}
	icmp6 := func(typ uint8, n int) []byte {
		b := make([]byte, n)
		PutICMPv6(b, typ, 0, coa6, ha6)
		return v6packet("2001:db8:a::1001", "2001:db8:100::1", ProtoICMPv6, b)
	}
	icmp4 := func(typ uint8) []byte {
		b := make([]byte, 8)
		PutICMPv4(b, typ, 0)
		return v4packet(ProtoICMPv4, b)
	}
	udp4 := func(from, to uint16, payload []byte) []byte {
		b := append(make([]byte, UDPHeaderLen), payload...)
		PutUDP(b, from, to, coa4, ha4)
		return v4packet(ProtoUDP, b)
	}
	dhcp4 := func(typ byte) []byte {
		b := make([]byte, dhcp4Options)
		return append(b, 0, 12, 2, 'm', 'n', dhcp4OptType, 1, typ, dhcp4OptEnd)
	}
	udp6 := func(from, to uint16, payload []byte) []byte {
		b := append(make([]byte, UDPHeaderLen), payload...)
		PutUDP(b, from, to, coa6, ha6)
		return v6packet("2001:db8:a::1001", "2001:db8:100::1", ProtoUDP, b)
	}
	ether := func(typ uint16, payload []byte) []byte {
		b := append(make([]byte, EthernetLen), payload...)
		PutEthernet(b, haMAC, mnMAC, typ)
		return b
	}
	arp := func(op uint16) []byte {
		b := make([]byte, ARPLen)
		PutARP(b, ARPFields{Operation: op})
		return ether(EtherTypeARP, b)
	}
	fragment := make([]byte, FragmentLen+8)
	PutFragment(fragment, FragmentFields{NextHeader: ProtoIPv6, Offset: 8})
	dad := v6packet("::", "ff02::1:ff00:1000", ProtoICMPv6, AppendNeighborSolicitation(nil, hoa6, MAC{}, ip("::"), SolicitedNode(hoa6)))
	hoti := AppendHomeTestInit(nil, homeCookie)
	hoti[mhType] = 11
	SetMobilityChecksum(hoti, coa6, ha6)
	nested := v4packet(ProtoNone, nil)
	for range maxTunnels + 2 {
		nested = v4packet(ProtoIPv4, nested)
	}
	for _, c := range []struct {
		b       []byte
		link    LinkType
		message string
		group   Group
		last    string // name of the last layer of the dissection
	}{
		{dad, LinkRaw, "NS", GroupAddress, "NS"},
		{icmp6(ICMPv6RouterSolicitation, 8), LinkRaw, "RS", GroupDiscovery, "RS"},
		{icmp6(ICMPv6Redirect, 8), LinkRaw, "Redirect", GroupResolution, "Redirect"},
		{icmp6(ICMPv6EchoRequest, 8), LinkRaw, "Echo request", GroupData, "ICMPv6"},
		{icmp6(ICMPv6EchoReply, 8), LinkRaw, "Echo reply", GroupData, "ICMPv6"},
		{icmp6(ICMPv6EchoReply, 7), LinkRaw, "Echo reply", GroupData, LayerMalformed},
		{icmp6(ICMPv6DestinationUnreachable, 8), LinkRaw, "ICMPv6 destination unreachable", GroupError, "ICMPv6"},
		{icmp6(ICMPv6PacketTooBig, 8), LinkRaw, "ICMPv6 packet too big", GroupError, "ICMPv6"},
		{icmp6(ICMPv6TimeExceeded, 8), LinkRaw, "ICMPv6 time exceeded", GroupError, "ICMPv6"},
		{icmp6(ICMPv6ParameterProblem, 8), LinkRaw, "ICMPv6 parameter problem", GroupError, "ICMPv6"},
		{icmp6(100, 8), LinkRaw, "ICMPv6 error", GroupError, "ICMPv6"},
		{icmp6(200, 8), LinkRaw, "ICMPv6", GroupData, "ICMPv6"},
		{icmp6(ICMPv6RouterAdvertisement, 8), LinkRaw, "RA", GroupDiscovery, LayerMalformed},
		{icmp4(ICMPv4Echo), LinkRaw, "Echo request", GroupData, "ICMPv4"},
		{icmp4(ICMPv4EchoReply), LinkRaw, "Echo reply", GroupData, "ICMPv4"},
		{icmp4(ICMPv4DestinationUnreachable), LinkRaw, "ICMPv4 destination unreachable", GroupError, "ICMPv4"},
		{icmp4(ICMPv4Redirect), LinkRaw, "ICMPv4 redirect", GroupError, "ICMPv4"},
		{icmp4(ICMPv4TimeExceeded), LinkRaw, "ICMPv4 time exceeded", GroupError, "ICMPv4"},
		{icmp4(ICMPv4ParameterProblem), LinkRaw, "ICMPv4 parameter problem", GroupError, "ICMPv4"},
		{icmp4(ICMPv4RouterAdvertisement), LinkRaw, "Agent advertisement", GroupDiscovery, "ICMPv4"},
		{icmp4(ICMPv4RouterSolicitation), LinkRaw, "Agent solicitation", GroupDiscovery, "ICMPv4"},
		{icmp4(13), LinkRaw, "ICMPv4", GroupData, "ICMPv4"},
		{udp4(68, 67, dhcp4(1)), LinkRaw, "DHCPv4 DISCOVER", GroupAddress, "DHCPv4"},
		{udp4(67, 68, dhcp4(5)), LinkRaw, "DHCPv4 ACK", GroupAddress, "DHCPv4"},
		{udp4(67, 68, dhcp4(99)), LinkRaw, "DHCPv4", GroupAddress, "DHCPv4"},
		{udp4(67, 68, dhcp4(1)[:244]), LinkRaw, "DHCPv4", GroupAddress, "DHCPv4"},
		{udp6(546, 547, []byte{1}), LinkRaw, "DHCPv6 SOLICIT", GroupAddress, "DHCPv6"},
		{udp6(547, 546, []byte{7}), LinkRaw, "DHCPv6 REPLY", GroupAddress, "DHCPv6"},
		{udp6(547, 546, nil), LinkRaw, "DHCPv6", GroupAddress, "DHCPv6"},
		{udp4(4191, 4191, nil), LinkRaw, "UDP", GroupData, "UDP"},
		{udp4(9, 4191, v4packet(ProtoTCP, tcpSegment(coa4, ha4))), LinkRaw, "TCP", GroupData, LayerData},
		{udp4(4500, 4500, []byte{0xff}), LinkRaw, "NAT keepalive", GroupData, LayerData},
		{udp4(4500, 4500, AppendESP(nil, ESPFields{SPI: 5, ICVLen: icvLen, NextHeader: ProtoNone})), LinkRaw, "no next header", GroupData, "ESP"},
		{udp4(434, 434, append([]byte{4, ProtoIPv4, 0, 0}, v4packet(ProtoTCP, tcpSegment(coa4, ha4))...)), LinkRaw, "TCP", GroupData, LayerData},
		{udp4(434, 434, []byte{9}), LinkRaw, "UDP", GroupData, LayerData},
		{udp4(434, 434, []byte{1}), LinkRaw, "MIP4 request", GroupMobility, LayerMalformed},
		{udp4(434, 434, []byte{3}), LinkRaw, "MIP4 reply", GroupMobility, LayerMalformed},
		{v6packet("2001:db8::1", "2001:db8::2", ProtoFragment, fragment), LinkRaw, "fragment", GroupData, LayerData},
		{v6packet("2001:db8:a::1001", "2001:db8:100::1", ProtoMobility, hoti), LinkRaw, "unknown MH", GroupMobility, LayerMalformed},
		{v6packet("2001:db8::1", "2001:db8::2", ProtoMobility, nil), LinkRaw, "malformed", GroupMobility, LayerMalformed},
		{v6packet("2001:db8::1", "2001:db8::2", ProtoNone, nil), LinkRaw, "no next header", GroupData, "IPv6"},
		{v6packet("2001:db8::1", "2001:db8::2", 99, []byte{1}), LinkRaw, "unknown protocol", GroupData, LayerData},
		{v6packet("2001:db8::1", "2001:db8::2", ProtoESP, []byte{1}), LinkRaw, "ESP", GroupData, LayerMalformed},
		{v6packet("2001:db8::1", "2001:db8::2", ProtoIPv4, v6packet("::1", "::2", ProtoNone, nil)), LinkRaw, "malformed", GroupData, LayerMalformed},
		{v6packet("2001:db8::1", "2001:db8::2", ProtoIPv6, nil), LinkRaw, "malformed", GroupData, LayerMalformed},
		{v6packet("2001:db8::1", "2001:db8::2", ProtoUDP, nil), LinkRaw, "malformed", GroupData, LayerMalformed},
		{v6packet("2001:db8::1", "2001:db8::2", ProtoTCP, nil), LinkRaw, "TCP", GroupData, LayerMalformed},
		{nested, LinkRaw, "malformed", GroupData, LayerMalformed},
		{arp(ARPReply), LinkEthernet, "ARP reply", GroupResolution, "ARP"},
		{arp(ARPRequest), LinkEthernet, "ARP request", GroupAddress, "ARP"}, // from nobody: a probe
		{arp(3), LinkEthernet, "ARP", GroupResolution, "ARP"},
		{ether(EtherTypeARP, nil), LinkEthernet, "malformed", GroupData, LayerMalformed},
		{ether(EtherTypeIPv4, icmp4(ICMPv4Echo)), LinkEthernet, "Echo request", GroupData, "ICMPv4"},
		{ether(EtherTypeIPv4, dad), LinkEthernet, "malformed", GroupData, LayerMalformed},
		{ether(0x1234, []byte{1}), LinkEthernet, "unknown EtherType", GroupData, LayerData},
		{nil, LinkEthernet, "malformed", GroupData, LayerMalformed},
	} {
		opts := DissectOptions{ESPNull: true, ICVLen: icvLen}
		if got := Classify(c.b, c.link, opts); got.Message != c.message || got.Group != c.group {
			t.Errorf("%x: %q %v, want %q %v", c.b, got.Message, got.Group, c.message, c.group)
		}
		layers := Dissect(c.b, c.link, opts)
		checkLayers(t, c.b, layers)
		if last := layers[len(layers)-1]; last.Name != c.last {
			t.Errorf("%s: last layer %q (%s), want %q", c.message, last.Name, last.Summary, c.last)
		}
	}
}

// A quoted packet is named, and options the dissector does not know appear.
func TestDissectDetails(t *testing.T) {
	invoking := vectorNamed(t, "V29_data_6in6")
	e := AppendICMPv6Error(nil, ICMPv6PacketTooBig, 0, 1280, invoking, ha6, coa6)
	b := append(make([]byte, IPv6HeaderLen), e...)
	PutIPv6(b, IPv6Fields{PayloadLen: len(e), NextHeader: ProtoICMPv6, Source: ha6, Destination: coa6})
	text := fmt.Sprint(Dissect(b, LinkRaw, DissectOptions{}))
	for _, want := range []string{"packet too big", "MTU 1280", "IPv6 2001:db8:100::1 > 2001:db8:a::1001, next header 41"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in %s", want, text)
		}
	}
	text = fmt.Sprint(Dissect(vectorNamed(t, "V01_BU_v6_hoa4"), LinkRaw, DissectOptions{}))
	if want := "{Option 253 c0000264}"; !strings.Contains(text, want) {
		t.Errorf("%q is not in %s", want, text)
	}
	layers := Dissect(vectorNamed(t, "V44_BU_literal_len1"), LinkRaw, DissectOptions{Layout: Draft00Layout()})
	if last := layers[len(layers)-1]; last.Name != LayerMalformed || layers[len(layers)-2].Name != "Binding Update" {
		t.Errorf("V44 to a strict decoder: %+v", layers)
	}
}
