package topology

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"dsmipsim/sim/trace"
)

type nothing struct{}

func (nothing) Record(*trace.Event) {}

// newGraph makes a graph of "a-b 3ms" lines; routers are added in the order of names.
func newGraph(t *testing.T, names string, links ...string) *Graph {
	g := NewGraph()
	for _, n := range strings.Fields(names) {
		g.AddRouter(n)
	}
	for _, l := range links {
		ends, delay, _ := strings.Cut(l, " ")
		a, b, _ := strings.Cut(ends, "-")
		d, err := time.ParseDuration(delay)
		if err != nil {
			t.Fatal(err)
		}
		if err := g.AddLink(a, b, d); err != nil {
			t.Fatal(err)
		}
	}
	return g
}

func TestShortestPaths(t *testing.T) {
	for _, c := range []struct {
		what  string
		g     *Graph
		a, b  string
		wants string
	}{
		{"least delay", newGraph(t, "a b c d", "a-b 10ms", "a-c 1ms", "c-d 2ms", "d-b 3ms"), "a", "b", "a c d b"},
		{"fewer hops at equal delay", newGraph(t, "c a b", "a-b 2ms", "a-c 1ms", "c-b 1ms"), "a", "b", "a b"},
		{"fewer hops without any delay", newGraph(t, "a c b", "a-b 0s", "a-c 0s", "c-b 0s"), "a", "b", "a b"},
		{"the better of parallel links", newGraph(t, "a b c", "a-b 9ms", "a-b 1ms", "a-b 5ms", "a-c 2ms", "c-b 1ms"), "a", "b", "a b"},
		{"itself", newGraph(t, "a b", "a-b 1ms"), "a", "a", "a"},
		{"unreachable", newGraph(t, "a b c", "a-b 1ms"), "a", "c", ""},
		{"unknown from", newGraph(t, "a b", "a-b 1ms"), "x", "b", ""},
		{"unknown to", newGraph(t, "a b", "a-b 1ms"), "a", "x", ""},
		{"unknown both", newGraph(t, "a b", "a-b 1ms"), "x", "x", ""},
	} {
		if got := strings.Join(c.g.Path(c.a, c.b), " "); got != c.wants {
			t.Errorf("%s: got %q want %q", c.what, got, c.wants)
		}
	}
	if hops := newGraph(t, "a b", "a-b 1ms").NextHops("x"); hops != nil {
		t.Errorf("next hops of an unknown router: %v", hops)
	}
	if hops := newGraph(t, "a b c", "a-b 1ms").NextHops("a"); !maps.Equal(hops, map[string]string{"b": "b"}) {
		t.Errorf("next hops %v", hops)
	}
}

// Among paths of equal cost the choice follows the order in which the routers were added,
// compared from the far end, in each of 200 builds.
func TestTiesAreBrokenTheSameWayEachTime(t *testing.T) {
	build := func() string {
		// A ladder with 2^4 equal paths from s to t.
		g := newGraph(t, "s a1 b1 m1 a2 b2 m2 a3 b3 m3 a4 b4 t",
			"s-a1 1ms", "s-b1 1ms", "a1-m1 1ms", "b1-m1 1ms", "m1-a2 1ms", "m1-b2 1ms", "a2-m2 1ms", "b2-m2 1ms",
			"m2-a3 1ms", "m2-b3 1ms", "a3-m3 1ms", "b3-m3 1ms", "m3-a4 1ms", "m3-b4 1ms", "a4-t 1ms", "b4-t 1ms")
		hops := g.NextHops("s")
		var all []string
		for _, to := range slices.Sorted(maps.Keys(hops)) {
			all = append(all, to+">"+hops[to])
		}
		return strings.Join(g.Path("s", "t"), " ") + " | " + strings.Join(g.Path("t", "s"), " ") + " | " + strings.Join(all, " ")
	}
	first := build()
	for range 200 {
		if got := build(); got != first {
			t.Fatalf("another build chose\n%s instead of\n%s", got, first)
		}
	}
	if !strings.HasPrefix(first, "s a1 m1 a2 m2 a3 m3 a4 t | t a4 m3 a3 m2 a2 m1 a1 s | ") {
		t.Errorf("not the routers that were added first: %s", first)
	}
}

func TestImpossibleLinks(t *testing.T) {
	g := newGraph(t, "a b")
	for _, l := range [][2]string{{"a", "a"}, {"a", "x"}, {"x", "a"}, {"x", "y"}} {
		if err := g.AddLink(l[0], l[1], 0); err == nil {
			t.Errorf("a link between %q and %q", l[0], l[1])
		}
	}
}
