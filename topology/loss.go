package topology

import "math/rand/v2"

// Loss decides which frames a link loses; the zero value loses none.
type Loss struct {
	// Probability is that of each frame, independently of others (Bernoulli).
	Probability float64
	// Bursts, if not nil, is the process instead.
	Bursts *GilbertElliott
}

// GilbertElliott is a Markov chain with a good and a bad state that takes a step with each
// frame (E. N. Gilbert, Capacity of a burst-noise channel, 1960; E. O. Elliott, Estimates of
// error rates for codes on burst-noise channels, 1963). With losses in the bad state only,
// the mean loss is P/(P+R) and the mean length of a burst 1/R.
type GilbertElliott struct {
	P, R      float64 // probabilities of a step from good to bad, and from bad to good
	Good, Bad float64 // probabilities that a frame is lost in the state
}

// Mean returns the part of frames that the process loses in the long run.
func (l Loss) Mean() float64 {
	g := l.Bursts
	if g == nil {
		return l.Probability
	}
	bad := g.P / (g.P + g.R)
	return float64(bad*g.Bad) + float64((1-bad)*g.Good)
}

// lossProcess is the loss at one receiver. It starts in the stationary state, so that no run
// begins with a better or a worse channel than it goes on with.
type lossProcess struct {
	loss    Loss
	rand    *rand.Rand
	started bool
	bad     bool
}

// lost decides about the next frame.
func (p *lossProcess) lost() bool {
	g := p.loss.Bursts
	if g == nil {
		return p.loss.Probability > 0 && p.rand.Float64() < p.loss.Probability
	}
	u := p.rand.Float64()
	switch {
	case !p.started:
		p.started, p.bad = true, u < g.P/(g.P+g.R)
	case p.bad:
		p.bad = u >= g.R
	default:
		p.bad = u < g.P
	}
	lose := g.Good
	if p.bad {
		lose = g.Bad
	}
	switch lose {
	case 0, 1: // no draw where nothing is left to chance
		return lose == 1
	}
	return p.rand.Float64() < lose
}
