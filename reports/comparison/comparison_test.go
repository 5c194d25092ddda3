package comparison

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"dsmipsim/reports/table"
)

// side is a set of replications with these values, from replication 0 on; NaN stands for none.
func side(values ...float64) (s Side) {
	for i, v := range values {
		s.Replications = append(s.Replications, i)
		if !math.IsNaN(v) {
			s.Values = append(s.Values, Value{i, v})
		}
	}
	return s
}

// latencies draws what replications could give: a part that both sides of a pair share, as on
// common random numbers, and one of their own.
func latencies(r *rand.Rand, common []float64, factor float64) Side {
	values := make([]float64, len(common))
	for i, c := range common {
		values[i] = factor * (1 + 0.1*c + 0.05*r.NormFloat64())
	}
	return side(values...)
}

// metrics are what the drawn comparisons compare at each of their points.
var metrics = []string{"handovers[to=a].latency_s.mean", "handovers[to=b].latency_s.mean", "flows[f].lost", "flows[f].delay.mean_s"}

// drawn makes the cases of two sweeps of three points, four metrics and n replications each. B
// has its mean times a factor. Without common random numbers it draws its own.
func drawn(seed uint64, n int, factor float64, shared bool) (cases []Case) {
	r := rand.New(rand.NewPCG(seed, 1))
	for p := range 3 {
		for _, m := range metrics {
			x, y := make([]float64, n), make([]float64, n)
			for i := range x {
				x[i], y[i] = r.NormFloat64(), r.NormFloat64()
			}
			if shared {
				y = x
			}
			cases = append(cases, Case{Point: []string{fmt.Sprint(p)}, Metric: m, A: latencies(r, x, 1), B: latencies(r, y, factor)})
		}
	}
	return cases
}

var ways = map[string]Options{
	"paired":       {Level: 0.95, Common: true},
	"Welch":        {Level: 0.95},
	"Mann-Whitney": {Level: 0.95, Test: MannWhitney},
}

// Of two equal sweeps nothing differs, in at least 90 of 100 seeds: the correction holds for all
// twelve tests of a comparison together.
func TestEqualSweepsDoNotDiffer(t *testing.T) {
	for name, o := range ways {
		quiet := 0
		for seed := range uint64(100) {
			r, err := Judge(drawn(seed, 30, 1, o.Common), o)
			if err != nil {
				t.Fatal(err)
			}
			if r.Tested != 12 {
				t.Fatalf("%d tests", r.Tested)
			}
			if r.Count(NoDifference) == 12 {
				quiet++
			}
		}
		t.Logf("%s: no difference in %d of 100 seeds", name, quiet)
		if quiet < 90 {
			t.Errorf("%s: no difference in %d of 100 seeds, want 90 at least", name, quiet)
		}
	}
}

// A shift of 10 % is found with 30 replications, in every case and nearly every seed, though the
// spread of the values is as great as the shift.
func TestShiftIsFound(t *testing.T) {
	for name, o := range ways {
		found := 0
		for seed := range uint64(100) {
			r, err := Judge(drawn(seed, 30, 1.1, o.Common), o)
			if err != nil {
				t.Fatal(err)
			}
			if r.Count(Better) > 0 {
				t.Errorf("%s, seed %d: %d cases are better", name, seed, r.Count(Better))
			}
			found += r.Count(Worse)
		}
		t.Logf("%s: %d of 1200 found", name, found)
		least := 850 // of independent samples, whose spread is greater than the shift
		if name == "paired" {
			least = 1190
		}
		if found < least {
			t.Errorf("%s: %d of 1200 found, want %d", name, found, least)
		}
	}
}

func one(t *testing.T, c Case, o Options) []Finding {
	t.Helper()
	o.Level = 0.95
	r, err := Judge([]Case{c}, o)
	if err != nil {
		t.Fatal(err)
	}
	return r.Findings
}

func TestVerdicts(t *testing.T) {
	low, high := []float64{1, 1.1, 0.9, 1, 1.05, 0.95}, []float64{2, 2.1, 1.9, 2, 2.05, 1.95}
	for _, c := range []struct {
		metric string
		up     Verdict // if values rise
		down   Verdict
	}{
		{"handovers[].latency_s.mean", Worse, Better},
		{"flows[f].received", Better, Worse},
		{"flows[f].in_flight", Differs, Differs},
		{"handovers[].latency_s.count", Differs, Differs},
	} {
		for _, common := range []bool{true, false} {
			up := one(t, Case{Metric: c.metric, A: side(low...), B: side(high...)}, Options{Common: common})[0]
			down := one(t, Case{Metric: c.metric, A: side(high...), B: side(low...)}, Options{Common: common})[0]
			same := one(t, Case{Metric: c.metric, A: side(high...), B: side(high...)}, Options{Common: common})[0]
			if up.Verdict != c.up || down.Verdict != c.down || same.Verdict != NoDifference {
				t.Errorf("%s: up %s, down %s, same %s", c.metric, up.Verdict, down.Verdict, same.Verdict)
			}
			if same.Difference.Value != 0 || *same.P != 1 || *same.Relative != 0 {
				t.Errorf("%s: of equal samples: %+v", c.metric, same)
			}
		}
	}
}

func TestTestsAreChosen(t *testing.T) {
	a, b := side(1, 2, 3), side(1, 2, 4)
	fewer := side(1, 2)
	later := side(math.NaN(), 1, 2, 4)
	for _, c := range []struct {
		b    Side
		o    Options
		want string
	}{
		{b, Options{Common: true}, "paired t"},
		{b, Options{}, "Welch"},
		{fewer, Options{Common: true}, "Welch"},
		{later, Options{Common: true}, "Welch"},
		{fewer, Options{Common: true, Test: Paired}, "paired t"},
		{b, Options{Common: true, Test: Welch}, "Welch"},
		{b, Options{Common: true, Test: MannWhitney}, "Mann-Whitney"},
	} {
		if got := one(t, Case{Metric: "x", A: a, B: c.b}, c.o)[0].Test; got != c.want {
			t.Errorf("%+v: %s, want %s", c, got, c.want)
		}
	}
	if _, err := Judge([]Case{{A: a, B: b}}, Options{Level: 0.95, Test: Paired}); err == nil {
		t.Error("pairs without common random numbers were accepted")
	}
}

// Values that are missing take their partners with them, and their number is judged itself.
func TestMissingValues(t *testing.T) {
	n := math.NaN()
	some := side(n, n, n, n, n, n, n, n, n, 1, 2, 3)
	all := side(1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3)
	f := one(t, Case{Metric: "handovers[].latency_s.mean", A: all, B: some}, Options{Common: true})
	if len(f) != 2 || f[0].NA != 3 || *f[0].MeanA != 2 || f[0].Verdict != NoDifference || f[0].Note != "values without a partner: 9" {
		t.Errorf("%+v", f)
	}
	if f[1].Verdict != Worse || *f[1].MeanA != 1 || *f[1].MeanB != 0.25 || f[1].Test != "Fisher" || !f[1].Beyond {
		t.Errorf("%+v", f[1])
	}
	nothing := one(t, Case{Metric: "handovers[].latency_s.mean", A: all, B: side(n, n, n, n, n, n, n, n, n, n, n, n)}, Options{Common: true})
	if nothing[0].Verdict != NotTested || nothing[0].Note != "no value in B" || nothing[1].Verdict != Worse {
		t.Errorf("%+v", nothing)
	}
	if f := one(t, Case{Metric: "x", A: side(math.Inf(1), 1, 2), B: side(3, 1, 2)}, Options{Common: true}); f[0].NA != 2 || f[0].Difference.Value != 0 {
		t.Errorf("an infinite value counted: %+v", f)
	}
	neither := one(t, Case{Metric: "x", A: side(n, n), B: side(n, n)}, Options{})
	if len(neither) != 1 || neither[0].Note != "no value in A and B" {
		t.Errorf("%+v", neither)
	}
	apart := one(t, Case{Metric: "x", A: side(1, n), B: side(n, 1)}, Options{Common: true})
	if len(apart) != 1 || apart[0].NA != 0 || apart[0].Verdict != NotTested || apart[0].Note != "values without a partner: 2" {
		t.Errorf("%+v", apart)
	}
}

// One value tells nothing of chance: there is a difference and no test.
func TestOneValue(t *testing.T) {
	for _, o := range []Options{{Common: true}, {}, {Test: MannWhitney}} {
		f := one(t, Case{Metric: "flows[f].lost", A: side(2), B: side(3)}, o)[0]
		if f.Verdict != NotTested || f.P != nil || f.Difference.Value != 1 || *f.Relative != 0.5 || f.Beyond {
			t.Errorf("%+v", f)
		}
	}
}

// Where nothing varies any difference is certain, and no infinity gets into JSON.
func TestNothingVaries(t *testing.T) {
	c := Case{Metric: "flows[f].lost", A: side(0, 0, 0), B: side(1, 1, 1)}
	r, err := Judge([]Case{c}, Options{Level: 0.95})
	if err != nil {
		t.Fatal(err)
	}
	f := r.Findings[0]
	if f.Verdict != Worse || *f.P != 0 || f.Relative != nil || !math.IsInf(*f.Effect, 1) {
		t.Errorf("%+v", f)
	}
	for _, format := range table.Formats() {
		var b bytes.Buffer
		d := Document{A: "a", B: "b", Report: r}
		if err := d.Write(&b, table.Format(format)); err != nil || b.Len() == 0 {
			t.Errorf("%s: %v", format, err)
		}
		if format == "json" {
			var back map[string]any
			if err := json.Unmarshal(b.Bytes(), &back); err != nil || back["format"] != Format {
				t.Errorf("%v in %s", err, b.String())
			}
		}
	}
}

func TestTolerance(t *testing.T) {
	for _, c := range []struct {
		bounds string
		metric string
		beyond bool
	}{
		{"", "flows[f].delay.mean_s", true},
		{"5%", "flows[f].delay.mean_s", true},
		{"0.05", "flows[f].delay.mean_s", true},
		{"10.5%", "flows[f].delay.mean_s", false},
		{"9ms", "flows[f].delay.mean_s", true},
		{"11ms", "flows[f].delay.mean_s", false},
		{"5% 11ms", "flows[f].delay.mean_s", false},
		{"11ms", "flows[f].lost", true},
		{"1B", "flows[f].overhead_octets", false},
		{"1B", "flows[f].delay.mean_s", true},
	} {
		tolerance, err := ParseTolerance(strings.Fields(c.bounds))
		if err != nil {
			t.Fatal(err)
		}
		f := one(t, Case{Metric: c.metric, A: side(0.1, 0.1, 0.1), B: side(0.11, 0.11, 0.11)}, Options{Tolerance: tolerance})[0]
		if f.Verdict != Worse || f.Beyond != c.beyond {
			t.Errorf("%s, %s: %s, beyond %v", c.bounds, c.metric, f.Verdict, f.Beyond)
		}
	}
	for _, bad := range []string{"", "x", "-5%", "5 %%", "-1ms", "1kB", "NaN", "Inf", "5% 6%"} {
		if _, err := ParseTolerance(strings.SplitN(bad, " ", 2)); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}
