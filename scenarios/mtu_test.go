package scenarios

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"dsmipsim/nodes/traffic"
	"dsmipsim/nodes/wire"
	"dsmipsim/reports/result"
	"dsmipsim/scenarios/plan"
	"dsmipsim/scenarios/spec"
	"dsmipsim/sim/trace"
)

// mtusOf returns the MTU of every link of a scenario.
func mtusOf(t *testing.T, s *spec.Spec) map[string]int {
	t.Helper()
	p, err := plan.New(s)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]int{}
	for i := range s.Networks {
		all[s.Networks[i].Name] = s.Networks[i].Link.MTU
	}
	for _, l := range p.Links {
		all[l.Name] = l.Params.MTU
	}
	return all
}

// No link carries more than its MTU, and every packet is accounted for, whatever becomes of
// its fragments: with narrow links everywhere, and with loss.
func TestNoLinkCarriesMoreThanItsMTU(t *testing.T) {
	for _, sets := range [][]string{
		nil,
		{"protocol.tunnel_mtu=1480B"},
		{"network.cell.link.mtu=576B", "network.cell.uplink.mtu=576B"},
		{"network.campus.link.mtu=1280B", "network.home.link.mtu=1280B", "network.servers.link.mtu=1280B", "network.servers.uplink.mtu=1300B"},
		{"network.campus.link.loss=0.02", "network.cell.link.loss=0.02", "network.cell.uplink.loss=0.02", "duration=120s", "flow.down4.payload=9000B"},
		{"flow.down6.payload=20000B", "flow.up6.payload=20000B", "flow.down4.payload=65000B", "flow.up4.payload=65000B"},
	} {
		t.Run(strings.Join(sets, " "), func(t *testing.T) {
			s := load(t, "library/tunnel-mtu.toml", sets...)
			s.Expects = nil // they are about the scenario as it is
			mtus := mtusOf(t, s)
			fragments := 0
			watch := sinkFunc(func(e *trace.Event) {
				if e.Kind != trace.Transmission {
					return
				}
				b := e.Octets
				if e.LinkType == trace.Ethernet {
					b = b[wire.EthernetLen:]
				}
				if len(b) > mtus[e.Link] {
					t.Errorf("%v: %d octets on %s, whose MTU is %d", e.Time, len(b), e.Link, mtus[e.Link])
				}
				if h, err := wire.ParseIPv4(b); err == nil && h.IsFragment() || b[0]>>4 == 6 && b[6] == wire.ProtoFragment {
					fragments++
				}
			})
			o, err := Run("test", s, Options{Sinks: func(result.Setup) ([]trace.Sink, error) { return []trace.Sink{watch}, nil }})
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range o.Result.Flows {
				if f.Sent != f.Received+f.Lost+f.InFlight || f.Duplicates != 0 || f.Received < f.Sent/3 {
					t.Errorf("%s: sent %d, received %d, lost %d, in flight %d, duplicates %d", f.Name, f.Sent, f.Received, f.Lost, f.InFlight, f.Duplicates)
				}
			}
			if fragments < 1000 {
				t.Errorf("%d fragments only", fragments)
			}
			loss := strings.Contains(fmt.Sprint(sets), "loss")
			if got := o.Result.Drops["reassembly_timeout"] > 0; got != loss {
				t.Errorf("fragments timed out: %v, loss on the links: %v", got, loss)
			}
		})
	}
}

// tshark finds nothing wrong with any packet, and puts together what our nodes did: on the
// mobile node's links as many datagrams of a flow as were delivered, each of the right length.
func TestTunnelMTUByTshark(t *testing.T) {
	s := load(t, "library/tunnel-mtu.toml")
	c := capture(t, s, nil)
	c.fine()
	o, err := Run("test", s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range o.Result.Flows {
		port := traffic.Port(uint32(i + 1))
		link := `frame.interface_name in {"home", "campus", "cell"}`
		if strings.HasPrefix(f.Name, "up") {
			link = `frame.interface_name == "servers"`
		}
		// The first octets behind the port numbers are the datagram's length and checksum.
		lines := c.tshark(fmt.Sprintf("udp.dstport == %d && %s && !icmp && !icmpv6", port, link), "udp.length", "udp.checksum.status")
		for _, l := range lines {
			if l != strconv.Itoa(1400+wire.UDPHeaderLen)+"\t1" {
				t.Errorf("%s: tshark put together a datagram of %q", f.Name, l)
				break
			}
		}
		// What nobody took from the home link was on it all the same.
		if want := f.Received + f.Drops["no_receiver"]; len(lines) != want {
			t.Errorf("%s: tshark put together %d datagrams, %d were received and %d on the link", f.Name, len(lines), f.Received, want)
		}
	}
}

// A new care-of address is a new path: both ends of the tunnel forget what they have learnt.
func TestMovementForgetsThePathMTU(t *testing.T) {
	src, err := os.ReadFile("library/tunnel-mtu.toml")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(src), "[[home_agent]]", `[[network]]
name = "wide"
kind = "ipv6"
ipv6 = "2001:db8:b::/64"
uplink = { to = "internet", delay = "5ms" }

[[home_agent]]`, 1)
	text = strings.Replace(text, `{ at = "15s", network = "cell" }`, `{ at = "12s", network = "wide" }, { at = "19s", network = "campus" }`, 1)
	text, _, _ = strings.Cut(text, "\n[[expect]]")
	s, err := spec.Load("test", []byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	errors, whole := 0, 0
	watch := sinkFunc(func(e *trace.Event) {
		if e.Kind != trace.Transmission {
			return
		}
		c := wire.Classify(e.Octets, wire.LinkRaw, Dissection(s))
		if e.LinkType == trace.RawIP && e.Link == "home-internet" && e.Node == "internet" && c.Message == "ICMPv6 packet too big" {
			errors++
		}
		if e.Link == "wide-internet" && e.Node == "wide" && len(e.Octets) == 40+40+8+1400 {
			whole++
		}
	})
	if _, err := Run("test", s, Options{Sinks: func(result.Setup) ([]trace.Sink, error) { return []trace.Sink{watch}, nil }}); err != nil {
		t.Fatal(err)
	}
	// One about each family at either stay: at the second the correspondent still knows that
	// it may send 1280 octets, but the tunnel takes only 1240 of them whole.
	if errors != 4 {
		t.Errorf("%d Packets Too Big came to the home agent, want 4", errors)
	}
	if whole < 80 {
		t.Errorf("%d whole tunnel packets of the mobile node on the wide path", whole)
	}
}
