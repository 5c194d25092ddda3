package nat

import (
	"net/netip"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// heldLimit bounds the octets of fragments that wait for the first of their packet. Beyond it
// the packet that has waited longest gives way (RFC 4787 REQ-14a).
const heldLimit = 1 << 20

// pieceKey tells which fragments belong together (RFC 791 section 3.2).
type pieceKey struct {
	in       machine.Iface
	src, dst netip.Addr
	id       uint16
	protocol uint8
}

// pieces is a packet that comes in fragments. The first of them has the ports; what became of
// its addresses holds for the others.
type pieces struct {
	key      pieceKey
	first    bool         // has come
	why      trace.Reason // it was dropped for
	src, dst netip.Addr   // its addresses after translation
	waiting  []*packet.Buf
	octets   int
	timer    *machine.Timer
}

// assembler is the fragmented packets that the box knows, in the order in which they began.
type assembler struct {
	byKey  map[pieceKey]*pieces
	order  []*pieces
	octets int // of all that wait
}

// fragment takes over a fragment that crosses the box (RFC 4787 section 11). A packet is
// forgotten a reassembly timeout after its first fragment has come, or if that does not come.
func (b *Box) fragment(now vtime.Time, in machine.Iface, p *packet.Buf, h wire.IPv4) {
	if b.cfg.Fragments == NoFragments {
		b.stack.Out.Drop(p, trace.NATFragment)
		return
	}
	k := pieceKey{in, h.Source(), h.Destination(), h.ID(), h.Protocol()}
	a := b.pieces.byKey[k]
	switch {
	case h.FragmentOffset() == 0:
		b.begin(now, a, k, p)
	case a != nil && a.first:
		b.follow(now, a, p)
	case b.cfg.Fragments == FragmentsInOrder:
		b.stack.Out.Drop(p, trace.NATFragment)
	default:
		if a == nil {
			a = b.await(now, k)
		}
		a.waiting = append(a.waiting, p)
		a.octets += p.Len()
		b.pieces.octets += p.Len()
		for b.pieces.octets > heldLimit {
			b.forget(b.oldestWaiting(), trace.ReassemblyFull)
		}
	}
}

// begin translates a first fragment, and then those that have waited for it.
func (b *Box) begin(now vtime.Time, a *pieces, k pieceKey, p *packet.Buf) {
	if a == nil {
		a = b.await(now, k)
	}
	a.timer.Set(now.Add(ip.ReassemblyTimeout4))
	a.first = true
	if a.why = b.translate(now, p, k.in, k.dst); a.why != 0 {
		b.stack.Out.Drop(p, a.why)
	} else {
		h := wire.IPv4(p.Bytes())
		a.src, a.dst = h.Source(), h.Destination()
		b.send(now, p, a.dst)
	}
	waiting := a.waiting
	b.pieces.octets -= a.octets
	a.waiting, a.octets = nil, 0
	for _, q := range waiting {
		b.follow(now, a, q)
	}
}

// follow gives a later fragment the addresses of the first.
func (b *Box) follow(now vtime.Time, a *pieces, p *packet.Buf) {
	if a.why != 0 {
		b.stack.Out.Drop(p, a.why)
		return
	}
	h := wire.IPv4(p.Bytes())
	h.SetSource(a.src)
	h.SetDestination(a.dst)
	b.send(now, p, a.dst)
}

func (b *Box) await(now vtime.Time, k pieceKey) *pieces {
	a := &pieces{key: k}
	a.timer = b.stack.Timers.New(func(vtime.Time) { b.forget(a, trace.ReassemblyTimeout) })
	a.timer.Set(now.Add(ip.ReassemblyTimeout4))
	if b.pieces.byKey == nil {
		b.pieces.byKey = map[pieceKey]*pieces{}
	}
	b.pieces.byKey[k] = a
	b.pieces.order = append(b.pieces.order, a)
	return a
}

// oldestWaiting returns the packet that has waited longest for its first fragment.
func (b *Box) oldestWaiting() *pieces {
	for _, a := range b.pieces.order {
		if len(a.waiting) > 0 {
			return a
		}
	}
	return nil
}

// forget drops what has waited for a packet's first fragment in vain, and all that is known of
// the packet.
func (b *Box) forget(a *pieces, why trace.Reason) {
	a.timer.Stop()
	for _, p := range a.waiting {
		b.stack.Out.Drop(p, why)
	}
	b.pieces.octets -= a.octets
	delete(b.pieces.byKey, a.key)
	for i, o := range b.pieces.order {
		if o == a {
			b.pieces.order = append(b.pieces.order[:i], b.pieces.order[i+1:]...)
			break
		}
	}
}

// end hands out what waits at the end of the run.
func (b *Box) end(take func(*packet.Buf)) {
	for _, a := range b.pieces.order {
		a.timer.Stop()
		for _, p := range a.waiting {
			take(p)
		}
	}
	b.pieces = assembler{}
}
