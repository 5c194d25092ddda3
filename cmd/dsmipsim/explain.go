package main

import (
	"strings"

	"github.com/spf13/cobra"

	"dsmipsim/reports/table"
	"dsmipsim/scenarios/spec"
)

func newExplain() *cobra.Command {
	var sets []string
	var given, long bool
	format := string(table.Terminal)
	c := &cobra.Command{
		Use:   "explain SCENARIO [KEY...]",
		Short: "Tell the effective value of every key of a scenario, and where it comes from",
		Long: `Tell the effective value of every key of a scenario, and where it comes from:

  line N           the scenario file says so
  --set ...        an override says so
  technology NAME  the default of the link's access technology; the file does not have the key
  profile NAME     the profile's default; the file does not have the key
  default          the usual default
  derived: ...     it follows from other keys
  absent           there is no value

With KEYs only those that begin so, such as network.campus or mobile_node.mn.nd. CSV and JSON have
the meaning of each key besides, and --long shows it in the other forms.`,
		Example: `  dsmipsim explain roaming network.campus
  dsmipsim explain mine.toml --given
  dsmipsim explain mine.toml --set profile=rfc-literal --format markdown`,
		Args: atLeastOne("a scenario"),
		RunE: func(c *cobra.Command, args []string) error {
			f, err := table.ParseFormat(format)
			if err != nil {
				return usage(err)
			}
			src, err := findSource(args[0])
			if err != nil {
				return err
			}
			all, err := src.explain(sets)
			if err != nil {
				return err
			}
			t := explained(selected(all, args[1:], given), long || f == table.CSV || f == table.JSON)
			if len(t.Rows) == 0 {
				if len(args) > 1 {
					return usagef("%s: no key begins with %s", args[0], strings.Join(args[1:], " or "))
				}
				return usagef("%s: no key is given", args[0])
			}
			return t.Render(c.OutOrStdout(), f)
		},
	}
	addSet(c, &sets)
	c.Flags().BoolVar(&given, "given", false, "only what the file, a flag, a profile or an access technology says")
	c.Flags().BoolVar(&long, "long", false, "with the meaning of each key")
	c.Flags().StringVar(&format, "format", format, "how to print: "+strings.Join(table.Formats(), ", "))
	return c
}

// explain is load with an account of every key.
func (s source) explain(sets []string) ([]spec.Explained, error) {
	if _, err := s.load(sets); err != nil {
		return nil, err
	}
	return spec.Explain(s.file, s.text, sets, s.files)
}

// selected keeps the keys that begin with one of the prefixes, all if there is none, and of those
// only what somebody gave if that is wanted.
func selected(all []spec.Explained, prefixes []string, given bool) []spec.Explained {
	var kept []spec.Explained
	for _, x := range all {
		wanted := len(prefixes) == 0
		for _, p := range prefixes {
			wanted = wanted || strings.HasPrefix(x.Path, p)
		}
		if wanted && (!given || x.Origin == spec.FromFile || x.Origin == spec.FromSet || x.Origin == spec.FromProfile || x.Origin == spec.FromTechnology) {
			kept = append(kept, x)
		}
	}
	return kept
}

func explained(all []spec.Explained, long bool) *table.Table {
	t := &table.Table{Columns: columns("key", "value", "from", "source")}
	if long {
		t.Columns = columns("key", "value", "from", "source", "meaning")
	}
	for _, x := range all {
		from := string(x.Origin)
		switch x.Origin {
		case spec.FromFile:
			from = x.Where
		case spec.FromSet, spec.FromProfile, spec.FromTechnology:
			from += " " + x.Where
		case spec.FromOthers:
			if x.Where != "" {
				from += ": " + x.Where
			}
		}
		cells := []string{x.Path, x.Value, from, x.Ref}
		if long {
			cells = append(cells, x.Doc)
		}
		t.Add(cells...)
	}
	return t
}
