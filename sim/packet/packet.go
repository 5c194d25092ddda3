// Package packet holds the octets of simulated packets.
//
// A Buf has exactly one owner, who either passes it on or ends it. Headroom in front of
// the octets makes an encapsulation one call:
//
//	| headroom | octets            | tailroom |
//	0          off                 end        cap
//	           ^ Prepend grows to the left, Append to the right
//
// Buffers come from a Pool, which counts them: a run in which Live is not zero at the end
// has lost a packet. The pool is a plain free list, never a sync.Pool, so that nothing the
// garbage collector does can influence a run.
package packet

import (
	"dsmipsim/sim/vtime"
)

// Tag names a test packet while it travels. Hosts and links carry it through tunnels, ESP
// and fragments to the reports; a protocol machine never reads it (an architecture test
// holds that), since no real node could.
type Tag struct {
	Flow     uint32     // number of the flow, counted from 1; 0 is protocol traffic
	Sequence uint32     // number of the packet within its flow, counted from 0
	Born     vtime.Time // when the application handed the packet to its node
	Overhead int        // octets that tunnels, extension headers and ESP have added so far
}

// Sizes of a pooled buffer. The headroom takes the deepest encapsulation of the protocol
// (Ethernet, IPv4, IPv6, ESP, IPv6, extension headers) and the whole an Ethernet MTU.
const (
	DefaultHeadroom = 224
	defaultSize     = 2048
)

// Buf is one packet. The zero Buf is not usable; get one from a Pool.
type Buf struct {
	mem      []byte
	off, end int
	pool     *Pool
	serial   uint64
	tag      Tag
	next     *Buf // free list
	live     bool
}

// Bytes returns the packet's octets. The slice is valid until the Buf is changed or
// passed on.
func (b *Buf) Bytes() []byte { return b.mem[b.off:b.end:b.end] }

// Len returns the number of octets.
func (b *Buf) Len() int { return b.end - b.off }

// Prepend puts n zero octets in front and returns just those, so that a header writer can
// neither leave stale octets in a reserved field nor run into the payload.
func (b *Buf) Prepend(n int) []byte {
	if n > b.off {
		b.grow(n-b.off+DefaultHeadroom, 0)
	}
	b.off -= n
	h := b.mem[b.off : b.off+n : b.off+n]
	clear(h)
	return h
}

// Append puts n zero octets at the end and returns just those.
func (b *Buf) Append(n int) []byte {
	if n > len(b.mem)-b.end {
		b.grow(0, n)
	}
	t := b.mem[b.end : b.end+n : b.end+n]
	clear(t)
	b.end += n
	return t
}

func (b *Buf) grow(front, back int) {
	mem := make([]byte, len(b.mem)+front+back)
	copy(mem[b.off+front:], b.mem[b.off:b.end])
	b.mem = mem
	b.off += front
	b.end += front
}

// TrimFront removes n octets from the front: a decapsulation. It panics if there are
// fewer, since parsers have checked the length before.
func (b *Buf) TrimFront(n int) {
	if n < 0 || n > b.Len() {
		panic("packet: TrimFront past the end")
	}
	b.off += n
}

// Truncate keeps the first n octets, e.g. to remove Ethernet padding or an ICV.
func (b *Buf) Truncate(n int) {
	if n < 0 || n > b.Len() {
		panic("packet: Truncate past the end")
	}
	b.end = b.off + n
}

// Serial is the number of the packet within the run. A copy that a shared link makes for a
// further receiver keeps the number; a fragment gets one of its own.
func (b *Buf) Serial() uint64 { return b.serial }

// Tag returns the packet's tag. Only hosts, links and traffic may call it.
func (b *Buf) Tag() Tag { return b.tag }

// SetTag names the packet. Only traffic sources may call it.
func (b *Buf) SetTag(t Tag) { b.tag = t }

// CountOverhead notes that n octets of encapsulation were added to the packet. Machines
// call it where they add them; the figure appears in the flow's report.
func (b *Buf) CountOverhead(n int) { b.tag.Overhead += n }

// Clone returns a copy of the packet with the same serial and tag.
func (b *Buf) Clone() *Buf {
	c := b.pool.New(b.off, b.Len())
	c.serial = b.serial
	c.tag = b.tag
	copy(c.Bytes(), b.Bytes())
	return c
}

// Sibling returns a new packet of n zero octets that belongs to the same test packet: a
// fragment, or an answer made from it. Overhead already counted stays with b.
func (b *Buf) Sibling(headroom, n int) *Buf {
	s := b.pool.New(headroom, n)
	s.tag = b.tag
	s.tag.Overhead = 0
	return s
}

// Join notes that the octets of a Sibling have become part of b: fragments are one packet
// again. What was added to either was added to b. The sibling still has to end.
func (b *Buf) Join(sibling *Buf) {
	b.tag.Overhead += sibling.tag.Overhead
	sibling.tag.Overhead = 0
}

// Release gives the octets back. Releasing twice panics: the packet had two owners.
func (b *Buf) Release() {
	if !b.live {
		panic("packet: released twice")
	}
	b.live = false
	p := b.pool
	p.live--
	b.tag = Tag{}
	if len(b.mem) == defaultSize {
		b.next = p.free
		p.free = b
	}
}

// Pool makes and recycles the buffers of one run. It is not safe for concurrent use: a
// run is one goroutine.
type Pool struct {
	free   *Buf
	live   int
	serial uint64
}

// New returns a packet of n zero octets with room for headroom more in front.
func (p *Pool) New(headroom, n int) *Buf {
	b := p.take(headroom + n)
	b.pool = p
	b.off, b.end = headroom, headroom+n
	p.serial++
	b.serial = p.serial
	b.live = true
	p.live++
	clear(b.mem[b.off:b.end])
	return b
}

// From returns a packet that holds a copy of octets.
func (p *Pool) From(octets []byte) *Buf {
	b := p.New(DefaultHeadroom, len(octets))
	copy(b.Bytes(), octets)
	return b
}

func (p *Pool) take(size int) *Buf {
	if size > defaultSize {
		return &Buf{mem: make([]byte, size)}
	}
	b := p.free
	if b == nil {
		return &Buf{mem: make([]byte, defaultSize)}
	}
	p.free = b.next
	b.next = nil
	return b
}

// Live returns how many packets exist now.
func (p *Pool) Live() int { return p.live }

// Made returns how many packets have been made since the run began, copies included.
func (p *Pool) Made() uint64 { return p.serial }
