package main

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"gonum.org/v1/gonum/stat"

	"dsmipsim/reports/plot"
	"dsmipsim/reports/statistics"
	"dsmipsim/scenarios"
	"dsmipsim/scenarios/spec"
)

// curveName is what `plot` calls a curve of a metric against a key.
const curveName = "curve"

// confidence is the level of the bands.
const confidence = 0.95

// factorFlags say what a curve shows.
type factorFlags struct {
	x, y, by string
}

func (f *factorFlags) check(kinds []string) error {
	switch {
	case f.x == "" && f.y == "" && f.by == "":
		return nil
	case f.x == "":
		return usagef("found --y or --by without --x, wanted the key that the curve is drawn against")
	case f.y == "":
		return usagef("found --x without --y, wanted the metric that the curve shows")
	case len(kinds) > 0:
		return usagef("found --kind and --x, wanted one of them")
	}
	return nil
}

// observation is what one run contributes to a curve.
type observation struct {
	x, by string // values of keys
	y     float64
}

// figure draws the metric of the runs against the key of their scenarios.
func (f *factorFlags) figure(dirs []string, runs []plot.Run) (*plot.Figure, error) {
	var all []observation
	without := 0
	for i, dir := range dirs {
		values, err := f.keys(dir)
		if err != nil {
			return nil, err
		}
		found, err := scenarios.Measure(runs[i].Result, f.y)
		if err != nil {
			return nil, usagef("--y: %w", err)
		}
		if len(found) == 0 {
			without++
			continue
		}
		// Of several values of one run, such as its handovers, the mean counts: they are not
		// independent as runs are.
		all = append(all, observation{x: values[0], by: values[1], y: stat.Mean(found, nil)})
	}
	q := quantityOf(f.y)
	axes := plot.Axes{Title: strings.ToUpper(q.name[:1]) + q.name[1:] + " against " + f.x, Y: q.label()}
	var position map[string]float64
	position, axes.Values, axes.X = axisOf(f.x, all)
	curves, replicated := curvesOf(all, position, q.factor, f.by)
	if replicated {
		axes.Note = fmt.Sprintf("Means of runs; bands: %g %% confidence (Student's t).", confidence*100)
	}
	if without > 0 {
		axes.Note = strings.TrimSpace(fmt.Sprintf("%s %d of %d runs have no value.", axes.Note, without, len(runs)))
	}
	return plot.Factor(axes, curves), nil
}

// keys returns the values of --x and --by in the scenario of a run, as TOML has them.
func (f *factorFlags) keys(dir string) (values [2]string, err error) {
	file := filepath.Join(dir, "scenario.toml")
	text, err := readFile(file)
	if err != nil {
		return values, usagef("plot: %w", err)
	}
	all, err := spec.Explain(file, text, nil, filesBeside(file))
	if err != nil {
		return values, invalid(err)
	}
	for i, key := range []string{f.x, f.by} {
		if key == "" {
			continue
		}
		n := slices.IndexFunc(all, func(x spec.Explained) bool { return x.Path == key })
		if n < 0 {
			var paths []string
			for _, x := range all {
				paths = append(paths, x.Path)
			}
			return values, usagef("%s: no key is called %s%s\n`dsmipsim explain` lists them.", file, key, didYouMean(key, paths))
		}
		values[i] = all[n].Value
	}
	return values, nil
}

// axisOf places the values of a key on an axis: as numbers with a unit if all are such, else as
// names in the order in which they come.
func axisOf(key string, all []observation) (position map[string]float64, names []string, label string) {
	position = map[string]float64{}
	units := map[string]bool{}
	for _, o := range all {
		v, unit, ok := number(o.x)
		if !ok {
			unit = "?"
		}
		position[o.x] = v
		units[unit] = true
	}
	if len(units) != 1 || units["?"] {
		for _, o := range all {
			if name := strings.ReplaceAll(o.x, `"`, ""); !slices.Contains(names, name) {
				position[o.x] = float64(len(names))
				names = append(names, name)
			}
		}
		return position, names, key
	}
	greatest := 0.0
	for _, v := range position {
		greatest = max(greatest, v)
	}
	for unit := range units {
		name, factor := scaled(unit, greatest)
		for k := range position {
			position[k] /= factor
		}
		label = key
		if name != "" {
			label += " (" + name + ")"
		}
	}
	return position, nil, label
}

// scaled chooses the unit of an axis by its greatest value.
func scaled(unit string, greatest float64) (name string, factor float64) {
	switch {
	case unit == "s" && greatest < 1:
		return "ms", 1e-3
	case unit == "b/s" && greatest >= 1e9:
		return "Gb/s", 1e9
	case unit == "b/s" && greatest >= 1e6:
		return "Mb/s", 1e6
	case unit == "b/s" && greatest >= 1e3:
		return "kb/s", 1e3
	}
	return unit, 1
}

// rate is a data rate in TOML.
var rate = regexp.MustCompile(`^([0-9.]+)([kMG]?)bps$`)

// number reads a value of TOML: a duration in s, a rate in b/s, a size in octets, or a bare number.
func number(text string) (v float64, unit string, ok bool) {
	text = strings.Trim(text, `"`)
	if v, err := strconv.ParseFloat(text, 64); err == nil {
		return v, "", true
	}
	if d, err := time.ParseDuration(text); err == nil {
		return d.Seconds(), "s", true
	}
	if m := rate.FindStringSubmatch(text); m != nil {
		v, err := strconv.ParseFloat(m[1], 64)
		return v * map[string]float64{"": 1, "k": 1e3, "M": 1e6, "G": 1e9}[m[2]], "b/s", err == nil
	}
	if octets, found := strings.CutSuffix(text, "B"); found {
		v, err := strconv.ParseFloat(octets, 64)
		return v, "octets", err == nil
	}
	return 0, "", false
}

// curvesOf makes a curve for each value of --by, of one mean for each value of --x.
func curvesOf(all []observation, position map[string]float64, factor float64, by string) (curves []plot.Curve, replicated bool) {
	var names []string
	for _, o := range all {
		if !slices.Contains(names, o.by) {
			names = append(names, o.by)
		}
	}
	for _, name := range names {
		at := map[float64][]float64{}
		var order []float64
		for _, o := range all {
			if o.by != name {
				continue
			}
			x := position[o.x]
			if _, known := at[x]; !known {
				order = append(order, x)
			}
			at[x] = append(at[x], o.y*factor)
		}
		c := plot.Curve{}
		if by != "" {
			c.Name = by[strings.LastIndex(by, ".")+1:] + " = " + strings.ReplaceAll(name, `"`, "")
		}
		for _, x := range order {
			p := plot.CurvePoint{X: x, Mean: at[x][0], Low: at[x][0], High: at[x][0]}
			if e, err := statistics.Mean(at[x], confidence); err == nil {
				p.Mean, p.Low, p.High = e.Value, e.Low, e.High
				replicated = true
			}
			c.Points = append(c.Points, p)
		}
		curves = append(curves, c)
	}
	return curves, replicated
}

// quantity is a measure of summary.json as an axis shows it.
type quantity struct {
	name, unit string
	factor     float64 // of the value on the axis
}

func (q quantity) label() string {
	if q.unit == "" {
		return q.name
	}
	return q.name + " (" + q.unit + ")"
}

// quantities are the names of measures, by the last keys of their paths.
var quantities = []struct{ end, name string }{
	{"latency_s", "handover latency"},
	{"interruption_s", "interruption"},
	{"l2_s", "layer 2"}, {"detect_s", "movement detection"}, {"address_s", "address configuration"}, {"register_s", "registration"},
	{"route_optimization_s", "route optimization"},
	{"delay.min_s", "least delay"}, {"delay.mean_s", "mean delay"}, {"delay.p50_s", "median delay"}, {"delay.p95_s", "95 % quantile of delay"},
	{"delay.p99_s", "99 % quantile of delay"}, {"delay.max_s", "greatest delay"},
	{"jitter_s", "jitter"}, {"longest_gap_s", "longest gap"}, {"stall_s", "stall"},
	{"lost", "lost packets"}, {"received", "received packets"}, {"overhead_octets", "overhead (octets)"},
	{"goodput_bps", "goodput"}, {"octet_hops", "signalling octets on all links"}, {"mos", "mean opinion score"},
}

// of says which of several values an aggregate at the end of a path takes.
var aggregateOf = map[string]string{"min": "least ", "max": "greatest ", "mean": "mean ", "sum": "total ", "count": "number of values: ", "p50": "median ", "p95": "95 % quantile of "}

var selector = regexp.MustCompile(`\[[^\]]*\]`)

// quantityOf names what a path into summary.json selects. What it narrows down to is added.
func quantityOf(path string) quantity {
	bare := selector.ReplaceAllString(path, "")
	prefix := ""
	if i := strings.LastIndex(bare, "."); i > 0 {
		if p, ok := aggregateOf[bare[i+1:]]; ok && !strings.HasSuffix(bare, "delay."+bare[i+1:]) {
			prefix, bare = p, bare[:i]
		}
	}
	q := quantity{name: bare, factor: 1}
	for _, known := range quantities {
		if bare == known.end || strings.HasSuffix(bare, "."+known.end) {
			q.name = known.name
			break
		}
	}
	switch {
	case prefix == aggregateOf["count"]:
	case strings.HasSuffix(bare, "_s"):
		q.unit, q.factor = "ms", 1e3
	case strings.HasSuffix(bare, "_bps"):
		q.unit, q.factor = "Mb/s", 1e-6
	}
	q.name = prefix + q.name
	var chosen []string
	for _, s := range selector.FindAllString(path, -1) {
		if s = strings.Trim(s, "[]"); s != "" {
			chosen = append(chosen, s)
		}
	}
	if len(chosen) > 0 {
		q.name += ", " + strings.Join(chosen, ", ")
	}
	return q
}
