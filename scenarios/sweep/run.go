package sweep

import (
	"context"
	"errors"
	"runtime"
	"sync"

	"golang.org/x/sync/errgroup"

	"dsmipsim/scenarios"
	"dsmipsim/scenarios/spec"
	"dsmipsim/scenarios/sweep/store"
)

// Options are the choices of an execution. None of them changes a result.
type Options struct {
	Jobs     int    // runs at a time; 0 for one per processor
	Version  string // of the program, as far as results depend on it
	Finished func(Progress)
}

// Progress tells how far a sweep is.
type Progress struct {
	Done, Total int    // runs, those found in the store included
	Failed      int    // of those done
	Events      uint64 // that the runs of this process executed
}

// task is a run to do.
type task struct {
	store.Place
	key string
}

// outcome is what came of one.
type outcome struct {
	task
	run    store.Run
	seen   observed
	events uint64
	err    error // the run was interrupted
}

// executor runs what a store lacks.
type executor struct {
	*Design
	Options
	db      *store.Store
	runs    [][]observed // by point and replication, as far as known
	waiting map[string][]store.Place
	specs   []pointSpec
}

// pointSpec is the scenario of a point while its runs go on.
type pointSpec struct {
	once sync.Once
	spec *spec.Spec
	err  error
}

// execute runs what a store lacks, and returns what all runs show.
func (d *Design) execute(ctx context.Context, db *store.Store, o Options) ([][]observed, error) {
	if o.Jobs < 1 {
		o.Jobs = runtime.GOMAXPROCS(0)
	}
	x := &executor{Design: d, Options: o, db: db, runs: make([][]observed, len(d.points)), waiting: map[string][]store.Place{}, specs: make([]pointSpec, len(d.points))}
	known, err := db.Keys()
	if err != nil {
		return nil, err
	}
	if err := db.Unlink(); err != nil {
		return nil, err
	}
	p := Progress{Total: len(d.points) * d.Base.Sweep.Replications}
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(o.Jobs)
	done := make(chan outcome, o.Jobs)
	var tasks []task
	for i := range d.points {
		x.runs[i] = make([]observed, d.Base.Sweep.Replications)
		for r := range x.runs[i] {
			tasks = append(tasks, task{store.Place{Point: i, Replication: r}, d.key(o.Version, i, r)})
		}
	}
	running := 0
	for len(tasks) > 0 || running > 0 {
		if within.Err() == nil && len(tasks) > 0 && running < o.Jobs {
			t := tasks[0]
			tasks = tasks[1:]
			if places, underWay := x.waiting[t.key]; underWay {
				x.waiting[t.key] = append(places, t.Place)
				continue
			}
			if known[t.key] {
				if err := x.found(t); err != nil {
					return nil, errors.Join(err, group.Wait())
				}
				p.Done++
				continue
			}
			x.waiting[t.key] = []store.Place{t.Place}
			running++
			group.Go(func() error {
				o := x.run(within, t)
				done <- o
				return o.err
			})
			continue
		}
		if running == 0 {
			break
		}
		one := <-done
		running--
		if one.err != nil {
			tasks = nil
			continue
		}
		places := x.waiting[one.key]
		delete(x.waiting, one.key)
		known[one.key] = true
		if err := db.Put(one.run, places...); err != nil {
			return nil, errors.Join(err, group.Wait())
		}
		for _, at := range places {
			x.runs[at.Point][at.Replication] = one.seen
		}
		p.Done, p.Events = p.Done+len(places), p.Events+one.events
		if one.run.Error != "" {
			p.Failed += len(places)
		}
		if o.Finished != nil {
			o.Finished(p)
		}
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return x.runs, ctx.Err()
}

// found takes a run from the store.
func (x *executor) found(t task) error {
	run, _, err := x.db.Get(t.key)
	if err == nil {
		err = x.db.Link(t.key, t.Place)
	}
	if err != nil {
		return err
	}
	x.runs[t.Point][t.Replication] = x.observe(run)
	return nil
}

// run runs a task.
func (x *executor) run(ctx context.Context, t task) outcome {
	o := outcome{task: t, run: store.Run{Key: t.key}}
	at := &x.specs[t.Point]
	at.once.Do(func() { at.spec, at.err = x.load(t.Point) })
	if at.err != nil {
		o.err = at.err
		return o
	}
	result, err := scenarios.Run(x.name, at.spec, scenarios.Options{Context: ctx, Replication: uint64(t.Replication)})
	if err == nil {
		o.events = result.Result.Events
		o.run.Summary, err = result.Result.JSON()
	}
	if ctx.Err() != nil {
		o.err = ctx.Err()
		return o
	}
	if err != nil {
		o.run.Error = err.Error()
	}
	o.seen = x.observe(o.run)
	return o
}

// observe reads the metrics of a run. A metric that cannot be read is a failure of the run.
func (d *Design) observe(run store.Run) observed {
	o := observed{problem: run.Error, values: make([]*float64, len(d.metrics))}
	if run.Error != "" {
		return o
	}
	s, err := scenarios.ParseSummary(run.Summary)
	for i, m := range d.metrics {
		if err != nil {
			break
		}
		var v float64
		var ok bool
		if v, ok, err = m.Mean(s); ok {
			o.values[i] = &v
		}
	}
	if err != nil {
		o.problem = err.Error()
	}
	return o
}
