package plot

import (
	"fmt"
	"image/color"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"dsmipsim/reports/limits"
)

// Limits says which published limits a figure of delays, interruptions or ratings shows.
type Limits string

// The choices. The zero value is NearLimits.
const (
	NearLimits Limits = "near" // those within the figure, or a little beyond
	AllLimits  Limits = "all"  // all of its quantity, the axis as long as they need
	NoLimits   Limits = "none"
)

// ParseLimits returns the choice of that name.
func ParseLimits(name string) (Limits, error) {
	switch l := Limits(name); l {
	case NearLimits, AllLimits, NoLimits:
		return l, nil
	}
	return "", fmt.Errorf("found limits %q, wanted near, all or none", name)
}

// bounds are the published limits of a quantity on an axis.
type bounds struct {
	quantity string                // of package limits; empty for none
	scale    func(float64) float64 // from the limit's value to the axis
	unit     string                // of the axis; empty for none
	about    string                // what the limits are of, if that is not what the axis shows
	which    Limits
}

// limited are the bodies that can show limits.
type limited interface{ limit(which Limits) }

func (b *bounds) limit(which Limits) { b.which = which }

// secondBounds are limits of seconds on an axis of a unit.
func secondBounds(quantity string, u prefix) bounds {
	about := ""
	switch quantity {
	case limits.OneWayDelay:
		about = "Limits: one way, G.114 from mouth to ear, Y.1541 of the mean."
	case limits.Interruption:
		about = "Limits: of the interruption of user data, M.2134 by the radio part alone."
	}
	return bounds{quantity: quantity, unit: u.name, about: about, scale: func(s float64) float64 { return s / u.factor }}
}

// foot is the small print of a figure, with what is to be known of the limits that it shows.
func (b *bounds) foot(note string, shown []bound) string {
	if len(shown) == 0 {
		return note
	}
	return sentences(note, b.about)
}

// beyond is how far above the greatest value a limit is still near.
const beyond = 1.25

// bound is a limit on an axis.
type bound struct {
	name  string
	at    float64
	style draw.LineStyle
}

// shown returns the limits to show with data whose greatest value is given.
func (b *bounds) shown(greatest float64) (all []bound) {
	if b.quantity == "" || b.which == NoLimits {
		return nil
	}
	for i, l := range limits.Of(b.quantity) {
		at := b.scale(l.Value)
		if b.which != AllLimits && at > float64(greatest*beyond) {
			continue
		}
		name := l.Name + ": " + strings.TrimSpace(strconv.FormatFloat(at, 'g', 3, 64)+" "+b.unit)
		all = append(all, bound{name, at, draw.LineStyle{Color: boundColour, Width: 0.9, Dashes: boundDashes[i%len(boundDashes)]}})
	}
	return all
}

// end is where an axis must end at least for limits to be seen.
func end(all []bound) (end float64) {
	for _, b := range all {
		end = max(end, float64(b.at*1.03))
	}
	return end
}

// Limits are told from data by their colour, thin lines, and dashes that no data have.
var (
	boundColour = color.RGBA{0x8b, 0x1a, 0x1a, 0xff}
	boundDashes = [][]vg.Length{{2.5, 1}, {1, 1}, {5, 1, 1, 1}, {8, 1.5}, {3, 1, 1, 1, 1, 1}}
)

func boundLegend(all []bound) (l legend) {
	for _, b := range all {
		l = append(l, entry{name: b.name, sign: swatch(b.style)})
	}
	return l
}

// levels draws limits of the ordinate.
type levels []bound

// Plot implements plot.Plotter.
func (all levels) Plot(c draw.Canvas, p *plot.Plot) {
	_, y := p.Transforms(&c)
	for _, b := range all {
		if b.at >= p.Y.Min && b.at <= p.Y.Max {
			c.StrokeLine2(b.style, c.Min.X, y(b.at), c.Max.X, y(b.at))
		}
	}
}

// posts draws limits of the abscissa.
type posts []bound

// Plot implements plot.Plotter.
func (all posts) Plot(c draw.Canvas, p *plot.Plot) {
	x, _ := p.Transforms(&c)
	for _, b := range all {
		if b.at <= p.X.Max {
			c.StrokeLine2(b.style, x(b.at), c.Min.Y, x(b.at), c.Max.Y)
		}
	}
}
