package main

import (
	"strings"

	"github.com/spf13/cobra"

	"dsmipsim/reports/table"
	"dsmipsim/scenarios/spec"
)

func newReference() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "reference [keys|rulings]",
		Short: "Print every key of the scenario format, or the readings of the draft",
		Long: `Print the reference: every key of the scenario format with its default, meaning and source,
or how the simulator reads the places where the draft contradicts itself or is silent, with the
key that selects another reading.`,
		Example: `  dsmipsim reference keys --format markdown
  dsmipsim reference rulings`,
		Args:      cobra.MatchAll(cobra.MaximumNArgs(1), cobra.OnlyValidArgs),
		ValidArgs: []string{"keys", "rulings"},
		RunE: func(c *cobra.Command, args []string) error {
			f, err := table.ParseFormat(format)
			if err != nil {
				return usage(err)
			}
			pages := []*table.Table{keyTable(), rulingTable()}
			switch strings.Join(args, "") {
			case "keys":
				pages = pages[:1]
			case "rulings":
				pages = pages[1:]
			}
			for _, t := range pages {
				if err := t.Render(c.OutOrStdout(), f); err != nil {
					return err
				}
			}
			return nil
		},
	}
	c.Flags().StringVar(&format, "format", "table", "`form` of the tables: "+strings.Join(table.Formats(), ", "))
	return c
}

func columns(titles ...string) []table.Column {
	all := make([]table.Column, len(titles))
	for i, title := range titles {
		all[i] = table.Column{Name: title}
	}
	return all
}

// keyTable is generated from the format itself.
func keyTable() *table.Table {
	t := &table.Table{Title: "Keys of the scenario format", Columns: columns("key", "type", "default", "meaning", "source")}
	for _, k := range spec.Keys() {
		value := k.Default
		switch {
		case k.Required:
			value = "(required)"
		case value == "" && k.Derived != "":
			value = "(" + k.Derived + ")"
		}
		doc := k.Doc
		if len(k.Values) > 0 {
			doc += " One of " + strings.Join(k.Values, ", ") + "."
		}
		if len(k.Planned) > 0 {
			doc += " Not built yet: " + strings.ReplaceAll(strings.Join(k.Planned, ", "), "*", "all of it") + "."
		}
		t.Add(k.Path, k.Type, value, doc, k.Ref)
	}
	return t
}

func rulingTable() *table.Table {
	t := &table.Table{Title: "How the draft is read", Columns: columns("ruling", "section", "the draft", "the simulator", "switch")}
	for _, r := range spec.Rulings() {
		t.Add(r.ID, r.Where, r.Problem, r.Reading, r.Switch)
	}
	return t
}
