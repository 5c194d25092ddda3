package mn

import (
	"net/netip"
	"time"

	"dsmipsim/nodes/ip"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// Policy is how a node with several interfaces chooses the one that carries the binding: the
// first in the order of Config.Interfaces that has a care-of address or is on the home link.
type Policy struct {
	// Hold is how long a better interface must have been usable before the node changes to it
	// from one that works.
	Hold time.Duration
	// Break gives the care-of address of the old interface up when another one is chosen,
	// instead of accepting packets there for as long as the link lasts (RFC 6275 section 11.5.4).
	Break bool
}

// usable reports whether the interface can carry the binding, or is on the home link.
func (a *attachment) usable() bool {
	switch a.at {
	case away:
		return a.careOf.IsValid()
	case onHomeLink, returning, home:
		return true
	}
	return false
}

// choose takes the best usable interface for the primary one, if that is not it already.
func (m *Node) choose(now vtime.Time) {
	m.hold.Stop()
	for _, a := range m.attachments {
		switch {
		case a == m.primary && a.usable():
			return
		case !a.usable():
			continue
		case m.primary.usable() && now < a.since.Add(m.cfg.Policy.Hold):
			m.hold.Set(vtime.Min(m.hold.At(), a.since.Add(m.cfg.Policy.Hold)))
			continue
		}
		m.change(now, a)
		return
	}
}

// reconsider is called when the interface has become usable, or no longer is.
func (a *attachment) reconsider(now vtime.Time) {
	if len(a.m.attachments) > 1 {
		a.m.choose(now)
	}
}

// disturbed stops the registration of a care-of address that may not be used any longer.
func (a *attachment) disturbed(vtime.Time) {
	if a == a.m.primary {
		a.m.update.pause()
	}
}

// change makes another interface the primary one. The old one keeps its link and, unless the
// policy is another, its care-of address.
func (m *Node) change(now vtime.Time, to *attachment) {
	from := m.primary
	from.standDown(now)
	m.pause()
	m.primary = to
	to.given = false
	to.note(trace.InterfaceChosen, to.careOf)
	if to.at == onHomeLink {
		to.goHome(now)
		return
	}
	m.begin(now)
}

// standDown leaves an interface without the binding. On the home link it does not answer for
// the home addresses any longer.
func (a *attachment) standDown(vtime.Time) {
	if a.at == home || a.at == returning {
		a.m.homeAddresses(ip.Virtual)
		a.at = onHomeLink
	}
	a.given = a.m.cfg.Policy.Break
}

// pause ends what is under way from the primary care-of address.
func (m *Node) pause() {
	m.update.pause()
	m.agents.pause()
	m.home.pause()
	m.routes.pause()
}

// begin registers the primary care-of address.
func (m *Node) begin(now vtime.Time) {
	m.ipv4Failures = 0
	m.routes.pause()        // until the home agent knows the address
	m.ForgetPath(m.agent()) // another path, and perhaps another format of the tunnel
	if m.agents.ready(now) {
		m.update.register(now)
	}
}

// handleDHCP gives a datagram to the client of the interface that it came in on.
func (m *Node) handleDHCP(now vtime.Time, p *packet.Buf, in ip.Info) {
	for _, a := range m.attachments {
		if a.iface == in.In {
			a.dhcp.client.HandlePacket(now, p, in)
			return
		}
	}
	m.Out.Drop(p, trace.UnknownProtocol)
}

// StartAway configures the home addresses on no link: the node is not at home when the run
// begins.
func (m *Node) StartAway() { m.homeAddresses(ip.Virtual) }

// acceptsAt reports whether packets are accepted at the interface's own address.
func (a *attachment) acceptsAt(address netip.Addr) bool {
	return address.IsValid() && !a.given && (address == a.careOf || address == a.previous)
}
