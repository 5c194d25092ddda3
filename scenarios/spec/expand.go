package spec

import (
	"net/netip"
	"slices"
	"strconv"

	"dsmipsim/scenarios/movements"
)

// checker judges a bound Spec as a whole. Values that the binder has reported are zero in the
// Spec and bad in the tree; the checks pass over them, so that each mistake is told once.
type checker struct {
	*reporter
	s    *Spec
	root *node
	// The tree's nodes of the Spec's elements, by index.
	networks, routers, links, homeAgents, mobiles, correspondents, flows []*node

	traces  map[string][]movements.Node // movement files that have been read, by name and format
	counted map[string][]string         // nodes by the name that they were counted under
	byName  map[string]*node            // elements of mobile nodes and correspondents
}

func newChecker(r *reporter, s *Spec, root *node) *checker {
	return &checker{
		reporter: r, s: s, root: root, traces: map[string][]movements.Node{}, counted: map[string][]string{}, byName: map[string]*node{},
		networks: root.items("network"), routers: root.items("router"), links: root.items("link"),
		homeAgents: root.items("home_agent"),
	}
}

// expand replaces counted elements by as many single ones.
func (c *checker) expand() {
	var mobiles []MobileNode
	for i, item := range c.root.items("mobile_node") {
		first := c.s.MobileNodes[i]
		names := c.names(first.Name, first.Count)
		for k, name := range names {
			mn := first
			mn.Name, mn.Count = name, 1
			mn.Visits = slices.Clone(first.Visits)
			mn.Motion = first.Motion.clone()
			c.follow(item.get("motion"), mn.Motion, k, len(names))
			mn.HomeAddress = c.countUp(item, "home_address", first.HomeAddress, k)
			mn.IPv4HomeAddress.Static = c.countUp(item, "ipv4_home_address", first.IPv4HomeAddress.Static, k)
			c.byName[name] = item
			mobiles, c.mobiles = append(mobiles, mn), append(c.mobiles, item)
		}
	}
	var correspondents []Correspondent
	for i, item := range c.root.items("correspondent") {
		first := c.s.Correspondents[i]
		for k, name := range c.names(first.Name, first.Count) {
			cn := first
			cn.Name, cn.Count = name, 1
			cn.IPv6 = c.countUp(item, "ipv6", first.IPv6, k)
			cn.IPv4 = c.countUp(item, "ipv4", first.IPv4, k)
			c.byName[name] = item
			correspondents, c.correspondents = append(correspondents, cn), append(c.correspondents, item)
		}
	}
	var flows []Flow
	for i, item := range c.root.items("flow") {
		for _, f := range c.expandFlow(c.s.Flows[i], item) {
			flows, c.flows = append(flows, f), append(c.flows, item)
		}
	}
	c.s.MobileNodes, c.s.Correspondents, c.s.Flows = mobiles, correspondents, flows
}

// names returns the names of a counted element and files them under the one it was given.
func (c *checker) names(name string, count int) []string {
	if count <= 1 {
		return []string{name}
	}
	names := make([]string, count)
	for k := range names {
		if name != "" {
			names[k] = name + strconv.Itoa(k+1)
		}
	}
	if name != "" {
		c.counted[name] = names
	}
	return names
}

// countUp returns the k-th address after the first.
func (c *checker) countUp(item *node, key string, first netip.Addr, k int) netip.Addr {
	if !first.IsValid() {
		return first
	}
	b := first.AsSlice()
	for i := len(b) - 1; i >= 0 && k > 0; i-- {
		k += int(b[i])
		b[i] = byte(k)
		k >>= 8
	}
	if k > 0 {
		c.say(item.near(key), "counts up beyond the last address")
		return netip.Addr{}
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}

// expandFlow makes one flow per node of a counted end. Two counted ends are taken in pairs.
func (c *checker) expandFlow(f Flow, item *node) []Flow {
	from, to := c.ends(f.From), c.ends(f.To)
	n := max(len(from), len(to))
	if n == 1 {
		return []Flow{f}
	}
	if len(from) != len(to) && len(from) > 1 && len(to) > 1 {
		c.say(item.near("to"), "%q counts %d nodes and %q counts %d: flows between them need equal counts", f.From, len(from), f.To, len(to))
		f.From, f.To = from[0], to[0]
		return []Flow{f}
	}
	flows := make([]Flow, n)
	for k := range flows {
		flows[k] = f
		if f.Name != "" {
			flows[k].Name = f.Name + "-" + strconv.Itoa(k+1)
		}
		flows[k].From, flows[k].To = from[min(k, len(from)-1)], to[min(k, len(to)-1)]
	}
	return flows
}

// ends returns the nodes that a name stands for.
func (c *checker) ends(name string) []string {
	if names := c.counted[name]; names != nil {
		return names
	}
	return []string{name}
}
