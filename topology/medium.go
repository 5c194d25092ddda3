package topology

import (
	"dsmipsim/sim"
	"dsmipsim/sim/vtime"
)

// medium lets the ports of a link transmit one at a time.
type medium struct {
	busy vtime.Time // somebody transmits until then
	line fifo[*Port]
	turn *sim.Timer
}

func newMedium(loop *sim.Loop) *medium {
	m := &medium{}
	m.turn = loop.NewTimer(m, nil)
	return m
}

// join puts a port at the end of the line, once.
func (m *medium) join(p *Port) {
	if !p.inLine {
		p.inLine = true
		m.line.push(p)
	}
	m.turn.Set(m.busy)
}

// leave takes a port out of the line.
func (m *medium) leave(p *Port) {
	for n := m.line.len(); n > 0; n-- {
		if q := m.line.pop(); q != p {
			m.line.push(q)
		}
	}
	p.inLine = false
	if m.line.len() == 0 {
		m.turn.Stop()
	}
}

// HandleEvent gives the medium to the next port, for one frame.
func (m *medium) HandleEvent(now vtime.Time, _ any) {
	for m.line.len() > 0 && m.busy <= now {
		p := m.line.pop()
		p.inLine = false
		if b := p.next(now); b != nil {
			p.transmit(now, b, now-p.queue.taken)
		}
		if p.queue.len() > 0 {
			m.join(p)
		}
	}
	if m.line.len() > 0 {
		m.turn.Set(m.busy)
	}
}
