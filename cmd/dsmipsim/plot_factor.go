package main

import (
	"fmt"
	"slices"
	"strings"

	"dsmipsim/reports/curve"
	"dsmipsim/reports/plot"
	"dsmipsim/reports/quantity"
	"dsmipsim/scenarios"
)

// curveName is what `plot` calls a curve of a metric against a key.
const curveName = "curve"

// confidence is the level of the bands.
const confidence = 0.95

// factorFlags say what a curve shows.
type factorFlags struct {
	x, by     string
	y         []string
	facets    []string
	where     []string
	log       []string
	center    string
	predicted bool
}

// given reports whether any of the flags asks for a curve.
func (f *factorFlags) given() bool {
	return f.x != "" || len(f.y) > 0 || f.by != "" || len(f.facets) > 0 || len(f.where) > 0 || f.predicted
}

// check refuses flags that make no curve. Of sweeps, whose factors are known, --x and --y may be
// left out.
func (f *factorFlags) check(kinds []string, sweeps bool) error {
	switch {
	case f.center != string(curve.Mean) && f.center != string(curve.Median):
		return usagef("--center: found %q, wanted mean or median", f.center)
	case len(f.facets) > 2:
		return usagef("--facet: found %d keys, wanted one for the columns and at most one more for the rows", len(f.facets))
	case len(kinds) > 0 && f.given():
		return usagef("found --kind and --x or another flag of curves, wanted one of them")
	case len(kinds) > 0 && sweeps:
		return usagef("found --kind and a sweep, which has no figures of single runs; wanted the directories of runs")
	case sweeps:
	case f.given() && f.x == "":
		return usagef("found flags of curves without --x, wanted the key that the curve is drawn against")
	case f.given() && len(f.y) == 0:
		return usagef("found --x without --y, wanted the metric that the curve shows")
	}
	for _, axis := range f.log {
		if !slices.Contains([]string{"x", "y", "none"}, axis) {
			return usagef("--log: found %q, wanted x, y or none", axis)
		}
	}
	return nil
}

// roles says which key gives what.
type roles struct{ x, by, facet, row string }

// metricKey is a key whose values are the metrics of a figure.
const metricKey = "metric"

// take gives a key the first place that is free.
func (r *roles) take(key string) bool {
	for _, place := range []*string{&r.x, &r.by, &r.facet, &r.row} {
		if *place == "" {
			*place = key
			return true
		}
	}
	return false
}

func (r *roles) all() []string { return []string{r.x, r.by, r.facet, r.row} }

// figures draws the metrics of runs or sweeps against a key: those of --y in one figure, else each
// quantity among the sweeps' metrics in its own.
func (f *factorFlags) figures(c corpus) (all []picture, err error) {
	if len(f.y) > 0 {
		one, err := f.figure(c, f.y)
		if err != nil {
			return nil, err
		}
		one.name = curveName
		return []picture{one}, nil
	}
	var names []string
	groups := map[string][]string{}
	for _, path := range c.metrics() {
		name := quantity.Of(path).Name
		if groups[name] == nil {
			names = append(names, name)
		}
		groups[name] = append(groups[name], path)
	}
	for _, name := range names {
		one, err := f.figure(c, groups[name])
		if err != nil {
			return nil, err
		}
		one.name = curveName + "-" + slug(name)
		all = append(all, one)
	}
	return all, nil
}

// slug is a text as a part of a file's name.
func slug(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_')
	}), "-")
}

// figure draws some metrics of one quantity.
func (f *factorFlags) figure(c corpus, paths []string) (p picture, err error) {
	q := quantity.Of(paths[0])
	for _, path := range paths[1:] {
		if other := quantity.Of(path); other.Base != q.Base {
			return p, usagef("--y: found metrics in different units, %s and %s; wanted one figure for each", paths[0], path)
		}
	}
	r, held, err := f.roles(c, len(paths) > 1)
	if err != nil {
		return p, err
	}
	variants, order, err := variantsOf(c, paths, r.all())
	if err != nil {
		return p, err
	}
	observations, without, err := f.observe(c, variants, r, held)
	if err != nil {
		return p, err
	}
	if q.Part != "" {
		q.Part = partOf(paths[0])
	}
	if len(paths) > 1 {
		q.Part = ""
	}
	l := curve.Layout{Quantity: q, Center: curve.Center(f.center), Level: confidence, X: c.shown(r.x), By: c.shown(r.by), Facet: c.shown(r.facet), Row: c.shown(r.row)}
	l.By.Values, l.Facet.Values, l.Row.Values = order[r.by], order[r.facet], order[r.row]
	title := q.Title()
	l.Title = capital(title) + " against " + l.X.Name
	var xs []string
	for _, o := range observations {
		if !slices.Contains(xs, o.X) {
			xs = append(xs, o.X)
		}
	}
	l.LogX = slices.Contains(f.log, "x") || len(f.log) == 0 && curve.Logarithmic(xs)
	l.LogY = slices.Contains(f.log, "y")
	for _, h := range held {
		l.Notes = append(l.Notes, capital(fmt.Sprintf("%s: %s.", c.shown(h.key).Name, quantity.Plain(h.value))))
	}
	if without > 0 {
		l.Notes = append(l.Notes, fmt.Sprintf("%d of %d runs have no value.", without, without+measured(observations)))
	}
	curves := curve.New(l, observations)
	return picture{Figure: curves.Figure(), data: curves.CSV()}, nil
}

// capital writes the first letter large.
func capital(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

func measured(all []curve.Observation) (n int) {
	for _, o := range all {
		if !o.Predicted {
			n++
		}
	}
	return n
}

// condition is a value that a key must have.
type condition struct{ key, value string }

// roles decides which key takes which place: those of the flags theirs, the metrics the first that
// is free if there are several, then what else a sweep varies. Factors for which no place is left
// are held at their first values.
func (f *factorFlags) roles(c corpus, severalMetrics bool) (r roles, held []condition, err error) {
	for _, text := range f.where {
		key, value, ok := strings.Cut(text, "=")
		if !ok {
			return r, nil, usagef("--where: found %q, wanted KEY=VALUE", text)
		}
		held = append(held, condition{key, value})
	}
	r = roles{x: f.x, by: f.by}
	if len(f.facets) > 0 {
		r.facet = f.facets[0]
	}
	if len(f.facets) > 1 {
		r.row = f.facets[1]
	}
	for _, h := range held {
		if values := c.values(h.key); len(values) > 0 && !slices.ContainsFunc(values, func(v string) bool { return quantity.Same(v, h.value) }) {
			return r, nil, usagef("--where: nothing has the value %s of %s, wanted one of %s", h.value, h.key, plainList(values))
		}
	}
	free := c.free(held)
	used := func(key string) bool {
		return slices.ContainsFunc(r.all(), func(other string) bool { return other != "" && c.tied(other, key) })
	}
	if r.x == "" {
		if r.x = steepest(c, slices.DeleteFunc(slices.Clone(free), used)); r.x == "" {
			return r, nil, usagef("plot: found no factor that a curve could be drawn against")
		}
	}
	if severalMetrics && !slices.Contains(r.all(), metricKey) && !r.take(metricKey) {
		return r, nil, usagef("found --by, two --facet and several metrics, wanted a place for the metrics")
	}
	for _, key := range free {
		if used(key) || r.take(key) {
			continue
		}
		values := c.values(key)
		held = append(held, condition{key, values[0]})
	}
	return r, held, nil
}

func plainList(values []string) string {
	plain := make([]string, len(values))
	for i, v := range values {
		plain[i] = quantity.Plain(v)
	}
	return strings.Join(plain, ", ")
}

// steepest is the factor that suits an axis best: of those whose values are numbers the one with
// most of them, else the one with most values.
func steepest(c corpus, keys []string) (best string) {
	most := -1
	for _, key := range keys {
		values := c.values(key)
		n := len(values)
		if _, _, _, numbers := quantity.Span(values); numbers {
			n += 1 << 20
		}
		if n > most {
			best, most = key, n
		}
	}
	return best
}

// observe collects what the runs contribute, and counts those without a value.
func (f *factorFlags) observe(c corpus, variants []variant, r roles, held []condition) (all []curve.Observation, without int, err error) {
	var paths []string
	for _, v := range variants {
		paths = append(paths, v.path)
	}
	predicted := len(paths)
	if f.predicted {
		for _, v := range variants {
			path, ok := scenarios.PredictedPath(v.path)
			if !ok {
				return nil, 0, usagef("--predicted: nothing predicts %s; wanted the latency or a phase of handovers", v.path)
			}
			paths = append(paths, path)
		}
	}
	found, err := c.measure(paths)
	if err != nil {
		return nil, 0, usagef("--y: %w", err)
	}
	exists := make([]bool, len(variants)) // others are combinations that do not occur, not missing values
	for k := range variants {
		exists[k] = slices.ContainsFunc(found[k], func(values []float64) bool { return len(values) > 0 })
	}
	for i := range c.size() {
		for k := range paths {
			o := curve.Observation{Predicted: k >= predicted}
			v := variants[k%predicted]
			var keep bool
			if o.X, o.By, o.Facet, o.Row, keep, err = v.place(c, i, r, held); err != nil {
				return nil, 0, err
			}
			if !keep {
				continue
			}
			values := found[k][i]
			for _, o.Y = range values {
				all = append(all, o)
			}
			if !o.Predicted && exists[k] {
				without += c.runs(i) - len(values)
			}
		}
	}
	return all, without, nil
}

// distinct gives runs of the same name the path of their directory instead.
func distinct(runs []plot.Run, dirs []string) {
	names := distinctNames(dirs)
	for i := range runs {
		runs[i].Name = names[i]
	}
}
