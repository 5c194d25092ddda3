package main

import (
	"strings"

	"github.com/spf13/cobra"

	"dsmipsim/reports/table"
	"dsmipsim/scenarios/conformance"
)

func newConformance() *cobra.Command {
	var asJSON bool
	var row, section string
	var source string
	format, colour := string(table.Terminal), ""
	c := &cobra.Command{
		Use:   "conformance",
		Short: "Judge every requirement of the draft and of Mobile IPv6 from runs",
		Long: `Judge every requirement of draft-soliman-v4v6-mipv6-00 (rows D) and of the Mobile IPv6 that it
rests on (rows B). A set of small scenarios is run; the judge decodes what was on the links,
opens ESP with the scenario's keys, looks at what the nodes knew, and says for each row

  shown          some run does what the row asks, and none does otherwise
  violated       some run does otherwise: scenario and packet, or virtual time
  not exercised  no run comes to the point
  needs mip4     a comparison with Mobile IPv4, which is not built yet

Packets are counted from 1, as in the packets.pcapng of that scenario:
dsmipsim conformance --scenario NAME prints the scenario for dsmipsim run.

Exit status: 0 if no row is violated and every MUST and SHOULD is exercised, else 1.`,
		Example: `  dsmipsim conformance
  dsmipsim conformance --row D-2.2.1
  dsmipsim conformance --json | jq '.rows[] | select(.verdict != "shown")'
  dsmipsim conformance --scenario case-b > case-b.toml && dsmipsim run case-b.toml -o out`,
		Args: exactly(0, ""),
		RunE: func(c *cobra.Command, _ []string) error {
			if source != "" {
				text, err := conformance.Source(source)
				if err != nil {
					return usagef("no conformance scenario is called %q; there are %s", source, strings.Join(conformance.Scenarios(), ", "))
				}
				_, err = c.OutOrStdout().Write([]byte(text))
				return err
			}
			f, err := table.ParseFormat(format)
			if err != nil {
				return usage(err)
			}
			paint, err := colours(colour, c.OutOrStdout())
			if err != nil {
				return err
			}
			if f == table.JSON {
				asJSON = true
			}
			report, err := conformance.Judge()
			if err != nil {
				return err
			}
			report.Select(row, section)
			if len(report.Judgements) == 0 {
				if section == "" {
					return usagef("no row begins with %q", row)
				}
				return usagef("no row begins with %q in section %q", row, section)
			}
			if asJSON {
				err = report.JSON(c.OutOrStdout())
			} else {
				err = report.Write(c.OutOrStdout(), f, paint.verdicts())
			}
			if err == nil && report.Fails() {
				return &status{code: statusFailed}
			}
			return err
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object with all rows")
	c.Flags().StringVar(&row, "row", "", "only rows that begin with `PREFIX`, such as D-2.2.1 or B-")
	c.Flags().StringVar(&section, "section", "", "only rows of section `S` of the draft or of RFC 6275")
	c.Flags().StringVar(&source, "scenario", "", "print the scenario `NAME` that rows were judged from, and run nothing")
	c.Flags().StringVar(&format, "format", format, "how to print: "+strings.Join(table.Formats(), ", "))
	addColour(c, &colour)
	return c
}
