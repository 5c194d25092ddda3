package spec

import (
	"net/netip"
	"time"
)

// need says whether a kind of network has prefixes of a family.
type need int

const (
	may need = iota
	must
	mustNot
)

// kindNeeds lists what each kind of network offers.
var kindNeeds = map[NetworkKind]struct{ v6, v4 need }{
	KindHome:        {must, must},
	KindIPv6:        {must, mustNot},
	KindIPv4Public:  {mustNot, must},
	KindIPv4Private: {mustNot, must},
	KindDualStack:   {must, must},
	KindISATAP:      {must, must},
	KindWired:       {may, may},
}

// leastMaxInterval is the least MaxRtrAdvInterval of a mobile-aware router, RFC 6275
// section 7.5. The least MinRtrAdvInterval is a bound of the key itself.
const leastMaxInterval = 70 * time.Millisecond

// kinds checks each network against its kind.
func (c *checker) kinds() {
	for i := range c.s.Networks {
		n, at := &c.s.Networks[i], c.networks[i]
		if needs, ok := kindNeeds[n.Kind]; ok {
			c.family(at, n.Kind, "ipv6", needs.v6)
			c.family(at, n.Kind, "ipv4", needs.v4)
			c.nat(at, n)
		}
		if n.Kind == KindWired && absent(at, "ipv6") && absent(at, "ipv4") {
			c.missing(at, "ipv6", "an IPv6 or an IPv4 prefix, or both")
		}
		if ra := at.get("router_advertisement"); ra != nil {
			switch {
			case absent(at, "ipv6"):
				c.say(ra, "a network without an IPv6 prefix advertises none")
			case n.Kind == KindWired:
				c.say(ra, "the fixed nodes of a wired network are configured by hand: it advertises nothing")
			}
		}
		c.prefixChange(at, n)
		c.dhcp(at, n)
		c.dhcpv6(at, n)
		for _, part := range n.Link.attaching() {
			if given := at.get("link", part.key); given != nil && n.Kind == KindWired && !part.delay.Zero() {
				c.say(given, "no node attaches to a wired network while the run goes on")
			}
		}
		if ra := n.RouterAdvertisement; ra != nil && ra.Interval.Min != ra.Interval.Max && ra.Interval.Max < leastMaxInterval {
			c.value(at.near("router_advertisement", "interval"), Problem{
				Message: "wanted a pair of at least 30ms and 70ms (RFC 6275 section 7.5), found a greatest interval of " + formatDuration(ra.Interval.Max)})
		}
	}
}

// prefixChange checks the renumbering of a network.
func (c *checker) prefixChange(at *node, n *Network) {
	change := at.get("prefix_change")
	if change == nil || change.bad || n.PrefixChange == nil {
		return
	}
	if n.Kind != KindHome {
		c.say(change, "only the prefix of a home network changes")
	}
	if p := n.PrefixChange; p.Preferred > p.Valid {
		c.say(change.near("preferred"), "a prefix is preferred for no longer than it is valid")
	}
	c.prefix6(change.get("ipv6"), n.PrefixChange.IPv6)
	for i := range c.s.Networks {
		other := &c.s.Networks[i]
		c.apart(change.get("ipv6"), n.PrefixChange.IPv6, c.networks[i].get("ipv6"), other.IPv6, other.Name)
	}
}

// lacks reports whether a network offers no address of a family, and rightly so: a prefix that
// its kind needs is told to be missing elsewhere.
func (c *checker) lacks(n *Network, key string) bool {
	at := c.networkNode(n.Name)
	if !absent(at, key) {
		return false
	}
	needs, known := kindNeeds[n.Kind]
	switch {
	case !known || n.Kind == KindWired && absent(at, "ipv6") && absent(at, "ipv4"):
		return false
	case key == "ipv4":
		return needs.v4 != must
	}
	return needs.v6 != must
}

func (c *checker) family(at *node, kind NetworkKind, key string, n need) {
	f := field{typ: prefixType, unit: key}
	if n == must && absent(at, key) {
		c.missing(at, key, f.wanted()+", which kind "+string(kind)+" needs")
	}
	if n == mustNot && at.get(key) != nil {
		c.say(at.get(key), "a network of kind %s has no such prefix", kind)
	}
}

// prefixes checks each prefix, and that no two networks share addresses.
func (c *checker) prefixes() {
	for i := range c.s.Networks {
		n, at := &c.s.Networks[i], c.networks[i]
		c.prefix6(at.get("ipv6"), n.IPv6)
		c.prefix4(at.get("ipv4"), n)
		for j := range i {
			other, otherAt := &c.s.Networks[j], c.networks[j]
			c.apart(at.get("ipv6"), n.IPv6, otherAt.get("ipv6"), other.IPv6, other.Name)
			if n.Kind.hides() && other.Kind.hides() {
				continue // each is a site of its own
			}
			c.apart(at.get("ipv4"), n.IPv4, otherAt.get("ipv4"), other.IPv4, other.Name)
		}
	}
}

func (c *checker) prefix6(at *node, p netip.Prefix) {
	switch {
	case !sound(at) || !p.IsValid():
	case p.Bits() != 64:
		c.value(at, Problem{Wanted: "a /64, which address autoconfiguration needs"})
	case !unicast(p.Addr()):
		c.value(at, Problem{Wanted: "a prefix of global unicast addresses"})
	}
}

func (c *checker) prefix4(at *node, n *Network) {
	p := n.IPv4
	switch {
	case !sound(at) || !p.IsValid():
	case p.Bits() < 8 || p.Bits() > 30:
		c.value(at, Problem{Wanted: "a prefix length from 8 to 30"})
	case !unicast(p.Addr()):
		c.value(at, Problem{Wanted: "a prefix of unicast addresses"})
	case n.Kind.hides() && !private(p):
		c.value(at, Problem{Wanted: "a private prefix (RFC 1918: 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16)"})
	case n.Kind == KindIPv4Public && p.Addr().IsPrivate():
		c.value(at, Problem{Wanted: "a public prefix, none of RFC 1918"})
	}
}

// apart refuses prefixes that share addresses; the later one in the file is the mistake.
func (c *checker) apart(at *node, p netip.Prefix, otherAt *node, other netip.Prefix, name string) {
	if !sound(at) || !sound(otherAt) || !p.IsValid() || !other.IsValid() || !p.Overlaps(other) {
		return
	}
	c.say(at, "%s overlaps %s of network %q (%s)", p, other, name, otherAt.where())
}

// private reports whether a prefix lies inside the address space of RFC 1918.
func private(p netip.Prefix) bool {
	for _, block := range []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"} {
		b := netip.MustParsePrefix(block)
		if b.Bits() <= p.Bits() && b.Contains(p.Addr()) {
			return true
		}
	}
	return false
}

// unicast reports whether nodes can have the address on a routed network.
func unicast(a netip.Addr) bool {
	if a.Is4() {
		first := a.As4()[0]
		return first > 0 && first < 224 && !a.IsLoopback() && !a.IsLinkLocalUnicast()
	}
	return a.IsGlobalUnicast()
}

// connected checks that every network and router can be reached from the home network, or from the first
// network where none is a home.
func (c *checker) connected() {
	if len(c.s.Networks) == 0 || c.routerNames().vague {
		return
	}
	neighbours := map[string][]string{}
	join := func(a, b string) {
		neighbours[a] = append(neighbours[a], b)
		neighbours[b] = append(neighbours[b], a)
	}
	for i, n := range c.s.Networks {
		up := c.networks[i].get("uplink")
		if up != nil && (up.bad || n.Uplink == nil || up.near("to").bad || n.Uplink.To == "") {
			return // told already, and a wrong edge would blame the networks behind it
		}
		if n.Uplink != nil {
			join(n.Name, n.Uplink.To)
		}
	}
	for i, l := range c.s.Links {
		between := c.links[i].near("between")
		for _, end := range c.links[i].items("between") {
			if end.bad {
				return
			}
		}
		if between.bad || l.Between[0] == "" {
			return
		}
		join(l.Between[0], l.Between[1])
	}
	start := c.s.Networks[0].Name
	for _, n := range c.s.Networks {
		if n.Kind == KindHome {
			start = n.Name
			break
		}
	}
	reached, queue := map[string]bool{start: true}, []string{start}
	for ; len(queue) > 0; queue = queue[1:] {
		for _, next := range neighbours[queue[0]] {
			if !reached[next] {
				reached[next] = true
				queue = append(queue, next)
			}
		}
	}
	for i, n := range c.s.Networks {
		if !reached[n.Name] {
			c.say(c.networks[i], "no path of uplinks and links leads from here to network %q (%s)", start, c.networkNode(start).where())
		}
	}
	for i, r := range c.s.Routers {
		if !reached[r.Name] {
			c.say(c.routers[i], "no path of uplinks and links leads from router %q to network %q (%s)", r.Name, start, c.networkNode(start).where())
		}
	}
}
