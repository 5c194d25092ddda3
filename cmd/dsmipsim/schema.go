package main

import (
	"github.com/spf13/cobra"

	"dsmipsim/scenarios/spec"
)

func newSchema() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the scenario format as a JSON Schema, for editors",
		Long: `Print the scenario format as a JSON Schema (draft 2020-12): every key with its type, unit,
allowed values, bounds, default and meaning. Editors that know TOML schemas, such as those with
Taplo (Even Better TOML), complete and check scenarios with it: write it beside the scenario and
begin the scenario with the line

  #:schema ./dsmipsim.schema.json

What follows from several keys together only ` + "`dsmipsim lint`" + ` checks.`,
		Example: "  dsmipsim schema > dsmipsim.schema.json",
		Args:    exactly(0, ""),
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := c.OutOrStdout().Write(spec.Schema())
			return err
		},
	}
}
