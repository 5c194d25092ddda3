// Package cn is the correspondent node's part of Mobile IPv6: return routability, a binding
// cache, and packets that take the direct way to a mobile node. The draft asks nothing of a
// correspondent node beyond it (draft-soliman-v4v6-mipv6-00 section 3.5).
package cn

import (
	"math/rand/v2"
	"net/netip"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/mip"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// Node is a correspondent node on a stack.
type Node struct {
	*ip.Stack
	nonces *mip.Nonces
	cache  mip.Cache
}

// New makes the stack's node a correspondent node. Its secret and nonces are drawn from
// from.
func New(s *ip.Stack, from *rand.Rand) *Node {
	n := &Node{Stack: s, nonces: mip.NewNonces(from)}
	s.Mobility = n
	s.Diverter = n
	s.Handle(wire.ProtoMobility, n.handleMobility)
	return n
}

// CheckHomeAddress implements ip.Mobility: a home address may be named by a message that
// authenticates itself, or by a packet from the care-of address that is bound to it (RFC
// 6275 section 9.3.1).
func (n *Node) CheckHomeAddress(now vtime.Time, p *packet.Buf, in *ip.Info) trace.Reason {
	if b := n.cache.Live(in.HomeAddress); b != nil && b.CareOf == in.WireSource {
		return 0
	}
	return mip.CheckHomeAddress(n.Stack, now, in)
}

// CheckRouting implements ip.Mobility: only a mobile node has a home address to route to.
func (n *Node) CheckRouting(vtime.Time, *ip.Info) trace.Reason { return trace.RoutingHeader }

// DivertOutput implements ip.Diverter: packets for a home address with a binding go straight
// to the care-of address (RFC 6275 section 9.3.2).
func (n *Node) DivertOutput(now vtime.Time, p *packet.Buf, _, dst netip.Addr) bool {
	b := n.cache.Live(dst)
	if b == nil || !mip.Routable(p) {
		return false
	}
	b.Used = now
	mip.RouteToMobile(n.Stack, p, b.CareOf)
	n.Originate(now, p, b.CareOf)
	return true
}

// LargestPacket returns the largest packet to an address that leaves the node as it is: to a
// home address with a binding the type 2 routing header takes part of the room.
func (n *Node) LargestPacket(now vtime.Time, src, dst netip.Addr) int {
	if b := n.cache.Live(dst); b != nil {
		return n.Stack.LargestPacket(now, src, b.CareOf) - wire.Routing2Len
	}
	return n.Stack.LargestPacket(now, src, dst)
}

// DivertForward implements ip.Diverter. A host forwards nothing.
func (n *Node) DivertForward(vtime.Time, machine.Iface, *packet.Buf, netip.Addr, netip.Addr) bool {
	return false
}

// handleMobility takes what a correspondent node reacts to; all else is discarded.
func (n *Node) handleMobility(now vtime.Time, p *packet.Buf, in ip.Info) {
	m := mip.Receive(n.Stack, now, p, in)
	if m == nil {
		return
	}
	why := trace.MobilityRejected
	switch m.Type() {
	case wire.MobilityHomeTestInit, wire.MobilityCareOfTestInit:
		why = n.test(now, m, in)
	case wire.MobilityBindingUpdate:
		why = n.update(now, m, in)
	}
	if why != 0 {
		n.Out.Drop(p, why)
		return
	}
	n.Out.Absorb(p)
}

// Snapshot returns a copy of the binding cache, deleted entries that only guard against
// replays included.
func (n *Node) Snapshot() []mip.Binding { return n.cache.Snapshot() }
