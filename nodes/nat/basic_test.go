package nat

import (
	"net/netip"
	"testing"

	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
)

// A Basic NAT changes addresses and the checksums over them, nothing else.
func TestBasic(t *testing.T) {
	other := netip.MustParseAddr("10.1.1.99")
	r := newRig(t, Config{})
	NewBasic(r.stack, lanA, wan, public)
	in6 := append(make([]byte, 40), 1, 2, 3)
	wire.PutIPv6(in6, wire.IPv6Fields{PayloadLen: 3, NextHeader: wire.ProtoNone, HopLimit: 9,
		Source: netip.MustParseAddr("::ffff:10.1.1.23"), Destination: netip.MustParseAddr("2001:db8::1")})
	for _, step := range []struct {
		what string
		in   machine.Iface
		b    []byte
		want string
	}{
		{"nobody inside has the address yet", wan, udp(remote, 7, public, 9), "drop nat_mapping"},
		{"ports stay", lanA, udp(host, 5000, remote, 53), "wan: udp 203.0.113.5:5000 > 198.51.100.9:53"},
		{"whoever knocks comes in", wan, udp(remote, 7, public, 9), "a: udp 198.51.100.9:7 > 10.1.1.23:9"},
		{"tcp", lanA, tcp(host, 1, remote, 80), "wan: tcp 203.0.113.5:1 > 198.51.100.9:80"},
		{"echo", lanA, echo(wire.ICMPv4Echo, 4, host, remote), "wan: echo 8 id 4 203.0.113.5 > 198.51.100.9"},
		{"a tunnel passes", lanA, ip4(wire.ProtoIPv6, host, remote, in6), "wan: proto 41 203.0.113.5 > 198.51.100.9"},
		{"and comes back", wan, ip4(wire.ProtoIPv6, remote, public, in6), "a: proto 41 198.51.100.9 > 10.1.1.23"},
		{"the second host finds the address taken", lanA, udp(other, 5000, remote, 53), "drop nat_mapping"},
		{"an error from outside quotes what was sent inside", wan, icmpError(remote, udp(public, 5000, remote, 53), 8),
			"a: error 3/3 198.51.100.9 > 10.1.1.23 [udp 10.1.1.23:5000 > 198.51.100.9:53]"},
		{"inside addresses are unknown outside", wan, udp(remote, 7, host, 9), "drop nat_mapping"},
	} {
		if got := r.give(step.in, step.b); got != step.want {
			t.Errorf("%s: got %q, want %q", step.what, got, step.want)
		}
	}
}

// What a tunnel carries is not touched: that is why the home agent sees another address
// inside than outside.
func TestBasicLeavesTunnelsAlone(t *testing.T) {
	r := newRig(t, Config{})
	b := NewBasic(r.stack, lanA, wan, public)
	octets := ip4(wire.ProtoIPv6, host, remote, []byte("sixty-four octets of whatever it is"))
	translate(octets, host, public)
	if h := wire.IPv4(octets); h.Source() != public || string(h.Payload()) != "sixty-four octets of whatever it is" {
		t.Errorf("%v %q", h.Source(), h.Payload())
	}
	if _, ok := b.Host(); ok {
		t.Error("a host has the address before anything was sent")
	}
}
