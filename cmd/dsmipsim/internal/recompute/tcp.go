package recompute

import (
	"fmt"
	"slices"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// Stream is what was found of a flow over TCP. Its segments have no stamp: one is known by its
// octets, and two that are alike by their order. When a segment was handed to the stack is not in
// the capture, only when it left; delays cannot be told.
type Stream struct {
	Segments    int   // with data, that left either end
	Again       int   // of these, with data that had left before
	AgainOctets int64 // octets of that
	Goodput     int64 // octets that either application could read
	Connected   int64 // when the end that opened the connection had its answer; Never
	Finished    int64 // when the end that the flow is to had all and the FIN behind it; Never
	Stalls      []int64
	Progress    []Progress
}

// Progress is octets that an application could read from one instant on.
type Progress struct {
	At     int64
	Octets int

	path int // attachment over which the segment came or went
}

// segment is one that left its end.
type segment struct {
	*layers.TCP
	end     int      // 0 of the end that the flow is from
	number  int      // at its end
	crossed []string // links, each in one direction
	parts   []part
	packet  Packet
}

// connection follows a flow over TCP. What belongs to an end has the number of the end.
type connection struct {
	*Flow
	segments map[string][]*segment // by their octets
	left     [2]int                // segments
	begun    [2]bool
	next     [2]uint32         // sequence number after all data that left
	expected [2]int            // of segments that arrive: RFC 4737 NextExp
	wanted   [2]uint32         // sequence number that the other end waits for
	waiting  [2]map[uint32]int // lengths of data that came too early, by sequence number
	fin      uint32            // sequence number of the FIN, when it has arrived
}

// measureStreams follows the segments of all connections.
func (s *Scenario) measureStreams(c *capture, flows []*Flow) error {
	connections := map[string]*connection{} // by version and address of either end
	for _, f := range c.frames {
		if f.ip == nil || f.ip.protocol != layers.IPProtocolTCP {
			continue
		}
		t := &layers.TCP{}
		if err := t.DecodeFromBytes(f.ip.upper, gopacket.NilDecodeFeedback); err != nil {
			return f.fault("%v", err)
		}
		ends := fmt.Sprint(f.ip.source, ":", t.SrcPort, " ", f.ip.destination, ":", t.DstPort)
		back := fmt.Sprint(f.ip.destination, ":", t.DstPort, " ", f.ip.source, ":", t.SrcPort)
		x, end := connections[ends], 0
		if x == nil && connections[back] != nil {
			x, end = connections[back], 1
		}
		if x == nil {
			flow, err := s.opened(f, c, flows, t)
			if err != nil {
				return err
			}
			x = &connection{Flow: flow, segments: map[string][]*segment{}}
			flow.Stream = &Stream{Connected: Never, Finished: Never}
			connections[ends] = x
		}
		if err := x.transmission(f, t, end, s, c); err != nil {
			return err
		}
	}
	for _, x := range connections {
		x.finish(s)
	}
	return nil
}

// opened finds the flow of a connection by its first SYN: the kinds of addresses and the sender must tell.
func (s *Scenario) opened(f *frame, c *capture, flows []*Flow, t *layers.TCP) (*Flow, error) {
	var found *Flow
	for _, x := range flows {
		family := map[bool]string{false: "ipv4", true: "ipv6"}[f.ip.source.Is6()]
		if x.TCP() && x.Family == family && (x.From == s.Mobile) == (f.from == c.mobile) {
			if found != nil {
				return nil, f.fault("a connection of flow %s or %s", found.Name, x.Name)
			}
			found = x
		}
	}
	if found == nil || found.Stream != nil || !t.SYN || t.ACK {
		return nil, f.fault("a segment of no flow")
	}
	return found, nil
}

func (x *connection) transmission(f *frame, t *layers.TCP, end int, s *Scenario, c *capture) error {
	toMobile := (x.To == s.Mobile) == (end == 0)
	network := s.hosts[x.host(s)]
	leaves := f.shared && (!toMobile && f.from == c.mobile || toMobile && f.link == network)
	key := fmt.Sprint(end, string(f.ip.upper))
	var g *segment
	if leaves {
		g = &segment{TCP: t, end: end, number: x.left[end]}
		g.packet = Packet{Sequence: end, Sent: f.departure, Octets: f.ip.base(), End: Never, Attachment: s.attachment(f.departure)}
		x.left[end]++
		x.segments[key] = append(x.segments[key], g)
		x.sent(g)
	} else if i := slices.IndexFunc(x.segments[key], func(g *segment) bool { return !slices.Contains(g.crossed, f.link+f.from) }); i >= 0 {
		g = x.segments[key][i]
	} else {
		return f.fault("a segment that nobody sent")
	}
	g.crossed = append(g.crossed, f.link+f.from)
	for _, a := range f.ip.added {
		if !slices.Contains(g.parts, a) {
			x.Added += int64(a.octets)
		}
	}
	g.parts = f.ip.added
	g.packet.Hops++
	g.packet.Fate, g.packet.End = Forgotten, f.arrival
	switch {
	case !f.shared:
	case toMobile && f.to == c.mobile && !s.on(f.link, f.departure, f.departure):
		g.packet.Fate, g.packet.End = NoReceiver, f.departure
	case toMobile && f.to == c.mobile && !s.on(f.link, f.departure, f.arrival):
		g.packet.Fate = Detached
	case toMobile && f.to == c.mobile, !toMobile && f.link == network:
		g.packet.Fate = Received
	}
	if g.packet.End > s.End {
		g.packet.Fate, g.packet.End = UnderWay, Never
	}
	return nil
}

// sent counts what leaves an end (sequence numbers: RFC 9293 section 3.4).
func (x *connection) sent(g *segment) {
	first, n := g.Seq, uint32(len(g.Payload))
	if g.SYN {
		first++
	}
	if !x.begun[g.end] {
		x.begun[g.end], x.next[g.end], x.wanted[g.end] = true, first, first
	}
	if n == 0 {
		return
	}
	x.Stream.Segments++
	if again := int32(x.next[g.end] - first); again > 0 {
		x.Stream.Again++
		x.Stream.AgainOctets += int64(min(uint32(again), n))
	}
	if int32(first+n-x.next[g.end]) > 0 {
		x.next[g.end] = first + n
	}
}

// finish goes through the receptions in their order.
func (x *connection) finish(s *Scenario) {
	var all []*segment
	for _, same := range x.segments {
		for _, g := range same {
			x.Fates[g.packet.Fate]++
			all = append(all, g)
		}
	}
	slices.SortFunc(all, func(a, b *segment) int { return int(a.packet.Sent - b.packet.Sent) })
	for _, g := range all {
		x.Packets = append(x.Packets, g.packet)
	}
	slices.SortFunc(all, func(a, b *segment) int { return int(a.packet.End - b.packet.End) })
	last := int64(-1)
	for _, g := range all {
		if g.packet.Fate != Received {
			continue
		}
		x.Received++
		if g.number < x.expected[g.end] {
			x.Reordered++
		} else {
			x.expected[g.end] = g.number + 1
		}
		if g.end == 0 {
			if last >= 0 {
				x.LongestGap = max(x.LongestGap, g.packet.End-last)
			}
			last = g.packet.End
		}
		if g.end == 1 && g.SYN {
			x.Stream.Connected = min(x.Stream.Connected, g.packet.End)
		}
		x.read(g, s)
	}
	x.interruptions(s)
}

// read puts the data of a segment in order.
func (x *connection) read(g *segment, s *Scenario) {
	if x.waiting[g.end] == nil {
		x.waiting[g.end] = map[uint32]int{}
	}
	if g.FIN && g.end == 0 {
		x.fin = max(x.fin, g.Seq+uint32(len(g.Payload)))
	}
	defer func() {
		if x.fin != 0 && x.wanted[0] == x.fin {
			x.Stream.Finished = min(x.Stream.Finished, g.packet.End)
		}
	}()
	if len(g.Payload) == 0 {
		return
	}
	x.waiting[g.end][g.Seq] = max(x.waiting[g.end][g.Seq], len(g.Payload))
	before := x.wanted[g.end]
	for again := true; again; {
		again = false
		for first, n := range x.waiting[g.end] { // in whatever order: the greatest extent counts
			if int32(first-x.wanted[g.end]) <= 0 {
				if end := first + uint32(n); int32(end-x.wanted[g.end]) > 0 {
					x.wanted[g.end], again = end, true
				}
				delete(x.waiting[g.end], first)
			}
		}
	}
	if n := x.wanted[g.end] - before; n > 0 {
		x.Stream.Goodput += int64(n)
		path := g.packet.Attachment
		if (x.To == s.Mobile) == (g.end == 0) {
			path = s.attachment(g.packet.End)
		}
		x.Stream.Progress = append(x.Stream.Progress, Progress{g.packet.End, int(n), path})
	}
}

// interruptions tells what each handover did to the progress of the applications, and the stalls: the
// longest pause that overlaps the time until the next handover.
func (x *connection) interruptions(s *Scenario) {
	for i, stay := range s.Stays[1:] {
		until := int64(Never)
		if i+2 < len(s.Stays) {
			until = s.Stays[i+2].Chosen
		}
		last, first, stall := int64(Never), int64(Never), int64(-1)
		for k, p := range x.Stream.Progress {
			if p.path == i {
				last = p.At
			}
			if p.path == i+1 && p.At < until {
				first = min(first, p.At)
			}
			if k > 0 && p.At > stay.Chosen && x.Stream.Progress[k-1].At < until {
				stall = max(stall, p.At-x.Stream.Progress[k-1].At)
			}
		}
		h := Harm{Interruption: -1}
		if first != Never {
			if last == Never {
				last = stay.Chosen
			}
			h.Interruption = max(0, first-last)
		}
		for _, p := range x.Packets {
			if p.Fate != Received && p.Fate != UnderWay && s.attachment(p.End) == i+1 && p.Sent < first {
				h.Lost++
			}
		}
		x.Harm = append(x.Harm, h)
		x.Stream.Stalls = append(x.Stream.Stalls, stall)
	}
}
