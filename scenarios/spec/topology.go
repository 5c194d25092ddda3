package spec

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"dsmipsim/scenarios/graphml"
)

// Topology is a file of routers and links. Load puts what it holds into Routers and Links.
type Topology struct {
	Pos     Pos
	GraphML File    `key:"graphml" required:"true" encode:"-" doc:"A GraphML file as of the Internet Topology Zoo: its nodes become routers, named by their labels, and its edges links."`
	Prefix  string  `key:"prefix" doc:"Put in front of the names of these routers."`
	Factor  float64 `key:"detour" default:"1.0" unit:"number" min:"1" doc:"How much longer than the great circle between its ends a link is, where the file gives their places; light takes it at 2/3 of its speed in vacuum."`
	Channel
	MTU int `key:"mtu" default:"1500B" unit:"size" min:"576B" max:"65535B" doc:"Largest IP packet of the links; at least 1280B where IPv6 passes." ref:"RFC 2460 section 5"`
}

// topology replaces the key topology of the tree by the routers and links that it stands for,
// as if they had been written there. After a mistake it reports false: whoever refers to those
// routers would look mistaken, too.
func (b *binder) topology(root *node) bool {
	at := root.get("topology")
	if at == nil {
		return true
	}
	if _, ok := at.value.(*table); !ok {
		return true // the binder says so
	}
	var t Topology
	before := len(b.problems)
	b.table("topology", reflect.ValueOf(&t).Elem(), at)
	root.remove("topology")
	if len(b.problems) > before {
		return false
	}
	b.given, b.givenAt = &t, at
	key := at.get("graphml")
	g, err := graphml.Read(t.GraphML.Data)
	if err != nil {
		var e *graphml.Error
		errors.As(err, &e)
		b.inFile(key, &t.GraphML, e.Line, "%s", e.Message)
		return false
	}
	names := uniqueLabels(g, t.Prefix)
	routers, links := root.list("router"), root.list("link")
	for _, name := range names {
		routers.append(map[string]any{"name": name}, key)
	}
	parallel := map[string]int{}
	for _, e := range g.Edges {
		p := LinkParams{Channel: t.Channel, MTU: t.MTU}
		if d, ok := g.Delay(e, t.Factor); ok {
			p.Delay = d
		}
		if e.Rate > 0 {
			p.Rate = e.Rate
		}
		ends := []string{names[e.From], names[e.To]}
		name := ends[0] + "-" + ends[1]
		slices.Sort(ends)
		pair := strings.Join(ends, " ")
		if parallel[pair]++; parallel[pair] > 1 {
			name = fmt.Sprintf("%s-%d", name, parallel[pair])
		}
		item := map[string]any{"name": name, "between": []any{names[e.From], names[e.To]}}
		v := reflect.ValueOf(p)
		for _, f := range fieldsOf(v.Type()) {
			if text := formatField(f, v.FieldByIndex(f.index)); text != "" {
				item[f.key] = parseLoose(text)
			}
		}
		links.append(item, key)
	}
	return true
}

// uniqueLabels makes names of the labels of a graph's nodes: what no name may have becomes "-",
// accents go, and a label that was there before gets a number.
func uniqueLabels(g *graphml.Graph, prefix string) []string {
	taken := map[string]bool{}
	names := make([]string, len(g.Nodes))
	for i, n := range g.Nodes {
		base := prefix + plainName(n.Label)
		if plainName(n.Label) == "" {
			base = prefix + "node-" + plainName(n.ID)
		}
		name := base
		for k := 2; taken[name]; k++ {
			name = fmt.Sprintf("%s-%d", base, k)
		}
		names[i], taken[name] = name, true
	}
	return names
}

// maxLabel leaves room in a name for a prefix, a number, and the names of links.
const maxLabel = 24

func plainName(label string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(label) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r < unicode.MaxASCII && validName("a"+string(r)):
			b.WriteRune(r)
		default:
			b.WriteByte('-')
		}
	}
	s := strings.Trim(b.String(), "-_")
	for strings.Contains(s, "--") {
		s = strings.ReplaceAll(s, "--", "-")
	}
	return strings.Trim(s[:min(len(s), maxLabel)], "-_")
}
