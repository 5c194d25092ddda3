package spec

import (
	"slices"
	"strings"
	"testing"

	"dsmipsim/topology/access/technology"
)

// The format knows every technology, and every key that a technology sets.
func TestTechnologies(t *testing.T) {
	byPath := map[string]KeyDoc{}
	for _, k := range Keys() {
		byPath[k.Path] = k
	}
	for _, kind := range technology.Kinds() {
		if !slices.Contains(byPath["network[].link.technology"].Values, kind.Name) {
			t.Errorf("%s is no value of the key technology", kind.Name)
		}
		for _, s := range kind.Settings {
			if _, ok := byPath["network[].link."+s.Key]; !ok {
				t.Errorf("%s sets %s, which is no key", kind.Name, s.Key)
			}
		}
	}
	if n := len(byPath["network[].link.technology"].Values); n != len(technology.Kinds()) {
		t.Errorf("%d values for %d technologies", n, len(technology.Kinds()))
	}
}

// What the file says of a link holds against its technology: of one direction for that
// direction, of the link for both.
func TestTechnologyYields(t *testing.T) {
	const src = `duration = "9s"
[[network]]
name = "n"
kind = "ipv6"
ipv6 = "2001:db8:1::/64"
link = { technology = "lte" }
`
	for set, want := range map[string]string{
		"seed=1":                         "up 50Mbps 17ms, down 150Mbps 7500us",
		"network.n.link.rate=5Mbps":      "up 5Mbps 17ms, down 5Mbps 7500us",
		"network.n.link.up.rate=5Mbps":   "up 5Mbps 17ms, down 150Mbps 7500us",
		"network.n.link.down.rate=5Mbps": "up 50Mbps 17ms, down 5Mbps 7500us",
		"network.n.link.delay=1ms":       "up 50Mbps 1ms, down 150Mbps 1ms",
		"network.n.link.technology=nr5g": "up 50Mbps 4ms, down 100Mbps 4ms",
	} {
		s := mustLoad(t, "lte", src, set)
		up, down := s.Networks[0].Link.Directions()
		show := func(c Channel) string { return formatRate(c.Rate) + " " + formatDuration(c.Delay) }
		if got := strings.Join([]string{"up " + show(up), "down " + show(down)}, ", "); got != want {
			t.Errorf("%s: %s, want %s", set, got, want)
		}
		roundTrip(t, s)
	}
}
