package plot

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"dsmipsim/reports/result"
)

// track is the delay of one flow over time: pieces of line between losses.
type track struct {
	style  draw.LineStyle
	shape  draw.GlyphDrawer // of its dots and signs
	dot    vg.Length        // radius of the dot at each packet, 0 for none
	pieces [][]point
	delays []float64 // of all received packets, ms

	turn, turns int // which part of the figure this flow draws again on top; see again
}

// columns is how many places a long flow is reduced to: about two for each printed dot.
const columns = 1500

// A flow of few packets gets a dot for each.
const (
	fewPackets = 400
	dotRadius  = vg.Length(1.5)
)

// Signs on a line tell flows apart in black and white. They come so far from each other.
const (
	signDistance = vg.Length(48)
	signRadius   = vg.Length(2)
)

// dash is how much of each flow shows at a time where several have the same delay.
const dash = vg.Length(6)

// interleave gives each line, and each flow of dots, its turn among its like.
func interleave(tracks []*track) {
	var lines, dots []*track
	for _, t := range tracks {
		if t.dot > 0 {
			dots = append(dots, t)
		} else {
			lines = append(lines, t)
		}
	}
	for _, group := range [][]*track{lines, dots} {
		for i, t := range group {
			t.turn, t.turns = i, len(group)
		}
	}
}

// newTrack returns the track of the i-th flow.
func newTrack(f result.FlowSamples, i int, end float64) *track {
	t := &track{style: stroke(i), shape: marker(i).Shape}
	var piece []point
	for _, p := range f.Packets {
		switch p.Fate {
		case result.Received:
			at := point{x: result.At(p.Sent), y: float64(p.End-p.Sent) / 1e6}
			piece = append(piece, at)
			t.delays = append(t.delays, at.y)
		case result.Lost:
			t.add(piece, end)
			piece = nil
		}
	}
	t.add(piece, end)
	return t
}

// add keeps a piece. Of a long one only what can be seen is kept: in each column the first
// and last packet and those with the least and the greatest delay.
func (t *track) add(piece []point, end float64) {
	if len(piece) == 0 {
		return
	}
	var kept []point
	for i := 0; i < len(piece); {
		column := math.Floor(float64(piece[i].x/end) * columns)
		k, least, most := i, i, i
		for ; k < len(piece) && math.Floor(float64(piece[k].x/end)*columns) == column; k++ {
			if piece[k].y < piece[least].y {
				least = k
			}
			if piece[k].y > piece[most].y {
				most = k
			}
		}
		for _, p := range []int{i, min(least, most), max(least, most), k - 1} {
			if n := len(kept); n == 0 || kept[n-1] != piece[p] {
				kept = append(kept, piece[p])
			}
		}
		i = k
	}
	t.pieces = append(t.pieces, kept)
}

// Plot implements plot.Plotter.
func (t *track) Plot(c draw.Canvas, p *plot.Plot) {
	t.plot(c, p, t.style, func(int) bool { return true })
}

// again draws parts of a track on top of all others, different parts for each. Where flows
// have the same delay their colours alternate, so that none hides another; where they do not
// it changes nothing.
type again struct{ *track }

// Plot implements plot.Plotter.
func (a again) Plot(c draw.Canvas, p *plot.Plot) {
	if a.turns < 2 {
		return
	}
	style := a.style
	if len(style.Dashes) == 0 { // the dashed flows are visible among the others as they are
		style.Dashes = []vg.Length{dash, dash * vg.Length(a.turns-1)}
		style.DashOffs = dash * vg.Length(a.turns-a.turn)
	}
	a.plot(c, p, style, func(i int) bool { return i%a.turns == a.turn })
	if a.dot == 0 {
		a.signs(c, p)
	}
}

// thumbnail is the sign of the flow in the legend, with the sign on its line if there are others.
func (t *track) thumbnail(signed bool) func(draw.Canvas) {
	return func(c draw.Canvas) {
		swatch(t.style)(c)
		if signed || t.dot > 0 {
			c.DrawGlyph(draw.GlyphStyle{Color: t.style.Color, Radius: signRadius, Shape: t.shape}, c.Center())
		}
	}
}

// signs draws the sign of the flow where its line is, every so often, those of other flows between.
func (t *track) signs(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	sign := draw.GlyphStyle{Color: t.style.Color, Radius: signRadius, Shape: t.shape}
	next := c.Min.X + float64Of(signDistance, (float64(t.turn)+0.5)/float64(t.turns))
	for _, piece := range t.pieces {
		for i := 1; i < len(piece); i++ {
			a, b := vg.Point{X: x(piece[i-1].x), Y: y(piece[i-1].y)}, vg.Point{X: x(piece[i].x), Y: y(piece[i].y)}
			for ; next <= b.X; next += signDistance {
				if next >= a.X {
					share := float64((next - a.X) / (b.X - a.X))
					c.DrawGlyph(sign, vg.Point{X: next, Y: a.Y + float64Of(b.Y-a.Y, share)})
				}
			}
		}
	}
}

func (t *track) plot(c draw.Canvas, p *plot.Plot, style draw.LineStyle, draws func(dot int) bool) {
	x, y := p.Transforms(&c)
	dot := draw.GlyphStyle{Color: style.Color, Radius: t.dot, Shape: t.shape}
	n := 0 // dots so far
	for _, piece := range t.pieces {
		line := make([]vg.Point, len(piece))
		for i, at := range piece {
			line[i] = vg.Point{X: x(at.x), Y: y(at.y)}
		}
		if len(line) > 1 {
			c.StrokeLines(style, straighten(line))
		}
		for _, at := range line {
			if n++; t.dot > 0 && draws(n) {
				c.DrawGlyph(dot, at)
			}
		}
		if t.dot == 0 && len(line) == 1 { // one packet between two losses
			alone := dot
			alone.Radius, alone.Shape = style.Width/2, draw.CircleGlyph{}
			c.DrawGlyph(alone, line[0])
		}
	}
}

// straighten leaves out the points in the middle of level stretches, which nobody would see
// but which make most of a vector graphic.
func straighten(line []vg.Point) []vg.Point {
	const visible = vg.Length(0.05)
	level := func(a, b vg.Point) bool { return max(a.Y-b.Y, b.Y-a.Y) < visible }
	kept := []vg.Point{line[0]}
	for i := 1; i < len(line)-1; i++ {
		if !level(line[i], kept[len(kept)-1]) || !level(line[i], line[i+1]) {
			kept = append(kept, line[i])
		}
	}
	return append(kept, line[len(line)-1])
}
