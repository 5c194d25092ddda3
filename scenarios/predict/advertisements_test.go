package predict

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"dsmipsim/scenarios/spec"
)

func network(interval, delay spec.Range) *spec.Network {
	return &spec.Network{Name: "n", RouterAdvertisement: &spec.RouterAdvertisement{Interval: interval, SolicitedDelay: delay}}
}

// Without solicited answers in time the mean wait is that of a renewal process seen at a
// random instant, (a^2+ab+b^2)/(3(a+b)).
func TestResidualLife(t *testing.T) {
	for _, c := range []struct{ a, b, want float64 }{
		{0.03, 0.07, 0.0263333}, {0.05, 1.5, 0.500538}, {1, 3, 1.0833333}, {2, 6, 2.1666667}, {3, 10, 3.5641026},
	} {
		second := float64(time.Second)
		n := network(spec.Range{Min: time.Duration(c.a * second), Max: time.Duration(c.b * second)}, spec.Range{Min: time.Hour, Max: time.Hour})
		got := residual(n.RouterAdvertisement, nil)
		if math.Abs(got.Mean.Seconds()-c.want) > 1e-6*c.want+1e-6 {
			t.Errorf("[%v,%v]: mean %v, want %v s", c.a, c.b, got.Mean, c.want)
		}
		if got.Min != 0 || got.Max != n.RouterAdvertisement.Interval.Max {
			t.Errorf("[%v,%v]: bounds %v %v", c.a, c.b, got.Min, got.Max)
		}
	}
}

// With both, the mean is that of the lesser one: compared with a million draws.
func TestResidualOrSolicited(t *testing.T) {
	const (
		a, b   = 200 * time.Millisecond, 900 * time.Millisecond
		d0, d1 = 50 * time.Millisecond, 500 * time.Millisecond
		n      = 1_000_000
	)
	want := residual(network(spec.Range{Min: a, Max: b}, spec.Range{}).RouterAdvertisement, &solicitation{answer: spec.Range{Min: d0, Max: d1}}).Mean
	r := rand.New(rand.NewPCG(1, 2))
	uniform := func(x, y time.Duration) float64 { return float64(x) + r.Float64()*float64(y-x) }
	sum, squares := 0.0, 0.0
	for range n {
		// An interval is met with a probability that is proportional to its length.
		length := uniform(a, b)
		for r.Float64() > length/float64(b) {
			length = uniform(a, b)
		}
		x := math.Min(r.Float64()*length, uniform(d0, d1))
		sum += x
		squares += x * x
	}
	mean := sum / n
	deviation := math.Sqrt((squares/n - mean*mean) / n)
	if math.Abs(mean-float64(want)) > 4*deviation {
		t.Errorf("mean %v, %v by simulation with standard error %v", want, time.Duration(mean), time.Duration(deviation))
	}
}
