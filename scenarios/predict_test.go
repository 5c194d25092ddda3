package scenarios

import (
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"dsmipsim/reports/result"
	"dsmipsim/scenarios/plan"
	"dsmipsim/scenarios/spec"
)

// fixed leaves nothing to chance in the scenario roaming.
var fixed = []string{
	"network.campus.router_advertisement.interval=50ms", "network.campus.router_advertisement.solicited_delay=5ms",
	"network.home.router_advertisement.interval=700ms", "network.home.router_advertisement.solicited_delay=20ms",
}

func load(t *testing.T, file string, sets ...string) *spec.Spec {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s, err := spec.Load(file, src, sets)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func runFile(t *testing.T, file string, sets ...string) *result.Result {
	t.Helper()
	o, err := Run("test", load(t, file, sets...), Options{})
	if err != nil {
		t.Fatal(err)
	}
	return o.Result
}

// deviations tells where a result misses its predictions by more than a millisecond.
func deviations(r *result.Result) (all []string) {
	for _, h := range r.Handovers {
		p := h.Predicted
		if p == nil || h.LatencyS == nil {
			continue
		}
		for _, ph := range []struct {
			name      string
			got, want float64
		}{
			{"l2", h.Phases.L2S, p.Phases.L2S}, {"detect", h.Phases.DetectS, p.Phases.DetectS},
			{"address", h.Phases.AddressS, p.Phases.AddressS}, {"register", h.Phases.RegisterS, p.Phases.RegisterS},
			{"route_optimization", h.Phases.RouteOptimizationS, p.Phases.RouteOptimizationS},
			{"rest", h.Phases.RestS, 0}, {"latency", *h.LatencyS, p.LatencyS},
		} {
			if math.Abs(ph.got-ph.want) > 1e-3 {
				all = append(all, fmt.Sprintf("%s->%s: %s is %.6f s, predicted %.6f s", h.From, h.To, ph.name, ph.got, ph.want))
			}
		}
	}
	return all
}

// Where the scenario leaves no randomness, every phase is met within a millisecond, whatever
// the moment of the handover within the routers' timetables.
func TestPredictionWithoutRandomness(t *testing.T) {
	for _, at := range []string{"10s", "10.001s", "10.0249s", "10.05s", "10.333s"} {
		r := runFile(t, "library/roaming.toml", append(fixed, "mobile_node.mn.visit[0].at="+at)...)
		for _, d := range deviations(r) {
			t.Errorf("first visit at %s: %s", at, d)
		}
		predicted := 0
		for _, h := range r.Handovers {
			if h.Predicted != nil && h.LatencyS != nil {
				predicted++
			} else if h.To != "cafe" || h.PredictedNote == "" {
				t.Errorf("no prediction for %s: %q", h.To, h.PredictedNote)
			}
		}
		if predicted != 3 {
			t.Errorf("%d handovers with prediction and latency, want 3", predicted)
		}
	}
}

// A mobile node whose duplicate address detection takes a tenth of a second too long is
// found out: the prediction does not follow the run.
func TestPredictionSeesABrokenTimer(t *testing.T) {
	p, err := plan.New(load(t, "library/roaming.toml", fixed...))
	if err != nil {
		t.Fatal(err)
	}
	o, err := run("broken", p, Options{}, func(w *world) { w.mobiles["mn"].ND.RetransTimer += 100 * time.Millisecond })
	if err != nil {
		t.Fatal(err)
	}
	found := strings.Join(deviations(o.Result), "\n")
	if !strings.Contains(found, "home->campus: address is 1.100000 s, predicted 1.000000 s") {
		t.Errorf("the broken timer was not found; deviations:\n%s", found)
	}
}

// With randomness the latency lies between the bounds.
func TestPredictionBounds(t *testing.T) {
	for seed := range 20 {
		r := runFile(t, "library/roaming.toml", fmt.Sprintf("seed=%d", seed))
		for _, h := range r.Handovers {
			if h.To == "cafe" {
				continue
			}
			if p := h.Predicted; *h.LatencyS < p.LatencyMinS-1e-3 || *h.LatencyS > p.LatencyMaxS+1e-3 || math.Abs(h.Phases.RestS) > 1e-3 {
				t.Errorf("seed %d %s->%s: latency %.6f s, predicted %.6f to %.6f s, rest %.6f s", seed, h.From, h.To, *h.LatencyS, p.LatencyMinS, p.LatencyMaxS, h.Phases.RestS)
			}
		}
	}
}
