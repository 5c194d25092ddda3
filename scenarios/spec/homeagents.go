package spec

// Discover as the home agent of a mobile node means that it has to find one.
const Discover = "discover"

// HomeNetwork returns the home network of a mobile node: that of its home agent, or the one
// that its home address belongs to. It is nil if there is none.
func (s *Spec) HomeNetwork(m *MobileNode) *Network {
	if h := s.HomeAgent(m.HomeAgent); h != nil {
		return s.Network(h.Network)
	}
	for i := range s.Networks {
		if n := &s.Networks[i]; n.Kind == KindHome && m.HomeAddress.IsValid() && n.IPv6.Contains(m.HomeAddress) {
			return n
		}
	}
	return nil
}

// AgentsOf returns the home agents that a mobile node may register with: the one that it
// names, or all of its home network.
func (s *Spec) AgentsOf(m *MobileNode) []*HomeAgent {
	var all []*HomeAgent
	n := s.HomeNetwork(m)
	for i := range s.HomeAgents {
		h := &s.HomeAgents[i]
		if h.Name == m.HomeAgent || m.HomeAgent == Discover && n != nil && h.Network == n.Name {
			all = append(all, h)
		}
	}
	return all
}

// discoverers checks mobile nodes that have to find their home agent.
func (c *checker) discoverers() {
	for i, h := range c.s.HomeAgents {
		if at := c.homeAgents[i].get("name"); h.Name == Discover && sound(at) {
			c.say(at, "home_agent = %q of a mobile node means something else", Discover)
		}
	}
	for i := range c.s.MobileNodes {
		m, at := &c.s.MobileNodes[i], c.mobiles[i]
		if m.HomeAgent != Discover || !sound(at.get("home_address")) {
			continue
		}
		agents := c.s.AgentsOf(m)
		if len(agents) == 0 && !c.namesOf("home_agent").vague && !c.namesOf("network").vague {
			c.say(at.get("home_address"), "no home agent serves the network of %s, so that none can be discovered", spell(at.get("home_address"), m.HomeAddress))
			continue
		}
		if len(agents) > 0 {
			c.inside(at.get("home_address"), m.HomeAddress, c.s.HomeNetwork(m))
			c.home4(at, m, agents[0])
		}
	}
}
