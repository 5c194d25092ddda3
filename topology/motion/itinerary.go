// Package motion decides which mobile node is attached to which access network, and when.
package motion

import (
	"dsmipsim/sim"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
	"dsmipsim/topology"
	"dsmipsim/topology/access"
)

// Visit is one step of an itinerary: at that time the node leaves the network where it is
// and begins to attach to this one.
type Visit struct {
	At      vtime.Time
	Network access.Network
}

// Itinerary moves one port along a list of visits.
type Itinerary struct {
	net    *topology.Net
	port   *topology.Port
	visits []Visit
	attach *sim.Timer
	next   access.Network
}

// Start attaches the port to the first network at once and schedules the visits, whose
// times must increase.
func Start(net *topology.Net, port *topology.Port, first access.Network, visits []Visit) *Itinerary {
	m := &Itinerary{net: net, port: port, visits: visits, next: first}
	m.attach = net.Loop.NewTimer(m, nil)
	for i := range visits {
		net.Loop.At(visits[i].At, m, &visits[i])
	}
	m.up(net.Loop.Now())
	return m
}

// HandleEvent begins a visit, or ends the attaching to its network.
func (m *Itinerary) HandleEvent(now vtime.Time, arg any) {
	v, leaving := arg.(*Visit)
	if !leaving {
		m.up(now)
		return
	}
	old := ""
	if l := m.port.Link(); l != nil {
		old = l.Name
	}
	m.state(trace.LinkDown, now, old, v.Network.Link.Name)
	m.port.Detach()
	m.next = v.Network
	m.attach.Set(now.Add(v.Network.AttachDelay(m.net.Loop.Rand(m.port.Node + "/attach"))))
}

func (m *Itinerary) up(now vtime.Time) {
	m.state(trace.LinkUp, now, m.next.Link.Name, "")
	m.port.Attach(m.next.Link)
}

func (m *Itinerary) state(kind trace.Kind, now vtime.Time, link, target string) {
	m.net.Sink.Record(&trace.Event{Time: now, Kind: kind, Node: m.port.Node, Link: link, Target: target})
}
