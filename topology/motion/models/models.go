// Package models draws the tracks of nodes that move at random: random waypoint, random walk,
// Gauss-Markov and Manhattan grid, as surveyed by Camp, Boleng and Davies, "A survey of
// mobility models for ad hoc network research", Wireless Communications and Mobile Computing
// 2(5), 2002.
//
// A track is drawn as a whole before the run, from a stream of its own, so that nothing else
// in the run can move its draws. Waypoints are rounded to micrometres and nanoseconds at once.
package models

import (
	"math"
	"math/rand/v2"
	"time"

	"dsmipsim/sim/draw"
	"dsmipsim/sim/vtime"
	"dsmipsim/topology/motion/plane"
)

// Model draws the track of one node up to an instant at least.
type Model interface {
	Track(r *rand.Rand, end vtime.Time) plane.Track
}

// Area is a rectangle that a node does not leave. Min is its corner with the least
// coordinates.
type Area struct {
	Min, Max plane.Point
}

func (a Area) width() float64  { return float64(a.Max.X-a.Min.X) / plane.Metre }
func (a Area) height() float64 { return float64(a.Max.Y-a.Min.Y) / plane.Metre }

// draw returns a point that is uniform in the area.
func (a Area) draw(r *rand.Rand) plane.Point {
	return plane.Point{X: a.Min.X + r.Int64N(a.Max.X-a.Min.X+1), Y: a.Min.Y + r.Int64N(a.Max.Y-a.Min.Y+1)}
}

// start is where a node begins: at a given point, or anywhere in the area.
func (a Area) start(r *rand.Rand, at *plane.Point) plane.Track {
	if at != nil {
		return plane.Track{{Point: *at}}
	}
	return plane.Track{{Point: a.draw(r)}}
}

// Speed is a range of speeds in m/s, both above 0, from which speeds are drawn uniformly.
type Speed struct {
	Min, Max float64
}

func (s Speed) draw(r *rand.Rand) float64 {
	if s.Min == s.Max {
		return s.Min
	}
	return s.Min + float64(r.Float64()*(s.Max-s.Min))
}

// RandomWaypoint goes to a point that is uniform in the area, at a speed of its own for each
// such walk, pauses there, and so on (section 2.2 of the survey).
type RandomWaypoint struct {
	Area  Area
	Speed Speed
	Pause draw.Distribution
	Start *plane.Point // nil to begin anywhere
	// Stationary begins as a node that has walked for ever. Otherwise its mean speed falls
	// and its place gathers in the middle of the area in the course of the run.
	Stationary bool
}

// Track implements Model.
func (m RandomWaypoint) Track(r *rand.Rand, end vtime.Time) plane.Track {
	var t plane.Track
	if m.Stationary {
		t = m.stationary(r)
	} else {
		t = m.Area.start(r, m.Start)
	}
	pause := draw.NewSource(m.Pause, r)
	for t.End().At < end {
		t = t.Go(m.Area.draw(r), m.Speed.draw(r)).Pause(pause.Next())
	}
	return t
}

// stationary draws place, speed and phase of a node from their limiting distribution (Navidi
// and Camp, "Stationary distributions for the random waypoint mobility model", IEEE
// Transactions on Mobile Computing 3(1), 2004), up to the next beginning of a walk.
func (m RandomWaypoint) stationary(r *rand.Rand) plane.Track {
	pausing := m.Pause.Mean().Seconds()
	if u := float64(r.Float64() * (pausing + float64(m.Area.meanDistance()*m.Speed.meanPace()))); u < pausing {
		// Long pauses are met more often, and at any moment of them.
		most := float64(m.Pause.Max())
		for {
			d := m.Pause.Draw(r)
			if float64(r.Float64()*most) < float64(d) {
				return plane.Track{{Point: m.Area.draw(r)}}.Pause(time.Duration(math.Round(float64(r.Float64() * float64(d)))))
			}
		}
	}
	// So are long walks and slow ones.
	diagonal := plane.Distance(m.Area.Min, m.Area.Max)
	for {
		from, to := m.Area.draw(r), m.Area.draw(r)
		if float64(r.Float64()*diagonal) >= plane.Distance(from, to) {
			continue
		}
		share := r.Float64()
		at := plane.Point{
			X: from.X + int64(math.Round(float64(share*float64(to.X-from.X)))),
			Y: from.Y + int64(math.Round(float64(share*float64(to.Y-from.Y)))),
		}
		speed := float64(m.Speed.Min * math.Pow(m.Speed.Max/m.Speed.Min, r.Float64()))
		return plane.Track{{Point: at}}.Go(to, speed).Pause(m.Pause.Draw(r))
	}
}

// meanPace is the mean time for a metre, in s/m.
func (s Speed) meanPace() float64 {
	if s.Min == s.Max {
		return 1 / s.Min
	}
	return math.Log(s.Max/s.Min) / (s.Max - s.Min)
}

// meanDistance is the mean distance in metres of two points that are uniform in the area
// (Ghosh, "Random distances within a rectangle and between two rectangles", Bulletin of the
// Calcutta Mathematical Society 43, 1951).
func (a Area) meanDistance() float64 {
	w, h := a.width(), a.height()
	if w == 0 || h == 0 {
		return (w + h) / 3
	}
	d := math.Sqrt(float64(w*w) + float64(h*h))
	w2, h2 := float64(w*w), float64(h*h)
	sum := float64(w*w2)/h2 + float64(h*h2)/w2 + float64(d*(3-w2/h2-h2/w2))
	arcs := float64(h2/w*math.Acosh(d/h)) + float64(w2/h*math.Acosh(d/w))
	return sum/15 + arcs/6
}

// RandomWalk takes a new direction and a new speed after every step, and is thrown back by
// the border of the area (section 2.1 of the survey).
type RandomWalk struct {
	Area  Area
	Speed Speed
	Step  time.Duration // above 0
	Start *plane.Point  // nil to begin anywhere
}

// Track implements Model.
func (m RandomWalk) Track(r *rand.Rand, end vtime.Time) plane.Track {
	t := m.Area.start(r, m.Start)
	for t.End().At < end {
		sin, cos := math.Sincos(float64(2 * math.Pi * r.Float64()))
		b := ball{area: m.Area, track: t, x: 1, y: 1}
		b.roll(cos, sin, m.Speed.draw(r), m.Step)
		t = b.track
	}
	return t
}

// GaussMarkov changes speed and direction a little after every step: each follows a process
// of the first order around its mean, with a memory between 0, a random walk, and 1, a
// straight line (section 2.5 of the survey; Liang and Haas, "Predictive distance-based
// mobility management for PCS networks", INFOCOM 1999). The mean direction is drawn once, and
// the border of the area mirrors it with the direction. A speed below 0 counts as 0.
type GaussMarkov struct {
	Area               Area
	Speed              float64 // mean, m/s
	SpeedDeviation     float64 // standard deviation, m/s
	DirectionDeviation float64 // standard deviation, degrees
	Memory             float64 // correlation of one step with the next, from 0 to 1
	Step               time.Duration
	Start              *plane.Point // nil to begin anywhere
}

// Track implements Model.
func (m GaussMarkov) Track(r *rand.Rand, end vtime.Time) plane.Track {
	b := ball{area: m.Area, track: m.Area.start(r, m.Start), x: 1, y: 1}
	mean := float64(2 * math.Pi * r.Float64())
	speed, turned := r.NormFloat64(), r.NormFloat64() // both in standard deviations from the mean
	fresh := math.Sqrt(1 - float64(m.Memory*m.Memory))
	for b.track.End().At < end {
		sin, cos := math.Sincos(mean + float64(float64(turned*m.DirectionDeviation)*(math.Pi/180)))
		b.roll(cos, sin, max(0, m.Speed+float64(speed*m.SpeedDeviation)), m.Step)
		speed = float64(m.Memory*speed) + float64(fresh*r.NormFloat64())
		turned = float64(m.Memory*turned) + float64(fresh*r.NormFloat64())
	}
	return b.track
}

// ball rolls over an area and bounces off its border.
type ball struct {
	area  Area
	track plane.Track
	x, y  float64 // -1 for a coordinate that is mirrored by now, 1 else
}

// roll goes on for a time, in a direction that the bounces so far have not mirrored yet.
func (b *ball) roll(dx, dy, speed float64, d time.Duration) {
	until := b.track.End().At.Add(d)
	for left := d; left > 0; left = until.Sub(b.track.End().At) {
		at := b.track.End().Point
		vx, vy := float64(b.x*dx*speed), float64(b.y*dy*speed)
		x, hitX := border(at.X, b.area.Min.X, b.area.Max.X, vx)
		y, hitY := border(at.Y, b.area.Min.Y, b.area.Max.Y, vy)
		after := min(hitX, hitY)
		if after >= left {
			b.straight(left, at, vx, vy)
			return
		}
		if after > 0 {
			b.straight(after, at, vx, vy)
		}
		end := &b.track[len(b.track)-1]
		if hitX == after {
			end.X, b.x = x, -b.x
		}
		if hitY == after {
			end.Y, b.y = y, -b.y
		}
	}
}

// straight appends a straight part.
func (b *ball) straight(d time.Duration, from plane.Point, vx, vy float64) {
	to := plane.Point{X: from.X + micrometres(vx, d), Y: from.Y + micrometres(vy, d)}
	to.X = min(max(to.X, b.area.Min.X), b.area.Max.X)
	to.Y = min(max(to.Y, b.area.Min.Y), b.area.Max.Y)
	b.track = append(b.track, plane.Waypoint{At: b.track.End().At.Add(d), Point: to})
}

func micrometres(speed float64, d time.Duration) int64 {
	return int64(math.Round(float64(speed * float64(d) / 1e3)))
}

// border returns the border that a coordinate moves to, and when it gets there.
func border(at, low, high int64, v float64) (int64, time.Duration) {
	switch {
	case v > 0:
		return high, reach(high-at, v)
	case v < 0:
		return low, reach(at-low, -v)
	}
	return at, math.MaxInt64
}

func reach(distance int64, speed float64) time.Duration {
	ns := math.Round(float64(distance) / speed * 1e3)
	if ns > 1e18 {
		return math.MaxInt64
	}
	return time.Duration(ns)
}
