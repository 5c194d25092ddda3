package tcp

import (
	"dsmipsim/sim"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// client asks, reads the response, thinks, and asks again, over one connection.
type client struct {
	opening
	request  *Request
	asked    int // requests so far
	born     vtime.Time
	waiting  bool // for a response
	thinking *sim.Timer
	stopped  bool
}

func newClient(c *end, r *Request) *client {
	k := &client{opening: opening{end: c}, request: r, born: c.flow.asked}
	k.thinking = c.flow.loop.NewTimer(k, nil)
	return k
}

func (k *client) poll(now vtime.Time) bool {
	did := false
	if !k.stands && k.connected(now) {
		k.ask(now)
	}
	if k.stands {
		did = k.socket.push()
		did = k.read(now) || did
		if k.waiting && k.socket.read == int64(k.asked)*k.request.Response {
			k.answered(now)
			did = true
		}
		if k.isDone() && !k.socket.shut {
			k.socket.shutdown()
			did = true
		}
	}
	switch {
	case k.failed(now):
		k.thinking.Stop()
		return true
	case k.socket.finished && k.socket.shut:
		k.finish()
		return true
	}
	return did
}

// ask sends the next request.
func (k *client) ask(now vtime.Time) {
	if k.isDone() {
		return
	}
	k.born, k.waiting = now, true
	k.asked++
	k.socket.allowed += k.request.Size
}

func (k *client) answered(now vtime.Time) {
	k.waiting = false
	k.state(now, trace.Completed, uint32(k.asked-1), k.born, 0)
	if !k.isDone() {
		k.thinking.Set(now.Add(k.request.Think))
	}
}

// isDone reports whether no further request is to come and none is open.
func (k *client) isDone() bool {
	return !k.waiting && (k.stopped || k.request.Count > 0 && k.asked == k.request.Count)
}

// HandleEvent implements sim.Handler: the time to think is over.
func (k *client) HandleEvent(now vtime.Time, _ any) {
	k.at.net.clock.set(now)
	k.ask(now)
	k.at.settle(now, k.end)
}

// stop lets a request that is open be answered.
func (k *client) stop(vtime.Time) {
	k.stopped = true
	k.thinking.Stop()
}

// server answers each request when it has the whole of it.
type server struct {
	*end
	request  *Request
	answered int64
}

func (s *server) poll(now vtime.Time) bool {
	did := s.read(now)
	for s.socket.read >= (s.answered+1)*s.request.Size {
		s.answered++
		s.socket.allowed += s.request.Response
	}
	did = s.socket.push() || did
	switch {
	case s.failed(now):
		return true
	case s.socket.finished && s.socket.written == s.socket.allowed:
		s.finish()
		return true
	}
	return did
}
