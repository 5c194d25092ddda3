package scenarios

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"dsmipsim/reports/result"
	"dsmipsim/scenarios/spec"
)

// outcome runs a scenario without what is expected of it as it is.
func outcome(t *testing.T, s *spec.Spec) *result.Result {
	t.Helper()
	s.Expects = nil
	o, err := Run("tcp", s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return o.Result
}

// A connection of 30 s fills a path of 10 Mbit/s when nothing moves.
func TestTCPFillsThePath(t *testing.T) {
	f := outcome(t, load(t, "library/tcp-loss.toml", "network.home.link.loss=0")).Flows[0]
	if rate := float64(f.GoodputOctets) * 8 / 30; rate < 9.2e6 || *f.GoodputBPS < 9.2e6 {
		t.Errorf("%.0f bit/s, by its own account %.0f", rate, *f.GoodputBPS)
	}
	if f.Sent != f.Received+f.Lost+f.InFlight || f.Sent < f.Segments || f.Aborted || f.TransferS != nil {
		t.Errorf("%+v %+v", f, *f.Stream)
	}
}

// The connection outlives every handover, in each family, in each direction, with route
// optimisation and with everything in the tunnel protected; the stall of each handover is
// reported, and lasts at least as long as the handover.
func TestTCPRoams(t *testing.T) {
	for _, sets := range [][]string{
		nil,
		{"flow.download.family=ipv4"},
		{"flow.download.from=mn", "flow.download.to=cn"},
		{"flow.download.from=mn", "flow.download.to=cn", "flow.download.family=ipv4"},
		{"protocol.route_optimization=true"},
		{"protocol.route_optimization=true", "flow.download.from=mn", "flow.download.to=cn"},
		{"protocol.tunnel_mtu=1480B"},
	} {
		t.Run(strings.Join(sets, " "), func(t *testing.T) {
			r := outcome(t, load(t, "library/tcp-roaming.toml", append(sets, "flow.download.size=6MB", "duration=40s")...))
			f := r.Flows[0]
			if f.GoodputOctets != 6_000_000 || f.TransferS == nil || f.Aborted || f.Sent != f.Received+f.Lost+f.InFlight {
				t.Errorf("%+v %+v", f, *f.Stream)
			}
			for _, h := range r.Handovers {
				if h.LatencyS == nil || h.PredictedNote == "" || h.Phases.RestS > 0.001 {
					t.Errorf("handover %+v", h)
					continue
				}
				i := h.Flows[0]
				if i.Stall == nil || i.StallS == nil || *i.StallS < *h.LatencyS-0.2 || *i.StallS > 8 {
					t.Errorf("to %s: stall %+v, latency %v", h.To, i, *h.LatencyS)
				}
				if h.Flows[1].Stall != nil {
					t.Errorf("to %s: requests have a stall", h.To)
				}
			}
			// No segment is lost to the tunnel but those that make its MTU known.
			if n := f.Drops["too_big"]; n > 3 {
				t.Errorf("%d segments were too big", n)
			}
		})
	}
}

// Every frame is the same at the same time again, and so is all else, on any number of
// processors.
func TestTCPIsDeterministic(t *testing.T) {
	fingerprint := func() result.Fingerprint { return outcome(t, load(t, "library/tcp-roaming.toml")).Fingerprint }
	first := fingerprint()
	for _, n := range []int{1, 2, 4} {
		before := runtime.GOMAXPROCS(n)
		again := fingerprint()
		runtime.GOMAXPROCS(before)
		if again != first {
			t.Errorf("another run with %d processors", n)
		}
	}
}

// A run closes its netstacks, also one that fails before it begins.
func TestTCPLeavesNoGoroutine(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 20 {
		outcome(t, load(t, "library/tcp-loss.toml", "duration=1s"))
	}
	for range 100 { // a goroutine is counted until it has returned
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}

// Each key of flows over TCP makes a difference.
func TestTCPKeys(t *testing.T) {
	const requests = "library/tcp-roaming.toml"
	for _, c := range []struct{ name, file, set string }{
		{"size", "library/tcp-loss.toml", "flow.download.size=100kB"},
		{"dscp", "library/tcp-loss.toml", "flow.download.dscp=46"},
		{"start", "library/tcp-loss.toml", "flow.download.start=1s"},
		{"stop", "library/tcp-loss.toml", "flow.download.stop=500ms"},
		{"port", "library/tcp-loss.toml", "flow.download.port=80"},
		{"source_port", "library/tcp-loss.toml", "flow.download.source_port=80"},
		{"request_size", requests, "flow.web.request_size=301B"},
		{"response_size", requests, "flow.web.response_size=30kB"},
		{"think_time", requests, "flow.web.think_time=400ms"},
		{"requests", requests, "flow.web.requests=1"},
	} {
		sets := []string{"duration=2s", "network.home.link.loss=0"}
		if c.file == requests {
			sets = append(sets, "mobile_node.mn.visit=[]", "flow.web.stop=2s")
		}
		plain := outcome(t, load(t, c.file, sets...))
		other := outcome(t, load(t, c.file, append(sets, c.set)...))
		if plain.Fingerprint.Wire == other.Fingerprint.Wire {
			t.Errorf("%s changes nothing", c.name)
		}
	}
}

// Through a NAT a connection goes out, and comes in where the NAT forwards its port.
func TestTCPThroughNAT(t *testing.T) {
	src := strings.Replace(natScenario, "to_port = 700 }", "to_port = 700, protocol = 'tcp' }", 1)
	flow := func(name, from, to, more string) {
		src += fmt.Sprintf("[[flow]]\nname = '%s'\nkind = 'tcp'\nsize = '100kB'\nfamily = 'ipv4'\nfrom = '%s'\nto = '%s'\n%s\n", name, from, to, more)
	}
	flow("out", "a", "web1", "")
	flow("in", "web1", "b", "address = '203.0.113.5'\nport = 7000")
	flow("closed", "web2", "b", "address = '203.0.113.5'\nport = 7001")
	s, err := spec.Load("nat", []byte(src), nil)
	if err != nil {
		t.Fatal(err)
	}
	r := outcome(t, s)
	for i, want := range []int64{100_000, 100_000, 0} {
		if f := r.Flows[i]; f.GoodputOctets != want || f.Sent != f.Received+f.Lost+f.InFlight {
			t.Errorf("%s: %+v %+v", f.Name, f, *f.Stream)
		}
	}
	if n := r.Flows[2].Drops["nat_mapping"]; n == 0 {
		t.Errorf("nothing was dropped for lack of a mapping: %v", r.Flows[2].Drops)
	}
}
