package ip

import (
	"math"
	"net/netip"

	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/vtime"
)

// AcceptTCP delivers TCP segments to the upper layer, which has the protocol's machine, and
// with them each ICMP error that a packet was too big: a segment has to become smaller then
// (RFC 8201 section 5.2, RFC 1191 section 6.4).
func (s *Stack) AcceptTCP() {
	s.tcp = true
	s.Handle(wire.ProtoTCP, s.handleTCP)
}

func (s *Stack) handleTCP(_ vtime.Time, p *packet.Buf, in Info) {
	if _, err := wire.ParseTCP(p.Bytes()[in.Offset:], in.Source, in.Destination); err != nil {
		s.Out.Drop(p, badUpper(err))
		return
	}
	p.TrimFront(in.Offset)
	s.Out.Deliver(p, wire.ProtoTCP, in.Source, in.Destination)
}

// concluded ends an ICMP message that has been acted upon.
func (s *Stack) concluded(p *packet.Buf, in Info, tooBig bool) {
	if tooBig && s.tcp {
		p.TrimFront(in.Offset)
		s.Out.Deliver(p, in.Protocol, in.Source, in.Destination)
		return
	}
	s.Out.Absorb(p)
}

// LargestPacket returns the largest packet from one address to another that leaves the node
// as it is, neither in fragments nor refused. Without a route there is no limit: nothing
// leaves, and what the next route takes nobody knows. A Mobile IPv6 node knows better where a
// tunnel or a header of its own takes part of the room.
func (s *Stack) LargestPacket(now vtime.Time, _, dst netip.Addr) int {
	if s.route(dst) == nil {
		return math.MaxInt
	}
	return s.PathMTU(now, dst)
}
