package ip

import (
	"errors"
	"net/netip"

	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// Input takes over an IP packet that arrived on an interface.
func (s *Stack) Input(now vtime.Time, in machine.Iface, p *packet.Buf) {
	s.InputFrom(now, in, p, netip.Addr{})
}

// InputFrom takes over an IP packet that came out of a tunnel whose outer packet arrived on
// the interface from the address tunnel.
func (s *Stack) InputFrom(now vtime.Time, in machine.Iface, p *packet.Buf, tunnel netip.Addr) {
	if p.Len() == 0 {
		s.Out.Drop(p, trace.Malformed)
		return
	}
	switch p.Bytes()[0] >> 4 {
	case 4:
		s.input4(now, in, p, tunnel)
	case 6:
		s.input6(now, in, p, tunnel)
	default:
		s.Out.Drop(p, trace.Malformed)
	}
}

func (s *Stack) input6(now vtime.Time, in machine.Iface, p *packet.Buf, tunnel netip.Addr) {
	h, err := wire.ParseIPv6(p.Bytes())
	if err != nil {
		s.Out.Drop(p, trace.Malformed)
		return
	}
	p.Truncate(len(h)) // Ethernet padding is no part of the packet
	if in >= 0 && s.ifaces[in].NoIPv6 && !tunnel.IsValid() {
		s.Out.Drop(p, trace.Disabled)
		return
	}
	src, dst := h.Source(), h.Destination()
	// IPv4-mapped addresses never travel natively. Out of an IPv4 tunnel the mobility
	// machines let them through where the draft wants them.
	if src.IsMulticast() || (src.Is4In6() || dst.Is4In6()) && !tunnel.Is4() {
		s.Out.Drop(p, trace.BadSource)
		return
	}
	if dst.IsMulticast() {
		if s.groups[dst] == 0 {
			s.Out.Absorb(p) // the group shares its MAC address with one of ours
			return
		}
		s.local6(now, in, p, h, tunnel)
		return
	}
	if a := s.lookup(dst).own; a != nil {
		if a.State == Tentative && !isDiscovery(h) {
			s.Out.Drop(p, trace.Tentative)
			return
		}
		s.local6(now, in, p, h, tunnel)
		return
	}
	s.forward6(now, in, p, h, src, dst)
}

// isDiscovery reports whether the packet is a message of Neighbor Discovery, which decides
// by itself what it accepts for a tentative address (RFC 4862 section 5.4).
func isDiscovery(h wire.IPv6) bool {
	if h.NextHeader() != wire.ProtoICMPv6 || len(h.Payload()) == 0 {
		return false
	}
	t := h.Payload()[0]
	return t >= wire.ICMPv6RouterSolicitation && t <= wire.ICMPv6Redirect
}

// local6 delivers a packet that is addressed to this node.
func (s *Stack) local6(now vtime.Time, in machine.Iface, p *packet.Buf, h wire.IPv6, tunnel netip.Addr) {
	c, err := wire.WalkIPv6(h)
	if err != nil {
		code := uint8(wire.ICMPv6CodeHeaderField)
		s.Reject(now, p, trace.Malformed, wire.ICMPv6ParameterProblem, code, uint32(c.ErrorAt))
		return
	}
	if c.IsFragment() {
		// The checks below come when the whole packet is at hand.
		s.collect6(now, in, p, h, &c, tunnel)
		return
	}
	info := Info{
		In: in, WireSource: h.Source(), WireDest: h.Destination(), Tunnel: tunnel, HomeAddress: c.HomeAddress,
		Protocol: c.Upper, Offset: c.UpperOffset, HopLimit: h.HopLimit(), Class: h.TrafficClass(),
	}
	if c.SegmentsLeft > 0 {
		info.RoutingHome = c.RoutingHome
	}
	info.Source, info.Destination = c.UpperAddresses()
	if c.UnknownAction != wire.OptionSkip || c.HomeAddress.IsValid() && s.Mobility == nil {
		s.unknownOption(now, p, &c)
		return
	}
	if c.RoutingHome.IsValid() {
		why := trace.RoutingHeader
		if s.Mobility != nil && c.SegmentsLeft == 1 { // any other value is refused (RFC 6275 section 6.4.1)
			why = s.Mobility.CheckRouting(now, &info)
		}
		if why != 0 {
			s.Out.Drop(p, why)
			return
		}
	}
	if c.HomeAddress.IsValid() {
		if why := s.Mobility.CheckHomeAddress(now, p, &info); why != 0 {
			s.Out.Drop(p, why)
			return
		}
	}
	s.dispatch(now, p, info, c.NextHeaderAt)
}

// unknownOption applies RFC 2460 section 4.2 to an option that this node does not know.
func (s *Stack) unknownOption(now vtime.Time, p *packet.Buf, c *wire.Chain) {
	at, action := c.UnknownAt, c.UnknownAction
	if action == wire.OptionSkip { // the Home Address option, at a node without Mobile IPv6
		d := wire.DestOptions(p.Bytes()[c.DestOptsAt:])
		offset := 0
		for o := d.Options(); o.Next(); {
			if o.Type() == wire.OptHomeAddress {
				offset = o.Offset()
				break
			}
		}
		at, action = c.DestOptsAt+offset, wire.UnknownOptionAction(wire.OptHomeAddress)
	}
	s.refuseOption(now, p, at, action)
}

func (s *Stack) refuseOption(now vtime.Time, p *packet.Buf, at int, action wire.OptionAction) {
	multicast := wire.IPv6(p.Bytes()).Destination().IsMulticast()
	if action == wire.OptionReport || action == wire.OptionReportUnicast && !multicast {
		s.Reject(now, p, trace.UnknownProtocol, wire.ICMPv6ParameterProblem, wire.ICMPv6CodeUnknownOption, uint32(at))
		return
	}
	s.Out.Drop(p, trace.UnknownProtocol)
}

func (s *Stack) dispatch(now vtime.Time, p *packet.Buf, in Info, nextHeaderAt int) {
	if in.Protocol == wire.ProtoESP && s.Security != nil {
		if why := s.Security.Open(now, p, &in); why != 0 {
			s.Out.Drop(p, why)
			return
		}
	}
	version4 := in.WireDest.Is4()
	// Each ICMP belongs to one version of IP only.
	foreign := in.Protocol == wire.ProtoICMPv4 && !version4 || in.Protocol == wire.ProtoICMPv6 && version4
	if h := s.protocols[in.Protocol]; h != nil && !foreign {
		h(now, p, in)
		return
	}
	if version4 {
		s.Reject(now, p, trace.UnknownProtocol, wire.ICMPv4DestinationUnreachable, wire.ICMPv4CodeProtocolUnreachable, 0)
		return
	}
	s.Reject(now, p, trace.UnknownProtocol, wire.ICMPv6ParameterProblem, wire.ICMPv6CodeUnknownNextHeader, uint32(nextHeaderAt))
}

func (s *Stack) input4(now vtime.Time, in machine.Iface, p *packet.Buf, tunnel netip.Addr) {
	h, err := wire.ParseIPv4(p.Bytes())
	if err != nil {
		why := trace.Malformed
		if errors.Is(err, wire.ErrChecksum) {
			why = trace.BadChecksum
		}
		s.Out.Drop(p, why)
		return
	}
	p.Truncate(len(h))
	src, dst := h.Source(), h.Destination()
	if src.IsMulticast() || src == broadcast4 {
		s.Out.Drop(p, trace.BadSource)
		return
	}
	if !s.isLocal4(in, dst, h) {
		s.forward4(now, in, p, h, src, dst)
		return
	}
	if h.IsFragment() {
		s.collect4(now, in, p, h, tunnel)
		return
	}
	s.local4(now, in, p, h, tunnel)
}

// local4 delivers a whole packet that is addressed to this node.
func (s *Stack) local4(now vtime.Time, in machine.Iface, p *packet.Buf, h wire.IPv4, tunnel netip.Addr) {
	src, dst := h.Source(), h.Destination()
	s.dispatch(now, p, Info{
		In: in, Source: src, Destination: dst, WireSource: src, WireDest: dst, Tunnel: tunnel,
		Protocol: h.Protocol(), Offset: h.HeaderLen(), HopLimit: h.TTL(), Class: h.TOS(),
	}, 0)
}

var broadcast4 = netip.AddrFrom4([4]byte{255, 255, 255, 255})

func (s *Stack) isLocal4(in machine.Iface, dst netip.Addr, h wire.IPv4) bool {
	if dst == broadcast4 || s.lookup(dst).own != nil {
		return true
	}
	if in < 0 {
		return false
	}
	if s.ifaces[in].Configuring && h.Protocol() == wire.ProtoUDP && !h.IsFragment() {
		ports, err := wire.ParsePorts(wire.ProtoUDP, h.Payload())
		return err == nil && ports.Destination() == wire.PortDHCPv4Client
	}
	return s.isDirectedBroadcast(in, dst)
}

// anyIface stands for all interfaces.
const anyIface machine.Iface = -3

// isDirectedBroadcast reports whether the address means all nodes of a subnet that the
// interface is attached to (RFC 1122 section 3.3.6).
func (s *Stack) isDirectedBroadcast(in machine.Iface, a netip.Addr) bool {
	if !a.Is4() {
		return false
	}
	for _, o := range s.ordered {
		if (o.Iface == in || in == anyIface) && o.Addr.Is4() && o.Bits < 31 && a == lastOf(netip.PrefixFrom(o.Addr, o.Bits)) {
			return true
		}
	}
	return false
}

// lastOf returns the directed broadcast address of an IPv4 prefix.
func lastOf(p netip.Prefix) netip.Addr {
	b := p.Masked().Addr().As4()
	for i := p.Bits(); i < 32; i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	return netip.AddrFrom4(b)
}
