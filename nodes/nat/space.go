package nat

import (
	"math/bits"
	"time"

	"dsmipsim/sim/vtime"
)

// space is the ports of one protocol on the public address. All its mappings live equally
// long, so that the order of their last refreshes is the order in which they expire.
type space struct {
	timeout time.Duration
	used    map[uint16]*entry
	taken   [1 << 16 / 64]uint64 // bit per port
	order   entry                // head of a ring, earliest expiry first
}

func newSpace(timeout time.Duration) *space {
	s := &space{timeout: timeout, used: map[uint16]*entry{}}
	s.order.prev, s.order.next = &s.order, &s.order
	return s
}

// pick chooses a port: the wanted one if it is free, else the lowest free from lowest up
// (RFC 4787 section 4.2.1, "port preservation").
func (s *space) pick(want, lowest uint16) (uint16, bool) {
	if want != 0 && s.taken[want/64]>>(want%64)&1 == 0 {
		return want, true
	}
	below := uint64(1)<<(lowest%64) - 1 // ports of the first word that are too low
	for i := int(lowest / 64); i < len(s.taken); i++ {
		if free := ^(s.taken[i] | below); free != 0 {
			return uint16(i*64 + bits.TrailingZeros64(free)), true
		}
		below = 0
	}
	return 0, false
}

func (s *space) add(e *entry) {
	s.used[e.public] = e
	s.taken[e.public/64] |= 1 << (e.public % 64)
	e.prev, e.next = e, e
}

func (s *space) remove(e *entry) {
	delete(s.used, e.public)
	s.taken[e.public/64] &^= 1 << (e.public % 64)
	e.prev.next, e.next.prev = e.next, e.prev
}

// refresh lets the mapping live for another timeout and puts it last.
func (s *space) refresh(e *entry, now vtime.Time) {
	e.expires = now.Add(s.timeout)
	e.prev.next, e.next.prev = e.next, e.prev
	e.prev, e.next = s.order.prev, &s.order
	e.prev.next, e.next.prev = e, e
}

func (s *space) first() *entry { return s.after(&s.order) }

// after returns the mapping that expires next after e, or nil.
func (s *space) after(e *entry) *entry {
	if e.next == &s.order {
		return nil
	}
	return e.next
}
