package scenarios

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"dsmipsim/reports/result"
)

// toCell returns the handovers to the network "cell" that ended in a registration.
func toCell(t *testing.T, r *result.Result) []result.Handover {
	t.Helper()
	var all []result.Handover
	for _, h := range r.Handovers {
		if math.Abs(h.Phases.RestS) > 1e-3 {
			t.Errorf("%s->%s: %v s are not explained", h.From, h.To, h.Phases.RestS)
		}
		if h.To == "cell" && h.LatencyS != nil {
			all = append(all, h)
		}
	}
	if len(all) == 0 {
		t.Fatal("no registration from cell")
	}
	return all
}

const twice = `mobile_node.mn.visit=[{at="5s",network="cell"},{at="50s",network="home"},{at="60s",network="cell"}]`

// IPv4-only networks are found in the time that the closed forms say, phase by phase where
// nothing is left to chance: by the book after three solicitations, beside them, and at once.
func TestIPv4OnlyWithoutRandomness(t *testing.T) {
	const (
		dora = 4 * 0.030274 // about: four messages over 30 ms, 342 octets at 10 Mbit/s
		tell = "network.home.router_advertisement.interval=100ms"
		hush = "network.home.router_advertisement.solicited_delay=0s"
	)
	for _, c := range []struct {
		name            string
		sets            []string
		detect, address float64 // of the last handover to cell
	}{
		{"sequential", []string{"mobile_node.mn.ipv4_detection=sequential"}, 9, dora},
		{"sequential after a fixed wait", []string{"mobile_node.mn.ipv4_detection=sequential", "mobile_node.mn.dhcp.init_delay=3s"}, 9, 3 + dora},
		{"parallel", nil, 1, 0},
		{"parallel, a long wait", []string{"mobile_node.mn.dhcp.init_delay=3s"}, 1, 2 + dora},
		{"at once", []string{"mobile_node.mn.v6_wait=0s"}, 0, dora},
		{"at once, warm server", []string{"mobile_node.mn.v6_wait=0s", "network.cell.dhcp={server=\"warm\"}"}, 0, dora + 0.0075},
		{"at once, cold server", []string{"mobile_node.mn.v6_wait=0s", "network.cell.dhcp={server=\"cold\"}"}, 0, dora + 0.518},
		{"at once, known server", []string{"mobile_node.mn.v6_wait=0s", "mobile_node.mn.dhcp.known_network=init-reboot", twice}, 0, dora / 2},
		{"at once, known router", []string{"mobile_node.mn.v6_wait=0s", "mobile_node.mn.dhcp.known_network=dna", twice}, 0, 0.0601},
		{"known router, narrow link", []string{"mobile_node.mn.v6_wait=0s", "mobile_node.mn.dhcp.known_network=dna", twice, "network.cell.link.rate=128kbps", "flow=[]"}, 0, 0.0756},
		{"lease over", []string{"mobile_node.mn.v6_wait=0s", "mobile_node.mn.dhcp.known_network=dna", twice, "network.cell.dhcp={lease=\"5s\"}"}, 0, dora},
	} {
		t.Run(c.name, func(t *testing.T) {
			sets := append([]string{"duration=90s", "expect=[]", tell, hush}, c.sets...)
			r := runFile(t, "library/ipv4-access.toml", sets...)
			for _, d := range deviations(r) {
				t.Error(d)
			}
			all := toCell(t, r)
			for _, h := range all {
				if h.Predicted == nil {
					t.Errorf("no prediction: %s", h.PredictedNote)
				}
			}
			h := all[len(all)-1]
			if math.Abs(h.Phases.DetectS-c.detect) > 2e-3 || math.Abs(h.Phases.AddressS-c.address) > 2e-3 {
				t.Errorf("detect %v, address %v, want %v and %v", h.Phases.DetectS, h.Phases.AddressS, c.detect, c.address)
			}
		})
	}
}

// With randomness the latency lies within the bounds, and its mean is the predicted one: 9 s,
// the wait of U(1,10) s, two round trips with the server, and the registration.
func TestIPv4OnlyBounds(t *testing.T) {
	for _, c := range []struct {
		name string
		sets []string
	}{
		{"init delay", []string{"mobile_node.mn.ipv4_detection=sequential", `mobile_node.mn.dhcp.init_delay=["1s","10s"]`}},
		{"conflict detection", []string{"mobile_node.mn.dhcp.acd=true", "mobile_node.mn.v6_wait=5s"}},
		{"server delay", []string{`network.cell.dhcp={server_delay={dist="exponential",mean="400ms",max="3s"}}`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			const runs = 60
			sum, squares, want := 0.0, 0.0, 0.0
			for seed := range runs {
				sets := append([]string{"duration=40s", "expect=[]", "flow=[]", fmt.Sprintf("seed=%d", seed+1)}, c.sets...)
				h := toCell(t, runFile(t, "library/ipv4-access.toml", sets...))[0]
				p := h.Predicted
				if p == nil {
					t.Fatal(h.PredictedNote)
				}
				if *h.LatencyS < p.LatencyMinS-1e-3 || *h.LatencyS > p.LatencyMaxS+1e-3 {
					t.Errorf("seed %d: %v s, predicted %v to %v s", seed, *h.LatencyS, p.LatencyMinS, p.LatencyMaxS)
				}
				want = p.LatencyS
				sum += *h.LatencyS
				squares += *h.LatencyS * *h.LatencyS
			}
			mean := sum / runs
			se := math.Sqrt((squares/runs - mean*mean) / runs)
			if math.Abs(mean-want) > 4*se {
				t.Errorf("the mean of %d runs is %v s, predicted %v s, standard error %v s", runs, mean, want, se)
			}
		})
	}
}

// Somebody on the link has the address that the server gives away. Without conflict detection
// nobody notices; with it the server is told, and gives another address after ten seconds
// (RFC 2131 section 3.1.5).
func TestAddressConflict(t *testing.T) {
	sets := []string{"duration=60s", "expect=[]", "flow=[]", "network.cell.dhcp={excludes_hosts=false}",
		`correspondent=[{name="cn",network="servers"},{name="camera",network="cell",ipv4="198.51.100.2"}]`}
	o, err := Run("test", load(t, "library/ipv4-access.toml", append(sets, "mobile_node.mn.dhcp.acd=true")...), Options{})
	if err != nil {
		t.Fatal(err)
	}
	h := toCell(t, o.Result)[0]
	// The conflict shows within a second; ten seconds later it begins anew, for at most 7 s more.
	if a := h.Phases.AddressS; a < 13 || a > 18.5 {
		t.Errorf("address phase %v s", a)
	}
	if n := messages(o.Result)["DHCPv4 DECLINE"]; n != 1 {
		t.Errorf("%d DECLINE", n)
	}
	if h.Predicted != nil || h.PredictedNote != "the address may be that of a fixed host" {
		t.Errorf("%+v %q", h.Predicted, h.PredictedNote)
	}
	r := runFile(t, "library/ipv4-access.toml", sets...)
	if n := messages(r)["DHCPv4 DECLINE"]; n != 0 {
		t.Errorf("%d DECLINE without conflict detection", n)
	}
}

// messages counts signalling messages by type.
func messages(r *result.Result) map[string]int {
	n := map[string]int{}
	for _, m := range r.Signalling.Messages {
		n[m.Type] += m.Packets
	}
	return n
}

// What DHCP exchanges in the life of a lease: renewal by T1 and T2, a server that falls
// silent, one that has forgotten its clients, and a lease that is given back.
func TestLeaseInAScenario(t *testing.T) {
	base := []string{"duration=90s", "expect=[]", "flow=[]"}
	for _, c := range []struct {
		name string
		sets []string
		want string
	}{
		{"one lease", nil, "DISCOVER 1 OFFER 1 REQUEST 1 ACK 1"},
		{"renewed at half its time", []string{`network.cell.dhcp={lease="60s"}`}, "DISCOVER 1 OFFER 1 REQUEST 3 ACK 3"},
		{"renewed at T1", []string{`network.cell.dhcp={lease="60s",renewal="20s"}`}, "DISCOVER 1 OFFER 1 REQUEST 5 ACK 5"},
		{"silence: renewal, rebinding, and a new search", []string{`network.cell.dhcp={lease="40s",stops_at="10s"}`}, "DISCOVER 5 OFFER 1 REQUEST 3 ACK 1"},
		{"rebinding comes earlier", []string{`network.cell.dhcp={lease="200s",renewal="10s",rebinding="12s",stops_at="10s"}`}, "DISCOVER 1 OFFER 1 REQUEST 3 ACK 1"},
		{"silence for a while", []string{`network.cell.dhcp={lease="60s",stops_at="10s",restarts_at="40s"}`}, "DISCOVER 1 OFFER 1 REQUEST 4 ACK 3"},
		{"forgotten", []string{`network.cell.dhcp={lease="60s",stops_at="10s",restarts_at="40s",keeps_leases=false}`}, "DISCOVER 2 OFFER 2 REQUEST 5 ACK 3 NAK 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := messages(runFile(t, "library/ipv4-access.toml", append(base, c.sets...)...))
			var got []string
			for _, typ := range []string{"DISCOVER", "OFFER", "REQUEST", "ACK", "NAK", "RELEASE", "DECLINE"} {
				if k := n["DHCPv4 "+typ]; k > 0 {
					got = append(got, fmt.Sprintf("%s %d", typ, k))
				}
			}
			if g := strings.Join(got, " "); g != c.want {
				t.Errorf("%s, want %s", g, c.want)
			}
		})
	}
}

// Back and forth between two IPv4-only networks: a node that asks for its last lease is
// refused in the other network, and one that asks the routers knows at once where it is.
func TestKnownNetworks(t *testing.T) {
	for _, c := range []struct {
		known                string
		discover, naks, acks int
		address              float64 // of the last handover, without v6_wait
	}{
		{"discover", 4, 0, 4, 0.080},
		{"init-reboot", 4, 3, 4, 0.120},
		{"dna", 2, 1, 2, 0.040}, // the routers answer before the server refuses
	} {
		r := runFile(t, "testdata/prediction/known-networks.toml", "mobile_node.mn.dhcp.known_network="+c.known)
		for _, d := range deviations(r) {
			t.Errorf("%s: %s", c.known, d)
		}
		n := messages(r)
		if n["DHCPv4 DISCOVER"] != c.discover || n["DHCPv4 ACK"] != c.acks || (n["DHCPv4 NAK"] != c.naks && c.known != "dna") {
			t.Errorf("%s: %v", c.known, n)
		}
		h := r.Handovers[len(r.Handovers)-1]
		if h.Predicted == nil || math.Abs(h.Phases.AddressS-c.address) > 2e-3 {
			t.Errorf("%s: address %v, want %v; %s", c.known, h.Phases.AddressS, c.address, h.PredictedNote)
		}
	}
}

// A node that used an IPv4 care-of address until the network turned out to have IPv6 gives
// the lease back if it is told to.
func TestRelease(t *testing.T) {
	for release, want := range map[bool]int{false: 0, true: 1} {
		r := runFile(t, "library/dual-stack-access.toml", "expect=[]", "mobile_node.mn.v6_wait=0s",
			fmt.Sprintf("mobile_node.mn.dhcp.release=%v", release), "network.office.router_advertisement.interval=2s", "network.office.router_advertisement.solicited_delay=300ms")
		if n := messages(r)["DHCPv4 RELEASE"]; n != want {
			t.Errorf("release = %v: %d messages", release, n)
		}
	}
}

// Where addresses are handed out the closed form holds for four messages and for two, with
// and without waiting for other servers, and for an address that is only confirmed.
func TestDHCPv6(t *testing.T) {
	for _, c := range []struct {
		sets          []string
		first, second float64 // detection and address of the two visits
		counts        string
	}{
		{nil, 2.012, 2.004, "SOLICIT 1 ADVERTISE 1 REQUEST 1 CONFIRM 1 REPLY 2"},
		{[]string{"mobile_node.mn.dhcpv6.confirm=false"}, 2.012, 2.008, "SOLICIT 2 ADVERTISE 2 REQUEST 2 REPLY 2"},
		{[]string{"mobile_node.mn.dhcpv6={rapid_commit=true}"}, 2.008, 2.004, "SOLICIT 2 REPLY 2"},
		{[]string{"mobile_node.mn.dhcpv6={rapid_commit=true}", "network.campus.dhcpv6.rapid_commit=false"}, 2.012, 2.008, "SOLICIT 2 ADVERTISE 2 REQUEST 2 REPLY 2"},
		{[]string{"mobile_node.mn.dhcpv6.delay=300ms"}, 2.312, 2.304, "SOLICIT 1 ADVERTISE 1 REQUEST 1 CONFIRM 1 REPLY 2"},
		{[]string{"network.campus.dhcpv6.server_delay=50ms"}, 2.112, 2.054, "SOLICIT 1 ADVERTISE 1 REQUEST 1 CONFIRM 1 REPLY 2"},
	} {
		r := runFile(t, "library/dhcpv6.toml", append(c.sets, "expect=[]")...)
		for _, d := range deviations(r) {
			t.Errorf("%v: %s", c.sets, d)
		}
		for i, want := range map[int]float64{0: c.first, 2: c.second} {
			h := r.Handovers[i]
			if got := h.Phases.DetectS + h.Phases.AddressS; h.Predicted == nil || math.Abs(got-want) > 1e-3 {
				t.Errorf("%v: handover %d takes %v s to an address, want %v; %s", c.sets, i+1, got, want, h.PredictedNote)
			}
		}
		n := messages(r)
		var got []string
		for _, typ := range []string{"SOLICIT", "ADVERTISE", "REQUEST", "CONFIRM", "RENEW", "REBIND", "REPLY", "DECLINE", "RELEASE"} {
			if k := n["DHCPv6 "+typ]; k > 0 {
				got = append(got, fmt.Sprintf("%s %d", typ, k))
			}
		}
		if g := strings.Join(got, " "); g != c.counts {
			t.Errorf("%v: %s, want %s", c.sets, g, c.counts)
		}
	}
}

// Without a preference of 255 the client waits 1 to 1.1 s for other servers; renewals come by
// T1; an address that somebody has is declined, and another one is used.
func TestDHCPv6Life(t *testing.T) {
	r := runFile(t, "library/dhcpv6.toml", "expect=[]", "network.campus.dhcpv6.preference=254")
	if h := r.Handovers[0]; h.Predicted == nil || *h.LatencyS < h.Predicted.LatencyMinS-1e-3 || *h.LatencyS > h.Predicted.LatencyMaxS+1e-3 || h.Phases.AddressS < 3 {
		t.Errorf("%+v", h)
	}
	r = runFile(t, "library/dhcpv6.toml", "expect=[]", "duration=60s", `network.campus.dhcpv6={preferred="20s",valid="40s",renewal="5s"}`)
	if n := messages(r)["DHCPv6 RENEW"]; n != 9 {
		t.Errorf("%d Renew", n)
	}
	r = runFile(t, "library/dhcpv6.toml", "expect=[]", "network.campus.dhcpv6={excludes_hosts=false}",
		`correspondent=[{name="camera",network="campus",ipv6="2001:db8:a::d:0:1"}]`)
	if n := messages(r); n["DHCPv6 DECLINE"] != 1 || n["DHCPv6 SOLICIT"] != 2 || n["DHCPv6 REPLY"] != 4 {
		t.Errorf("%v", n)
	}
	if h := r.Handovers[0]; h.Outcome != result.Registered || h.Predicted != nil || h.PredictedNote != "the address may be that of a fixed host" {
		t.Errorf("%+v", h)
	}
}
