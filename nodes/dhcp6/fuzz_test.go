package dhcp6

import (
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv6"

	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/vtime"
)

// Whatever comes to the ports of client and server ends somewhere, and breaks nothing.
func FuzzMessages(f *testing.F) {
	m := &dhcpv6.Message{MessageType: dhcpv6.MessageTypeSolicit}
	m.AddOption(dhcpv6.OptClientID(identify(wire.MAC{2, 0, 0, 0, 0, 2})))
	m.AddOption(&dhcpv6.OptIANA{IaId: [4]byte{0, 0, 0, 2}})
	for typ := range byte(14) {
		b := m.ToBytes()
		b[0] = typ
		f.Add(b, typ)
	}
	f.Fuzz(func(t *testing.T, payload []byte, state byte) {
		if len(payload) > 1200 {
			return
		}
		l := &link{t: nil}
		server, client := l.add("router"), l.add("mn")
		server.server, _ = NewServer(server.stack, 0, ServerConfig{Prefix: netip.MustParsePrefix("2001:db8:a::/64"), Preferred: time.Minute, Valid: time.Hour, RapidCommit: true})
		c := NewClient(client.stack, 0, rand.New(rand.NewPCG(1, 1)), Config{RapidCommit: true}, Events{})
		client.stack.HandleUDP(wire.PortDHCPv6Client, c.HandlePacket)
		c.begin(0, Soliciting)
		c.state = Soliciting + State(state)%(Rebinding-Soliciting+1)
		c.server = identify(wire.MAC{2, 0, 0, 0, 0, 1})
		c.lease = Lease{Address: netip.MustParseAddr("2001:db8:a::d:0:1"), Renew: vtime.Never, Rebind: vtime.Never, Expires: vtime.Never, server: c.server}
		if len(payload) > 3 {
			c.xid = dhcpv6.TransactionID(payload[1:4])
		}
		for i, port := range []uint16{wire.PortDHCPv6Server, wire.PortDHCPv6Client} {
			n, from := l.nodes[i], wire.LinkLocal(l.nodes[1-i].stack.Interface(0).MAC)
			to := allServers
			if i == 1 {
				to = wire.LinkLocal(n.stack.Interface(0).MAC)
			}
			p := l.pool.New(packet.DefaultHeadroom, wire.UDPHeaderLen+len(payload))
			copy(p.Bytes()[wire.UDPHeaderLen:], payload)
			wire.PutUDP(p.Bytes(), 1, port, from, to)
			n.stack.Push6(p, from, to, wire.ProtoUDP, 0, 64)
			n.stack.Input(0, 0, p)
		}
		for _, n := range l.nodes {
			for e, ok := n.stack.Poll(); ok; e, ok = n.stack.Poll() {
				if e.Packet != nil {
					e.Packet.Release()
				}
			}
		}
		if l.pool.Live() != 0 {
			t.Errorf("%d packets are left", l.pool.Live())
		}
	})
}
