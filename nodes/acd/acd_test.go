package acd

import (
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/vtime"
)

var (
	ours   = netip.MustParseAddr("192.0.2.2")
	mac    = wire.MAC{2, 0, 0, 0, 0, 1}
	rival  = wire.MAC{2, 0, 0, 0, 0, 2}
	second = vtime.Time(time.Second)
)

// bench is a Detector on a link whose frames are written down.
type bench struct {
	t       *testing.T
	pool    packet.Pool
	stack   *ip.Stack
	d       *Detector
	now     vtime.Time
	sent    []sent
	verdict []bool
	lost    []vtime.Time
}

type sent struct {
	at vtime.Time
	p  wire.ARP
}

func newBench(t *testing.T, seed uint64) *bench {
	b := &bench{t: t}
	b.stack = ip.New("mn", &b.pool, []ip.Interface{{Name: "eth0", MAC: mac, Ethernet: true, MTU: 1500, Up: true}})
	b.d = New(b.stack, 0, rand.New(rand.NewPCG(seed, 1)), func(now vtime.Time, a netip.Addr) { b.lost = append(b.lost, now) })
	return b
}

func (b *bench) probe() {
	b.d.Probe(b.now, ours, func(_ vtime.Time, unique bool) { b.verdict = append(b.verdict, unique) })
	b.drain()
}

func (b *bench) drain() {
	for e, ok := b.stack.Poll(); ok; e, ok = b.stack.Poll() {
		if e.Kind != machine.Send {
			continue
		}
		f := e.Packet.Bytes()
		if to := wire.Ethernet(f).Destination(); to != wire.Broadcast {
			b.t.Errorf("sent to %v", to)
		}
		a, err := wire.ParseARP(append([]byte(nil), f[wire.EthernetLen:]...))
		if err != nil {
			b.t.Fatal(err)
		}
		b.sent = append(b.sent, sent{b.now, a})
		e.Packet.Release()
	}
}

// run lets time pass.
func (b *bench) run(until vtime.Time) {
	for b.stack.Deadline() <= until {
		b.now = b.stack.Deadline()
		b.stack.HandleDeadline(b.now)
		b.drain()
	}
	b.now = until
}

func (b *bench) hear(op uint16, from wire.MAC, sender, target netip.Addr) {
	o := make([]byte, wire.ARPLen)
	wire.PutARP(o, wire.ARPFields{Operation: op, SenderMAC: from, SenderIP: sender, TargetIP: target})
	a, err := wire.ParseARP(o)
	if err != nil {
		b.t.Fatal(err)
	}
	b.d.HandleARP(b.now, 0, a)
	b.drain()
}

// Section 2.1.1: a delay of up to PROBE_WAIT, PROBE_NUM probes from PROBE_MIN to PROBE_MAX
// apart, and ANNOUNCE_WAIT; 4 to 7 s altogether. "The 'sender IP address' field MUST be set to
// all zeroes".
func TestProbing(t *testing.T) {
	least, most := time.Hour, time.Duration(0)
	for seed := range uint64(400) {
		b := newBench(t, seed)
		b.probe()
		for len(b.verdict) == 0 {
			b.run(b.stack.Deadline())
		}
		if len(b.sent) != ProbeNum || !b.verdict[0] {
			t.Fatalf("%d probes, verdict %v", len(b.sent), b.verdict)
		}
		for i, s := range b.sent {
			if s.p.Operation() != wire.ARPRequest || s.p.SenderMAC() != mac || !s.p.SenderIP().IsUnspecified() || s.p.TargetIP() != ours || s.p.TargetMAC() != (wire.MAC{}) {
				t.Errorf("probe %x", s.p)
			}
			if i > 0 {
				if gap := s.at.Sub(b.sent[i-1].at); gap < ProbeMin || gap > ProbeMax {
					t.Errorf("probes %v apart", gap)
				}
			}
		}
		if wait := b.now.Sub(b.sent[2].at); wait != AnnounceWait {
			t.Errorf("%v after the last probe", wait)
		}
		total := b.now.Sub(0)
		least, most = min(least, total), max(most, total)
	}
	if least < 4*time.Second || most > 7*time.Second || least > 4600*time.Millisecond || most < 6400*time.Millisecond {
		t.Errorf("it takes from %v to %v", least, most)
	}
}

// Section 2.1.1: any ARP packet whose sender IP address is the address, and a probe of
// somebody else for it, are conflicts; one's own frames that come back are none.
func TestConflictsWhileProbing(t *testing.T) {
	other, nobody := netip.MustParseAddr("192.0.2.9"), netip.IPv4Unspecified()
	for _, c := range []struct {
		name           string
		op             uint16
		from           wire.MAC
		sender, target netip.Addr
		conflict       bool
	}{
		{"reply", wire.ARPReply, rival, ours, ours, true},
		{"request of the address", wire.ARPRequest, rival, ours, other, true},
		{"probe of a rival", wire.ARPRequest, rival, nobody, ours, true},
		{"own probe that comes back", wire.ARPRequest, mac, nobody, ours, false},
		{"request for the address", wire.ARPRequest, rival, other, ours, false},
		{"probe for another address", wire.ARPRequest, rival, nobody, other, false},
	} {
		b := newBench(t, 1)
		b.probe()
		b.run(2 * second)
		b.hear(c.op, c.from, c.sender, c.target)
		b.run(20 * second)
		if len(b.verdict) != 1 || b.verdict[0] == c.conflict {
			t.Errorf("%s: verdicts %v", c.name, b.verdict)
		}
	}
	b := newBench(t, 1) // also in the two seconds after the last probe
	b.probe()
	for len(b.sent) < ProbeNum {
		b.run(b.stack.Deadline())
	}
	b.run(b.now + second)
	b.hear(wire.ARPReply, rival, ours, ours)
	if len(b.verdict) != 1 || b.verdict[0] {
		t.Errorf("after the last probe: %v", b.verdict)
	}
}

// Sections 2.3 and 2.4 (b): ANNOUNCE_NUM announcements, ANNOUNCE_INTERVAL apart; a first
// conflict is answered by one announcement, and a second within DEFEND_INTERVAL loses the
// address.
func TestAnnouncementAndDefence(t *testing.T) {
	b := newBench(t, 1)
	b.d.Announce(0, ours)
	b.drain()
	b.run(30 * second)
	if len(b.sent) != AnnounceNum || b.sent[1].at.Sub(b.sent[0].at) != AnnounceInterval || b.sent[0].p.SenderIP() != ours || b.sent[0].p.TargetIP() != ours {
		t.Fatalf("announcements %v", b.sent)
	}
	b.hear(wire.ARPRequest, rival, ours, ours)
	if len(b.sent) != AnnounceNum+1 || len(b.lost) != 0 {
		t.Fatalf("the first conflict: %d sent, lost %v", len(b.sent), b.lost)
	}
	b.run(40 * second)
	b.hear(wire.ARPRequest, rival, ours, ours) // DEFEND_INTERVAL later it is a first one again
	if len(b.sent) != AnnounceNum+2 || len(b.lost) != 0 || b.d.Address() != ours {
		t.Fatalf("a later conflict: %d sent, lost %v", len(b.sent), b.lost)
	}
	b.run(49 * second)
	b.hear(wire.ARPReply, rival, ours, ours)
	if len(b.sent) != AnnounceNum+2 || len(b.lost) != 1 || b.d.Address().IsValid() {
		t.Fatalf("insisting: %d sent, lost %v", len(b.sent), b.lost)
	}
}

// Section 2.1.1: after MAX_CONFLICTS "the host MUST limit the rate at which it probes for new
// addresses on this interface to no more than one attempted new address per
// RATE_LIMIT_INTERVAL".
func TestRateLimit(t *testing.T) {
	b := newBench(t, 1)
	for range MaxConflicts {
		b.probe()
		b.hear(wire.ARPReply, rival, ours, ours)
	}
	began := b.now
	b.run(b.now + 10*second)
	b.probe()
	b.run(began.Add(RateLimitInterval) - 1)
	if len(b.sent) > 0 {
		t.Errorf("probes at %v", b.sent[0].at)
	}
	b.run(b.now + 2*second)
	if len(b.sent) == 0 {
		t.Error("does not probe any more")
	}
	b.d.Reset()
	b.sent = nil
	b.probe()
	if b.run(b.now + 2*second); len(b.sent) == 0 {
		t.Error("the limit holds on another link, too")
	}
}
