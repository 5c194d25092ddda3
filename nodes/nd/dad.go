package nd

import (
	"net/netip"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// probe is a duplicate address detection that is under way.
type probe struct {
	iface machine.Iface
	addr  netip.Addr
	sent  int
	timer *machine.Timer
	done  func(now vtime.Time, unique bool)
}

// Probe performs duplicate address detection (RFC 4862 section 5.4) for an address on the
// interface and tells done whether it is unique: after the random delay of the Config,
// ProbeTransmits solicitations RetransTimer apart, and as long after the last one. Without
// any, done is called at once. It configures nothing; it listens to the solicited-node group
// for as long as it lasts. A link that goes down ends it silently.
func (n *Neighbours) Probe(now vtime.Time, iface machine.Iface, a netip.Addr, done func(now vtime.Time, unique bool)) {
	if old := n.probe(iface, a); old != nil {
		n.remove(old)
	}
	p := &probe{iface: iface, addr: a, done: done}
	p.timer = n.s.Timers.New(func(now vtime.Time) { n.advance(now, p) })
	n.probes = append(n.probes, p)
	n.s.JoinGroup(iface, wire.SolicitedNode(a))
	n.s.Out.Note(trace.Note{Kind: trace.DADStarted, Home: a})
	if n.cfg.ProbeTransmits > 0 {
		// The delay comes before the first solicitation, so that nodes that start together do
		// not all probe at once (RFC 4862 section 5.4.2).
		if d := n.cfg.ProbeDelay.Draw(n.cfg.ProbeRand); d > 0 {
			ip.After(p.timer, now, d)
			return
		}
	}
	n.advance(now, p)
}

// StopProbe ends a duplicate address detection without a verdict.
func (n *Neighbours) StopProbe(iface machine.Iface, a netip.Addr) {
	if p := n.probe(iface, a); p != nil {
		n.remove(p)
	}
}

func (n *Neighbours) probe(iface machine.Iface, a netip.Addr) *probe {
	for _, p := range n.probes {
		if p.iface == iface && p.addr == a {
			return p
		}
	}
	return nil
}

// verifyingLinkLocal reports whether the interface's link-local address is being verified.
func (n *Neighbours) verifyingLinkLocal(iface machine.Iface) bool {
	for _, p := range n.probes {
		if p.iface == iface && p.addr.IsLinkLocalUnicast() && p.addr.Is6() {
			return true
		}
	}
	return false
}

func (n *Neighbours) remove(p *probe) {
	p.timer.Stop()
	if p.addr.Is6() {
		n.s.LeaveGroup(p.iface, wire.SolicitedNode(p.addr))
	}
	for i, o := range n.probes {
		if o == p {
			n.probes = append(n.probes[:i], n.probes[i+1:]...)
			return
		}
	}
}

// advance sends the next solicitation, or concludes RetransTimer after the last one.
func (n *Neighbours) advance(now vtime.Time, p *probe) {
	if p.sent >= n.cfg.ProbeTransmits {
		n.verdict(now, p, trace.DADSucceeded)
		return
	}
	p.sent++
	dst := wire.SolicitedNode(p.addr)
	n.send(p.iface, netip.IPv6Unspecified(), dst, wire.MAC{}, func(b []byte) []byte {
		return wire.AppendNeighborSolicitation(b, p.addr, wire.MAC{}, netip.IPv6Unspecified(), dst)
	})
	ip.After(p.timer, now, n.retransTimer(p.iface))
}

// conflict ends a detection: somebody else has the address, or is about to.
func (n *Neighbours) conflict(now vtime.Time, p *probe) { n.verdict(now, p, trace.DADFailed) }

func (n *Neighbours) verdict(now vtime.Time, p *probe, kind trace.NoteKind) {
	n.remove(p)
	n.s.Out.Note(trace.Note{Kind: kind, Home: p.addr})
	p.done(now, kind == trace.DADSucceeded)
	if n.solicit[p.iface].waits && !n.verifyingLinkLocal(p.iface) && !n.s.Interface(p.iface).NoIPv6 {
		n.beginSoliciting(now, p.iface)
	}
}

// Autoconfigure gives the interface an address and verifies that it is unique (RFC 4862
// section 5.4). Until then the address is tentative or, with Optimistic in the Config,
// optimistic: then it may be used at once, and the result is true. done hears the verdict;
// an address that is not unique has been removed before. A unique one lives as long as the
// prefix that it was made from (section 5.5.4). If it is the link-local address,
// which comes from the hardware address, IPv6 is disabled on the interface until its link
// comes up again (section 5.4.5).
func (n *Neighbours) Autoconfigure(now vtime.Time, iface machine.Iface, a netip.Addr, bits int, done func(now vtime.Time, unique bool)) (usable bool) {
	state := ip.Tentative
	if n.cfg.Optimistic {
		state = ip.Optimistic
	}
	e := n.s.AddAddress(iface, a, bits, state)
	n.Probe(now, iface, a, func(now vtime.Time, unique bool) {
		if unique {
			e.State = ip.Preferred
			n.live(now, e)
		} else {
			n.s.RemoveAddress(a)
			if a.IsLinkLocalUnicast() {
				n.disable(iface)
			}
		}
		if done != nil {
			done(now, unique)
		}
	})
	return n.cfg.Optimistic
}

// disable ends all use of IPv6 on an interface.
func (n *Neighbours) disable(iface machine.Iface) {
	n.s.Interface(iface).NoIPv6 = true
	n.StopSoliciting(iface)
	n.s.RemoveRoutes(func(r ip.Route) bool { return r.Iface == iface && r.Prefix.Addr().Is6() })
}
