package spec

import (
	"reflect"
	"time"
)

// infinity is the lifetime that never ends, 0xffffffff seconds (RFC 4861 section 4.6.2).
const infinity = 0xffffffff * time.Second

// defaultsOf returns a table whose keys are all absent, under the profile of the scenario. The
// effective scenario spells defaults out: a key that says nothing else is not refused.
func defaultsOf[T any](c *checker, path string) T {
	b := &binder{reporter: newReporter("", ""), profile: profileOf(c.root)}
	return b.defaults(path, reflect.TypeFor[T]()).Interface().(T)
}

// idle refuses a key that has been given another value than its default where it does nothing.
func (c *checker) idle(element *node, key string, differs bool, format string, args ...any) {
	if at := element.get(key); sound(at) && differs {
		c.say(at, format, args...)
	}
}

// discovery checks the keys of Neighbor Discovery: those that would do nothing beside others
// are refused.
func (c *checker) discovery() {
	if d := &c.s.NeighborDiscovery; !d.Unreachability {
		at, usual := c.root.get("neighbor_discovery"), defaultsOf[NeighborDiscovery](c, "neighbor_discovery")
		const why = "without unreachability_detection nobody asks whether a neighbour is still there"
		c.idle(at, "reachable_time", d.ReachableTime != usual.ReachableTime, why)
		c.idle(at, "delay_first_probe", d.DelayFirstProbe != usual.DelayFirstProbe, why)
		c.idle(at, "unicast_solicit", d.UnicastSolicit != usual.UnicastSolicit, why)
	}
	usual := defaultsOf[HostDiscovery](c, "mobile_node[].nd")
	for i := range c.s.MobileNodes {
		if m := &c.s.MobileNodes[i]; m.IPv4Detection == DetectSequential && m.ND.Solicitations == 0 {
			c.say(c.mobiles[i].near("nd", "rs_count"), "with ipv4_detection = \"sequential\" IPv4 comes after solicitations without an answer: wanted one at least")
		}
		if at := c.mobiles[i].get("nd"); sound(at) {
			c.hostDiscovery(at, &c.s.MobileNodes[i].ND, usual)
		}
	}
	for i := range c.s.Networks {
		n := &c.s.Networks[i]
		if ra, at := n.RouterAdvertisement, c.networks[i].get("router_advertisement"); ra != nil && sound(at) {
			c.advertisement(at, n, ra)
		}
	}
}

func (c *checker) hostDiscovery(at *node, d *HostDiscovery, usual HostDiscovery) {
	if d.Solicitations == 0 {
		const why = "with rs_count = 0 nothing is solicited"
		c.idle(at, "rs_delay", d.SolicitDelay != usual.SolicitDelay, why)
		c.idle(at, "rs_interval", d.SolicitSpacing != usual.SolicitSpacing, why)
	}
	if d.Solicitations == 1 {
		c.idle(at, "rs_interval", d.SolicitSpacing != usual.SolicitSpacing, "a single solicitation has no interval")
	}
	if d.DADTransmits == 0 {
		const why = "with dad_transmits = 0 no address is verified"
		c.idle(at, "dad_delay", d.DADDelay != usual.DADDelay, why)
		c.idle(at, "dad_link_local", d.LinkLocal != usual.LinkLocal, why)
		c.idle(at, "optimistic_dad", d.OptimisticDAD != usual.OptimisticDAD, why)
	}
	if d.OptimisticDAD {
		c.idle(at, "dad_link_local", d.LinkLocal != usual.LinkLocal, "with optimistic_dad nothing waits for the verdict on the link-local address")
	}
}

func (c *checker) advertisement(at *node, n *Network, ra *RouterAdvertisement) {
	if n.Kind == KindISATAP {
		const why = "an ISATAP router advertises nothing unasked, answers directly, and its link has neither multicast nor an on-link prefix"
		c.idle(at, "answer", ra.Answer != AnswerMulticast, why)
		c.idle(at, "advertisement_interval", !ra.ShowInterval, why)
		c.idle(at, "on_link", !ra.OnLink, why)
		c.idle(at, "mtu", ra.MTU != 0, why)
	}
	if k := at.get("lifetime"); sound(k) {
		if ra.Lifetime%time.Second != 0 {
			c.value(k, Problem{Wanted: "whole seconds"})
		} else if ra.Lifetime > 0 && ra.Lifetime < ra.Interval.Max && n.Kind != KindISATAP {
			c.say(k, "a default router lives at least as long as its greatest interval, %s, or 0s", formatDuration(ra.Interval.Max))
		}
	}
	for _, x := range []struct {
		key   string
		value time.Duration
	}{{"valid_lifetime", ra.Valid}, {"preferred_lifetime", ra.Preferred}} {
		if k := at.get(x.key); sound(k) && (x.value%time.Second != 0 || x.value > infinity) {
			c.value(k, Problem{Wanted: "whole seconds up to 4294967295s, which stands for infinity"})
		}
	}
	if ra.Preferred > ra.Valid && sound(at.near("preferred_lifetime")) {
		c.say(at.near("preferred_lifetime"), "a prefix is preferred for no longer than it is valid")
	}
	for _, x := range []struct {
		key   string
		value time.Duration
	}{{"reachable_time", ra.ReachableTime}, {"retrans_timer", ra.RetransTimer}} {
		if k := at.get(x.key); sound(k) && x.value%time.Millisecond != 0 {
			c.value(k, Problem{Wanted: "whole milliseconds"})
		}
	}
	if !c.s.NeighborDiscovery.Unreachability {
		c.idle(at, "reachable_time", ra.ReachableTime > 0, "without unreachability_detection nobody asks whether a neighbour is still there")
	}
	if k := at.get("mtu"); sound(k) && ra.MTU != 0 && (ra.MTU < 1280 || ra.MTU > n.Link.MTU) {
		c.value(k, Problem{Wanted: "0B, or from 1280B to the MTU of the link, " + formatSize(n.Link.MTU)})
	}
}
