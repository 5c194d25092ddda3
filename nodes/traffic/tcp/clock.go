package tcp

import (
	"container/heap"
	"sync"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"

	"dsmipsim/sim/vtime"
)

// epoch is the wall-clock time at which runs begin. Nothing that TCP sends depends on it.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// clock is the virtual clock as the netstack sees it. It keeps the netstack's timers to
// itself, so that the goroutine that processes segments never touches the event loop: the
// Endpoint asks for the next deadline when that goroutine is at rest.
type clock struct {
	mu     sync.Mutex
	now    vtime.Time
	order  uint64
	timers timers
}

var _ tcpip.Clock = (*clock)(nil)

// Now implements tcpip.Clock.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return epoch.Add(time.Duration(c.now))
}

// NowMonotonic implements tcpip.Clock.
func (c *clock) NowMonotonic() tcpip.MonotonicTime {
	c.mu.Lock()
	defer c.mu.Unlock()
	return tcpip.MonotonicTime{}.Add(time.Duration(c.now))
}

// AfterFunc implements tcpip.Clock. Unlike a real clock it runs f in the event loop.
func (c *clock) AfterFunc(d time.Duration, f func()) tcpip.Timer {
	t := &timer{clock: c, f: f, pos: unarmed}
	t.Reset(d)
	return t
}

// set moves the clock.
func (c *clock) set(now vtime.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = now
}

// deadline returns when the next timer expires, or Never.
func (c *clock) deadline() vtime.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.timers) == 0 {
		return vtime.Never
	}
	return c.timers[0].at
}

// expired takes the first of the timers that are due; nil if none is.
func (c *clock) expired() func() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.timers) == 0 || c.timers[0].at > c.now {
		return nil
	}
	t, _ := heap.Pop(&c.timers).(*timer)
	return t.f
}

// unarmed is the position of a timer that does not run.
const unarmed = -1

// timer implements tcpip.Timer.
type timer struct {
	clock *clock
	f     func()
	at    vtime.Time
	order uint64 // of timers that expire at the same instant the one armed first comes first
	pos   int
}

// Stop implements tcpip.Timer.
func (t *timer) Stop() bool {
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	if t.pos == unarmed {
		return false
	}
	heap.Remove(&t.clock.timers, t.pos)
	return true
}

// Reset implements tcpip.Timer.
func (t *timer) Reset(d time.Duration) {
	c := t.clock
	c.mu.Lock()
	defer c.mu.Unlock()
	c.order++
	t.at, t.order = c.now.Add(max(d, 0)), c.order
	if t.pos == unarmed {
		heap.Push(&c.timers, t)
	} else {
		heap.Fix(&c.timers, t.pos)
	}
}

// timers is a heap of the timers that run.
type timers []*timer

func (h timers) Len() int { return len(h) }

func (h timers) Less(i, j int) bool {
	return h[i].at < h[j].at || h[i].at == h[j].at && h[i].order < h[j].order
}

func (h timers) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].pos, h[j].pos = i, j
}

// Push implements heap.Interface.
func (h *timers) Push(x any) {
	t, _ := x.(*timer)
	t.pos = len(*h)
	*h = append(*h, t)
}

// Pop implements heap.Interface.
func (h *timers) Pop() any {
	last := len(*h) - 1
	t := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	t.pos = unarmed
	return t
}
