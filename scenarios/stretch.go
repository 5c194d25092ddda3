package scenarios

import (
	"math"
	"time"

	"dsmipsim/nodes/wire"
	"dsmipsim/reports/result"
	"dsmipsim/scenarios/plan"
	"dsmipsim/scenarios/spec"
	"dsmipsim/topology"
)

// stretch compares the paths that packets took with the direct ones: the shortest path of the
// topology between the fixed end of a flow and the network where the mobile node was, without
// any tunnel. The direct delay is that of the flow's smallest packet over idle links without
// jitter. Between two mobile nodes there is no one direct path, and nothing is compared.
func stretch(p *plan.Plan, r *result.Result, setup *result.Setup, samples []result.FlowSamples) {
	for i := range r.Flows {
		info, least := setup.Flows[i], smallest(samples[i].Packets)
		for n := range r.Flows[i].Paths {
			path := &r.Flows[i].Paths[n]
			there, ok := direct(p, info, path.Network, least)
			if !ok {
				continue
			}
			hops := len(there)
			var delay time.Duration
			for _, d := range there {
				delay += d.towards
				if info.Ping() {
					delay += d.back
				}
			}
			if info.Ping() {
				hops *= 2
			}
			path.DirectHops, path.DirectDelayS = &hops, result.Some(result.Seconds(delay))
			path.HopStretch = ratio(path.HopsMean, float64(hops))
			path.DelayStretch = ratio(path.DelayMinS, result.Seconds(delay))
		}
	}
}

func smallest(packets []result.Sample) int {
	if len(packets) == 0 {
		return 0
	}
	least := packets[0].Octets
	for _, p := range packets {
		least = min(least, p.Octets)
	}
	return int(least)
}

func ratio(a, b float64) *float64 {
	if b == 0 {
		return nil
	}
	return result.Some(math.Round(a/b*1e6) / 1e6)
}

// crossing is how long a packet takes over one link in either direction.
type crossing struct{ towards, back time.Duration }

// direct lists the links of the direct path of a flow while its mobile node is at a network.
func direct(p *plan.Plan, f result.FlowInfo, network string, octets int) ([]crossing, bool) {
	from, fromOK := place(p, f.From, f.MobileNode, network)
	to, toOK := place(p, f.To, f.MobileNode, network)
	if !fromOK || !toOK {
		return nil, false
	}
	access := func(n *spec.Network) topology.Params { return plan.AccessParams(&n.Link) }
	frame := octets + wire.EthernetLen
	first, last := access(from), access(to)
	up := crossing{first.Up.CrossingTime(frame), first.Down.CrossingTime(frame)}
	if from == to {
		return []crossing{up}, true
	}
	all := []crossing{up}
	for _, l := range p.Way(from.Name, to.Name) {
		all = append(all, crossing{l.Params.Up.CrossingTime(octets), l.Params.Down.CrossingTime(octets)})
	}
	return append(all, crossing{last.Down.CrossingTime(frame), last.Up.CrossingTime(frame)}), true
}

// place returns the network that an end of a flow is at.
func place(p *plan.Plan, end, mobile, network string) (*spec.Network, bool) {
	if end == mobile {
		n := p.Spec.Network(network)
		return n, n != nil
	}
	h := p.Host(end)
	if h == nil {
		return nil, false
	}
	return h.Network, true
}
