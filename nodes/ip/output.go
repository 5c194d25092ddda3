package ip

import (
	"net/netip"

	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// Output sends an IP packet that this node originates.
func (s *Stack) Output(now vtime.Time, p *packet.Buf) {
	src, dst, ok := Endpoints(p.Bytes())
	if !ok {
		s.Out.Drop(p, trace.Malformed)
		return
	}
	if s.Diverter != nil && s.Diverter.DivertOutput(now, p, src, dst) {
		return
	}
	s.Originate(now, p, dst)
}

// Originate sends an IP packet along the routes, past the Diverter: what the Diverter
// itself has encapsulated.
func (s *Stack) Originate(now vtime.Time, p *packet.Buf, dst netip.Addr) {
	if a := s.lookup(dst).own; a != nil && a.State != Tentative {
		s.Input(now, a.Iface, p)
		return
	}
	r := s.route(dst)
	if s.BySource {
		r = s.routeFrom(p, dst, r)
	}
	if r == nil {
		s.Out.Drop(p, trace.NoRoute)
		return
	}
	s.originate(now, r, dst, p)
}

// originate sends a packet of this node along a route, in fragments if the path takes it
// only so.
func (s *Stack) originate(now vtime.Time, r *Route, dst netip.Addr, p *packet.Buf) {
	if r.Iface >= 0 {
		if b, hops := p.Bytes(), s.ifaces[r.Iface].HopLimit; hops > 0 && b[0]>>4 == 6 && wire.IPv6(b).HopLimit() == DefaultHopLimit {
			wire.IPv6(b).SetHopLimit(hops)
		}
		if mtu := s.routeMTU(now, r, dst); p.Len() > mtu {
			s.sendInPieces(now, r, dst, p, mtu)
			return
		}
	}
	s.transmit(now, r, dst, p)
}

// sendInPieces fragments a packet, or refuses it as too big.
func (s *Stack) sendInPieces(now vtime.Time, r *Route, dst netip.Addr, p *packet.Buf, mtu int) {
	pieces := s.Split(p, mtu)
	if pieces == nil {
		s.RejectTooBig(now, p, mtu)
		return
	}
	for _, f := range pieces {
		s.transmit(now, r, dst, f)
	}
}

// identify gives an IPv4 packet of the upper layer its identification, which must be
// different for all packets of the node that may meet as fragments (RFC 791 section 2.3).
func (s *Stack) identify(p *packet.Buf) {
	if b := p.Bytes(); len(b) >= wire.IPv4HeaderLen && b[0]>>4 == 4 {
		s.ident++
		wire.IPv4(b).SetID(s.ident)
	}
}

// Endpoints returns source and destination of an IP packet of either family.
func Endpoints(b []byte) (src, dst netip.Addr, ok bool) {
	switch {
	case len(b) >= wire.IPv6HeaderLen && b[0]>>4 == 6:
		h := wire.IPv6(b)
		return h.Source(), h.Destination(), true
	case len(b) >= wire.IPv4HeaderLen && b[0]>>4 == 4:
		h := wire.IPv4(b)
		return h.Source(), h.Destination(), true
	}
	return netip.Addr{}, netip.Addr{}, false
}

// Push6 puts an IPv6 header in front of the packet.
func (s *Stack) Push6(p *packet.Buf, src, dst netip.Addr, next, class, hopLimit uint8) {
	n := p.Len()
	wire.PutIPv6(p.Prepend(wire.IPv6HeaderLen), wire.IPv6Fields{
		TrafficClass: class, PayloadLen: n, NextHeader: next, HopLimit: hopLimit, Source: src, Destination: dst,
	})
}

// Push4 puts an IPv4 header in front of the packet. Identifications are counted per node.
func (s *Stack) Push4(p *packet.Buf, src, dst netip.Addr, protocol, tos, ttl uint8) {
	n := p.Len() + wire.IPv4HeaderLen
	s.ident++
	wire.PutIPv4(p.Prepend(wire.IPv4HeaderLen), wire.IPv4Fields{
		TOS: tos, TotalLen: n, ID: s.ident, TTL: ttl, Protocol: protocol, Source: src, Destination: dst,
	})
}

// Frame puts an Ethernet header in front of the packet and sends it on the interface.
func (s *Stack) Frame(out machine.Iface, to wire.MAC, etherType uint16, p *packet.Buf) {
	wire.PutEthernet(p.Prepend(wire.EthernetLen), to, s.ifaces[out].MAC, etherType)
	s.Out.Send(out, p)
}

// Multicast sends an IP packet to a group, or an IPv4 one to everybody, on an interface.
func (s *Stack) Multicast(out machine.Iface, dst netip.Addr, p *packet.Buf) {
	if !s.ifaces[out].Ethernet {
		s.Out.Send(out, p)
		return
	}
	mac, etherType := wire.Broadcast, uint16(wire.EtherTypeIPv4)
	if dst.Is6() {
		etherType = wire.EtherTypeIPv6
	}
	if dst.IsMulticast() {
		mac = wire.MulticastMAC(dst)
	}
	s.Frame(out, mac, etherType, p)
}

// Compose makes a packet of what write appends to an empty slice.
func (s *Stack) Compose(write func(b []byte) []byte) *packet.Buf {
	s.scratch = write(s.scratch[:0])
	return s.Pool.From(s.scratch)
}
