package nd

import (
	"testing"
	"time"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/vtime"
)

// "If a host sends MAX_RTR_SOLICITATIONS solicitations, and receives no Router Advertisements
// after having waited MAX_RTR_SOLICITATION_DELAY seconds after sending the last solicitation,
// the host concludes that there are no routers on the link" (RFC 4861 section 6.3.7).
func TestNoRouterOnTheLink(t *testing.T) {
	var pool packet.Pool
	s := ip.New("mn", &pool, []ip.Interface{{Name: "eth0", MAC: wire.MAC{2, 0, 0, 0, 0, 1}, Ethernet: true, MTU: 1500, Up: true}})
	n := New(s)
	var concluded []vtime.Time
	n.OnNoRouter = func(now vtime.Time, out machine.Iface) {
		if out != 0 {
			t.Errorf("interface %v", out)
		}
		concluded = append(concluded, now)
	}
	n.Solicit(0, 0)
	sent := 0
	for {
		for e, ok := s.Poll(); ok; e, ok = s.Poll() {
			if e.Kind == machine.Send {
				sent++
				e.Packet.Release()
			}
		}
		at := s.Deadline()
		if at == vtime.Never {
			break
		}
		s.HandleDeadline(at)
	}
	if want := vtime.Time(9 * time.Second); sent != 3 || len(concluded) != 1 || concluded[0] != want {
		t.Errorf("%d solicitations, concluded at %v, want three and %v", sent, concluded, want)
	}
	n.Solicit(0, 0)
	n.StopSoliciting(0)
	if d := s.Deadline(); d != vtime.Never {
		t.Errorf("a search that was ended goes on at %v", d)
	}
}
