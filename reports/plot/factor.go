package plot

import (
	"fmt"
	"math"
	"slices"
)

// Curve is a quantity against a factor.
type Curve struct {
	Name   string // in the legend
	Points []CurvePoint
}

// CurvePoint is the mean of a quantity at one value of the factor with its confidence interval.
// Low and High are equal to Mean where there is none, as of one run.
type CurvePoint struct {
	X, Mean, Low, High float64
}

// Axes name what a figure of curves shows.
type Axes struct {
	Title  string
	X, Y   string   // with units
	Values []string // names of the factor's values if they are no numbers: those of X = 0, 1, ...
	Note   string   // what the bands are
}

// Factor draws curves with bands of confidence against a factor.
func Factor(a Axes, curves []Curve) *Figure {
	f := &Figure{Title: a.Title}
	l := &lines{xLabel: a.X, yLabel: a.Y, note: a.Note, categories: a.Values, xMin: math.Inf(1), xMax: math.Inf(-1)}
	for i, c := range curves {
		sign := marker(i)
		s := series{name: c.Name, style: curveStroke(i), sign: &sign}
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
		banded := false
		for _, p := range points {
			s.points = append(s.points, point{p.X, p.Mean})
			s.band = append(s.band, interval{p.Low, p.High})
			banded = banded || p.Low < p.Mean || p.High > p.Mean
			l.xMin, l.xMax = min(l.xMin, p.X), max(l.xMax, p.X)
			l.yMin, l.yMax = min(l.yMin, p.Low), max(l.yMax, p.High)
		}
		if !banded {
			s.band = nil
		}
		if len(points) > 0 {
			l.series = append(l.series, s)
		}
	}
	if len(l.series) == 0 {
		f.Empty = fmt.Sprintf("There is no value of %s.", a.Y)
		return f
	}
	l.yMax += float64((l.yMax - l.yMin) * 0.08)
	if l.yMin < 0 {
		l.yMin -= float64((l.yMax - l.yMin) * 0.08)
	}
	if l.yMax <= l.yMin {
		l.yMax = l.yMin + 1
	}
	if a.Values != nil {
		l.xMin, l.xMax = -0.5, float64(len(a.Values))-0.5
	} else if l.xMax == l.xMin {
		l.xMin, l.xMax = l.xMin-0.5, l.xMax+0.5
	}
	f.body = l
	return f
}
