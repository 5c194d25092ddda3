package models

import (
	"math/rand/v2"

	"dsmipsim/sim/vtime"
	"dsmipsim/topology/motion/plane"
)

// Manhattan moves along the streets of a grid. At each crossing the node turns with a given
// probability, to the left as often as to the right, and draws a new speed (3GPP TR 101 112
// V3.2.0, UMTS 30.03, annex B.1.6.2). Where there is no street the other ways share the
// probability; at the end of all of them it turns back.
type Manhattan struct {
	Area   Area
	BlockX int64 // distance of the streets that run north, micrometres
	BlockY int64 // distance of the streets that run east
	Speed  Speed
	Turn   float64
	Start  *plane.Point // a crossing; nil for any
}

// Track implements Model.
func (m Manhattan) Track(r *rand.Rand, end vtime.Time) plane.Track {
	last := crossing{(m.Area.Max.X - m.Area.Min.X) / m.BlockX, (m.Area.Max.Y - m.Area.Min.Y) / m.BlockY}
	at := crossing{}
	if m.Start != nil {
		at = crossing{(m.Start.X - m.Area.Min.X) / m.BlockX, (m.Start.Y - m.Area.Min.Y) / m.BlockY}
	} else {
		at = crossing{r.Int64N(last.x + 1), r.Int64N(last.y + 1)}
	}
	t := plane.Track{{Point: m.point(at)}}
	heading := m.choose(r, at, last, []crossing{{1, 0}, {0, 1}, {-1, 0}, {0, -1}}, []float64{1, 1, 1, 1})
	for t.End().At < end {
		at = at.plus(heading)
		t = t.Go(m.point(at), m.Speed.draw(r))
		left, right := crossing{-heading.y, heading.x}, crossing{heading.y, -heading.x}
		back := crossing{-heading.x, -heading.y}
		heading = m.choose(r, at, last, []crossing{heading, left, right, back}, []float64{1 - m.Turn, m.Turn / 2, m.Turn / 2, 0})
	}
	return t
}

// crossing is a place on the grid, or a way of one block.
type crossing struct {
	x, y int64
}

func (c crossing) plus(d crossing) crossing { return crossing{c.x + d.x, c.y + d.y} }

func (c crossing) within(last crossing) bool {
	return c.x >= 0 && c.y >= 0 && c.x <= last.x && c.y <= last.y
}

func (m Manhattan) point(c crossing) plane.Point {
	return plane.Point{X: m.Area.Min.X + c.x*m.BlockX, Y: m.Area.Min.Y + c.y*m.BlockY}
}

// choose draws one of the ways that stay on the grid, with their weights. Where these are all
// 0 the node turns aside if it can, and back otherwise.
func (m Manhattan) choose(r *rand.Rand, at, last crossing, ways []crossing, weights []float64) crossing {
	u, sum := r.Float64(), 0.0
	var open []int
	for i, w := range ways {
		if at.plus(w).within(last) {
			open = append(open, i)
			sum += weights[i]
		}
	}
	if sum == 0 {
		if len(open) > 1 {
			open = open[:len(open)-1] // not back
		}
		return ways[open[min(int(float64(u*float64(len(open)))), len(open)-1)]]
	}
	u = float64(u * sum)
	for _, i := range open {
		if u -= weights[i]; u < 0 {
			return ways[i]
		}
	}
	for i := len(open) - 1; ; i-- { // the sum was rounded
		if weights[open[i]] > 0 {
			return ways[open[i]]
		}
	}
}
