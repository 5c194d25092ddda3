package topology

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"dsmipsim/sim/draw"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

const (
	milli = time.Millisecond
	micro = time.Microsecond
)

// The part of frames lost is p/(p+r) and bursts are 1/r long, if the bad state loses all and
// the good one none; the first frame fares like any other.
func TestGilbertElliott(t *testing.T) {
	const n = 400_000
	for _, g := range []GilbertElliott{{0.01, 0.25, 0, 1}, {0.05, 0.5, 0, 1}, {0.3, 0.1, 0, 1}} {
		p := lossProcess{loss: Loss{Bursts: &g}, rand: rand.New(rand.NewPCG(1, 2))}
		lost, bursts, before := 0, 0, false
		for range n {
			now := p.lost()
			if now {
				lost++
				if !before {
					bursts++
				}
			}
			before = now
		}
		mean := g.P / (g.P + g.R)
		if p.loss.Mean() != mean {
			t.Errorf("%+v: mean %v, want %v", g, p.loss.Mean(), mean)
		}
		// The variance of a sum over the chain is that of independent losses times
		// (2-p-r)/(p+r), as its correlation falls with (1-p-r)^k.
		sd := math.Sqrt(mean * (1 - mean) / n * (2 - g.P - g.R) / (g.P + g.R))
		if got := float64(lost) / n; math.Abs(got-mean) > 4*sd {
			t.Errorf("%+v: %v of all frames lost, want %v with deviation %v", g, got, mean, sd)
		}
		// Bursts are geometric with mean 1/r and deviation sqrt(1-r)/r.
		sd = math.Sqrt(1-g.R) / g.R / math.Sqrt(float64(bursts))
		if got := float64(lost) / float64(bursts); math.Abs(got-1/g.R) > 4*sd {
			t.Errorf("%+v: bursts of %v frames, want %v with deviation %v", g, got, 1/g.R, sd)
		}
		first := 0
		for seed := range uint64(10_000) {
			p := lossProcess{loss: Loss{Bursts: &g}, rand: rand.New(rand.NewPCG(seed, 7))}
			if p.lost() {
				first++
			}
		}
		if got := float64(first) / 10_000; math.Abs(got-mean) > 4*math.Sqrt(mean*(1-mean)/10_000) {
			t.Errorf("%+v: %v of the first frames lost, want %v", g, got, mean)
		}
	}
}

// Both states may lose some frames.
func TestGilbertElliottPartialLoss(t *testing.T) {
	g := GilbertElliott{P: 0.1, R: 0.3, Good: 0.02, Bad: 0.6}
	l := Loss{Bursts: &g}
	want := 0.25*0.6 + 0.75*0.02
	if math.Abs(l.Mean()-want) > 1e-12 {
		t.Errorf("mean %v, want %v", l.Mean(), want)
	}
	p := lossProcess{loss: l, rand: rand.New(rand.NewPCG(1, 2))}
	lost := 0
	for range 200_000 {
		if p.lost() {
			lost++
		}
	}
	if got := float64(lost) / 200_000; math.Abs(got-want) > 0.005 {
		t.Errorf("%v of all frames lost, want %v", got, want)
	}
}

// Up and down are two channels with their own rate, delay, loss and time per frame.
func TestDirections(t *testing.T) {
	w := newWorld(t)
	l := w.net.PointToPoint("l", Params{
		Up:   Channel{Rate: 1_000_000, Delay: 5 * milli, FrameTime: 100 * micro},
		Down: Channel{Rate: 10_000_000, Delay: 20 * milli},
	})
	a, b := w.node("a", l), w.node("b", l)
	a.Send(w.datagram(125, 1)) // 1 milli + 0.1 milli + 5 milli
	b.Send(w.datagram(125, 2)) // 0.1 milli + 20 milli
	w.run("6100000 b gets #1", "20100000 a gets #2")

	w = newWorld(t)
	lan := w.net.Shared("lan", Params{Up: Channel{Delay: 1 * milli, Loss: Loss{Probability: 1}}, Down: Channel{Delay: 3 * milli}})
	a, b = w.node("a", lan), w.node("b", nil)
	b.Serves = true
	b.Attach(lan)
	b.Send(w.frame(b.MAC, a.MAC, 60, 1))
	a.Send(w.frame(a.MAC, b.MAC, 60, 2))
	w.run("0 b drops #2: link_loss", "3000000 a gets #1")
}

// Frames are in order however much their jitter differs, unless they may overtake.
func TestJitter(t *testing.T) {
	arrivals := func(c Channel) []string {
		w := newWorld(t)
		w.net.Sink = nothing{}
		l := w.net.PointToPoint("l", Both(c))
		a := w.node("a", l)
		w.node("b", l)
		for i := range uint32(50) {
			w.do(vtime.Time(i)*vtime.Time(milli), func() { a.Send(w.datagram(100, i)) })
		}
		w.loop.Run(vtime.Time(time.Second))
		w.conserved()
		return w.log
	}
	jitter := draw.Between(0, 10*milli)
	kept, free := arrivals(Channel{Delay: milli, Jitter: jitter}), arrivals(Channel{Delay: milli, Jitter: jitter, Reorder: true})
	order := func(log []string) (all []int) {
		for _, line := range log {
			var at, n int
			if _, err := fmt.Sscanf(line, "%d b gets #%d", &at, &n); err != nil {
				t.Fatal(line)
			}
			all = append(all, n)
		}
		return all
	}
	if !slices.IsSorted(order(kept)) {
		t.Errorf("frames overtake: %v", order(kept))
	}
	if slices.IsSorted(order(free)) {
		t.Error("no frame overtakes another")
	}
	if again := arrivals(Channel{Delay: milli, Jitter: jitter}); !slices.Equal(kept, again) {
		t.Error("another run differs")
	}
}

// A frame that is on the medium at any moment of an outage is lost: one that is on its way
// when the outage begins where it would have arrived, a later one at once.
func TestOutage(t *testing.T) {
	w := newWorld(t)
	p := Both(Channel{Rate: 1_000_000, Delay: 5 * milli}) // 125 octets arrive after 6 milli
	p.Outages = []Outage{{From: vtime.Time(10 * milli), Until: vtime.Time(20 * milli)}, {From: vtime.Time(50 * milli), Until: vtime.Time(51 * milli)}}
	l := w.net.PointToPoint("l", p)
	a := w.node("a", l)
	w.node("b", l)
	for i, at := range []time.Duration{3 * milli, 4 * milli, 9 * milli, 12 * milli, 19 * milli, 20 * milli, 44*milli + 1, 51 * milli} {
		w.do(vtime.Time(at), func() { a.Send(w.datagram(125, uint32(i))) })
	}
	w.run("9000000 b gets #0",
		"10000000 b drops #1: link_outage", // arrives as the outage begins
		"12000000 b drops #3: link_outage",
		"15000000 b drops #2: link_outage",
		"19000000 b drops #4: link_outage",
		"26000000 b gets #5",
		"50000001 b drops #6: link_outage",
		"57000000 b gets #7")
}

// On a shared medium one port transmits at a time, and those that wait take turns.
func TestSharedMedium(t *testing.T) {
	w := newWorld(t)
	p := Both(Channel{Rate: 1_000_000, Queue: Queue{Packets: 2}})
	p.SharedMedium = true
	l := w.net.Shared("radio", p)
	a, b, c := w.node("a", l), w.node("b", l), w.node("c", l)
	for i := range uint32(4) {
		a.Send(w.frame(a.MAC, c.MAC, 125, 10+i)) // one at once, two wait, one is too many
	}
	b.Send(w.frame(b.MAC, c.MAC, 125, 20))
	c.Send(w.frame(c.MAC, a.MAC, 125, 30))
	w.do(vtime.Time(10*milli), func() { b.Send(w.frame(b.MAC, c.MAC, 125, 21)) })
	w.run("0 a drops #13: queue_full", "1000000 c gets #10", "2000000 c gets #11", "3000000 c gets #20",
		"4000000 a gets #30", "5000000 c gets #12", "11000000 c gets #21")
}

// A port that leaves in the middle of its turn, or while it waits, holds nobody up.
func TestSharedMediumDetach(t *testing.T) {
	w := newWorld(t)
	p := Both(Channel{Rate: 1_000_000})
	p.SharedMedium = true
	l := w.net.Shared("radio", p)
	a, b, c := w.node("a", l), w.node("b", l), w.node("c", l)
	a.Send(w.frame(a.MAC, c.MAC, 125, 1))
	b.Send(w.frame(b.MAC, c.MAC, 125, 2))
	c.Send(w.frame(c.MAC, a.MAC, 125, 3))
	w.do(vtime.Time(500*micro), func() { a.Detach(); b.Detach() })
	w.run("500000 b drops #2: detached", "1000000 c drops #1: detached", "1000000 c drops #3: no_receiver")
}

// What a port with everything on it does allocates nothing in the steady state.
func TestEverythingAllocatesNothing(t *testing.T) {
	w := newWorld(t)
	p := Both(Channel{
		Rate: 1_000_000, Delay: milli, FrameTime: 10 * micro, Jitter: draw.Distribution{Kind: draw.LogNormal, Shape: 0.5, Centre: milli},
		Loss: Loss{Bursts: &GilbertElliott{P: 0.1, R: 0.3, Good: 0.1, Bad: 0.9}}, Queue: Queue{Packets: 50, CoDel: &CoDel{milli, 5 * milli}},
	})
	p.SharedMedium = true
	p.Outages = []Outage{{From: vtime.Time(100 * time.Hour), Until: vtime.Time(101 * time.Hour)}}
	l := w.net.Shared("radio", p)
	a := w.node("a", l)
	w.net.NewPort(&eater{w: w}, "b", "eth0", 0, mac(9)).Attach(l)
	w.net.Sink = nothing{}
	octets := w.frame(a.MAC, mac(9), 100, 1)
	frame := slices.Clone(octets.Bytes())
	w.net.Absorbed(octets)
	n := testing.AllocsPerRun(100, func() {
		for range 40 {
			b := w.net.Pool.From(frame)
			b.SetTag(packet.Tag{Flow: 1})
			a.Send(b)
		}
		w.loop.Run(w.loop.Now().Add(time.Second))
	})
	if n != 0 {
		t.Errorf("%v allocations for 40 packets", n)
	}
	if w.net.Ended().Dropped == 0 {
		t.Error("nothing was ever dropped")
	}
}

// drops counts why frames were dropped.
type drops map[trace.Reason]int

func (d drops) Record(e *trace.Event) {
	if e.Kind == trace.Drop {
		d[e.Reason]++
	}
}

// A link with random arrivals of frames of one length is an M/D/1 queue: at load rho the mean
// wait is rho/(2(1-rho)) times the time of a frame (A. K. Erlang, 1909; Pollaczek-Khinchine).
func TestRandomArrivalsWaitAsTheorySays(t *testing.T) {
	for _, load := range []float64{0.3, 0.5, 0.8} {
		const frames, service = 60_000, vtime.Time(milli)
		w := newWorld(t)
		w.net.Sink = nothing{}
		l := w.net.PointToPoint("l", Both(Channel{Rate: 1_000_000})) // 125 octets in 1 ms
		a := w.node("a", l)
		sum, got := 0.0, 0
		born := make([]vtime.Time, frames)
		w.net.NewPort(arrival(func(b *packet.Buf) {
			sum += float64(w.loop.Now() - born[b.Tag().Sequence] - service)
			got++
			w.net.Delivered(b)
		}), "b", "eth0", 0, mac(9)).Attach(l)
		gaps := draw.NewSource(draw.Distribution{Kind: draw.Exponential, Centre: time.Duration(float64(service) / load)}, rand.New(rand.NewPCG(5, 6)))
		at := vtime.Time(0)
		for i := range born {
			at = at.Add(gaps.Next())
			born[i] = at
			w.do(at, func() { a.Send(w.datagram(125, uint32(i))) })
		}
		w.loop.Run(vtime.Time(time.Hour))
		want := load / (2 * (1 - load)) * float64(service)
		if mean := sum / float64(got); got != frames || math.Abs(mean/want-1) > 0.05 {
			t.Errorf("load %v: %d frames wait %v on average, want %v", load, got, time.Duration(mean), time.Duration(want))
		}
	}
}

// arrival is a node that does no more than take frames.
type arrival func(*packet.Buf)

func (f arrival) Receive(_ *Port, b *packet.Buf) { f(b) }
func (f arrival) LinkChanged(*Port, bool)        {}
