package cn

import (
	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/mip"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// test answers a Home Test Init or a Care-of Test Init (RFC 6275 section 9.4). Nothing is
// kept of it: the token in the answer can be made again from what a Binding Update says, so
// that nobody can exhaust the node with test inits.
func (n *Node) test(now vtime.Time, m wire.Mobility, in ip.Info) trace.Reason {
	if in.HomeAddress.IsValid() || !mip.IsCareOf(in.Source) {
		return trace.MobilityRejected
	}
	e := mip.Envelope{Source: in.Destination, Destination: in.Source}
	p := mip.Compose(n.Stack, e, func(b []byte) []byte {
		if t, err := m.HomeTestInit(); err == nil {
			index, token := n.nonces.NewHomeToken(now, in.Source)
			return wire.AppendHomeTest(b, index, t.Cookie(), token)
		}
		t, _ := m.CareOfTestInit()
		index, token := n.nonces.NewCareOfToken(now, in.Source)
		return wire.AppendCareOfTest(b, index, t.Cookie(), token)
	})
	// Past the binding cache: a Home Test goes to the home address, whatever is bound to it.
	n.Originate(now, p, e.Target())
	return 0
}
