package sweep

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"dsmipsim/scenarios/sweep/store"
)

// Run carries out a sweep and writes it into a directory.
func (d *Design) Run(ctx context.Context, dir string, o Options) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	db, err := store.Open(filepath.Join(dir, storeFile))
	if err != nil {
		return err
	}
	runs, err := d.execute(ctx, db, o)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	if err := db.Finish(); err != nil {
		return err
	}
	if err := replace(filepath.Join(dir, "scenario.toml"), d.Given); err != nil {
		return err
	}
	_, err = d.exports(runs).write(dir)
	return err
}

// exports puts together what a sweep shows.
func (d *Design) exports(runs [][]observed) *exports {
	e := &exports{runs: runs, summary: summary{
		Format: Format, Scenario: d.name, Mode: string(d.Base.Protocol.Mode), Seed: d.Base.Seed,
		Factors: append([]Factor{}, d.Factors...), Metrics: append([]string{}, d.Metrics...), Points: []pointSummary{},
	}}
	for i, p := range d.points {
		e.summary.Points = append(e.summary.Points, pointSummary{
			Point: Point{Index: i, Values: append([]string{}, p.values...), Replications: len(runs[i])},
		})
	}
	e.summarize()
	return e
}
