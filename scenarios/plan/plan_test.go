package plan

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"dsmipsim/scenarios/spec"
)

func load(t *testing.T, sets ...string) *Plan {
	t.Helper()
	src, err := os.ReadFile("../library/roaming.toml")
	if err != nil {
		t.Fatal(err)
	}
	s, err := spec.Load("roaming.toml", src, sets)
	if err != nil {
		t.Fatal(err)
	}
	p, err := New(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// The plan gives the routers and hosts what the scenario leaves open, and nothing that the
// scenario gives to somebody.
func TestAddresses(t *testing.T) {
	p := load(t)
	var got []string
	for _, r := range p.Routers {
		got = append(got, fmt.Sprintf("%s %v %v %v %v via %v", r.Name, r.IPv6, r.IPv4, r.Loopback6, r.Loopback4, r.Neighbours))
	}
	for _, h := range p.Hosts {
		got = append(got, fmt.Sprintf("%s %v %v gateways %v %v", h.Name, h.IPv6, h.IPv4, h.Gateway6, h.Gateway4))
	}
	want := `internet invalid Prefix invalid Prefix fd00:db8::1 198.18.0.1 via [ha campus cell cafe servers]
ha 2001:db8:100::1/64 192.0.2.1/24 invalid IP invalid IP via [internet]
campus 2001:db8:a::1/64 invalid Prefix invalid IP invalid IP via [internet]
cell invalid Prefix 198.51.100.1/24 invalid IP invalid IP via [internet]
cafe invalid Prefix 10.1.1.1/24 invalid IP invalid IP via [internet]
servers 2001:db8:c::1/64 203.0.113.65/26 invalid IP invalid IP via [internet]
cn 2001:db8:c::2/64 203.0.113.66/26 gateways 2001:db8:c::1 203.0.113.65`
	if s := strings.Join(got, "\n"); s != want {
		t.Errorf("got\n%s\nwant\n%s", s, want)
	}
}

// A correspondent that takes the first address of its network leaves the next to the router.
func TestTakenAddressesAreSkipped(t *testing.T) {
	p := load(t, "correspondent.cn.ipv6=2001:db8:c::1", "correspondent.cn.ipv4=203.0.113.65")
	r := p.Router("servers")
	if r.IPv6.String() != "2001:db8:c::2/64" || r.IPv4.String() != "203.0.113.66/26" {
		t.Errorf("router at %v %v", r.IPv6, r.IPv4)
	}
}

func TestWay(t *testing.T) {
	p := load(t)
	var names []string
	for _, l := range p.Way("campus", "home") {
		names = append(names, l.Name)
	}
	if got := strings.Join(names, " "); got != "campus-internet home-internet" {
		t.Errorf("way from campus to home: %s", got)
	}
	if len(p.Way("home", "ha")) != 0 {
		t.Error("the home agent is the router of the home network, but there is a way between them")
	}
}

// What lies behind a translator is not routed to; its public address is.
func TestPrefixes(t *testing.T) {
	p := load(t)
	if got := fmt.Sprint(p.Router("cafe").Prefixes()); got != "[203.0.113.5/32]" {
		t.Errorf("cafe: %s", got)
	}
	if got := fmt.Sprint(p.Router("servers").Prefixes()); got != "[2001:db8:c::/64 203.0.113.64/26]" {
		t.Errorf("servers: %s", got)
	}
}
