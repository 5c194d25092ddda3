package plan

import (
	"net/netip"
	"testing"

	"dsmipsim/scenarios/spec"
)

// The first home agent of a network is its router; the others are on its link, with the
// addresses that the scenario gives them, and no part of the graph.
func TestSeveralHomeAgents(t *testing.T) {
	const text = `duration = "1s"
[[network]]
name = "home"
kind = "home"
ipv6 = "2001:db8:100::/64"
ipv4 = "192.0.2.0/24"
[[home_agent]]
name = "first"
network = "home"
ipv6 = "2001:db8:100::1"
ipv4 = "192.0.2.1"
[[home_agent]]
name = "second"
network = "home"
ipv6 = "2001:db8:100::2"
`
	s, err := spec.Load("test", []byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := New(s)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Routers) != 1 || p.Router("home").Name != "first" || len(p.NextHops("first")) != 0 {
		t.Errorf("routers %+v", p.Routers)
	}
	if len(p.Agents) != 1 {
		t.Fatalf("%d further home agents, want 1", len(p.Agents))
	}
	a := p.Agents[0]
	if a.Name != "second" || a.Network != p.Router("home").Network || a.IPv6 != netip.MustParsePrefix("2001:db8:100::2/64") {
		t.Errorf("second home agent %+v", a)
	}
	if want := netip.MustParsePrefix("192.0.2.2/24"); a.IPv4 != want {
		t.Errorf("its IPv4 address %v, want the next free one, %v", a.IPv4, want)
	}
}
