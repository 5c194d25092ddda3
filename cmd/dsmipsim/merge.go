package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"dsmipsim/reports/table"
	"dsmipsim/scenarios/sweep"
)

func newMerge(command []string) *cobra.Command {
	f := sweepFlags{format: string(table.Terminal), command: command}
	c := &cobra.Command{
		Use:   "merge DIR | merge -o DIR SHARD...",
		Short: "Put the shards of a sweep together",
		Long: `Put the shards together that sweep --shard has written below DIR/shards, or the given ones, and write
what sweep writes: points.csv, runs.csv, sweep.json and the rest, octet by octet the same as if the
sweep had been run at once. Shards or runs that are missing are named, and nothing is written then;
the exit status is 2.`,
		Example: `  dsmipsim sweep mine.toml -o out --shard 1/2
  dsmipsim sweep mine.toml -o out --shard 2/2
  dsmipsim merge out`,
		RunE: func(c *cobra.Command, args []string) error {
			switch {
			case f.out == "" && len(args) != 1:
				return wanted(c, args, "the directory of a sweep in shards")
			case f.out == "":
				f.out, args = args[0], nil
			case len(args) == 0:
				return wanted(c, args, "the shards")
			}
			return f.merge(c, args, c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	c.Flags().StringVarP(&f.out, "out", "o", "", "write the results into `DIR`, of shards that lie elsewhere")
	addFormat(c, &f.format)
	c.Flags().BoolVarP(&f.quiet, "quiet", "q", false, "print no table and no notes")
	return c
}

func (f *sweepFlags) merge(c *cobra.Command, shards []string, stdout, stderr io.Writer) error {
	format, err := table.ParseFormat(f.format)
	if err != nil {
		return usage(err)
	}
	d, report, err := sweep.Merge(c.Context(), f.out, shards, made(f.command))
	if err != nil {
		return notTaken(err)
	}
	if len(shards) == 0 {
		if err := sweep.Tidy(f.out); err != nil {
			return err
		}
	}
	return f.tell(d, report, format, stdout, stderr)
}

// runShard runs a part of a sweep.
func (f *sweepFlags) runShard(c *cobra.Command, arg string, stderr io.Writer) error {
	shard, err := shardOf(f.shard)
	if err != nil {
		return usagef("--shard: %w", err)
	}
	d, err := f.design(arg)
	if err != nil {
		return err
	}
	version, err := versionKey()
	if err != nil {
		return err
	}
	p := newProgress(stderr, f.quiet)
	failed, err := d.RunShard(c.Context(), f.out, shard, sweep.Options{Jobs: f.jobs, Version: version, Finished: showSweep(p), Run: runScenario})
	p.clear()
	switch {
	case c.Context().Err() != nil:
		return &status{code: statusInterrupt, err: fmt.Errorf("interrupted; the same command goes on from there")}
	case err != nil:
		return notTaken(err)
	case failed > 0:
		return &status{code: statusInternal, err: fmt.Errorf("shard %s is complete, but %d of its runs failed; merge tells how to repeat them", shard, failed)}
	case !f.quiet:
		fmt.Fprintf(stderr, "dsmipsim: shard %s is complete; `dsmipsim merge %s` puts all together\n", shard, shellLine([]string{f.out}))
	}
	return nil
}
