package sweep

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"dsmipsim/reports"
	"dsmipsim/scenarios"
	"dsmipsim/sim/vtime"
)

// Runs returns how many runs there are, with a stop rule at most, and into how many shards they can
// be divided so that none is empty.
func (d *Design) Runs() (runs, shards int) {
	for i := range d.points {
		runs += newSeries(d, i, Shard{}).most()
	}
	if d.rule != nil {
		return runs, len(d.points)
	}
	return runs, runs
}

// Cost estimates how long one run takes on this machine, in real time: it does the first one, but
// no longer than the budget says.
func (d *Design) Cost(ctx context.Context, budget time.Duration) (time.Duration, error) {
	s, err := d.load(0)
	if err != nil {
		return 0, err
	}
	within, cancel := context.WithTimeout(ctx, budget)
	defer cancel()
	var reached vtime.Time
	began := time.Now()
	// If it fails, the sweep will tell.
	_, _ = scenarios.Run(d.name, s, scenarios.Options{Context: within, Progress: func(now vtime.Time, _ uint64) { reached = now }})
	took := time.Since(began)
	switch {
	case ctx.Err() != nil:
		return 0, ctx.Err()
	case within.Err() != nil && reached > 0:
		return time.Duration(float64(took) * float64(s.Duration) / float64(reached)), nil
	case within.Err() != nil:
		return budget, nil
	}
	return took, nil
}

// BeginShards takes a directory for a sweep that is run in shards. An earlier result there is removed,
// unless it is to be resumed. A *RefusedError, or one of package reports, tells that the directory is
// not taken.
func (d *Design) BeginShards(dir string, resume bool) error {
	if resume {
		if err := mayShard(dir); err != nil {
			return err
		}
	} else if _, err := d.mayTake(dir, false); err != nil {
		return err
	} else if err := empty(dir); err != nil {
		return err
	}
	return os.MkdirAll(filepath.Join(dir, shardFolder), 0o777)
}

// HasShard reports whether a shard is in the directory, complete and of this sweep. One of another
// sweep is an error.
func (d *Design) HasShard(dir string, shard Shard, version string) (bool, error) {
	return d.complete(filepath.Join(dir, shardFolder, shard.file()), version)
}

// WriteScenario writes the scenario of the sweep into a folder, scenario.toml and the files that it
// names: to sweep that gives the same results.
func (d *Design) WriteScenario(dir string) error {
	for i := range d.Files {
		at := filepath.Join(dir, filepath.FromSlash(d.Files[i].Name))
		if err := os.MkdirAll(filepath.Dir(at), 0o777); err != nil {
			return err
		}
		if err := reports.Replace(at, d.Files[i].Data); err != nil {
			return err
		}
	}
	return reports.Replace(filepath.Join(dir, scenarioFile), d.scenarioText())
}
