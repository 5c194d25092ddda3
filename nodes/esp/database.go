package esp

import (
	"crypto/hmac"
	"net/netip"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// Database holds the security associations of one node. It implements ip.Security. The
// zero Database is empty.
type Database struct {
	inbound  map[uint32]*SA
	outbound map[netip.Addr][]*SA // by home address, in the order in which they were added
}

var _ ip.Security = (*Database)(nil)

// AddInbound makes the node open what the association's other end seals. It fails with
// ErrDuplicate if the node has an association of that SPI.
func (d *Database) AddInbound(s *SA) error {
	if d.inbound == nil {
		d.inbound = map[uint32]*SA{}
	}
	if d.inbound[s.cfg.SPI] != nil {
		return ErrDuplicate
	}
	d.inbound[s.cfg.SPI] = s
	return nil
}

// AddOutbound offers the association to Outbound.
func (d *Database) AddOutbound(s *SA) {
	if d.outbound == nil {
		d.outbound = map[netip.Addr][]*SA{}
	}
	d.outbound[s.cfg.HomeAddress] = append(d.outbound[s.cfg.HomeAddress], s)
}

// Inbound returns the inbound association of that SPI, or nil.
func (d *Database) Inbound(spi uint32) *SA { return d.inbound[spi] }

// Outbound returns the association that protects a packet of the node, or nil: the first
// added that belongs to the source or destination and whose selector matches. The packet
// is described as it is before a Home Address option or type 2 routing header goes in.
func (d *Database) Outbound(p Selector) *SA {
	for _, home := range [...]netip.Addr{p.Source, p.Destination} {
		for _, s := range d.outbound[home] {
			if s.cfg.Selector.Matches(p) {
				return s
			}
		}
	}
	return nil
}

// Open verifies the ESP header at in.Offset of p (RFC 4303 section 3.4), cuts padding,
// trailer and integrity value off, and makes in describe what was inside. The IP header's
// length is left as it arrived. Selectors are applied to the addresses in in, which are
// those after Home Address option and routing header (RFC 3776 section 4.2). Every fault
// is trace.SecurityFailed, and p is then unchanged.
func (d *Database) Open(_ vtime.Time, p *packet.Buf, in *ip.Info) trace.Reason {
	b := p.Bytes()[in.Offset:]
	h, err := wire.ParseESP(b, 0, 0)
	if err != nil {
		return trace.SecurityFailed
	}
	s := d.inbound[h.SPI()]
	if s == nil || !s.cfg.AnyOrder && !s.window.fresh(h.Sequence()) {
		return trace.SecurityFailed
	}
	e, err := wire.ParseESP(b, s.ivLen, s.icvLen)
	if err != nil || !hmac.Equal(e.ICV(), s.integrity(e.Authenticated())) {
		return trace.SecurityFailed
	}
	if !s.cfg.AnyOrder {
		s.window.mark(e.Sequence())
	}
	plain, ok := s.plaintext(e)
	if !ok {
		return trace.SecurityFailed
	}
	payload, next, err := wire.OpenESP(plain)
	if err != nil || !s.covers(payload, next, in) {
		return trace.SecurityFailed
	}
	copy(e.Ciphertext(), plain)
	in.Protocol, in.Offset = next, in.Offset+wire.ESPHeaderLen+s.ivLen
	in.Secured, in.SecuredFor = true, s.cfg.HomeAddress
	p.Truncate(in.Offset + len(payload))
	return 0
}

// covers reports whether the association may speak for the packet (RFC 4301 section 5.2).
func (s *SA) covers(payload []byte, next uint8, in *ip.Info) bool {
	if s.cfg.Mode == Transport {
		return s.cfg.Selector.Matches(describe(in.Source, in.Destination, next, payload))
	}
	outer := Selector{Source: s.cfg.TunnelSource, Destination: s.cfg.TunnelDestination}
	if !outer.Matches(Selector{Source: in.Source, Destination: in.Destination}) {
		return false
	}
	switch next {
	case wire.ProtoIPv6:
		h, err := wire.ParseIPv6(payload)
		if err != nil {
			return false
		}
		c, err := wire.WalkIPv6(h)
		if err != nil {
			return false
		}
		return s.cfg.Selector.Matches(describe(h.Source(), h.Destination(), c.Upper, h[c.UpperOffset:]))
	case wire.ProtoIPv4:
		h, err := wire.ParseIPv4(payload)
		return err == nil && s.cfg.Selector.Matches(describe(h.Source(), h.Destination(), h.Protocol(), h.Payload()))
	}
	return false
}

// mobilityTypeAt is where the Mobility Header has its type.
const mobilityTypeAt = 2

func describe(src, dst netip.Addr, protocol uint8, upper []byte) Selector {
	d := Selector{Source: src, Destination: dst, Protocol: protocol}
	switch {
	case protocol == wire.ProtoMobility && len(upper) > mobilityTypeAt:
		d.Type = upper[mobilityTypeAt]
	case (protocol == wire.ProtoICMPv6 || protocol == wire.ProtoICMPv4) && len(upper) > 0:
		d.Type = upper[0]
	}
	return d
}
