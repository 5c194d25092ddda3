package spec

import (
	"net/netip"
	"slices"
)

// owned is an address and the key that gave it.
type owned struct {
	addr  netip.Addr
	realm string // the private network in which the address counts, "" for the whole world
	at    *node
	owner string
}

// addresses checks that each address lies where its node is, and belongs to one node.
func (c *checker) addresses() {
	var all []owned
	add := func(addr netip.Addr, realm string, at *node, owner string) {
		if addr.IsValid() && sound(at) {
			all = append(all, owned{addr, realm, at, owner})
		}
	}
	for i, h := range c.s.HomeAgents {
		at, home := c.homeAgents[i], c.s.Network(h.Network)
		c.inside(at.get("ipv6"), h.IPv6, home)
		c.inside(at.get("ipv4"), h.IPv4, home)
		add(h.IPv6, "", at.get("ipv6"), h.Name)
		add(h.IPv4, "", at.get("ipv4"), h.Name)
		c.pool(i, home)
	}
	for i, m := range c.s.MobileNodes {
		at := c.mobiles[i]
		add(m.HomeAddress, "", at.get("home_address"), m.Name)
		add(m.IPv4HomeAddress.Static, "", at.get("ipv4_home_address"), m.Name)
		if agent := c.s.HomeAgent(m.HomeAgent); agent != nil {
			c.inside(at.get("home_address"), m.HomeAddress, c.s.Network(agent.Network))
			c.home4(at, &c.s.MobileNodes[i], agent)
		}
	}
	for i, n := range c.s.Correspondents {
		at, network, realm := c.correspondents[i], c.s.Network(n.Network), ""
		if network != nil && network.Kind.hides() {
			realm = network.Name
		}
		c.inside(at.get("ipv6"), n.IPv6, network)
		c.inside(at.get("ipv4"), n.IPv4, network)
		if n.Duplicate {
			continue
		}
		add(n.IPv6, "", at.get("ipv6"), n.Name)
		add(n.IPv4, realm, at.get("ipv4"), n.Name)
	}
	for i, n := range c.s.Networks {
		if n.NAT != nil {
			at := c.networks[i].near("nat", "public")
			c.public(at, n.NAT.Public)
			add(n.NAT.Public, "", at, n.Name)
		}
	}
	c.disjoint(all)
}

// inside checks an address against the prefix of its network.
func (c *checker) inside(at *node, addr netip.Addr, network *Network) {
	if !sound(at) || !addr.IsValid() || network == nil {
		return
	}
	key, p := "ipv6", network.IPv6
	if addr.Is4() {
		key, p = "ipv4", network.IPv4
	}
	networkAt := c.networkNode(network.Name)
	switch prefixAt := networkAt.near(key); {
	case prefixAt.bad: // told already
	case !p.IsValid():
		if c.lacks(network, key) {
			c.say(at, "network %q (%s) has no %s prefix", network.Name, prefixAt.where(), key)
		}
	case !p.Contains(addr):
		c.say(at, "%s is outside %s of network %q (%s)", spell(at, addr), p, network.Name, prefixAt.where())
	case !host(addr, p):
		c.say(at, "%s is not the address of a host in %s of network %q (%s)", spell(at, addr), p, network.Name, prefixAt.where())
	}
}

// spell writes an address, and where it was counted up from if the file does not spell it out.
func spell(at *node, addr netip.Addr) string {
	if first, _ := at.text(); netip.MustParseAddr(first) != addr {
		return addr.String() + ", counted up from " + first + ","
	}
	return addr.String()
}

// host refuses the network and broadcast addresses of an IPv4 prefix, and the subnet-router
// anycast address of an IPv6 prefix (RFC 4291 section 2.6.1).
func host(addr netip.Addr, p netip.Prefix) bool {
	if addr == p.Addr() {
		return false
	}
	return !addr.Is4() || addr != lastAddr(p)
}

// lastAddr returns the last address of a prefix.
func lastAddr(p netip.Prefix) netip.Addr {
	b := p.Addr().AsSlice()
	for bit := p.Bits(); bit < len(b)*8; bit++ {
		b[bit/8] |= 0x80 >> (bit % 8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}

// home4 checks the IPv4 home address of a mobile node: any unicast address that no other
// network routes. In the home network it must be the address of a host.
func (c *checker) home4(at *node, m *MobileNode, agent *HomeAgent) {
	key := at.get("ipv4_home_address")
	if !sound(key) {
		return
	}
	agentAt := c.agentNode(agent.Name)
	if !agent.IPv4.IsValid() && absent(agentAt, "ipv4") {
		c.say(key, "home agent %q (%s) has no ipv4 address, which an IPv4 home address needs", agent.Name, agentAt.where())
		return
	}
	addr, home := m.IPv4HomeAddress.Static, c.s.Network(agent.Network)
	if !addr.IsValid() || home == nil {
		return
	}
	if home.IPv4.Contains(addr) {
		c.inside(key, addr, home)
		return
	}
	if !unicast(addr) {
		c.value(key, Problem{Wanted: "a unicast address"})
	}
	c.unrouted(key, addr)
}

// public checks the outer address of a NAT.
func (c *checker) public(at *node, addr netip.Addr) {
	if !sound(at) || !addr.IsValid() {
		return
	}
	if addr.IsPrivate() || !unicast(addr) {
		c.value(at, Problem{Wanted: "a public unicast address"})
	}
	c.unrouted(at, addr)
}

// unrouted refuses an address that lies in some network's prefix, where packets to it would go.
func (c *checker) unrouted(at *node, addr netip.Addr) {
	for i, n := range c.s.Networks {
		if prefixAt := c.networks[i].get("ipv4"); sound(prefixAt) && n.IPv4.Contains(addr) {
			c.say(at, "%s is inside %s of network %q (%s)", spell(at, addr), n.IPv4, n.Name, prefixAt.where())
		}
	}
}

// pool checks the addresses that a home agent hands out.
func (c *checker) pool(i int, home *Network) {
	h, at := &c.s.HomeAgents[i], c.homeAgents[i].get("ipv4_pool")
	if !sound(at) || !h.IPv4Pool.IsValid() {
		return
	}
	if home != nil && home.IPv4.IsValid() && !within(h.IPv4Pool, home.IPv4) {
		c.say(at, "%s is outside %s of network %q (%s)", h.IPv4Pool, home.IPv4, home.Name, c.networkNode(home.Name).near("ipv4").where())
	}
	if absent(c.homeAgents[i], "ipv4") {
		c.say(at, "a home agent without an ipv4 address hands out none")
	}
	for j := range i {
		other := &c.s.HomeAgents[j]
		c.apartPools(at, h.IPv4Pool, c.homeAgents[j].get("ipv4_pool"), other)
	}
}

func (c *checker) apartPools(at *node, p netip.Prefix, otherAt *node, other *HomeAgent) {
	if sound(otherAt) && other.IPv4Pool.IsValid() && p.Overlaps(other.IPv4Pool) {
		c.say(at, "%s overlaps the pool %s of home agent %q (%s)", p, other.IPv4Pool, other.Name, otherAt.where())
	}
}

func within(p, outer netip.Prefix) bool { return outer.Bits() <= p.Bits() && outer.Contains(p.Addr()) }

// disjoint checks that no address has two owners, and that no pool can hand out one of them.
func (c *checker) disjoint(all []owned) {
	slices.SortStableFunc(all, func(a, b owned) int { return inFileOrder(a.at, b.at) })
	type place struct {
		addr  netip.Addr
		realm string
	}
	first := map[place]owned{}
	for _, o := range all {
		key := place{o.addr, o.realm}
		if other, taken := first[key]; taken {
			c.say(o.at, "%s of %q is the address of %q too (%s)", spell(o.at, o.addr), o.owner, other.owner, other.at.where())
			continue
		}
		first[key] = o
		for i, h := range c.s.HomeAgents {
			if at := c.homeAgents[i].get("ipv4_pool"); sound(at) && o.realm == "" && h.IPv4Pool.Contains(o.addr) {
				c.say(o.at, "%s of %q is in the pool %s of home agent %q (%s), which could give it to another node", spell(o.at, o.addr), o.owner, h.IPv4Pool, h.Name, at.where())
			}
		}
	}
}

// agentNode returns the tree's node of a home agent.
func (c *checker) agentNode(name string) *node {
	for i, h := range c.s.HomeAgents {
		if h.Name == name {
			return c.homeAgents[i]
		}
	}
	return c.root
}
