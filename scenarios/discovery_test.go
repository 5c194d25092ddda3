package scenarios

import (
	"fmt"
	"maps"
	"math"
	"strings"
	"testing"

	"dsmipsim/scenarios/plan"
)

// Each key of Neighbor Discovery, changed alone, is seen on the wire.
func TestNeighborDiscoveryKeys(t *testing.T) {
	const ra, nd, shared = "network.campus.router_advertisement.", "mobile_node.mn.nd.", "neighbor_discovery."
	flow := `flow=[{name="up",kind="cbr",from="mn",to="cn",family="ipv6",interval="100ms",start="1s",payload="1400B"}]`
	base := []string{"expect=[]", `correspondent=[{name="cn",network="home"}]`, flow}
	wire := func(sets ...string) string {
		return runFile(t, "library/fixed-timing.toml", append(append([]string{}, base...), sets...)...).Fingerprint.Wire
	}
	// Some keys matter only in the company of others.
	for _, c := range []struct {
		key   string
		value string
		with  []string
	}{
		{ra + "answer", "unicast", []string{nd + "dad_link_local=before"}},
		{ra + "advertisement_interval", "false", nil},
		{ra + "lifetime", "10s", nil},
		{ra + "valid_lifetime", "1000s", []string{ra + "preferred_lifetime=900s"}},
		{ra + "preferred_lifetime", "1000s", nil},
		{ra + "on_link", "false", nil},
		{ra + "autonomous", "false", nil},
		{ra + "hop_limit", "30", nil},
		{ra + "reachable_time", "1s", nil},
		{ra + "retrans_timer", "100ms", nil},
		{ra + "mtu", "1280B", nil},
		{ra + "managed", "true", nil},
		{ra + "other_config", "true", nil},
		{nd + "rs_delay", "3ms", nil},
		{nd + "rs_count", "0", nil},
		{nd + "rs_count", "2", nil},
		{nd + "rs_interval", "3s", nil},
		{nd + "dad_transmits", "2", nil},
		{nd + "dad_delay", "30ms", nil},
		{nd + "dad_link_local", "before", nil},
		{nd + "optimistic_dad", "true", nil},
		{shared + "unreachability_detection", "false", nil},
		{shared + "reachable_time", "2s", nil},
		{shared + "delay_first_probe", "1s", nil},
		{shared + "unicast_solicit", "1", nil},
		{shared + "multicast_solicit", "1", nil},
		{shared + "retrans_timer", "700ms", nil},
	} {
		with := c.with
		switch c.key {
		case shared + "unicast_solicit", shared + "multicast_solicit": // the router goes on sending to a node that has left
			with = []string{shared + "reachable_time=1s", shared + "delay_first_probe=100ms", "protocol.mode=mipv6",
				`flow=[{name="down",kind="cbr",from="cn",to="mn",family="ipv6",interval="100ms",start="1s"}]`}
		}
		if wire(with...) == wire(append([]string{c.key + "=" + c.value}, with...)...) {
			t.Errorf("%s = %s makes no difference", c.key, c.value)
		}
	}
}

// Where the keys leave nothing to chance, the closed formulas meet the run to the millisecond.
func TestNeighborDiscoveryIsPredicted(t *testing.T) {
	const ra, nd = "network.campus.router_advertisement.", "mobile_node.mn.nd."
	for _, sets := range [][]string{
		{nd + "rs_delay=300ms"},
		{nd + "rs_count=0"},
		{nd + "dad_transmits=0"},
		{nd + "dad_transmits=3"},
		{nd + "dad_delay=400ms"},
		{nd + "dad_delay=400ms", nd + "dad_link_local=before", "mobile_node.mn.v6_wait=5s"},
		{nd + "dad_link_local=before", "mobile_node.mn.v6_wait=5s"},
		{nd + "optimistic_dad=true"},
		{nd + "optimistic_dad=true", ra + "solicited_delay=0s"},
		{"neighbor_discovery.retrans_timer=700ms"},
		{ra + "retrans_timer=300ms"},
		{ra + "advertisement_interval=false", "network.campus.link.rate=300kbps"},
		{ra + "mtu=1280B", "network.campus.link.rate=300kbps"},
		{ra + "interval=2s", ra + "min_delay=3s", "mobile_node.mn.v6_wait=5s"},
		{ra + "interval=1s", "mobile_node.mn.ipv4_detection=sequential", nd + "rs_count=2", nd + "rs_interval=1500ms"},
	} {
		r := runFile(t, "library/fixed-timing.toml", append([]string{"expect=[]"}, sets...)...)
		for _, d := range deviations(r) {
			t.Errorf("%v: %s", sets, d)
		}
		for _, h := range r.Handovers {
			if h.Predicted == nil || h.LatencyS == nil {
				t.Errorf("%v: %s: predicted %v, note %q, latency %v", sets, h.To, h.Predicted, h.PredictedNote, h.LatencyS)
			}
		}
	}
}

// What no formula covers has none, and the record says why.
func TestNeighborDiscoveryWithoutPrediction(t *testing.T) {
	const ra = "network.campus.router_advertisement."
	for set, note := range map[string]string{
		ra + "autonomous=false": "nodes make no addresses of the prefix",
		ra + "lifetime=0s":      "the router is no default router",
		ra + "hop_limit=1":      "the advertised hop limit does not reach to the home agent",
	} {
		r := runFile(t, "library/fixed-timing.toml", "expect=[]", set)
		if h := r.Handovers[0]; h.Predicted != nil || h.PredictedNote != note {
			t.Errorf("%s: predicted %v, note %q", set, h.Predicted, h.PredictedNote)
		}
	}
}

// With chance the latency lies within the bounds, and its mean over many runs is the one of the
// formulas: the random delay comes before duplicate address detection, which with it takes
// 1 s + U(0, 1 s), 1.5 s on average (RFC 4862 section 5.4.2); the wait for a router that answers
// after U(0, 0.5 s) is 0.25 s, if others are rare.
func TestNeighborDiscoveryMeans(t *testing.T) {
	const runs = 60
	const ra, nd = "network.campus.router_advertisement.", "mobile_node.mn.nd."
	for _, c := range []struct {
		name            string
		sets            []string
		detect, address float64
	}{
		{"random delay before detection of duplicates", []string{nd + `dad_delay=["0s","1s"]`}, math.NaN(), 1.5},
		{"solicited advertisements", []string{ra + `interval=["198s","600s"]`, ra + `solicited_delay=["0s","500ms"]`, ra + "min_delay=3s", "mobile_node.mn.v6_wait=5s"}, 0.252, 1},
		{"random delay before soliciting", []string{ra + `interval=["198s","600s"]`, ra + `solicited_delay=["0s","500ms"]`, nd + `rs_delay=["0s","1s"]`, "mobile_node.mn.v6_wait=5s"}, 0.752, 1},
		{"unsolicited advertisements", []string{ra + `interval=["1s","3s"]`, nd + "rs_count=0", "mobile_node.mn.v6_wait=5s", "duration=300s",
			`mobile_node.mn.visit=[{at="250s",network="campus"}]`}, 13.0/12 + 0.002, 1},
		{"both, kept apart", []string{ra + `interval=["1s","3s"]`, ra + `solicited_delay=["0s","500ms"]`, ra + "min_delay=1s", "mobile_node.mn.v6_wait=5s", "duration=300s",
			`mobile_node.mn.visit=[{at="250s",network="campus"}]`}, math.NaN(), 1},
	} {
		var detect, address []float64
		var predicted float64
		for seed := range runs {
			r := runFile(t, "library/fixed-timing.toml", append([]string{"expect=[]", fmt.Sprintf("seed=%d", seed+1)}, c.sets...)...)
			h := r.Handovers[0]
			if h.Predicted == nil || h.LatencyS == nil {
				t.Fatalf("%s: %+v", c.name, h)
			}
			if *h.LatencyS < h.Predicted.LatencyMinS-1e-3 || *h.LatencyS > h.Predicted.LatencyMaxS+1e-3 || math.Abs(h.Phases.RestS) > 1e-3 {
				t.Errorf("%s, seed %d: latency %v, predicted %v to %v, rest %v", c.name, seed, *h.LatencyS, h.Predicted.LatencyMinS, h.Predicted.LatencyMaxS, h.Phases.RestS)
			}
			detect, address, predicted = append(detect, h.Phases.DetectS), append(address, h.Phases.AddressS), h.Predicted.Phases.DetectS
		}
		for _, x := range []struct {
			phase string
			got   []float64
			want  float64
		}{{"detect", detect, c.detect}, {"detect as predicted", detect, predicted}, {"address", address, c.address}} {
			mean, deviation := meanOf(x.got)
			if !math.IsNaN(x.want) && math.Abs(mean-x.want) > 4*deviation+2e-3 {
				t.Errorf("%s: %s takes %.4f s on average, standard error %.4f, want %.4f", c.name, x.phase, mean, deviation, x.want)
			}
		}
	}
}

func meanOf(x []float64) (mean, deviation float64) {
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		deviation += (v - mean) * (v - mean)
	}
	return mean, math.Sqrt(deviation) / float64(len(x))
}

// IPv6 to IPv6 with nothing waited for that need not be: the time of the router's answer, one
// address resolution and the round trip to the home agent.
func TestOptimisticHandover(t *testing.T) {
	r := runFile(t, "library/first-registration.toml", "expect=[]", "mobile_node.mn.nd.optimistic_dad=true",
		"network.campus.router_advertisement.min_delay=0s", "network.library.router_advertisement.min_delay=0s",
		"network.campus.router_advertisement.solicited_delay=0s", "network.library.router_advertisement.solicited_delay=0s")
	for _, h := range r.Handovers {
		if h.Phases.AddressS != 0 || h.Outcome != "registered" {
			t.Errorf("%s: address %v s, %s", h.To, h.Phases.AddressS, h.Outcome)
		}
	}
	for _, d := range deviations(r) {
		t.Error(d)
	}
}

// Many handovers leave in the neighbour caches, and among the timers, what one round left.
func TestHandoversLeaveNoNeighbours(t *testing.T) {
	sizes := func(rounds int) map[string]int {
		var visits []string
		for i := range rounds {
			for j, n := range []string{"campus", "cell", "home"} {
				visits = append(visits, fmt.Sprintf("{at=%q,network=%q}", fmt.Sprintf("%ds", 5+12*i+4*j), n))
			}
		}
		var w *world
		p, err := plan.New(load(t, "library/fixed-timing.toml", "expect=[]", "mobile_node.mn.visit=["+strings.Join(visits, ",")+"]",
			fmt.Sprintf("duration=%ds", 12*rounds+60)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := run("handovers", p, Options{}, func(o *world) { w = o }); err != nil {
			t.Fatal(err)
		}
		all := map[string]int{"mn": w.mobiles["mn"].ND.Len(), "mn's timers": w.mobiles["mn"].Node.Timers.Len()}
		for name, r := range w.routers {
			all[name], all[name+"'s timers"] = r.ND.Len(), r.Stack.Timers.Len()
		}
		return all
	}
	few, many := sizes(2), sizes(334)
	if !maps.Equal(few, many) {
		t.Errorf("after 6 handovers %v\nafter 1002     %v", few, many)
	}
}
