package ha

import (
	"net/netip"
	"testing"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/mip"
	"dsmipsim/nodes/nd"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
)

// A home agent passes on the errors about both kinds of packets in its tunnels, to
// correspondents of mobile nodes that it serves.
func TestTunnelErrors(t *testing.T) {
	addr := netip.MustParseAddr
	agent6, agent4, careOf := addr("2001:db8:100::1"), addr("192.0.2.1"), addr("2001:db8:a::1")
	pool := &packet.Pool{}
	s := ip.New("ha", pool, []ip.Interface{{Name: "lan", Ethernet: true, MTU: 1500, Up: true}, {Name: "core", MTU: 1500, Up: true}})
	s.Forwarding = true
	for _, a := range []netip.Addr{agent6, agent4} {
		s.AddAddress(0, a, a.BitLen(), ip.Preferred)
	}
	for _, p := range []string{"::/0", "0.0.0.0/0"} {
		s.AddRoute(ip.Route{Prefix: netip.MustParsePrefix(p), Iface: 1})
	}
	a := New(s, nd.New(s), Config{Address: agent6, IPv4: agent4})
	for _, home := range []string{"2001:db8:100::1000", "192.0.2.100"} {
		a.cache.Put(&mip.Binding{HomeAddress: addr(home), CareOf: careOf})
	}
	drain := func() (sent []*packet.Buf) {
		for e, ok := s.Poll(); ok; e, ok = s.Poll() {
			if e.Kind == machine.Send {
				sent = append(sent, e.Packet)
			} else if e.Packet != nil {
				e.Packet.Release()
			}
		}
		return sent
	}
	for _, c := range []struct {
		cn, home string
		want     int // errors
	}{
		{"2001:db8:c::99", "2001:db8:100::1000", 1},
		{"203.0.113.80", "192.0.2.100", 1},
		{"2001:db8:c::99", "2001:db8:100::1001", 0},
		{"203.0.113.80", "192.0.2.101", 0},
	} {
		p := pool.New(packet.DefaultHeadroom, 8)
		if cn := addr(c.cn); cn.Is6() {
			s.Push6(p, cn, addr(c.home), wire.ProtoUDP, 0, 60)
		} else {
			s.Push4(p, cn, addr(c.home), wire.ProtoUDP, 0, 60)
		}
		mip.Encapsulate(s, p, agent6, careOf)
		router := addr("2001:db8:ffff::1")
		e := pool.From(wire.AppendICMPv6Error(nil, wire.ICMPv6DestinationUnreachable, wire.ICMPv6CodeAddressUnreachable, 0, p.Bytes(), router, agent6))
		p.Release()
		s.Push6(e, router, agent6, wire.ProtoICMPv6, 0, 60)
		s.HandlePacket(0, 1, e)
		sent := drain()
		if len(sent) != c.want {
			t.Errorf("%s to %s: %d errors, want %d", c.cn, c.home, len(sent), c.want)
		}
		for _, p := range sent {
			if _, dst, _ := ip.Endpoints(p.Bytes()); dst != addr(c.cn) {
				t.Errorf("%s to %s: the error goes to %s", c.cn, c.home, dst)
			}
			p.Release()
		}
	}
	if pool.Live() != 0 {
		t.Errorf("%d packets live", pool.Live())
	}
}
