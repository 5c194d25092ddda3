package topology

import (
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// flight is a frame between two ports.
type flight struct {
	link     *Link
	from, to *Port
	epoch    uint32       // of to, when the frame left for it
	sent     vtime.Time   // when its last bit has left
	lost     trace.Reason // why it will not arrive; 0 if it will
	buf      *packet.Buf
	next     *flight
}

// fly sends a frame to one receiver. Its first bit leaves at begun, its last one at sent.
func (p *Port) fly(to *Port, b *packet.Buf, begun, sent vtime.Time) {
	l, n := p.link, p.net
	c := l.channel(p.sends)
	if loss := &to.loss[p.sends]; loss.rand != nil && loss.lost() {
		n.drop(to.Node, l.Name, b, trace.LinkLoss)
		return
	}
	arrival := sent.Add(c.Delay)
	if jitter := to.jitter[p.sends]; jitter != nil {
		arrival = arrival.Add(jitter.Next())
		if !c.Reorder {
			arrival = p.behind(to, arrival)
		}
	}
	why := trace.Reason(0)
	if out, already := l.out(begun, arrival); already {
		n.drop(to.Node, l.Name, b, trace.LinkOutage)
		return
	} else if out {
		why = trace.LinkOutage
	}
	f := n.free
	if f == nil {
		f = &flight{}
		n.flights = append(n.flights, f)
	} else {
		n.free = f.next
	}
	*f = flight{link: l, from: p, to: to, epoch: to.epoch, sent: sent, lost: why, buf: b}
	n.Loop.At(arrival, n, f)
}

// behind keeps frames in order between a node and its network's router: no frame arrives
// before those that went the same way earlier.
func (p *Port) behind(to *Port, arrival vtime.Time) vtime.Time {
	node := p
	if p.sends == down && p.link.Type == trace.Ethernet {
		node = to // the router sends to many
	}
	arrival = max(arrival, node.latest[p.sends])
	node.latest[p.sends] = arrival
	return arrival
}

// out tells whether the link has an outage at any moment from one instant to a later one, and
// whether it has begun at the first. The first instant never goes back.
func (l *Link) out(from, to vtime.Time) (any, already bool) {
	all := l.Params.Outages
	for l.outage < len(all) && all[l.outage].Until <= from {
		l.outage++
	}
	if l.outage == len(all) {
		return false, false
	}
	o := all[l.outage]
	return o.From <= to, o.From <= from
}

// cut marks the frame that a port is in the middle of sending, and its copies, as lost.
func (n *Net) cut(p *Port) {
	now := n.Loop.Now()
	if p.busy <= now {
		return
	}
	for _, f := range n.flights {
		if f.from == p && f.sent > now {
			f.lost = trace.Detached
		}
	}
}

// HandleEvent lets a frame arrive.
func (n *Net) HandleEvent(_ vtime.Time, arg any) {
	f := arg.(*flight)
	to, b, link, why := f.to, f.buf, f.link, f.lost
	if why == 0 && to.epoch != f.epoch {
		why = trace.Detached
	}
	*f = flight{next: n.free}
	n.free = f
	if why != 0 {
		n.drop(to.Node, link.Name, b, why)
		return
	}
	to.owner.Receive(to, b)
}
