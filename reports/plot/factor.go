package plot

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Curve is a quantity against a factor.
type Curve struct {
	Name   string // in the legend; curves of one name in several panels look the same
	Points []CurvePoint
}

// CurvePoint is the mean, or another middle, of a quantity at one value of the factor with its
// confidence interval. Low and High are equal to Mean where there is none, as of one run.
type CurvePoint struct {
	X, Mean, Low, High float64
	Predicted          *float64 // what a formula gives there; nil for nothing
}

// Axes name what a figure of curves shows.
type Axes struct {
	Title      string
	X, Y       string   // with units
	Values     []string // names of the factor's values if they are no numbers: those of X = 0, 1, ...
	LogX, LogY bool     // logarithmic; what is not above 0 has no place on such an axis
	By         string   // what the names of the curves are values of, above them in the legend; "" for nothing
	Note       string   // what the bands are
}

// Panel is one of several diagrams that share their axes.
type Panel struct {
	Title  string // which value of another factor it is for; empty of a single one
	Curves []Curve
}

// Factor draws curves with bands of confidence against a factor: one panel fills the figure,
// several are small multiples, so many in a row, 0 for as many as there is room for.
func Factor(a Axes, panels []Panel, columns int) *Figure {
	f := &Figure{Title: a.Title}
	m := &multiples{columns: columns, xLabel: a.X, yLabel: a.Y, by: a.By, note: a.Note}
	var names []string // of all curves, by which they get their colours and lines
	for _, p := range panels {
		for i, c := range p.Curves {
			if c.Name == "" && slices.ContainsFunc(c.Points, func(p CurvePoint) bool { return p.Predicted != nil }) {
				p.Curves[i].Name = simulatedName // beside what is predicted
				c = p.Curves[i]
			}
			if !slices.Contains(names, c.Name) {
				names = append(names, c.Name)
			}
		}
	}
	all := &extent{logX: a.LogX, logY: a.LogY, xMin: math.Inf(1), xMax: math.Inf(-1), yMin: math.Inf(1), yMax: math.Inf(-1)}
	drawn := 0
	for _, p := range panels {
		l := &lines{xLabel: a.X, yLabel: a.Y, by: a.By, note: a.Note, categories: a.Values, logX: a.LogX, logY: a.LogY}
		for _, c := range p.Curves {
			if s := curveSeries(c, slices.Index(names, c.Name), all); len(s.points) > 0 {
				l.series = append(l.series, s)
				drawn++
			}
		}
		for i, s := range l.series {
			if formula := prediction(p.Curves[i], all); len(formula.points) > 0 && len(s.points) > 0 {
				l.series = append(l.series, formula)
			}
		}
		m.panels, m.titles = append(m.panels, l), append(m.titles, p.Title)
	}
	if drawn == 0 {
		f.Empty = fmt.Sprintf("There is no value of %s.", a.Y)
		return f
	}
	all.settle(len(a.Values))
	for _, l := range m.panels {
		l.xMin, l.xMax, l.yMin, l.yMax = all.xMin, all.xMax, all.yMin, all.yMax
	}
	f.body = m
	if len(m.panels) == 1 && m.titles[0] == "" {
		f.body = m.panels[0]
	}
	return f
}

// curveSeries is a curve as a line with markers and a band, and widens the axes for it.
func curveSeries(c Curve, style int, axes *extent) series {
	sign := marker(style)
	s := series{name: c.Name, style: curveStroke(style), sign: &sign}
	banded := false
	for _, p := range ordered(c) {
		if !axes.holds(p.X, p.Mean) {
			continue
		}
		s.points = append(s.points, point{p.X, p.Mean})
		s.band = append(s.band, interval{p.Low, p.High})
		banded = banded || p.Low < p.Mean || p.High > p.Mean
		for _, y := range []float64{p.Mean, p.Low, p.High} {
			axes.add(p.X, y)
		}
	}
	if !banded {
		s.band = nil
	}
	return s
}

func ordered(c Curve) []CurvePoint {
	points := slices.Clone(c.Points)
	slices.SortStableFunc(points, func(a, b CurvePoint) int {
		switch {
		case a.X < b.X:
			return -1
		case a.X > b.X:
			return 1
		}
		return 0
	})
	return points
}

// What the legend calls the values of formulas, and a curve without a name beside them.
const (
	predictedName = "predicted"
	simulatedName = "simulated"
)

// prediction is what formulas give for the points of a curve: diamonds as in the bars of phases,
// joined by a thin line.
func prediction(c Curve, axes *extent) series {
	s := series{
		name: predictedName, above: true,
		style: draw.LineStyle{Color: ink, Width: 0.7, Dashes: []vg.Length{1, 1.5}},
		sign:  &draw.GlyphStyle{Color: ink, Radius: 3.4, Shape: hollow{}},
	}
	for _, p := range ordered(c) {
		if p.Predicted != nil && axes.holds(p.X, *p.Predicted) {
			s.points = append(s.points, point{p.X, *p.Predicted})
			axes.add(p.X, *p.Predicted)
		}
	}
	return s
}

// hollow is the sign of a predicted value: a diamond that lets what is below it be seen.
type hollow struct{}

// DrawGlyph implements draw.GlyphDrawer.
func (hollow) DrawGlyph(c *draw.Canvas, style draw.GlyphStyle, at vg.Point) {
	r := style.Radius
	diamond := []vg.Point{{X: at.X - r, Y: at.Y}, {X: at.X, Y: at.Y + r}, {X: at.X + r, Y: at.Y}, {X: at.X, Y: at.Y - r}}
	c.StrokeLines(draw.LineStyle{Color: style.Color, Width: 0.8}, closed(diamond))
}

// extent collects what two axes must hold.
type extent struct {
	logX, logY             bool
	xMin, xMax, yMin, yMax float64
}

// holds reports whether a point has a place on the axes.
func (e *extent) holds(x, y float64) bool { return !(e.logX && x <= 0 || e.logY && y <= 0) }

func (e *extent) add(x, y float64) {
	if e.holds(x, y) {
		e.xMin, e.xMax, e.yMin, e.yMax = min(e.xMin, x), max(e.xMax, x), min(e.yMin, y), max(e.yMax, y)
	}
}

// settle gives the axes their ends: room above, a linear one begins at 0 or below.
func (e *extent) settle(categories int) {
	if e.logY {
		e.yMin, e.yMax = float64(e.yMin/1.15), float64(e.yMax*1.15)
	} else {
		e.yMin = min(e.yMin, 0)
		e.yMax += float64((e.yMax - e.yMin) * 0.08)
		if e.yMin < 0 {
			e.yMin -= float64((e.yMax - e.yMin) * 0.08)
		}
		if e.yMax <= e.yMin {
			e.yMax = e.yMin + 1
		}
	}
	switch {
	case categories > 0:
		e.xMin, e.xMax = -0.5, float64(categories)-0.5
	case e.logX && e.xMax == e.xMin:
		e.xMin, e.xMax = e.xMin/2, e.xMax*2
	case e.xMax == e.xMin:
		e.xMin, e.xMax = e.xMin-0.5, e.xMax+0.5
	}
}
