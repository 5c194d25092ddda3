package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"dsmipsim/reports/table"
	"dsmipsim/scenarios/spec"
	"dsmipsim/topology/access/technology"
)

// pages are what `reference` prints, by name.
var pages = []struct {
	name   string
	tables func() []*table.Table
}{
	{"keys", one(keyTable)},
	{"profiles", one(profileTable)},
	{"technologies", one(technologyTable)},
	{"rulings", one(rulingTable)},
	{"summary", one(summaryTable)},
	{"csv", one(csvTable)},
	{"events", eventTables},
}

// one is a page of a single table.
func one(make func() *table.Table) func() []*table.Table {
	return func() []*table.Table { return []*table.Table{make()} }
}

func newReference() *cobra.Command {
	var format string
	c := &cobra.Command{
		Short: "Print every key of the scenario format and of the outputs, profiles, access technologies, or the readings of the draft",
		Long: `Print the reference. Of what goes in:

  keys          every key of the scenario format with its default, meaning and source
  profiles      which defaults each profile changes
  technologies  which defaults each access technology changes, and where the figures come from
  rulings       how the draft is read where it contradicts itself or is silent, and which key
                selects another reading

Of what comes out:

  summary       every key of summary.json
  csv           every column of the tables in CSV files
  events        every key of events.jsonl, every kind of fact and milestone, and why packets end`,
		Example: `  dsmipsim reference keys --format markdown
  dsmipsim reference events`,
		Args: func(c *cobra.Command, args []string) error {
			switch {
			case len(args) > 1:
				return wanted(c, args, "one page")
			case len(args) == 1 && !slices.Contains(c.ValidArgs, args[0]):
				return usagef("reference: found %q, wanted one of %s%s", args[0], strings.Join(c.ValidArgs, ", "), didYouMean(args[0], c.ValidArgs))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			f, err := table.ParseFormat(format)
			if err != nil {
				return usage(err)
			}
			for _, p := range pages {
				if len(args) == 1 && p.name != args[0] {
					continue
				}
				for _, t := range p.tables() {
					if err := t.Render(c.OutOrStdout(), f); err != nil {
						return err
					}
				}
			}
			return nil
		},
	}
	for _, p := range pages {
		c.ValidArgs = append(c.ValidArgs, p.name)
	}
	c.Use = "reference [" + strings.Join(c.ValidArgs, "|") + "]"
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
			doc += " Not built yet: " + strings.Join(k.Planned, ", ") + "."
		}
		t.Add(k.Path, k.Type, value, doc, k.Ref)
	}
	return t
}

// profileTable says what each profile changes; the standard one is the defaults of the keys.
func profileTable() *table.Table {
	t := &table.Table{Title: "Profiles", Columns: columns("profile", "key", "default", "meaning", "source")}
	for _, p := range spec.Profiles() {
		t.Add(string(p.Name), "", "", p.Doc, "")
		for _, s := range p.Settings {
			t.Add(string(p.Name), s.Key, s.Value, s.Doc, s.Ref)
		}
	}
	return t
}

// technologyTable lists what each access technology sets.
func technologyTable() *table.Table {
	t := &table.Table{Title: "Access technologies", Columns: columns("technology", "key of network[].link", "default", "meaning", "source")}
	for _, k := range technology.Kinds() {
		for _, s := range k.Settings {
			t.Add(k.Name, s.Key, s.Value, s.Doc, s.Source)
		}
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
