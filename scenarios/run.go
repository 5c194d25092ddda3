// Package scenarios runs scenarios: it loads a Spec, builds its world, lets it run, and
// judges the result against what the scenario expects. The bundled scenarios are here too.
package scenarios

import (
	"context"
	"fmt"

	"dsmipsim/nodes/esp"
	"dsmipsim/reports/metric"
	"dsmipsim/reports/result"
	"dsmipsim/scenarios/plan"
	"dsmipsim/scenarios/spec"
	"dsmipsim/sim/trace"
	"dsmipsim/topology"
)

// Options are the choices of a run beside the scenario.
type Options struct {
	// Context ends a run before its time: Run returns the context's error then. nil for never.
	Context     context.Context
	Replication uint64
	// Sinks listen to the run's facts besides the metrics. They are made when the links and
	// flows are known.
	Sinks func(result.Setup) ([]trace.Sink, error)
	// Progress hears how far the run is; nil for nobody.
	Progress Progress
	// Watch looks at what the nodes know; nil for nobody.
	Watch *Watch
	// Tamper breaks the world on purpose; nil, the rule, leaves it whole.
	Tamper topology.Tamper
}

// Outcome is what a run leaves.
type Outcome struct {
	Result  *result.Result
	Setup   result.Setup
	Samples []result.FlowSamples
	Queues  []result.QueueSamples
	// Findings say what the run found for each expectation of the scenario.
	Findings []Finding
	// Associations are the security associations of the run, for whoever reads the capture.
	Associations []esp.Config
}

// NameMark begins the first line of the scenario.toml of an output directory. What follows is the
// scenario's name, so that running that file gives the same result, name included.
const NameMark = "#:scenario "

// Prepare works a scenario out without running it, which finds what the checks of the
// loader cannot see.
func Prepare(s *spec.Spec) error {
	_, err := plan.New(s)
	return err
}

// Setup describes the nodes, links and flows of a scenario without running it, as the sinks of
// a run are told.
func Setup(name string, s *spec.Spec) (result.Setup, error) {
	p, err := plan.New(s)
	if err != nil {
		return result.Setup{}, err
	}
	w, err := build(name, p, uint64(s.Seed), 0, trace.Discard)
	if err != nil {
		return result.Setup{}, err
	}
	defer w.close()
	return w.setup, nil
}

// Describe says in words what an expectation is about and what it wants.
func Describe(e *spec.Expect) (about, wanted string) { return title(e), want(e) }

// Run runs a scenario once. name stands in the result for the scenario. What panics in there is
// a defect of the program, and comes back as a *Defect.
func Run(name string, s *spec.Spec, o Options) (*Outcome, error) {
	p, err := plan.New(s)
	if err != nil {
		return nil, err
	}
	return run(name, p, o, func(*world) {})
}

// run is Run with a chance to alter the world before it runs, for tests that break it.
func run(name string, p *plan.Plan, o Options, alter func(*world)) (outcome *Outcome, err error) {
	s := p.Spec
	tap := &tap{context: o.Context}
	defer tap.rescue(name, s.Seed, o.Replication, &outcome, &err)
	w, err := build(name, p, uint64(s.Seed), o.Replication, tap)
	if err != nil {
		return nil, err
	}
	defer w.close()
	alter(w)
	w.net.Tamper = o.Tamper
	w.watch(o.Watch)
	recorder := metric.New(w.setup, metric.Wire(Dissection(s)))
	judge := newJudge(s, &w.setup)
	sinks := trace.Sinks{recorder, judge}
	if o.Sinks != nil {
		more, err := o.Sinks(w.setup)
		if err != nil {
			return nil, err
		}
		sinks = append(sinks, more...)
	}
	if o.Progress != nil {
		sinks = append(sinks, &pulse{loop: w.loop, tell: o.Progress})
	}
	tap.open(sinks)

	conservation, err := w.run()
	if err != nil {
		return nil, fmt.Errorf("scenario %s, seed %d: %w", name, s.Seed, err)
	}
	if o.Progress != nil {
		o.Progress(w.loop.Now(), w.loop.Events())
	}
	res, err := recorder.Result(w.loop.Now(), w.loop.Events())
	if err != nil {
		return nil, fmt.Errorf("scenario %s, seed %d: %w", name, s.Seed, err)
	}
	samples := recorder.Samples()
	rateCalls(s, res, samples)
	stretch(p, res, &w.setup, samples)
	predictAll(p, res)
	found, err := judge.judge(res, samples)
	if err != nil {
		return nil, err
	}
	if err := res.Conserve(conservation); err != nil {
		return nil, fmt.Errorf("scenario %s, seed %d: %w", name, s.Seed, err)
	}
	return &Outcome{Result: res, Setup: w.setup, Samples: samples, Queues: recorder.Queues(), Findings: found, Associations: associations(s)}, nil
}
