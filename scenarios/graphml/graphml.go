// Package graphml reads networks in the GraphML of the Internet Topology Zoo
// (http://www.topology-zoo.org): nodes with a label and a place on the earth, edges with a
// speed. Other GraphML is read as well, as far as it has nodes and edges.
package graphml

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
)

// Graph is what a file holds, in its order.
type Graph struct {
	Nodes []Node
	Edges []Edge
}

// Node is a router.
type Node struct {
	ID    string
	Label string
	// Latitude and Longitude are in degrees, north and east positive, if Placed.
	Latitude, Longitude float64
	Placed              bool
}

// Edge is a link. Edges from a node to itself, of which the files have a few, are left out.
type Edge struct {
	From, To int   // indices of Nodes
	Rate     int64 // bit/s, 0 if the file does not say
	Line     int   // of the file, from 1
}

// Error is a mistake in a file.
type Error struct {
	Line    int // from 1; 0 for the file as a whole
	Message string
}

// Error gives the message with its line.
func (e *Error) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Message) }

// reader walks through the elements of a file.
type reader struct {
	dec      *xml.Decoder
	keys     map[string]string // attribute names by key
	nodes    map[string]int
	directed bool
	pairs    map[[2]int]bool // edges of a directed graph
	graph    Graph
	depth    int // of <graph>
}

// Read reads a file. The error is an *Error.
func Read(data []byte) (*Graph, error) {
	r := &reader{dec: xml.NewDecoder(bytes.NewReader(data)), keys: map[string]string{}, nodes: map[string]int{}, pairs: map[[2]int]bool{}}
	seen := false
	for {
		token, err := r.dec.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, r.fail("not XML: %v", err)
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if !seen && start.Name.Local != "graphml" {
			return nil, r.fail("wanted <graphml>, found <%s>", start.Name.Local)
		}
		seen = true
		if err := r.element(start); err != nil {
			return nil, err
		}
	}
	if len(r.graph.Nodes) == 0 {
		return nil, &Error{Message: "the file has no nodes"}
	}
	return &r.graph, nil
}

func (r *reader) fail(format string, args ...any) error {
	line, _ := r.dec.InputPos()
	return &Error{Line: line, Message: fmt.Sprintf(format, args...)}
}

func (r *reader) element(start xml.StartElement) error {
	switch start.Name.Local {
	case "key":
		if name := attribute(start, "attr.name"); name != "" {
			r.keys[attribute(start, "id")] = name
		}
	case "graph":
		if r.depth++; r.depth > 1 {
			return r.fail("wanted one graph, found a second one")
		}
		r.directed = attribute(start, "edgedefault") == "directed"
	case "hyperedge":
		return r.fail("a hyperedge is no link between two routers")
	case "node":
		return r.node(start)
	case "edge":
		return r.edge(start)
	}
	return nil
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// values reads the <data> of an element up to its end, by attribute name.
func (r *reader) values(of string) (map[string]string, error) {
	all := map[string]string{}
	for {
		token, err := r.dec.Token()
		if err != nil {
			return nil, r.fail("not XML: %v", err)
		}
		switch t := token.(type) {
		case xml.EndElement:
			if t.Name.Local == of {
				return all, nil
			}
		case xml.StartElement:
			if t.Name.Local == "graph" {
				return nil, r.fail("a node with a graph inside is no router")
			}
			if t.Name.Local != "data" {
				if err := r.dec.Skip(); err != nil {
					return nil, r.fail("not XML: %v", err)
				}
				continue
			}
			var text struct {
				Value string `xml:",chardata"`
			}
			if err := r.dec.DecodeElement(&text, &t); err != nil {
				return nil, r.fail("not XML: %v", err)
			}
			if name := r.keys[attribute(t, "key")]; name != "" {
				all[name] = strings.TrimSpace(text.Value)
			}
		}
	}
}

func (r *reader) node(start xml.StartElement) error {
	id := attribute(start, "id")
	if _, twice := r.nodes[id]; twice {
		return r.fail("node %q is there twice", id)
	}
	v, err := r.values("node")
	if err != nil {
		return err
	}
	n := Node{ID: id, Label: v["label"]}
	if v["Latitude"] != "" && v["Longitude"] != "" {
		n.Placed = true
		if n.Latitude, err = degrees(v["Latitude"], 90); err == nil {
			n.Longitude, err = degrees(v["Longitude"], 180)
		}
		if err != nil {
			return r.fail("node %q: %v", id, err)
		}
	}
	r.nodes[id] = len(r.graph.Nodes)
	r.graph.Nodes = append(r.graph.Nodes, n)
	return nil
}

func degrees(s string, limit float64) (float64, error) {
	x, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(x) || math.Abs(x) > limit {
		return 0, fmt.Errorf("wanted degrees from %g to %g, found %q", -limit, limit, s)
	}
	return x, nil
}

func (r *reader) edge(start xml.StartElement) error {
	line, _ := r.dec.InputPos()
	from, okFrom := r.nodes[attribute(start, "source")]
	to, okTo := r.nodes[attribute(start, "target")]
	if !okFrom || !okTo {
		return r.fail("an edge from %q to %q, and no such nodes before it", attribute(start, "source"), attribute(start, "target"))
	}
	directed := r.directed
	if d := attribute(start, "directed"); d != "" {
		directed = d == "true"
	}
	v, err := r.values("edge")
	if err != nil {
		return err
	}
	e := Edge{From: from, To: to, Line: line}
	if s := v["LinkSpeedRaw"]; s != "" {
		x, err := strconv.ParseFloat(s, 64)
		if err != nil || !(x >= 1 && x < 1e15) {
			return r.fail("wanted bits per second as LinkSpeedRaw, found %q", s)
		}
		e.Rate = int64(math.Round(x))
	}
	switch {
	case from == to:
		return nil
	case directed && r.pairs[[2]int{to, from}]:
		return nil // the other direction of a link that is there
	case directed:
		r.pairs[[2]int{from, to}] = true
	}
	r.graph.Edges = append(r.graph.Edges, e)
	return nil
}

// Lengths and speeds.
const (
	earthRadius = 6371008.8           // m, the mean radius (R1) of the ellipsoid GRS 80
	lightSpeed  = 299792458           // m/s
	fibreSpeed  = lightSpeed * 2. / 3 // m/s, what is usual for glass with a refractive index of 1.5
)

// Delay returns the propagation delay between two nodes with a place: the great-circle
// distance, times the factor by which cables are longer, at two thirds of the speed of light.
func (g *Graph) Delay(e Edge, factor float64) (time.Duration, bool) {
	a, b := &g.Nodes[e.From], &g.Nodes[e.To]
	if !a.Placed || !b.Placed {
		return 0, false
	}
	const radian = math.Pi / 180
	north := math.Sin(float64((b.Latitude - a.Latitude) * radian / 2))
	east := math.Sin(float64((b.Longitude - a.Longitude) * radian / 2))
	// The haversine formula, which is exact for short distances, too.
	h := float64(north*north) + float64(float64(math.Cos(float64(a.Latitude*radian))*math.Cos(float64(b.Latitude*radian)))*float64(east*east))
	distance := float64(2 * earthRadius * math.Asin(math.Sqrt(min(1, h))))
	return time.Duration(math.Round(float64(float64(distance*factor) / fibreSpeed * 1e9))), true
}
