package sweep

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/sync/errgroup"

	"dsmipsim/reports"
	"dsmipsim/scenarios"
	"dsmipsim/scenarios/spec"
)

// Shards that are put together give the exports of one sweep, with a number of replications and with
// a stop rule.
func TestShardsMakeTheSameSweep(t *testing.T) {
	for name, sets := range map[string][]string{
		"number": {"duration=2s", "sweep.replications=3"},
		"rule":   {"duration=2s", `sweep.until={metric="events",relative_ci=0.01,min=2,max=6}`},
	} {
		d := walk(t, sets...)
		whole, parts := filepath.Join(t.TempDir(), "whole"), filepath.Join(t.TempDir(), "parts")
		carryOut(t, d, whole, Options{Version: "v"})
		const n = 5
		for i := n; i >= 1; i-- { // in whatever order
			if i == 2 {
				if _, _, err := Merge(t.Context(), parts, nil, reports.Manifest{}); err == nil || !strings.Contains(err.Error(), "2 of 5 shards are missing: 1/5, 2/5") {
					t.Errorf("%s: merged too early: %v", name, err)
				}
				if IsSweep(parts) {
					t.Errorf("%s: something was written", name)
				}
			}
			if failed, err := d.RunShard(t.Context(), parts, Shard{i, n}, Options{Version: "v"}); failed != 0 || err != nil {
				t.Fatalf("%s: shard %d: %d failed, %v", name, i, failed, err)
			}
		}
		if _, _, err := Merge(t.Context(), parts, nil, reports.Manifest{}); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		same(t, whole, parts)
		if s, err := Open(parts); err != nil || len(s.Points) != 12 {
			t.Errorf("%s: read %+v: %v", name, s, err)
		}
		// From elsewhere, too, and again.
		files, _ := filepath.Glob(filepath.Join(parts, "shards", "*.sqlite"))
		other := filepath.Join(t.TempDir(), "other")
		for range 2 {
			if _, _, err := Merge(t.Context(), other, files, reports.Manifest{}); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		same(t, whole, other)
	}
}

// Every run is dealt to one shard.
func TestShardsDealAllRuns(t *testing.T) {
	for _, d := range []*Design{walk(t, "sweep.replications=7"), walk(t, `sweep.until={metric="events",relative_ci=0.1,min=7,max=7}`)} {
		for n := 1; n <= 13; n++ {
			dealt := 0
			for i := 1; i <= n; i++ {
				for p := range d.points {
					s := newSeries(d, p, Shard{i, n})
					for {
						if _, ok := s.take(false); !ok {
							break
						}
						dealt++
					}
				}
			}
			if dealt != 7*len(d.points) {
				t.Errorf("%d runs were dealt to %d shards, want %d", dealt, n, 7*len(d.points))
			}
		}
	}
}

// stopsAfter ends a context when so many runs have begun.
func stopsAfter(n int32, cancel context.CancelFunc) func(string, *spec.Spec, scenarios.Options) (*scenarios.Outcome, error) {
	var begun atomic.Int32
	return func(name string, s *spec.Spec, o scenarios.Options) (*scenarios.Outcome, error) {
		if begun.Add(1) > n {
			cancel()
			return nil, o.Context.Err()
		}
		return scenarios.Run(name, s, o)
	}
}

// An interrupted shard goes on from what it has; one that is complete runs nothing.
func TestShardGoesOn(t *testing.T) {
	d := walk(t, "duration=2s", "sweep.replications=2")
	dir := filepath.Join(t.TempDir(), "parts")
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := d.RunShard(ctx, dir, Shard{1, 2}, Options{Jobs: 1, Version: "v", Run: stopsAfter(5, cancel)}); !errors.Is(err, context.Canceled) {
		t.Fatalf("interrupted: %v", err)
	}
	var ran, found int
	finished := func(p Progress) { ran, found = p.Done-p.Found, p.Found }
	for _, want := range [][2]int{{7, 5}, {0, 0}} {
		ran, found = 0, 0
		if _, err := d.RunShard(t.Context(), dir, Shard{1, 2}, Options{Version: "v", Finished: finished}); err != nil {
			t.Fatal(err)
		}
		if ran != want[0] || found != want[1] {
			t.Errorf("%d runs were run and %d found, want %v", ran, found, want)
		}
	}
	if _, err := d.RunShard(t.Context(), dir, Shard{1, 2}, Options{Version: "w"}); err == nil || !strings.Contains(err.Error(), "version: was v, is w") {
		t.Errorf("another version: %v", err)
	}
	if _, err := walk(t, "duration=3s", "sweep.replications=2").RunShard(t.Context(), dir, Shard{1, 2}, Options{Version: "v"}); err == nil || !strings.Contains(err.Error(), `scenario: was duration = "2s"`) {
		t.Errorf("another scenario: %v", err)
	}
	if _, err := d.RunShard(t.Context(), dir, Shard{2, 3}, Options{Version: "v"}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Merge(t.Context(), dir, nil, reports.Manifest{}); err == nil || !strings.Contains(err.Error(), "is of 2 shards") {
		t.Errorf("shards of 2 and of 3 were put together: %v", err)
	}
}

// Several processes that run the same shard at once do not disturb each other, nor does what is
// left of one that wrote nonsense.
func TestShardTwins(t *testing.T) {
	d := walk(t, "duration=2s", "sweep.replications=2")
	whole, dir := filepath.Join(t.TempDir(), "whole"), filepath.Join(t.TempDir(), "parts")
	carryOut(t, d, whole, Options{Version: "v"})
	if err := os.MkdirAll(filepath.Join(dir, "shards"), 0o777); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"a": "", "b": "nonsense", "c": "SQLite format 3\x00 nonsense"} {
		if err := os.WriteFile(filepath.Join(dir, "shards", "1-of-1.sqlite."+name+".part"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var group errgroup.Group
	for range 4 {
		group.Go(func() error {
			_, err := d.RunShard(t.Context(), dir, Shard{1, 1}, Options{Jobs: 1, Version: "v"})
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Merge(t.Context(), dir, nil, reports.Manifest{}); err != nil {
		t.Fatal(err)
	}
	if err := Tidy(dir); err != nil {
		t.Fatal(err)
	}
	same(t, whole, dir)
	if left, _ := filepath.Glob(filepath.Join(dir, "shards", "*")); len(left) != 1 {
		t.Errorf("left: %v", left)
	}
}

// A damaged shard, and one without a run, are told of.
func TestMergeMistakes(t *testing.T) {
	d := walk(t, "duration=2s", "sweep.replications=1")
	dir := filepath.Join(t.TempDir(), "parts")
	if _, _, err := Merge(t.Context(), dir, nil, reports.Manifest{}); err == nil || !strings.Contains(err.Error(), "found no shard") {
		t.Errorf("nothing was put together: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err := d.RunShard(ctx, dir, Shard{1, 1}, Options{Jobs: 1, Version: "v", Run: stopsAfter(10, cancel)})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	part, _ := filepath.Glob(filepath.Join(dir, "shards", "*.part"))
	if _, _, err := Merge(t.Context(), filepath.Join(t.TempDir(), "new"), part, reports.Manifest{}); err == nil || !strings.Contains(err.Error(), "2 runs are missing in the shards: replication 0 of point 10") {
		t.Errorf("put together without two runs: %v", err)
	}
	broken := filepath.Join(t.TempDir(), "broken.sqlite")
	if err := os.WriteFile(broken, []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Merge(t.Context(), filepath.Join(t.TempDir(), "new"), []string{broken}, reports.Manifest{}); err == nil || !strings.Contains(err.Error(), "broken.sqlite") {
		t.Errorf("nonsense was put together: %v", err)
	}
}

// Shards that begin in the same moment do not take what the others make for somebody else's.
func TestShardsBeginAtOnce(t *testing.T) {
	root := t.TempDir()
	for i := range 200 {
		dir := filepath.Join(root, strconv.Itoa(i))
		var group errgroup.Group
		for range 8 {
			group.Go(func() error {
				if err := mayShard(dir); err != nil {
					return err
				}
				return os.MkdirAll(filepath.Join(dir, shardFolder), 0o777)
			})
		}
		if err := group.Wait(); err != nil {
			t.Fatal(err)
		}
	}
}
