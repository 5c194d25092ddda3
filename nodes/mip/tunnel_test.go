package mip_test

import (
	"bytes"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"dsmipsim/nodes/ip"
	"dsmipsim/nodes/machine"
	"dsmipsim/nodes/mip"
	"dsmipsim/nodes/wire"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// entry is the entry point of a tunnel on one link: a home agent or a mobile node.
type entry struct {
	*ip.Stack
	t      *testing.T
	pool   *packet.Pool
	tunnel mip.Tunnel
}

// newEntry makes the home agent's end of a tunnel, or the mobile node's.
func newEntry(t *testing.T, mtu int, agent, over6 bool) *entry {
	e := &entry{t: t, pool: &packet.Pool{}}
	e.Stack = ip.New("entry", e.pool, []ip.Interface{{Name: "eth0", MTU: mtu, Up: true}})
	e.tunnel = mip.Tunnel{Stack: e.Stack, Local: coa6, Remote: ha6}
	own := []netip.Addr{coa6, coa4, hoa6, hoa4}
	if !over6 {
		e.tunnel.Local, e.tunnel.Remote = coa4, ha4
	}
	if agent {
		own = []netip.Addr{ha6, ha4}
		e.tunnel.Local, e.tunnel.Remote = e.tunnel.Remote, e.tunnel.Local
	}
	for _, a := range own {
		e.AddAddress(0, a, a.BitLen(), ip.Preferred)
	}
	for _, p := range []string{"::/0", "0.0.0.0/0"} {
		e.AddRoute(ip.Route{Prefix: netip.MustParsePrefix(p), Iface: 0})
	}
	e.effects()
	return e
}

// effects tells what the node sends into the tunnel, which ICMP errors it sends, and why it
// drops packets.
func (e *entry) effects() string {
	var all []string
	for x, ok := e.Poll(); ok; x, ok = e.Poll() {
		switch x.Kind {
		case machine.Send:
			all = append(all, e.describe(x.Packet.Bytes()))
		case machine.Drop:
			all = append(all, x.Reason.String())
		}
		if x.Packet != nil {
			x.Packet.Release()
		}
	}
	if n := e.pool.Live(); n != 0 {
		e.t.Errorf("%d packets lost", n)
	}
	return strings.Join(all, ", ")
}

func (e *entry) describe(b []byte) string {
	if b[0]>>4 == 6 {
		h, err := wire.ParseIPv6(b)
		if err != nil {
			return err.Error()
		}
		c, err := wire.WalkIPv6(h)
		switch {
		case err != nil:
			return err.Error()
		case c.Upper == wire.ProtoICMPv6 && c.FragmentStart == 0:
			m, err := wire.ParseICMPv6(h[c.UpperOffset:], h.Source(), h.Destination())
			if err != nil {
				return err.Error()
			}
			return fmt.Sprintf("error %d/%d %d to %s", m.Type(), m.Code(), m.MTU(), h.Destination())
		case h.Source() != e.tunnel.Local || h.Destination() != e.tunnel.Remote:
			return "astray"
		case c.IsFragment():
			return fmt.Sprintf("outer fragment %d", len(b))
		}
		return inner(h[c.UpperOffset:], "")
	}
	h, err := wire.ParseIPv4(b)
	if err != nil {
		return err.Error()
	}
	df := ""
	if h.DontFragment() {
		df = " DF"
	}
	switch {
	case h.Protocol() == wire.ProtoICMPv4:
		m, err := wire.ParseICMPv4(h.Payload())
		if err != nil {
			return err.Error()
		}
		return fmt.Sprintf("error %d/%d %d to %s", m.Type(), m.Code(), m.NextHopMTU(), h.Destination())
	case h.Source() != e.tunnel.Local || h.Destination() != e.tunnel.Remote:
		return "astray"
	case h.IsFragment():
		return fmt.Sprintf("outer fragment %d", len(b))
	}
	return inner(h.Payload(), df)
}

// inner describes the packet in the tunnel and the DF of the outer header.
func inner(b []byte, df string) string {
	if h, err := wire.ParseIPv4(b); err == nil && h.IsFragment() || err != nil && b[0]>>4 == 6 && b[6] == wire.ProtoFragment {
		return fmt.Sprintf("inner fragment %d%s", len(b), df)
	}
	return fmt.Sprintf("whole %d%s", len(b), df)
}

// original makes a packet of that many octets from src to dst.
func original(src, dst netip.Addr, octets int, df bool) []byte {
	if src.Is6() {
		b := make([]byte, octets)
		wire.PutIPv6(b, wire.IPv6Fields{PayloadLen: octets - 40, NextHeader: 253, HopLimit: 9, Source: src, Destination: dst})
		return b
	}
	b := make([]byte, octets)
	wire.PutIPv4(b, wire.IPv4Fields{TotalLen: octets, ID: 5, DontFragment: df, TTL: 9, Protocol: 253, Source: src, Destination: dst})
	return b
}

var cn4 = netip.MustParseAddr("203.0.113.80")

// TestTunnelMTU: every combination of payload, tunnel and size (RFC 2473 section 7, RFC 2003 section 3, RFC 4213 section 3.2). At the home agent the
// packet is the correspondent's, at the mobile node its own: what a router asks the source to
// do, the source does at once.
func TestTunnelMTU(t *testing.T) {
	const dynamic = mip.DynamicMTU
	for _, c := range []struct {
		name      string
		over6, v6 bool
		df        bool
		path      int // MTU
		static    int
		octets    int
		agent     string
		mobile    string
	}{
		// IPv6 in IPv6.
		{"6in6 that fits", true, true, false, 1500, 0, 1460, "whole 1460", "whole 1460"},
		{"6in6 too big", true, true, false, 1500, 0, 1461, "error 2/0 1460 to CN6, too_big", "inner fragment 1456, inner fragment 61"},
		{"6in6 of 1280 on a narrow path", true, true, false, 1280, 0, 1280, "outer fragment 1280, outer fragment 96", "outer fragment 1280, outer fragment 96"},
		{"6in6 beyond 1280 on a narrow path", true, true, false, 1280, 0, 1281, "error 2/0 1280 to CN6, too_big", "outer fragment 1280, outer fragment 96, inner fragment 57"},
		{"6in6 that just fits a narrow path", true, true, false, 1280, 0, 1240, "whole 1240", "whole 1240"},
		// IPv4 in IPv6.
		{"4in6 that fits", true, false, true, 1500, 0, 1460, "whole 1460", "whole 1460"},
		{"4in6 with DF", true, false, true, 1500, 0, 1461, "error 3/4 1460 to CN4, too_big", "too_big"},
		{"4in6 without DF", true, false, false, 1500, 0, 1461, "outer fragment 1496, outer fragment 61", "outer fragment 1496, outer fragment 61"},
		{"4in6 with DF on a narrow path", true, false, true, 1280, 0, 1241, "error 3/4 1240 to CN4, too_big", "too_big"},
		// IPv4 in IPv4.
		{"4in4 with DF that fits", false, false, true, 1500, 0, 1480, "whole 1480 DF", "whole 1480 DF"},
		{"4in4 without DF that fits", false, false, false, 1500, 0, 1480, "whole 1480", "whole 1480"},
		{"4in4 with DF", false, false, true, 1500, 0, 1481, "error 3/4 1480 to CN4, too_big", "too_big"},
		{"4in4 without DF", false, false, false, 1500, 0, 1481, "inner fragment 1476, inner fragment 25", "inner fragment 1476, inner fragment 25"},
		{"4in4 with DF on a narrow path", false, false, true, 576, 0, 557, "error 3/4 556 to CN4, too_big", "too_big"},
		// IPv6 in IPv4 with a static MTU.
		{"6in4 that fits", false, true, false, 1500, 0, 1280, "whole 1280", "whole 1280"},
		{"6in4 too big", false, true, false, 1500, 0, 1281, "error 2/0 1280 to CN6, too_big", "inner fragment 1280, inner fragment 57"},
		{"6in4, a greater MTU", false, true, false, 1500, 1480, 1480, "whole 1480", "whole 1480"},
		{"6in4, too big for it", false, true, false, 1500, 1480, 1481, "error 2/0 1480 to CN6, too_big", "inner fragment 1480, inner fragment 57"},
		{"6in4 on a narrow path", false, true, false, 1000, 0, 1280, "outer fragment 996, outer fragment 324", "outer fragment 996, outer fragment 324"},
		// IPv6 in IPv4 with a dynamic MTU.
		{"6in4 dynamic that fits", false, true, false, 1400, dynamic, 1380, "whole 1380 DF", "whole 1380 DF"},
		{"6in4 dynamic, too big", false, true, false, 1400, dynamic, 1381, "error 2/0 1380 to CN6, too_big", "inner fragment 1376 DF, inner fragment 61 DF"},
		{"6in4 dynamic, 1280 on a narrow path", false, true, false, 1299, dynamic, 1280, "outer fragment 1292, outer fragment 28", "outer fragment 1292, outer fragment 28"},
		{"6in4 dynamic, small on a narrow path", false, true, false, 1299, dynamic, 1279, "whole 1279", "whole 1279"},
		{"6in4 dynamic, beyond 1280 on a narrow path", false, true, false, 1299, dynamic, 1281, "error 2/0 1280 to CN6, too_big", "outer fragment 1292, outer fragment 28, inner fragment 57"},
		{"6in4 dynamic at the turning point", false, true, false, 1300, dynamic, 1280, "whole 1280 DF", "whole 1280 DF"},
	} {
		t.Run(c.name, func(t *testing.T) {
			src, dst := cn6, hoa6
			if !c.v6 {
				src, dst = cn4, hoa4
			}
			want := strings.NewReplacer("CN6", cn6.String(), "CN4", cn4.String())
			for _, learnt := range []bool{false, true} { // the MTU of the link, or learnt from an error
				mtu := c.path
				if learnt {
					mtu = 1500
				}
				ha := newEntry(t, mtu, true, c.over6)
				ha.tunnel.SixInFour = c.static
				mn := newEntry(t, mtu, false, c.over6)
				mn.tunnel.SixInFour = c.static
				if learnt && c.path < mtu {
					ha.narrow(c.path)
					mn.narrow(c.path)
				}
				ha.tunnel.Forward(0, ha.pool.From(original(src, dst, c.octets, c.df)))
				if got := ha.effects(); got != want.Replace(c.agent) {
					t.Errorf("home agent, learnt %v: %s\nwant %s", learnt, got, want.Replace(c.agent))
				}
				mn.tunnel.Originate(0, mn.pool.From(original(dst, src, c.octets, c.df)))
				if got := mn.effects(); got != c.mobile {
					t.Errorf("mobile node, learnt %v: %s\nwant %s", learnt, got, c.mobile)
				}
			}
		})
	}
}

// narrow lets a router in the tunnel report an MTU, quoting no more than it must.
func (e *entry) narrow(mtu int) {
	b := original(e.tunnel.Local, e.tunnel.Remote, 1500, true)
	if e.tunnel.Local.Is4() {
		e.report4(3, 4, uint32(mtu), b, 8)
	} else {
		e.report6(2, 0, uint32(mtu), b[:48])
	}
	e.effects()
}

var router6, router4 = netip.MustParseAddr("2001:db8:ffff::1"), netip.MustParseAddr("198.18.0.1")

// report6 hands the entry point an error of a router in the tunnel.
func (e *entry) report6(typ, code uint8, word uint32, about []byte) {
	m := wire.AppendICMPv6Error(nil, typ, code, word, about, router6, e.tunnel.Local)
	p := e.pool.From(m)
	e.Push6(p, router6, e.tunnel.Local, wire.ProtoICMPv6, 0, 60)
	e.HandlePacket(0, 0, p)
}

func (e *entry) report4(typ, code uint8, word uint32, about []byte, quote int) {
	m := wire.AppendICMPv4Error(nil, typ, code, word, about, quote)
	p := e.pool.From(m)
	e.Push4(p, router4, e.tunnel.Local, wire.ProtoICMPv4, 0, 60)
	e.HandlePacket(0, 0, p)
}

// encapsulated returns a packet as it is in the tunnel.
func (e *entry) encapsulated(b []byte) []byte {
	p := e.pool.From(b)
	mip.Encapsulate(e.Stack, p, e.tunnel.Local, e.tunnel.Remote)
	defer p.Release()
	return bytes.Clone(p.Bytes())
}

// TestRelay: errors from inside a tunnel reach the source of the packet (RFC 2473 section 8,
// RFC 2003 section 4, RFC 4213 section 3.4), and whatever they quote the tunnel's MTU is
// learnt.
func TestRelay(t *testing.T) {
	const all = 600
	for _, c := range []struct {
		name      string
		over6, v6 bool
		df        bool
		typ, code uint8
		word      uint32
		octets    int // of the original packet
		quote     int // octets that are quoted behind the outer header
		want      string
		mtu       int // of the path afterwards
	}{
		{"6in6 hop limit", true, true, false, 3, 0, 0, 100, all, "error 1/3 0 to CN6", 1500},
		{"6in6 unreachable", true, true, false, 1, 0, 0, 100, all, "error 1/3 0 to CN6", 1500},
		{"6in6 reassembly time", true, true, false, 3, 1, 0, 100, all, "", 1500},
		{"6in6 parameter problem", true, true, false, 4, 1, 40, 100, all, "", 1500},
		{"6in6 too big", true, true, false, 2, 0, 1400, 1460, 1400, "error 2/0 1360 to CN6", 1400},
		{"6in6 too big for a path of the minimum", true, true, false, 2, 0, 1280, 1460, 1400, "error 2/0 1280 to CN6", 1280},
		{"6in6 too big, but no more than 1280", true, true, false, 2, 0, 1280, 1280, 1400, "", 1280},
		{"6in6 that quotes too little", true, true, false, 1, 0, 0, 100, 39, "", 1500},
		{"4in6 hop limit", true, false, true, 3, 0, 0, 100, all, "error 3/1 0 to CN4", 1500},
		{"4in6 unreachable", true, false, false, 1, 3, 0, 100, all, "error 3/1 0 to CN4", 1500},
		{"4in6 too big with DF", true, false, true, 2, 0, 1400, 1460, 1400, "error 3/4 1360 to CN4", 1400},
		{"4in6 too big without DF", true, false, false, 2, 0, 1400, 1460, 1400, "", 1400},
		{"4in4 too big", false, false, true, 3, 4, 1000, 1480, all, "error 3/4 980 to CN4", 1000},
		{"4in4 network unreachable", false, false, false, 3, 0, 0, 100, all, "error 3/1 0 to CN4", 1500},
		{"4in4 host unreachable", false, false, false, 3, 1, 0, 100, all, "error 3/1 0 to CN4", 1500},
		{"4in4 protocol unreachable", false, false, false, 3, 2, 0, 100, all, "error 3/1 0 to CN4", 1500},
		{"4in4 port unreachable", false, false, false, 3, 3, 0, 100, all, "", 1500},
		{"4in4 source route failed", false, false, false, 3, 5, 0, 100, all, "", 1500},
		{"4in4 prohibited", false, false, false, 3, 13, 0, 100, all, "error 3/1 0 to CN4", 1500},
		{"4in4 time exceeded", false, false, false, 11, 0, 0, 100, all, "error 3/1 0 to CN4", 1500},
		{"4in4 reassembly time", false, false, false, 11, 1, 0, 100, all, "", 1500},
		{"4in4 parameter problem", false, false, false, 12, 0, 0, 100, all, "", 1500},
		{"4in4 that quotes eight octets", false, false, true, 3, 4, 1000, 1480, 8, "", 1000},
		{"6in4 too big", false, true, false, 3, 4, 1400, 1480, all, "error 2/0 1380 to CN6", 1400},
		{"6in4 too big that quotes eight octets", false, true, false, 3, 4, 1400, 1480, 8, "", 1400},
		{"6in4 unreachable", false, true, false, 3, 1, 0, 100, all, "error 1/3 0 to CN6", 1500},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := newEntry(t, 1500, true, c.over6)
			for _, p := range []uint8{wire.ProtoIPv4, wire.ProtoIPv6} {
				e.HandleError(p, func(now vtime.Time, q ip.Quote) {
					mip.Relay(e.Stack, now, q, func(dst netip.Addr) bool { return dst == hoa6 || dst == hoa4 })
				})
			}
			src, dst := cn6, hoa6
			if !c.v6 {
				src, dst = cn4, hoa4
			}
			report := func(dst netip.Addr) string {
				outer := e.encapsulated(original(src, dst, c.octets, c.df))
				if c.over6 {
					e.report6(c.typ, c.code, c.word, outer[:min(len(outer), 40+c.quote)])
				} else {
					e.report4(c.typ, c.code, c.word, outer, c.quote)
				}
				return e.effects()
			}
			want := strings.NewReplacer("CN6", cn6.String(), "CN4", cn4.String()).Replace(c.want)
			if got := report(dst); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
			if got := e.PathMTU(0, e.tunnel.Remote); got != c.mtu {
				t.Errorf("path MTU %d, want %d", got, c.mtu)
			}
			stranger := netip.MustParseAddr("2001:db8:100::77")
			if !c.v6 {
				stranger = netip.MustParseAddr("192.0.2.77")
			}
			if got := report(stranger); got != "" {
				t.Errorf("about a packet that the node does not tunnel: %q", got)
			}
		})
	}
}

// TestTunnelHop: a home agent is a hop for the packets of others, a mobile node none for its
// own.
func TestTunnelHop(t *testing.T) {
	for _, agent := range []bool{true, false} {
		for _, v6 := range []bool{true, false} {
			e := newEntry(t, 1500, agent, true)
			src, dst := cn6, hoa6
			if !v6 {
				src, dst = cn4, hoa4
			}
			enter, want := e.tunnel.Forward, uint8(8)
			if !agent {
				src, dst, enter, want = dst, src, e.tunnel.Originate, 9
			}
			enter(0, e.pool.From(original(src, dst, 100, false)))
			x, _ := e.Poll()
			b := x.Packet.Bytes()
			got := b[40+8]
			if v6 {
				got = b[40+7]
			}
			if got != want || b[7] != ip.DefaultHopLimit {
				t.Errorf("agent %v, IPv6 %v: inner hop limit %d, want %d; outer %d", agent, v6, got, want, b[7])
			}
			x.Packet.Release()
		}
	}
	e := newEntry(t, 1500, true, true)
	b := original(cn6, hoa6, 100, false)
	wire.IPv6(b).SetHopLimit(1)
	e.tunnel.Forward(0, e.pool.From(b))
	if got := e.effects(); got != "error 3/0 0 to "+cn6.String()+", hop_limit" {
		t.Errorf("the last hop: %s", got)
	}
}

// TestLoopGuard: what comes from either end of the tunnel does not enter it (RFC 2003
// section 3.2).
func TestLoopGuard(t *testing.T) {
	for _, src := range []netip.Addr{ha6, coa6} {
		e := newEntry(t, 1500, true, true)
		e.tunnel.Forward(0, e.pool.From(original(src, hoa6, 100, false)))
		if got := e.effects(); got != "bad_source" {
			t.Errorf("from %s: %s", src, got)
		}
	}
	for _, src := range []netip.Addr{ha4, coa4} {
		e := newEntry(t, 1500, true, false)
		e.tunnel.Forward(0, e.pool.From(original(src, hoa4, 100, false)))
		if got := e.effects(); got != "bad_source" {
			t.Errorf("from %s: %s", src, got)
		}
	}
}

// TestBeyondTheTunnel: the source knows a path behind the other end that is narrower yet.
func TestBeyondTheTunnel(t *testing.T) {
	e := newEntry(t, 1500, false, true)
	far := original(hoa6, cn6, 1460, false)
	m := wire.AppendICMPv6Error(nil, 2, 0, 1300, far, router6, hoa6)
	p := e.pool.From(m)
	e.Push6(p, router6, hoa6, wire.ProtoICMPv6, 0, 60)
	e.HandlePacket(0, 0, p)
	e.effects()
	e.tunnel.Originate(0, e.pool.From(far))
	if got, want := e.effects(), "inner fragment 1296, inner fragment 220"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestECN: the table of RFC 6040 section 4.2 for every pair of marks, in all formats.
func TestECN(t *testing.T) {
	const lost = 0xff
	const notECT, ect1, ect0, ce = 0, 1, 2, 3
	want := map[uint8][4]uint8{ // by the inner mark; outer Not-ECT, ECT(1), ECT(0), CE
		notECT: {notECT, notECT, notECT, lost},
		ect1:   {ect1, ect1, ect1, ce},
		ect0:   {ect0, ect1, ect0, ce},
		ce:     {ce, ce, ce, ce},
	}
	const dscp = 0xb8
	pool := &packet.Pool{}
	for innerMark, row := range want {
		for outerMark, mark := range row {
			for _, v6 := range []bool{true, false} {
				b, in := original(cn4, hoa4, 100, false), ip.Info{Protocol: wire.ProtoIPv4, WireSource: ha6, Class: 0x20 | uint8(outerMark)}
				if v6 {
					b, in.Protocol = original(cn6, hoa6, 100, false), wire.ProtoIPv6
					wire.IPv6(b).SetTrafficClass(dscp | innerMark)
				} else {
					wire.IPv4(b).SetTOS(dscp | innerMark)
				}
				p := pool.From(b)
				_, dst, why := mip.Decapsulate(p, in)
				var got uint8
				if v6 {
					got = wire.IPv6(p.Bytes()).TrafficClass()
				} else {
					got = wire.IPv4(p.Bytes()).TOS()
					if _, err := wire.ParseIPv4(p.Bytes()); err != nil {
						t.Errorf("inner %d, outer %d: %v", innerMark, outerMark, err)
					}
				}
				if mark == lost {
					if why != trace.CongestionMarked {
						t.Errorf("inner %d, outer %d: %v, want a drop", innerMark, outerMark, why)
					}
				} else if why != 0 || got != dscp|mark || dst != hoa6 && dst != hoa4 {
					t.Errorf("inner %d, outer %d, IPv6 %v: class %#x, want %#x; %v", innerMark, outerMark, v6, got, dscp|mark, why)
				}
				p.Release()
			}
		}
	}
	for name, b := range map[string][]byte{"cut": {0x60, 0}, "of the other family": original(cn4, hoa4, 100, false), "empty": {}} {
		p := pool.From(b)
		if _, _, why := mip.Decapsulate(p, ip.Info{Protocol: wire.ProtoIPv6}); why != trace.Malformed {
			t.Errorf("an inner packet that is %s: %v", name, why)
		}
		p.Release()
	}
}
