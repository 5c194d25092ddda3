package topology

import (
	"time"

	"dsmipsim/sim/draw"
	"dsmipsim/sim/vtime"
)

// Params are the properties of a link.
type Params struct {
	// Up is how frames fare that a node sends, Down those of the network's router. On a
	// point-to-point link the port that was attached first sends up, the other one down.
	Up, Down Channel
	MTU      int // largest IP packet that nodes may put on it, octets; 0 leaves it to them
	// SharedMedium lets only one port transmit at a time, as on a radio channel: ports that
	// wait take turns of one frame each. Otherwise each has a transmitter of its own, as
	// behind a switch. Collisions and backoff are not modelled.
	SharedMedium bool
	// Outages are in order of time and apart from each other.
	Outages []Outage
}

// Both returns the properties of a link that treats both directions alike.
func Both(c Channel) Params { return Params{Up: c, Down: c} }

// Channel is one direction of a link.
type Channel struct {
	Delay time.Duration // propagation
	// Jitter is drawn for each frame and receiver and adds to the delay.
	Jitter draw.Distribution
	// Reorder lets a frame overtake those before it; otherwise it waits for them to arrive.
	Reorder bool
	Rate    int64 // bit/s; 0 serialises in no time
	// FrameTime is how long each frame occupies the medium besides the time of its octets.
	FrameTime time.Duration
	Loss      Loss  // for each receiver
	Queue     Queue // of each port
}

// Queue limits how much may wait at a port, the frame in transmission not counted. A zero
// limit does not limit.
type Queue struct {
	Packets int
	Octets  int
	CoDel   *CoDel // nil for drop-tail
}

// Outage is an interval in which a link carries nothing: a frame that is on the medium at any
// moment of it is lost. Nobody is told.
type Outage struct {
	From, Until vtime.Time // Until is after the outage
}

// serialise returns how long a frame of so many octets occupies the medium, rounded up.
func (c *Channel) serialise(octets int) time.Duration {
	if c.Rate == 0 {
		return c.FrameTime
	}
	bits := int64(octets) * 8
	return c.FrameTime + time.Duration((bits*int64(time.Second)+c.Rate-1)/c.Rate)
}

// Serialise returns how long a frame of that many octets occupies the medium.
func (c Channel) Serialise(octets int) time.Duration { return c.serialise(octets) }

// CrossingTime returns how long a frame of that many octets takes over an idle link, without
// jitter.
func (c Channel) CrossingTime(octets int) time.Duration { return c.serialise(octets) + c.Delay }
