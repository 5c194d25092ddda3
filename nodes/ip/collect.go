package ip

import (
	"net/netip"

	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// ecnCE is the mark of congestion in the ECN field (RFC 3168 section 5), which is all ones.
const ecnCE = 3

// collect6 takes over an IPv6 fragment for this node (RFC 2460 section 4.5).
func (s *Stack) collect6(now vtime.Time, in machine.Iface, p *packet.Buf, h wire.IPv6, c *wire.Chain, tunnel netip.Addr) {
	at := c.FragmentAt + wire.FragmentLen
	f := fragment{buf: p, at: at, off: c.FragmentStart, n: len(h) - at, last: !c.MoreFragments}
	switch {
	case !f.last && f.n%8 != 0:
		s.Reject(now, p, trace.Malformed, wire.ICMPv6ParameterProblem, wire.ICMPv6CodeHeaderField, payloadLenAt)
		return
	case c.FragmentAt-wire.IPv6HeaderLen+f.end() > maxDatagram:
		s.Reject(now, p, trace.Malformed, wire.ICMPv6ParameterProblem, wire.ICMPv6CodeHeaderField, uint32(c.FragmentAt+2))
		return
	case f.n == 0:
		s.Out.Drop(p, trace.Malformed)
		return
	}
	a := s.collect(now, fragmentKey{src: h.Source(), dst: h.Destination(), tunnel: tunnel, id: c.FragmentID}, f)
	if a == nil {
		return
	}
	at = a.parts[0].at
	class := uint8(0)
	for i := range a.parts {
		class |= congestion(wire.IPv6(a.parts[i].buf.Bytes()).TrafficClass())
	}
	p = s.join(a)
	// The Fragment header goes and what is in front of it moves up.
	b := p.Bytes()
	b[announcing(b, at-wire.FragmentLen)] = wire.Fragment(b[at-wire.FragmentLen:]).NextHeader()
	copy(b[wire.FragmentLen:at], b[:at-wire.FragmentLen])
	p.TrimFront(wire.FragmentLen)
	h = wire.IPv6(p.Bytes())
	h.SetPayloadLen(len(h) - wire.IPv6HeaderLen)
	h.SetTrafficClass(h.TrafficClass() | class)
	s.local6(now, in, p, h, tunnel)
}

// payloadLenAt is where the payload length stands in an IPv6 header.
const payloadLenAt = 4

// collect4 takes over an IPv4 fragment for this node (RFC 791 section 3.2).
func (s *Stack) collect4(now vtime.Time, in machine.Iface, p *packet.Buf, h wire.IPv4, tunnel netip.Addr) {
	at := h.HeaderLen()
	f := fragment{buf: p, at: at, off: h.FragmentOffset(), n: len(h) - at, last: !h.MoreFragments()}
	if !f.last && f.n%8 != 0 || f.n == 0 || at+f.end() > maxDatagram {
		s.Out.Drop(p, trace.Malformed)
		return
	}
	k := fragmentKey{src: h.Source(), dst: h.Destination(), tunnel: tunnel, id: uint32(h.ID()), protocol: h.Protocol()}
	a := s.collect(now, k, f)
	if a == nil {
		return
	}
	class := uint8(0)
	for i := range a.parts {
		class |= congestion(wire.IPv4(a.parts[i].buf.Bytes()).TOS())
	}
	p = s.join(a)
	h = wire.IPv4(p.Bytes())
	h.SetFragment(len(h), 0, false)
	h.SetTOS(h.TOS() | class)
	s.local4(now, in, p, h, tunnel)
}

// congestion returns the mark if the class carries it: one marked fragment marks the packet
// (RFC 3168 section 5.3).
func congestion(class uint8) uint8 {
	if class&ecnCE == ecnCE {
		return ecnCE
	}
	return 0
}

// rejectIncomplete drops the first fragment of a packet and reports that the others did not
// come (RFC 4443 section 3.3, RFC 792).
func (s *Stack) rejectIncomplete(now vtime.Time, first *packet.Buf) {
	if first.Bytes()[0]>>4 == 6 {
		s.Reject(now, first, trace.ReassemblyTimeout, wire.ICMPv6TimeExceeded, wire.ICMPv6CodeReassembly, 0)
		return
	}
	s.Reject(now, first, trace.ReassemblyTimeout, wire.ICMPv4TimeExceeded, wire.ICMPv6CodeReassembly, 0)
}
