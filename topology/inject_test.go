package topology

import (
	"testing"

	"dsmipsim/sim"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// endpoint keeps what it receives.
type endpoint struct{ got []string }

func (e *endpoint) Receive(_ *Port, b *packet.Buf) {
	e.got = append(e.got, string(b.Bytes()))
	b.Release()
}
func (e *endpoint) LinkChanged(*Port, bool) {}

func twoEnds() (n *Net, pool *packet.Pool, l *Link, a, b *Port, atA, atB *endpoint) {
	pool = &packet.Pool{}
	n = New(sim.New("t", 1, 0), pool, trace.Discard)
	l = n.PointToPoint("l", Params{})
	atA, atB = &endpoint{}, &endpoint{}
	a = n.NewPort(atA, "a", "to-b", 0, [6]byte{})
	b = n.NewPort(atB, "b", "to-a", 0, [6]byte{})
	a.Attach(l)
	b.Attach(l)
	return
}

// An injector chooses the end of a point-to-point link that hears it.
func TestInjectorTowards(t *testing.T) {
	n, pool, l, a, b, atA, atB := twoEnds()
	i := n.NewInjector("inject")
	i.Put(l, a, pool.From([]byte("x")))
	i.Put(l, b, pool.From([]byte("y")))
	n.Loop.Run(1)
	if len(atA.got) != 1 || atA.got[0] != "x" || len(atB.got) != 1 || atB.got[0] != "y" {
		t.Errorf("a got %q, b got %q", atA.got, atB.got)
	}
	if l.Interface("a", "") != a || l.Interface("b", "to-a") != b || l.Interface("b", "to-b") != nil {
		t.Error("Interface finds the wrong port")
	}
}

// A tamper may leave, rewrite to any length and suppress.
func TestTamper(t *testing.T) {
	n, pool, _, a, _, _, atB := twoEnds()
	n.Tamper = func(_ vtime.Time, from *Port, frame []byte) []byte {
		switch string(frame) {
		case "no":
			return nil
		case "short":
			return []byte("much longer than before " + from.Node)
		}
		return frame
	}
	for _, s := range []string{"yes", "no", "short"} {
		a.Send(pool.From([]byte(s)))
	}
	n.Loop.Run(1)
	if len(atB.got) != 2 || atB.got[0] != "yes" || atB.got[1] != "much longer than before a" {
		t.Errorf("b got %q", atB.got)
	}
	if live := pool.Live(); live != 0 || n.Ended().Absorbed != 1 {
		t.Errorf("%d packets live, %d absorbed; want 0 and 1", live, n.Ended().Absorbed)
	}
}
