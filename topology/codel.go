package topology

import (
	"math"
	"time"

	"dsmipsim/sim/packet"
	"dsmipsim/sim/vtime"
)

// CoDel is the active queue management of RFC 8289: it drops when frames have waited longer
// than Target for a whole Interval.
type CoDel struct {
	Target   time.Duration // 5 ms, RFC 8289 section 5.3
	Interval time.Duration // 100 ms, RFC 8289 section 5.3
}

// codel is the state of RFC 8289 section 5.2, named as there.
type codel struct {
	firstAboveTime vtime.Time // when the waiting time will have been above target for an interval; 0 if it is below
	dropNext       vtime.Time // when to drop next
	count          int        // drops since going into the drop state
	lastCount      int        // count from the previous drop state
	dropping       bool       // in the drop state
}

// dropper ends frames that have waited too long.
type dropper interface{ late(b *packet.Buf) }

// controlLaw gives the time of the next drop: the intervals shorten with the square root of
// the number of drops (RFC 8289 section 5.6).
func (c *CoDel) controlLaw(t vtime.Time, count int) vtime.Time {
	return t.Add(time.Duration(math.Round(float64(c.Interval) / math.Sqrt(float64(count)))))
}

// doDequeue takes a frame out and tells whether it has been waiting too long for too long. No
// frame is told to be late while what is left behind it fits in one largest frame (section 5.6).
func (s *codel) doDequeue(c *CoDel, now vtime.Time, q *backlog, largest int) (b *packet.Buf, okToDrop bool) {
	if q.len() == 0 {
		s.firstAboveTime = 0
		return nil, false
	}
	w := q.take()
	switch {
	case now.Sub(w.since) < c.Target || q.octets <= largest:
		s.firstAboveTime = 0
	case s.firstAboveTime == 0:
		s.firstAboveTime = now.Add(c.Interval)
	default:
		okToDrop = now >= s.firstAboveTime
	}
	return w.buf, okToDrop
}

// dequeue returns the next frame to send, nil if none is left, and ends those that it drops on
// the way (RFC 8289 section 5.5).
func (s *codel) dequeue(c *CoDel, now vtime.Time, q *backlog, largest int, port dropper) *packet.Buf {
	b, okToDrop := s.doDequeue(c, now, q, largest)
	if s.dropping {
		s.dropping = okToDrop
		for s.dropping && now >= s.dropNext {
			port.late(b)
			s.count++
			b, okToDrop = s.doDequeue(c, now, q, largest)
			if okToDrop {
				s.dropNext = c.controlLaw(s.dropNext, s.count)
			} else {
				s.dropping = false
			}
		}
		return b
	}
	if okToDrop {
		port.late(b)
		b, _ = s.doDequeue(c, now, q, largest)
		s.dropping = true
		// If the last drop state is not long over, its rate is a good one to begin with.
		delta := s.count - s.lastCount
		s.count = 1
		if delta > 1 && now.Sub(s.dropNext) < 16*c.Interval {
			s.count = delta
		}
		s.dropNext = c.controlLaw(now, s.count)
		s.lastCount = s.count
	}
	return b
}

// passed notes that a frame found the queue empty and did not wait.
func (s *codel) passed() { s.firstAboveTime, s.dropping = 0, false }
