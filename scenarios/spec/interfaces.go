package spec

import "time"

// Interface is one of several interfaces of a mobile node, with an itinerary of its own.
type Interface struct {
	Pos     Pos
	Name    string `key:"name" required:"true" unit:"name" doc:"Name of the interface, such as wlan0."`
	Network string `key:"network" unit:"name" doc:"Network that it is attached to when the run begins; absent, to none."`
	Visits  []Step `key:"visit" doc:"Where it goes, in order of time."`
}

// Step is one step of the itinerary of an interface: from At on it is in Network, or in none.
type Step struct {
	Pos     Pos
	At      time.Duration `key:"at" required:"true" unit:"duration" doc:"When the interface leaves the network before and chooses this one, since the run began."`
	Network string        `key:"network" unit:"name" doc:"The network, of any kind but wired; absent, it leaves the one before and comes to none."`
}

// interfaces checks the interfaces of mobile nodes.
func (c *checker) interfaces() {
	networks := c.namesOf("network")
	for i := range c.s.MobileNodes {
		m, at := &c.s.MobileNodes[i], c.mobiles[i]
		items := at.items("interface")
		c.policy(m, at)
		if len(items) == 0 {
			continue
		}
		agent := c.s.HomeAgent(m.HomeAgent)
		first := map[string]*node{}
		for k := range m.Interfaces {
			f, item := &m.Interfaces[k], items[k]
			if name := item.get("name"); sound(name) && f.Name != "" {
				if other := first[f.Name]; other != nil {
					c.say(name, "the name %q is taken by the interface at %s", f.Name, other.where())
				} else {
					first[f.Name] = name
				}
			}
			c.attaches(item.get("network"), f.Network, networks, m, agent)
			steps := item.items("visit")
			for n, v := range f.Visits {
				if when := steps[n].get("at"); sound(when) {
					if c.s.Duration > 0 && v.At >= c.s.Duration {
						c.say(when, "the run ends at %s, before this visit", formatDuration(c.s.Duration))
					} else if n > 0 && sound(steps[n-1].get("at")) && v.At <= f.Visits[n-1].At {
						c.say(when, "wanted a time after %s, when the visit before begins (%s)", formatDuration(f.Visits[n-1].At), steps[n-1].get("at").where())
					}
				}
				c.attaches(steps[n].get("network"), v.Network, networks, m, agent)
			}
		}
	}
}

// attaches checks a network that an interface is attached to; it may be none.
func (c *checker) attaches(at *node, name string, networks nameSet, m *MobileNode, agent *HomeAgent) {
	if at == nil {
		return
	}
	c.refers(at, name, "network", networks)
	if network := c.s.Network(name); network != nil && sound(at) {
		c.visit(at, network, m, agent)
	}
}

// policy checks the keys that go together with several interfaces.
func (c *checker) policy(m *MobileNode, at *node) {
	items := at.get("interface")
	if items == nil {
		if m.Hold > 0 && sound(at.get("hold")) {
			c.say(at.get("hold"), "there is nothing to hold on to with one interface")
		}
		if !m.MakeBeforeBreak && sound(at.get("make_before_break")) {
			c.say(at.get("make_before_break"), "a node with one interface leaves a network before it enters the next")
		}
		return
	}
	if len(m.Interfaces) == 1 && !items.bad {
		c.say(items, "one interface needs no table: its itinerary is visit")
	}
	for _, key := range []string{"visit", "motion"} {
		if other := at.get(key); other != nil {
			c.say(other, "the interfaces of the node have itineraries of their own (%s)", items.where())
		}
	}
	if d := at.get("movement_detection"); m.MovementDetection != MovementLink && sound(d) {
		c.say(d, "a node chooses among its interfaces (%s) by layer 2: wanted %q", items.where(), MovementLink)
	}
}
