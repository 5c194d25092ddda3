package plot

import (
	"image/color"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/encoding/charmap"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgpdf"
)

// pdfCanvas writes texts of any letters: the library's canvas takes octets of Windows code page
// 1252 for letters. What that page has stays text, to be searched and copied; of other letters
// the outlines are drawn.
type pdfCanvas struct{ *vgpdf.Canvas }

// SetColor implements vg.Canvas: the library's takes colours that are not opaque for darker ones.
func (c pdfCanvas) SetColor(to color.Color) {
	if to != nil {
		to = straight(color.NRGBA64Model.Convert(to).(color.NRGBA64))
	}
	c.Canvas.SetColor(to)
}

// straight is a colour whose parts are not multiplied by its opacity.
type straight color.NRGBA64

// RGBA implements color.Color.
func (s straight) RGBA() (r, g, b, a uint32) {
	return uint32(s.R), uint32(s.G), uint32(s.B), uint32(s.A)
}

// FillString implements vg.Canvas.
func (c pdfCanvas) FillString(face font.Face, at vg.Point, text string) {
	var run []byte // letters of the code page that are still to be written
	from := 0      // where they begin
	left := func(i int) vg.Point { return vg.Point{X: at.X + face.Width(text[:i]), Y: at.Y} }
	flush := func() {
		if len(run) > 0 {
			c.Canvas.FillString(face, left(from), string(run))
			run = nil
		}
	}
	for i, r := range text {
		b, ok := charmap.Windows1252.EncodeRune(r)
		if !ok {
			flush()
			c.outline(face, left(i), r)
			continue
		}
		if len(run) == 0 {
			from = i
		}
		run = append(run, b)
	}
	flush()
}

// outline fills the outline of a letter. One that the font does not have gives the font's own
// sign for that.
func (c pdfCanvas) outline(face font.Face, at vg.Point, letter rune) {
	var buf sfnt.Buffer
	em := fixed.Int26_6(face.Face.UnitsPerEm())
	index, err := face.Face.GlyphIndex(&buf, letter)
	if err != nil {
		return
	}
	segments, err := face.Face.LoadGlyph(&buf, index, em, nil)
	if err != nil {
		return
	}
	place := func(p fixed.Point26_6) vg.Point {
		return vg.Point{X: at.X + float64Of(face.Font.Size, float64(p.X)/float64(em)), Y: at.Y - float64Of(face.Font.Size, float64(p.Y)/float64(em))}
	}
	var path vg.Path
	for i, s := range segments {
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			if i > 0 {
				path.Close()
			}
			path.Move(place(s.Args[0]))
		case sfnt.SegmentOpLineTo:
			path.Line(place(s.Args[0]))
		case sfnt.SegmentOpQuadTo:
			path.QuadTo(place(s.Args[0]), place(s.Args[1]))
		case sfnt.SegmentOpCubeTo:
			path.CubeTo(place(s.Args[0]), place(s.Args[1]), place(s.Args[2]))
		}
	}
	if len(path) > 0 {
		path.Close()
		c.Fill(path)
	}
}
