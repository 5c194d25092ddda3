package spec

import (
	"os"
	"strings"
	"testing"
	"time"
)

const ofAlps = `duration = "1s"
[topology]
graphml = "alps.graphml"
delay = "3ms"
rate = "1Gbps"
[[router]]
name = "own"
[[link]]
between = ["own", "Wien"]
[[network]]
name = "a"
kind = "wired"
ipv4 = "192.0.2.0/24"
uplink = { to = "Zurich" }
`

func alps(t *testing.T) Files {
	t.Helper()
	data, err := os.ReadFile("../library/data/alps.graphml")
	if err != nil {
		t.Fatal(err)
	}
	return Files{Beside: folder(map[string]string{
		"alps.graphml": string(data),
		"twice.graphml": `<graphml><key id="l" attr.name="label"/><graph><node id="0"><data key="l">Zurich</data></node><node id="1"><data key="l">Zürich</data></node>
<node id="2"/><node id="3"><data key="l">Wien</data></node><edge source="0" target="1"/><edge source="1" target="0"/><edge source="1" target="2"/><edge source="2" target="3"/></graph></graphml>`,
		"bad.graphml": "<graphml><graph>\n<hyperedge/></graph></graphml>",
	})}
}

func loadAlps(t *testing.T, sets ...string) *Spec {
	t.Helper()
	s, err := LoadFiles("mine.toml", []byte(ofAlps), sets, alps(t))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func linkOf(t *testing.T, s *Spec, name string) Link {
	t.Helper()
	for _, l := range s.Links {
		if l.Name == name {
			return l
		}
	}
	t.Fatalf("no link %s in %+v", name, s.Links)
	return Link{}
}

func TestTopology(t *testing.T) {
	s := loadAlps(t)
	if len(s.Routers) != 8 || len(s.Links) != 9 || s.Topology != nil || s.Routers[1].Name != "Zurich" || s.Routers[5].Name != "Geneve" {
		t.Fatalf("%+v %+v", s.Routers, s.Links)
	}
	// 242 km.
	if l := linkOf(t, s, "Zurich-Munchen"); l.Delay.Round(10*time.Microsecond) != 1210*time.Microsecond || l.Rate != 1e10 {
		t.Errorf("%+v", l)
	}
	if l := linkOf(t, s, "Exchange-Zurich"); l.Delay != 3*time.Millisecond || l.Rate != 1e9 {
		t.Errorf("without a place and a speed: %+v", l)
	}
	if len(s.Files) != 1 || !s.Files[0].Spent {
		t.Errorf("files: %+v", s.Files)
	}
	// The encoded scenario needs no file.
	roundTrip(t, s)
}

// Each key of the topology, and of what it makes, can be set alone.
func TestTopologyKeys(t *testing.T) {
	near := linkOf(t, loadAlps(t), "Zurich-Munchen").Delay
	for set, ok := range map[string]func(s *Spec) bool{
		"topology.detour=2": func(s *Spec) bool {
			d := linkOf(t, s, "Zurich-Munchen").Delay - 2*near
			return d >= -1 && d <= 1
		},
		"topology.delay=4ms":             func(s *Spec) bool { return linkOf(t, s, "Exchange-Zurich").Delay == 4*time.Millisecond },
		"topology.rate=5Mbps":            func(s *Spec) bool { return linkOf(t, s, "Wien-Milano").Rate == 5e6 },
		"topology.jitter=['1ms','2ms']":  func(s *Spec) bool { return !linkOf(t, s, "Wien-Milano").Jitter.Zero() },
		"topology.frame_time=1us":        func(s *Spec) bool { return linkOf(t, s, "Wien-Milano").FrameTime == time.Microsecond },
		"topology.mtu=1400B":             func(s *Spec) bool { return linkOf(t, s, "Wien-Milano").MTU == 1400 },
		"topology.loss=0.5":              func(s *Spec) bool { return linkOf(t, s, "Wien-Milano").Loss.Any() },
		"topology.queue=7packets":        func(s *Spec) bool { return linkOf(t, s, "Wien-Milano").Queue.Limit.Packets == 7 },
		"link.Zurich-Munchen.delay=77ms": func(s *Spec) bool { return linkOf(t, s, "Zurich-Munchen").Delay == 77*time.Millisecond },
	} {
		if !ok(loadAlps(t, set)) {
			t.Errorf("%s has no effect", set)
		}
	}
	s := loadAlps(t, "topology.prefix=zoo-", `network.a.uplink.to=zoo-Zurich`, `link.own-Wien.between=["own","zoo-Wien"]`)
	if s.Routers[1].Name != "zoo-Zurich" {
		t.Errorf("prefixed: %+v", s.Routers)
	}
}

// Labels that are there twice, or not at all, still give names; parallel edges give two links.
func TestTopologyNames(t *testing.T) {
	text := strings.Replace(ofAlps, "alps.graphml", "twice.graphml", 1)
	s, err := LoadFiles("mine.toml", []byte(text), nil, alps(t))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range s.Routers {
		names = append(names, r.Name)
	}
	for _, l := range s.Links[1:] {
		names = append(names, l.Name)
	}
	if got := strings.Join(names, " "); got != "own Zurich Zurich-2 node-2 Wien Zurich-Zurich-2 Zurich-2-Zurich-2 Zurich-2-node-2 node-2-Wien" {
		t.Error(got)
	}
}

func TestTopologyMistakes(t *testing.T) {
	for _, tt := range []struct{ old, new, want string }{
		{"alps.graphml", "bad.graphml", "bad.graphml:2:1: topology.graphml: a hyperedge is no link between two routers\n    2 | <hyperedge/></graph></graphml>"},
		{"alps.graphml", "none.graphml", `mine.toml:3:11: topology.graphml: cannot read "none.graphml": file does not exist`},
		{`name = "own"`, `name = "Wien"`, `mine.toml:7:8: router[0].name: the name "Wien" is taken by the router at line 3`},
		{`between = ["own", "Wien"]`, `between = ["Lyon", "Wien"]`, `no path of uplinks and links leads from router "own" to network "a"`},
		{`to = "Zurich"`, `to = "Zurcih"`, `no router or network is called "Zurcih"; did you mean "Zurich"?`},
		{"graphml =", "graphlm =", `topology.graphlm: unknown key; did you mean "graphml"?`},
	} {
		_, err := LoadFiles("mine.toml", []byte(strings.Replace(ofAlps, tt.old, tt.new, 1)), nil, alps(t))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v\nwant %s", tt.new, err, tt.want)
		}
	}
}
