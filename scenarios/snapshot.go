package scenarios

import (
	"time"

	"dsmipsim/nodes/mip"
	"dsmipsim/nodes/mip/ha"
	"dsmipsim/nodes/mip/mn"
	"dsmipsim/sim/vtime"
)

// Watch hands out what the nodes know while a run is under way. It changes nothing but the
// number of events.
type Watch struct {
	Every time.Duration // between two looks, from the start on
	See   func(now vtime.Time, s State)
}

// State is a read-only copy of what the nodes of the protocol know, in the order of the
// scenario.
type State struct {
	Mobiles        []MobileState
	Agents         []AgentState
	Correspondents []CorrespondentState // those that know Mobile IPv6
}

// MobileState is what a mobile node knows.
type MobileState struct {
	Name string
	mn.State
}

// AgentState is what a home agent knows.
type AgentState struct {
	Name string
	ha.State
}

// CorrespondentState is what a correspondent knows.
type CorrespondentState struct {
	Name     string
	Bindings []mip.Binding
}

// state copies the present state of the world.
func (w *world) state() State {
	var s State
	for i := range w.plan.Spec.MobileNodes {
		name := w.plan.Spec.MobileNodes[i].Name
		s.Mobiles = append(s.Mobiles, MobileState{name, w.mobiles[name].Node.Snapshot()})
	}
	for i := range w.plan.Spec.HomeAgents {
		name := w.plan.Spec.HomeAgents[i].Name
		s.Agents = append(s.Agents, AgentState{name, w.routers[name].Agent.Snapshot()})
	}
	for i := range w.plan.Hosts {
		if n := w.hosts[w.plan.Hosts[i].Name].Node; n != nil {
			s.Correspondents = append(s.Correspondents, CorrespondentState{w.plan.Hosts[i].Name, n.Snapshot()})
		}
	}
	return s
}

// watcher looks at the world at fixed intervals.
type watcher struct {
	w *world
	Watch
}

// HandleEvent implements sim.Handler.
func (o *watcher) HandleEvent(now vtime.Time, _ any) {
	o.See(now, o.w.state())
	if next := now.Add(o.Every); next <= vtime.Time(o.w.plan.Spec.Duration) {
		o.w.loop.At(next, o, nil)
	}
}

// watch starts to look, if somebody wants to see anything.
func (w *world) watch(o *Watch) {
	if o != nil {
		w.loop.At(w.loop.Now(), &watcher{w, *o}, nil)
	}
}
