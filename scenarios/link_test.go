package scenarios

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// Every key of a link changes the result if it alone changes.
func TestLinkKeys(t *testing.T) {
	short := []string{"duration=20s", `mobile_node.mn.visit=[{at="10s",network="campus"}]`}
	base := func(sets ...string) []string { return append(slices.Clone(short), sets...) }
	busy := base("network.campus.link.rate=100kbps", "network.campus.link.queue=8packets")
	codel := base("network.campus.link.rate=90kbps", `network.campus.link.queue={kind="codel"}`)
	bursts := base(`network.campus.link.loss={model="gilbert-elliott",p=0.05,r=0.3,good=0.01,bad=0.8}`)
	out := `network.campus.link.outage=[{at="15s",for="1s"}]`
	reorder := func(link string) []string { return base(link + ".jitter=['0ms','90ms']") }
	for _, tc := range []struct {
		base []string
		set  string
	}{
		{busy, "network.campus.link.technology=wifi"},
		{busy, "network.campus.link.jitter=['0ms','5ms']"},
		{reorder("network.campus.link"), "network.campus.link.reorder=true"},
		{busy, "network.campus.link.frame_time=1ms"},
		{busy, "network.campus.link.medium=shared"},
		{busy, "network.campus.link.scan=10ms"},
		{busy, "network.campus.link.authentication=10ms"},
		{busy, "network.campus.link.association=10ms"},
		{short, out},
		{base(out), "network.campus.link.outage[0].at=16s"},
		{base(out), "network.campus.link.outage[0].for=2s"},
		{busy, `network.campus.link.queue={kind="codel",limit="8packets"}`},
		{codel, "network.campus.link.queue.limit=5packets"},
		{codel, "network.campus.link.queue.target=20ms"},
		{codel, "network.campus.link.queue.interval=30ms"},
		{bursts, "network.campus.link.loss.p=0.1"},
		{bursts, "network.campus.link.loss.r=0.2"},
		{bursts, "network.campus.link.loss.good=0"},
		{bursts, "network.campus.link.loss.bad=1"},
		{bursts, "network.campus.link.loss.model=bernoulli"},

		{busy, "network.campus.link.up.delay=3ms"}, {busy, "network.campus.link.down.delay=3ms"},
		{busy, "network.campus.link.up.rate=1Mbps"}, {busy, "network.campus.link.down.rate=1Mbps"},
		{busy, "network.campus.link.up.queue=2packets"}, {busy, "network.campus.link.down.queue=2packets"},
		{busy, "network.campus.link.up.loss=0.5"}, {busy, "network.campus.link.down.loss=0.5"},
		{busy, "network.campus.link.up.jitter=['0ms','5ms']"}, {busy, "network.campus.link.down.jitter=['0ms','5ms']"},
		{reorder("network.campus.link.up"), "network.campus.link.up.reorder=true"},
		{reorder("network.campus.link.down"), "network.campus.link.down.reorder=true"},
		{busy, "network.campus.link.up.frame_time=1ms"}, {busy, "network.campus.link.down.frame_time=1ms"},

		{short, "network.campus.uplink.up.delay=3ms"}, {short, "network.campus.uplink.down.delay=3ms"},
		{short, "network.campus.uplink.jitter=['0ms','5ms']"}, {short, "network.campus.uplink.frame_time=1ms"},
		{short, `network.campus.uplink.outage=[{at="15s",for="1s"}]`},
		{reorder("network.campus.uplink"), "network.campus.uplink.reorder=true"},
	} {
		if slices.Contains(tc.base, tc.set) || !changes(t, tc.base, tc.set) {
			t.Errorf("%s changes nothing", tc.set)
		}
	}
}

// changes reports whether a run differs if one more key is set.
func changes(t *testing.T, base []string, set string) bool {
	t.Helper()
	if strings.HasSuffix(set, "model=bernoulli") { // without the keys that it does not take
		base, set = base[:2], `network.campus.link.loss={model="bernoulli",p=0.05}`
	}
	const file = "library/roaming.toml"
	a, b := runFile(t, file, base...), runFile(t, file, append(slices.Clone(base), set)...)
	return a.Fingerprint.Wire != b.Fingerprint.Wire || a.Fingerprint.Trajectory != b.Fingerprint.Trajectory
}

// What differs between up and down is met by the closed formulas to the millisecond.
func TestPredictionOfAsymmetricLinks(t *testing.T) {
	for _, sets := range [][]string{
		{"network.campus.link.up.delay=15ms", "network.campus.link.down.delay=1ms", "network.campus.link.up.rate=1Mbps"},
		{"network.cell.link.up.delay=50ms", "network.cell.link.up.rate=500kbps", "network.cell.link.down.frame_time=300us"},
		{"network.campus.uplink.up.delay=3ms", "network.campus.uplink.down.delay=30ms", "network.home.uplink.up.rate=2Mbps"},
		{"network.home.link.up.delay=4ms", "network.home.link.down.delay=9ms", "network.home.link.rate=3Mbps"},
		{"network.campus.link.scan=70ms", "network.campus.link.authentication=3ms", "network.campus.link.association=5ms"},
	} {
		r := runFile(t, "library/fixed-timing.toml", sets...)
		for _, d := range deviations(r) {
			t.Errorf("%v: %s", sets, d)
		}
		for _, h := range r.Handovers {
			if h.Predicted == nil {
				t.Errorf("%v: no prediction for %s: %s", sets, h.To, h.PredictedNote)
			}
		}
	}
}

// With jitter the run keeps within the bounds, and its mean is near the predicted one.
func TestPredictionOfJitter(t *testing.T) {
	got, want, n := 0.0, 0.0, 0
	for _, seed := range []string{"1", "2", "3", "4", "5", "6", "7", "8"} {
		sets := []string{"seed=" + seed, "network.cell.link.jitter=['0ms','20ms']", "network.cell.uplink.jitter={dist='exponential',mean='3ms'}"}
		for _, h := range runFile(t, "library/fixed-timing.toml", sets...).Handovers {
			if h.To != "cell" {
				continue
			}
			if h.Predicted == nil || h.LatencyS == nil {
				t.Fatalf("no prediction: %s", h.PredictedNote)
			}
			if *h.LatencyS < h.Predicted.LatencyMinS || *h.LatencyS > h.Predicted.LatencyMaxS {
				t.Errorf("seed %s: %v s, predicted %v to %v", seed, *h.LatencyS, h.Predicted.LatencyMinS, h.Predicted.LatencyMaxS)
			}
			got, want, n = got+*h.LatencyS, want+h.Predicted.LatencyS, n+1
		}
	}
	// Four crossings of the link and two of the uplink: a deviation of about 13 ms for one
	// handover, 4.5 ms for the mean of eight.
	if n != 8 || math.Abs(got-want)/8 > 0.015 {
		t.Errorf("%d handovers take %v s on average, predicted %v s", n, got/8, want/8)
	}
}

// What cannot be told beforehand is not.
func TestNoPredictionOverTroubledLinks(t *testing.T) {
	for set, why := range map[string]string{
		`network.campus.link.loss={model="gilbert-elliott",p=0.01,r=0.3}`: "frames may be lost on the access link",
		"network.campus.link.up.loss=0.1":                                 "frames may be lost on the access link",
		"network.campus.uplink.down.loss=0.1":                             "packets may be lost on link campus-internet",
		`network.campus.link.outage=[{at="10.5s",for="1s"}]`:              "the access link has an outage",
		`network.home.uplink.outage=[{at="11s",for="1s"}]`:                "link home-internet has an outage",
		`network.campus.link.outage=[{at="15s",for="1s"}]`:                "",
	} {
		r := runFile(t, "library/fixed-timing.toml", set)
		for _, h := range r.Handovers {
			if h.To == "campus" && h.PredictedNote != why {
				t.Errorf("%s: %q, want %q", set, h.PredictedNote, why)
			}
		}
	}
}

// A handover into a network of any technology is explained and keeps within its prediction.
func TestTechnologies(t *testing.T) {
	seen := map[float64]string{}
	for _, name := range []string{"ideal", "ethernet", "wifi", "lte", "nr5g", "inter-rat"} {
		for _, to := range []string{"campus", "cell"} {
			sets := []string{"network." + to + ".link={technology='" + name + "'}"}
			for _, h := range runFile(t, "library/fixed-timing.toml", sets...).Handovers {
				if h.To != to {
					continue
				}
				p := h.Predicted
				if p == nil || h.LatencyS == nil {
					t.Fatalf("%s: no prediction for %s: %s", name, to, h.PredictedNote)
				}
				if *h.LatencyS < p.LatencyMinS || *h.LatencyS > p.LatencyMaxS || math.Abs(h.Phases.RestS) > 1e-3 {
					t.Errorf("%s in %s: %v s, rest %v, predicted %v to %v", name, to, *h.LatencyS, h.Phases.RestS, p.LatencyMinS, p.LatencyMaxS)
				}
				if other := seen[*h.LatencyS]; other != "" {
					t.Errorf("%s is like %s", name, other)
				}
				seen[*h.LatencyS] = name
			}
		}
	}
}
