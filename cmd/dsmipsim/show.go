package main

import (
	"github.com/spf13/cobra"

	"dsmipsim/scenarios"
)

func newShow() *cobra.Command {
	return &cobra.Command{
		Use:   "show NAME",
		Short: "Print the TOML of a bundled scenario",
		Long:  "Print the TOML of a bundled scenario, comments included: a start for one of your own.\nA file that one names, such as data/alps.graphml, can be shown, too.",
		Example: `  dsmipsim show roaming
  dsmipsim show first-registration > mine.toml`,
		Args: exactly(1, "the name of a bundled scenario"),
		RunE: func(c *cobra.Command, args []string) error {
			text, ok := scenarios.Text(args[0])
			if !ok {
				return unknownScenario(args[0])
			}
			_, err := c.OutOrStdout().Write(text)
			return err
		},
	}
}
