package spec

// ipv6MTU is what every link that carries IPv6 has to take, RFC 2460 section 5.
const ipv6MTU = 1280

// mtus checks the MTU of links that IPv6 passes: those of networks with IPv6, and all between
// routers but the only one of a network without.
func (c *checker) mtus() {
	ends := map[string]int{} // how many links between routers end at each
	for i := range c.s.Networks {
		if u := c.s.Networks[i].Uplink; u != nil {
			ends[c.s.Networks[i].Name]++
			ends[u.To]++
		}
	}
	for i := range c.s.Links {
		ends[c.s.Links[i].Between[0]]++
		ends[c.s.Links[i].Between[1]]++
	}
	stub := func(name string) bool {
		n := c.s.Network(name)
		return n != nil && absent(c.networkNode(name), "ipv6") && ends[name] == 1
	}
	for i := range c.s.Networks {
		n, at := &c.s.Networks[i], c.networks[i]
		if !absent(at, "ipv6") {
			c.mtu(at.near("link", "mtu"), n.Link.MTU)
		}
		if n.Uplink != nil && !stub(n.Name) && !stub(n.Uplink.To) {
			c.mtu(at.near("uplink", "mtu"), n.Uplink.MTU)
		}
	}
	for i, l := range c.s.Links {
		if !stub(l.Between[0]) && !stub(l.Between[1]) {
			c.mtu(c.links[i].near("mtu"), l.MTU)
		}
	}
}

func (c *checker) mtu(at *node, octets int) {
	if sound(at) && octets > 0 && octets < ipv6MTU {
		c.value(at, Problem{Wanted: "at least 1280B where IPv6 passes"})
	}
}
