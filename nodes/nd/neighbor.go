package nd

import (
	"net/netip"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/vtime"
)

// send multicasts or unicasts a discovery message; mac is used for unicast destinations.
func (n *Neighbours) send(out machine.Iface, src, dst netip.Addr, mac wire.MAC, write func([]byte) []byte) {
	p := n.s.Compose(write)
	n.s.Push6(p, src, dst, wire.ProtoICMPv6, 0, discoveryHopLimit)
	if dst.IsMulticast() {
		mac = wire.MulticastMAC(dst)
	}
	n.s.Frame(out, mac, wire.EtherTypeIPv6, p)
}

// sendNeighborSolicitation asks for the neighbour's link-layer address (RFC 4861 section
// 7.2.2), or asks itself whether it is there (section 7.3.3).
func (n *Neighbours) sendNeighborSolicitation(e *entry) {
	src, ok := n.s.SourceFor(e.iface, e.addr)
	if !ok {
		// Without an address that could be answered to there is nothing to ask with; the
		// resolution fails by its timer.
		return
	}
	dst, to := wire.SolicitedNode(e.addr), wire.MAC{}
	if e.state == Probe {
		dst, to = e.addr, e.mac
	}
	mac := n.s.Interface(e.iface).MAC
	if a := n.s.Address(src); a.State == ip.Optimistic {
		mac = wire.MAC{} // RFC 4429 section 3.2
	}
	n.send(e.iface, src, dst, to, func(b []byte) []byte {
		return wire.AppendNeighborSolicitation(b, e.addr, mac, src, dst)
	})
}

// handleSolicitation follows RFC 4861 section 7.2.3 and RFC 4862 section 5.4.3.
func (n *Neighbours) handleSolicitation(now vtime.Time, m wire.ICMPv6, in ip.Info) bool {
	ns, err := m.NeighborSolicitation()
	if err != nil {
		return false
	}
	target := ns.Target()
	probing := in.WireSource.IsUnspecified()
	mac, hasMAC := ns.Options().SourceLinkLayer()
	if probing && (hasMAC || in.WireDest != wire.SolicitedNode(target)) {
		return false // RFC 4861 section 7.1.1
	}
	if p := n.probe(in.In, target); p != nil {
		if probing {
			n.conflict(now, p) // two nodes probe for the same address
			return true
		}
		if a := n.s.Address(target); a == nil || a.State != ip.Optimistic {
			return true // a tentative address is not answered for
		}
	}
	if !probing && hasMAC && n.answers(in.In, target) {
		n.Learn(now, in.In, in.WireSource, mac)
	}
	if a := n.s.Address(target); a != nil && a.Iface == in.In && a.State.Answers() {
		n.answer(now, in, target, target, probing, a.State != ip.Optimistic, n.s.Forwarding)
	} else if p, ok := n.proxies[target]; ok && p.Iface == in.In {
		n.answer(now, in, p.Source, target, probing, false, false)
	}
	return true
}

func (n *Neighbours) answers(iface machine.Iface, target netip.Addr) bool {
	if a := n.s.Address(target); a != nil && a.Iface == iface && a.State.Answers() {
		return true
	}
	p, ok := n.proxies[target]
	return ok && p.Iface == iface
}

// answer sends a solicited advertisement, to all nodes if the solicitation was somebody's
// duplicate address detection (RFC 4861 sections 7.2.4 and 7.2.8).
func (n *Neighbours) answer(now vtime.Time, in ip.Info, src, target netip.Addr, probing, override, router bool) {
	f := wire.NeighborAdvertisementFields{
		Router: router, Solicited: !probing, Override: override,
		Target: target, TargetLinkLayer: n.s.Interface(in.In).MAC,
	}
	dst := in.WireSource
	if probing {
		n.send(in.In, src, wire.AllNodes, wire.MAC{}, func(b []byte) []byte { return wire.AppendNeighborAdvertisement(b, f, src, wire.AllNodes) })
		return
	}
	// As any packet to a neighbour: who sent its solicitation without its link-layer address
	// is resolved first, and who is stale will be asked whether it is there.
	p := n.s.Compose(func(b []byte) []byte { return wire.AppendNeighborAdvertisement(b, f, src, dst) })
	n.s.Push6(p, src, dst, wire.ProtoICMPv6, 0, discoveryHopLimit)
	n.Resolve(now, in.In, dst, p)
}

// Announce multicasts an unsolicited Neighbor Advertisement with the override flag
// (RFC 4861 section 7.2.6): for an address of this node, or for one that it proxies.
func (n *Neighbours) Announce(out machine.Iface, src, target netip.Addr) {
	f := wire.NeighborAdvertisementFields{Override: true, Target: target, TargetLinkLayer: n.s.Interface(out).MAC}
	n.send(out, src, wire.AllNodes, wire.MAC{}, func(b []byte) []byte {
		return wire.AppendNeighborAdvertisement(b, f, src, wire.AllNodes)
	})
}

// handleAdvertisement follows RFC 4861 section 7.2.5 and RFC 4862 section 5.4.4.
func (n *Neighbours) handleAdvertisement(now vtime.Time, m wire.ICMPv6, in ip.Info) bool {
	na, err := m.NeighborAdvertisement()
	if err != nil || na.Solicited() && in.WireDest.IsMulticast() {
		return false
	}
	target := na.Target()
	if p := n.probe(in.In, target); p != nil {
		n.conflict(now, p)
		return true
	}
	mac, hasMAC := na.Options().TargetLinkLayer()
	if e := n.entries[key{in.In, target}]; e != nil { // else nobody asked
		n.update(now, e, na, mac, hasMAC)
	}
	if na.Solicited() {
		n.confirmed(now, in.In, target)
	}
	return true
}

// update applies an advertisement to the entry of its target (RFC 4861 section 7.2.5).
func (n *Neighbours) update(now vtime.Time, e *entry, na wire.NeighborAdvertisement, mac wire.MAC, hasMAC bool) {
	other := hasMAC && mac != e.mac
	switch {
	case e.state == Incomplete && !hasMAC:
		return // does not tell what is asked for
	case e.state == Incomplete:
		e.mac = mac
		if na.Solicited() {
			n.become(now, e, Reachable)
		} else {
			n.become(now, e, Stale)
		}
		n.flush(now, e)
	case other && !na.Override():
		if e.state == Reachable {
			n.become(now, e, Stale)
		}
		return
	default:
		if other {
			e.mac = mac
		}
		if na.Solicited() {
			n.become(now, e, Reachable)
		} else if other {
			n.become(now, e, Stale)
		}
	}
	n.setRouter(e.iface, e.addr, na.Router())
}

// StartProxy answers for somebody else's address, of either family, from now on. source is
// the sender of the Neighbor Advertisements.
func (n *Neighbours) StartProxy(a netip.Addr, p Proxy) {
	if _, ok := n.proxies[a]; !ok && a.Is6() {
		n.s.JoinGroup(p.Iface, wire.SolicitedNode(a))
	}
	n.proxies[a] = p
}

// StopProxy ends StartProxy.
func (n *Neighbours) StopProxy(a netip.Addr) {
	p, ok := n.proxies[a]
	if !ok {
		return
	}
	delete(n.proxies, a)
	if a.Is6() {
		n.s.LeaveGroup(p.Iface, wire.SolicitedNode(a))
	}
}
