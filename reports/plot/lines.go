package plot

import (
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"dsmipsim/reports/result"
)

// lines is a panel of lines over two axes.
type lines struct {
	xLabel, yLabel string
	xMin, xMax     float64
	yMin, yMax     float64
	logX, logY     bool
	categories     []string       // names of x = 0, 1, ...; nil for a numeric axis
	run            *result.Result // whose handovers are shaded behind, nil for none
	series         []series
	by             string // heading of the legend
	note           string // below the legend

	bounds           // limits of the ordinate
	upright  bool    // of the abscissa instead
	greatest float64 // of the data, in the direction of the limits
}

// series is one line.
type series struct {
	name    string
	style   draw.LineStyle
	sign    *draw.GlyphStyle // at each point; nil for none
	steps   bool             // the value holds until the next point
	lasting bool             // the last one holds until the end of the axis
	points  []point
	band    []interval // around each point; nil for none
	above   bool       // drawn over all others
}

// interval is an interval of confidence.
type interval struct{ low, high float64 }

// point is a place in the units of the axes.
type point struct{ x, y float64 }

func (l *lines) legend() legend {
	all := legendOf(l.series).under(l.by)
	more := boundLegend(l.shown(l.greatest))
	if l.run != nil {
		more = append(more, shadeLegend(l.run, runLength(l.run))...)
	}
	return all.with(more...)
}

// legendOf has each name once, those of formulas last; a single line needs none.
func legendOf(all []series) (l legend) {
	for _, above := range []bool{false, true} {
		for _, s := range all {
			if s.name != "" && s.above == above && !slices.ContainsFunc(l, func(e entry) bool { return e.name == s.name }) {
				l = append(l, entry{name: s.name, sign: s.thumbnail})
			}
		}
	}
	return l
}

func (s series) thumbnail(c draw.Canvas) {
	if s.band != nil {
		block(faint(s.style.Color))(c)
	}
	swatch(s.style)(c)
	if s.sign != nil {
		c.DrawGlyph(*s.sign, c.Center())
	}
}

func (l *lines) headroom() vg.Length {
	if l.run != nil {
		return namesHeight
	}
	return 4
}

func (l *lines) height(width vg.Length) vg.Length {
	return dataHeight(width) + l.headroom() + axisHeight + l.namesHeight(width) + l.legend().below(width) + noteHeight(l.foot(l.note, l.shown(l.greatest)), width)
}

func (l *lines) draw(c draw.Canvas) {
	limits := l.shown(l.greatest)
	c = drawNote(c, l.foot(l.note, limits))
	area := l.legend().draw(c, l.headroom())
	area = draw.Crop(area, 0, 0, 0, -l.headroom())
	width, height := area.Max.X-area.Min.X, area.Max.Y-area.Min.Y
	p := l.plot(width, height, limits)
	if l.logX || l.logY {
		p.X.Label.Text, p.Y.Label.Text = "", ""
		inner := draw.Crop(area, sideLabel, 0, sideLabel, 0)
		sideLabels(area, p.DataCanvas(inner).Rectangle, l.xLabel, l.yLabel)
		area = inner
	}
	p.Draw(area)
	if l.run != nil {
		names(area, p, l.run, l.xMax)
	}
}

// plot is the diagram without legend and note, as it fits into a place of a size.
func (l *lines) plot(width, height vg.Length, limits []bound) *plot.Plot {
	p := newPlot()
	p.X.Label.Text, p.Y.Label.Text = l.xLabel, l.yLabel
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = l.xMin, l.xMax, l.yMin, l.yMax
	p.X.Tick.Marker, p.Y.Tick.Marker = ticksFor(width-40, 38), ticksFor(height-axisHeight, 18)
	if l.logX {
		p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, logTicks(max(int((width-40)/24), 2))
	}
	if l.logY {
		p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, logTicks(max(int((height-axisHeight)/12), 2))
	}
	if l.upright {
		p.X.Max = max(p.X.Max, end(limits))
		p.Add(posts(limits))
	} else {
		p.Y.Max = max(p.Y.Max, end(limits))
		p.Add(levels(limits))
	}
	if l.categories != nil {
		room, turned := l.categoryRoom(width)
		p.X.Tick.Marker = categoryTicks(l.categories, room, turned)
		if turned {
			p.X.Tick.Label.Rotation, p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = math.Pi/2, draw.XRight, draw.YCenter
		}
	}
	if l.run != nil {
		p.Add(shades(stays(l.run, l.xMax)))
	}
	if len(l.series) > 0 {
		p.Add(horizontals{p.Y.Tick.Marker})
	}
	for _, s := range l.series {
		p.Add(bandOf(s))
	}
	// Whole lines first: dashed ones on top of them let them be seen.
	for _, draws := range []func(series) bool{
		func(s series) bool { return !s.above && len(s.style.Dashes) == 0 },
		func(s series) bool { return !s.above && len(s.style.Dashes) > 0 },
		func(s series) bool { return s.above },
	} {
		for _, s := range l.series {
			if draws(s) {
				p.Add(s)
			}
		}
	}
	return p
}

// Plot implements plot.Plotter. A point that is not a number breaks the line.
func (s series) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	var path []vg.Point
	flush := func() {
		c.StrokeLines(s.style, c.ClipLinesXY(path)...)
		if s.sign != nil {
			for _, at := range path {
				c.DrawGlyph(*s.sign, at)
			}
		}
		path = nil
	}
	for _, at := range s.points {
		to := vg.Point{X: x(at.x), Y: y(at.y)}
		if s.steps && len(path) > 0 {
			path = append(path, vg.Point{X: to.X, Y: path[len(path)-1].Y})
		}
		if math.IsNaN(at.y) {
			flush()
			continue
		}
		path = append(path, to)
	}
	if s.lasting {
		path = append(path, vg.Point{X: c.Max.X, Y: path[len(path)-1].Y})
	}
	flush()
}

// GlyphBoxes implements plot.GlyphBoxer: markers at the ends of an axis need room.
func (s series) GlyphBoxes(p *plot.Plot) (boxes []plot.GlyphBox) {
	if s.sign == nil {
		return nil
	}
	for _, at := range s.points {
		boxes = append(boxes, plot.GlyphBox{X: p.X.Norm(at.x), Y: p.Y.Norm(at.y), Rectangle: s.sign.Rectangle()})
	}
	return boxes
}

// bandOf draws the intervals of a series: a band with a bar at each point, which is what remains
// of it in black and white.
type bandOf series

// Plot implements plot.Plotter.
func (b bandOf) Plot(c draw.Canvas, p *plot.Plot) {
	if b.band == nil {
		return
	}
	x, y := p.Transforms(&c)
	bar := draw.LineStyle{Color: b.style.Color, Width: axisWidth}
	var upper, lower []vg.Point
	for i, at := range b.points {
		upper = append(upper, vg.Point{X: x(at.x), Y: y(b.band[i].high)})
		lower = append(lower, vg.Point{X: x(at.x), Y: y(max(b.band[i].low, p.Y.Min))}) // 0 has no place on a logarithmic axis
	}
	outline := upper
	for i := len(lower) - 1; i >= 0; i-- {
		outline = append(outline, lower[i])
	}
	c.FillPolygon(faint(b.style.Color), c.ClipPolygonXY(outline))
	for i := range lower {
		top, foot := outline[i], lower[i]
		for _, line := range [][]vg.Point{{foot, top}, {{X: top.X - 2, Y: top.Y}, {X: top.X + 2, Y: top.Y}}, {{X: foot.X - 2, Y: foot.Y}, {X: foot.X + 2, Y: foot.Y}}} {
			c.StrokeLines(bar, line)
		}
	}
}

// faint is a colour of a band that lets others through.
func faint(c color.Color) color.Color {
	r, g, b, _ := c.RGBA()
	return color.NRGBA{R: uint8(r >> 8), G: uint8(g >> 8), B: uint8(b >> 8), A: 0x38}
}

// distribution returns the empirical distribution function as steps from 0 to 1. Values are
// sorted. Of a long one, what cannot be seen is left out.
func distribution(values []float64) (points []point) {
	const visible = 1.0 / columns
	points = append(points, point{values[0], 0})
	n := float64(len(values))
	for i, v := range values {
		at := point{v, float64(i+1) / n}
		last := &points[len(points)-1]
		switch {
		case i+1 < len(values) && values[i+1] == v: // the step is drawn whole, at its last
		case i+1 == len(values) || at.y-last.y >= visible || i == 0:
			points = append(points, at)
		}
	}
	return points
}

// unit chooses the unit of a quantity by its greatest value, so that axes have short numbers.
func unit(greatest float64, units []prefix) prefix {
	for _, u := range units {
		if math.Abs(greatest) >= float64(u.factor*0.9999) {
			return u
		}
	}
	return units[len(units)-1]
}

// prefix is a unit and what it is worth in the basic one.
type prefix struct {
	name   string
	factor float64
}

var (
	secondUnits = []prefix{{"s", 1}, {"ms", 1e-3}}
	rateUnits   = []prefix{{"Gb/s", 1e9}, {"Mb/s", 1e6}, {"kb/s", 1e3}, {"b/s", 1}}
	octetUnits  = []prefix{{"MB", 1e6}, {"kB", 1e3}, {"octets", 1}}
)

// note is small print at the foot of a figure.
func noteHeight(note string, width vg.Length) vg.Length {
	if note == "" {
		return 0
	}
	return vg.Length(len(wrap(noteText, note, width)))*noteLine + 3
}

const noteLine = vg.Length(9)

var noteText = label(smallSize, draw.XLeft, draw.YBottom)

// drawNote draws the small print and returns what it leaves of the canvas.
func drawNote(c draw.Canvas, note string) draw.Canvas {
	if note == "" {
		return c
	}
	width := c.Max.X - c.Min.X
	rows := wrap(noteText, note, width)
	for i, row := range rows {
		c.FillText(noteText, vg.Point{X: c.Min.X, Y: c.Min.Y + vg.Length(len(rows)-1-i)*noteLine}, row)
	}
	return draw.Crop(c, 0, 0, noteHeight(note, width), 0)
}
