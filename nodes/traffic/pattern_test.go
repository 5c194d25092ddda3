package traffic

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"dsmipsim/nodes/traffic/codec"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/vtime"
)

// at returns when the first n packets of a pattern leave, and what they are.
func at(p Pattern, n int) (times []time.Duration, all []Packet) {
	now := time.Duration(0)
	for range n {
		one, ok := p.Next()
		if !ok {
			break
		}
		now += one.Gap
		times, all = append(times, now), append(all, one)
	}
	return times, all
}

func fixed(d time.Duration) Draw { return func() time.Duration { return d } }

func TestRenewal(t *testing.T) {
	times, all := at(Renewal(fixed(7), 100), 3)
	if !slices.Equal(times, []time.Duration{7, 14, 21}) || all[2].Octets != 100 {
		t.Errorf("%v %v", times, all)
	}
	r := rand.New(rand.NewPCG(1, 2))
	times, _ = at(Renewal(func() time.Duration { return time.Duration(r.ExpFloat64() * 1e6) }, 1), 100_000)
	// The number of arrivals in windows of 10 ms is Poisson: mean and variance 10.
	var windows []float64
	for _, x := range times {
		k := int(x / (10 * time.Millisecond))
		for len(windows) <= k {
			windows = append(windows, 0)
		}
		windows[k]++
	}
	windows = windows[:len(windows)-1]
	mean, square := 0.0, 0.0
	for _, n := range windows {
		mean += n / float64(len(windows))
	}
	for _, n := range windows {
		square += (n - mean) * (n - mean) / float64(len(windows))
	}
	if math.Abs(mean-10) > 0.1 || math.Abs(square-10) > 0.5 {
		t.Errorf("mean %v variance %v of the arrivals in a window, want 10 and 10", mean, square)
	}
}

// A period is as long as whole packets need: 50 are four packets of 20, three times in silence.
func TestOnOff(t *testing.T) {
	times, all := at(OnOff(fixed(50), fixed(30), 20, 9), 7)
	if want := []time.Duration{0, 20, 40, 100, 120, 140, 200}; !slices.Equal(times, want) {
		t.Errorf("packets at %v, want %v", times, want)
	}
	for i, p := range all {
		if p.Octets != 9 || p.Marker != (i%3 == 0) {
			t.Errorf("packet %d: %+v", i, p)
		}
	}
}

// AMR tells of silence every 160 ms while nobody talks (3GPP TS 26.093); the first packet of a
// talk spurt is marked (RFC 3551 section 4.1).
func TestSilence(t *testing.T) {
	amr, _ := codec.Named("amr")
	times, all := at(Voice(amr, fixed(40*time.Millisecond), fixed(330*time.Millisecond)), 8)
	want := []time.Duration{0, 20, 40, 200, 360, 380, 400, 420}
	for i := range want {
		want[i] *= time.Millisecond
	}
	octets := []int{32, 32, 7, 7, 7, 32, 32, 7}
	for i, p := range all {
		if times[i] != want[i] || p.Octets != octets[i] || p.Marker != (i == 0 || i == 5) {
			t.Errorf("packet %d at %v: %+v", i, times[i], p)
		}
	}
	g711, _ := codec.Named("g711")
	if times, all := at(Voice(g711, fixed(40*time.Millisecond), fixed(60*time.Millisecond)), 3); times[2] != 100*time.Millisecond || all[2].Octets != 160 {
		t.Errorf("without words for silence the third packet leaves at %v", times[2])
	}
	if times, _ := at(Voice(g711, nil, nil), 100); times[99] != 1980*time.Millisecond {
		t.Errorf("without pauses packet 99 leaves at %v", times[99])
	}
}

func TestListed(t *testing.T) {
	list := []Packet{{Gap: 3, Octets: 1}, {Gap: 5, Octets: 2}}
	if times, _ := at(Listed(list, 0), 5); !slices.Equal(times, []time.Duration{3, 8}) {
		t.Errorf("once: %v", times)
	}
	if times, all := at(Listed(list, 4), 5); !slices.Equal(times, []time.Duration{3, 8, 12, 17, 21}) || all[3].Octets != 2 {
		t.Errorf("again and again: %v %v", times, all)
	}
	if times, _ := at(Listed(nil, 4), 5); len(times) != 0 {
		t.Errorf("nothing repeated: %v", times)
	}
}

// Speech travels as RTP that says which packet it is, and is delivered even where there is no
// room for a stamp.
func TestMedia(t *testing.T) {
	w := newWorld(t)
	w.listen(w.b, 70_000)
	list := []Packet{{Octets: 32, Marker: true}, {Gap: 20 * time.Millisecond, Octets: 7}, {Gap: 1500 * time.Millisecond, Octets: 20}}
	NewSource(w.loop, Config{Number: 70_000, Format: Media, From: end(w.a, "2001:db8::a"), To: end(w.b, "2001:db8::b"),
		Pattern: Listed(list, 0), Start: 3 * ms, Stop: 5000 * ms, PayloadType: 96, Clock: 8000})
	w.run(6000 * ms)
	w.expect(`
		3ms a origin 70000.0 92 octets
		18ms b delivery 70000.0 born 3ms
		23ms a origin 70000.1 67 octets
		28ms b delivery 70000.1 born 23ms
		1.523s a origin 70000.2 80 octets
		1.528s b delivery 70000.2 born 1.523s`)
	for i, want := range []wire.RTPFields{
		{Marker: true, PayloadType: 96, SSRC: 70_000},
		{PayloadType: 96, Sequence: 1, Timestamp: 160, SSRC: 70_000},
		{PayloadType: 96, Sequence: 2, Timestamp: 12160, SSRC: 70_000},
	} {
		_, data := describe(t, wire.Ethernet(w.frames[len(w.frames)-3+i]).Payload())
		r, err := wire.ParseRTP(data)
		if err != nil || r.Fields() != want {
			t.Errorf("packet %d: %+v %v", i, r, err)
		}
		if st, ok := ReadStamp(r.Payload()); i != 1 && (!ok || st.Sequence != uint32(i) || st.Flow != 70_000) {
			t.Errorf("packet %d: stamp %+v", i, st)
		}
	}
	frame := w.frames[len(w.frames)-2]
	if n := len(wire.Ethernet(frame).Payload()); n != 67 {
		t.Errorf("%d octets", n)
	}
}

// The clock of RTP wraps; long calls lose no precision.
func TestTimestamp(t *testing.T) {
	for _, c := range []struct {
		clock uint32
		since time.Duration
		want  uint32
	}{
		{8000, 20 * time.Millisecond, 160},
		{8000, 125 * time.Microsecond, 1},
		{90_000, time.Second / 30, 2999},
		{90_000, 2 * time.Hour, 648_000_000},
		{8000, 1 << 32 / 8000 * time.Second, 4294960000},
		{8000, 200 * 24 * time.Hour, 801_046_528},
	} {
		s := &Source{cfg: Config{Start: 5, Clock: c.clock}}
		if got := s.timestamp(5 + vtime.Time(c.since)); got != c.want {
			t.Errorf("%d Hz, %v: %d, want %d", c.clock, c.since, got, c.want)
		}
	}
}
