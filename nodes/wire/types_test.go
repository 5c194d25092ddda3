package wire

import (
	"net/netip"
	"testing"
)

// A view is had from the message of its own type only.
func TestWrongTypes(t *testing.T) {
	views := map[MobilityType]func(m Mobility) error{
		MobilityBindingRefreshRequest:  func(m Mobility) error { _, err := m.BindingRefreshRequest(); return err },
		MobilityHomeTestInit:           func(m Mobility) error { _, err := m.HomeTestInit(); return err },
		MobilityCareOfTestInit:         func(m Mobility) error { _, err := m.CareOfTestInit(); return err },
		MobilityHomeTest:               func(m Mobility) error { _, err := m.HomeTest(); return err },
		MobilityCareOfTest:             func(m Mobility) error { _, err := m.CareOfTest(); return err },
		MobilityBindingUpdate:          func(m Mobility) error { _, err := m.BindingUpdate(); return err },
		MobilityBindingAcknowledgement: func(m Mobility) error { _, err := m.BindingAcknowledgement(); return err },
		MobilityBindingError:           func(m Mobility) error { _, err := m.BindingError(); return err },
	}
	for have := range views {
		b := make([]byte, mobilityFixed[have])
		b[mhType] = uint8(have)
		for want, view := range views {
			if err := view(b); (err == nil) != (have == want) {
				t.Errorf("%v as %v: %v", have, want, err)
			}
		}
	}

	messages := map[uint8]func(m ICMPv6) error{
		ICMPv6RouterSolicitation:    func(m ICMPv6) error { _, err := m.RouterSolicitation(); return err },
		ICMPv6RouterAdvertisement:   func(m ICMPv6) error { _, err := m.RouterAdvertisement(); return err },
		ICMPv6NeighborSolicitation:  func(m ICMPv6) error { _, err := m.NeighborSolicitation(); return err },
		ICMPv6NeighborAdvertisement: func(m ICMPv6) error { _, err := m.NeighborAdvertisement(); return err },
		ICMPv6HomeAgentRequest:      func(m ICMPv6) error { _, err := m.HomeAgentRequest(); return err },
		ICMPv6HomeAgentReply:        func(m ICMPv6) error { _, err := m.HomeAgentReply(); return err },
		ICMPv6PrefixSolicitation:    func(m ICMPv6) error { _, err := m.PrefixSolicitation(); return err },
		ICMPv6PrefixAdvertisement:   func(m ICMPv6) error { _, err := m.PrefixAdvertisement(); return err },
	}
	lengths := map[uint8]int{ICMPv6RouterAdvertisement: raLen, ICMPv6NeighborSolicitation: nsLen, ICMPv6NeighborAdvertisement: naLen}
	for have := range messages {
		m := make(ICMPv6, max(8, lengths[have]))
		m[icmpType] = have
		for want, view := range messages {
			if err := view(m); (err == nil) != (have == want) {
				t.Errorf("type %d as %d: %v", have, want, err)
			}
		}
		if err := messages[have](m[:len(m)-1]); err != errNDShort {
			t.Errorf("type %d, an octet short: %v", have, err)
		}
		m[icmpCode] = 1
		if err := messages[have](m); err != errNDCode {
			t.Errorf("type %d, code 1: %v", have, err)
		}
	}
	na := make(ICMPv6, naLen)
	na[icmpType], na[ndTarget] = ICMPv6NeighborAdvertisement, 0xff
	if _, err := na.NeighborAdvertisement(); err != errNDTarget {
		t.Errorf("multicast target: %v", err)
	}
}

func TestHas(t *testing.T) {
	m := Mobility(AppendBindingUpdate(nil, BindingUpdateFields{Flags: buAH}, IPv4Layout{}))
	u, _ := m.BindingUpdate()
	if !u.Has(BUHomeRegistration) || !u.Has(buAH) || u.Has(BUHomeRegistration|BUMap) {
		t.Errorf("flags %v", u.Flags())
	}
}

func TestPrefix(t *testing.T) {
	p := homePrefix(ha6, true)
	if got := p.Prefix(); got != netip.MustParsePrefix("2001:db8:100::/64") {
		t.Errorf("prefix %v", got)
	}
	p.PrefixLen = 129
	if p.Prefix().IsValid() {
		t.Error("a prefix of 129 bits is valid")
	}
}

// One octet of padding is a Pad1, more are one PadN (RFC 6275 section 6.2.1).
func TestAlignment(t *testing.T) {
	for n, want := range []string{"", "00", "0100", "010100", "01020000"} {
		b := alignOption(make([]byte, 8-n), 0, 8, 0)
		requireOctets(t, "padding", b[8-n:], unhex(want))
	}
}

// IPv4 options are left out where the layout has none, and the options of
// RFC 5555 alone where it is draft-00.
func TestFieldsOutsideLayout(t *testing.T) {
	for _, c := range []struct {
		layout   IPv4Layout
		bu, ba   int
		haveHome bool
	}{{IPv4Layout{}, 16, 16, false}, {Draft00Layout(), 24, 24, true}, {RFC5555Layout(), 32, 32, true}} {
		bu := Mobility(AppendBindingUpdate(nil, with(nat5555, func(*BindingUpdateFields) {}), c.layout))
		ba := Mobility(AppendBindingAcknowledgement(nil, BindingAcknowledgementFields{IPv4Acknowledgement: ack4(hoa4), NATDetection: &NATDetection{ForceUDP: true, Refresh: Infinity}}, c.layout))
		if len(bu) != c.bu || len(ba) != c.ba {
			t.Errorf("%v: BU %d octets, BA %d, want %d and %d", c.layout.Style, len(bu), len(ba), c.bu, c.ba)
		}
		if _, ok := bu.Options().IPv4HomeAddress(c.layout); ok != c.haveHome {
			t.Errorf("%v: home address %v", c.layout.Style, ok)
		}
		if ack, ok := ba.Options().IPv4Acknowledgement(c.layout); ok != c.haveHome || ok && (ack.Address != hoa4 || ack.PrefixLen != 32) {
			t.Errorf("%v: acknowledgement %v, %v", c.layout.Style, ack, ok)
		}
		careOf, ok := bu.Options().IPv4CareOf(c.layout)
		n, okNAT := ba.Options().NATDetection(c.layout)
		if rfc := c.layout.Style == IPv4RFC5555; ok != rfc || okNAT != rfc || rfc && (careOf != private4 || !n.ForceUDP || n.Refresh != Infinity) {
			t.Errorf("%v: care-of %v, NAT detection %+v", c.layout.Style, careOf, n)
		}
	}
}

// A prefix request sets P and the length of the prefix.
func TestIPv4PrefixRequest(t *testing.T) {
	want := IPv4HomeAddress{Address: hoa4, PrefixLen: 28, Prefix: true}
	m := Mobility(AppendBindingUpdate(nil, BindingUpdateFields{IPv4HomeAddress: &want}, RFC5555Layout()))
	if got, ok := m.Options().IPv4HomeAddress(RFC5555Layout()); !ok || got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}
