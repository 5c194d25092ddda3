package nat

import (
	"errors"
	"net/netip"

	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// translateOut rewrites the source of a packet from inside, or tells why it must be dropped.
func (b *Box) translateOut(now vtime.Time, p *packet.Buf) trace.Reason {
	h, why := open(p)
	if why != 0 {
		return why
	}
	if m, isErr, why := errorIn(h); isErr {
		if why == 0 {
			why = b.quoteOut(now, m)
		}
		if why == 0 {
			h.SetSource(b.public) // whoever inside made it (RFC 5508 section 4.2)
		}
		return why
	}
	ports, why := portsOf(h, wire.ICMPv4Echo)
	if why != 0 {
		return why
	}
	inside, remote := endpoints(h, ports)
	port, why := b.table.Outbound(now, h.Protocol(), inside, remote, flagsOf(h))
	if why != 0 {
		return why
	}
	setSource(h, ports, netip.AddrPortFrom(b.public, port))
	return 0
}

// translateIn rewrites the destination of a packet to the public address, or tells why the
// packet must be dropped.
func (b *Box) translateIn(now vtime.Time, p *packet.Buf) trace.Reason {
	h, why := open(p)
	if why != 0 {
		return why
	}
	if m, isErr, why := errorIn(h); isErr {
		if why == 0 {
			why = b.quoteIn(now, h, m)
		}
		return why
	}
	ports, why := portsOf(h, wire.ICMPv4EchoReply)
	if why != 0 {
		return why
	}
	remote, public := endpoints(h, ports)
	inside, why := b.table.Inbound(now, h.Protocol(), public.Port(), remote, flagsOf(h))
	if why == 0 {
		setDestination(h, ports, inside)
	}
	return why
}

// quoteIn translates an ICMP error from outside and the packet that it quotes, one that the
// box has sent, back to what the host inside sent (RFC 5508 section 4.2). Errors about mappings
// that are there come from whatever address (RFC 4787 REQ-12a), and change no mapping.
func (b *Box) quoteIn(now vtime.Time, h wire.IPv4, m wire.ICMPv4) trace.Reason {
	q, ports, why := b.quoted(m)
	if why != 0 {
		return why
	}
	public, remote := endpoints(q, ports)
	inside, why := b.table.Sender(now, q.Protocol(), public.Port(), remote)
	switch {
	case why != 0:
		return why
	case public.Addr() != b.public:
		return trace.NATMapping
	}
	setSource(q, ports, inside)
	wire.PutICMPv4(m, m.Type(), m.Code())
	h.SetDestination(inside.Addr())
	return 0
}

// quoteOut translates the packet that an ICMP error from inside quotes, one that the box
// has let in, to what came from outside.
func (b *Box) quoteOut(now vtime.Time, m wire.ICMPv4) trace.Reason {
	q, ports, why := b.quoted(m)
	if why != 0 {
		return why
	}
	remote, inside := endpoints(q, ports)
	port, ok := b.table.Find(now, q.Protocol(), inside, remote)
	if !ok {
		return trace.NATMapping
	}
	setDestination(q, ports, netip.AddrPortFrom(b.public, port))
	wire.PutICMPv4(m, m.Type(), m.Code())
	return 0
}

// open parses a packet that the box translates. All fragments but the first lack the ports.
func open(p *packet.Buf) (wire.IPv4, trace.Reason) {
	h, err := wire.ParseIPv4(p.Bytes())
	switch {
	case err != nil:
		return nil, trace.Malformed
	case h.FragmentOffset() != 0:
		return nil, trace.NATFragment
	}
	return h, 0
}

// flagsOf returns the flags of a TCP segment, as far as it has them.
func flagsOf(h wire.IPv4) uint8 {
	if h.Protocol() != wire.ProtoTCP || len(h.Payload()) < wire.TCPHeaderLen {
		return 0
	}
	return wire.TCP(h.Payload()).Flags()
}

// errorIn reports whether the packet is an ICMP error. A wrong checksum is found here,
// since translating the quote would hide it (RFC 5508 REQ-3).
func errorIn(h wire.IPv4) (m wire.ICMPv4, isErr bool, why trace.Reason) {
	b := h.Payload()
	if h.Protocol() != wire.ProtoICMPv4 || len(b) < wire.ICMPHeaderLen || !isError(wire.ICMPv4(b)) {
		return nil, false, 0
	}
	m, err := wire.ParseICMPv4(b)
	if err != nil {
		return nil, true, trace.BadChecksum
	}
	return m, true, 0
}

// isError reports whether the message is an error that routers pass on; a redirect is for
// one link.
func isError(m wire.ICMPv4) bool { return m.IsError() && m.Type() != wire.ICMPv4Redirect }

// portsOf returns the ports of a packet. Of ICMP the box translates only one direction of
// echo either way.
func portsOf(h wire.IPv4, echo uint8) (wire.Ports, trace.Reason) {
	ports, err := wire.ParsePorts(h.Protocol(), h.Payload())
	switch {
	case errors.Is(err, wire.ErrUnsupported):
		return ports, trace.NATProtocol
	case err != nil:
		return ports, trace.Malformed
	case h.Protocol() == wire.ProtoICMPv4 && h.Payload()[0] != echo:
		return ports, trace.NATMapping
	}
	return ports, 0
}

// quoted returns the packet within an error and its ports.
func (b *Box) quoted(m wire.ICMPv4) (wire.IPv4, wire.Ports, trace.Reason) {
	if b.cfg.DropErrors {
		return nil, wire.Ports{}, trace.NATFiltered
	}
	q, err := wire.ParseQuotedIPv4(m.Quoted())
	if err != nil {
		return nil, wire.Ports{}, trace.Malformed
	}
	ports, err := wire.ParsePorts(q.Protocol(), q.Payload())
	if err != nil || q.FragmentOffset() != 0 {
		return nil, wire.Ports{}, trace.NATMapping
	}
	return q, ports, 0
}

// endpoints returns source and destination as the table knows them.
func endpoints(h wire.IPv4, ports wire.Ports) (src, dst netip.AddrPort) {
	return netip.AddrPortFrom(h.Source(), ports.Source()), netip.AddrPortFrom(h.Destination(), ports.Destination())
}

func setSource(h wire.IPv4, ports wire.Ports, to netip.AddrPort) {
	o, n := h.Source().As4(), to.Addr().As4()
	wire.AdjustTransportChecksum(h.Protocol(), h.Payload(), o[:], n[:])
	ports.SetSource(to.Port())
	h.SetSource(to.Addr())
}

func setDestination(h wire.IPv4, ports wire.Ports, to netip.AddrPort) {
	o, n := h.Destination().As4(), to.Addr().As4()
	wire.AdjustTransportChecksum(h.Protocol(), h.Payload(), o[:], n[:])
	ports.SetDestination(to.Port())
	h.SetDestination(to.Addr())
}
