package spec

import (
	"fmt"
	"strings"
	"testing"
)

// swept loads the base scenario with a sweep, and writes its points as the values of the factors.
func swept(t *testing.T, sweep string, sets ...string) (points []string, err error) {
	t.Helper()
	s, err := Load("base", []byte(fixtures(t, "good")["base.toml"]+"\n"+sweep), sets)
	if err != nil {
		return nil, err
	}
	for _, p := range s.Sweep.Points() {
		var values []string
		for i, v := range p {
			values = append(values, formatAny(s.Sweep.Factors[i].Values[v]))
		}
		points = append(points, strings.Join(values, " "))
	}
	return points, nil
}

// factor is a factor of the delay of an access link, or of another key.
func factorText(key, rest string) string {
	return fmt.Sprintf("[[sweep.factor]]\nset = %q\n%s\n", key, rest)
}

const (
	delayKey = "network.campus.link.delay"
	lossKey  = "network.campus.link.loss"
	lifeKey  = "protocol.binding_lifetime"
	modeKey  = "protocol.mode"
)

func TestPoints(t *testing.T) {
	for _, tc := range []struct {
		name, sweep, want string
		sets              []string
	}{
		{name: "last fastest", sweep: factorText(delayKey, `values = ["1ms", "2ms"]`) + factorText(lossKey, "values = [0.0, 0.1]"),
			want: `"1ms" 0.0, "1ms" 0.1, "2ms" 0.0, "2ms" 0.1`},
		{name: "together", sweep: factorText(delayKey, "zip = \"a\"\nvalues = [\"1ms\", \"2ms\"]") + factorText(modeKey, `values = ["mipv6", "draft00"]`) + factorText(lossKey, "zip = \"a\"\nvalues = [0.0, 0.1]"),
			want: `"1ms" "mipv6" 0.0, "1ms" "draft00" 0.0, "2ms" "mipv6" 0.1, "2ms" "draft00" 0.1`},
		{name: "steps", sweep: factorText(delayKey, `range = { from = "10ms", to = "35ms", step = "10ms" }`), want: `"10ms", "20ms", "30ms"`},
		{name: "steps of a float", sweep: factorText(lossKey, `range = { from = 0.1, to = 0.3, step = 0.1 }`), want: `0.1, 0.2, 0.3`},
		{name: "steps of whole numbers", sweep: factorText("draft00.home_address_type", `range = { from = 200, to = 202, step = 1 }`), want: `200, 201, 202`},
		{name: "count", sweep: factorText(delayKey, `range = { from = "1ms", to = "2ms", count = 3 }`), want: `"1ms", "1500us", "2ms"`},
		{name: "downwards", sweep: factorText(lossKey, `range = { from = 0.4, to = 0, count = 3 }`), want: `0.4, 0.2, 0.0`},
		{name: "log", sweep: factorText(delayKey, `range = { from = "1ms", to = "1s", count = 4, scale = "log" }`), want: `"1ms", "10ms", "100ms", "1s"`},
		{name: "rounded", sweep: factorText("network.campus.link.rate", `range = { from = "1Mbps", to = "2Mbps", count = 3, scale = "log" }`), want: `"1Mbps", "1414kbps", "2Mbps"`},
		{name: "a queue", sweep: factorText("network.campus.link.queue", `range = { from = "10packets", to = "30packets", step = "10packets" }`), want: `"10packets", "20packets", "30packets"`},
		{name: "bounds of an interval", sweep: factorText("network.campus.router_advertisement.interval", `range = { from = "1s", to = "2s", step = "1s" }`), want: `"1s", "2s"`},
		{name: "an order", sweep: "[sweep]\nwhere = [\"" + delayKey + " < uplink\"]\n" + factorText(delayKey, `values = ["1ms", "20ms"]`) + factorText("network.campus.uplink.delay", "name = \"uplink\"\nvalues = [\"15ms\", \"30ms\"]"),
			want: `"1ms" "15ms", "1ms" "30ms", "20ms" "30ms"`},
		{name: "quantities, not texts", sweep: "[sweep]\nwhere = [\"" + delayKey + " == 1000us\"]\n" + factorText(delayKey, `values = ["1ms", "20ms"]`), want: `"1ms"`},
		{name: "alternatives", sweep: "[sweep]\nwhere = [\"" + modeKey + " == mipv6 and loss != 0 or " + modeKey + " == 'draft00'\", \"loss<=0.1\"]\n" + factorText(modeKey, `values = ["mipv6", "draft00"]`) + factorText(lossKey, "name = \"loss\"\nvalues = [0, 0.1, 0.2]"),
			want: `"mipv6" 0.1, "draft00" 0, "draft00" 0.1`},
		{name: "a list", sweep: "[sweep]\nwhere = ['interval != [\"1s\", \"3s\"]']\n" + factorText("network.campus.router_advertisement.interval", "name = \"interval\"\nvalues = [[\"1s\", \"3s\"], [\"1s\", \"2s\"]]"), want: `["1s", "2s"]`},
		{name: "factors of flags", sweep: factorText(delayKey, `range = { from = "1ms", to = "2ms", step = "1ms" }`), sets: []string{FactorOverride(delayKey + "=5ms"), FactorOverride(lossKey + "=0.1, 0.2")},
			want: `"5ms" 0.1, "5ms" 0.2`},
		{name: "flags alone", sets: []string{FactorOverride(`network.campus.router_advertisement.interval=["1s","2s"],3s`)}, want: `["1s", "2s"], "3s"`},
	} {
		points, err := swept(t, tc.sweep, tc.sets...)
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
		} else if got := strings.Join(points, ", "); got != tc.want {
			t.Errorf("%s: points %s, want %s", tc.name, got, tc.want)
		}
	}
}

// What is wrong with a sweep is told where it stands.
func TestSweepMistakes(t *testing.T) {
	two := factorText(delayKey, `values = ["1ms", "2ms"]`)
	for _, tc := range []struct{ sweep, want string }{
		{two + two, "another factor varies this key, too (line "},
		{two + factorText(lossKey, "name = \""+delayKey+"\"\nvalues = [0]"), "another factor is called so, too"},
		{factorText(delayKey, ""), "missing: wanted a list of values, or a range"},
		{factorText(delayKey, "values = [\"1ms\"]\nrange = { from = \"1ms\", to = \"2ms\", count = 2 }"), "the values are given, too"},
		{factorText(delayKey, `range = { from = "1ms", to = "2ms" }`), "wanted step or count, one of them"},
		{factorText(delayKey, `range = { from = "1ms", to = 2, count = 2 }`), `range.to: wanted a duration with a unit such as "20ms", found 2`},
		{factorText(delayKey, `range = { from = "1ns", to = "2ns", count = 4 }`), `found the value "1ns" twice`},
		{factorText(delayKey, `range = { from = "2ms", to = "1ms", step = "1ms" }`), `no step leads from "2ms" to "1ms"`},
		{factorText(delayKey, `range = { from = "1ms", to = "2ms", step = "1ms", scale = "log" }`), "wanted linear"},
		{factorText(delayKey, `range = { from = "0s", to = "2ms", count = 3, scale = "log" }`), "equal ratios are all above 0"},
		{factorText(modeKey, `range = { from = 1, to = 2, count = 2 }`), "mode takes no quantity"},
		{factorText(lossKey, `range = { from = 0.5, to = 1.5, step = 0.5 }`), "loss does not take this value"},
		{factorText(delayKey, "zip = \"a\"\nvalues = [\"1ms\"]") + factorText(lossKey, "zip = \"a\"\nvalues = [0, 0.1]"), "found 2 values, wanted 1: as many as of " + delayKey},
		{"[sweep]\nwhere = [\"dely < 3ms\"]\n" + factorText(delayKey, "name = \"delay\"\nvalues = [\"1ms\"]"), `neither "dely" nor "3ms" is the path or the name of a factor; did you mean "delay"?`},
		{"[sweep]\nwhere = [\"" + delayKey + " < 3\"]\n" + two, "3 cannot be compared by <"},
		{"[sweep]\nwhere = [\"" + delayKey + " == 3ms\"]\n" + two, delayKey + ` has no value 3ms, found ["1ms", "2ms"]`},
		{"[sweep]\nwhere = [\"" + delayKey + " < 3ms xor\"]\n" + two, `found "xor", wanted 'and', 'or' or the end`},
		{"[sweep]\nwhere = [\"" + delayKey + "\"]\n" + two, "wanted comparisons such as"},
		{"[sweep]\nwhere = [\"" + delayKey + " == 'x\"]\n" + two, "a quotation is not closed"},
		{"[sweep]\nwhere = [\"" + delayKey + " < 1ms\"]\n" + two, "no combination meets all conditions"},
		{"[sweep]\nwhere = [\"" + delayKey + " < " + lossKey + "\"]\n" + two + factorText(lossKey, "values = [0]"), "cannot be compared by <"},
		{"[sweep]\nreplications = 3\nuntil = { metric = \"events\", relative_ci = 0.1 }\n" + two, "until says how often (line "},
		{"[sweep]\nuntil = { metric = \"events\", relative_ci = 0.1, min = 20, max = 10 }\n" + two, "max: wanted at least min, which is 20"},
		{factorText("sweep.factor[0].set", "values = [\"x\"]"), "a sweep cannot vary itself"},
	} {
		_, err := swept(t, tc.sweep)
		if err == nil || !strings.Contains(err.Error(), tc.want) || !strings.Contains(err.Error(), "base:") {
			t.Errorf("%s: error %v, want one with %q", tc.sweep, err, tc.want)
		}
	}
	for factor, want := range map[string]string{
		delayKey:                     "--factor network.campus.link.delay: wanted path=value,value,...",
		delayKey + "=2ms,1s,3":       "--factor network.campus.link.delay=2ms,1s,3: sweep.factor[0].values[2]: delay does not take this value",
		"network.campus.link.dely=1": `unknown key "dely"`,
	} {
		if _, err := swept(t, "", FactorOverride(factor)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one with %q", factor, err, want)
		}
	}
}

// A flag that says how often counts more than the file, whichever way the file says it.
func TestReplicationsOfFlags(t *testing.T) {
	base := fixtures(t, "good")["base.toml"]
	rule := `{ metric = "events", relative_ci = 0.1, min = 7 }`
	for _, tc := range []struct {
		sweep, set string
		least      int
	}{
		{"[sweep]\nreplications = 3\n", "sweep.until=" + rule, 7},
		{"[sweep]\nuntil = " + rule, "sweep.replications=4", 4},
		{"[sweep]\nreplications = 3\n", "seed=3", 3},
	} {
		s, err := Load("base", []byte(base+"\n"+tc.sweep), []string{tc.set})
		if err != nil {
			t.Error(err)
		} else if got := s.Sweep.Least(); got != tc.least {
			t.Errorf("%s with %s: at least %d replications, want %d", tc.sweep, tc.set, got, tc.least)
		}
	}
}
