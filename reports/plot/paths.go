package plot

import (
	"fmt"
	"slices"

	"dsmipsim/reports/result"
)

// StretchBars draws the least delay of each flow from each network of the mobile node: that of
// the shortest path, and what the way over the home agent and its tunnels adds.
func StretchBars(runs []Run) *Figure {
	f := &Figure{Title: title("Path stretch", runs)}
	type stretch struct {
		name, key string
		path      *result.Path
	}
	var all []stretch
	most := 0.0
	for _, network := range pathNetworks(runs) {
		for _, flow := range flowNames(runs) {
			for _, run := range runs {
				for i := range run.Result.Flows {
					x := &run.Result.Flows[i]
					for k := range x.Paths {
						p := &x.Paths[k]
						if x.Name != flow || p.Network != network || p.DirectDelayS == nil {
							continue
						}
						name := flow
						if network != "" {
							name = network + ", " + flow
						}
						key := network
						if len(runs) > 1 {
							key = name
						}
						all = append(all, stretch{run.of(name, runs), key, p})
						most = max(most, p.DelayMinS)
					}
				}
			}
		}
	}
	if len(all) == 0 {
		f.Empty = "Nothing was received in these runs over a path whose shortest alternative is known."
		return f
	}
	u := unit(most, secondUnits)
	b := &rows{xLabel: "least delay (" + u.name + ")", note: "Shortest path: idle links, no encapsulation. Ping: there and back. Behind the bars: delay, then hops, as a multiple of the shortest path.",
		parts: legend{{name: "shortest path", sign: fillSign(0)}, {name: "detour", sign: fillSign(1)}}}
	number := apart()
	for _, s := range all {
		direct := *s.path.DirectDelayS
		r := row{name: s.name, group: number(s.key), parts: []part{{min(direct, s.path.DelayMinS) / u.factor, 0}, {max(0, s.path.DelayMinS-direct) / u.factor, 1}}}
		if s.path.DelayStretch != nil && s.path.HopStretch != nil {
			r.text = fmt.Sprintf("%.2f × delay, %.2f × hops", *s.path.DelayStretch, *s.path.HopStretch)
		}
		b.rows = append(b.rows, r)
	}
	f.body = b
	return f
}

// pathNetworks lists the networks from which flows were measured, in the order in which they come.
func pathNetworks(runs []Run) (names []string) {
	for _, run := range runs {
		for i := range run.Result.Flows {
			for _, p := range run.Result.Flows[i].Paths {
				if !slices.Contains(names, p.Network) {
					names = append(names, p.Network)
				}
			}
		}
	}
	return names
}

// OverheadBars draws what encapsulation added to each flow.
func OverheadBars(runs []Run) *Figure {
	f := &Figure{Title: title("Encapsulation", runs)}
	b := &rows{xLabel: "octets added on the way (% of sent)", note: "Headers of tunnels, home address options, routing headers and ESP."}
	number := apart()
	for _, name := range flowNames(runs) {
		for k, run := range runs {
			for i := range run.Result.Flows {
				x := &run.Result.Flows[i]
				if x.Name != name || x.OverheadOctets == 0 || x.SentOctets == 0 {
					continue
				}
				key := ""
				if len(runs) > 1 {
					key = name
				}
				b.rows = append(b.rows, row{name: run.of(name, runs), group: number(key), text: octets(x.OverheadOctets) + " on " + octets(x.SentOctets),
					parts: []part{{float64(x.OverheadOctets) * 100 / float64(x.SentOctets), k}}})
			}
		}
	}
	if len(b.rows) == 0 {
		f.Empty = "No packet of a flow of these runs was encapsulated."
		return f
	}
	f.body = b
	return f
}
