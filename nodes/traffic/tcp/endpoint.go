// Package tcp is real TCP between the nodes of a run: the gVisor netstack in virtual time,
// with CUBIC (RFC 9438) and SACK recovery (RFC 6675), and the applications that use it.
//
// Each node has a netstack of its own above its mobility layer, as an operating system has:
// it knows the home address and nothing of care-of addresses or tunnels. What it sends enters
// the node's internet layer as octets; what the internet layer delivers enters it.
//
//	application ── socket ── netstack ── Endpoint ── nodes.Host
//	                            │
//	                          clock: timers of the netstack, run by the event loop
//
// A netstack processes segments in a goroutine of its own. After each call into it the caller
// waits until that goroutine rests, so that at most one of the two runs at any time and a run
// depends on nothing but scenario and seed.
package tcp

import (
	"fmt"
	"net/netip"

	"gvisor.dev/gvisor/pkg/tcpip/stack"

	"dsmipsim/nodes"
	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// Largest tells the largest packet from one address to another that leaves a node as it is.
type Largest func(now vtime.Time, src, dst netip.Addr) int

// Endpoint is the transport layer of one node. It implements nodes.Upper for what belongs
// to TCP. Close it when the run is over.
type Endpoint struct {
	host    *nodes.Host
	net     *netstack
	largest Largest
	timer   *sim.Timer
	byPort  map[uint16]*end
	all     []*end // in the order in which they were opened
	event   trace.Event
}

// New gives a node its transport layer. mtu is that of the node's interface in octets.
func New(h *nodes.Host, mtu int, largest Largest) (*Endpoint, error) {
	n, err := newNetstack(h.Net.Loop.Rand(h.Name+"/tcp"), mtu)
	if err != nil {
		return nil, fmt.Errorf("node %s: %w", h.Name, err)
	}
	e := &Endpoint{host: h, net: n, largest: largest, byPort: map[uint16]*end{}}
	e.timer = h.Net.Loop.NewTimer(e, nil)
	return e, nil
}

// Close ends the netstack. What it would send to say so is not sent.
func (e *Endpoint) Close() {
	e.timer.Stop()
	e.net.close()
}

// end is one end of a flow at its node.
type end struct {
	at            *Endpoint
	flow          *Flow
	local, remote netip.AddrPort
	socket        *socket // nil at the flow's destination until the connection comes in
	app           application

	heard  uint32     // number of the packet that came last
	told   int        // the packet size that the socket has to keep to, octets; 0 for any
	toldAt vtime.Time // when it was told
	over   bool       // the application needs the connection no more
}

// application is what uses one end of a connection.
type application interface {
	// poll does what can be done without waiting, and reports whether that was anything.
	poll(now vtime.Time) bool
}

// attach makes an end known under its local port.
func (e *Endpoint) attach(c *end) error {
	if err := e.net.own(c.local.Addr()); err != nil {
		return err
	}
	e.byPort[c.local.Port()] = c
	e.all = append(e.all, c)
	return nil
}

// Deliver implements nodes.Upper: a segment, or the news that a packet was too big.
func (e *Endpoint) Deliver(now vtime.Time, d machine.Effect) {
	e.net.clock.set(now)
	tag := d.Packet.Tag()
	e.event = trace.Event{Time: now, Kind: trace.Delivery, Flow: tag.Flow, Sequence: tag.Sequence,
		Serial: d.Packet.Serial(), Born: tag.Born, Overhead: tag.Overhead}
	e.record()
	if d.Protocol != wire.ProtoTCP {
		for _, c := range e.all {
			e.adapt(now, c)
		}
		e.settle(now, e.all...)
		return
	}
	b := d.Packet.Bytes()
	c := e.byPort[wire.TCP(b).DestinationPort()]
	if c != nil {
		c.heard = tag.Sequence
	}
	e.net.inject(d.Source, d.Destination, b)
	if c == nil {
		e.settle(now)
		return
	}
	e.settle(now, c)
}

// HandleEvent implements sim.Handler: a timer of the netstack has expired.
func (e *Endpoint) HandleEvent(now vtime.Time, _ any) {
	e.net.clock.set(now)
	e.net.fire()
	e.settle(now, e.all...)
}

// settle lets applications do what they can and sends what comes of it, until nothing does.
func (e *Endpoint) settle(now vtime.Time, ends ...*end) {
	for again := true; again; {
		again = e.flush(now)
		for _, c := range ends {
			again = !c.over && c.app.poll(now) || again
		}
	}
	e.timer.Set(e.net.clock.deadline())
}

// flush sends what the netstack has ready.
func (e *Endpoint) flush(now vtime.Time) (did bool) {
	for b := e.net.take(); b != nil; b = e.net.take() {
		e.send(now, b)
		did = true
	}
	return did
}

func (e *Endpoint) send(now vtime.Time, b []byte) {
	src, dst, segment := parse(b)
	if segment == nil {
		e.host.Net.Loop.Fail("the netstack of %s sends what is no TCP segment: %x", e.host.Name, b)
	}
	c := e.byPort[segment.SourcePort()]
	if c != nil && len(b) > e.largest(now, src, dst) {
		// The node itself is where the path narrows, at its tunnel: the segment does not leave
		// it, and TCP makes smaller ones, as if a router had answered.
		e.adapt(now, c)
		if c.toldAt == now {
			return
		}
	}
	p := e.host.Net.Pool.From(b)
	if c != nil {
		tag := packet.Tag{Flow: c.flow.cfg.Number, Sequence: c.flow.segments, Born: now}
		c.flow.segments++
		p.SetTag(tag)
		classify(p.Bytes(), c.flow.cfg.DSCP)
		e.event = trace.Event{Time: now, Kind: trace.Origin, Flow: tag.Flow, Sequence: tag.Sequence,
			Serial: p.Serial(), Born: now, Octets: p.Bytes()}
		e.record()
	}
	e.host.Send(p)
}

// classify marks a packet with a differentiated services code point. The netstack itself would
// leave the answer to a SYN without.
func classify(b []byte, dscp uint8) {
	if b[0]>>4 == 4 {
		wire.IPv4(b).SetTOS(dscp << 2)
		return
	}
	wire.IPv6(b).SetTrafficClass(dscp << 2)
}

// adapt tells a connection the size that its packets may have, if that has shrunk.
func (e *Endpoint) adapt(now vtime.Time, c *end) {
	if c.socket == nil {
		return
	}
	size := e.largest(now, c.local.Addr(), c.remote.Addr())
	if c.told != 0 && size >= c.told {
		return
	}
	header := wire.IPv6HeaderLen
	if c.local.Addr().Is4() {
		header = wire.IPv4HeaderLen
	}
	if t, ok := c.socket.ep.(stack.TransportEndpoint); ok {
		c.told, c.toldAt = size, now
		t.HandleError(tooBig{size - header}, nil)
		e.net.barrier()
	}
}

// parse returns the addresses and the segment of a packet; no segment if it has none.
func parse(b []byte) (src, dst netip.Addr, segment wire.TCP) {
	src, dst, ok := ip.Endpoints(b)
	switch {
	case ok && src.Is4() && wire.IPv4(b).Protocol() == wire.ProtoTCP:
		return src, dst, wire.TCP(b[wire.IPv4(b).HeaderLen():])
	case ok && src.Is6() && wire.IPv6(b).NextHeader() == wire.ProtoTCP:
		return src, dst, wire.TCP(b[wire.IPv6HeaderLen:])
	}
	return src, dst, nil
}

func (e *Endpoint) record() {
	e.event.Node = e.host.Name
	e.host.Net.Sink.Record(&e.event)
}

// state records a fact of the application at this end.
func (c *end) state(now vtime.Time, kind trace.Kind, sequence uint32, born vtime.Time, count int) {
	c.at.event = trace.Event{Time: now, Kind: kind, Flow: c.flow.cfg.Number, Sequence: sequence, Born: born, Count: count}
	c.at.record()
}

// read takes what has come and states the progress.
func (c *end) read(now vtime.Time) bool {
	n := c.socket.pull()
	if n > 0 {
		c.state(now, trace.Progress, c.heard, 0, n)
	}
	return n > 0
}

// finish closes the connection.
func (c *end) finish() {
	c.over = true
	c.socket.close()
}

// failed ends the application if the connection is lost.
func (c *end) failed(now vtime.Time) bool {
	if c.socket.err == nil {
		return false
	}
	if c.socket.err == errForeign {
		c.at.host.Net.Loop.Fail("flow %d at %s: %v", c.flow.cfg.Number, c.at.host.Name, errForeign)
	}
	c.state(now, trace.Aborted, 0, 0, 0)
	c.finish()
	return true
}
