package traffic

import (
	"dsmipsim/nodes"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// Sink receives the test packets of a host and states their delivery. It believes the
// octets; that they agree with the tag shows that nothing on the way mixed up packets.
type Sink struct {
	// Transport, if not nil, takes TCP segments and ICMP errors that tell of a smaller path MTU.
	Transport nodes.Upper

	host  *nodes.Host
	event trace.Event
}

// Listen makes a host receive test packets.
func Listen(h *nodes.Host) *Sink {
	s := &Sink{host: h}
	h.Upper = s
	return s
}

// Deliver implements nodes.Upper. What no source has sent, e.g. a forged packet, is no fact
// of a flow.
func (s *Sink) Deliver(now vtime.Time, e machine.Effect) {
	if e.Protocol == wire.ProtoTCP || isError(e.Protocol, e.Packet.Bytes()) {
		if s.Transport != nil {
			s.Transport.Deliver(now, e)
		}
		return
	}
	t := e.Packet.Tag()
	if t.Flow == 0 || e.Packet.Len() < wire.UDPHeaderLen {
		return
	}
	st, ok := identify(e.Packet.Bytes()[wire.UDPHeaderLen:], t)
	if !ok {
		return
	}
	if t.Flow != st.Flow || t.Sequence != st.Sequence || t.Born != st.Sent {
		s.host.Net.Loop.Fail("%s received %+v in a packet tagged %+v", s.host.Name, st, t)
	}
	s.event = trace.Event{Time: now, Kind: trace.Delivery, Node: s.host.Name, Flow: st.Flow, Sequence: st.Sequence,
		Serial: e.Packet.Serial(), Born: st.Sent, Overhead: t.Overhead}
	s.host.Net.Sink.Record(&s.event)
}

// identify reads from the octets which packet this is. RTP numbers packets modulo 2^16 and has
// no room for a stamp in its shortest ones: what such a packet does not say, the tag does.
func identify(b []byte, t packet.Tag) (Stamp, bool) {
	if !wire.IsRTP(b) { // no stamp begins like RTP: flows are not that many
		return ReadStamp(b)
	}
	r, err := wire.ParseRTP(b)
	if err != nil {
		return Stamp{}, false
	}
	f := r.Fields()
	st, whole := ReadStamp(r.Payload())
	if !whole {
		st = Stamp{Flow: f.SSRC, Sequence: t.Sequence&^0xffff | uint32(f.Sequence), Sent: t.Born}
	}
	if f.SSRC != st.Flow || f.Sequence != uint16(st.Sequence) {
		return Stamp{Flow: f.SSRC, Sequence: uint32(f.Sequence), Sent: st.Sent}, true // its two parts disagree, which the tag shows
	}
	return st, true
}

// isError reports whether a message of ICMP is an error, which of ICMP is delivered beside
// echo replies.
func isError(protocol uint8, b []byte) bool {
	switch protocol {
	case wire.ProtoICMPv6:
		return len(b) > 0 && b[0] < wire.ICMPv6EchoRequest
	case wire.ProtoICMPv4:
		return len(b) > 0 && b[0] == wire.ICMPv4DestinationUnreachable
	}
	return false
}
