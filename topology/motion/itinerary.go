// Package motion decides which mobile node is attached to which access network, and when.
package motion

import (
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
	"dsmipsim/topology"
	"dsmipsim/topology/access"
)

// Visit is one step of an itinerary: at that time the node leaves the network where it is
// and begins to attach to this one. A Network without a Link stands for none: the node is out
// of reach until the next visit.
type Visit struct {
	At      vtime.Time
	Network access.Network
}

// Itinerary moves one port along a list of visits.
type Itinerary struct {
	net    *topology.Net
	port   *topology.Port
	visits []Visit
	now    int  // which visit is under way, -1 before the first
	away   bool // out of reach of every network
}

// arrival is the number of a visit whose network the port may have attached to.
type arrival int

// Start attaches the port to the first network at once and schedules the visits, whose
// times must increase. Without a first network, one that has no Link, the node begins out of
// reach, which counts as having left one: its first attachment ends a handover.
func Start(net *topology.Net, port *topology.Port, first access.Network, visits []Visit) *Itinerary {
	m := &Itinerary{net: net, port: port, visits: visits, now: -1}
	for i := range visits {
		net.Loop.At(visits[i].At, m, i)
	}
	// That a link comes up is scheduled beforehand, too, and so comes before what others do in
	// the same instant: a node hears what is sent as its link comes up, however long it attached.
	for i := range visits {
		if n := visits[i].Network; n.Link != nil {
			net.Loop.At(visits[i].At.Add(n.AttachDelay(net.Loop.Rand(stream(port)))), m, arrival(i))
		}
	}
	if first.Link == nil {
		m.leave(net.Loop.Now(), "")
		port.BeginDetached()
	} else {
		m.up(net.Loop.Now(), first)
	}
	return m
}

// HandleEvent begins a visit, or ends the attaching to its network unless another visit has
// begun meanwhile.
func (m *Itinerary) HandleEvent(now vtime.Time, arg any) {
	if i, arrived := arg.(arrival); arrived {
		if int(i) == m.now {
			m.up(now, m.visits[i].Network)
		}
		return
	}
	m.now = arg.(int)
	switch l := m.visits[m.now].Network.Link; {
	case l == nil:
		m.leave(now, "")
		return
	case !m.away:
		m.leave(now, l.Name)
	}
	m.away = false
}

// leave takes the port off its link, for a target that the node has chosen or for none.
func (m *Itinerary) leave(now vtime.Time, target string) {
	old := ""
	if l := m.port.Link(); l != nil {
		old = l.Name
	}
	m.state(trace.LinkDown, now, old, target)
	m.port.Detach()
	m.away = target == ""
}

func (m *Itinerary) up(now vtime.Time, n access.Network) {
	m.state(trace.LinkUp, now, n.Link.Name, "")
	m.port.Attach(n.Link)
}

func (m *Itinerary) state(kind trace.Kind, now vtime.Time, link, target string) {
	m.net.Sink.Record(&trace.Event{Time: now, Kind: kind, Node: m.port.Node, Interface: m.port.Label, Link: link, Target: target})
}

// stream names the random stream of the time that a port takes to attach.
func stream(p *topology.Port) string {
	if p.Label == "" {
		return p.Node + "/attach"
	}
	return p.Node + "/" + p.Label + "/attach"
}
