// Package check runs scenarios over their replications and judges what they expect.
//
// Replications run in parallel, each in a loop of its own, and are judged in their order, so
// that the verdicts do not depend on how many run at a time.
package check

import (
	"context"
	"runtime"

	"golang.org/x/sync/errgroup"

	"dsmipsim/scenarios"
	"dsmipsim/scenarios/spec"
)

// Scenario is one scenario to judge.
type Scenario struct {
	Name string
	Spec *spec.Spec
}

// Replications returns how often the scenario is run.
func (s Scenario) Replications() int {
	if s.Spec.Sweep == nil {
		return 1
	}
	return s.Spec.Sweep.Least()
}

// Judgement is the verdict on one expectation of a scenario.
type Judgement struct {
	Scenario string
	Expect   *spec.Expect
	Decision scenarios.Decision
	// Predicted is what a formula gives: what the expectation says or else the mean of the
	// scenario's own predictions; nil for none.
	Predicted any
}

// Options are the choices of a check.
type Options struct {
	Jobs int // replications at a time; 0 for one per processor
	// Follow is called when a replication of a scenario begins, and what it returns hears how far
	// that one is; both from several goroutines. nil for nobody.
	Follow func(s Scenario) scenarios.Progress
}

// Run judges scenarios. The judgements are in the order of the scenarios and, within one, of its
// expectations. An error means that a run could not be carried out.
func Run(ctx context.Context, all []Scenario, o Options) ([]Judgement, error) {
	if o.Jobs < 1 {
		o.Jobs = runtime.GOMAXPROCS(0)
	}
	found := make([][][]scenarios.Finding, len(all)) // by scenario and replication
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(o.Jobs)
	for i, s := range all {
		found[i] = make([][]scenarios.Finding, s.Replications())
		for r := range found[i] {
			group.Go(func() error {
				if err := ctx.Err(); err != nil {
					return err
				}
				options := scenarios.Options{Context: ctx, Replication: uint64(r)}
				if o.Follow != nil {
					options.Progress = o.Follow(s)
				}
				one, err := scenarios.Run(s.Name, s.Spec, options)
				if err != nil {
					return err
				}
				found[i][r] = one.Findings
				return nil
			})
		}
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var judged []Judgement
	for i, s := range all {
		for k := range s.Spec.Expects {
			e := &s.Spec.Expects[k]
			own := make([]scenarios.Finding, len(found[i]))
			for r := range own {
				own[r] = found[i][r][k]
			}
			judged = append(judged, Judgement{Scenario: s.Name, Expect: e, Decision: scenarios.Verdict(e, own), Predicted: predicted(e, own)})
		}
	}
	return judged, nil
}

// predicted returns what a formula gives for an expectation.
func predicted(e *spec.Expect, found []scenarios.Finding) any {
	if e.Predicted != nil {
		return plain(e.Predicted)
	}
	if len(found[0].Predicted) > 1 && e.Aggregate == "" {
		return found[0].Predicted
	}
	sum, n := 0.0, 0
	for _, f := range found {
		for _, v := range f.Predicted {
			if x, ok := v.(float64); ok {
				sum, n = sum+x, n+1
			}
		}
	}
	if n == 0 {
		return nil
	}
	return sum / float64(n)
}

// plain is a wanted value as a table shows it.
func plain(w *spec.Want) any {
	all := make([]any, len(w.Values))
	for i, v := range w.Values {
		all[i] = v.Number
		if v.IsText {
			all[i] = v.Text
		}
	}
	if w.List {
		return all
	}
	return all[0]
}

// Published is what the source of an expectation gives, nil for nothing.
func (j *Judgement) Published() any {
	if j.Expect.Published == nil {
		return nil
	}
	return plain(j.Expect.Published)
}
