// Package sweep runs a scenario for every combination of its factors' values, each with many
// replications, and reads back what such a sweep has written.
//
//	s, err := sweep.Open("out")
//	values, err := s.Measure("handovers[to=campus].latency_s") // per point and replication
package sweep

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"dsmipsim/reports/result"
	"dsmipsim/scenarios"
	"dsmipsim/scenarios/sweep/store"
)

// Format names the layout of sweep.json. A change that breaks a reader raises its number.
const Format = "dsmipsim/sweep/1"

// Files of a sweep's directory.
const (
	summaryFile = "sweep.json"
	storeFile   = "runs.sqlite"
)

// Factor is a key that a sweep varies.
type Factor struct {
	Set    string   `json:"set"`    // path of the key, as for --set
	Name   string   `json:"name"`   // for axes and columns; the path if the scenario gives none
	Values []string `json:"values"` // as TOML, in the order of the scenario
}

// Point is one combination of the factors' values.
type Point struct {
	Index  int      `json:"index"`  // from 0, in the order of the scenario, the last factor fastest
	Values []string `json:"values"` // one for each factor, as TOML
	// Replications is how many runs of the point count: 0 to Replications - 1.
	Replications int `json:"replications"`
}

// Run is one run of a sweep.
type Run struct {
	Point, Replication int
	Error              string         // why it failed; "" if it did not
	Result             *result.Result // nil if it failed
}

// Value is what a metric is in one run.
type Value struct {
	Replication int
	V           float64
}

// Sweep is a sweep that is complete.
type Sweep struct {
	Scenario string
	Mode     string // of the scenario as it stands, if no factor varies it
	Seed     int64
	Factors  []Factor
	Metrics  []string // that the tables show
	Points   []Point
	Failed   int // runs that failed, of all points

	dir    string
	failed []int // runs of each point
}

// IsSweep reports whether a directory holds a complete sweep.
func IsSweep(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, summaryFile))
	return err == nil
}

// Open reads the directory of a complete sweep.
func Open(dir string) (*Sweep, error) {
	file := filepath.Join(dir, summaryFile)
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, notComplete(dir)
	}
	if err != nil {
		return nil, err
	}
	var in summary
	if err := json.Unmarshal(text, &in); err != nil || in.Format != Format {
		return nil, errors.Join(fmt.Errorf("%s: found format %q, wanted %q", file, in.Format, Format), err)
	}
	s := &Sweep{Scenario: in.Scenario, Mode: in.Mode, Seed: in.Seed, Factors: in.Factors, Metrics: in.Metrics, dir: dir}
	for _, p := range in.Points {
		if len(p.Values) != len(in.Factors) || p.Index != len(s.Points) {
			return nil, fmt.Errorf("%s: point %d does not fit the factors and the points before it", file, p.Index)
		}
		s.Points = append(s.Points, p.Point)
		s.Failed += p.Failed
		s.failed = append(s.failed, p.Failed)
	}
	return s, nil
}

// Unfinished reports whether a directory holds a sweep that is not complete.
func Unfinished(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, storeFile))
	return err == nil && !IsSweep(dir)
}

// notComplete says what a directory is that holds no complete sweep.
func notComplete(dir string) error {
	info, err := os.Stat(dir)
	switch {
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("%s: found a file, wanted the directory of a sweep", dir)
	}
	if Unfinished(dir) {
		return fmt.Errorf("%s: the sweep is not complete: continue it with sweep --resume", dir)
	}
	return fmt.Errorf("%s: found no %s, wanted the directory of a sweep", dir, summaryFile)
}

// Each calls a function with every run that counts, in order of points and replications, until it
// returns an error.
func (s *Sweep) Each(visit func(Run) error) error {
	return s.each(func(p store.Place, kept store.Run) error {
		run := Run{Point: p.Point, Replication: p.Replication, Error: kept.Error}
		if run.Error == "" {
			var err error
			if run.Result, err = result.Read(bytes.NewReader(kept.Summary)); err != nil {
				return err
			}
		}
		return visit(run)
	})
}

// Run returns one run of the sweep.
func (s *Sweep) Run(point, replication int) (Run, error) {
	db, err := store.Read(filepath.Join(s.dir, storeFile))
	if err != nil {
		return Run{}, err
	}
	defer db.Close()
	kept, ok, err := db.At(store.Place{Point: point, Replication: replication})
	if err != nil || !ok {
		return Run{}, errors.Join(fmt.Errorf("%s: found no replication %d of point %d", s.dir, replication, point), err)
	}
	run := Run{Point: point, Replication: replication, Error: kept.Error}
	if run.Error == "" {
		run.Result, err = result.Read(bytes.NewReader(kept.Summary))
	}
	return run, err
}

// Measure returns, for each point, what a metric is in its runs, in order of replications: the mean
// of the numbers that a path into summary.json selects. Failed runs and those without a value are
// left out.
func (s *Sweep) Measure(path string) ([][]Value, error) {
	all, err := s.MeasureAll([]string{path})
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// MeasureAll is Measure for several metrics, which reads each run once.
func (s *Sweep) MeasureAll(paths []string) ([][][]Value, error) {
	metrics := make([]scenarios.Metric, len(paths))
	all := make([][][]Value, len(paths))
	for i, path := range paths {
		var err error
		if metrics[i], err = scenarios.ParseMetric(path); err != nil {
			return nil, err
		}
		all[i] = make([][]Value, len(s.Points))
	}
	err := s.each(func(p store.Place, kept store.Run) error {
		if kept.Error != "" {
			return nil
		}
		text, err := scenarios.ParseSummary(kept.Summary)
		if err != nil {
			return err
		}
		for i, m := range metrics {
			v, ok, err := m.Mean(text)
			if err != nil {
				return err
			}
			if ok {
				all[i][p.Point] = append(all[i][p.Point], Value{Replication: p.Replication, V: v})
			}
		}
		return nil
	})
	return all, err
}

// Describe returns the statistics of metrics at each point.
func (s *Sweep) Describe(metrics []string) ([]Described, error) {
	values, err := s.MeasureAll(metrics)
	if err != nil {
		return nil, err
	}
	points := make([]Described, len(s.Points))
	for i, p := range s.Points {
		points[i].Point, points[i].Failed = p, s.failed[i]
		for m := range metrics {
			var x []float64
			for _, v := range values[m][i] {
				x = append(x, v.V)
			}
			points[i].Statistics = append(points[i].Statistics, Describe(x))
		}
	}
	return points, nil
}

// each visits the runs that count.
func (s *Sweep) each(visit func(store.Place, store.Run) error) error {
	db, err := store.Read(filepath.Join(s.dir, storeFile))
	if err != nil {
		return err
	}
	defer db.Close()
	return db.Each(func(p store.Place, kept store.Run) error {
		if p.Point >= len(s.Points) || p.Replication >= s.Points[p.Point].Replications {
			return nil // computed in advance and not needed
		}
		return visit(p, kept)
	})
}
