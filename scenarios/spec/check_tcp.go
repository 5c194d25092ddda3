package spec

// firstPort and ports are the dynamic range, from which flows that name no port take one by
// their number.
const (
	firstPort = 49152
	ports     = 1<<16 - firstPort
)

// tcpPorts checks that no two flows over TCP share a port of a node.
func (c *checker) tcpPorts() {
	type place struct {
		node string
		port int
	}
	first := map[place]int{}
	for i, f := range c.s.Flows {
		if !f.Kind.TCP() || c.flows[i].near("kind").bad {
			continue
		}
		own := firstPort + (i+1)%ports
		for _, end := range []struct {
			node, key string
			port      int
		}{{f.From, "source_port", f.SourcePort}, {f.To, "port", f.Port}} {
			p := place{end.node, end.port}
			if p.port == 0 {
				p.port = own
			}
			at := c.flows[i].near(end.key)
			if other, taken := first[p]; taken && !at.bad && end.node != "" {
				c.say(at, "TCP port %d of %q is that of flow %q (%s), too", p.port, p.node, c.s.Flows[other].Name, c.flows[other].where())
				continue
			}
			first[p] = i
		}
	}
}
