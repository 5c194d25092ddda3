package spec

import "time"

// linkParams checks the properties of all links.
func (c *checker) linkParams() {
	for i := range c.s.Networks {
		n, at := &c.s.Networks[i], c.networks[i]
		if link := at.get("link"); link != nil {
			c.link(link, &n.Link.LinkParams)
		}
		if up := at.get("uplink"); up != nil && n.Uplink != nil {
			c.link(up, &n.Uplink.LinkParams)
		}
	}
	for i := range c.s.Links {
		c.link(c.links[i], &c.s.Links[i].LinkParams)
	}
}

func (c *checker) link(at *node, p *LinkParams) {
	c.outages(at, p.Outages)
	up, down := p.Directions()
	for _, d := range []struct {
		at *node
		c  Channel
	}{{at, p.Channel}, {at.get("up"), up}, {at.get("down"), down}} {
		if reorder := d.at.get("reorder"); sound(reorder) && d.c.Reorder && d.c.Jitter.Constant() && up.Jitter.Constant() && down.Jitter.Constant() {
			c.say(reorder, "without random jitter no packet overtakes another")
		}
		if q := d.c.Queue.CoDel; q != nil && q.Target >= q.Interval && sound(d.at.get("queue")) {
			c.value(d.at.near("queue", "target"), Problem{Wanted: "less than the interval of " + formatDuration(q.Interval)})
		}
	}
}

// outages checks that outages come in order, apart from each other and within the run.
func (c *checker) outages(at *node, all []Outage) {
	end := time.Duration(0)
	for i, item := range at.items("outage") {
		if i >= len(all) || item.bad {
			return
		}
		o, start := all[i], item.near("at")
		switch {
		case !sound(start):
		case i > 0 && o.At < end:
			c.say(start, "the outage before ends at %s: wanted outages in order and apart", formatDuration(end))
		case o.At >= c.s.Duration && c.s.Duration > 0:
			c.value(start, Problem{Wanted: "a time before the run ends at " + formatDuration(c.s.Duration)})
		}
		end = o.At + o.For
	}
}
