package mip

import (
	"net/netip"
	"testing"

	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
)

type sealer int

func (sealer) Seal(*packet.Buf, uint8) {}
func (s sealer) Overhead(int) int      { return int(s) }

// Home Test Inits and Home Tests have protection of their own; nothing else is mistaken for
// them (RFC 3776 sections 3.3 and 3.4).
func TestProtectionFor(t *testing.T) {
	both := Protection{Tests: sealer(1), Payload: sealer(2)}
	mobility := func(typ wire.MobilityType) []byte {
		b := make([]byte, wire.IPv6HeaderLen+16)
		b[wire.IPv6HeaderLen+2] = uint8(typ)
		wire.PutIPv6(b, wire.IPv6Fields{PayloadLen: 16, NextHeader: wire.ProtoMobility, HopLimit: 64,
			Source: netip.MustParseAddr("2001:db8::1"), Destination: netip.MustParseAddr("2001:db8::2")})
		return b
	}
	for _, c := range []struct {
		what  string
		inner []byte
		want  Sealer
	}{
		{"HoTI", mobility(wire.MobilityHomeTestInit), sealer(1)},
		{"HoT", mobility(wire.MobilityHomeTest), sealer(1)},
		{"CoTI", mobility(wire.MobilityCareOfTestInit), sealer(2)},
		{"BU", mobility(wire.MobilityBindingUpdate), sealer(2)},
		{"IPv4", make([]byte, 60), sealer(2)},
		{"nothing", nil, sealer(2)},
	} {
		if got := both.For(c.inner); got != c.want {
			t.Errorf("%s: %v, want %v", c.what, got, c.want)
		}
	}
	if s := (&Protection{}).For(mobility(wire.MobilityHomeTest)); s != nil {
		t.Errorf("no protection: %v", s)
	}
}
