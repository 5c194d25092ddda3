package plot

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"dsmipsim/reports/result"
)

// rows is a panel of horizontal bars or boxes with a name before each: names of handovers and
// messages are too long to stand below upright ones.
type rows struct {
	xLabel string
	rows   []row
	parts  legend // the meaning of the fills and marks
	note   string
	bounds // limits of the quantity

	// Of rows over time: the run whose handovers are shaded behind, and its end.
	run *result.Result
}

// row is one bar, of parts that follow one another, or one box.
type row struct {
	name  string
	group int    // rows of one group stand together
	text  string // behind the end
	parts []part
	mark  *float64 // a value beside the bar, such as a prediction
	box   *box
	spans []span
}

// span is a time in a row, with a text in it where it has room.
type span struct {
	from, until float64
	fill        int
	text        string
}

// part is a piece of a bar.
type part struct {
	value float64
	fill  int // place in the palette and among the hatches
}

// box is a distribution in five numbers and its extremes.
type box struct {
	min, low, q1, median, q3, high, max float64
	fill                                int
}

func (r *row) end() float64 {
	end := 0.0
	for _, p := range r.parts {
		end += p.value
	}
	if r.mark != nil {
		end = max(end, *r.mark)
	}
	if r.box != nil {
		end = max(end, r.box.max)
	}
	return end
}

const (
	barHeight   = vg.Length(13) // of a row, the space between rows included
	groupGap    = 0.4           // between groups, in rows
	leastRow    = vg.Length(9.5)
	rowsMost    = 48
	namesShare  = 0.36 // of the width at most
	namesMost   = 0.55 // where less would make names the same
	afterBar    = vg.Length(3)
	barFraction = 0.36 // of a row, to each side of its middle
)

// places returns the middle of each row, counted in rows from the top, and the whole height.
func places(all []row) (middles []float64, height float64) {
	for i := range all {
		if i > 0 && all[i].group != all[i-1].group {
			height += groupGap
		}
		middles = append(middles, height+0.5)
		height++
	}
	return middles, height
}

func (r *rows) height(width vg.Length) vg.Length {
	_, n := places(r.rows[:min(len(r.rows), rowsMost)])
	all := r.legend()
	panel := float64Of(barHeight, n) + 2 + r.headroom() + axisHeight
	if all.beside(width) > 0 {
		panel = max(panel, 4+lineHeight*vg.Length(min(len(all), legendMost)))
	}
	return panel + all.below(width) + noteHeight(r.footnote(), width)
}

func (r *rows) footnote() string { return r.foot(r.note, r.shown(longest(r.rows))) }

// headroom is the space above the panel.
func (r *rows) headroom() vg.Length {
	if r.run != nil {
		return namesHeight
	}
	return 4
}

// legend explains the fills, the limits and the shades.
func (r *rows) legend() legend {
	more := boundLegend(r.shown(longest(r.rows)))
	if r.run != nil {
		more = append(more, shadeLegend(r.run, runLength(r.run))...)
	}
	return slices.Clone(r.parts).with(more...)
}

func longest(all []row) (most float64) {
	for i := range all {
		most = max(most, all[i].end())
	}
	return most
}

// fitting returns the rows for which a height has room, and what to say of the others.
func (r *rows) fitting(height vg.Length) (shown []row, note string) {
	n := min(len(r.rows), rowsMost)
	for {
		if _, h := places(r.rows[:n]); n <= 1 || float64Of(leastRow, h) <= height {
			break
		}
		n--
	}
	if n < len(r.rows) {
		return r.rows[:n], fmt.Sprintf("%d of %d rows are not shown: there is no room for them.", len(r.rows)-n, len(r.rows))
	}
	return r.rows, ""
}

func (r *rows) draw(c draw.Canvas) {
	width, all := c.Max.X-c.Min.X, r.legend()
	bare := func(note string) vg.Length {
		return c.Max.Y - c.Min.Y - 2 - r.headroom() - axisHeight - all.below(width) - noteHeight(note, width)
	}
	own := r.footnote()
	note := own
	shown, missing := r.fitting(bare(note))
	if missing != "" {
		note = missing + " " + note
		shown, missing = r.fitting(bare(note))
		note = missing + " " + own
	}
	c = drawNote(c, note)
	area := draw.Crop(all.draw(c, r.headroom()), 0, 0, 0, -r.headroom())
	width = area.Max.X - area.Min.X

	p := newPlot()
	p.X.Label.Text = r.xLabel
	style := label(fontSize, draw.XRight, draw.YCenter)
	middles, n := places(shown)
	short, widest := rowNames(shown, style, width)
	var ticks plot.ConstantTicks
	for i, name := range short {
		ticks = append(ticks, plot.Tick{Value: n - middles[i], Label: name})
	}
	p.Y.Tick.Marker, p.Y.Tick.Length = ticks, 2
	p.Y.Min, p.Y.Max = 0, n
	limits := r.shown(longest(r.rows))
	p.X.Min, p.X.Max = 0, max(axisEnd(shown, width-widest-10), end(limits))
	if r.run != nil {
		p.X.Max = runLength(r.run)
		p.Add(shades(stays(r.run, p.X.Max)))
	}
	p.X.Tick.Marker = ticksFor(width-widest-10, 38)
	b := bars{shown, middles, n, make([]vg.Length, len(shown))}
	p.Add(verticals{}, b, posts(limits), texts{b})
	p.Draw(area)
	if r.run != nil {
		names(area, p, r.run, p.X.Max)
	}
}

// rowNames returns the names as they fit beside a panel, and how wide the widest is.
func rowNames(all []row, style text.Style, width vg.Length) (short []string, widest vg.Length) {
	for _, share := range []float64{namesShare, namesMost} {
		short, widest = nil, 0
		whole := map[string]string{} // by what remains of it
		clash := false
		for i := range all {
			name := shorten(style, all[i].name, float64Of(width, share))
			clash = clash || whole[name] != "" && whole[name] != all[i].name
			whole[name] = all[i].name
			widest = max(widest, style.Width(name))
			short = append(short, name)
		}
		if !clash {
			break
		}
	}
	return short, widest
}

// axisEnd returns the end of an axis on which all bars and the texts behind them have room.
func axisEnd(all []row, length vg.Length) float64 {
	style := label(smallSize, draw.XLeft, draw.YCenter)
	end := 0.0
	for i := range all {
		text := min(style.Width(all[i].text)+2*afterBar, float64Of(length, 0.6))
		end = max(end, all[i].end()/(1-float64(text/length)))
	}
	if end == 0 {
		return 1
	}
	return end * 1.01
}

// bars draws rows.
type bars struct {
	rows    []row
	middles []float64
	n       float64
	ends    []vg.Length // where the texts begin, which it finds out
}

// Plot implements plot.Plotter.
func (b bars) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	edge := draw.LineStyle{Color: ink, Width: 0.4}
	for i, r := range b.rows {
		middle := y(b.n - b.middles[i])
		half := min(float64Of(y(1)-y(0), barFraction), 10)
		at, end := 0.0, x(0)
		for _, q := range r.parts {
			if q.value <= 0 {
				continue
			}
			left, right := x(at), x(at+q.value)
			at += q.value
			end = max(end, right)
			if right-left < 0.3 { // too small to be seen with an edge
				c.FillPolygon(palette[q.fill%len(palette)], rectangle(left, middle-half, right, middle+half))
				continue
			}
			hatched(c, vg.Rectangle{Min: vg.Point{X: left, Y: middle - half}, Max: vg.Point{X: right, Y: middle + half}}, q.fill)
			c.StrokeLines(edge, closed(rectangle(left, middle-half, right, middle+half)))
		}
		for _, s := range r.spans {
			s.draw(c, rectangle(x(s.from), middle-half, x(s.until), middle+half))
		}
		if r.box != nil {
			r.box.draw(c, x, middle, half)
			end = x(r.box.max) + 2
		}
		if r.mark != nil {
			predicted(c, x(*r.mark), middle, half)
			end = max(end, x(*r.mark)+2)
		}
		b.ends[i] = end + afterBar
	}
}

// texts draws what stands behind the bars, on white lest a line run through it.
type texts struct{ bars }

// Plot implements plot.Plotter.
func (b texts) Plot(c draw.Canvas, p *plot.Plot) {
	_, y := p.Transforms(&c)
	style := label(smallSize, draw.XLeft, draw.YCenter)
	for i, r := range b.rows {
		if r.text == "" {
			continue
		}
		at := vg.Point{X: b.ends[i], Y: y(b.n - b.middles[i])}
		short := shorten(style, r.text, c.Max.X-at.X)
		c.FillPolygon(paper, rectangle(at.X-1, at.Y-4, at.X+style.Width(short)+1, at.Y+4))
		c.FillText(style, at, short)
	}
}

// draw draws a span pale, so that the text in it can be read.
func (s *span) draw(c draw.Canvas, corners []vg.Point) {
	c.FillPolygon(paper, corners)
	c.FillPolygon(faint(palette[s.fill%len(palette)]), corners)
	if corners[1].X-corners[0].X < 2 {
		return // many edges side by side would be black
	}
	c.StrokeLines(draw.LineStyle{Color: ink, Width: 0.4}, closed(corners))
	text := label(smallSize, draw.XCenter, draw.YCenter)
	room := corners[1].X - corners[0].X - 4
	if short := shorten(text, s.text, room); len(short) > 8 || short == s.text {
		c.FillText(text, vg.Point{X: (corners[0].X + corners[1].X) / 2, Y: (corners[0].Y + corners[2].Y) / 2}, short)
	}
}

func closed(corners []vg.Point) []vg.Point { return append(corners, corners[0]) }

// predicted marks a predicted value: a diamond, white inside to be seen on any bar.
func predicted(c draw.Canvas, x, y, half vg.Length) {
	diamond := []vg.Point{{X: x - 2.6, Y: y}, {X: x, Y: y + half}, {X: x + 2.6, Y: y}, {X: x, Y: y - half}}
	c.FillPolygon(paper, diamond)
	c.StrokeLines(draw.LineStyle{Color: ink, Width: 0.8}, closed(diamond))
}

func (b *box) draw(c draw.Canvas, x func(float64) vg.Length, middle, half vg.Length) {
	line := draw.LineStyle{Color: ink, Width: 0.7}
	whisker := func(from, to float64) {
		c.StrokeLine2(line, x(from), middle, x(to), middle)
		c.StrokeLine2(line, x(to), middle-half/2, x(to), middle+half/2)
	}
	whisker(b.q1, b.low)
	whisker(b.q3, b.high)
	hatched(c, vg.Rectangle{Min: vg.Point{X: x(b.q1), Y: middle - half}, Max: vg.Point{X: x(b.q3), Y: middle + half}}, b.fill)
	c.StrokeLines(line, closed(rectangle(x(b.q1), middle-half, x(b.q3), middle+half)))
	c.StrokeLine2(draw.LineStyle{Color: ink, Width: 1.8}, x(b.median), middle-half, x(b.median), middle+half)
	for _, v := range []float64{b.min, b.max} {
		c.DrawGlyph(draw.GlyphStyle{Color: ink, Radius: 1.2, Shape: draw.CircleGlyph{}}, vg.Point{X: x(v), Y: middle})
	}
}

// verticals are the grid lines of a horizontal quantity.
type verticals struct{}

// Plot implements plot.Plotter.
func (verticals) Plot(c draw.Canvas, p *plot.Plot) {
	x, _ := p.Transforms(&c)
	for _, t := range p.X.Tick.Marker.Ticks(p.X.Min, p.X.Max) {
		if t.Value > p.X.Min && t.Value < p.X.Max {
			c.StrokeLine2(gridLine, x(t.Value), c.Min.Y, x(t.Value), c.Max.Y)
		}
	}
}

// hatchKinds is how many hatches there are: none, rising, falling, upright, crossed.
const hatchKinds = 5

// hatched fills a rectangle with the i-th colour and hatch. Hatches tell parts apart in black
// and white.
func hatched(c draw.Canvas, r vg.Rectangle, i int) {
	c.FillPolygon(palette[i%len(palette)], rectangle(r.Min.X, r.Min.Y, r.Max.X, r.Max.Y))
	const distance = 3.2
	line := draw.LineStyle{Color: paper, Width: 0.7}
	height := float64(r.Max.Y - r.Min.Y)
	slanted := func(slope float64) {
		// The lines hang on a grid of the page, so that neighbours of one hatch join.
		from, to := float64(r.Min.X)-height, float64(r.Max.X)+height
		for s := math.Floor(from/distance) * distance; s <= to; s += distance {
			bottom, top := s, float64(s+float64(slope*height))
			clip(c, line, r, bottom, top)
		}
	}
	switch i % hatchKinds {
	case 1:
		slanted(1)
	case 2:
		slanted(-1)
	case 3:
		slanted(0)
	case 4:
		slanted(1)
		slanted(-1)
	}
}

// clip strokes the line from (bottom, lower edge) to (top, upper edge) within a rectangle.
func clip(c draw.Canvas, style draw.LineStyle, r vg.Rectangle, bottom, top float64) {
	low, high := 0.0, 1.0 // of the line
	left, right := float64(r.Min.X), float64(r.Max.X)
	if bottom == top {
		if bottom <= left || bottom >= right {
			return
		}
	} else {
		a, b := (left-bottom)/(top-bottom), (right-bottom)/(top-bottom)
		low, high = max(low, min(a, b)), min(high, max(a, b))
	}
	if low >= high {
		return
	}
	height := float64(r.Max.Y - r.Min.Y)
	at := func(t float64) vg.Point {
		return vg.Point{X: vg.Length(bottom + float64(t*(top-bottom))), Y: r.Min.Y + vg.Length(float64(t*height))}
	}
	c.StrokeLines(style, []vg.Point{at(low), at(high)})
}

// fillSign is the sign of a fill.
func fillSign(i int) func(draw.Canvas) {
	return func(c draw.Canvas) {
		hatched(c, c.Rectangle, i)
		c.StrokeLines(draw.LineStyle{Color: ink, Width: 0.4}, closed(rectangle(c.Min.X, c.Min.Y, c.Max.X, c.Max.Y)))
	}
}
