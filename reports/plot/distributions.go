package plot

import (
	"fmt"
	"slices"
	"strconv"

	"gonum.org/v1/gonum/stat"
)

// group is values of one kind from one run.
type group struct {
	kind   string
	run    int
	values []float64 // sorted
}

// grouped collects values by kind and run: kinds in the order of their first appearance, of
// each the runs in their order.
func grouped(runs []Run, visit func(r Run, add func(kind string, value float64))) []group {
	var kinds []string
	found := make([]map[string][]float64, len(runs))
	for i, run := range runs {
		found[i] = map[string][]float64{}
		visit(run, func(kind string, value float64) {
			if !slices.Contains(kinds, kind) {
				kinds = append(kinds, kind)
			}
			found[i][kind] = append(found[i][kind], value)
		})
	}
	var all []group
	for _, kind := range kinds {
		for i := range runs {
			if v := found[i][kind]; len(v) > 0 {
				slices.Sort(v)
				all = append(all, group{kind, i, v})
			}
		}
	}
	return all
}

// greatest is the greatest value of all groups, each represented by one.
func greatest(groups []group, of func(group) float64) (most float64) {
	for _, g := range groups {
		most = max(most, of(g))
	}
	return most
}

func last(g group) float64 { return g.values[len(g.values)-1] }

func mean(g group) float64 { return stat.Mean(g.values, nil) }

// apart numbers rows, so that neighbours of the same key stand together.
func apart() func(key string) int {
	before, n := "", 0
	return func(key string) int {
		if n == 0 || key != before {
			before, n = key, n+1
		}
		return n
	}
}

// measured is a quantity in seconds with its values, as distributions and means show it.
type measured struct {
	title    string
	quantity string // with its unit it names the axis
	counted  string // what a value is of
	limits   string // quantity of package limits
	groups   []group
	name     func(group) string // in legends and before rows
	empty    string             // why there is no value
	note     string
}

// figure makes a figure of what is drawn, which gets the unit of the values.
func (m *measured) figure(of func(group) float64, draw func(prefix) body) *Figure {
	f := &Figure{Title: m.title}
	if len(m.groups) == 0 {
		f.Empty = m.empty
		return f
	}
	f.body = draw(unit(greatest(m.groups, of), secondUnits))
	return f
}

// cdf draws empirical distribution functions.
func (m *measured) cdf() *Figure {
	return m.figure(last, func(u prefix) body {
		l := &lines{xLabel: m.quantity + " (" + u.name + ")", yLabel: "share of " + m.counted, yMax: 1.02, note: m.note,
			bounds: secondBounds(m.limits, u), upright: true, greatest: greatest(m.groups, last) / u.factor}
		l.xMax = float64(l.greatest * 1.04)
		if l.xMax == 0 {
			l.xMax = 1
		}
		for i, g := range m.groups {
			scaled := make([]float64, len(g.values))
			for k, v := range g.values {
				scaled[k] = v / u.factor
			}
			l.series = append(l.series, series{
				name: fmt.Sprintf("%s (n = %d)", m.name(g), len(g.values)), style: curveStroke(i), steps: true, lasting: true,
				points: append([]point{{0, 0}}, distribution(scaled)...),
			})
		}
		return l
	})
}

// boxNote explains the boxes.
const boxNote = "Box: quartiles and median; whiskers: 5 % and 95 %; dots: least and greatest value. n: number of values."

// boxes draws box plots.
func (m *measured) boxes() *Figure {
	return m.figure(last, func(u prefix) body {
		b := &rows{xLabel: m.quantity + " (" + u.name + ")", note: sentences(boxNote, m.note), bounds: secondBounds(m.limits, u)}
		number := apart()
		for _, g := range m.groups {
			at := func(p float64) float64 { return stat.Quantile(p, stat.Empirical, g.values, nil) / u.factor }
			b.rows = append(b.rows, row{name: m.name(g), group: number(g.kind), text: "n = " + strconv.Itoa(len(g.values)), box: &box{
				min: at(0), low: at(0.05), q1: at(0.25), median: at(0.5), q3: at(0.75), high: at(0.95), max: at(1), fill: g.run,
			}})
		}
		return b
	})
}

// bars draws means. Rows with the same key stand together.
func (m *measured) bars(key func(group) string) *Figure {
	return m.figure(mean, func(u prefix) body {
		b := &rows{xLabel: m.quantity + " (" + u.name + ")", note: m.note, bounds: secondBounds(m.limits, u)}
		number := apart()
		for _, g := range m.groups {
			v := mean(g) / u.factor
			b.rows = append(b.rows, row{name: m.name(g), group: number(key(g)), parts: []part{{v, g.run}},
				text: fmt.Sprintf("%s %s, n = %d", digits(v), u.name, len(g.values))})
		}
		return b
	})
}
