package mn

import (
	"math"
	"net/netip"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/mip"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// DivertOutput implements ip.Diverter: away from home, packets from a home address go
// through a tunnel to the home agent (RFC 6275 section 11.3.1). The tunnel is used from the
// moment the Binding Update has been sent, which it follows on the same path; waiting for
// the acknowledgement would lose packets for nothing when the binding is only moved.
func (m *Node) DivertOutput(now vtime.Time, p *packet.Buf, src, dst netip.Addr) bool {
	if src != m.cfg.HomeAddress && (src != m.ipv4 || !m.ipv4.IsValid()) || m.place() == home || m.place() == returning {
		return false
	}
	if m.cfg.RouteOptimization && src.Is6() {
		if isConversation(p.Bytes()) {
			m.routes.talk(now, dst)
		}
		if m.routes.divert(now, p, dst) {
			return true
		}
	}
	switch {
	case !m.careOf().IsValid():
		m.Out.Drop(p, trace.NoCareOfAddress)
	case src.Is4() && !m.ipv4Bound, !m.agent().IsValid():
		m.Out.Drop(p, trace.NoBinding)
	default:
		m.reverse(now, p)
	}
	return true
}

// reverse sends a packet through the tunnel to the home agent.
func (m *Node) reverse(now vtime.Time, p *packet.Buf) { m.tunnel().Originate(now, p) }

func (m *Node) tunnel() mip.Tunnel {
	return mip.Tunnel{Stack: m.Stack, Local: m.careOf(), Remote: m.agent(), SixInFour: m.cfg.TunnelMTU, Protection: &m.cfg.Tunnel}
}

// LargestPacket returns the largest packet from a home address that leaves the node as it is:
// away from home the tunnel or the Home Address option takes part of the room.
func (m *Node) LargestPacket(now vtime.Time, src, dst netip.Addr) int {
	away := src == m.cfg.HomeAddress || src == m.ipv4 && m.ipv4.IsValid()
	if !away || m.place() == home || m.place() == returning || !m.careOf().IsValid() {
		return m.Stack.LargestPacket(now, src, dst)
	}
	if m.cfg.RouteOptimization && src.Is6() {
		if c := m.routes.known(dst); c != nil && c.usable(now) {
			return m.Stack.LargestPacket(now, src, dst) - wire.DestOptsHomeAddressLen
		}
	}
	if _, ok := m.Route(m.agent()); !ok {
		return math.MaxInt
	}
	n := m.tunnel().Largest(now, src.Is6())
	if beyond, learnt := m.LearntMTU(now, dst); learnt {
		n = min(n, beyond)
	}
	return n
}

// DivertForward implements ip.Diverter. A mobile node forwards nothing.
func (m *Node) DivertForward(vtime.Time, machine.Iface, *packet.Buf, netip.Addr, netip.Addr) bool {
	return false
}

// agent returns the home agent's end of the tunnel, of the care-of address's family.
func (m *Node) agent() netip.Addr { return m.agentOf(m.careOf()) }

// agentOf returns the home agent's end of the tunnel to a care-of address.
func (m *Node) agentOf(careOf netip.Addr) netip.Addr {
	if careOf.Is4() {
		return m.cfg.HomeAgent4
	}
	return m.cfg.HomeAgent
}

// isCareOf reports whether the node accepts packets at a care-of address: the primary one,
// or one that it has kept (RFC 6275 section 11.5.4).
func (m *Node) isCareOf(address netip.Addr) bool {
	for _, a := range m.attachments {
		if a.acceptsAt(address) {
			return true
		}
	}
	return false
}

// decapsulate takes a packet out of the home agent's tunnel (RFC 6275 section 11.3.3).
func (m *Node) decapsulate(now vtime.Time, p *packet.Buf, in ip.Info) {
	for _, a := range m.attachments {
		if a.site.Accepts(p, in) {
			a.site.Receive(now, p, in)
			return
		}
	}
	if !m.isCareOf(in.WireDest) || in.WireSource != m.agentOf(in.WireDest) {
		m.Out.Drop(p, trace.TunnelSource)
		return
	}
	src, dst, why := mip.Decapsulate(p, in)
	if why != 0 {
		m.Out.Drop(p, why)
		return
	}
	if !isInnerSource(src) {
		m.Out.Drop(p, trace.TunnelInner)
		return
	}
	mine := dst == m.cfg.HomeAddress || dst == m.ipv4 && m.ipv4Bound
	if !mine && !m.isAcknowledgement(p, src, dst) {
		m.Out.Drop(p, trace.TunnelInner)
		return
	}
	if mine && m.cfg.Tunnel.For(p.Bytes()) != nil && !(in.Secured && in.SecuredFor == m.cfg.HomeAddress) {
		m.Out.Drop(p, trace.SecurityRequired)
		return
	}
	if m.cfg.RouteOptimization && dst == m.cfg.HomeAddress && isConversation(p.Bytes()) {
		m.routes.talk(now, src)
	}
	m.InputFrom(now, in.In, p, in.WireSource)
}

// isInnerSource reports whether a packet from a tunnel may have that source: not a group,
// loopback, IPv4-compatible or IPv4-mapped (RFC 4213 section 3.6). The unspecified address is
// among the compatible ones.
func isInnerSource(a netip.Addr) bool {
	return !a.IsMulticast() && !a.IsLoopback() && !a.Is4In6() && !(a.Is6() && compatible.Contains(a))
}

var compatible = netip.MustParsePrefix("::/96")

// isAcknowledgement reports whether the inner packet is what may come to the mapped form of
// an IPv4 care-of address: a Binding Acknowledgement of the home agent (draft section 3.4).
func (m *Node) isAcknowledgement(p *packet.Buf, src, dst netip.Addr) bool {
	if !m.careOf().Is4() || dst != mip.Mapped(m.careOf()) || src != m.cfg.HomeAgent {
		return false
	}
	h, err := wire.ParseIPv6(p.Bytes())
	if err != nil {
		return false
	}
	c, err := wire.WalkIPv6(h)
	return err == nil && c.RoutingHome == m.cfg.HomeAddress &&
		(c.Upper == wire.ProtoESP || c.Upper == wire.ProtoMobility)
}
