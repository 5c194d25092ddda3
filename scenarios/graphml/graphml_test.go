package graphml

import (
	"errors"
	"math"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestRead(t *testing.T) {
	data, err := os.ReadFile("../library/data/alps.graphml")
	if err != nil {
		t.Fatal(err)
	}
	g, err := Read(data)
	if err != nil {
		t.Fatal(err)
	}
	if len(g.Nodes) != 7 || len(g.Edges) != 8 {
		t.Fatalf("%d nodes, %d edges", len(g.Nodes), len(g.Edges))
	}
	if diff := cmp.Diff(Node{ID: "0", Label: "Zürich", Latitude: 47.3769, Longitude: 8.5417, Placed: true}, g.Nodes[0]); diff != "" {
		t.Errorf("node (-want +got):\n%s", diff)
	}
	if g.Nodes[6].Placed || g.Edges[6].Rate != 0 {
		t.Errorf("what is not said: %+v %+v", g.Nodes[6], g.Edges[6])
	}
	if diff := cmp.Diff(Edge{From: 0, To: 3, Rate: 2.5e9, Line: 18}, g.Edges[2]); diff != "" {
		t.Errorf("edge (-want +got):\n%s", diff)
	}
}

// Distances that are known: a quarter of a meridian, and half the equator.
func TestDelay(t *testing.T) {
	g := Graph{Nodes: []Node{
		{Placed: true}, {Latitude: 90, Placed: true}, {Longitude: 180, Placed: true}, {},
		{Latitude: 40.71427, Longitude: -74.00597, Placed: true}, {Latitude: 41.85003, Longitude: -87.65005, Placed: true},
	}}
	for _, tt := range []struct {
		from, to int
		factor   float64
		metres   float64
	}{
		{0, 1, 1, 10007557}, {0, 2, 1, 20015115}, {0, 0, 1, 0}, {0, 1, 1.5, 15011336},
		{4, 5, 1, 1146000}, // New York, Chicago: 1146 km by the tables
	} {
		got, ok := g.Delay(Edge{From: tt.from, To: tt.to}, tt.factor)
		want := time.Duration(tt.metres / 299792458 * 1.5 * 1e9)
		if diff := math.Abs(float64(got - want)); !ok || diff > float64(want)/2000 {
			t.Errorf("%d to %d: %v, want %v", tt.from, tt.to, got, want)
		}
	}
	if _, ok := g.Delay(Edge{From: 0, To: 3}, 1); ok {
		t.Error("a delay without a place")
	}
}

func TestDialects(t *testing.T) {
	const head = `<graphml><key id="a" attr.name="label" for="node"/><key id="s" attr.name="LinkSpeedRaw" for="edge"/><key id="y" attr.name="Latitude"/><key id="x" attr.name="Longitude"/>`
	for _, tt := range []struct {
		text         string
		nodes, edges int
	}{
		{`<graph edgedefault="undirected"><node id="1"/><node id="2"/><edge source="1" target="2"/><edge source="2" target="1"/></graph>`, 2, 2},
		{`<graph edgedefault="directed"><node id="1"/><node id="2"/><edge source="1" target="2"/><edge source="2" target="1"/></graph>`, 2, 1},
		{`<graph edgedefault="directed"><node id="1"/><node id="2"/><edge source="1" target="2"/><edge directed="false" source="2" target="1"/></graph>`, 2, 2},
		{`<graph><node id="1"><port name="p"/><desc>x</desc></node><edge source="1" target="1"/></graph>`, 1, 0},
	} {
		g, err := Read([]byte(head + tt.text + "</graphml>"))
		if err != nil || len(g.Nodes) != tt.nodes || len(g.Edges) != tt.edges {
			t.Errorf("%s: %+v, %v", tt.text, g, err)
		}
	}
	for text, want := range map[string]string{
		`<graph><node id="1"/><hyperedge/></graph>`:                                                 "a hyperedge is no link between two routers",
		`<graph><node id="1"/><node id="1"/></graph>`:                                               `node "1" is there twice`,
		`<graph><node id="1"/><edge source="1" target="2"/></graph>`:                                `an edge from "1" to "2", and no such nodes before it`,
		`<graph><node id="1"><graph/></node></graph>`:                                               "a node with a graph inside is no router",
		`<graph><node id="1"/></graph><graph/>`:                                                     "wanted one graph, found a second one",
		`<graph/>`:                                                                                  "the file has no nodes",
		`<graph><node id="1"><data key="y">91</data><data key="x">0</data></node></graph>`:          `node "1": wanted degrees from -90 to 90, found "91"`,
		`<graph><node id="1"/><edge source="1" target="1"><data key="s">fast</data></edge></graph>`: `wanted bits per second as LinkSpeedRaw, found "fast"`,
	} {
		_, err := Read([]byte(head + "\n" + text + "</graphml>"))
		var e *Error
		if !errors.As(err, &e) || e.Message != want || e.Line != 2 && want != "the file has no nodes" {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	for _, text := range []string{"<svg/>", "no xml <", "<graphml><graph><node id='1'>"} {
		if _, err := Read([]byte(text)); err == nil {
			t.Errorf("%s is accepted", text)
		}
	}
}

func FuzzRead(f *testing.F) {
	data, err := os.ReadFile("../library/data/alps.graphml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		g, err := Read(data)
		if err != nil {
			return
		}
		for _, e := range g.Edges {
			if d, ok := g.Delay(e, 1); ok && (d < 0 || d > 101*time.Millisecond) {
				t.Errorf("delay %v", d)
			}
		}
	})
}
