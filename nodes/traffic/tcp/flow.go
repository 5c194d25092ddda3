package tcp

import (
	"math"
	"net/netip"
	"time"

	"dsmipsim/sim"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// retry is how long an application waits that cannot connect because one end has no address
// of the family yet.
const retry = time.Second

// End is a node as the end of a flow. Its address is asked for when the flow connects, and
// the connection keeps it.
type End struct {
	Endpoint *Endpoint
	Address  func() (netip.Addr, bool)
}

// Config describes a flow over one TCP connection, which its source opens.
type Config struct {
	Number   uint32 // from 1
	From, To End
	Start    vtime.Time
	Stop     vtime.Time // the first instant at which the source begins nothing new
	DSCP     uint8

	// Ports: of the source, that it connects to, and that the destination listens on, which is
	// another one behind a NAT. No two flows may share one at a node.
	SourcePort, Port, Listen uint16
	Address                  netip.Addr // that the source connects to, if it is not the destination's own

	// Request, if it is not nil, makes the flow a series of requests and responses; otherwise
	// it is a bulk transfer.
	Request *Request
	Size    int64 // octets of a bulk transfer; 0: as many as go until Stop
}

// Request describes requests and their responses.
type Request struct {
	Size, Response int64         // octets, at least 1
	Think          time.Duration // between a response and the next request
	Count          int           // of requests; 0: until Stop
}

// Flow is one connection with the applications at its ends.
type Flow struct {
	cfg      Config
	loop     *sim.Loop
	segments uint32 // sent so far, by both ends; names the next one's packet
	source   starter
	asked    vtime.Time
}

// starter is the application at the flow's source.
type starter interface {
	application
	stop(now vtime.Time)
}

// step is what a Flow has scheduled.
type step uint8

const (
	open step = iota
	stop
)

// Start schedules a flow.
func Start(loop *sim.Loop, cfg Config) *Flow {
	f := &Flow{cfg: cfg, loop: loop, asked: cfg.Start}
	if cfg.Start < cfg.Stop {
		loop.At(cfg.Start, f, open)
	}
	return f
}

// HandleEvent implements sim.Handler.
func (f *Flow) HandleEvent(now vtime.Time, arg any) {
	if arg == stop {
		e := f.cfg.From.Endpoint
		e.net.clock.set(now)
		f.source.stop(now)
		e.settle(now, e.byPort[f.cfg.SourcePort])
		return
	}
	src, okSrc := f.cfg.From.Address()
	dst, okDst := f.cfg.To.Address()
	if !okSrc || !okDst {
		if again := now.Add(retry); again < f.cfg.Stop {
			f.loop.At(again, f, open)
		}
		return
	}
	from := netip.AddrPortFrom(src, f.cfg.SourcePort)
	f.serve(now, &end{at: f.cfg.To.Endpoint, flow: f, local: netip.AddrPortFrom(dst, f.cfg.Listen), remote: from})
	if f.cfg.Address.IsValid() {
		dst = f.cfg.Address
	}
	f.begin(now, &end{at: f.cfg.From.Endpoint, flow: f, local: from, remote: netip.AddrPortFrom(dst, f.cfg.Port)})
	f.loop.At(f.cfg.Stop, f, stop)
}

// serve makes the destination wait for the connection.
func (f *Flow) serve(now vtime.Time, c *end) {
	c.at.net.clock.set(now)
	l := &listener{end: c}
	c.app = l
	err := c.at.attach(c)
	if err == nil {
		l.socket, err = c.at.net.open(c.local)
	}
	if err == nil {
		err = l.socket.listen()
	}
	if err != nil {
		f.loop.Fail("flow %d at %s: %v", f.cfg.Number, c.at.host.Name, err)
	}
	c.at.settle(now, c)
}

// begin makes the source connect.
func (f *Flow) begin(now vtime.Time, c *end) {
	c.at.net.clock.set(now)
	err := c.at.attach(c)
	if err == nil {
		c.socket, err = c.at.net.open(c.local)
	}
	if err != nil {
		f.loop.Fail("flow %d at %s: %v", f.cfg.Number, c.at.host.Name, err)
	}
	c.socket.out, c.socket.in = newPattern(f.cfg.Number, forward), newPattern(f.cfg.Number, backward)
	if f.cfg.Request != nil {
		f.source = newClient(c, f.cfg.Request)
	} else {
		f.source = newSender(c, f.cfg.Size)
	}
	c.app = f.source
	c.socket.connect(c.remote)
	c.at.settle(now, c)
}

// listener waits at the flow's destination and hands the connection to the application.
type listener struct {
	*end
	socket *socket
}

func (l *listener) poll(vtime.Time) bool {
	s := l.socket.accept()
	if s == nil {
		return false
	}
	f := l.flow
	s.out, s.in = newPattern(f.cfg.Number, backward), newPattern(f.cfg.Number, forward)
	l.end.socket = s
	if f.cfg.Request != nil {
		l.app = &server{end: l.end, request: f.cfg.Request}
	} else {
		l.app = &receiver{l.end}
	}
	l.socket.close() // one connection is all
	return true
}

// opening follows a source's connection until it stands.
type opening struct {
	*end
	stands bool
}

// connected reports whether the connection stands, and states it when it does.
func (o *opening) connected(now vtime.Time) bool {
	if !o.stands && o.socket.connected() {
		o.stands = true
		o.state(now, trace.Connected, 0, o.flow.asked, 0)
	}
	return o.stands
}

// unlimited is more than any run can send.
const unlimited = math.MaxInt64
