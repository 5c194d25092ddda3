package spec

import (
	"cmp"
	"slices"
	"time"
)

// check runs all checks that need more than one value.
func (c *checker) check() {
	if p := c.s.Protocol.BindingLifetime; p%BindingLifetimeUnit != 0 {
		c.value(c.root.near("protocol", "binding_lifetime"), Problem{Wanted: "a multiple of 4s"})
	}
	c.uniqueNames()
	c.references()
	c.kinds()
	c.discovery()
	c.prefixes()
	c.connected()
	c.mtus()
	c.linkParams()
	c.addresses()
	c.discoverers()
	c.visits()
	c.cells()
	c.motions()
	c.addressing()
	c.movement()
	c.interfaces()
	c.flowTimes()
	c.replays()
	c.flowEnds()
	c.tcpPorts()
	c.forwards()
	c.expectations()
	c.injects()
}

// sound reports whether a key was given and bound without a mistake.
func sound(n *node) bool { return n != nil && !n.bad }

// absent reports whether an element lacks a key, and not only because it is misspelt.
func absent(element *node, key string) bool {
	if element.bad || element.get(key) != nil {
		return false
	}
	for _, other := range element.value.(*table).keys {
		if kid := element.get(other); kid.bad && nearest(other, []string{key}) != "" {
			return false
		}
	}
	return true
}

// named is a name and where it was given.
type named struct {
	name, what string
	at         *node
}

// inFileOrder sorts by position; names from flags, which have none, come last.
func inFileOrder(a, b *node) int {
	switch {
	case a.flag == "" && b.flag != "":
		return -1
	case a.flag != "" && b.flag == "":
		return 1
	}
	return cmp.Or(cmp.Compare(a.pos.Line, b.pos.Line), cmp.Compare(a.pos.Col, b.pos.Col))
}

// uniqueNames checks that a name means one thing: nodes, networks and routers share one set of
// names; flows have another, and so have links.
func (c *checker) uniqueNames() {
	var all, flows, links []named
	add := func(to *[]named, what, name string, element *node) {
		if at := element.get("name"); name != "" && sound(at) {
			*to = append(*to, named{name, what, at})
		}
	}
	for i, r := range c.s.Routers {
		add(&all, "router", r.Name, c.routers[i])
	}
	for i, n := range c.s.Networks {
		add(&all, "network", n.Name, c.networks[i])
	}
	for i, h := range c.s.HomeAgents {
		add(&all, "home agent", h.Name, c.homeAgents[i])
	}
	for i, m := range c.s.MobileNodes {
		add(&all, "mobile node", m.Name, c.mobiles[i])
	}
	for i, n := range c.s.Correspondents {
		add(&all, "correspondent", n.Name, c.correspondents[i])
	}
	for _, kind := range []string{"mobile_node", "correspondent"} {
		for _, item := range c.root.items(kind) { // the name that a flow may use for all of them
			if name, _ := item.get("name").text(); c.counted[name] != nil {
				add(&all, "counted node", name, item)
			}
		}
	}
	for i, f := range c.s.Flows {
		add(&flows, "flow", f.Name, c.flows[i])
	}
	for i, l := range c.s.Links {
		at := c.links[i].near("name")
		if l.Name != "-" && l.Name != "" && !at.bad && !c.links[i].near("between").bad {
			links = append(links, named{l.Name, "link", at})
		}
	}
	c.distinct(all)
	c.distinct(flows)
	c.distinct(links)
}

func (c *checker) distinct(names []named) {
	slices.SortStableFunc(names, func(a, b named) int { return inFileOrder(a.at, b.at) })
	first := map[string]named{}
	for _, n := range names {
		if other, taken := first[n.name]; taken {
			c.say(n.at, "the name %q is taken by the %s at %s", n.name, other.what, other.at.where())
			continue
		}
		first[n.name] = n
	}
}

// references checks that every name that is used was given.
func (c *checker) references() {
	ends, agents := c.routerNames(), c.namesOf("home_agent")
	networks := c.namesOf("network")
	for i, l := range c.s.Links {
		if !sound(c.links[i].get("between")) {
			continue
		}
		for k, item := range c.links[i].items("between") {
			c.refers(item, l.Between[k], "router or network", ends)
		}
		if l.Between[0] == l.Between[1] && l.Between[0] != "" {
			c.say(c.links[i].near("between"), "a link needs two different ends")
		}
	}
	for i, n := range c.s.Networks {
		if n.Uplink == nil {
			continue
		}
		to := c.networks[i].near("uplink", "to")
		c.refers(to, n.Uplink.To, "router or network", ends)
		if n.Uplink.To != "" && n.Uplink.To == n.Name {
			c.say(to, "a network cannot be its own uplink")
		}
	}
	for i, h := range c.s.HomeAgents {
		c.refers(c.homeAgents[i].get("network"), h.Network, "network", networks)
		if n := c.s.Network(h.Network); n != nil && n.Kind != "" && n.Kind != KindHome {
			c.say(c.homeAgents[i].near("network"), "network %q is of kind %s (%s): a home agent needs one of kind home", n.Name, n.Kind, c.networkNode(n.Name).where())
		}
	}
	mobiles := c.namesOf("mobile_node")
	for i, h := range c.s.HomeAgents {
		for k, item := range c.homeAgents[i].items("policy") {
			p := h.Policies[k]
			c.refers(item.get("mobile_node"), p.MobileNode, "mobile node", mobiles)
			for _, status := range []struct {
				key   string
				value int
			}{{"status", p.Status}, {"ipv4_status", p.IPv4Status}} {
				if status.value != 0 && status.value < 128 {
					c.value(item.get(status.key), Problem{Wanted: "a refusal, from 128 up, or 0"})
				}
			}
		}
		for _, d := range []struct {
			key   string
			value time.Duration
		}{{"max_lifetime", h.MaxLifetime}, {"refresh_advice", h.RefreshAdvice}, {"lease", h.Lease}} {
			if d.value%BindingLifetimeUnit != 0 {
				c.value(c.homeAgents[i].get(d.key), Problem{Wanted: "a multiple of 4s"})
			}
		}
	}
	if d := c.s.Draft00; d.HomeAddressType == d.AcknowledgementType {
		c.say(c.root.near("draft00", "acknowledgement_type"), "the two options of the draft need two numbers, both are %d", d.HomeAddressType)
	}
	agents.known[Discover] = true
	for i, m := range c.s.MobileNodes {
		c.refers(c.mobiles[i].get("home_agent"), m.HomeAgent, "home agent", agents)
	}
	for i, n := range c.s.Correspondents {
		c.refers(c.correspondents[i].get("network"), n.Network, "network", networks)
	}
}

// nameSet is the names that a reference may use. It is vague if a name is missing or broken:
// then nobody can say that a reference dangles.
type nameSet struct {
	names []string // in file order, for suggestions
	known map[string]bool
	vague bool
}

func (s *nameSet) add(names ...string) {
	s.names = append(s.names, names...)
	for _, name := range names {
		s.known[name] = true
	}
}

func (c *checker) namesOf(key string) nameSet {
	set := nameSet{known: map[string]bool{}}
	if n := c.root.get(key); n != nil && n.bad {
		set.vague = true
	}
	for _, item := range c.root.items(key) {
		at := item.get("name")
		name, ok := at.text()
		if !ok || at.bad || item.bad {
			set.vague = true
			continue
		}
		if expanded := c.counted[name]; expanded != nil {
			set.add(expanded...)
		} else {
			set.add(name)
		}
	}
	return set
}

func (c *checker) routerNames() nameSet { return join(c.namesOf("router"), c.namesOf("network")) }

func join(sets ...nameSet) nameSet {
	all := nameSet{known: map[string]bool{}}
	for _, s := range sets {
		all.add(s.names...)
		all.vague = all.vague || s.vague
	}
	return all
}

// refers checks one reference.
func (c *checker) refers(at *node, name, what string, to nameSet) {
	if !sound(at) || name == "" || to.vague || to.known[name] {
		return
	}
	c.value(at, Problem{Wanted: "the name of a " + what, Suggestion: nearest(name, to.names),
		Message: "no " + what + " is called " + show(at)})
}

// networkNode returns the tree's node of a network.
func (c *checker) networkNode(name string) *node {
	for i, n := range c.s.Networks {
		if n.Name == name {
			return c.networks[i]
		}
	}
	return c.root
}
