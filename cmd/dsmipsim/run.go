package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"dsmipsim/reports"
	"dsmipsim/reports/result"
	"dsmipsim/reports/table"
	"dsmipsim/scenarios"
	"dsmipsim/scenarios/spec"
	"dsmipsim/sim/trace"
)

// runScenario runs a scenario once. Tests of what happens when a run fails replace it.
var runScenario = scenarios.Run

// runFlags are the flags of `run`.
type runFlags struct {
	out         string
	seed        int64
	replication uint64
	sets        []string
	format      string
	tables      string
	colour      string
	quiet       bool
	verbose     bool
	attribute   bool
	packets     bool
	bin         time.Duration
	command     []string // the whole command line, for the manifest
}

func newRun(command []string) *cobra.Command {
	f := runFlags{format: string(table.Terminal), command: command}
	c := &cobra.Command{
		Use:   "run SCENARIO",
		Short: "Run a scenario and show what happened",
		Long: `Run a scenario, a file or a bundled one, and print tables of its handovers, flows and
signalling. With -o DIR the whole result is written there: summary.json, packets.pcapng for
Wireshark, events.jsonl, tables as CSV, a plot, report.html for a browser,
the effective scenario.toml and manifest.json.

The exit status is 1 if an expectation of the scenario is not met.`,
		Example: `  dsmipsim run roaming
  dsmipsim run roaming -o out --seed 7
  dsmipsim run roaming --tables handovers,limits,paths
  dsmipsim run mine.toml --set network.campus.link.delay=20ms --set flow.stream.interval=10ms`,
		Args: exactly(1, "one scenario"),
		RunE: func(c *cobra.Command, args []string) error {
			if c.Flags().Changed("out") && f.out == "" {
				return usagef("found an empty name for -o, wanted a directory")
			}
			if f.packets && f.out == "" {
				return usagef("found --packets without -o, wanted a directory to write packets.parquet into")
			}
			if f.bin < time.Millisecond {
				return usagef("found --bin %s, wanted at least 1ms", f.bin)
			}
			if c.Flags().Changed("seed") {
				f.sets = append(f.sets, "seed="+strconv.FormatInt(f.seed, 10))
			}
			return f.run(c.Context(), args[0], c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	c.Flags().StringVarP(&f.out, "out", "o", "", "write the whole result into `DIR`; an earlier result there is replaced")
	c.Flags().Int64Var(&f.seed, "seed", 1, "seed of all random numbers, instead of the scenario's")
	c.Flags().Uint64Var(&f.replication, "replication", 0, "which replication to run: each has random numbers of its own, those of that number in a sweep")
	c.Flags().BoolVar(&f.attribute, "attribute", false, "run again without each cause of delay in turn, and tell what it costs each handover")
	c.Flags().BoolVar(&f.packets, "packets", false, "with -o, write every test packet to packets.parquet, too")
	c.Flags().DurationVar(&f.bin, "bin", 100*time.Millisecond, "width of the intervals of throughput.csv and queues.csv")
	addSet(c, &f.sets)
	addFormat(c, &f.format)
	addTables(c, &f.tables)
	addColour(c, &f.colour)
	c.Flags().BoolVarP(&f.quiet, "quiet", "q", false, "print no tables and no notes")
	c.Flags().BoolVarP(&f.verbose, "verbose", "v", false, "tell milestones, with their virtual time, and speed on standard error")
	return c
}

func (f *runFlags) run(ctx context.Context, arg string, stdout, stderr io.Writer) error {
	show, err := tablesOf(f.tables, f.format, f.colour, stdout)
	if err != nil {
		return err
	}
	src, err := findSource(arg)
	if err != nil {
		return err
	}
	s, err := src.load(f.sets)
	if err != nil {
		return err
	}
	var out *reports.Directory
	var sinks sinkMaker
	if f.out != "" {
		if out, err = reports.Begin(f.out); err != nil {
			return refused(err)
		}
		defer out.Abort() // no effect after Write
		sinks = out.Sinks
	}
	if f.verbose {
		fmt.Fprintf(stderr, "dsmipsim: running %s, seed %d, for %s of virtual time\n", src.name, s.Seed, s.Duration)
	}
	began := time.Now()
	o, err := f.simulate(ctx, src, s, sinks, stderr)
	if err != nil {
		return err
	}
	if f.verbose {
		took := time.Since(began).Seconds()
		fmt.Fprintf(stderr, "dsmipsim: %d events in %.2f s (%.0f a second)\n", o.Result.Events, took, float64(o.Result.Events)/took)
	}
	if f.attribute {
		if err := f.attributed(ctx, src, s, o.Result, stderr); err != nil {
			return err
		}
	}
	if f.out != "" {
		m := provenance(f.command, o.Result)
		m.Attribute, m.Replication = f.attribute, f.replication
		if err := out.Write(reports.Artefacts{
			Result: o.Result, Samples: o.Samples, Queues: o.Queues, Bin: f.bin, Packets: f.packets, Scenario: src.effective(s), Manifest: m,
			Inputs:       inputs(s),
			Associations: o.Setup.Associations,
			Setup:        o.Setup,
			Dissection:   scenarios.Dissection(s),
		}); err != nil {
			return refused(err)
		}
		if !f.quiet {
			fmt.Fprintf(stderr, "dsmipsim: the result is in %s\n", f.out)
		}
	}
	if !f.quiet {
		if err := show(o.Result); err != nil {
			return err
		}
	}
	return verdict(o.Result, stderr)
}

// attributed puts into a result what each cause costs its handovers. What a variant writes,
// nobody keeps.
func (f *runFlags) attributed(ctx context.Context, src source, s *spec.Spec, r *result.Result, stderr io.Writer) error {
	all, err := scenarios.Attribute(s, r, func(cause string, without *spec.Spec) (*result.Result, error) {
		if f.verbose {
			fmt.Fprintf(stderr, "dsmipsim: running %s without %s\n", src.name, cause)
		}
		o, err := f.simulate(ctx, src, without, nil, stderr)
		if err != nil {
			return nil, err
		}
		return o.Result, nil
	})
	if err != nil {
		return err
	}
	r.Attribution = all
	return r.Seal()
}

// refused is bad input if a result would replace what is not ours, and no error of the user's
// otherwise.
func refused(err error) error {
	var r *reports.RefusedError
	if errors.As(err, &r) {
		return usage(err)
	}
	return err
}

// sinkMaker makes what listens to a run.
type sinkMaker func(result.Setup) ([]trace.Sink, error)

// simulate runs a scenario with somebody watching.
func (f *runFlags) simulate(ctx context.Context, src source, s *spec.Spec, more sinkMaker, stderr io.Writer) (*scenarios.Outcome, error) {
	p := newProgress(stderr, f.quiet)
	p.expect(1, s.Duration)
	defer p.clear()
	listen := func(setup result.Setup) (sinks []trace.Sink, err error) {
		if more != nil {
			sinks, err = more(setup)
		}
		if f.verbose {
			sinks = append(sinks, milestones{p})
		}
		return sinks, err
	}
	o, err := runScenario(src.name, s, scenarios.Options{Context: ctx, Replication: f.replication, Progress: p.follow(src.name, s.Duration), Sinks: listen})
	var d *scenarios.Defect
	if f.verbose && errors.As(err, &d) {
		fmt.Fprintf(stderr, "%s\n", d.Stack)
	}
	return o, err
}

// verdict tells which expectations are not met.
func verdict(r *result.Result, stderr io.Writer) error {
	failed := 0
	for _, e := range r.Expectations {
		if e.Pass || e.Unjudged || e.Deviates {
			continue
		}
		failed++
		note := ""
		if e.Note != "" {
			note = " (" + e.Note + ")"
		}
		got := e.Got
		if got == nil {
			got = "no value"
		}
		fmt.Fprintf(stderr, "dsmipsim: expectation failed: %s: want %s, got %v%s%s\n", e.Metric, e.Want, got, beyond(e.Margin), note)
		for _, line := range e.Where.Lines() {
			fmt.Fprintf(stderr, "    %s\n", line)
		}
	}
	if failed == 0 {
		return nil
	}
	return &status{code: statusFailed, err: fmt.Errorf("%d of %d expectations not met", failed, len(r.Expectations))}
}

// beyond says by how much a value misses what is wanted.
func beyond(margin *float64) string {
	if margin == nil {
		return ""
	}
	return ", beyond by " + shown(-*margin)
}
