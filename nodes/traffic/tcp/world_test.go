package tcp

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"net/netip"
	"testing"
	"time"

	"dsmipsim/nodes"
	"dsmipsim/nodes/traffic"
	"dsmipsim/sim"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
	"dsmipsim/topology"
)

const (
	ms  = vtime.Time(time.Millisecond)
	sec = vtime.Time(time.Second)
)

// world is two hosts on one link, and what they tell.
type world struct {
	t    testing.TB
	loop *sim.Loop
	net  *topology.Net
	link *topology.Link
	a, b *nodes.Correspondent
	e, f *Endpoint
	sinks

	wire      hash.Hash
	frames    int
	last      vtime.Time // progress
	gap       vtime.Time // between two
	drops     map[trace.Reason]int
	octets    int64
	facts     []trace.Event // of applications, but for progress
	largest   int           // IP packet
	delivered int
	classes   map[uint8]bool
}

type sinks struct{ a, b *traffic.Sink }

// Record notes what the tests look at.
func (w *world) Record(e *trace.Event) {
	switch e.Kind {
	case trace.Transmission:
		w.frames++
		var at [8]byte
		binary.BigEndian.PutUint64(at[:], uint64(e.Time))
		w.wire.Write(at[:])
		w.wire.Write(e.Octets)
	case trace.Origin:
		w.largest = max(w.largest, len(e.Octets))
		class := e.Octets[1]
		if e.Octets[0]>>4 == 6 {
			class = e.Octets[0]<<4 | e.Octets[1]>>4
		}
		w.classes[class] = true
	case trace.Delivery:
		w.delivered++
	case trace.Drop:
		w.drops[e.Reason]++
	case trace.Progress:
		w.octets += int64(e.Count)
		if w.last > 0 {
			w.gap = max(w.gap, e.Time-w.last)
		}
		w.last = e.Time
	case trace.Connected, trace.Completed, trace.Aborted:
		w.facts = append(w.facts, *e)
	}
}

func newWorld(t testing.TB, p topology.Params) *world {
	w := &world{t: t, loop: sim.New("tcp", 1, 0), wire: sha256.New(), drops: map[trace.Reason]int{}, classes: map[uint8]bool{}}
	w.net = topology.New(w.loop, &packet.Pool{}, w)
	w.link = w.net.Shared("lan", p)
	host := func(name, six, four string) (*nodes.Correspondent, *Endpoint, *traffic.Sink) {
		c := nodes.NewCorrespondent(w.net, nodes.CorrespondentConfig{Name: name, IPv6: netip.MustParsePrefix(six), IPv4: netip.MustParsePrefix(four)})
		c.Port.Attach(w.link)
		c.Stack.AcceptTCP()
		e, err := New(c.Host, nodes.MTU, c.LargestPacket)
		if err != nil {
			t.Fatal(err)
		}
		s := traffic.Listen(c.Host)
		s.Transport = e
		return c, e, s
	}
	w.a, w.e, w.sinks.a = host("a", "2001:db8::a/64", "192.0.2.1/24")
	w.b, w.f, w.sinks.b = host("b", "2001:db8::b/64", "192.0.2.2/24")
	return w
}

func (w *world) close() {
	w.e.Close()
	w.f.Close()
}

// flow is a transfer from a to b.
func (w *world) flow(c Config, four bool) {
	src, dst := "2001:db8::a", "2001:db8::b"
	if four {
		src, dst = "192.0.2.1", "192.0.2.2"
	}
	if c.Number == 0 {
		c.Number = 1
	}
	c.SourcePort, c.Port, c.Listen = 1000+uint16(c.Number), 2000+uint16(c.Number), 2000+uint16(c.Number)
	at := func(s string) func() (netip.Addr, bool) {
		return func() (netip.Addr, bool) { return netip.MustParseAddr(s), true }
	}
	c.From, c.To = End{w.e, at(src)}, End{w.f, at(dst)}
	Start(w.loop, c)
}

// run runs until the time and checks that no packet is missing.
func (w *world) run(until vtime.Time) {
	w.t.Helper()
	w.loop.Run(until)
	w.net.HoldAll()
	w.a.End()
	w.b.End()
	if made, ended := w.net.Pool.Made(), w.net.Ended(); made != ended.Sum() || w.net.Pool.Live() != 0 {
		w.t.Errorf("%d packets made, ended %+v, %d live", made, ended, w.net.Pool.Live())
	}
}

var path = topology.Both(topology.Channel{Delay: 20 * time.Millisecond, Rate: 10_000_000, Queue: topology.Queue{Packets: 50}})

func (w *world) mbps(over vtime.Time) float64 {
	return float64(w.octets) * 8 / time.Duration(over).Seconds() / 1e6
}
