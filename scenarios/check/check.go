// Package check runs scenarios over their replications and judges what they expect, and whether
// they are the runs that a baseline tells of.
//
// Replications run in parallel, each in a loop of its own, and are judged in their order, so
// that the verdicts do not depend on how many run at a time.
package check

import (
	"context"
	"runtime"

	"golang.org/x/sync/errgroup"

	"dsmipsim/reports/listing"
	"dsmipsim/reports/result"
	"dsmipsim/scenarios"
	"dsmipsim/scenarios/spec"
	"dsmipsim/sim/trace"
)

// Scenario is one scenario to judge.
type Scenario struct {
	Name string
	Spec *spec.Spec

	Baseline *Baseline // that its runs are compared with; nil for none
	Key      string    // what the baseline calls it
	Source   []byte    // its text, by which the baseline knows whether it has changed
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

	// alter changes a run of the first or second pass, for tests that break it; nil for nobody.
	alter func(pass int, o *scenarios.Options)
}

// jobs is how many replications run at a time.
func (o *Options) jobs() int {
	if o.Jobs < 1 {
		return runtime.GOMAXPROCS(0)
	}
	return o.Jobs
}

// Report is what the runs of scenarios found.
type Report struct {
	// Judgements are in the order of the scenarios and, within one, of its expectations.
	Judgements []Judgement
	// Prints are the fingerprints by scenario and replication.
	Prints [][]result.Fingerprint
}

// Run runs scenarios and judges what they expect. An error means that a run could not be carried
// out.
func Run(ctx context.Context, all []Scenario, o Options) (*Report, error) {
	found := make([][][]scenarios.Finding, len(all)) // by scenario and replication
	report := &Report{Prints: prints(all)}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(o.jobs())
	for i, s := range all {
		found[i] = make([][]scenarios.Finding, s.Replications())
		for r := range found[i] {
			group.Go(func() error {
				one, err := s.run(ctx, r, firstPass, o, nil)
				if err == nil {
					found[i][r], report.Prints[i][r] = one.Findings, one.Result.Fingerprint
				}
				return err
			})
		}
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	for i, s := range all {
		for k := range s.Spec.Expects {
			e := &s.Spec.Expects[k]
			own := make([]scenarios.Finding, len(found[i]))
			for r := range own {
				own[r] = found[i][r][k]
			}
			report.Judgements = append(report.Judgements,
				Judgement{Scenario: s.Name, Expect: e, Decision: scenarios.Verdict(e, own), Predicted: predicted(e, own)})
		}
	}
	return report, nil
}

// prints makes room for the fingerprints of all replications.
func prints(all []Scenario) [][]result.Fingerprint {
	p := make([][]result.Fingerprint, len(all))
	for i, s := range all {
		p[i] = make([]result.Fingerprint, s.Replications())
	}
	return p
}

// The passes of a check.
const (
	firstPass = iota + 1
	secondPass
)

// run carries out a replication. More sinks listen if they are asked for.
func (s *Scenario) run(ctx context.Context, replication, pass int, o Options, more func(result.Setup) ([]trace.Sink, error)) (*scenarios.Outcome, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	options := scenarios.Options{Context: ctx, Replication: uint64(replication), Sinks: more}
	if o.Follow != nil {
		options.Progress = o.Follow(*s)
	}
	if o.alter != nil {
		o.alter(pass, &options)
	}
	return scenarios.Run(s.Name, s.Spec, options)
}

// list carries out a replication and lists what happens.
func (s *Scenario) list(ctx context.Context, replication, pass int, o Options) (*listing.Listing, error) {
	var recorder *listing.Recorder
	o.Follow = nil // it is not one of the runs that were announced
	one, err := s.run(ctx, replication, pass, o, func(setup result.Setup) ([]trace.Sink, error) {
		recorder = listing.New(setup, scenarios.Dissection(s.Spec))
		return []trace.Sink{recorder}, nil
	})
	if err != nil {
		return nil, err
	}
	return recorder.Listing(one.Result)
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
