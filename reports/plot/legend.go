package plot

import (
	"fmt"
	"image/color"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// entry is a sign with its meaning.
type entry struct {
	name string
	sign func(c draw.Canvas) // draws into the whole canvas; nil for a heading
	kept bool                // whatever else has no room
}

// legend explains the signs of a figure, beside the data or below it, never on it.
type legend []entry

const (
	signWidth    = vg.Length(18)
	signGap      = vg.Length(4)  // between a sign and its text
	entryGap     = vg.Length(12) // between entries in a row
	lineHeight   = vg.Length(11.5)
	legendGap    = vg.Length(8) // between the legend and the panel
	besideFrom   = vg.Length(340)
	legendMost   = 18 // entries; more would not fit
	legendAlways = 8  // for which there is always room
	widestEntry  = vg.Length(150)
)

var legendText = label(fontSize, draw.XLeft, draw.YCenter)

// with appends entries that are kept whatever else has no room.
func (l legend) with(more ...entry) legend {
	for _, e := range more {
		e.kept = true
		l = append(l, e)
	}
	return l
}

// under puts a heading before a legend that has anything in it.
func (l legend) under(heading string) legend {
	if heading == "" || len(l) == 0 {
		return l
	}
	return append(legend{{name: heading}}, l...)
}

// indent is where the text of an entry begins.
func (e entry) indent() vg.Length {
	if e.sign == nil {
		return 0
	}
	return signWidth + signGap
}

// cut keeps as many entries as a legend can have.
func (l legend) cut(most int) legend {
	if most = max(most, 1); len(l) <= most {
		return l
	}
	first := slices.IndexFunc(l, func(e entry) bool { return e.kept })
	if first < 0 || len(l)-first >= most {
		first = len(l)
	}
	left := most - (len(l) - first) - 1 // of those before the first that is kept
	more := entry{name: fmt.Sprintf("and %d more", first-left), sign: func(draw.Canvas) {}}
	return append(append(append(legend{}, l[:left]...), more), l[first:]...)
}

func (e entry) width(most vg.Length) vg.Length {
	return e.indent() + legendText.Width(shorten(legendText, e.name, most-e.indent()))
}

// beside returns the width of the legend if it stands beside the data, 0 if it has no place
// there.
func (l legend) beside(width vg.Length) vg.Length {
	if len(l) == 0 || width < besideFrom {
		return 0
	}
	widest := vg.Length(0)
	all := l.cut(legendMost)
	if len(l) > legendAlways {
		all = append(all, entry{name: "and 1000 more"})
	}
	for _, e := range all {
		widest = max(widest, e.width(min(widestEntry, float64Of(width, 0.32))))
	}
	return widest + 1
}

func float64Of(l vg.Length, share float64) vg.Length { return vg.Length(float64(l) * share) }

// rows lays the entries out in rows of a width.
func (l legend) rows(width vg.Length) (rows []legend) {
	x := width
	for _, e := range l.cut(legendMost) {
		w := e.width(width)
		if x+entryGap+w > width {
			rows = append(rows, nil)
			x = -entryGap
		}
		x += entryGap + w
		rows[len(rows)-1] = append(rows[len(rows)-1], e)
	}
	return rows
}

// below returns the height that the legend takes below the data.
func (l legend) below(width vg.Length) vg.Length {
	if len(l) == 0 || l.beside(width) > 0 {
		return 0
	}
	return vg.Length(len(l.rows(width)))*lineHeight + legendGap
}

// draw draws the legend and returns what it leaves of the canvas. Beside the data it begins
// below the top by a headroom.
func (l legend) draw(c draw.Canvas, headroom vg.Length) draw.Canvas {
	width, height := c.Max.X-c.Min.X, c.Max.Y-c.Min.Y
	if w := l.beside(width); w > 0 {
		y := c.Max.Y - headroom
		for _, e := range l.cut(min(legendMost, int((height-headroom)/lineHeight))) {
			e.draw(c, c.Max.X-w, y, w)
			y -= lineHeight
		}
		return draw.Crop(c, 0, -w-legendGap, 0, 0)
	}
	if len(l) == 0 {
		return c
	}
	rows := l.rows(width)
	y := c.Min.Y + vg.Length(len(rows))*lineHeight
	for _, row := range rows {
		x := c.Min.X
		for _, e := range row {
			e.draw(c, x, y, width)
			x += e.width(width) + entryGap
		}
		y -= lineHeight
	}
	return draw.Crop(c, 0, 0, l.below(width), 0)
}

// draw draws an entry whose upper left corner is given.
func (e entry) draw(c draw.Canvas, x, y, width vg.Length) {
	middle := y - lineHeight/2
	if e.sign != nil {
		sign := c
		sign.Min, sign.Max = vg.Point{X: x, Y: middle - 3}, vg.Point{X: x + signWidth, Y: middle + 3}
		e.sign(sign)
	}
	c.FillText(legendText, vg.Point{X: x + e.indent(), Y: middle}, shorten(legendText, e.name, width-e.indent()))
}

// block is the sign of a shade.
func block(shade color.Color) func(draw.Canvas) {
	return func(c draw.Canvas) { c.FillPolygon(shade, rectangle(c.Min.X, c.Min.Y, c.Max.X, c.Max.Y)) }
}

// swatch is the sign of a line.
func swatch(style draw.LineStyle) func(draw.Canvas) {
	return func(c draw.Canvas) {
		style.Width = 1.6
		c.StrokeLine2(style, c.Min.X, c.Center().Y, c.Max.X, c.Center().Y)
	}
}
