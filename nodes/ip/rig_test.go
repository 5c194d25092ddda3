package ip

import (
	"bytes"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/vtime"
)

// Interfaces of the router under test.
const (
	lan  machine.Iface = 0 // Ethernet, 2001:db8:1::/64 and 192.0.2.0/24
	core machine.Iface = 1 // point-to-point, MTU 1400, towards 2001:db8:2::/64 and 198.51.100.0/24
	dmz  machine.Iface = 2 // Ethernet, 2001:db8:3::/64
)

// rig is a router with three interfaces whose effects are read as lines.
type rig struct {
	*Stack
	t       *testing.T
	now     vtime.Time
	invoked []byte // the packet that was last put in, for comparison with quotes
	via     map[*packet.Buf]netip.Addr
}

func newRig(t *testing.T) *rig {
	r := &rig{t: t, via: map[*packet.Buf]netip.Addr{}}
	r.Stack = New("r", &packet.Pool{}, []Interface{
		{Name: "lan", MAC: wire.MAC{2, 0, 0, 0, 0, 1}, Ethernet: true, MTU: 1500},
		{Name: "core", MTU: 1400},
		{Name: "dmz", MAC: wire.MAC{2, 0, 0, 0, 0, 3}, Ethernet: true, MTU: 1500},
	})
	r.Forwarding = true
	r.Resolver = r
	r.AddAddress(lan, addr("fe80::1"), 64, Preferred)
	r.AddAddress(lan, addr("2001:db8:1::1"), 64, Preferred)
	r.AddAddress(lan, addr("192.0.2.1"), 24, Preferred)
	r.AddAddress(dmz, addr("2001:db8:3::1"), 64, Preferred)
	r.AddAddress(Virtual, addr("2001:db8:ff::1"), 128, Preferred)
	r.AddAddress(Virtual, addr("203.0.113.1"), 32, Preferred)
	for prefix, iface := range map[string]machine.Iface{
		"2001:db8:1::/64": lan, "192.0.2.0/24": lan, "2001:db8:2::/64": core, "198.51.100.0/24": core, "2001:db8:3::/64": dmz,
	} {
		r.AddRoute(Route{Prefix: netip.MustParsePrefix(prefix), Iface: iface})
	}
	r.effects()
	return r
}

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

// Resolve implements Resolver: it notes the neighbour and sends without a frame.
func (r *rig) Resolve(_ vtime.Time, out machine.Iface, neighbour netip.Addr, p *packet.Buf) {
	r.via[p] = neighbour
	r.Out.Send(out, p)
}

func (r *rig) HandleARP(_ vtime.Time, _ machine.Iface, p *packet.Buf) { r.Out.Absorb(p) }

// input lets an IP packet arrive and returns the effects.
func (r *rig) input(in machine.Iface, octets []byte) string {
	r.invoked = slices.Clone(octets)
	r.Input(r.now, in, r.Pool.From(octets))
	return r.effects()
}

// output originates an IP packet and returns the effects.
func (r *rig) output(octets []byte) string {
	r.invoked = slices.Clone(octets)
	r.HandlePacket(r.now, machine.Local, r.Pool.From(octets))
	return r.effects()
}

// expect compares effects, separated by "; ", with what is wanted.
func (r *rig) expect(got, want string) {
	r.t.Helper()
	if got != want {
		r.t.Errorf("\n got %s\nwant %s", got, want)
	}
}

// effects drains the outbox, ends all packets and returns one phrase for each effect.
func (r *rig) effects() string {
	r.t.Helper()
	var all []string
	for e, ok := r.Poll(); ok; e, ok = r.Poll() {
		s := ""
		switch e.Kind {
		case machine.Send:
			s = "send " + r.Interface(e.Iface).Name
			b := e.Packet.Bytes()
			if v := b[0] >> 4; r.Interface(e.Iface).Ethernet && !r.via[e.Packet].IsValid() && v != 4 && v != 6 {
				s += " to " + wire.Ethernet(b).Destination().String()
				b = b[wire.EthernetLen:]
			}
			if via, ok := r.via[e.Packet]; ok {
				s += " via " + via.String()
				delete(r.via, e.Packet)
			}
			s += ": " + r.describe(b)
		case machine.Deliver:
			s = fmt.Sprintf("deliver %d octets of protocol %d %v>%v", e.Packet.Len(), e.Protocol, e.Source, e.Destination)
		case machine.Drop:
			s = "drop " + e.Reason.String()
		case machine.Absorb:
			s = "absorb"
		case machine.Turn:
			s = "turn"
		case machine.Address:
			s = fmt.Sprintf("address %v %v", e.Source, e.On)
		case machine.Group:
			s = fmt.Sprintf("group %v %v", e.MAC, e.On)
		}
		if e.Packet != nil && e.Kind != machine.Turn {
			e.Packet.Release()
		}
		all = append(all, s)
	}
	if n := r.Pool.Live(); n != 0 {
		r.t.Errorf("%d packets were neither sent nor ended", n)
	}
	return strings.Join(all, "; ")
}

// describe puts an IP packet into a phrase, having checked all its checksums.
func (r *rig) describe(b []byte) string {
	if b[0]>>4 == 6 {
		h, err := wire.ParseIPv6(b)
		if err != nil {
			return err.Error()
		}
		s := fmt.Sprintf("%v>%v hl=%d ", h.Source(), h.Destination(), h.HopLimit())
		if h.NextHeader() != wire.ProtoICMPv6 {
			return s + fmt.Sprintf("next=%d", h.NextHeader())
		}
		m, err := wire.ParseICMPv6(h.Payload(), h.Source(), h.Destination())
		if err != nil {
			return s + err.Error()
		}
		if m.IsError() {
			return s + fmt.Sprintf("error %d/%d %d %s", m.Type(), m.Code(), m.Pointer(), r.quote(m.Quoted(), 7))
		}
		return s + fmt.Sprintf("icmp6 %d %q", m.Type(), m.Body())
	}
	h, err := wire.ParseIPv4(b)
	if err != nil {
		return err.Error()
	}
	s := fmt.Sprintf("%v>%v ttl=%d ", h.Source(), h.Destination(), h.TTL())
	if h.Protocol() != wire.ProtoICMPv4 {
		return s + fmt.Sprintf("protocol=%d", h.Protocol())
	}
	m, err := wire.ParseICMPv4(h.Payload())
	if err != nil {
		return s + err.Error()
	}
	if m.IsError() {
		return s + fmt.Sprintf("error %d/%d %d %s", m.Type(), m.Code(), m.NextHopMTU(), r.quote(m.Quoted(), 8, 10, 11))
	}
	return s + fmt.Sprintf("icmp %d %q", m.Type(), m.Body())
}

// quote compares a quote with the packet that was put in, apart from octets that a router
// has changed already.
func (r *rig) quote(q []byte, changed ...int) string {
	q, whole := slices.Clone(q), slices.Clone(r.invoked)
	for _, i := range changed {
		q[i], whole[i] = 0, 0
	}
	switch {
	case bytes.Equal(q, whole):
		return "quotes all"
	case bytes.HasPrefix(whole, q):
		return fmt.Sprintf("quotes %d", len(q))
	}
	return "quotes something else"
}

// udp6 makes a datagram of n octets of payload.
func udp6(src, dst string, hopLimit uint8, n int) []byte {
	u := make([]byte, wire.UDPHeaderLen+n)
	wire.PutUDP(u, 1000, 2000, addr(src), addr(dst))
	return ip6(src, dst, hopLimit, wire.ProtoUDP, u)
}

func udp4(src, dst string, ttl uint8, n int) []byte {
	u := make([]byte, wire.UDPHeaderLen+n)
	wire.PutUDP(u, 1000, 2000, addr(src), addr(dst))
	return ip4(src, dst, ttl, wire.ProtoUDP, u)
}

func ip6(src, dst string, hopLimit, next uint8, payload []byte) []byte {
	b := make([]byte, wire.IPv6HeaderLen)
	wire.PutIPv6(b, wire.IPv6Fields{PayloadLen: len(payload), NextHeader: next, HopLimit: hopLimit, Source: addr(src), Destination: addr(dst)})
	return append(b, payload...)
}

func ip4(src, dst string, ttl, protocol uint8, payload []byte) []byte {
	b := make([]byte, wire.IPv4HeaderLen)
	wire.PutIPv4(b, wire.IPv4Fields{TotalLen: len(b) + len(payload), TTL: ttl, Protocol: protocol, Source: addr(src), Destination: addr(dst)})
	return append(b, payload...)
}

// icmp6 makes an ICMPv6 message with a body of text.
func icmp6(src, dst string, typ uint8, body string) []byte {
	m := append(make([]byte, wire.ICMPHeaderLen), body...)
	wire.PutICMPv6(m, typ, 0, addr(src), addr(dst))
	return ip6(src, dst, 64, wire.ProtoICMPv6, m)
}

func icmp4(src, dst string, typ uint8, body string) []byte {
	m := append(make([]byte, wire.ICMPHeaderLen), body...)
	wire.PutICMPv4(m, typ, 0)
	return ip4(src, dst, 64, wire.ProtoICMPv4, m)
}

// options6 puts an options header (Hop-by-Hop or Destination) in front of a datagram.
func options6(kind uint8, src, dst string, options ...byte) []byte {
	n := (2 + len(options) + 7) / 8 * 8
	h := make([]byte, n)
	h[0], h[1] = wire.ProtoUDP, byte(n/8-1)
	copy(h[2:], options)
	if pad := n - 2 - len(options); pad > 1 {
		h[2+len(options)], h[3+len(options)] = wire.OptPadN, byte(pad-2)
	}
	u := udp6(src, dst, 64, 4)
	return ip6(src, dst, 64, kind, append(h, u[wire.IPv6HeaderLen:]...))
}
