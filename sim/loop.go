// Package sim is the discrete-event engine: a virtual clock, its queue of events, timers
// and named random streams.
//
// One Loop is one replication and runs in one goroutine. Events happen in the order
// (time, sequence): of two events at the same instant the one scheduled first comes first.
package sim

import (
	"fmt"
	"math/rand/v2"

	"dsmipsim/sim/vtime"
)

// Handler takes an event when its time has come.
type Handler interface {
	HandleEvent(now vtime.Time, arg any)
}

// Loop is a virtual clock with its event queue.
type Loop struct {
	name    string
	seed    uint64
	rep     uint64
	now     vtime.Time
	seq     uint64
	count   uint64
	queue   queue
	vacant  bool // the root of the queue is the event that is being handled
	free    *event
	streams map[string]*rand.Rand
}

// New returns a loop at time zero. The name (of the scenario) appears in panics; seed and
// replication select the random streams.
func New(name string, seed, replication uint64) *Loop {
	return &Loop{name: name, seed: seed, rep: replication, streams: map[string]*rand.Rand{}}
}

// Now returns the current virtual time.
func (l *Loop) Now() vtime.Time { return l.now }

// Events returns how many events have been handled.
func (l *Loop) Events() uint64 { return l.count }

// Pending returns how many events and armed timers wait in the queue.
func (l *Loop) Pending() int {
	if l.vacant {
		return len(l.queue) - 1
	}
	return len(l.queue)
}

// At schedules h to be called once at t with arg. A pointer as arg costs no allocation.
// A time in the past panics: a cause cannot come after its effect.
func (l *Loop) At(t vtime.Time, h Handler, arg any) {
	e := l.free
	if e == nil {
		e = &event{}
	} else {
		l.free = e.next
		e.next = nil
	}
	e.handler, e.arg, e.once = h, arg, true
	l.push(t, e)
}

// Run handles all events up to and including until and leaves the clock there. It may be
// called again with a later time.
//
// The handled event's place at the root stays vacant while its handler runs, since most
// handlers schedule one further event: that takes the place in one walk down the queue
// instead of two. Nothing else can: every entry comes after the one that is being handled.
func (l *Loop) Run(until vtime.Time) {
	l.fill()
	for len(l.queue) > 0 && l.queue[0].at <= until {
		e := l.queue[0].ev
		l.now = l.queue[0].at
		e.pos = idle
		l.queue[0].ev, l.vacant = nil, true
		l.count++
		h, arg := e.handler, e.arg
		if e.once {
			e.handler, e.arg = nil, nil
			e.next = l.free
			l.free = e
		}
		h.HandleEvent(l.now, arg)
		l.fill()
	}
	if l.now < until {
		l.now = until
	}
}

// fill takes the vacant root out of the queue if no event has taken its place.
func (l *Loop) fill() {
	if l.vacant {
		l.vacant = false
		l.queue.remove(0)
	}
}

// Fail panics with everything that is needed to find the place again. It is for broken
// invariants of the program, not for wrong input.
func (l *Loop) Fail(format string, args ...any) {
	panic(fmt.Sprintf("scenario %q seed %d replication %d t=%s: %s",
		l.name, l.seed, l.rep, l.now, fmt.Sprintf(format, args...)))
}

func (l *Loop) push(t vtime.Time, e *event) {
	if t < l.now {
		l.Fail("event scheduled in the past, for t=%s", t)
	}
	l.seq++
	if l.vacant {
		l.vacant = false
		l.queue.down(0, entry{at: t, seq: l.seq, ev: e})
		return
	}
	l.queue.push(entry{at: t, seq: l.seq, ev: e})
}

// Timer is one deadline that can be moved and cancelled. It is re-armed in place: the
// queue never holds a dead entry for it.
type Timer struct {
	loop *Loop
	ev   event
}

// NewTimer returns an unarmed timer that calls h with arg.
func (l *Loop) NewTimer(h Handler, arg any) *Timer {
	return &Timer{loop: l, ev: event{handler: h, arg: arg, pos: idle}}
}

// Set arms the timer for t, wherever it stood before. Never stops it. Setting it to the
// time that it already has keeps its place among the events of that instant.
func (t *Timer) Set(at vtime.Time) {
	if at == vtime.Never {
		t.Stop()
		return
	}
	l := t.loop
	if t.ev.pos == idle {
		l.push(at, &t.ev)
		return
	}
	if l.queue[t.ev.pos].at == at {
		return
	}
	if at < l.now {
		l.Fail("timer set to the past, t=%s", at)
	}
	l.seq++
	l.queue.move(int(t.ev.pos), at, l.seq)
}

// Stop takes the timer out of the queue if it is there.
func (t *Timer) Stop() {
	if t.ev.pos != idle {
		t.loop.queue.remove(int(t.ev.pos))
		t.ev.pos = idle
	}
}

// Armed reports whether the timer waits in the queue.
func (t *Timer) Armed() bool { return t.ev.pos != idle }
