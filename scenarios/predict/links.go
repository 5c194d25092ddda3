package predict

import (
	"time"

	"dsmipsim/nodes/wire"
	"dsmipsim/scenarios/plan"
	"dsmipsim/scenarios/spec"
	"dsmipsim/sim/draw"
	"dsmipsim/topology"
)

// heading is a direction in which a packet goes, as seen from the mobile node.
type heading bool

const (
	out heading = true  // away from the mobile node, up its access link
	in  heading = false // to the mobile node
)

// channel is one direction of a network's access link.
func channel(n *spec.Network, h heading) topology.Channel {
	up, down := n.Link.Directions()
	if h == out {
		return plan.Channel(&up)
	}
	return plan.Channel(&down)
}

// crossing is how long a frame takes over an idle link: its jitter is all that is random.
func crossing(c topology.Channel, octets int) Span {
	return exactly(c.CrossingTime(octets)).plus(spanOf(c.Jitter))
}

// cross is how long a frame takes over an access link.
func cross(n *spec.Network, h heading, octets int) Span { return crossing(channel(n, h), octets) }

// exchange is how long a frame and one of the same length in return take over an access link.
func exchange(n *spec.Network, octets int) Span {
	return cross(n, out, octets).plus(cross(n, in, octets))
}

// exchanges is as many such exchanges as parts of a sum.
func exchanges(n *spec.Network, count int, octets int) (parts []draw.Distribution) {
	for range count {
		for _, h := range []heading{out, in} {
			c := channel(n, h)
			parts = append(parts, draw.Always(c.CrossingTime(octets)))
			if !c.Jitter.Zero() {
				parts = append(parts, c.Jitter)
			}
		}
	}
	return parts
}

// attaching is the time until the access link is up.
func attaching(n *spec.Network) (s Span) {
	for _, part := range n.Link.AttachParts() {
		s = s.plus(spanOf(part))
	}
	return s
}

// put is how long a frame takes to get onto an access link.
func put(n *spec.Network, h heading, octets int) time.Duration {
	return channel(n, h).Serialise(octets)
}

// way is how long an IP packet takes between a node in the network and the home agent.
func (j *journey) way(n *spec.Network, h heading, octets int) Span {
	frame := octets + wire.EthernetLen
	if n.Kind == spec.KindISATAP { // in IPv4 as far as the router
		frame += wire.IPv4HeaderLen
	}
	return cross(n, h, frame).plus(j.between(h, n.Name, j.home.Name, octets))
}

// between is how long an IP packet takes between two routers, from the near one to the far one
// on its way out.
func (j *journey) between(h heading, near, far string, octets int) (s Span) {
	if h == in {
		near, far = far, near
	}
	for _, l := range j.p.Way(near, far) {
		s = s.plus(crossing(l.Params.Up, octets))
	}
	return s
}

// hazard says why the time that signalling takes over the links cannot be told.
func (j *journey) hazard(n *spec.Network, start, end time.Duration) string {
	if n.Link.Lossy() {
		return "frames may be lost on the access link"
	}
	if n.Link.Medium == spec.MediumShared && j.crowded(n) {
		return "others may transmit on the shared access link"
	}
	if outage(n.Link.Outages, start, end) {
		return "the access link has an outage"
	}
	for _, l := range j.p.Way(n.Name, j.home.Name) {
		if l.Params.Up.Loss.Mean() > 0 || l.Params.Down.Loss.Mean() > 0 {
			return "packets may be lost on link " + l.Name
		}
		for _, o := range l.Params.Outages {
			if time.Duration(o.From) < end && time.Duration(o.Until) > start {
				return "link " + l.Name + " has an outage"
			}
		}
	}
	return ""
}

// crowded reports whether a node besides this one may transmit on a shared access link: the
// signalling of a handover alone takes turns anyway.
func (j *journey) crowded(n *spec.Network) bool {
	for i := range j.p.Spec.MobileNodes {
		if m := &j.p.Spec.MobileNodes[i]; m.Name != j.m.Name && j.visits(m.Name, n) {
			return true
		}
	}
	return false
}

// outage reports whether one of the outages touches an interval.
func outage(all []spec.Outage, start, end time.Duration) bool {
	for _, o := range all {
		if o.At < end && o.At+o.For > start {
			return true
		}
	}
	return false
}
