package scenarios

import (
	"fmt"
	"strings"
	"testing"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/nd"
	"dsmipsim/scenarios/plan"
)

// A thousand handovers between networks of all kinds leave behind what a few leave: in stacks
// and neighbour caches, among the timers and leases, in NATs and binding caches. What is left is counted
// at home, when mappings and bindings have had the time to end. And in an IPv4-only network
// the node still gets its address at the end.
func TestHandoversLeaveNothing(t *testing.T) {
	networks := []string{"campus", "site", "cafe", "dual", "cell", "home"}
	const stay, quiet = 5, 700 // s
	count := func(rounds int, sets ...string) map[string]int {
		var visits []string
		for i := range rounds {
			for j, n := range networks {
				visits = append(visits, fmt.Sprintf("{at=%q,network=%q}", fmt.Sprintf("%ds", 5+stay*(len(networks)*i+j)), n))
			}
		}
		sets = append([]string{"expect=[]", "flow=[]", "mobile_node.mn.visit=[" + strings.Join(visits, ",") + "]",
			fmt.Sprintf("duration=%ds", 5+stay*len(networks)*rounds+quiet)}, sets...)
		p, err := plan.New(load(t, "library/all-handovers.toml", sets...))
		if err != nil {
			t.Fatal(err)
		}
		var w *world
		o, err := run("handovers", p, Options{}, func(made *world) { w = made })
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range o.Result.Handovers {
			if h.To == "cell" && h.Outcome != "registered" {
				t.Errorf("handover %d to an IPv4-only network: %s", h.Index, h.Outcome)
			}
		}
		all := map[string]int{"packets": w.pool.Live()}
		add := func(name string, s *ip.Stack, n *nd.Neighbours) {
			all[name+" neighbours"], all[name+" timers"] = n.Len(), s.Timers.Len()
			all[name+" addresses"], all[name+" routes"] = len(s.Addresses()), len(s.Routes())
		}
		add("mn", w.mobiles["mn"].Node.Stack, w.mobiles["mn"].ND)
		for name, r := range w.routers {
			add(name, r.Stack, r.ND)
			if r.DHCP != nil {
				all[name+" leases"], all[name+" clients"] = r.DHCP.Leases()
			}
			if r.NAT != nil {
				all[name+" mappings"] = len(r.NAT.Table().Mappings(w.loop.Now()))
			}
		}
		st := w.state()
		all["entries"], all["bindings"] = len(st.Mobiles[0].Entries), len(st.Agents[0].Bindings)
		return all
	}
	few, many := count(2), count(167)
	for name := range few {
		slack := 0
		if strings.HasSuffix(name, " neighbours") {
			slack = 1 // the mobile node: old entries go when new ones come
		}
		if d := many[name] - few[name]; d < -slack || d > slack {
			t.Errorf("%s: %d after 12 handovers, %d after 1002", name, few[name], many[name])
		}
	}
}
