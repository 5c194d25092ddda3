// Package comparison judges what differs between two sets of runs: samples of replications by
// statistical tests that are corrected for their number, two single runs exactly.
//
//	report, err := comparison.Judge(cases, comparison.Options{Level: 0.95})
//	report.Tables(...)
//
// Values are in the units of summary.json; directions come from package quantity.
package comparison

import (
	"fmt"
	"math"

	"dsmipsim/reports/quantity"
	"dsmipsim/reports/statistics"
)

// Test is which test compares two samples.
type Test string

// The tests. Auto pairs replications that ran on the same random numbers, else it is Welch's.
const (
	Auto        Test = "auto"
	Paired      Test = "paired"
	Welch       Test = "welch"
	MannWhitney Test = "mann-whitney"
)

// Tests lists the tests that can be asked for.
func Tests() []string { return []string{string(Paired), string(Welch), string(MannWhitney)} }

// Value is what one replication has for a quantity.
type Value struct {
	Replication int
	V           float64
}

// Side is what one of the two sets has for a case.
type Side struct {
	Replications []int   // that have been run, in order
	Values       []Value // of those that have one, in their order
}

// Case is one quantity under one combination of factors on both sides.
type Case struct {
	Point  []string // the factors' values
	Metric string   // a path into summary.json
	A, B   Side
}

// Options are the choices of a comparison.
type Options struct {
	Level     float64 // of confidence
	Test      Test
	Common    bool // both sides drew the same random numbers in replications of the same number
	Tolerance Tolerance
}

// Verdict is what a comparison comes to.
type Verdict string

// The verdicts. Differs is of quantities of which nobody knows which values are the better ones;
// NotTested of too few values.
const (
	Better       Verdict = "better"
	Worse        Verdict = "worse"
	Differs      Verdict = "differs"
	NoDifference Verdict = "no difference"
	NotTested    Verdict = "not tested"
)

// Finding is the outcome of one case.
type Finding struct {
	Point  []string
	Metric string
	Test   string // which was made; "" for none
	NA, NB int    // values that it rests on

	MeanA, MeanB *float64             // of these values; nil of none
	Difference   *statistics.Estimate // B minus A; nil if a side has no value
	Relative     *float64             // of the mean of A; nil if that is 0
	P, Corrected *float64             // before and after Holm's correction; nil without a test
	Effect       *float64             // nil without a test; infinite if nothing varies
	EffectName   string
	Verdict      Verdict
	Beyond       bool // worse by more than is tolerated
	Note         string
}

// Report is the outcome of a comparison.
type Report struct {
	Level    float64
	Findings []Finding
	Tested   int // how many tests the correction is for
}

// Count tells how many findings have a verdict.
func (r *Report) Count(v Verdict) (n int) {
	for i := range r.Findings {
		if r.Findings[i].Verdict == v {
			n++
		}
	}
	return n
}

// Beyond returns what is worse by more than is tolerated.
func (r *Report) Beyond() (all []Finding) {
	for _, f := range r.Findings {
		if f.Beyond {
			all = append(all, f)
		}
	}
	return all
}

// Judge compares the cases. Where one side has a value in fewer of its replications than the
// other, such as the latency of a handover that does not always end, the share of those that have
// one is compared as well, in a finding of its own. All tests count for the correction.
func Judge(cases []Case, o Options) (*Report, error) {
	r := &Report{Level: o.Level}
	for i := range cases {
		f, err := judge(&cases[i], o)
		if err != nil {
			return nil, err
		}
		r.Findings = append(r.Findings, f)
		if s, differ := shares(&cases[i]); differ {
			r.Findings = append(r.Findings, s)
		}
	}
	var p []float64
	for i := range r.Findings {
		if r.Findings[i].P != nil {
			p = append(p, *r.Findings[i].P)
		}
	}
	r.Tested = len(p)
	corrected := statistics.Holm(p)
	for i := range r.Findings {
		if f := &r.Findings[i]; f.P != nil {
			f.Corrected, corrected = &corrected[0], corrected[1:]
			f.settle(o)
		}
	}
	return r, nil
}

// pairs returns the values of replications that have one on both sides.
func pairs(a, b []Value) (x, y []float64) {
	other := map[int]float64{}
	for _, v := range b {
		other[v.Replication] = v.V
	}
	for _, v := range a {
		if w, ok := other[v.Replication]; ok {
			x, y = append(x, v.V), append(y, w)
		}
	}
	return x, y
}

func plain(values []Value) []float64 {
	x := make([]float64, len(values))
	for i, v := range values {
		x[i] = v.V
	}
	return x
}

// finite leaves out what is no number.
func finite(values []Value) (kept []Value) {
	for _, v := range values {
		if !math.IsNaN(v.V) && !math.IsInf(v.V, 0) {
			kept = append(kept, v)
		}
	}
	return kept
}

// matched reports whether the replications of both sides are pairs, one by one.
func matched(a, b []int) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// choose returns the test for a case.
func (o Options) choose(c *Case) Test {
	if o.Test != Auto && o.Test != "" {
		return o.Test
	}
	if o.Common && matched(c.A.Replications, c.B.Replications) {
		return Paired
	}
	return Welch
}

func judge(c *Case, o Options) (Finding, error) {
	f := Finding{Point: c.Point, Metric: c.Metric, Verdict: NotTested}
	valuesA, valuesB := finite(c.A.Values), finite(c.B.Values)
	a, b := plain(valuesA), plain(valuesB)
	test := o.choose(c)
	if test == Paired {
		if !o.Common {
			return f, fmt.Errorf("replications are pairs only if both sides have the same seed")
		}
	}
	f.NA, f.NB, f.MeanA, f.MeanB = len(a), len(b), mean(a), mean(b)
	if len(a) == 0 || len(b) == 0 {
		f.Note = "no value in " + empty(len(a), len(b))
		return f, nil
	}
	if test == Paired {
		a, b = pairs(valuesA, valuesB)
		if left := f.NA + f.NB - 2*len(a); left > 0 {
			f.Note = fmt.Sprintf("values without a partner: %d", left)
		}
		f.NA, f.NB, f.MeanA, f.MeanB = len(a), len(b), mean(a), mean(b)
		if len(a) == 0 {
			return f, nil
		}
	}
	var result statistics.Comparison
	var err error
	switch test {
	case Paired:
		result, err = statistics.Paired(a, b, o.Level)
	case MannWhitney:
		if result, err = statistics.MannWhitney(a, b, o.Level); len(a) < 2 || len(b) < 2 {
			err = statistics.ErrTooFew
		}
	default:
		result, err = statistics.Welch(a, b, o.Level)
	}
	if err != nil {
		d := *f.MeanB - *f.MeanA
		f.Difference = &statistics.Estimate{Value: d, Low: d, High: d}
		f.Note = join(f.Note, "one value tells nothing of chance")
	} else {
		f.Test, f.EffectName, f.Difference = result.Test, result.EffectName, &result.Difference
		f.P, f.Effect = &result.P, &result.Effect
	}
	f.Relative = ratio(f.Difference.Value, *f.MeanA)
	return f, nil
}

// shares compares how many replications have a value at all.
func shares(c *Case) (Finding, bool) {
	n, m := len(c.A.Replications), len(c.B.Replications)
	a, b := len(finite(c.A.Values)), len(finite(c.B.Values))
	if n == 0 || m == 0 || a*m == b*n {
		return Finding{}, false
	}
	shareA, shareB := float64(a)/float64(n), float64(b)/float64(m)
	d := shareB - shareA
	p := statistics.Fisher(a, n, b, m)
	return Finding{
		Point: c.Point, Metric: c.Metric + HasValue, Test: "Fisher", NA: n, NB: m, MeanA: &shareA, MeanB: &shareB,
		Difference: &statistics.Estimate{Value: d, Low: math.NaN(), High: math.NaN()}, Relative: ratio(d, shareA), P: &p,
		Note: fmt.Sprintf("a value in %d of %d and %d of %d replications", a, n, b, m),
	}, true
}

// HasValue marks the finding on the share of the replications that have a value of a metric.
const HasValue = " (share of replications with a value)"

func ratio(d, of float64) *float64 {
	if of == 0 {
		return nil
	}
	r := d / math.Abs(of)
	return &r
}

func mean(x []float64) *float64 {
	if len(x) == 0 {
		return nil
	}
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	m := sum / float64(len(x))
	return &m
}

func empty(a, b int) string {
	switch {
	case a == 0 && b == 0:
		return "A and B"
	case a == 0:
		return "A"
	}
	return "B"
}

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + "; " + b
}

// settle gives the verdict of a finding whose corrected p-value is known.
func (f *Finding) settle(o Options) {
	better := direction(f.Metric)
	d := f.Difference.Value
	switch {
	case *f.Corrected >= 1-o.Level:
		f.Verdict = NoDifference
	case better == quantity.Unknown:
		f.Verdict = Differs
	case (d > 0) == (better == quantity.Higher):
		f.Verdict = Better
	default:
		f.Verdict = Worse
		f.Beyond = !o.Tolerance.covers(f.Metric, *f.MeanA, d)
	}
}
