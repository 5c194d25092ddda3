package predict

import (
	"slices"
	"time"

	"dsmipsim/sim/draw"
)

// grain is by how many equally probable values a distribution is stood for in a sum.
const grain = 256

// excess describes what a sum of independent random durations has beyond a limit, and nothing
// if it stays below. The mean is exact where the sum lies on one side of the limit or is
// uniform, and else that of equally probable values in place of each distribution.
func excess(parts []draw.Distribution, limit time.Duration) Span {
	sum := exactly(0)
	for _, d := range parts {
		sum = sum.plus(spanOf(d))
	}
	s := Span{max(0, sum.Min-limit), 0, max(0, sum.Max-limit)}
	switch {
	case sum.Min >= limit:
		s.Mean = sum.Mean - limit
	case sum.Max > limit:
		s.Mean = meanExcess(parts, limit)
	}
	return s
}

func meanExcess(parts []draw.Distribution, limit time.Duration) time.Duration {
	fixed := time.Duration(0)
	var random []draw.Distribution
	for _, d := range parts {
		if d.Constant() {
			fixed += d.High
		} else {
			random = append(random, d)
		}
	}
	if d := random[0]; len(random) == 1 && d.Kind == draw.Uniform {
		// The mean of max(0, x - l) for x uniform between low and high is (high-l)^2 / 2(high-low).
		over := float64(d.High + fixed - limit)
		return time.Duration(float64(over * over / (2 * float64(d.High-d.Low))))
	}
	sum := []time.Duration{fixed}
	for _, d := range random {
		sum = grind(sum, values(d))
	}
	total := 0.0
	for _, v := range sum {
		total += float64(max(0, v-limit))
	}
	return time.Duration(total / float64(len(sum)))
}

// values returns equally probable values of a distribution.
func values(d draw.Distribution) []time.Duration {
	v := make([]time.Duration, grain)
	for i := range v {
		v[i] = d.Quantile((float64(i) + 0.5) / grain)
	}
	return v
}

// grind adds every value to every other and returns the means of as many groups of them, in
// order, so that the mean of all is kept.
func grind(a, b []time.Duration) []time.Duration {
	all := make([]time.Duration, 0, len(a)*len(b))
	for _, x := range a {
		for _, y := range b {
			all = append(all, x+y)
		}
	}
	slices.Sort(all)
	size := max(1, len(all)/grain)
	means := all[:0:0]
	for i := 0; i+size <= len(all); i += size {
		total := time.Duration(0)
		for _, v := range all[i : i+size] {
			total += v
		}
		means = append(means, total/time.Duration(size))
	}
	return means
}
