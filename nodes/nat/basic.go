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

// Basic is a Basic NAT (RFC 2663 section 4.1.1) with one public address: it stands for the
// first host inside that sends something outside. Only addresses are translated, whatever
// the protocol, so that tunnels pass; what a tunnel carries inside is not touched. It
// implements ip.Diverter.
type Basic struct {
	stack   *ip.Stack
	inside  machine.Iface
	outside machine.Iface
	public  netip.Addr
	host    netip.Addr // inside host that has the public address; not valid yet
}

var _ ip.Diverter = (*Basic)(nil)

// NewBasic returns a Basic NAT that nobody uses yet and makes it the stack's Diverter.
func NewBasic(s *ip.Stack, inside, outside machine.Iface, public netip.Addr) *Basic {
	b := &Basic{stack: s, inside: inside, outside: outside, public: public}
	s.Diverter = b
	return b
}

// Host returns the inside host that has the public address.
func (b *Basic) Host() (netip.Addr, bool) { return b.host, b.host.IsValid() }

// DivertForward translates what crosses the box.
func (b *Basic) DivertForward(now vtime.Time, in machine.Iface, p *packet.Buf, src, dst netip.Addr) bool {
	switch {
	case !dst.Is4():
		return false
	case in == b.inside:
		return b.leave(p, src, dst)
	case dst != b.public:
		r, ok := b.stack.Route(dst)
		if ok && r.Iface == b.inside {
			b.stack.Out.Drop(p, trace.NATMapping) // nobody outside knows inside addresses
			return true
		}
		return false
	case !b.host.IsValid():
		b.stack.Out.Drop(p, trace.NATMapping)
		return true
	}
	translate(p.Bytes(), b.public, b.host)
	if b.stack.Hop(now, p) {
		b.stack.Originate(now, p, b.host)
	}
	return true
}

func (b *Basic) leave(p *packet.Buf, src, dst netip.Addr) bool {
	if r, ok := b.stack.Route(dst); !ok || r.Iface != b.outside || src.IsUnspecified() {
		return false // stays inside, or goes nowhere
	}
	if !b.host.IsValid() {
		b.host = src
	}
	if src != b.host {
		b.stack.Out.Drop(p, trace.NATMapping) // the only address is taken
		return true
	}
	translate(p.Bytes(), b.host, b.public)
	return false
}

// DivertOutput lets the router's own packets pass.
func (b *Basic) DivertOutput(vtime.Time, *packet.Buf, netip.Addr, netip.Addr) bool { return false }

// translate replaces an address in the header of a packet, in the transport checksum that
// covers it, and in the packet that an ICMP error quotes.
func translate(octets []byte, from, to netip.Addr) {
	h, err := wire.ParseIPv4(octets)
	if err != nil {
		return // the stack finds that out by itself
	}
	replace(h, from, to)
	if m, isErr, why := errorIn(h); isErr && why == 0 {
		if q, err := wire.ParseQuotedIPv4(m.Quoted()); err == nil {
			replace(q, from, to)
			wire.PutICMPv4(m, m.Type(), m.Code())
		}
	}
}

func replace(h wire.IPv4, from, to netip.Addr) {
	o, n := from.As4(), to.As4()
	if h.FragmentOffset() == 0 {
		wire.AdjustTransportChecksum(h.Protocol(), h.Payload(), o[:], n[:])
	}
	if h.Source() == from {
		h.SetSource(to)
	} else {
		h.SetDestination(to)
	}
}
