package topology

import (
	"dsmipsim/nodes/wire"
	"dsmipsim/sim"
	"dsmipsim/sim/draw"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// Port is a node's interface: a place for one link, with a transmitter and its queue.
type Port struct {
	Node  string   // name of the node
	Name  string   // name of the interface within the node
	Index int      // number of the interface within the node
	Label string   // name of the interface in facts; empty at a node that has only one
	MAC   wire.MAC // unused on a point-to-point link
	// Serves says that the port belongs to a router or home agent of the network: on a
	// shared link it sends down to the nodes.
	Serves bool

	net   *Net
	owner Receiver
	link  *Link
	// towards is the end of a point-to-point link that an Injector sends to.
	towards *Port
	epoch   uint32 // counts attachments, so that frames in flight across a detach are found
	groups  []wire.MAC
	sends   way
	channel *Channel // that it sends by

	// What befalls frames to this port, by the way that they come.
	loss   [2]lossProcess
	jitter [2]*draw.Source
	latest [2]vtime.Time // when the last frame between this port and the router arrives

	busy   vtime.Time // the transmitter is busy until then
	queue  backlog
	codel  codel
	drain  *sim.Timer
	inLine bool // for the medium
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
	p.tune()
	l.ports = append(l.ports, p)
	p.owner.LinkChanged(p, true)
}

// tune takes over the properties of the link.
func (p *Port) tune() {
	l := p.link
	p.sends = up
	if l.Type == trace.Ethernet && p.Serves || l.Type == trace.RawIP && len(l.ports) == 1 && l.ports[0].sends == up {
		p.sends = down
	}
	p.channel = l.channel(p.sends)
	p.codel = codel{}
	for w := range p.loss {
		c := l.channel(way(w))
		p.loss[w], p.jitter[w], p.latest[w] = lossProcess{}, nil, 0
		if c.Loss != (Loss{}) {
			p.loss[w] = lossProcess{loss: c.Loss, rand: l.rand("loss", p)}
		}
		if !c.Jitter.Zero() {
			p.jitter[w] = draw.NewSource(c.Jitter, l.rand("jitter", p))
		}
	}
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
	for p.queue.len() > 0 {
		p.net.drop(p.Node, l.Name, p.queue.take().buf, trace.Detached)
	}
	p.drain.Stop()
	if l.medium != nil {
		l.medium.leave(p)
	}
	p.busy = 0
	p.link = nil
	p.owner.LinkChanged(p, false)
}

// BeginDetached tells the owner of a port that has not been attached yet that the run begins
// without a link.
func (p *Port) BeginDetached() { p.owner.LinkChanged(p, false) }

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
	case p.free(now):
		p.codel.passed()
		p.transmit(now, b, 0)
	case !p.queue.put(now, b, &p.channel.Queue):
		p.net.drop(p.Node, p.link.Name, b, trace.QueueFull)
	case p.link.medium != nil:
		p.link.medium.join(p)
	default:
		p.drain.Set(p.busy)
	}
}

// free reports whether a frame can be sent without waiting.
func (p *Port) free(now vtime.Time) bool {
	if m := p.link.medium; m != nil {
		return m.busy <= now && m.line.len() == 0
	}
	return p.busy <= now && p.queue.len() == 0
}

// next takes the frame to send now out of the queue; nil if its management leaves none.
func (p *Port) next(now vtime.Time) *packet.Buf {
	c := p.channel.Queue.CoDel
	if c == nil {
		return p.queue.take().buf
	}
	return p.codel.dequeue(c, now, &p.queue, p.link.largest(), p)
}

// late ends a frame that the queue's management drops.
func (p *Port) late(b *packet.Buf) { p.net.drop(p.Node, p.link.Name, b, trace.QueueDelay) }

// HandleEvent transmits the next frame of the queue: the transmitter has become free.
func (p *Port) HandleEvent(now vtime.Time, _ any) {
	if b := p.next(now); b != nil {
		p.transmit(now, b, now-p.queue.taken)
	}
	if p.queue.len() > 0 {
		p.drain.Set(p.busy)
	}
}

// transmit puts a frame on the link that has waited in the queue for so long. The departure of
// a frame is this moment.
func (p *Port) transmit(now vtime.Time, b *packet.Buf, waited vtime.Time) {
	l, n := p.link, p.net
	sent := now.Add(l.channel(p.sends).serialise(b.Len()))
	p.busy = sent
	if l.medium != nil {
		l.medium.busy = max(l.medium.busy, sent)
	}

	e := &n.transmission // all other fields stay zero
	t := b.Tag()
	e.Time, e.Node, e.Link, e.LinkType, e.Waited = now, p.Node, l.Name, l.Type, waited
	e.Flow, e.Sequence, e.Serial, e.Born, e.Octets = t.Flow, t.Sequence, b.Serial(), t.Born, b.Bytes()
	n.Sink.Record(e)

	if l.Type == trace.RawIP {
		if p.towards != nil {
			p.fly(p.towards, b, now, sent)
			return
		}
		for _, to := range l.ports {
			if to != p {
				p.fly(to, b, now, sent)
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
			p.fly(to, b, now, sent)
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
			p.fly(last, b.Clone(), now, sent)
		}
		last = to
	}
	if last != nil {
		p.fly(last, b, now, sent)
		return
	}
	n.Absorbed(b) // a multicast that nobody listens to is no loss
}
