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

// String names a fate as in files.
func (f Fate) String() string {
	return [...]string{"unaccounted", "in_flight", "lost", "received"}[f]
}

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
	Octets   int32      // of the IP packet when it was sent
	Overhead int32      // octets of encapsulation added on the way
	Hops     int32      // transmissions on links until it was received; each fragment counts
	// Attachment numbers the attachments of the flow's mobile node from 0: the one over which
	// the packet went or came.
	Attachment int32
}

// QueueSamples are the stays of the frames that waited at one transmitter.
type QueueSamples struct {
	Link, Node string
	Stays      []Stay // in the order of their ends, and of their beginnings
}

// Stay is the time that a frame waited before it was transmitted.
type Stay struct {
	From, Until vtime.Time
	Octets      int // of the whole frame
}
