package main

import (
	"github.com/spf13/cobra"

	"dsmipsim/scenarios"
)

func newShow() *cobra.Command {
	return &cobra.Command{
		Use:   "show NAME",
		Short: "Print the TOML of a bundled scenario",
		Long:  "Print the TOML of a bundled scenario, comments included: a start for one of your own.",
		Example: `  dsmipsim show roaming
  dsmipsim show first-registration > mine.toml`,
		Args: exactly(1, "the name of a bundled scenario"),
		RunE: func(c *cobra.Command, args []string) error {
			e, ok := scenarios.Find(args[0])
			if !ok {
				return unknownScenario(args[0])
			}
			_, err := c.OutOrStdout().Write(e.Source)
			return err
		},
	}
}
