package handover

import (
	"net/netip"

	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// ports is what the tracker knows of the interfaces of a node that has several. A nil ports
// stands for a node with one, which has no name.
type ports struct {
	primary string // the one that carries the binding, or did last
	all     map[string]*port
}

// port is one interface; instants that were not reached since its link came up are Never.
type port struct {
	link     string // empty while it has none
	last     string // the last one
	up       vtime.Time
	detected vtime.Time
	ready    vtime.Time
	careOf   netip.Addr
}

// get returns the interface that a fact names; the ports are made with the first.
func (p *ports) get(name string) (*ports, *port) {
	if p == nil {
		p = &ports{primary: name, all: map[string]*port{}}
	}
	if p.all[name] == nil {
		p.all[name] = &port{up: vtime.Never, detected: vtime.Never, ready: vtime.Never}
	}
	return p, p.all[name]
}

func (p *ports) down(e *trace.Event) *ports {
	if e.Interface == "" {
		return p
	}
	p, one := p.get(e.Interface)
	*one = port{last: one.last, up: vtime.Never, detected: vtime.Never, ready: vtime.Never}
	return p
}

func (p *ports) up(e *trace.Event) *ports {
	if e.Interface == "" {
		return p
	}
	p, one := p.get(e.Interface)
	*one = port{link: e.Link, last: e.Link, up: e.Time, detected: vtime.Never, ready: vtime.Never}
	return p
}

// carries reports whether handovers follow the interface.
func (p *ports) carries(name string) bool { return p == nil || name == p.primary }

// concerns notes what a milestone says of an interface, and reports whether it belongs to the
// handover under way: those of the other interfaces do not.
func (p *ports) concerns(e *trace.Event) bool {
	if p == nil || e.Note.Interface == "" {
		return true
	}
	_, one := p.get(e.Note.Interface)
	switch e.Note.Kind {
	case trace.MovementDetected:
		if one.detected == vtime.Never {
			one.detected = e.Time
		}
	case trace.CareOfAddressReady:
		one.ready, one.careOf = e.Time, e.Note.CareOf
	}
	return e.Note.Interface == p.primary
}

// chosen begins a handover to another interface, or gives the one under way, whose old link is
// down, its new link. What was done there before the start belongs to no phase.
func (t *Tracker) chosen(n *node, e *trace.Event) {
	p, to := n.ports.get(e.Note.Interface)
	n.ports = p
	from := p.all[p.primary]
	if n.last == nil || n.last.Outcome != Open || n.last.Update != vtime.Never {
		link, up := "", false
		if from != nil {
			link, up = from.last, from.link != ""
		}
		t.start(n, &trace.Event{Time: e.Time, Node: e.Node, Link: link, Interface: p.primary})
		n.last.Both = up
	}
	h := n.last
	p.primary = e.Note.Interface
	h.To, h.Interface, n.link = to.link, p.primary, to.link
	h.Up = max(h.Start, to.up)
	h.Detected = max(h.Up, to.detected)
	h.Update, h.Bound = vtime.Never, vtime.Never
	h.ready = []addressed{{to.careOf.Unmap(), max(h.Detected, to.ready)}}
	h.Ready = h.ready[0].at
}
