package predict

import (
	"time"

	"dsmipsim/nodes/wire"
	"dsmipsim/scenarios/plan"
	"dsmipsim/scenarios/spec"
)

// Above this share of a link's rate, waiting behind other traffic is no detail any more.
const busyShare = 0.7

// Above this share, packets that come at random are so often several at a time that no greatest
// delay can be given.
const randomShare = 0.001

// A queue shorter than this may overflow at the moment when a link comes up and everything
// is sent at once.
const (
	leastQueue       = 10
	leastQueueOctets = 4000
)

// busy says why the access link cannot be taken as idle.
func (j *journey) busy(n *spec.Network) string {
	for _, h := range []heading{out, in} {
		q := channel(n, h).Queue
		if q.Packets > 0 && q.Packets < leastQueue || q.Octets > 0 && q.Octets < leastQueueOctets {
			return "the queue of the access link may overflow"
		}
	}
	up, down, chance := 0.0, 0.0, 0.0 // shares of the rate
	for i := range j.p.Spec.Flows {
		f := &j.p.Spec.Flows[i]
		r := rhythmOf(f)
		from, to := j.visits(f.From, n), j.visits(f.To, n)
		if f.Kind.TCP() && (from || to) {
			return "TCP takes as much of the access link as it can get"
		}
		if from || to && f.Kind == spec.FlowPing {
			up += r.share(put(n, out, frame(f)))
		}
		if to || from && f.Kind == spec.FlowPing {
			down += r.share(put(n, in, frame(f)))
		}
		if r.random && (from || to) {
			chance += r.share(occupy(n, frame(f)))
		}
	}
	if ra := n.RouterAdvertisement; ra != nil && n.Kind != spec.KindISATAP {
		down += float64(put(n, in, advertisement(n))) / float64(ra.Interval.Min)
	}
	if n.Link.Medium == spec.MediumShared {
		up += down
	}
	if max(up, down) > busyShare {
		return "the access link is too busy to be taken as idle"
	}
	if chance > randomShare {
		return "packets come in bursts on the access link"
	}
	for _, l := range j.p.Way(n.Name, j.home.Name) {
		share, chance := 0.0, 0.0 // every flow of a mobile node may pass here, once in each direction
		for _, f := range j.crossing(l) {
			if f.Kind.TCP() {
				return "TCP takes as much of link " + l.Name + " as it can get"
			}
			r := rhythmOf(f)
			share += r.share(serialised(l, frame(f)))
			if r.random {
				chance += r.share(serialised(l, frame(f)))
			}
		}
		if share > busyShare {
			return "link " + l.Name + " is too busy to be taken as idle"
		}
		if chance > randomShare {
			return "packets come in bursts on link " + l.Name
		}
	}
	return ""
}

// mobileFlows returns the flows that have an end which moves.
func (j *journey) mobileFlows() []*spec.Flow {
	var all []*spec.Flow
	for i := range j.p.Spec.Flows {
		f := &j.p.Spec.Flows[i]
		if j.p.Spec.MobileNode(f.From) != nil || j.p.Spec.MobileNode(f.To) != nil {
			all = append(all, f)
		}
	}
	return all
}

// serialised is how long a packet takes to get onto a link in the slower direction.
func serialised(l plan.Link, octets int) time.Duration {
	return max(l.Params.Up.Serialise(octets), l.Params.Down.Serialise(octets))
}

// occupy is how long a frame takes to get onto an access link in the slower direction.
func occupy(n *spec.Network, octets int) time.Duration {
	return max(put(n, out, octets), put(n, in, octets))
}

// visits reports whether a mobile node of that name is ever in the network.
func (j *journey) visits(name string, n *spec.Network) bool {
	m := j.p.Spec.MobileNode(name)
	if m == nil {
		return false
	}
	it := j.p.Itinerary(m)
	if it.Random && len(n.Cells) > 0 {
		return true
	}
	for _, v := range it.Visits {
		if v.Network == n.Name {
			return true
		}
	}
	return j.p.Spec.HomeNetwork(m).Name == n.Name
}

// roamed reports whether another mobile node may come into a network at any time, and make
// its router advertise itself.
func (j *journey) roamed(n *spec.Network) bool {
	for i := range j.p.Spec.MobileNodes {
		m := &j.p.Spec.MobileNodes[i]
		if m.Name != j.m.Name && len(n.Cells) > 0 && j.p.Itinerary(m).Random {
			return true
		}
	}
	return false
}

// frame is the length of a packet of a flow on an access link, in a tunnel.
func frame(f *spec.Flow) int {
	return wire.EthernetLen + 2*wire.IPv6HeaderLen + wire.UDPHeaderLen + rhythmOf(f).payload
}

// waiting is the longest that a message waits on its way behind what else may be there at
// the moment: a packet of each flow on every link, and on the access link an advertisement
// and the signalling of the other nodes that come here.
func (j *journey) waiting(n *spec.Network) time.Duration {
	d := time.Duration(0)
	for i := range j.p.Spec.Flows {
		if f := &j.p.Spec.Flows[i]; j.visits(f.From, n) || j.visits(f.To, n) {
			d += occupy(n, frame(f))
		}
	}
	if n.RouterAdvertisement != nil {
		d += put(n, in, advertisement(n))
	}
	for i := range j.p.Spec.MobileNodes {
		if m := &j.p.Spec.MobileNodes[i]; m != j.m && m.Name != j.m.Name && j.visits(m.Name, n) {
			d += 2*occupy(n, neighbour) + occupy(n, dhcpMessage)
		}
	}
	for _, l := range j.p.Way(n.Name, j.home.Name) {
		for _, f := range j.crossing(l) {
			d += serialised(l, frame(f))
		}
	}
	return d
}

// unsettled reports whether it cannot be told if the home agent still has a binding when the
// node registers again between the two instants: the last renewal or the expiry may come
// just before or just after.
func (j *journey) unsettled(from, to time.Duration) bool {
	if !j.bound {
		return false
	}
	first := j.isBound(from)
	k := *j
	const steps = 64 // renewals may fall anywhere within the slack, more than once
	for i := -steps; i <= steps; i++ {
		k.registered = j.registered + j.slack/steps*time.Duration(i)
		if k.isBound(from) != first || k.isBound(to) != first {
			return true
		}
	}
	return false
}
