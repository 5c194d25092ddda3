package wire

import "testing"

// forward is what a router does to an IPv6 packet and a home agent to its
// payload.
func forward(b []byte) bool {
	h, err := ParseIPv6(b)
	if err != nil {
		return false
	}
	c, err := WalkIPv6(h)
	if err != nil {
		return false
	}
	src, dst := c.UpperAddresses()
	u, err := ParseUDP(h[c.UpperOffset:], src, dst)
	if err != nil || u.DestinationPort() != 6000 {
		return false
	}
	h.SetHopLimit(h.HopLimit() - 1)
	return h.Destination() == cn6
}

func requireNoAllocs(t *testing.T, what string, f func()) {
	t.Helper()
	if n := testing.AllocsPerRun(100, f); n != 0 {
		t.Errorf("%s: %v allocations, want none", what, n)
	}
}

func TestAllocs(t *testing.T) {
	data := vectorNamed(t, "V28_data_HAO")
	requireNoAllocs(t, "parse and forward IPv6/UDP", func() {
		if !forward(data) {
			t.Fatal("not forwarded")
		}
		IPv6(data).SetHopLimit(64)
	})

	nat := vectorNamed(t, "V37_BU_5555_udp")
	requireNoAllocs(t, "translate IPv4/UDP", func() {
		h, err := ParseIPv4(nat)
		if err != nil {
			t.Fatal(err)
		}
		h.DecrementTTL()
		if err := translate(h, nat4, 40001); err != nil {
			t.Fatal(err)
		}
		PutIPv4(nat, IPv4Fields{TotalLen: len(nat), TTL: 64, Protocol: ProtoUDP, Source: private4, Destination: ha4})
		PutUDP(nat[IPv4HeaderLen:], 4191, 4191, private4, ha4)
	})

	bu := vectorNamed(t, "V01_BU_v6_hoa4")
	layout := Draft00Layout()
	requireNoAllocs(t, "parse a Binding Update", func() {
		h, _ := ParseIPv6(bu)
		c, _ := WalkIPv6(h)
		src, dst := c.UpperAddresses()
		m, err := ParseMobility(h[c.UpperOffset:], src, dst)
		if err != nil {
			t.Fatal(err)
		}
		u, _ := m.BindingUpdate()
		careOf, _ := u.AlternateCareOf()
		home, ok := u.IPv4HomeAddress(layout)
		_, auth := u.AuthorizationData()
		if u.Check(layout) != nil || careOf != coa6 || !ok || home.Address != hoa4 || auth {
			t.Fatal("wrong fields")
		}
	})

	ra := vectorNamed(t, "E04_RA_home")[EthernetLen:]
	requireNoAllocs(t, "parse a Router Advertisement", func() {
		h, _ := ParseIPv6(ra)
		m, err := ParseICMPv6(h.Payload(), h.Source(), h.Destination())
		if err != nil {
			t.Fatal(err)
		}
		adv, _ := m.RouterAdvertisement()
		n := 0
		for o := adv.Options(); o.Next(); {
			if _, ok := o.PrefixInformation(); ok {
				n++
			}
		}
		if _, ok := adv.Options().SourceLinkLayer(); !ok || n != 1 {
			t.Fatal("wrong options")
		}
	})

	buf := make([]byte, 0, 256)
	f := homeBU
	requireNoAllocs(t, "append a Binding Update", func() {
		b := AppendBindingUpdate(buf, f, layout)
		SetMobilityChecksum(b, hoa6, ha6)
	})
	requireNoAllocs(t, "refuse a packet", func() {
		if _, err := ParseIPv6(bu[:50]); err == nil {
			t.Fatal("accepted")
		}
	})
	for _, name := range []string{"V34_BU_esp", "V32_data_4in4", "V24_DHAAD_rep"} {
		b := vectorNamed(t, name)
		requireNoAllocs(t, "classify "+name, func() {
			if Classify(b, LinkRaw, DissectOptions{ESPNull: true, ICVLen: icvLen}).Message == "malformed" {
				t.Fatal("malformed")
			}
		})
	}
}

func BenchmarkParseAndForward(b *testing.B) {
	data := vectorNamed(b, "V28_data_HAO")
	b.ReportAllocs()
	for b.Loop() {
		forward(data)
		IPv6(data).SetHopLimit(64)
	}
}

func BenchmarkClassify(b *testing.B) {
	data := vectorNamed(b, "V34_BU_esp")
	b.ReportAllocs()
	for b.Loop() {
		Classify(data, LinkRaw, DissectOptions{ESPNull: true, ICVLen: icvLen})
	}
}
