// Package metric folds the facts of a run into its result.
//
// The file of each fold defines what it measures. Everything is integer nanoseconds and
// octets until the Result is made.
package metric

import (
	"errors"
	"fmt"

	"dsmipsim/reports/handover"
	"dsmipsim/reports/result"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// Recorder listens to a run and knows its result afterwards. It is a trace.Sink.
type Recorder struct {
	setup     result.Setup
	tracker   *handover.Tracker
	flows     []*flow
	packets   packets
	signals   *signals
	links     *links
	queues    queues
	bindings  bindings
	phase     stages
	hashes    hashes
	drops     result.Drops
	now       vtime.Time
	complaint error // the first contradiction between facts
}

// New returns a Recorder for a run that is known by setup. Frames are told apart by classify.
func New(setup result.Setup, classify Classify) *Recorder {
	r := &Recorder{
		setup:   setup,
		tracker: handover.NewTracker(setup.MobileNodes, setup.HomeAgents),
		signals: newSignals(classify),
		links:   newLinks(setup.Links),
		queues:  newQueues(),
		phase:   newStages(),
		hashes:  newHashes(),
		drops:   result.Drops{},
	}
	for _, f := range setup.Flows {
		r.flows = append(r.flows, newFlow(f))
	}
	return r
}

// Record takes note of one fact.
func (r *Recorder) Record(e *trace.Event) {
	if e.Time < r.now {
		r.complain(fmt.Errorf("a %v fact of %s at %v came after one at %v", e.Kind, e.Node, e.Time, r.now))
	}
	r.now = e.Time
	r.hashes.record(e)
	if r.tracker.Update(e) { // before the flows, which ask it where the mobile node is
		r.phase.follow(r.tracker.Last(e.Node))
	}
	if e.Kind == trace.Drop {
		r.drops[e.Reason.String()]++
	}
	first := r.packets.record(e)
	r.links.record(e)
	r.queues.record(e)
	r.bindings.record(e)
	if e.Flow != 0 {
		r.recordFlow(e)
		return
	}
	if e.Kind == trace.Transmission {
		r.signals.record(e, first, r.phase.of(e, first))
	}
}

func (r *Recorder) recordFlow(e *trace.Event) {
	if int(e.Flow) > len(r.flows) {
		r.complain(fmt.Errorf("%s states a fact of flow %d, of which nothing is known", e.Node, e.Flow))
		return
	}
	f := r.flows[e.Flow-1]
	at := r.tracker.Count(f.info.MobileNode)
	if h := r.tracker.Last(f.info.MobileNode); h != nil && h.Both {
		at = f.path(e, h, at)
	}
	if err := f.record(e, at); err != nil {
		r.complain(fmt.Errorf("flow %s: %w", f.info.Name, err))
	}
}

func (r *Recorder) complain(err error) {
	if r.complaint == nil {
		r.complaint = err
	}
}

// Result returns what was found out when the run ended at end after the given number of loop
// events. It is an error if facts contradict each other or a test packet is unaccounted for;
// the Result comes along all the same, for whoever looks for the cause.
func (r *Recorder) Result(end vtime.Time, events uint64) (*result.Result, error) {
	res := &result.Result{
		Format:       result.Format,
		Scenario:     r.setup.Scenario,
		Mode:         r.setup.Mode,
		Seed:         r.setup.Seed,
		DurationS:    result.At(end),
		Events:       events,
		Fingerprint:  result.Fingerprint{Trajectory: r.hashes.trajectory.sum(), Wire: r.hashes.wire.sum()},
		Handovers:    r.handovers(),
		Signalling:   r.signals.result(),
		Conservation: r.packets.result(),
		Drops:        r.drops,
		Links:        r.links.result(),
		Bindings:     r.bindings.all,
	}
	r.queues.result(end, res.Links)
	paths := r.paths()
	var problems []error
	if r.complaint != nil {
		problems = append(problems, r.complaint)
	}
	for i, f := range r.flows {
		flow, err := f.result(end)
		flow.Paths = paths[i]
		if err != nil {
			problems = append(problems, fmt.Errorf("flow %s: %w", f.info.Name, err))
		}
		res.Flows = append(res.Flows, flow)
	}
	if err := res.Seal(); err != nil {
		problems = append(problems, err)
	}
	return res, errors.Join(problems...)
}

// Samples returns the packets of every flow, in the order of Setup.Flows.
func (r *Recorder) Samples() []result.FlowSamples {
	all := make([]result.FlowSamples, 0, len(r.flows))
	for _, f := range r.flows {
		all = append(all, f.samples())
	}
	return all
}
