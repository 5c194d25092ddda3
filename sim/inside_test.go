package sim

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"dsmipsim/sim/vtime"

	"pgregory.net/rapid"
)

// busy is a handler that schedules, moves and stops from within its events, beside a model
// that is a plain list.
type busy struct {
	t      *rapid.T
	l      *Loop
	timers []*Timer
	model  []planned
	seq    int
	budget int
}

type planned struct {
	at   vtime.Time
	seq  int
	what string // number of a timer, or "once"
}

func (b *busy) drop(what string) {
	b.model = slices.DeleteFunc(b.model, func(p planned) bool { return p.what == what })
}

func (b *busy) plan(at vtime.Time, what string) {
	b.seq++
	b.model = append(b.model, planned{at, b.seq, what})
}

// act does something at random, as a handler would.
func (b *busy) act() {
	at := b.l.Now().Add(time.Duration(rapid.IntRange(0, 5).Draw(b.t, "in")))
	i := rapid.IntRange(0, len(b.timers)-1).Draw(b.t, "timer")
	name := fmt.Sprint(i)
	switch rapid.IntRange(0, 2).Draw(b.t, "action") {
	case 0:
		b.plan(at, "once")
		b.l.At(at, b, "once")
	case 1:
		if !slices.ContainsFunc(b.model, func(p planned) bool { return p.what == name && p.at == at }) {
			b.drop(name)
			b.plan(at, name)
		}
		b.timers[i].Set(at)
	case 2:
		b.drop(name)
		b.timers[i].Stop()
	}
	if got := b.l.Pending(); got != len(b.model) {
		b.t.Fatalf("%d pending at %v, model has %d", got, b.l.Now(), len(b.model))
	}
}

func (b *busy) HandleEvent(now vtime.Time, arg any) {
	first := slices.MinFunc(b.model, func(x, y planned) int {
		if x.at != y.at {
			return int(x.at - y.at)
		}
		return x.seq - y.seq
	})
	if got := fmt.Sprint(arg); got != first.what || now != first.at {
		b.t.Fatalf("%s at %v, want %s at %v", got, now, first.what, first.at)
	}
	b.model = slices.DeleteFunc(b.model, func(p planned) bool { return p.seq == first.seq })
	if got := b.l.Pending(); got != len(b.model) {
		b.t.Fatalf("%d pending inside the handler, model has %d", got, len(b.model))
	}
	for range rapid.IntRange(0, 3).Draw(b.t, "actions") {
		if b.budget--; b.budget > 0 {
			b.act()
		}
	}
}

// While a handler runs its own place in the queue is vacant; whatever it does to the queue
// meanwhile, the order of events is that of the model.
func TestHandlersMayDoAnythingToTheQueue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := &busy{t: t, l: New("inside", 1, 0), budget: 200}
		for i := range 6 {
			b.timers = append(b.timers, b.l.NewTimer(b, i))
		}
		for range 10 {
			b.act()
		}
		b.l.Run(1000)
		if len(b.model) != 0 || b.l.Pending() != 0 {
			t.Fatalf("%d in the model, %d in the queue are left", len(b.model), b.l.Pending())
		}
	})
}

type panicker struct{}

func (panicker) HandleEvent(vtime.Time, any) { panic("handler") }

// A handler's panic leaves a queue that the loop can go on with.
func TestLoopSurvivesAPanic(t *testing.T) {
	l := New("t", 1, 0)
	r := &recorder{}
	l.At(1, panicker{}, nil)
	l.At(2, r, "next")
	func() {
		defer func() { recover() }()
		l.Run(10)
	}()
	if l.Pending() != 1 {
		t.Errorf("%d pending, want 1", l.Pending())
	}
	l.Run(10)
	if len(r.got) != 1 || l.Pending() != 0 {
		t.Errorf("handled %v, %d pending", r.got, l.Pending())
	}
}
