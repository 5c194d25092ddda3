package statistics

import (
	"cmp"
	"errors"
	"math"
	"slices"

	"github.com/aclements/go-moremath/stats"
	"gonum.org/v1/gonum/stat/distuv"
)

// MannWhitney compares two independent samples without assuming anything of their distributions,
// by ranks. The p-value is exact for small samples. The effect is Cliff's delta, the probability
// that a value of the second sample is greater than one of the first minus that of the opposite.
func MannWhitney(a, b []float64, level float64) (Comparison, error) {
	if len(a) == 0 || len(b) == 0 {
		return Comparison{}, ErrTooFew
	}
	c := Comparison{Test: "Mann-Whitney", EffectName: "Cliff's delta", Difference: shift(a, b, level)}
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

// exactMost is the greatest size of samples whose interval comes from the distribution of U
// itself; beyond it the normal distribution is as good.
const exactMost = 20

// shift estimates by how much the second sample lies above the first: the median of all
// differences of two values (J. L. Hodges, E. L. Lehmann: Estimates of location based on rank
// tests, 1963). The interval is between two of the differences and belongs to Mann and Whitney's
// test; of few values it cannot reach the level asked for, and Level says what it reaches.
func shift(a, b []float64, level float64) Estimate {
	d := make([]float64, 0, len(a)*len(b))
	for _, x := range a {
		for _, y := range b {
			d = append(d, y-x)
		}
	}
	slices.Sort(d)
	e := Estimate{N: len(a) + len(b), Value: (d[(len(d)-1)/2] + d[len(d)/2]) / 2}
	rank := 0 // of the lower end, from 0
	n, m := float64(len(a)), float64(len(b))
	if len(a) <= exactMost && len(b) <= exactMost {
		u := stats.UDist{N1: len(a), N2: len(b)}
		for below := u.CDF(0); below <= (1-level)/2; below = u.CDF(float64(rank)) {
			rank++
		}
		rank = max(rank-1, 0)
		e.Level = 1 - 2*u.CDF(float64(rank))
	} else {
		z := distuv.UnitNormal.Quantile((1 + level) / 2)
		rank = max(int(n*m/2-float64(z*math.Sqrt(n*m*(n+m+1)/12)))-1, 0)
		e.Level = level
	}
	e.Low, e.High = d[rank], d[len(d)-1-rank]
	return e
}

// Fisher returns the two-sided p-value of a difference between two shares, a of n and b of m, by
// Fisher's exact test: how likely shares as different as these, or more so, are if the true ones
// are equal.
func Fisher(a, n, b, m int) float64 {
	choose := func(n, k int) float64 {
		all, _ := math.Lgamma(float64(n + 1))
		in, _ := math.Lgamma(float64(k + 1))
		out, _ := math.Lgamma(float64(n - k + 1))
		return all - in - out
	}
	total := a + b
	log := func(x int) float64 { return choose(n, x) + choose(m, total-x) - choose(n+m, total) }
	seen := log(a)
	p := 0.0
	for x := max(0, total-m); x <= min(n, total); x++ {
		if l := log(x); l <= seen+1e-7 { // equally likely ones count, whatever the rounding
			p += math.Exp(l)
		}
	}
	return min(1, p)
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
