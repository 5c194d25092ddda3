package cn

import (
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/mip/internal/rig"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/vtime"
)

// newNode returns the correspondent of the vectors: its secret is 00 01 .. 13, its nonces
// are 17 now and 18 half a minute later.
func newNode(t testing.TB) (*rig.Rig, *Node) {
	pool := &packet.Pool{}
	s := rig.Stack(pool)
	src := &rig.Words{Given: []uint64{0x0001020304050607, 0x08090a0b0c0d0e0f, 0x1011121300000000, 17, 0xa0a1a2a3a4a5a6a7, 0xb0b1b2b3b4b5b6b7}}
	n := New(s, rand.New(src))
	s.AddAddress(0, rig.CN6, 64, ip.Preferred)
	s.Listen(6000)
	return &rig.Rig{T: t, M: s, Pool: pool}, n
}

// datagram is the packet inside V27 and V28, between the home address and the correspondent.
func datagram(src, dst netip.Addr) []byte {
	u := make([]byte, wire.UDPHeaderLen+8)
	for i := range 8 {
		u[wire.UDPHeaderLen+i] = byte(i)
	}
	wire.PutUDP(u, 5000, 6000, src, dst)
	return rig.Around(src, dst, wire.ProtoUDP, u)
}

// The correspondent's side of V13 to V22, V27 and V28, octet by octet.
func TestVectors(t *testing.T) {
	v := func(name string) []byte { return rig.Vector(t, name) }
	r, n := newNode(t)
	r.Receive(rig.Inner(v("V13")))
	r.Want("HoT", v("V15"))
	r.Now = vtime.Time(30 * time.Second)
	r.Receive(v("V14"))
	r.Want("CoT", v("V17"))
	if all := n.Snapshot(); len(all) != 0 { // B-30
		t.Errorf("after the tests there is state: %+v", all)
	}
	r.Receive(v("V28"))
	r.Want("BE before there is a binding", v("V22")) // B-19, B-39
	r.TakeSaid()

	r.Receive(v("V18"))
	r.Want("BA", v("V19"))
	if all := n.Snapshot(); len(all) != 1 || all[0].CareOf != rig.CoA6 || all[0].HomeAddress != rig.HoA6 || all[0].Home ||
		all[0].Sequence != 0x1234 || all[0].Expires != r.Now.Add(420*time.Second) || all[0].Indices != (wire.NonceIndices{Home: 17, CareOf: 18}) {
		t.Errorf("binding cache: %+v", all)
	}
	if said := r.TakeSaid(); said != "binding_created" {
		t.Error(said)
	}
	r.Receive(v("V28"))
	if said := r.TakeSaid(); said != "deliver 2001:db8:100::1000>2001:db8:c::99" {
		t.Errorf("data with the home address in an option: %s", said)
	}
	r.Send(datagram(rig.CN6, rig.HoA6))
	r.Want("data with a routing header", v("V27"))

	r.Advance(50 * time.Second)
	r.Receive(v("V20"))
	if got := r.Take(); rig.Types(got) != "BA" || wire.IPv6(got[0]).Destination() != rig.HoA6 || wire.IPv6(got[0]).NextHeader() != wire.ProtoMobility { // B-12
		t.Errorf("the deletion from home is answered by %s: %x", rig.Types(got), got)
	}
	r.Send(datagram(rig.CN6, rig.HoA6))
	if got := r.Take(); len(got) != 1 || wire.IPv6(got[0]).Destination() != rig.HoA6 { // B-35
		t.Errorf("data after the deletion: %x", got)
	}
	r.Receive(v("V28"))
	r.Want("BE after the deletion", v("V22"))
}

// B-38: a binding in use is renewed at the mobile node's home address, past the binding
// cache, ere it ends; one that is not used just ends.
func TestRefreshRequest(t *testing.T) {
	for _, used := range []bool{true, false} {
		r, n := newNode(t)
		r.Receive(rig.Inner(rig.Vector(t, "V13")))
		r.Now = vtime.Time(30 * time.Second)
		r.Receive(rig.Vector(t, "V14"))
		r.Receive(rig.Vector(t, "V18"))
		r.Advance(370 * time.Second)
		if used {
			r.Send(datagram(rig.CN6, rig.HoA6))
		}
		r.Take()
		r.Advance(8*time.Second - 1)
		r.Want("before nine tenths of the lifetime")
		r.Advance(1)
		if used {
			r.Want("after nine tenths", rig.Vector(t, "V21"))
		}
		r.Advance(42*time.Second - 1)
		if got := rig.Types(r.Take()); used && got != "BRR" || !used && got != "" {
			t.Errorf("used %v: until the end %q", used, got)
		}
		if b := n.cache.Live(rig.HoA6); b == nil {
			t.Error("the binding ended early")
		}
		r.Advance(1)
		if b := n.cache.Live(rig.HoA6); b != nil {
			t.Errorf("a binding of 420 s lives on: %+v", b)
		}
	}
}
