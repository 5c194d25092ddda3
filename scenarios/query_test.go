package scenarios

import (
	"encoding/json"
	"fmt"
	"testing"
)

const sample = `{
  "handovers": [
    {"mobile_node": "mn", "to": "campus", "latency_s": 2.5, "flows": [{"flow": "a", "lost": 3}, {"flow": "b", "lost": 4}]},
    {"mobile_node": "mn", "to": "cafe", "latency_s": null, "flows": [{"flow": "a", "lost": 10}]},
    {"mobile_node": "mn2", "to": "campus", "latency_s": 1.5, "flows": []}
  ],
  "flows": [{"name": "a", "drops": {"no_route": 2}}, {"name": "b", "drops": {}}],
  "signalling": {"messages": [{"type": "BU", "packets": 3}]},
  "events": 42
}`

func TestQuery(t *testing.T) {
	var tree any
	if err := json.Unmarshal([]byte(sample), &tree); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ path, want string }{
		{"events", "[42]"},
		{"handovers.latency_s", "[2.5 1.5]"},
		{"handovers[].latency_s.max", "[2.5]"},
		{"handovers[to=campus].latency_s.min", "[1.5]"},
		{"handovers[to=campus,mobile_node=mn2].latency_s", "[1.5]"},
		{"handovers[mn].latency_s.mean", "[2.5]"},
		{"handovers[1].to", "[cafe]"},
		{"handovers[7].to", "[]"},
		{"handovers[to=moon].latency_s.max", "[]"},
		{"handovers[to=moon].latency_s.count", "[0]"},
		{"handovers.latency_s.count", "[2]"},
		{"handovers[to=campus].flows[a].lost.sum", "[3]"},
		{"handovers.flows[flow=a].lost.p50", "[3]"},
		{"handovers.flows.lost.p95", "[10]"},
		{"flows[a].drops.no_route", "[2]"},
		{"flows[b].drops.no_route", "[]"},
		{"signalling.messages[BU].packets", "[3]"},
		{"handovers.speed", `error "handovers.speed": nothing is called "speed" there`},
		{"handovers.to.max", `error "handovers.to.max": campus is not a number`},
		{"handovers[to=campus", `error "handovers[to=campus": a bracket is not closed`},
		{"handovers[0]to", `error "handovers[0]to": found "to", wanted a dot and a key`},
		{"handovers..to", `error "handovers..to": a key is missing`},
		{"", "error an empty path"},
	} {
		got := ""
		q, err := parseQuery(c.path)
		if err == nil {
			var vs []any
			if vs, err = q.run(tree); err == nil {
				got = fmt.Sprint(vs)
			}
		}
		if err != nil {
			got = "error " + err.Error()
		}
		if got != c.want {
			t.Errorf("%s: got %s, want %s", c.path, got, c.want)
		}
	}
}

func TestPredictedPath(t *testing.T) {
	for path, want := range map[string]string{
		"handovers.latency_s.mean":                   "handovers.predicted.latency_s.mean",
		"handovers[to=a][kind=b->c].phases.detect_s": "handovers[to=a][kind=b->c].predicted.phases.detect_s",
		"handovers[].flows[f].lost":                  "",
		"flows[f].delay.mean_s":                      "",
		"handovers[":                                 "",
	} {
		if got, ok := PredictedPath(path); got != want || ok != (want != "") {
			t.Errorf("%s: %s", path, got)
		}
	}
}
