package wire

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Every proper prefix of every vector is refused; nothing panics.
func TestTruncatedVectors(t *testing.T) {
	for _, v := range vectors(t) {
		b, layout := v.octets(), vectorModels[v.Name].layout
		for n := range b {
			cut := b[:n:n]
			if _, err := v.parse(cut, layout); err == nil {
				t.Errorf("%s cut to %d of %d octets is accepted", v.Name, n, len(b))
			} else if !errors.As(err, new(*Error)) {
				t.Errorf("%s cut to %d octets: %v is not an *Error", v.Name, n, err)
			}
			Dissect(cut, v.link(), DissectOptions{Layout: layout, ESPNull: true, ICVLen: icvLen})
			Classify(cut, v.link(), DissectOptions{ESPNull: true, ICVLen: icvLen})
		}
	}
}

// A vector whose inner length fields say the same but whose octets end early:
// the outermost length is repaired, so the inner parsers must notice.
func TestTruncatedInside(t *testing.T) {
	for _, v := range vectors(t) {
		if v.Eth {
			continue
		}
		b, layout := v.octets(), vectorModels[v.Name].layout
		for n := IPv6HeaderLen; n < len(b); n++ {
			cut := bytes.Clone(b[:n])
			if cut[0]>>4 == 6 {
				IPv6(cut).SetPayloadLen(n - IPv6HeaderLen)
			} else {
				h := IPv4(cut)
				PutIPv4(cut, IPv4Fields{TotalLen: n, TTL: 64, Protocol: h.Protocol(), Source: h.Source(), Destination: h.Destination()})
			}
			layers, err := parseIP(cut, layout)
			if err == nil && len(layers) > 1 && n > IPv6HeaderLen {
				t.Errorf("%s cut inside to %d of %d octets is accepted: %v", v.Name, n, len(b), layers)
			}
		}
	}
}

// Any flipped bit changes what a vector says or makes it invalid; most are
// caught by a checksum. None may panic.
func TestFlippedBits(t *testing.T) {
	for _, v := range vectors(t) {
		b, layout := v.octets(), vectorModels[v.Name].layout
		want, err := v.parse(b, layout)
		if err != nil {
			t.Fatal(err)
		}
		for i := range len(b) * 8 {
			b[i/8] ^= 0x80 >> (i % 8)
			layers, err := v.parse(b, layout)
			if err == nil && cmp.Equal(want, layers, compare) && !reservedBit(v.Name, i/8) {
				t.Errorf("%s: flipping bit %d of octet %d goes unnoticed", v.Name, i%8, i/8)
			}
			Dissect(b, v.link(), DissectOptions{Layout: layout, ESPNull: true, ICVLen: icvLen})
			b[i/8] ^= 0x80 >> (i % 8)
		}
	}
}

// reservedBit tells octets whose change is rightly ignored because no
// checksum covers them: the reserved word of a type 2 routing header and the
// padding before a Home Address option.
func reservedBit(name string, octet int) bool {
	layers := vectorModels[name].layers
	at := 0
	for _, l := range layers {
		switch l.(type) {
		case IPv4Fields:
			at += IPv4HeaderLen
		case IPv6Fields:
			at += IPv6HeaderLen
		case rh2Layer:
			// Segments left may be anything but what makes the address final.
			return octet >= at+rhSegmentsLeft && octet < at+rh2HomeAddress
		case haoLayer:
			return octet >= at+2 && octet < at+homeAddressAt
		}
	}
	return false
}

func mobilityVector(t *testing.T, name string) (h IPv6, mh []byte, a addresses) {
	t.Helper()
	h, err := ParseIPv6(vectorNamed(t, name))
	if err != nil {
		t.Fatal(err)
	}
	c, err := WalkIPv6(h)
	if err != nil {
		t.Fatal(err)
	}
	src, dst := c.UpperAddresses()
	return h, h[c.UpperOffset:], addresses{src, dst}
}

// RFC 6275 section 9.2: which error for which fault, and where it points.
func TestMobilityErrors(t *testing.T) {
	for _, c := range []struct {
		name    string
		vector  string
		edit    func(mh []byte, a addresses) []byte
		want    *Error
		pointer int
	}{
		{"checksum bit", "V04_BA_v6_ack", func(mh []byte, _ addresses) []byte { mh[mhChecksum] ^= 1; return mh }, ErrMobilityChecksum, 4},
		{"payload proto 17", "V03_BU_v6_plain", func(mh []byte, a addresses) []byte {
			mh[mhPayloadProto] = ProtoUDP
			SetMobilityChecksum(mh, a.src, a.dst)
			return mh
		}, ErrMobilityProto, 0},
		{"header length too small", "V03_BU_v6_plain", func(mh []byte, a addresses) []byte {
			mh = mh[:8]
			mh[mhHeaderLen] = 0
			SetMobilityChecksum(mh, a.src, a.dst)
			return mh
		}, ErrMobilityLength, 1},
		{"header length beyond the octets", "V03_BU_v6_plain", func(mh []byte, _ addresses) []byte { mh[mhHeaderLen]++; return mh }, ErrMobilityTruncated, 1},
		{"unknown type before bad proto", "V03_BU_v6_plain", func(mh []byte, a addresses) []byte {
			mh[mhType], mh[mhPayloadProto] = 8, ProtoUDP
			SetMobilityChecksum(mh, a.src, a.dst)
			return mh
		}, ErrMobilityType, 2},
		{"checksum before unknown type", "V03_BU_v6_plain", func(mh []byte, _ addresses) []byte { mh[mhType] = 8; return mh }, ErrMobilityChecksum, 4},
		{"care-of address in the pseudo-header", "V04_BA_v6_ack", func(mh []byte, a addresses) []byte {
			SetMobilityChecksum(mh, a.src, coa6)
			return mh
		}, ErrMobilityChecksum, 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, mh, a := mobilityVector(t, c.vector)
			_, err := ParseMobility(c.edit(mh, a), a.src, a.dst)
			if err != c.want || c.want.Pointer != c.pointer {
				t.Errorf("got %v, want %v with pointer %d", err, c.want, c.pointer)
			}
		})
	}
}

// withOptions returns a Binding Update whose options are the given octets.
func withOptions(t *testing.T, options []byte) BindingUpdate {
	t.Helper()
	b := AppendBindingUpdate(nil, BindingUpdateFields{Sequence: 1}, IPv4Layout{})[:12]
	b = append(b, options...)
	if len(b)%8 != 0 {
		t.Fatalf("options of %d octets do not fill the header", len(options))
	}
	b[mhHeaderLen] = uint8(len(b)/8 - 1)
	SetMobilityChecksum(b, hoa6, ha6)
	m, err := ParseMobility(b, hoa6, ha6)
	if err != nil {
		t.Fatal(err)
	}
	u, err := m.BindingUpdate()
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestMobilityOptionErrors(t *testing.T) {
	draft := Draft00Layout()
	lenient := draft
	lenient.LenientLength = true
	literal := unhex("fd01c0000264" + "01020000" + "0000")

	t.Run("option 5 not last", func(t *testing.T) {
		u := withOptions(t, unhex("010400000000" + "050c0102030405060708090a0b0c" + "01060000000000000000")[:28])
		if err := u.Check(draft); !errors.Is(err, ErrOption) {
			t.Errorf("Check: %v", err)
		}
		if _, ok := u.AuthorizationData(); ok {
			t.Error("authenticator found although padding follows")
		}
	})
	t.Run("PadN past the end", func(t *testing.T) {
		u := withOptions(t, unhex("01030000"))
		if err := u.Check(draft); err != errMobOptionTLV {
			t.Errorf("Check: %v", err)
		}
		if n := countOptions(u.MobilityOptions, draft); n != 0 {
			t.Errorf("%d options before the fault, want 0", n)
		}
	})
	t.Run("type octet alone at the end", func(t *testing.T) {
		if err := withOptions(t, unhex("00000003")).Check(draft); err != errMobOptionTLV {
			t.Errorf("Check: %v", err)
		}
	})
	t.Run("unknown option before a known one", func(t *testing.T) {
		u := withOptions(t, append(unhex("c803aabbcc"+"00"), append(unhex("fd04c0000264"), 1, 6, 0, 0, 0, 0, 0, 0)...))
		if err := u.Check(draft); err != nil {
			t.Errorf("Check: %v", err)
		}
		if h, ok := u.IPv4HomeAddress(draft); !ok || h.Address != hoa4 {
			t.Errorf("home address %v, %v", h, ok)
		}
	})
	t.Run("literal length 1", func(t *testing.T) {
		u := withOptions(t, literal)
		if _, ok := u.IPv4HomeAddress(draft); ok {
			t.Error("a strict decoder found the option")
		}
		if err := u.Check(draft); !errors.Is(err, ErrOption) {
			t.Errorf("strict Check: %v", err)
		}
		if h, ok := u.IPv4HomeAddress(lenient); !ok || h.Address != hoa4 {
			t.Errorf("lenient: %v, %v", h, ok)
		}
		if err := u.Check(lenient); err != nil {
			t.Errorf("lenient Check: %v", err)
		}
	})
	t.Run("length 2 is wrong even to the lenient", func(t *testing.T) {
		u := withOptions(t, unhex("fd02c000"))
		if _, ok := u.IPv4HomeAddress(lenient); ok {
			t.Error("found")
		}
		if err := u.Check(lenient); err != errMobOptionLen {
			t.Errorf("Check: %v", err)
		}
	})
	t.Run("other layout", func(t *testing.T) {
		u := withOptions(t, unhex("1d068000c0000264"+"0102 0000"[:4]+"0000"))
		if _, ok := u.IPv4HomeAddress(draft); ok {
			t.Error("draft-00 found the option of RFC 5555")
		}
		if _, ok := u.IPv4HomeAddress(IPv4Layout{}); ok {
			t.Error("plain Mobile IPv6 found an IPv4 option")
		}
		if h, ok := u.IPv4HomeAddress(RFC5555Layout()); !ok || h.Address != hoa4 || h.PrefixLen != 32 {
			t.Errorf("RFC 5555: %v, %v", h, ok)
		}
	})
}

func countOptions(o MobilityOptions, layout IPv4Layout) int {
	n := 0
	for range o.All(layout) {
		n++
	}
	return n
}

// V44 as a home agent without the lenient switch sees it: the address option
// is lost, what comes before it is not.
func TestLiteralLengthStrict(t *testing.T) {
	_, mh, a := mobilityVector(t, "V44_BU_literal_len1")
	m, err := ParseMobility(mh, a.src, a.dst)
	if err != nil {
		t.Fatal(err)
	}
	u, _ := m.BindingUpdate()
	if _, ok := u.IPv4HomeAddress(Draft00Layout()); ok {
		t.Error("IPv4 home address found")
	}
	if c, ok := u.AlternateCareOf(); !ok || c != coa6 {
		t.Errorf("Alternate Care-of Address %v, %v", c, ok)
	}
	if err := u.Check(Draft00Layout()); !errors.Is(err, ErrOption) {
		t.Errorf("Check: %v", err)
	}
}

// RH2 with no segment left or a foreign address reaches the receiver as such.
func TestRouting2Values(t *testing.T) {
	b := vectorNamed(t, "V04_BA_v6_ack")
	h, _ := ParseIPv6(b)
	c, err := WalkIPv6(h)
	if err != nil || c.SegmentsLeft != 1 || c.RoutingHome != hoa6 {
		t.Fatalf("%+v, %v", c, err)
	}
	r, _ := ParseRouting(h[c.RoutingAt:])
	r.SetSegmentsLeft(0)
	r.SetHomeAddress(cn6)
	if c, err = WalkIPv6(h); err != nil || c.SegmentsLeft != 0 || c.RoutingHome != cn6 {
		t.Errorf("%+v, %v", c, err)
	}
	if _, dst := c.UpperAddresses(); dst != coa6 {
		t.Errorf("with no segment left the final destination is %v, want %v", dst, coa6)
	}
}

func TestWalkErrors(t *testing.T) {
	hao := func(next uint8) []byte {
		b := make([]byte, DestOptsHomeAddressLen)
		PutDestOptsHomeAddress(b, next, hoa6)
		return b
	}
	rh2 := func(next uint8) []byte {
		b := make([]byte, Routing2Len)
		PutRouting2(b, next, hoa6)
		return b
	}
	frag := func(next uint8) []byte {
		b := make([]byte, FragmentLen)
		PutFragment(b, FragmentFields{NextHeader: next, More: true})
		return b
	}
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	rh4 := rh2(ProtoNone)
	rh4[rhType] = 4
	rh2Long := append(rh2(ProtoNone), make([]byte, 8)...)
	rh2Long[extLength]++
	badHAO := hao(ProtoNone)
	badHAO[homeAddressAt+1] = 15
	badHAO[23] = OptPad1
	for _, c := range []struct {
		name    string
		next    uint8
		payload []byte
		want    error
		at      int
	}{
		{"no headers", ProtoNone, nil, nil, 0},
		{"routing then home address", ProtoRouting, join(rh2(ProtoDestOpts), hao(ProtoNone)), nil, 0},
		{"two home addresses", ProtoDestOpts, join(hao(ProtoDestOpts), hao(ProtoNone)), errHomeAddrTwice, 64},
		{"home address of 15 octets", ProtoDestOpts, badHAO, errHomeAddrLen, 40},
		{"two routing headers", ProtoRouting, join(rh2(ProtoRouting), rh2(ProtoNone)), errChainRouting, 64},
		{"unknown routing type", ProtoRouting, rh4, errRoutingUnknown, 42},
		{"type 2 of length 3", ProtoRouting, rh2Long, errRouting2Len, 41},
		{"routing header cut", ProtoRouting, rh2(ProtoNone)[:16], errRoutingShort, 41},
		{"routing header missing", ProtoRouting, nil, errRoutingShort, 6},
		{"two fragment headers", ProtoFragment, join(frag(ProtoFragment), frag(ProtoNone)), errChainFragment, 48},
		{"fragment header cut", ProtoFragment, frag(ProtoNone)[:7], errFragmentShort, 40},
		{"late hop-by-hop", ProtoDestOpts, join(hao(ProtoHopByHop), unhex("3b00010400000000")), errChainHopByHop, 40},
		{"hop-by-hop cut", ProtoHopByHop, unhex("3b01010400000000"), errOptionsShort, 41},
		{"option past the end", ProtoDestOpts, unhex("3b00010500000000"), errOptionsTLV, 42},
		{"option without length", ProtoDestOpts, unhex("3b000103000000c8"), errOptionsTLV, 42},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := make([]byte, IPv6HeaderLen)
			PutIPv6(b, IPv6Fields{PayloadLen: len(c.payload), NextHeader: c.next, Source: coa6, Destination: ha6})
			h, err := ParseIPv6(append(b, c.payload...))
			if err != nil {
				t.Fatal(err)
			}
			chain, err := WalkIPv6(h)
			if c.want == nil {
				if err != nil {
					t.Errorf("got %v", err)
				}
			} else if err != c.want || chain.ErrorAt != c.at {
				t.Errorf("got %v at %d, want %v at %d", err, chain.ErrorAt, c.want, c.at)
			}
			layers := Dissect(h, LinkRaw, DissectOptions{})
			if bad := layers[len(layers)-1].Name == LayerMalformed; bad != (c.want != nil) {
				t.Errorf("Dissect: %+v", layers)
			}
		})
	}
}

// RFC 2460 section 4.2: the first unknown option decides, wherever it is.
func TestUnknownOptions(t *testing.T) {
	for _, c := range []struct {
		header string
		action OptionAction
		at     int
	}{
		{"3b00010400000000", OptionSkip, 0},
		{"3b001e0400000000", OptionSkip, 0},           // 00: skip
		{"3b005e0400000000", OptionDiscard, 42},       // 01
		{"3b009e0400000000", OptionReport, 42},        // 10
		{"3b00de0400000000", OptionReportUnicast, 42}, // 11
		{"3b0000001e004300", OptionDiscard, 46},
	} {
		for _, next := range []uint8{ProtoHopByHop, ProtoDestOpts} {
			b := make([]byte, IPv6HeaderLen)
			payload := unhex(c.header)
			PutIPv6(b, IPv6Fields{PayloadLen: len(payload), NextHeader: next, Source: coa6, Destination: ha6})
			chain, err := WalkIPv6(IPv6(append(b, payload...)))
			if err != nil || chain.UnknownAction != c.action || chain.UnknownAt != c.at {
				t.Errorf("%s: %v at %d (%v), want %v at %d", c.header, chain.UnknownAction, chain.UnknownAt, err, c.action, c.at)
			}
		}
	}
	two := make([]byte, IPv6HeaderLen)
	payload := append(unhex("3c005e0400000000"), unhex("3b009e0400000000")...)
	PutIPv6(two, IPv6Fields{PayloadLen: len(payload), NextHeader: ProtoHopByHop, Source: coa6, Destination: ha6})
	if c, err := WalkIPv6(IPv6(append(two, payload...))); err != nil || c.UnknownAction != OptionDiscard || c.UnknownAt != 42 {
		t.Errorf("two headers: %v at %d (%v), want the first", c.UnknownAction, c.UnknownAt, err)
	}
	// A Home Address option is known as a destination option, not elsewhere.
	b := make([]byte, DestOptsHomeAddressLen)
	PutDestOptsHomeAddress(b, ProtoNone, hoa6)
	if _, action := DestOptions(b).FirstUnknown(); action != OptionSkip {
		t.Errorf("destination option: %v", action)
	}
	if at, action := HopByHop(b).FirstUnknown(); action != OptionReportUnicast || at != 6 {
		t.Errorf("hop-by-hop option: %v at %d", action, at)
	}
}

func TestNDErrors(t *testing.T) {
	ns := AppendNeighborSolicitation(nil, hoa6, haMAC, ha6, SolicitedNode(hoa6))
	ra := AppendRouterAdvertisement(nil, RouterAdvertisementFields{SourceLinkLayer: haMAC}, ip("fe80::1"), AllNodes)
	edit := func(b []byte, at int, v byte) ICMPv6 {
		b = bytes.Clone(b)
		b[at] = v
		return ICMPv6(b)
	}
	_, err := edit(ns, 25, 0).NeighborSolicitation()
	wantErr(t, err, errNDOptions, "option of length 0")
	_, err = edit(ns, 25, 2).NeighborSolicitation()
	wantErr(t, err, errNDOptions, "option past the end")
	_, err = edit(ns, icmpCode, 1).NeighborSolicitation()
	wantErr(t, err, errNDCode, "code 1")
	_, err = edit(ns, ndTarget, 0xff).NeighborSolicitation()
	wantErr(t, err, errNDTarget, "multicast target")
	_, err = edit(ns, icmpType, ICMPv6NeighborAdvertisement).NeighborSolicitation()
	wantErr(t, err, errNDType, "other type")
	_, err = ICMPv6(ns[:23]).NeighborSolicitation()
	wantErr(t, err, errNDShort, "short")
	_, err = ICMPv6(ra[:17]).RouterAdvertisement()
	wantErr(t, err, errNDOptions, "half an option")
	_, err = ICMPv6(AppendHomeAgentReply(nil, 1, nil, ha6, coa6)[:8:8]).HomeAgentReply()
	wantErr(t, err, nil, "empty list")
	_, err = ICMPv6(append(AppendHomeAgentReply(nil, 1, nil, ha6, coa6), 1, 2, 3)).HomeAgentReply()
	wantErr(t, err, errHomeAgentList, "part of an address")
}

func wantErr(t *testing.T, got error, want *Error, what string) {
	t.Helper()
	if want == nil && got == nil {
		return
	}
	if got != error(want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// An unknown option is kept for the caller and does not hide the next one.
func TestNDUnknownOption(t *testing.T) {
	b := AppendRouterAdvertisement(nil, RouterAdvertisementFields{}, ip("fe80::1"), AllNodes)
	b = append(b, 25, 1, 1, 2, 3, 4, 5, 6)
	b = appendMTU(b, 1400)
	PutICMPv6(b, ICMPv6RouterAdvertisement, 0, ip("fe80::1"), AllNodes)
	m, err := ParseICMPv6(b, ip("fe80::1"), AllNodes)
	if err != nil {
		t.Fatal(err)
	}
	ra, err := m.RouterAdvertisement()
	if err != nil {
		t.Fatal(err)
	}
	o := ra.Options()
	if !o.Next() || o.Type() != 25 || !bytes.Equal(o.Data(), []byte{1, 2, 3, 4, 5, 6}) {
		t.Errorf("unknown option: %d %x", o.Type(), o.Data())
	}
	if mtu, ok := ra.Options().MTU(); !ok || mtu != 1400 {
		t.Errorf("MTU %d, %v", mtu, ok)
	}
}

func TestESPErrors(t *testing.T) {
	for _, c := range []struct {
		plaintext string
		want      *Error
	}{
		{"", errESPTrailer},
		{"3b", errESPTrailer},
		{"01023b", errESPPad},
		{"aabb" + "0103" + "023b", errESPPadding},
		{"aabb" + "0102" + "023b", nil},
		{"003b", nil},
	} {
		_, _, err := OpenESP(unhex(c.plaintext))
		wantErr(t, err, c.want, c.plaintext)
	}
	if _, err := ParseESP(make([]byte, 21), 0, icvLen); err != errESPShort {
		t.Errorf("short: %v", err)
	}
}

// Padding fills to the cipher's block, IV and ICV are where they belong.
func TestESPBlocks(t *testing.T) {
	iv := bytes.Repeat([]byte{7}, 16)
	for n := range 40 {
		payload := bytes.Repeat([]byte{9}, n)
		f := ESPFields{SPI: 1, Sequence: 2, IV: iv, Payload: payload, NextHeader: ProtoIPv6, BlockSize: 16, ICVLen: icvLen}
		b := AppendESP(nil, f)
		if len(b) != f.Len() {
			t.Fatalf("payload %d: %d octets, Len says %d", n, len(b), f.Len())
		}
		e, err := ParseESP(b, 16, icvLen)
		if err != nil {
			t.Fatal(err)
		}
		if len(e.Ciphertext())%16 != 0 || !bytes.Equal(e.IV(), iv) || len(e.ICV()) != icvLen || len(e.Authenticated())+icvLen != len(b) {
			t.Errorf("payload %d: ciphertext %d, IV %x", n, len(e.Ciphertext()), e.IV())
		}
		got, next, err := OpenESP(e.Ciphertext())
		if err != nil || next != ProtoIPv6 || !bytes.Equal(got, payload) {
			t.Errorf("payload %d: %x, %d, %v", n, got, next, err)
		}
	}
	// A 40-octet BU costs 64 octets.
	if f := (ESPFields{Payload: make([]byte, 40), ICVLen: icvLen}); f.Len() != 64 {
		t.Errorf("overhead: %d octets, want 64", f.Len())
	}
}

func TestMobileIPv4Errors(t *testing.T) {
	rrq := AppendRegistrationRequest(nil, request4)
	if _, err := ParseRegistrationReply(rrq); !errors.Is(err, ErrType) {
		t.Errorf("reply from a request: %v", err)
	}
	if _, err := ParseRegistrationRequest(append(bytes.Clone(rrq), 32)); err != errMIP4Ext {
		t.Errorf("extension without length: %v", err)
	}
	if _, err := ParseRegistrationRequest(append(bytes.Clone(rrq), 32, 4, 0)); err != errMIP4Ext {
		t.Errorf("extension cut: %v", err)
	}
	if _, err := ParseRegistrationRequest(nil); err != errMIP4Short {
		t.Errorf("empty: %v", err)
	}
	// Padding octets have no length; short authentication does not count.
	r, err := ParseRegistrationRequest(append(bytes.Clone(rrq), 0, 0, 32, 2, 1, 2, 131, 1, 9, 0))
	if err != nil {
		t.Fatal(err)
	}
	var types []uint8
	e := r.Extensions()
	for e.Next() {
		types = append(types, e.Type())
	}
	if !bytes.Equal(types, []byte{32, 131}) {
		t.Errorf("extensions %v", types)
	}
	if _, ok := r.Extensions().MobileHomeAuthentication(); ok {
		t.Error("authentication without an SPI found")
	}
}

func TestLifetimeRounding(t *testing.T) {
	for _, c := range []struct{ in, out time.Duration }{
		{0, 0}, {3999 * time.Millisecond, 0}, {4 * time.Second, 4 * time.Second}, {7 * time.Second, 4 * time.Second},
		{-time.Second, 0}, {1 << 60, 0xffff * 4 * time.Second},
	} {
		b := AppendBindingUpdate(nil, BindingUpdateFields{Lifetime: c.in}, IPv4Layout{})
		if got := (BindingUpdate{Mobility(b).Options()}).Lifetime(); got != c.out {
			t.Errorf("%v becomes %v, want %v", c.in, got, c.out)
		}
	}
}
