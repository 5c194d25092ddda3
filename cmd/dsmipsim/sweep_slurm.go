package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"dsmipsim/reports/table"
	"dsmipsim/scenarios/sweep"
	"dsmipsim/scenarios/sweep/slurm"
)

// engines are who may compute a sweep.
var engines = []string{"local", "slurm"}

// slurmFlags are the flags of `sweep --engine slurm`.
type slurmFlags struct {
	engine    string
	tasks     int
	atOnce    int
	partition string
	options   []string
	poll      time.Duration
	retries   int
	dryRun    bool
	detach    bool
}

// onlySlurm are the names of those that mean nothing to another engine.
var onlySlurm = []string{"tasks", "at-once", "partition", "sbatch-arg", "poll", "retries", "dry-run", "detach"}

func (f *slurmFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.engine, "engine", engines[0], "who computes, by `NAME`: local, or slurm for a job array on a cluster (see dsmipsim help batch)")
	c.Flags().IntVar(&f.tasks, "tasks", 0, "with slurm, into how many tasks to divide the sweep; 0 for tasks of some minutes")
	c.Flags().IntVar(&f.atOnce, "at-once", 0, "with slurm, how many tasks may run at a time; 0 for no limit but the cluster's")
	c.Flags().StringVar(&f.partition, "partition", "", "with slurm, the partition `NAME`, instead of the cluster's default")
	c.Flags().StringArrayVar(&f.options, "sbatch-arg", nil, "with slurm, one more `OPTION` of sbatch, such as --time=02:00:00 (repeatable)")
	c.Flags().DurationVar(&f.poll, "poll", 10*time.Second, "with slurm, the time between two looks at the queue")
	c.Flags().IntVar(&f.retries, "retries", 2, "with slurm, how often to submit a shard again that did not become complete")
	c.Flags().BoolVar(&f.dryRun, "dry-run", false, "with slurm, print the batch script and submit nothing")
	c.Flags().BoolVar(&f.detach, "detach", false, "with slurm, submit and do not wait; --resume follows the jobs later")
	_ = c.RegisterFlagCompletionFunc("engine", cobra.FixedCompletions(engines, cobra.ShellCompDirectiveNoFileComp)) // it is there
}

// check refuses flags that do not fit together.
func (f *slurmFlags) check(c *cobra.Command) error {
	changed := c.Flags().Changed
	switch {
	case !slices.Contains(engines, f.engine):
		return usagef("--engine: found %q, wanted local or slurm%s", f.engine, didYouMean(f.engine, engines))
	case f.engine == "local":
		for _, name := range onlySlurm {
			if changed(name) {
				return usagef("found --%s without --engine slurm", name)
			}
		}
		return nil
	case changed("shard"):
		return usagef("found --shard and --engine slurm, wanted one of them: the engine computes all shards")
	case changed("jobs"):
		return usagef("found --jobs and --engine slurm, wanted --sbatch-arg --cpus-per-task=N: each task runs as many jobs as it has processors")
	case changed("tasks") && f.tasks < 1:
		return usagef("--tasks: found %d, wanted 1 or more", f.tasks)
	case f.atOnce < 0:
		return usagef("--at-once: found %d, wanted 1 or more, or 0 for no limit", f.atOnce)
	case f.retries < 0:
		return usagef("--retries: found %d, wanted 0 or more", f.retries)
	case f.poll < 10*time.Millisecond:
		return usagef("--poll: found %s, wanted at least 10ms", f.poll)
	}
	return nil
}

// onSlurm has a cluster compute the sweep.
func (f *sweepFlags) onSlurm(ctx context.Context, arg string, stdout, stderr io.Writer) error {
	format, err := table.ParseFormat(f.format)
	if err != nil {
		return usage(err)
	}
	d, err := f.design(arg)
	if err != nil {
		return err
	}
	version, err := versionKey()
	if err != nil {
		return err
	}
	dir, err := filepath.Abs(f.out)
	if err != nil {
		return err
	}
	p := newProgress(stderr, f.quiet)
	defer p.clear()
	note := func(format string, args ...any) {
		if !f.quiet {
			fmt.Fprintf(p, "dsmipsim: "+format+"\n", args...)
		}
	}
	scenario := filepath.Join(dir, slurm.Folder, effectiveScenario)
	e := &slurm.Engine{
		Array: slurm.Array{
			Dir: dir, Command: shellLine([]string{slurm.Program(dir), "sweep", scenario, "-o", dir}),
			Name: "dsmipsim-" + filepath.Base(dir), AtOnce: f.atOnce, Partition: f.partition, Options: f.options,
		},
		Poll: f.poll, Retries: f.retries, Note: note, Progress: showSlurm(p),
	}
	if err := e.Check(); err != nil {
		return usagef("--engine slurm: %w", err)
	}
	if e.Shards, err = f.divide(ctx, d, dir, note); err != nil {
		return err
	}
	if f.dryRun {
		_, err := io.WriteString(stdout, e.Script())
		return err
	}
	e.Complete = func(shard int) (bool, error) {
		return d.HasShard(dir, sweep.Shard{Index: shard, Of: e.Shards}, version)
	}
	if err := f.submit(ctx, d, e); err != nil {
		return err
	}
	if f.detach {
		note("this follows the jobs, and puts the shards together:\n  %s", f.again())
		return nil
	}
	if err := f.follow(ctx, e); err != nil {
		return err
	}
	_, report, err := sweep.Merge(ctx, f.out, nil, made(f.command))
	if err != nil {
		return notTaken(err)
	}
	if err := errors.Join(sweep.Tidy(f.out), os.Remove(slurm.Program(dir))); err != nil {
		return err
	}
	p.clear()
	return f.tell(d, report, format, stdout, stderr)
}

// taskLength is what a task should take if the user does not say how many there are: long beside
// what a cluster needs to start it, and short beside what is lost with it.
const taskLength = 5 * time.Minute

// usualArray is how many tasks an array may have on a cluster that nobody has configured otherwise.
const usualArray = 1000

// divide says into how many tasks the sweep is to be divided.
func (f *sweepFlags) divide(ctx context.Context, d *sweep.Design, dir string, note func(string, ...any)) (int, error) {
	if f.resume {
		begun, err := slurm.Shards(dir)
		switch {
		case err != nil:
			return 0, err
		case begun > 0 && f.tasks > 0 && f.tasks != begun:
			return 0, usagef("--tasks: found %d, but %s was begun with %d", f.tasks, f.out, begun)
		case begun > 0:
			return begun, nil
		}
	}
	most, err := slurm.MaxTasks(ctx)
	if err != nil && !f.dryRun {
		return 0, err
	} else if err != nil {
		most = usualArray
	}
	runs, shards := d.Runs()
	if f.tasks > most {
		return 0, usagef("--tasks: found %d, wanted at most %d, which is what an array of this cluster may have (MaxArraySize)", f.tasks, most)
	}
	if f.tasks > shards {
		return 0, usagef("--tasks: found %d, wanted at most %d, so that each has something to do", f.tasks, shards)
	}
	if f.tasks > 0 {
		return f.tasks, nil
	}
	cost, err := d.Cost(ctx, 20*time.Second)
	if err != nil {
		return 0, err
	}
	n := tasksFor(runs, cost, min(shards, most))
	note("a run takes about %s here: %d runs in %s, unless --tasks says otherwise", cost.Round(time.Millisecond), runs, slurm.Tasks(n))
	return n, nil
}

// tasksFor is how many tasks of taskLength so many runs need.
func tasksFor(runs int, cost time.Duration, most int) int {
	perTask := max(1, int(taskLength/max(cost, time.Microsecond)))
	return min((runs+perTask-1)/perTask, most)
}

// submit prepares the folder, and submits the shards that are missing. If nothing could be submitted
// there, nothing of it is left.
func (f *sweepFlags) submit(ctx context.Context, d *sweep.Design, e *slurm.Engine) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	if err := d.BeginShards(f.out, f.resume); err != nil {
		return notTaken(err)
	}
	if err = slurm.Install(e.Dir, program); err == nil {
		if err = d.WriteScenario(filepath.Join(e.Dir, slurm.Folder)); err == nil {
			err = e.Start(ctx)
		}
	}
	if err != nil && !f.resume {
		return errors.Join(err, os.RemoveAll(e.Dir))
	}
	return notTaken(err)
}

// follow waits for the shards, and cancels the jobs if the user interrupts.
func (f *sweepFlags) follow(ctx context.Context, e *slurm.Engine) error {
	err := e.Follow(ctx)
	var incomplete *slurm.IncompleteError
	switch {
	case ctx.Err() != nil:
		if err := e.Cancel(context.WithoutCancel(ctx)); err != nil {
			return fmt.Errorf("interrupted, but the jobs may go on: %w", err)
		}
		return &status{code: statusInterrupt, err: fmt.Errorf("interrupted, and the jobs are cancelled; what is done is in %s, and this goes on from there:\n  %s", f.out, f.again())}
	case errors.As(err, &incomplete):
		return fmt.Errorf("%w\nthe other shards are kept; this submits what is missing:\n  %s", err, f.again())
	case err != nil:
		return fmt.Errorf("%w\nthis follows them again:\n  %s", err, f.again())
	}
	return nil
}

// showSlurm returns what shows how far the shards are.
func showSlurm(p *progress) func(slurm.Status) {
	return func(s slurm.Status) { p.tell(func(took time.Duration) string { return slurmLine(s, took) }) }
}

// slurmLine says how far the shards are.
func slurmLine(s slurm.Status, took time.Duration) string {
	text := fmt.Sprintf("%3.0f %%  %d of %d shards", 100*float64(s.Complete)/float64(s.Shards), s.Complete, s.Shards)
	for _, part := range []struct {
		n    int
		what string
	}{{s.Running, "running"}, {s.Waiting, "waiting"}, {s.GivenUp, "given up"}} {
		if part.n > 0 {
			text += ", " + strconv.Itoa(part.n) + " " + part.what
		}
	}
	if s.Waiting > 0 && s.Reason != "" && s.Reason != "None" {
		text += " (" + s.Reason + ")"
	}
	return text + "  " + took.Round(time.Second).String()
}
