package sweep

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dsmipsim/scenarios/spec"
)

// keyRow says how a key of [sweep] shows: a change of this one value changes the exports.
type keyRow struct {
	set, with string // overrides, the latter before and after the change, separated by "; "
}

var keyRows = map[string]keyRow{
	"sweep.replications":         {set: "sweep.replications=3"},
	"sweep.metrics":              {set: `sweep.metrics=["events"]`},
	"sweep.where":                {set: `sweep.where=["protocol.ipsec == true"]`},
	"sweep.until.metric":         {set: "sweep.until.metric=flows[talk].sent", with: `sweep.until={metric="events",relative_ci=0.000001,min=2,max=4}`},
	"sweep.until.relative_ci":    {set: "sweep.until.relative_ci=1.0", with: `sweep.until={metric="events",relative_ci=0.001,min=2,max=4}`},
	"sweep.until.min":            {set: "sweep.until.min=3", with: `sweep.until={metric="flows[talk].sent",relative_ci=0.1,min=2,max=4}`},
	"sweep.until.max":            {set: "sweep.until.max=3", with: `sweep.until={metric="events",relative_ci=0.00001,min=2,max=4}`},
	"sweep.factor[].set":         {set: "sweep.factor[0].set=protocol.ipsec_payload"},
	"sweep.factor[].name":        {set: "sweep.factor[0].name=ESP"},
	"sweep.factor[].values":      {set: "sweep.factor[0].values=[true]"},
	"sweep.factor[].zip":         {set: "sweep.factor[1].zip=both", with: "sweep.factor[0].zip=both"},
	"sweep.factor[].range.from":  {set: "sweep.factor[0].range.from=2ms", with: steps},
	"sweep.factor[].range.to":    {set: "sweep.factor[0].range.to=2ms", with: steps},
	"sweep.factor[].range.step":  {set: "sweep.factor[0].range.step=2ms", with: steps},
	"sweep.factor[].range.count": {set: "sweep.factor[0].range.count=4", with: ratios},
	"sweep.factor[].range.scale": {set: "sweep.factor[0].range.scale=linear", with: ratios},
}

const (
	steps  = `sweep.factor=[{set="network.campus.link.delay",range={from="1ms",to="4ms",step="1ms"}}]`
	ratios = `sweep.factor=[{set="network.campus.link.delay",range={from="1ms",to="4ms",count=3,scale="log"}}]`
	// small is a sweep of two keys with two values each.
	small = `duration=1500ms; sweep.replications=2; sweep.factor=[{set="protocol.ipsec",values=[true,false]},{set="network.campus.link.delay",values=["1ms","2ms"]}]`
)

// No key of [sweep] is without effect: every one is changed alone, and the exports differ. A key
// without a row fails the test.
func TestEverySweepKeyHasAnEffect(t *testing.T) {
	show := func(sets ...string) string {
		t.Helper()
		text, err := os.ReadFile("testdata/walk.toml")
		if err != nil {
			t.Fatal(err)
		}
		d, err := New(Source{Name: "walk", File: "walk.toml", Text: text, Sets: sets})
		if err != nil {
			t.Fatalf("%v: %v", sets, err)
		}
		dir := filepath.Join(t.TempDir(), "out")
		carryOut(t, d, dir, Options{})
		files := exported(t, dir)
		return files["sweep.json"] + files["runs.csv"] + files["points.csv"]
	}
	for _, k := range spec.Keys() {
		if !strings.HasPrefix(k.Path, "sweep.") || k.Type == "table" || k.Type == "tables" {
			continue
		}
		row, ok := keyRows[k.Path]
		if !ok {
			t.Errorf("%s has no row: give it one that shows its effect", k.Path)
			continue
		}
		sets := strings.Split(small, "; ")
		if row.with != "" {
			sets = append(sets, strings.Split(row.with, "; ")...)
		}
		if strings.HasPrefix(k.Path, "sweep.until") {
			sets = append(sets[:1:1], sets[2:]...) // without a number of replications
		}
		if before, after := show(sets...), show(append(sets, row.set)...); before == after {
			t.Errorf("%s has no effect", row.set)
		}
	}
}
