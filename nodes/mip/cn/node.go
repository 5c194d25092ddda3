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
	if in.Protocol == wire.ProtoESP || in.Protocol == wire.ProtoMobility {
		return 0
	}
	mip.SendBindingError(n.Stack, now, *in, wire.BindingErrorUnknownBinding)
	return trace.HomeAddressOption
}

// CheckRouting implements ip.Mobility: only a mobile node has a home address to route to.
func (n *Node) CheckRouting(vtime.Time, *ip.Info) trace.Reason { return trace.RoutingHeader }

// handleMobility discards what is authenticated by nothing that this node knows.
func (n *Node) handleMobility(now vtime.Time, p *packet.Buf, in ip.Info) {
	if mip.Receive(n.Stack, now, p, in) != nil {
		n.Out.Drop(p, trace.MobilityRejected)
	}
}
