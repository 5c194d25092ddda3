package spec

import "time"

// dhcp checks a network's DHCP server.
func (c *checker) dhcp(at *node, n *Network) {
	dhcp := at.get("dhcp")
	switch {
	case dhcp == nil:
		return
	case absent(at, "ipv4"):
		c.say(dhcp, "a network without an IPv4 prefix has no addresses to hand out")
		return
	case !n.Kind.handsOut():
		c.say(dhcp, "a %s network hands out no addresses: its nodes have theirs by configuration", n.Kind)
		return
	case dhcp.bad || n.DHCP == nil:
		return
	}
	d := n.DHCP
	t1, t2 := renewals(d.Renewal, d.Rebinding, d.Lease/2, d.Lease/8*7)
	if sound(dhcp.get("renewal")) && t1 > t2 {
		c.say(dhcp.get("renewal"), "clients ask their server no later than any server (%s)", formatDuration(t2))
	}
	if sound(dhcp.get("rebinding")) && t2 > d.Lease {
		c.say(dhcp.get("rebinding"), "the lease is over after %s", formatDuration(d.Lease))
	}
	c.wholeSeconds(dhcp.get("renewal"), d.Renewal)
	c.wholeSeconds(dhcp.get("rebinding"), d.Rebinding)
	if sound(dhcp.get("server")) && dhcp.get("server_delay") != nil {
		c.say(dhcp.get("server"), "server_delay says how fast the server is")
	}
	if sound(dhcp.get("restarts_at")) && d.RestartsAt > 0 && d.RestartsAt <= d.StopsAt {
		c.say(dhcp.get("restarts_at"), "wanted a time after %s, when the server stops", formatDuration(d.StopsAt))
	}
	if sound(dhcp.get("restarts_at")) && d.RestartsAt > 0 && d.StopsAt == 0 {
		c.say(dhcp.get("restarts_at"), "a server that never stops does not restart")
	}
	if !d.KeepsLeases && d.RestartsAt == 0 {
		c.say(dhcp.near("keeps_leases"), "a server that never restarts forgets nothing")
	}
	if !d.ExcludesHosts && !c.hasHost(n) {
		c.say(dhcp.near("excludes_hosts"), "network %q has no fixed hosts", n.Name)
	}
}

// dhcpv6 checks a network's DHCPv6 server.
func (c *checker) dhcpv6(at *node, n *Network) {
	given := at.get("dhcpv6")
	switch {
	case given == nil:
		return
	case n.Kind != KindIPv6 && n.Kind != KindDualStack:
		c.say(given, "only networks of kind ipv6 and dual-stack hand out IPv6 addresses")
		return
	case given.bad || n.DHCPv6 == nil:
		return
	}
	d := n.DHCPv6
	if !d.ExcludesHosts && !c.hasHost(n) {
		c.say(given.near("excludes_hosts"), "network %q has no fixed hosts", n.Name)
	}
	if d.Preferred > d.Valid {
		c.say(given.near("preferred"), "an address is preferred for no longer than it is valid")
	}
	t1, t2 := renewals(d.Renewal, d.Rebinding, d.Preferred/2, d.Preferred/10*8)
	if sound(given.get("renewal")) && t1 > t2 {
		c.say(given.get("renewal"), "clients ask their server no later than any server (%s)", formatDuration(t2))
	}
	if sound(given.get("rebinding")) && t2 > d.Valid {
		c.say(given.get("rebinding"), "the lease is over after %s", formatDuration(d.Valid))
	}
	for _, t := range []struct {
		key   string
		value time.Duration
	}{{"preferred", d.Preferred}, {"valid", d.Valid}, {"renewal", d.Renewal}, {"rebinding", d.Rebinding}} {
		c.wholeSeconds(given.get(t.key), t.value)
	}
}

// wholeSeconds checks a time that messages carry in seconds.
func (c *checker) wholeSeconds(at *node, d time.Duration) {
	if sound(at) && d%time.Second != 0 {
		c.value(at, Problem{Wanted: "whole seconds"})
	}
}

// renewals returns T1 and T2 with the clients' defaults for zero values.
func renewals(t1, t2, default1, default2 time.Duration) (time.Duration, time.Duration) {
	if t1 == 0 {
		t1 = default1
	}
	if t2 == 0 {
		t2 = default2
	}
	return t1, t2
}

func (c *checker) hasHost(n *Network) bool {
	for i := range c.s.Correspondents {
		if c.s.Correspondents[i].Network == n.Name {
			return true
		}
	}
	return false
}

// addressing checks how mobile nodes find IPv4.
func (c *checker) addressing() {
	for i := range c.s.MobileNodes {
		m, at := &c.s.MobileNodes[i], c.mobiles[i]
		if m.IPv4Detection == DetectSequential && m.V6Wait > 0 && sound(at.get("v6_wait")) {
			c.say(at.get("v6_wait"), "with ipv4_detection \"sequential\" DHCP begins when no router has answered: nothing is waited for beside it")
		}
	}
}
