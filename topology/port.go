package topology

import (
	"math/rand/v2"

	"dsmipsim/nodes/wire"
	"dsmipsim/sim"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// Port is a node's interface: a place for one link, with a transmitter and its queue.
type Port struct {
	Node  string   // name of the node
	Name  string   // name of the interface within the node
	Index int      // number of the interface within the node
	MAC   wire.MAC // unused on a point-to-point link

	net   *Net
	owner Receiver
	link  *Link
	// towards is the end of a point-to-point link that an Injector sends to.
	towards *Port
	epoch   uint32 // counts attachments, so that frames in flight across a detach are found
	groups  []wire.MAC
	loss    *rand.Rand // decides which frames to this port the link loses

	busy   vtime.Time // the transmitter is busy until then
	queue  []*packet.Buf
	head   int
	octets int // in the queue
	drain  *sim.Timer
}

// NewPort makes a port for the owner; it is attached to no link.
func (n *Net) NewPort(owner Receiver, node, name string, index int, mac wire.MAC) *Port {
	p := &Port{Node: node, Name: name, Index: index, MAC: mac, net: n, owner: owner}
	p.drain = n.Loop.NewTimer(p, nil)
	n.ports = append(n.ports, p)
	return p
}

// Link returns the link that the port is attached to, or nil.
func (p *Port) Link() *Link { return p.link }

// Join makes the port receive frames to a multicast address.
func (p *Port) Join(mac wire.MAC) { p.groups = append(p.groups, mac) }

// Leave takes one Join back.
func (p *Port) Leave(mac wire.MAC) {
	for i, g := range p.groups {
		if g == mac {
			p.groups = append(p.groups[:i], p.groups[i+1:]...)
			return
		}
	}
}

func (p *Port) accepts(dst wire.MAC) bool {
	if dst == wire.Broadcast {
		return true
	}
	for _, g := range p.groups {
		if g == dst {
			return true
		}
	}
	return false
}

// Attach puts the port on a link and tells its owner.
func (p *Port) Attach(l *Link) {
	if p.link != nil {
		p.net.Loop.Fail("port %s/%s is attached to %s, not free for %s", p.Node, p.Name, p.link.Name, l.Name)
	}
	if l.Type == trace.RawIP && len(l.ports) == 2 {
		p.net.Loop.Fail("%s has two ends already, none is free for %s/%s", l.Name, p.Node, p.Name)
	}
	if l.byMAC != nil {
		if other := l.byMAC[p.MAC]; other != nil {
			p.net.Loop.Fail("%s and %s have the same MAC address %s on %s", p.Node, other.Node, p.MAC, l.Name)
		}
		l.byMAC[p.MAC] = p
	}
	p.link = l
	p.epoch++
	if l.Params.Loss > 0 {
		p.loss = l.loss(p)
	}
	l.ports = append(l.ports, p)
	p.owner.LinkChanged(p, true)
}

// Detach takes the port off its link. What waits in its queue, is half sent or is on its
// way to it is lost.
func (p *Port) Detach() {
	l := p.link
	if l == nil {
		return
	}
	for i, q := range l.ports {
		if q == p {
			l.ports = append(l.ports[:i], l.ports[i+1:]...)
			break
		}
	}
	delete(l.byMAC, p.MAC)
	p.epoch++
	p.net.cut(p)
	for p.head < len(p.queue) {
		p.net.drop(p.Node, l.Name, p.pop(), trace.Detached)
	}
	p.drain.Stop()
	p.busy = 0
	p.link = nil
	p.owner.LinkChanged(p, false)
}

// Send takes over a frame and transmits it when its turn comes.
func (p *Port) Send(b *packet.Buf) {
	if p.net.Tamper != nil && p.link != nil {
		if b = p.net.Tamper.apply(p, b); b == nil {
			return
		}
	}
	now := p.net.Loop.Now()
	switch {
	case p.link == nil:
		p.net.drop(p.Node, "", b, trace.LinkUnavailable)
	case p.busy <= now && p.head == len(p.queue):
		p.transmit(now, b)
	case p.full(b):
		p.net.drop(p.Node, p.link.Name, b, trace.QueueFull)
	default:
		p.queue = append(p.queue, b)
		p.octets += b.Len()
		p.drain.Set(p.busy)
	}
}

func (p *Port) full(b *packet.Buf) bool {
	limit := p.link.Params.Queue
	return limit.Packets > 0 && len(p.queue)-p.head >= limit.Packets ||
		limit.Octets > 0 && p.octets+b.Len() > limit.Octets
}

func (p *Port) pop() *packet.Buf {
	b := p.queue[p.head]
	p.queue[p.head] = nil
	p.head++
	p.octets -= b.Len()
	if p.head == len(p.queue) {
		p.queue, p.head = p.queue[:0], 0
	} else if p.head > 64 && p.head > len(p.queue)/2 {
		n := copy(p.queue, p.queue[p.head:])
		clear(p.queue[n:])
		p.queue, p.head = p.queue[:n], 0
	}
	return b
}

// HandleEvent transmits the next frame of the queue: the transmitter has become free.
func (p *Port) HandleEvent(now vtime.Time, _ any) {
	p.transmit(now, p.pop())
	if p.head < len(p.queue) {
		p.drain.Set(p.busy)
	}
}

// transmit puts a frame on the link. The departure of a frame is this moment.
func (p *Port) transmit(now vtime.Time, b *packet.Buf) {
	l, n := p.link, p.net
	sent := now.Add(l.serialise(b.Len()))
	p.busy = sent

	e := &n.transmission // all other fields stay zero
	t := b.Tag()
	e.Time, e.Node, e.Link, e.LinkType = now, p.Node, l.Name, l.Type
	e.Flow, e.Sequence, e.Serial, e.Born, e.Octets = t.Flow, t.Sequence, b.Serial(), t.Born, b.Bytes()
	n.Sink.Record(e)

	if l.Type == trace.RawIP {
		if p.towards != nil {
			p.fly(p.towards, b, sent)
			return
		}
		for _, to := range l.ports {
			if to != p {
				p.fly(to, b, sent)
				return
			}
		}
		n.drop(p.Node, l.Name, b, trace.NoReceiver)
		return
	}
	if b.Len() < wire.EthernetLen {
		n.drop(p.Node, l.Name, b, trace.Malformed)
		return
	}
	dst := wire.MAC(b.Bytes()[:6])
	if !dst.IsMulticast() {
		if to := l.byMAC[dst]; to != nil && to != p {
			p.fly(to, b, sent)
		} else {
			n.drop(p.Node, l.Name, b, trace.NoReceiver)
		}
		return
	}
	// Each receiver gets a copy and the last one the original.
	var last *Port
	for _, to := range l.ports {
		if to == p || !to.accepts(dst) {
			continue
		}
		if last != nil {
			p.fly(last, b.Clone(), sent)
		}
		last = to
	}
	if last != nil {
		p.fly(last, b, sent)
		return
	}
	n.Absorbed(b) // a multicast that nobody listens to is no loss
}

// flight is a frame between two ports.
type flight struct {
	link     *Link
	from, to *Port
	epoch    uint32     // of to, when the frame left for it
	sent     vtime.Time // when its last bit has left
	cut      bool       // from was detached before
	buf      *packet.Buf
	next     *flight
}

func (p *Port) fly(to *Port, b *packet.Buf, sent vtime.Time) {
	l, n := p.link, p.net
	if l.Params.Loss > 0 && to.loss.Float64() < l.Params.Loss {
		n.drop(to.Node, l.Name, b, trace.LinkLoss)
		return
	}
	f := n.free
	if f == nil {
		f = &flight{}
		n.flights = append(n.flights, f)
	} else {
		n.free = f.next
	}
	*f = flight{link: l, from: p, to: to, epoch: to.epoch, sent: sent, buf: b}
	n.Loop.At(sent.Add(l.Params.Delay), n, f)
}

// cut marks the frame that a port is in the middle of sending, and its copies, as lost.
func (n *Net) cut(p *Port) {
	now := n.Loop.Now()
	if p.busy <= now {
		return
	}
	for _, f := range n.flights {
		if f.from == p && f.sent > now {
			f.cut = true
		}
	}
}

// HandleEvent lets a frame arrive.
func (n *Net) HandleEvent(_ vtime.Time, arg any) {
	f := arg.(*flight)
	to, b, link := f.to, f.buf, f.link
	lost := f.cut || to.epoch != f.epoch
	*f = flight{next: n.free}
	n.free = f
	if lost {
		n.drop(to.Node, link.Name, b, trace.Detached)
		return
	}
	to.owner.Receive(to, b)
}
