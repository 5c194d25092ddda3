package plot

import (
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// categoryRoom returns how long the names of categories may be, and whether they must stand
// upright because one has no room, not even in two lines.
func (l *lines) categoryRoom(width vg.Length) (room vg.Length, upright bool) {
	style := label(fontSize, draw.XCenter, draw.YTop)
	room = float64Of(width-40, 1/float64(max(len(l.categories), 1))) - 3
	for _, n := range l.categories {
		if twoLines(style, n, room) == "" {
			return uprightRoom, true
		}
	}
	return room, false
}

// uprightRoom is how long an upright name of a category may be.
const uprightRoom = vg.Length(60)

// namesHeight is what the names of categories take beyond one line.
func (l *lines) namesHeight(width vg.Length) vg.Length {
	style := label(fontSize, draw.XCenter, draw.YTop)
	room, upright := l.categoryRoom(width)
	height := vg.Length(0)
	for _, n := range l.categories {
		switch {
		case upright:
			height = max(height, min(style.Width(n), room)-fontSize)
		case style.Width(n) > room:
			height = max(height, lineHeight)
		}
	}
	return height
}

// twoLines breaks a text into two lines at most, none of them cut; "" if that cannot be.
func twoLines(style text.Style, s string, room vg.Length) string {
	rows := wrap(style, s, room)
	text := strings.Join(rows, "\n")
	if len(rows) > 2 || len(text) != len(s) {
		return ""
	}
	return text
}

// categoryTicks names the whole numbers from 0.
func categoryTicks(names []string, room vg.Length, upright bool) plot.ConstantTicks {
	style := label(fontSize, draw.XCenter, draw.YTop)
	var all plot.ConstantTicks
	for i, n := range names {
		text := twoLines(style, n, room)
		if text == "" {
			text = shorten(style, n, room)
		}
		if upright { // the end is at the tick
			text = strings.ReplaceAll(text, "\n", "  \n") + "  "
		}
		all = append(all, plot.Tick{Value: float64(i), Label: text})
	}
	return all
}
