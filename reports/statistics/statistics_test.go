package statistics

import (
	"errors"
	"math"
	"slices"
	"testing"
)

// The expected values come from R 4.2.2, those of the series from SciPy 1.10.1 and NumPy; the
// calls stand beside them.

var (
	before = []float64{2.087, 2.091, 2.103, 2.110, 2.095, 2.120, 2.099, 2.088, 2.101, 2.107}
	after  = []float64{2.131, 2.102, 2.140, 2.119, 2.125, 2.133, 2.098, 2.150, 2.111, 2.127, 2.139, 2.105}
)

// set.seed(1); x <- round(rnorm(60, 10, 2), 6); y <- round(rnorm(70, 10.8, 2), 6)
var (
	manyBefore = []float64{
		8.747092, 10.367287, 8.328743, 13.190562, 10.659016, 8.359063, 10.974858, 11.476649, 11.151563,
		9.389223, 13.023562, 10.779686, 8.757519, 5.5706, 12.249862, 9.910133, 9.967619, 11.887672,
		11.642442, 11.187803, 11.837955, 11.564273, 10.14913, 6.021297, 11.239651, 9.887743, 9.688409,
		7.058495, 9.0437, 10.835883, 12.717359, 9.794425, 10.775343, 9.89239, 7.245881, 9.170011, 9.21142,
		9.881373, 12.200051, 11.526351, 9.670953, 9.493277, 11.393927, 11.113326, 8.622489, 8.58501,
		10.729164, 11.537066, 9.775308, 11.762215, 10.796212, 8.775947, 10.682239, 7.741274, 12.866047,
		13.9608, 9.265557, 7.911731, 11.139439, 9.729891,
	}
	manyAfter = []float64{
		15.603236, 10.72152, 12.179479, 10.856004, 9.313454, 11.177585, 7.190083, 13.73111, 11.106507,
		15.145223, 11.751019, 9.380107, 12.021453, 8.931805, 8.292733, 11.382892, 9.913416, 10.802211,
		10.948683, 9.620958, 9.662663, 10.529643, 13.156174, 7.752866, 11.987892, 11.465901, 12.9262,
		10.191632, 11.540038, 11.334198, 9.71496, 13.215736, 13.120805, 12.200427, 13.973667, 11.916973,
		8.246816, 9.653469, 8.350775, 9.853199, 9.559267, 10.884232, 8.978157, 11.116058, 9.490831,
		14.334575, 12.233415, 12.620348, 11.568371, 14.164352, 9.528527, 9.876711, 13.664564, 9.498607,
		10.385239, 10.014384, 10.160014, 10.241773, 11.788377, 10.445339, 9.788085, 13.486078, 10.370841,
		10.440887, 10.599619, 12.225333, 10.652871, 10.724732, 9.436679, 10.151459,
	}
)

// An autoregressive series that begins far from its mean: v = 0.9 v + normal, from 50.
var series = []float64{
	47.0409, 39.7812, 36.2211, 32.0313, 28.3755, 25.3223, 20.7701, 18.4612, 15.7498, 17.4979, 15.9739,
	14.0238, 12.3402, 10.4381, 8.3391, 7.1144, 6.8849, 5.9579, 6.3199, 5.4881, 4.9635, 6.013, 5.9568,
	4.8559, 4.1875, 4.3092, 5.8134, 4.9624, 4.2226, 4.8027, 3.436, 2.8006, 3.4031, 3.6432, 3.3704,
	3.7034, 0.5049, 1.4757, 0.3685, -1.337, -0.9268, -0.1336, -0.565, -1.5849, -1.4003, -1.313, 0.2239,
	0.9489, 1.0478, 2.0547, 1.6437, 0.5534, 1.0821, 1.5565, 1.186, 0.2846, 0.4853, -2.0571, -1.1613,
	-0.5538, -2.1373, -1.8622, -2.6401, -1.6189, -3.4911, -4.0565, -2.9413, -1.4908, -3.4997, -3.6478,
	-2.955, -3.2687, -1.3512, -2.4073, -1.812, -2.6792, -1.0053, -0.9265, -1.2061, -2.8036, -0.8415,
	-0.0045, 0.7495, 1.8124, 1.9804, 1.1431, 0.2286, -0.5945, 0.835, -0.7089, -1.2343, -1.4321, -1.0643,
	-0.3825, -1.5934, -3.1641, -2.8521, -1.3533, -0.4609, -0.1992, -0.4964, -0.1535, -0.3815, 0.4738,
	-0.368, -0.1969, -0.288, 0.2841, 0.4804, 2.9824, 4.1828, 5.2612, 2.6956, 2.0857, 1.2685, 1.6744,
	-0.7721, 0.4796, 1.4987, 0.0467, -0.9365, -1.644, -1.4363, -0.6517, 1.4613, 1.1178, 1.7735, 1.7516,
	3.3363, 3.7449, 4.7389, 3.1874, 2.6764, 1.595, 2.9404, 3.304, 2.6685, 1.9492, 2.2389, 1.3135,
	0.2516, 0.7077, 3.1001, 2.5439, 1.7337, 0.3891, -0.9848, -0.3613, 0.5256, 0.4822, 0.7666, 0.8058,
	0.8639, -0.7486, -1.1319, -0.9072, -1.5997, -1.9161, -2.5436, -2.6228, -1.5074, -1.7632, -1.7408,
	-0.753, -0.0329, 1.6656, -0.5915, 0.3245, -0.1902, -0.0365, 0.8049, 1.8077, 2.6662, 2.5547, 3.9089,
	3.235, 2.7706, 3.2929, 2.4122, 4.3319, 4.9179, 6.6017, 5.9149, 4.9403, 4.6134, 4.8866, 3.8105,
	3.8092, 3.4114, 4.686, 3.5547, 4.2454, 3.177, 1.8986, 0.9985, -0.2916, -0.116, 0.9268, 0.9984,
	1.5229,
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-9*max(1, math.Abs(want)) {
		t.Errorf("%s: %.12g, want %.12g", what, got, want)
	}
}

func TestMean(t *testing.T) {
	// t.test(before)$conf.int, mean, sd; conf.level = 0.99
	e, err := Mean(before, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "mean", e.Value, 2.1001)
	near(t, "standard deviation", e.SD, 0.0104291258821948)
	near(t, "low", e.Low, 2.09263945277694)
	near(t, "high", e.High, 2.10756054722307)
	near(t, "half width", e.HalfWidth(), (2.10756054722307-2.09263945277694)/2)
	e, _ = Mean(before, 0.99)
	near(t, "low, 99 %", e.Low, 2.08938211004789)
	near(t, "high, 99 %", e.High, 2.11081788995211)
	for _, x := range [][]float64{nil, {1}} {
		if _, err := Mean(x, 0.95); !errors.Is(err, ErrTooFew) {
			t.Errorf("%v: %v", x, err)
		}
	}
}

func TestQuantile(t *testing.T) {
	// qbinom(c(.025, .975), 10, .5): ranks 2 and 8+1; pbinom(8, 10, .5) - pbinom(1, 10, .5)
	e, err := Median(before, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	sorted := slices.Sorted(slices.Values(before))
	near(t, "median", e.Value, sorted[4])
	near(t, "low", e.Low, sorted[1])
	near(t, "high", e.High, sorted[8])
	near(t, "level", e.Level, 0.978515625)
	// qbinom(c(.025, .975), 100, .9): ranks 84 and 95+1; pbinom(95, 100, .9) - pbinom(83, 100, .9)
	x := make([]float64, 100)
	for i := range x {
		x[i] = float64(100 - i) // from 100 down to 1
	}
	e, err = Quantile(x, 0.9, 0.95)
	if err != nil || e.Value != 90 || e.Low != 84 || e.High != 96 {
		t.Errorf("%+v %v", e, err)
	}
	near(t, "level of the 0.9 quantile", e.Level, 0.955690107191223)
	if x[0] != 100 {
		t.Error("the sample has been sorted")
	}
	// No two of five values have the median between them with 95 %%: 1 - 2/2^5 is less.
	for _, x := range [][]float64{nil, {1}, {1, 2, 3, 4, 5}} {
		if _, err := Median(x, 0.95); !errors.Is(err, ErrTooFew) {
			t.Errorf("%v: %v", x, err)
		}
	}
	if e, err := Median([]float64{6, 5, 4, 3, 2, 1}, 0.95); err != nil || e.Low != 1 || e.High != 6 || e.Level != 0.96875 {
		t.Errorf("%+v %v", e, err)
	}
}

func TestSteadyState(t *testing.T) {
	// b = x.reshape(-1, 5).mean(1); min over d of b[d:].var() / (len(b) - d)
	w := WarmUp(series)
	if w != 30 {
		t.Errorf("warm-up %d", w)
	}
	// scipy.stats.t.interval(.95, 9, loc=m.mean(), scale=sem(m)) of the means m of ten batches
	e, err := BatchMeans(series, w, 10, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "mean", e.Value, 0.6394688235294118)
	near(t, "low", e.Low, -0.4921277435689314)
	near(t, "high", e.High, 1.7710653906277551)
	if got := WarmUp(make([]float64, 9)); got != 0 {
		t.Errorf("warm-up of a short series: %d", got)
	}
	for _, c := range [][3]int{{10, 0, 1}, {10, -1, 2}, {10, 9, 2}, {0, 0, 2}} {
		if _, err := BatchMeans(series[:c[0]], c[1], c[2], 0.95); !errors.Is(err, ErrTooFew) {
			t.Errorf("%v: %v", c, err)
		}
	}
	// Values that fill no batch are left out.
	if e, _ := BatchMeans([]float64{9, 1, 1, 3, 3, 100}, 1, 2, 0.95); e.Value != 2 {
		t.Errorf("mean %v of the batches 1,1 and 3,3", e.Value)
	}
}

func TestWelch(t *testing.T) {
	// t.test(after, before)
	c, err := Welch(before, after, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "p", c.P, 0.000772754851511185)
	near(t, "low", c.Difference.Low, 0.0110815428460229)
	near(t, "high", c.Difference.High, 0.0353851238206426)
	// (mean(b) - mean(a)) / pooled sd * (1 - 3 / (4 (n1 + n2) - 9))
	near(t, "Hedges' g", c.Effect, 1.5833173952645)
	if _, err := Welch(before, []float64{1}, 0.95); !errors.Is(err, ErrTooFew) {
		t.Error(err)
	}
}

func TestPaired(t *testing.T) {
	// t.test(after[1:10], before, paired = TRUE); mean(d) / sd(d)
	c, err := Paired(before, after[:10], 0.95)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "p", c.P, 0.00406340469346851)
	near(t, "low", c.Difference.Low, 0.00959902838458412)
	near(t, "high", c.Difference.High, 0.03740097161541558)
	near(t, "Cohen's d", c.Effect, 1.20933181905557)
	if _, err := Paired(before, after, 0.95); err == nil {
		t.Error("samples of different sizes are no pairs")
	}
	if _, err := Paired(before[:1], after[:1], 0.95); !errors.Is(err, ErrTooFew) {
		t.Error(err)
	}
}

func TestMannWhitney(t *testing.T) {
	// wilcox.test(after, before, exact = TRUE): W = 105
	c, err := MannWhitney(before, after, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "p", c.P, 0.00201346640975124)
	near(t, "Cliff's delta", c.Effect, 2*105.0/(10*12)-1)
	// NumPy: d = sort(subtract.outer(after, before).ravel()); median(d), d[k-1], d[-k] with k = 30
	// (qwilcox(.025, 10, 12) by counting) and 1 - 2 * pwilcox(29, 10, 12)
	near(t, "shift", c.Difference.Value, 0.024)
	near(t, "low", c.Difference.Low, 0.01)
	near(t, "high", c.Difference.High, 0.038)
	near(t, "level", c.Difference.Level, 0.957429567336688)
	// wilcox.test(y, x): W = 2530, with the normal approximation and continuity correction
	c, _ = MannWhitney(manyBefore, manyAfter, 0.95)
	near(t, "p of many", c.P, 0.044874696487171)
	near(t, "Cliff's delta of many", c.Effect, 2*2530.0/(60*70)-1)
	// the same with k = int(60*70/2 - norm.ppf(.975) * sqrt(60*70*131/12)) = 1680; at either end
	// scipy.stats.mannwhitneyu(y - end, x).pvalue is 0.0496 to 0.0501
	near(t, "shift of many", c.Difference.Value, 0.6370335)
	near(t, "low of many", c.Difference.Low, 0.010884)
	near(t, "high of many", c.Difference.High, 1.228243)
	if back, _ := MannWhitney(manyAfter, manyBefore, 0.95); math.Abs(back.P-c.P) > 1e-12 || math.Abs(back.Effect+c.Effect) > 1e-12 {
		t.Errorf("the other way round: %+v", back)
	}
	if _, err := MannWhitney(nil, after, 0.95); !errors.Is(err, ErrTooFew) {
		t.Error(err)
	}
}

// Runs without randomness give samples that do not vary.
func TestConstantSamples(t *testing.T) {
	same, more := []float64{2, 2, 2}, []float64{3, 3, 3}
	w, _ := Welch(same, same, 0.95)
	p, _ := Paired(same, same, 0.95)
	m, _ := MannWhitney(same, same, 0.95)
	for _, c := range []Comparison{w, p, m} {
		if c.P != 1 || c.Effect != 0 || c.Difference.Value != 0 {
			t.Errorf("equal samples: %+v", c)
		}
	}
	if m.Difference.Low != 0 || m.Difference.High != 0 {
		t.Errorf("shift of equal samples: %+v", m.Difference)
	}
	// What differs by rounding only does not differ: 0.1 + 0.2 is not 0.3.
	sum, whole := []float64{0.1, 0.1, 0.1}, []float64{0.3, 0.3, 0.3}
	for i := range sum {
		sum[i] += 0.2
	}
	sum[1] = 0.3 // so that rounding varies, too
	w, _ = Welch(whole, sum, 0.95)
	p, _ = Paired(whole, sum, 0.95)
	for _, c := range []Comparison{w, p} {
		if sum[0] == whole[0] || c.P != 1 || c.Effect != 0 || c.Difference.Value != 0 || c.Difference.Low != 0 {
			t.Errorf("samples that differ by rounding: %+v", c)
		}
	}
	w, _ = Welch(same, more, 0.95)
	p, _ = Paired(same, more, 0.95)
	for _, c := range []Comparison{w, p} {
		if c.P != 0 || !math.IsInf(c.Effect, 1) || c.Difference.Low != 1 || c.Difference.High != 1 {
			t.Errorf("different samples: %+v", c)
		}
	}
}

func TestFisher(t *testing.T) {
	// scipy.stats.fisher_exact([[30, 0], [25, 5]]), ([[28, 2], [19, 11]]), ([[3, 7], [9, 4]])
	near(t, "30 of 30 and 25 of 30", Fisher(30, 30, 25, 30), 0.05218554861730598)
	near(t, "28 of 30 and 19 of 30", Fisher(28, 30, 19, 30), 0.010248938246969971)
	near(t, "3 of 10 and 9 of 13", Fisher(3, 10, 9, 13), 0.0995327192661962)
	near(t, "the same twice", Fisher(5, 9, 5, 9), 1)
	near(t, "nothing at all", Fisher(0, 9, 0, 9), 1)
}

func TestHolm(t *testing.T) {
	// p.adjust(c(0.01, 0.04, 0.03, 0.005, 0.5, 0.2), method = "holm")
	got := Holm([]float64{0.01, 0.04, 0.03, 0.005, 0.5, 0.2})
	for i, want := range []float64{0.05, 0.12, 0.12, 0.03, 0.50, 0.40} {
		near(t, "Holm", got[i], want)
	}
	if len(Holm(nil)) != 0 {
		t.Error("something out of nothing")
	}
}
