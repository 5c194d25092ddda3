package nodes_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"dsmipsim/nodes"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
	"dsmipsim/topology"
)

// counter counts the facts of each kind.
type counter struct{ kinds [16]int }

func (c *counter) Record(e *trace.Event) { c.kinds[e.Kind]++ }

// chain is a source, routers in a row and a sink, all on point-to-point links of 1 ms and
// 100 Mb/s. It sends datagrams of 1000 octets of payload as fast as the links take them.
type chain struct {
	*counter
	net      *topology.Net
	port     *topology.Port
	datagram []byte
	tick     *sim.Timer
	left     int // packets to send
	received int
}

const datagramInterval = 100 * time.Microsecond

func newChain(routers int) *chain {
	c := &chain{counter: &counter{}}
	loop := sim.New("chain", 1, 0)
	c.net = topology.New(loop, &packet.Pool{}, c.counter)
	link := topology.Both(topology.Channel{Delay: time.Millisecond, Rate: 100_000_000})
	name := func(i int) string {
		switch i {
		case 0:
			return "source"
		case routers + 1:
			return "sink"
		}
		return fmt.Sprintf("r%d", i)
	}
	to := netip.MustParsePrefix("2001:db8:2::/64")
	c.port = c.net.NewPort(c, "source", "p", 0, wire.MAC{})
	left := c.port
	for i := 1; i <= routers+1; i++ {
		l := c.net.PointToPoint(name(i-1)+"-"+name(i), link)
		left.Attach(l)
		if i == routers+1 {
			c.net.NewPort(c, "sink", "p", 0, wire.MAC{}).Attach(l)
			break
		}
		r, err := nodes.NewRouter(c.net, nodes.RouterConfig{
			Name: name(i), Neighbours: []string{name(i - 1), name(i + 1)},
			Loopback6: netip.MustParseAddr(fmt.Sprintf("2001:db8:ff::%d", i)),
		})
		if err != nil {
			panic(err)
		}
		r.RouteVia(name(i+1), 0, to)
		r.LinkTo(name(i-1), 0).Attach(l)
		left = r.LinkTo(name(i+1), 0)
	}
	src, dst := netip.MustParseAddr("2001:db8:1::1"), netip.MustParseAddr("2001:db8:2::1")
	udp := make([]byte, wire.UDPHeaderLen+1000)
	wire.PutUDP(udp, 49152, 49152, src, dst)
	c.datagram = make([]byte, wire.IPv6HeaderLen)
	wire.PutIPv6(c.datagram, wire.IPv6Fields{PayloadLen: len(udp), NextHeader: wire.ProtoUDP, HopLimit: 64, Source: src, Destination: dst})
	c.datagram = append(c.datagram, udp...)
	c.tick = loop.NewTimer(c, nil)
	return c
}

// HandleEvent sends a datagram.
func (c *chain) HandleEvent(now vtime.Time, _ any) {
	p := c.net.Pool.From(c.datagram)
	p.SetTag(packet.Tag{Flow: 1, Born: now})
	c.port.Send(p)
	if c.left--; c.left > 0 {
		c.tick.Set(now.Add(datagramInterval))
	}
}

// Receive ends what arrives at the sink.
func (c *chain) Receive(_ *topology.Port, b *packet.Buf) {
	c.received++
	c.net.Delivered(b)
}

func (c *chain) LinkChanged(*topology.Port, bool) {}

// send sends n datagrams and lets them all arrive.
func (c *chain) send(n int) {
	c.left = n
	now := c.net.Loop.Now()
	c.tick.Set(now)
	c.net.Loop.Run(now.Add(time.Duration(n)*datagramInterval + time.Second))
}

// BenchmarkForward is a datagram of 1000 octets over IPv6 through routers on point-to-point
// links: one op is one hop, i.e. what a router and the link behind it do with a packet,
// all checks of the headers and a Sink that counts the facts included.
func BenchmarkForward(b *testing.B) {
	const routers = 10
	c := newChain(routers)
	c.send(1000) // fills the pools and caches
	c.received = 0
	packets := (b.N + routers - 1) / routers
	b.ReportAllocs()
	b.ResetTimer()
	c.send(packets)
	b.StopTimer()
	hops := packets * routers
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(hops), "ns/hop")
	if c.received != packets || c.net.Pool.Live() != 0 {
		b.Fatalf("%d of %d packets received, %d packets live", c.received, packets, c.net.Pool.Live())
	}
}

// A packet that is forwarded in the steady state costs no allocation at any hop.
func TestForwardingAllocatesNothing(t *testing.T) {
	c := newChain(5)
	c.send(1000)
	if n := testing.AllocsPerRun(10, func() { c.send(100) }); n != 0 {
		t.Errorf("%v allocations for 100 packets over 5 hops", n)
	}
	if want := 1000 + 11*100; c.received != want {
		t.Errorf("%d packets received, want %d", c.received, want)
	}
	if got, want := c.kinds[trace.Transmission], c.received*6; got != want {
		t.Errorf("%d transmissions, want %d", got, want)
	}
}
