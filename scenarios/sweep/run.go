package sweep

import (
	"context"
	"errors"
	"math"
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
	Version  string // of the program: whatever results depend on beside the scenario
	Finished func(Progress)
	// Run runs a scenario once; nil for scenarios.Run.
	Run func(name string, s *spec.Spec, o scenarios.Options) (*scenarios.Outcome, error)

	shard Shard
	dry   bool // nothing is run: what the store lacks is missing
}

// Progress tells how far a sweep is when one of its runs is done.
type Progress struct {
	Done, Total int    // runs, those found in the store included
	AtMost      bool   // a stop rule may do with fewer than Total
	Found       int    // of those done, in the store
	Failed      int    // of those done
	Events      uint64 // that the runs of this process executed
	Point       int    // of the run that is done
	N           int    // its replications from the first on that are done
	// Relative is the half-width of the confidence interval of the metric of the stop rule over the
	// mean, at that point; NaN while there is none.
	Relative float64
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
	stored bool // it was in the store
	events uint64
	err    error // it could not be carried out
}

// executor runs what a store lacks.
type executor struct {
	*Design
	Options
	db      *store.Store
	points  []*series
	first   int // points before it have nothing more to hand out
	known   map[string]bool
	waiting map[string][]store.Place // where runs stand that are under way
	missing []store.Place
	so      Progress
}

// execute runs what a store lacks, and returns what the runs of each point show.
func (d *Design) execute(ctx context.Context, db *store.Store, o Options) (*executor, error) {
	if o.Jobs < 1 {
		o.Jobs = runtime.GOMAXPROCS(0)
	}
	if o.Run == nil {
		o.Run = scenarios.Run
	}
	x := &executor{Design: d, Options: o, db: db, waiting: map[string][]store.Place{}, so: Progress{Relative: math.NaN(), AtMost: d.rule != nil}}
	for i := range d.points {
		p := newSeries(d, i, o.shard)
		x.points = append(x.points, p)
		x.so.Total += p.most()
	}
	var err error
	if x.known, err = db.Keys(); err != nil {
		return nil, err
	}
	if err := db.Unlink(); err != nil {
		return nil, err
	}
	return x, x.loop(ctx)
}

// loop hands out tasks until there are none and all that was handed out is done.
func (x *executor) loop(ctx context.Context) error {
	within, cancel := context.WithCancel(ctx)
	defer cancel()
	group, within := errgroup.WithContext(within)
	done := make(chan outcome, x.Jobs)
	give := func(err error) error {
		cancel()
		return errors.Join(err, ignoreCancel(group.Wait()))
	}
	for running := 0; ; {
		for running < x.Jobs && within.Err() == nil {
			t, ok := x.next()
			if !ok {
				break
			}
			start, err := x.prepare(t)
			if err != nil {
				return give(err)
			}
			if start == nil {
				continue
			}
			running++
			group.Go(func() error {
				o := start(within)
				done <- o
				return o.err
			})
		}
		if running == 0 {
			break
		}
		one := <-done
		running--
		if one.err != nil {
			continue // the context has ended: the others will
		}
		if err := x.keep(one); err != nil {
			return give(err)
		}
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return ctx.Err()
}

func ignoreCancel(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// next returns a run to do: first those that are needed for certain, then those that a stop rule
// may want.
func (x *executor) next() (task, bool) {
	for x.first < len(x.points) && x.points[x.first].finished() {
		x.first++
	}
	for _, certain := range []bool{true, false} {
		if x.dry && !certain {
			break // what a stop rule does not want is not missing
		}
		for i := x.first; i < len(x.points); i++ {
			if r, ok := x.points[i].take(certain); ok {
				return task{store.Place{Point: i, Replication: r}, x.key(x.Version, i, r)}, true
			}
		}
	}
	return task{}, false
}

// prepare returns what has to be done for a task: nothing if the same is under way for another, or
// cannot be done.
func (x *executor) prepare(t task) (func(context.Context) outcome, error) {
	if places, underWay := x.waiting[t.key]; underWay {
		x.waiting[t.key] = append(places, t.Place)
		return nil, nil
	}
	if x.known[t.key] {
		kept, _, err := x.db.Get(t.key)
		if err != nil {
			return nil, err
		}
		x.waiting[t.key] = []store.Place{t.Place}
		return func(context.Context) outcome {
			return outcome{task: t, run: kept, seen: x.observe(kept), stored: true}
		}, nil
	}
	if x.dry {
		x.missing = append(x.missing, t.Place)
		x.points[t.Point].settle(t.Replication, observed{problem: "missing", values: make([]*float64, len(x.metrics))})
		return nil, nil
	}
	x.waiting[t.key] = []store.Place{t.Place}
	return func(ctx context.Context) outcome { return x.run(ctx, t) }, nil
}

// keep takes what came of a task.
func (x *executor) keep(o outcome) error {
	places := x.waiting[o.key]
	delete(x.waiting, o.key)
	var err error
	if o.stored {
		err = x.db.Link(o.key, places...)
		x.so.Found += len(places)
	} else {
		x.known[o.key] = true
		err = x.db.Put(o.run, places...)
	}
	if err != nil {
		return err
	}
	for _, at := range places {
		x.points[at.Point].settle(at.Replication, o.seen)
	}
	x.so.Done, x.so.Events = x.so.Done+len(places), x.so.Events+o.events
	if o.seen.problem != "" {
		x.so.Failed += len(places)
	}
	if x.Finished != nil {
		p := x.points[o.Point]
		x.so.Point, x.so.N, x.so.Relative = o.Point, p.prefix, p.relative
		x.Finished(x.so)
	}
	return nil
}

// run runs a task.
func (x *executor) run(ctx context.Context, t task) outcome {
	o := outcome{task: t, run: store.Run{Key: t.key}}
	s, err := x.points[t.Point].scenario(x.Design)
	if err != nil {
		o.err = err
		return o
	}
	came, err := x.Run(x.name, s, scenarios.Options{Context: ctx, Replication: uint64(t.Replication)})
	if err == nil {
		o.events = came.Result.Events
		o.run.Summary, err = came.Result.JSON()
	}
	if ctx.Err() != nil {
		o.err = ctx.Err()
		return o
	}
	if err != nil {
		o.run.Error = err.Error()
	}
	o.seen = x.observe(o.run)
	o.run.Pack()
	return o
}

// observe reads the metrics of a run. One that cannot be read fails the run.
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

// cached is the scenario of a point, loaded when the first of its runs begins and let go when
// all are done.
type cached struct {
	mu   sync.Mutex
	spec *spec.Spec
}

func (c *cached) get(load func() (*spec.Spec, error)) (*spec.Spec, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.spec != nil {
		return c.spec, nil
	}
	var err error
	c.spec, err = load()
	return c.spec, err
}

func (c *cached) drop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.spec = nil
}
