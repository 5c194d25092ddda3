package traffic

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"dsmipsim/nodes"
	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
	"dsmipsim/topology"
)

// world is two hosts on one link of 5 ms.
type world struct {
	t      *testing.T
	loop   *sim.Loop
	net    *topology.Net
	a, b   *nodes.Correspondent
	facts  []string
	frames [][]byte
}

const ms = vtime.Time(time.Millisecond)

func newWorld(t *testing.T) *world {
	w := &world{t: t, loop: sim.New("traffic", 1, 0)}
	w.net = topology.New(w.loop, &packet.Pool{}, w)
	lan := w.net.Shared("lan", topology.Both(topology.Channel{Delay: 5 * time.Millisecond}))
	host := func(name, six, four string) *nodes.Correspondent {
		c := nodes.NewCorrespondent(w.net, nodes.CorrespondentConfig{Name: name, IPv6: netip.MustParsePrefix(six), IPv4: netip.MustParsePrefix(four)})
		c.Port.Attach(lan)
		return c
	}
	w.a, w.b = host("a", "2001:db8::a/64", "192.0.2.1/24"), host("b", "2001:db8::b/64", "192.0.2.2/24")
	return w
}

// Record notes the facts of test packets.
func (w *world) Record(e *trace.Event) {
	if e.Flow == 0 {
		return
	}
	if e.Kind == trace.Transmission {
		w.frames = append(w.frames, slices.Clone(e.Octets))
		return
	}
	s := fmt.Sprintf("%v %s %v %d.%d", time.Duration(e.Time), e.Node, e.Kind, e.Flow, e.Sequence)
	if e.Kind == trace.Origin {
		s += fmt.Sprintf(" %d octets", len(e.Octets))
	}
	if e.Kind == trace.Drop {
		s += " " + e.Reason.String()
	}
	if e.Born != e.Time {
		s += fmt.Sprintf(" born %v", time.Duration(e.Born))
	}
	w.facts = append(w.facts, s)
}

func end(c *nodes.Correspondent, a string) End {
	return End{Host: c.Host, Address: func() (netip.Addr, bool) { x, err := netip.ParseAddr(a); return x, err == nil }}
}

// listen makes a host receive the flows.
func (w *world) listen(c *nodes.Correspondent, flows ...uint32) {
	Listen(c.Host)
	for _, f := range flows {
		c.Stack.Listen(Port(f))
	}
}

// run runs until the time and checks that no packet is missing.
func (w *world) run(until vtime.Time) {
	w.t.Helper()
	w.loop.Run(until)
	w.a.End()
	w.b.End()
	w.net.HoldAll()
	if made, ended := w.net.Pool.Made(), w.net.Ended(); made != ended.Sum() || w.net.Pool.Live() != 0 {
		w.t.Errorf("%d packets made, ended %+v, %d live", made, ended, w.net.Pool.Live())
	}
}

func (w *world) expect(want string) {
	w.t.Helper()
	var wants []string
	for line := range strings.Lines(want) {
		if line = strings.TrimSpace(line); line != "" {
			wants = append(wants, line)
		}
	}
	if !slices.Equal(w.facts, wants) {
		w.t.Errorf("got:\n\t%s\nwant:\n\t%s", strings.Join(w.facts, "\n\t"), strings.Join(wants, "\n\t"))
	}
}

// Packets leave at start + n*interval, the last one before stop. The first one waits for
// address resolution, 10 ms.
func TestConstantBitRate(t *testing.T) {
	for _, c := range []struct {
		from, to string
		octets   int
	}{{"2001:db8::a", "2001:db8::b", 148}, {"192.0.2.1", "192.0.2.2", 128}} {
		w := newWorld(t)
		w.listen(w.b, 3)
		NewSource(w.loop, Config{Number: 3, From: end(w.a, c.from), To: end(w.b, c.to), Pattern: Constant(20*time.Millisecond, 100), Start: 7 * ms, Stop: 67 * ms})
		w.run(1000 * ms)
		w.expect(strings.ReplaceAll(`
			7ms a origin 3.0 N octets
			22ms b delivery 3.0 born 7ms
			27ms a origin 3.1 N octets
			32ms b delivery 3.1 born 27ms
			47ms a origin 3.2 N octets
			52ms b delivery 3.2 born 47ms`, "N", fmt.Sprint(c.octets)))
	}
}

// Times are multiples of the interval, so that nothing adds up; Stop itself is not reached.
func TestTimesDoNotDrift(t *testing.T) {
	w := newWorld(t)
	w.listen(w.b, 1)
	NewSource(w.loop, Config{Number: 1, From: end(w.a, "2001:db8::a"), To: end(w.b, "2001:db8::b"), Pattern: Constant(333_333, PayloadLen), Start: 1, Stop: 1 + 3000*333_333})
	w.run(2000 * ms)
	n := 0
	for _, f := range w.facts {
		if strings.Contains(f, "origin") {
			if want := fmt.Sprintf("%v a origin 1.%d 64 octets", time.Duration(1+n*333_333), n); f != want {
				t.Fatalf("got %s, want %s", f, want)
			}
			n++
		}
	}
	if n != 3000 || len(w.facts) != 6000 {
		t.Errorf("%d packets, %d facts", n, len(w.facts))
	}
	NewSource(w.loop, Config{Pattern: Constant(1, 16), Start: 5, Stop: 5})
	if w.loop.Pending() != 0 {
		t.Error("a flow that stops as it starts is scheduled")
	}
}

// A ping is born, turned at its destination and delivered at home, with one number.
func TestPing(t *testing.T) {
	for _, c := range []struct {
		from, to string
		octets   int
	}{{"2001:db8::a", "2001:db8::b", 104}, {"192.0.2.1", "192.0.2.2", 84}} {
		w := newWorld(t)
		w.listen(w.a)
		NewSource(w.loop, Config{Number: 2, Format: Echo, From: end(w.a, c.from), To: end(w.b, c.to), Pattern: Constant(100*time.Millisecond, 56), Start: 0, Stop: 200 * ms})
		w.run(1000 * ms)
		w.expect(strings.ReplaceAll(`
			0s a origin 2.0 N octets
			15ms b turn 2.0 born 0s
			20ms a delivery 2.0 born 0s
			100ms a origin 2.1 N octets
			105ms b turn 2.1 born 100ms
			110ms a delivery 2.1 born 100ms`, "N", fmt.Sprint(c.octets)))
	}
}

// What travels can be recomputed from the octets alone: addresses, ports, class and stamp.
func TestOctets(t *testing.T) {
	for _, c := range []struct {
		kind     Format
		from, to string
		want     string
	}{
		{Datagrams, "2001:db8::a", "2001:db8::b", "2001:db8::a > 2001:db8::b class 184 hops 64 next 17 ports 49157 49157"},
		{Datagrams, "192.0.2.1", "192.0.2.2", "192.0.2.1 > 192.0.2.2 class 184 hops 64 next 17 ports 49157 49157"},
		{Echo, "2001:db8::a", "2001:db8::b", "2001:db8::a > 2001:db8::b class 184 hops 64 next 58 echo 5 1"},
		{Echo, "192.0.2.1", "192.0.2.2", "192.0.2.1 > 192.0.2.2 class 184 hops 64 next 1 echo 5 1"},
	} {
		w := newWorld(t)
		w.listen(w.b, 5)
		w.listen(w.a)
		NewSource(w.loop, Config{Number: 5, Format: c.kind, From: end(w.a, c.from), To: end(w.b, c.to), Pattern: Constant(50*time.Millisecond, 40), Start: 3 * ms, Stop: 100 * ms, DSCP: 46})
		w.loop.Run(57 * ms) // the second packet has left
		frame := w.frames[len(w.frames)-1]
		got, data := describe(t, wire.Ethernet(frame).Payload())
		if got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
		st, ok := ReadStamp(data)
		if want := (Stamp{Flow: 5, Sequence: 1, Sent: 53 * ms}); !ok || st != want || len(data) != 40 {
			t.Errorf("stamp %+v in %d octets, want %+v", st, len(data), want)
		}
		w.run(1000 * ms)
	}
}

// describe takes a packet apart, checking its checksums.
func describe(t *testing.T, b []byte) (string, []byte) {
	var src, dst netip.Addr
	var class, hops, next uint8
	var upper []byte
	if b[0]>>4 == 6 {
		h, err := wire.ParseIPv6(b)
		if err != nil {
			t.Fatal(err)
		}
		src, dst, class, hops, next, upper = h.Source(), h.Destination(), h.TrafficClass(), h.HopLimit(), h.NextHeader(), h.Payload()
	} else {
		h, err := wire.ParseIPv4(b)
		if err != nil {
			t.Fatal(err)
		}
		src, dst, class, hops, next, upper = h.Source(), h.Destination(), h.TOS(), h.TTL(), h.Protocol(), h.Payload()
	}
	s := fmt.Sprintf("%v > %v class %d hops %d next %d ", src, dst, class, hops, next)
	switch next {
	case wire.ProtoUDP:
		u, err := wire.ParseUDP(upper, src, dst)
		if err != nil {
			t.Fatal(err)
		}
		return s + fmt.Sprintf("ports %d %d", u.SourcePort(), u.DestinationPort()), u.Payload()
	case wire.ProtoICMPv6:
		m, err := wire.ParseICMPv6(upper, src, dst)
		if err != nil {
			t.Fatal(err)
		}
		e, err := m.Echo()
		if err != nil {
			t.Fatal(err)
		}
		return s + fmt.Sprintf("echo %d %d", e.Identifier(), e.Sequence()), e.Data()
	default:
		m, err := wire.ParseICMPv4(upper)
		if err != nil {
			t.Fatal(err)
		}
		e, err := m.Echo()
		if err != nil {
			t.Fatal(err)
		}
		return s + fmt.Sprintf("echo %d %d", e.Identifier(), e.Sequence()), e.Data()
	}
}

// A datagram to a port where nobody listens is a drop at its destination.
func TestUnmatchedPort(t *testing.T) {
	w := newWorld(t)
	w.listen(w.b, 2) // another flow
	NewSource(w.loop, Config{Number: 1, From: end(w.a, "2001:db8::a"), To: end(w.b, "2001:db8::b"), Pattern: Constant(time.Second, 20), Start: 0, Stop: 1})
	w.run(100 * ms)
	w.expect(`
		0s a origin 1.0 68 octets
		15ms b drop 1.0 no_socket born 0s`)
}

// An end that has no address of the family yet refuses: sent and lost.
func TestNoAddress(t *testing.T) {
	for _, ends := range [][2]string{{"", "2001:db8::b"}, {"2001:db8::a", ""}} {
		w := newWorld(t)
		NewSource(w.loop, Config{Number: 1, From: end(w.a, ends[0]), To: end(w.b, ends[1]), Pattern: Constant(time.Second, 20), Start: 0, Stop: 1})
		w.run(100 * ms)
		if len(w.facts) != 2 || !strings.HasPrefix(w.facts[0], "0s a origin 1.0") || w.facts[1] != "0s a drop 1.0 no_source" {
			t.Errorf("facts %q", w.facts)
		}
	}
}

// The address is asked for at each packet.
func TestAddressMayChange(t *testing.T) {
	w := newWorld(t)
	w.listen(w.b, 1)
	from := []string{"2001:db8::a", "192.0.2.1"}
	to := []string{"2001:db8::b", "192.0.2.2"}
	n := 0
	NewSource(w.loop, Config{Number: 1, Pattern: Constant(100*time.Millisecond, 20), Start: 0, Stop: 200 * ms,
		From: End{w.a.Host, func() (netip.Addr, bool) { return netip.MustParseAddr(from[n]), true }},
		To:   End{w.b.Host, func() (netip.Addr, bool) { n++; return netip.MustParseAddr(to[n-1]), true }}})
	w.run(1000 * ms)
	w.expect(`
		0s a origin 1.0 68 octets
		15ms b delivery 1.0 born 0s
		100ms a origin 1.1 48 octets
		115ms b delivery 1.1 born 100ms`)
}

// A run that ends early holds what is under way: in flight, and waiting for a resolution.
func TestHeldPackets(t *testing.T) {
	w := newWorld(t)
	w.listen(w.b, 1)
	NewSource(w.loop, Config{Number: 1, From: end(w.a, "2001:db8::a"), To: end(w.b, "2001:db8::b"), Pattern: Constant(8*time.Millisecond, 20), Start: 0, Stop: 9 * ms})
	w.run(9 * ms)
	w.expect(`
		0s a origin 1.0 68 octets
		8ms a origin 1.1 68 octets
		9ms a held 1.0 born 0s
		9ms a held 1.1 born 8ms`)
}

func TestStamp(t *testing.T) {
	b := make([]byte, PayloadLen+3)
	s := Stamp{Flow: 0x01020304, Sequence: 0x05060708, Sent: 0x090a0b0c0d0e0f10}
	s.Put(b)
	for i := range PayloadLen {
		if b[i] != byte(i+1) {
			t.Fatalf("stamp % x", b)
		}
	}
	if got, ok := ReadStamp(b); !ok || got != s {
		t.Errorf("read %+v", got)
	}
	if _, ok := ReadStamp(b[:PayloadLen-1]); ok {
		t.Error("a stamp out of 15 octets")
	}
}

func TestPorts(t *testing.T) {
	for flow, want := range map[uint32]uint16{0: 49152, 1: 49153, 16383: 65535, 16384: 49152, 1 << 30: 49152} {
		if got := Port(flow); got != want {
			t.Errorf("port of flow %d is %d, want %d", flow, got, want)
		}
	}
}

// What no source has sent is delivered and stated by nobody.
func TestForgedPackets(t *testing.T) {
	w := newWorld(t)
	w.listen(w.b, 1)
	for _, n := range []int{0, 10, PayloadLen} {
		p := w.net.Pool.New(packet.DefaultHeadroom, wire.UDPHeaderLen+n)
		src, dst := netip.MustParseAddr("2001:db8::a"), netip.MustParseAddr("2001:db8::b")
		wire.PutUDP(p.Bytes(), Port(1), Port(1), src, dst)
		length := p.Len()
		wire.PutIPv6(p.Prepend(wire.IPv6HeaderLen), wire.IPv6Fields{PayloadLen: length, NextHeader: wire.ProtoUDP, HopLimit: ip.DefaultHopLimit, Source: src, Destination: dst})
		w.a.Send(p)
	}
	w.run(100 * ms)
	w.expect("")
	if d := w.net.Ended().Delivered; d != 3 {
		t.Errorf("%d delivered", d)
	}
}

// A test packet whose octets are not those of its tag has been mixed up with another one.
func TestMixedUpPacketFails(t *testing.T) {
	w := newWorld(t)
	s := Listen(w.b.Host)
	p := w.net.Pool.New(0, wire.UDPHeaderLen+PayloadLen)
	Stamp{Flow: 1, Sequence: 2, Sent: 3}.Put(p.Bytes()[wire.UDPHeaderLen:])
	for _, tag := range []packet.Tag{{Flow: 2, Sequence: 2, Born: 3}, {Flow: 1, Sequence: 1, Born: 3}, {Flow: 1, Sequence: 2, Born: 4}} {
		p.SetTag(tag)
		func() {
			defer func() {
				if msg := fmt.Sprint(recover()); !strings.Contains(msg, "b received {Flow:1 Sequence:2") {
					t.Errorf("tag %+v: %s", tag, msg)
				}
			}()
			s.Deliver(5, machine.Effect{Kind: machine.Deliver, Packet: p})
		}()
	}
	p.SetTag(packet.Tag{Flow: 1, Sequence: 2, Born: 3, Overhead: 40})
	s.Deliver(5, machine.Effect{Kind: machine.Deliver, Packet: p})
	w.expect("5ns b delivery 1.2 born 3ns")
	p.Release()
}
