package wire

import (
	"bytes"
	"testing"
)

// seedIP adds the IP packets of the vectors, seedUpper what follows their
// extension headers when the upper protocol is proto.
func seedIP(f *testing.F, version byte) {
	for _, v := range vectors(f) {
		b := v.octets()
		if v.Eth {
			b = b[EthernetLen:]
		}
		if b[0]>>4 == version {
			f.Add(b)
		}
	}
}

func seedUpper(f *testing.F, proto uint8) {
	for _, v := range vectors(f) {
		b := v.octets()
		if v.Eth {
			b = b[EthernetLen:]
		}
		h, err := ParseIPv6(b)
		if err != nil {
			continue
		}
		if c, err := WalkIPv6(h); err == nil && c.Upper == proto {
			src, dst := c.UpperAddresses()
			s, d := src.As16(), dst.As16()
			f.Add(bytes.Join([][]byte{s[:], d[:], h[c.UpperOffset:]}, nil))
		}
	}
}

// splitAddresses takes the pseudo-header addresses off fuzzed octets.
func splitAddresses(b []byte) (addresses, []byte, bool) {
	if len(b) < 32 {
		return addresses{}, nil, false
	}
	return addresses{addr6(b), addr6(b[16:])}, b[32:], true
}

func FuzzEthernet(f *testing.F) {
	f.Add([]byte("\xff\xff\xff\xff\xff\xff\x02\x00\x00\x00\x01\x01\x08\x06"))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := ParseEthernet(b)
		if err != nil {
			return
		}
		again := append(make([]byte, EthernetLen), e.Payload()...)
		PutEthernet(again, e.Destination(), e.Source(), e.EtherType())
		if !bytes.Equal(again, b) {
			t.Errorf("%x becomes %x", b, again)
		}
	})
}

func FuzzARP(f *testing.F) {
	f.Add(vectorNamed(f, "E02_GARP_proxy")[EthernetLen:])
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := ParseARP(b)
		if err != nil {
			return
		}
		again := make([]byte, ARPLen)
		PutARP(again, ARPFields{a.Operation(), a.SenderMAC(), a.SenderIP(), a.TargetMAC(), a.TargetIP()})
		if !bytes.Equal(again, a) {
			t.Errorf("%x becomes %x", b, again)
		}
	})
}

func FuzzIPv4(f *testing.F) {
	seedIP(f, 4)
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := ParseIPv4(b)
		if err != nil {
			return
		}
		h.Payload()
		h.DecrementTTL()
		h.SetSource(cn4)
		h.SetDestination(h.Source())
		if _, err := ParseIPv4(h); err != nil {
			t.Errorf("setters break the header: %v\n%x", err, h)
		}
		if h.HeaderLen() == IPv4HeaderLen && h[ip4Fragment]&0x80 == 0 { // reserved bit clear
			again := make([]byte, IPv4HeaderLen)
			PutIPv4(again, IPv4Fields{h.TOS(), h.TotalLen(), h.ID(), h.DontFragment(), h.MoreFragments(), h.FragmentOffset(),
				h.TTL(), h.Protocol(), h.Source(), h.Destination()})
			if !bytes.Equal(again, h[:IPv4HeaderLen]) {
				t.Errorf("%x becomes %x", h[:IPv4HeaderLen], again)
			}
		}
	})
}

func FuzzIPv6(f *testing.F) {
	seedIP(f, 6)
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := ParseIPv6(b)
		if err != nil {
			return
		}
		again := make([]byte, IPv6HeaderLen)
		PutIPv6(again, IPv6Fields{h.TrafficClass(), h.FlowLabel(), h.PayloadLen(), h.NextHeader(), h.HopLimit(), h.Source(), h.Destination()})
		if !bytes.Equal(again, h[:IPv6HeaderLen]) {
			t.Errorf("%x becomes %x", h[:IPv6HeaderLen], again)
		}
		c, err := WalkIPv6(h)
		if c.UpperOffset > len(h) {
			t.Errorf("upper header at %d of %d octets", c.UpperOffset, len(h))
		}
		if err != nil && (c.ErrorAt < ip6NextHeader || c.ErrorAt >= len(h)) {
			t.Errorf("%v points to %d of %d octets", err, c.ErrorAt, len(h))
		}
		c.UpperAddresses()
	})
}

func FuzzExtensionHeaders(f *testing.F) {
	for _, name := range []string{"V01_BU_v6_hoa4", "V04_BA_v6_ack"} {
		f.Add(vectorNamed(f, name)[IPv6HeaderLen:])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if d, err := ParseDestOptions(b); err == nil {
			d.FirstUnknown()
			home, ok, _ := d.HomeAddress()
			d.SetHomeAddress(home)
			if again, still, _ := d.HomeAddress(); ok && (again != home || !still) {
				t.Errorf("home address %v becomes %v", home, again)
			}
		}
		if h, err := ParseHopByHop(b); err == nil {
			h.FirstUnknown()
			n := optionsStart
			for o := h.Options(); o.Next(); {
				if o.Offset() != n {
					t.Errorf("option at %d, want %d", o.Offset(), n)
				}
				if n++; o.Type() != OptPad1 {
					n += 1 + len(o.Data())
				}
			}
			if n != h.Len() {
				t.Errorf("options end at %d of %d", n, h.Len())
			}
		}
		if r, err := ParseRouting(b); err == nil {
			if home, ok := r.HomeAddress(); ok && r.SegmentsLeft() == 1 {
				again := make([]byte, Routing2Len)
				PutRouting2(again, r.NextHeader(), home)
				clear(r[rhReserved:rh2HomeAddress])
				if !bytes.Equal(again, r) {
					t.Errorf("%x becomes %x", r, again)
				}
			}
		}
		if g, err := ParseFragment(b); err == nil {
			again := make([]byte, FragmentLen)
			PutFragment(again, FragmentFields{g.NextHeader(), g.Offset(), g.More(), g.ID()})
			g[1], g[fragOffset+1] = 0, g[fragOffset+1]&^6 // reserved
			if !bytes.Equal(again, g) {
				t.Errorf("%x becomes %x", g, again)
			}
		}
	})
}

func FuzzUDP(f *testing.F) {
	seedUpper(f, ProtoUDP)
	f.Fuzz(func(t *testing.T, b []byte) {
		a, b, ok := splitAddresses(b)
		if !ok {
			return
		}
		u, err := ParseUDP(b, a.src, a.dst)
		if err != nil {
			return
		}
		u.SetSourcePort(u.DestinationPort() + 1)
		u.SetDestinationPort(0)
		if _, err := ParseUDP(u, a.src, a.dst); err != nil {
			t.Errorf("after the port setters: %v", err)
		}
		PutUDP(u, 1, 2, a.src, a.dst)
		if _, err := ParseUDP(u, a.src, a.dst); err != nil {
			t.Errorf("after PutUDP: %v", err)
		}
	})
}

func FuzzTCP(f *testing.F) {
	f.Add(append(make([]byte, 32), tcpSegment(cn6, hoa6)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, b, ok := splitAddresses(b)
		if !ok {
			return
		}
		s, err := ParseTCP(b, a.src, a.dst)
		if err != nil {
			return
		}
		s.Payload()
		s.SetSourcePort(s.DestinationPort() + 1)
		if _, err := ParseTCP(s, a.src, a.dst); err != nil {
			t.Errorf("after SetSourcePort: %v", err)
		}
	})
}

func FuzzPorts(f *testing.F) {
	f.Add(uint8(ProtoUDP), []byte{0, 1, 0, 2, 0, 8, 0, 0})
	f.Add(uint8(ProtoICMPv4), []byte{8, 0, 0, 0, 0, 1, 0, 2})
	f.Fuzz(func(t *testing.T, proto uint8, b []byte) {
		p, err := ParsePorts(proto, b)
		if err != nil {
			return
		}
		p.SetSource(7)
		p.SetDestination(9)
		if p.Destination() != 9 {
			t.Errorf("destination %d, want 9", p.Destination())
		}
		AdjustTransportChecksum(proto, b, []byte{1, 2, 3, 4}, []byte{5, 6, 7, 8})
	})
}

func FuzzICMPv6(f *testing.F) {
	seedUpper(f, ProtoICMPv6)
	f.Fuzz(func(t *testing.T, b []byte) {
		a, b, ok := splitAddresses(b)
		if !ok || len(b) < ICMPHeaderLen {
			return
		}
		// With a right checksum the fuzzer reaches the bodies.
		PutICMPv6(b, b[icmpType], b[icmpCode], a.src, a.dst)
		m, err := ParseICMPv6(b, a.src, a.dst)
		if err != nil {
			t.Fatalf("after PutICMPv6: %v", err)
		}
		m.Body()
		m.MTU()
		m.Quoted()
		if e, err := m.Echo(); err == nil {
			e.Data()
		}
		layer, err := icmpv6Layer(m)
		if err != nil {
			return
		}
		_, again := build([]any{layer}, IPv4Layout{}, a)
		m2, err := ParseICMPv6(again, a.src, a.dst)
		if err != nil {
			t.Fatalf("rebuilt: %v", err)
		}
		layer2, err := icmpv6Layer(m2)
		if err != nil {
			t.Fatalf("rebuilt: %v", err)
		}
		requireSame(t, layer, layer2)
	})
}

func FuzzICMPv4(f *testing.F) {
	f.Add([]byte{3, 4, 0, 0, 0, 0, 5, 0, 0x45})
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) < ICMPHeaderLen {
			return
		}
		PutICMPv4(b, b[icmpType], b[icmpCode])
		m, err := ParseICMPv4(b)
		if err != nil {
			// Octets that are all zero sum to zero, not to all ones.
			t.Fatalf("after PutICMPv4: %v", err)
		}
		m.Body()
		m.NextHopMTU()
		if e, err := m.Echo(); err == nil {
			e.Data()
		}
		if h, err := ParseQuotedIPv4(m.Quoted()); err == nil {
			h.Payload()
		}
	})
}

func FuzzMobility(f *testing.F) {
	seedUpper(f, ProtoMobility)
	f.Fuzz(func(t *testing.T, b []byte) {
		a, b, ok := splitAddresses(b)
		if !ok || len(b) < 8 || mobilityLen(b) > len(b) {
			return
		}
		SetMobilityChecksum(b[:mobilityLen(b)], a.src, a.dst)
		m, err := ParseMobility(b, a.src, a.dst)
		if err != nil {
			return
		}
		for _, layout := range []IPv4Layout{{}, Draft00Layout(), RFC5555Layout(), literalLayout()} {
			layer, err := mobilityLayer(m, layout)
			if err != nil {
				continue
			}
			_, again := build([]any{layer}, layout, a)
			m2, err := ParseMobility(again, a.src, a.dst)
			if err != nil {
				t.Fatalf("%+v: rebuilt: %v", layout, err)
			}
			layer2, err := mobilityLayer(m2, layout)
			if err != nil {
				t.Fatalf("%+v: rebuilt: %v", layout, err)
			}
			requireSame(t, layer, layer2)
		}
	})
}

func FuzzESP(f *testing.F) {
	f.Add(vectorNamed(f, "V34_BU_esp")[64:], uint8(0), uint8(12))
	f.Fuzz(func(t *testing.T, b []byte, iv, icv uint8) {
		e, err := ParseESP(b, int(iv), int(icv))
		if err != nil {
			return
		}
		payload, next, err := OpenESP(e.Ciphertext())
		if err != nil {
			return
		}
		again := AppendESP(nil, ESPFields{SPI: e.SPI(), Sequence: e.Sequence(), IV: e.IV(), Payload: payload, NextHeader: next, ICVLen: int(icv)})
		e2, err := ParseESP(again, int(iv), int(icv))
		if err != nil {
			t.Fatalf("rebuilt: %v", err)
		}
		if p, n, err := OpenESP(e2.Ciphertext()); err != nil || n != next || !bytes.Equal(p, payload) {
			t.Errorf("payload %x (%d) becomes %x (%d), %v", payload, next, p, n, err)
		}
	})
}

func FuzzMobileIPv4(f *testing.F) {
	f.Add(vectorNamed(f, "V42_MIP4_RRQ")[28:])
	f.Add(vectorNamed(f, "V43_MIP4_RRP")[28:])
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := ParseRegistrationRequest(b); err == nil {
			again := AppendRegistrationRequest(nil, RegistrationRequestFields{r.Flags(), r.Lifetime(), r.HomeAddress(), r.HomeAgent(), r.CareOfAddress(), r.Identification()})
			if !bytes.Equal(again, b[:len(again)]) {
				t.Errorf("%x becomes %x", b, again)
			}
			for e := r.Extensions(); e.Next(); {
				e.Data()
			}
			r.Extensions().MobileHomeAuthentication()
		}
		if r, err := ParseRegistrationReply(b); err == nil {
			again := AppendRegistrationReply(nil, RegistrationReplyFields{r.Code(), r.Lifetime(), r.HomeAddress(), r.HomeAgent(), r.Identification()})
			if !bytes.Equal(again, b[:len(again)]) {
				t.Errorf("%x becomes %x", b, again)
			}
			r.Extensions().MobileHomeAuthentication()
		}
	})
}

func FuzzDissect(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add(v.octets(), !v.Eth)
	}
	f.Fuzz(func(t *testing.T, b []byte, raw bool) {
		link := LinkEthernet
		if raw {
			link = LinkRaw
		}
		before := bytes.Clone(b)
		for _, opts := range []DissectOptions{{}, {Layout: Draft00Layout(), ESPNull: true, ICVLen: icvLen}, {Layout: RFC5555Layout()}} {
			checkLayers(t, b, Dissect(b, link, opts))
			if c := Classify(b, link, opts); c.Message == "" {
				t.Errorf("no message for %x", b)
			}
		}
		if !bytes.Equal(b, before) {
			t.Error("the octets changed")
		}
	})
}
