package nat

import (
	"math/bits"
	"time"

	"dsmipsim/sim/vtime"
)

// wellKnown is the first port that is not well known.
const wellKnown = 1024

// space is the ports of one protocol on the public address.
type space struct {
	used   map[uint16]*entry
	taken  [1 << 16 / 64]uint64 // bit per port
	next   [2]uint16            // where sequential assignment goes on, for well-known ports and others
	usual  ring                 // of all mappings but those
	linger ring                 // of TCP mappings with an established connection
}

// ring is the mappings that live equally long, so that the order of their last refreshes is
// the order in which they expire.
type ring struct {
	timeout time.Duration
	head    entry // before the one that expires first
}

func newSpace(usual, linger time.Duration) *space {
	s := &space{used: map[uint16]*entry{}}
	s.usual.init(usual)
	s.linger.init(linger)
	return s
}

func (r *ring) init(timeout time.Duration) {
	r.timeout = timeout
	r.head.prev, r.head.next = &r.head, &r.head
}

// first returns the mapping that expires first, or nil.
func (r *ring) first() *entry { return r.after(&r.head) }

// after returns the mapping that expires next after e, or nil.
func (r *ring) after(e *entry) *entry {
	if e.next == &r.head {
		return nil
	}
	return e.next
}

// refresh lets the mapping live for another timeout and puts it last.
func (r *ring) refresh(e *entry, now vtime.Time) {
	e.expires = now.Add(r.timeout)
	e.prev.next, e.next.prev = e.next, e.prev
	e.prev, e.next = r.head.prev, &r.head
	e.prev.next, e.next.prev = e, e
}

// pick chooses the public port for a new mapping of the port inside, as the configuration
// says (RFC 4787 section 4.2). Only UDP and TCP have parity and well-known ports.
func (s *space) pick(c *Config, inside uint16, hasPorts bool) (uint16, bool) {
	if c.Ports == PreservePort && inside != 0 && s.taken[inside/64]>>(inside%64)&1 == 0 {
		return inside, true
	}
	low, high, class := int(c.FirstPort), int(c.LastPort), 1
	if hasPorts && inside != 0 && inside < wellKnown {
		low, high, class = 1, wellKnown-1, 0
	}
	parity := -1
	if hasPorts && !c.IgnoreParity {
		parity = int(inside % 2)
	}
	from := low
	switch c.Ports {
	case SequentialPort:
		from = max(low, int(s.next[class]))
	case RandomPort:
		from = low + c.Rand.IntN(high-low+1)
	}
	port, ok := s.free(from, high, parity)
	if !ok {
		port, ok = s.free(low, from-1, parity)
	}
	s.next[class] = port + 1
	return port, ok
}

// free returns the lowest free port of a range, of the given parity if that is not negative.
func (s *space) free(low, high, parity int) (uint16, bool) {
	for i := low / 64; i <= high/64; i++ {
		free := ^s.taken[i]
		switch parity {
		case 0:
			free &= 0x5555555555555555
		case 1:
			free &= 0xaaaaaaaaaaaaaaaa
		}
		if i == low/64 {
			free &^= uint64(1)<<(low%64) - 1 // ports that are too low
		}
		if free != 0 {
			p := i*64 + bits.TrailingZeros64(free)
			return uint16(p), p <= high
		}
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
