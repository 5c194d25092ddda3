package traffic

import "time"

// Packet is what a pattern says of the next packet of a flow.
type Packet struct {
	Gap    time.Duration // since the packet before, for the first one since the start of the flow
	Octets int           // of the payload
	Marker bool          // the first packet of a talk spurt, or the last one of a video frame (RFC 3551 sections 4.1 and 5)
}

// Pattern tells when a flow sends and how much, packet by packet.
type Pattern interface {
	// Next returns the next packet; false if there is none any more.
	Next() (Packet, bool)
}

// Draw returns a duration, the same or a random one each time.
type Draw func() time.Duration

// renewal sends packets of one size whose distances are independent of each other.
type renewal struct {
	gap    Draw
	octets int
	atOnce bool // the first packet leaves as the flow starts
}

// Constant sends the first packet at once and the others at a constant distance.
func Constant(interval time.Duration, octets int) Pattern {
	return &renewal{gap: func() time.Duration { return interval }, octets: octets, atOnce: true}
}

// Renewal sends packets at distances that are drawn, the first one after such a distance:
// with an exponential one a Poisson process.
func Renewal(gap Draw, octets int) Pattern { return &renewal{gap: gap, octets: octets} }

func (p *renewal) Next() (Packet, bool) {
	if p.atOnce {
		p.atOnce = false
		return Packet{Octets: p.octets}, true
	}
	return Packet{Gap: p.gap(), Octets: p.octets}, true
}

// spurts sends at a constant distance while it is on and something else, or nothing, while
// it is off. It begins to be on as the flow starts.
type spurts struct {
	on, off  Draw
	interval time.Duration
	octets   int

	// While it is off, a packet of silence octets leaves every silenceInterval; none if the
	// interval is 0.
	silence         int
	silenceInterval time.Duration

	now     time.Duration // since the flow started, of the packet before
	begun   time.Duration // when the present period began
	ends    time.Duration // and when it ends
	sent    time.Duration // packets of the present period, as a time
	talking bool
	started bool
}

// OnOff sends packets of one size at a constant distance for as long as on says, then nothing
// for as long as off says, and so on.
func OnOff(on, off Draw, interval time.Duration, octets int) Pattern {
	return &spurts{on: on, off: off, interval: interval, octets: octets}
}

func (p *spurts) Next() (Packet, bool) {
	first := false
	if !p.started {
		p.started, first = true, true
		p.period(0, true)
	}
	for {
		interval, octets := p.interval, p.octets
		if !p.talking {
			interval, octets = p.silenceInterval, p.silence
		}
		at := p.begun + p.sent
		if interval > 0 && at < p.ends {
			marker := p.talking && p.sent == 0
			p.sent += interval
			gap := at - p.now
			p.now = at
			return Packet{Gap: gap, Octets: octets, Marker: marker || first}, true
		}
		p.period(p.ends, !p.talking)
	}
}

// period begins a period. Speech comes in frames, so that one which has begun is completed
// before the next period: the frames of a flow keep to one grid.
func (p *spurts) period(at time.Duration, talking bool) {
	p.begun, p.talking, p.sent = at, talking, 0
	d := p.off
	if talking {
		d = p.on
	}
	frames := max(1, (d()+p.interval-1)/p.interval)
	p.ends = at + frames*p.interval
}

// listed sends what a list says.
type listed struct {
	list  []Packet
	again time.Duration
	at    int
}

// Listed sends the packets of a list. The first one of another round leaves again after the
// last one of the round before; if again is 0, there is one round.
func Listed(list []Packet, again time.Duration) Pattern { return &listed{list: list, again: again} }

func (p *listed) Next() (Packet, bool) {
	if p.at < len(p.list) {
		p.at++
		return p.list[p.at-1], true
	}
	if p.again <= 0 || len(p.list) == 0 {
		return Packet{}, false
	}
	p.at = 1
	first := p.list[0]
	first.Gap = p.again
	return first, true
}
