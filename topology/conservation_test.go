package topology

import (
	"fmt"
	"testing"
	"time"

	"dsmipsim/nodes/wire"
	chance "dsmipsim/sim/draw"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/vtime"

	"pgregory.net/rapid"
)

// Packets are conserved: whatever attaches, leaves and sends, every packet that was made
// ends exactly once, and after HoldAll none is left.
func TestPacketsAreConserved(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t)
		draw := func(label string, n int) int { return rapid.IntRange(0, n-1).Draw(rt, label) }
		var links []*Link
		for i := range 3 {
			p := Both(Channel{
				Delay: time.Duration(draw("delay", 2000)), Rate: int64(draw("rate", 3)) * 1_000_000_000,
				Loss:  Loss{Probability: float64(draw("loss", 3)) / 4},
				Queue: Queue{Packets: draw("packets", 4), Octets: 400 * draw("octets", 3)},
			})
			p.SharedMedium = draw("shared", 2) == 1
			if draw("channel", 2) == 1 {
				p.Down = Channel{
					Rate: 500_000_000, Jitter: chance.Between(0, 500), Reorder: draw("reorder", 2) == 1, FrameTime: 50,
					Loss: Loss{Bursts: &GilbertElliott{P: 0.2, R: 0.4, Bad: 1}}, Queue: Queue{CoDel: &CoDel{Target: 300, Interval: 2000}},
				}
			}
			if draw("outage", 2) == 1 {
				p.Outages = []Outage{{From: 2000, Until: 4000}}
			}
			links = append(links, w.net.Shared(fmt.Sprint("lan", i), p))
		}
		var ports []*Port
		for i := range 5 {
			ports = append(ports, w.node(fmt.Sprint("n", i), nil))
			ports[i].Serves = i%2 == 1
		}
		group := wire.MAC{0x33, 0x33, 0, 0, 0, 1}
		seq := uint32(0)
		rt.Repeat(map[string]func(*rapid.T){
			"attach": func(*rapid.T) {
				if p := ports[draw("port", len(ports))]; p.Link() == nil {
					p.Attach(links[draw("link", len(links))])
				}
			},
			"detach": func(*rapid.T) { ports[draw("port", len(ports))].Detach() },
			"join":   func(*rapid.T) { ports[draw("port", len(ports))].Join(group) },
			"leave":  func(*rapid.T) { ports[draw("port", len(ports))].Leave(group) },
			"send": func(*rapid.T) {
				from := ports[draw("port", len(ports))]
				to := []wire.MAC{mac(byte(draw("to", 7))), wire.Broadcast, group}[draw("cast", 3)]
				for range 1 + draw("burst", 4) {
					seq++
					from.Send(w.frame(from.MAC, to, 14+draw("length", 400), seq))
				}
			},
			"run": func(*rapid.T) { w.loop.Run(w.loop.Now().Add(time.Duration(draw("for", 3000)))) },
			"": func(rt *rapid.T) {
				if made, ended, live := w.net.Pool.Made(), w.net.Ended().Sum(), w.net.Pool.Live(); made != ended+uint64(live) {
					rt.Fatalf("%d made, %d ended, %d live", made, ended, live)
				}
			},
		})
		if rapid.Bool().Draw(rt, "let all arrive") {
			w.loop.Run(vtime.Time(time.Hour))
			if w.net.Pool.Live() != 0 {
				rt.Fatalf("%d packets live on idle links", w.net.Pool.Live())
			}
		}
		w.net.HoldAll()
		if made, ended := w.net.Pool.Made(), w.net.Ended(); made != ended.Sum() || w.net.Pool.Live() != 0 {
			rt.Fatalf("%d made, ended %+v, %d live", made, ended, w.net.Pool.Live())
		}
	})
}

// A packet that waits, flies and arrives costs no allocation in the steady state.
func TestCrossingALinkAllocatesNothing(t *testing.T) {
	w := newWorld(t)
	l := w.net.PointToPoint("l", Both(Channel{Rate: 1_000_000_000, Delay: time.Millisecond}))
	a := w.node("a", l)
	quiet := &eater{w: w}
	w.net.NewPort(quiet, "b", "eth0", 0, mac(9)).Attach(l)
	octets := make([]byte, 100)
	w.sent = nil
	w.net.Sink = nothing{}
	n := testing.AllocsPerRun(100, func() {
		for range 10 {
			b := w.net.Pool.From(octets)
			b.SetTag(packet.Tag{Flow: 1})
			a.Send(b)
		}
		w.loop.Run(w.loop.Now().Add(time.Second))
	})
	if n != 0 {
		t.Errorf("%v allocations for 10 packets", n)
	}
}
