package handover

import (
	"net/netip"

	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// Tracker is a trace.Sink that keeps the handovers of all mobile nodes.
type Tracker struct {
	nodes map[string]*node
	all   []*Handover // in order of their starts
}

type node struct {
	link  string     // attached to, or last attached to
	agent netip.Addr // home agent, if known
	last  *Handover
	ports *ports // of a node with several interfaces, or nil
}

// NewTracker follows the given mobile nodes. Attachments of other nodes are ignored. Whose
// home agent is known has its home registration told apart from what it arranges with
// correspondents by that; of others the first Binding Update after a movement counts.
func NewTracker(mobileNodes []string, homeAgents map[string]netip.Addr) *Tracker {
	t := &Tracker{nodes: make(map[string]*node, len(mobileNodes))}
	for _, name := range mobileNodes {
		t.nodes[name] = &node{agent: homeAgents[name]}
	}
	return t
}

// Record takes note of a fact.
func (t *Tracker) Record(e *trace.Event) { t.Update(e) }

// Update is Record that tells whether the fact concerned a handover.
func (t *Tracker) Update(e *trace.Event) bool {
	switch e.Kind {
	case trace.LinkDown, trace.LinkUp, trace.Milestone:
	default:
		return false
	}
	n := t.nodes[e.Node]
	if n == nil {
		t.correspondent(e)
		return false
	}
	switch e.Kind {
	case trace.LinkDown:
		if n.ports = n.ports.down(e); !n.ports.carries(e.Interface) {
			return false
		}
		t.start(n, e)
	case trace.LinkUp:
		if n.ports = n.ports.up(e); !n.ports.carries(e.Interface) {
			return false
		}
		n.link = e.Link
		if n.last == nil || n.last.Up != vtime.Never {
			return false // the attachment at the beginning of the run
		}
		n.last.Up, n.last.To = e.Time, e.Link
	default:
		if e.Note.Kind == trace.InterfaceChosen {
			t.chosen(n, e)
			return true
		}
		if !n.ports.concerns(e) || n.last == nil {
			return false
		}
		if e.Note.Kind == trace.HomeAgentChosen {
			n.agent = e.Note.Peer.Unmap()
		}
		n.last.note(e.Time, &e.Note)
	}
	return true
}

func (t *Tracker) start(n *node, e *trace.Event) {
	h := &Handover{Node: e.Node, Index: 1, From: e.Link, To: e.Target, Start: e.Time, Up: vtime.Never,
		Detected: vtime.Never, Bound: vtime.Never, Ready: vtime.Never, Update: vtime.Never, End: vtime.Never, Optimised: vtime.Never,
		agent: n.agent, known: n.agent.IsValid()}
	if h.From == "" {
		h.From = n.link
	}
	h.FromInterface, h.Interface = e.Interface, e.Interface
	if n.last != nil {
		h.Index = n.last.Index + 1
	}
	n.last = h
	t.all = append(t.all, h)
}

// All returns the handovers in order of their starts.
func (t *Tracker) All() []*Handover { return t.all }

// Last returns the latest handover of a mobile node, or nil before the first.
func (t *Tracker) Last(mobileNode string) *Handover {
	if n := t.nodes[mobileNode]; n != nil {
		return n.last
	}
	return nil
}

// Attached returns the link that a mobile node is attached to, or was last; "" before any.
func (t *Tracker) Attached(mobileNode string) string {
	if n := t.nodes[mobileNode]; n != nil {
		return n.link
	}
	return ""
}

// Count returns how many handovers of a mobile node have started.
func (t *Tracker) Count(mobileNode string) int {
	if h := t.Last(mobileNode); h != nil {
		return h.Index
	}
	return 0
}

// correspondent hears of a correspondent node that has changed its binding: with that the
// node is updated, whether or not it says so.
func (t *Tracker) correspondent(e *trace.Event) {
	if e.Kind != trace.Milestone || !e.Note.Peer.IsValid() {
		return
	}
	switch e.Note.Kind {
	case trace.BindingCreated, trace.BindingUpdated, trace.BindingRemoved:
	default:
		return
	}
	for _, n := range t.nodes { // at most one of them has the home address
		if n.last != nil && n.last.home == e.Note.Home {
			n.last.settle(e.Time, e.Note.Peer.Unmap())
		}
	}
}
