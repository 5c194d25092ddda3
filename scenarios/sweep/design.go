package sweep

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"runtime"
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
	if base.Sweep == nil {
		base.Sweep = &spec.Sweep{Replications: 1}
	}
	for _, f := range base.Sweep.Factors {
		factor := Factor{Set: f.Set, Name: f.Set}
		for _, v := range f.Values {
			factor.Values = append(factor.Values, spec.FormatValue(v))
		}
		d.Factors = append(d.Factors, factor)
	}
	d.Metrics = defaultMetrics(base)
	for _, path := range d.Metrics {
		m, err := scenarios.ParseMetric(path)
		if err != nil {
			return nil, err
		}
		d.metrics = append(d.metrics, m)
	}
	d.combine(nil)
	return d, d.check()
}

// combine makes the points: all combinations of values that begin so, the last factor fastest.
func (d *Design) combine(chosen []string) {
	if len(chosen) < len(d.Factors) {
		for _, v := range d.Factors[len(chosen)].Values {
			d.combine(append(chosen[:len(chosen):len(chosen)], v))
		}
		return
	}
	p := point{values: chosen}
	for i, v := range chosen {
		p.sets = append(p.sets, d.Factors[i].Set+"="+v)
	}
	d.points = append(d.points, p)
}

// check loads every point.
func (d *Design) check() error {
	errs := make([]error, len(d.points))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i := range d.points {
		group.Go(func() error {
			s, err := d.load(i)
			if err != nil {
				errs[i] = err
				return nil
			}
			d.points[i].digest = d.digest(s)
			return nil
		})
	}
	_ = group.Wait() // which returns none
	for i, err := range errs {
		if err != nil {
			return fmt.Errorf("point %d (%s): %w", i, strings.Join(d.points[i].sets, ", "), err)
		}
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
