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
// interface and tells done whether it is unique. It configures nothing; it listens to the
// solicited-node group for as long as it lasts. A link that goes down ends it silently.
func (n *Neighbours) Probe(now vtime.Time, iface machine.Iface, a netip.Addr, done func(now vtime.Time, unique bool)) {
	if old := n.probe(iface, a); old != nil {
		n.remove(old)
	}
	p := &probe{iface: iface, addr: a, done: done}
	p.timer = n.s.Timers.New(func(now vtime.Time) { n.advance(now, p) })
	n.probes = append(n.probes, p)
	n.s.JoinGroup(iface, wire.SolicitedNode(a))
	n.s.Out.Note(trace.Note{Kind: trace.DADStarted, Home: a})
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
	if p.sent == DupAddrTransmits {
		n.remove(p)
		n.s.Out.Note(trace.Note{Kind: trace.DADSucceeded, Home: p.addr})
		p.done(now, true)
		return
	}
	p.sent++
	dst := wire.SolicitedNode(p.addr)
	n.send(p.iface, netip.IPv6Unspecified(), dst, wire.MAC{}, func(b []byte) []byte {
		return wire.AppendNeighborSolicitation(b, p.addr, wire.MAC{}, netip.IPv6Unspecified(), dst)
	})
	ip.After(p.timer, now, n.RetransTimer)
}

func (n *Neighbours) conflict(now vtime.Time, p *probe) {
	n.remove(p)
	n.s.Out.Note(trace.Note{Kind: trace.DADFailed, Home: p.addr})
	p.done(now, false)
}
