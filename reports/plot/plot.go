// Package plot draws figures of runs: vector graphics for papers and pixels for the screen.
//
// A Kind makes a Figure of one run or several; a Figure is written in a Style and a Format.
// The same input gives the same octets each time.
//
//	fig := plot.Kinds()[0].Make(runs)
//	err := fig.Write(w, plot.SVG, plot.Paper)
//
// Figures tell their contents apart by line styles, markers and hatches as well as by colour,
// so that they can be read in black and white.
package plot

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgpdf"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Format is a graphics format.
type Format string

// The formats.
const (
	SVG Format = "svg"
	PNG Format = "png"
	PDF Format = "pdf"
)

// ParseFormat returns the format of that name.
func ParseFormat(name string) (Format, error) {
	switch f := Format(name); f {
	case SVG, PNG, PDF:
		return f, nil
	}
	return "", fmt.Errorf("found plot format %q, wanted svg, png or pdf", name)
}

// Figure is a picture that can be written in any style and format.
type Figure struct {
	Title  string // above the picture; empty for none
	Empty  string // why there is nothing to see; empty if there is something
	Limits Limits // that are shown, of a figure of a quantity that has some

	body body
}

// body is what fills a figure below its title.
type body interface {
	height(width vg.Length) vg.Length // that it would like to have
	draw(c draw.Canvas)
}

// Write draws the figure.
func (f *Figure) Write(w io.Writer, format Format, s Style) error {
	if b, ok := f.body.(limited); ok {
		b.limit(f.Limits)
	}
	width, height := s.width/vg.Length(s.scale), s.height/vg.Length(s.scale)
	if height == 0 {
		height = f.height(width)
	}
	full := func() (vg.Length, vg.Length) { return width * vg.Length(s.scale), height * vg.Length(s.scale) }
	switch format {
	case SVG:
		c := vgsvg.New(full())
		c.Scale(s.scale, s.scale)
		f.draw(draw.NewCanvas(c, width, height))
		var b bytes.Buffer
		if err := written(c.WriteTo(&b)); err != nil {
			return err
		}
		_, err := w.Write(bytes.ReplaceAll(b.Bytes(), []byte("font-family:Liberation Sans;"), []byte(svgFonts)))
		return err
	case PNG:
		c := vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(int(float64(s.dpi)*s.scale)))
		f.draw(draw.New(c))
		return written(vgimg.PngCanvas{Canvas: c}.WriteTo(w))
	case PDF:
		fixDates()
		c := vgpdf.New(full())
		c.Scale(s.scale, s.scale)
		f.draw(draw.NewCanvas(pdfCanvas{c}, width, height))
		return written(c.WriteTo(w))
	}
	return fmt.Errorf("plot: unknown format %q", format)
}

// svgFonts are names of fonts in which letters are as wide as in ours, for where that is missing.
const svgFonts = "font-family:'Liberation Sans',Arimo,Arial,Helvetica,sans-serif;"

func written(_ int64, err error) error { return err }

// fixDates keeps the present date out of PDF files.
var fixDates = sync.OnceFunc(func() {
	epoch := time.Unix(0, 0).UTC()
	fpdf.SetDefaultCreationDate(epoch)
	fpdf.SetDefaultModificationDate(epoch)
	fpdf.SetDefaultCatalogSort(true)
})

const (
	margin      = vg.Length(5)
	titleHeight = vg.Length(15)
	emptyHeight = vg.Length(60)
)

func (f *Figure) height(width vg.Length) vg.Length {
	h := 2 * margin
	if f.Title != "" {
		h += titleHeight
	}
	if f.Empty != "" {
		return h + emptyHeight
	}
	return h + f.body.height(width-2*margin)
}

func (f *Figure) draw(c draw.Canvas) {
	c.FillPolygon(paper, rectangle(c.Min.X, c.Min.Y, c.Max.X, c.Max.Y))
	c = draw.Crop(c, margin, -margin, margin, -margin)
	if f.Title != "" {
		style := label(titleSize, draw.XLeft, draw.YTop)
		c.FillText(style, vg.Point{X: c.Min.X, Y: c.Max.Y}, shorten(style, f.Title, c.Max.X-c.Min.X))
		c = draw.Crop(c, 0, 0, 0, -titleHeight)
	}
	if f.Empty == "" {
		f.body.draw(c)
		return
	}
	style := label(fontSize, draw.XCenter, draw.YCenter)
	lines := wrap(style, f.Empty, c.Max.X-c.Min.X-20)
	c.FillText(style, c.Center(), strings.Join(lines, "\n"))
}
