package plane

import (
	"math"

	"dsmipsim/sim/vtime"
)

// leg is a straight walk, or a rest, between two waypoints. A place on it is told by its
// share: 0 at the beginning, 1 at the end.
type leg struct {
	from, to vtime.Time
	x, y     float64 // where it begins, metres
	dx, dy   float64 // where it ends, from there
}

func newLeg(a, b Waypoint) leg {
	x0, y0 := a.Metres()
	dx, dy := Point{X: b.X - a.X, Y: b.Y - a.Y}.Metres()
	return leg{from: a.At, to: b.At, x: x0, y: y0, dx: dx, dy: dy}
}

// at returns the instant of a share.
func (l *leg) at(share float64) vtime.Time {
	return l.from + vtime.Time(math.Round(float64(share*float64(l.to-l.from))))
}

// place returns where the node is, at an instant that may lie between two nanoseconds.
func (l *leg) place(sinceStart float64) (x, y float64) {
	share := sinceStart / float64(l.to-l.from)
	return l.x + float64(share*l.dx), l.y + float64(share*l.dy)
}

// circle adds the shares at which the leg crosses a circle.
func (l *leg) circle(cx, cy, radius float64, add func(float64)) {
	x, y := l.x-cx, l.y-cy
	a := float64(l.dx*l.dx) + float64(l.dy*l.dy)
	b := float64(l.dx*x) + float64(l.dy*y)
	c := float64(float64(x*x)+float64(y*y)) - float64(radius*radius)
	quadratic(a, b, c, add)
}

// line adds the share at which the leg crosses the line through a place in a direction.
func (l *leg) line(px, py, dx, dy float64, add func(float64)) {
	cross := float64(l.dx*dy) - float64(l.dy*dx)
	if cross == 0 {
		return
	}
	add((float64((px-l.x)*dy) - float64((py-l.y)*dx)) / cross)
}

// nearer adds the shares at which the leg has one place ahead metres nearer than another:
// the crossings with one branch of a hyperbola, and perhaps with the other one.
func (l *leg) nearer(ax, ay, bx, by, ahead float64, add func(float64)) {
	// With A and B the squared distances, sqrt(A) = sqrt(B) + ahead becomes
	// A - B - ahead² = 2 ahead sqrt(B), whose left side is linear in the share: p + q share.
	x, y := l.x-bx, l.y-by
	ux, uy := bx-ax, by-ay
	q := float64(2 * (float64(l.dx*ux) + float64(l.dy*uy)))
	p := float64(2*(float64(x*ux)+float64(y*uy))) + float64(ux*ux) + float64(uy*uy) - float64(ahead*ahead)
	if ahead == 0 {
		if q != 0 {
			add(-p / q)
		}
		return
	}
	f := float64(4 * ahead * ahead)
	a := float64(q*q) - float64(f*(float64(l.dx*l.dx)+float64(l.dy*l.dy)))
	b := float64(p*q) - float64(f*(float64(l.dx*x)+float64(l.dy*y)))
	c := float64(p*p) - float64(f*(float64(x*x)+float64(y*y)))
	quadratic(a, b, c, add)
}

// quadratic adds the solutions of a s² + 2 b s + c = 0, without loss by cancellation.
func quadratic(a, b, c float64, add func(float64)) {
	d := float64(b*b) - float64(a*c)
	if d < 0 || a == 0 && b == 0 {
		return
	}
	if a == 0 {
		add(-c / (2 * b))
		return
	}
	q := -(b + math.Copysign(math.Sqrt(d), b))
	add(q / a)
	if q != 0 {
		add(c / q)
	}
}
