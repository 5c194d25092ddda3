package statistics

import (
	"cmp"
	"errors"
	"math"
	"slices"

	"github.com/aclements/go-moremath/stats"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Comparison is the verdict of a test on two samples.
type Comparison struct {
	Test       string   // which one
	Difference Estimate // mean of the second minus mean of the first; of Mann and Whitney's test there is none
	P          float64  // probability of such a difference or a greater one, either way, if there is none
	Effect     float64  // size of the effect, see EffectName
	EffectName string
}

// Paired compares values that belong together pair by pair, as of replications on common random
// numbers: Student's t test on the differences. The effect is Cohen's d of the differences.
func Paired(a, b []float64, level float64) (Comparison, error) {
	if len(a) != len(b) {
		return Comparison{}, errors.New("paired samples of different sizes")
	}
	d := make([]float64, len(a))
	for i := range d {
		d[i] = b[i] - a[i]
	}
	e, err := Mean(d, level)
	if err != nil {
		return Comparison{}, err
	}
	c := Comparison{Test: "paired t", Difference: e, EffectName: "Cohen's d"}
	c.P, c.Effect = tTest(e.Value, e.SE(), e.SD, float64(e.N-1))
	return c, nil
}

// Welch compares the means of two independent samples whose variances may differ: Welch's t
// test. The effect is Hedges' g, which is Cohen's d with the pooled standard deviation, corrected
// for small samples.
func Welch(a, b []float64, level float64) (Comparison, error) {
	if len(a) < 2 || len(b) < 2 {
		return Comparison{}, ErrTooFew
	}
	na, nb := float64(len(a)), float64(len(b))
	ma, va := stat.MeanVariance(a, nil)
	mb, vb := stat.MeanVariance(b, nil)
	sa, sb := va/na, vb/nb
	se := math.Sqrt(sa + sb)
	df := float64((sa+sb)*(sa+sb)) / (float64(sa*sa)/(na-1) + float64(sb*sb)/(nb-1))
	if se == 0 {
		df = na + nb - 2 // whatever: nothing varies
	}
	diff := mb - ma
	half := float64(studentQuantile(level, df) * se)
	c := Comparison{Test: "Welch", EffectName: "Hedges' g", Difference: Estimate{
		N: len(a) + len(b), Value: diff, Low: diff - half, High: diff + half, Level: level,
	}}
	pooled := math.Sqrt((float64((na-1)*va) + float64((nb-1)*vb)) / (na + nb - 2))
	c.P, c.Effect = tTest(diff, se, pooled, df)
	c.Effect = float64(c.Effect * (1 - 3/(4*(na+nb)-9)))
	return c, nil
}

// tTest returns the two-sided p-value of a difference with a standard error, and its size in
// standard deviations. Samples that do not vary at all differ surely or not at all.
func tTest(diff, se, sd, df float64) (p, effect float64) {
	switch {
	case diff == 0:
		return 1, 0
	case se == 0:
		return 0, math.Copysign(math.Inf(1), diff)
	}
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}
	return float64(2 * t.CDF(-math.Abs(diff/se))), diff / sd
}

// MannWhitney compares two independent samples without assuming anything of their distributions,
// by ranks. The p-value is exact for small samples. The effect is Cliff's delta, the probability
// that a value of the second sample is greater than one of the first minus that of the opposite.
func MannWhitney(a, b []float64) (Comparison, error) {
	if len(a) == 0 || len(b) == 0 {
		return Comparison{}, ErrTooFew
	}
	c := Comparison{Test: "Mann-Whitney", EffectName: "Cliff's delta"}
	r, err := stats.MannWhitneyUTest(b, a, stats.LocationDiffers)
	if errors.Is(err, stats.ErrSamplesEqual) {
		c.P = 1
		return c, nil
	}
	if err != nil {
		return c, err
	}
	c.P = min(1, r.P)
	c.Effect = float64(2*r.U)/float64(len(a)*len(b)) - 1
	return c, nil
}

// Holm corrects the p-values of several tests that are judged together, so that the chance of
// even one false alarm stays what it is for one test (S. Holm: A simple sequentially rejective
// multiple test procedure, 1979). The result is in the order of p.
func Holm(p []float64) []float64 {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(p[i], p[j]) })
	corrected := make([]float64, len(p))
	highest := 0.0
	for rank, i := range order {
		highest = max(highest, min(1, float64(p[i]*float64(len(p)-rank))))
		corrected[i] = highest
	}
	return corrected
}
