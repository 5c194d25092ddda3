package sweep

import (
	"context"
	"path/filepath"
	"testing"

	"dsmipsim/scenarios"
	"dsmipsim/scenarios/spec"
	"dsmipsim/scenarios/sweep/store"
)

// BenchmarkSweep carries out one sweep of 360 short runs, one at a time; BenchmarkRuns makes the
// same runs and no sweep of them. The difference of ns/run is what a sweep adds to a run: loading
// the points, keys, summaries as text and compressed, the store, measuring, and the artefacts.
func BenchmarkSweep(b *testing.B) { benchmarkSweep(b, 1) }

// BenchmarkSweepTwo is the same, two at a time.
func BenchmarkSweepTwo(b *testing.B) { benchmarkSweep(b, 2) }

func benchmarkSweep(b *testing.B, jobs int) {
	b.ReportAllocs()
	for b.Loop() {
		d := walk(b, wholeSweep)
		carryOut(b, d, filepath.Join(b.TempDir(), "out"), Options{Jobs: jobs, Version: "v"})
	}
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/360, "ns/run")
}

// BenchmarkRuns: see BenchmarkSweep.
func BenchmarkRuns(b *testing.B) {
	d := walk(b, wholeSweep)
	points := make([]*spec.Spec, d.Points())
	for i := range points {
		var err error
		if points[i], err = d.load(i); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, s := range points {
			for r := range uint64(30) {
				if _, err := scenarios.Run("walk", s, scenarios.Options{Context: context.Background(), Replication: r}); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/360, "ns/run")
}

// BenchmarkLoad loads a point: once for its check, and once for its runs.
func BenchmarkLoad(b *testing.B) {
	d := walk(b)
	for b.Loop() {
		if _, err := d.load(0); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPut keeps a run of a usual size.
func BenchmarkPut(b *testing.B) {
	d := walk(b)
	s, err := d.load(0)
	if err != nil {
		b.Fatal(err)
	}
	o, err := scenarios.Run("walk", s, scenarios.Options{})
	if err != nil {
		b.Fatal(err)
	}
	text, err := o.Result.JSON()
	if err != nil {
		b.Fatal(err)
	}
	db, err := store.Open(filepath.Join(b.TempDir(), "runs.sqlite"))
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	for i := 0; b.Loop(); i++ {
		if err := db.Put(store.Run{Key: d.key("v", 0, i), Summary: text}, store.Place{Point: 0, Replication: i}); err != nil {
			b.Fatal(err)
		}
	}
}
