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
	t := &h.trajectory
	t.time(e)
	t.buf = append(t.buf, byte(e.Kind), byte(e.Note.Kind), byte(e.Reason))
	t.text(e.Node)
	if e.Kind != trace.Transmission {
		return
	}
	w := &h.wire
	w.time(e)
	w.text(e.Link)
	w.buf = binary.BigEndian.AppendUint32(w.buf, uint32(len(e.Octets)))
	w.buf = append(w.buf, e.Octets...)
}

// digest gathers small pieces, since one write of many octets is cheaper than many of few.
type digest struct {
	h   hash.Hash
	buf []byte
}

func (d *digest) time(e *trace.Event) {
	if len(d.buf) > 1<<14 {
		d.flush()
	}
	d.buf = binary.BigEndian.AppendUint64(d.buf, uint64(e.Time))
}

func (d *digest) text(s string) {
	d.buf = binary.BigEndian.AppendUint32(d.buf, uint32(len(s)))
	d.buf = append(d.buf, s...)
}

func (d *digest) flush() {
	d.h.Write(d.buf) // a hash never fails to write
	d.buf = d.buf[:0]
}

func (d *digest) sum() string {
	d.flush()
	return hex.EncodeToString(d.h.Sum(nil))
}
