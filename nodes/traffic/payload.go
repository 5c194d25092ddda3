// Package traffic is what applications send and receive over the simulated network: the
// flows whose delay and loss a run measures.
package traffic

import (
	"encoding/binary"

	"dsmipsim/sim/vtime"
)

// PayloadLen is the number of octets at the start of a payload that identify the packet,
// so that anybody who reads the capture can recompute every measure: flow number (4),
// sequence number (4) and time of sending in nanoseconds since the run began (8).
const PayloadLen = 16

// Stamp identifies a packet of a flow.
type Stamp struct {
	Flow     uint32
	Sequence uint32
	Sent     vtime.Time
}

// Put writes the stamp into the first PayloadLen octets of b.
func (s Stamp) Put(b []byte) {
	binary.BigEndian.PutUint32(b, s.Flow)
	binary.BigEndian.PutUint32(b[4:], s.Sequence)
	binary.BigEndian.PutUint64(b[8:], uint64(s.Sent))
}

// ReadStamp reads a stamp; false if b is too short for one.
func ReadStamp(b []byte) (Stamp, bool) {
	if len(b) < PayloadLen {
		return Stamp{}, false
	}
	return Stamp{
		Flow: binary.BigEndian.Uint32(b), Sequence: binary.BigEndian.Uint32(b[4:]),
		Sent: vtime.Time(binary.BigEndian.Uint64(b[8:])),
	}, true
}
