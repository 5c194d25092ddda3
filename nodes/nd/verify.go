package nd

import (
	"net/netip"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// MaxUnicastSolicit is MAX_UNICAST_SOLICIT of RFC 4861 section 10.
const MaxUnicastSolicit = 3

// verification asks a neighbour whether it is still there.
type verification struct {
	key
	sent  int
	timer *machine.Timer
	done  func(now vtime.Time, reachable bool)
}

// Verify asks a neighbour directly whether it is still there and tells done: with a unicast
// Neighbor Solicitation that a solicited advertisement must answer (RFC 6275 section
// 11.5.1), an IPv4 neighbour with an ARP request to its link-layer address. Silence counts
// after MaxUnicastSolicit requests RetransTimer apart. Of a neighbour that is being verified
// it does nothing; a link that goes down ends it silently.
func (n *Neighbours) Verify(now vtime.Time, iface machine.Iface, neighbour netip.Addr, done func(now vtime.Time, reachable bool)) {
	if n.Verifying(iface, neighbour) {
		return
	}
	v := &verification{key: key{iface, neighbour}, done: done}
	v.timer = n.s.Timers.New(func(now vtime.Time) { n.verify(now, v) })
	n.verifying = append(n.verifying, v)
	n.verify(now, v)
}

// Verifying reports whether a neighbour is being asked.
func (n *Neighbours) Verifying(iface machine.Iface, neighbour netip.Addr) bool {
	for _, v := range n.verifying {
		if v.key == (key{iface, neighbour}) {
			return true
		}
	}
	return false
}

func (n *Neighbours) verify(now vtime.Time, v *verification) {
	if v.sent == MaxUnicastSolicit {
		n.conclude(now, v, false)
		return
	}
	v.sent++
	mac, known := n.Known(v.iface, v.addr)
	if src, ok := n.s.SourceFor(v.iface, v.addr); ok {
		own := n.s.Interface(v.iface).MAC
		if v.addr.Is4() {
			if !known {
				mac = wire.Broadcast
			}
			n.sendARP(v.iface, mac, wire.ARPFields{Operation: wire.ARPRequest, SenderMAC: own, SenderIP: src, TargetIP: v.addr})
		} else {
			dst := v.addr
			if !known {
				dst = wire.SolicitedNode(v.addr)
			}
			n.send(v.iface, src, dst, mac, func(b []byte) []byte {
				return wire.AppendNeighborSolicitation(b, v.addr, own, src, dst)
			})
		}
	}
	ip.After(v.timer, now, n.RetransTimer)
}

// confirmed hears an answer of a neighbour to this node alone.
func (n *Neighbours) confirmed(now vtime.Time, iface machine.Iface, neighbour netip.Addr) {
	for _, v := range n.verifying {
		if v.key == (key{iface, neighbour}) {
			n.conclude(now, v, true)
			return
		}
	}
}

func (n *Neighbours) conclude(now vtime.Time, v *verification, reachable bool) {
	n.dropVerifications(func(o *verification) bool { return o == v })
	v.done(now, reachable)
}

func (n *Neighbours) dropVerifications(match func(*verification) bool) {
	kept := n.verifying[:0]
	for _, v := range n.verifying {
		if match(v) {
			v.timer.Stop()
		} else {
			kept = append(kept, v)
		}
	}
	clear(n.verifying[len(kept):])
	n.verifying = kept
}

// Moved forgets all that was learnt on a link: its owner has found that the interface is on
// another one, without hearing so from layer 2.
func (n *Neighbours) Moved(iface machine.Iface) { n.linkChanged(0, machine.LinkEvent{Iface: iface}) }

// MovedTo is Moved by a host that has heard the router of the other link meanwhile and is
// verifying addresses there.
func (n *Neighbours) MovedTo(now vtime.Time, a Advertisement) {
	n.drop(trace.Unreachable, func(e *entry) bool { return e.iface == a.Iface })
	n.dropVerifications(func(v *verification) bool { return v.iface == a.Iface })
	n.StopSoliciting(a.Iface)
	n.dropLearnt(func(r ip.Route) bool { return r.Iface == a.Iface })
	n.s.RemoveRoutes(func(r ip.Route) bool { return r.Iface == a.Iface && r.Learnt })
	n.configure(now, &a)
}
