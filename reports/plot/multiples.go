package plot

import (
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// multiples are small diagrams of lines in rows, on the same axes, with one legend.
type multiples struct {
	xLabel, yLabel string
	panels         []*lines
	titles         []string
	columns        int    // in a row; 0 for as many as there is room for
	by             string // heading of the legend
	note           string
}

const (
	panelWidth  = vg.Length(104) // that a panel would like to have
	panelHeight = vg.Length(92)
	leastPanel  = vg.Length(40) // of the height
	panelTitle  = vg.Length(12)
	panelGap    = vg.Length(7)
	sideLabel   = vg.Length(13) // of the common label of an axis
)

func (m *multiples) legend() legend {
	var all []series
	for _, p := range m.panels {
		all = append(all, p.series...)
	}
	return legendOf(all).under(m.by)
}

// grid returns how many panels stand in a row and how many rows there are: as few rows as the
// width allows, or more in a row if the height is too small for that; 0 for any height.
func (m *multiples) grid(width, height vg.Length) (columns, rows int) {
	n := len(m.panels)
	columns = m.columns
	if columns == 0 {
		columns = min(max(int((width-sideLabel)/panelWidth), 1), n)
		crowded := func() bool {
			names := m.panels[0].namesHeight((width - sideLabel) / vg.Length(columns))
			return vg.Length((n+columns-1)/columns)*(leastPanel+panelTitle+panelGap) > height-sideLabel-names
		}
		for height > 0 && columns < n && crowded() {
			columns++
		}
		rows = (n + columns - 1) / columns
		columns = (n + rows - 1) / rows // rows as equal as they can be
	}
	return columns, (n + columns - 1) / columns
}

func (m *multiples) height(width vg.Length) vg.Length {
	all := m.legend()
	inner := width
	if beside := all.beside(width); beside > 0 {
		inner -= beside + legendGap
	}
	columns, rows := m.grid(inner, 0)
	names := m.panels[0].namesHeight(inner / vg.Length(columns))
	return vg.Length(rows)*(panelHeight+panelTitle+panelGap) + sideLabel + 12 + names + all.below(width) + noteHeight(m.note, width)
}

func (m *multiples) draw(c draw.Canvas) {
	c = drawNote(c, m.note)
	area := m.legend().draw(c, panelTitle)
	width, height := area.Max.X-area.Min.X, area.Max.Y-area.Min.Y
	columns, rows := m.grid(width, height)
	cellWidth := (width - sideLabel) / vg.Length(columns)
	cellHeight := (height - sideLabel) / vg.Length(rows)

	plots := make([][]*plot.Plot, rows)
	for i := range m.panels {
		row, column := i/columns, i%columns
		left, bottom := column == 0, i+columns >= len(m.panels)
		empty := len(m.panels[i].series) == 0 // a combination that does not exist
		if empty && !left && !bottom {
			plots[row] = append(plots[row], nil)
			continue
		}
		p := m.panels[i].plot(cellWidth, cellHeight-panelTitle+axisHeight/2, nil)
		p.X.Label.Text, p.Y.Label.Text = "", ""
		if !left {
			p.Y.Tick.Marker = unlabelled{p.Y.Tick.Marker}
		}
		if !bottom {
			p.X.Tick.Marker = unlabelled{p.X.Tick.Marker}
		}
		if empty { // only the axes that others rely on
			if !left {
				p.HideY()
			}
			if !bottom {
				p.HideX()
			}
		}
		plots[row] = append(plots[row], p)
	}
	for len(plots[rows-1]) < columns {
		plots[rows-1] = append(plots[rows-1], nil)
	}
	tiles := draw.Tiles{Cols: columns, Rows: rows, PadX: panelGap, PadY: panelGap + panelTitle, PadTop: panelTitle}
	inner := draw.Crop(area, sideLabel, 0, sideLabel, 0)
	style := label(fontSize, draw.XCenter, draw.YBottom)
	frame := draw.LineStyle{Color: gridLine.Color, Width: axisWidth}
	left, right := inner.Max.X, inner.Min.X // of the data
	bottom, top := inner.Max.Y, inner.Min.Y
	for row, canvases := range plot.Align(plots, tiles, inner) {
		for column, canvas := range canvases {
			p := plots[row][column]
			if p == nil {
				continue
			}
			data := p.DataCanvas(canvas)
			if i := row*columns + column; len(m.panels[i].series) > 0 {
				c.StrokeLines(frame, closed(rectangle(data.Min.X, data.Min.Y, data.Max.X, data.Max.Y)))
				c.FillText(style, vg.Point{X: data.Center().X, Y: data.Max.Y + 2}, shorten(style, m.titles[i], data.Max.X-data.Min.X))
			}
			p.Draw(canvas)
			left, right = min(left, data.Min.X), max(right, data.Max.X)
			bottom, top = min(bottom, data.Min.Y), max(top, data.Max.Y)
		}
	}
	sideLabels(area, vg.Rectangle{Min: vg.Point{X: left, Y: bottom}, Max: vg.Point{X: right, Y: top}}, m.xLabel, m.yLabel)
}

// sideLabels names two axes at the edges of an area, in the middle of the data. The library does
// so for each diagram, but takes the place that a label needs wrong where an axis is logarithmic.
func sideLabels(area draw.Canvas, data vg.Rectangle, x, y string) {
	style := label(fontSize, draw.XCenter, draw.YBottom)
	middle := vg.Point{X: (data.Min.X + data.Max.X) / 2, Y: (data.Min.Y + data.Max.Y) / 2}
	area.FillText(style, vg.Point{X: middle.X, Y: area.Min.Y}, shorten(style, x, data.Max.X-data.Min.X))
	upright := label(fontSize, draw.XCenter, draw.YTop)
	upright.Rotation = math.Pi / 2
	area.FillText(upright, vg.Point{X: area.Min.X, Y: middle.Y}, shorten(style, y, data.Max.Y-data.Min.Y))
}

// unlabelled are the ticks of an axis that another panel labels.
type unlabelled struct{ plot.Ticker }

// Ticks implements plot.Ticker.
func (u unlabelled) Ticks(low, high float64) []plot.Tick {
	all := slices.Clone(u.Ticker.Ticks(low, high))
	for i := range all {
		all[i].Label = ""
	}
	return all
}
