// Package check runs scenarios over their replications and judges what they expect.
//
// Replications run in parallel, each in a loop of its own, and are judged in their order, so
// that the verdicts do not depend on how many run at a time.
package check

import (
	"context"
	"fmt"
	"runtime"

	"golang.org/x/sync/errgroup"

	"dsmipsim/reports/result"
	"dsmipsim/scenarios"
	"dsmipsim/scenarios/spec"
	"dsmipsim/sim/trace"
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
	return s.Spec.Sweep.Replications
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
	Jobs     int               // replications at a time; 0 for one per processor
	Finished func(name string) // called after each replication, from several goroutines
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
				var err error
				if found[i][r], err = replicate(ctx, s, uint64(r)); err == nil && o.Finished != nil {
					o.Finished(s.Name)
				}
				return err
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

// interrupted is what ends a run in the middle.
type interrupted struct{}

// lookout ends a run when the context does.
type lookout struct {
	ctx   context.Context
	facts int
}

// Record implements trace.Sink.
func (l *lookout) Record(*trace.Event) {
	if l.facts++; l.facts%1024 == 0 && l.ctx.Err() != nil {
		panic(interrupted{})
	}
}

// replicate runs a scenario once. What panics in there is a defect of the program, told with all
// that is needed to see it again.
func replicate(ctx context.Context, s Scenario, replication uint64) (found []scenarios.Finding, err error) {
	defer func() {
		switch p := recover(); p {
		case nil:
		case interrupted{}:
			err = ctx.Err()
		default:
			err = fmt.Errorf("internal error in scenario %s, seed %d, replication %d: %v", s.Name, s.Spec.Seed, replication, p)
		}
	}()
	o, err := scenarios.Run(s.Name, s.Spec, scenarios.Options{
		Replication: replication,
		Sinks:       func(result.Setup) ([]trace.Sink, error) { return []trace.Sink{&lookout{ctx: ctx}}, nil },
	})
	if err != nil {
		return nil, err
	}
	return o.Findings, nil
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
