package scenarios

import (
	"bytes"
	"math"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"dsmipsim/nodes/wire"
	"dsmipsim/reports/result"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// frame is a transmission that a test has kept.
type frame struct {
	at     vtime.Time
	node   string
	link   string
	layers []wire.Layer
}

func (f *frame) names() string {
	var all []string
	for _, l := range f.layers {
		all = append(all, l.Name)
	}
	return strings.Join(all, " | ")
}

// frames keeps the transmissions of everything but test flows.
type frames struct {
	opts wire.DissectOptions
	all  []frame
}

func (fs *frames) Record(e *trace.Event) {
	if e.Kind != trace.Transmission || e.Flow != 0 {
		return
	}
	link := wire.LinkEthernet
	if e.LinkType == trace.RawIP {
		link = wire.LinkRaw
	}
	fs.all = append(fs.all, frame{e.Time, e.Node, e.Link, wire.Dissect(e.Octets, link, fs.opts)})
}

func runRoaming(t *testing.T, more ...func(result.Setup) trace.Sink) *Outcome {
	t.Helper()
	o, err := Run("roaming", load(t, "library/roaming.toml"), Options{Sinks: func(setup result.Setup) ([]trace.Sink, error) {
		var sinks []trace.Sink
		for _, m := range more {
			sinks = append(sinks, m(setup))
		}
		return sinks, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestRoamingHandovers(t *testing.T) {
	r := runRoaming(t).Result
	var got []string
	for _, h := range r.Handovers {
		got = append(got, h.From+"->"+h.To+" "+h.Outcome)
	}
	want := []string{"home->campus registered", "campus->cell registered", "cell->cafe unsupported_network", "cafe->home deregistered"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	for _, f := range r.Flows {
		if f.Sent == 0 || f.Received == 0 || f.Sent != f.Received+f.Lost+f.InFlight || f.Duplicates != 0 {
			t.Errorf("flow %s: sent %d, received %d, lost %d, in flight %d, duplicates %d", f.Name, f.Sent, f.Received, f.Lost, f.InFlight, f.Duplicates)
		}
	}
}

// Without loss on the links packets get lost only because of movement: each one between the
// last that was received over one attachment and the first over a later one. Over the cafe
// none is received at all, so that the whole stay lies between cell and home.
func TestRoamingLosesPacketsOnlyByMovement(t *testing.T) {
	o := runRoaming(t)
	var ups []vtime.Time // when the attachments after home began
	for _, h := range o.Result.Handovers {
		ups = append(ups, vtime.Time(math.Round((h.StartS+h.Phases.L2S)*1e9)))
	}
	const cafe = 3
	for _, fs := range o.Samples {
		// The range of sequence numbers received over each attachment.
		first, last := make([]int, len(ups)+1), make([]int, len(ups)+1)
		for i := range first {
			first[i], last[i] = -1, -1
		}
		for _, p := range fs.Packets {
			if p.Fate != result.Received {
				continue
			}
			at := p.Sent // by the mobile node
			if fs.Flow.TowardsMobile {
				at = p.End
			}
			over := 0
			for over < len(ups) && ups[over] <= at {
				over++
			}
			if first[over] < 0 {
				first[over] = int(p.Sequence)
			}
			last[over] = int(p.Sequence)
		}
		if first[cafe] >= 0 {
			t.Errorf("%s: packet %d was received in the cafe", fs.Flow.Name, first[cafe])
		}
		lost := 0
		for _, p := range fs.Packets {
			if p.Fate != result.Lost {
				continue
			}
			lost++
			for i, n := range first {
				if n >= 0 && int(p.Sequence) >= n && int(p.Sequence) <= last[i] {
					t.Errorf("%s: packet %d, sent at %s, lost (%s) among those received over attachment %d", fs.Flow.Name, p.Sequence, p.Sent, p.Reason, i)
				}
			}
			if int(p.Sequence) < first[0] || int(p.Sequence) > last[len(last)-1] {
				t.Errorf("%s: packet %d, sent at %s, lost (%s) before or after all movement", fs.Flow.Name, p.Sequence, p.Sent, p.Reason)
			}
		}
		if lost == 0 {
			t.Errorf("%s: no packet lost in four handovers", fs.Flow.Name)
		}
	}
}

// The header chains of section 2 of the protocol, hop by hop, with ESP.
func TestRoamingHeaderChains(t *testing.T) {
	fs := &frames{opts: Dissection(load(t, "library/roaming.toml"))}
	runRoaming(t, func(result.Setup) trace.Sink { return fs })
	got := map[string]string{}
	for i := range fs.all {
		f := &fs.all[i]
		last := f.layers[len(f.layers)-1].Name
		if last == wire.LayerMalformed {
			t.Errorf("%s %s: %s", f.at, f.link, f.layers[len(f.layers)-1].Summary)
		}
		if short, ok := map[string]string{"Binding Update": "BU", "Binding Acknowledgement": "BA"}[last]; ok {
			chain := strings.TrimPrefix(f.names(), "Ethernet | ")
			key := short + " " + f.link
			if f.link != "home-internet" { // which carries both cases
				got[key] = chain
			}
		}
	}
	const (
		buA = "IPv6 | Destination Options | ESP | Binding Update"
		baA = "IPv6 | Routing | ESP | Binding Acknowledgement"
	)
	want := map[string]string{
		"BU campus": buA, "BU campus-internet": buA, "BA campus": baA, "BA campus-internet": baA,
		"BU cell": "IPv4 | " + buA, "BU cell-internet": "IPv4 | " + buA, "BA cell": "IPv4 | " + baA, "BA cell-internet": "IPv4 | " + baA,
		"BU home": "IPv6 | ESP | Binding Update", "BA home": "IPv6 | ESP | Binding Acknowledgement",
	}
	for key, chain := range want {
		if got[key] != chain {
			t.Errorf("%s: %q, want %q", key, got[key], chain)
		}
	}
}

// An IPv4-mapped address appears in exactly three places: the inner source of a Binding
// Update over IPv4, its Alternate Care-of Address, and the inner destination of the
// Binding Acknowledgement.
func TestRoamingMappedAddresses(t *testing.T) {
	mapped := 0
	check := sinkFunc(func(e *trace.Event) {
		if e.Kind != trace.Transmission || !bytes.Contains(e.Octets, mappedPrefix) {
			return
		}
		link := wire.LinkEthernet
		if e.LinkType == trace.RawIP {
			link = wire.LinkRaw
		}
		mapped++
		c := wire.Classify(e.Octets, link, Dissection(load(t, "library/roaming.toml")))
		if c.Message != "BU" && c.Message != "BA" {
			t.Errorf("%s %s: a mapped address in a %s", e.Time, e.Link, c.Message)
		}
		n := bytes.Count(e.Octets, mappedPrefix)
		if want := map[string]int{"BU": 2, "BA": 1}[c.Message]; n != want {
			t.Errorf("%s %s: %d mapped addresses in a %s, want %d", e.Time, e.Link, n, c.Message, want)
		}
	})
	runRoaming(t, func(result.Setup) trace.Sink { return check })
	if mapped == 0 {
		t.Error("no mapped address at all: case B was not seen")
	}
}

var mappedPrefix = func() []byte {
	a := netip.MustParseAddr("::ffff:198.51.100.0").As16()
	return a[:15]
}()

type sinkFunc func(e *trace.Event)

func (f sinkFunc) Record(e *trace.Event) { f(e) }

// tshark finds nothing wrong with any packet of the capture.
func TestRoamingByTshark(t *testing.T) {
	c := capture(t, load(t, "library/roaming.toml"), nil)
	c.fine()
	if seen := c.tshark("mipv6", "frame.number", "frame.interface_name"); len(seen) < 14 {
		t.Errorf("tshark sees too few mobility messages:\n%s", strings.Join(seen, "\n"))
	}
}
