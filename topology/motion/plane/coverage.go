package plane

import (
	"slices"
	"time"

	"dsmipsim/sim/vtime"
)

// Network is what a network covers.
type Network struct {
	Name     string
	Priority int // the higher wins where networks overlap
	Cells    []Cell
}

// Preference says when a node leaves a network that still covers it for another one.
type Preference uint8

// The preferences.
const (
	ByPriority Preference = iota // for one of higher priority
	Nearest                      // for one of higher priority, or of the same whose centre is nearer
	Stay                         // never
)

// Policy is how a node chooses among the networks that cover it.
type Policy struct {
	Preference Preference
	// Hysteresis, in metres, keeps nodes from changing to and fro at an edge: how far
	// outside its cell a network is kept that has been entered, and how much nearer the
	// centre of another one must be.
	Hysteresis float64
	// TimeToTrigger is how long another network must be the better one without a break
	// before the node changes. It does not hold back a node that has lost its network.
	TimeToTrigger time.Duration
}

// None stands for no network.
const None = -1

// Visit is one change of network.
type Visit struct {
	Left    vtime.Time // the network before, if any, was lost or given up
	Chosen  vtime.Time // this one was chosen; Never if none followed
	Network int        // index, or None
}

// Visits returns which networks a node enters on its way up to an instant, which is excluded.
// It begins with the run in no network, so that the first visit is left at 0.
func Visits(t Track, networks []Network, policy Policy, end vtime.Time) []Visit {
	r := roamer{networks: networks, policy: policy, end: end, serving: None, since: make([]vtime.Time, len(networks))}
	r.forget()
	at := vtime.Time(0)
	for i, w := range t {
		if w.At >= end {
			break
		}
		if w.At > at && (i == 0 || t[i-1].Gone) {
			r.absent(at)
		}
		next := end
		if i+1 < len(t) {
			next = min(next, t[i+1].At)
		}
		switch {
		case w.Gone:
			r.absent(w.At)
		case i+1 < len(t):
			r.walk(newLeg(w, t[i+1]))
		default:
			r.walk(newLeg(w, Waypoint{At: max(end, w.At+1), Point: w.Point}))
		}
		at = next
	}
	if len(t) == 0 {
		r.absent(0)
	}
	if r.serving == None {
		r.visits = append(r.visits, Visit{Left: r.left, Chosen: vtime.Never, Network: None})
	}
	return r.visits
}

// roamer follows a node along its track.
type roamer struct {
	networks []Network
	policy   Policy
	end      vtime.Time

	serving int
	left    vtime.Time   // if none serves: since when
	since   []vtime.Time // by network: since when it has been better than the serving one, or Never
	visits  []Visit
	cuts    []vtime.Time // of the leg
}

func (r *roamer) forget() {
	for i := range r.since {
		r.since[i] = vtime.Never
	}
}

// absent takes the node off the plane.
func (r *roamer) absent(at vtime.Time) {
	if r.serving != None {
		r.serving, r.left = None, at
		r.forget()
	}
}

// walk cuts a leg at every instant at which something may change. What holds in the middle
// of a piece holds for all of it.
func (r *roamer) walk(l leg) {
	r.cuts = append(r.cuts[:0], l.from, l.to)
	add := func(share float64) {
		if share > 0 && share < 1 {
			r.cuts = append(r.cuts, l.at(share))
		}
	}
	if l.dx != 0 || l.dy != 0 {
		r.changes(&l, add)
	}
	slices.Sort(r.cuts)
	r.cuts = slices.Compact(r.cuts)
	for i := 1; i < len(r.cuts); i++ {
		from, to := r.cuts[i-1], r.cuts[i]
		if from >= r.end {
			return
		}
		r.piece(&l, from, to)
	}
}

// changes adds the shares of a leg at which a network may be entered, lost or become better.
func (r *roamer) changes(l *leg, add func(float64)) {
	h := r.policy.Hysteresis
	for i := range r.networks {
		for _, c := range r.networks[i].Cells {
			c.crossings(l, 0, add)
			if h > 0 {
				c.crossings(l, h, add)
			}
			if r.policy.Preference != Nearest {
				continue
			}
			ax, ay, ok := c.Center()
			if !ok {
				continue
			}
			for j := range r.networks {
				if i == j || r.networks[i].Priority != r.networks[j].Priority {
					continue
				}
				for _, other := range r.networks[j].Cells {
					if bx, by, ok := other.Center(); ok {
						l.nearer(ax, ay, bx, by, h, add)
					}
				}
			}
		}
	}
}

// piece decides for a part of a leg on which nothing changes but time.
func (r *roamer) piece(l *leg, from, to vtime.Time) {
	x, y := l.place(float64(from-l.from) + float64(to-from)/2)
	if r.serving != None && r.outside(r.serving, x, y) > r.policy.Hysteresis {
		r.serving, r.left = None, from
		r.forget()
	}
	if r.serving == None {
		atX, atY := l.place(float64(from - l.from))
		best := r.first(x, y, atX, atY)
		if best == None {
			return
		}
		r.enter(best, r.left, from)
	}
	for at := from; ; {
		due, best := r.due(at, x, y)
		if best == None || due >= to || due >= r.end {
			return
		}
		r.enter(best, due, due)
		at = due
	}
}

func (r *roamer) enter(network int, left, chosen vtime.Time) {
	r.serving = network
	r.visits = append(r.visits, Visit{Left: left, Chosen: chosen, Network: network})
	r.forget()
}

// first returns the network that a node without one chooses: of those that cover it the one
// with the highest priority, then the nearest, then the first of the scenario.
func (r *roamer) first(x, y, atX, atY float64) int {
	best, nearest := None, 0.0
	for i := range r.networks {
		if r.outside(i, x, y) > 0 {
			continue
		}
		d := r.distance(i, atX, atY)
		if best == None || r.networks[i].Priority > r.networks[best].Priority ||
			r.networks[i].Priority == r.networks[best].Priority && d < nearest {
			best, nearest = i, d
		}
	}
	return best
}

// due returns the better network that is the first to have been so for long enough, and
// since when it has. Of several the one that a node without a network would choose wins.
func (r *roamer) due(now vtime.Time, x, y float64) (vtime.Time, int) {
	due, best, nearest := vtime.Never, None, 0.0
	for i := range r.networks {
		if !r.better(i, x, y) {
			r.since[i] = vtime.Never
			continue
		}
		if r.since[i] == vtime.Never {
			r.since[i] = now
		}
		at, d := max(now, r.since[i].Add(r.policy.TimeToTrigger)), r.distance(i, x, y)
		if best == None || at < due || at == due && (r.networks[i].Priority > r.networks[best].Priority ||
			r.networks[i].Priority == r.networks[best].Priority && d < nearest) {
			due, best, nearest = at, i, d
		}
	}
	return due, best
}

// better reports whether a network is to be preferred to the serving one.
func (r *roamer) better(i int, x, y float64) bool {
	if i == r.serving || r.policy.Preference == Stay || r.outside(i, x, y) > 0 {
		return false
	}
	mine, other := r.networks[r.serving].Priority, r.networks[i].Priority
	if other != mine {
		return other > mine
	}
	return r.policy.Preference == Nearest && r.distance(i, x, y)+r.policy.Hysteresis < r.distance(r.serving, x, y)
}

// outside returns how far a place is outside a network.
func (r *roamer) outside(i int, x, y float64) float64 {
	d := far
	for _, c := range r.networks[i].Cells {
		d = min(d, c.Outside(x, y))
	}
	return d
}

// distance returns how far a place is from the nearest centre of a network's cells.
func (r *roamer) distance(i int, x, y float64) float64 {
	d := far
	for _, c := range r.networks[i].Cells {
		if cx, cy, ok := c.Center(); ok {
			d = min(d, length(x-cx, y-cy))
		}
	}
	return d
}

// far is farther than every place, and finite so that it can be compared with itself.
const far = 1e18
