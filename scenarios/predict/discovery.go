package predict

import (
	"time"

	"dsmipsim/scenarios/spec"
)

// uniform describes a delay that is drawn uniformly.
func uniform(r spec.Range) Span { return Span{r.Min, (r.Min + r.Max) / 2, r.Max} }

// verification is how long duplicate address detection takes at a mobile node: its random
// delay, and after each solicitation the time between two of them.
func verification(m *spec.MobileNode, retrans time.Duration) Span {
	if m.ND.DADTransmits == 0 {
		return Span{}
	}
	return uniform(m.ND.DADDelay).plus(exactly(time.Duration(m.ND.DADTransmits) * retrans))
}

// listens is from link up until the node takes in advertisements and begins to solicit.
func listens(s *spec.Spec, m *spec.MobileNode) Span {
	if m.ND.LinkLocal == spec.LinkLocalBefore {
		return verification(m, s.NeighborDiscovery.RetransTimer)
	}
	return Span{}
}

// configures is how long the care-of address is being verified before it is used.
func (j *journey) configures(n *spec.Network) Span {
	if j.m.ND.OptimisticDAD {
		return Span{}
	}
	return verification(j.m, j.retrans(n))
}

// retrans is the time between solicitations of a host that has heard the router.
func (j *journey) retrans(n *spec.Network) time.Duration {
	if ra := n.RouterAdvertisement; ra != nil && ra.RetransTimer > 0 {
		return ra.RetransTimer
	}
	return j.p.Spec.NeighborDiscovery.RetransTimer
}

// ask is how long the first solicitation takes to the router, from when the node wants to
// send it. It may leave behind the duplicate address detection of the link-local address; if
// that is over, it comes from there and says where the node is.
func ask(n *spec.Network, m *spec.MobileNode) Span {
	if m.ND.LinkLocal == spec.LinkLocalBefore {
		return cross(n, out, routerAsk+lladdr)
	}
	if m.ND.SolicitDelay.Max > 0 {
		return cross(n, out, routerAsk)
	}
	return exactly(behindProbe(n, m)).plus(cross(n, out, routerAsk))
}

// noRouter is from link up until a node that gets no answer to its solicitations concludes
// that there is no router: one second after the last of them (RFC 4861 section 6.3.7).
func (j *journey) noRouter() Span {
	d := &j.m.ND
	return listens(j.p.Spec, j.m).plus(uniform(d.SolicitDelay)).plus(exactly(time.Duration(d.Solicitations-1)*d.SolicitSpacing + time.Second))
}

// leavesFirst is how long what leaves last when the link comes up waits for the solicitations
// before it.
func (j *journey) leavesFirst(n *spec.Network) time.Duration {
	d := behindProbe(n, j.m)
	if nd := &j.m.ND; nd.Solicitations > 0 && nd.SolicitDelay.Max == 0 && nd.LinkLocal != spec.LinkLocalBefore {
		d += put(n, out, routerAsk)
	}
	return d
}

// behindProbe is how long what leaves when the link comes up waits for the solicitation of
// duplicate address detection before it.
func behindProbe(n *spec.Network, m *spec.MobileNode) time.Duration {
	if m.ND.DADTransmits == 0 || m.ND.DADDelay.Max > 0 {
		return 0
	}
	return put(n, out, solicit)
}

// advertisement is the length of a Router Advertisement frame.
func advertisement(n *spec.Network) int {
	length := routerSays
	if !n.RouterAdvertisement.ShowInterval {
		length -= intervalOption
	}
	if n.RouterAdvertisement.MTU > 0 {
		length += mtuOption
	}
	return length
}

// unoffered says why a node gets no care-of address from what a router advertises, or none
// that is of use.
func (j *journey) unoffered(n *spec.Network) string {
	ra := n.RouterAdvertisement
	switch {
	case ra == nil || j.isHome(n):
		return ""
	case j.handedOut(n):
	case !ra.Autonomous || ra.Valid == 0:
		return "nodes make no addresses of the prefix"
	case n.Kind != spec.KindISATAP && ra.Valid <= ra.Interval.Max:
		return "the care-of address may end before the next advertisement"
	}
	switch {
	case ra.Lifetime == 0:
		return "the router is no default router"
	case ra.HopLimit > 0 && ra.HopLimit <= len(j.p.Way(n.Name, j.home.Name))+1:
		return "the advertised hop limit does not reach to the home agent"
	}
	return ""
}

// repeated says why solicitations may be sent more than once, which no formula follows.
func (j *journey) repeated(n *spec.Network) string {
	ra := n.RouterAdvertisement
	if ra == nil {
		return ""
	}
	if ra.SolicitedDelay.Max+ra.MinDelay >= j.m.ND.SolicitSpacing && j.m.ND.Solicitations > 1 && ra.Interval.Max >= j.m.ND.SolicitSpacing {
		return "a solicitation may be repeated before it is answered"
	}
	if exchange(n, neighbour).Max >= min(j.retrans(n), j.p.Spec.NeighborDiscovery.RetransTimer) {
		return "an address resolution may be repeated before it is answered"
	}
	return ""
}

// forgotten is what the router's next packet to a node that was here before takes longer if
// the router has found meanwhile that it was gone: it asks then for the node's link-layer
// address again.
func (j *journey) forgotten(n *spec.Network) Span {
	nd := &j.p.Spec.NeighborDiscovery
	towards := false
	for _, f := range j.mobileFlows() {
		towards = towards || f.To == j.m.Name || f.Kind == spec.FlowPing
	}
	if !nd.Unreachability || !towards {
		return Span{}
	}
	again := exchange(n, neighbour)
	// The router asks if it sends a packet to the node, which is gone, while it does not
	// count as reachable. With steady traffic that is the case for delay_first_probe after
	// every reachable time, which is drawn evenly about its mean.
	quiet := float64(nd.DelayFirstProbe)
	return Span{0, time.Duration(float64(again.Mean) * (quiet / (quiet + float64(nd.ReachableTime)))), again.Max}
}

// unresolved says where address resolution gives up before an answer can come: what waited for it
// is then lost.
func (j *journey) unresolved(n *spec.Network) string {
	nd := j.p.Spec.NeighborDiscovery
	patience := time.Duration(nd.MulticastSolicit) * nd.RetransTimer
	links := []*spec.Network{n, j.home.Network}
	for i := range j.p.Hosts {
		links = append(links, j.p.Hosts[i].Network)
	}
	for _, l := range links {
		if exchange(l, neighbour).Max >= patience {
			return "address resolution in network " + l.Name + " gives up before an answer can come"
		}
	}
	return ""
}
