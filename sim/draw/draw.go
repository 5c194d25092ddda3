// Package draw describes random durations and draws them.
//
// A Distribution is plain data. Every value is drawn by inversion: one uniform number of the
// given stream goes through the quantile function (gonum/stat/distuv), so that a stream
// advances by one number per value whatever the distribution is, and two runs that differ in
// a parameter see the same chances. A constant draws nothing. Values are rounded to whole
// nanoseconds at once.
//
// No value is negative or longer than Longest. Low and High narrow that further: the
// distribution is then the one of the values that lie between them, as if others were drawn
// again.
package draw

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// Longest is the longest duration that any distribution gives.
const Longest = 24 * time.Hour

// Distribution is a random duration. Which fields mean something, the Kind tells; the others
// are zero. The zero Distribution is the constant 0.
type Distribution struct {
	Kind Kind
	// Low and High bound the values; a High of 0 stands for Longest. For a uniform
	// distribution they are its ends, and for a constant both are its value.
	Low, High time.Duration
	// Centre is the mean of an exponential or normal distribution and the median of a
	// lognormal one. A normal distribution has that mean before it is bounded.
	Centre time.Duration
	// Spread is the standard deviation of a normal distribution, before it is bounded.
	Spread time.Duration
	// Scale is that of gamma and Weibull distributions, and the least value of a Pareto
	// distribution.
	Scale time.Duration
	// Shape is that of gamma, Weibull and Pareto distributions, and sigma, the standard
	// deviation of the logarithm, of a lognormal one.
	Shape float64
	// Values are what an empirical distribution chooses among, or the quantiles in rising
	// order of one that is given by quantiles.
	Values []time.Duration
	// At are the probabilities of the quantiles, from 0 to 1; empty for equal steps.
	At []float64
}

// Always returns the distribution that gives d and draws no random number.
func Always(d time.Duration) Distribution { return Distribution{Low: d, High: d} }

// Between returns the uniform distribution from low to high, or a constant if they are equal.
func Between(low, high time.Duration) Distribution {
	if low == high {
		return Always(low)
	}
	return Distribution{Kind: Uniform, Low: low, High: high}
}

// Constant reports whether the distribution leaves nothing to chance.
func (d Distribution) Constant() bool { return d.Kind == Constant }

// Zero reports whether the distribution is the constant 0.
func (d Distribution) Zero() bool { return d.Kind == Constant && d.High == 0 }

// Min returns the least duration that can be drawn.
func (d Distribution) Min() time.Duration {
	q := newQuantiles(d)
	return q.at(0)
}

// Max returns the greatest duration that can be drawn. It is finite for every distribution,
// since the uniform numbers that values are drawn with come in steps of 2^-53.
func (d Distribution) Max() time.Duration {
	q := newQuantiles(d)
	return q.at(greatest)
}

// Mean returns the mean, rounded to nanoseconds.
func (d Distribution) Mean() time.Duration {
	switch d.Kind {
	case Constant:
		return d.High
	case Uniform:
		return d.Low + (d.High-d.Low)/2
	case Empirical:
		sum := 0.0
		for _, v := range d.Values {
			sum += float64(v)
		}
		return round(sum / float64(len(d.Values)))
	case Quantiles:
		sum := 0.0
		for i := 1; i < len(d.Values); i++ {
			mid := float64((float64(d.Values[i-1]) + float64(d.Values[i])) / 2)
			sum += float64(mid * (d.probability(i) - d.probability(i-1)))
		}
		return round(sum)
	}
	q := newQuantiles(d)
	return q.mean()
}

// Quantile returns the value below which a part u of all values lie, u from 0 to less than 1.
func (d Distribution) Quantile(u float64) time.Duration {
	q := newQuantiles(d)
	return q.at(u)
}

// greatest is the greatest number that rand.Float64 returns.
const greatest = 1 - 1.0/(1<<53)

// Source draws values of one distribution from one stream.
type Source struct {
	quantiles quantiles
	rand      *rand.Rand
}

// NewSource returns a source that draws from r. Only for a constant may r be nil: nothing is
// ever drawn from a global source.
func NewSource(d Distribution, r *rand.Rand) *Source {
	if r == nil && d.Kind != Constant {
		panic("draw: a random distribution without a stream")
	}
	return &Source{quantiles: newQuantiles(d), rand: r}
}

// Next draws a value. It allocates nothing, except for gamma distributions, whose quantile
// function in gonum does.
func (s *Source) Next() time.Duration {
	if s.quantiles.d.Kind == Constant {
		return s.quantiles.d.High
	}
	return s.quantiles.at(s.rand.Float64())
}

// Draw draws a single value from r, for those that need no more of them soon.
func (d Distribution) Draw(r *rand.Rand) time.Duration { return NewSource(d, r).Next() }

// quantiles is the quantile function of a distribution.
type quantiles struct {
	d         Distribution
	law       law     // nil where the function is written out here
	low, high float64 // bounds in nanoseconds
	from, to  float64 // their cumulated probabilities
}

func newQuantiles(d Distribution) quantiles {
	q := quantiles{d: d, law: d.law(), low: float64(d.Low), high: float64(Longest), to: 1}
	if d.High > 0 {
		q.high = float64(d.High)
	}
	if q.law != nil {
		q.from, q.to = q.law.CDF(q.low), q.law.CDF(q.high)
	}
	return q
}

// at returns the value below which a part u of all values lie.
func (q *quantiles) at(u float64) time.Duration {
	d := &q.d
	switch d.Kind {
	case Constant:
		return d.High
	case Uniform:
		return d.Low + round(float64(u*float64(d.High-d.Low)))
	case Empirical:
		return d.Values[min(int(float64(u*float64(len(d.Values)))), len(d.Values)-1)]
	case Quantiles:
		return d.interpolate(u)
	}
	x := q.law.Quantile(q.from + float64(u*(q.to-q.from)))
	return round(min(max(x, q.low), q.high))
}

// interpolate goes linearly from one quantile to the next.
func (d *Distribution) interpolate(u float64) time.Duration {
	last := len(d.Values) - 1
	var i int // the greatest but the last whose probability is not above u
	if d.At == nil {
		i = min(int(float64(u*float64(last))), last-1)
	} else {
		i, _ = slices.BinarySearchFunc(d.At, u, func(p, u float64) int {
			if p <= u {
				return -1
			}
			return 1
		})
		i = min(max(i-1, 0), last-1)
	}
	low, high := d.probability(i), d.probability(i+1)
	part := (u - low) / (high - low)
	return d.Values[i] + round(float64(part*float64(d.Values[i+1]-d.Values[i])))
}

// probability returns that of the i-th quantile.
func (d *Distribution) probability(i int) float64 {
	if d.At == nil {
		return float64(i) / float64(len(d.Values)-1)
	}
	return d.At[i]
}

func round(ns float64) time.Duration { return time.Duration(math.Round(ns)) }
