package plot

import (
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"dsmipsim/reports/limits"
	"dsmipsim/reports/result"
)

// Delay draws the delay of every received packet against the time at which it was sent, a
// line for each flow. A line breaks where packets were lost; the strip below marks each
// loss. Handovers are shaded until they ended, lighter while the node stays in a network
// from which it cannot bind, and the networks are named above.
func Delay(r Run) *Figure {
	f := &Figure{Title: "Delay over time: " + r.Name, body: newTimeline(r.Result, r.Samples)}
	if len(r.Samples) == 0 {
		f.Empty = "The run has no flow whose delay could be shown."
	}
	return f
}

// timeline is a delay plot over a strip of losses.
type timeline struct {
	result  *result.Result
	samples []result.FlowSamples
	tracks  []*track // one for each flow
	end     float64  // seconds
	bounds
}

func newTimeline(r *result.Result, samples []result.FlowSamples) *timeline {
	d := &timeline{result: r, samples: samples, end: runLength(r)}
	for i, s := range samples {
		t := newTrack(s, i, d.end)
		if len(s.Packets) <= fewPackets {
			t.dot = dotRadius
		}
		d.tracks = append(d.tracks, t)
	}
	interleave(d.tracks)
	if oneWay(samples) {
		d.bounds = secondBounds(limits.OneWayDelay, prefix{"ms", 1e-3})
	}
	return d
}

// runLength is the length of a time axis.
func runLength(r *result.Result) float64 {
	if r.DurationS <= 0 {
		return 1 // an axis needs a length
	}
	return r.DurationS
}

// The strip of losses has a row for each flow, thinner when there are many.
const (
	rowHeight   = vg.Length(8)
	stripMost   = vg.Length(60)
	namesHeight = vg.Length(13) // of the networks above the panel
)

func (d *timeline) stripHeight() vg.Length {
	return min(rowHeight*vg.Length(max(1, len(d.samples)))+4, stripMost)
}

func (d *timeline) height(width vg.Length) vg.Length {
	return dataHeight(width) + d.stripHeight() + namesHeight + axisHeight + d.legend().below(width)
}

// dataHeight is the height of a panel in which lines run.
func dataHeight(width vg.Length) vg.Length { return min(2.4*vg.Inch, float64Of(width, 0.55)) }

// axisHeight is what a horizontal axis takes, its label included.
const axisHeight = vg.Length(27)

func (d *timeline) draw(c draw.Canvas) {
	area := d.legend().draw(c, namesHeight)
	width, height := area.Max.X-area.Min.X, area.Max.Y-area.Min.Y
	strip := min(d.stripHeight(), float64Of(height, 0.25))
	upper, lower := d.delays(height-strip), d.losses(width)

	// The lower panel is as high as its axis and rows; the upper one takes the rest, less a
	// line for the names of the networks.
	axis := lower.DataCanvas(area).Min.Y - area.Min.Y
	low := draw.Crop(area, 0, 0, 0, axis+strip-height)
	main := draw.Crop(area, 0, 0, axis+strip+5, -namesHeight)

	// Both panels have their data above each other, whatever room their tick labels take.
	above, below := upper.DataCanvas(main), lower.DataCanvas(low)
	left, right := max(above.Min.X, below.Min.X), min(above.Max.X, below.Max.X)
	main = draw.Crop(main, left-above.Min.X, right-above.Max.X, 0, 0)
	low = draw.Crop(low, left-below.Min.X, right-below.Max.X, 0, 0)
	upper.Draw(main)
	lower.Draw(low)
	names(main, upper, d.result, d.end)
}

// delays is the upper panel.
func (d *timeline) delays(height vg.Length) *plot.Plot {
	p := newPlot()
	p.Y.Label.Text = d.ordinate()
	p.X.Tick.Marker = plot.ConstantTicks(nil) // the lower panel has them
	p.X.Tick.Length = 0
	p.Y.Tick.Marker = ticksFor(height, 20)
	p.Add(shades(stays(d.result, d.end)))
	p.Add(horizontals{}, levels(d.shown(d.greatest())))
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
	p.Y.Max = max(float64(high*1.08), end(d.shown(high)))
	// A few packets that waited long would press all others onto the axis.
	if low > 0 && high > float64(20*median) {
		p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, powers{}
		p.Y.Min, p.Y.Max = float64(low/1.3), max(float64(high*1.3), end(d.shown(high)))
	}
	if high == 0 {
		p.Y.Max = 1
	}
	return p
}

// greatest is the greatest delay in milliseconds.
func (d *timeline) greatest() (most float64) {
	for _, t := range d.tracks {
		for _, v := range t.delays {
			most = max(most, v)
		}
	}
	return most
}

// ordinate says what the upper panel shows.
func (d *timeline) ordinate() string {
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
func (d *timeline) losses(width vg.Length) *plot.Plot {
	p := newPlot()
	p.X.Label.Text = "time (s)"
	p.X.Tick.Marker = ticksFor(width, 38)
	p.Y.Tick.Marker = plot.ConstantTicks([]plot.Tick{{Value: float64(len(d.samples)) / 2, Label: "lost"}})
	p.Y.Tick.Length = 0
	p.Add(shades(stays(d.result, d.end)))
	p.Add(strip{samples: d.samples})
	p.X.Min, p.X.Max = 0, d.end
	p.Y.Min, p.Y.Max = 0, float64(max(1, len(d.samples)))
	return p
}

func (d *timeline) legend() legend {
	var l legend
	for i, s := range d.samples {
		name := s.Flow.Name
		if s.Flow.Ping() {
			name += " (RTT)"
		}
		l = append(l, entry{name: name, sign: d.tracks[i].thumbnail(len(d.tracks) > 1)})
	}
	return l.with(append(boundLegend(d.shown(d.greatest())), shadeLegend(d.result, d.end)...)...)
}

// shadeLegend explains the shades behind a time axis.
func shadeLegend(r *result.Result, end float64) (l legend) {
	if len(r.Handovers) > 0 {
		l = append(l, entry{name: "handover", sign: block(moving)})
	}
	if slices.ContainsFunc(stays(r, end), func(s stay) bool { return s.unbound }) {
		l = append(l, entry{name: "no binding", sign: block(unbound)})
	}
	return l
}
