package ladder

import (
	"crypto/sha256"
	"net/netip"
	"slices"

	"dsmipsim/nodes/wire"
	"dsmipsim/reports/result"
	"dsmipsim/sim/vtime"
)

// Frame is one transmission on a link.
type Frame struct {
	Time    vtime.Time
	Link    string
	Type    wire.LinkType
	Sender  string // "" if only the octets tell
	Octets  []byte
	Length  int // on the wire, if the capture does not have all octets
	Comment string
}

// Cut reports whether the capture cut the frame off.
func (f *Frame) Cut() bool { return len(f.Octets) < f.Length }

// Decoder looks into a frame: what it is about, and with all its headers.
type Decoder interface {
	Classify(f *Frame) wire.Class
	Dissect(f *Frame) []wire.Layer
}

// packetKey stands for the octets of an IP packet but for those that a router changes.
type packetKey [sha256.Size]byte

// Builder makes rows of frames. A router that forwards a packet as it is makes no row of its own:
// the arrow is as long as the packet's way up to where its headers change, at the end of a tunnel or
// in a NAT.
type Builder struct {
	// Data keeps user traffic; without it a long run would not fit into memory.
	Data bool

	decoder Decoder

	ends    map[string][2]string // of links between routers
	macs    map[wire.MAC]string  // node by link-layer address
	on      map[string][]string  // nodes on each shared link now
	nodes   []string             // all, in their order
	known   bool                 // the nodes are known, and not only addresses
	moves   bool                 // who comes to a link is told
	rows    []*Row
	open    map[packetKey]*Row // the latest row of each IP packet
	repeats map[string]*Row    // latest multicast of each sender
}

// NewBuilder returns a Builder for a run, or for a capture of unknown origin if there are no nodes
// in the setup: then IP addresses stand for nodes.
func NewBuilder(setup result.Setup, decoder Decoder) *Builder {
	b := &Builder{decoder: decoder, ends: map[string][2]string{}, macs: map[wire.MAC]string{}, on: map[string][]string{},
		open: map[packetKey]*Row{}, repeats: map[string]*Row{}, known: len(setup.Nodes) > 0}
	for _, l := range setup.Links {
		if l.Ends[0] != "" {
			b.ends[l.Name] = l.Ends
		}
	}
	for _, n := range setup.Nodes {
		for _, p := range n.Ports {
			if !b.between(p.Link) {
				b.macs[p.MAC] = n.Name
			}
			if p.Link != "" {
				b.on[p.Link] = append(b.on[p.Link], n.Name)
			}
		}
	}
	for _, role := range []string{result.RoleMobileNode, result.RoleRouter, result.RoleHomeAgent, result.RoleCorrespondent} {
		for _, n := range setup.Nodes {
			if n.Role == role {
				b.nodes = append(b.nodes, n.Name)
			}
		}
	}
	return b
}

func (b *Builder) between(link string) bool {
	_, is := b.ends[link]
	return is
}

// Attach says that a node is on a link from now on.
func (b *Builder) Attach(node, link string) {
	b.moves = true
	if !slices.Contains(b.on[link], node) {
		b.on[link] = append(b.on[link], node)
	}
}

// Detach says that a node has left a link.
func (b *Builder) Detach(node, link string) {
	b.on[link] = slices.DeleteFunc(b.on[link], func(n string) bool { return n == node })
}

// Remark adds what a node states about itself.
func (b *Builder) Remark(t vtime.Time, node, what, text string) {
	b.rows = append(b.rows, &Row{Time: t, Last: t, From: node, Message: what, Text: text, Count: 1, Remark: true})
	delete(b.repeats, node)
}

// Frame adds a transmission.
func (b *Builder) Frame(f Frame) {
	class := b.decoder.Classify(&f)
	if class.Group == wire.GroupData && !b.Data {
		return
	}
	from, to, ip, multicast := b.parties(&f)
	key := keyOf(ip)
	if r := b.open[key]; r != nil && b.known && len(r.To) == 1 && r.To[0] == from && r.From != from {
		r.Via, r.To, r.Last, r.Lost = append(r.Via, from), to, f.Time, b.lost(f.Link, to, multicast)
		return
	}
	if r := b.repeats[from]; multicast && r != nil && r.Link == f.Link && r.key == key && slices.Equal(r.To, to) {
		r.Count++
		r.Last = f.Time
		return
	}
	r := &Row{Time: f.Time, Last: f.Time, From: from, To: to, Link: f.Link, Message: class.Message, Group: class.Group,
		Layers: b.decoder.Dissect(&f), Octets: max(f.Length, len(f.Octets)), Count: 1, Comment: f.Comment,
		Lost: b.lost(f.Link, to, multicast), key: key}
	if class.Source.IsValid() && class.Destination.IsValid() {
		r.Source, r.Target = class.Source.String(), class.Destination.String()
	}
	b.rows = append(b.rows, r)
	b.open[key] = r
	// A message ends the series of multicasts of those that it involves, user traffic does not.
	if class.Group != wire.GroupData {
		delete(b.repeats, from)
		for _, n := range to {
			delete(b.repeats, n)
		}
	}
	if multicast {
		b.repeats[from] = r
	}
}

// lost reports whether the receiver of a frame is not where the frame goes.
func (b *Builder) lost(link string, to []string, multicast bool) bool {
	return b.moves && !multicast && !b.between(link) && len(to) == 1 && !slices.Contains(b.on[link], to[0])
}

// parties tells who sent a frame and who received it, and returns its IP packet.
func (b *Builder) parties(f *Frame) (from string, to []string, ip []byte, multicast bool) {
	ip = f.Octets
	var source, destination wire.MAC
	if at, _, err := wire.Network(f.Octets, f.Type); err == nil {
		ip = f.Octets[at:]
		if f.Type == wire.LinkEthernet {
			e := wire.Ethernet(f.Octets)
			source, destination = e.Source(), e.Destination()
			multicast = destination[0]&1 != 0
		}
	}
	if !b.known {
		if src, dst := addresses(ip); src.IsValid() {
			return src.String(), []string{dst.String()}, ip, multicast
		}
		return source.String(), []string{destination.String()}, ip, multicast
	}
	if from = f.Sender; from == "" {
		from = b.macs[source]
	}
	ends := b.ends[f.Link]
	switch {
	case ends[0] != "" && from == ends[1]:
		to = ends[:1]
	case ends[0] != "":
		to = ends[1:]
	case multicast:
		for _, n := range b.nodes {
			if n != from && slices.Contains(b.on[f.Link], n) {
				to = append(to, n)
			}
		}
	case b.macs[destination] != "":
		to = []string{b.macs[destination]}
	}
	if from == "" {
		from = source.String() // a forged frame
	}
	return from, to, ip, multicast
}

// keyOf leaves out what a router changes: TTL and header checksum, or hop limit.
func keyOf(ip []byte) packetKey {
	p := slices.Clone(ip)
	switch {
	case len(p) >= wire.IPv4HeaderLen && p[0]>>4 == 4:
		p[8], p[10], p[11] = 0, 0, 0
	case len(p) >= wire.IPv6HeaderLen && p[0]>>4 == 6:
		p[7] = 0
	}
	return sha256.Sum256(p)
}

// Rows returns what there is so far, in order of time.
func (b *Builder) Rows() []*Row { return b.rows }

// Nodes returns those that take part in rows, in the order of their rails: mobile nodes first,
// correspondent nodes last.
func (b *Builder) Nodes(rows []*Row) []string {
	seen := map[string]bool{}
	var order []string
	note := func(n string) {
		if n != "" && !seen[n] {
			seen[n] = true
			order = append(order, n)
		}
	}
	for _, r := range rows {
		note(r.From)
		for _, n := range r.To {
			note(n)
		}
	}
	rank := func(n string) int {
		if i := slices.Index(b.nodes, n); i >= 0 {
			return i
		}
		return len(b.nodes)
	}
	slices.SortStableFunc(order, func(x, y string) int { return rank(x) - rank(y) })
	return order
}

// addresses returns the addresses of an IP header, unset if there is none.
func addresses(ip []byte) (source, destination netip.Addr) {
	if len(ip) == 0 {
		return
	}
	switch ip[0] >> 4 {
	case 4:
		if h, err := wire.ParseQuotedIPv4(ip); err == nil {
			return h.Source(), h.Destination()
		}
	case 6:
		if h, err := wire.ParseQuotedIPv6(ip); err == nil {
			return h.Source(), h.Destination()
		}
	}
	return
}
