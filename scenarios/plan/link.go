package plan

import (
	"dsmipsim/scenarios/spec"
	"dsmipsim/sim/vtime"
	"dsmipsim/topology"
)

// Params converts the properties of a link.
func Params(l *spec.LinkParams) topology.Params {
	up, down := l.Directions()
	p := topology.Params{Up: Channel(&up), Down: Channel(&down), MTU: l.MTU}
	for _, o := range l.Outages {
		from := vtime.Time(o.At)
		p.Outages = append(p.Outages, topology.Outage{From: from, Until: from.Add(o.For)})
	}
	return p
}

// AccessParams converts the properties of a network's link.
func AccessParams(l *spec.AccessLink) topology.Params {
	p := Params(&l.LinkParams)
	p.SharedMedium = l.Medium == spec.MediumShared
	return p
}

// Channel converts the properties of one direction of a link.
func Channel(c *spec.Channel) topology.Channel {
	t := topology.Channel{
		Delay: c.Delay, Jitter: c.Jitter, Reorder: c.Reorder, Rate: c.Rate, FrameTime: c.FrameTime,
		Loss:  topology.Loss{Probability: c.Loss.Probability},
		Queue: topology.Queue{Packets: c.Queue.Limit.Packets, Octets: c.Queue.Limit.Octets},
	}
	if g := c.Loss.Bursts; g != nil {
		bursts := topology.GilbertElliott(*g)
		t.Loss.Bursts = &bursts
	}
	if d := c.Queue.CoDel; d != nil {
		codel := topology.CoDel(*d)
		t.Queue.CoDel = &codel
	}
	return t
}
