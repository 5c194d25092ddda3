package tcp

import (
	"fmt"
	"math"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
	"dsmipsim/topology"
)

// outage takes a host off the link for a while.
type outage struct{ w *world }

func (o outage) HandleEvent(_ vtime.Time, arg any) {
	if arg == true {
		o.w.a.Port.Attach(o.w.link)
		return
	}
	o.w.a.Port.Detach()
}

// Over a path of 10 Mbit/s with 20 ms each way and a queue of 50 packets, one connection fills
// the path; an outage of 1.5 s costs it little more than that. The exact figures change only
// with the netstack: another version of it has to be looked at.
func TestThroughput(t *testing.T) {
	for _, c := range []struct {
		name          string
		four, outage  bool
		least, most   float64 // Mbit/s
		octets        int64
		longestPause  vtime.Time
		dropsAtTheEnd int
	}{
		{"IPv6", false, false, 9.2, 9.5, 35147952, 150 * ms, 100},
		{"IPv4", true, false, 9.2, 9.6, 35654980, 150 * ms, 100},
		{"outage", false, true, 7.9, 8.5, 31120592, 2500 * ms, 300},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, path)
			defer w.close()
			w.flow(Config{Stop: 30 * sec}, c.four)
			if c.outage {
				w.loop.At(5*sec, outage{w}, false)
				w.loop.At(6500*ms, outage{w}, true)
			}
			w.run(30 * sec)
			if r := w.mbps(30 * sec); r < c.least || r > c.most || w.octets != c.octets {
				t.Errorf("%.3f Mbit/s, %d octets; want %g to %g Mbit/s, %d octets", r, w.octets, c.least, c.most, c.octets)
			}
			drops := 0
			for _, n := range w.drops {
				drops += n
			}
			if w.gap > c.longestPause || drops > c.dropsAtTheEnd {
				t.Errorf("the longest pause was %v, packets were dropped: %v", w.gap, w.drops)
			}
		})
	}
}

// Goodput against random loss follows MSS/RTT * C/sqrt(p) with C = sqrt(3/2) (Mathis et al.
// 1997), within a band: CUBIC is above it where losses are rare, since its window grows with
// time (RFC 9438 section 4.2), and below it where they are frequent, since the retransmission
// timer has to help out.
func TestMathis(t *testing.T) {
	const mss = 1400
	wide := topology.Both(topology.Channel{Delay: 20 * time.Millisecond, Rate: 100_000_000, Queue: topology.Queue{Packets: 1000}})
	for _, c := range []struct {
		loss        float64
		least, most float64 // of what the formula says
		octets      int64
	}{
		{0.001, 0.9, 2, 32626632},
		{0.003, 0.7, 1.5, 13183856},
		{0.01, 0.7, 1.3, 7793976},
		{0.03, 0.6, 1.1, 4053960},
	} {
		t.Run(fmt.Sprint(c.loss), func(t *testing.T) {
			p := wide
			p.Up.Loss.Probability = c.loss
			p.Down.Loss.Probability = p.Up.Loss.Probability
			w := newWorld(t, p)
			defer w.close()
			const long = 20 * sec
			w.flow(Config{Stop: long}, false)
			w.run(long)
			formula := mss * 8 / 0.040 * math.Sqrt(1.5/c.loss) / 1e6
			if share := w.mbps(long) / formula; share < c.least || share > c.most || w.octets != c.octets {
				t.Errorf("%.3f Mbit/s, %d octets, is %.2f of the %.3f that the formula says; want %g to %g, %d octets",
					w.mbps(long), w.octets, share, formula, c.least, c.most, c.octets)
			}
		})
	}
}

// The same scenario gives the same octets at the same times, again and on any number of
// processors.
func TestDeterminism(t *testing.T) {
	run := func() string {
		p := path
		p.Up.Loss.Probability = 0.005
		p.Down.Loss.Probability = p.Up.Loss.Probability
		w := newWorld(t, p)
		defer w.close()
		w.flow(Config{Stop: 6 * sec}, false)
		w.flow(Config{Number: 2, Stop: 6 * sec, Request: &Request{Size: 500, Response: 30_000, Think: 10 * time.Millisecond}}, true)
		w.loop.At(2*sec, outage{w}, false)
		w.loop.At(3*sec, outage{w}, true)
		w.run(6 * sec)
		return fmt.Sprintf("%d octets, %d frames, %x", w.octets, w.frames, w.wire.Sum(nil))
	}
	first := run()
	for _, n := range []int{1, 2, 4, 4} {
		before := runtime.GOMAXPROCS(n)
		again := run()
		if now := runtime.GOMAXPROCS(before); now != n {
			t.Errorf("GOMAXPROCS is %d after a run, was %d", now, n)
		}
		if again != first {
			t.Errorf("with %d processors: %s\nbefore: %s", n, again, first)
		}
	}
}

// A run leaves no goroutine behind.
func TestNoGoroutineStays(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 1000 {
		w := newWorld(t, path)
		w.flow(Config{Size: 3000, Stop: sec}, false)
		w.run(200 * ms)
		w.close()
	}
	for range 100 { // a goroutine is counted until it has returned
		if runtime.NumGoroutine() <= before {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if n := runtime.NumGoroutine(); n > before {
		t.Errorf("%d goroutines, %d before", n, before)
	}
}

// A transfer is complete when the receiver has all octets, which the sockets check one by one.
func TestTransfer(t *testing.T) {
	for _, four := range []bool{false, true} {
		w := newWorld(t, path)
		w.flow(Config{Size: 100_001, Start: 7 * ms, Stop: 9 * sec}, four)
		w.run(10 * sec)
		w.close()
		if w.octets != 100_001 || len(w.facts) != 2 || w.facts[0].Kind != trace.Connected || w.facts[1].Kind != trace.Completed {
			t.Fatalf("%d octets, facts %+v", w.octets, w.facts)
		}
		for _, f := range w.facts {
			if f.Born != 7*ms || f.Flow != 1 {
				t.Errorf("%+v", f)
			}
		}
		// Address resolution takes one round trip, the handshake another.
		if at := w.facts[0].Time; at < 87*ms || at > 88*ms {
			t.Errorf("connected at %v", at)
		}
	}
}

// A transfer without a size ends with what was handed to TCP until Stop.
func TestStop(t *testing.T) {
	w := newWorld(t, path)
	defer w.close()
	w.flow(Config{Stop: 2 * sec}, false)
	w.run(20 * sec)
	last := w.facts[len(w.facts)-1]
	if last.Kind != trace.Completed || last.Time < 2*sec || last.Time > 6*sec || w.octets < 2_000_000 {
		t.Errorf("%d octets, last fact %+v", w.octets, last)
	}
	if w.e.net.clock.deadline() < 20*sec {
		t.Errorf("a timer is set for %v", w.e.net.clock.deadline())
	}
}

// A client asks again a time after each response, as often as it should.
func TestRequests(t *testing.T) {
	w := newWorld(t, path)
	defer w.close()
	w.flow(Config{Stop: 9 * sec, Request: &Request{Size: 3000, Response: 20_000, Think: 70 * time.Millisecond, Count: 3}}, false)
	w.run(10 * sec)
	if w.octets != 3*23_000 || len(w.facts) != 4 {
		t.Fatalf("%d octets, facts %+v", w.octets, w.facts)
	}
	for i, f := range w.facts[1:] {
		if f.Kind != trace.Completed || f.Sequence != uint32(i) || f.Node != "a" || f.Time-f.Born < 40*ms || f.Time-f.Born > 200*ms {
			t.Errorf("%+v", f)
		}
		if i > 0 && f.Born != w.facts[i].Time+70*ms {
			t.Errorf("request %d at %v, response before at %v", i, f.Born, w.facts[i].Time)
		}
	}
	// Until Stop: a request under way is answered, no other begins.
	w = newWorld(t, path)
	defer w.close()
	w.flow(Config{Stop: sec, Request: &Request{Size: 100, Response: 100}}, false)
	w.run(10 * sec)
	if last := w.facts[len(w.facts)-1]; last.Born >= sec || last.Time < sec || len(w.facts) < 10 {
		t.Errorf("%d facts, the last %+v", len(w.facts), last)
	}
}

// Where the path of the node itself narrows, no segment that is too big leaves it, and none is
// lost for it.
func TestNarrowerPath(t *testing.T) {
	for _, four := range []bool{false, true} {
		w := newWorld(t, path)
		narrow := math.MaxInt
		w.e.largest = func(vtime.Time, netip.Addr, netip.Addr) int { return narrow }
		w.flow(Config{Size: 2_000_000, Stop: 10 * sec}, four)
		w.loop.Run(sec)
		if w.largest < 1472 {
			t.Errorf("the largest packet has %d octets", w.largest)
		}
		narrow, w.largest = 1280, 0
		w.run(10 * sec)
		if w.largest > 1280 || w.largest < 1240 || w.octets != 2_000_000 || len(w.drops) > 0 {
			t.Errorf("the largest packet has %d octets, %d arrived, dropped: %v", w.largest, w.octets, w.drops)
		}
		w.close()
	}
}

// Who has no address yet connects when it has one.
func TestLateAddress(t *testing.T) {
	w := newWorld(t, path)
	defer w.close()
	at := func() (netip.Addr, bool) { return netip.MustParseAddr("192.0.2.1"), w.loop.Now() > 2500*ms }
	to := func() (netip.Addr, bool) { return netip.MustParseAddr("192.0.2.2"), true }
	Start(w.loop, Config{Number: 1, From: End{w.e, at}, To: End{w.f, to}, Size: 1000, Start: 500 * ms, Stop: 9 * sec,
		SourcePort: 1000, Port: 80, Listen: 80})
	w.run(9 * sec)
	if w.octets != 1000 || w.facts[0].Born != 500*ms || w.facts[0].Time < 3500*ms || w.facts[0].Time > 3700*ms {
		t.Errorf("%d octets, facts %+v", w.octets, w.facts)
	}
}

// A connection that nobody answers is given up.
func TestNoAnswer(t *testing.T) {
	p := path
	p.Up.Loss.Probability = 1
	p.Down.Loss.Probability = p.Up.Loss.Probability
	w := newWorld(t, p)
	defer w.close()
	w.flow(Config{Size: 1000, Stop: 500 * sec}, false)
	w.run(500 * sec)
	if len(w.facts) != 1 || w.facts[0].Kind != trace.Aborted || w.facts[0].Node != "a" {
		t.Errorf("facts %+v", w.facts)
	}
}

// A class of service is on every packet of both ends.
func TestDSCP(t *testing.T) {
	for _, four := range []bool{false, true} {
		w := newWorld(t, path)
		w.flow(Config{Size: 5000, Stop: sec, DSCP: 46}, four)
		w.run(2 * sec)
		w.close()
		if len(w.classes) != 1 || !w.classes[46<<2] {
			t.Errorf("classes %v", w.classes)
		}
	}
}

// BenchmarkTransfer is a transfer of 10 MB over a fast path, per segment of either end.
func BenchmarkTransfer(b *testing.B) {
	segments, events := 0, uint64(0)
	for b.Loop() {
		w := newWorld(b, topology.Both(topology.Channel{Delay: time.Millisecond, Rate: 1_000_000_000, Queue: topology.Queue{Packets: 1000}}))
		w.flow(Config{Size: 10_000_000, Stop: 30 * sec}, false)
		w.run(30 * sec)
		w.close()
		if w.octets != 10_000_000 {
			b.Fatalf("%d octets", w.octets)
		}
		segments += w.delivered
		events += w.loop.Events()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(segments), "ns/segment")
	b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
}
