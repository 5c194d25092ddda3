// Package nodes joins protocol machines to the event loop and to the links: a Host is the
// one place where a machine's effects become events. kinds.go lists the roles of nodes.
package nodes

import (
	"crypto/sha256"

	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
	"dsmipsim/topology"
)

// Node is a machine that may still hold packets when the run is over.
type Node interface {
	machine.Machine
	End(take func(*packet.Buf))
}

// Upper is the upper layer of a host: it takes what the machine delivers.
type Upper interface {
	// Deliver reads the packet, which ends afterwards.
	Deliver(now vtime.Time, e machine.Effect)
}

// Host drives the machine of one node.
type Host struct {
	Name  string
	Net   *topology.Net
	Ports []*topology.Port
	Upper Upper // may be nil for a node without applications

	node     Node
	timer    *sim.Timer
	event    trace.Event
	draining bool
	waiting  []*packet.Buf // of the upper layer, sent while the machine's effects are carried out
}

// NewHost returns a host without ports or machine. The order of creation breaks ties
// between events of the same instant only at the very start of a run.
func NewHost(net *topology.Net, name string) *Host {
	h := &Host{Name: name, Net: net}
	h.timer = net.Loop.NewTimer(h, nil)
	return h
}

// AddPort gives the host a further interface, numbered in order.
func (h *Host) AddPort(name string) *topology.Port {
	p := h.Net.NewPort(h, h.Name, name, len(h.Ports), HardwareAddress(h.Name, name))
	h.Ports = append(h.Ports, p)
	return p
}

// Run gives the host its machine.
func (h *Host) Run(n Node) {
	h.node = n
	h.drain()
}

// HardwareAddress derives the MAC address of an interface from its names, so that a further
// node or interface changes nobody else's. It is locally administered and individual.
func HardwareAddress(node, port string) wire.MAC {
	sum := sha256.Sum256([]byte(node + "/" + port))
	return wire.MAC{0x02, sum[0], sum[1], sum[2], sum[3], sum[4]}
}

// Receive implements topology.Receiver.
func (h *Host) Receive(at *topology.Port, b *packet.Buf) {
	h.node.HandlePacket(h.Net.Loop.Now(), machine.Iface(at.Index), b)
	h.drain()
}

// LinkChanged implements topology.Receiver.
func (h *Host) LinkChanged(at *topology.Port, up bool) {
	if h.node == nil {
		return
	}
	e := machine.LinkEvent{Iface: machine.Iface(at.Index), Up: up}
	if up {
		e.MTU = at.Link().Params.MTU
	}
	h.node.HandleLink(h.Net.Loop.Now(), e)
	h.drain()
}

// HandleEvent implements sim.Handler: the machine's deadline has come.
func (h *Host) HandleEvent(now vtime.Time, _ any) {
	h.node.HandleDeadline(now)
	h.drain()
}

// Send hands an IP packet of the upper layer to the machine: at once or, if the upper layer
// sends it as it takes a delivery, when the effects before it are carried out.
func (h *Host) Send(p *packet.Buf) {
	if h.draining {
		h.waiting = append(h.waiting, p)
		return
	}
	h.node.HandlePacket(h.Net.Loop.Now(), machine.Local, p)
	h.drain()
}

// drain carries out the machine's effects in order and re-arms the clock.
func (h *Host) drain() {
	now := h.Net.Loop.Now()
	h.draining = true
	for next := 0; ; next++ {
		for e, ok := h.node.Poll(); ok; e, ok = h.node.Poll() {
			h.carryOut(now, &e)
		}
		if next == len(h.waiting) {
			break
		}
		h.node.HandlePacket(now, machine.Local, h.waiting[next])
	}
	h.waiting, h.draining = h.waiting[:0], false
	h.timer.Set(h.node.Deadline())
}

func (h *Host) carryOut(now vtime.Time, e *machine.Effect) {
	switch e.Kind {
	case machine.Send:
		h.Ports[e.Iface].Send(e.Packet)
	case machine.Deliver:
		if h.Upper != nil {
			h.Upper.Deliver(now, *e)
		}
		h.Net.Delivered(e.Packet)
	case machine.Drop:
		h.Net.Drop(h.Name, e.Packet, e.Reason)
	case machine.Absorb:
		h.Net.Absorbed(e.Packet)
	case machine.Turn:
		if t := e.Packet.Tag(); t.Flow != 0 {
			h.record(trace.Event{Time: now, Kind: trace.Turn, Flow: t.Flow, Sequence: t.Sequence,
				Serial: e.Packet.Serial(), Born: t.Born})
		}
	case machine.Group:
		if e.On {
			h.Ports[e.Iface].Join(e.MAC)
		} else {
			h.Ports[e.Iface].Leave(e.MAC)
		}
	case machine.Address:
		kind := trace.AddressRemoved
		if e.On {
			kind = trace.AddressAdded
		}
		h.record(trace.Event{Time: now, Kind: trace.Milestone, Note: trace.Note{Kind: kind, Home: e.Source}})
	case machine.Note:
		h.record(trace.Event{Time: now, Kind: trace.Milestone, Note: *e.Note})
	}
}

func (h *Host) record(e trace.Event) {
	e.Node = h.Name
	h.event = e
	h.Net.Sink.Record(&h.event)
}

// End hands every packet that the machine still holds back to the network, as held.
func (h *Host) End() {
	h.timer.Stop()
	h.node.End(func(p *packet.Buf) { h.Net.Hold(h.Name, "", p) })
}
