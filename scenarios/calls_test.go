package scenarios

import (
	"math"
	"testing"

	"dsmipsim/reports/result"
)

const call = "library/traffic-mix.toml"

// theCall returns the rating of a call between fixed nodes 100 ms apart.
func theCall(t *testing.T, sets ...string) *result.Voice {
	t.Helper()
	sets = append([]string{
		"flow=[{name='v',kind='voip',from='mn',to='cn',family='ipv6'}]", "mobile_node.mn.visit=[]", "expect=[]", "duration=20s",
	}, sets...)
	v := runFile(t, call, sets...).Flows[0].Voice
	if v == nil {
		t.Fatal("no rating")
	}
	return v
}

// A call is rated by its delay from mouth to ear, codec and loss. Nothing is lost at home, so
// that R is 93.2 less 0.024 a millisecond.
func TestCallIsRated(t *testing.T) {
	v := theCall(t)
	sum := v.PacketizeS + v.LookAheadS + v.NetworkS + v.PlayoutS
	if math.Abs(sum-v.MouthToEarS) > 1e-9 || v.PacketizeS != 0.02 || v.PlayoutS != 0.06 || v.Late != 0 {
		t.Errorf("the parts of the delay are %+v", v)
	}
	if want := 93.2 - 24*v.MouthToEarS; math.Abs(v.R-want) > 1e-6 {
		t.Errorf("R is %v, want %v", v.R, want)
	}
}

// What is late for the playout buffer is lost to the listener.
func TestLatePackets(t *testing.T) {
	jitter := []string{"flow=[{name='v',kind='voip',from='mn',to='cn',family='ipv6'},{name='x',kind='poisson',from='mn',to='cn',family='ipv6',interval='5ms',payload='1200B'}]",
		"network.servers.uplink.rate=2500kbps"}
	short, long := theCall(t, append(jitter, "flow.v.playout=2ms")...), theCall(t, append(jitter, "flow.v.playout=2s")...)
	if short.Late == 0 || short.LossPercent == 0 || long.Late != 0 || short.MouthToEarS >= long.MouthToEarS {
		t.Errorf("late %d and %d, loss %v and %v, delay %v and %v", short.Late, long.Late, short.LossPercent, long.LossPercent, short.MouthToEarS, long.MouthToEarS)
	}
}

// Codec, concealment and model are seen in the rating.
func TestRatingFollowsItsKeys(t *testing.T) {
	lossy := "network.servers.uplink.loss=0.02"
	base := theCall(t, lossy)
	if v := theCall(t, lossy, "flow.v.concealment=true"); v.R <= base.R {
		t.Errorf("concealment: R %v, was %v", v.R, base.R)
	}
	if v := theCall(t, lossy, "flow.v.voice_model=full"); v.R <= base.R || v.Model != "full" {
		t.Errorf("full model below 100 ms: R %v, was %v", v.R, base.R)
	}
	if v := theCall(t, "flow.v.codec=g729"); v.R >= 93.2-11 || v.LookAheadS != 0.005 {
		t.Errorf("G.729: R %v, look-ahead %v", v.R, v.LookAheadS)
	}
}
