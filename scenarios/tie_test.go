package scenarios

import "testing"

// An advertisement that leaves in the very instant in which a link comes up is heard, however
// long the node attached, and the prediction knows: without any delay of attaching the node comes
// before the router, as with one that is longer or shorter than the router's interval. About the
// router's first advertisement there is no prediction.
func TestAdvertisementAsTheLinkComesUp(t *testing.T) {
	for _, c := range [][2]string{{"0s", "10s"}, {"400ms", "9.6s"}, {"500ms", "9.5s"}, {"1.2s", "8.8s"}} {
		r := runFile(t, "library/fixed-timing.toml", "network.campus.router_advertisement.interval=500ms",
			"network.campus.link.attach="+c[0], "mobile_node.mn.visit[0].at="+c[1])
		if d := deviations(r); len(d) > 0 || r.Handovers[0].Predicted == nil {
			t.Errorf("attach %s: %v %q", c[0], d, r.Handovers[0].PredictedNote)
		}
		if r.Handovers[0].Phases.DetectS > 0.003 {
			t.Errorf("attach %s: the advertisement is heard after %v s", c[0], r.Handovers[0].Phases.DetectS)
		}
	}
	r := runFile(t, "library/fixed-timing.toml", "network.campus.router_advertisement.interval=5s", "network.campus.link.attach=0s", "mobile_node.mn.visit[0].at=5s")
	if h := r.Handovers[0]; h.Predicted != nil || h.PredictedNote == "" {
		t.Errorf("the router's first advertisement: %+v", h.Predicted)
	}
}

// Where address resolution gives up before any answer can come there is no prediction.
func TestResolutionWithoutPatience(t *testing.T) {
	r := runFile(t, "library/fixed-timing.toml", "neighbor_discovery.retrans_timer=5ms")
	if h := r.Handovers[1]; h.To != "cell" || h.Predicted != nil || h.PredictedNote == "" {
		t.Errorf("%s: %+v", h.To, h.Predicted)
	}
}
