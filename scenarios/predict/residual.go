package predict

import (
	"slices"
	"time"

	"dsmipsim/scenarios/spec"

	"gonum.org/v1/gonum/integrate/quad"
)

// solicitation is when a solicited advertisement leaves, counted from when its host begins
// to look for routers: the sum of a random delay at the host, the way to the router and a
// random delay there.
type solicitation struct {
	wait   spec.Range    // at the host
	way    time.Duration // to the router
	answer spec.Range    // at the router
}

// greatest is the latest instant, if no advertisement has gone before.
func (s solicitation) greatest() time.Duration { return s.wait.Max + s.way + s.answer.Max }

// later returns the probability that the answer leaves after x, if none may leave before the
// router may answer at clear.
func (s solicitation) later(x, clear float64) float64 {
	low, high := float64(s.wait.Min+s.way), float64(s.wait.Max+s.way)
	a, b := float64(s.answer.Min), float64(s.answer.Max)
	if clear <= low {
		return sumLater(low, high, a, b, x)
	}
	if clear >= high {
		return sumLater(clear, clear, a, b, x)
	}
	early := float64((clear - low) / (high - low)) // heard before it may be answered
	return float64(early*sumLater(clear, clear, a, b, x)) + float64((1-early)*sumLater(clear, high, a, b, x))
}

// sumLater returns the probability that the sum of two uniform numbers, from a to b and from
// c to d, is greater than x.
func sumLater(a, b, c, d, x float64) float64 {
	u, v := b-a, d-c
	if u > v {
		u, v = v, u
	}
	y := x - a - c
	switch {
	case y < 0:
		return 1
	case y >= u+v:
		return 0
	case u == 0:
		return float64(1 - y/v)
	case y < u:
		return float64(1 - float64(y*y)/float64(2*u*v))
	case y < v:
		return float64(1 - float64(2*y-u)/float64(2*v))
	}
	return float64(float64((u+v-y)*(u+v-y)) / float64(2*u*v))
}

// corners are where the later function of a solicitation changes its form.
func (s solicitation) corners(clear float64) []float64 {
	var all []float64
	for _, heard := range []float64{float64(s.wait.Min + s.way), float64(s.wait.Max + s.way), clear} {
		all = append(all, heard+float64(s.answer.Min), heard+float64(s.answer.Max))
	}
	return all
}

// integrate sums a function that is a polynomial of degree seven at most between corners.
func integrate(f func(float64) float64, corners []float64, until float64) float64 {
	corners = append(corners, 0, until)
	slices.Sort(corners)
	sum := 0.0
	for i := 1; i < len(corners); i++ {
		if a, b := max(corners[i-1], 0), min(corners[i], until); b > a {
			sum += quad.Fixed(f, a, b, 4, quad.Legendre{}, 0)
		}
	}
	return sum
}

// residual describes min(X, S): X is what is left of the interval between scheduled
// advertisements at a random instant, S the time until the solicited one, which keeps its
// distance from the advertisement before it. Without s there is no solicited one.
func residual(ra *spec.RouterAdvertisement, s *solicitation) Span {
	low, high := float64(ra.Interval.Min), float64(ra.Interval.Max)
	mu := float64((low + high) / 2)
	whole := func(x float64) float64 { // P(the whole interval is longer than x)
		switch {
		case x < low:
			return 1
		case x < high:
			return float64((high - x) / (high - low))
		}
		return 0
	}
	left := func(x float64) float64 { // P(X > x), of the stationary residual life
		switch {
		case x < low:
			return float64(1 - x/mu)
		case x < high:
			return float64((high - x) * (high - x) / (2 * (high - low) * mu))
		}
		return 0
	}
	if s == nil {
		return Span{0, time.Duration(integrate(left, []float64{low}, high)), ra.Interval.Max}
	}
	span := Span{Max: min(ra.Interval.Max, s.greatest())}
	apart := float64(ra.MinDelay)
	first := float64(s.wait.Min + s.way)
	if apart > first {
		span.Max = min(ra.Interval.Max, max(s.wait.Max+s.way, ra.MinDelay)+s.answer.Max)
	}
	// After the distance is kept the age of the last advertisement makes no difference; before
	// that, the mean is taken over all ages.
	free := func(x float64) float64 { return float64(left(x) * s.later(x, 0)) }
	mean := integrate(free, append(s.corners(0), low), high)
	if apart > first {
		gain := func(age float64) float64 {
			longer := func(x float64) float64 {
				return float64(whole(age+x) * (s.later(x, apart-age) - s.later(x, 0)))
			}
			return integrate(longer, append(append(s.corners(0), s.corners(apart-age)...), low-age), high)
		}
		const steps = 256
		width := float64(min(apart-first, high) / steps)
		for i := range steps {
			mean += float64(width / mu * gain(float64((float64(i)+0.5)*width)))
		}
	}
	span.Mean = time.Duration(mean)
	return span
}
