package scenarios

import (
	"math"
	"testing"
)

// The layer-2 phase is drawn for each handover, within the bounds of the distribution, and
// what is predicted for it is the mean.
func TestAttachDistribution(t *testing.T) {
	seen := map[float64]bool{}
	for _, seed := range []string{"1", "2", "3"} {
		r := runFile(t, "library/roaming.toml", "seed="+seed,
			`network.campus.link.attach={dist="exponential",mean="50ms",min="20ms",max="90ms"}`)
		for _, h := range r.Handovers {
			if h.To != "campus" {
				continue
			}
			seen[h.Phases.L2S] = true
			if h.Phases.L2S < 0.02 || h.Phases.L2S > 0.09 || math.Abs(h.Phases.RestS) > 1e-3 {
				t.Errorf("seed %s: layer 2 takes %v s, and %v s are left to explain", seed, h.Phases.L2S, h.Phases.RestS)
			}
			p := h.Predicted
			if p == nil {
				t.Fatal("no prediction")
			}
			// An exponential distribution with bounds a and b: a + m - (b-a)/(exp((b-a)/m)-1).
			if want := 0.02 + 0.05 - 0.07/(math.Exp(0.07/0.05)-1); math.Abs(p.Phases.L2S-want) > 1e-6 {
				t.Errorf("predicted %v s of layer 2, want %v", p.Phases.L2S, want)
			}
			if *h.LatencyS < p.LatencyMinS || *h.LatencyS > p.LatencyMaxS {
				t.Errorf("seed %s: latency %v s outside %v to %v", seed, *h.LatencyS, p.LatencyMinS, p.LatencyMaxS)
			}
		}
	}
	if len(seen) != 3 {
		t.Errorf("three seeds give the attach delays %v", seen)
	}
}
