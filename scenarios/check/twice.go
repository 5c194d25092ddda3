package check

import (
	"context"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"dsmipsim/reports/result"
)

// attempts is how often two runs that differed are compared again, to catch them at the event
// at which they do: chance may make them equal the next time.
const attempts = 5

// Twice runs scenarios again, in the other order and with another number of processors and of
// runs at a time, and judges whether the fingerprints are those of the first time.
func Twice(ctx context.Context, all []Scenario, first [][]result.Fingerprint, o Options) ([]Match, error) {
	again := prints(all)
	others := func(n int) int { // another number
		if n > 1 {
			return 1
		}
		return 2
	}
	jobs := others(o.jobs())
	before := runtime.GOMAXPROCS(others(runtime.GOMAXPROCS(0)))
	defer runtime.GOMAXPROCS(before)
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(jobs)
	for i, s := range slices.Backward(all) {
		for r := range slices.Backward(again[i]) {
			group.Go(func() error {
				one, err := s.run(within, r, secondPass, o, nil)
				if err == nil {
					again[i][r] = one.Result.Fingerprint
				}
				return err
			})
		}
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var matches []Match
	for i := range all {
		r := 0
		for k := range again[i] {
			if first[i][k] != again[i][k] {
				r = k
				break
			}
		}
		own := all[i].matches(r, first[i][r], again[i][r], "", nil, nil)
		if first[i][r] != again[i][r] {
			var err error
			if own, err = all[i].caught(ctx, r, first[i][r], again[i][r], before, o); err != nil {
				return nil, err
			}
		}
		matches = append(matches, own...)
	}
	return matches, nil
}

// caught runs a replication in pairs until two differ, and tells where; the first one with that
// many processors.
func (s *Scenario) caught(ctx context.Context, r int, first, again result.Fingerprint, processors int, o Options) ([]Match, error) {
	for range attempts {
		now := runtime.GOMAXPROCS(processors)
		a, err := s.list(ctx, r, firstPass, o)
		runtime.GOMAXPROCS(now)
		if err != nil {
			return nil, err
		}
		b, err := s.list(ctx, r, secondPass, o)
		if err != nil {
			return nil, err
		}
		if a.Fingerprint != b.Fingerprint {
			return s.matches(r, a.Fingerprint, b.Fingerprint, "", a, b), nil
		}
	}
	return s.matches(r, first, again, "two runs differed, and the next ones did not, so that the first difference is not known", nil, nil), nil
}
