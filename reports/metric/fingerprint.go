package metric

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"

	"dsmipsim/sim/trace"
)

// hashes are the fingerprints of a run. Integers are big-endian; names are preceded by their
// length in 4 octets.
//
//	trajectory  every fact: time (8), kind, note kind, reason (1 each), node name
//	wire        every transmission: time (8), link name, number of octets (4), octets
type hashes struct {
	trajectory, wire digest
}

func newHashes() hashes {
	return hashes{trajectory: digest{h: sha256.New()}, wire: digest{h: sha256.New()}}
}

func (h *hashes) record(e *trace.Event) {
	h.trajectory.buf = appendTrajectory(h.trajectory.room(), e)
	if e.Kind == trace.Transmission {
		h.wire.buf = AppendWire(h.wire.room(), e)
	}
}

func appendTrajectory(b []byte, e *trace.Event) []byte {
	b = binary.BigEndian.AppendUint64(b, uint64(e.Time))
	b = append(b, byte(e.Kind), byte(e.Note.Kind), byte(e.Reason))
	return appendText(b, e.Node)
}

// AppendWire appends what a transmission adds to the wire fingerprint.
func AppendWire(b []byte, e *trace.Event) []byte {
	b = binary.BigEndian.AppendUint64(b, uint64(e.Time))
	b = appendText(b, e.Link)
	b = binary.BigEndian.AppendUint32(b, uint32(len(e.Octets)))
	return append(b, e.Octets...)
}

func appendText(b []byte, s string) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(s)))
	return append(b, s...)
}

// digest gathers small pieces, since one write of many octets is cheaper than many of few.
type digest struct {
	h   hash.Hash
	buf []byte
}

// room is the buffer with space for more.
func (d *digest) room() []byte {
	if len(d.buf) > 1<<14 {
		d.flush()
	}
	return d.buf
}

func (d *digest) flush() {
	d.h.Write(d.buf) // a hash never fails to write
	d.buf = d.buf[:0]
}

func (d *digest) sum() string {
	d.flush()
	return hex.EncodeToString(d.h.Sum(nil))
}
