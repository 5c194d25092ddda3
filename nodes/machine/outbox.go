package machine

import (
	"net/netip"

	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
)

// Outbox is the queue of a machine's effects, shared by all parts of one node so that
// their order is the order in which things happened. The zero Outbox is empty.
type Outbox struct {
	queue []Effect
	head  int
}

// Poll returns the next effect, or false if there is none.
func (o *Outbox) Poll() (Effect, bool) {
	if o.head == len(o.queue) {
		o.queue, o.head = o.queue[:0], 0
		return Effect{}, false
	}
	o.head++
	return o.queue[o.head-1], true
}

// Send transmits p on the interface.
func (o *Outbox) Send(out Iface, p *packet.Buf) {
	o.queue = append(o.queue, Effect{Kind: Send, Iface: out, Packet: p})
}

// Deliver hands p, which starts at its transport header, to the upper layer. The addresses
// are those that the upper layer sees: home addresses where mobility is at work.
func (o *Outbox) Deliver(p *packet.Buf, protocol uint8, src, dst netip.Addr) {
	o.queue = append(o.queue, Effect{Kind: Deliver, Packet: p, Protocol: protocol, Source: src, Destination: dst})
}

// Drop ends p for a reason that is counted.
func (o *Outbox) Drop(p *packet.Buf, why trace.Reason) {
	o.queue = append(o.queue, Effect{Kind: Drop, Packet: p, Reason: why})
}

// Absorb ends p, which was for this node's own protocols and has been taken in.
func (o *Outbox) Absorb(p *packet.Buf) {
	o.queue = append(o.queue, Effect{Kind: Absorb, Packet: p})
}

// Turn tells that the echo request p is being answered with the same buffer.
func (o *Outbox) Turn(p *packet.Buf) {
	o.queue = append(o.queue, Effect{Kind: Turn, Packet: p})
}

// Address tells that an address was configured on an interface, or given up.
func (o *Outbox) Address(on Iface, a netip.Addr, added bool) {
	o.queue = append(o.queue, Effect{Kind: Address, Iface: on, Source: a, On: added})
}

// Group asks for, or gives up, reception of frames to a multicast MAC address.
func (o *Outbox) Group(on Iface, mac wire.MAC, join bool) {
	o.queue = append(o.queue, Effect{Kind: Group, Iface: on, MAC: mac, On: join})
}

// Note states a milestone.
func (o *Outbox) Note(n trace.Note) {
	o.queue = append(o.queue, Effect{Kind: Note, Note: &n})
}
