package plane

import "math"

// Cell is an area that a network covers.
type Cell interface {
	// Outside returns how far a place is outside the cell, 0 inside. All in metres.
	Outside(x, y float64) float64
	// Center returns what the distance to a cell is measured to; a cell without one is
	// farther than every other.
	Center() (x, y float64, ok bool)
	// crossings passes to add every share of a leg at which the node crosses the line that
	// runs margin metres outside the cell's edge, and perhaps others.
	crossings(l *leg, margin float64, add func(share float64))
}

// Disc is the area within a radius, in metres, of its centre.
type Disc struct {
	X, Y, Radius float64
}

// Outside implements Cell.
func (d Disc) Outside(x, y float64) float64 { return max(0, length(x-d.X, y-d.Y)-d.Radius) }

// Center implements Cell.
func (d Disc) Center() (x, y float64, ok bool) { return d.X, d.Y, true }

func (d Disc) crossings(l *leg, margin float64, add func(float64)) {
	l.circle(d.X, d.Y, d.Radius+margin, add)
}

// Everywhere is the whole plane.
type Everywhere struct{}

// Outside implements Cell.
func (Everywhere) Outside(_, _ float64) float64 { return 0 }

// Center implements Cell.
func (Everywhere) Center() (x, y float64, ok bool) { return 0, 0, false }

func (Everywhere) crossings(*leg, float64, func(float64)) {}

// Polygon is the area inside straight edges between its corners, which do not cross each
// other.
type Polygon struct {
	Corners [][2]float64 // at least three, in order; metres
}

// Outside implements Cell.
func (p Polygon) Outside(x, y float64) float64 {
	inside, nearest := false, math.Inf(1)
	for i, b := range p.Corners {
		a := p.Corners[(i+len(p.Corners)-1)%len(p.Corners)]
		if (a[1] > y) != (b[1] > y) && x < float64((b[0]-a[0])*(y-a[1]))/(b[1]-a[1])+a[0] {
			inside = !inside
		}
		nearest = min(nearest, toSegment(x, y, a, b))
	}
	if inside {
		return 0
	}
	return nearest
}

// toSegment is the distance of a place to the edge between two corners.
func toSegment(x, y float64, a, b [2]float64) float64 {
	dx, dy := b[0]-a[0], b[1]-a[1]
	share := float64(float64((x-a[0])*dx)+float64((y-a[1])*dy)) / float64(float64(dx*dx)+float64(dy*dy))
	share = min(max(share, 0), 1)
	return length(x-(a[0]+float64(share*dx)), y-(a[1]+float64(share*dy)))
}

// Area returns the area in square metres, negative if the corners go round clockwise.
func (p Polygon) Area() float64 {
	sum := 0.0
	for i, b := range p.Corners {
		a := p.Corners[(i+len(p.Corners)-1)%len(p.Corners)]
		sum += float64(a[0]*b[1]) - float64(b[0]*a[1])
	}
	return sum / 2
}

// Center implements Cell. It is the centre of gravity of the area.
func (p Polygon) Center() (x, y float64, ok bool) {
	origin := p.Corners[0] // from there, so that far away nothing is lost
	area := 0.0
	for i, b := range p.Corners {
		a := p.Corners[(i+len(p.Corners)-1)%len(p.Corners)]
		ax, ay, bx, by := a[0]-origin[0], a[1]-origin[1], b[0]-origin[0], b[1]-origin[1]
		twice := float64(ax*by) - float64(bx*ay)
		area += twice
		x += float64((ax + bx) * twice)
		y += float64((ay + by) * twice)
	}
	return origin[0] + x/(3*area), origin[1] + y/(3*area), true
}

// Simple reports whether no two edges touch, except neighbours at their common corner.
func (p Polygon) Simple() bool {
	n := len(p.Corners)
	for i := range n {
		a, b := p.Corners[i], p.Corners[(i+1)%n]
		if a == b {
			return false
		}
		for j := i + 1; j < n; j++ {
			c, d := p.Corners[j], p.Corners[(j+1)%n]
			switch {
			case (i+1)%n == j || (j+1)%n == i: // neighbours: folded back onto each other?
				shared, u, v := b, a, d
				if (j+1)%n == i {
					shared, u, v = a, b, c
				}
				if n > 3 || i+1 == j {
					straight := turn(u, shared, v) == 0
					same := float64((u[0]-shared[0])*(v[0]-shared[0]))+float64((u[1]-shared[1])*(v[1]-shared[1])) > 0
					if straight && same {
						return false
					}
				}
			case touch(a, b, c, d):
				return false
			}
		}
	}
	return p.Area() != 0
}

// turn is positive if the way over three places turns left, and 0 if it is straight.
func turn(a, b, c [2]float64) float64 {
	return float64((b[0]-a[0])*(c[1]-a[1])) - float64((b[1]-a[1])*(c[0]-a[0]))
}

// touch reports whether two segments have a place in common.
func touch(a, b, c, d [2]float64) bool {
	t1, t2, t3, t4 := turn(a, b, c), turn(a, b, d), turn(c, d, a), turn(c, d, b)
	if (t1 > 0) != (t2 > 0) && t1 != 0 && t2 != 0 && (t3 > 0) != (t4 > 0) && t3 != 0 && t4 != 0 {
		return true
	}
	return t1 == 0 && between(a, b, c) || t2 == 0 && between(a, b, d) ||
		t3 == 0 && between(c, d, a) || t4 == 0 && between(c, d, b)
}

// between reports whether a place on the line through a and b is between them.
func between(a, b, p [2]float64) bool {
	return min(a[0], b[0]) <= p[0] && p[0] <= max(a[0], b[0]) && min(a[1], b[1]) <= p[1] && p[1] <= max(a[1], b[1])
}

// crossings looks at the lines beside the edges and at the circles around the corners, of
// which the line outside the edge is made.
func (p Polygon) crossings(l *leg, margin float64, add func(float64)) {
	for i, b := range p.Corners {
		a := p.Corners[(i+len(p.Corners)-1)%len(p.Corners)]
		dx, dy := b[0]-a[0], b[1]-a[1]
		edge := length(dx, dy)
		for _, side := range []float64{-margin, margin} {
			l.line(a[0]-float64(side*dy)/edge, a[1]+float64(side*dx)/edge, dx, dy, add)
			if margin == 0 {
				break
			}
		}
		if margin > 0 {
			l.circle(b[0], b[1], margin, add)
		}
	}
}
