package main

import (
	"io"
	"strings"

	"github.com/spf13/cobra"

	"dsmipsim/reports/result"
	"dsmipsim/reports/table"
	"dsmipsim/scenarios/sweep"
)

func newTable() *cobra.Command {
	format, tables, colour := string(table.Terminal), "", ""
	var metrics []string
	var about strings.Builder
	for _, k := range table.Kinds() {
		about.WriteString("\n  " + k.Name + strings.Repeat(" ", 17-len(k.Name)) + k.About)
	}
	c := &cobra.Command{
		Use:   "table DIR",
		Short: "Print the tables of a saved run or sweep, the usual ones or others",
		Long: `Print tables of a run that ` + "`dsmipsim run -o DIR`" + ` has saved: those that the run itself prints,
or others. run --tables knows the same ones:
` + about.String() + `

Of a sweep there is a table for each metric: those that the sweep itself prints, or those of --metric.

In the format csv they are the tables of the CSV files, with a blank line between two; in json they
are lists of objects with the same columns, which ` + "`dsmipsim reference csv`" + ` describes.`,
		Example: `  dsmipsim table out
  dsmipsim table out --tables limits,handover-limits
  dsmipsim table out --tables paths --format markdown
  dsmipsim table delay --metric 'flows[talk].longest_gap_s'`,
		Args: exactly(1, "one directory of a run or a sweep"),
		RunE: func(c *cobra.Command, args []string) error {
			if sweep.IsSweep(args[0]) || sweep.Unfinished(args[0]) { // which opening it tells
				if c.Flags().Changed("tables") {
					return usagef("--tables: %s is a sweep, which has metrics instead; wanted --metric", args[0])
				}
				return sweepTables(args[0], metrics, format, c.OutOrStdout())
			}
			if len(metrics) > 0 {
				return usagef("--metric: found no sweep in %s, wanted one", args[0])
			}
			show, err := tablesOf(tables, format, colour, c.OutOrStdout())
			if err != nil {
				return err
			}
			r, err := resultIn(args[0])
			if err != nil {
				return usagef("%s holds no run of dsmipsim: %w", args[0], err)
			}
			return show(r)
		},
	}
	addTables(c, &tables)
	c.Flags().StringArrayVar(&metrics, "metric", nil, "of a sweep: show this `path` into summary.json, instead of the sweep's metrics (repeatable)")
	addFormat(c, &format)
	addColour(c, &colour)
	return c
}

// sweepTables prints the metrics of a saved sweep.
func sweepTables(dir string, metrics []string, format string, w io.Writer) error {
	f, err := table.ParseFormat(format)
	if err != nil {
		return usage(err)
	}
	s, err := sweep.Open(dir)
	if err != nil {
		return usagef("table: %w", err)
	}
	if len(metrics) == 0 {
		metrics = s.Metrics
	}
	all, err := s.Describe(metrics)
	if err != nil {
		return usagef("--metric: %w", err)
	}
	found := points{factors: s.Factors, metrics: metrics, all: all}
	return found.write(w, f)
}

// addTables adds the flag --tables.
func addTables(c *cobra.Command, list *string) {
	c.Flags().StringVar(list, "tables", "usual", "which tables: usual, all, or some of `"+strings.Join(table.Names(), ",")+"`")
}

// tablesOf returns what prints the tables of a result, as the flags say.
func tablesOf(list, format, colour string, w io.Writer) (func(*result.Result) error, error) {
	f, err := table.ParseFormat(format)
	if err != nil {
		return nil, usage(err)
	}
	paint, err := colours(colour, w)
	if err != nil {
		return nil, err
	}
	chosen, err := table.Choose(list)
	if err != nil {
		return nil, usagef("--tables: %w", err)
	}
	return func(r *result.Result) error { return chosen.Write(w, f, r, paint.verdicts()) }, nil
}
