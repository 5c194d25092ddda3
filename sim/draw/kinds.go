package draw

import (
	"fmt"
	"math"
	"time"

	"gonum.org/v1/gonum/integrate/quad"
	"gonum.org/v1/gonum/stat/distuv"
)

// Kind names a family of distributions.
type Kind string

// The families.
const (
	Constant    Kind = ""
	Uniform     Kind = "uniform"
	Exponential Kind = "exponential"
	Normal      Kind = "normal"
	LogNormal   Kind = "lognormal"
	Gamma       Kind = "gamma"
	Pareto      Kind = "pareto"
	Weibull     Kind = "weibull"
	Empirical   Kind = "empirical"
	Quantiles   Kind = "quantiles"
)

// Family describes the distributions of one kind to users.
type Family struct {
	Kind     Kind
	Doc      string
	Required []string // the parameters that it needs, by their names in scenarios
	Optional []string
}

// Families lists all kinds but the constant.
func Families() []Family {
	bounds := []string{"min", "max"}
	return []Family{
		{Uniform, "every duration from min to max alike", bounds, nil},
		{Exponential, "exponential with that mean", []string{"mean"}, bounds},
		{Normal, "normal with that mean and standard deviation sd, of which only what is at least 0 and between min and max is drawn", []string{"mean", "sd"}, bounds},
		{LogNormal, "lognormal: its logarithm is normal with standard deviation sigma around that of the median", []string{"median", "sigma"}, bounds},
		{Gamma, "gamma with mean shape*scale", []string{"shape", "scale"}, bounds},
		{Pareto, "Pareto: a part (scale/x)^shape of all durations is longer than x, none is shorter than scale", []string{"shape", "scale"}, bounds},
		{Weibull, "Weibull: a part exp(-(x/scale)^shape) of all durations is longer than x", []string{"shape", "scale"}, bounds},
		{Empirical, "each of the values alike", []string{"values"}, nil},
		{Quantiles, "linear between quantiles in rising order; at gives their probabilities from 0 to 1, without it they have equal steps", []string{"values"}, []string{"at"}},
	}
}

// law is a continuous distribution over nanoseconds.
type law interface {
	CDF(x float64) float64
	Quantile(p float64) float64
	Mean() float64
}

// law returns the distribution without its bounds, nil for the kinds that are written out in
// this package. None of these ever draws by itself, so none needs a source.
func (d *Distribution) law() law {
	centre, scale := float64(d.Centre), float64(d.Scale)
	switch d.Kind {
	case Exponential:
		return distuv.Exponential{Rate: 1 / centre}
	case Normal:
		return distuv.Normal{Mu: centre, Sigma: float64(d.Spread)}
	case LogNormal:
		return distuv.LogNormal{Mu: math.Log(centre), Sigma: d.Shape}
	case Gamma:
		return distuv.Gamma{Alpha: d.Shape, Beta: 1 / scale}
	case Pareto:
		return distuv.Pareto{Xm: scale, Alpha: d.Shape}
	case Weibull:
		return distuv.Weibull{K: d.Shape, Lambda: scale}
	}
	return nil
}

// leastMass is the least part of a distribution that must lie between its bounds: of less,
// the quantile function would give few different values.
const leastMass = 1e-6

// ParameterError says what is wrong with a parameter, by its name in scenarios.
type ParameterError struct {
	Key, Wanted string
}

func (e *ParameterError) Error() string { return e.Key + ": wanted " + e.Wanted }

// Check returns a *ParameterError if the parameters make no distribution.
func (d Distribution) Check() error {
	wrong := func(key, wanted string) error { return &ParameterError{key, wanted} }
	switch {
	case d.High > Longest || d.Low > Longest:
		return wrong("max", "at most 24h")
	case d.High != 0 && d.Low > d.High || d.Kind == Uniform && d.Low >= d.High:
		return wrong("max", "more than min")
	case d.Kind == Exponential && d.Centre <= 0, d.Kind == Normal && d.Centre <= 0:
		return wrong("mean", "more than 0s")
	case d.Kind == LogNormal && d.Centre <= 0:
		return wrong("median", "more than 0s")
	case d.Kind == Normal && d.Spread <= 0:
		return wrong("sd", "more than 0s")
	case d.Kind == LogNormal && (d.Shape < 0.001 || d.Shape > 10):
		return wrong("sigma", "a number from 0.001 to 10")
	}
	switch d.Kind {
	case Gamma, Pareto, Weibull:
		if d.Scale <= 0 {
			return wrong("scale", "more than 0s")
		}
		if d.Shape < 0.01 || d.Shape > 1000 {
			return wrong("shape", "a number from 0.01 to 1000")
		}
	case Empirical, Quantiles:
		return d.checkValues(wrong)
	}
	if q := newQuantiles(d); q.law != nil && q.to-q.from < leastMass {
		return wrong("max", "bounds between which more than a millionth of all values lie")
	}
	return nil
}

func (d Distribution) checkValues(wrong func(key, wanted string) error) error {
	if len(d.Values) == 0 || d.Kind == Quantiles && len(d.Values) < 2 {
		return wrong("values", "at least one duration, and two for quantiles")
	}
	for i, v := range d.Values {
		if v > Longest {
			return wrong("values", "durations of at most 24h")
		}
		if d.Kind == Quantiles && i > 0 && v < d.Values[i-1] {
			return wrong("values", "quantiles in rising order")
		}
	}
	if d.At == nil {
		return nil
	}
	if len(d.At) != len(d.Values) || d.At[0] != 0 || d.At[len(d.At)-1] != 1 {
		return wrong("at", fmt.Sprintf("%d probabilities from 0 to 1, one for each of the values", len(d.Values)))
	}
	for i := 1; i < len(d.At); i++ {
		if d.At[i] <= d.At[i-1] {
			return wrong("at", "probabilities in rising order")
		}
	}
	return nil
}

// mean integrates the part of values that are longer than x over x, from quantile to
// quantile, so that long tails are met as well as narrow peaks.
func (q *quantiles) mean() time.Duration {
	if q.from == 0 && q.to == 1 && q.d.Kind != Pareto {
		return round(q.law.Mean()) // nothing is cut off that would count
	}
	longer := func(x float64) float64 { return (q.to - q.law.CDF(x)) / (q.to - q.from) }
	sum := q.low
	x := q.low
	panel := func(to float64) {
		if to > x {
			sum += quad.Fixed(longer, x, to, 16, quad.Legendre{}, 0)
			x = to
		}
	}
	for i := 0; i < 64; i++ {
		panel(float64(q.at(float64(i) / 64)))
	}
	for tail := 1.0 / 128; tail > 1e-16; tail /= 2 {
		panel(float64(q.at(1 - tail)))
	}
	return round(sum)
}
