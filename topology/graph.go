package topology

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"gonum.org/v1/gonum/graph"
	"gonum.org/v1/gonum/graph/iterator"
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

// AddRouter adds a router. Its place in the order of additions breaks ties between paths
// of equal cost.
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
// to which packets for it go.
func (g *Graph) NextHops(from string) map[string]string {
	src := g.ids[from]
	tree := path.DijkstraFrom(simple.Node(src), ordered{g.edges})
	hops := map[string]string{}
	for id, name := range g.names {
		if int64(id) == src {
			continue
		}
		if nodes, _ := tree.To(int64(id)); len(nodes) > 1 {
			hops[name] = g.names[nodes[1].ID()]
		}
	}
	return hops
}

// Path returns the routers from a to b, both included, or nil if there is no path.
func (g *Graph) Path(a, b string) []string {
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

// ordered makes the graph's iteration follow the ids. Without it gonum walks Go maps and
// chooses among paths of equal cost at random.
type ordered struct {
	*simple.WeightedUndirectedGraph
}

func (o ordered) Nodes() graph.Nodes { return inOrder(o.WeightedUndirectedGraph.Nodes()) }

func (o ordered) From(id int64) graph.Nodes { return inOrder(o.WeightedUndirectedGraph.From(id)) }

func inOrder(n graph.Nodes) graph.Nodes {
	nodes := graph.NodesOf(n)
	if len(nodes) == 0 {
		return graph.Empty
	}
	sortByID(nodes)
	return iterator.NewOrderedNodes(nodes)
}

func sortByID(nodes []graph.Node) {
	slices.SortFunc(nodes, func(a, b graph.Node) int { return cmp.Compare(a.ID(), b.ID()) })
}
