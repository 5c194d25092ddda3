// Package curve puts what many runs measured together into curves against a factor: for each
// value of the factor the mean or the median with its interval, a curve for each value of another
// factor, and a panel for each value of a third and a fourth.
//
// A Curves is drawn as a figure and written as CSV, so that whoever has the figure has its data.
package curve

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/stat"

	"dsmipsim/reports/plot"
	"dsmipsim/reports/quantity"
	"dsmipsim/reports/statistics"
)

// Key is a place of a curve that a factor or something like it takes. Its values are texts of
// TOML.
type Key struct {
	Name   string                    // on the axis, and before the value of a curve or a panel
	Show   func(value string) string // how a value is called beside the axis; nil for "name = value"
	Values []string                  // in their order; those that are not here follow as they come
}

// show calls a value of a curve or a panel.
func (k Key) show(value string) string {
	if k.Show != nil {
		return k.Show(value)
	}
	if k.Name == "" {
		return ""
	}
	return k.Name + " = " + k.value(value)
}

// value is how a value is called where the name of the key stands elsewhere.
func (k Key) value(value string) string {
	if k.Show != nil {
		return k.Show(value)
	}
	return quantity.Plain(value)
}

// Observation is what one run contributes to a curve.
type Observation struct {
	X, By, Facet, Row string  // values of the keys
	Y                 float64 // in the unit of summary.json
	Predicted         bool    // by a formula, not measured
}

// Center is what a curve runs through.
type Center string

// The centers: the mean with Student's interval, the median with one between order statistics.
const (
	Mean   Center = "mean"
	Median Center = "median"
)

// Layout says how observations become curves.
type Layout struct {
	Title             string
	X, By, Facet, Row Key // By, Facet and Row with an empty name are not used
	Quantity          quantity.Quantity
	Center            Center
	Level             float64  // of confidence
	LogX, LogY        bool     // logarithmic axes where the values allow it
	Notes             []string // sentences for the small print
}

// Point is one value of a curve.
type Point struct {
	X, By, Facet, Row string
	N                 int      // observations
	Value             float64  // mean or median
	Low, High         *float64 // nil of too few observations
	Predicted         *float64 // mean of what formulas give; nil of nothing
}

// Curves is the points of all curves, in the order in which their keys first had these values.
type Curves struct {
	Layout
	Points []Point
}

// New puts observations together.
func New(l Layout, all []Observation) *Curves {
	type place struct{ x, by, facet, row string }
	measured, predicted := map[place][]float64{}, map[place][]float64{}
	var order []place
	for _, o := range all {
		p := place{o.X, o.By, o.Facet, o.Row}
		if o.Predicted {
			predicted[p] = append(predicted[p], o.Y)
			continue
		}
		if measured[p] == nil {
			order = append(order, p)
		}
		measured[p] = append(measured[p], o.Y)
	}
	c := &Curves{Layout: l}
	for _, p := range order {
		point := l.estimate(measured[p])
		point.X, point.By, point.Facet, point.Row = p.x, p.by, p.facet, p.row
		if formula := predicted[p]; len(formula) > 0 {
			mean := stat.Mean(formula, nil)
			point.Predicted = &mean
		}
		c.Points = append(c.Points, point)
	}
	return c
}

func (l *Layout) estimate(values []float64) Point {
	p := Point{N: len(values)}
	var e statistics.Estimate
	var err error
	if l.Center == Median {
		p.Value = stat.Quantile(0.5, stat.Empirical, slices.Sorted(slices.Values(values)), nil)
		e, err = statistics.Median(values, l.Level)
	} else {
		p.Value = stat.Mean(values, nil)
		e, err = statistics.Mean(values, l.Level)
	}
	if err == nil {
		p.Value, p.Low, p.High = e.Value, &e.Low, &e.High
	}
	return p
}

// CSV is the data of the figure, in the units of summary.json: columns x, by, facet, n, the mean
// or the median, low and high. There is a column row if panels stand in rows by another key, and
// predicted if formulas give something.
func (c *Curves) CSV() []byte {
	rows, formulas := c.Row.Name != "", false
	for _, p := range c.Points {
		formulas = formulas || p.Predicted != nil
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	head := []string{"x", "by", "facet"}
	if rows {
		head = append(head, "row")
	}
	head = append(head, "n", string(c.Center), "low", "high")
	if formulas {
		head = append(head, "predicted")
	}
	_ = w.Write(head) // a buffer takes everything
	for _, p := range c.Points {
		row := []string{quantity.Plain(p.X), quantity.Plain(p.By), quantity.Plain(p.Facet)}
		if rows {
			row = append(row, quantity.Plain(p.Row))
		}
		row = append(row, strconv.Itoa(p.N), number(&p.Value), number(p.Low), number(p.High))
		if formulas {
			row = append(row, number(p.Predicted))
		}
		_ = w.Write(row)
	}
	w.Flush()
	return b.Bytes()
}

func number(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'g', 10, 64)
}

// distinct are the values of a key in their order.
func (c *Curves) distinct(k Key, of func(*Point) string) (values []string) {
	var seen []string
	for i := range c.Points {
		if v := of(&c.Points[i]); !slices.Contains(seen, v) {
			seen = append(seen, v)
		}
	}
	for _, v := range k.Values {
		if slices.Contains(seen, v) {
			values = append(values, v)
		}
	}
	for _, v := range seen {
		if !slices.Contains(values, v) {
			values = append(values, v)
		}
	}
	return values
}

// Figure draws the curves.
func (c *Curves) Figure() *plot.Figure {
	scale := c.axis()
	q := c.unit()
	axes := plot.Axes{Title: c.Title, X: scale.label, Y: q.Label(), Values: scale.names, Note: c.note(),
		LogX: c.LogX && scale.names == nil, LogY: c.LogY}
	if c.By.Show == nil {
		axes.By = c.By.Name
	}
	var panels []plot.Panel
	facets, rows := c.distinct(c.Facet, func(p *Point) string { return p.Facet }), c.distinct(c.Row, func(p *Point) string { return p.Row })
	names := c.distinct(c.By, func(p *Point) string { return p.By })
	for _, row := range rows {
		for _, facet := range facets {
			panel := plot.Panel{Title: title(c.Facet.show(facet), c.Row.show(row))}
			for _, name := range names {
				curve := plot.Curve{Name: c.By.value(name)}
				for _, p := range c.Points {
					if p.Row == row && p.Facet == facet && p.By == name {
						curve.Points = append(curve.Points, drawn(p, scale, q.Factor))
					}
				}
				panel.Curves = append(panel.Curves, curve)
			}
			panels = append(panels, panel)
		}
	}
	if len(panels) > 1 { // which are too low for more; the title has all
		q.Part = ""
		axes.Y = q.Label()
	}
	columns := 0
	if len(rows) > 1 {
		columns = len(facets)
	}
	return plot.Factor(axes, panels, columns)
}

// long is from how many seconds on an axis is not in ms.
const long = 3

// unit is the quantity in a unit that suits its values.
func (c *Curves) unit() quantity.Quantity {
	q := c.Quantity
	for _, p := range c.Points {
		if q.Base == "s" && math.Abs(p.Value) >= long {
			q.Unit, q.Factor = "s", 1
		}
	}
	return q
}

func title(facet, row string) string {
	if facet == "" || row == "" {
		return facet + row
	}
	return facet + ", " + row
}

// drawn is a point in the units of the axes.
func drawn(p Point, s axis, f float64) plot.CurvePoint {
	at := plot.CurvePoint{X: s.position[p.X], Mean: float64(p.Value * f), Low: float64(p.Value * f), High: float64(p.Value * f)}
	if p.Low != nil {
		at.Low, at.High = float64(*p.Low*f), float64(*p.High*f)
	}
	if p.Predicted != nil {
		v := float64(*p.Predicted * f)
		at.Predicted = &v
	}
	return at
}

// note says what the curves and bands are.
func (c *Curves) note() string {
	least, most, banded := 0, 0, false
	for i, p := range c.Points {
		if i == 0 {
			least = p.N
		}
		least, most = min(least, p.N), max(most, p.N)
		banded = banded || p.Low != nil
	}
	notes := slices.Clone(c.Notes)
	if banded {
		runs := strconv.Itoa(most)
		if least < most {
			runs = fmt.Sprintf("%d to %d", least, most)
		}
		what, how := "Means", "Student's t"
		if c.Center == Median {
			what, how = "Medians", "order statistics"
		}
		notes = append([]string{fmt.Sprintf("%s of %s runs; bands: %g %% confidence (%s).", what, runs, c.Level*100, how)}, notes...)
	}
	return strings.Join(notes, " ")
}
