package dhcp

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/insomniacslk/dhcp/dhcpv4"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/vtime"
)

var (
	subnet   = netip.MustParsePrefix("192.0.2.0/28")
	serverIP = netip.MustParseAddr("192.0.2.1")
	clientIP = netip.MustParseAddr("192.0.2.2")
	otherIP  = netip.MustParseAddr("192.0.2.3")
	mac      = wire.MAC{2, 0, 0, 0, 0, 0x99}
)

func goodServer() ServerConfig {
	return ServerConfig{Address: serverIP, Router: serverIP, Subnet: subnet, Lease: 600 * time.Second}
}

// hear gives a message to a node as if it came from the link, and returns what it does.
func (l *link) hear(n *node, m *dhcpv4.DHCPv4, src, dst netip.Addr) string {
	from, to := uint16(wire.PortDHCPv4Client), uint16(wire.PortDHCPv4Server)
	if m.OpCode == dhcpv4.OpcodeBootReply {
		from, to = to, from
	}
	p := n.stack.Datagram(m.ToBytes(), from, to, src, dst)
	wire.PutEthernet(p.Prepend(wire.EthernetLen), wire.Broadcast, wire.MAC{2, 1, 1, 1, 1, 1}, wire.EtherTypeIPv4)
	n.stack.HandlePacket(l.now, 0, p)
	l.drain(n)
	for _, f := range l.flying {
		f.p.Release()
	}
	l.flying = nil
	if l.pool.Live() != 0 {
		l.t.Fatalf("%d packets live", l.pool.Live())
	}
	return strings.TrimSuffix(l.transcript(), "\n")
}

// TestServerAnswers gives single messages to a server that has leased .2 to mac.
func TestServerAnswers(t *testing.T) {
	type msg = *dhcpv4.DHCPv4
	requested := func(a netip.Addr) func(msg) {
		return func(m msg) { m.UpdateOption(dhcpv4.OptRequestedIPAddress(octets(a))) }
	}
	to := func(a netip.Addr) func(msg) {
		return func(m msg) { m.UpdateOption(dhcpv4.OptServerIdentifier(octets(a))) }
	}
	has := func(a netip.Addr) func(msg) { return func(m msg) { m.ClientIPAddr = octets(a) } }
	from := func(a wire.MAC) func(msg) { return func(m msg) { m.ClientHWAddr = a[:] } }
	stranger := from(wire.MAC{2, 0, 0, 0, 0, 0x77})
	const (
		silence = "(nothing)"
		nak     = "NAK 192.0.2.1:67 > 255.255.255.255:68"
	)
	tests := []struct {
		name   string
		typ    dhcpv4.MessageType
		fields []func(msg)
		want   string // words of the answer
		leased bool   // whether mac still holds .2
	}{
		{"DISCOVER of the known client", dhcpv4.MessageTypeDiscover, nil, "OFFER 192.0.2.2:68 yiaddr=192.0.2.2", true},
		{"DISCOVER with a wish that is free", dhcpv4.MessageTypeDiscover, []func(msg){stranger, requested(netip.MustParseAddr("192.0.2.9"))}, "OFFER yiaddr=192.0.2.9", true},
		{"DISCOVER with a wish that is taken", dhcpv4.MessageTypeDiscover, []func(msg){stranger, requested(clientIP)}, "OFFER yiaddr=192.0.2.3", true},
		{"DISCOVER with the router as wish", dhcpv4.MessageTypeDiscover, []func(msg){stranger, requested(serverIP)}, "OFFER yiaddr=192.0.2.3", true},
		{"DISCOVER with a foreign wish", dhcpv4.MessageTypeDiscover, []func(msg){stranger, requested(netip.MustParseAddr("10.0.0.9"))}, "OFFER yiaddr=192.0.2.3", true},
		{"DISCOVER with the broadcast flag", dhcpv4.MessageTypeDiscover, []func(msg){func(m msg) { m.SetBroadcast() }}, "OFFER 192.0.2.1:67 > 255.255.255.255:68 flags=8000", true},
		{"SELECTING: as offered", dhcpv4.MessageTypeRequest, []func(msg){to(serverIP), requested(clientIP)}, "ACK yiaddr=192.0.2.2 lease=600 lease_granted", true},
		{"SELECTING: another address", dhcpv4.MessageTypeRequest, []func(msg){to(serverIP), requested(otherIP)}, nak, true},
		{"SELECTING: never offered", dhcpv4.MessageTypeRequest, []func(msg){stranger, to(serverIP), requested(otherIP)}, nak, true},
		{"SELECTING: another server", dhcpv4.MessageTypeRequest, []func(msg){to(otherIP), requested(clientIP)}, silence, true},
		{"INIT-REBOOT: own address", dhcpv4.MessageTypeRequest, []func(msg){requested(clientIP)}, "ACK yiaddr=192.0.2.2 lease_granted", true},
		{"INIT-REBOOT: wrong address", dhcpv4.MessageTypeRequest, []func(msg){requested(otherIP)}, nak, true},
		{"INIT-REBOOT: another network", dhcpv4.MessageTypeRequest, []func(msg){stranger, requested(netip.MustParseAddr("10.0.0.9"))}, nak, true},
		{"INIT-REBOOT: unknown client", dhcpv4.MessageTypeRequest, []func(msg){stranger, requested(otherIP)}, silence, true},
		{"RENEWING", dhcpv4.MessageTypeRequest, []func(msg){has(clientIP)}, "ACK ciaddr=192.0.2.2 yiaddr=192.0.2.2", true},
		{"RENEWING another's address", dhcpv4.MessageTypeRequest, []func(msg){stranger, has(clientIP)}, nak, true},
		{"REQUEST for nothing", dhcpv4.MessageTypeRequest, nil, silence, true},
		{"RELEASE", dhcpv4.MessageTypeRelease, []func(msg){has(clientIP), to(serverIP)}, silence, false},
		{"RELEASE of another's address", dhcpv4.MessageTypeRelease, []func(msg){stranger, has(clientIP), to(serverIP)}, silence, true},
		{"DECLINE", dhcpv4.MessageTypeDecline, []func(msg){requested(clientIP), to(serverIP)}, silence, false},
		{"DECLINE to another server", dhcpv4.MessageTypeDecline, []func(msg){requested(clientIP), to(otherIP)}, silence, true},
		{"INFORM", dhcpv4.MessageTypeInform, []func(msg){has(clientIP)}, silence, true},
		{"no type", dhcpv4.MessageTypeNone, nil, silence, true},
		{"from a relay", dhcpv4.MessageTypeDiscover, []func(msg){func(m msg) { m.GatewayIPAddr = octets(otherIP) }}, silence, true},
		{"hardware address of a group", dhcpv4.MessageTypeDiscover, []func(msg){from(wire.Broadcast)}, silence, true},
		{"no Ethernet address", dhcpv4.MessageTypeDiscover, []func(msg){func(m msg) { m.ClientHWAddr = net.HardwareAddr{1, 2} }}, silence, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newLink(t)
			v := l.addServer(goodServer())
			n := l.nodes[0]
			l.add("holder").stack.AddAddress(0, clientIP, 28, ip.Preferred)
			l.hear(n, message(dhcpv4.OpcodeBootRequest, dhcpv4.MessageTypeDiscover, 1, mac), unspecified, broadcast)
			m := message(dhcpv4.OpcodeBootRequest, dhcpv4.MessageTypeRequest, 1, mac)
			to(serverIP)(m)
			requested(clientIP)(m)
			l.hear(n, m, unspecified, broadcast)

			m = message(dhcpv4.OpcodeBootRequest, tt.typ, 2, mac)
			for _, f := range tt.fields {
				f(m)
			}
			got := l.hear(n, m, unspecified, broadcast)
			for _, word := range strings.Fields(tt.want) {
				if !strings.Contains(got, word) {
					t.Errorf("no %q in the answer\n%s", word, got)
				}
			}
			if a, ok := v.Leased(mac); ok != tt.leased || ok && a != clientIP {
				t.Errorf("leased: %v %v", a, ok)
			}
		})
	}
}

// TestDeclined: an address in use elsewhere is not given away again.
func TestDeclined(t *testing.T) {
	l := newLink(t)
	v := l.addServer(goodServer())
	l.hear(l.nodes[0], message(dhcpv4.OpcodeBootRequest, dhcpv4.MessageTypeDiscover, 1, mac), unspecified, broadcast)
	m := message(dhcpv4.OpcodeBootRequest, dhcpv4.MessageTypeDecline, 1, mac)
	m.UpdateOption(dhcpv4.OptRequestedIPAddress(octets(clientIP)))
	m.UpdateOption(dhcpv4.OptServerIdentifier(octets(serverIP)))
	l.hear(l.nodes[0], m, unspecified, broadcast)
	if b := v.pool.find(0, mac, netip.Addr{}); b.addr != otherIP {
		t.Errorf("offered %v", b.addr)
	}
}

// TestUnclaimedOffer: the reservation ends after a minute, or when the client takes
// another server's offer.
func TestUnclaimedOffer(t *testing.T) {
	l := newLink(t)
	cfg := goodServer()
	cfg.First, cfg.Last = clientIP, clientIP
	l.addServer(cfg)
	n := l.nodes[0]
	discover := func(m wire.MAC) string {
		return l.hear(n, message(dhcpv4.OpcodeBootRequest, dhcpv4.MessageTypeDiscover, 1, m), unspecified, broadcast)
	}
	if s := discover(mac); !strings.Contains(s, "OFFER") {
		t.Fatal(s)
	}
	second := wire.MAC{2, 0, 0, 0, 0, 0x78}
	l.run(vtime.Time(59 * time.Second))
	if s := discover(second); s != "(nothing)" {
		t.Errorf("offered twice:\n%s", s)
	}
	l.run(vtime.Time(61 * time.Second))
	if s := discover(second); !strings.Contains(s, "OFFER") {
		t.Errorf("after a minute: %s", s)
	}
	m := message(dhcpv4.OpcodeBootRequest, dhcpv4.MessageTypeRequest, 1, second)
	m.UpdateOption(dhcpv4.OptRequestedIPAddress(octets(otherIP)))
	m.UpdateOption(dhcpv4.OptServerIdentifier(octets(otherIP)))
	l.hear(n, m, unspecified, broadcast)
	if s := discover(mac); !strings.Contains(s, "OFFER") {
		t.Errorf("after a REQUEST to another server: %s", s)
	}
}

// TestClientIgnores feeds a client that is SELECTING or REQUESTING.
func TestClientIgnores(t *testing.T) {
	type msg = *dhcpv4.DHCPv4
	tests := []struct {
		name  string
		state State
		typ   dhcpv4.MessageType
		f     func(msg)
		want  State
	}{
		{"a good OFFER", Selecting, dhcpv4.MessageTypeOffer, func(msg) {}, Requesting},
		{"OFFER of another transaction", Selecting, dhcpv4.MessageTypeOffer, func(m msg) { m.TransactionID[0] ^= 1 }, Selecting},
		{"OFFER for another client", Selecting, dhcpv4.MessageTypeOffer, func(m msg) { m.ClientHWAddr[5] ^= 1 }, Selecting},
		{"a request", Selecting, dhcpv4.MessageTypeOffer, func(m msg) { m.OpCode = dhcpv4.OpcodeBootRequest }, Selecting},
		{"OFFER of nothing", Selecting, dhcpv4.MessageTypeOffer, func(m msg) { m.YourIPAddr = nil }, Selecting},
		{"OFFER of nobody", Selecting, dhcpv4.MessageTypeOffer, func(m msg) { m.DeleteOption(dhcpv4.OptionServerIdentifier) }, Selecting},
		{"ACK without REQUEST", Selecting, dhcpv4.MessageTypeAck, func(msg) {}, Selecting},
		{"a good ACK", Requesting, dhcpv4.MessageTypeAck, func(msg) {}, Bound},
		{"a second OFFER", Requesting, dhcpv4.MessageTypeOffer, func(msg) {}, Requesting},
		{"ACK of another server", Requesting, dhcpv4.MessageTypeAck, func(m msg) { m.UpdateOption(dhcpv4.OptServerIdentifier(octets(otherIP))) }, Requesting},
		{"ACK without lease time", Requesting, dhcpv4.MessageTypeAck, func(m msg) { m.DeleteOption(dhcpv4.OptionIPAddressLeaseTime) }, Requesting},
		{"ACK without mask", Requesting, dhcpv4.MessageTypeAck, func(m msg) { m.DeleteOption(dhcpv4.OptionSubnetMask) }, Requesting},
		{"ACK with a scattered mask", Requesting, dhcpv4.MessageTypeAck, func(m msg) { m.UpdateOption(dhcpv4.OptSubnetMask(net.IPv4Mask(255, 0, 255, 0))) }, Requesting},
		{"NAK: begins anew", Requesting, dhcpv4.MessageTypeNak, func(msg) {}, Selecting},
		{"NAK of another server", Requesting, dhcpv4.MessageTypeNak, func(m msg) { m.UpdateOption(dhcpv4.OptServerIdentifier(octets(otherIP))) }, Requesting},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newLink(t)
			c := l.addClient("mn", Config{})
			c.Start(0)
			if tt.state == Requesting {
				l.hear(l.nodes[0], reply(c, dhcpv4.MessageTypeOffer), serverIP, clientIP)
			}
			m := reply(c, tt.typ)
			tt.f(m)
			got := l.hear(l.nodes[0], m, serverIP, broadcast)
			if tt.want != c.State() {
				t.Errorf("state %v, want %v\n%s", c.State(), tt.want, got)
			}
			if l.nodes[0].stack.Interface(0).Configuring == (c.State() == Bound) {
				t.Errorf("%v but Configuring is %v", c.State(), c.State() == Bound)
			}
		})
	}
}

// reply makes a faultless answer to the client.
func reply(c *Client, typ dhcpv4.MessageType) *dhcpv4.DHCPv4 {
	m := message(dhcpv4.OpcodeBootReply, typ, c.xid, c.mac())
	m.YourIPAddr = octets(clientIP)
	m.UpdateOption(dhcpv4.OptServerIdentifier(octets(serverIP)))
	m.UpdateOption(dhcpv4.OptIPAddressLeaseTime(600 * time.Second))
	m.UpdateOption(dhcpv4.OptSubnetMask(net.CIDRMask(28, 32)))
	return m
}

// TestLeaseTimes: T1 and T2 of the server, the defaults, contradictions and infinity (RFC
// 2131 section 4.4.5). All count from the REQUEST.
func TestLeaseTimes(t *testing.T) {
	tests := []struct {
		name           string
		lease, t1, t2  time.Duration
		renew, rebind  time.Duration
		expire         time.Duration
		neverScheduled bool
	}{
		{name: "defaults", lease: 800 * time.Second, renew: 400 * time.Second, rebind: 700 * time.Second, expire: 800 * time.Second},
		{name: "the server's", lease: 800 * time.Second, t1: 100 * time.Second, t2: 200 * time.Second, renew: 100 * time.Second, rebind: 200 * time.Second, expire: 800 * time.Second},
		{name: "T1 after T2", lease: 800 * time.Second, t1: 300 * time.Second, t2: 200 * time.Second, renew: 400 * time.Second, rebind: 700 * time.Second, expire: 800 * time.Second},
		{name: "T2 after the end", lease: 800 * time.Second, t2: 900 * time.Second, renew: 400 * time.Second, rebind: 700 * time.Second, expire: 800 * time.Second},
		{name: "T1 of zero", lease: 800 * time.Second, t1: time.Nanosecond, renew: 400 * time.Second, rebind: 700 * time.Second, expire: 800 * time.Second},
		{name: "infinite", lease: Infinite, neverScheduled: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newLink(t)
			l.now = vtime.Time(time.Second)
			c := l.addClient("mn", Config{})
			c.Start(l.now)
			l.hear(l.nodes[0], reply(c, dhcpv4.MessageTypeOffer), serverIP, clientIP)
			asked := l.now
			l.now = l.now.Add(3 * time.Second)
			m := reply(c, dhcpv4.MessageTypeAck)
			m.UpdateOption(dhcpv4.OptIPAddressLeaseTime(tt.lease))
			if tt.t1 > 0 {
				m.UpdateOption(dhcpv4.OptRenewTimeValue(tt.t1))
			}
			if tt.t2 > 0 {
				m.UpdateOption(dhcpv4.OptRebindingTimeValue(tt.t2))
			}
			l.hear(l.nodes[0], m, serverIP, clientIP)
			got, ok := c.Held()
			if diff := cmp.Diff(Lease{clientIP, 28, netip.Addr{}, serverIP, tt.lease, nil}, got.Lease, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" || !ok {
				t.Errorf("lease (-want +got):\n%s", diff)
			}
			if tt.neverScheduled {
				if d := l.nodes[0].stack.Deadline(); d != vtime.Never {
					t.Errorf("timer at %v", d)
				}
				return
			}
			if c.held.Renew != asked.Add(tt.renew) || c.held.Rebind != asked.Add(tt.rebind) || c.held.Expires != asked.Add(tt.expire) || l.nodes[0].stack.Deadline() != c.held.Renew {
				t.Errorf("asked %v: renew %v rebind %v expire %v, timer %v", asked, c.held.Renew, c.held.Rebind, c.held.Expires, l.nodes[0].stack.Deadline())
			}
		})
	}
}

// TestRenewalOfAnotherAddress: an ACK that gives something else than asked for is ignored,
// one without server identifier is that of the server asked.
func TestRenewalAnswers(t *testing.T) {
	l := newLink(t)
	c := l.addClient("mn", Config{})
	n := l.nodes[0]
	c.Start(0)
	l.hear(n, reply(c, dhcpv4.MessageTypeOffer), serverIP, clientIP)
	l.hear(n, reply(c, dhcpv4.MessageTypeAck), serverIP, clientIP)
	l.cut = true
	l.run(vtime.Time(301 * time.Second))
	if c.State() != Renewing {
		t.Fatal(c.State())
	}
	m := reply(c, dhcpv4.MessageTypeAck)
	m.YourIPAddr = octets(otherIP)
	l.hear(n, m, serverIP, clientIP)
	if c.State() != Renewing {
		t.Errorf("took another address: %v", c.State())
	}
	m = reply(c, dhcpv4.MessageTypeAck)
	m.DeleteOption(dhcpv4.OptionServerIdentifier)
	l.hear(n, m, serverIP, clientIP)
	if got, _ := c.Held(); c.State() != Bound || got.Server != serverIP {
		t.Errorf("%v %+v", c.State(), got)
	}
}

// TestOwnerDecides: the owner may stop or restart the client from within its callbacks.
func TestOwnerDecides(t *testing.T) {
	for _, event := range []string{"lost", "failed"} {
		for _, act := range []string{"stop", "start", "start later", "nothing"} {
			t.Run(event+" "+act, func(t *testing.T) {
				l := newLink(t)
				c := l.addClient("mn", Config{})
				n := l.nodes[0]
				called := false
				decide := func(now vtime.Time) {
					called = true
					switch act {
					case "stop":
						c.Stop(now)
					case "start":
						c.Start(now)
					case "start later":
						c.cfg = Config{InitDelayMin: time.Second, InitDelayMax: time.Second}
						c.Start(now)
					}
				}
				c.events = Events{
					Lost:   func(now vtime.Time, _ Lease) { decide(now) },
					Failed: decide,
				}
				c.Start(0)
				if event == "lost" {
					l.hear(n, reply(c, dhcpv4.MessageTypeOffer), serverIP, clientIP)
					l.hear(n, reply(c, dhcpv4.MessageTypeAck), serverIP, clientIP)
				}
				l.drain(n)
				l.transcript()
				l.cut = true
				sent := 0
				for range 20 {
					l.run(n.stack.Deadline())
					sent = strings.Count(l.transcript(), "DISCOVER")
					if called {
						break
					}
				}
				want := map[string]struct {
					state State
					sent  int
				}{"stop": {Stopped, 0}, "start": {Selecting, 1}, "start later": {Init, 0}, "nothing": {Selecting, 1}}[act]
				if c.State() != want.state || sent != want.sent {
					t.Errorf("%v after %d DISCOVER, want %+v", c.State(), sent, want)
				}
			})
		}
	}
}

func TestMalformed(t *testing.T) {
	l := newLink(t)
	l.addServer(goodServer())
	n := l.nodes[0]
	good := message(dhcpv4.OpcodeBootRequest, dhcpv4.MessageTypeDiscover, 1, mac).ToBytes()
	for name, payload := range map[string][]byte{
		"empty": nil, "no cookie": good[:236], "cut option": append(append([]byte(nil), good[:240]...), 50, 4, 1),
	} {
		p := l.pool.New(packet.DefaultHeadroom, wire.UDPHeaderLen+len(payload))
		copy(p.Bytes()[wire.UDPHeaderLen:], payload)
		wire.PutUDP(p.Bytes(), 68, 67, unspecified, broadcast)
		n.stack.Push4(p, unspecified, broadcast, wire.ProtoUDP, 0, 64)
		n.stack.Input(0, 0, p)
		l.drain(n)
		if got := l.transcript(); !strings.Contains(got, "drop malformed") {
			t.Errorf("%s: %s", name, got)
		}
	}
	p := l.pool.From(make([]byte, 4)) // handed over by a node's own dispatcher, unchecked
	l.nodes[0].stack.HandleUDP(67, nil)
	(&Server{stack: n.stack}).HandlePacket(0, p, ip.Info{Source: unspecified, Destination: broadcast})
	l.drain(n)
	if got := l.transcript(); !strings.Contains(got, "drop malformed") || l.pool.Live() != 0 {
		t.Errorf("no UDP: %s", got)
	}
}

// TestOtherInterface: broadcasts of another link are not answered, unicast to the server is.
func TestOtherInterface(t *testing.T) {
	l := newLink(t)
	v := l.addServer(goodServer())
	n := l.nodes[0]
	for dst, want := range map[netip.Addr]string{broadcast: "(nothing)\n", serverIP: "OFFER"} {
		m := message(dhcpv4.OpcodeBootRequest, dhcpv4.MessageTypeDiscover, 1, mac)
		p := n.stack.Datagram(m.ToBytes(), 68, 67, clientIP, dst)
		v.HandlePacket(0, p, ip.Info{In: 5, Source: clientIP, Destination: dst, Offset: wire.IPv4HeaderLen})
		l.drain(n)
		if got := l.transcript(); !strings.Contains(got, want) {
			t.Errorf("to %v: %s", dst, got)
		}
	}
}

func TestServerConfig(t *testing.T) {
	tests := []struct {
		name string
		f    func(*ServerConfig)
		want error
	}{
		{"good", func(*ServerConfig) {}, nil},
		{"no address", func(c *ServerConfig) { c.Address = netip.Addr{} }, ErrConfig},
		{"address elsewhere", func(c *ServerConfig) { c.Address = netip.MustParseAddr("10.0.0.1") }, ErrConfig},
		{"IPv6", func(c *ServerConfig) { c.Address = netip.MustParseAddr("2001:db8::1") }, ErrConfig},
		{"no lease time", func(c *ServerConfig) { c.Lease = 0 }, ErrConfig},
		{"first elsewhere", func(c *ServerConfig) { c.First = netip.MustParseAddr("10.0.0.1") }, ErrConfig},
		{"last elsewhere", func(c *ServerConfig) { c.Last = netip.MustParseAddr("10.0.0.1") }, ErrConfig},
		{"last before first", func(c *ServerConfig) { c.First, c.Last = otherIP, clientIP }, ErrConfig},
	}
	for _, tt := range tests {
		cfg := goodServer()
		tt.f(&cfg)
		l := newLink(t)
		if _, err := NewServer(l.add("r").stack, 0, cfg); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// TestWholeSubnet: every host address but the router's, lowest first.
func TestWholeSubnet(t *testing.T) {
	l := newLink(t)
	v := l.addServer(goodServer())
	var got []string
	for i := range byte(20) {
		if b := v.pool.find(0, wire.MAC{2, i}, netip.Addr{}); b != nil {
			b.hold(0, Infinite, true)
			got = append(got, fmt.Sprint(b.addr.As4()[3]))
		}
	}
	if s := strings.Join(got, " "); s != "2 3 4 5 6 7 8 9 10 11 12 13 14" {
		t.Error(s)
	}
}

// TestOldestMemory: of several forgotten leases the one that ended first is given away.
func TestOldestMemory(t *testing.T) {
	l := newLink(t)
	cfg := goodServer()
	cfg.First, cfg.Last = clientIP, netip.MustParseAddr("192.0.2.4")
	v := l.addServer(cfg)
	var held []*binding
	for i := range byte(3) {
		held = append(held, v.pool.find(0, wire.MAC{2, i}, netip.Addr{}))
	}
	for i, at := range []vtime.Time{30, 10, 20} {
		held[i].release(at)
	}
	for i, want := range []netip.Addr{held[1].addr, held[2].addr, held[0].addr} {
		b := v.pool.find(40, wire.MAC{2, 9, byte(i)}, netip.Addr{})
		b.hold(40, Infinite, true)
		if b.addr != want {
			t.Errorf("client %d: %v, want %v", i, b.addr, want)
		}
	}
}

func TestStateNames(t *testing.T) {
	if Stopped.String() != "STOPPED" || Rebinding.String() != "REBINDING" {
		t.Error("names are shifted")
	}
}

// FuzzClientServer gives the same octets as UDP payload to a server and to a client in
// every state.
func FuzzClientServer(f *testing.F) {
	l := newLink(f)
	c := l.addClient("mn", Config{})
	for _, typ := range []dhcpv4.MessageType{1, 2, 3, 4, 5, 6, 7, 8} {
		m := reply(c, typ)
		f.Add(m.ToBytes(), uint8(1))
		m.OpCode = dhcpv4.OpcodeBootRequest
		f.Add(m.ToBytes(), uint8(0))
	}
	f.Fuzz(func(t *testing.T, payload []byte, state uint8) {
		if len(payload) > 1400 {
			return
		}
		l := newLink(t)
		l.addServer(goodServer())
		c := l.addClient("mn", Config{})
		c.Start(0)
		l.node("mn").stack.Out = machine.Outbox{}
		c.state = State(state) % (Rebinding + 1)
		if len(payload) >= 8 {
			c.xid = uint32(payload[4])<<24 | uint32(payload[5])<<16 | uint32(payload[6])<<8 | uint32(payload[7])
		}
		c.held.Lease = Lease{Address: clientIP, Bits: 28, Server: serverIP, Duration: time.Hour}
		c.offer, c.confirmed = c.held.Lease, state >= 0x80
		base := l.pool.Live()
		for i, port := range []uint16{67, 68} {
			n := l.nodes[i]
			p := l.pool.New(packet.DefaultHeadroom, wire.UDPHeaderLen+len(payload))
			copy(p.Bytes()[wire.UDPHeaderLen:], payload)
			wire.PutUDP(p.Bytes(), 1, port, otherIP, broadcast)
			n.stack.Push4(p, otherIP, broadcast, wire.ProtoUDP, 0, 64)
			n.stack.Input(0, 0, p)
			held := 0
			for e, ok := n.stack.Poll(); ok; e, ok = n.stack.Poll() {
				if e.Packet != nil {
					held++
					if e.Kind == machine.Drop && e.Reason == 0 {
						t.Error("dropped for no reason")
					}
					e.Packet.Release()
				}
			}
			if l.pool.Live() != base {
				t.Fatalf("%d packets live beyond the %d of the effects", l.pool.Live()-base, held)
			}
		}
	})
}
