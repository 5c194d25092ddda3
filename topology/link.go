// Package topology carries frames between nodes: ports with their queues, links that
// serialise, propagate and lose, the addressing plan and shortest-path routes.
//
// A shared link carries Ethernet frames between all its ports, each with a transmitter of
// its own, as behind a switch: radio contention is not modelled. A point-to-point link
// carries IP packets between two ports. A frame departs when the port's transmitter is
// free, takes octets*8/rate to serialise and then the link's delay to arrive.
package topology

import (
	"math/rand/v2"
	"time"

	"dsmipsim/nodes/wire"
	"dsmipsim/sim"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
)

// Receiver is a node as its ports see it.
type Receiver interface {
	// Receive takes over a frame that arrived at the port.
	Receive(at *Port, b *packet.Buf)
	// LinkChanged tells that the port's attachment went up or down.
	LinkChanged(at *Port, up bool)
}

// Params are the properties of a link, the same for each of its ports.
type Params struct {
	Delay time.Duration // propagation, one way
	Rate  int64         // bit/s; 0 serialises in no time
	Loss  float64       // probability that a frame is lost, for each receiver
	Queue Queue         // limit of each port's queue
	MTU   int           // largest IP packet that nodes may put on it, octets; 0 leaves it to them
}

// Queue limits how much may wait at a port, the frame in transmission not counted. A zero
// field does not limit.
type Queue struct {
	Packets int
	Octets  int
}

// Net is all the links of one run.
type Net struct {
	Loop *sim.Loop
	Pool *packet.Pool
	Sink trace.Sink
	// Tamper breaks the world on purpose; nil, the rule, leaves it whole.
	Tamper Tamper

	links []*Link
	ports []*Port

	free    *flight
	flights []*flight // all ever made, for the walk over what is in flight
	ended   Ended
	event   trace.Event

	transmission trace.Event // reused for the facts of that kind, by far the most frequent
}

// Ended counts how packets came to their ends, in the links and, by way of End, in the nodes.
type Ended struct {
	Delivered, Dropped, Absorbed, Held uint64
}

// Sum is the number of packets that have ended.
func (e Ended) Sum() uint64 { return e.Delivered + e.Dropped + e.Absorbed + e.Held }

// New returns an empty network that reports to sink.
func New(loop *sim.Loop, pool *packet.Pool, sink trace.Sink) *Net {
	return &Net{Loop: loop, Pool: pool, Sink: sink, transmission: trace.Event{Kind: trace.Transmission}}
}

// Link is a shared link or a point-to-point link.
type Link struct {
	Name   string
	Type   trace.LinkType
	Params Params

	net   *Net
	ports []*Port
	byMAC map[wire.MAC]*Port
}

// Shared makes a link that carries Ethernet frames between any number of ports.
func (n *Net) Shared(name string, p Params) *Link {
	return n.add(&Link{Name: name, Type: trace.Ethernet, Params: p, net: n, byMAC: map[wire.MAC]*Port{}})
}

// PointToPoint makes a link that carries IP packets between the two ports that attach.
func (n *Net) PointToPoint(name string, p Params) *Link {
	return n.add(&Link{Name: name, Type: trace.RawIP, Params: p, net: n})
}

func (n *Net) add(l *Link) *Link {
	n.links = append(n.links, l)
	return l
}

// Links returns all links in the order in which they were made.
func (n *Net) Links() []*Link { return n.links }

// serialise returns how long the link takes to put octets on the medium, rounded up.
func (l *Link) serialise(octets int) time.Duration {
	if l.Params.Rate == 0 {
		return 0
	}
	bits := int64(octets) * 8
	return time.Duration((bits*int64(time.Second) + l.Params.Rate - 1) / l.Params.Rate)
}

// CrossingTime returns how long a frame of that many octets takes over an idle link.
func (p Params) CrossingTime(octets int) time.Duration {
	l := Link{Params: p}
	return l.serialise(octets) + p.Delay
}

// loss returns the stream that decides which frames to the port are lost. Each receiver
// has its own, so that a further receiver moves nobody's losses.
func (l *Link) loss(to *Port) *rand.Rand {
	return l.net.Loop.Rand("link/" + l.Name + "/loss/" + to.Node + "/" + to.Name)
}
