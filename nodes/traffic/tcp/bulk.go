package tcp

import (
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// sender sends one long stream: it always has more until it has sent all.
type sender struct {
	opening
}

func newSender(c *end, size int64) *sender {
	c.socket.allowed = size
	if size == 0 {
		c.socket.allowed = unlimited
	}
	return &sender{opening{end: c}}
}

func (s *sender) poll(now vtime.Time) bool {
	did := false
	if s.connected(now) {
		did = s.socket.push()
		if s.socket.written == s.socket.allowed && !s.socket.shut {
			s.socket.shutdown()
			did = true
		}
		did = s.read(now) || did
	}
	switch {
	case s.failed(now):
		return true
	case s.socket.finished && s.socket.shut:
		s.finish()
		return true
	}
	return did
}

// stop ends the stream after what was handed to TCP by now.
func (s *sender) stop(vtime.Time) { s.socket.allowed = s.socket.written }

// receiver reads one long stream.
type receiver struct {
	*end
}

func (r *receiver) poll(now vtime.Time) bool {
	did := r.read(now)
	switch {
	case r.failed(now):
		return true
	case r.socket.finished:
		r.state(now, trace.Completed, 0, r.flow.asked, 0)
		r.finish()
		return true
	}
	return did
}
