package comparison

import (
	"fmt"
	"math"
	"slices"

	"dsmipsim/reports/quantity"
	"dsmipsim/reports/result"
	"dsmipsim/reports/statistics"
)

// Run is one run as a comparison sees it.
type Run struct {
	Name    string // as the user calls it
	Result  *result.Result
	Samples []result.FlowSamples // of its test packets; none if they were not kept
}

// Measure returns the numbers that a path into summary.json selects in a result.
type Measure func(r *result.Result, path string) ([]float64, error)

// Change is a metric of two runs. Of several values of one run the mean counts.
type Change struct {
	Metric     string   `json:"metric"`
	A          *float64 `json:"a"` // null without a value
	B          *float64 `json:"b"`
	Difference *float64 `json:"difference"`
	Relative   *float64 `json:"relative"` // of A; null if that is 0
	Verdict    Verdict  `json:"verdict"`
	Beyond     bool     `json:"beyond_tolerance"`
}

// HandoverChange is one handover in two runs: the one of that number of a mobile node.
type HandoverChange struct {
	MobileNode  string         `json:"mobile_node"`
	Index       int            `json:"index"`
	HandoverA   string         `json:"handover_a"` // from and to; empty if that run has none
	HandoverB   string         `json:"handover_b"`
	OutcomeA    string         `json:"outcome_a"`
	OutcomeB    string         `json:"outcome_b"`
	LatencyAS   *float64       `json:"latency_a_s"`
	LatencyBS   *float64       `json:"latency_b_s"`
	DifferenceS *float64       `json:"difference_s"`
	Phases      *result.Phases `json:"phases_difference"` // B minus A; null if one is missing
	Verdict     Verdict        `json:"verdict"`
}

// Steady is the mean delay of a flow with an interval that one run gives: its packets are cut into
// batches after a warm-up. It holds for a flow that settles; handovers make the interval wide.
type Steady struct {
	Flow    string `json:"flow"`
	WarmUpA int    `json:"warm_up_a"` // packets left out
	WarmUpB int    `json:"warm_up_b"`
	A       *Range `json:"a"` // null of too few packets
	B       *Range `json:"b"`
}

// Range is a mean in seconds with its interval.
type Range struct {
	MeanS float64 `json:"mean_s"`
	LowS  float64 `json:"low_s"`
	HighS float64 `json:"high_s"`
}

// Same tells for each fingerprint whether both runs have it.
type Same struct {
	Name string `json:"name"`
	A    string `json:"a"`
	B    string `json:"b"`
	Same bool   `json:"same"`
}

// Pair is the comparison of two runs, value by value.
type Pair struct {
	Format       string           `json:"format"`
	A            string           `json:"a"`
	B            string           `json:"b"`
	Fingerprints []Same           `json:"fingerprints"`
	Metrics      []Change         `json:"metrics"`
	Handovers    []HandoverChange `json:"handovers"`
	SteadyDelay  []Steady         `json:"steady_delay"`
	Notes        []string         `json:"notes"`
}

// OneValue is what every comparison of two single runs says.
const OneValue = "One run each gives one value: a difference is exact, but whether chance made it no test can tell. Compare two sweeps for that."

// Compare compares two single runs. Without metrics it takes those that runs have.
func Compare(a, b Run, metrics []string, measure Measure, t Tolerance) (*Pair, error) {
	p := &Pair{Format: Format, A: a.Name, B: b.Name, Notes: []string{OneValue}, Handovers: handovers(a.Result, b.Result), SteadyDelay: steady(a, b)}
	if len(metrics) == 0 {
		metrics = usual(a.Result, b.Result)
	}
	for _, m := range metrics {
		c, err := change(m, a.Result, b.Result, measure, t)
		if err != nil {
			return nil, err
		}
		p.Metrics = append(p.Metrics, c)
	}
	x, y := a.Result.Fingerprint, b.Result.Fingerprint
	for _, f := range []Same{{"trajectory", x.Trajectory, y.Trajectory, false}, {"wire", x.Wire, y.Wire, false}, {"result", x.Result, y.Result, false}} {
		f.Same = f.A == f.B
		p.Fingerprints = append(p.Fingerprints, f)
	}
	if x, y := a.Result, b.Result; x.Scenario != y.Scenario || x.Seed != y.Seed || x.Mode != y.Mode {
		p.Notes = append(p.Notes, fmt.Sprintf("A is scenario %s, seed %d, mode %s; B is scenario %s, seed %d, mode %s.", x.Scenario, x.Seed, x.Mode, y.Scenario, y.Seed, y.Mode))
	}
	return p, nil
}

// Beyond returns the metrics that are worse by more than is tolerated.
func (p *Pair) Beyond() (all []Change) {
	for _, c := range p.Metrics {
		if c.Beyond {
			all = append(all, c)
		}
	}
	return all
}

func change(metric string, a, b *result.Result, measure Measure, t Tolerance) (c Change, err error) {
	c = Change{Metric: metric, Verdict: NotTested}
	x, err := measure(a, metric)
	if err != nil {
		return c, err
	}
	y, err := measure(b, metric)
	if err != nil {
		return c, err
	}
	c.A, c.B = mean(x), mean(y)
	if c.A == nil || c.B == nil {
		return c, nil
	}
	d := rounded(*c.B - *c.A)
	c.Difference, c.Relative = &d, ratio(d, *c.A)
	if c.Verdict = exactly(metric, d); c.Verdict == Worse {
		c.Beyond = !t.covers(metric, *c.A, d)
	}
	return c, nil
}

// exactly is the verdict on a difference of values that chance has no part in.
func exactly(metric string, d float64) Verdict {
	better := direction(metric)
	switch {
	case d == 0:
		return NoDifference
	case better == quantity.Unknown:
		return Differs
	case (d > 0) == (better == quantity.Higher):
		return Better
	}
	return Worse
}

// rounded takes the noise of floating point off a difference of values with nine decimals.
func rounded(d float64) float64 { return math.Round(d*1e12) / 1e12 }

// usual are the metrics that tell most of a run: how long handovers take, what flows meet, and
// what signalling costs.
func usual(a, b *result.Result) (metrics []string) {
	add := func(path string) {
		if !slices.Contains(metrics, path) {
			metrics = append(metrics, path)
		}
	}
	for _, r := range []*result.Result{a, b} {
		if len(r.Handovers) > 0 {
			add("handovers.latency_s.mean")
		}
	}
	for _, r := range []*result.Result{a, b} {
		for i := range r.Flows {
			f := &r.Flows[i]
			for _, key := range []string{"received", "lost", "delay.mean_s", "delay.p95_s", "jitter_s", "longest_gap_s", "overhead_octets"} {
				add("flows[" + f.Name + "]." + key)
			}
			if f.Voice != nil {
				add("flows[" + f.Name + "].voice.mos")
			}
			if f.Stream != nil {
				add("flows[" + f.Name + "].goodput_bps")
			}
		}
	}
	for _, r := range []*result.Result{a, b} {
		for _, m := range r.Signalling.Messages {
			add("signalling.messages[class=" + m.Class + "].octets.sum")
		}
	}
	add("signalling.octet_hops")
	return metrics
}

// handovers sets the handovers of two runs side by side.
func handovers(a, b *result.Result) []HandoverChange {
	all := []HandoverChange{}
	for i := range a.Handovers {
		x := &a.Handovers[i]
		n := slices.IndexFunc(b.Handovers, func(y result.Handover) bool { return y.MobileNode == x.MobileNode && y.Index == x.Index })
		var y *result.Handover
		if n >= 0 {
			y = &b.Handovers[n]
		}
		all = append(all, sideBySide(x, y))
	}
	for i := range b.Handovers {
		y := &b.Handovers[i]
		if !slices.ContainsFunc(a.Handovers, func(x result.Handover) bool { return y.MobileNode == x.MobileNode && y.Index == x.Index }) {
			all = append(all, sideBySide(nil, y))
		}
	}
	return all
}

func sideBySide(a, b *result.Handover) (c HandoverChange) {
	c.Verdict = Differs
	if a != nil {
		c.MobileNode, c.Index, c.HandoverA, c.OutcomeA, c.LatencyAS = a.MobileNode, a.Index, a.From+" -> "+a.To, a.Outcome, a.LatencyS
	}
	if b != nil {
		c.MobileNode, c.Index, c.HandoverB, c.OutcomeB, c.LatencyBS = b.MobileNode, b.Index, b.From+" -> "+b.To, b.Outcome, b.LatencyS
	}
	if a == nil || b == nil || c.HandoverA != c.HandoverB {
		return c
	}
	p, q := a.Phases, b.Phases
	c.Phases = &result.Phases{L2S: rounded(q.L2S - p.L2S), DetectS: rounded(q.DetectS - p.DetectS), AddressS: rounded(q.AddressS - p.AddressS),
		RegisterS: rounded(q.RegisterS - p.RegisterS), RouteOptimizationS: rounded(q.RouteOptimizationS - p.RouteOptimizationS), RestS: rounded(q.RestS - p.RestS)}
	switch {
	case a.LatencyS != nil && b.LatencyS != nil:
		d := rounded(*b.LatencyS - *a.LatencyS)
		c.DifferenceS = &d
		c.Verdict = exactly("handovers.latency_s", d)
	case a.Outcome == b.Outcome:
		c.Verdict = NoDifference
	case a.LatencyS != nil:
		c.Verdict = Worse
	case b.LatencyS != nil:
		c.Verdict = Better
	}
	return c
}

// batches is how many parts of a flow give its interval.
const batches = 20

// steady estimates the mean delays of the flows that both runs kept the packets of.
func steady(a, b Run) []Steady {
	all := []Steady{}
	for _, x := range a.Samples {
		n := slices.IndexFunc(b.Samples, func(y result.FlowSamples) bool { return y.Flow.Name == x.Flow.Name })
		if n < 0 {
			continue
		}
		s := Steady{Flow: x.Flow.Name}
		s.A, s.WarmUpA = settled(x)
		s.B, s.WarmUpB = settled(b.Samples[n])
		if s.A != nil || s.B != nil {
			all = append(all, s)
		}
	}
	return all
}

func settled(s result.FlowSamples) (*Range, int) {
	var delays []float64
	for _, p := range s.Packets {
		if p.Fate == result.Received {
			delays = append(delays, p.End.Sub(p.Sent).Seconds())
		}
	}
	warm := statistics.WarmUp(delays)
	if len(delays)-warm < 5*batches {
		return nil, warm
	}
	e, err := statistics.BatchMeans(delays, warm, batches, 0.95)
	if err != nil {
		return nil, warm
	}
	nano := func(v float64) float64 { return math.Round(v*1e9) / 1e9 }
	return &Range{nano(e.Value), nano(e.Low), nano(e.High)}, warm
}
