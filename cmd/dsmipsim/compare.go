package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"dsmipsim/reports/comparison"
	"dsmipsim/reports/saved"
	"dsmipsim/reports/table"
	"dsmipsim/scenarios"
	"dsmipsim/scenarios/sweep"
)

// compareFlags are the flags of `compare`.
type compareFlags struct {
	metrics   []string
	test      string
	tolerance []string
	level     float64
	format    string
	quiet     bool
	differing bool
	bounded   bool // --tolerance was given
}

func newCompare() *cobra.Command {
	f := compareFlags{test: string(comparison.Auto), level: confidence, format: string(table.Terminal)}
	c := &cobra.Command{
		Use:   "compare A B",
		Short: "Compare two sweeps or two runs: what differs, how much, is it significant",
		Long: `Compare two directories: sweeps, or single runs.

Of sweeps the points with the same factor values are compared, metric by metric: those of the sweeps,
or each --metric PATH, a path into summary.json as [[expect]] has it. The table has the means, the
difference B - A with its interval, the p-value before and after Holm's correction for all tests of
the comparison together, the size of the effect, and a verdict: better, worse, no difference, or
differs, of quantities that can be judged neither way.

If both sweeps have the same seed and the same replications, these ran on the same random numbers,
and the test is Student's on the pairs; else it is Welch's. --test chooses another. Where fewer runs
of one side have a value, such as the latency of handovers that do not always end, their share is
compared by Fisher's exact test as well.

Of two single runs the differences are exact, handover by handover, and no test is made: one value
tells nothing of chance.

The exit status is 1 if a metric got significantly worse by more than --tolerance, of single runs
if it is worse at all by more than a --tolerance that is given; 2 for bad input.`,
		Example: `  dsmipsim compare before after
  dsmipsim compare before after --metric 'handovers[to=campus].latency_s.mean' --tolerance 5% --tolerance 2ms
  dsmipsim compare before after --test mann-whitney --format markdown`,
		Args: exactly(2, "two directories of sweeps or of runs"),
		RunE: func(c *cobra.Command, args []string) error {
			f.bounded = c.Flags().Changed("tolerance")
			return f.run(args[0], args[1], c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	c.Flags().StringArrayVar(&f.metrics, "metric", nil, "compare this `PATH` into summary.json instead of the sweep's metrics; may be given again")
	c.Flags().StringVar(&f.test, "test", f.test, "which test: auto, "+strings.Join(comparison.Tests(), ", "))
	c.Flags().StringArrayVar(&f.tolerance, "tolerance", nil, "how much worse is tolerated: a part such as 5% or 0.05, of times 2ms, of octets 100B; may be given again, one is enough")
	c.Flags().Float64Var(&f.level, "level", f.level, "of confidence; 1 less it is the chance of a false alarm of the whole comparison")
	c.Flags().BoolVarP(&f.quiet, "quiet", "q", false, "no table, only what got worse")
	c.Flags().BoolVar(&f.differing, "differing", false, "of sweeps show only what differs or could not be tested")
	addFormat(c, &f.format)
	_ = c.RegisterFlagCompletionFunc("test", cobra.FixedCompletions(append([]string{string(comparison.Auto)}, comparison.Tests()...), cobra.ShellCompDirectiveNoFileComp)) // it is there
	return c
}

func (f *compareFlags) run(a, b string, stdout, stderr io.Writer) error {
	format, err := table.ParseFormat(f.format)
	if err != nil {
		return usage(err)
	}
	tolerance, err := comparison.ParseTolerance(f.tolerance)
	if err != nil {
		return usagef("--tolerance: %w", err)
	}
	o := comparison.Options{Level: f.level, Test: comparison.Test(f.test), Tolerance: tolerance}
	tests := append([]string{string(comparison.Auto)}, comparison.Tests()...)
	if !slices.Contains(tests, f.test) {
		return usagef("--test: found %q, wanted one of %s%s", f.test, strings.Join(tests, ", "), didYouMean(f.test, tests))
	}
	if !(f.level > 0 && f.level < 1) {
		return usagef("--level: found %v, wanted a number between 0 and 1, such as 0.95", f.level)
	}
	isSweep := func(dir string) bool { return sweep.IsSweep(dir) || sweep.Unfinished(dir) } // which opening it tells
	switch sweepA, sweepB := isSweep(a), isSweep(b); {
	case sweepA && sweepB:
		return f.sweeps(a, b, o, format, stdout, stderr)
	case sweepA != sweepB:
		kind := map[bool]string{true: "a sweep", false: "no sweep"}
		return usagef("compare: %s is %s and %s is %s; wanted two sweeps or two runs", a, kind[sweepA], b, kind[sweepB])
	}
	return f.runs(a, b, tolerance, format, stdout, stderr)
}

// sweeps compares two sweeps.
func (f *compareFlags) sweeps(a, b string, o comparison.Options, format table.Format, stdout, stderr io.Writer) error {
	x, err := sweep.Open(a)
	if err != nil {
		return usagef("compare: %w", err)
	}
	y, err := sweep.Open(b)
	if err != nil {
		return usagef("compare: %w", err)
	}
	m, err := match(a, x, b, y)
	if err != nil {
		return err
	}
	for i, one := range []*sweep.Sweep{x, y} {
		if one.Failed > 0 {
			m.notes = append(m.notes, fmt.Sprintf("%d runs of %s failed, and count as runs without a value.", one.Failed, []string{a, b}[i]))
		}
	}
	metrics := f.metrics
	if len(metrics) == 0 {
		var only []string
		metrics, only = shared(x.Metrics, y.Metrics)
		if len(only) > 0 {
			m.notes = append(m.notes, "Metrics of one sweep only, not compared: "+strings.Join(only, ", ")+".")
		}
	}
	if o.Common = x.Seed == y.Seed; o.Test == comparison.Paired && !o.Common {
		return usagef("--test paired: the seeds are %d and %d; replications are pairs only of one seed", x.Seed, y.Seed)
	}
	cases, err := m.cases(metrics)
	if err != nil {
		return usagef("compare: %w", err)
	}
	report, err := comparison.Judge(cases, o)
	if err != nil {
		return err
	}
	d := comparison.Document{A: a, B: b, Factors: m.factors, Report: report, Differing: f.differing, Notes: append([]string{how(report, o, x.Seed, y.Seed)}, m.notes...)}
	if !f.quiet {
		if err := d.Write(stdout, format); err != nil {
			return err
		}
	}
	if format == table.CSV || f.quiet { // which has no place for them
		for _, n := range m.notes {
			fmt.Fprintf(stderr, "dsmipsim: %s\n", n)
		}
	}
	return verdictOf(report, stderr)
}

// how says in a sentence which tests were made.
func how(r *comparison.Report, o comparison.Options, seedA, seedB int64) string {
	paired, others := 0, 0
	for _, f := range r.Findings {
		switch f.Test {
		case "paired t":
			paired++
		case "Welch", "Mann-Whitney":
			others++
		}
	}
	var text string
	switch {
	case o.Test == comparison.MannWhitney || o.Test == comparison.Welch:
		text = "The samples are compared as independent ones, as asked for."
	case paired > 0 && others == 0:
		text = fmt.Sprintf("Both have the seed %d: replications of one number ran on the same random numbers and are compared pair by pair.", seedA)
	case paired > 0:
		text = fmt.Sprintf("Both have the seed %d: where the replications match they ran on the same random numbers and are compared pair by pair, elsewhere as independent samples.", seedA)
	case o.Common:
		text = fmt.Sprintf("Both have the seed %d, but the replications do not match: they are compared as independent samples.", seedA)
	default:
		text = fmt.Sprintf("The seeds are %d and %d: the samples are compared as independent ones.", seedA, seedB)
	}
	return fmt.Sprintf("%s Holm's correction is for %d tests; significant is what is below %.3g after it.", text, r.Tested, math.Round((1-o.Level)*1e9)/1e9)
}

// verdictOf tells what came out, and with which status the command ends.
func verdictOf(r *comparison.Report, stderr io.Writer) error {
	beyond := r.Beyond()
	for _, f := range beyond {
		text := f.Metric
		if len(f.Point) > 0 {
			text = strings.Join(f.Point, ", ") + ": " + text
		}
		if f.Relative != nil {
			text += fmt.Sprintf(" by %.3g %%", math.Abs(*f.Relative*100))
		}
		fmt.Fprintf(stderr, "dsmipsim: worse: %s (p = %.2g after correction)\n", text, *f.Corrected)
	}
	sum := fmt.Sprintf("%d worse, %d better, %d differ, %d no difference, %d not tested", r.Count(comparison.Worse), r.Count(comparison.Better),
		r.Count(comparison.Differs), r.Count(comparison.NoDifference), r.Count(comparison.NotTested))
	if len(beyond) > 0 {
		return &status{code: statusFailed, err: fmt.Errorf("%s; %d worse by more than is tolerated", sum, len(beyond))}
	}
	fmt.Fprintf(stderr, "dsmipsim: %s\n", sum)
	return nil
}

// runs compares two single runs.
func (f *compareFlags) runs(a, b string, t comparison.Tolerance, format table.Format, stdout, stderr io.Writer) error {
	var two []comparison.Run
	for _, dir := range []string{a, b} {
		r, err := saved.Open(dir)
		if err != nil {
			return usagef("compare: %w", err)
		}
		two = append(two, comparison.Run{Name: dir, Result: r.Result, Samples: r.Samples})
	}
	p, err := comparison.Compare(two[0], two[1], f.metrics, scenarios.Measure, t)
	if err != nil {
		return usagef("compare: %w", err)
	}
	if !f.quiet {
		if err := p.Write(stdout, format); err != nil {
			return err
		}
		if format == table.CSV {
			fmt.Fprintf(stderr, "dsmipsim: %s\n", comparison.OneValue)
		}
	}
	beyond := p.Beyond()
	if !f.bounded || len(beyond) == 0 {
		return nil
	}
	for _, c := range beyond {
		fmt.Fprintf(stderr, "dsmipsim: worse: %s, from %v to %v\n", c.Metric, *c.A, *c.B)
	}
	return &status{code: statusFailed, err: fmt.Errorf("%d of %d metrics are worse by more than is tolerated", len(beyond), len(p.Metrics))}
}
