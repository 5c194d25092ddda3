package nat

import (
	"net/netip"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// Box is a translator at a router between inside links and an outside one. It implements
// ip.Diverter. The public address is not an address of the router itself, which must have a
// route for it at its upstream neighbour. IPv6 passes untouched.
//
// Outbound packets are translated before the router's hop, so an ICMP error that the router
// makes about one is addressed to the public address; DivertOutput sends it to the host.
type Box struct {
	stack   *ip.Stack
	inside  map[machine.Iface]bool
	outside machine.Iface
	public  netip.Addr
	table   *Table
}

var _ ip.Diverter = (*Box)(nil)

// New returns a translator without mappings and makes it the stack's Diverter. public is an
// IPv4 address.
func New(s *ip.Stack, inside []machine.Iface, outside machine.Iface, public netip.Addr, c Config) *Box {
	b := &Box{stack: s, inside: map[machine.Iface]bool{}, outside: outside, public: public, table: NewTable(c)}
	for _, i := range inside {
		b.inside[i] = true
	}
	s.Diverter = b
	return b
}

// Table returns the mappings.
func (b *Box) Table() *Table { return b.table }

// DivertForward translates what crosses the box.
func (b *Box) DivertForward(now vtime.Time, in machine.Iface, p *packet.Buf, src, dst netip.Addr) bool {
	if !dst.Is4() {
		return false
	}
	if b.inside[in] {
		return b.fromInside(now, p, src, dst)
	}
	if dst == b.public {
		b.enter(now, p, true)
		return true
	}
	if r, ok := b.stack.Route(dst); ok && b.inside[r.Iface] {
		b.stack.Out.Drop(p, trace.NATMapping) // nobody outside knows inside addresses
		return true
	}
	return false
}

func (b *Box) fromInside(now vtime.Time, p *packet.Buf, src, dst netip.Addr) bool {
	if dst.IsMulticast() {
		return false // ends at the router
	}
	hairpin := dst == b.public
	if r, ok := b.stack.Route(dst); !hairpin && (!ok || r.Iface != b.outside) {
		return false // stays inside, or goes nowhere
	}
	why := trace.BadSource
	if src != b.public && !src.IsUnspecified() {
		why = b.translateOut(now, p)
	}
	if why != 0 {
		b.stack.Out.Drop(p, why)
		return true
	}
	if hairpin { // RFC 4787 REQ-9: with the external address and port as source
		b.enter(now, p, true)
	}
	return hairpin
}

// enter translates a packet to the public address and sends it on inside.
func (b *Box) enter(now vtime.Time, p *packet.Buf, hop bool) {
	dst, why := b.translateIn(now, p)
	if why != 0 {
		b.stack.Out.Drop(p, why)
		return
	}
	if hop && !b.stack.Hop(now, p) {
		return
	}
	b.stack.Originate(now, p, dst)
}

// DivertOutput translates the ICMP errors that the router makes about packets which it has
// translated. Everything else of its own passes.
func (b *Box) DivertOutput(now vtime.Time, p *packet.Buf, _, dst netip.Addr) bool {
	if !dst.Is4() {
		return false
	}
	if r, ok := b.stack.Route(dst); dst == b.public || ok && !b.inside[r.Iface] {
		b.quoteOwn(now, p)
	}
	if dst == b.public {
		b.enter(now, p, false)
		return true
	}
	return false
}

// quoteOwn translates what an ICMP error of the router quotes, if that was let in.
func (b *Box) quoteOwn(now vtime.Time, p *packet.Buf) {
	h, why := open(p)
	if why != 0 {
		return
	}
	if m, isErr, why := errorIn(h); isErr && why == 0 {
		_ = b.quoteOut(now, m) // no mapping: the packet was never translated
	}
}
