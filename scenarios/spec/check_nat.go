package spec

// nat checks the translator of a network, as far as it needs nothing but its own keys.
func (c *checker) nat(at *node, n *Network) {
	nat := at.get("nat")
	switch {
	case n.Kind == KindIPv4Private && absent(at, "nat"):
		c.missing(at, "nat", `nat = { public = "203.0.113.5" }, which kind ipv4-private needs`)
	case n.Kind != KindIPv4Private && n.Kind != KindISATAP && nat != nil:
		c.say(nat, "only networks of kind ipv4-private and isatap have a NAT")
	case nat != nil && !nat.bad && n.NAT != nil:
		c.napt(nat, n.NAT)
	}
}

// napt checks the keys that only a translator of ports has.
func (c *checker) napt(at *node, n *NAT) {
	if n.Kind == NATBasic {
		for _, key := range at.value.(*table).keys {
			if key != "public" && key != "kind" && !at.get(key).bad {
				c.say(at.get(key), "a NAT of kind basic translates addresses only: it has no %s", key)
			}
		}
		return
	}
	if last := at.near("last_port"); n.FirstPort > n.LastPort && !at.near("first_port").bad {
		c.say(last, "the last port is below the first, %d", n.FirstPort)
	}
	for i, item := range at.items("forward") {
		for _, f := range n.Forwards[:i] {
			if f.Port == n.Forwards[i].Port && f.Protocol == n.Forwards[i].Protocol {
				c.say(item.near("port"), "%s port %d is forwarded already", f.Protocol, f.Port)
			}
		}
	}
}

// forwards checks that forwards lead to hosts of the network.
func (c *checker) forwards() {
	hosts := c.namesOf("correspondent")
	for i := range c.s.Networks {
		n, at := &c.s.Networks[i], c.networks[i].get("nat")
		if at == nil || at.bad || n.NAT == nil {
			continue
		}
		for k, item := range at.items("forward") {
			to, name := item.get("to"), n.NAT.Forwards[k].To
			c.refers(to, name, "correspondent", hosts)
			if host := c.s.Correspondent(name); host != nil && sound(to) && host.Network != n.Name {
				c.say(to, "correspondent %q is not in network %q, but in %q", name, n.Name, host.Network)
			}
		}
	}
}

// natOf returns the network whose NAT has the public address, or nil.
func (s *Spec) natOf(f *Flow) *Network {
	for i := range s.Networks {
		if n := &s.Networks[i]; n.NAT != nil && n.NAT.Public == f.Address {
			return n
		}
	}
	return nil
}

// flowAddress checks that what a flow is sent to leads to its end, and its ports.
func (c *checker) flowAddress(at *node, f *Flow) {
	key := at.get("address")
	if !sound(key) || !f.Address.IsValid() {
		return
	}
	n, host := c.s.natOf(f), c.s.Correspondent(f.To)
	switch {
	case n == nil:
		c.value(key, Problem{Wanted: "the public address of a NAT"})
	case f.Family != IPv4 && !at.near("family").bad:
		c.say(key, "a flow to a NAT has family ipv4")
	case host == nil:
		if sound(at.get("to")) && c.s.MobileNode(f.To) != nil {
			c.say(key, "a flow to a mobile node goes to its home address: this one is for correspondents behind a NAT")
		}
	case host.Network != n.Name:
		c.say(key, "%s is the public address of network %q, and correspondent %q is in %q", f.Address, n.Name, f.To, host.Network)
	}
}
