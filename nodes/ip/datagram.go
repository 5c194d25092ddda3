package ip

import (
	"net/netip"

	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
)

// Datagram makes the IP packet that carries a message in UDP. The family is that of the addresses.
func (s *Stack) Datagram(message []byte, srcPort, dstPort uint16, src, dst netip.Addr) *packet.Buf {
	p := s.Pool.New(packet.DefaultHeadroom, wire.UDPHeaderLen+len(message))
	copy(p.Bytes()[wire.UDPHeaderLen:], message)
	wire.PutUDP(p.Bytes(), srcPort, dstPort, src, dst)
	if dst.Is4() {
		s.Push4(p, src, dst, wire.ProtoUDP, 0, DefaultHopLimit)
	} else {
		s.Push6(p, src, dst, wire.ProtoUDP, 0, DefaultHopLimit)
	}
	return p
}

// TakeMessage ends a packet with a message in UDP that is for this node, and returns what parse
// makes of it; nil, and the packet is dropped as malformed, if either is wrong.
func TakeMessage[M any](s *Stack, p *packet.Buf, in Info, parse func([]byte) (*M, error)) *M {
	u, err := wire.ParseUDP(p.Bytes()[in.Offset:], in.Source, in.Destination)
	if err != nil {
		s.Out.Drop(p, trace.Malformed)
		return nil
	}
	m, err := parse(u.Payload())
	if err != nil {
		s.Out.Drop(p, trace.Malformed)
		return nil
	}
	s.Out.Absorb(p)
	return m
}
