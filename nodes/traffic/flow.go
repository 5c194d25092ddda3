package traffic

import (
	"net/netip"
	"time"

	"dsmipsim/nodes"
	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// Kind tells how a flow sends.
type Kind uint8

// The kinds of flows.
const (
	CBR  Kind = iota // UDP datagrams at a constant interval
	Ping             // ICMP echo requests at a constant interval
)

// firstPort is the UDP port of flow 0: from the dynamic range, where no decoder expects a
// known protocol, and which ends with the port numbers.
const (
	firstPort = 49152
	ports     = 1<<16 - firstPort
)

// Port returns the UDP port of a flow, the same at both ends. Flows share ports if they
// outnumber them; their packets carry the number of the flow.
func Port(flow uint32) uint16 { return firstPort + uint16(flow%ports) }

// End is one end of a flow. Its address is asked for at each packet, since a home address
// may be assigned during the run.
type End struct {
	Host    *nodes.Host
	Address func() (netip.Addr, bool)
}

// Config describes a flow.
type Config struct {
	Number   uint32 // from 1
	Kind     Kind
	From, To End
	Payload  int // octets after the UDP or ICMP echo header, at least PayloadLen
	Interval time.Duration
	Start    vtime.Time
	Stop     vtime.Time // the first instant at which nothing is sent any more
	DSCP     uint8
}

// Source sends the packets of one flow.
type Source struct {
	cfg   Config
	timer *sim.Timer
	sent  uint32
	event trace.Event
}

// NewSource schedules a flow.
func NewSource(loop *sim.Loop, cfg Config) *Source {
	s := &Source{cfg: cfg}
	s.timer = loop.NewTimer(s, nil)
	if cfg.Start < cfg.Stop {
		s.timer.Set(cfg.Start)
	}
	return s
}

// HandleEvent sends one packet and schedules the next. Times are multiples of the interval
// from the start, so that nothing adds up.
func (s *Source) HandleEvent(now vtime.Time, _ any) {
	s.send(now)
	s.sent++
	if next := s.cfg.Start.Add(time.Duration(s.sent) * s.cfg.Interval); next < s.cfg.Stop {
		s.timer.Set(next)
	}
}

func (s *Source) send(now vtime.Time) {
	h := s.cfg.From.Host
	src, okSrc := s.cfg.From.Address()
	dst, okDst := s.cfg.To.Address()
	p := h.Net.Pool.New(packet.DefaultHeadroom, wire.UDPHeaderLen+s.cfg.Payload) // an echo header is as long
	p.SetTag(packet.Tag{Flow: s.cfg.Number, Sequence: s.sent, Born: now})
	Stamp{Flow: s.cfg.Number, Sequence: s.sent, Sent: now}.Put(p.Bytes()[wire.UDPHeaderLen:])
	if okSrc && okDst {
		s.compose(p, src, dst)
	}
	s.event = trace.Event{Time: now, Kind: trace.Origin, Node: h.Name, Flow: s.cfg.Number, Sequence: s.sent,
		Serial: p.Serial(), Born: now, Octets: p.Bytes()}
	h.Net.Sink.Record(&s.event)
	if !okSrc || !okDst {
		h.Net.Drop(h.Name, p, trace.NoSource) // one end has no address of the family yet
		return
	}
	h.Send(p)
}

// compose writes the headers around the payload.
func (s *Source) compose(p *packet.Buf, src, dst netip.Addr) {
	protocol := uint8(wire.ProtoUDP)
	class := s.cfg.DSCP << 2
	switch {
	case s.cfg.Kind == CBR:
		wire.PutUDP(p.Bytes(), Port(s.cfg.Number), Port(s.cfg.Number), src, dst)
	case dst.Is4():
		protocol = wire.ProtoICMPv4
		wire.PutEcho(p.Bytes(), uint16(s.cfg.Number), uint16(s.sent))
		wire.PutICMPv4(p.Bytes(), wire.ICMPv4Echo, 0)
	default:
		protocol = wire.ProtoICMPv6
		wire.PutEcho(p.Bytes(), uint16(s.cfg.Number), uint16(s.sent))
		wire.PutICMPv6(p.Bytes(), wire.ICMPv6EchoRequest, 0, src, dst)
	}
	n := p.Len()
	if dst.Is4() {
		wire.PutIPv4(p.Prepend(wire.IPv4HeaderLen), wire.IPv4Fields{
			TOS: class, TotalLen: n + wire.IPv4HeaderLen, ID: uint16(s.sent), TTL: ip.DefaultHopLimit,
			Protocol: protocol, Source: src, Destination: dst,
		})
		return
	}
	wire.PutIPv6(p.Prepend(wire.IPv6HeaderLen), wire.IPv6Fields{
		TrafficClass: class, PayloadLen: n, NextHeader: protocol, HopLimit: ip.DefaultHopLimit, Source: src, Destination: dst,
	})
}
