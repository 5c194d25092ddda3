package mip_test

import (
	"net/netip"
	"testing"
	"time"

	"dsmipsim/nodes/mip"
	"dsmipsim/nodes/nd"
)

// TestConstants: typed from RFC 6275 sections 12 and 13, and RFC 4861 section 10, not from
// the code.
func TestConstants(t *testing.T) {
	for _, c := range []struct {
		name      string
		got, want time.Duration
	}{
		{"INITIAL_BINDACK_TIMEOUT", mip.InitialBindackTimeout, 1 * time.Second},
		{"InitialBindackTimeoutFirstReg", mip.InitialBindackTimeoutFirstReg, 1500 * time.Millisecond},
		{"MAX_BINDACK_TIMEOUT", mip.MaxBindackTimeout, 32 * time.Second},
		{"MAX_DELETE_BCE_TIMEOUT", mip.MaxDeleteBCETimeout, 10 * time.Second},
		{"MAX_UPDATE_RATE", mip.MaxUpdateRate, 3},
		{"RETRANS_TIMER", nd.RetransTimer, 1000 * time.Millisecond},
	} {
		if c.got != c.want {
			t.Errorf("%s is %v, want %v", c.name, c.got, c.want)
		}
	}
	// RFC 6275 section 13: 1.5 x RetransTimer x DupAddrDetectTransmits.
	if want := nd.RetransTimer * 3 / 2 * nd.DupAddrTransmits; mip.InitialBindackTimeoutFirstReg != want {
		t.Errorf("InitialBindackTimeoutFirstReg is %v, want %v", mip.InitialBindackTimeoutFirstReg, want)
	}
}

// TestNewer: "if the last received sequence number was 15, then messages with sequence
// numbers 0 through 15, as well as 32783 through 65535, would be considered less than or
// equal" (RFC 6275 section 9.5.1).
func TestNewer(t *testing.T) {
	for n := 0; n <= 65535; n++ {
		want := n > 15 && n < 32783
		if got := mip.Newer(uint16(n), 15); got != want {
			t.Fatalf("%d after 15: %v, want %v", n, got, want)
		}
	}
	for _, c := range []struct {
		a, b uint16
		want bool
	}{
		{0, 65535, true}, {65535, 0, false}, {32767, 0, true}, {32768, 0, false}, {32767, 65535, false}, {32766, 65535, true}, {7, 7, false},
	} {
		if got := mip.Newer(c.a, c.b); got != c.want {
			t.Errorf("%d after %d: %v, want %v", c.a, c.b, got, c.want)
		}
	}
}

func TestMapped(t *testing.T) {
	got := mip.Mapped(coa4)
	if got != mapped || !got.Is4In6() || got.Unmap() != coa4 {
		t.Errorf("the mapped form of %v is %v, want %v", coa4, got, mapped)
	}
}

func TestAddressKinds(t *testing.T) {
	for _, c := range []struct {
		addr            string
		private, careOf bool
	}{
		{"10.1.1.23", true, false},
		{"172.16.0.1", true, false},
		{"172.32.0.1", false, false},
		{"192.168.0.1", true, false},
		{"169.254.3.4", true, false},
		{"100.64.0.1", true, false},
		{"100.127.255.254", true, false},
		{"100.128.0.1", false, false},
		{"198.51.100.7", false, false},
		{"2001:db8:a::1001", false, true},
		{"fe80::1", true, false},
		{"ff02::1", false, false},
		{"::1", false, false},
		{"::", false, false},
		{"::ffff:198.51.100.7", false, false},
	} {
		a := netip.MustParseAddr(c.addr)
		if got := mip.IsPrivate(a); a.Is4() && got != c.private {
			t.Errorf("%v private: %v", a, got)
		}
		if got := mip.IsCareOf(a); got != c.careOf {
			t.Errorf("%v may be a care-of address: %v", a, got)
		}
	}
}

// TestCache: one entry for each home address, in the order of registration; a deleted entry
// is found but not in force.
func TestCache(t *testing.T) {
	other := netip.MustParseAddr("2001:db8:100::2000")
	var c mip.Cache
	if c.Get(hoa6) != nil || c.Live(hoa6) != nil || c.IPv4Of(hoa6) != nil {
		t.Error("an empty cache has entries")
	}
	c.Delete(hoa6)
	c.Put(&mip.Binding{HomeAddress: hoa6, Owner: hoa6, CareOf: coa6, Sequence: 1})
	c.Put(&mip.Binding{HomeAddress: hoa4, Owner: hoa6, CareOf: coa6})
	c.Put(&mip.Binding{HomeAddress: other, Owner: other, CareOf: coa4})
	c.Put(&mip.Binding{HomeAddress: hoa6, Owner: hoa6, CareOf: coa4, Sequence: 2})
	if b := c.Live(hoa6); b == nil || b.Sequence != 2 || b.CareOf != coa4 {
		t.Errorf("the second entry of an address did not replace the first: %+v", b)
	}
	if b := c.IPv4Of(hoa6); b == nil || b.HomeAddress != hoa4 {
		t.Errorf("IPv4Of: %+v", b)
	}
	if b := c.IPv4Of(other); b != nil {
		t.Errorf("IPv4Of of another mobile node: %+v", b)
	}
	var order []netip.Addr
	for _, b := range c.Snapshot() {
		order = append(order, b.HomeAddress)
	}
	if len(order) != 3 || order[0] != hoa4 || order[1] != other || order[2] != hoa6 {
		t.Errorf("order %v", order)
	}
	c.Get(hoa6).Deleted = true
	if c.Get(hoa6) == nil || c.Live(hoa6) != nil {
		t.Error("a deleted entry is in force, or forgotten")
	}
	c.Delete(hoa4)
	if c.IPv4Of(hoa6) != nil || len(c.Snapshot()) != 2 {
		t.Error("Delete left the entry")
	}
}
