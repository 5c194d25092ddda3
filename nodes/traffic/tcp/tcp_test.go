package tcp

import (
	"testing"
)

func TestSmoke(t *testing.T) {
	for _, four := range []bool{false, true} {
		w := newWorld(t, path)
		w.flow(Config{Stop: 30 * sec}, four)
		w.run(30 * sec)
		w.close()
		t.Logf("%.3f Mbit/s frames %d drops %v gap %v largest %d facts %v", w.mbps(30*sec), w.frames, w.drops, w.gap, w.largest, w.facts)
	}
	w := newWorld(t, path)
	w.flow(Config{Size: 1 << 20, Stop: 30 * sec}, false)
	w.flow(Config{Number: 2, Request: &Request{Size: 300, Response: 20000, Think: 100 * 1e6, Count: 3}, Stop: 30 * sec}, true)
	w.run(30 * sec)
	w.close()
	for _, f := range w.facts {
		t.Logf("%v %s %v flow %d seq %d born %v", f.Time, f.Node, f.Kind, f.Flow, f.Sequence, f.Born)
	}
	t.Log(w.octets)
}
