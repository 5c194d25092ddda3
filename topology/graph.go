package topology

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"gonum.org/v1/gonum/graph"
	"gonum.org/v1/gonum/graph/path"
	"gonum.org/v1/gonum/graph/simple"
)

// Graph is the routers of a scenario and the point-to-point links between them.
type Graph struct {
	names []string
	ids   map[string]int64
	edges *simple.WeightedUndirectedGraph
}

// hopCost is added to each link's delay, so that of paths of equal delay the one with
// fewer hops is chosen.
const hopCost = time.Microsecond

// NewGraph returns an empty graph.
func NewGraph() *Graph {
	return &Graph{ids: map[string]int64{}, edges: simple.NewWeightedUndirectedGraph(0, -1)}
}

// AddRouter adds a router. Of paths of equal cost the one whose routers were added first
// counts, compared from the far end.
func (g *Graph) AddRouter(name string) {
	id := int64(len(g.names))
	g.names = append(g.names, name)
	g.ids[name] = id
	g.edges.AddNode(simple.Node(id))
}

// AddLink adds a link between two routers. Of parallel links the one with the least delay counts.
func (g *Graph) AddLink(a, b string, delay time.Duration) error {
	x, okA := g.ids[a]
	y, okB := g.ids[b]
	if !okA || !okB || x == y {
		return fmt.Errorf("topology: no link possible between %q and %q", a, b)
	}
	w := float64(delay + hopCost)
	if e := g.edges.WeightedEdgeBetween(x, y); e != nil && e.Weight() <= w {
		return nil
	}
	g.edges.SetWeightedEdge(g.edges.NewWeightedEdge(simple.Node(x), simple.Node(y), w))
	return nil
}

// NextHops returns, for each router that can be reached from the given one, the neighbour
// to which packets for it go. It is nil for a router that is not in the graph.
func (g *Graph) NextHops(from string) map[string]string {
	src, ok := g.ids[from]
	if !ok {
		return nil
	}
	tree := path.DijkstraFrom(simple.Node(src), g.edges)
	near := make([]int64, 0, len(g.names)) // in order of distance
	for id := range int64(len(g.names)) {
		if id != src && !math.IsInf(tree.WeightTo(id), 1) {
			near = append(near, id)
		}
	}
	slices.SortStableFunc(near, func(a, b int64) int { return cmp.Compare(tree.WeightTo(a), tree.WeightTo(b)) })
	first := map[int64]int64{}
	hops := map[string]string{}
	for _, id := range near {
		if last := g.before(tree, id); last == src {
			first[id] = id
		} else {
			first[id] = first[last]
		}
		hops[g.names[id]] = g.names[first[id]]
	}
	return hops
}

// before returns the last but one router of the shortest path to a router; of several the
// one that was added first. Only the distances are gonum's: which path it finds among equal
// ones depends on the order of Go's maps.
func (g *Graph) before(tree path.Shortest, id int64) int64 {
	best := int64(math.MaxInt64)
	for _, n := range graph.NodesOf(g.edges.From(id)) {
		p := n.ID()
		if w, _ := g.edges.Weight(p, id); p < best && tree.WeightTo(p)+w == tree.WeightTo(id) {
			best = p
		}
	}
	return best
}

// Path returns the routers from a to b, both included, or nil if there is no path.
func (g *Graph) Path(a, b string) []string {
	if _, ok := g.ids[a]; !ok {
		return nil
	}
	at := []string{a}
	for a != b {
		next, ok := g.NextHops(a)[b]
		if !ok {
			return nil
		}
		at = append(at, next)
		a = next
	}
	return at
}
