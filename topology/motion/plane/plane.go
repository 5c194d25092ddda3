// Package plane is the geometry of movement: tracks of nodes on a plane, the cells that
// networks cover there, and which network a node is in, when.
//
// Places are integers, so that a track is the same on every machine. Between two waypoints a
// node moves in a straight line at constant speed; when it crosses the edge of a cell follows
// from the intersection of that line with the edge and is rounded to a nanosecond at once.
// Nothing is sampled, so that no visit is missed, however short.
package plane

import (
	"math"
	"sort"
	"time"

	"dsmipsim/sim/vtime"
)

// Metre is the length of one metre in the unit of a Point.
const Metre = 1_000_000

// Point is a place on the plane: micrometres to the east and to the north of an origin that
// only the scenario knows.
type Point struct {
	X, Y int64
}

// Metres returns the place in metres.
func (p Point) Metres() (x, y float64) { return float64(p.X) / Metre, float64(p.Y) / Metre }

// Distance returns the distance between two points in metres.
func Distance(a, b Point) float64 { return length(float64(b.X-a.X)/Metre, float64(b.Y-a.Y)/Metre) }

// Duration returns how long a node takes from one point to another at a speed in m/s.
func Duration(a, b Point, speed float64) time.Duration {
	return time.Duration(math.Round(float64(Distance(a, b) / speed * 1e9)))
}

// length of a vector. math.Hypot differs between processors; a square root does not.
func length(x, y float64) float64 { return math.Sqrt(float64(x*x) + float64(y*y)) }

// Waypoint is a place where a node is at an instant.
type Waypoint struct {
	At vtime.Time
	Point
	// Gone tells that from then on the node is nowhere, until the next waypoint.
	Gone bool
}

// Track is the way of a node: waypoints in order of time, no two at the same instant. Before
// the first one the node is nowhere, and after the last one it stays.
type Track []Waypoint

// End returns the last waypoint. The track must have one.
func (t Track) End() Waypoint { return t[len(t)-1] }

// Go appends a straight walk to a point, at a speed in m/s that is above 0. A walk that takes
// less than a nanosecond is left out.
func (t Track) Go(to Point, speed float64) Track {
	from := t.End()
	d := Duration(from.Point, to, speed)
	if d <= 0 {
		return t
	}
	return append(t, Waypoint{At: from.At.Add(d), Point: to})
}

// Pause appends a stay at the last point.
func (t Track) Pause(d time.Duration) Track {
	if d <= 0 {
		return t
	}
	end := t.End()
	return append(t, Waypoint{At: end.At.Add(d), Point: end.Point})
}

// Where returns the place of the node, if it is anywhere.
func (t Track) Where(at vtime.Time) (Point, bool) {
	i := sort.Search(len(t), func(i int) bool { return t[i].At > at })
	if i == 0 || t[i-1].Gone {
		return Point{}, false
	}
	a := t[i-1]
	if i == len(t) || a.At == at {
		return a.Point, true
	}
	b := t[i]
	share := float64(at-a.At) / float64(b.At-a.At)
	return Point{
		X: a.X + int64(math.Round(float64(share*float64(b.X-a.X)))),
		Y: a.Y + int64(math.Round(float64(share*float64(b.Y-a.Y)))),
	}, true
}

// Until returns the track as it is up to an instant, which becomes its last waypoint if the
// node moves or rests there.
func (t Track) Until(end vtime.Time) Track {
	i := sort.Search(len(t), func(i int) bool { return t[i].At >= end })
	if i < len(t) && t[i].At == end {
		return t[:i+1]
	}
	cut := append(Track(nil), t[:i]...)
	if p, present := t.Where(end); present {
		cut = append(cut, Waypoint{At: end, Point: p})
	}
	return cut
}

// Bare returns the track without the waypoints at which neither direction nor speed change:
// those amid a rest, of which a random model may leave many.
func (t Track) Bare() Track {
	var bare Track
	for i, w := range t {
		if i > 0 && i+1 < len(t) && !w.Gone && !t[i-1].Gone && t[i-1].Point == w.Point && t[i+1].Point == w.Point {
			continue
		}
		bare = append(bare, w)
	}
	return bare
}
