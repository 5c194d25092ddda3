package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

func newLint() *cobra.Command {
	var sets []string
	c := &cobra.Command{
		Use:   "lint FILE...",
		Short: "Check scenarios without running them",
		Long: `Check scenarios without running them. All mistakes of all files are reported together, each
with file, line, what was found and what was wanted. Names of bundled scenarios work, too.`,
		Example: `  dsmipsim lint mine.toml
  dsmipsim lint scenarios/*.toml`,
		Args: atLeastOne("a scenario file or more"),
		RunE: func(c *cobra.Command, args []string) error {
			var all []error
			for _, arg := range args {
				if err := lint(arg, sets); err != nil {
					all = append(all, err)
					continue
				}
				if _, err := fmt.Fprintf(c.OutOrStdout(), "%s: ok\n", arg); err != nil {
					return err
				}
			}
			if len(all) > 0 {
				return usage(errors.Join(all...))
			}
			return nil
		},
	}
	addSet(c, &sets)
	return c
}

func lint(arg string, sets []string) error {
	src, err := findSource(arg)
	if err != nil {
		return err
	}
	_, err = src.load(sets)
	return err
}

// addSet adds the flag --set, the same for every command that reads a scenario.
func addSet(c *cobra.Command, sets *[]string) {
	c.Flags().StringArrayVar(sets, "set", nil, "override a key: `path=value`, as in network.campus.link.delay=20ms (repeatable)")
}
