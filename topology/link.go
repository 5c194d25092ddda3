// Package topology carries frames between nodes: ports with their queues, links that
// serialise, propagate and lose, the addressing plan and shortest-path routes.
//
// A shared link carries Ethernet frames between all its ports, each with a transmitter of
// its own, as behind a switch, or one at a time, as on a radio channel: contention for it is
// not modelled. A point-to-point link carries IP packets between two ports. A frame departs
// when the transmitter is free, takes octets*8/rate to serialise and then the link's delay
// to arrive.
package topology

import (
	"math/rand/v2"

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

	medium *medium // nil if every port has a transmitter of its own
	outage int     // the first of the outages that is not over
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
	if l.Params.SharedMedium {
		l.medium = newMedium(n.Loop)
	}
	n.links = append(n.links, l)
	return l
}

// Links returns all links in the order in which they were made.
func (n *Net) Links() []*Link { return n.links }

// way is a direction of a link.
type way int

const (
	up   way = iota // from a node to the router, or from the first end of a point-to-point link
	down            // from the router, or from the second end
)

// channel returns the properties of one direction.
func (l *Link) channel(w way) *Channel {
	if w == down {
		return &l.Params.Down
	}
	return &l.Params.Up
}

// largest is the length of the largest frame that the link carries.
func (l *Link) largest() int {
	if l.Type == trace.Ethernet {
		return l.Params.MTU + wire.EthernetLen
	}
	return l.Params.MTU
}

// rand returns the stream that decides for one purpose about frames to the port. Each receiver
// has its own, so that a further receiver moves nobody's draws.
func (l *Link) rand(purpose string, to *Port) *rand.Rand {
	return l.net.Loop.Rand("link/" + l.Name + "/" + purpose + "/" + to.Node + "/" + to.Name)
}
