package sweep

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"dsmipsim/reports"
	"dsmipsim/scenarios"
	"dsmipsim/scenarios/sweep/store"
)

// More files of a sweep's directory.
const (
	scenarioFile = "scenario.toml"
	manifestFile = "manifest.json"
	runsFile     = "runs.csv"
	pointsFile   = "points.csv"
	shardFolder  = "shards"
)

// RefusedError tells that a directory is not taken for a sweep.
type RefusedError struct{ Why string }

// Error says why, and what to do.
func (e *RefusedError) Error() string { return e.Why }

func refused(format string, args ...any) error { return &RefusedError{fmt.Sprintf(format, args...)} }

// Failure is a run that failed.
type Failure struct {
	Point, Replication int
	Sets               []string // the overrides of the point
	Error              string
}

// Report is how a sweep ended.
type Report struct {
	Runs     int // that count
	Failures []Failure
	Points   []Described
	Wide     int // points that have the most replications, and a metric that is not known as well as the stop rule wants
}

// Described is a point with its statistics.
type Described struct {
	Point
	Failed     int
	Statistics []*Statistics // by metric
}

// Directory is the directory of a sweep that is under way. Only one process has it at a time.
type Directory struct {
	design *Design
	dir    string
	db     *store.Store
	// Differences from what the directory was begun with, in words; nil if there is none. Runs
	// that both have are not run again.
	Differences []string
}

// Begin takes a directory for a sweep. An earlier result there is replaced, unless it is to be
// resumed; then what is in the store is not run again. A *RefusedError, or one of package reports,
// tells that the directory is not taken; store.ErrInUse that another process has it.
func (d *Design) Begin(dir string, resume bool, version string) (*Directory, error) {
	unfinished, err := d.mayTake(dir, resume)
	if err != nil {
		return nil, err
	}
	if !resume && !unfinished {
		if err := empty(dir); err != nil {
			return nil, err
		}
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	db, err := store.Open(filepath.Join(dir, storeFile))
	if err != nil {
		return nil, err
	}
	b := &Directory{design: d, dir: dir, db: db}
	if resume {
		b.Differences, err = d.differences(db, version)
	}
	err = errors.Join(err, d.describe(db, version))
	// Nobody takes the directory for complete while it is not.
	for _, name := range []string{manifestFile, summaryFile} {
		if removing := os.Remove(filepath.Join(dir, name)); !errors.Is(removing, fs.ErrNotExist) {
			err = errors.Join(err, removing)
		}
	}
	if err = errors.Join(err, sweepUp(dir)); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return b, nil
}

// sweepUp removes artefacts that a process which was killed had not yet given their names.
func sweepUp(dir string) error {
	var err error
	for _, name := range []string{summaryFile, scenarioFile, manifestFile, runsFile, pointsFile, storeFile} {
		left, _ := filepath.Glob(filepath.Join(dir, "."+name+".*")) // the pattern is one
		for _, file := range left {
			err = errors.Join(err, os.Remove(file))
		}
	}
	return err
}

// mayTake tells whether a directory may be taken, and whether it holds a sweep that is not complete.
func (d *Design) mayTake(dir string, resume bool) (unfinished bool, err error) {
	has := func(name string) bool {
		_, err := os.Stat(filepath.Join(dir, name))
		return err == nil
	}
	switch stored, complete := has(storeFile), has(manifestFile); {
	case stored && !complete && !resume:
		return true, refused("%s holds a sweep that is not complete: continue it with --resume, or remove it", dir)
	case stored && resume:
		return !complete, nil
	case has(shardFolder) && !complete:
		return false, refused("%s holds shards of a sweep: put them together with `dsmipsim merge %s`, go on with --engine slurm --resume, or remove it", dir, dir)
	case complete && resume:
		return false, refused("%s holds a result that is no sweep: there is nothing to resume", dir)
	}
	return false, reports.Replaceable(dir)
}

// empty removes what is in a directory.
func empty(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	// The manifest, which tells that all is ours, goes last.
	slices.SortStableFunc(entries, func(a, b os.DirEntry) int {
		if a.Name() == manifestFile {
			return 1
		} else if b.Name() == manifestFile {
			return -1
		}
		return 0
	})
	for _, e := range entries {
		err = errors.Join(err, os.RemoveAll(filepath.Join(dir, e.Name())))
	}
	return err
}

// What a store says of itself.
const (
	aboutScenario = "scenario"
	aboutName     = "name"
	aboutVersion  = "version"
)

func (d *Design) describe(db *store.Store, version string) error {
	return errors.Join(db.Describe(aboutScenario, string(d.Given)), db.Describe(aboutName, d.name), db.Describe(aboutVersion, version))
}

// differences says in what a sweep differs from the one that a store was made for.
func (d *Design) differences(db *store.Store, version string) ([]string, error) {
	was, err := db.About(aboutScenario)
	if err != nil || was == "" {
		return nil, err
	}
	before, err := db.About(aboutVersion)
	if err != nil {
		return nil, err
	}
	var all []string
	if before != version {
		all = append(all, fmt.Sprintf("version: was %s, is %s", before, version))
	}
	old, now := strings.Split(was, "\n"), strings.Split(string(d.Given), "\n")
	for _, l := range old {
		if !slices.Contains(now, l) {
			all = append(all, "scenario: was "+l)
		}
	}
	for _, l := range now {
		if !slices.Contains(old, l) {
			all = append(all, "scenario: is  "+l)
		}
	}
	return all, nil
}

// Run carries out a sweep and writes its artefacts. If it is interrupted, or fails, what is done is
// kept and can be resumed. The manifest tells where the sweep comes from.
func (b *Directory) Run(ctx context.Context, o Options, m reports.Manifest) (*Report, error) {
	x, err := b.design.execute(ctx, b.db, o)
	if err != nil {
		return nil, errors.Join(err, b.db.Close())
	}
	if err := b.db.Settle(); err != nil {
		return nil, errors.Join(err, b.db.Close())
	}
	r, err := x.write(b.dir, m) // while nobody else has the directory
	return r, errors.Join(err, b.db.Close())
}

// write writes the artefacts of a sweep of which all runs are done.
func (x *executor) write(dir string, m reports.Manifest) (*Report, error) {
	m.Format, m.Kind, m.Scenario, m.Seed = reports.ManifestFormat, reports.KindSweep, x.name, x.Base.Seed
	m.Files = []string{pointsFile, runsFile, storeFile, scenarioFile, summaryFile}
	m.Inputs = nil
	for i := range x.Files {
		f := &x.Files[i]
		m.Inputs = append(m.Inputs, reports.Input{Path: f.Path, SHA256: f.SHA256(), Octets: len(f.Data), File: f.Name})
		m.Files = append(m.Files, f.Name)
	}
	slices.Sort(m.Files)
	if err := x.WriteScenario(dir); err != nil {
		return nil, err
	}
	e := x.exports()
	text, err := e.write(dir)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	m.Fingerprint.Result = hex.EncodeToString(sum[:])
	if text, err = m.Encode(); err == nil {
		err = reports.Replace(filepath.Join(dir, manifestFile), text)
	}
	r := e.report(x.Design)
	for _, p := range x.points {
		if p.wide() {
			r.Wide++
		}
	}
	return r, err
}

// scenarioText is the content of scenario.toml: running a point of it, or sweeping it, gives the
// same results.
func (d *Design) scenarioText() []byte {
	head := scenarios.NameMark + d.name + "\n# The scenario of a sweep, overrides included.\n\n"
	return append([]byte(head), d.Given...)
}

// exports puts together what a sweep shows.
func (x *executor) exports() *exports {
	e := &exports{summary: summary{
		Format: Format, Scenario: x.name, Mode: string(x.Base.Protocol.Mode), Seed: x.Base.Seed,
		Factors: append([]Factor{}, x.Factors...), Metrics: append([]string{}, x.Metrics...), Points: []pointSummary{},
	}}
	for i, p := range x.Design.points {
		e.runs = append(e.runs, x.points[i].counted())
		e.summary.Points = append(e.summary.Points, pointSummary{
			Point: Point{Index: i, Values: append([]string{}, p.values...), Replications: len(e.runs[i])},
		})
	}
	e.summarize()
	return e
}

// report is what people are told at once.
func (e *exports) report(d *Design) *Report {
	r := &Report{}
	for i, p := range e.summary.Points {
		r.Runs += p.Replications
		shown := Described{Point: p.Point, Failed: p.Failed}
		for _, path := range e.summary.Metrics {
			shown.Statistics = append(shown.Statistics, p.Metrics[path])
		}
		r.Points = append(r.Points, shown)
		for k, run := range e.runs[i] {
			if run.problem != "" {
				r.Failures = append(r.Failures, Failure{Point: i, Replication: k, Sets: d.points[i].sets, Error: run.problem})
			}
		}
	}
	return r
}
