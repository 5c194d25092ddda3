package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"dsmipsim/reports"
	"dsmipsim/reports/table"
	"dsmipsim/scenarios"
	"dsmipsim/scenarios/spec"
	"dsmipsim/sim/draw"
	"dsmipsim/topology/access/technology"
)

// listings are what `list` can tell, in the order in which it does.
var listings = []struct {
	name string
	make func() *table.Table
}{
	{"scenarios", listScenarios},
	{"validation", func() *table.Table {
		return listFolder("Validation pack, for 'check validation'", scenarios.Validation)
	}},
	{"experiments", func() *table.Table { return listFolder("Experiments, for 'sweep'", scenarios.Experiments) }},
	{"networks", func() *table.Table { return listValues("Kinds of networks", "network[].kind", networkKinds) }},
	{"technologies", listTechnologies},
	{"distributions", listDistributions},
	{"flows", func() *table.Table { return listValues("Kinds of flows", "flow[].kind", flowKinds) }},
	{"modes", func() *table.Table { return listValues("Mobility protocols", "protocol.mode", modes) }},
	{"roles", listRoles},
	{"outputs", listOutputs},
}

func newList() *cobra.Command {
	format := string(table.Terminal)
	names := make([]string, len(listings))
	for i, l := range listings {
		names[i] = l.name
	}
	c := &cobra.Command{
		Use:   "list [WHAT]",
		Short: "List the bundled scenarios and the kinds of things a scenario can have",
		Long: "List the bundled scenarios and the kinds of things a scenario can have.\nWHAT is one of " +
			strings.Join(names, ", ") + "; without it all are listed.",
		Example: "  dsmipsim list\n  dsmipsim list scenarios --format json",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 1 {
				return wanted(c, args, "one of "+strings.Join(names, ", "))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			f, err := table.ParseFormat(format)
			if err != nil {
				return usage(err)
			}
			shown := 0
			for _, l := range listings {
				if len(args) == 1 && args[0] != l.name {
					continue
				}
				if shown > 0 {
					fmt.Fprintln(c.OutOrStdout())
				}
				shown++
				if err := l.make().Render(c.OutOrStdout(), f); err != nil {
					return err
				}
			}
			if shown == 0 {
				return usagef("list: found %q, wanted one of %s%s", args[0], strings.Join(names, ", "), didYouMean(args[0], names))
			}
			return nil
		},
	}
	addFormat(c, &format)
	return c
}

// addFormat adds the flag --format.
func addFormat(c *cobra.Command, format *string) {
	c.Flags().StringVar(format, "format", *format, "how tables are printed: "+strings.Join(table.Formats(), ", "))
}

func listScenarios() *table.Table {
	t := &table.Table{Title: "Bundled scenarios", Columns: []table.Column{{Name: "name"}, {Name: "what it shows"}}}
	for _, e := range scenarios.Library() {
		t.Add(e.Name, e.Title)
	}
	return t
}

func listFolder(title, folder string) *table.Table {
	t := &table.Table{Title: title, Columns: []table.Column{{Name: "name"}, {Name: "what it shows"}}}
	for _, e := range scenarios.Folder(folder) {
		t.Add(e.Name, e.Title)
	}
	return t
}

// What the values of some keys mean. Which values there are, the format says.
var (
	networkKinds = map[string]string{
		string(spec.KindHome):        "both families, with a home agent",
		string(spec.KindIPv6):        "IPv6 only, addresses by autoconfiguration",
		string(spec.KindIPv4Public):  "public IPv4 only, addresses by DHCP",
		string(spec.KindIPv4Private): "private IPv4 behind a NAT, addresses by DHCP",
		string(spec.KindDualStack):   "IPv6 and public IPv4",
		string(spec.KindISATAP):      "private IPv4, with IPv6 in tunnels to the router (ISATAP)",
		string(spec.KindWired):       "a LAN of fixed nodes",
	}
	flowKinds = map[string]string{
		string(spec.FlowCBR):     "UDP datagrams at a constant interval",
		string(spec.FlowPing):    "echo requests at a constant interval, and their replies",
		string(spec.FlowOnOff):   "UDP datagrams at a constant interval by turns with nothing",
		string(spec.FlowVideo):   "the frames of a video, as a file lists them, in RTP",
		string(spec.FlowTrace):   "UDP datagrams of the sizes and at the times of a capture",
		string(spec.FlowPoisson): "UDP datagrams at exponential intervals",
		string(spec.FlowTCP):     "one long stream over TCP",
		string(spec.FlowRequest): "requests over TCP and their responses, one after the other",
		string(spec.FlowVoIP):    "one direction of a call: RTP as a codec makes it, all the time or in talk spurts",
	}
	modes = map[string]string{
		string(spec.ModeDraft00): "Dual Stack Mobile IPv6, draft-soliman-v4v6-mipv6-00",
		string(spec.ModeMIPv6):   "Mobile IPv6 alone, RFC 6275: no IPv4 home address away from home",
	}
)

func listValues(title, path string, meaning map[string]string) *table.Table {
	t := &table.Table{Title: title + " (" + path + ")", Columns: []table.Column{{Name: "name"}, {Name: "meaning"}}}
	for _, k := range spec.Keys() {
		if k.Path != path {
			continue
		}
		for _, v := range k.Values {
			t.Add(v, meaning[v])
		}
		for _, v := range k.Planned {
			t.Add(v, "not built yet")
		}
	}
	return t
}

// listTechnologies lists the access technologies; their figures are in the reference.
func listTechnologies() *table.Table {
	t := &table.Table{Title: "Access technologies (network[].link.technology)", Columns: columns("name", "meaning")}
	for _, k := range technology.Kinds() {
		t.Add(k.Name, k.Doc)
	}
	return t
}

// listDistributions lists the distributions that durations may have.
func listDistributions() *table.Table {
	t := &table.Table{Title: "Distributions of durations (dist)", Columns: columns("name", "parameters", "meaning")}
	t.Add("", `"50ms"`, "always that duration")
	t.Add("", `["40ms", "60ms"]`, "short for uniform")
	for _, f := range draw.Families() {
		parameters := strings.Join(f.Required, ", ")
		if len(f.Optional) > 0 {
			parameters += " [" + strings.Join(f.Optional, ", ") + "]"
		}
		t.Add(string(f.Kind), parameters, f.Doc)
	}
	return t
}

// listRoles lists the tables of a scenario that make a node.
func listRoles() *table.Table {
	t := &table.Table{Title: "Roles of nodes", Columns: []table.Column{{Name: "table"}, {Name: "meaning"}}}
	for _, k := range spec.Keys() {
		switch k.Path {
		case "router", "home_agent", "mobile_node", "correspondent":
			t.Add("[["+k.Path+"]]", k.Doc)
		}
	}
	return t
}

// listOutputs lists the files of a result directory.
func listOutputs() *table.Table {
	t := &table.Table{Title: "Outputs of run -o", Columns: []table.Column{{Name: "file"}, {Name: "content"}}}
	for _, k := range reports.Kinds() {
		t.Add(k.File, k.About)
	}
	return t
}
