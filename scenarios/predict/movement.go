package predict

import (
	"time"

	"dsmipsim/scenarios/spec"
)

// undetected says why nobody can tell how long the node takes to find out that it has moved
// to a network. An eager one waits for an advertisement of a router that it does not know
// (validation by the mean residual of the interval), provided that the old router is not
// given up before.
func (j *journey) undetected(n *spec.Network, start time.Duration) string {
	m := j.m
	switch m.MovementDetection {
	case spec.MovementLink:
		return ""
	case spec.MovementEager:
	default:
		return "when the node gives up its old router depends on what it heard and sent there"
	}
	if n.RouterAdvertisement == nil || n.Kind == spec.KindISATAP {
		return "without layer 2 an eager node finds out about a network without router advertisements only when it loses the old one"
	}
	if m.ND.LinkLocal == spec.LinkLocalBefore {
		return "the node listens to no router while it verifies its link-local address"
	}
	up := start + attaching(n).Max
	from := j.p.Spec.HomeNetwork(m)
	left := map[string]time.Duration{}
	for _, v := range j.itinerary {
		if v.Left > start {
			break
		}
		left[from.Name] = v.Left
		if v.Left < start && v.Network != "" {
			from = j.p.Spec.Network(v.Network)
		}
	}
	if ra := from.RouterAdvertisement; ra != nil && from.Kind != spec.KindISATAP && up+n.RouterAdvertisement.Interval.Max >= start+ra.Lifetime-ra.Interval.Max {
		return "the old router's lifetime may be over first"
	}
	if at, been := left[n.Name]; been {
		ra := n.RouterAdvertisement
		silence := ra.Lifetime
		if ra.ShowInterval {
			silence = time.Duration(m.MissedAdvertisements) * (ra.Interval.Max + advertisedSlack)
		}
		if start < at+silence {
			return "the node may still know the router from its last visit"
		}
	}
	return ""
}

// advertisedSlack is what the Advertisement Interval option may promise beyond the interval.
const advertisedSlack = 20 * time.Millisecond
