package cn

import (
	"net/netip"
	"time"

	"dsmipsim/nodes/mip"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/vtime"
)

// When a binding that is in use nears its end, the mobile node is asked for a new one (RFC
// 6275 section 9.5.5): first after nine tenths of the lifetime, which leaves mobile nodes
// that refresh by themselves the time to do so, then once more halfway to the end.
const (
	refreshPercent = 90
	inUse          = time.Minute // a binding counts as used for so long after a packet
)

// watch gives a binding the timer that asks for its refresh and ends it.
func (n *Node) watch(b *mip.Binding, now vtime.Time) {
	asked := 0
	b.Timer = n.Timers.New(func(now vtime.Time) {
		if now >= b.Expires {
			n.remove(now, b.HomeAddress, netip.Addr{}, b.Sequence)
			return
		}
		if b.Used != 0 && now.Sub(b.Used) < inUse {
			n.askForRefresh(now, b)
		}
		asked++
		if asked == 1 {
			b.Timer.Set(now.Add(b.Expires.Sub(now) / 2))
			return
		}
		b.Timer.Set(b.Expires)
	})
	b.Timer.Set(now.Add(b.Lifetime / 100 * refreshPercent))
}

// askForRefresh sends a Binding Refresh Request to the home address, past the binding cache
// as all Mobility Header messages.
func (n *Node) askForRefresh(now vtime.Time, b *mip.Binding) {
	r, ok := n.Route(b.HomeAddress)
	if !ok {
		return
	}
	src, ok := n.SourceFor(r.Iface, b.HomeAddress)
	if !ok {
		return
	}
	e := mip.Envelope{Source: src, Destination: b.HomeAddress}
	n.Originate(now, mip.Compose(n.Stack, e, wire.AppendBindingRefreshRequest), e.Target())
}
