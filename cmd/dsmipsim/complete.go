package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/spf13/cobra"

	"dsmipsim/reports/table"
	"dsmipsim/scenarios"
	"dsmipsim/scenarios/spec"
	"dsmipsim/scenarios/sweep"
)

// complete tells the shell what may come next: names of scenarios, keys of --set, formats. The
// command completion prints what a shell needs to ask.
func complete(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		switch c.Name() {
		case "completion": // which would print its help for a shell that it does not know
			c.Args = knownCommand
			c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
		case "run", "lint", "check", "explain", "trace", "sweep", "show":
			c.ValidArgsFunction = completeScenario
		case "list":
			c.ValidArgsFunction = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
				var names []string
				for _, l := range listings {
					names = append(names, l.name)
				}
				return names, cobra.ShellCompDirectiveNoFileComp
			}
		}
		for name, values := range map[string][]string{"format": table.Formats(), "color": colourChoices, "annotations": annotationChoices} {
			if c.Flags().Lookup(name) != nil && c.Name() != "plot" { // whose formats are others
				_ = c.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)) // it is there
			}
		}
		if c.Flags().Lookup("tables") != nil {
			_ = c.RegisterFlagCompletionFunc("tables", cobra.FixedCompletions(append([]string{"usual", "all"}, table.Names()...), cobra.ShellCompDirectiveNoFileComp)) // it is there
		}
		if c.Flags().Lookup("factor") != nil {
			_ = c.RegisterFlagCompletionFunc("factor", completeSet) // it is there
		}
		if c.Flags().Lookup("set") != nil {
			_ = c.RegisterFlagCompletionFunc("set", completeSet)
		}
	}
}

// completeScenario offers the bundled scenarios beside files and folders.
func completeScenario(c *cobra.Command, args []string, begin string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 && c.Name() != "lint" && c.Name() != "check" {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	all := scenarios.Library()
	if strings.Contains(begin, "/") { // the folders have many
		all = append(scenarios.Folder(scenarios.Experiments), scenarios.Folder(scenarios.Validation)...)
	}
	for _, e := range all {
		if strings.HasPrefix(e.Name, begin) {
			names = append(names, e.Name+"\t"+e.Title)
		}
	}
	if c.Name() == "show" {
		return names, cobra.ShellCompDirectiveNoFileComp
	}
	return names, cobra.ShellCompDirectiveDefault
}

// completeSet offers the keys of the scenario that the command line names, with the names of its
// networks, nodes and flows. After = it offers the values of keys that have a list of them.
func completeSet(_ *cobra.Command, args []string, begin string) ([]string, cobra.ShellCompDirective) {
	var tree map[string]any
	if len(args) > 0 {
		if src, err := findSource(args[0]); err == nil {
			_ = toml.Unmarshal(src.text, &tree) // what is wrong in it the run will tell
		}
	}
	var found []string
	key, _, value := strings.Cut(begin, "=")
	for _, k := range spec.Keys() {
		if k.Type == "table" || k.Type == "tables" {
			continue
		}
		for _, path := range paths(k.Path, tree) {
			switch {
			case value && path == key && k.Type == "bool":
				found = append(found, path+"=true", path+"=false")
			case value && path == key:
				for _, v := range k.Values {
					found = append(found, path+"="+v)
				}
			case !value && strings.HasPrefix(path, begin):
				found = append(found, path+"=\t"+k.Doc)
			}
		}
	}
	return found, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveKeepOrder
}

// completeKey offers what a curve can be drawn against: the factors of the sweep that the command
// line names, and what tells handovers and flows apart.
func completeKey(_ *cobra.Command, args []string, begin string) ([]string, cobra.ShellCompDirective) {
	keys := slices.Sorted(maps.Keys(attributes))
	keys = append(keys, metricKey, directoryKey)
	if len(args) > 0 {
		if s, err := sweep.Open(args[0]); err == nil {
			for _, f := range s.Factors {
				keys = append(keys, f.Set+"\t"+f.Name)
			}
		}
	}
	return slices.DeleteFunc(keys, func(key string) bool { return !strings.HasPrefix(key, begin) }), cobra.ShellCompDirectiveNoFileComp
}

// paths are the paths of a key in a scenario: elements of lists go by their names, or by their
// numbers if they have none.
func paths(path string, at any) []string {
	head, rest, more := strings.Cut(path, ".")
	name, isList := strings.CutSuffix(head, "[]")
	table, _ := at.(map[string]any)
	var all []string
	add := func(prefix string, below any) {
		if !more {
			all = append(all, prefix)
			return
		}
		for _, p := range paths(rest, below) {
			all = append(all, prefix+"."+p)
		}
	}
	if !isList {
		add(name, table[name])
		return all
	}
	elements, _ := table[name].([]map[string]any)
	for _, e := range elements {
		if n, ok := e["name"].(string); ok && !slices.Contains(all, name+"."+n) {
			add(name+"."+n, e)
		}
	}
	return all
}
