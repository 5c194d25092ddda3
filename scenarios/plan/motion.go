package plan

import (
	"math/rand/v2"
	"time"

	"dsmipsim/scenarios/spec"
	"dsmipsim/sim/vtime"
	"dsmipsim/topology/motion/models"
	"dsmipsim/topology/motion/plane"
)

// Itinerary is which networks a mobile node attaches to, and when.
type Itinerary struct {
	// Start is the network that it is attached to when the run begins; empty if it begins out
	// of reach of all, or in another than its home network, which it then enters at 0.
	Start  string
	Visits []Visit // before the end of the run
	// Random tells that the visits depend on random numbers: there are none here.
	Random bool
	// Track is where the node is on the plane up to the end of the run; empty if the scenario
	// only says when it goes where.
	Track plane.Track
}

// Visit is one change of network, and so one handover.
type Visit struct {
	Left    time.Duration // the network before is lost, or given up
	At      time.Duration // this one is chosen; the end of the run if none is before that
	Network string        // empty for none
}

// Itinerary returns what the scenario alone says of a mobile node's way.
func (p *Plan) Itinerary(m *spec.MobileNode) *Itinerary {
	if it := p.itineraries[m.Name]; it != nil {
		return it
	}
	it := &Itinerary{Start: p.Spec.HomeNetwork(m).Name}
	switch {
	case m.Motion == nil:
		for _, v := range m.Visits {
			it.Visits = append(it.Visits, Visit{Left: v.At, At: v.At, Network: v.Network})
		}
	case m.Motion.Random():
		it.Random = true
	default:
		it = p.along(m, path(m.Motion))
	}
	p.itineraries[m.Name] = it
	return it
}

// Roam draws the way of a mobile node that moves at random.
func (p *Plan) Roam(m *spec.MobileNode, r *rand.Rand) *Itinerary {
	return p.along(m, model(m.Motion).Track(r, vtime.Time(p.Spec.Duration)))
}

// along finds the networks on a track.
func (p *Plan) along(m *spec.MobileNode, track plane.Track) *Itinerary {
	end := vtime.Time(p.Spec.Duration)
	it := &Itinerary{Track: track.Until(end).Bare()}
	visits := plane.Visits(track, p.coverage(), policy(m.Motion), end)
	if home := p.Spec.HomeNetwork(m).Name; visits[0].Chosen == 0 && p.covering[visits[0].Network].Name == home {
		it.Start, visits = home, visits[1:]
	}
	for _, v := range visits {
		visit := Visit{Left: time.Duration(v.Left), At: p.Spec.Duration}
		if v.Network != plane.None {
			visit.At, visit.Network = time.Duration(v.Chosen), p.covering[v.Network].Name
		}
		it.Visits = append(it.Visits, visit)
	}
	return it
}

// coverage returns what the networks cover, those that have cells.
func (p *Plan) coverage() []plane.Network {
	if p.covering != nil {
		return p.covering
	}
	for i := range p.Spec.Networks {
		n := &p.Spec.Networks[i]
		if len(n.Cells) == 0 {
			continue
		}
		on := plane.Network{Name: n.Name, Priority: n.Priority}
		for k := range n.Cells {
			on.Cells = append(on.Cells, n.Cells[k].On())
		}
		p.covering = append(p.covering, on)
	}
	return p.covering
}

func policy(m *spec.Motion) plane.Policy {
	p := plane.Policy{Hysteresis: float64(m.Hysteresis) / plane.Metre, TimeToTrigger: m.TimeToTrigger}
	switch m.Preference {
	case spec.PreferNearest:
		p.Preference = plane.Nearest
	case spec.PreferStay:
		p.Preference = plane.Stay
	}
	return p
}

// path is the track of a node that goes along waypoints.
func path(m *spec.Motion) plane.Track {
	var t plane.Track
	if m.Start != nil {
		t = append(t, plane.Waypoint{Point: point(*m.Start)})
	}
	for _, w := range m.Path {
		t = append(t, plane.Waypoint{At: vtime.Time(w.At), Point: point(w.To), Gone: w.Gone}).Pause(w.Pause)
	}
	return t
}

func point(p spec.Position) plane.Point { return plane.Point{X: p[0], Y: p[1]} }

// model is the random model of a node.
func model(m *spec.Motion) models.Model {
	area := models.Area{Min: point(m.Area.From), Max: point(m.Area.To)}
	speed := models.Speed{Min: spec.MetresPerSecond(m.Speed.Min), Max: spec.MetresPerSecond(m.Speed.Max)}
	var start *plane.Point
	if m.Start != nil {
		at := point(*m.Start)
		start = &at
	}
	switch m.Model {
	case spec.MotionRandomWaypoint:
		return models.RandomWaypoint{Area: area, Speed: speed, Pause: m.Pause, Start: start, Stationary: m.Initial == "stationary"}
	case spec.MotionRandomWalk:
		return models.RandomWalk{Area: area, Speed: speed, Step: m.Step, Start: start}
	case spec.MotionGaussMarkov:
		return models.GaussMarkov{
			Area: area, Speed: speed.Min, SpeedDeviation: spec.MetresPerSecond(m.SpeedDeviation),
			DirectionDeviation: float64(m.DirectionDeviation) / 1e6, Memory: m.Memory, Step: m.Step, Start: start,
		}
	}
	return models.Manhattan{Area: area, BlockX: m.Block[0], BlockY: m.Block[1], Speed: speed, Turn: m.Turn, Start: start}
}
