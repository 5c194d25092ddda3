package listing

import (
	"fmt"
	"strconv"

	"dsmipsim/sim/vtime"
)

// Line is one event for people to read.
type Line struct {
	Time     vtime.Time
	Packet   int // number in the capture, 0 of what is no transmission
	Sequence uint32
	Row
}

// String is the event in one line.
func (l Line) String() string {
	text := fmt.Sprintf("%s  %s", exact(l.Time), l.Node)
	if l.Kind == transmission {
		text += " on " + l.Link + ": packet " + strconv.Itoa(l.Packet)
	} else {
		text += ": " + l.Kind
	}
	if l.Flow != "" {
		text += fmt.Sprintf(", number %d of flow %s", l.Sequence, l.Flow)
	}
	if l.Text == "" {
		return text
	}
	return text + ": " + l.Text
}

// exact writes an instant with all its nanoseconds.
func exact(t vtime.Time) string { return fmt.Sprintf("%d.%09d s", int64(t)/1e9, int64(t)%1e9) }

// Divergence is the first event at which two runs differ.
type Divergence struct {
	Equal     int    // how many events before it are equal
	Before    []Line // the last of these
	Want, Got []Line // what follows, the event itself first; none where that run is over
	Octets    bool   // the events differ in the octets of the packet alone

	// WantPacket and GotPacket are the first packets that differ; nil where that run is over, and
	// both if there are no such packets.
	WantPacket, GotPacket *Line
}

// context is how many events are shown before the first that differs, and after is how many of
// either run are shown from it on.
const (
	context = 6
	after   = 4
)

// Compare finds the first event at which a run differs from the one that was wanted. It compares
// what the fingerprints are made of: times, kinds, nodes, links and octets; nil if all that
// is listed is equal. Texts may change with the program.
func Compare(want, got *Listing) *Divergence {
	packets := 0
	n := min(len(want.events), len(got.events))
	for i := range n {
		if !equal(want, got, i, i) {
			return divergence(want, got, i, packets)
		}
		if got.transmission(i) {
			packets++
		}
	}
	if len(want.events) == len(got.events) {
		return nil
	}
	return divergence(want, got, n, packets)
}

// equal compares an event of one run with one of another.
func equal(want, got *Listing, i, k int) bool {
	w, g := &want.events[i], &got.events[k]
	wr, gr := &want.rows[w.row], &got.rows[g.row]
	if w.time != g.time || wr.Kind != gr.Kind || wr.Node != gr.Node || wr.Link != gr.Link {
		return false
	}
	// Of a packet that has become another flow's there is less to compare.
	bits := uint32(1)<<(8*min(wr.checkOctets(), gr.checkOctets())) - 1
	return w.check&bits == g.check&bits
}

func (l *Listing) transmission(i int) bool { return l.rows[l.events[i].row].Kind == transmission }

// divergence describes the difference at an event, which so many packets come before.
func divergence(want, got *Listing, i, packets int) *Divergence {
	d := &Divergence{Equal: i}
	first, n := max(0, i-context), packets
	for k := first; k < i; k++ {
		if got.transmission(k) {
			n--
		}
	}
	d.Before = got.lines(first, i, n)
	d.Want, d.Got = want.lines(i, i+after, packets), got.lines(i, i+after, packets)
	if len(d.Want) > 0 && len(d.Got) > 0 {
		w, g := d.Want[0], d.Got[0]
		d.Octets = w.Kind == transmission && w.Time == g.Time && w.Row == g.Row
	}
	for k, m := i, i; ; k, m, packets = k+1, m+1, packets+1 {
		k, m = want.next(k), got.next(m)
		if k < len(want.events) && m < len(got.events) && equal(want, got, k, m) {
			continue
		}
		if k < len(want.events) {
			d.WantPacket = &want.lines(k, k+1, packets)[0]
		}
		if m < len(got.events) {
			d.GotPacket = &got.lines(m, m+1, packets)[0]
		}
		return d
	}
}

// next is the first transmission from an event on.
func (l *Listing) next(i int) int {
	for i < len(l.events) && !l.transmission(i) {
		i++
	}
	return i
}

// lines are the events from one on, up to another, with so many packets before them.
func (l *Listing) lines(from, to, packets int) []Line {
	var all []Line
	for k := from; k < min(to, len(l.events)); k++ {
		e := &l.events[k]
		one := Line{Time: e.time, Row: l.rows[e.row], Sequence: e.sequence}
		if one.Kind == transmission {
			packets++
			one.Packet = packets
		}
		all = append(all, one)
	}
	return all
}

// At is the moment at which one of the runs has an event that the other has not.
func (d *Divergence) At() vtime.Time {
	at := vtime.Never
	for _, side := range [][]Line{d.Want, d.Got} {
		if len(side) > 0 {
			at = vtime.Min(at, side[0].Time)
		}
	}
	return at
}

// Brief is the moment, and the number of the first packet that differs.
func (d *Divergence) Brief() string {
	text := "at " + exact(d.At())
	if d.GotPacket != nil {
		text += ", packet " + strconv.Itoa(d.GotPacket.Packet)
	}
	return text
}

// Lines shows the divergence: what is equal before it, then what is wanted (-) and got (+), and
// the first packets that differ, if these are others.
func (d *Divergence) Lines() []string {
	head := fmt.Sprintf("the first difference is at %s, after %d equal events", exact(d.At()), d.Equal)
	if d.Octets {
		head += ", in the octets of a packet that is decoded the same"
	}
	all := []string{head + ":"}
	for _, l := range d.Before {
		all = append(all, "  "+l.String())
	}
	all = append(append(all, side("- ", d.Want)...), side("+ ", d.Got)...)
	if !first(d.Want, d.WantPacket) || !first(d.Got, d.GotPacket) {
		all = append(all, "the first packet that differs:")
		all = append(append(all, side("- ", one(d.WantPacket))...), side("+ ", one(d.GotPacket))...)
	}
	return all
}

// first reports whether a packet is the first of the events, or there is none.
func first(events []Line, packet *Line) bool {
	return packet == nil || len(events) > 0 && events[0] == *packet
}

func one(l *Line) []Line {
	if l == nil {
		return nil
	}
	return []Line{*l}
}

// side is what one run has.
func side(mark string, lines []Line) []string {
	if len(lines) == 0 {
		return []string{mark + "nothing: the run is over"}
	}
	var all []string
	for _, l := range lines {
		all = append(all, mark+l.String())
	}
	return all
}
