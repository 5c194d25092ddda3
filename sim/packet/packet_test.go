package packet

import (
	"bytes"
	"testing"

	"dsmipsim/sim/vtime"
)

// dirty returns a buffer of the pool whose memory was full of 0xff before.
func dirty(p *Pool, headroom, n int) *Buf {
	b := p.New(0, defaultSize)
	for i := range b.Bytes() {
		b.Bytes()[i] = 0xff
	}
	b.Release()
	return p.New(headroom, n)
}

func panics(t *testing.T, what string, f func()) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Errorf("%s does not panic", what)
		}
	}()
	f()
}

func TestNewIsZeroed(t *testing.T) {
	b := dirty(&Pool{}, 10, 100)
	if !bytes.Equal(b.Bytes(), make([]byte, 100)) {
		t.Error("stale octets in a new packet")
	}
}

func TestPrependAndAppendAreZeroedAndLimited(t *testing.T) {
	b := dirty(&Pool{}, 40, 4)
	copy(b.Bytes(), "body")
	h := b.Prepend(8)
	if !bytes.Equal(h, make([]byte, 8)) || len(h) != 8 || cap(h) != 8 {
		t.Errorf("Prepend: % x, capacity %d", h, cap(h))
	}
	copy(h, "headhead")
	tail := b.Append(4)
	if !bytes.Equal(tail, make([]byte, 4)) || cap(tail) != 4 {
		t.Errorf("Append: % x, capacity %d", tail, cap(tail))
	}
	copy(tail, "tail")
	if got := string(b.Bytes()); got != "headheadbodytail" {
		t.Errorf("packet is %q", got)
	}
	if b.Len() != 16 || cap(b.Bytes()) != 16 {
		t.Errorf("length %d, capacity %d", b.Len(), cap(b.Bytes()))
	}
	_ = append(h, "over"...)
	_ = append(b.Bytes(), "over"...)
	if got := string(b.Bytes()) + string(b.Append(4)); got != "headheadbodytail\x00\x00\x00\x00" {
		t.Errorf("appending to a header wrote into the packet: %q", got)
	}
}

func TestGrowth(t *testing.T) {
	p := &Pool{}
	b := p.New(3, 4)
	copy(b.Bytes(), "body")
	h := b.Prepend(10) // more than the headroom
	if !bytes.Equal(h, make([]byte, 10)) {
		t.Errorf("a header in new headroom is % x", h)
	}
	copy(h, "0123456789")
	if got := string(b.Bytes()); got != "0123456789body" {
		t.Errorf("packet is %q", got)
	}
	before := &b.mem[0]
	b.Prepend(DefaultHeadroom)
	if before != &b.mem[0] {
		t.Error("growing left no headroom for the next headers")
	}
	b.TrimFront(DefaultHeadroom)
	long := b.Append(defaultSize)
	if !bytes.Equal(long, make([]byte, defaultSize)) || string(b.Bytes()[:14]) != "0123456789body" {
		t.Error("growing at the end lost octets")
	}
	b.Release()
	if p.free != nil {
		t.Error("a buffer of unusual size was recycled")
	}
	big := p.New(0, 2*defaultSize)
	if big.Len() != 2*defaultSize {
		t.Errorf("length %d", big.Len())
	}
	big.Release()
	if p.Live() != 0 {
		t.Errorf("%d packets live", p.Live())
	}
}

func TestTrim(t *testing.T) {
	b := (&Pool{}).From([]byte("0123456789"))
	b.TrimFront(2)
	b.Truncate(5)
	if got := string(b.Bytes()); got != "23456" {
		t.Errorf("packet is %q", got)
	}
	panics(t, "TrimFront past the end", func() { b.TrimFront(6) })
	panics(t, "TrimFront of a negative number", func() { b.TrimFront(-1) })
	panics(t, "Truncate past the end", func() { b.Truncate(6) })
	panics(t, "Truncate to a negative length", func() { b.Truncate(-1) })
	b.TrimFront(5)
	b.Truncate(0)
	if b.Len() != 0 {
		t.Errorf("%d octets left", b.Len())
	}
}

func TestCloneKeepsIdentity(t *testing.T) {
	p := &Pool{}
	b := p.From([]byte("packet"))
	b.SetTag(Tag{Flow: 3, Sequence: 4, Born: 5})
	b.CountOverhead(40)
	b.CountOverhead(8)
	c := b.Clone()
	if c.Serial() != b.Serial() || c.Tag() != b.Tag() || c.Tag().Overhead != 48 {
		t.Errorf("clone %d %+v of %d %+v", c.Serial(), c.Tag(), b.Serial(), b.Tag())
	}
	b.Bytes()[0] = 'j'
	if got := string(c.Bytes()); got != "packet" {
		t.Errorf("clone is %q", got)
	}
	c.Prepend(DefaultHeadroom)
	if p.Made() != 2 || p.Live() != 2 {
		t.Errorf("made %d, live %d, want 2 and 2", p.Made(), p.Live())
	}
	if next := p.New(0, 1).Serial(); next == b.Serial() {
		t.Error("a serial number was given twice")
	}
}

func TestSiblingIsAnotherPacketOfTheSameFlow(t *testing.T) {
	p := &Pool{}
	b := p.From([]byte("packet"))
	b.SetTag(Tag{Flow: 3, Sequence: 4, Born: 5, Overhead: 40})
	s := b.Sibling(16, 8)
	if s.Serial() == b.Serial() || s.Len() != 8 {
		t.Errorf("sibling %d of %d has %d octets", s.Serial(), b.Serial(), s.Len())
	}
	if want := (Tag{Flow: 3, Sequence: 4, Born: 5}); s.Tag() != want {
		t.Errorf("tag %+v, want %+v: overhead would count twice", s.Tag(), want)
	}
}

func TestReleaseTwicePanics(t *testing.T) {
	p := &Pool{}
	b := p.New(0, 1)
	b.Release()
	panics(t, "a second Release", b.Release)
	if p.Live() != 0 {
		t.Errorf("%d packets live", p.Live())
	}
}

func TestPoolReusesBuffersWithoutTheirPast(t *testing.T) {
	p := &Pool{}
	b := p.New(0, 1)
	b.SetTag(Tag{Flow: 1, Born: vtime.Time(7), Overhead: 9})
	old := b.Serial()
	b.Release()
	c := p.New(0, 1)
	if b != c {
		t.Error("the buffer was not reused")
	}
	if c.Tag() != (Tag{}) || c.Serial() == old {
		t.Errorf("a new packet has the tag %+v and serial %d of an old one", c.Tag(), c.Serial())
	}
	d := p.New(0, 1)
	if c == d {
		t.Fatal("two owners of one buffer")
	}
	if p.Live() != 2 || p.Made() != 3 {
		t.Errorf("live %d made %d, want 2 and 3", p.Live(), p.Made())
	}
}

func TestSteadyStateAllocatesNothing(t *testing.T) {
	p := &Pool{}
	octets := make([]byte, 1000)
	cycle := func() {
		b := p.From(octets)
		b.Prepend(40)
		c := b.Clone()
		c.Append(20)
		s := b.Sibling(40, 500)
		s.Release()
		c.Release()
		b.Release()
	}
	if n := testing.AllocsPerRun(100, cycle); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// Fragments that are joined again count what was added to any of them once.
func TestJoinKeepsOverhead(t *testing.T) {
	var pool Pool
	b := pool.New(0, 10)
	b.SetTag(Tag{Flow: 3, Sequence: 5, Born: 7, Overhead: 40})
	s := b.Sibling(0, 4)
	s.CountOverhead(48)
	b.CountOverhead(8)
	b.Join(s)
	if want := (Tag{Flow: 3, Sequence: 5, Born: 7, Overhead: 96}); b.Tag() != want {
		t.Errorf("joined %+v, want %+v", b.Tag(), want)
	}
	if s.Tag().Overhead != 0 {
		t.Errorf("the sibling still counts %d", s.Tag().Overhead)
	}
}
