package ip

import (
	"net/netip"

	"dsmipsim/nodes/wire"
	"dsmipsim/sim/vtime"
)

// Quote is an ICMP error about a packet that this node sent. The quoted packet may be cut
// anywhere behind its IP header.
type Quote struct {
	Type, Code  uint8  // of the ICMP of the quoted packet's family
	Word        uint32 // octets 4 to 7 of the error
	Reporter    netip.Addr
	Source      netip.Addr // in the header of the quoted packet
	Destination netip.Addr
	Packet      []byte // valid until the handler returns
	Offset      int    // of the upper-layer header in Packet
}

// TooBig reports whether the packet exceeded an MTU. The path MTU is already learnt then.
func (q *Quote) TooBig() bool {
	if q.Source.Is4() {
		return q.Type == wire.ICMPv4DestinationUnreachable && q.Code == wire.ICMPv4CodeFragmentationNeeded
	}
	return q.Type == wire.ICMPv6PacketTooBig
}

// ErrorHandler hears of an ICMP error.
type ErrorHandler func(now vtime.Time, q Quote)

// HandleError registers who hears of ICMP errors about packets of an upper-layer protocol
// that this node sent.
func (s *Stack) HandleError(protocol uint8, h ErrorHandler) { s.errors[protocol] = h }

// heard6 learns from an ICMPv6 error and passes it to the protocol that it concerns
// (RFC 4443 section 2.4 (d)). It reports whether a packet of this node was too big.
func (s *Stack) heard6(now vtime.Time, m wire.ICMPv6, in Info) (tooBig bool) {
	h, err := wire.ParseQuotedIPv6(m.Quoted())
	if err != nil || s.addrs[h.Source()] == nil {
		return false
	}
	if tooBig = m.Type() == wire.ICMPv6PacketTooBig; tooBig {
		s.learn(now, h.Destination(), int(min(m.MTU(), 1<<16)))
	}
	c, err := wire.WalkIPv6(h)
	if err != nil || c.FragmentStart != 0 {
		return tooBig // nothing of the upper layer is there
	}
	if f := s.errors[c.Upper]; f != nil {
		f(now, Quote{
			Type: m.Type(), Code: m.Code(), Word: m.MTU(), Reporter: in.Source,
			Source: h.Source(), Destination: h.Destination(), Packet: h, Offset: c.UpperOffset,
		})
	}
	return tooBig
}

// heard4 is heard6 for ICMPv4 (RFC 1122 section 3.2.2).
func (s *Stack) heard4(now vtime.Time, m wire.ICMPv4, in Info) (tooBig bool) {
	h, err := wire.ParseQuotedIPv4(m.Quoted())
	if err != nil || s.addrs[h.Source()] == nil {
		return false
	}
	q := Quote{
		Type: m.Type(), Code: m.Code(), Word: uint32(m.NextHopMTU()), Reporter: in.Source,
		Source: h.Source(), Destination: h.Destination(), Packet: h, Offset: h.HeaderLen(),
	}
	if q.TooBig() {
		mtu := int(m.NextHopMTU())
		if mtu == 0 {
			mtu = plateauBelow(h.TotalLen())
		}
		s.learn(now, q.Destination, mtu)
	}
	if f := s.errors[h.Protocol()]; f != nil && h.FragmentOffset() == 0 {
		f(now, q)
	}
	return q.TooBig()
}

// SendError tells the source of a packet that something went wrong with it, unless the
// rules for ICMP errors forbid it. The packet may be cut behind its IP header, as the inner
// packet is that an error from inside a tunnel quotes. word is that of Reject.
func (s *Stack) SendError(now vtime.Time, about []byte, typ, code uint8, word uint32) {
	if h, err := wire.ParseQuotedIPv6(about); err == nil {
		s.error6(now, h, typ, code, word)
	} else if h, err := wire.ParseQuotedIPv4(about); err == nil {
		s.error4(now, h, typ, code, word)
	}
}
