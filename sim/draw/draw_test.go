package draw

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

const ms = time.Millisecond

// samples are one distribution of each kind, and some with bounds, with the mean and standard
// deviation that textbooks give; 0 where they give none.
var samples = []struct {
	name     string
	d        Distribution
	mean, sd float64 // ns
	min, max time.Duration
}{
	{"constant", Always(50 * ms), 50e6, 0, 50 * ms, 50 * ms},
	{"uniform", Between(40*ms, 60*ms), 50e6, 20e6 / math.Sqrt(12), 40 * ms, 60 * ms},
	{"exponential", Distribution{Kind: Exponential, Centre: 50 * ms}, 50e6, 50e6, 0, Longest},
	{"exponential from 10ms", Distribution{Kind: Exponential, Centre: 50 * ms, Low: 10 * ms}, 60e6, 50e6, 10 * ms, Longest},
	{"normal", Distribution{Kind: Normal, Centre: 50 * ms, Spread: 5 * ms}, 50e6, 5e6, 0, Longest},
	// Half of the normal distribution: the mean is off by the factor sqrt(2/pi).
	{"normal above its mean", Distribution{Kind: Normal, Centre: 50 * ms, Spread: 5 * ms, Low: 50 * ms},
		50e6 + 5e6*math.Sqrt(2/math.Pi), 5e6 * math.Sqrt(1-2/math.Pi), 50 * ms, Longest},
	{"lognormal", Distribution{Kind: LogNormal, Centre: 50 * ms, Shape: 0.5}, 50e6 * math.Exp(0.125),
		50e6 * math.Exp(0.125) * math.Sqrt(math.Exp(0.25)-1), 0, Longest},
	{"lognormal, bounded", Distribution{Kind: LogNormal, Centre: 50 * ms, Shape: 0.5, Low: 20 * ms, High: 100 * ms}, 0, 0, 20 * ms, 100 * ms},
	{"gamma", Distribution{Kind: Gamma, Scale: 10 * ms, Shape: 4}, 40e6, 20e6, 0, Longest},
	{"pareto", Distribution{Kind: Pareto, Scale: 10 * ms, Shape: 5}, 12.5e6, 12.5e6 / math.Sqrt(15), 10 * ms, Longest},
	{"pareto without a mean of its own", Distribution{Kind: Pareto, Scale: 10 * ms, Shape: 0.5, High: time.Second}, 100e6, 0, 10 * ms, time.Second},
	{"weibull", Distribution{Kind: Weibull, Scale: 10 * ms, Shape: 2}, 10e6 * math.Sqrt(math.Pi) / 2,
		10e6 * math.Sqrt(1-math.Pi/4), 0, Longest},
	{"empirical", Distribution{Kind: Empirical, Values: []time.Duration{10 * ms, 20 * ms, 90 * ms}}, 40e6, 0, 10 * ms, 90 * ms},
	{"quantiles", Distribution{Kind: Quantiles, Values: []time.Duration{10 * ms, 20 * ms, 90 * ms}}, 35e6, 0, 10 * ms, 90 * ms},
	{"quantiles at", Distribution{Kind: Quantiles, Values: []time.Duration{10 * ms, 20 * ms, 100 * ms}, At: []float64{0, 0.75, 1}}, 26.25e6, 0, 10 * ms, 100 * ms},
}

func TestAgainstTextbook(t *testing.T) {
	const n = 100_000
	for _, tc := range samples {
		t.Run(tc.name, func(t *testing.T) {
			if err := tc.d.Check(); err != nil {
				t.Fatal(err)
			}
			if tc.mean > 0 && math.Abs(float64(tc.d.Mean())-tc.mean) > 1e-6*tc.mean {
				t.Errorf("mean %v, want %v", tc.d.Mean(), time.Duration(tc.mean))
			}
			low, high := tc.d.Min(), tc.d.Max()
			if low < tc.min || high > tc.max || tc.max < Longest && high < tc.max-1 {
				t.Errorf("from %v to %v, want %v to %v", low, high, tc.min, tc.max)
			}
			s := NewSource(tc.d, rand.New(rand.NewPCG(1, 2)))
			sum, squares := 0.0, 0.0
			for range n {
				x := s.Next()
				if x < low || x > high {
					t.Fatalf("drew %v, outside %v to %v", x, low, high)
				}
				sum += float64(x)
				squares += float64(x) * float64(x)
			}
			mean := sum / n
			sd := math.Sqrt(squares/n - mean*mean)
			// Five standard errors of the sample mean: one in two million seeds fails.
			if math.Abs(mean-float64(tc.d.Mean())) > 5*sd/math.Sqrt(n)+1 {
				t.Errorf("sample mean %v, mean %v", time.Duration(mean), tc.d.Mean())
			}
			if tc.sd > 0 && math.Abs(sd/tc.sd-1) > 0.05 {
				t.Errorf("sample deviation %v, want %v", time.Duration(sd), time.Duration(tc.sd))
			}
		})
	}
}

// A stream advances by one number per value whatever is drawn, and by none for a constant.
func TestOneNumberPerValue(t *testing.T) {
	for _, tc := range samples {
		r, same := rand.New(rand.NewPCG(7, 7)), rand.New(rand.NewPCG(7, 7))
		s := NewSource(tc.d, r)
		for range 10 {
			s.Next()
			if !tc.d.Constant() {
				same.Float64()
			}
		}
		if r.Uint64() != same.Uint64() {
			t.Errorf("%s: the stream is elsewhere than after ten numbers", tc.name)
		}
		if tc.d.Draw(r) < tc.d.Min() {
			t.Errorf("%s: a single draw below the minimum", tc.name)
		}
	}
}

func TestNextAllocatesNothing(t *testing.T) {
	for _, tc := range samples {
		s := NewSource(tc.d, rand.New(rand.NewPCG(1, 1)))
		n := testing.AllocsPerRun(10, func() {
			for range 1000 {
				s.Next()
			}
		})
		if n != 0 && tc.d.Kind != Gamma {
			t.Errorf("%s: %v allocations", tc.name, n)
		}
	}
}

// The first values of each distribution are pinned: a release of gonum that moves them would
// change every result.
func TestPinned(t *testing.T) {
	want := []time.Duration{50000000, 48165126, 26234083, 36234083, 48839836, 52681554, 44523032, 43722390, 32484852, 11106399, 24991005, 7243491, 20000000, 18165126, 15443417}
	for i, tc := range samples {
		got := tc.d.Draw(rand.New(rand.NewPCG(3, 4)))
		if got != want[i] {
			t.Errorf("%s: %d, want %d", tc.name, got, want[i])
		}
	}
}

func TestCheck(t *testing.T) {
	for _, tc := range []struct {
		key string
		d   Distribution
	}{
		{"max", Distribution{Kind: Uniform, Low: 2, High: 1}},
		{"max", Distribution{Kind: Uniform}},
		{"max", Distribution{Kind: Exponential, Centre: ms, High: 25 * time.Hour}},
		{"max", Distribution{Kind: Exponential, Centre: ms, Low: time.Second}},
		{"mean", Distribution{Kind: Exponential}},
		{"mean", Distribution{Kind: Normal, Spread: ms}},
		{"sd", Distribution{Kind: Normal, Centre: ms}},
		{"median", Distribution{Kind: LogNormal, Shape: 1}},
		{"sigma", Distribution{Kind: LogNormal, Centre: ms}},
		{"sigma", Distribution{Kind: LogNormal, Centre: ms, Shape: 11}},
		{"scale", Distribution{Kind: Gamma, Shape: 1}},
		{"shape", Distribution{Kind: Pareto, Scale: ms}},
		{"shape", Distribution{Kind: Weibull, Scale: ms, Shape: 2000}},
		{"values", Distribution{Kind: Empirical}},
		{"values", Distribution{Kind: Empirical, Values: []time.Duration{25 * time.Hour}}},
		{"values", Distribution{Kind: Quantiles, Values: []time.Duration{1}}},
		{"values", Distribution{Kind: Quantiles, Values: []time.Duration{2, 1}}},
		{"at", Distribution{Kind: Quantiles, Values: []time.Duration{1, 2}, At: []float64{0}}},
		{"at", Distribution{Kind: Quantiles, Values: []time.Duration{1, 2}, At: []float64{0, 0.5}}},
		{"at", Distribution{Kind: Quantiles, Values: []time.Duration{1, 2, 3, 4}, At: []float64{0, 0.5, 0.5, 1}}},
	} {
		var wrong *ParameterError
		if err := tc.d.Check(); !errors.As(err, &wrong) || wrong.Key != tc.key {
			t.Errorf("%+v: %v, want something about %s", tc.d, err, tc.key)
		}
	}
}

func TestNoStream(t *testing.T) {
	NewSource(Always(ms), nil)
	defer func() {
		if recover() == nil {
			t.Error("a random distribution draws from nowhere")
		}
	}()
	NewSource(Between(1, 2), nil)
}
