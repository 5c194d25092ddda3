package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"dsmipsim/reports/table"
	"dsmipsim/scenarios"
	"dsmipsim/scenarios/check"
)

// checkFlags are the flags of `check`.
type checkFlags struct {
	sets        []string
	jobs        int
	quiet       bool
	verbose     bool
	failing     bool
	format      string
	baseline    string
	noBaseline  bool
	update      bool
	twice       bool
	junit       string
	annotations string
	colour      string
}

func newCheck() *cobra.Command {
	f := checkFlags{format: string(table.Terminal), annotations: annotateAuto}
	c := &cobra.Command{
		Use:   "check PATH...",
		Short: "Run scenarios and judge what they expect, and whether they are what they were",
		Long: `Run scenarios, each as often as [sweep] replications says, and judge every [[expect]]: what is
published, predicted and ours, what is wanted, and the verdict. What is not met says where in the
run: the packet, the handover, the moment. A PATH is a scenario file, a folder with such files in
it or below it, or the name of a bundled scenario or folder.

Fingerprints are compared with a baseline: ` + check.BaselineFile + ` in the folder of the scenario
or the nearest one above it, up to the root of the repository, or the file of --baseline. What
differs is shown from the first event on that does, decoded, with what came before it, as is and
as it was. --update writes the baseline, and beside it a folder with a listing of each run;
both belong into the repository. Without a baseline, fingerprints are not judged. A bundled
scenario has one only with --baseline.

With --twice everything is run a second time, in another order and on another number of
processors, and has to come out the same.

Exit status: 0 if all is well, 1 if an expectation is not met or a fingerprint differs, 2 if a
scenario is wrong, or expects nothing and has no baseline.`,
		Example: `  dsmipsim check validation
  dsmipsim check scenarios/ --update
  dsmipsim check scenarios/ --junit checks.xml
  dsmipsim check mine.toml --set network.campus.link.delay=20ms --no-baseline`,
		Args: atLeastOne("a scenario file, a folder or a bundled scenario"),
		RunE: func(c *cobra.Command, args []string) error {
			return f.run(c.Context(), args, c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	addSet(c, &f.sets)
	c.Flags().IntVarP(&f.jobs, "jobs", "j", 0, "how many replications to run at a time; 0 for one per processor")
	c.Flags().BoolVarP(&f.quiet, "quiet", "q", false, "no table and no progress, only what fails")
	c.Flags().BoolVarP(&f.verbose, "verbose", "v", false, "tell which scenarios have no baseline")
	c.Flags().BoolVar(&f.failing, "failing", false, "only what fails")
	c.Flags().StringVar(&f.format, "format", f.format, "how to print: "+strings.Join(table.Formats(), ", "))
	addColour(c, &f.colour)
	c.Flags().StringVar(&f.baseline, "baseline", "", "compare with this `FILE`, instead of the one found beside the scenarios")
	c.Flags().BoolVar(&f.noBaseline, "no-baseline", false, "do not compare fingerprints")
	c.Flags().BoolVar(&f.update, "update", false, "make the runs of now the baseline of these scenarios")
	c.Flags().BoolVar(&f.twice, "twice", false, "run everything twice; it has to come out the same")
	c.Flags().StringVar(&f.junit, "junit", "", "write the verdicts as JUnit XML to `FILE`")
	c.Flags().StringVar(&f.annotations, "annotations", f.annotations, "mark what fails in the files: "+strings.Join(annotationChoices, ", ")+"; auto is github in a GitHub workflow")
	return c
}

// validate finds what is wrong with the flags.
func (f *checkFlags) validate() error {
	switch {
	case f.jobs < 0:
		return usagef("--jobs: found %d, wanted 1 or more, or 0 for one per processor", f.jobs)
	case f.noBaseline && (f.update || f.baseline != ""):
		return usagef("found --no-baseline with --update or --baseline, wanted one or the other")
	case f.update && len(f.sets) > 0:
		return usagef("found --update with --set: the baseline would not be that of the scenarios")
	}
	if f.junit != "" {
		if info, err := os.Stat(filepath.Dir(f.junit)); err != nil || !info.IsDir() {
			return usagef("--junit: found no folder %s, wanted one to write %s into", filepath.Dir(f.junit), filepath.Base(f.junit))
		}
		if info, err := os.Stat(f.junit); err == nil && info.IsDir() {
			return usagef("--junit: found a folder %s, wanted a file", f.junit)
		}
	}
	return nil
}

func (f *checkFlags) run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	format, err := table.ParseFormat(f.format)
	if err != nil {
		return usage(err)
	}
	paint, err := colours(f.colour, stdout)
	if err != nil {
		return err
	}
	if err := f.validate(); err != nil {
		return err
	}
	annotate, err := annotator(f.annotations)
	if err != nil {
		return err
	}
	targets, err := f.collect(args)
	if err != nil {
		return err
	}
	all := make([]check.Scenario, len(targets))
	for i := range targets {
		all[i] = targets[i].Scenario
	}
	if f.verbose {
		tellUnjudged(all, stderr)
	}
	rows, err := f.judge(ctx, targets, all, stderr)
	if err != nil {
		return err
	}
	if f.junit != "" {
		if err := writeJUnit(f.junit, targets, rows); err != nil {
			return err
		}
	}
	shown := rows
	if f.failing {
		shown = failures(rows)
	}
	if !f.quiet && (len(shown) > 0 || format != table.Terminal) {
		t := verdictTable(shown, format != table.Terminal)
		t.Paint = paint.verdicts()
		if err := t.Render(stdout, format); err != nil {
			return err
		}
	}
	for _, t := range tellings(failures(rows)) {
		t.write(stderr)
		if annotate {
			fmt.Fprintln(stderr, t.annotation())
		}
	}
	return sentence(rows, len(all), stderr)
}

// judge runs the scenarios as often as it takes.
func (f *checkFlags) judge(ctx context.Context, targets []target, all []check.Scenario, stderr io.Writer) ([]verdictRow, error) {
	p := newProgress(stderr, f.quiet)
	defer p.clear()
	runs, whole := replications(all)
	if f.twice {
		runs, whole = 2*runs, 2*whole
	}
	p.expect(runs, whole)
	options := check.Options{Jobs: f.jobs, Follow: func(s check.Scenario) scenarios.Progress {
		return p.follow(s.Name, s.Spec.Duration)
	}}
	report, err := check.Run(ctx, all, options)
	if err != nil {
		return nil, err
	}
	var again []check.Match
	if f.twice {
		if again, err = check.Twice(ctx, all, report.Prints, options); err != nil {
			return nil, err
		}
	}
	if f.update {
		for _, m := range again {
			if !m.Pass {
				fmt.Fprintln(stderr, "dsmipsim: no baseline was written, since the runs do not come out the same again")
				return rowsOf(targets, report.Judgements, nil, again), nil
			}
		}
		p.clear()
		if err := update(ctx, all, report, options, stderr); err != nil {
			return nil, err
		}
	}
	matches, err := check.Compare(ctx, all, report.Prints, options)
	return rowsOf(targets, report.Judgements, matches, again), err
}
