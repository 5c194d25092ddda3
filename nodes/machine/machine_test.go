package machine

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"

	"pgregory.net/rapid"
)

// Timers beside a model that is a plain list: set, stop and run in any order, and timers
// that set others while they fire.
func TestTimersAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const n = 12
		type armed struct {
			at    vtime.Time
			order int
			timer int
		}
		var (
			ts     Timers
			timers [n]*Timer
			model  []armed
			order  int
			now    vtime.Time
			got    []string
			want   []string
			chain  = map[int]int{} // a timer that sets another one when it fires, once
		)
		forget := func(i int) {
			model = slices.DeleteFunc(model, func(a armed) bool { return a.timer == i })
		}
		arm := func(i int, at vtime.Time) {
			forget(i)
			order++
			model = append(model, armed{at, order, i})
		}
		for i := range n {
			timers[i] = ts.New(func(now vtime.Time) {
				got = append(got, fmt.Sprintf("%d@%d", i, now))
				if timers[i].Armed() {
					t.Fatalf("timer %d is armed while it fires", i)
				}
				if j, ok := chain[i]; ok {
					delete(chain, i)
					timers[j].Set(now)
				}
			})
		}
		earliest := func() (armed, bool) {
			if len(model) == 0 {
				return armed{at: vtime.Never}, false
			}
			return slices.MinFunc(model, func(a, b armed) int {
				if a.at != b.at {
					return int(a.at - b.at)
				}
				return a.order - b.order
			}), true
		}
		timer := rapid.IntRange(0, n-1)
		t.Repeat(map[string]func(*rapid.T){
			"set": func(t *rapid.T) {
				i, at := timer.Draw(t, "timer"), now.Add(time.Duration(rapid.IntRange(0, 9).Draw(t, "in")))
				arm(i, at)
				timers[i].Set(at)
				if timers[i].At() != at {
					t.Fatalf("set for %v, At is %v", at, timers[i].At())
				}
			},
			"stop": func(t *rapid.T) {
				i := timer.Draw(t, "timer")
				forget(i)
				if rapid.Bool().Draw(t, "by Never") {
					timers[i].Set(vtime.Never)
				} else {
					timers[i].Stop()
				}
				if timers[i].Armed() || timers[i].At() != vtime.Never {
					t.Fatalf("timer %d is still armed for %v", i, timers[i].At())
				}
			},
			"chain": func(t *rapid.T) { chain[timer.Draw(t, "first")] = timer.Draw(t, "then") },
			"run": func(t *rapid.T) {
				now = now.Add(time.Duration(rapid.IntRange(0, 6).Draw(t, "for")))
				follow := map[int]int{}
				for i, j := range chain {
					follow[i] = j
				}
				for a, ok := earliest(); ok && a.at <= now; a, ok = earliest() {
					forget(a.timer)
					want = append(want, fmt.Sprintf("%d@%d", a.timer, now))
					if j, ok := follow[a.timer]; ok {
						delete(follow, a.timer)
						arm(j, now)
					}
				}
				ts.Run(now)
			},
			"": func(t *rapid.T) {
				if !slices.Equal(got, want) {
					t.Fatalf("fired %v\nwant  %v", got, want)
				}
				if a, _ := earliest(); ts.Next() != a.at || ts.Len() != len(model) {
					t.Fatalf("next %v of %d, model has %v of %d", ts.Next(), ts.Len(), a.at, len(model))
				}
			},
		})
	})
}

// The effects come out in the order in which they were put in, with what was put in.
func TestOutboxKeepsOrder(t *testing.T) {
	var o Outbox
	var pool packet.Pool
	a, b := netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::2")
	p, q := pool.New(0, 1), pool.New(0, 1)
	mac := wire.MAC{1, 2, 3, 4, 5, 6}

	o.Send(3, p)
	o.Deliver(q, wire.ProtoUDP, a, b)
	first, _ := o.Poll()
	o.Drop(p, trace.NoRoute) // put in while others wait
	o.Absorb(q)
	o.Turn(p)
	o.Address(2, a, true)
	o.Group(1, mac, false)
	o.Note(trace.Note{Kind: trace.DADStarted, Home: a})

	want := []Effect{
		{Kind: Send, Iface: 3, Packet: p},
		{Kind: Deliver, Packet: q, Protocol: wire.ProtoUDP, Source: a, Destination: b},
		{Kind: Drop, Packet: p, Reason: trace.NoRoute},
		{Kind: Absorb, Packet: q},
		{Kind: Turn, Packet: p},
		{Kind: Address, Iface: 2, Source: a, On: true},
		{Kind: Group, Iface: 1, MAC: mac},
	}
	got := []Effect{first}
	for e, ok := o.Poll(); ok; e, ok = o.Poll() {
		got = append(got, e)
	}
	last := got[len(got)-1]
	if last.Kind != Note || last.Note.Kind != trace.DADStarted || last.Note.Home != a {
		t.Errorf("last effect %+v", last)
	}
	if !slices.Equal(got[:len(got)-1], want) {
		t.Errorf("got  %v\nwant %v", got[:len(got)-1], want)
	}
	if e, ok := o.Poll(); ok {
		t.Errorf("an empty outbox holds %+v", e)
	}
}

func TestOutboxAllocatesNothing(t *testing.T) {
	var o Outbox
	p := (&packet.Pool{}).New(0, 1)
	n := testing.AllocsPerRun(100, func() {
		for range 5 {
			o.Send(0, p)
		}
		for _, ok := o.Poll(); ok; _, ok = o.Poll() {
		}
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// A machine's effects must be emptied, or the outbox grows: it starts anew when it is.
func TestOutboxStartsAnew(t *testing.T) {
	var o Outbox
	for i := range 1000 {
		o.Send(Iface(i), nil)
		if e, ok := o.Poll(); !ok || e.Iface != Iface(i) {
			t.Fatalf("effect %d is %+v", i, e)
		}
		if _, ok := o.Poll(); ok {
			t.Fatal("one effect too many")
		}
	}
	if c := cap(o.queue); c > 16 {
		t.Errorf("the outbox has grown to %d effects", c)
	}
}
