package scenarios

import (
	"math"
	"testing"

	"dsmipsim/reports/result"
)

// pairs checks what holds for the thirty handovers of all-handovers however they are timed:
// each ordered pair of networks once, nothing unexplained, and no latency out of a private
// network's reach.
func pairs(t *testing.T, r *result.Result) {
	t.Helper()
	seen := map[[2]string]bool{}
	for _, h := range r.Handovers {
		seen[[2]string{h.From, h.To}] = true
		if math.Abs(h.Phases.RestS) > 1e-3 {
			t.Errorf("%s->%s: %v s are not explained", h.From, h.To, h.Phases.RestS)
		}
		if h.To == "cafe" {
			if h.Outcome != result.UnsupportedNetwork || h.LatencyS != nil || h.Predicted != nil || h.PredictedNote == "" {
				t.Errorf("%s->cafe: %s, latency %v, predicted %v %q", h.From, h.Outcome, h.LatencyS, h.Predicted, h.PredictedNote)
			}
			continue
		}
		want := result.Registered
		if h.To == "home" {
			want = result.Deregistered
		}
		if h.Outcome != want || h.LatencyS == nil || h.Predicted == nil {
			t.Errorf("%s->%s: %s, latency %v, predicted %v %q", h.From, h.To, h.Outcome, h.LatencyS, h.Predicted, h.PredictedNote)
		}
	}
	if len(r.Handovers) != 30 || len(seen) != 30 {
		t.Errorf("%d handovers, %d different ones, want 30", len(r.Handovers), len(seen))
	}
}

func TestAllPairsOfNetworks(t *testing.T) {
	for _, sets := range [][]string{
		nil,
		{"protocol.route_optimization=true", "neighbor_discovery.unreachability_detection=false", "flow.down6.from=mn", "flow.down6.to=cn"},
		{"protocol.ipsec=false", "mobile_node.mn.nd.optimistic_dad=true"},
	} {
		r := runFile(t, "library/all-handovers.toml", sets...)
		pairs(t, r)
		for _, d := range deviations(r) {
			t.Errorf("%v: %s", sets, d)
		}
	}
}

// With routers that draw their times, each latency lies between the predicted bounds.
func TestAllPairsByChance(t *testing.T) {
	chance := []string{
		`network.campus.router_advertisement.interval=["30ms","70ms"]`, `network.campus.router_advertisement.solicited_delay=["0s","500ms"]`,
		`network.home.router_advertisement.interval=["1s","3s"]`, `network.home.router_advertisement.solicited_delay=["0s","500ms"]`,
		`network.dual.router_advertisement.interval=["0.5s","1.5s"]`, `network.dual.router_advertisement.solicited_delay=["0s","100ms"]`,
		`network.site.router_advertisement.solicited_delay=["0s","500ms"]`, `network.cell.dhcp.server_delay=["1ms","300ms"]`,
		`network.campus.link.attach={ dist = "lognormal", median = "80ms", sigma = 0.5, max = "1s" }`,
	}
	for _, seed := range []string{"seed=1", "seed=2", "seed=3"} {
		r := runFile(t, "library/all-handovers.toml", append(chance, seed)...)
		pairs(t, r)
		for _, h := range r.Handovers {
			if p := h.Predicted; p != nil && h.LatencyS != nil && (*h.LatencyS < p.LatencyMinS-1e-3 || *h.LatencyS > p.LatencyMaxS+1e-3) {
				t.Errorf("%s %s->%s: latency %.6f s, predicted %.6f to %.6f s", seed, h.From, h.To, *h.LatencyS, p.LatencyMinS, p.LatencyMaxS)
			}
		}
	}
}
