// Package recompute measures a run a second time: from its capture, packets.pcapng, and from what
// the scenario says about the world around it, scenario.toml. Tests compare what it finds with
// all other outputs of the run.
//
// It knows none of our packages. Headers are read by gopacket, and what gopacket does not know
// (Mobility Header, ESP, destination options, type 2 routing header, tunnels, the stamp of test
// packets) by a walk over the octets of its own, so that no fault of the simulator's codecs or
// measures is repeated here. Everything is integer nanoseconds and octets.
//
// A capture has the departures of frames, not their arrivals. These follow from the scenario:
// rate and delay of the link. A frame to the mobile node arrives if the node is on the link from
// departure to arrival, which follows from its itinerary. So the scenario must leave neither to
// chance: links with loss or jitter, random attach times and several mobile nodes are refused.
//
// Packets that a node refuses before they reach a link are not in the capture. The sequence
// numbers of a flow have no gaps, so their number is known, but of what they were only what the
// schedule of the flow tells.
package recompute

import (
	"fmt"
	"os"
	"path/filepath"
)

// Run is what was found.
type Run struct {
	Scenario *Scenario
	Links    []Link
	Flows    []*Flow
	Messages []*Message
	Handover []Handover
	Bindings []Binding
	Frames   int
	Quiet    []int64 // departures of frames without a comment
}

// Link is what a link carried.
type Link struct {
	Name           string
	Frames, Octets int
}

// Read measures the run in a directory.
func Read(dir string) (*Run, error) {
	s, err := readScenario(filepath.Join(dir, "scenario.toml"))
	if err != nil {
		return nil, err
	}
	file, err := os.Open(filepath.Join(dir, "packets.pcapng"))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	c, err := readCapture(file)
	if err != nil {
		return nil, err
	}
	r := &Run{Scenario: s, Frames: len(c.frames)}
	for _, name := range c.links {
		r.Links = append(r.Links, Link{Name: name})
	}
	for _, f := range c.frames {
		if f.comment == "" {
			r.Quiet = append(r.Quiet, f.departure)
		}
		r.Links[f.number].Frames++
		r.Links[f.number].Octets += len(f.octets)
	}
	if err := c.decode(s); err != nil {
		return nil, err
	}
	if r.Flows, err = s.measureFlows(c); err != nil {
		return nil, err
	}
	r.Messages = countMessages(c)
	if r.Handover, err = s.followHandovers(c); err != nil {
		return nil, err
	}
	r.Bindings = s.followBindings(c)
	return r, nil
}

// fault names a frame in an error.
func (f *frame) fault(format string, a ...any) error {
	return fmt.Errorf("frame %d, %d ns, %s: %s", f.position, f.departure, f.link, fmt.Sprintf(format, a...))
}
