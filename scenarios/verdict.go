package scenarios

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"

	"dsmipsim/reports/result"
	"dsmipsim/reports/statistics"
	"dsmipsim/scenarios/spec"
)

// Finding is what one replication says about an expectation.
type Finding struct {
	Values    []any  // numbers and texts, nulls left out
	Predicted []any  // what the scenario's own prediction says in their place, if it does
	Problem   string // why there is nothing
	// Where tells which of the values is not as wanted; nil if all are, or if nothing is known.
	Where *result.Where
}

// Decision is the verdict over all replications of an expectation.
type Decision struct {
	Pass     bool
	Unjudged bool     // one replication alone cannot tell
	Deviates bool     // not met, as the expectation explains
	Got      any      // a number, a text, a list of them, or nil; of a replication that fails if one does
	SE       float64  // standard error of a mean over replications, 0 for none
	Margin   *float64 // how far inside what is wanted the worst value lies, negative outside; nil for texts
	Note     string
	// Replication is the one that the value and its place are of, from 0.
	Replication int
	Where       *result.Where // in the run; nil if nothing is known
}

// Failed reports whether the expectation is not met and nothing excuses that.
func (d *Decision) Failed() bool { return !d.Pass && !d.Deviates && !d.Unjudged }

// Verdict judges an expectation from the findings of all replications, in their order. One that
// is met although it explains why it is not fails: the explanation is wrong.
func Verdict(e *spec.Expect, found []Finding) Decision {
	d := verdict(e, found)
	switch {
	case e.Deviation == "" || d.Unjudged:
	case d.Pass:
		d.Pass, d.Note = false, "met, though the scenario explains why it is not: "+e.Deviation
	case d.Got != nil:
		d.Deviates, d.Note = true, e.Deviation
	}
	return d
}

func verdict(e *spec.Expect, found []Finding) Decision {
	d := Decision{Note: e.Note}
	for i, f := range found {
		if f.Problem != "" {
			d.Note, d.Replication = f.Problem, i
			return d
		}
	}
	if e.Aggregate != "" {
		return aggregated(e, found, d)
	}
	for i, f := range found {
		got, pass := compare(e, f.Values, e.Tolerance)
		m := margin(e, f.Values, e.Tolerance)
		if i == 0 || d.Pass && !pass || pass == d.Pass && m != nil && d.Margin != nil && *m < *d.Margin {
			d.Got, d.Pass, d.Margin = got, pass, m
			d.Replication, d.Where = i, f.Where
		}
	}
	return d
}

// leastPrecision is the greatest standard error that a comparison by standard errors takes, as
// a part of the wanted value: a sample that says nothing must not pass.
const leastPrecision = 0.01

// aggregated judges one value made of those of all replications.
func aggregated(e *spec.Expect, found []Finding, d Decision) Decision {
	var pooled, means []float64
	for _, f := range found {
		var own []float64
		for _, v := range f.Values {
			x, ok := v.(float64)
			if !ok {
				d.Note = fmt.Sprintf("%v is not a number", v)
				return d
			}
			own = append(own, x)
		}
		if len(own) > 0 {
			means = append(means, stat.Mean(own, nil))
		}
		pooled = append(pooled, own...)
	}
	if len(pooled) == 0 {
		return d
	}
	tolerance := e.Tolerance
	got := 0.0
	switch e.Aggregate {
	case spec.AggregateMean:
		got = stat.Mean(means, nil)
		if m, err := statistics.Mean(means, 0.95); err == nil {
			d.SE = m.SE()
		}
		tolerance += float64(e.ToleranceSE * d.SE)
	case spec.AggregateMedian:
		got = fold("p50", pooled)
	default:
		got = fold(string(e.Aggregate), slices.Clone(pooled))
	}
	got = math.Round(got*1e9) / 1e9
	d.Got, d.Pass = compare(e, []any{got}, tolerance)
	d.Margin = margin(e, []any{got}, tolerance)
	least := math.Inf(1)
	for i, f := range found { // the replication that is farthest from what is wanted
		if m := margin(e, f.Values, e.Tolerance); m != nil && *m < least {
			least, d.Replication, d.Where = *m, i, f.Where
		}
	}
	if e.ToleranceSE == 0 {
		return d
	}
	switch {
	case len(found) < 2:
		d.Unjudged, d.Pass, d.Margin = true, false, nil
		d.Note = "judged over replications by check"
	case d.SE > leastPrecision*math.Abs(e.Equal.Values[0].Number):
		d.Pass = false
		d.Note = fmt.Sprintf("the standard error, %s, is more than 1 %% of the wanted value: more replications are needed", number(round3(d.SE)))
	}
	return d
}

// round3 keeps three significant digits.
func round3(x float64) float64 {
	if x == 0 {
		return 0
	}
	scale := math.Pow(10, 2-math.Floor(math.Log10(math.Abs(x))))
	return math.Round(x*scale) / scale
}

// margin returns how far inside what is wanted the worst of the numbers lies; nil if there is
// none, or what is wanted is text.
func margin(e *spec.Expect, got []any, tolerance float64) *float64 {
	var worst *float64
	for k, g := range got {
		m := marginOf(e, k, g, tolerance)
		if m == nil {
			return nil
		}
		if worst == nil || *m < *worst {
			worst = m
		}
	}
	return worst
}

// marginOf is margin for one value, which is at position k.
func marginOf(e *spec.Expect, k int, g any, tolerance float64) *float64 {
	v, ok := g.(float64)
	if !ok {
		return nil
	}
	worst := math.Inf(1)
	if e.Min != nil {
		worst = min(worst, v-*e.Min+tolerance)
	}
	if e.Max != nil {
		worst = min(worst, *e.Max+tolerance-v)
	}
	if e.Equal != nil {
		if !e.Equal.List {
			k = 0
		}
		if k >= len(e.Equal.Values) || e.Equal.Values[k].IsText {
			return nil
		}
		worst = min(worst, tolerance-math.Abs(v-e.Equal.Values[k].Number))
	}
	worst = math.Round(worst*1e9) / 1e9
	return &worst
}

// passes reports whether the values of one run are what is wanted.
func passes(e *spec.Expect, got []any) bool {
	_, pass := compare(e, got, e.Tolerance)
	return pass
}

// compare judges the values that were got. Nothing at all never passes: an expectation about
// something that did not happen says nothing.
func compare(e *spec.Expect, got []any, tolerance float64) (shown any, pass bool) {
	switch len(got) {
	case 0:
		return nil, e.Equal != nil && e.Equal.List && len(e.Equal.Values) == 0
	case 1:
		shown = got[0]
	default:
		shown = got
	}
	if e.Equal != nil && e.Equal.List {
		shown = got
		if len(got) != len(e.Equal.Values) {
			return shown, false
		}
	}
	for k, g := range got {
		if !fits(e, k, g, tolerance) {
			return shown, false
		}
	}
	return shown, true
}

// fits judges one of the values, which is at position k.
func fits(e *spec.Expect, k int, g any, tolerance float64) bool {
	v, isNumber := g.(float64)
	if (e.Min != nil || e.Max != nil) && !isNumber ||
		e.Min != nil && v < *e.Min-tolerance || e.Max != nil && v > *e.Max+tolerance {
		return false
	}
	if e.Equal == nil {
		return true
	}
	if !e.Equal.List {
		k = 0
	}
	return k < len(e.Equal.Values) && equal(g, e.Equal.Values[k], tolerance)
}

// equal compares a value with a wanted one. Times are whole nanoseconds, so that a difference
// below one is the rounding of the comparison itself.
func equal(got any, w spec.Value, tolerance float64) bool {
	v, isNumber := got.(float64)
	switch {
	case w.IsText:
		return fmt.Sprint(got) == w.Text
	case !isNumber:
		return false
	}
	return math.Abs(v-w.Number) <= tolerance+0.5e-9
}
