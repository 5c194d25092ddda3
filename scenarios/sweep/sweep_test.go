package sweep

import (
	"os"
	"path/filepath"
	"testing"

	"dsmipsim/reports"
)

// walk is the sweep of the test scenario, with overrides.
func walk(t testing.TB, sets ...string) *Design {
	t.Helper()
	text, err := os.ReadFile("testdata/walk.toml")
	if err != nil {
		t.Fatal(err)
	}
	d, err := New(Source{Name: "walk", File: "walk.toml", Text: text, Sets: sets})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// carryOut carries a sweep out in a new directory.
func carryOut(t testing.TB, d *Design, dir string, o Options) *Report {
	t.Helper()
	b, err := d.Begin(dir, false, "")
	if err != nil {
		t.Fatal(err)
	}
	r, err := b.Run(t.Context(), o, reports.Manifest{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// exported reads the files of a directory that must not depend on how a sweep was carried out.
func exported(t testing.TB, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, name := range []string{"sweep.json", "runs.csv", "points.csv", "scenario.toml"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		files[name] = string(text)
	}
	return files
}

// same wants two directories with the same exports.
func same(t *testing.T, a, b string) {
	t.Helper()
	other := exported(t, b)
	for name, text := range exported(t, a) {
		if other[name] != text {
			t.Errorf("%s of %s and %s differ:\n%s\n%s", name, filepath.Base(a), filepath.Base(b), text, other[name])
		}
	}
}

func TestExportsDoNotDependOnJobs(t *testing.T) {
	d := walk(t, "sweep.replications=2")
	one, two := filepath.Join(t.TempDir(), "one"), filepath.Join(t.TempDir(), "two")
	carryOut(t, d, one, Options{Jobs: 1})
	carryOut(t, d, two, Options{Jobs: 3})
	same(t, one, two)
}

// What is read back is what was run.
func TestOpenReadsWhatWasWritten(t *testing.T) {
	d := walk(t, "sweep.replications=2", "duration=2s")
	dir := filepath.Join(t.TempDir(), "out")
	if IsSweep(dir) {
		t.Error("nothing is taken for a sweep")
	}
	carryOut(t, d, dir, Options{})
	if !IsSweep(dir) {
		t.Error("a sweep is not taken for one")
	}
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Points) != 12 || s.Points[1].Values[2] != "0.1" || s.Points[11].Values[0] != `["1s", "3s"]` || s.Factors[1].Values[2] != `"100ms"` {
		t.Errorf("read %+v", s)
	}
	values, err := s.Measure("flows[talk].delay.mean_s")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	err = s.Each(func(r Run) error {
		if got := values[r.Point][r.Replication]; got.Replication != r.Replication || got.V != r.Result.Flows[0].Delay.MeanS {
			t.Errorf("measured %v of a run with a delay of %v", got, r.Result.Flows[0].Delay.MeanS)
		}
		n++
		return nil
	})
	if err != nil || n != 24 {
		t.Errorf("%d runs were visited: %v", n, err)
	}
	if r, err := s.Run(11, 1); err != nil || r.Result.Flows[0].Delay.MeanS != values[11][1].V {
		t.Errorf("read %+v alone: %v", r, err)
	}
	if _, err := s.Run(12, 0); err == nil {
		t.Error("there is a run of no point")
	}
	if _, err := s.Measure("flows.nothing"); err == nil {
		t.Error("nothing is measured")
	}
}
