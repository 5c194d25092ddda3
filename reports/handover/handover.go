// Package handover follows mobile nodes through their handovers, as the facts of a run tell.
//
// A handover starts when the old link goes down or, at a node with several interfaces, when it
// chooses another one while the old link is up. It passes through the phases
//
//	l2        until the new link is up
//	detect    until the node knows that it moved and what the network offers
//	address   until the care-of address may be used
//	register  until the home agent's acknowledgement is accepted
//
// and ends there, or where the node states that it cannot bind from this network. Where
// routes are optimised,
//
//	route_optimization   until the last correspondent has the new binding
//
// follows, which is not part of the handover's latency.
package handover

import (
	"net/netip"
	"slices"
	"time"

	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// Outcome tells how a handover ended.
type Outcome uint8

// Outcomes. Open handovers become Superseded or Unfinished only in a report.
const (
	Open Outcome = iota
	Registered
	Deregistered
	Unsupported
	Rejected // the home agent refused; a later acceptance still mends it
)

// Handover is one change of attachment. Instants that were not reached are Never.
type Handover struct {
	Node  string
	Index int    // counts from 1 for each node
	From  string // link left, or the last one if the node was attached to none
	To    string // link entered, or aimed at while there is none

	// Interface is the one that carries the binding at the end, and FromInterface the one that
	// did before; empty at a node that has only one.
	Interface, FromInterface string
	Both                     bool // the old link was up when the new interface was chosen

	Start    vtime.Time
	Up       vtime.Time // link up
	Detected vtime.Time
	Bound    vtime.Time // DHCP gave the address that is Ready's
	Ready    vtime.Time // the care-of address may be used
	Update   vtime.Time // first Binding Update to the home agent; with home agent discovery, when that began
	End      vtime.Time // of every outcome but Open; of Rejected, the first refusal
	Outcome  Outcome

	Optimised vtime.Time // last correspondent updated; Never without any

	home  netip.Addr // home address; not valid before the first Binding Update
	agent netip.Addr // home agent; if nobody told, the destination of the first Binding Update
	known bool       // somebody told
	peers []peer     // correspondents that the handover concerns
	ready []addressed
	bound []addressed
}

// peer is a correspondent that is being updated, or has been.
type peer struct {
	address netip.Addr
	settled bool
}

// aftermath is how long after the end of a handover the update of a correspondent may begin
// and still belong to it: the conversation was there before. Later ones are new.
const aftermath = vtime.Time(time.Second)

// addressed is an instant at which an address became something.
type addressed struct {
	address netip.Addr
	at      vtime.Time
}

// Phase names what the node is busy with, or returns "" after the end.
func (h *Handover) Phase() string {
	switch {
	case h.Outcome != Open && slices.ContainsFunc(h.peers, func(p peer) bool { return !p.settled }):
		return "route_optimization"
	case h.Outcome != Open:
		return ""
	case h.Up == vtime.Never:
		return "l2"
	case h.Detected == vtime.Never:
		return "detect"
	case len(h.ready) == 0 && h.Update == vtime.Never:
		return "address"
	}
	return "register"
}

// note takes a milestone into account. Each instant counts when it is first reached after
// link up: what follows are retransmissions and refreshes.
func (h *Handover) note(now vtime.Time, n *trace.Note) {
	if h.Up == vtime.Never {
		return // still about the old link
	}
	switch n.Kind {
	case trace.MovementDetected:
		if h.Detected == vtime.Never {
			h.Detected = now
			// A Binding Update before this moment refreshed the old binding.
			h.Update = vtime.Never
			if !h.known {
				h.agent = netip.Addr{}
			}
		}
	case trace.DHCPBound:
		h.bound = append(h.bound, addressed{n.Home.Unmap(), now})
	case trace.CareOfAddressReady:
		if h.Update == vtime.Never {
			h.ready = append(h.ready, addressed{n.CareOf.Unmap(), now})
			h.choose(n.CareOf)
		}
	case trace.BindingUpdateSent:
		h.home = n.Home
		if h.Update == vtime.Never && (!h.known || n.Peer.Unmap() == h.agent) {
			h.Update, h.agent = now, n.Peer.Unmap()
			h.choose(n.CareOf)
		}
	case trace.HomeAgentChosen:
		h.agent, h.known = n.Peer.Unmap(), true
		if h.Update == vtime.Never && h.Ready != vtime.Never {
			h.Update = h.Ready // a registration begins with finding whom to register with
		}
	case trace.RouteOptimizationStarted:
		h.optimise(now, n.Peer.Unmap())
	case trace.RouteOptimizationFailed:
		h.settle(vtime.Never, n.Peer.Unmap())
	case trace.UnsupportedNetwork:
		h.finish(now, Unsupported)
	case trace.BindingAccepted:
		h.settle(now, n.Peer.Unmap())
		h.answer(now, n, Registered)
	case trace.BindingDeregistered:
		h.settle(now, n.Peer.Unmap())
		if h.Update == vtime.Never && h.Ready != vtime.Never {
			h.finish(now, Deregistered) // at home, and there was no binding to end
			return
		}
		h.answer(now, n, Deregistered)
	case trace.BindingRejected:
		if h.Outcome == Open {
			h.answer(now, n, Rejected)
		}
	}
}

// choose picks, of several addresses that became ready, the one that the binding is for:
// a dual-stack network may offer two.
func (h *Handover) choose(careOf netip.Addr) {
	if len(h.ready) == 0 {
		return
	}
	pick := h.ready[len(h.ready)-1]
	for _, r := range h.ready {
		if r.address == careOf.Unmap() {
			pick = r
			break
		}
	}
	h.Ready, h.Bound = pick.at, vtime.Never
	for _, b := range h.bound {
		if b.address == pick.address {
			h.Bound = b.at
			break
		}
	}
}

// answer ends the handover if the acknowledgement is from the home agent: a correspondent's
// concerns route optimization. An answer without a peer is taken for the home agent's. An
// answer before the movement was detected belongs to a refresh of the old binding.
func (h *Handover) answer(now vtime.Time, n *trace.Note, o Outcome) {
	if h.Detected == vtime.Never || h.Update == vtime.Never {
		return
	}
	if n.Peer.IsValid() && h.agent.IsValid() && n.Peer.Unmap() != h.agent {
		return
	}
	h.finish(now, o)
}

// optimise notes that the update of a correspondent begins.
func (h *Handover) optimise(now vtime.Time, address netip.Addr) {
	bound := h.Outcome == Registered || h.Outcome == Deregistered
	if !bound || now > h.End+aftermath || slices.ContainsFunc(h.peers, func(p peer) bool { return p.address == address }) {
		return
	}
	h.peers = append(h.peers, peer{address: address})
}

// settle notes that a correspondent has been updated at an instant, or never will be.
func (h *Handover) settle(at vtime.Time, address netip.Addr) {
	for i := range h.peers {
		if p := &h.peers[i]; p.address == address && !p.settled {
			p.settled = true
			if at != vtime.Never {
				h.Optimised = at
			}
		}
	}
}

// finish sets the outcome. A binding, once there, stands; the other outcomes give way to it.
func (h *Handover) finish(now vtime.Time, o Outcome) {
	switch h.Outcome {
	case Registered, Deregistered:
		return
	case Unsupported, Rejected:
		if o != Registered && o != Deregistered {
			return
		}
	}
	h.Outcome, h.End = o, now
}
