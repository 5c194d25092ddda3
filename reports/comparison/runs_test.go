package comparison

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"dsmipsim/reports/internal/sample"
	"dsmipsim/reports/result"
	"dsmipsim/reports/table"
	"dsmipsim/sim/vtime"
)

// allLatencies measures what the tests need: the latency of all handovers.
func allLatencies(r *result.Result, path string) (values []float64, err error) {
	if path != "handovers.latency_s" {
		return nil, errors.New("unknown")
	}
	for i := range r.Handovers {
		if l := r.Handovers[i].LatencyS; l != nil {
			values = append(values, *l)
		}
	}
	return values, nil
}

func pairOf(t *testing.T, a, b *result.Result, bounds ...string) *Pair {
	t.Helper()
	tolerance, err := ParseTolerance(bounds)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Compare(Run{Name: "a", Result: a}, Run{Name: "b", Result: b}, []string{"handovers.latency_s"}, allLatencies, tolerance)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestHandoversSideBySide(t *testing.T) {
	a, b := sample.Result(), sample.Result()
	*b.Handovers[0].LatencyS += 0.3
	b.Handovers[0].Phases.DetectS += 0.3
	b.Handovers[1].LatencyS, b.Handovers[1].Outcome = result.Some(1), result.Registered // which there was none of
	b.Handovers[2].To = "elsewhere"
	b.Handovers = append(b.Handovers, result.Handover{MobileNode: "mn", Index: 4, From: "elsewhere", To: "home", Outcome: result.Unfinished})
	p := pairOf(t, a, b)
	if len(p.Handovers) != 4 {
		t.Fatalf("%+v", p.Handovers)
	}
	h := p.Handovers
	if h[0].Verdict != Worse || *h[0].DifferenceS != 0.3 || h[0].Phases.DetectS != 0.3 || h[0].Phases.L2S != 0 {
		t.Errorf("slower: %+v", h[0])
	}
	if h[1].Verdict != Better || h[1].DifferenceS != nil || h[1].OutcomeA == h[1].OutcomeB {
		t.Errorf("possible at last: %+v", h[1])
	}
	if h[2].Verdict != Differs || h[2].HandoverA == h[2].HandoverB || h[2].Phases != nil {
		t.Errorf("to another network: %+v", h[2])
	}
	if h[3].Verdict != Differs || h[3].HandoverA != "" || h[3].OutcomeB != result.Unfinished {
		t.Errorf("only in B: %+v", h[3])
	}
	back := pairOf(t, b, a)
	if len(back.Handovers) != 4 || back.Handovers[3].HandoverB != "" || back.Handovers[1].Verdict != Worse {
		t.Errorf("the other way round: %+v", back.Handovers)
	}
	for _, same := range pairOf(t, a, sample.Result()).Handovers {
		if same.Verdict != NoDifference {
			t.Errorf("the same: %+v", same)
		}
	}
}

func TestMetricsOfRuns(t *testing.T) {
	a, b := sample.Result(), sample.Result()
	*b.Handovers[0].LatencyS += 0.2
	c := pairOf(t, a, b, "5%").Metrics[0]
	if c.Verdict != Worse || *c.Difference != 0.1 || !c.Beyond { // the mean of two
		t.Errorf("%+v", c)
	}
	if c := pairOf(t, a, b, "10%").Metrics[0]; c.Verdict != Worse || c.Beyond {
		t.Errorf("tolerated: %+v", c)
	}
	if c := pairOf(t, a, &result.Result{}).Metrics[0]; c.Verdict != NotTested || c.A == nil || c.B != nil {
		t.Errorf("without a value: %+v", c)
	}
	if _, err := Compare(Run{Result: a}, Run{Result: b}, []string{"x"}, allLatencies, Tolerance{}); err == nil {
		t.Error("an unknown metric was measured")
	}
	other := sample.Result()
	other.Seed = 9
	p := pairOf(t, a, other)
	if len(p.Notes) != 2 || !strings.Contains(p.Notes[1], "seed 9") {
		t.Errorf("%v", p.Notes)
	}
	for _, format := range table.Formats() {
		var text bytes.Buffer
		if err := p.Write(&text, table.Format(format)); err != nil || text.Len() == 0 {
			t.Errorf("%s: %v", format, err)
		}
	}
}

// The interval of a flow's mean delay comes from one run; a warm-up is left out, and so is a flow
// of too few packets.
func TestSteadyDelay(t *testing.T) {
	flow := func(n, slow int) result.FlowSamples {
		s := result.FlowSamples{Flow: result.FlowInfo{Name: "f"}}
		for i := range n {
			sent := vtime.Time(i) * vtime.Time(time.Millisecond)
			delay := 10*time.Millisecond + time.Duration(i%5)*time.Millisecond
			if i < slow {
				delay += time.Second
			}
			s.Packets = append(s.Packets, result.Sample{Fate: result.Received, Sent: sent, End: sent.Add(delay)})
		}
		return s
	}
	run := func(s result.FlowSamples) Run { return Run{Result: &result.Result{}, Samples: []result.FlowSamples{s}} }
	all := steady(run(flow(1000, 50)), run(flow(50, 0)))
	if len(all) != 1 || all[0].B != nil || all[0].WarmUpA != 50 {
		t.Fatalf("%+v", all)
	}
	if r := all[0].A; r == nil || r.LowS > 0.012 || r.HighS < 0.012 || r.HighS-r.LowS > 0.001 {
		t.Errorf("%+v", r)
	}
	if all := steady(run(flow(50, 0)), run(flow(50, 0))); len(all) != 0 {
		t.Errorf("of too few packets: %+v", all)
	}
}
