package statistics

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Comparison is the verdict of a test on two samples.
type Comparison struct {
	Test       string   // which one
	Difference Estimate // mean of the second minus mean of the first; of Mann and Whitney's test the shift
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
	scale := 0.0
	for i := range d {
		d[i] = b[i] - a[i]
		scale = max(scale, math.Abs(a[i]), math.Abs(b[i]))
	}
	e, err := Mean(d, level)
	if err != nil {
		return Comparison{}, err
	}
	c := Comparison{Test: "paired t", Difference: e, EffectName: "Cohen's d"}
	c.settle(scale, e.SE(), e.SD, float64(e.N-1))
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
	df := na + nb - 2 // whatever, if nothing varies
	if se > 0 {
		df = float64((sa+sb)*(sa+sb)) / (float64(sa*sa)/(na-1) + float64(sb*sb)/(nb-1))
	}
	diff := mb - ma
	half := float64(studentQuantile(level, df) * se)
	c := Comparison{Test: "Welch", EffectName: "Hedges' g", Difference: Estimate{
		N: len(a) + len(b), Value: diff, Low: diff - half, High: diff + half, Level: level,
	}}
	pooled := math.Sqrt((float64((na-1)*va) + float64((nb-1)*vb)) / (na + nb - 2))
	c.settle(max(math.Abs(ma), math.Abs(mb)), se, pooled, df)
	c.Effect = float64(c.Effect * (1 - 3/(4*(na+nb)-9)))
	return c, nil
}

// constant is how small, in parts of the values, what varies or differs is only rounding.
const constant = 1e-14

// settle sets the two-sided p-value of the difference by its standard error, and its size in
// standard deviations. Samples that do not vary at all differ surely or not at all; what is not
// more than the rounding of values of a scale counts as nothing.
func (c *Comparison) settle(scale, se, sd, df float64) {
	d := &c.Difference
	if se <= constant*scale {
		if math.Abs(d.Value) <= constant*scale {
			d.Value, d.SD, c.P, c.Effect = 0, 0, 1, 0
		} else {
			c.P, c.Effect = 0, math.Copysign(math.Inf(1), d.Value)
		}
		d.Low, d.High = d.Value, d.Value
		return
	}
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}
	c.P, c.Effect = float64(2*t.CDF(-math.Abs(d.Value/se))), d.Value/sd
}
