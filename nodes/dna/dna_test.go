package dna

import (
	"net/netip"
	"testing"
	"time"

	"dsmipsim/nodes/dhcp"
	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/vtime"
)

const second = vtime.Time(time.Second)

type bench struct {
	t         *testing.T
	pool      packet.Pool
	stack     *ip.Stack
	d         *Detector
	now       vtime.Time
	sent      []wire.ARP
	to        []wire.MAC
	at        []vtime.Time
	confirmed []netip.Addr
}

var mac = wire.MAC{2, 0, 0, 0, 0, 1}

func newBench(t *testing.T) *bench {
	b := &bench{t: t}
	b.stack = ip.New("mn", &b.pool, []ip.Interface{{Name: "eth0", MAC: mac, Ethernet: true, MTU: 1500, Up: true}})
	b.d = New(b.stack, 0, func(_ vtime.Time, n Network) { b.confirmed = append(b.confirmed, n.Address) })
	return b
}

// network returns the address, router and router's hardware address of the n-th network.
func network(n byte) (dhcp.Held, wire.MAC) {
	return dhcp.Held{Lease: dhcp.Lease{
		Address: netip.AddrFrom4([4]byte{10, n, 0, 2}), Router: netip.AddrFrom4([4]byte{10, n, 0, 1}), Bits: 24,
	}, Expires: 100 * second}, wire.MAC{2, 0, 0, 1, 0, n}
}

// visit lets the node be in a network, and learn where its router is.
func (b *bench) visit(n byte, learn bool) {
	h, router := network(n)
	b.d.Use(h)
	if learn {
		b.hear(wire.ARPReply, router, h.Router)
	}
	b.d.Leave()
}

func (b *bench) hear(op uint16, from wire.MAC, sender netip.Addr) {
	o := make([]byte, wire.ARPLen)
	wire.PutARP(o, wire.ARPFields{Operation: op, SenderMAC: from, SenderIP: sender, TargetMAC: mac, TargetIP: netip.IPv4Unspecified()})
	b.d.HandleARP(b.now, 0, wire.ARP(o))
	b.drain()
}

func (b *bench) drain() {
	for e, ok := b.stack.Poll(); ok; e, ok = b.stack.Poll() {
		if e.Kind == machine.Send {
			f := append([]byte(nil), e.Packet.Bytes()...)
			b.sent = append(b.sent, wire.ARP(f[wire.EthernetLen:]))
			b.to = append(b.to, wire.Ethernet(f).Destination())
			b.at = append(b.at, b.now)
			e.Packet.Release()
		}
	}
}

func (b *bench) start() { b.d.Start(b.now); b.drain() }

func (b *bench) run(until vtime.Time) {
	for b.stack.Deadline() <= until {
		b.now = b.stack.Deadline()
		b.stack.HandleDeadline(b.now)
		b.drain()
	}
	b.now = until
}

// Section 2.1.1: a unicast ARP request to the node that is tested, with the candidate address
// as sender, and no target hardware address. Networks are tested in parallel, the last one
// first, and no more than twice again.
func TestReachabilityTest(t *testing.T) {
	b := newBench(t)
	b.visit(1, true)
	b.visit(2, true)
	b.visit(3, false) // whose router is not known: section 2.1 (b)
	b.start()
	for i, n := range []byte{2, 1} {
		h, router := network(n)
		if len(b.sent) != 2 || b.to[i] != router || b.sent[i].Operation() != wire.ARPRequest || b.sent[i].SenderIP() != h.Address ||
			b.sent[i].SenderMAC() != mac || b.sent[i].TargetIP() != h.Router || b.sent[i].TargetMAC() != (wire.MAC{}) {
			t.Fatalf("%d requests, %v: %x", len(b.sent), b.to, b.sent)
		}
	}
	b.run(10 * second)
	if len(b.sent) != 6 || b.at[5] != 2*second {
		t.Errorf("%d requests at %v", len(b.sent), b.at)
	}
}

// Section 2.1.1: both addresses of the answer must match. "Once a valid reachability test
// response is received, validation is complete, and additional responses should be discarded".
func TestConfirmation(t *testing.T) {
	b := newBench(t)
	b.visit(1, true)
	b.visit(2, true)
	b.start()
	one, first := network(1)
	two, other := network(2)
	b.hear(wire.ARPReply, other, one.Router)
	b.hear(wire.ARPReply, first, two.Router)
	b.hear(wire.ARPRequest, first, one.Router)
	if len(b.confirmed) > 0 {
		t.Fatalf("confirmed %v", b.confirmed)
	}
	b.hear(wire.ARPReply, first, one.Router)
	b.hear(wire.ARPReply, other, two.Router)
	if len(b.confirmed) != 1 || b.confirmed[0] != one.Address {
		t.Fatalf("confirmed %v", b.confirmed)
	}
	b.run(10 * second)
	if len(b.sent) != 2 {
		t.Errorf("goes on asking: %d requests", len(b.sent))
	}
	// What was confirmed is remembered as the last one from then on.
	b.d.Leave()
	b.start()
	if len(b.sent) != 4 || b.to[2] != first {
		t.Errorf("tests %v", b.to)
	}
}

// Section 2.1: leases that are over are no operable addresses, and the procedure is carried
// out "no more than once a second".
func TestNotTested(t *testing.T) {
	b := newBench(t)
	b.start()
	b.visit(1, true)
	b.start()
	b.d.Leave()
	b.now = second / 2
	b.start()
	if len(b.sent) != 1 {
		t.Errorf("%d requests within a second", len(b.sent))
	}
	b.now = 100 * second
	b.d.Leave()
	b.start()
	if len(b.sent) != 1 || len(b.d.Known(b.now)) != 0 {
		t.Error("an address whose lease is over is tested for")
	}
}

// The memory is bounded, keeps one entry for each network, and forgets a lease that is lost.
func TestMemory(t *testing.T) {
	b := newBench(t)
	for i := range 1000 {
		b.visit(byte(i%20), true)
	}
	if n := len(b.d.Known(0)); n != maxNetworks {
		t.Errorf("%d networks", n)
	}
	for range 10 {
		b.visit(19, true)
	}
	known := b.d.Known(0)
	if len(known) != maxNetworks || known[1].Address == known[0].Address {
		t.Errorf("%d networks, %v and %v", len(known), known[0].Address, known[1].Address)
	}
	h, router := network(19)
	b.d.Use(h)
	b.hear(wire.ARPReply, router, h.Router)
	b.d.Forget()
	b.d.Leave()
	if known := b.d.Known(0); len(known) != maxNetworks-1 || known[0].Address == h.Address {
		t.Errorf("%d networks after a loss", len(known))
	}
}
