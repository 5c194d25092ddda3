package ip

import (
	"errors"
	"time"

	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// Limits of ICMP errors: a token bucket as RFC 4443 section 2.4 (f) suggests for a small node.
const (
	errorRate  = 100 * time.Millisecond // a new token, i.e. ten errors a second
	errorBurst = 10
)

type limiter struct {
	tokens int
	filled vtime.Time
}

func (l *limiter) take(now vtime.Time) bool {
	if n := int(now.Sub(l.filled) / errorRate); n > 0 {
		l.tokens = min(errorBurst, l.tokens+n)
		l.filled = l.filled.Add(time.Duration(n) * errorRate)
	}
	if l.tokens == 0 {
		return false
	}
	l.tokens--
	return true
}

// MayReport reports whether the limit on ICMP errors allows one more, and counts it: what
// shares the limit are Binding Errors (RFC 6275 section 9.3.3).
func (s *Stack) MayReport(now vtime.Time) bool { return s.limit.take(now) }

// Reject drops a packet and tells its source why with an ICMP error of its family, unless
// the rules for ICMP errors forbid it. word is the MTU of a Packet Too Big, the pointer of
// a Parameter Problem, and zero otherwise.
func (s *Stack) Reject(now vtime.Time, p *packet.Buf, why trace.Reason, typ, code uint8, word uint32) {
	if p.Bytes()[0]>>4 == 6 {
		s.error6(now, wire.IPv6(p.Bytes()), typ, code, word)
	} else {
		s.error4(now, wire.IPv4(p.Bytes()), typ, code, word)
	}
	s.Out.Drop(p, why)
}

// error6 follows RFC 4443 section 2.4 (e) and (f).
func (s *Stack) error6(now vtime.Time, h wire.IPv6, typ, code uint8, word uint32) {
	src, dst := h.Source(), h.Destination()
	if src.IsUnspecified() || src.IsMulticast() || src.Is4In6() || s.addrs[src] != nil {
		return
	}
	if dst.IsMulticast() && typ != wire.ICMPv6PacketTooBig && (typ != wire.ICMPv6ParameterProblem || code != wire.ICMPv6CodeUnknownOption) {
		return
	}
	if c, err := wire.WalkIPv6(h); err == nil {
		if c.FragmentStart != 0 {
			if typ != wire.ICMPv6ParameterProblem {
				return // nothing tells whether the whole packet is an error itself
			}
		} else if up := h[c.UpperOffset:]; c.Upper == wire.ProtoICMPv6 && (len(up) == 0 || up[0] < 128 || up[0] == wire.ICMPv6Redirect) {
			return
		}
	}
	r, ok := s.Route(src)
	if !ok {
		return
	}
	from := dst
	if a := s.addrs[dst]; a == nil || !a.State.Answers() {
		if from, ok = s.SourceFor(r.Iface, src); !ok {
			return
		}
	}
	if !s.limit.take(now) {
		return
	}
	e := s.Compose(func(b []byte) []byte { return wire.AppendICMPv6Error(b, typ, code, word, h, from, src) })
	s.Push6(e, from, src, wire.ProtoICMPv6, 0, DefaultHopLimit)
	s.Output(now, e)
}

// error4 follows RFC 1122 section 3.2.2.
func (s *Stack) error4(now vtime.Time, h wire.IPv4, typ, code uint8, word uint32) {
	src, dst := h.Source(), h.Destination()
	if bound4(src) || s.isDirectedBroadcast(anyIface, src) || s.addrs[src] != nil || h.FragmentOffset() != 0 ||
		dst.IsMulticast() || dst == broadcast4 || s.isDirectedBroadcast(anyIface, dst) {
		return
	}
	if h.Protocol() == wire.ProtoICMPv4 {
		if m := h.Payload(); len(m) == 0 || m[0] != wire.ICMPv4Echo && m[0] != wire.ICMPv4EchoReply {
			return
		}
	}
	r, ok := s.Route(src)
	if !ok {
		return
	}
	from := dst
	if a := s.addrs[dst]; a == nil || !a.State.Answers() {
		if from, ok = s.SourceFor(r.Iface, src); !ok {
			return
		}
	}
	if !s.limit.take(now) {
		return
	}
	e := s.Compose(func(b []byte) []byte {
		return wire.AppendICMPv4Error(b, typ, code, word, h, maxQuote4-h.HeaderLen())
	})
	s.Push4(e, from, src, wire.ProtoICMPv4, 0, DefaultHopLimit)
	s.Output(now, e)
}

// maxQuote4 keeps an ICMPv4 error within 576 octets (RFC 1812 section 4.3.2.3), so that a
// tunnel's entry point finds the inner header in it.
const maxQuote4 = 576 - wire.IPv4HeaderLen - 8

func (s *Stack) handleICMPv6(now vtime.Time, p *packet.Buf, in Info) {
	m, err := wire.ParseICMPv6(p.Bytes()[in.Offset:], in.Source, in.Destination)
	if err != nil {
		s.Out.Drop(p, badUpper(err))
		return
	}
	tooBig := m.IsError() && s.heard6(now, m, in)
	if h := s.icmp6[m.Type()]; h != nil {
		h(now, p, in)
		return
	}
	switch {
	case m.Type() == wire.ICMPv6EchoRequest:
		s.turn6(now, p, in)
	case m.Type() == wire.ICMPv6EchoReply:
		p.TrimFront(in.Offset)
		s.Out.Deliver(p, wire.ProtoICMPv6, in.Source, in.Destination)
	default:
		s.concluded(p, in, tooBig)
	}
}

// turn6 answers an echo request with the same octets (RFC 4443 section 4.2).
func (s *Stack) turn6(now vtime.Time, p *packet.Buf, in Info) {
	from := in.Destination
	if from.IsMulticast() {
		a, ok := s.SourceFor(in.In, in.Source)
		if !ok {
			s.Out.Absorb(p)
			return
		}
		from = a
	}
	s.Out.Turn(p)
	p.TrimFront(in.Offset)
	wire.PutICMPv6(p.Bytes(), wire.ICMPv6EchoReply, 0, from, in.Source)
	s.Push6(p, from, in.Source, wire.ProtoICMPv6, in.Class, DefaultHopLimit)
	if in.Source.IsLinkLocalUnicast() && in.In >= 0 { // no route tells its link
		s.originate(now, &Route{Iface: in.In}, in.Source, p)
		return
	}
	s.Output(now, p)
}

func (s *Stack) handleICMPv4(now vtime.Time, p *packet.Buf, in Info) {
	m, err := wire.ParseICMPv4(p.Bytes()[in.Offset:])
	if err != nil {
		s.Out.Drop(p, badUpper(err))
		return
	}
	tooBig := m.IsError() && s.heard4(now, m, in)
	switch m.Type() {
	case wire.ICMPv4Echo:
		if a := s.addrs[in.Destination]; a == nil { // a broadcast (RFC 1122 section 3.2.2.6)
			s.Out.Absorb(p)
			return
		}
		s.Out.Turn(p)
		p.TrimFront(in.Offset)
		wire.PutICMPv4(p.Bytes(), wire.ICMPv4EchoReply, 0)
		s.Push4(p, in.Destination, in.Source, wire.ProtoICMPv4, in.Class, DefaultHopLimit)
		s.Output(now, p)
	case wire.ICMPv4EchoReply:
		p.TrimFront(in.Offset)
		s.Out.Deliver(p, wire.ProtoICMPv4, in.Source, in.Destination)
	default:
		s.concluded(p, in, tooBig)
	}
}

func (s *Stack) handleUDP(now vtime.Time, p *packet.Buf, in Info) {
	u, err := wire.ParseUDP(p.Bytes()[in.Offset:], in.Source, in.Destination)
	if err != nil {
		s.Out.Drop(p, badUpper(err))
		return
	}
	port := u.DestinationPort()
	if h := s.udp[port]; h != nil {
		h(now, p, in)
		return
	}
	if s.listening[port] {
		p.TrimFront(in.Offset)
		p.Truncate(len(u)) // what the IP packet holds beyond the datagram is not delivered
		s.Out.Deliver(p, wire.ProtoUDP, in.Source, in.Destination)
		return
	}
	if in.Destination.IsMulticast() || in.Destination.Is4() && s.addrs[in.Destination] == nil {
		s.Out.Absorb(p) // sent to everybody, and this node does not care (RFC 1122 section 4.1.3.1)
		return
	}
	if in.Destination.Is4() {
		s.Reject(now, p, trace.NoSocket, wire.ICMPv4DestinationUnreachable, wire.ICMPv4CodePortUnreachable, 0)
		return
	}
	s.Reject(now, p, trace.NoSocket, wire.ICMPv6DestinationUnreachable, wire.ICMPv6CodePortUnreachable, 0)
}

func badUpper(err error) trace.Reason {
	if errors.Is(err, wire.ErrChecksum) {
		return trace.BadChecksum
	}
	return trace.Malformed
}
