package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"dsmipsim/reports/table"
	"dsmipsim/scenarios"
	"dsmipsim/scenarios/spec"
	"dsmipsim/scenarios/sweep"
	"dsmipsim/scenarios/sweep/store"
)

// sweepFlags are the flags of `sweep`.
type sweepFlags struct {
	out          string
	sets         []string
	seed         int64
	factors      []string
	metrics      []string
	replications int
	jobs         int
	resume       bool
	shard        string
	quiet        bool
	format       string
	command      []string // the whole command line
	slurmFlags
}

func newSweep(command []string) *cobra.Command {
	f := sweepFlags{format: string(table.Terminal), command: command}
	c := &cobra.Command{
		Use:   "sweep SCENARIO -o DIR",
		Short: "Run a scenario for all values of its factors, many times each",
		Long: `Run a scenario for every combination of the values of its [[sweep.factor]]s, each with as many
replications as [sweep] says, in parallel. Replication r has the same random numbers in every
combination, so that differences between combinations show early.

DIR then holds points.csv and sweep.json, which have means, quantiles and their 95 % confidence
intervals for each combination and metric, runs.csv, which has a row for each run, scenario.toml,
manifest.json, and in runs.sqlite the whole result of every run. None of it depends on --jobs, nor
on whether the sweep was interrupted: what is done is kept, even if the program is killed, and
--resume goes on from there. A run that is in DIR already is not run again.

A run that fails does not stop the others. The exit status is then 3, and a message tells how to
repeat that run alone.

With --shard i/n only a part of the runs is done, number i of n, into DIR/shards; merge puts the parts
together. The same shard may be started again at any time, and goes on from what is there. In an array
of tasks of Slurm, Grid Engine, PBS, LSF or Kubernetes, --shard auto/n takes i from the task's number.

With --engine slurm all of this is done on a cluster with Slurm: a job array is submitted and followed,
tasks that end without a complete shard are submitted again, and the shards are put together. DIR must be
on a file system that the nodes share; scenario and program are copied there. An interrupt cancels the
jobs. See dsmipsim help batch, for other systems, too.`,
		Example: `  dsmipsim sweep mine.toml -o out
  dsmipsim sweep roaming -o out --replications 30 --factor 'network.campus.link.loss=0,0.01,0.1'
  dsmipsim sweep mine.toml -o out --metric 'handovers[to=campus].latency_s' --resume
  dsmipsim sweep mine.toml -o /shared/out --engine slurm --sbatch-arg --time=02:00:00`,
		Args: exactly(1, "one scenario"),
		RunE: func(c *cobra.Command, args []string) error {
			if f.out == "" {
				return usagef("sweep: found no -o, wanted a directory for the results")
			}
			if f.jobs < 0 {
				return usagef("--jobs: found %d, wanted 1 or more, or 0 for one per processor", f.jobs)
			}
			if c.Flags().Changed("replications") {
				if f.replications < 1 {
					return usagef("--replications: found %d, wanted 1 or more", f.replications)
				}
				f.sets = append(f.sets, "sweep.replications="+strconv.Itoa(f.replications))
			}
			if c.Flags().Changed("seed") {
				f.sets = append(f.sets, "seed="+strconv.FormatInt(f.seed, 10))
			}
			if err := f.check(c); err != nil {
				return err
			}
			if f.engine == "slurm" {
				return f.onSlurm(c.Context(), args[0], c.OutOrStdout(), c.ErrOrStderr())
			}
			if f.shard != "" {
				if f.resume {
					return usagef("found --shard and --resume, wanted --shard alone: it goes on from what is there")
				}
				return f.runShard(c, args[0], c.ErrOrStderr())
			}
			return f.sweep(c.Context(), args[0], c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	c.Flags().StringVarP(&f.out, "out", "o", "", "write the results into `DIR`; an earlier result there is replaced")
	c.Flags().IntVar(&f.replications, "replications", 0, "how often to run each combination, instead of as often as the scenario says")
	c.Flags().StringArrayVar(&f.factors, "factor", nil, "vary a key: `path=value,value,...`, instead of how the scenario does, if it does (repeatable)")
	c.Flags().StringArrayVar(&f.metrics, "metric", nil, "show this `path` into summary.json, instead of the scenario's metrics (repeatable)")
	c.Flags().IntVarP(&f.jobs, "jobs", "j", 0, "how many runs at a time; 0 for one per processor")
	c.Flags().BoolVar(&f.resume, "resume", false, "go on with the sweep in DIR")
	c.Flags().StringVar(&f.shard, "shard", "", "run only `i/n`, number i of n parts, for merge; auto/n or auto takes i, or both, from the variables of a cluster's array of tasks")
	c.Flags().Int64Var(&f.seed, "seed", 1, "seed of all random numbers, instead of the scenario's")
	addSet(c, &f.sets)
	addFormat(c, &f.format)
	c.Flags().BoolVarP(&f.quiet, "quiet", "q", false, "print no table, no progress and no notes")
	f.add(c)
	return c
}

// spareCollector has the garbage collector run less often, unless the user has a say in that: each
// run makes a world and throws it away, which takes more time than memory.
func spareCollector() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
}

// design works the sweep out.
func (f *sweepFlags) design(arg string) (*sweep.Design, error) {
	spareCollector()
	src, err := findSource(arg)
	if err != nil {
		return nil, err
	}
	sets := f.sets
	for _, factor := range f.factors {
		sets = append(sets, spec.FactorOverride(factor))
	}
	if len(f.metrics) > 0 {
		paths := make([]any, len(f.metrics))
		for i, path := range f.metrics {
			if _, err := scenarios.ParseMetric(path); err != nil {
				return nil, usagef("--metric: %w", err)
			}
			paths[i] = path
		}
		sets = append(sets, "sweep.metrics="+spec.FormatValue(paths))
	}
	d, err := sweep.New(sweep.Source{Name: src.name, File: src.file, Text: src.text, Sets: sets, Files: src.files})
	if err != nil {
		return nil, invalid(err)
	}
	return d, nil
}

func (f *sweepFlags) sweep(ctx context.Context, arg string, stdout, stderr io.Writer) error {
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
	b, err := d.Begin(f.out, f.resume, version)
	if err != nil {
		return notTaken(err)
	}
	if len(b.Differences) > 0 && !f.quiet {
		fmt.Fprintf(stderr, "dsmipsim: %s was begun with something else; what both have is not run again:\n  %s\n", f.out, strings.Join(b.Differences, "\n  "))
	}
	p := newProgress(stderr, f.quiet)
	report, err := b.Run(ctx, sweep.Options{Jobs: f.jobs, Version: version, Finished: showSweep(p), Run: runScenario}, made(f.command))
	p.clear()
	if errors.Is(err, context.Canceled) {
		return &status{code: statusInterrupt, err: fmt.Errorf("interrupted; what is done is in %s, and this goes on from there:\n  %s", f.out, f.again())}
	}
	if err != nil {
		return err
	}
	return f.tell(d, report, format, stdout, stderr)
}

// tell says how a sweep ended.
func (f *sweepFlags) tell(d *sweep.Design, report *sweep.Report, format table.Format, stdout, stderr io.Writer) error {
	if !f.quiet {
		fmt.Fprintf(stderr, "dsmipsim: the results of %d runs are in %s\n", report.Runs, f.out)
		if report.Wide > 0 {
			fmt.Fprintf(stderr, "dsmipsim: %d of %d points have as many replications as until allows, and an interval that is wider than it wants\n", report.Wide, len(report.Points))
		}
		found := points{factors: d.Factors, metrics: d.Metrics, all: report.Points}
		if err := found.write(stdout, format); err != nil {
			return err
		}
	}
	return f.failed(report)
}

// notTaken is bad usage if a directory is not taken, and no error of the user's otherwise.
func notTaken(err error) error {
	var r *sweep.RefusedError
	if errors.As(err, &r) || errors.Is(err, store.ErrInUse) {
		return usage(err)
	}
	return refused(err)
}

// again is the command that goes on with a sweep.
func (f *sweepFlags) again() string {
	words := slices.DeleteFunc(slices.Clone(f.command), func(w string) bool { return w == "--detach" })
	if !f.resume {
		words = append(words, "--resume")
	}
	return shellLine(words)
}

// shownFailures is how many failed runs are told of one by one.
const shownFailures = 3

// failed tells which runs failed, and how to repeat them.
func (f *sweepFlags) failed(r *sweep.Report) error {
	if len(r.Failures) == 0 {
		return nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d of %d runs failed", len(r.Failures), r.Runs)
	for i, one := range r.Failures {
		if i == shownFailures {
			fmt.Fprintf(&b, "\nand %d more, which runs.csv tells of", len(r.Failures)-i)
			break
		}
		line := []string{"dsmipsim", "run", f.out + "/" + effectiveScenario}
		for _, set := range one.Sets {
			line = append(line, "--set", f.fromHere(set))
		}
		line = append(line, "--replication", strconv.Itoa(one.Replication))
		fmt.Fprintf(&b, "\npoint %d, replication %d: %s; repeat it with\n  %s", one.Point, one.Replication, one.Error, shellLine(line))
	}
	return &status{code: statusInternal, err: errors.New(b.String())}
}

// fromHere is an override that holds in the current folder: what it names is in that of the results.
func (f *sweepFlags) fromHere(set string) string {
	key, value, _ := strings.Cut(set, "=")
	name := strings.Trim(value, `"`)
	if info, err := os.Stat(filepath.Join(f.out, filepath.FromSlash(name))); strings.HasPrefix(name, "data/") && err == nil && info.Mode().IsRegular() {
		return key + "=" + strconv.Quote(f.out+"/"+name)
	}
	return set
}

// shellLine writes a command as a POSIX shell reads it.
func shellLine(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		if w == "" || strings.ContainsFunc(w, func(r rune) bool {
			return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./=:,+@%", r))
		}) {
			w = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
		quoted[i] = w
	}
	return strings.Join(quoted, " ")
}

// significant writes a number to six digits, nothing for none.
func significant(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'g', 6, 64)
}

// versionKey tells versions of the program apart that may give other results: by the revision of the
// source if that is all there is in it, else by the program itself.
func versionKey() (string, error) {
	b := readBuild()
	if b.Revision != "unknown" && !b.Modified {
		return b.Revision + " " + b.Go, nil
	}
	return programIdentity()
}
