// Package rig drives a protocol machine with a point-to-point interface by octets, for tests
// that compare with vectors octet by octet, and computes on its own what return routability
// computes. Only tests use it.
package rig

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/vtime"
)

// Addresses of the vectors.
var (
	HA6   = netip.MustParseAddr("2001:db8:100::1")
	HA4   = netip.MustParseAddr("192.0.2.1")
	HoA6  = netip.MustParseAddr("2001:db8:100::1000")
	CoA6  = netip.MustParseAddr("2001:db8:a::1001")
	CoA6b = netip.MustParseAddr("2001:db8:b::1001")
	CoA4  = netip.MustParseAddr("198.51.100.7")
	CN6   = netip.MustParseAddr("2001:db8:c::99")
)

// Words is a random source that yields given words, and after them numbers from 1 on.
type Words struct {
	Given []uint64
	next  uint64
}

// Uint64 implements rand.Source.
func (w *Words) Uint64() uint64 {
	if len(w.Given) == 0 {
		w.next++
		return w.next
	}
	x := w.Given[0]
	w.Given = w.Given[1:]
	return x
}

// Vector returns a packet of the independent test vectors.
func Vector(t testing.TB, name string) []byte {
	t.Helper()
	src, err := os.ReadFile("../../wire/testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []struct{ Name, Hex string }
	if err := json.Unmarshal(src, &all); err != nil {
		t.Fatal(err)
	}
	for _, v := range all {
		if strings.HasPrefix(v.Name, name+"_") {
			b, err := hex.DecodeString(v.Hex)
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
	}
	t.Fatalf("no vector %s", name)
	return nil
}

// Inner returns what a vector carries in its tunnel.
func Inner(b []byte) []byte { return b[wire.IPv6HeaderLen:] }

// Rig is a machine with its clock.
type Rig struct {
	T    testing.TB
	M    machine.Machine
	Pool *packet.Pool
	Now  vtime.Time

	Sent  [][]byte // since the last look
	Said  []string // drops, deliveries and milestones since the last look
	Times []vtime.Time
}

// Stack returns a stack with one point-to-point interface that everything goes to.
func Stack(pool *packet.Pool) *ip.Stack {
	s := ip.New("node", pool, []ip.Interface{{Name: "p2p0", MTU: 1500, Up: true}})
	s.AddRoute(ip.Route{Prefix: netip.MustParsePrefix("::/0")})
	s.AddRoute(ip.Route{Prefix: netip.MustParsePrefix("0.0.0.0/0")})
	return s
}

// Receive lets a packet arrive.
func (r *Rig) Receive(b []byte) {
	r.M.HandlePacket(r.Now, 0, r.Pool.From(b))
	r.drain()
}

// Send hands down a packet of the upper layer.
func (r *Rig) Send(b []byte) {
	r.M.HandlePacket(r.Now, machine.Local, r.Pool.From(b))
	r.drain()
}

// Advance lets time pass, timers included.
func (r *Rig) Advance(d time.Duration) {
	until := r.Now.Add(d)
	for at := r.M.Deadline(); at <= until; at = r.M.Deadline() {
		r.Now = max(r.Now, at)
		r.M.HandleDeadline(r.Now)
		r.drain()
	}
	r.Now = until
}

// Do calls a method of the machine that is none of its contract.
func (r *Rig) Do(f func(now vtime.Time)) {
	f(r.Now)
	r.drain()
}

func (r *Rig) drain() {
	for {
		e, ok := r.M.Poll()
		if !ok {
			break
		}
		switch e.Kind {
		case machine.Send:
			r.Sent = append(r.Sent, bytes.Clone(e.Packet.Bytes()))
			r.Times = append(r.Times, r.Now)
		case machine.Deliver:
			r.Said = append(r.Said, fmt.Sprintf("deliver %v>%v", e.Source, e.Destination))
		case machine.Drop:
			r.Said = append(r.Said, "drop "+e.Reason.String())
		case machine.Note:
			r.Said = append(r.Said, e.Note.Kind.String())
		}
		if e.Packet != nil && e.Kind != machine.Turn {
			e.Packet.Release()
		}
	}
	if n := r.Pool.Live(); n != 0 {
		r.T.Helper()
		r.T.Fatalf("%d packets without an effect", n)
	}
}

// Take returns what was sent since the last look.
func (r *Rig) Take() [][]byte {
	all := r.Sent
	r.Sent, r.Times = nil, nil
	return all
}

// TakeSaid returns what was said since the last look.
func (r *Rig) TakeSaid() string {
	s := strings.Join(r.Said, ", ")
	r.Said = nil
	return s
}

// Want fails unless exactly these packets were sent since the last look.
func (r *Rig) Want(what string, want ...[]byte) {
	r.T.Helper()
	got := r.Take()
	if len(got) != len(want) {
		r.T.Errorf("%s: %d packets, want %d: %s", what, len(got), len(want), Types(got))
		return
	}
	for i := range want {
		if !bytes.Equal(got[i], want[i]) {
			r.T.Errorf("%s: packet %d\n got %x\nwant %x", what, i+1, got[i], want[i])
		}
	}
}

// Type names the message in a packet, with its addresses in front where they matter: "HoTI
// in a tunnel" for example.
func Type(b []byte) string { return wire.Classify(b, wire.LinkRaw, wire.DissectOptions{}).Message }

// Types names the messages of packets.
func Types(all [][]byte) string {
	var names []string
	for _, b := range all {
		names = append(names, Type(b))
	}
	return strings.Join(names, " ")
}

// Mobility returns the Mobility Header of a packet, out of its tunnel.
func Mobility(t testing.TB, b []byte) wire.Mobility {
	t.Helper()
	for b[0]>>4 == 4 || wire.IPv6(b).NextHeader() == wire.ProtoIPv6 {
		if b[0]>>4 == 4 {
			b = b[wire.IPv4HeaderLen:]
		} else {
			b = Inner(b)
		}
	}
	h, err := wire.ParseIPv6(b)
	if err != nil {
		t.Fatal(err)
	}
	c, err := wire.WalkIPv6(h)
	if err != nil || c.Upper != wire.ProtoMobility {
		t.Fatalf("no Mobility Header: %x", b)
	}
	src, dst := c.UpperAddresses()
	m, err := wire.ParseMobility(h[c.UpperOffset:], src, dst)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Packet makes an IPv6 packet with a Mobility Header. home is put into a Home Address
// option, routing into a type 2 routing header.
func Packet(src, dst, home, routing netip.Addr, mh []byte) []byte {
	from, to := src, dst
	if home.IsValid() {
		from = home
	}
	if routing.IsValid() {
		to = routing
	}
	wire.SetMobilityChecksum(mh, from, to)
	next, ext := uint8(wire.ProtoMobility), []byte(nil)
	if home.IsValid() {
		ext = make([]byte, wire.DestOptsHomeAddressLen)
		wire.PutDestOptsHomeAddress(ext, next, home)
		next = wire.ProtoDestOpts
	}
	if routing.IsValid() {
		ext = make([]byte, wire.Routing2Len)
		wire.PutRouting2(ext, next, routing)
		next = wire.ProtoRouting
	}
	return Around(src, dst, next, append(ext, mh...))
}

// Around puts an IPv6 header around a payload.
func Around(src, dst netip.Addr, next uint8, payload []byte) []byte {
	b := make([]byte, wire.IPv6HeaderLen, wire.IPv6HeaderLen+len(payload))
	wire.PutIPv6(b, wire.IPv6Fields{PayloadLen: len(payload), NextHeader: next, HopLimit: 64, Source: src, Destination: dst})
	return append(b, payload...)
}

// Sign computes the authenticator of a message that ends with one, from the tokens and in
// the terms of RFC 6275 sections 5.2.5 and 6.2.7, without the code under test.
func Sign(mh []byte, careOf, correspondent netip.Addr, tokens ...[8]byte) {
	k := sha1.New()
	for _, t := range tokens {
		k.Write(t[:])
	}
	m := hmac.New(sha1.New, k.Sum(nil))
	a, c := careOf.As16(), correspondent.As16()
	m.Write(a[:])
	m.Write(c[:])
	m.Write(mh[:4])
	m.Write([]byte{0, 0})
	m.Write(mh[6 : len(mh)-12])
	copy(mh[len(mh)-12:], m.Sum(nil)[:12])
}
