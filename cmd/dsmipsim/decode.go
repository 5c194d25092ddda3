package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"slices"
	"strings"

	"github.com/gopacket/gopacket/layers"
	"github.com/spf13/cobra"

	"dsmipsim/nodes/wire"
	"dsmipsim/reports/capture"
	"dsmipsim/scenarios"
	"dsmipsim/scenarios/spec"
)

func newDecode() *cobra.Command {
	asJSON := false
	c := &cobra.Command{
		Use:   "decode FILE",
		Short: "Decode a capture, one line per packet",
		Long: `Decode a pcap or pcapng file, of dsmipsim or of any other program: one line per packet with
number, time, interface, innermost addresses and message, the chain of headers, and after #
the comment. A FILE of - is standard input.

ESP is looked into where its cipher is NULL and its integrity value has 96 bits, as it is in
dsmipsim unless a scenario asks for others. Other ESP stays closed. The IPv4 options of mobility messages are read as draft-soliman-v4v6-mipv6-00 has them.`,
		Example: `  dsmipsim decode out/packets.pcapng
  dsmipsim decode --json out/packets.pcapng | jq 'select(.message == "BU")'`,
		Args: exactly(1, "one capture file"),
		RunE: func(c *cobra.Command, args []string) error {
			in := c.InOrStdin()
			if args[0] != "-" {
				file, err := os.Open(args[0])
				if err != nil {
					return usagef("capture: %w", err)
				}
				defer file.Close()
				in = file
			}
			return decode(args[0], in, c.OutOrStdout(), asJSON)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object per packet, with all fields")
	return c
}

// decode prints the packets of a capture. What it has printed before a damaged place stays.
func decode(name string, in io.Reader, out io.Writer, asJSON bool) (err error) {
	c, err := capture.Open(in)
	if err != nil {
		return usagef("%s: %w", name, err)
	}
	w := bufio.NewWriter(out)
	defer func() {
		if flush := w.Flush(); err == nil {
			err = flush
		}
	}()
	lines := json.NewEncoder(w)
	lines.SetEscapeHTML(false)
	for n := 1; ; n++ {
		f, err := c.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return usagef("%s: packet %d: %w", name, n, err)
		}
		p := decodeFrame(n, f)
		if asJSON {
			err = lines.Encode(p)
		} else {
			_, err = fmt.Fprintln(w, p.line())
		}
		if err != nil {
			return err
		}
	}
}

// decoded is a packet as `decode --json` prints it.
type decoded struct {
	Number      int         `json:"number"` // from 1, as Wireshark counts
	TimeS       json.Number `json:"time_s"` // since 1970; of dsmipsim's captures, since the run began
	Interface   string      `json:"interface,omitempty"`
	Octets      int         `json:"octets"`             // on the wire
	Captured    int         `json:"captured,omitempty"` // of them in the file, if fewer
	Message     string      `json:"message"`            // the innermost message, as expectations name it
	Group       string      `json:"group"`
	Source      *netip.Addr `json:"source,omitempty"` // of the innermost IP header
	Destination *netip.Addr `json:"destination,omitempty"`
	Layers      []layer     `json:"layers"`
	Comments    []string    `json:"comments,omitempty"`

	text string // in one line
}

type layer struct {
	Name    string  `json:"name"`
	Summary string  `json:"summary"`
	Offset  int     `json:"offset"`
	Octets  int     `json:"octets"`
	Fields  []field `json:"fields,omitempty"`
}

type field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

func decodeFrame(n int, f capture.Frame) decoded {
	p := decoded{
		Number: n, TimeS: json.Number(fmt.Sprintf("%d.%09d", f.Time.Unix(), f.Time.Nanosecond())),
		Interface: f.Interface, Octets: f.Length, Comments: f.Comments, Layers: []layer{},
	}
	if len(f.Octets) < f.Length {
		p.Captured = len(f.Octets)
	}
	link, known := linkType(f.Link)
	if !known {
		p.Message, p.Group = "unknown link type", wire.GroupData.String()
		p.Layers = append(p.Layers, layer{Name: wire.LayerData, Summary: "link type " + f.Link.String(), Octets: len(f.Octets)})
		p.text = wire.Line(wire.Class{Message: p.Message}, []wire.Layer{{Name: wire.LayerData, Summary: p.Layers[0].Summary}}, p.Octets)
		return p
	}
	found, opts := dissect(f.Octets, link)
	for _, l := range found {
		own := layer{Name: l.Name, Summary: l.Summary, Offset: l.Offset, Octets: l.Len}
		for _, x := range l.Fields {
			own.Fields = append(own.Fields, field(x))
		}
		p.Layers = append(p.Layers, own)
	}
	class := wire.Classify(f.Octets, link, opts)
	p.Message, p.Group = class.Message, class.Group.String()
	p.text = wire.Line(class, found, p.Octets)
	if class.Source.IsValid() {
		p.Source = &class.Source
	}
	if class.Destination.IsValid() {
		p.Destination = &class.Destination
	}
	return p
}

// linkType tells how frames of a link type begin, if the decoder knows.
func linkType(t layers.LinkType) (wire.LinkType, bool) {
	switch t {
	case layers.LinkTypeEthernet:
		return wire.LinkEthernet, true
	case layers.LinkTypeRaw, layers.LinkTypeIPv4, layers.LinkTypeIPv6:
		return wire.LinkRaw, true
	}
	return 0, false
}

// icvLengths are the integrity check values that ESP is tried with: HMAC-SHA1-96 and
// HMAC-SHA-256-128. The packet does not tell which it has.
var icvLengths = []int{12, 16}

// dissect looks into ESP. If what it finds there makes no sense, the cipher is not NULL, and
// ESP stays closed.
func dissect(octets []byte, link wire.LinkType) ([]wire.Layer, wire.DissectOptions) {
	opts := scenarios.Dissection(&spec.Spec{Protocol: spec.Protocol{Mode: spec.ModeDraft00}})
	opts.ESPNull = true
	for _, opts.ICVLen = range icvLengths {
		if found := wire.Dissect(octets, link, opts); sensible(found) {
			return found, opts
		}
	}
	opts.ESPNull = false
	return wire.Dissect(octets, link, opts), opts
}

// sensible reports whether ESP, if there is any, holds a message that is well formed.
func sensible(found []wire.Layer) bool {
	esp := slices.IndexFunc(found, func(l wire.Layer) bool { return l.Name == "ESP" })
	if esp < 0 {
		return true
	}
	last := len(found) - 1
	return last > esp && found[esp+1].Name != wire.LayerData && found[last].Name != wire.LayerMalformed
}

// line is a packet as one line of text.
func (p decoded) line() string {
	iface := p.Interface
	if iface == "" {
		iface = "-"
	}
	text := fmt.Sprintf("%5d %16s  %-14s  %s", p.Number, p.TimeS, iface, p.text)
	if p.Captured > 0 {
		text += fmt.Sprintf(" (%d captured)", p.Captured)
	}
	for _, c := range p.Comments {
		text += "  # " + strings.ReplaceAll(c, "\n", " ")
	}
	return text
}
