package topology

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"dsmipsim/sim/packet"
	"dsmipsim/sim/vtime"

	"github.com/cockroachdb/datadriven"
)

// A transcript per section of RFC 8289: frames go in and out by hand, so that each step of the
// pseudo-code shows. Commands:
//
//	put from=0ms every=4ms count=10 octets=1000
//	take from=10ms every=8ms count=20
func TestCoDelTranscripts(t *testing.T) {
	datadriven.Walk(t, "testdata/codel", func(t *testing.T, path string) {
		s := &codelScript{t: t, c: CoDel{Target: 5 * time.Millisecond, Interval: 100 * time.Millisecond}}
		datadriven.RunTest(t, path, s.handle)
	})
}

type codelScript struct {
	t     *testing.T
	c     CoDel
	pool  packet.Pool
	state codel
	queue backlog
	seq   uint32
	out   strings.Builder
	now   vtime.Time
}

func (s *codelScript) late(b *packet.Buf) {
	fmt.Fprintf(&s.out, "%v drop #%d\n", time.Duration(s.now), b.Tag().Sequence)
	b.Release()
}

func (s *codelScript) handle(t *testing.T, d *datadriven.TestData) string {
	s.out.Reset()
	duration := func(key string) time.Duration {
		var text string
		d.ScanArgs(t, key, &text)
		v, err := time.ParseDuration(text)
		if err != nil {
			d.Fatalf(t, "%s: %v", key, err)
		}
		return v
	}
	var count, octets int
	d.ScanArgs(t, "count", &count)
	from, every := duration("from"), duration("every")
	passed := 0
	for i := range count {
		s.now = vtime.Time(from + time.Duration(i)*every)
		switch d.Cmd {
		case "put":
			d.ScanArgs(t, "octets", &octets)
			s.seq++
			b := s.pool.New(0, octets)
			b.SetTag(packet.Tag{Flow: 1, Sequence: s.seq})
			s.queue.put(s.now, b, &Queue{})
		case "take":
			was := s.state.dropping
			b := s.state.dequeue(&s.c, s.now, &s.queue, 1500, s)
			if was != s.state.dropping {
				fmt.Fprintf(&s.out, "%v dropping: %v, count %d, next %v\n", time.Duration(s.now), s.state.dropping, s.state.count, time.Duration(s.state.dropNext))
			}
			if b == nil {
				fmt.Fprintf(&s.out, "%v empty\n", time.Duration(s.now))
				continue
			}
			passed++
			b.Release()
		default:
			d.Fatalf(t, "unknown command %s", d.Cmd)
		}
	}
	if d.Cmd == "take" {
		fmt.Fprintf(&s.out, "%d sent, %d left\n", passed, s.queue.len())
	}
	return s.out.String()
}

// On a link that is overloaded twice over, CoDel holds the waiting time near its target where
// drop-tail lets it grow to the whole queue.
func TestCoDelKeepsQueuesShort(t *testing.T) {
	longest := func(c *CoDel) int {
		w := newWorld(t)
		why := drops{}
		w.net.Sink = why
		l := w.net.PointToPoint("l", Both(Channel{Rate: 1_000_000, Queue: Queue{Packets: 100, CoDel: c}}))
		a := w.node("a", l)
		w.node("b", l)
		longest := 0
		// 1.1 times the rate: packets of 8 ms every 7.27 ms.
		for i := range uint32(4000) {
			at := vtime.Time(i) * 7_272_727
			w.do(at, func() {
				a.Send(w.datagram(1000, i))
				if i > 2000 {
					longest = max(longest, a.queue.len())
				}
			})
		}
		w.loop.Run(vtime.Time(time.Hour))
		w.conserved()
		return longest
	}
	if n := longest(nil); n != 100 {
		t.Errorf("a drop-tail queue of %d packets, want 100", n)
	}
	if n := longest(&CoDel{Target: 5 * time.Millisecond, Interval: 100 * time.Millisecond}); n > 25 {
		t.Errorf("CoDel lets %d packets wait", n)
	}
}
