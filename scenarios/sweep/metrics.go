package sweep

import (
	"fmt"
	"slices"

	"dsmipsim/scenarios/spec"
)

// Above these numbers, what a scenario has many of is summarized instead of shown one by one.
const (
	manyPairs = 8
	manyFlows = 8
)

// defaultMetrics are what is worth showing of a scenario that names no metrics: latency and phases
// of each pair of networks between which a node hands over, what handovers do to each flow, and
// the load of the mobility protocol.
func defaultMetrics(s *spec.Spec) []string {
	var pairs []string
	moves := false
	for i := range s.MobileNodes {
		m := &s.MobileNodes[i]
		moves = moves || len(m.Visits) > 0 || m.Motion != nil
		from := homeOf(s, m)
		for _, v := range m.Visits {
			if pair := fmt.Sprintf("handovers[from=%s,to=%s]", from, v.Network); v.Network != from && !slices.Contains(pairs, pair) {
				pairs = append(pairs, pair)
			}
			from = v.Network
		}
	}
	if moves && (len(pairs) == 0 || len(pairs) > manyPairs) {
		pairs = []string{"handovers"}
	}
	var all []string
	for _, pair := range pairs {
		all = append(all, pair+".latency_s")
		for _, phase := range []string{"l2_s", "detect_s", "address_s", "register_s"} {
			all = append(all, pair+".phases."+phase)
		}
	}
	if len(s.Flows) > manyFlows {
		if moves {
			all = append(all, "handovers.flows.interruption_s")
		}
		return append(all, "flows.lost.sum", "flows.delay.mean_s", "flows.delay.p95_s", mobility)
	}
	for i := range s.Flows {
		name := s.Flows[i].Name
		if moves {
			all = append(all, "handovers.flows["+name+"].interruption_s")
		}
		flow := "flows[" + name + "]"
		all = append(all, flow+".lost", flow+".delay.mean_s", flow+".delay.p95_s")
	}
	return append(all, mobility)
}

// mobility is the load of the mobility protocol on all links.
const mobility = "signalling.messages[class=mobility].octet_hops.sum"

// homeOf is the network at which a mobile node begins.
func homeOf(s *spec.Spec, m *spec.MobileNode) string {
	if a := s.HomeAgent(m.HomeAgent); a != nil {
		return a.Network
	}
	return ""
}
