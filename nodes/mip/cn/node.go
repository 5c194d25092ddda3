// Package cn is the correspondent node's part of Mobile IPv6. The draft asks nothing of a
// correspondent node beyond it (draft-soliman-v4v6-mipv6-00 section 3.5).
package cn

import (
	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/mip"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// Node is a correspondent node on a stack.
type Node struct {
	*ip.Stack
}

// New makes the stack's node a correspondent node.
func New(s *ip.Stack) *Node {
	n := &Node{Stack: s}
	s.Mobility = n
	s.Handle(wire.ProtoMobility, n.handleMobility)
	return n
}

// CheckHomeAddress implements ip.Mobility: without a binding a Home Address option is
// refused (RFC 6275 section 9.3.1).
func (n *Node) CheckHomeAddress(now vtime.Time, p *packet.Buf, in *ip.Info) trace.Reason {
	return mip.CheckHomeAddress(n.Stack, now, in)
}

// CheckRouting implements ip.Mobility: only a mobile node has a home address to route to.
func (n *Node) CheckRouting(vtime.Time, *ip.Info) trace.Reason { return trace.RoutingHeader }

// handleMobility discards what is authenticated by nothing that this node knows, and
// refuses to be anybody's home agent.
func (n *Node) handleMobility(now vtime.Time, p *packet.Buf, in ip.Info) {
	m := mip.Receive(n.Stack, now, p, in)
	if m == nil {
		return
	}
	if u, err := m.BindingUpdate(); err == nil && mip.RefuseHome(n.Stack, now, u, in) {
		n.Out.Absorb(p)
		return
	}
	n.Out.Drop(p, trace.MobilityRejected)
}
