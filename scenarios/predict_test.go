package scenarios

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
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
	s, err := spec.LoadFiles(file, src, sets, spec.Files{Beside: func(path string) ([]byte, error) {
		return os.ReadFile(filepath.Join(filepath.Dir(file), path))
	}})
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

// Arrangements that are easily predicted wrongly: a home agent found at run time, the home
// network of another home agent, a core link that bears traffic. Either there is no
// prediction and the record says why, or the run keeps within it.
func TestPredictionOfUnusualArrangements(t *testing.T) {
	files, err := filepath.Glob("testdata/prediction/*.toml")
	if err != nil || len(files) < 3 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, f := range files {
		for _, h := range runFile(t, f).Handovers {
			p := h.Predicted
			if p == nil {
				if h.PredictedNote == "" && h.LatencyS != nil {
					t.Errorf("%s: %s->%s: neither prediction nor note", f, h.From, h.To)
				}
				continue
			}
			if h.LatencyS == nil || *h.LatencyS < p.LatencyMinS-1e-3 || *h.LatencyS > p.LatencyMaxS+1e-3 {
				t.Errorf("%s: %s->%s: latency %v, predicted %.6f to %.6f s", f, h.From, h.To, seconds(h.LatencyS), p.LatencyMinS, p.LatencyMaxS)
			}
		}
	}
}

// Where a formula would be a guess there is none, and the record says why.
func TestNoPrediction(t *testing.T) {
	for _, c := range []struct {
		scenario, to, note string
		sets               []string
	}{
		{"ipv4-access", "cell", "the queue of the access link may overflow", []string{"network.cell.link.queue=1packets"}},
		{"ipv4-access", "cell", "frames may be lost on the access link", []string{"network.cell.link.loss=0.01"}},
		{"ipv4-access", "cell", "packets may be lost on link cell-home", []string{"network.cell.uplink.loss=0.01"}},
		{"return-home", "campus", "the access link is too busy to be taken as idle", []string{"network.campus.link.rate=64kbps"}},
		{"isatap-access", "home", "the binding may or may not have expired by then",
			[]string{"network.home.link.delay=170ms", "network.home.link.attach=2933ms", "protocol.binding_lifetime=12s"}},
		{"first-registration", "campus", "a router advertisement may come after v6_wait", []string{"mobile_node.mn.v6_wait=50ms"}},
		{"first-registration", "library", "the handover before may not have ended in time", []string{"mobile_node.mn.visit[0].at=14s"}},
		{"first-registration", "campus", "the home agent refuses the mobile node", []string{`home_agent.ha.policy=[{mobile_node="mn",status=128}]`}},
		{"ipv4-access", "cell", "the home agent does not answer over IPv4", []string{"home_agent.ha.ipv4_support=false"}},
		{"ipv4-access", "cell", "there is no way to the home agent over IPv4", []string{"protocol.mode=mipv6"}},
		{"private-ipv4", "cafe", "no binding is possible from a private IPv4 network", nil},
	} {
		r := runFile(t, "library/"+c.scenario+".toml", append(c.sets, "expect=[]")...)
		found := false
		for _, h := range r.Handovers {
			if h.To == c.to {
				found = true
				if h.Predicted != nil || h.PredictedNote != c.note {
					t.Errorf("%s %v: predicted %+v, note %q, want %q", c.scenario, c.sets, h.Predicted, h.PredictedNote, c.note)
				}
			}
		}
		if !found {
			t.Errorf("%s: no handover to %s", c.scenario, c.to)
		}
	}
}

// An acknowledgement that comes after the lifetime that it grants ends the binding at once.
func TestLateAcknowledgement(t *testing.T) {
	r := runFile(t, "library/return-home.toml", "network.campus.link.rate=64kbps", "protocol.binding_lifetime=4s", "expect=[]",
		`mobile_node.mn.visit=[{at="1s",network="campus"}]`)
	if len(r.Handovers) != 1 {
		t.Errorf("%d handovers", len(r.Handovers))
	}
}

// Who comes home without a binding has nothing to deregister, and is home as soon as it
// knows.
func TestHomeWithoutBinding(t *testing.T) {
	r := runFile(t, "library/private-ipv4.toml")
	h := r.Handovers[len(r.Handovers)-1]
	if h.To != "home" || h.Outcome != result.Deregistered || h.LatencyS == nil || *h.LatencyS != h.Phases.L2S+h.Phases.DetectS {
		t.Errorf("%+v", h)
	}
}

func seconds(s *float64) string {
	if s == nil {
		return "none"
	}
	return fmt.Sprintf("%.6f", *s)
}
