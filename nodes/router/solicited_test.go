package router

import (
	"net/netip"
	"testing"
	"time"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/nd"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/vtime"
)

// Every solicitation is answered, not only the first, and multicast advertisements keep their
// distance: "If a router receives [...] consecutive multicast Router Advertisements [...] MUST
// be rate limited to no more than one advertisement every MIN_DELAY_BETWEEN_RAS seconds" (RFC
// 4861 section 6.2.6).
func TestEverySolicitationIsAnswered(t *testing.T) {
	r := newRig(t, 1, Config{Interval: fixed(600 * time.Second), SolicitedDelay: fixed(0), MinDelay: 3 * time.Second})
	for _, at := range []time.Duration{1, 5, 9, 10, 11, 13} {
		r.run(at * time.Second)
		r.ask()
	}
	r.run(15900 * ms) // the first unsolicited one comes 16 s after the last
	if got := r.times(); got != "1s 5s 9s 12s 15s " {
		t.Errorf("advertisements at %s", got)
	}
}

// "A router MAY choose to unicast the response directly to the soliciting host's address" if it
// has one; such an answer keeps no distance, and only its random delay. The host is known by
// its solicitation, as a host.
func TestUnicastAnswer(t *testing.T) {
	var pool packet.Pool
	s := ip.New("router", &pool, []ip.Interface{{Name: "lan", MAC: wire.MAC{2, 0, 0, 0, 0, 1}, Ethernet: true, MTU: 1500}})
	s.AddAddress(0, wire.LinkLocal(s.Interface(0).MAC), 64, ip.Preferred)
	n := nd.New(s)
	Advertise(0, s, n, 0, nil, Config{Interval: fixed(600 * time.Second), SolicitedDelay: fixed(20 * ms), MinDelay: 3 * time.Second, Unicast: true})
	host, mac := netip.MustParseAddr("fe80::7"), wire.MAC{2, 0, 0, 0, 0, 7}
	solicit := func(now vtime.Time, src netip.Addr, mac wire.MAC) {
		p := pool.From(wire.AppendRouterSolicitation(nil, mac, src, wire.AllRouters))
		s.Push6(p, src, wire.AllRouters, wire.ProtoICMPv6, 0, 255)
		s.Input(now, 0, p)
	}
	var got []string
	run := func(until vtime.Time) {
		for at := s.Deadline(); at <= until; at = s.Deadline() {
			s.HandleDeadline(at)
			for e, ok := s.Poll(); ok; e, ok = s.Poll() {
				if e.Kind == machine.Send {
					got = append(got, at.String()+" to "+wire.Ethernet(e.Packet.Bytes()).Destination().String())
				}
				if e.Packet != nil {
					e.Packet.Release()
				}
			}
		}
	}
	second := vtime.Time(time.Second)
	solicit(second, host, mac)
	solicit(second, host, mac) // is about to be answered
	run(second + vtime.Time(100*ms))
	solicit(second+vtime.Time(100*ms), host, mac)
	solicit(second+vtime.Time(100*ms), netip.IPv6Unspecified(), wire.MAC{})
	run(2 * second)
	want := []string{"1.020000000s to " + mac.String(), "1.120000000s to " + mac.String(), "1.120000000s to 33:33:00:00:00:01"}
	if len(got) != len(want) || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
		t.Errorf("answers %v\nwant    %v", got, want)
	}
	if known, ok := n.Known(0, host); !ok || known != mac {
		t.Errorf("the host is at %v, %v", known, ok)
	}
}
