package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"dsmipsim/nodes/wire"
	"dsmipsim/reports/capture"
)

func newDecode() *cobra.Command {
	asJSON := false
	keys := ""
	c := &cobra.Command{
		Use:   "decode FILE",
		Short: "Decode a capture, one line per packet",
		Long: `Decode a pcap or pcapng file, of dsmipsim or of any other program: one line per packet with
number, time, interface, innermost addresses and message, the chain of headers, and after #
the comment. A FILE of - is standard input, and a file may be compressed by gzip. Frames may be
Ethernet, with VLAN tags or without, raw IP, BSD loopback, or Linux cooked captures.

ESP is opened and verified with keys: those of the esp_sa file that --keys names, in the form of
Wireshark, or else of the esp_sa beside the capture, which ` + "`dsmipsim run -o`" + ` writes there. Where
no key fits, ESP is looked into as if its cipher were NULL, as it is in dsmipsim unless a scenario
asks for another, and stays closed if that makes no sense. The IPv4 options of mobility messages
are read as draft-soliman-v4v6-mipv6-00 has them.

A packet that the capture cut off says so in its line, with what is there of it. If the file
itself is damaged or cut off, what stands before that place is printed, and the exit status is 2.`,
		Example: `  dsmipsim decode out/packets.pcapng
  dsmipsim decode --json out/packets.pcapng | jq 'select(.message == "BU")'
  dsmipsim decode --keys ~/.config/wireshark/esp_sa somewhere.pcap`,
		Args: exactly(1, "one capture file"),
		RunE: func(c *cobra.Command, args []string) error {
			if c.Flags().Changed("keys") && keys == "" {
				return usagef("found an empty name for --keys, wanted a file, or %s", noKeys)
			}
			o, err := keysFor(args[0], keys)
			if err != nil {
				return err
			}
			in := c.InOrStdin()
			if args[0] != "-" {
				file, err := os.Open(args[0])
				if err != nil {
					return usagef("capture: %w", err)
				}
				defer file.Close()
				in = file
			}
			return o.decode(args[0], in, c.OutOrStdout(), asJSON)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object per packet, with all fields")
	c.Flags().StringVar(&keys, "keys", "", "open ESP with the keys of this esp_sa `FILE`; "+noKeys+" also leaves the one beside the capture alone")
	return c
}

// decode prints the packets of a capture. What it has printed before a damaged place stays.
func (o opener) decode(name string, in io.Reader, out io.Writer, asJSON bool) (err error) {
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
		p := o.packet(n, f)
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
	Number      int         `json:"number"`           // from 1, as Wireshark counts
	TimeS       json.Number `json:"time_s,omitempty"` // since 1970; of dsmipsim's captures, since the run began; absent if the file does not tell
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

func (o opener) packet(n int, f capture.Frame) decoded {
	p := decoded{
		Number: n, Interface: f.Interface, Octets: f.Length, Comments: f.Comments, Layers: []layer{},
	}
	if !f.Time.IsZero() {
		p.TimeS = json.Number(fmt.Sprintf("%d.%09d", f.Time.Unix(), f.Time.Nanosecond()))
	}
	if f.Cut() {
		p.Captured = len(f.Octets)
	}
	link, known := f.Begins()
	if !known {
		p.Message, p.Group = "unknown link type", wire.GroupData.String()
		p.Layers = append(p.Layers, layer{Name: wire.LayerData, Summary: "link type " + f.Link.String(), Octets: len(f.Octets)})
		p.text = wire.Line(wire.Class{Message: p.Message}, []wire.Layer{{Name: wire.LayerData, Summary: p.Layers[0].Summary}}, p.Octets)
		return p
	}
	found, opts := o.dissect(f.Octets, link, f.Cut())
	for _, l := range found {
		own := layer{Name: l.Name, Summary: l.Summary, Offset: l.Offset, Octets: l.Len}
		for _, x := range l.Fields {
			own.Fields = append(own.Fields, field(x))
		}
		p.Layers = append(p.Layers, own)
	}
	class := wire.Classify(f.Octets, link, opts)
	if f.Cut() && class.Message == "malformed" {
		class.Message = "cut" // what it is was to be told further behind
	}
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

// line is a packet as one line of text.
func (p decoded) line() string {
	iface, at := p.Interface, p.TimeS.String()
	if iface == "" {
		iface = "-"
	}
	if at == "" {
		at = "-"
	}
	text := fmt.Sprintf("%5d %16s  %-14s  %s", p.Number, at, iface, p.text)
	if p.Captured > 0 {
		text += fmt.Sprintf(" (cut: %d captured)", p.Captured)
	}
	for _, c := range p.Comments {
		text += "  # " + strings.ReplaceAll(c, "\n", " ")
	}
	return text
}
