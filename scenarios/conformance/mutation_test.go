package conformance

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"dsmipsim/nodes/mip"
	"dsmipsim/nodes/wire"
	"dsmipsim/scenarios"
	"dsmipsim/scenarios/spec"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
	"dsmipsim/topology"
)

// frame is a packet that a mutation takes apart: the IP headers as octets from the outside in,
// and where the innermost payload starts.
type frame struct {
	link  []byte // Ethernet header, or nothing
	outer []byte // IPv4 or IPv6 header of a tunnel, or nothing
	inner []byte // IPv6 header with its extension headers
	chain wire.Chain
	upper []byte
}

// open takes a frame apart; ok is false for what is not IPv6 in the end.
func open(from *topology.Port, b []byte) (f frame, ok bool) {
	if from.Link().Type == trace.Ethernet {
		e, err := wire.ParseEthernet(b)
		if err != nil || e.EtherType() == wire.EtherTypeARP {
			return f, false
		}
		f.link, b = b[:wire.EthernetLen], b[wire.EthernetLen:]
	}
	if b[0]>>4 == 4 {
		h, err := wire.ParseIPv4(b)
		if err != nil || h.Protocol() != wire.ProtoIPv6 {
			return f, false
		}
		f.outer, b = b[:20], b[20:]
	} else if h, err := wire.ParseIPv6(b); err == nil && h.NextHeader() == wire.ProtoIPv6 {
		f.outer, b = b[:40], b[40:]
	}
	h, err := wire.ParseIPv6(b)
	if err != nil {
		return f, false
	}
	f.chain, err = wire.WalkIPv6(h)
	f.inner, f.upper = b[:f.chain.UpperOffset], b[f.chain.UpperOffset:len(h)]
	return f, err == nil
}

// close puts a frame together again, with lengths and the checksums of IPv4 header and mobility
// message as they must be.
func (f *frame) close() []byte {
	h := wire.IPv6(f.inner)
	h.SetPayloadLen(len(f.inner) - wire.IPv6HeaderLen + len(f.upper))
	if c, err := wire.WalkIPv6(wire.IPv6(append(slices.Clone(f.inner), f.upper...))); err == nil && c.Upper == wire.ProtoMobility {
		src, dst := c.UpperAddresses()
		wire.SetMobilityChecksum(f.upper, src, dst)
	}
	b := append(slices.Clone(f.inner), f.upper...)
	if len(f.outer) == 20 {
		o := wire.IPv4(f.outer)
		header := wire.IPv4Fields{TotalLen: 20 + len(b), TTL: o.TTL(), Protocol: o.Protocol(), Source: o.Source(), Destination: o.Destination(), DontFragment: o.DontFragment(), ID: o.ID()}
		b = append(make([]byte, 20), b...)
		wire.PutIPv4(b, header)
	} else if len(f.outer) == 40 {
		wire.IPv6(f.outer).SetPayloadLen(len(b))
		b = append(slices.Clone(f.outer), b...)
	}
	return append(slices.Clone(f.link), b...)
}

// is reports whether the frame carries a mobility message of the type in the clear.
func (f *frame) is(t wire.MobilityType) bool {
	return f.chain.Upper == wire.ProtoMobility && len(f.upper) > 2 && f.upper[2] == uint8(t)
}

// rewrite makes a tamper that changes the frames of one node for which change reports true.
func rewrite(node string, change func(f *frame) bool) topology.Tamper {
	return func(_ vtime.Time, from *topology.Port, b []byte) []byte {
		if from.Node != node {
			return b
		}
		f, ok := open(from, slices.Clone(b))
		if !ok || !change(&f) {
			return b
		}
		return f.close()
	}
}

// blank turns an option of a BU or BA into padding.
func blank(typ uint8) func(*frame) bool {
	return func(f *frame) bool {
		for at := 12; at < len(f.upper); {
			if f.upper[at] == 0 {
				at++
				continue
			}
			n := int(f.upper[at+1])
			if f.upper[at] == typ {
				f.upper[at] = wire.MobOptPadN
				clear(f.upper[at+2 : at+2+n])
				return true
			}
			at += 2 + n
		}
		return false
	}
}

func onBU(change func(*frame) bool) func(*frame) bool {
	return func(f *frame) bool { return f.is(wire.MobilityBindingUpdate) && change(f) }
}

func onBA(change func(*frame) bool) func(*frame) bool {
	return func(f *frame) bool { return f.is(wire.MobilityBindingAcknowledgement) && change(f) }
}

// withoutExtension takes the one extension header of 24 octets out.
func withoutExtension(f *frame) bool {
	if len(f.inner) != wire.IPv6HeaderLen+24 {
		return false
	}
	next := f.inner[wire.IPv6HeaderLen]
	f.inner = f.inner[:wire.IPv6HeaderLen]
	wire.IPv6(f.inner).SetNextHeader(next)
	return true
}

// mutations break the world in one way each. violated are the rows, and no others, that must
// be violated then.
var mutations = []struct {
	name     string
	breakage Breakage
	sets     string
	in       string // scenarios; the standard ones if empty
	violated string
}{
	{name: "update without the IPv4 option", violated: "D-2.2.1-2 D-2.2.2-6 D-3.3-13", sets: "protocol.ipsec=false", breakage: Breakage{Tamper: rewrite("mn", onBU(func(f *frame) bool {
		if len(f.upper) != 40 || f.upper[34] != optHome4 {
			return false
		}
		f.upper, f.upper[1] = f.upper[:32], 3
		return true
	}))}},
	{name: "acknowledgement without the IPv4 option", violated: "D-2.2.1-9 D-2.2.2-12 D-3.4-1 D-3.4-11", sets: "protocol.ipsec=false", breakage: Breakage{Tamper: rewrite("ha", onBA(blank(optAck4)))}},
	{name: "wrong outer source of updates", violated: "D-2.2.2-2 D-3.3-6 D-3.3-8", in: "case-b", breakage: Breakage{Tamper: rewrite("mn", func(f *frame) bool {
		if len(f.outer) != 20 || !f.chain.HomeAddress.IsValid() {
			return false
		}
		wire.IPv4(f.outer).SetSource(netip.MustParseAddr("198.51.100.99"))
		return true
	})}},
	{name: "mapped source of tunnelled data", violated: "D-0-1 D-3.4-20", in: "case-b", breakage: Breakage{Tamper: rewrite("ha", func(f *frame) bool {
		if len(f.outer) != 20 || f.chain.Upper != wire.ProtoUDP {
			return false
		}
		wire.IPv6(f.inner).SetSource(netip.MustParseAddr("::ffff:203.0.113.80"))
		return true
	})}},
	{name: "no routing header", violated: "D-2.2-3 D-2.2.1-13 D-3.4-15 B-12", sets: "protocol.ipsec=false", breakage: Breakage{Tamper: rewrite("ha", onBA(withoutExtension))}},
	{name: "routing header with the mapped IPv4 home address", violated: "D-2.2.1-13 D-3.3-2 D-3.4-15 D-3.4-20 B-12", sets: "protocol.ipsec=false", breakage: Breakage{Tamper: rewrite("ha", onBA(func(f *frame) bool {
		if f.chain.RoutingAt == 0 {
			return false
		}
		wire.Routing(f.inner[f.chain.RoutingAt:]).SetHomeAddress(netip.MustParseAddr("::ffff:192.0.2.100"))
		return true
	}))}},
	{name: "no Home Address option", violated: "D-2.2-3 D-2.2.2-3 D-3.3-9 D-3.3-12 B-4", sets: "protocol.ipsec=false", breakage: Breakage{Tamper: rewrite("mn", onBU(withoutExtension))}},
	{name: "no Alternate Care-of Address", violated: "D-3.3-12 B-4", sets: "protocol.ipsec=false", breakage: Breakage{Tamper: rewrite("mn", onBU(blank(wire.MobOptAlternateCareOf)))}},
	{name: "no ESP", violated: "D-3.3-11 D-3.3-12 B-5", breakage: Breakage{Tamper: rewrite("mn", func(f *frame) bool {
		if f.chain.Upper != wire.ProtoESP {
			return false
		}
		e, err := wire.ParseESP(f.upper, 0, 12)
		if err != nil {
			return false
		}
		payload, next, err := wire.OpenESP(e.Ciphertext())
		f.upper = slices.Clone(payload)
		f.inner[f.chain.NextHeaderAt] = next
		return err == nil
	})}},
	{name: "no acknowledgement", violated: "D-2.2.1-8 D-2.2.2-11 B-28", breakage: Breakage{Tamper: func(_ vtime.Time, from *topology.Port, b []byte) []byte {
		if f, ok := open(from, b); ok && from.Node == "ha" && f.chain.RoutingHome.IsValid() && f.chain.Upper == wire.ProtoESP {
			return nil
		}
		return b
	}}},
	{name: "no second binding", violated: "D-2.2-2 D-2.2.1-3 D-2.2.1-10 D-2.2.2-8 D-3.2.1-2 D-3.4-9 D-3.4-12 D-4-1", breakage: Breakage{State: func(_ vtime.Time, s *scenarios.State) {
		for i := range s.Agents {
			s.Agents[i].Bindings = slices.DeleteFunc(s.Agents[i].Bindings, isIPv4Binding)
		}
	}}},
	{name: "a first wait of 1 s", violated: "B-21", in: "no-answer", breakage: Breakage{Event: secondUpdateEarlier()}},
	{name: "proxy advertisement with wrong flags", violated: "B-14", breakage: Breakage{Tamper: rewrite("ha", func(f *frame) bool {
		if f.chain.Upper != wire.ProtoICMPv6 || f.upper[0] != wire.ICMPv6NeighborAdvertisement || wire.IPv6(f.inner).Destination() != wire.AllNodes {
			return false
		}
		f.upper[4] = 0x80 // R alone
		wire.PutICMPv6(f.upper, f.upper[0], 0, wire.IPv6(f.inner).Source(), wire.IPv6(f.inner).Destination())
		return true
	})}},
	{name: "tunnel to the wrong care-of address", violated: "D-0-1 D-2.2.1-5", in: "case-a", breakage: Breakage{Tamper: rewrite("ha", func(f *frame) bool {
		if len(f.outer) != 40 || f.chain.Upper != wire.ProtoUDP {
			return false
		}
		wire.IPv6(f.outer).SetDestination(netip.MustParseAddr("2001:db8:a::dead"))
		return true
	})}},
	{name: "more lifetime than asked for", violated: "D-3.4-5 B-10", sets: "protocol.ipsec=false", breakage: Breakage{Tamper: rewrite("ha", onBA(func(f *frame) bool {
		if binary.BigEndian.Uint16(f.upper[10:]) == 0 {
			return false
		}
		binary.BigEndian.PutUint16(f.upper[10:], 1000)
		return true
	}))}},
	{name: "the wrong address in the acknowledgement option", violated: "D-3.2.1-6 D-3.2.1-8 D-3.4-2", sets: "protocol.ipsec=false", breakage: Breakage{Tamper: rewrite("ha", onBA(func(f *frame) bool {
		if i := strings.Index(string(f.upper), "\xc0\x00\x02\x64"); i > 0 {
			f.upper[i+3] = 101
			return true
		}
		return false
	}))}},
	{name: "a wrong checksum of the update", violated: "D-2.2-1 B-1", sets: "protocol.ipsec=false", breakage: Breakage{Tamper: func(_ vtime.Time, from *topology.Port, b []byte) []byte {
		if f, ok := open(from, b); ok && from.Node == "mn" && f.is(wire.MobilityBindingUpdate) {
			f.upper[4] ^= 0xff
		}
		return b
	}}},
	{name: "layer 2 tells what it should not", violated: "B-43", in: "movement", breakage: Breakage{Spec: func(s *spec.Spec) {
		for i := range s.MobileNodes {
			s.MobileNodes[i].MovementDetection = spec.MovementLink
		}
	}}},
	{name: "everybody is believed", violated: "D-0-1 D-3.3-11 D-3.3-12 D-3.4-5 D-4-5 B-5 B-23", in: "attacks", breakage: Breakage{Spec: func(s *spec.Spec) {
		s.Protocol.IPsec = false
	}}},
	{name: "a wrong authenticator", violated: "B-31 B-35", in: "route-optimization", breakage: Breakage{Tamper: rewrite("mn", onBU(func(f *frame) bool {
		if wire.IPv6(f.inner).Destination() != netip.MustParseAddr("2001:db8:c::99") {
			return false
		}
		f.upper[len(f.upper)-1] ^= 1
		return true
	}))}},
	{name: "IPv4 data beside the tunnel", violated: "D-2.3-3 D-2.3-4 B-18", in: "case-b", breakage: Breakage{Tamper: func(_ vtime.Time, from *topology.Port, b []byte) []byte {
		// The outer header of IPv4 in IPv4 goes.
		if from.Node == "mn" && len(b) > 54 && b[12] == 0x08 && b[13] == 0 && b[23] == wire.ProtoIPv4 {
			return append(slices.Clone(b[:14]), b[34:]...)
		}
		return b
	}}},
	{name: "a care-of address that nobody handed out", violated: "D-2.2-4", in: "managed", breakage: Breakage{Event: func(e *trace.Event) bool {
		reply := e.Octets != nil && e.LinkType == trace.Ethernet && len(e.Octets) > 62 && e.Octets[12] == 0x86 && e.Octets[20] == wire.ProtoUDP &&
			binary.BigEndian.Uint16(e.Octets[56:]) == wire.PortDHCPv6Client && e.Octets[62] == 7
		return !reply
	}}},
	{name: "a refresh that comes too late", violated: "D-0-1 B-25", in: "refresh", breakage: Breakage{Tamper: func(now vtime.Time, from *topology.Port, b []byte) []byte {
		if f, ok := open(from, b); ok && from.Node == "mn" && now > vtime.Time(8*time.Second) && f.chain.HomeAddress.IsValid() {
			return nil
		}
		return b
	}}},
}

// isIPv4Binding reports whether a binding is that of an IPv4 home address.
func isIPv4Binding(b mip.Binding) bool { return unmap(b.HomeAddress).Is4() }

// secondUpdateEarlier moves the second update of the mobile node half a second ahead.
func secondUpdateEarlier() func(*trace.Event) bool {
	n := 0
	return func(e *trace.Event) bool {
		if e.Node == "mn" && e.LinkType == trace.Ethernet && e.Link == "island" && e.Octets[12] == 0x86 && e.Octets[20] == wire.ProtoDestOpts {
			if n++; n == 2 {
				e.Time -= vtime.Time(500 * time.Millisecond)
			}
		}
		return true
	}
}

// standard are the scenarios of most mutations.
const standard = "case-a case-b return-home"

// Each mutation violates exactly the rows that speak of what it breaks.
func TestMutations(t *testing.T) {
	for _, m := range mutations {
		t.Run(m.name, func(t *testing.T) {
			names := strings.Fields(m.in)
			if len(names) == 0 {
				names = strings.Fields(standard)
			}
			report, err := judgeAll(names, m.breakage, strings.Fields(m.sets)...)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, g := range report.Judgements {
				if g.Verdict == Violated {
					got = append(got, g.Row.ID)
					if !in(g.Row.ID, m.violated) {
						t.Logf("%s: %s %s: %s", g.Row.ID, g.Finding.Scenario, g.Finding.Where(), g.Why)
					}
				}
			}
			if strings.Join(got, " ") != m.violated {
				t.Errorf("violated: %s\nwant:     %s", strings.Join(got, " "), m.violated)
			}
		})
	}
}

// Without a mutation none of their scenarios violates anything, under their settings either.
func TestNoMutation(t *testing.T) {
	for _, set := range []string{"protocol.ipsec=true", "protocol.ipsec=false"} {
		report, err := judgeAll(strings.Fields(standard+" no-answer"), Breakage{}, set)
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range report.Judgements {
			if g.Verdict == Violated {
				t.Errorf("%s: %s is violated in %s, %s: %s", set, g.Row.ID, g.Finding.Scenario, g.Finding.Where(), g.Why)
			}
		}
	}
}
