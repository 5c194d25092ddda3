package main

import (
	"bytes"
	"testing"
	"time"

	"dsmipsim/scenarios"
	"dsmipsim/sim/vtime"
)

func TestProgressLine(t *testing.T) {
	for _, c := range []struct {
		m    march
		took time.Duration
		want string
	}{
		{march{total: 1, simulated: 25e9, whole: 100e9, events: 3_000_000}, 3 * time.Second, " 25 %  25.0 s of 100.0 s  1000000 events/s  ETA 9s"},
		{march{total: 1, whole: 100e9}, 0, "  0 %  0.0 s of 100.0 s"},
		{march{done: 2, total: 8, simulated: 25e9, whole: 100e9, events: 3000, name: "roaming"}, 3 * time.Second, " 25 %  2 of 8 runs  1000 events/s  ETA 9s  roaming"},
	} {
		if got := c.m.line(c.took); got != c.want {
			t.Errorf("found %q, wanted %q", got, c.want)
		}
	}
}

// What the runs tell adds up, and the last word of a run comes when it is over.
func TestProgressAddsUp(t *testing.T) {
	var terminal bytes.Buffer
	p := newProgress(&terminal, false)
	p.on = true
	p.expect(2, 40*time.Second)
	for _, name := range []string{"first-registration", "no-answer"} {
		src, err := findSource(name)
		if err != nil {
			t.Fatal(err)
		}
		s, err := src.load([]string{"duration=20s"})
		if err != nil {
			t.Fatal(err)
		}
		var last vtime.Time
		follow := p.follow(name, s.Duration)
		o, err := scenarios.Run(name, s, scenarios.Options{Progress: func(now vtime.Time, events uint64) {
			follow(now, events)
			last = now
		}})
		if err != nil {
			t.Fatal(err)
		}
		if last != vtime.Time(s.Duration) {
			t.Errorf("%s: the last word came at %s", name, last)
		}
		if p.events -= o.Result.Events; p.events != 0 {
			t.Errorf("%s: %d events are missing or too many", name, int64(p.events))
		}
	}
	if p.done != 2 || p.simulated != p.whole {
		t.Errorf("after the end %d runs are done and %s of %s is simulated", p.done, p.simulated, p.whole)
	}
	if _, err := p.Write([]byte("a milestone\n")); err != nil || p.drawn || !bytes.HasSuffix(terminal.Bytes(), []byte("\r\x1b[Ka milestone\n")) {
		t.Errorf("the line was in the way: %q", terminal.String())
	}
}
