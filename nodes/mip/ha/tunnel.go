package ha

import (
	"net/netip"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/mip"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// DivertForward implements ip.Diverter: packets for a home address whose mobile node is
// away go into a tunnel to its care-of address (RFC 6275 section 10.4.2).
func (a *Agent) DivertForward(now vtime.Time, in machine.Iface, p *packet.Buf, src, dst netip.Addr) bool {
	if dst.IsLinkLocalUnicast() && in == a.cfg.Home && dst.Is6() {
		// Not a home address, wherever its owner is (RFC 6275 section 10.4.2).
		a.s.Reject(now, p, trace.Unreachable, wire.ICMPv6DestinationUnreachable, wire.ICMPv6CodeAddressUnreachable, 0)
		return true
	}
	b := a.cache.Live(dst)
	if b == nil {
		return false
	}
	if src.IsUnspecified() || src.IsLoopback() || src.IsLinkLocalUnicast() || src.Is4In6() {
		a.s.Out.Drop(p, trace.BadSource) // it must not leave the link (RFC 4291 section 2.5.6)
		return true
	}
	a.tunnel(b).Forward(now, p)
	return true
}

// DivertOutput implements ip.Diverter for what the home agent itself sends to a mobile
// node that is away: it acts as a correspondent node and uses a routing header over IPv6
// (RFC 6275 section 9.3.2), the tunnel over IPv4 or for IPv4 packets.
func (a *Agent) DivertOutput(now vtime.Time, p *packet.Buf, _, dst netip.Addr) bool {
	b := a.cache.Live(dst)
	if b == nil {
		return false
	}
	h := wire.IPv6(p.Bytes())
	if dst.Is4() || b.CareOf.Is4() || h.NextHeader() == wire.ProtoMobility {
		a.tunnel(b).Originate(now, p) // of mobility messages only an acknowledgement has a routing header
		return true
	}
	src, next, class, hops := h.Source(), h.NextHeader(), h.TrafficClass(), h.HopLimit()
	p.TrimFront(wire.IPv6HeaderLen)
	wire.PutRouting2(p.Prepend(wire.Routing2Len), next, dst)
	p.CountOverhead(wire.Routing2Len)
	a.s.Push6(p, src, b.CareOf, wire.ProtoRouting, class, hops)
	a.s.Originate(now, p, b.CareOf)
	return true
}

// tunnel returns the tunnel to the care-of address of a binding.
func (a *Agent) tunnel(b *mip.Binding) mip.Tunnel {
	t := mip.Tunnel{Stack: a.s, Local: a.cfg.Address, Remote: b.CareOf, SixInFour: a.cfg.TunnelMTU}
	if b.CareOf.Is4() {
		t.Local = a.cfg.IPv4
	}
	if m := a.mobiles[b.Owner]; m != nil {
		t.Protection = &m.Tunnel
	}
	return t
}

// tunnelError passes an ICMP error from inside a tunnel on to who sent the packet.
func (a *Agent) tunnelError(now vtime.Time, q ip.Quote) {
	mip.Relay(a.s, now, q, func(dst netip.Addr) bool { return a.cache.Live(dst) != nil })
}

// decapsulate takes a packet out of a mobile node's tunnel, over IPv6 or IPv4. A tunnel is
// accepted from the care-of address that is bound to the inner source (RFC 6275 section
// 10.4.5), and from anybody for the Binding Update that is about to make that binding.
func (a *Agent) decapsulate(now vtime.Time, p *packet.Buf, in ip.Info) {
	if in.WireDest != a.cfg.Address && in.WireDest != a.cfg.IPv4 {
		a.s.Out.Drop(p, trace.TunnelInner)
		return
	}
	src, dst, why := mip.Decapsulate(p, in)
	if why != 0 {
		a.s.Out.Drop(p, why)
		return
	}
	if in.WireSource.Is4() && src.Is4In6() {
		if why := a.signalling(p, src, dst, in); why != 0 {
			a.s.Out.Drop(p, why)
			return
		}
	} else if why := a.reverse(p, src, in); why != 0 {
		a.s.Out.Drop(p, why)
		return
	}
	a.s.InputFrom(now, in.In, p, in.WireSource)
}

// reverse judges a packet that a mobile node has tunnelled: it must come from the care-of
// address that is bound to the inner source, and as well protected as the two ends agreed.
func (a *Agent) reverse(p *packet.Buf, src netip.Addr, in ip.Info) trace.Reason {
	b := a.cache.Live(src)
	if b == nil || b.CareOf != in.WireSource || in.Secured && in.SecuredFor != b.Owner {
		return trace.TunnelSource
	}
	if m := a.mobiles[b.Owner]; m != nil && m.Tunnel.For(p.Bytes()) != nil && !in.Secured {
		return trace.SecurityRequired
	}
	return 0
}

// signalling judges a packet with an IPv4-mapped source: it must be a Binding Update whose
// mapped address is that of the tunnel, since nothing else may use the mapped form (draft
// section 3.4; RFC 4213 section 3.6 forbids the rest).
func (a *Agent) signalling(p *packet.Buf, src, dst netip.Addr, in ip.Info) trace.Reason {
	if src != mip.Mapped(in.WireSource) {
		return trace.MapMismatch
	}
	h, err := wire.ParseIPv6(p.Bytes())
	if err != nil {
		return trace.Malformed
	}
	c, err := wire.WalkIPv6(h)
	if err != nil || dst != a.cfg.Address || !c.HomeAddress.IsValid() ||
		c.Upper != wire.ProtoESP && c.Upper != wire.ProtoMobility {
		return trace.TunnelInner
	}
	return 0
}
