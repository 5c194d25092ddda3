package scenarios

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"dsmipsim/nodes/wire"
	"dsmipsim/reports/result"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// exchange runs the scenario first-registration with changes and returns its Binding Updates
// and Acknowledgements as they leave their senders, one line each with the fields named.
func exchange(t *testing.T, fields []string, sets ...string) ([]string, *result.Result) {
	t.Helper()
	s := load(t, "library/first-registration.toml", sets...)
	fs := &frames{opts: Dissection(s)}
	o, err := Run("test", s, Options{Sinks: func(result.Setup) ([]trace.Sink, error) { return []trace.Sink{fs}, nil }})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for i := range fs.all {
		f := &fs.all[i]
		l := f.layers[len(f.layers)-1]
		short := map[string]string{"Binding Update": "BU", "Binding Acknowledgement": "BA"}[l.Name]
		if short == "" || short == "BU" && f.node != "mn" || short == "BA" && f.node != "ha" {
			continue
		}
		line := short
		for _, want := range fields {
			for _, field := range l.Fields {
				if field.Name == want {
					line += " " + field.Value
				}
			}
		}
		lines = append(lines, line)
	}
	return lines, o.Result
}

// Each status of a Binding Acknowledgement and of the IPv4 address acknowledgement that a
// home agent's own state brings about, with what the mobile node does next.
func TestStatuses(t *testing.T) {
	fields := []string{"Status", "Lifetime", "Binding Refresh Advice", "IPv4 Home Address", "IPv4 Address Acknowledgement"}
	const (
		static   = "mobile_node.mn.ipv4_home_address=192.0.2.100"
		dynamic  = "mobile_node.mn.ipv4_home_address=dynamic"
		neighbor = `correspondent=[{name="squatter",network="home",duplicate=true,`
	)
	for _, c := range []struct {
		what string
		sets []string
		want []string
		out  string
	}{
		{"accepted", []string{static}, []string{
			"BU 10m0s 192.0.2.100/32", "BA 0 (Binding Update accepted) 10m0s 192.0.2.100, 0 (success)",
			"BU 10m0s 192.0.2.100/32", "BA 0 (Binding Update accepted) 10m0s 192.0.2.100, 0 (success)"}, "registered registered"},
		{"reason unspecified", []string{`home_agent.ha.policy=[{mobile_node="mn",status=128}]`}, []string{
			"BU 10m0s", "BA 128 (Reason unspecified) 0s", "BU 10m0s", "BA 128 (Reason unspecified) 0s"}, "failed failed"},
		{"prohibited", []string{`home_agent.ha.policy=[{mobile_node="mn",status=129}]`}, []string{
			"BU 10m0s", "BA 129 (Administratively prohibited) 0s", "BU 10m0s", "BA 129 (Administratively prohibited) 0s"}, "failed failed"},
		{"not in the table", []string{`home_agent.ha.policy=[{mobile_node="mn",unknown=true}]`, "protocol.ipsec=false"}, []string{
			"BU 10m0s", "BA 129 (Administratively prohibited) 0s", "BU 10m0s", "BA 129 (Administratively prohibited) 0s"}, "failed failed"},
		{"home address taken", []string{neighbor + `ipv6="2001:db8:100::1000",ipv4="192.0.2.9"}]`}, []string{
			"BU 10m0s", "BA 134 (Duplicate Address Detection failed) 0s", "BU 10m0s", "BA 134 (Duplicate Address Detection failed) 0s"}, "failed failed"},
		{"granted less than asked", []string{"home_agent.ha.max_lifetime=100s"}, []string{
			"BU 10m0s", "BA 0 (Binding Update accepted) 1m40s", "BU 10m0s", "BA 0 (Binding Update accepted) 1m40s"}, "registered registered"},
		{"advice", []string{"home_agent.ha.refresh_advice=4s", "mobile_node.mn.visit=[{at=\"5s\",network=\"campus\"}]", "duration=16s"}, []string{
			"BU 10m0s", "BA 0 (Binding Update accepted) 10m0s 4s", "BU 10m0s", "BA 0 (Binding Update accepted) 10m0s 4s",
			"BU 10m0s", "BA 0 (Binding Update accepted) 10m0s 4s"}, "registered"},
		{"IPv4: another address in the table", []string{static, `home_agent.ha.policy=[{mobile_node="mn",ipv4="192.0.2.101"}]`}, []string{
			"BU 10m0s 192.0.2.100/32", "BA 0 (Binding Update accepted) 10m0s 192.0.2.100, 130 (incorrect IPv4 home address)",
			"BU 10m0s", "BA 0 (Binding Update accepted) 10m0s"}, "registered registered"},
		{"IPv4: prohibited", []string{static, `home_agent.ha.policy=[{mobile_node="mn",ipv4_status=129}]`}, []string{
			"BU 10m0s 192.0.2.100/32", "BA 0 (Binding Update accepted) 10m0s 192.0.2.100, 129 (administratively prohibited)",
			"BU 10m0s", "BA 0 (Binding Update accepted) 10m0s"}, "registered registered"},
		{"IPv4: somebody on the home link has it", []string{static, neighbor + `ipv6="2001:db8:100::9",ipv4="192.0.2.100"}]`}, []string{
			"BU 10m0s 192.0.2.100/32", "BA 0 (Binding Update accepted) 10m0s 192.0.2.100, 128 (failure, reason unspecified)",
			"BU 10m0s 192.0.2.100/32"}, "registered registered"},
		{"IPv4: no pool", []string{dynamic}, []string{
			"BU 10m0s 0.0.0.0/32", "BA 0 (Binding Update accepted) 10m0s 0.0.0.0, 132 (dynamic IPv4 home address assignment not available)",
			"BU 10m0s 0.0.0.0/32", "BA 0 (Binding Update accepted) 10m0s 0.0.0.0, 132 (dynamic IPv4 home address assignment not available)"}, "registered registered"},
		{"IPv4: from the pool, with its lease", []string{dynamic, "home_agent.ha.ipv4_pool=192.0.2.128/26", "home_agent.ha.lease=60s"}, []string{
			"BU 10m0s 0.0.0.0/32", "BA 0 (Binding Update accepted) 1m0s 192.0.2.128, 0 (success)",
			"BU 10m0s 192.0.2.128/32", "BA 0 (Binding Update accepted) 1m0s 192.0.2.128, 0 (success)"}, "registered registered"},
		{"IPv4: the agent does not know the option", []string{static, "home_agent.ha.ipv4_support=false"}, []string{
			"BU 10m0s 192.0.2.100/32", "BA 0 (Binding Update accepted) 10m0s", "BU 10m0s", "BA 0 (Binding Update accepted) 10m0s"}, "registered registered"},
		{"IPv4: tried again after a while", []string{static, "home_agent.ha.ipv4_support=false", "draft00.reprobe_interval=5s",
			"mobile_node.mn.visit=[{at=\"5s\",network=\"campus\"}]", "duration=14s"}, []string{
			"BU 10m0s 192.0.2.100/32", "BA 0 (Binding Update accepted) 10m0s", "BU 10m0s 192.0.2.100/32", "BA 0 (Binding Update accepted) 10m0s"}, "registered"},
		{"Mobile IPv6 alone", []string{static, "protocol.mode=mipv6"}, []string{
			"BU 10m0s", "BA 0 (Binding Update accepted) 10m0s", "BU 10m0s", "BA 0 (Binding Update accepted) 10m0s"}, "registered registered"},
	} {
		got, r := exchange(t, fields, c.sets...)
		if len(got) > len(c.want) {
			got = got[:len(c.want)]
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got  %s\n want %s", c.what, strings.Join(got, "\n      "), strings.Join(c.want, "\n      "))
		}
		var outcomes []string
		for _, h := range r.Handovers {
			outcomes = append(outcomes, h.Outcome)
		}
		if out := strings.Join(outcomes, " "); out != c.out {
			t.Errorf("%s: outcomes %s, want %s", c.what, out, c.out)
		}
		for _, h := range r.Handovers {
			if h.Outcome == result.Registered && (h.Predicted == nil && h.PredictedNote == "" || h.Predicted != nil && (*h.LatencyS < h.Predicted.LatencyMinS-1e-3 || *h.LatencyS > h.Predicted.LatencyMaxS+1e-3)) {
				t.Errorf("%s: handover to %s took %v s, predicted %+v %s", c.what, h.To, *h.LatencyS, h.Predicted, h.PredictedNote)
			}
		}
	}
}

// A home agent without room refuses newcomers with 130 and keeps those that it serves.
func TestInsufficientResources(t *testing.T) {
	s := load(t, "library/first-registration.toml", "home_agent.ha.max_bindings=1",
		`mobile_node=[{name="mn",home_agent="ha",home_address="2001:db8:100::1000",visit=[{at="5s",network="campus"},{at="15s",network="library"}]},`+
			`{name="late",home_agent="ha",home_address="2001:db8:100::1001",visit=[{at="6s",network="campus"},{at="16s",network="library"}]}]`)
	status := map[string]int{}
	sink := sinkFunc(func(e *trace.Event) {
		if e.Kind == trace.Milestone && (e.Note.Kind == trace.BindingAccepted || e.Note.Kind == trace.BindingRejected) {
			status[fmt.Sprintf("%s %d", e.Node, e.Note.Status)]++
		}
	})
	if _, err := Run("test", s, Options{Sinks: func(result.Setup) ([]trace.Sink, error) { return []trace.Sink{sink}, nil }}); err != nil {
		t.Fatal(err)
	}
	if status["mn 0"] != 2 || status["late 130"] != 2 || len(status) != 2 {
		t.Errorf("%v", status)
	}
}

// The literal Length 1 of the draft: a home agent that counts octets loses the option, a
// lenient one reads it.
func TestLiteralLength(t *testing.T) {
	fields := []string{"IPv4 Address Acknowledgement"}
	literal := []string{"mobile_node.mn.ipv4_home_address=192.0.2.100", "draft00.literal_length=true"}
	got, _ := exchange(t, fields, literal...)
	// The judge counts octets, too: to it the Binding Update is malformed.
	if got[0] != "BA" || strings.Contains(strings.Join(got, "; "), "success") {
		t.Errorf("strict: %q", got)
	}
	got, _ = exchange(t, fields, append(literal, "draft00.lenient_length=true")...)
	if !slices.Equal(got[:2], []string{"BU", "BA 192.0.2.100, 0 (success)"}) {
		t.Errorf("lenient: %q", got)
	}
}

// Without the Alternate Care-of Address a Binding Update over IPv4 is shorter and still
// accepted.
func TestNoMappedAlternateCareOf(t *testing.T) {
	for set, octets := range map[string]float64{"draft00.altcoa_v4=true": 148, "draft00.altcoa_v4=false": 132} {
		s := load(t, "library/ipv4-access.toml", set)
		var sizes []float64
		sink := sinkFunc(func(e *trace.Event) {
			if e.Kind != trace.Transmission || e.Node != "mn" || e.LinkType != trace.Ethernet {
				return
			}
			if c := wire.Classify(e.Octets, wire.LinkEthernet, Dissection(s)); c.Message == "BU" && c.Source.Is4In6() {
				sizes = append(sizes, float64(c.IPOctets))
			}
		})
		o, err := Run("test", s, Options{Sinks: func(result.Setup) ([]trace.Sink, error) { return []trace.Sink{sink}, nil }})
		if err != nil {
			t.Fatal(err)
		}
		if len(sizes) == 0 || sizes[0] != octets {
			t.Errorf("%s: Binding Updates of %v octets, want %v", set, sizes, octets)
		}
		for _, h := range o.Result.Handovers {
			if h.Outcome != result.Registered && h.Outcome != result.Deregistered {
				t.Errorf("%s: %s %s", set, h.To, h.Outcome)
			}
		}
	}
}

// Twenty mobile nodes and a pool of sixteen: sixteen leases and four refusals, no address
// twice at a time, and expired leases go to those who wait.
func TestDynamicAddresses(t *testing.T) {
	leased := map[string]string{} // address -> home address, as the home agents bind them now
	owners := map[string]bool{}
	granted, refused, later := 0, 0, 0
	most := map[string]int{}
	sink := sinkFunc(func(e *trace.Event) {
		if e.Kind != trace.Milestone || !strings.HasPrefix(e.Node, "ha") && e.Note.Kind < trace.IPv4HomeAccepted {
			return
		}
		n := &e.Note
		switch n.Kind {
		case trace.BindingCreated:
			if !n.Home.Is4() {
				break
			}
			a := n.Home.String()
			if leased[a] != "" {
				t.Errorf("%s: %s is leased twice", e.Time, a)
			}
			leased[a] = n.CareOf.String()
			most[e.Node] = max(most[e.Node], len(leased))
		case trace.BindingRemoved:
			delete(leased, n.Home.String())
		case trace.IPv4HomeAccepted:
			if !owners[e.Node] && strings.HasPrefix(e.Node, "late") {
				later++
			} else if !owners[e.Node] && e.Node != "stranger" {
				granted++
			}
			owners[e.Node] = true
		case trace.IPv4HomeRefused:
			if n.Status != uint8(wire.IPv4NoDynamic) {
				t.Errorf("%s: %s refused with %d", e.Time, e.Node, n.Status)
			}
			if e.Time < vtime.Time(20e9) {
				refused++
			}
		}
	})
	o, err := Run("test", load(t, "library/dynamic-addresses.toml"), Options{Sinks: func(result.Setup) ([]trace.Sink, error) { return []trace.Sink{sink}, nil }})
	if err != nil {
		t.Fatal(err)
	}
	if granted != 16 || refused != 4 || later != 4 || most["ha"] != 16 || !owners["stranger"] {
		t.Errorf("%d leases at first, %d refusals, %d leases later, at most %v at a time, stranger %v", granted, refused, later, most, owners["stranger"])
	}
	for _, e := range o.Result.Expectations {
		if !e.Pass {
			t.Errorf("%s: want %s, got %v", e.Metric, e.Want, e.Got)
		}
	}
}
