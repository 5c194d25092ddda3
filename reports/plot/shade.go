package plot

import (
	"image/color"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"dsmipsim/reports/result"
)

// stay is a mobile node's time in one network, the handover into it included. In seconds.
type stay struct {
	network    string
	start, end float64
	settled    float64 // when the handover had ended; equal to start if there was none
	unbound    bool    // there is no binding from settled to end
}

// stays lists the stays of all mobile nodes until the end of the run, each node's in order.
func stays(r *result.Result, end float64) []stay {
	var all []stay
	// Of several nodes one or another is without a binding at most times, which tells nothing.
	alone := oneNode(r)
	last := map[string]int{} // place in all of the node's latest stay
	for i := range r.Handovers {
		h := &r.Handovers[i]
		if k, ok := last[h.MobileNode]; ok {
			all[k].end = h.StartS
		} else {
			all = append(all, stay{network: h.From, end: h.StartS})
		}
		s := stay{network: h.To, start: h.StartS, end: end, unbound: alone}
		p := h.Phases
		s.settled = h.StartS + p.L2S + p.DetectS + p.AddressS + p.RegisterS
		if h.LatencyS != nil {
			s.settled, s.unbound = h.StartS+*h.LatencyS, false
		}
		last[h.MobileNode] = len(all)
		all = append(all, s)
	}
	for i := range all {
		all[i].settled = min(max(all[i].settled, all[i].start), all[i].end)
	}
	return all
}

// shades fills the times of handovers and the stays without a binding.
type shades []stay

// Plot implements plot.Plotter.
func (s shades) Plot(c draw.Canvas, p *plot.Plot) {
	x, _ := p.Transforms(&c)
	fill := func(from, to float64, shade color.Color) {
		if from < to {
			c.FillPolygon(shade, rectangle(x(from), c.Min.Y, x(to), c.Max.Y))
		}
	}
	for _, one := range s {
		if one.unbound {
			fill(one.settled, one.end, unbound)
		}
	}
	for _, one := range s {
		fill(one.start, one.settled, moving)
		if one.start < one.settled && x(one.settled)-x(one.start) < 1 && len(s) <= widened {
			// A short handover would vanish between two pixels, as many may.
			c.FillPolygon(moving, rectangle(x(one.start), c.Min.Y, x(one.start)+1, c.Max.Y))
		}
	}
}

// widened is how many stays there are at most where short handovers are drawn wider than they are.
const widened = 100

func rectangle(x0, y0, x1, y1 vg.Length) []vg.Point {
	return []vg.Point{{X: x0, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: x0, Y: y1}}
}

// names writes the networks above the stays, where there is one mobile node and room.
func names(c draw.Canvas, p *plot.Plot, r *result.Result, end float64) {
	if !oneNode(r) {
		return
	}
	data := p.DataCanvas(c)
	x, _ := p.Transforms(&data)
	style := label(fontSize, draw.XCenter, draw.YBottom)
	tick := draw.LineStyle{Color: ink, Width: axisWidth}
	all := stays(r, end)
	fits := func(s stay) bool { return style.Width(s.network)+4 <= x(s.end)-x(s.start) }
	if !slices.ContainsFunc(all, fits) {
		return // ticks alone would tell nothing
	}
	for _, s := range all {
		left, right := x(s.start), x(s.end)
		if s.start > 0 {
			c.StrokeLine2(tick, left, data.Max.Y, left, data.Max.Y+10)
		}
		if fits(s) {
			c.FillText(style, vg.Point{X: (left + right) / 2, Y: data.Max.Y + 2}, s.network)
		}
	}
}

func oneNode(r *result.Result) bool {
	for i := range r.Handovers {
		if r.Handovers[i].MobileNode != r.Handovers[0].MobileNode {
			return false
		}
	}
	return true
}

// horizontals are the lines of the grid, one at each of these ticks that has a label; without
// ticks at those of the axis.
type horizontals struct{ plot.Ticker }

// Plot implements plot.Plotter.
func (h horizontals) Plot(c draw.Canvas, p *plot.Plot) {
	_, y := p.Transforms(&c)
	ticks := h.Ticker
	if ticks == nil {
		ticks = p.Y.Tick.Marker
	}
	for _, t := range ticks.Ticks(p.Y.Min, p.Y.Max) {
		if !t.IsMinor() && t.Value > p.Y.Min && t.Value < p.Y.Max {
			c.StrokeLine2(gridLine, c.Min.X, y(t.Value), c.Max.X, y(t.Value))
		}
	}
}

// strip marks each lost packet, a row for each flow, the first on top.
type strip struct{ samples []result.FlowSamples }

// Plot implements plot.Plotter.
func (s strip) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	for i := range s.samples {
		style := draw.LineStyle{Color: stroke(i).Color, Width: 0.5}
		row := float64(len(s.samples) - i)
		bottom, top := y(row-0.85), y(row-0.15)
		drawn := vg.Length(-1)
		for _, packet := range s.samples[i].Packets {
			at := x(result.At(packet.Sent))
			// Marks closer than a third of their width cannot be told apart.
			if packet.Fate != result.Lost || at-drawn < style.Width/3 {
				continue
			}
			drawn = at
			c.StrokeLine2(style, at, bottom, at, top)
		}
	}
}
