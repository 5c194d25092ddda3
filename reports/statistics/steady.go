package statistics

import (
	"math"

	"gonum.org/v1/gonum/stat"
)

// BatchMeans estimates the steady-state mean of one long series of dependent values: the first
// warmup values are left out, the others are cut into batches of equal size, the last values
// that fill none left out too, and the means of the batches are taken as independent.
func BatchMeans(x []float64, warmup, batches int, level float64) (Estimate, error) {
	if batches < 2 || warmup < 0 || len(x)-warmup < batches {
		return Estimate{}, ErrTooFew
	}
	x = x[warmup:]
	size := len(x) / batches
	means := make([]float64, batches)
	for i := range means {
		means[i] = stat.Mean(x[i*size:(i+1)*size], nil)
	}
	return Mean(means, level)
}

// mserBatch is how many values make one of those that MSER-5 looks at.
const mserBatch = 5

// WarmUp returns how many values at the start of a series are best left out, by the rule MSER-5:
// that truncation, in steps of five values and of at most half the series, which makes the
// standard error of the rest least (K. P. White, M. J. Cobb, S. C. Spratt: A comparison of five
// steady-state truncation heuristics for simulation, WSC 2000).
func WarmUp(x []float64) int {
	n := len(x) / mserBatch
	if n < 2 {
		return 0
	}
	means := make([]float64, n)
	for i := range means {
		means[i] = stat.Mean(x[i*mserBatch:(i+1)*mserBatch], nil)
	}
	best, least := 0, math.Inf(1)
	for d := 0; d <= n/2 && n-d >= 2; d++ {
		_, variance := stat.PopMeanVariance(means[d:], nil)
		if v := variance / float64(n-d); v < least {
			best, least = d, v
		}
	}
	return best * mserBatch
}
