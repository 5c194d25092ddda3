package sweep

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"sync/atomic"
	"testing"

	"dsmipsim/reports"
	"dsmipsim/reports/statistics"
	"dsmipsim/scenarios"
	"dsmipsim/scenarios/spec"
	"dsmipsim/scenarios/sweep/store"
)

// A stop rule takes the least number of replications that is enough, whatever runs at a time.
func TestStopRule(t *testing.T) {
	const metric, relative, least, most = "handovers.latency_s", 0.004, 3, 25
	d := walk(t, fmt.Sprintf(`sweep.until={metric=%q,relative_ci=%g,min=%d,max=%d}`, metric, relative, least, most))
	all := walk(t, fmt.Sprintf("sweep.replications=%d", most))
	root := t.TempDir()
	carryOut(t, all, filepath.Join(root, "all"), Options{})
	fixed, err := Open(filepath.Join(root, "all"))
	if err != nil {
		t.Fatal(err)
	}
	values, err := fixed.Measure(metric)
	if err != nil {
		t.Fatal(err)
	}
	var dirs []string
	var report *Report
	for _, jobs := range []int{1, 2, 7} {
		dir := filepath.Join(root, fmt.Sprint(jobs))
		report = carryOut(t, d, dir, Options{Jobs: jobs})
		dirs = append(dirs, dir)
		same(t, dirs[0], dir)
	}
	s, err := Open(dirs[2])
	if err != nil {
		t.Fatal(err)
	}
	lengths, wide := map[int]bool{}, 0
	for i, p := range s.Points {
		want := most + 1
		for n := most; n >= least; n-- {
			var x []float64
			for _, v := range values[i] {
				if v.Replication < n {
					x = append(x, v.V)
				}
			}
			if e, err := statistics.Mean(x, Level); err == nil && e.HalfWidth() <= relative*math.Abs(e.Value) {
				want = n
			}
		}
		if want > most {
			want = most
			wide++
		}
		if p.Replications != want {
			t.Errorf("point %d has %d replications, want %d", i, p.Replications, want)
		}
		lengths[want] = true
	}
	if report.Wide != wide || wide == 0 {
		t.Errorf("the intervals of %d points are said to be too wide, want %d", report.Wide, wide)
	}
	if len(lengths) < 3 {
		t.Errorf("the points have %v replications: that shows little", lengths)
	}
}

// counts counts the runs.
func counts(n *atomic.Int32) func(string, *spec.Spec, scenarios.Options) (*scenarios.Outcome, error) {
	return func(name string, s *spec.Spec, o scenarios.Options) (*scenarios.Outcome, error) {
		n.Add(1)
		return scenarios.Run(name, s, o)
	}
}

// What depends on the same is run once, also within a sweep.
func TestEqualRunsAreRunOnce(t *testing.T) {
	sets := []string{"sweep.replications=3", `sweep.factor=[{set="network.campus.link.delay",values=["1ms","1000us","2ms","1ms"]}]`}
	var n atomic.Int32
	dir := filepath.Join(t.TempDir(), "out")
	carryOut(t, walk(t, sets...), dir, Options{Jobs: 2, Run: counts(&n)})
	if n.Load() != 6 {
		t.Errorf("%d runs, want 6: points 0, 1 and 3 are the same", n.Load())
	}
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	values, err := s.Measure("handovers.latency_s")
	if err != nil {
		t.Fatal(err)
	}
	for r := range 3 {
		if values[0][r] != values[1][r] || values[0][r] != values[3][r] || values[0][r] == values[2][r] {
			t.Errorf("replication %d: %v", r, values)
		}
	}
}

// resume goes on in a directory and returns how many runs were run and found.
func resume(t *testing.T, d *Design, dir string, o Options) (ran, found int) {
	t.Helper()
	b, err := d.Begin(dir, true, o.Version)
	if err != nil {
		t.Fatal(err)
	}
	o.Finished = func(p Progress) { ran, found = p.Done-p.Found, p.Found }
	if _, err := b.Run(t.Context(), o, reports.Manifest{}); err != nil {
		t.Fatal(err)
	}
	return ran, found
}

// A sweep that is resumed runs what it lacks, and no more; it may have grown or shrunk meanwhile.
func TestResume(t *testing.T) {
	base := []string{"duration=2s", `sweep.factor=[{set="network.campus.link.delay",values=["1ms","2ms"]}]`}
	with := func(sets ...string) *Design { return walk(t, append(base[:2:2], sets...)...) }
	dir := filepath.Join(t.TempDir(), "out")
	ctx, cancel := context.WithCancel(t.Context())
	d := with("sweep.replications=4")
	b, err := d.Begin(dir, false, "v")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Run(ctx, Options{Jobs: 1, Version: "v", Run: stopsAfter(5, cancel)}, reports.Manifest{}); !errors.Is(err, context.Canceled) {
		t.Fatalf("interrupted: %v", err)
	}
	if IsSweep(dir) {
		t.Error("it is taken for complete")
	}
	if _, err := Open(dir); err == nil {
		t.Error("it is read")
	}
	for _, tc := range []struct {
		name       string
		d          *Design
		version    string
		ran, found int
	}{
		{"the same", d, "v", 3, 5},
		{"the same again", d, "v", 0, 8},
		{"more replications", with("sweep.replications=6"), "v", 4, 8},
		{"fewer", with("sweep.replications=2"), "v", 0, 4},
		{"other points first", with("sweep.replications=2", `sweep.factor[0].values=["3ms","2ms","1ms"]`), "v", 2, 4},
		{"another seed", with("sweep.replications=2", "seed=5"), "v", 4, 0},
		{"another version", with("sweep.replications=2"), "w", 4, 0},
		{"the first again", d, "v", 0, 8},
	} {
		if ran, found := resume(t, tc.d, dir, Options{Version: tc.version}); ran != tc.ran || found != tc.found {
			t.Errorf("%s: %d runs were run and %d found, want %d and %d", tc.name, ran, found, tc.ran, tc.found)
		}
		fresh := filepath.Join(t.TempDir(), "fresh")
		carryOut(t, tc.d, fresh, Options{Version: tc.version})
		same(t, fresh, dir)
	}
}

// A run that fails is kept with what is wrong, and the others go on.
func TestFailedRuns(t *testing.T) {
	d := walk(t, "duration=2s", "sweep.replications=3", `sweep.metrics=["events"]`)
	fails := func(name string, s *spec.Spec, o scenarios.Options) (*scenarios.Outcome, error) {
		if o.Replication == 1 && s.Network("campus").Link.Loss.Any() {
			return nil, errors.New("it does not hold")
		}
		return scenarios.Run(name, s, o)
	}
	dir := filepath.Join(t.TempDir(), "out")
	report := carryOut(t, d, dir, Options{Run: fails})
	if report.Runs != 36 || len(report.Failures) != 6 {
		t.Errorf("%d of %d runs failed, want 6 of 36", len(report.Failures), report.Runs)
	}
	f := report.Failures[1]
	if f.Point != 3 || f.Replication != 1 || f.Error != "it does not hold" || f.Sets[2] != "network.campus.link.loss=0.1" {
		t.Errorf("the second failure is %+v", f)
	}
	if p := report.Points[3]; p.Failed != 1 || p.Replications != 3 || p.Statistics[0].N != 2 {
		t.Errorf("its point is %+v", p)
	}
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if r, err := s.Run(3, 1); err != nil || r.Error != "it does not hold" || r.Result != nil {
		t.Errorf("read %+v: %v", r, err)
	}
	if values, err := s.Measure("events"); err != nil || len(values[3]) != 2 || values[3][1].Replication != 2 {
		t.Errorf("measured %v: %v", values, err)
	}
	// It would fail again, so that it is not run again.
	if ran, found := resume(t, d, dir, Options{}); ran != 0 || found != 36 {
		t.Errorf("%d runs were run and %d found", ran, found)
	}
}

// The scenario that is written down gives the runs that are stored.
func TestScenarioGivesTheRuns(t *testing.T) {
	d := walk(t, "duration=2s", "sweep.replications=2", `sweep.factor=[{set="profile",values=["standard","rfc-literal"]},{set="mobile_node.mn.count",values=[1,2]}]`, "flow=[]", "mobile_node.mn.ipv4_home_address=192.0.2.100")
	dir := filepath.Join(t.TempDir(), "out")
	carryOut(t, d, dir, Options{})
	text := exported(t, dir)["scenario.toml"]
	db, err := store.Read(filepath.Join(dir, "runs.sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	texts := map[string]bool{}
	err = db.Each(func(p store.Place, kept store.Run) error {
		s, err := spec.Load("scenario.toml", []byte(text), d.points[p.Point].sets)
		if err != nil {
			return err
		}
		o, err := scenarios.Run("walk", s, scenarios.Options{Replication: uint64(p.Replication)})
		if err != nil {
			return err
		}
		again, err := o.Result.JSON()
		if string(again) != string(kept.Summary) {
			t.Errorf("%v: the scenario gives another result", p)
		}
		texts[string(again)] = true
		return err
	})
	if err != nil || len(texts) != 8 {
		t.Errorf("%d results differ, want 8: %v", len(texts), err)
	}
}
