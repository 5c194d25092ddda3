// Package statistics says what replications tell about a quantity and how sure that is:
// confidence intervals of means and quantiles, steady-state means of one long run, and whether
// two samples differ.
//
// Samples are in the order of the replications; nothing here changes them. Without at least two
// values there is no interval, and the functions return an error instead of NaN.
package statistics

import (
	"errors"
	"math"
	"slices"
	"sort"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// ErrTooFew tells that a sample has too few values for what was asked.
var ErrTooFew = errors.New("too few values")

// Estimate is an estimated quantity with its confidence interval.
type Estimate struct {
	N         int     // values that it rests on
	Value     float64 // the estimate itself
	Low, High float64 // confidence interval
	Level     float64 // of confidence: for quantiles the least that the interval reaches
	SD        float64 // standard deviation of the sample; 0 for quantiles
}

// SE returns the standard error of a mean.
func (e Estimate) SE() float64 { return e.SD / math.Sqrt(float64(e.N)) }

// HalfWidth returns half the length of the interval.
func (e Estimate) HalfWidth() float64 { return (e.High - e.Low) / 2 }

// Mean estimates the mean of independent values, with the interval of Student's t distribution.
func Mean(x []float64, level float64) (Estimate, error) {
	if len(x) < 2 {
		return Estimate{}, ErrTooFew
	}
	mean, sd := stat.MeanStdDev(x, nil)
	e := Estimate{N: len(x), Value: mean, Level: level, SD: sd}
	half := float64(studentQuantile(level, float64(len(x)-1)) * e.SE())
	e.Low, e.High = mean-half, mean+half
	return e, nil
}

// studentQuantile returns the half-width, in standard errors, of a two-sided interval.
func studentQuantile(level, df float64) float64 {
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}.Quantile((1 + level) / 2)
}

// Quantile estimates the p-quantile of independent values by the order statistic that the
// inverse of the empirical distribution gives. The interval is between two order statistics and
// holds whatever the distribution is: the number of values below the quantile is binomial. Its
// Level is at least the one asked for; ErrTooFew says that no two values reach it.
func Quantile(x []float64, p, level float64) (Estimate, error) {
	n := len(x)
	if n == 0 {
		return Estimate{}, ErrTooFew
	}
	sorted := slices.Sorted(slices.Values(x))
	below := distuv.Binomial{N: float64(n), P: p}
	lower := binomialQuantile(below, (1-level)/2) // as a rank, from 1
	upper := binomialQuantile(below, (1+level)/2) + 1
	if lower < 1 || upper > n {
		return Estimate{}, ErrTooFew
	}
	return Estimate{
		N: n, Value: stat.Quantile(p, stat.Empirical, sorted, nil), Low: sorted[lower-1], High: sorted[upper-1],
		Level: below.CDF(float64(upper-1)) - below.CDF(float64(lower-1)),
	}, nil
}

// Median is the quantile of one half.
func Median(x []float64, level float64) (Estimate, error) { return Quantile(x, 0.5, level) }

// binomialQuantile returns the least k with P(X <= k) >= q.
func binomialQuantile(b distuv.Binomial, q float64) int {
	return sort.Search(int(b.N), func(k int) bool { return b.CDF(float64(k)) >= q })
}
