package scenarios

import (
	"math"
	"time"

	"dsmipsim/nodes/traffic/codec"
	"dsmipsim/reports/limits"
	"dsmipsim/reports/result"
	"dsmipsim/reports/voice"
	"dsmipsim/scenarios/spec"
)

// rateCalls rates every call of which the listener heard something.
func rateCalls(s *spec.Spec, r *result.Result, samples []result.FlowSamples) {
	for i := range s.Flows {
		if f := &s.Flows[i]; f.Kind == spec.FlowVoIP {
			r.Flows[i].Voice = rate(f, samples[i].Packets)
			if v := r.Flows[i].Voice; v != nil {
				r.Flows[i].Limits.G114 = limits.G114(v.MouthToEarS)
			}
		}
	}
}

func rate(f *spec.Flow, packets []result.Sample) *result.Voice {
	delays := make([]time.Duration, 0, len(packets))
	for _, p := range packets {
		switch p.Fate {
		case result.Received:
			delays = append(delays, p.End.Sub(p.Sent))
		case result.Lost:
			delays = append(delays, voice.Lost)
		}
	}
	call, ok := voice.Playout(delays, f.Playout)
	if !ok {
		return nil
	}
	c, _ := codec.Named(f.Codec)
	how := equipment(f)
	v := &result.Voice{
		Model: string(f.VoiceModel), Codec: how.Name, Late: call.Late,
		PacketizeS: result.Seconds(c.Interval), LookAheadS: result.Seconds(c.LookAhead),
		NetworkS: result.Seconds(call.Network), PlayoutS: result.Seconds(f.Playout),
		LossPercent: decimals(call.Loss), BurstR: decimals(call.BurstR),
	}
	delay := c.Interval + c.LookAhead + call.Network + f.Playout
	v.MouthToEarS = result.Seconds(delay)
	model, ok := voice.Named(v.Model)
	if !ok {
		panic("scenarios: no model of calls is named " + v.Model)
	}
	rating := model(how, float64(delay)/float64(time.Millisecond), call.Loss, call.BurstR)
	v.R, v.MOS = decimals(rating), decimals(voice.MOS(rating))
	return v
}

// decimals rounds to what does not depend on how a machine multiplies.
func decimals(x float64) float64 { return math.Round(x*1e6) / 1e6 }

func equipment(f *spec.Flow) voice.Equipment {
	switch {
	case f.Codec == "g729":
		return voice.G729A
	case f.Codec == "amr":
		return voice.AMR122
	case f.Concealment:
		return voice.G711Concealed
	}
	return voice.G711
}
