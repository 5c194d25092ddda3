package mip

import (
	"net/netip"

	"dsmipsim/nodes/wire"
)

// Protection is how the packets in the tunnel between a mobile node and a home agent are
// protected by ESP in tunnel mode, at one end. What has no Sealer travels in the clear.
type Protection struct {
	Tests   Sealer      // what is sent of return routability: Home Test Inits, or Home Tests (RFC 3776 section 3.3)
	Payload Sealer      // everything else (RFC 3776 section 3.4)
	Ends    []TunnelEnd // that open what arrives
}

// TunnelEnd is the receiving end of a security association in tunnel mode.
type TunnelEnd interface {
	// MoveTunnel sets the outer addresses that packets must come with.
	MoveTunnel(source, destination netip.Addr)
}

// For returns what protects a packet in the tunnel, whichever way it travels; nil if nothing does.
func (p *Protection) For(inner []byte) Sealer {
	if isHomeTest(inner) {
		return p.Tests
	}
	return p.Payload
}

// Move lets the receiving ends follow the care-of address (RFC 3776 section 4.1).
func (p *Protection) Move(remote, local netip.Addr) {
	for _, e := range p.Ends {
		e.MoveTunnel(remote, local)
	}
}

// isHomeTest reports whether a packet is one of the two messages of return routability that
// pass the home agent.
func isHomeTest(b []byte) bool {
	if len(b) < wire.IPv6HeaderLen+mobilityTypeAt+1 || b[0]>>4 != 6 || wire.IPv6(b).NextHeader() != wire.ProtoMobility {
		return false
	}
	typ := wire.MobilityType(b[wire.IPv6HeaderLen+mobilityTypeAt])
	return typ == wire.MobilityHomeTestInit || typ == wire.MobilityHomeTest
}

// mobilityTypeAt is where a Mobility Header has its type (RFC 6275 section 6.1.1).
const mobilityTypeAt = 2
