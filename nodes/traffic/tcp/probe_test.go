package tcp

import (
	"testing"

	"gvisor.dev/gvisor/pkg/tcpip"
	"dsmipsim/sim/vtime"
)

func TestProbe(t *testing.T) {
	w := newWorld(t, path)
	w.flow(Config{Stop: 30 * sec}, false)
	for s := range 30 {
		w.loop.Run(sec * vtime.Time(s+1))
		var o tcpip.TCPInfoOption
		w.e.all[0].socket.ep.GetSockOpt(&o)
		t.Logf("%d cwnd %d ssthresh %d rtt %v rto %v", s+1, o.SndCwnd, o.SndSsthresh, o.RTT, o.RTO)
	}
	w.close()
}
