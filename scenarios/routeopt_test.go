package scenarios

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/binary"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"dsmipsim/reports/result"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

const routeOptimization = "library/route-optimization.toml"

// Formula F5, with the acknowledgement: the phase is met within a millisecond by itself,
// with both tests and with the one that a fresh home token leaves, for deletions through
// the IPv4 tunnel and at home, whatever the moment and with refreshes between.
func TestRouteOptimizationIsPredicted(t *testing.T) {
	long := func(sets ...string) []string { // with less traffic
		for _, name := range []string{"up", "down", "up-old", "down4"} {
			sets = append(sets, "flow."+name+".interval=400ms")
		}
		for _, name := range []string{"campus", "library", "home"} {
			sets = append(sets, "network."+name+".router_advertisement.interval=600ms")
		}
		return append(sets, "duration=2000s")
	}
	visit := func(i int, at string) string { return fmt.Sprintf("mobile_node.mn.visit[%d].at=%s", i, at) }
	// A router whose neighbour has left finds out by chance, or not.
	toHome := []string{"neighbor_discovery.unreachability_detection=false", "mobile_node.mn.visit[2].network=home", "mobile_node.mn.visit[3].network=campus"}
	for _, sets := range [][]string{
		nil,
		{visit(0, "9.987s")},
		{"protocol.deregister_cn_on_v4=false"},
		toHome,
		long(visit(1, "300s"), visit(2, "700s"), visit(3, "1000s")), // tokens of the network before are too old
		long(visit(1, "500s"), visit(2, "1500s"), visit(3, "1600s")),
		long(append([]string{visit(1, "1000s"), visit(2, "1900s"), visit(3, "1990s"), "protocol.binding_lifetime=500s"}, toHome...)...),
	} {
		r := runFile(t, routeOptimization, sets...)
		for _, d := range deviations(r) {
			t.Errorf("%v: %s", sets, d)
		}
		n := 0
		for _, h := range r.Handovers {
			if h.Predicted != nil && h.Phases.RouteOptimizationS > 0 {
				n++
			}
		}
		if n < 2 {
			t.Errorf("%v: %d handovers with a predicted phase of route optimization", sets, n)
		}
	}
}

// seen is a Mobility Header message of a capture, as read by this file alone: no code of the
// program takes part in what follows, decoders included.
type seen struct {
	at       vtime.Time
	link     string
	tunnels  int // IP headers around the innermost one
	src, dst netip.Addr
	home     netip.Addr // of a Home Address option or type 2 routing header
	mh       []byte
}

// spy collects the messages of a run and all IP packets of its flows.
type spy struct {
	messages []seen
	data     []seen // mh is the chain of headers as numbers
}

func (s *spy) Record(e *trace.Event) {
	if e.Kind != trace.Transmission {
		return
	}
	b := e.Octets
	if e.LinkType == trace.Ethernet {
		if b[12] == 8 && b[13] == 6 {
			return
		}
		b = b[14:]
	}
	m := seen{at: e.Time, link: e.Link}
	next := b[0] >> 4 // 4 or 6
	m.tunnels = -1
	for {
		switch next {
		case 4:
			m.tunnels++
			m.src, m.dst, m.home = netip.AddrFrom4([4]byte(b[12:16])), netip.AddrFrom4([4]byte(b[16:20])), netip.Addr{}
			next, b = b[9], b[int(b[0]&15)*4:]
		case 6, 41:
			m.tunnels++
			m.src, m.dst, m.home = netip.AddrFrom16([16]byte(b[8:24])), netip.AddrFrom16([16]byte(b[24:40])), netip.Addr{}
			next, b = b[6], b[40:]
			m.mh = nil
			if next == 6 {
				return
			}
		case 43, 60:
			m.home = netip.AddrFrom16([16]byte(b[8:24]))
			next, b = b[0], b[(int(b[1])+1)*8:]
		case 135:
			m.mh = append([]byte(nil), b...)
			s.messages = append(s.messages, m)
			return
		default:
			if e.Flow != 0 {
				s.data = append(s.data, m)
			}
			return
		}
	}
}

// authenticator follows RFC 6275 sections 5.2.5 and 6.2.7.
func authenticator(careOf, correspondent netip.Addr, mh []byte, tokens ...[]byte) []byte {
	k := sha1.New()
	for _, t := range tokens {
		k.Write(t)
	}
	h := hmac.New(sha1.New, k.Sum(nil))
	h.Write(careOf.AsSlice())
	h.Write(correspondent.AsSlice())
	h.Write(mh[:4])
	h.Write([]byte{0, 0})
	h.Write(mh[6 : len(mh)-12])
	return h.Sum(nil)[:12]
}

func spyOn(t *testing.T, sets ...string) (*spy, *Outcome) {
	t.Helper()
	s := &spy{}
	o, err := Run("test", load(t, routeOptimization, sets...), Options{Sinks: func(result.Setup) ([]trace.Sink, error) { return []trace.Sink{s}, nil }})
	if err != nil {
		t.Fatal(err)
	}
	return s, o
}

var (
	theHome  = netip.MustParseAddr("2001:db8:100::1000")
	theAgent = netip.MustParseAddr("2001:db8:100::1")
)

// Everybody who hears the tests can compute the authenticators, as RFC 6275 section 15.4
// admits: the capture proves itself.
func TestAuthenticatorsOfTheCapture(t *testing.T) {
	s, _ := spyOn(t)
	homeTokens, careOfTokens := map[uint16][]byte{}, map[uint16][]byte{}
	cookies := map[string]bool{}
	careOf := map[uint16]netip.Addr{} // by sequence number
	keys := map[uint16][][]byte{}
	updates, answers := 0, 0
	for _, m := range s.messages {
		switch typ, mh := m.mh[2], m.mh; {
		case typ == 1 || typ == 2:
			cookies[string(mh[8:16])] = true
		case typ == 3 || typ == 4:
			index := binary.BigEndian.Uint16(mh[6:])
			if !cookies[string(mh[8:16])] {
				t.Errorf("%v: a test answers a cookie that nobody sent", m.at)
			}
			if typ == 3 {
				homeTokens[index] = mh[16:24]
			} else {
				careOfTokens[index] = mh[16:24]
			}
		case typ == 5 && m.dst != theAgent:
			updates++
			sequence := binary.BigEndian.Uint16(mh[6:])
			if mh[12] != 4 || mh[18] != 5 || len(mh) != 32 {
				t.Fatalf("%v: Binding Update without the two options: %x", m.at, mh)
			}
			home, away := homeTokens[binary.BigEndian.Uint16(mh[14:])], careOfTokens[binary.BigEndian.Uint16(mh[16:])]
			careOf[sequence], keys[sequence] = m.src, [][]byte{home, away}
			if lifetime := binary.BigEndian.Uint16(mh[10:]); lifetime == 0 {
				careOf[sequence], keys[sequence] = theHome, [][]byte{home}
			} else if lifetime > 105 {
				t.Errorf("%v: lifetime of %d x 4 s", m.at, lifetime)
			}
			if want := authenticator(careOf[sequence], m.dst, mh, keys[sequence]...); !bytes.Equal(want, mh[20:]) {
				t.Errorf("%v %s: authenticator %x, want %x", m.at, m.link, mh[20:], want)
			}
		case typ == 6 && m.src != theAgent:
			answers++
			sequence := binary.BigEndian.Uint16(mh[8:])
			if want := authenticator(careOf[sequence], m.src, mh, keys[sequence]...); !bytes.Equal(want, mh[20:]) {
				t.Errorf("%v %s: authenticator %x, want %x", m.at, m.link, mh[20:], want)
			}
		}
	}
	if updates < 9 || answers < 9 {
		t.Errorf("%d updates and %d answers of correspondents on all links together", updates, answers)
	}
}

// E16, D-2.3-2 to D-2.3-4: on IPv4 there are no tests and no registrations but the deletion,
// everything goes through the home agent; packets of the IPv4 home address always do.
func TestNoRouteOptimizationOnIPv4(t *testing.T) {
	for _, deregister := range []bool{true, false} {
		s, o := spyOn(t, fmt.Sprintf("protocol.deregister_cn_on_v4=%v", deregister))
		deletions := 0
		for _, m := range s.messages {
			if m.link != "cell" || m.dst == theAgent || m.src == theAgent {
				continue
			}
			lifetime := binary.BigEndian.Uint16(m.mh[10:])
			if m.mh[2] == 5 && lifetime == 0 && m.tunnels == 1 && m.src == theHome && !m.home.IsValid() {
				deletions++
			} else if m.mh[2] != 6 || lifetime != 0 || m.tunnels != 1 {
				t.Errorf("%v: message of type %d on IPv4: %+v", m.at, m.mh[2], m)
			}
		}
		if want := map[bool]int{true: 1, false: 0}[deregister]; deletions != want {
			t.Errorf("deregister %v: %d deletions", deregister, deletions)
		}
		direct4, direct6 := 0, 0
		away := func(m *seen) bool { return m.link == "campus" || m.link == "library" || m.link == "cell" }
		for i := range s.data {
			m := &s.data[i]
			if !away(m) || m.tunnels > 0 {
				continue
			}
			switch {
			case m.link == "cell":
				if m.src.Is6() { // what a correspondent still sends to the old address does not come here
					t.Fatalf("%v: data on cell without a tunnel", m.at)
				}
			case m.src.Is4():
				direct4++
			case m.home == theHome:
				direct6++
			}
		}
		if direct4 != 0 || direct6 == 0 {
			t.Errorf("%d packets of the IPv4 home address and %d of the IPv6 one go directly", direct4, direct6)
		}
		// Without deletion the correspondent goes on sending to the library.
		for _, f := range o.Result.Flows {
			if f.Name != "down" {
				continue
			}
			for _, h := range o.Result.Handovers {
				if h.To == "cell" && h.Flows[0].Lost > 400 == deregister {
					t.Errorf("deregister %v: %d packets lost on entering cell", deregister, h.Flows[0].Lost)
				}
			}
		}
	}
}

// Delay falls when the route is optimised: over the campus by 80 ms, the way to the home
// network and back.
func TestDelayFalls(t *testing.T) {
	_, o := spyOn(t)
	var before, after float64
	for _, f := range o.Samples {
		if f.Flow.Name != "up" {
			continue
		}
		for _, p := range f.Packets {
			if p.Fate != result.Received {
				continue
			}
			switch at := p.Sent; {
			case at > vtime.Time(12200*time.Millisecond) && at < vtime.Time(12300*time.Millisecond):
				before = float64(p.End-p.Sent) / 1e6
			case at > vtime.Time(13*time.Second) && at < vtime.Time(14*time.Second):
				after = float64(p.End-p.Sent) / 1e6
			}
		}
	}
	if d := before - after; d < 79.9 || d > 80.1 {
		t.Errorf("%.3f ms through the home agent, %.3f ms directly", before, after)
	}
}

// tshark finds nothing wrong with any packet, checksums through HAO and RH2 included.
func TestRouteOptimizationByTshark(t *testing.T) {
	c := capture(t, load(t, routeOptimization), nil)
	c.fine()
	// HoTI, CoTI, HoT, CoT, Binding Authorization Data, and data with HAO and RH2.
	sees := c.tshark("mip6.mhtype < 5 || mip6.bad.auth || udp.length == 168 && (ipv6.routing.type == 2 || ipv6.opt.type == 201)", "frame.number")
	if n := len(sees); n <= 3000 {
		t.Errorf("tshark sees %d messages and packets of route optimization", n)
	}
}
