package spec

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"strings"

	"dsmipsim/scenarios/replay"
)

// visits checks the itineraries.
func (c *checker) visits() {
	networks := c.namesOf("network")
	for i := range c.s.MobileNodes {
		m := &c.s.MobileNodes[i]
		agent := c.s.HomeAgent(m.HomeAgent)
		items := c.mobiles[i].items("visit")
		for k, v := range m.Visits {
			at, name := items[k].get("at"), items[k].get("network")
			if sound(at) {
				if c.s.Duration > 0 && v.At >= c.s.Duration {
					c.say(at, "the run ends at %s, before this visit", formatDuration(c.s.Duration))
				} else if k > 0 && sound(items[k-1].get("at")) && v.At <= m.Visits[k-1].At {
					c.say(at, "wanted a time after %s, when the visit before begins (%s)", formatDuration(m.Visits[k-1].At), items[k-1].get("at").where())
				}
			}
			c.refers(name, v.Network, "network", networks)
			if network := c.s.Network(v.Network); network != nil && sound(name) {
				c.visit(name, network, m, agent)
			}
		}
	}
}

// visit checks that a mobile node can do something in a network.
func (c *checker) visit(at *node, network *Network, m *MobileNode, agent *HomeAgent) {
	where := c.networkNode(network.Name).where()
	switch network.Kind {
	case KindWired:
		c.say(at, "network %q (%s) is of kind wired: mobile nodes cannot visit it", network.Name, where)
	case KindIPv4Public, KindIPv4Private:
		if agent != nil && absent(c.agentNode(agent.Name), "ipv4") {
			c.say(at, "network %q (%s) has IPv4 only, and home agent %q of %q (%s) has no ipv4 address to be reached at",
				network.Name, where, agent.Name, m.Name, c.agentNode(agent.Name).where())
		}
	}
}

// flowTimes checks when flows begin and end, and how much they carry.
func (c *checker) flowTimes() {
	for i, f := range c.s.Flows {
		at := c.flows[i]
		c.flowKeys(at, f.Kind)
		c.flowAddress(at, &f)
		if takes, _ := f.Kind.takes("payload"); takes && f.Payload < MinPayload && !at.near("payload").bad && !at.near("kind").bad {
			c.value(at.near("payload"), Problem{Wanted: "at least 16B: the payload carries flow id, sequence number and send time"})
		}
		if c.s.Duration <= 0 || at.near("stop").bad || at.near("start").bad {
			continue
		}
		if f.Stop > c.s.Duration {
			c.say(at.near("stop"), "the run ends at %s, before this flow", formatDuration(c.s.Duration))
		} else if f.Start >= f.Stop {
			c.say(at.near("start"), "wanted a time before %s, when the flow stops", formatDuration(f.Stop))
		} else if f.Interval > 0 && (f.Stop-f.Start)/f.Interval > maxPackets && sound(at.get("interval")) {
			c.say(at.get("interval"), "wanted at least %s: with less the flow would have more than %d packets",
				formatDuration((f.Stop-f.Start)/maxPackets), int64(maxPackets))
		}
	}
}

// maxPackets bounds the packets of a flow: more would outlast whoever waits for them, and memory.
const maxPackets = 100_000_000

// takes reports whether a kind of flow has a key, and whether it must be there. All kinds have
// the keys that no kind is said to have.
func (k FlowKind) takes(key string) (has, must bool) {
	for _, word := range strings.Fields(flowKeys[k]) {
		if name, needed := strings.CutSuffix(word, "!"); name == key {
			return true, needed
		}
	}
	return false, false
}

// flowKeys checks that a flow has the keys that its kind needs, and none of those of others.
func (c *checker) flowKeys(at *node, kind FlowKind) {
	if at.near("kind").bad || flowKeys[kind] == "" {
		return
	}
	for _, f := range fieldsOf(reflect.TypeFor[Flow]()) {
		special := false
		for k := range flowKeys {
			other, _ := k.takes(f.key)
			special = special || other
		}
		has, must := kind.takes(f.key)
		switch given := at.get(f.key); {
		case special && !has && given != nil && !given.bad:
			c.say(given, "a flow of kind %s has no %s", kind, f.key)
		case must && absent(at, f.key):
			c.missing(at, f.key, f.wanted())
		}
	}
	if codec, _ := at.get("codec").text(); at.get("concealment") != nil && codec != "" && codec != "g711" {
		c.say(at.get("concealment"), "%s conceals lost packets by itself, and the rating knows it: only g711 has a choice", codec)
	}
	if on, off := at.get("on"), at.get("off"); kind == FlowVoIP && (on == nil) != (off == nil) && !at.bad {
		if on == nil {
			on = off
		}
		c.say(on, "talk spurts need both on and off")
	}
}

// replays reads what stands in the files of flows.
func (c *checker) replays() {
	for i := range c.s.Flows {
		f, at := &c.s.Flows[i], c.flows[i].near("file")
		read := replay.Frames
		switch {
		case !f.File.Given() || at.bad || c.flows[i].near("kind").bad:
			continue
		case f.Kind == FlowTrace:
			read = replay.Capture
		case f.Kind != FlowVideo:
			continue
		}
		units, err := read(bytes.NewReader(f.File.Data))
		if err != nil {
			line := 0
			if wrong := (*replay.LineError)(nil); errors.As(err, &wrong) {
				line, err = wrong.Line, wrong.Err
			}
			c.inFile(at, &f.File, line, "%v", err)
			continue
		}
		f.Units = units
		if last := units[len(units)-1].At; f.Repeat && last == 0 {
			c.say(c.flows[i].near("repeat"), "everything in %q leaves at one instant, which cannot be repeated", f.File.Path)
		}
	}
}

// flowEnds checks that the ends of each flow exist and have addresses of its family.
func (c *checker) flowEnds() {
	ends := join(c.namesOf("mobile_node"), c.namesOf("correspondent"))
	for i, f := range c.s.Flows {
		from, to := c.flows[i].get("from"), c.flows[i].get("to")
		c.refers(from, f.From, "mobile node or correspondent", ends)
		c.refers(to, f.To, "mobile node or correspondent", ends)
		if f.From != "" && f.From == f.To && sound(to) {
			c.say(to, "a flow needs two different ends")
		}
		if family := c.flows[i].get("family"); sound(family) {
			c.hasFamily(family, f.Family, f.From)
			c.hasFamily(family, f.Family, f.To)
		}
	}
}

// hasFamily checks that a node has an address for a flow. Mobile nodes always have IPv6.
func (c *checker) hasFamily(at *node, family Family, name string) {
	if element := c.byName[name]; element != nil && element.parent.key == "mobile_node" {
		if family == IPv4 && absent(element, "ipv4_home_address") {
			c.say(at, "mobile node %q (%s) has no ipv4_home_address", name, element.where())
		}
	} else if element != nil {
		network, _ := element.get("network").text()
		if n := c.s.Network(network); n != nil && c.lacks(n, string(family)) {
			c.say(at, "network %q of correspondent %q (%s) has no %s prefix", network, name, c.networkNode(network).where(), family)
		}
	}
}

// packetFields are what can be read from any packet, whatever it is.
var packetFields = []string{string(FieldTime), string(FieldOctets), string(FieldCount)}

// fieldWanted says what an expectation about packets has to read.
var fieldWanted = oneOf(packetFields) + `, or a field of the decoded packets such as "Status", what to read from them`

// expectations checks that each expectation says one complete thing.
func (c *checker) expectations() {
	nodes := join(c.namesOf("mobile_node"), c.namesOf("correspondent"), c.namesOf("home_agent"), c.routerNames())
	items := c.root.items("expect")
	for i := range c.s.Expects {
		e, at := &c.s.Expects[i], items[i]
		if at.bad {
			continue
		}
		metric, packets := at.get("metric"), at.get("packets")
		switch {
		case metric != nil && packets != nil:
			c.say(packets, "an expectation is about a metric (%s) or about packets, not both", metric.where())
		case absent(at, "metric") && absent(at, "packets"):
			c.missing(at, "metric", "a metric, or packets")
		case metric != nil && at.get("field") != nil:
			c.say(at.get("field"), "only an expectation about packets has a field")
		case metric != nil && sound(metric):
			c.metric(metric, e.Metric)
		case packets != nil && absent(at, "field"):
			c.missing(at, "field", fieldWanted)
		}
		if f := at.get("field"); packets != nil && sound(f) && !slices.Contains(packetFields, string(e.Field)) && !e.Field.Decoded() {
			c.value(f, Problem{Wanted: fieldWanted, Suggestion: nearest(string(e.Field), packetFields)})
		}
		if relative := at.get("relative"); e.Relative && e.Field != FieldTime && sound(relative) && !at.near("field").bad {
			c.say(relative, "only times (field = \"time_s\") can be relative")
		}
		c.bounds(e, at)
		if se := at.get("tolerance_se"); sound(se) && e.ToleranceSE > 0 && e.Aggregate != AggregateMean && !at.near("aggregate").bad {
			c.say(se, "standard errors are those of a mean: wanted aggregate = \"mean\" beside it")
		}
		if se := at.get("tolerance_se"); sound(se) && e.ToleranceSE > 0 && (e.Equal == nil || len(e.Equal.Values) != 1 || e.Equal.Values[0].IsText) && !at.near("equal").bad {
			c.say(se, "standard errors widen the tolerance around equal, one number")
		}
		if a := at.get("aggregate"); sound(a) && e.Equal != nil && e.Equal.List {
			c.say(a, "an aggregate is one value, and equal is a list")
		}
		if e.Packets != nil {
			c.refers(packets.get("from"), e.Packets.From, "node", nodes)
			c.refers(packets.get("to"), e.Packets.To, "node", nodes)
		}
	}
}

func (c *checker) bounds(e *Expect, at *node) {
	if absent(at, "min") && absent(at, "max") && absent(at, "equal") {
		c.missing(at, "equal", "equal, min or max")
	}
	if equal := at.get("equal"); equal != nil && (at.get("min") != nil || at.get("max") != nil) {
		c.say(equal, "an expectation has equal, or min and max, not both")
	}
	if e.Min != nil && e.Max != nil && *e.Min > *e.Max {
		c.say(at.near("max"), "max is less than min (%s)", at.near("min").where())
	}
}

// metric checks the form of a path into summary.json; what it selects shows in the result.
func (c *checker) metric(at *node, path string) {
	depth, bad := 0, path == "" || strings.HasPrefix(path, ".") || strings.HasSuffix(path, ".") || strings.Contains(path, "..")
	for _, r := range path {
		switch {
		case r == '[':
			depth++
		case r == ']':
			depth--
		case r <= ' ':
			bad = true
		}
		bad = bad || depth < 0 || depth > 1
	}
	if bad || depth != 0 {
		c.value(at, Problem{Wanted: `a path such as "handovers[to=campus].latency_s.max"`})
	}
}
