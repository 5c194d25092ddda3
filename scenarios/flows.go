package scenarios

import (
	"time"

	"gonum.org/v1/gonum/stat/distuv"

	"dsmipsim/nodes/traffic"
	"dsmipsim/nodes/traffic/codec"
	"dsmipsim/scenarios/spec"
)

// pattern says what a flow sends and when.
func (w *world) pattern(f *spec.Flow, cfg *traffic.Config) {
	switch f.Kind {
	case spec.FlowPing:
		cfg.Format = traffic.Echo
		cfg.Pattern = traffic.Constant(f.Interval, f.Payload)
	case spec.FlowPoisson:
		gap := distuv.Exponential{Rate: 1 / float64(f.Interval), Src: w.loop.Rand("flow/" + f.Name + "/arrivals")}
		cfg.Pattern = traffic.Renewal(func() time.Duration { return time.Duration(gap.Rand()) }, f.Payload)
	case spec.FlowVoIP:
		c, _ := codec.Named(f.Codec)
		cfg.Format, cfg.PayloadType, cfg.Clock = traffic.Media, c.PayloadType, codec.Clock
		cfg.Pattern = traffic.Voice(c, nil, nil)
	default:
		cfg.Pattern = traffic.Constant(f.Interval, f.Payload)
	}
}
