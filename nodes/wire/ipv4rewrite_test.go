package wire

import (
	"net/netip"
	"testing"
)

// Each setter changes its field only and leaves a header whose checksum is right.
func TestIPv4FragmentSetters(t *testing.T) {
	base := IPv4Fields{
		TOS: 0xff, TotalLen: 28, ID: 0xffff, DontFragment: true, MoreFragments: true, FragmentOffset: 8, TTL: 7, Protocol: 17,
		Source: netip.MustParseAddr("192.0.2.1"), Destination: netip.MustParseAddr("198.51.100.1"),
	}
	for name, c := range map[string]struct {
		set  func(h IPv4)
		want func(f *IPv4Fields)
	}{
		"TOS":              {func(h IPv4) { h.SetTOS(0x12) }, func(f *IPv4Fields) { f.TOS = 0x12 }},
		"ID":               {func(h IPv4) { h.SetID(0x1234) }, func(f *IPv4Fields) { f.ID = 0x1234 }},
		"no DF":            {func(h IPv4) { h.SetDontFragment(false) }, func(f *IPv4Fields) { f.DontFragment = false }},
		"DF":               {func(h IPv4) { h.SetDontFragment(true) }, func(f *IPv4Fields) {}},
		"fragment":         {func(h IPv4) { h.SetFragment(24, 65528, false) }, func(f *IPv4Fields) { f.TotalLen, f.FragmentOffset, f.MoreFragments = 24, 65528, false }},
		"first fragment":   {func(h IPv4) { h.SetFragment(28, 0, true) }, func(f *IPv4Fields) { f.FragmentOffset = 0 }},
		"same header size": {func(h IPv4) { h.SetHeaderLen(20) }, func(f *IPv4Fields) {}},
	} {
		got, want, f := make([]byte, 28), make([]byte, 28), base
		PutIPv4(got, base)
		c.set(IPv4(got))
		c.want(&f)
		PutIPv4(want, f)
		if string(got) != string(want) {
			t.Errorf("%s:\n got % x\nwant % x", name, got[:20], want[:20])
		}
		if _, err := ParseIPv4(got); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestIPv6SetTrafficClass(t *testing.T) {
	f := IPv6Fields{TrafficClass: 0xff, FlowLabel: 0xabcde, Source: netip.IPv6Unspecified(), Destination: netip.IPv6Unspecified()}
	got, want := make([]byte, 40), make([]byte, 40)
	PutIPv6(got, f)
	IPv6(got).SetTrafficClass(0x5a)
	f.TrafficClass = 0x5a
	PutIPv6(want, f)
	if string(got) != string(want) {
		t.Errorf("got % x, want % x", got[:8], want[:8])
	}
}
