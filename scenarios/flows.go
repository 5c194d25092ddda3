package scenarios

import (
	"time"

	"dsmipsim/nodes/traffic"
	"dsmipsim/nodes/traffic/codec"
	"dsmipsim/nodes/wire"
	"dsmipsim/scenarios/spec"
	"dsmipsim/sim/draw"
)

// pattern says what a flow sends and when.
func (w *world) pattern(f *spec.Flow, cfg *traffic.Config) {
	switch f.Kind {
	case spec.FlowPing:
		cfg.Format = traffic.Echo
		cfg.Pattern = traffic.Constant(f.Interval, f.Payload)
	case spec.FlowPoisson:
		gaps := draw.NewSource(draw.Distribution{Kind: draw.Exponential, Centre: f.Interval}, w.loop.Rand("flow/"+f.Name+"/arrivals"))
		cfg.Pattern = traffic.Renewal(gaps.Next, f.Payload)
	case spec.FlowVoIP:
		c, _ := codec.Named(f.Codec)
		cfg.Format, cfg.PayloadType, cfg.Clock = traffic.Media, c.PayloadType, codec.Clock
		var on, off traffic.Draw
		if !f.On.Zero() || !f.Off.Zero() {
			on, off = w.spurts(f)
		}
		cfg.Pattern = traffic.Voice(c, on, off)
	case spec.FlowOnOff:
		on, off := w.spurts(f)
		cfg.Pattern = traffic.OnOff(on, off, f.Interval, f.Payload)
	case spec.FlowVideo:
		cfg.Format, cfg.PayloadType, cfg.Clock = traffic.Media, videoPayloadType, videoClock
		cfg.Pattern = traffic.Listed(packets(f), again(f))
	case spec.FlowTrace:
		cfg.Pattern = traffic.Listed(packets(f), again(f))
	default:
		cfg.Pattern = traffic.Constant(f.Interval, f.Payload)
	}
}

// Video in RTP: a payload type of the dynamic range and the clock of all video formats
// (RFC 3551 section 5).
const (
	videoPayloadType = 97
	videoClock       = 90_000
)

// spurts draws how long a flow sends and how long it pauses.
func (w *world) spurts(f *spec.Flow) (on, off traffic.Draw) {
	return draw.NewSource(f.On, w.loop.Rand("flow/"+f.Name+"/on")).Next, draw.NewSource(f.Off, w.loop.Rand("flow/"+f.Name+"/off")).Next
}

// packets turns what stands in the file of a flow into packets. A frame becomes as many as its
// size needs, sent at one instant, the last one marked; a captured packet becomes one datagram.
func packets(f *spec.Flow) []traffic.Packet {
	var all []traffic.Packet
	before := time.Duration(0)
	for _, u := range f.Units {
		gap := u.At - before
		before = u.At
		if f.Kind == spec.FlowTrace {
			all = append(all, traffic.Packet{Gap: gap, Octets: max(u.Octets-wire.UDPHeaderLen, traffic.PayloadLen)})
			continue
		}
		for left := u.Octets; ; left -= f.Payload {
			all = append(all, traffic.Packet{Gap: gap, Octets: min(left, f.Payload), Marker: left <= f.Payload})
			if gap = 0; left <= f.Payload {
				break
			}
		}
	}
	return all
}

// again is how long after the last packet of a repeated file its first one follows: the mean
// distance of what stands in it.
func again(f *spec.Flow) time.Duration {
	if !f.Repeat || len(f.Units) < 2 {
		return 0
	}
	return max(1, f.Units[len(f.Units)-1].At/time.Duration(len(f.Units)-1))
}
