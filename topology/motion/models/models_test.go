package models

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"dsmipsim/sim"
	"dsmipsim/sim/draw"
	"dsmipsim/sim/vtime"
	"dsmipsim/topology/motion/plane"
)

const second = vtime.Time(time.Second)

var (
	field = Area{Max: metres(1000, 600)}
	walk  = Speed{Min: 1, Max: 5}
)

func stream(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }

// inside checks what holds for every track: in order, in the area, no faster than allowed.
func inside(t *testing.T, track plane.Track, a Area, fastest float64, end vtime.Time) {
	t.Helper()
	if track.End().At < end {
		t.Fatalf("the track ends at %v, before %v", track.End().At, end)
	}
	for i, w := range track {
		if w.X < a.Min.X || w.X > a.Max.X || w.Y < a.Min.Y || w.Y > a.Max.Y {
			t.Fatalf("waypoint %d %v is outside", i, w)
		}
		if i == 0 {
			continue
		}
		took := w.At.Sub(track[i-1].At).Seconds()
		if took <= 0 {
			t.Fatalf("waypoint %d is not after the one before", i)
		}
		if took > 1e-3 && plane.Distance(track[i-1].Point, w.Point) > fastest*took*(1+1e-6)+1e-5 {
			t.Fatalf("waypoint %d: %v m in %v s", i, plane.Distance(track[i-1].Point, w.Point), took)
		}
	}
}

// near fails if a mean of n values lies more than four standard errors from what theory says.
func near(t *testing.T, what string, values []float64, want float64) {
	t.Helper()
	mean, square := 0.0, 0.0
	for _, v := range values {
		mean += v / float64(len(values))
	}
	for _, v := range values {
		square += (v - mean) * (v - mean)
	}
	se := math.Sqrt(square / float64(len(values)-1) / float64(len(values)))
	if math.Abs(mean-want) > 4*se || se == 0 {
		t.Errorf("%s: mean %v of %d, want %v (standard error %v)", what, mean, len(values), want, se)
	}
}

// speeds returns the speed of every straight part.
func speeds(track plane.Track) (all []float64) {
	for i := 1; i < len(track); i++ {
		all = append(all, plane.Distance(track[i-1].Point, track[i].Point)/track[i].At.Sub(track[i-1].At).Seconds())
	}
	return all
}

// The first waypoints of each model with the stream that a run gives it.
func TestPinned(t *testing.T) {
	for _, c := range []struct {
		name  string
		model Model
		want  string
	}{
		{"random waypoint", RandomWaypoint{Area: field, Speed: walk, Pause: draw.Between(0, 10*time.Second)}, pinnedWaypoint},
		{"stationary", RandomWaypoint{Area: field, Speed: walk, Pause: draw.Always(5 * time.Second), Stationary: true}, pinnedStationary},
		{"random walk", RandomWalk{Area: field, Speed: walk, Step: 10 * time.Second}, pinnedWalk},
		{"Gauss-Markov", GaussMarkov{Area: field, Speed: 2, SpeedDeviation: 0.5, DirectionDeviation: 22.5, Memory: 0.75, Step: time.Second}, pinnedGaussMarkov},
		{"Manhattan", Manhattan{Area: field, BlockX: 100 * plane.Metre, BlockY: 100 * plane.Metre, Speed: walk, Turn: 0.5}, pinnedManhattan},
	} {
		track := c.model.Track(sim.New("", 1, 0).Rand("mn/motion"), 1000*second)
		var got []string
		for _, w := range track[:4] {
			got = append(got, fmt.Sprintf("%d:%d,%d", w.At, w.X, w.Y))
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, s, c.want)
		}
	}
}

func TestRandomWaypoint(t *testing.T) {
	m := RandomWaypoint{Area: field, Speed: walk, Pause: draw.Always(3 * time.Second)}
	track := m.Track(stream(1), 200_000*second)
	inside(t, track, field, walk.Max, 200_000*second)
	var moving, lengths, x []float64
	for i, v := range speeds(track) {
		if i%2 == 1 {
			if track[i].Point != track[i+1].Point || track[i+1].At-track[i].At != 3*second {
				t.Fatalf("no pause of 3 s after walk %d", i)
			}
			continue
		}
		moving, lengths = append(moving, v), append(lengths, plane.Distance(track[i].Point, track[i+1].Point))
		px, _ := track[i+1].Metres()
		x = append(x, px)
	}
	near(t, "speed of a walk", moving, 3)
	near(t, "length of a walk", lengths, field.meanDistance())
	near(t, "place of a pause", x, 500)
}

// The mean distance of two points in a unit square is 0.521405433.
func TestMeanDistance(t *testing.T) {
	if d := (Area{Max: metres(1, 1)}).meanDistance(); math.Abs(d-0.521405433164721) > 1e-12 {
		t.Errorf("unit square: %v", d)
	}
	if d := (Area{Max: metres(300, 1)}).meanDistance(); math.Abs(d-100) > 0.1 {
		t.Errorf("a long strip: %v", d)
	}
}

// A node that begins in the stationary state is at any time as fast as at the beginning; one
// that does not slows down to the same.
func TestStationary(t *testing.T) {
	pause := draw.Between(0, 40*time.Second)
	// The share of time in motion is E[L]E[1/V] / (E[P] + E[L]E[1/V]), the speed in motion 1/E[1/V].
	moves := field.meanDistance() * walk.meanPace()
	want := moves / (moves + 20) / walk.meanPace()
	at := func(m RandomWaypoint, seconds vtime.Time) (v, out []float64) {
		for seed := range uint64(4000) {
			track := m.Track(stream(seed), (seconds+1)*second)
			a, _ := track.Where(seconds * second)
			b, _ := track.Where(seconds*second + second/1000)
			v = append(v, plane.Distance(a, b)*1000)
			x, _ := a.Metres()
			out = append(out, math.Abs(x-500))
		}
		return v, out
	}
	m := RandomWaypoint{Area: field, Speed: walk, Pause: pause, Stationary: true}
	v0, out0 := at(m, 0)
	v1, out1 := at(m, 500)
	near(t, "speed at the beginning", v0, want)
	near(t, "speed after 500 s", v1, want)
	mean := func(x []float64) (sum float64) {
		for _, v := range x {
			sum += v / float64(len(x))
		}
		return sum
	}
	if a, b := mean(out0), mean(out1); math.Abs(a-b) > 10 || a > 225 {
		t.Errorf("distance from the middle: %v at the beginning, %v later; uniform would be 250", a, b)
	}
	m.Stationary = false
	cold, out := at(m, 0)
	if c := mean(cold); math.Abs(c-3) > 0.1 {
		t.Errorf("without: speed %v at the beginning, want 3", c)
	}
	near(t, "without: distance from the middle at the beginning", out, 250)
}

func TestRandomWalk(t *testing.T) {
	m := RandomWalk{Area: field, Speed: walk, Step: 20 * time.Second}
	track := m.Track(stream(2), 400_000*second)
	inside(t, track, field, walk.Max, 400_000*second)
	var v, east []float64
	bounces := 0
	for at := vtime.Time(0); at < 400_000*second; at += 20 * second {
		a, _ := track.Where(at)
		b, _ := track.Where(at + second/100)
		v = append(v, plane.Distance(a, b)*100)
		east = append(east, float64(b.X-a.X))
	}
	for i := 1; i+1 < len(track); i++ {
		w := track[i]
		if w.X != field.Min.X && w.X != field.Max.X && w.Y != field.Min.Y && w.Y != field.Max.Y || w.At%(20*second) == 0 {
			continue
		}
		bounces++ // the angle of reflection is the angle of incidence
		in := plane.Point{X: w.X - track[i-1].X, Y: w.Y - track[i-1].Y}
		out := plane.Point{X: track[i+1].X - w.X, Y: track[i+1].Y - w.Y}
		tin, tout := w.At.Sub(track[i-1].At).Seconds(), track[i+1].At.Sub(w.At).Seconds()
		if tin < 0.1 || tout < 0.1 {
			continue
		}
		vx, ux := float64(in.X)/tin, float64(out.X)/tout
		vy, uy := float64(in.Y)/tin, float64(out.Y)/tout
		if math.Abs(math.Abs(vx)-math.Abs(ux)) > 100 || math.Abs(math.Abs(vy)-math.Abs(uy)) > 100 || vx*ux+vy*uy >= vx*vx+vy*vy {
			t.Fatalf("bounce at %v: %v, %v becomes %v, %v", w, vx, vy, ux, uy)
		}
	}
	if bounces < 1000 {
		t.Errorf("only %d bounces", bounces)
	}
	near(t, "speed", v, 3)
	near(t, "way to the east", east, 0)
}

// Speed and direction of a Gauss-Markov walk have the given means, deviations and correlation
// from step to step, the border aside, which is far away here.
func TestGaussMarkov(t *testing.T) {
	wide := Area{Min: metres(-1e6, -1e6), Max: metres(1e6, 1e6)}
	start := metres(0, 0)
	for _, memory := range []float64{0, 0.5, 0.9} {
		m := GaussMarkov{Area: wide, Speed: 10, SpeedDeviation: 1, DirectionDeviation: 10, Memory: memory, Step: time.Second, Start: &start}
		track := m.Track(stream(3), 50_000*second)
		inside(t, track, wide, 20, 50_000*second)
		v := speeds(track)
		n := float64(len(v))
		mean, variance, product := 0.0, 0.0, 0.0
		for _, x := range v {
			mean += x / n
		}
		for i := 1; i < len(v); i++ {
			variance += (v[i] - mean) * (v[i] - mean) / n
			product += (v[i] - mean) * (v[i-1] - mean) / n
		}
		long := (1 + memory) / (1 - memory) // the same number of independent values is that much less
		if se := math.Sqrt(long / n); math.Abs(mean-10) > 4*se {
			t.Errorf("memory %v: mean speed %v, want 10 +- %v", memory, mean, 4*se)
		}
		if math.Abs(variance-1) > 4*math.Sqrt(2*long/n) {
			t.Errorf("memory %v: variance %v, want 1", memory, variance)
		}
		if got := product / variance; math.Abs(got-memory) > 0.02 {
			t.Errorf("memory %v: correlation %v of one step with the next", memory, got)
		}
		var bearing []float64
		for i := 1; i < len(track); i++ {
			bearing = append(bearing, math.Atan2(float64(track[i].Y-track[i-1].Y), float64(track[i].X-track[i-1].X)))
		}
		// Around the mean, by the mean cosine of a normal angle.
		east, north := 0.0, 0.0
		for _, b := range bearing {
			east, north = east+math.Cos(b)/n, north+math.Sin(b)/n
		}
		sd := 10 * math.Pi / 180
		if r := math.Hypot(east, north); math.Abs(r-math.Exp(-sd*sd/2)) > 0.003 {
			t.Errorf("memory %v: mean cosine %v, want %v", memory, r, math.Exp(-sd*sd/2))
		}
	}
	m := GaussMarkov{Area: field, Speed: 10, SpeedDeviation: 1, DirectionDeviation: 10, Memory: 0.9, Step: time.Second}
	inside(t, m.Track(stream(4), 10_000*second), field, 20, 10_000*second)
}

func TestManhattan(t *testing.T) {
	m := Manhattan{Area: field, BlockX: 100 * plane.Metre, BlockY: 50 * plane.Metre, Speed: walk, Turn: 0.4}
	track := m.Track(stream(5), 1_000_000*second)
	inside(t, track, field, walk.Max, 1_000_000*second)
	near(t, "speed of a block", speeds(track), 3)
	var left, right, straight []float64
	for i := 1; i+1 < len(track); i++ {
		a, w, b := track[i-1], track[i], track[i+1]
		if w.X%(100*plane.Metre) != 0 || w.Y%(50*plane.Metre) != 0 || a.X != w.X && a.Y != w.Y {
			t.Fatalf("waypoint %v is no crossing, or off the street from %v", w, a)
		}
		if w.X == field.Min.X || w.X == field.Max.X || w.Y == field.Min.Y || w.Y == field.Max.Y {
			continue
		}
		sign := func(v int64) int64 { return max(min(v, 1), -1) }
		turn := sign(w.X-a.X)*sign(b.Y-w.Y) - sign(w.Y-a.Y)*sign(b.X-w.X)
		count := func(to *[]float64, hit bool) {
			*to = append(*to, 0)
			if hit {
				(*to)[len(*to)-1] = 1
			}
		}
		count(&left, turn == 1)
		count(&right, turn == -1)
		count(&straight, turn == 0)
		if turn == 0 && sign(b.X-w.X) != sign(w.X-a.X) {
			t.Fatalf("turns back at %v", w)
		}
	}
	near(t, "turns to the left", left, 0.2)
	near(t, "turns to the right", right, 0.2)
	near(t, "straight on", straight, 0.6)
}

// At the border a node that never turns must; in a single street it turns back.
func TestManhattanBorder(t *testing.T) {
	start := metres(0, 0)
	m := Manhattan{Area: field, BlockX: 100 * plane.Metre, BlockY: 100 * plane.Metre, Speed: Speed{1, 1}, Start: &start}
	inside(t, m.Track(stream(6), 10_000*second), field, 1, 10_000*second)
	street := Area{Max: metres(200, 50)}
	m = Manhattan{Area: street, BlockX: 100 * plane.Metre, BlockY: 100 * plane.Metre, Speed: Speed{1, 1}, Turn: 1, Start: &start}
	track := m.Track(stream(7), 1000*second)
	for i, want := range []float64{0, 100, 200, 100, 0, 100} {
		if track[i].Point != metres(want, 0) {
			t.Fatalf("waypoint %d is %v, want %v m", i, track[i], want)
		}
	}
}

// metres is the point at a place in metres.
func metres(x, y float64) plane.Point {
	return plane.Point{X: int64(math.Round(x * plane.Metre)), Y: int64(math.Round(y * plane.Metre))}
}
