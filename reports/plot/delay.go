// Package plot draws figures of a run: vector graphics for papers and pixels for the screen.
package plot

import (
	"fmt"
	"io"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"

	"dsmipsim/reports/result"
)

// Format is a graphics format.
type Format string

// The formats. Both give the same octets for the same input, each time.
const (
	SVG Format = "svg"
	PNG Format = "png"
)

// Delay draws the delay of every received packet against the time at which it was sent, a
// line for each flow. A line breaks where packets were lost; the strip below marks each
// loss. Handovers are shaded until they ended, lighter while the node stays in a network
// from which it cannot bind, and the networks are named above.
func Delay(w io.Writer, f Format, r *result.Result, samples []result.FlowSamples) error {
	d := newFigure(r, samples)
	height := dataHeight + d.stripHeight() + 62
	switch f {
	case SVG:
		c := vgsvg.New(width, height)
		d.draw(draw.New(c))
		_, err := c.WriteTo(w)
		return err
	case PNG:
		c := vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(dpi))
		d.draw(draw.New(c))
		_, err := vgimg.PngCanvas{Canvas: c}.WriteTo(w)
		return err
	}
	return fmt.Errorf("plot: unknown format %q, want svg or png", f)
}

// figure is a delay plot over a strip of losses, with a legend beside both.
type figure struct {
	result  *result.Result
	samples []result.FlowSamples
	tracks  []*track // one for each flow
	end     float64  // seconds
}

func newFigure(r *result.Result, samples []result.FlowSamples) *figure {
	d := &figure{result: r, samples: samples, end: r.DurationS}
	if d.end <= 0 {
		d.end = 1 // an axis needs a length
	}
	for i, s := range samples {
		t := newTrack(s, stroke(i), d.end)
		if len(s.Packets) <= fewPackets {
			t.dot = dotRadius
		}
		d.tracks = append(d.tracks, t)
	}
	interleave(d.tracks)
	return d
}

func (d *figure) stripHeight() vg.Length { return rowHeight*vg.Length(max(1, len(d.samples))) + 4 }

func (d *figure) draw(c draw.Canvas) {
	upper, lower := d.delays(), d.losses()
	c = draw.Crop(c, 4, -8, 4, -4)

	legend := d.legend()
	area := draw.Crop(c, 0, -legendWidth(&legend)-10, 0, 0)

	// The lower panel is as high as its axis and rows; the upper one takes the rest, less a
	// line for the names of the networks.
	axis := lower.DataCanvas(area).Min.Y - area.Min.Y
	strip := draw.Crop(area, 0, 0, 0, axis+d.stripHeight()-(area.Max.Y-area.Min.Y))
	main := draw.Crop(area, 0, 0, axis+d.stripHeight()+5, -14)

	// Both panels have their data above each other, whatever room their tick labels take.
	above, below := upper.DataCanvas(main), lower.DataCanvas(strip)
	left, right := max(above.Min.X, below.Min.X), min(above.Max.X, below.Max.X)
	main = draw.Crop(main, left-above.Min.X, right-above.Max.X, 0, 0)
	strip = draw.Crop(strip, left-below.Min.X, right-below.Max.X, 0, 0)
	upper.Draw(main)
	lower.Draw(strip)
	d.names(main, upper)
	legend.Draw(draw.Crop(c, area.Max.X-c.Min.X+10, 0, 0, -14))
}

// delays is the upper panel.
func (d *figure) delays() *plot.Plot {
	p := newPlot()
	p.Y.Label.Text = d.ordinate()
	p.X.Tick.Marker = plot.ConstantTicks(nil) // the lower panel has them
	p.X.Tick.Length = 0
	p.Y.Tick.Marker = ticks(8)
	p.Add(shades(d.stays()))
	p.Add(horizontals{})
	var delays []float64
	for _, t := range d.tracks {
		p.Add(t)
		delays = append(delays, t.delays...)
	}
	for _, t := range d.tracks {
		p.Add(again{t})
	}
	p.X.Min, p.X.Max = 0, d.end
	p.Y.Min, p.Y.Max = 0, 1
	if len(delays) == 0 {
		return p
	}
	slices.Sort(delays)
	low, median, high := delays[0], delays[len(delays)/2], delays[len(delays)-1]
	p.Y.Max = float64(high * 1.08)
	// A few packets that waited long would press all others onto the axis.
	if low > 0 && high > float64(20*median) {
		p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, powers{}
		p.Y.Min, p.Y.Max = float64(low/1.3), float64(high*1.3)
	}
	if high == 0 {
		p.Y.Max = 1
	}
	return p
}

// ordinate says what the upper panel shows.
func (d *figure) ordinate() string {
	pings := 0
	for _, s := range d.samples {
		if s.Flow.Ping() {
			pings++
		}
	}
	switch pings {
	case 0:
		return "one-way delay (ms)"
	case len(d.samples):
		return "round-trip time (ms)"
	}
	return "delay (ms)" // the legend marks the pings
}

// losses is the lower panel.
func (d *figure) losses() *plot.Plot {
	p := newPlot()
	p.X.Label.Text = "time (s)"
	p.X.Label.Padding = 2
	p.X.Tick.Marker = ticks(10)
	p.Y.Tick.Marker = plot.ConstantTicks([]plot.Tick{{Value: float64(len(d.samples)) / 2, Label: "lost"}})
	p.Y.Tick.Length = 0
	p.Add(shades(d.stays()))
	p.Add(strip{samples: d.samples})
	p.X.Min, p.X.Max = 0, d.end
	p.Y.Min, p.Y.Max = 0, float64(max(1, len(d.samples)))
	return p
}

// legendMost is how many flows a legend names. More would not fit beside the figure.
const legendMost = 18

func (d *figure) legend() plot.Legend {
	l := plot.NewLegend()
	l.Top, l.Left = true, true
	l.TextStyle = label(fontSize, draw.XLeft, draw.YBottom)
	l.ThumbnailWidth = 16
	l.Padding = 3
	for i, s := range d.samples {
		if i == legendMost {
			l.Add(fmt.Sprintf("and %d more", len(d.samples)-legendMost))
			break
		}
		name := s.Flow.Name
		if s.Flow.Ping() {
			name += " (RTT)"
		}
		l.Add(name, swatch{stroke(i)})
	}
	waiting := false
	for _, s := range d.stays() {
		waiting = waiting || s.unbound
	}
	if len(d.result.Handovers) > 0 {
		l.Add("handover", block{moving})
	}
	if waiting {
		l.Add("no binding", block{unbound})
	}
	return l
}

func legendWidth(l *plot.Legend) vg.Length {
	return l.Rectangle(draw.Canvas{}).Size().X
}
