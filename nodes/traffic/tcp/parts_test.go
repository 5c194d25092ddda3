package tcp

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dsmipsim/sim/vtime"
)

// Timers expire in the order of their times and, at the same time, of their setting.
func TestClock(t *testing.T) {
	c := &clock{}
	var fired []string
	set := func(name string, d time.Duration) *timer {
		x, _ := c.AfterFunc(d, func() { fired = append(fired, name) }).(*timer)
		return x
	}
	run := func(now vtime.Time) {
		c.set(now)
		for f := c.expired(); f != nil; f = c.expired() {
			f()
		}
	}
	if c.deadline() != vtime.Never {
		t.Error("a new clock has a deadline")
	}
	a := set("a", 20)
	set("b", 10)
	set("c", 10)
	d := set("d", 15)
	set("e", -5)
	if c.deadline() != 0 {
		t.Errorf("deadline %v: an interval below zero is none", c.deadline())
	}
	if !d.Stop() || d.Stop() {
		t.Error("a timer stops once")
	}
	run(12)
	a.Reset(3) // at 15
	d.Reset(3)
	if c.deadline() != 15 {
		t.Errorf("deadline %v", c.deadline())
	}
	run(100)
	if want := []string{"e", "b", "c", "a", "d"}; !slices.Equal(fired, want) {
		t.Errorf("fired %v, want %v", fired, want)
	}
	if a.Stop() {
		t.Error("an expired timer stops")
	}
	if got := c.Now().Sub(epoch); got != 100 {
		t.Errorf("now %v after the epoch", got)
	}
}

// However a stream is cut, its octets are the same; one that is wrong, missing or of another
// stream is found.
func TestPattern(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		flow, direction := rapid.Uint32().Draw(t, "flow"), uint8(rapid.IntRange(0, 1).Draw(t, "direction"))
		at := rapid.Int64Range(0, 1<<40).Draw(t, "offset")
		n := rapid.IntRange(1, 200).Draw(t, "octets")
		whole := make([]byte, n)
		p := newPattern(flow, direction)
		p.fill(whole, at)
		pieces, q := make([]byte, n), newPattern(flow, direction)
		for i := 0; i < n; {
			k := min(n-i, rapid.IntRange(1, 40).Draw(t, "piece"))
			q.fill(pieces[i:i+k], at+int64(i))
			i += k
		}
		if !slices.Equal(whole, pieces) {
			t.Fatalf("%x\n%x", whole, pieces)
		}
		check := newPattern(flow, direction)
		cut := rapid.IntRange(0, n).Draw(t, "cut")
		if !check.holds(whole[:cut], at) || !check.holds(whole[cut:], at+int64(cut)) {
			t.Fatal("its own octets are foreign")
		}
		whole[rapid.IntRange(0, n-1).Draw(t, "wrong")] ^= 1
		if check.holds(whole, at) {
			t.Fatal("a wrong octet was not found")
		}
	})
	p, back := newPattern(1, forward), newPattern(1, backward)
	b := make([]byte, 32)
	p.fill(b, 48)
	if back.holds(b, 48) || p.holds(b, 64) {
		t.Error("octets of the other direction, or of another place, are taken for right")
	}
	if want := "\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x30"; string(b[:16]) != want {
		t.Errorf("%x", b[:16])
	}
}
