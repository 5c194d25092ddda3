package sim

import (
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
)

// Rand returns the random stream of that name, always the same one within a loop. Streams
// are named by purpose ("mn1/dad-delay") and seeded by hash(seed, replication, name), so
// that adding a node, a metric or a sink moves no other node's draws, and so that two
// scenarios that differ in one parameter see the same random numbers.
func (l *Loop) Rand(stream string) *rand.Rand {
	if r, ok := l.streams[stream]; ok {
		return r
	}
	h := sha256.New()
	var n [16]byte
	binary.BigEndian.PutUint64(n[:8], l.seed)
	binary.BigEndian.PutUint64(n[8:], l.rep)
	h.Write(n[:])
	h.Write([]byte(stream))
	sum := h.Sum(nil)
	r := rand.New(rand.NewPCG(binary.BigEndian.Uint64(sum[:8]), binary.BigEndian.Uint64(sum[8:16])))
	l.streams[stream] = r
	return r
}
