package traffic

import (
	"dsmipsim/nodes"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// Sink receives the test packets of a host and states their delivery. It believes the
// octets; that they agree with the tag shows that nothing on the way mixed up packets.
type Sink struct {
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
	b := e.Packet.Bytes()
	if len(b) < wire.UDPHeaderLen {
		return
	}
	st, ok := ReadStamp(b[wire.UDPHeaderLen:])
	if !ok {
		return
	}
	t := e.Packet.Tag()
	if t.Flow == 0 {
		return
	}
	if t.Flow != st.Flow || t.Sequence != st.Sequence || t.Born != st.Sent {
		s.host.Net.Loop.Fail("%s received %+v in a packet tagged %+v", s.host.Name, st, t)
	}
	s.event = trace.Event{Time: now, Kind: trace.Delivery, Node: s.host.Name, Flow: st.Flow, Sequence: st.Sequence,
		Serial: e.Packet.Serial(), Born: st.Sent, Overhead: t.Overhead}
	s.host.Net.Sink.Record(&s.event)
}
