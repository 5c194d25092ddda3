package metric

import (
	"slices"

	"gonum.org/v1/gonum/stat"

	"dsmipsim/reports/result"
	"dsmipsim/sim/vtime"
)

// delays follows the receptions of a flow in the order in which they happen.
type delays struct {
	transits []float64 // nanoseconds; integers, exact below 2^53
	jitter   float64   // nanoseconds
	gap      vtime.Time
	last     vtime.Time
}

func (d *delays) receive(sent, received vtime.Time) {
	transit := float64(received - sent)
	if n := len(d.transits); n > 0 {
		difference := transit - d.transits[n-1]
		if difference < 0 {
			difference = -difference
		}
		// RFC 3550 section 6.4.1. The conversion keeps the compiler from fusing the
		// division into the addition, which would round differently on other machines.
		d.jitter += float64((difference - d.jitter) / 16)
		d.gap = max(d.gap, received-d.last)
	}
	d.last = received
	d.transits = append(d.transits, transit)
}

func (d *delays) result() (delay *result.Delay, jitter, gap *float64) {
	n := len(d.transits)
	delay = distribution(d.transits)
	if n > 1 {
		jitter = result.Some(result.SecondsOf(d.jitter))
		gap = result.Some(result.At(d.gap))
	}
	return delay, jitter, gap
}

// variation is the 99.9 % quantile less the least delay, in seconds; false without delays.
func (d *delays) variation() (seconds float64, ok bool) {
	if len(d.transits) == 0 {
		return 0, false
	}
	sorted := slices.Clone(d.transits)
	slices.Sort(sorted)
	return result.SecondsOf(stat.Quantile(0.999, stat.Empirical, sorted, nil) - sorted[0]), true
}

// distribution describes delays in nanoseconds, nil if there are none.
func distribution(nanoseconds []float64) *result.Delay {
	n := len(nanoseconds)
	if n == 0 {
		return nil
	}
	sorted := slices.Clone(nanoseconds)
	slices.Sort(sorted)
	quantile := func(p float64) float64 {
		return result.SecondsOf(stat.Quantile(p, stat.Empirical, sorted, nil))
	}
	return &result.Delay{
		MinS: result.SecondsOf(sorted[0]), MeanS: result.SecondsOf(mean(sorted)), P50S: quantile(0.50), P95S: quantile(0.95),
		P99S: quantile(0.99), MaxS: result.SecondsOf(sorted[n-1]),
	}
}

// mean sums integers, so that the order of the values cannot matter.
func mean(values []float64) float64 {
	var sum int64
	for _, v := range values {
		sum += int64(v)
	}
	return float64(sum) / float64(len(values))
}
