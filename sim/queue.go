package sim

import "dsmipsim/sim/vtime"

// idle is the position of an event that is not in the queue.
const idle = -1

// event is what the queue orders. One-shot events return to the loop's free list; the
// event of a Timer lives in the Timer.
type event struct {
	handler Handler
	arg     any
	next    *event
	pos     int32
	once    bool
}

// entry keeps the ordering keys beside the pointer, so that comparing two entries touches
// the heap's own memory only.
type entry struct {
	at  vtime.Time
	seq uint64
	ev  *event
}

func (a *entry) before(b *entry) bool {
	return a.at < b.at || (a.at == b.at && a.seq < b.seq)
}

// queue is a four-ary heap: half the levels of a binary one, and the four children of a
// node lie side by side in memory.
type queue []entry

func (q *queue) push(e entry) {
	*q = append(*q, e)
	q.up(len(*q)-1, e)
}

// remove takes out the entry at position i.
func (q *queue) remove(i int) {
	h := *q
	n := len(h) - 1
	last := h[n]
	h[n] = entry{}
	*q = h[:n]
	if i < n {
		q.settle(i, last)
	}
}

// move gives the entry at position i a new time and sequence.
func (q *queue) move(i int, at vtime.Time, seq uint64) {
	e := (*q)[i]
	e.at, e.seq = at, seq
	q.settle(i, e)
}

func (q *queue) settle(i int, e entry) {
	if i > 0 && e.before(&(*q)[(i-1)/4]) {
		q.up(i, e)
		return
	}
	q.down(i, e)
}

// up writes e at position i or above.
func (q *queue) up(i int, e entry) {
	h := *q
	for i > 0 {
		p := (i - 1) / 4
		if !e.before(&h[p]) {
			break
		}
		h[i] = h[p]
		h[i].ev.pos = int32(i)
		i = p
	}
	h[i] = e
	e.ev.pos = int32(i)
}

// down writes e at position i or below.
func (q *queue) down(i int, e entry) {
	h := *q
	n := len(h)
	for {
		c := 4*i + 1
		if c >= n {
			break
		}
		least := c
		for k := c + 1; k < min(c+4, n); k++ {
			if h[k].before(&h[least]) {
				least = k
			}
		}
		if !h[least].before(&e) {
			break
		}
		h[i] = h[least]
		h[i].ev.pos = int32(i)
		i = least
	}
	h[i] = e
	e.ev.pos = int32(i)
}
