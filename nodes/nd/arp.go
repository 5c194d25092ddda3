package nd

import (
	"net/netip"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

func (n *Neighbours) sendARP(out machine.Iface, to wire.MAC, f wire.ARPFields) {
	p := n.s.Pool.New(packet.DefaultHeadroom, wire.ARPLen)
	wire.PutARP(p.Bytes(), f)
	n.s.Frame(out, to, wire.EtherTypeARP, p)
}

// arpRequest asks for an IPv4 neighbour: everybody, or itself alone to see whether it is there.
func (n *Neighbours) arpRequest(e *entry) {
	src, ok := n.s.SourceFor(e.iface, e.addr)
	if !ok {
		return // as with solicitations, the resolution fails by its timer
	}
	to := wire.Broadcast
	if e.state == Probe {
		to = e.mac
	}
	n.sendARP(e.iface, to, wire.ARPFields{
		Operation: wire.ARPRequest, SenderMAC: n.s.Interface(e.iface).MAC, SenderIP: src, TargetIP: e.addr,
	})
}

// ProbeIPv4 asks whether somebody on the link has an IPv4 address, with the ARP probe of
// RFC 5227 section 2.1.1, and tells done after RetransTimer. A link that goes down ends it
// silently.
func (n *Neighbours) ProbeIPv4(now vtime.Time, iface machine.Iface, a netip.Addr, done func(now vtime.Time, unique bool)) {
	p := &probe{iface: iface, addr: a, done: done, sent: n.cfg.ProbeTransmits}
	p.timer = n.s.Timers.New(func(now vtime.Time) { n.advance(now, p) })
	n.probes = append(n.probes, p)
	n.sendARP(iface, wire.Broadcast, wire.ARPFields{
		Operation: wire.ARPRequest, SenderMAC: n.s.Interface(iface).MAC, SenderIP: netip.IPv4Unspecified(), TargetIP: a,
	})
	ip.After(p.timer, now, n.RetransTimer)
}

// HandleARP implements ip.Resolver by the algorithm of RFC 826.
func (n *Neighbours) HandleARP(now vtime.Time, in machine.Iface, p *packet.Buf) {
	a, err := wire.ParseARP(p.Bytes())
	if err != nil {
		n.s.Out.Drop(p, trace.Malformed)
		return
	}
	if n.OnARP != nil {
		n.OnARP(now, in, a)
	}
	sender, mac, target := a.SenderIP(), a.SenderMAC(), a.TargetIP()
	if p := n.probe(in, sender); p != nil {
		n.conflict(now, p)
	}
	// RFC 826: who is known is updated (the merge flag), and who speaks to this node is learnt.
	mine := n.ownsIPv4(in, target)
	_, known := n.entries[key{in, sender}]
	switch {
	case sender.IsUnspecified(): // a probe of RFC 5227 tells nothing
	case a.Operation() == wire.ARPReply && mine && known:
		n.confirm(now, in, sender, mac)
	case known || mine && sender != target:
		n.Learn(now, in, sender, mac)
	}
	if a.Operation() == wire.ARPRequest && mine && sender != target {
		n.sendARP(in, mac, wire.ARPFields{
			Operation: wire.ARPReply, SenderMAC: n.s.Interface(in).MAC, SenderIP: target, TargetMAC: mac, TargetIP: sender,
		})
	}
	if a.Operation() == wire.ARPReply && mine {
		n.confirmed(now, in, sender)
	}
	n.s.Out.Absorb(p)
}

// ownsIPv4 reports whether this node answers ARP for the address on the interface.
func (n *Neighbours) ownsIPv4(in machine.Iface, a netip.Addr) bool {
	if own := n.s.Address(a); own != nil && own.Iface == in && own.State.Answers() {
		return true
	}
	p, ok := n.proxies[a]
	return ok && p.Iface == in
}

// AnnounceARP broadcasts a gratuitous ARP request that binds the address to mac
// (RFC 5944 section 4.6).
func (n *Neighbours) AnnounceARP(out machine.Iface, a netip.Addr, mac wire.MAC) {
	n.sendARP(out, wire.Broadcast, wire.ARPFields{
		Operation: wire.ARPRequest, SenderMAC: mac, SenderIP: a, TargetIP: a,
	})
}
