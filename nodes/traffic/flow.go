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

// Format tells what the packets of a flow are.
type Format uint8

// The formats.
const (
	Datagrams Format = iota // UDP
	Echo                    // ICMP echo requests
	Media                   // RTP over UDP
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
	Format   Format
	From, To End
	Pattern  Pattern // payloads begin after the UDP, ICMP echo or RTP header, and have at least PayloadLen octets except in Media
	Start    vtime.Time
	Stop     vtime.Time // the first instant at which nothing is sent any more
	DSCP     uint8

	SourcePort, Port uint16 // of UDP; 0 stands for that of the flow's number

	PayloadType uint8  // of RTP
	Clock       uint32 // of the RTP timestamps, 1/s
}

// Source sends the packets of one flow.
type Source struct {
	cfg   Config
	timer *sim.Timer
	next  Packet
	sent  uint32
	event trace.Event
}

// NewSource schedules a flow.
func NewSource(loop *sim.Loop, cfg Config) *Source {
	s := &Source{cfg: cfg}
	for _, port := range []*uint16{&s.cfg.SourcePort, &s.cfg.Port} {
		if *port == 0 {
			*port = Port(cfg.Number)
		}
	}
	s.timer = loop.NewTimer(s, nil)
	s.schedule(cfg.Start)
	return s
}

// schedule waits for the packet that comes after an instant.
func (s *Source) schedule(after vtime.Time) {
	next, ok := s.cfg.Pattern.Next()
	if !ok {
		return
	}
	if at := after.Add(next.Gap); at < s.cfg.Stop {
		s.next = next
		s.timer.Set(at)
	}
}

// HandleEvent sends one packet and schedules the next.
func (s *Source) HandleEvent(now vtime.Time, _ any) {
	s.send(now)
	s.sent++
	s.schedule(now)
}

func (s *Source) send(now vtime.Time) {
	h := s.cfg.From.Host
	src, okSrc := s.cfg.From.Address()
	dst, okDst := s.cfg.To.Address()
	headers := wire.UDPHeaderLen // an echo header is as long
	if s.cfg.Format == Media {
		headers += wire.RTPHeaderLen
	}
	p := h.Net.Pool.New(packet.DefaultHeadroom, headers+s.next.Octets)
	p.SetTag(packet.Tag{Flow: s.cfg.Number, Sequence: s.sent, Born: now})
	if s.cfg.Format == Media {
		wire.PutRTP(p.Bytes()[wire.UDPHeaderLen:], wire.RTPFields{
			Marker: s.next.Marker, PayloadType: s.cfg.PayloadType, Sequence: uint16(s.sent),
			Timestamp: s.timestamp(now), SSRC: s.cfg.Number,
		})
	}
	if s.next.Octets >= PayloadLen {
		Stamp{Flow: s.cfg.Number, Sequence: s.sent, Sent: now}.Put(p.Bytes()[headers:])
	}
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

// timestamp is the time since the start of the flow in units of the media's clock, modulo
// 2^32 (RFC 3550 section 5.1, but for the random offset, which would hide the time).
func (s *Source) timestamp(now vtime.Time) uint32 {
	d := now.Sub(s.cfg.Start)
	return uint32(d/time.Second)*s.cfg.Clock + uint32(d%time.Second*time.Duration(s.cfg.Clock)/time.Second)
}

// compose writes the headers around the payload.
func (s *Source) compose(p *packet.Buf, src, dst netip.Addr) {
	protocol := uint8(wire.ProtoUDP)
	class := s.cfg.DSCP << 2
	switch {
	case s.cfg.Format != Echo:
		wire.PutUDP(p.Bytes(), s.cfg.SourcePort, s.cfg.Port, src, dst)
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
