package sweep

import (
	"math"

	"dsmipsim/reports/statistics"
	"dsmipsim/scenarios/spec"
)

// series is the replications of one point, as they are handed out and come back.
type series struct {
	point    int
	mine     func(replication int) bool
	rule     *rule
	taken    int // replications handed out: all below
	n        int // that count; -1 until the stop rule has decided
	seen     []observed
	settled  []bool
	prefix   int // replications that are done, from the first on
	sample   []float64
	relative float64 // see Progress

	cached cached
}

// rule says how many replications a point needs: the least number from min on for which the
// confidence interval of a metric is narrow enough.
type rule struct {
	metric   int // among those that are observed
	relative float64
	min, max int
}

func newSeries(d *Design, point int, shard Shard) *series {
	s := &series{point: point, rule: d.rule, n: d.Base.Sweep.Replications, relative: math.NaN(), mine: func(int) bool { return true }}
	if shard.Of > 1 {
		if d.rule != nil && point%shard.Of != shard.Index-1 {
			s.rule, s.n = nil, 0
		} else if d.rule == nil {
			s.mine = func(r int) bool { return (point*s.n+r)%shard.Of == shard.Index-1 }
		}
	}
	if s.rule != nil {
		s.n = -1
	}
	return s
}

// most is how many replications there can be at most.
func (s *series) most() int {
	if s.rule != nil {
		return s.rule.max
	}
	count := 0
	for r := range s.n {
		if s.mine(r) {
			count++
		}
	}
	return count
}

// finished reports whether there is nothing more to hand out.
func (s *series) finished() bool { return s.n >= 0 && s.taken >= s.n }

// take hands out the next replication: one that is needed for certain, or any that may be.
func (s *series) take(certain bool) (int, bool) {
	for s.n >= 0 && s.taken < s.n && !s.mine(s.taken) {
		s.taken++
	}
	switch {
	case s.finished(), s.rule != nil && s.taken >= s.rule.max:
		return 0, false
	case certain && s.rule != nil && s.taken >= s.rule.min && s.taken > s.prefix:
		return 0, false // those under way may be enough
	}
	s.taken++
	return s.taken - 1, true
}

// settle takes what a replication shows, and decides by the stop rule. The decision depends on the
// replications in their order alone, whenever they are done.
func (s *series) settle(r int, o observed) {
	for len(s.seen) <= r {
		s.seen, s.settled = append(s.seen, observed{}), append(s.settled, false)
	}
	s.seen[r], s.settled[r] = o, true
	for s.prefix < len(s.seen) && s.settled[s.prefix] {
		at := s.seen[s.prefix]
		s.prefix++
		if s.rule == nil || s.n >= 0 {
			continue
		}
		if at.problem == "" && at.values[s.rule.metric] != nil {
			s.sample = append(s.sample, *at.values[s.rule.metric])
		}
		if s.prefix < s.rule.min {
			continue
		}
		if e, err := statistics.Mean(s.sample, Level); err == nil {
			s.relative = e.HalfWidth() / math.Abs(e.Value)
			if e.HalfWidth() == 0 { // also of zeros
				s.relative = 0
			}
		}
		if !s.wide() || s.prefix == s.rule.max {
			s.n = s.prefix
		}
	}
	if s.finished() && s.prefix >= s.n {
		s.cached.drop()
	}
}

// wide reports whether the metric of the stop rule is not known well enough so far.
func (s *series) wide() bool { return s.rule != nil && !(s.relative <= s.rule.relative) } // NaN is wide, too

// counted returns what the replications that count show.
func (s *series) counted() []observed { return s.seen[:s.n] }

// scenario returns the scenario of the point.
func (s *series) scenario(d *Design) (*spec.Spec, error) {
	return s.cached.get(func() (*spec.Spec, error) { return d.load(s.point) })
}
