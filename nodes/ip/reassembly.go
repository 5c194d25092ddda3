package ip

import (
	"bytes"
	"net/netip"
	"sort"
	"time"

	"dsmipsim/nodes/machine"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// How long fragments wait for the rest of their packet.
const (
	ReassemblyTimeout6 = 60 * time.Second // RFC 2460 section 4.5
	ReassemblyTimeout4 = 30 * time.Second // RFC 791 section 3.2 proposes 15 s and RFC 1122 section 3.3.2 more
)

// ReassemblyLimit bounds the octets of incomplete packets that a node holds. Beyond it the
// packet that has waited longest gives way.
const ReassemblyLimit = 4 << 20

// assemblyCost is what an incomplete packet counts beside its octets, so that the limit
// bounds their number too.
const assemblyCost = 256

// maxDatagram is the largest payload length and total length that a header can tell.
const maxDatagram = 65535

// fragmentKey tells which fragments belong together (RFC 2460 section 4.5, RFC 791 section
// 3.2). Fragments from a tunnel never mix with others, since other checks were made on them.
type fragmentKey struct {
	src, dst, tunnel netip.Addr
	id               uint32
	protocol         uint8 // of IPv4 only
}

// fragment is one piece of a packet: n octets that belong at offset off and lie at in buf.
type fragment struct {
	buf        *packet.Buf
	at, off, n int
	last       bool
}

func (f *fragment) end() int     { return f.off + f.n }
func (f *fragment) data() []byte { return f.buf.Bytes()[f.at : f.at+f.n] }

// assembly is a packet that is not complete yet.
type assembly struct {
	key     fragmentKey
	parts   []fragment // by offset, without overlaps
	total   int        // octets of all parts together; -1 until the last part has come
	have    int        // octets of the parts that have come
	cost    int
	refused bool // parts have contradicted each other: whatever else comes is discarded
	timer   *machine.Timer
}

// reassembler holds the incomplete packets of a node in the order in which they began.
type reassembler struct {
	byKey map[fragmentKey]*assembly
	order []*assembly
	cost  int
}

// end hands out what is held at the end of the run.
func (t *reassembler) end(take func(*packet.Buf)) {
	for _, a := range t.order {
		a.timer.Stop()
		for i := range a.parts {
			take(a.parts[i].buf)
		}
	}
	*t = reassembler{}
}

// Incomplete returns how many packets wait for further fragments.
func (s *Stack) Incomplete() int { return len(s.partial.order) }

func (s *Stack) assembly(now vtime.Time, k fragmentKey) *assembly {
	t := &s.partial
	if a := t.byKey[k]; a != nil {
		return a
	}
	if t.byKey == nil {
		t.byKey = map[fragmentKey]*assembly{}
	}
	a := &assembly{key: k, total: -1, cost: assemblyCost}
	a.timer = s.Timers.New(func(now vtime.Time) { s.expire(now, a) })
	wait := ReassemblyTimeout6
	if k.src.Is4() {
		wait = ReassemblyTimeout4
	}
	After(a.timer, now, wait)
	t.byKey[k] = a
	t.order = append(t.order, a)
	t.cost += a.cost
	return a
}

// leave takes a packet out of the table, complete or not.
func (t *reassembler) leave(a *assembly) {
	a.timer.Stop()
	delete(t.byKey, a.key)
	for i, o := range t.order {
		if o == a {
			t.order = append(t.order[:i], t.order[i+1:]...)
			break
		}
	}
	t.cost -= a.cost
}

// collect takes over a fragment and returns the packet that it completes, out of the table,
// or nil.
func (s *Stack) collect(now vtime.Time, k fragmentKey, f fragment) *assembly {
	a, t := s.assembly(now, k), &s.partial
	i := sort.Search(len(a.parts), func(i int) bool { return a.parts[i].off >= f.off })
	switch {
	case a.refused:
		s.Out.Drop(f.buf, trace.FragmentOverlap)
		return nil
	case a.repeats(i, &f):
		s.Out.Absorb(f.buf)
		return nil
	case a.contradicts(i, &f):
		s.Out.Drop(f.buf, trace.FragmentOverlap)
		s.refuse(a)
		return nil
	}
	a.parts = append(a.parts, fragment{})
	copy(a.parts[i+1:], a.parts[i:])
	a.parts[i] = f
	a.have += f.n
	a.cost += f.buf.Len()
	t.cost += f.buf.Len()
	if f.last {
		a.total = f.end()
	}
	if a.have == a.total {
		t.leave(a)
		return a
	}
	for t.cost > ReassemblyLimit {
		oldest := t.order[0]
		t.leave(oldest)
		s.dropParts(oldest, trace.ReassemblyFull)
	}
	return nil
}

// repeats reports whether the fragment, whose place is i, is the copy of one that is there
// (RFC 8200 section 4.5: duplicates by the network are no overlaps).
func (a *assembly) repeats(i int, f *fragment) bool {
	if i == len(a.parts) {
		return false
	}
	p := &a.parts[i]
	return p.off == f.off && p.last == f.last && bytes.Equal(p.data(), f.data())
}

// contradicts reports whether the fragment overlaps another one (RFC 5722) or lies beyond
// the packet's end.
func (a *assembly) contradicts(i int, f *fragment) bool {
	if i > 0 && a.parts[i-1].end() > f.off || i < len(a.parts) && a.parts[i].off < f.end() {
		return true
	}
	if a.total >= 0 {
		return f.last || f.end() > a.total
	}
	return f.last && i < len(a.parts)
}

// refuse ends a packet whose fragments contradict each other, those included that have yet
// to come (RFC 5722 section 4). The same is done for IPv4, as hosts do today.
func (s *Stack) refuse(a *assembly) {
	a.refused = true
	s.dropParts(a, trace.FragmentOverlap)
	s.partial.cost -= a.cost - assemblyCost
	a.cost = assemblyCost
}

func (s *Stack) dropParts(a *assembly, why trace.Reason) {
	for i := range a.parts {
		s.Out.Drop(a.parts[i].buf, why)
	}
	a.parts = nil
}

// join copies everything behind the first fragment and returns that, which thereby keeps
// what is known of the packet as a whole.
func (s *Stack) join(a *assembly) *packet.Buf {
	p := a.parts[0].buf
	tail := p.Append(a.total - a.parts[0].n)
	for _, f := range a.parts[1:] {
		copy(tail, f.data())
		tail = tail[f.n:]
		p.Join(f.buf)
		s.Out.Absorb(f.buf)
	}
	return p
}

// expire ends a packet that was not complete in time. Its source hears of it only if the
// first fragment has come, which tells what the packet was (RFC 2460 section 4.5, RFC 792).
func (s *Stack) expire(now vtime.Time, a *assembly) {
	s.partial.leave(a)
	if len(a.parts) > 0 && a.parts[0].off == 0 {
		p := a.parts[0].buf
		a.parts = a.parts[1:]
		s.rejectIncomplete(now, p)
	}
	s.dropParts(a, trace.ReassemblyTimeout)
}
