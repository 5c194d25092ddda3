package machine

import "dsmipsim/sim/vtime"

// Timers holds the timers of one node, for all its parts together. Timers of the same
// instant fire in the order in which they were set. The zero Timers is empty.
type Timers struct {
	heap []*Timer
	seq  uint64
}

// Timer calls a function at a time that can be moved or taken back.
type Timer struct {
	owner *Timers
	fire  func(now vtime.Time)
	at    vtime.Time
	seq   uint64
	pos   int
}

// New returns an unarmed timer.
func (ts *Timers) New(fire func(now vtime.Time)) *Timer {
	return &Timer{owner: ts, fire: fire, at: vtime.Never, pos: -1}
}

// Set arms the timer, wherever it stood before. Never stops it.
func (t *Timer) Set(at vtime.Time) {
	if at == vtime.Never {
		t.Stop()
		return
	}
	ts := t.owner
	ts.seq++
	t.at, t.seq = at, ts.seq
	if t.pos < 0 {
		t.pos = len(ts.heap)
		ts.heap = append(ts.heap, t)
	}
	ts.fix(t.pos)
}

// Stop disarms the timer.
func (t *Timer) Stop() {
	if t.pos < 0 {
		return
	}
	ts := t.owner
	i, n := t.pos, len(ts.heap)-1
	ts.swap(i, n)
	ts.heap[n] = nil
	ts.heap = ts.heap[:n]
	t.pos, t.at = -1, vtime.Never
	if i < n {
		ts.fix(i)
	}
}

// At returns when the timer fires, or Never.
func (t *Timer) At() vtime.Time { return t.at }

// Armed reports whether the timer is set.
func (t *Timer) Armed() bool { return t.pos >= 0 }

// Next returns the earliest deadline, or Never.
func (ts *Timers) Next() vtime.Time {
	if len(ts.heap) == 0 {
		return vtime.Never
	}
	return ts.heap[0].at
}

// Len returns how many timers are armed.
func (ts *Timers) Len() int { return len(ts.heap) }

// Run fires every timer that is due, those included that are set for now meanwhile.
func (ts *Timers) Run(now vtime.Time) {
	for len(ts.heap) > 0 && ts.heap[0].at <= now {
		t := ts.heap[0]
		t.Stop()
		t.fire(now)
	}
}

func (ts *Timers) less(i, j int) bool {
	a, b := ts.heap[i], ts.heap[j]
	return a.at < b.at || (a.at == b.at && a.seq < b.seq)
}

func (ts *Timers) swap(i, j int) {
	h := ts.heap
	h[i], h[j] = h[j], h[i]
	h[i].pos, h[j].pos = i, j
}

func (ts *Timers) fix(i int) {
	for i > 0 && ts.less(i, (i-1)/2) {
		ts.swap(i, (i-1)/2)
		i = (i - 1) / 2
	}
	for {
		c := 2*i + 1
		if c >= len(ts.heap) {
			return
		}
		if c+1 < len(ts.heap) && ts.less(c+1, c) {
			c++
		}
		if !ts.less(c, i) {
			return
		}
		ts.swap(i, c)
		i = c
	}
}
