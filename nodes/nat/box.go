package nat

import (
	"net/netip"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
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
	cfg     Config
	table   *Table
	pieces  assembler
}

var _ ip.Diverter = (*Box)(nil)

// New returns a translator without mappings but those configured, and makes it the stack's
// Diverter. public is an IPv4 address.
func New(s *ip.Stack, inside []machine.Iface, outside machine.Iface, public netip.Addr, c Config) *Box {
	b := &Box{stack: s, inside: map[machine.Iface]bool{}, outside: outside, public: public, cfg: c, table: NewTable(c)}
	for _, i := range inside {
		b.inside[i] = true
	}
	s.Diverter = b
	s.OnEnd(b.end)
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
		return b.fromInside(now, in, p, src, dst)
	}
	if dst == b.public {
		b.cross(now, in, p, dst)
		return true
	}
	if r, ok := b.stack.Route(dst); ok && b.inside[r.Iface] {
		b.stack.Out.Drop(p, trace.NATMapping) // nobody outside knows inside addresses
		return true
	}
	return false
}

func (b *Box) fromInside(now vtime.Time, in machine.Iface, p *packet.Buf, src, dst netip.Addr) bool {
	if dst.IsMulticast() {
		return false // ends at the router
	}
	hairpin := dst == b.public
	if r, ok := b.stack.Route(dst); !hairpin && (!ok || r.Iface != b.outside) {
		return false // stays inside, or goes nowhere
	}
	switch {
	case src == b.public || src.IsUnspecified():
		b.stack.Out.Drop(p, trace.BadSource)
	case hairpin && b.cfg.Hairpin == NoHairpin:
		b.stack.Out.Drop(p, trace.NATFiltered)
	case hairpin || wire.IPv4(p.Bytes()).IsFragment():
		b.cross(now, in, p, dst)
	default:
		why := b.translate(now, p, in, dst)
		if why == 0 {
			return false // the router takes its hop and forwards it
		}
		b.stack.Out.Drop(p, why)
	}
	return true
}

// cross translates a packet and sends it on, or ends it.
func (b *Box) cross(now vtime.Time, in machine.Iface, p *packet.Buf, dst netip.Addr) {
	h, err := wire.ParseIPv4(p.Bytes())
	if err != nil {
		b.stack.Out.Drop(p, trace.Malformed)
		return
	}
	if h.IsFragment() {
		b.fragment(now, in, p, h)
		return
	}
	if why := b.translate(now, p, in, dst); why != 0 {
		b.stack.Out.Drop(p, why)
		return
	}
	b.send(now, p, h.Destination())
}

// translate rewrites a packet that came in on a link, or tells why it must be dropped.
func (b *Box) translate(now vtime.Time, p *packet.Buf, in machine.Iface, dst netip.Addr) trace.Reason {
	if b.inside[in] && (dst != b.public || b.cfg.Hairpin == HairpinExternal) {
		if why := b.translateOut(now, p); why != 0 {
			return why
		}
	}
	if dst == b.public {
		return b.translateIn(now, p)
	}
	return 0
}

// send takes the router's hop from a translated packet and sends it on.
func (b *Box) send(now vtime.Time, p *packet.Buf, dst netip.Addr) {
	if b.stack.Hop(now, p) {
		b.stack.Originate(now, p, dst)
	}
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
	if dst != b.public {
		return false
	}
	if why := b.translateIn(now, p); why != 0 {
		b.stack.Out.Drop(p, why)
		return true
	}
	b.stack.Originate(now, p, wire.IPv4(p.Bytes()).Destination())
	return true
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
