// Package metric folds the facts of a run into its result.
//
// The definitions are those of section 8 of the design. Everything is integer nanoseconds and
// octets until the Result is made. Each fold has a file of its own.
package metric

import (
	"dsmipsim/reports/result"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// Recorder listens to a run and knows its result afterwards.
type Recorder struct {
	setup    result.Setup
	classify Classify
}

// New returns a Recorder for a run that is known by setup. Frames are told apart by classify.
func New(setup result.Setup, classify Classify) *Recorder {
	return &Recorder{setup: setup, classify: classify}
}

// Record takes note of one fact.
func (r *Recorder) Record(e *trace.Event) {}

// Result returns what was found out when the run ended at end after the given number of loop
// events. It is an error if facts contradict each other or a test packet is unaccounted for.
func (r *Recorder) Result(end vtime.Time, events uint64) (*result.Result, error) {
	return &result.Result{Format: result.Format}, nil
}

// Samples returns the packets of every flow, in the order of Setup.Flows.
func (r *Recorder) Samples() []result.FlowSamples { return nil }
