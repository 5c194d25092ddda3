package topology

import (
	"dsmipsim/sim/packet"
	"dsmipsim/sim/vtime"
)

// Tamper sees every frame that a node sends before it reaches the queue of its port, and
// returns what is sent in its place: the frame itself, other octets, or nil for nothing. It
// exists to break a world on purpose, so that whoever judges worlds can be tested.
type Tamper func(now vtime.Time, from *Port, frame []byte) []byte

// apply lets the tamper have its way with a frame; nil means that there is no frame any more.
func (t Tamper) apply(p *Port, b *packet.Buf) *packet.Buf {
	frame := append([]byte(nil), b.Bytes()...)
	sent := t(p.net.Loop.Now(), p, frame)
	if sent == nil {
		p.net.Absorbed(b)
		return nil
	}
	b.Truncate(0)
	copy(b.Append(len(sent)), sent)
	return b
}
