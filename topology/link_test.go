package topology

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"dsmipsim/nodes/wire"
	"dsmipsim/sim"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// world is a network whose nodes note what arrives, and a sink that notes the facts.
type world struct {
	t     *testing.T
	loop  *sim.Loop
	net   *Net
	log   []string // arrivals, drops and link changes
	sent  []string // transmissions
	nodes map[string]*stub
}

// stub is a node with one port that ends whatever arrives.
type stub struct {
	w    *world
	port *Port
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, loop: sim.New("links", 1, 0), nodes: map[string]*stub{}}
	w.net = New(w.loop, &packet.Pool{}, w)
	return w
}

func (w *world) Record(e *trace.Event) {
	switch e.Kind {
	case trace.Transmission:
		w.sent = append(w.sent, fmt.Sprintf("%d %s %s %d", e.Time, e.Node, e.Link, len(e.Octets)))
	case trace.Drop:
		w.log = append(w.log, fmt.Sprintf("%d %s drops #%d: %v", e.Time, e.Node, e.Sequence, e.Reason))
	case trace.Held:
		w.log = append(w.log, fmt.Sprintf("%d %s holds #%d on %s", e.Time, e.Node, e.Sequence, e.Link))
	}
}

func (s *stub) Receive(at *Port, b *packet.Buf) {
	s.w.log = append(s.w.log, fmt.Sprintf("%d %s gets #%d", s.w.loop.Now(), at.Node, b.Tag().Sequence))
	s.w.net.Delivered(b)
}

func (s *stub) LinkChanged(at *Port, up bool) {
	if (at.Link() != nil) != up {
		s.w.t.Errorf("%s hears of up=%v while attached to %v", at.Node, up, at.Link())
	}
}

func mac(i byte) wire.MAC { return wire.MAC{2, 0, 0, 0, 0, i} }

// node makes a node and attaches it to the link.
func (w *world) node(name string, l *Link) *Port {
	s := &stub{w: w}
	s.port = w.net.NewPort(s, name, "eth0", 0, mac(byte(len(w.nodes)+1)))
	w.nodes[name] = s
	if l != nil {
		s.port.Attach(l)
	}
	return s.port
}

// frame makes an Ethernet frame of n octets in all.
func (w *world) frame(from, to wire.MAC, n int, seq uint32) *packet.Buf {
	b := w.net.Pool.New(0, n)
	wire.PutEthernet(b.Bytes(), to, from, 0x88b5)
	b.SetTag(packet.Tag{Flow: 1, Sequence: seq})
	return b
}

// datagram makes n octets for a point-to-point link.
func (w *world) datagram(n int, seq uint32) *packet.Buf {
	b := w.net.Pool.New(0, n)
	b.SetTag(packet.Tag{Flow: 1, Sequence: seq})
	return b
}

// do calls f at time t.
func (w *world) do(t vtime.Time, f func()) { w.loop.At(t, call(f), nil) }

type call func()

func (c call) HandleEvent(vtime.Time, any) { c() }

// run runs to the end and checks the log and that no packet is missing.
func (w *world) run(want ...string) {
	w.t.Helper()
	w.loop.Run(vtime.Time(time.Hour))
	w.expect(want...)
	w.conserved()
}

func (w *world) expect(want ...string) {
	w.t.Helper()
	if !slices.Equal(w.log, want) {
		w.t.Errorf("got:\n\t%s\nwant:\n\t%s", strings.Join(w.log, "\n\t"), strings.Join(want, "\n\t"))
	}
}

func (w *world) conserved() {
	w.t.Helper()
	if made, ended := w.net.Pool.Made(), w.net.Ended(); made != ended.Sum() || w.net.Pool.Live() != 0 {
		w.t.Errorf("%d packets made, %d ended (%+v), %d live", made, ended.Sum(), ended, w.net.Pool.Live())
	}
}

func TestSerialisesThenPropagates(t *testing.T) {
	w := newWorld(t)
	// 125 octets at 1 Mb/s take 1 ms.
	l := w.net.PointToPoint("l", Both(Channel{Rate: 1_000_000, Delay: 5 * time.Millisecond}))
	a := w.node("a", l)
	w.node("b", l)
	w.do(7, func() {
		a.Send(w.datagram(125, 1))
		a.Send(w.datagram(250, 2))
	})
	w.do(4_000_000, func() { a.Send(w.datagram(125, 3)) }) // the transmitter is idle again
	w.run("6000007 b gets #1", "8000007 b gets #2", "10000000 b gets #3")
	if want := []string{"7 a l 125", "1000007 a l 250", "4000000 a l 125"}; !slices.Equal(w.sent, want) {
		t.Errorf("departures %q, want %q", w.sent, want)
	}
}

// A fraction of a nanosecond counts as a whole one, and huge frames do not overflow.
func TestSerialisationIsExact(t *testing.T) {
	for _, c := range []struct {
		rate   int64
		octets int
		want   time.Duration
	}{
		{0, 1500, 0},
		{1_000_000_000, 1, 8},
		{3, 3, 8 * time.Second},
		{3, 1, 2_666_666_667},
		{7_000_000_000, 1500, 1715}, // 1714.28
		{54_000_000, 1514, 224297},  // 224296.29
		{1, 65_535, 524_280 * time.Second},
	} {
		if got := (Channel{Rate: c.rate}).CrossingTime(c.octets); got != c.want {
			t.Errorf("%d octets at %d bit/s take %d ns, want %d", c.octets, c.rate, got, c.want)
		}
		if got := (Channel{Rate: c.rate, Delay: 11}).CrossingTime(c.octets); got != c.want+11 {
			t.Errorf("with a delay of 11 ns %d octets at %d bit/s take %d ns, want %d", c.octets, c.rate, got, c.want+11)
		}
	}
}

// Both directions of a link have a transmitter of their own.
func TestDirectionsAreIndependent(t *testing.T) {
	w := newWorld(t)
	l := w.net.PointToPoint("l", Both(Channel{Rate: 8_000_000_000, Delay: 10}))
	a, b := w.node("a", l), w.node("b", l)
	a.Send(w.datagram(100, 1))
	b.Send(w.datagram(100, 2))
	w.run("110 b gets #1", "110 a gets #2")
}

func TestQueueDropsTheTail(t *testing.T) {
	for _, c := range []struct {
		limit  Queue
		octets []int
		want   []int // sequence numbers that arrive
	}{
		{Queue{}, []int{100, 100, 100, 100}, []int{0, 1, 2, 3}},
		{Queue{Packets: 2}, []int{100, 100, 100, 100, 100}, []int{0, 1, 2}}, // one in transmission and two waiting
		{Queue{Octets: 250}, []int{900, 100, 100, 100, 50}, []int{0, 1, 2, 4}},
		{Queue{Octets: 200}, []int{900, 100, 100, 1}, []int{0, 1, 2}},
		{Queue{Packets: 3, Octets: 250}, []int{9, 50, 50, 50, 50}, []int{0, 1, 2, 3}},
		{Queue{Packets: 9, Octets: 120}, []int{9, 50, 50, 50}, []int{0, 1, 2}},
	} {
		w := newWorld(t)
		l := w.net.PointToPoint("l", Both(Channel{Rate: 8_000_000_000, Queue: c.limit}))
		a := w.node("a", l)
		w.node("b", l)
		for i, n := range c.octets {
			a.Send(w.datagram(n, uint32(i)))
		}
		for i := range c.octets {
			if !slices.Contains(c.want, i) {
				if len(w.log) == 0 || w.log[0] != fmt.Sprintf("0 a drops #%d: queue_full", i) {
					t.Fatalf("%+v: log %q, want the drop of #%d", c.limit, w.log, i)
				}
				w.log = w.log[1:]
			}
		}
		w.loop.Run(vtime.Time(time.Second))
		var got []int
		for _, line := range w.log {
			var at, seq int
			fmt.Sscanf(line, "%d b gets #%d", &at, &seq)
			got = append(got, seq)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("limit %+v, frames %v: %v arrive, want %v", c.limit, c.octets, got, c.want)
		}
		w.conserved()
	}
}

// What has left the queue no longer counts against its limit.
func TestQueueIsFreedAsItDrains(t *testing.T) {
	w := newWorld(t)
	l := w.net.PointToPoint("l", Both(Channel{Rate: 8_000_000_000, Queue: Queue{Octets: 100}}))
	a := w.node("a", l)
	w.node("b", l)
	for i := range 3 {
		w.do(vtime.Time(i*200), func() {
			a.Send(w.datagram(100, uint32(10*i)))
			a.Send(w.datagram(100, uint32(10*i+1)))
		})
	}
	w.run("100 b gets #0", "200 b gets #1", "300 b gets #10", "400 b gets #11", "500 b gets #20", "600 b gets #21")
}

// A long queue keeps its order while it is compacted, and its room is given back.
func TestQueueIsFIFO(t *testing.T) {
	w := newWorld(t)
	l := w.net.PointToPoint("l", Both(Channel{Rate: 8_000_000_000, Queue: Queue{Packets: 500}}))
	a := w.node("a", l)
	w.node("b", l)
	var want []string
	for i := range 1000 {
		w.do(vtime.Time(i*50), func() { a.Send(w.datagram(100, uint32(i))) }) // twice as fast as the link
		want = append(want, fmt.Sprintf("%d b gets #%d", (i+1)*100, i))
	}
	w.run(want...)
}

func TestUnicastGoesByMACAddress(t *testing.T) {
	w := newWorld(t)
	l := w.net.Shared("lan", Both(Channel{Delay: 10}))
	a, b, c := w.node("a", l), w.node("b", l), w.node("c", l)
	a.Send(w.frame(a.MAC, c.MAC, 64, 1))
	a.Send(w.frame(a.MAC, b.MAC, 64, 2))
	a.Send(w.frame(a.MAC, mac(99), 64, 3))
	a.Send(w.frame(a.MAC, a.MAC, 64, 4)) // a port does not hear itself
	w.run("0 a drops #3: no_receiver", "0 a drops #4: no_receiver", "10 c gets #1", "10 b gets #2")
}

func TestLonelyEndHasNoReceiver(t *testing.T) {
	w := newWorld(t)
	a := w.node("a", w.net.PointToPoint("l", Params{}))
	a.Send(w.datagram(64, 1))
	b := w.node("b", nil)
	b.Send(w.datagram(64, 2))
	w.run("0 a drops #1: no_receiver", "0 b drops #2: link_unavailable")
}

func TestShortFrameIsMalformed(t *testing.T) {
	w := newWorld(t)
	a := w.node("a", w.net.Shared("lan", Params{}))
	a.Send(w.datagram(13, 1))
	w.run("0 a drops #1: malformed")
}

// Multicast reaches the ports that joined, each with a copy of its own; broadcast all.
func TestMulticastReachesWhoJoined(t *testing.T) {
	w := newWorld(t)
	l := w.net.Shared("lan", Both(Channel{Delay: 10}))
	a, b, c, d := w.node("a", l), w.node("b", l), w.node("c", l), w.node("d", l)
	group := wire.MAC{0x33, 0x33, 0, 0, 0, 1}
	b.Join(group)
	d.Join(group)
	d.Join(group) // twice, for two addresses
	a.Join(group) // the sender gets nothing back
	a.Send(w.frame(a.MAC, group, 64, 1))
	w.loop.Run(20)
	w.expect("10 b gets #1", "10 d gets #1")
	if made := w.net.Pool.Made(); made != 2 {
		t.Errorf("%d buffers for two receivers", made)
	}

	w.log = nil
	b.Leave(group)
	d.Leave(group)
	c.Leave(group) // never joined
	a.Send(w.frame(a.MAC, group, 64, 2))
	w.loop.Run(40)
	w.expect("30 d gets #2")

	w.log = nil
	d.Leave(group)
	a.Send(w.frame(a.MAC, group, 64, 3)) // nobody listens: no loss
	a.Send(w.frame(a.MAC, wire.Broadcast, 64, 4))
	w.run("50 b gets #4", "50 c gets #4", "50 d gets #4")
	if e := w.net.Ended(); e.Absorbed != 1 || e.Dropped != 0 {
		t.Errorf("ended %+v", e)
	}
	if len(w.sent) != 4 {
		t.Errorf("%d transmissions of 4 frames: copies are not transmitted", len(w.sent))
	}
}

// Copies are independent: what one receiver does to its packet the other does not see.
func TestCopiesAreIndependent(t *testing.T) {
	w := newWorld(t)
	l := w.net.Shared("lan", Params{})
	a := w.node("a", l)
	first := &eater{w: w}
	second := &eater{w: w}
	w.net.NewPort(first, "b", "eth0", 0, mac(50)).Attach(l)
	w.net.NewPort(second, "c", "eth0", 0, mac(51)).Attach(l)
	b := w.frame(a.MAC, wire.Broadcast, 64, 1)
	serial := b.Serial()
	a.Send(b)
	w.run()
	if first.last == second.last || first.serial != serial || second.serial != serial || second.octet != 0 {
		t.Errorf("copies: same %v, serials %d and %d of %d, octet %d", first.last == second.last, first.serial, second.serial, serial, second.octet)
	}
}

// eater scribbles over what it gets.
type eater struct {
	w      *world
	last   *packet.Buf
	serial uint64
	octet  byte
}

func (e *eater) Receive(_ *Port, b *packet.Buf) {
	e.last, e.serial, e.octet = b, b.Serial(), b.Bytes()[20]
	b.Bytes()[20] = 0xff
	b.TrimFront(14)
	e.w.net.Absorbed(b)
}

func (e *eater) LinkChanged(*Port, bool) {}

// losses returns which of n frames a receiver lost on a link with the given receivers.
func losses(t *testing.T, receivers []string, watch string, n int) string {
	w := newWorld(t)
	l := w.net.Shared("lan", Both(Channel{Loss: Loss{Probability: 0.3}}))
	a := w.node("a", l)
	for i, r := range receivers {
		p := w.net.NewPort(&stub{w: w}, r, "eth0", 0, mac(byte(100+i)))
		p.Attach(l)
	}
	for i := range n {
		a.Send(w.frame(a.MAC, wire.Broadcast, 64, uint32(i)))
	}
	w.loop.Run(1)
	w.conserved()
	got := make([]byte, n)
	for i := range got {
		got[i] = '?'
		for _, line := range w.log {
			if line == fmt.Sprintf("0 %s gets #%d", watch, i) {
				got[i] = '.'
			} else if line == fmt.Sprintf("0 %s drops #%d: link_loss", watch, i) {
				got[i] = 'x'
			}
		}
	}
	return string(got)
}

// Each receiver has a stream of losses of its own: a further one moves nobody else's.
func TestLossesBelongToTheReceiver(t *testing.T) {
	const n = 200
	alone := losses(t, []string{"b"}, "b", n)
	if strings.Contains(alone, "?") {
		t.Fatalf("frames neither received nor lost: %s", alone)
	}
	if x := strings.Count(alone, "x"); x < 40 || x > 80 { // 60, standard deviation 6.5
		t.Errorf("%d of %d frames lost with probability 0.3", x, n)
	}
	if got := losses(t, []string{"c", "b", "d"}, "b", n); got != alone {
		t.Errorf("further receivers changed b's losses from\n%s to\n%s", alone, got)
	}
	if c := losses(t, []string{"c", "b", "d"}, "c", n); c == alone {
		t.Error("b and c lose the same frames")
	}
}

func TestCertainLossAndNone(t *testing.T) {
	w := newWorld(t)
	l := w.net.PointToPoint("l", Both(Channel{Loss: Loss{Probability: 1}, Delay: 10}))
	a := w.node("a", l)
	w.node("b", l)
	a.Send(w.datagram(64, 1))
	w.run("0 b drops #1: link_loss")
}

// 125 octets at 1 Mb/s: a frame every millisecond, under way for 5 ms.
func cellular(t *testing.T) (w *world, l *Link, a, b *Port) {
	w = newWorld(t)
	l = w.net.Shared("cell", Both(Channel{Rate: 1_000_000, Delay: 5 * time.Millisecond}))
	return w, l, w.node("a", l), w.node("b", l)
}

const ms = vtime.Time(time.Millisecond)

// When the sender leaves, what waits is lost at once and what is half sent when it would
// have arrived; what is in flight arrives.
func TestSenderDetaches(t *testing.T) {
	w, _, a, b := cellular(t)
	for i := range 4 {
		a.Send(w.frame(a.MAC, b.MAC, 125, uint32(i)))
	}
	w.do(ms+ms/2, a.Detach)
	w.run("1500000 a drops #2: detached", "1500000 a drops #3: detached", "6000000 b gets #0", "7000000 b drops #1: detached")
}

// The last bit left in the very instant of the detach.
func TestSenderDetachesBetweenFrames(t *testing.T) {
	w, _, a, b := cellular(t)
	w.do(0, func() { a.Send(w.frame(a.MAC, b.MAC, 125, 0)) })
	w.do(ms, a.Detach)
	w.run("6000000 b gets #0")
}

// A frame that was cut off stays lost even if its sender comes back and leaves once more
// before it would have arrived.
func TestSenderDetachesTwice(t *testing.T) {
	w, l, a, b := cellular(t)
	a.Send(w.frame(a.MAC, b.MAC, 125, 0))
	w.do(ms/2, a.Detach)
	w.do(2*ms, func() { a.Attach(l) })
	w.do(3*ms, a.Detach)
	w.run("6000000 b drops #0: detached")
}

// After it came back the transmitter is free.
func TestSenderComesBack(t *testing.T) {
	w, l, a, b := cellular(t)
	a.Send(w.frame(a.MAC, b.MAC, 125, 0))
	a.Send(w.frame(a.MAC, b.MAC, 125, 1))
	w.do(ms/4, func() {
		a.Detach()
		a.Attach(l)
		a.Send(w.frame(a.MAC, b.MAC, 125, 2))
	})
	w.run("250000 a drops #1: detached", "6000000 b drops #0: detached", "6250000 b gets #2")
}

// When the receiver leaves, what is on its way to it is lost, also if it is back in time.
func TestReceiverDetaches(t *testing.T) {
	w, l, a, b := cellular(t)
	w.do(0, func() { a.Send(w.frame(a.MAC, b.MAC, 125, 0)) })
	w.do(2*ms, func() { a.Send(w.frame(a.MAC, b.MAC, 125, 1)) })
	w.do(3*ms, b.Detach)
	w.do(4*ms, func() { a.Send(w.frame(a.MAC, b.MAC, 125, 2)) })
	w.do(5*ms, func() { b.Attach(l) })
	w.do(6*ms, func() { a.Send(w.frame(a.MAC, b.MAC, 125, 3)) })
	w.run("4000000 a drops #2: no_receiver", "6000000 b drops #0: detached", "8000000 b drops #1: detached", "12000000 b gets #3")
}

// Only the receiver that left misses a multicast frame.
func TestOneOfManyReceiversDetaches(t *testing.T) {
	w, l, a, b := cellular(t)
	w.node("c", l)
	a.Send(w.frame(a.MAC, wire.Broadcast, 125, 0))
	w.do(2*ms, b.Detach)
	w.run("6000000 b drops #0: detached", "6000000 c gets #0")
}

func TestHoldAll(t *testing.T) {
	w, _, a, b := cellular(t)
	for i := range 3 {
		a.Send(w.frame(a.MAC, b.MAC, 125, uint32(i)))
	}
	w.loop.Run(ms + ms/2)
	w.net.HoldAll()
	w.expect("1500000 a holds #2 on cell", "1500000 b holds #0 on cell", "1500000 b holds #1 on cell")
	w.conserved()
	if w.net.Ended().Held != 3 {
		t.Errorf("ended %+v", w.net.Ended())
	}
	w.net.HoldAll() // nothing is left
	w.conserved()
}

func TestWrongAttachmentsFail(t *testing.T) {
	fails := func(what, want string, f func()) {
		t.Helper()
		defer func() {
			if msg := fmt.Sprint(recover()); !strings.Contains(msg, want) {
				t.Errorf("%s: panic %q lacks %q", what, msg, want)
			}
		}()
		f()
	}
	w := newWorld(t)
	l, m := w.net.Shared("lan", Params{}), w.net.Shared("other", Params{})
	p := w.net.PointToPoint("ptp", Params{})
	a := w.node("a", l)
	fails("a second link", "attached to lan, not free for other", func() { a.Attach(m) })
	twin := w.net.NewPort(&stub{w: w}, "twin", "eth0", 0, a.MAC)
	fails("a second owner of a MAC address", "twin and a have the same MAC address", func() { twin.Attach(l) })
	w.node("b", p)
	w.node("c", p)
	fails("a third end", "ptp has two ends already", func() { w.node("d", p) })
	a.Detach()
	a.Detach() // does nothing
	twin.Attach(l)
	if got := w.net.Links(); !slices.Equal(got, []*Link{l, m, p}) {
		t.Errorf("links %v", got)
	}
}
