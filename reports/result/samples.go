package result

import (
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// Fate tells what became of one test packet.
type Fate uint8

// Fates. A packet that was received and also dropped (a copy of it) counts as received.
const (
	Unaccounted Fate = iota // no fact tells; a run never ends with one
	InFlight
	Lost
	Received
)

// FlowSamples are the packets of one flow in the order in which they were sent; of a flow over
// TCP those from From to To.
type FlowSamples struct {
	Flow    FlowInfo
	Packets []Sample
	// Progress of a flow over TCP, in order of time.
	Progress []Progress
}

// Sample is one test packet.
type Sample struct {
	Sequence uint32
	Fate     Fate
	Reason   trace.Reason // Lost: why
	Sent     vtime.Time
	End      vtime.Time // Received: of the packet, or of a ping's reply; Lost: of the drop
}
