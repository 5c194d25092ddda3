package plane

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"dsmipsim/sim/vtime"
)

const second = vtime.Time(time.Second)

// at is the point at a place in metres.
func at(x, y float64) Point {
	return Point{X: int64(math.Round(x * Metre)), Y: int64(math.Round(y * Metre))}
}

// east is a walk along the x axis at 1 m/s.
func east(from, to float64) Track { return Track{{Point: at(from, 0)}}.Go(at(to, 0), 1) }

func disc(x, y, radius float64) []Cell { return []Cell{Disc{X: x, Y: y, Radius: radius}} }

func box(x0, y0, x1, y1 float64) []Cell {
	return []Cell{Polygon{Corners: [][2]float64{{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}}}}
}

// told writes visits as "left chosen network".
func told(visits []Visit, networks []Network) string {
	var all []string
	for _, v := range visits {
		name := "-"
		if v.Network != None {
			name = networks[v.Network].Name
		}
		all = append(all, fmt.Sprintf("%v %v %s", v.Left, v.Chosen, name))
	}
	s := strings.Join(all, ", ")
	return strings.ReplaceAll(s, "000000s", "")
}

// Every time follows from plane geometry by hand.
func TestVisits(t *testing.T) {
	wlan := Network{Name: "wlan", Cells: disc(100, 0, 30)}
	for _, c := range []struct {
		name     string
		track    Track
		networks []Network
		policy   Policy
		want     string
	}{
		{"through a disc", east(0, 200), []Network{wlan}, Policy{},
			"0.000 70.000 wlan, 130.000 never -"},
		{"hysteresis keeps it longer", east(0, 200), []Network{wlan}, Policy{Hysteresis: 5},
			"0.000 70.000 wlan, 135.000 never -"},
		{"beside the centre: a right triangle of 18, 24 and 30 m", east(0, 200), []Network{{Name: "w", Cells: disc(100, 18, 30)}}, Policy{},
			"0.000 76.000 w, 124.000 never -"},
		{"along the edge", east(0, 200), []Network{{Name: "w", Cells: disc(100, 31, 30)}}, Policy{},
			"0.000 never -"},
		{"through a square", east(0, 200), []Network{{Name: "w", Cells: box(50, -10, 80, 10)}}, Policy{},
			"0.000 50.000 w, 80.000 never -"},
		{"a square with hysteresis", east(0, 200), []Network{{Name: "w", Cells: box(50, -10, 80, 10)}}, Policy{Hysteresis: 4},
			"0.000 50.000 w, 84.000 never -"},
		{"the corner of a square, with hysteresis around it: 3, 4 and 5 m", Track{{Point: at(70, -10)}}.Go(at(70, -3), 7).Go(at(170, -3), 1), []Network{{Name: "w", Cells: box(50, -20, 80, -7)}}, Policy{Hysteresis: 5},
			"0.000 0.000 w, 14.000 never -"},
		{"two cells of one network are one", east(0, 200), []Network{{Name: "w", Cells: append(disc(50, 0, 20), disc(80, 0, 20)...)}}, Policy{},
			"0.000 30.000 w, 100.000 never -"},
		{"equals do not lure it away", east(0, 200), []Network{{Name: "a", Cells: disc(50, 0, 40)}, {Name: "b", Cells: disc(100, 0, 40)}}, Policy{},
			"0.000 10.000 a, 90.000 90.000 b, 140.000 never -"},
		{"the nearer centre does, if asked to", east(0, 200), []Network{{Name: "a", Cells: disc(50, 0, 40)}, {Name: "b", Cells: disc(100, 0, 40)}}, Policy{Preference: Nearest},
			"0.000 10.000 a, 75.000 75.000 b, 140.000 never -"},
		{"nearer by a margin", east(0, 200), []Network{{Name: "a", Cells: disc(50, 0, 40)}, {Name: "b", Cells: disc(100, 0, 40)}}, Policy{Preference: Nearest, Hysteresis: 10},
			"0.000 10.000 a, 80.000 80.000 b, 150.000 never -"},
		{"a branch of a hyperbola: 50 to one and 40 to the other", east(0, 200), []Network{{Name: "a", Cells: disc(50, 30, 60)}, {Name: "b", Cells: disc(90, 40, 60)}}, Policy{Preference: Nearest, Hysteresis: 10},
			"0.000 0.000 a, 90.000 90.000 b, 147.445626465s never -"},
		{"priority wins", east(0, 200), []Network{{Name: "lte", Cells: []Cell{Everywhere{}}}, {Name: "wlan", Priority: 1, Cells: disc(100, 0, 30)}}, Policy{},
			"0.000 0.000 lte, 70.000 70.000 wlan, 130.000 130.000 lte"},
		{"not for one that stays", east(0, 200), []Network{{Name: "lte", Cells: []Cell{Everywhere{}}}, {Name: "wlan", Priority: 1, Cells: disc(100, 0, 30)}}, Policy{Preference: Stay},
			"0.000 0.000 lte"},
		{"a better one must last", east(0, 200), []Network{{Name: "lte", Cells: []Cell{Everywhere{}}}, {Name: "wlan", Priority: 1, Cells: disc(100, 0, 30)}}, Policy{TimeToTrigger: 2 * time.Second},
			"0.000 0.000 lte, 72.000 72.000 wlan, 130.000 130.000 lte"},
		{"one that does not last long enough", east(0, 200), []Network{{Name: "lte", Cells: []Cell{Everywhere{}}}, {Name: "wlan", Priority: 1, Cells: disc(100, 0, 30)}}, Policy{TimeToTrigger: 60 * time.Second},
			"0.000 0.000 lte"},
		{"whoever has none waits for nothing", east(0, 200), []Network{wlan}, Policy{TimeToTrigger: 60 * time.Second},
			"0.000 70.000 wlan, 130.000 never -"},
		{"the time to trigger passes in a pause", east(0, 71).Pause(10 * time.Second), []Network{{Name: "lte", Cells: []Cell{Everywhere{}}}, {Name: "wlan", Priority: 1, Cells: disc(100, 0, 30)}}, Policy{TimeToTrigger: 5 * time.Second},
			"0.000 0.000 lte, 75.000 75.000 wlan"},
		{"the nearest of two new ones", east(0, 10), []Network{{Name: "a", Cells: disc(0, 50, 60)}, {Name: "b", Cells: disc(0, 40, 60)}}, Policy{},
			"0.000 0.000 b"},
		{"gone for a time", Track{{Point: at(0, 0)}, {At: 20 * second, Point: at(0, 0), Gone: true}, {At: 50 * second, Point: at(0, 0)}}, []Network{{Name: "a", Cells: disc(0, 0, 5)}}, Policy{},
			"0.000 0.000 a, 20.000 50.000 a"},
		{"comes late", Track{{At: 20 * second, Point: at(0, 0)}}, []Network{{Name: "a", Cells: disc(0, 0, 5)}}, Policy{},
			"0.000 20.000 a"},
		{"never comes", nil, []Network{wlan}, Policy{}, "0.000 never -"},
	} {
		if got := told(Visits(c.track, c.networks, c.policy, 1000*second), c.networks); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

// A visit at the end of the run does not take place.
func TestVisitsEnd(t *testing.T) {
	networks := []Network{{Name: "w", Cells: disc(100, 0, 30)}}
	for end, want := range map[vtime.Time]string{70: "0.000 never -", 71: "0.000 70.000 w", 130: "0.000 70.000 w", 131: "0.000 70.000 w, 130.000 never -"} {
		if got := told(Visits(east(0, 200), networks, Policy{}, end*second), networks); got != want {
			t.Errorf("end %d s: got %s, want %s", end, got, want)
		}
	}
}

// Times are exact to the nanosecond however the speed divides.
func TestCrossingToTheNanosecond(t *testing.T) {
	track := Track{{Point: at(0, 0)}}.Go(at(100, 0), 1.4)
	got := Visits(track, []Network{{Name: "w", Cells: disc(100, 0, 20)}}, Policy{}, 1000*second)
	if want := vtime.Time(57142857143); got[0].Chosen != want {
		t.Errorf("80 m at 1.4 m/s take %d ns, want %d", got[0].Chosen, want)
	}
}

// sampled decides as Visits does, but every step of time, with its own code.
func sampled(track Track, networks []Network, p Policy, end, step vtime.Time) []Visit {
	serving, left, since := None, vtime.Time(0), make([]vtime.Time, len(networks))
	clear := func() {
		for i := range since {
			since[i] = vtime.Never
		}
	}
	clear()
	var visits []Visit
	for now := vtime.Time(0); now < end; now += step {
		at, present := track.Where(now)
		x, y := at.Metres()
		outside := func(i int) float64 {
			d := math.Inf(1)
			for _, c := range networks[i].Cells {
				d = min(d, c.Outside(x, y))
			}
			return d
		}
		distance := func(i int) float64 {
			d := 1e18
			for _, c := range networks[i].Cells {
				if cx, cy, ok := c.Center(); ok {
					d = min(d, math.Hypot(x-cx, y-cy))
				}
			}
			return d
		}
		if serving != None && (!present || outside(serving) > p.Hysteresis) {
			serving, left = None, now
			clear()
		}
		if !present {
			continue
		}
		best := None
		for i := range networks {
			if outside(i) > 0 {
				since[i] = vtime.Never
				continue
			}
			if serving != None {
				prefers := networks[i].Priority > networks[serving].Priority && p.Preference != Stay ||
					p.Preference == Nearest && networks[i].Priority == networks[serving].Priority && distance(i)+p.Hysteresis < distance(serving)
				if i == serving || !prefers {
					since[i] = vtime.Never
					continue
				}
				since[i] = min(since[i], now)
				if now < since[i].Add(p.TimeToTrigger) {
					continue
				}
			}
			if best == None || networks[i].Priority > networks[best].Priority ||
				networks[i].Priority == networks[best].Priority && distance(i) < distance(best) {
				best = i
			}
		}
		if best != None {
			if serving != None {
				left = now
			}
			visits = append(visits, Visit{Left: left, Chosen: now, Network: best})
			serving = best
			clear()
		}
	}
	if serving == None {
		visits = append(visits, Visit{Left: left, Chosen: vtime.Never, Network: None})
	}
	return visits
}

// The times from the formulas are those that small steps find, in random landscapes.
func TestVisitsAgainstSteps(t *testing.T) {
	const step = vtime.Time(2 * time.Millisecond)
	seen := 0
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 7))
		track := Track{{Point: at(float64(r.IntN(300)), float64(r.IntN(300)))}}
		for range 5 {
			track = track.Go(at(float64(r.IntN(300)), float64(r.IntN(300))), 5+20*r.Float64()).Pause(time.Duration(r.IntN(3)) * time.Second)
		}
		networks := []Network{{Name: "umbrella", Priority: -1, Cells: box(20, 20, 280, 250)}}
		for i := range 5 {
			x, y, size := float64(r.IntN(300)), float64(r.IntN(300)), 20+float64(r.IntN(70))
			cells := disc(x, y, size)
			if i%2 == 1 {
				cells = []Cell{Polygon{Corners: [][2]float64{{x - size, y}, {x + size, y - size/2}, {x, y}, {x + size/3, y + size}}}}
			}
			networks = append(networks, Network{Name: string(rune('a' + i)), Priority: r.IntN(2), Cells: cells})
		}
		p := Policy{Preference: Preference(seed % 3), Hysteresis: float64(r.IntN(2) * r.IntN(12)), TimeToTrigger: time.Duration(r.IntN(2)*r.IntN(900)) * time.Millisecond}
		end := track.End().At + second
		got, want := Visits(track, networks, p, end), sampled(track, networks, p, end, step)
		if len(got) != len(want) {
			t.Errorf("seed %d, %+v:\n got %s\nwant %s", seed, p, told(got, networks), told(want, networks))
			continue
		}
		seen += len(got)
		for i := range got {
			late := func(a, b vtime.Time) bool { return a != b && (a < b-2*step || a > b+2*step) }
			if got[i].Network != want[i].Network || late(got[i].Chosen, want[i].Chosen) || late(got[i].Left, want[i].Left) {
				t.Errorf("seed %d, visit %d:\n got %s\nwant %s", seed, i, told(got, networks), told(want, networks))
				break
			}
		}
	}
	if seen < 200 {
		t.Errorf("only %d visits were compared", seen)
	}
}

func TestTrack(t *testing.T) {
	track := east(0, 10).Pause(5*time.Second).Go(at(10, 20), 2)
	for at, want := range map[float64]Point{0: {}, 2.5: at(2.5, 0), 10: at(10, 0), 14: at(10, 0), 20: at(10, 10), 25: at(10, 20), 99: at(10, 20)} {
		if got, there := track.Where(vtime.Time(at * 1e9)); got != want || !there {
			t.Errorf("at %v s: %v (there: %v), want %v", at, got, there, want)
		}
	}
	if got := track.Until(20 * second).End(); got != (Waypoint{At: 20 * second, Point: at(10, 10)}) {
		t.Errorf("cut at 20 s: %+v", got)
	}
	if got := track.Until(100 * second).End(); got != (Waypoint{At: 100 * second, Point: at(10, 20)}) {
		t.Errorf("prolonged to 100 s: %+v", got)
	}
	late := Track{{At: 3 * second, Point: at(1, 1)}, {At: 4 * second, Point: at(2, 1), Gone: true}}
	for at, want := range map[float64]bool{0: false, 3: true, 3.9: true, 4: false} {
		if _, there := late.Where(vtime.Time(at * 1e9)); there != want {
			t.Errorf("at %v s: there = %v", at, there)
		}
	}
	if got := late.Until(9 * second); len(got) != 2 {
		t.Errorf("the node is gone by then: %v", got)
	}
}

func TestPolygon(t *testing.T) {
	l := Polygon{Corners: [][2]float64{{0, 0}, {30, 0}, {30, 10}, {10, 10}, {10, 30}, {0, 30}}}
	if a := l.Area(); a != 500 {
		t.Errorf("area %v, want 500", a)
	}
	if x, y, _ := l.Center(); x != 11 || y != 11 {
		t.Errorf("centre %v, %v; want 11, 11", x, y)
	}
	for at, want := range map[[2]float64]float64{{5, 5}: 0, {20, 5}: 0, {20, 20}: 10, {13, 14}: 3, {-3, -4}: 5, {33, 5}: 3} {
		if got := l.Outside(at[0], at[1]); got != want {
			t.Errorf("%v is %v m outside, want %v", at, got, want)
		}
	}
	for _, c := range []struct {
		corners [][2]float64
		want    bool
	}{
		{l.Corners, true},
		{[][2]float64{{0, 0}, {10, 0}, {0, 10}}, true},
		{[][2]float64{{0, 0}, {10, 10}, {10, 0}, {0, 10}}, false},         // a bow tie
		{[][2]float64{{0, 0}, {10, 0}, {20, 0}}, false},                   // no area
		{[][2]float64{{0, 0}, {10, 0}, {10, 0}, {0, 10}}, false},          // a corner twice
		{[][2]float64{{0, 0}, {10, 0}, {5, 0}, {5, 10}}, false},           // folded back
		{[][2]float64{{0, 0}, {10, 0}, {10, 10}, {5, 0}, {0, 10}}, false}, // touches itself
	} {
		if got := (Polygon{Corners: c.corners}).Simple(); got != c.want {
			t.Errorf("%v is simple: %v, want %v", c.corners, got, c.want)
		}
	}
}

func BenchmarkVisits(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	var networks []Network
	for i := range 20 {
		networks = append(networks, Network{Name: fmt.Sprint(i), Cells: disc(r.Float64()*1000, r.Float64()*1000, 100)})
	}
	track := Track{{}}
	for range 100 {
		track = track.Go(at(r.Float64()*1000, r.Float64()*1000), 5)
	}
	for b.Loop() {
		Visits(track, networks, Policy{Preference: Nearest, Hysteresis: 5}, track.End().At)
	}
}
