package scenarios

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// One scenario, many expectations: each with the verdict that it must get.
func TestExpectations(t *testing.T) {
	base, err := os.ReadFile("library/roaming.toml")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		expect string
		pass   bool
		got    string
	}{
		{`metric = "handovers[to=campus].outcome"` + "\n" + `equal = "registered"`, true, "registered"},
		{`metric = "handovers[to=campus].outcome"` + "\n" + `equal = "failed"`, false, "registered"},
		{`metric = "handovers.latency_s.count"` + "\n" + `equal = 3`, true, "3"},
		{`metric = "handovers[to=moon].latency_s.max"` + "\n" + `max = "3s"`, false, "<nil>"},
		{`metric = "handovers[to=cafe].latency_s.max"` + "\n" + `max = "3s"`, false, "<nil>"},
		{`metric = "handovers[to=cell].phases.detect_s"` + "\n" + `equal = "1s"`, true, "1"},
		{`metric = "handovers[to=cell].phases.detect_s"` + "\n" + `equal = "1.1s"` + "\n" + `tolerance = "100ms"`, true, "1"},
		{`metric = "handovers[to=cell].phases.detect_s"` + "\n" + `min = "1.1s"`, false, "1"},
		{`metric = "handovers.speed"` + "\n" + `min = 1`, false, "<nil>"},
		{`metric = "flows.lost"` + "\n" + `max = 2000`, true, ""},
		{`packets = { type = "BU", from = "mn" }` + "\n" + `field = "count"` + "\n" + `equal = 3`, true, "3"},
		{`packets = { type = "BU", from = "mn" }` + "\n" + `field = "octets"` + "\n" + `equal = [128, 148, 80]`, true, "[128 148 80]"},
		{`packets = { type = "BA", from = "ha", to = "mn" }` + "\n" + `field = "octets"` + "\n" + `equal = [112, 132, 80]`, true, "[112 132 80]"},
		{`packets = { type = "BA", from = "ha" }` + "\n" + `field = "Status"` + "\n" + `equal = 0`, true, ""},
		{`packets = { type = "BU", from = "mn", link = "cell" }` + "\n" + `field = "Lifetime"` + "\n" + `equal = "600s"`, true, "600"},
		{`packets = { type = "BU", from = "mn", link = "cell" }` + "\n" + `field = "Hue"` + "\n" + `min = 0`, false, "<nil>"},
		{`packets = { type = "RA", link = "campus" }` + "\n" + `field = "Advertisement interval"` + "\n" + `equal = "90ms"`, true, ""},
		{`packets = { type = "BU", answer = "BA", link = "cell" }` + "\n" + `field = "time_s"` + "\n" + `relative = true` + "\n" + `max = "200ms"`, true, ""},
		{`packets = { type = "BA", link = "cell" }` + "\n" + `field = "count"` + "\n" + `equal = 1`, true, "1"},
		{`packets = { type = "ESP", link = "home" }` + "\n" + `field = "count"` + "\n" + `equal = 2`, true, "2"},
		{`packets = { type = "HoTI" }` + "\n" + `field = "count"` + "\n" + `equal = 0`, true, "0"},
		{`packets = { type = "HoTI" }` + "\n" + `field = "time_s"` + "\n" + `min = 0`, false, "<nil>"},
		{`packets = { type = "RS", from = "mn", link = "cell" }` + "\n" + `field = "time_s"` + "\n" + `relative = true` + "\n" + `equal = [0, 4, 8]` + "\n" + `tolerance = "1ms"`, true, ""},
	} {
		file := filepath.Join(t.TempDir(), "s.toml")
		if err := os.WriteFile(file, fmt.Appendf(nil, "%s\n[[expect]]\n%s\n", base, c.expect), 0o644); err != nil {
			t.Fatal(err)
		}
		es := runFile(t, file).Expectations
		e := es[len(es)-1]
		if e.Pass != c.pass || c.got != "" && fmt.Sprint(e.Got) != c.got {
			t.Errorf("%s\ngot %v, pass %v (%s); want %s, %v", c.expect, e.Got, e.Pass, e.Note, c.got, c.pass)
		}
	}
}
