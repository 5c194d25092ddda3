package plot

import (
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// The figure fits the text width of a two-column paper.
const (
	width      = 7 * vg.Inch
	dpi        = 200 // of the PNG
	fontSize   = vg.Length(8)
	lineWidth  = vg.Length(1.2)
	axisWidth  = vg.Length(0.6)
	rowHeight  = vg.Length(8) // of a flow in the strip of losses
	dataHeight = 2.4 * vg.Inch
)

// palette is the one of Okabe and Ito (Color Universal Design, 2008), which people with any
// kind of colour vision can tell apart; without its yellow, too light for lines on white.
var palette = []color.RGBA{
	{0x00, 0x72, 0xb2, 0xff}, // blue
	{0xd5, 0x5e, 0x00, 0xff}, // vermilion
	{0x00, 0x9e, 0x73, 0xff}, // bluish green
	{0xcc, 0x79, 0xa7, 0xff}, // reddish purple
	{0x56, 0xb4, 0xe9, 0xff}, // sky blue
	{0xe6, 0x9f, 0x00, 0xff}, // orange
	{0x00, 0x00, 0x00, 0xff}, // black
}

var (
	ink      = color.Gray{Y: 0x30}
	moving   = color.Gray{Y: 0xc4} // a handover under way
	unbound  = color.Gray{Y: 0xec} // a stay without a binding
	gridLine = draw.LineStyle{Color: color.Gray{Y: 0xdc}, Width: 0.4}
)

// stroke is the line of the i-th flow. When the colours are used up they return dashed.
func stroke(i int) draw.LineStyle {
	s := draw.LineStyle{Color: palette[i%len(palette)], Width: lineWidth}
	if i >= len(palette) {
		s.Dashes = []vg.Length{3, 2}
	}
	return s
}

// face is the font of all texts: Liberation Sans, which is part of the program.
func face(size vg.Length) font.Font {
	return font.From(font.Font{Typeface: "Liberation", Variant: "Sans"}, size)
}

func label(size vg.Length, x text.XAlignment, y text.YAlignment) text.Style {
	return text.Style{Color: ink, Font: face(size), XAlign: x, YAlign: y, Handler: plot.DefaultTextHandler}
}

// newPlot returns an empty plot in our style. The library's defaults are left alone, since
// they are global.
func newPlot() *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		for _, t := range []*text.Style{&a.Label.TextStyle, &a.Tick.Label} {
			t.Font, t.Color = face(fontSize), ink
		}
		a.LineStyle = draw.LineStyle{Color: ink, Width: axisWidth}
		a.Tick.LineStyle = a.LineStyle
		a.Tick.Length = 3
		a.Padding = 0
	}
	p.Legend.TextStyle.Font = face(fontSize)
	return p
}
