package motion

import (
	"dsmipsim/sim"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
	"dsmipsim/topology/motion/plane"
)

// Trail states where a node is, at each waypoint of its track: in between it moves in a
// straight line at constant speed.
type Trail struct {
	loop  *sim.Loop
	sink  trace.Sink
	node  string
	track plane.Track
}

// Follow states the waypoints of a node's track as the run comes to them.
func Follow(loop *sim.Loop, sink trace.Sink, node string, track plane.Track) {
	if len(track) > 0 {
		loop.At(track[0].At, &Trail{loop: loop, sink: sink, node: node, track: track}, nil)
	}
}

// HandleEvent implements sim.Handler.
func (t *Trail) HandleEvent(now vtime.Time, _ any) {
	w := t.track[0]
	t.track = t.track[1:]
	e := trace.Event{Time: now, Kind: trace.Position, Node: t.node}
	e.Place.X, e.Place.Y = w.Metres()
	e.Place.Nowhere = w.Gone
	t.sink.Record(&e)
	if len(t.track) > 0 {
		t.loop.At(t.track[0].At, t, nil)
	}
}
