package wire

import (
	"fmt"
	"strings"
)

// Layer is one decoded header or message of a packet, for people to read.
type Layer struct {
	Name    string // "IPv6", "Binding Update"...
	Summary string // the essence in one line
	Fields  []Field
	Offset  int // of its first octet in the packet
	Len     int // octets
}

// Field is one line of a Layer.
type Field struct{ Name, Value string }

// Names of the layers that end a dissection which cannot go on.
const (
	LayerMalformed = "Malformed"
	LayerData      = "Data"
	LayerCut       = "Cut" // the rest is not in the capture
)

// The field of an ESP layer that tells whether its integrity value is right, where that can be
// told, and its value if not.
const (
	FieldIntegrity = "Integrity"
	IntegrityWrong = "wrong"
)

// Dissect decodes a packet from the outermost header to the innermost. What
// is wrong or inconsistent, checksums included, ends the list with a layer
// named LayerMalformed whose summary is the error; of a frame that the capture
// cut off with one named LayerCut. It never panics.
func Dissect(b []byte, link LinkType, opts DissectOptions) []Layer {
	d := dissector{opts: opts}
	d.frame(b, link)
	return d.layers
}

// dissector collects layers. It walks forward only: at grows with each layer.
type dissector struct {
	opts   DissectOptions
	layers []Layer
	at     int // where the header about to be decoded starts
	depth  int
}

// add appends a layer of n octets at the current place and moves behind it.
func (d *dissector) add(n int, name, summary string, fields ...Field) {
	d.layers = append(d.layers, Layer{Name: name, Summary: summary, Fields: fields, Offset: d.at, Len: n})
	d.at += n
}

func (d *dissector) malformed(rest []byte, err error) {
	if d.opts.Cut {
		d.cut(rest)
		return
	}
	d.add(len(rest), LayerMalformed, err.Error())
}

func (d *dissector) cut(rest []byte) {
	d.add(len(rest), LayerCut, octets(len(rest))+" of the rest are in the capture")
}

func (d *dissector) data(b []byte) {
	if len(b) > 0 {
		d.add(len(b), LayerData, octets(len(b)))
	}
}

func octets(n int) string { return fmt.Sprintf("%d octets", n) }

func field(name string, value any) Field { return Field{name, fmt.Sprint(value)} }

func hexField(name string, value any) Field { return Field{name, fmt.Sprintf("%#x", value)} }

func bytesField(name string, value []byte) Field { return Field{name, fmt.Sprintf("%x", value)} }

// flagNames joins the names whose flag is set; "none" if there is none.
func flagNames(pairs ...any) string {
	var on []string
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1].(bool) {
			on = append(on, pairs[i].(string))
		}
	}
	if on == nil {
		return "none"
	}
	return strings.Join(on, ", ")
}

func (d *dissector) frame(b []byte, link LinkType) {
	b, etherType, err := d.link(b, link)
	if err != nil {
		d.malformed(b, err)
		return
	}
	switch etherType {
	case EtherTypeARP:
		d.arp(b)
	case EtherTypeIPv4:
		d.ip(b, 4)
	case EtherTypeIPv6:
		d.ip(b, 6)
	default:
		d.data(b)
	}
}

func (d *dissector) arp(b []byte) {
	a, err := ParseARP(b)
	if err != nil {
		d.malformed(b, err)
		return
	}
	var summary string
	switch {
	case a.Operation() == ARPReply:
		summary = fmt.Sprintf("%v is at %v", a.SenderIP(), a.SenderMAC())
	case a.IsGratuitous():
		summary = fmt.Sprintf("announcement: %v is at %v", a.SenderIP(), a.SenderMAC())
	default:
		summary = fmt.Sprintf("who has %v? tell %v", a.TargetIP(), a.SenderIP())
	}
	d.add(ARPLen, "ARP", summary, field("Operation", a.Operation()),
		field("Sender MAC", a.SenderMAC()), field("Sender IP", a.SenderIP()),
		field("Target MAC", a.TargetMAC()), field("Target IP", a.TargetIP()))
}

// ip decodes a packet of the version that the header before it announces, or
// of the one its own first nibble says when version is 0.
func (d *dissector) ip(b []byte, version uint8) {
	if d.depth++; d.depth > maxTunnels {
		d.malformed(b, errTooDeep)
		return
	}
	if ipVersion(b, version) == 4 {
		d.ipv4(b)
		return
	}
	d.ipv6(b)
}

var errTooDeep = &Error{Layer: "tunnel", What: "too many IP headers in each other", Kind: ErrUnsupported}

func (d *dissector) ipv4(b []byte) {
	h, err := parseIPv4(b, d.opts.Cut)
	if err != nil {
		d.malformed(b, err)
		return
	}
	d.add(h.HeaderLen(), "IPv4", fmt.Sprintf("%v > %v, protocol %d", h.Source(), h.Destination(), h.Protocol()),
		hexField("TOS", h.TOS()), field("Total length", h.TotalLen()), field("Identification", h.ID()),
		field("Flags", flagNames("DF", h.DontFragment(), "MF", h.MoreFragments())),
		field("Fragment offset", h.FragmentOffset()), field("TTL", h.TTL()), field("Protocol", h.Protocol()),
		field("Source", h.Source()), field("Destination", h.Destination()))
	if h.IsFragment() {
		d.data(h.Payload())
		return
	}
	d.upper(h.Protocol(), h.Payload(), addresses{h.Source(), h.Destination()})
}

func (d *dissector) ipv6(b []byte) {
	h, err := parseIPv6(b, d.opts.Cut)
	if err != nil {
		d.malformed(b, err)
		return
	}
	d.add(IPv6HeaderLen, "IPv6", fmt.Sprintf("%v > %v, next header %d", h.Source(), h.Destination(), h.NextHeader()),
		hexField("Traffic class", h.TrafficClass()), hexField("Flow label", h.FlowLabel()),
		field("Payload length", h.PayloadLen()), field("Next header", h.NextHeader()),
		field("Hop limit", h.HopLimit()), field("Source", h.Source()), field("Destination", h.Destination()))

	c, err := WalkIPv6(h)
	for at, next := IPv6HeaderLen, h.NextHeader(); at < c.UpperOffset; {
		n := d.extension(next, h[at:])
		next, at = h[at], at+n
	}
	switch rest := h[c.UpperOffset:]; {
	case err != nil:
		d.malformed(rest, err)
	case c.IsFragment():
		d.data(rest)
	default:
		src, dst := c.UpperAddresses()
		d.upper(c.Upper, rest, addresses{src, dst})
	}
}

// extension adds a header that WalkIPv6 has already accepted.
func (d *dissector) extension(proto uint8, b []byte) int {
	n := extLen(b)
	switch proto {
	case ProtoHopByHop:
		d.add(n, "Hop-by-Hop Options", octets(n), optionFields(HopByHop(b[:n]).Options())...)
	case ProtoDestOpts:
		o := DestOptions(b[:n])
		summary := octets(n)
		if home, ok, _ := o.HomeAddress(); ok {
			summary = fmt.Sprintf("Home Address %v", home)
		}
		d.add(n, "Destination Options", summary, optionFields(o.Options())...)
	case ProtoRouting:
		r := Routing(b[:n])
		summary := fmt.Sprintf("type %d, %d left", r.Type(), r.SegmentsLeft())
		fields := []Field{field("Type", r.Type()), field("Segments left", r.SegmentsLeft())}
		if home, ok := r.HomeAddress(); ok {
			summary += fmt.Sprintf(", Home Address %v", home)
			fields = append(fields, field("Home Address", home))
		}
		d.add(n, "Routing", summary, fields...)
	case ProtoFragment:
		n = FragmentLen
		f := Fragment(b[:n])
		d.add(n, "Fragment", fmt.Sprintf("offset %d, more %v", f.Offset(), f.More()),
			field("Offset", f.Offset()), field("More fragments", f.More()), hexField("Identification", f.ID()))
	}
	return n
}

func optionFields(o Options) []Field {
	var fields []Field
	for o.Next() {
		switch o.Type() {
		case OptPad1, OptPadN:
		case OptHomeAddress:
			fields = append(fields, field("Home Address", addr6(o.Data())))
		default:
			fields = append(fields, bytesField(fmt.Sprintf("Option %d (unknown: %v)", o.Type(), UnknownOptionAction(o.Type())), o.Data()))
		}
	}
	return fields
}
