package mip_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"net/netip"
	"os"
	"testing"
	"time"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/mip"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
)

// vectors returns the independent test packets by the first three letters of their
// names.
func vectors(t *testing.T) map[string][]byte {
	t.Helper()
	raw, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []struct{ Name, Hex string }
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	byName := map[string][]byte{}
	for _, v := range all {
		b, err := hex.DecodeString(v.Hex)
		if err != nil {
			t.Fatal(err)
		}
		byName[v.Name[:3]] = b
	}
	return byName
}

var (
	ha6    = netip.MustParseAddr("2001:db8:100::1")
	hoa6   = netip.MustParseAddr("2001:db8:100::1000")
	coa6   = netip.MustParseAddr("2001:db8:a::1001")
	cn6    = netip.MustParseAddr("2001:db8:c::99")
	ha4    = netip.MustParseAddr("192.0.2.1")
	hoa4   = netip.MustParseAddr("192.0.2.100")
	coa4   = netip.MustParseAddr("198.51.100.7")
	mapped = netip.MustParseAddr("::ffff:198.51.100.7")
)

// newStack returns a stack that has counted no IPv4 identification yet.
func newStack() (*ip.Stack, *packet.Pool) {
	pool := &packet.Pool{}
	return ip.New("node", pool, []ip.Interface{{Name: "eth0", Ethernet: true, MTU: 1500}}), pool
}

func same(t *testing.T, p *packet.Buf, want []byte) {
	t.Helper()
	if got := p.Bytes(); !bytes.Equal(got, want) {
		t.Errorf("octets differ\n got %x\nwant %x", got, want)
	}
	p.Release()
}

// TestComposeVectors: the envelopes of all Binding Updates and Acknowledgements of this
// stage, octet for octet.
func TestComposeVectors(t *testing.T) {
	const away = wire.BUAcknowledge | wire.BUHomeRegistration
	home4 := &wire.IPv4HomeAddress{Address: hoa4, PrefixLen: 32}
	update := func(f wire.BindingUpdateFields) func([]byte) []byte {
		f.Flags = away
		return func(b []byte) []byte { return wire.AppendBindingUpdate(b, f, wire.Draft00Layout()) }
	}
	acknowledgement := func(f wire.BindingAcknowledgementFields) func([]byte) []byte {
		return func(b []byte) []byte { return wire.AppendBindingAcknowledgement(b, f, wire.Draft00Layout()) }
	}
	const lifetime = 600 * time.Second
	ack := acknowledgement(wire.BindingAcknowledgementFields{
		Sequence: 0x1234, Lifetime: lifetime, IPv4Acknowledgement: &wire.IPv4Acknowledgement{Address: hoa4},
	})
	for _, c := range []struct {
		vector   string
		envelope mip.Envelope
		target   netip.Addr
		write    func([]byte) []byte
	}{
		{"V01", mip.Envelope{Source: coa6, Destination: ha6, HomeAddress: hoa6}, ha6,
			update(wire.BindingUpdateFields{Sequence: 0x1234, Lifetime: lifetime, AlternateCareOf: coa6, IPv4HomeAddress: home4})},
		{"V03", mip.Envelope{Source: coa6, Destination: ha6, HomeAddress: hoa6}, ha6,
			update(wire.BindingUpdateFields{Sequence: 0x1234, Lifetime: lifetime, AlternateCareOf: coa6})},
		{"V04", mip.Envelope{Source: ha6, Destination: coa6, RoutingHome: hoa6}, coa6, ack},
		{"V09", mip.Envelope{Source: mapped, Destination: ha6, HomeAddress: hoa6, OuterSource: coa4, OuterDest: ha4}, ha4,
			update(wire.BindingUpdateFields{Sequence: 0x1234, Lifetime: lifetime, AlternateCareOf: mapped, IPv4HomeAddress: home4})},
		{"V10", mip.Envelope{Source: ha6, Destination: mapped, RoutingHome: hoa6, OuterSource: ha4, OuterDest: coa4}, coa4, ack},
		{"V11", mip.Envelope{Source: hoa6, Destination: ha6}, ha6, update(wire.BindingUpdateFields{Sequence: 0x1235})},
		{"V12", mip.Envelope{Source: ha6, Destination: hoa6}, hoa6, acknowledgement(wire.BindingAcknowledgementFields{Sequence: 0x1235})},
	} {
		t.Run(c.vector, func(t *testing.T) {
			s, pool := newStack()
			same(t, mip.Compose(s, c.envelope, c.write), vectors(t)[c.vector])
			if got := c.envelope.Target(); got != c.target {
				t.Errorf("goes to %v, want %v", got, c.target)
			}
			if n := pool.Live(); n != 0 {
				t.Errorf("%d packets lost", n)
			}
		})
	}
}

// TestEncapsulateVectors: the four tunnel formats, and the way back.
func TestEncapsulateVectors(t *testing.T) {
	for _, c := range []struct {
		vector   string
		inner    int // where the inner packet starts
		src, dst netip.Addr
	}{
		{"V29", wire.IPv6HeaderLen, ha6, coa6},
		{"V30", wire.IPv6HeaderLen, ha6, coa6},
		{"V31", wire.IPv4HeaderLen, ha4, coa4},
		{"V32", wire.IPv4HeaderLen, ha4, coa4},
		{"V33", wire.IPv6HeaderLen, coa6, ha6},
	} {
		t.Run(c.vector, func(t *testing.T) {
			want := vectors(t)[c.vector]
			s, pool := newStack()
			p := pool.From(want[c.inner:])
			mip.Encapsulate(s, p, c.src, c.dst)
			if got := p.Tag().Overhead; got != c.inner {
				t.Errorf("counted %d octets of overhead, want %d", got, c.inner)
			}
			same(t, p, want)
		})
	}
}

// TestEncapsulateCopiesClass: traffic class or type of service of the inner header go to the
// outer one, whatever the families.
func TestEncapsulateCopiesClass(t *testing.T) {
	const class = 0xb9
	for _, c := range []struct {
		name     string
		src, dst netip.Addr
		push     func(s *ip.Stack, p *packet.Buf)
		outer    func(b []byte) uint8
	}{
		{"6in6", ha6, coa6, inner6(class), class6},
		{"4in6", ha6, coa6, inner4(class), class6},
		{"6in4", ha4, coa4, inner6(class), class4},
		{"4in4", ha4, coa4, inner4(class), class4},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, pool := newStack()
			p := pool.New(packet.DefaultHeadroom, 8)
			c.push(s, p)
			mip.Encapsulate(s, p, c.src, c.dst)
			if got := c.outer(p.Bytes()); got != class {
				t.Errorf("outer class is %#x, want %#x", got, class)
			}
			p.Release()
		})
	}
}

func inner6(class uint8) func(*ip.Stack, *packet.Buf) {
	return func(s *ip.Stack, p *packet.Buf) { s.Push6(p, cn6, hoa6, wire.ProtoNone, class, 64) }
}

func inner4(class uint8) func(*ip.Stack, *packet.Buf) {
	return func(s *ip.Stack, p *packet.Buf) { s.Push4(p, ha4, hoa4, wire.ProtoUDP, class, 64) }
}

func class6(b []byte) uint8 { return wire.IPv6(b).TrafficClass() }
func class4(b []byte) uint8 { return wire.IPv4(b).TOS() }
