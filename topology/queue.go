package topology

import (
	"dsmipsim/sim/packet"
	"dsmipsim/sim/vtime"
)

// fifo is a queue that keeps its memory.
type fifo[T any] struct {
	items []T
	head  int
}

func (f *fifo[T]) len() int { return len(f.items) - f.head }

func (f *fifo[T]) push(x T) { f.items = append(f.items, x) }

func (f *fifo[T]) pop() T {
	x := f.items[f.head]
	clear(f.items[f.head : f.head+1])
	f.head++
	if f.head == len(f.items) {
		f.items, f.head = f.items[:0], 0
	} else if f.head > 64 && f.head > len(f.items)/2 {
		n := copy(f.items, f.items[f.head:])
		clear(f.items[n:])
		f.items, f.head = f.items[:n], 0
	}
	return x
}

// waiting is a frame in a port's queue.
type waiting struct {
	buf   *packet.Buf
	since vtime.Time
}

// backlog is what waits at a port.
type backlog struct {
	fifo[waiting]
	octets int
	taken  vtime.Time // when the frame that was given out last had come
}

// put takes a frame in unless the queue is at its limit.
func (q *backlog) put(now vtime.Time, b *packet.Buf, limit *Queue) bool {
	if limit.Packets > 0 && q.len() >= limit.Packets || limit.Octets > 0 && q.octets+b.Len() > limit.Octets {
		return false
	}
	q.push(waiting{b, now})
	q.octets += b.Len()
	return true
}

// take gives out the frame that has waited longest.
func (q *backlog) take() waiting {
	w := q.pop()
	q.octets -= w.buf.Len()
	q.taken = w.since
	return w
}
