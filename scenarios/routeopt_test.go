package scenarios

import (
	"fmt"
	"testing"
)

const routeOptimization = "library/route-optimization.toml"

// Formula F5, with the acknowledgement: the phase is met within a millisecond by itself,
// with both tests and with the one that a fresh home token leaves, for deletions through
// the IPv4 tunnel and at home, whatever the moment and with refreshes between.
func TestRouteOptimizationIsPredicted(t *testing.T) {
	visit := func(i int, at string) string { return fmt.Sprintf("mobile_node.mn.visit[%d].at=%s", i, at) }
	toHome := []string{"mobile_node.mn.visit[2].network=home", "mobile_node.mn.visit[3].network=campus"}
	for _, sets := range [][]string{
		nil,
		{visit(0, "9.987s")},
		{"protocol.deregister_cn_on_v4=false"},
		toHome,
		{"duration=2000s", visit(1, "300s"), visit(2, "700s"), visit(3, "1000s")}, // tokens of the network before are too old
		{"duration=2000s", visit(1, "500s"), visit(2, "1500s"), visit(3, "1600s")},
		append([]string{"duration=2000s", visit(1, "1000s"), visit(2, "1900s"), visit(3, "1990s"), "protocol.binding_lifetime=500s"}, toHome...),
	} {
		r := runFile(t, routeOptimization, sets...)
		for _, d := range deviations(r) {
			t.Errorf("%v: %s", sets, d)
		}
		n := 0
		for _, h := range r.Handovers {
			if h.Predicted != nil && h.Phases.RouteOptimizationS > 0 {
				n++
			}
		}
		if n < 2 {
			t.Errorf("%v: %d handovers with a predicted phase of route optimization", sets, n)
		}
	}
}
