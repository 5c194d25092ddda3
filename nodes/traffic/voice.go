package traffic

import "dsmipsim/nodes/traffic/codec"

// Voice returns the pattern of one direction of a call: speech all the time if on is nil, else
// talk spurts and pauses of the durations that on and off draw.
func Voice(c codec.Codec, on, off Draw) Pattern {
	if on == nil {
		return Constant(c.Interval, c.Octets)
	}
	return &spurts{on: on, off: off, interval: c.Interval, octets: c.Octets, silence: c.Silence, silenceInterval: c.SilenceInterval}
}
