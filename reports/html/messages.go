package html

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/gopacket/gopacket/layers"

	"dsmipsim/nodes/wire"
	"dsmipsim/reports/capture"
)

// content is what a frame holds. Frames with the same octets share one.
type content struct {
	Message int     `json:"m"` // text
	Group   string  `json:"g"`
	Source  string  `json:"s,omitempty"` // of the innermost IP header
	Target  string  `json:"d,omitempty"`
	Octets  string  `json:"o,omitempty"` // Base64; "" beyond the bound
	Length  int     `json:"n"`
	Layers  []layer `json:"l,omitempty"`
}

// layer is a header of a frame.
type layer struct {
	Name    int   `json:"n"` // text
	Summary int   `json:"s"` // text
	Offset  int   `json:"o"`
	Length  int   `json:"c"`
	Fields  []int `json:"f,omitempty"` // texts, name and value in turn
}

func (d *data) readCapture(r io.Reader, opts wire.DissectOptions) error {
	c, err := capture.Open(r)
	if err != nil {
		return err
	}
	attached := attachments{moves: d.Moves, on: map[int]int{}}
	for n := 1; ; n++ {
		f, err := c.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("packet %d: %w", n, err)
		}
		kind := wire.LinkEthernet
		if f.Link != layers.LinkTypeEthernet {
			kind = wire.LinkRaw
		}
		class := wire.Classify(f.Octets, kind, opts)
		if class.Group == wire.GroupData {
			continue
		}
		at := f.Time.UnixNano()
		if !d.room(class.Group, at) {
			continue
		}
		attached.advance(at)
		one := row{Time: at, From: -1, Link: d.linkNumber(f.Interface), Content: d.content(f.Octets, kind, class, opts), Phase: -1}
		if len(f.Comments) > 0 {
			one.Phase = d.intern(phases(f.Comments))
		}
		if one.Link >= 0 {
			d.ends(&one, &f, attached.on)
		}
		d.rows = append(d.rows, one)
	}
}

// phases names the handovers that are under way, of many a few.
func phases(comments []string) string {
	const most = 3
	all := strings.Split(strings.Join(comments, "; "), "; ")
	if n := len(all); n > most {
		return strings.Join(all[:most], "; ") + fmt.Sprintf("; and %d more", n-most)
	}
	return strings.Join(all, "; ")
}

// attachments tells where mobile nodes are.
type attachments struct {
	moves []move
	on    map[int]int // link by node
}

func (a *attachments) advance(at int64) {
	for len(a.moves) > 0 && a.moves[0].Time <= at {
		a.on[a.moves[0].Node] = a.moves[0].Link
		a.moves = a.moves[1:]
	}
}

// ends finds out between which nodes a frame goes.
func (d *data) ends(r *row, f *capture.Frame, on map[int]int) {
	nodes := d.Links[r.Link].Nodes
	if f.Link != layers.LinkTypeEthernet {
		pair := d.setup.Links[r.Link].Ends
		a, b := d.nodeNumber(pair[0]), d.nodeNumber(pair[1])
		switch f.Direction {
		case capture.Outbound:
			r.From, r.To = a, []int{b}
		case capture.Inbound:
			r.From, r.To = b, []int{a}
		}
		return
	}
	if len(f.Octets) < wire.EthernetLen {
		return
	}
	dst, src := wire.MAC(f.Octets[:6]), wire.MAC(f.Octets[6:12])
	r.From = d.owner(r.Link, src)
	if !dst.IsMulticast() {
		if to := d.owner(r.Link, dst); to >= 0 && (!d.Nodes[to].Mobile || on[to] == r.Link) {
			r.To = []int{to}
		}
		return
	}
	for _, n := range nodes {
		if n != r.From {
			r.To = append(r.To, n)
		}
	}
	for n := range d.Nodes {
		if l, ok := on[n]; ok && l == r.Link && n != r.From {
			r.To = append(r.To, n)
		}
	}
	slices.Sort(r.To)
}

// owner is the node that has the address on the link, -1 for nobody.
func (d *data) owner(link int, mac wire.MAC) int {
	if n, ok := d.ports[port{link, mac}]; ok {
		return n
	}
	if n, ok := d.mobile[string(mac[:])]; ok {
		return n
	}
	return -1
}

// content decodes a frame, once for all frames with the same octets.
func (d *data) content(octets []byte, kind wire.LinkType, class wire.Class, opts wire.DissectOptions) int {
	key := fmt.Sprint(kind) + string(octets)
	if i, ok := d.frames[key]; ok {
		return i
	}
	c := &content{Message: d.intern(class.Message), Group: class.Group.String(), Length: len(octets)}
	if class.Source.IsValid() {
		c.Source = class.Source.String()
	}
	if class.Destination.IsValid() {
		c.Target = class.Destination.String()
	}
	if d.decoded+len(octets) <= maxDecoded {
		d.decoded += len(octets)
		c.Octets = base64.StdEncoding.EncodeToString(octets)
		for _, l := range wire.Dissect(octets, kind, opts) {
			own := layer{Name: d.intern(l.Name), Summary: d.intern(l.Summary), Offset: l.Offset, Length: l.Len}
			for _, x := range l.Fields {
				own.Fields = append(own.Fields, d.intern(x.Name), d.intern(x.Value))
			}
			c.Layers = append(c.Layers, own)
		}
	}
	i := len(d.Contents)
	d.frames[key] = i
	d.Contents = append(d.Contents, c)
	return i
}
