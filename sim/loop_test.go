package sim

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"dsmipsim/sim/vtime"

	"pgregory.net/rapid"
)

type recorder struct{ got []string }

func (r *recorder) HandleEvent(now vtime.Time, arg any) {
	r.got = append(r.got, fmt.Sprintf("%d:%v", now, arg))
}

func TestOrderIsTimeThenSequence(t *testing.T) {
	l := New("t", 1, 0)
	r := &recorder{}
	l.At(20, r, "c")
	l.At(10, r, "a")
	l.At(20, r, "d")
	l.At(10, r, "b")
	l.Run(15)
	if l.Now() != 15 {
		t.Fatalf("clock at %v after Run(15)", l.Now())
	}
	l.Run(100)
	if got, want := strings.Join(r.got, " "), "10:a 10:b 20:c 20:d"; got != want {
		t.Fatalf("got %s want %s", got, want)
	}
	if l.Events() != 4 || l.Pending() != 0 {
		t.Fatalf("events %d pending %d", l.Events(), l.Pending())
	}
}

func TestTimerIsRearmedInPlace(t *testing.T) {
	l := New("t", 1, 0)
	r := &recorder{}
	tm := l.NewTimer(r, "timer")
	for i := range 1000 {
		tm.Set(vtime.Time(1000 - i))
		if l.Pending() != 1 {
			t.Fatalf("%d entries for one timer", l.Pending())
		}
	}
	tm.Set(vtime.Never)
	if l.Pending() != 0 || tm.Armed() {
		t.Fatal("a stopped timer stays in the queue")
	}
	tm.Set(5)
	l.At(5, r, "later")
	tm.Set(5) // keeps its place
	l.Run(10)
	if got, want := strings.Join(r.got, " "), "5:timer 5:later"; got != want {
		t.Fatalf("got %s want %s", got, want)
	}
	if tm.Armed() {
		t.Fatal("armed after it fired")
	}
}

func TestPastPanicsWithScenarioSeedAndTime(t *testing.T) {
	l := New("roaming", 7, 3)
	l.Run(vtime.Time(2 * time.Second))
	defer func() {
		msg := fmt.Sprint(recover())
		for _, want := range []string{`"roaming"`, "seed 7", "replication 3", "t=2.000000000s"} {
			if !strings.Contains(msg, want) {
				t.Errorf("panic %q lacks %q", msg, want)
			}
		}
	}()
	l.At(1, &recorder{}, nil)
}

// The first values of a stream are part of the contract: a change of any of them changes
// every result ever published with the program.
func TestStreamsArePinned(t *testing.T) {
	l := New("t", 1, 0)
	for _, c := range []struct {
		stream string
		want   string
	}{
		{"mn1/dad-delay", "fba5cf499721db9b f6f1ca8f133b8f83 561273405"},
		{"campus/ra", "f307b2886d17d818 38770e5f02b47408 564001505"},
	} {
		r := l.Rand(c.stream)
		got := fmt.Sprintf("%016x %016x %d", r.Uint64(), r.Uint64(), r.Int64N(1e9))
		if got != c.want {
			t.Errorf("%s: got %s want %s", c.stream, got, c.want)
		}
	}
	if New("other", 1, 0).Rand("x").Uint64() != New("t", 1, 0).Rand("x").Uint64() {
		t.Error("the scenario's name moves the draws")
	}
	if New("t", 2, 0).Rand("x").Uint64() == New("t", 1, 0).Rand("x").Uint64() {
		t.Error("the seed moves no draw")
	}
	if New("t", 1, 1).Rand("x").Uint64() == New("t", 1, 0).Rand("x").Uint64() {
		t.Error("the replication moves no draw")
	}
	if l.Rand("x") != l.Rand("x") {
		t.Error("a stream starts anew")
	}
}

// A heap against a sorted list, with arming, moving and stopping in any order.
func TestQueueAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := New("model", 1, 0)
		r := &recorder{}
		var timers []*Timer
		for i := range 20 {
			timers = append(timers, l.NewTimer(r, i))
		}
		type key struct {
			at  vtime.Time
			seq int
			arg string
		}
		model := map[string]key{}
		var want []string
		seq := 0
		fire := func(until vtime.Time) {
			for {
				var best *key
				for _, k := range model {
					if k.at <= until && (best == nil || k.at < best.at || k.at == best.at && k.seq < best.seq) {
						best = &k
					}
				}
				if best == nil {
					return
				}
				want = append(want, fmt.Sprintf("%d:%s", best.at, best.arg))
				delete(model, best.arg)
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"set": func(t *rapid.T) {
				i := rapid.IntRange(0, 19).Draw(t, "timer")
				at := l.Now().Add(time.Duration(rapid.IntRange(0, 30).Draw(t, "in")))
				if k, ok := model[fmt.Sprint(i)]; !ok || k.at != at {
					seq++
					model[fmt.Sprint(i)] = key{at, seq, fmt.Sprint(i)}
				}
				timers[i].Set(at)
			},
			"stop": func(t *rapid.T) {
				i := rapid.IntRange(0, 19).Draw(t, "timer")
				delete(model, fmt.Sprint(i))
				timers[i].Stop()
			},
			"run": func(t *rapid.T) {
				until := l.Now().Add(time.Duration(rapid.IntRange(0, 10).Draw(t, "for")))
				fire(until)
				l.Run(until)
			},
			"": func(t *rapid.T) {
				if l.Pending() != len(model) {
					t.Fatalf("%d pending, model has %d", l.Pending(), len(model))
				}
				if got := strings.Join(r.got, " "); got != strings.Join(want, " ") {
					t.Fatalf("got  %s\nwant %s", got, strings.Join(want, " "))
				}
			},
		})
	})
}

type holder struct {
	l   *Loop
	gap []time.Duration
	i   int
}

func (h *holder) HandleEvent(now vtime.Time, arg any) {
	h.i++
	h.l.At(now.Add(h.gap[h.i&1023]), h, arg)
}

// BenchmarkHold is the classic hold model: take the earliest event, schedule a new one.
func BenchmarkHold(b *testing.B) {
	for _, pending := range []int{10, 1000, 100000} {
		b.Run(fmt.Sprintf("pending=%d", pending), func(b *testing.B) {
			l := New("hold", 1, 0)
			h := &holder{l: l, gap: make([]time.Duration, 1024)}
			r := l.Rand("gap")
			for i := range h.gap {
				h.gap[i] = time.Duration(r.ExpFloat64() * 1e6)
			}
			for range pending {
				l.At(vtime.Time(r.Int64N(1e6)), h, nil)
			}
			b.ReportAllocs()
			b.ResetTimer()
			target := l.Events() + uint64(b.N)
			for l.Events() < target {
				l.Run(l.queue[0].at)
			}
		})
	}
}
