package spec

import "net/netip"

// injects checks that each forged packet is one packet that a link can carry to somebody.
func (c *checker) injects() {
	nodes := join(c.namesOf("mobile_node"), c.namesOf("correspondent"), c.namesOf("home_agent"), c.routerNames())
	items := c.root.items("inject")
	for i := range c.s.Injects {
		in, at := &c.s.Injects[i], items[i]
		if at.bad {
			continue
		}
		if when := at.get("at"); sound(when) && c.s.Duration > 0 && in.At >= c.s.Duration {
			c.say(when, "the run ends at %s, before this packet", formatDuration(c.s.Duration))
		}
		c.refers(at.get("node"), in.Node, "node", nodes)
		c.injectLink(in, at)
		c.injectContent(in, at)
	}
}

// injectLink checks where the packet goes.
func (c *checker) injectLink(in *Inject, at *node) {
	link := at.get("link")
	if absent(at, "link") && absent(at, "node") {
		c.missing(at, "link", "a link, or a node")
		return
	}
	if !sound(link) {
		return
	}
	if c.s.Network(in.Link) != nil {
		return
	}
	names := join(c.namesOf("network"), c.linkNames())
	c.refers(link, in.Link, "network or link", names)
	if names.known[in.Link] && absent(at, "node") {
		c.missing(at, "node", "the router at the end of the link that the packet goes to")
	}
	if frame := at.get("frame"); frame != nil && names.known[in.Link] {
		c.say(frame, "link %q carries IP packets, not Ethernet frames: give the IP packet as octets", in.Link)
	}
}

// linkNames returns the names of the links between routers, those of uplinks included.
func (c *checker) linkNames() nameSet {
	set := nameSet{known: map[string]bool{}}
	for _, l := range c.s.Links {
		set.add(l.Name)
	}
	for _, n := range c.s.Networks {
		if n.Uplink != nil {
			set.add(n.Name + "-" + n.Uplink.To)
		}
	}
	return set
}

// injectContent checks what the packet is.
func (c *checker) injectContent(in *Inject, at *node) {
	given := 0
	for _, key := range []string{"octets", "frame", "packet"} {
		if kid := at.get(key); kid != nil {
			if given++; given > 1 {
				c.say(kid, "a packet is given as octets, as a frame, or by its fields, only once")
			}
		}
	}
	if given == 0 {
		c.missing(at, "packet", "octets, a frame, or a packet by its fields")
	}
	if octets := at.get("octets"); sound(octets) {
		if b, _ := Octets(in.Octets); len(b) == 0 || b[0]>>4 != 4 && b[0]>>4 != 6 {
			c.value(octets, Problem{Wanted: "a packet that begins with an IPv4 or IPv6 header"})
		}
	}
	if frame := at.get("frame"); sound(frame) {
		if b, _ := Octets(in.Frame); len(b) < 14 {
			c.value(frame, Problem{Wanted: "a frame with an Ethernet header of 14 octets"})
		}
	}
	if in.Packet != nil {
		c.forged(in.Packet, at.get("packet"))
	}
}

// forged checks a packet that is given by its fields.
func (c *checker) forged(f *Forged, at *node) {
	if at.bad {
		return
	}
	same := func(a, b string, x, y netip.Addr) {
		if sound(at.get(a)) && sound(at.get(b)) && x.IsValid() && y.IsValid() && x.Is4() != y.Is4() {
			c.say(at.get(b), "%s and %s are of different families", a, b)
		}
	}
	same("source", "destination", f.Source, f.Destination)
	same("outer_source", "outer_destination", f.OuterSource, f.OuterDestination)
	if f.OuterSource.IsValid() && absent(at, "outer_destination") {
		c.missing(at, "outer_destination", "the other end of the tunnel")
	}
	if f.OuterDestination.IsValid() && absent(at, "outer_source") {
		c.missing(at, "outer_source", "the other end of the tunnel")
	}
	if source := at.get("source"); f.Type != ForgedUDP && sound(source) && f.Source.Is4() {
		c.value(source, Problem{Wanted: "an IPv6 address: " + string(f.Type) + " is a message of IPv6"})
	}
	for _, l := range []struct {
		key, text string
		octets    int
	}{{"cookie", f.Cookie, 8}, {"token", f.Token, 8}, {"authenticator", f.Authenticator, 12}, {"link_layer", f.LinkLayer, 6}} {
		if b, err := Octets(l.text); err == nil && len(b) != l.octets && sound(at.get(l.key)) {
			c.value(at.get(l.key), Problem{Wanted: formatInt(int64(l.octets)) + " octets"})
		}
	}
	if as := at.get("secure_as"); f.SecureAs != "" && sound(as) {
		c.refers(as, f.SecureAs, "mobile node", c.namesOf("mobile_node"))
	}
}
