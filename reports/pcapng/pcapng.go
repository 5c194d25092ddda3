// Package pcapng writes the frames of a run as packets.pcapng.
//
// There is one interface for each link, named like it. Time stamps are virtual time in
// nanoseconds since the run began, which a reader shows as 1 January 1970. While a mobile
// node is in a handover, each frame carries a comment that tells which one and its phase.
// Frames between routers, which have no link-layer addresses, carry their direction; the
// description of the interface names the two ends.
// Nothing of the machine that ran the simulation is in the file.
package pcapng

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"dsmipsim/reports/handover"
	"dsmipsim/reports/result"
	"dsmipsim/sim/trace"
)

// Writer is a trace.Sink that writes every Transmission to a capture file.
type Writer struct {
	setup   result.Setup
	tracker *handover.Tracker
	file    *pcapgo.NgWriter
	index   map[string]int // interface number by link
	active  []*handover.Handover
	comment []string // for the frames until the next change of phase
	err     error
}

// New starts a capture on w with an interface for each link of the setup.
func New(w io.Writer, setup result.Setup) (*Writer, error) {
	if len(setup.Links) == 0 {
		return nil, fmt.Errorf("capture: the scenario has no links")
	}
	section := pcapgo.NgWriterOptions{SectionInfo: pcapgo.NgSectionInfo{
		Application: "dsmipsim", Comment: "scenario " + setup.Scenario + ", virtual time"}}
	file, err := pcapgo.NewNgWriterInterface(w, ngInterface(setup.Links[0]), section)
	if err != nil {
		return nil, fmt.Errorf("capture: %w", err)
	}
	c := &Writer{setup: setup, tracker: handover.NewTracker(setup.MobileNodes, setup.HomeAgents), file: file,
		index: map[string]int{setup.Links[0].Name: 0}}
	for _, l := range setup.Links[1:] {
		i, err := file.AddInterface(ngInterface(l))
		if err != nil {
			return nil, fmt.Errorf("capture: %w", err)
		}
		c.index[l.Name] = i
	}
	return c, nil
}

func ngInterface(l result.LinkInfo) pcapgo.NgInterface {
	i := pcapgo.NgInterface{Name: l.Name, LinkType: layers.LinkTypeEthernet, TimestampResolution: 9}
	if l.Type == trace.RawIP {
		i.LinkType = layers.LinkTypeRaw
	}
	switch {
	case l.Ends[0] != "":
		i.Description = "outbound is from " + l.Ends[0] + " to " + l.Ends[1]
	case l.Network != "" && l.Network != l.Name:
		i.Description = "network " + l.Network
	}
	return i
}

// Record writes e if it is a Transmission. The first error stops the capture; Close reports it.
func (c *Writer) Record(e *trace.Event) {
	if c.tracker.Update(e) {
		c.follow(c.tracker.Last(e.Node))
	} else if e.Kind == trace.Milestone && len(c.active) > 0 {
		c.follow(nil) // with the last correspondent's binding the optimisation of routes is over
	}
	if e.Kind != trace.Transmission || c.err != nil {
		return
	}
	i, ok := c.index[e.Link]
	if !ok {
		c.err = fmt.Errorf("capture: %s transmits on %q, which is no link of the scenario", e.Node, e.Link)
		return
	}
	options := pcapgo.NgPacketOptions{Comments: c.comment}
	switch ends := c.setup.Links[i].Ends; e.Node {
	case ends[0]:
		options.Flags = &pcapgo.NgEpbFlags{Direction: pcapgo.NgEpbFlagDirectionOutbound}
	case ends[1]:
		options.Flags = &pcapgo.NgEpbFlags{Direction: pcapgo.NgEpbFlagDirectionInbound}
	}
	c.err = c.file.WritePacketWithOptions(gopacket.CaptureInfo{
		Timestamp:      time.Unix(0, int64(e.Time)),
		CaptureLength:  len(e.Octets),
		Length:         len(e.Octets),
		InterfaceIndex: i,
	}, e.Octets, options)
}

// follow renews the comment after h changed, or one of those that are active if h is nil.
func (c *Writer) follow(h *handover.Handover) {
	known := h == nil
	var active []*handover.Handover
	for _, a := range c.active {
		if a == h {
			known = true
		}
		// A handover that its node's next one has superseded is over, too.
		if a.Phase() != "" && (h == nil || a == h || a.Node != h.Node) {
			active = append(active, a)
		}
	}
	if !known && h.Phase() != "" {
		active = append(active, h)
	}
	c.active = active
	c.comment = nil
	if len(active) > 0 {
		var all []string
		for _, a := range active {
			all = append(all, c.describe(a))
		}
		c.comment = []string{strings.Join(all, "; ")}
	}
}

// describe says for instance "mn handover 2 campus->cell: register".
func (c *Writer) describe(h *handover.Handover) string {
	from, _ := c.setup.NetworkOf(h.From)
	to, _ := c.setup.NetworkOf(h.To)
	return fmt.Sprintf("%s handover %d %s->%s: %s", h.Node, h.Index, from, to, h.Phase())
}

// Close completes the file and returns the first error of the capture. It does not close the
// writer underneath.
func (c *Writer) Close() error {
	if err := c.file.Flush(); c.err == nil && err != nil {
		c.err = fmt.Errorf("capture: %w", err)
	}
	return c.err
}
