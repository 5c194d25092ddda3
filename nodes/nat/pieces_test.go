package nat

import (
	"fmt"
	"testing"
	"time"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// cut returns a packet as fragments of at most 64 octets of payload.
func cut(b []byte, id uint16) (pieces [][]byte) {
	h := wire.IPv4(b)
	h.SetID(id)
	for at := 0; at < len(h.Payload()); at += 64 {
		n := min(64, len(h.Payload())-at)
		f := append(append([]byte(nil), b[:20]...), h.Payload()[at:at+n]...)
		wire.IPv4(f).SetFragment(len(f), at, at+n < len(h.Payload()))
		pieces = append(pieces, f)
	}
	return pieces
}

// long is a datagram of three fragments.
func long(src string, dst string, sp, dp uint16) []byte {
	b := make([]byte, 160)
	wire.PutUDP(b, sp, dp, router4(src), router4(dst))
	return ip4(wire.ProtoUDP, router4(src), router4(dst), b)
}

// collect puts the fragments that leave together again and describes the packet.
func (r *rig) collect() string {
	r.t.Helper()
	var whole []byte
	out, have, total := "", 0, -1
	for e, ok := r.stack.Poll(); ok; e, ok = r.stack.Poll() {
		switch e.Kind {
		case machine.Send:
			h, err := wire.ParseIPv4(e.Packet.Bytes())
			if err != nil {
				r.t.Fatal(err)
			}
			whole = append(whole, make([]byte, max(0, 20+h.FragmentOffset()+len(h.Payload())-len(whole)))...)
			copy(whole[20+h.FragmentOffset():], h.Payload())
			if have += len(h.Payload()); !h.MoreFragments() {
				total = h.FragmentOffset() + len(h.Payload())
			}
			if out += fmt.Sprint(h.FragmentOffset(), " "); h.FragmentOffset() == 0 {
				copy(whole, h[:20])
			}
			if h.TTL() != 63 {
				r.t.Errorf("TTL %d", h.TTL())
			}
		case machine.Drop:
			out += e.Reason.String() + " "
		}
		if e.Packet != nil {
			e.Packet.Release()
		}
	}
	if have == total {
		wire.IPv4(whole).SetFragment(len(whole), 0, false)
		out += r.describe(whole)
	}
	return out
}

func TestFragments(t *testing.T) {
	// RFC 4787 section 11, REQ-14: the box forwards fragments in and out of order.
	out := "udp 203.0.113.5:5000 > 198.51.100.9:80"
	in := "udp 198.51.100.9:80 > 10.1.1.23:5000"
	for _, tt := range []struct {
		name  string
		cfg   Config
		order []int // of the three fragments; 9 waits for the reassembly timeout
		out   string
		in    string
	}{
		{"in order", Config{}, []int{0, 1, 2}, "0 64 128 " + out, "0 64 128 " + in},
		{"the first in the middle", Config{}, []int{2, 0, 1}, "0 128 64 " + out, "0 128 64 " + in},
		{"the first last", Config{}, []int{2, 1, 0}, "0 128 64 " + out, "0 128 64 " + in},
		{"no first", Config{}, []int{2, 1, 9}, "reassembly_timeout reassembly_timeout ", "reassembly_timeout reassembly_timeout "},
		{"forgotten", Config{}, []int{0, 1, 9, 2, 9}, "0 64 reassembly_timeout ", "0 64 reassembly_timeout "},
		{"in order only", Config{Fragments: FragmentsInOrder}, []int{2, 0, 1}, "nat_fragment 0 64 ", "nat_fragment 0 64 "},
		{"in order, as wanted", Config{Fragments: FragmentsInOrder}, []int{0, 2, 1}, "0 128 64 " + out, "0 128 64 " + in},
		{"none", Config{Fragments: NoFragments}, []int{0, 1, 2}, "nat_fragment nat_fragment nat_fragment ", "nat_fragment nat_fragment nat_fragment "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, tt.cfg)
			give := func(iface machine.Iface, pieces [][]byte) string {
				for _, i := range tt.order {
					if i == 9 {
						r.now = r.now.Add(ip.ReassemblyTimeout4)
						r.stack.HandleDeadline(r.now)
						continue
					}
					r.stack.HandlePacket(r.now, iface, r.pool.From(pieces[i]))
				}
				got := r.collect()
				r.stack.HandleDeadline(r.now.Add(ip.ReassemblyTimeout4))
				if n := len(r.box.pieces.order) + len(r.box.pieces.byKey) + r.box.pieces.octets; n != 0 {
					t.Errorf("the box still knows of fragments")
				}
				return got
			}
			r.give(lanA, udp(host, 5000, remote, 80))
			if got := give(lanA, cut(long("10.1.1.23", "198.51.100.9", 5000, 80), 7)); got != tt.out {
				t.Errorf("outbound: %q, want %q", got, tt.out)
			}
			if got := give(wan, cut(long("198.51.100.9", "203.0.113.5", 80, 5000), 7)); got != tt.in {
				t.Errorf("inbound: %q, want %q", got, tt.in)
			}
		})
	}
}

// Fragments of a packet that nobody may send go where its first one goes.
func TestFragmentsRefused(t *testing.T) {
	r := newRig(t, Config{})
	for _, f := range cut(long("198.51.100.9", "203.0.113.5", 80, 5000), 7) {
		r.stack.HandlePacket(0, wan, r.pool.From(f))
	}
	if got := r.collect(); got != "nat_mapping nat_mapping nat_mapping " {
		t.Error(got)
	}
}

// Fragments of two packets do not mix, and a new first fragment is a new packet.
func TestFragmentsOfTwo(t *testing.T) {
	r := newRig(t, Config{})
	r.give(lanA, udp(host, 5000, remote, 80))
	r.give(lanB, udp(host2, 6000, remote, 80))
	a, b := cut(long("198.51.100.9", "203.0.113.5", 80, 5000), 7), cut(long("198.51.100.9", "203.0.113.5", 80, 6000), 8)
	for _, f := range [][]byte{a[1], b[1], b[0], b[2]} {
		r.stack.HandlePacket(0, wan, r.pool.From(f))
	}
	if got := r.collect(); got != "0 64 128 udp 198.51.100.9:80 > 10.1.2.7:6000" {
		t.Error(got)
	}
	for _, f := range [][]byte{a[0], a[2]} {
		r.stack.HandlePacket(0, wan, r.pool.From(f))
	}
	if got := r.collect(); got != "0 64 128 udp 198.51.100.9:80 > 10.1.1.23:5000" {
		t.Error(got)
	}
	for _, f := range cut(long("198.51.100.9", "203.0.113.5", 80, 6000), 7) {
		r.stack.HandlePacket(1, wan, r.pool.From(f))
	}
	if got := r.collect(); got != "0 64 128 udp 198.51.100.9:80 > 10.1.2.7:6000" {
		t.Error(got)
	}
}

// Fragments without a first are bounded, and do not stop packets that need none (REQ-14a).
func TestFragmentFlood(t *testing.T) {
	r := newRig(t, Config{})
	r.give(lanA, udp(host, 5000, remote, 80))
	full := 0
	for i := range 3 * heldLimit / 84 {
		f := cut(long("198.51.100.9", "203.0.113.5", 80, 5000), uint16(i))[1]
		wire.IPv4(f).SetSource(router4(fmt.Sprintf("198.51.100.%d", 10+i>>16)))
		r.stack.HandlePacket(0, wan, r.pool.From(f))
		for e, ok := r.stack.Poll(); ok; e, ok = r.stack.Poll() {
			if e.Kind != machine.Drop || e.Reason != trace.ReassemblyFull {
				t.Fatalf("effect %+v", e)
			}
			full++
			e.Packet.Release()
		}
		if r.box.pieces.octets > heldLimit {
			t.Fatalf("%d octets are held", r.box.pieces.octets)
		}
	}
	r.stack.HandlePacket(0, wan, r.pool.From(udp(remote, 80, public, 5000)))
	e, _ := r.stack.Poll()
	if e.Kind != machine.Send || full == 0 {
		t.Errorf("%d gave way, and then: %+v", full, e)
	}
	e.Packet.Release()
	held := r.pool.Live()
	r.stack.End(func(p *packet.Buf) { held--; p.Release() })
	if held != 0 || r.pool.Live() != 0 || r.stack.Deadline() != vtime.Never {
		t.Errorf("%d of the held packets are not handed out, %d live", held, r.pool.Live())
	}
}

func TestHairpinning(t *testing.T) {
	// RFC 4787 section 6, REQ-9: external source address and port; the others for comparison.
	for _, tt := range []struct {
		cfg  Config
		want string
	}{
		{Config{}, "a: udp 203.0.113.5:1024 > 10.1.1.23:5000"},
		{Config{Hairpin: HairpinInternal}, "a: udp 10.1.2.7:5000 > 10.1.1.23:5000"},
		{Config{Hairpin: NoHairpin}, "drop nat_filtered"},
		{Config{Filtering: AddressDependent}, "drop nat_filtered"},
	} {
		r := newRig(t, tt.cfg)
		r.give(lanA, udp(host, 5000, remote, 80))
		if got := r.give(lanB, udp(host2, 5000, public, 5000)); got != tt.want {
			t.Errorf("%+v: %s, want %s", tt.cfg, got, tt.want)
		}
	}
}

func TestForward(t *testing.T) {
	c := Config{Filtering: AddressAndPortDependent, Forwards: []Forward{{Protocol: wire.ProtoUDP, Public: 7000, Inside: ap("10.1.1.23:700")}}}
	r := newRig(t, c)
	for _, s := range []step{
		{wan, udp(remote, 80, public, 7000), "a: udp 198.51.100.9:80 > 10.1.1.23:700"},
		{lanA, udp(host, 700, remote, 80), "wan: udp 203.0.113.5:7000 > 198.51.100.9:80"},
		{lanB, udp(host2, 5000, public, 7000), "a: udp 203.0.113.5:5000 > 10.1.1.23:700"},
		{wan, udp(remote, 80, public, 700), "drop nat_mapping"},
	} {
		if got := r.give(s.in, s.b); got != s.want {
			t.Errorf("got %s, want %s", got, s.want)
		}
	}
}

// RFC 4787 REQ-12: an ICMP error, from whatever address, ends no mapping, and is passed on
// unless the box is told not to.
func TestErrors(t *testing.T) {
	for drop, want := range map[bool]string{
		false: "a: error 3/3 198.51.100.77 > 10.1.1.23 [udp 10.1.1.23:5000 > 198.51.100.9:80]",
		true:  "drop nat_filtered",
	} {
		r := newRig(t, Config{DropErrors: drop, Filtering: AddressDependent})
		r.give(lanA, udp(host, 5000, remote, 80))
		if got := r.give(wan, icmpError(router4("198.51.100.77"), udp(public, 5000, remote, 80), 8)); got != want {
			t.Errorf("dropped %v: %s", drop, got)
		}
		if got := r.give(wan, udp(remote, 80, public, 5000)); got != "a: udp 198.51.100.9:80 > 10.1.1.23:5000" {
			t.Errorf("afterwards: %s", got)
		}
	}
}

// A thousand hosts that come and go leave nothing behind.
func TestNothingIsLeft(t *testing.T) {
	r := newRig(t, Config{Filtering: AddressAndPortDependent})
	for i := range 1000 {
		h := router4(fmt.Sprintf("10.1.1.%d", 2+i%250))
		r.give(lanA, udp(h, uint16(5000+i), remote, 80))
		r.give(lanA, tcp(h, uint16(5000+i), remote, 80))
		r.give(lanA, echo(8, uint16(i), h, remote))
		r.now = r.now.Add(time.Second)
	}
	r.now = r.now.Add(7440 * time.Second)
	if n := len(r.box.Table().Mappings(r.now)); n != 0 {
		t.Errorf("%d mappings", n)
	}
	tb := r.box.Table()
	n := len(tb.inside) + tb.mappings
	for _, s := range tb.protocol {
		n += len(s.used)
	}
	if n != 0 {
		t.Errorf("%d left in the table", n)
	}
}
