package sweep

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"dsmipsim/scenarios"
	"dsmipsim/scenarios/spec"
)

// Source is a scenario with a sweep in it, as spec.LoadFiles takes it.
type Source struct {
	Name  string // of the scenario, in results
	File  string // in messages
	Text  []byte
	Sets  []string // overrides
	Files spec.Files
}

// Design is a sweep that is worked out and checked: which points there are, and what is run.
type Design struct {
	Base    *spec.Spec // the scenario as it stands, with the sweep
	Given   []byte     // the scenario as it is given, overrides included: what scenario.toml holds
	Files   []spec.File
	Factors []Factor
	Metrics []string

	name    string
	metrics []scenarios.Metric // those of Metrics, and that of the stop rule
	points  []point
	rule    *rule // nil if the number of replications is given
}

// point is one combination of factor values.
type point struct {
	values []string
	sets   []string // the overrides that make it
	digest string   // of all that its results depend on, beside seed, replication and version
}

// New works out the sweep of a scenario. The scenario of every point is loaded and checked; the
// error is that of the first point that cannot be run.
func New(src Source) (*Design, error) {
	base, err := spec.LoadFiles(src.File, src.Text, src.Sets, src.Files)
	if err != nil {
		return nil, err
	}
	d := &Design{Base: base, Files: base.Files, name: src.Name}
	if d.Given, err = spec.Given(src.File, src.Text, src.Sets, src.Files); err != nil {
		return nil, err
	}
	if err := scenarios.CheckExpectations(base); err != nil {
		return nil, fmt.Errorf("%s: %w", src.File, err)
	}
	if base.Sweep == nil {
		base.Sweep = &spec.Sweep{Replications: 1}
	}
	if err := d.measure(base.Sweep); err != nil {
		return nil, err
	}
	for i := range base.Sweep.Factors {
		f := &base.Sweep.Factors[i]
		factor := Factor{Set: f.Set, Name: cmp.Or(f.Name, f.Set)}
		for _, v := range f.Values {
			factor.Values = append(factor.Values, spec.FormatValue(v))
		}
		d.Factors = append(d.Factors, factor)
	}
	for _, chosen := range base.Sweep.Points() {
		var p point
		for i, v := range chosen {
			value := d.Factors[i].Values[v]
			p.values = append(p.values, value)
			p.sets = append(p.sets, d.Factors[i].Set+"="+value)
		}
		d.points = append(d.points, p)
	}
	return d, d.check(src)
}

// measure settles what is measured of each run, and the stop rule.
func (d *Design) measure(s *spec.Sweep) error {
	d.Metrics = s.Metrics
	if len(d.Metrics) == 0 {
		d.Metrics = defaultMetrics(d.Base)
	}
	paths := d.Metrics
	if u := s.Until; u != nil {
		at := slices.Index(paths, u.Metric)
		if at < 0 && len(s.Metrics) == 0 { // who wants to know it well wants to see it
			d.Metrics = slices.Insert(slices.Clone(paths), 0, u.Metric)
			paths, at = d.Metrics, 0
		} else if at < 0 {
			at, paths = len(paths), append(slices.Clone(paths), u.Metric)
		}
		d.rule = &rule{metric: at, relative: u.RelativeCI, min: u.Min, max: u.Max}
	}
	for _, path := range paths {
		m, err := scenarios.ParseMetric(path)
		if err != nil {
			return err
		}
		d.metrics = append(d.metrics, m)
	}
	return nil
}

// check loads every point.
func (d *Design) check(src Source) error {
	errs := make([]error, len(d.points))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i := range d.points {
		group.Go(func() error {
			s, err := d.load(i)
			if errs[i] = err; err == nil {
				d.points[i].digest = d.digest(s)
			}
			return nil // the other points may be wrong, too
		})
	}
	_ = group.Wait() // which returns none
	for i, err := range errs {
		if err == nil {
			continue
		}
		sets := d.points[i].sets
		// The same with the lines of the file that the user has, if it fails there, too.
		if _, here := spec.LoadFiles(src.File, src.Text, slices.Concat(src.Sets, sets), src.Files); here != nil {
			err = here
		}
		if len(sets) == 0 {
			return err
		}
		return fmt.Errorf("with %s:\n%w", strings.Join(sets, " and "), err)
	}
	return nil
}

// load returns the scenario of a point.
func (d *Design) load(i int) (*spec.Spec, error) {
	s, err := spec.LoadFiles(d.name, d.Given, d.points[i].sets, spec.Files{Beside: d.file, Here: d.file})
	if err != nil {
		return nil, err
	}
	s.Sweep = nil
	return s, scenarios.Prepare(s)
}

// file returns the octets of a file that the scenario names.
func (d *Design) file(name string) ([]byte, error) {
	for i := range d.Files {
		if d.Files[i].Name == name {
			return d.Files[i].Data, nil
		}
	}
	return nil, fs.ErrNotExist
}

// digest hashes what a scenario says.
func (d *Design) digest(s *spec.Spec) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%s", d.name, s.Encode())
	for i := range s.Files {
		fmt.Fprintf(h, "\n%s %s", s.Files[i].Name, s.Files[i].SHA256())
	}
	return hex.EncodeToString(h.Sum(nil))
}

// key tells all that the result of a run depends on.
func (d *Design) key(version string, point, replication int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "dsmipsim/run/1\n%s\n%s\n%d\n", version, d.points[point].digest, replication))
	return hex.EncodeToString(sum[:])
}

// Points returns how many points there are.
func (d *Design) Points() int { return len(d.points) }
