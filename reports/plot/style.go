package plot

import (
	"fmt"
	"image/color"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Style is the size of a figure and of all that is in it. Figures are drawn in the measures of a
// paper and scaled as a whole.
type Style struct {
	Name  string
	About string

	width, height vg.Length // height 0: as the figure needs
	scale         float64   // of type, lines and markers
	dpi           int       // of the PNG
}

// Paper fits the text width of a two-column paper.
var Paper = Style{Name: "paper", About: "7 in wide, type of 8 pt: both columns of a paper", width: 7 * vg.Inch, scale: 1, dpi: 200}

// Styles lists the styles.
func Styles() []Style {
	return []Style{
		Paper,
		{Name: "column", About: "3.5 in wide, type of 8 pt: one column of a paper", width: 3.5 * vg.Inch, scale: 1, dpi: 300},
		{Name: "slide", About: "10 in by 5.625 in (16:9), type of 16 pt; PNG of 1920 by 1080", width: 10 * vg.Inch, height: 5.625 * vg.Inch, scale: 2, dpi: 192},
	}
}

// FindStyle returns the style of that name.
func FindStyle(name string) (Style, error) {
	var names []string
	for _, s := range Styles() {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	return Style{}, fmt.Errorf("found style %q, wanted %s", name, strings.Join(names, ", "))
}

const (
	fontSize  = vg.Length(8)
	smallSize = vg.Length(7)
	titleSize = vg.Length(9.5)
	lineWidth = vg.Length(1.2)
	axisWidth = vg.Length(0.6)
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
	paper    = color.White
	ink      = color.Gray{Y: 0x30}
	moving   = color.Gray{Y: 0xc4} // a handover under way
	unbound  = color.Gray{Y: 0xec} // a stay without a binding
	gridLine = draw.LineStyle{Color: color.Gray{Y: 0xdc}, Width: 0.4}
)

// stroke is the line of the i-th flow over time. When the colours are used up they return dashed.
func stroke(i int) draw.LineStyle {
	s := draw.LineStyle{Color: palette[i%len(palette)], Width: lineWidth}
	if i >= len(palette) {
		s.Dashes = []vg.Length{3, 2}
	}
	return s
}

// dashes tell lines apart where colours cannot.
var dashes = [][]vg.Length{nil, {5, 2}, {1.2, 1.6}, {6, 1.6, 1.2, 1.6}, {9, 2.4}}

// curveStroke is the line of the i-th curve, told apart by its dashes too.
func curveStroke(i int) draw.LineStyle {
	return draw.LineStyle{Color: palette[i%len(palette)], Width: lineWidth, Dashes: dashes[i%len(dashes)]}
}

// marker is the sign at the points of the i-th curve.
func marker(i int) draw.GlyphStyle {
	shapes := []draw.GlyphDrawer{draw.CircleGlyph{}, draw.SquareGlyph{}, draw.PyramidGlyph{}, draw.RingGlyph{}, draw.BoxGlyph{}, draw.TriangleGlyph{}, draw.CrossGlyph{}}
	return draw.GlyphStyle{Color: palette[i%len(palette)], Radius: 2.4, Shape: shapes[i%len(shapes)]}
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
	p.X.Label.Padding, p.Y.Label.Padding = 2, 2
	return p
}
