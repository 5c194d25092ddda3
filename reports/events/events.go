// Package events writes the facts of a run as events.jsonl: one JSON object per line, in the
// order of the facts. Transmissions are left out, since packets.pcapng has them whole.
//
// Keys, in this order; one that does not apply to the kind of fact is absent:
//
//	time_s            virtual time, nine decimals
//	kind              origin delivery turn drop held link_down link_up milestone
//	                  connected progress completed aborted position
//	node              who states the fact
//	link              link_down, link_up, drop on a link, held on a link
//	target            link_down: the link that the node moves to
//	interface         link_down, link_up and some notes of a node that has several
//	flow sequence     name of the test flow and number within it; absent for protocol packets
//	serial            the packet's number within the run
//	born_s            delivery, turn, drop, held of a test packet: when it was sent; connected,
//	                  completed: when the application asked
//	octets            origin: IP octets; progress: new octets of the stream
//	overhead_octets   delivery, drop, held of a test packet: encapsulation added on the way
//	reason            drop
//	x_m y_m           position: metres; until its next position the node moves there in a straight line
//	gone              position: true if it is nowhere until then
//	note              milestone, with those of the following that belong to it
//	home care_of peer addresses
//	binding_sequence status lifetime_s
package events

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"strconv"

	"dsmipsim/reports/result"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// Writer is a trace.Sink that writes facts as lines of JSON.
type Writer struct {
	w     *bufio.Writer
	setup result.Setup
	line  []byte
	err   error
}

// New returns a Writer onto w for a run that is known by setup.
func New(w io.Writer, setup result.Setup) *Writer {
	return &Writer{w: bufio.NewWriterSize(w, 1<<16), setup: setup}
}

// Record writes one fact. The first error ends the writing; Close reports it.
func (w *Writer) Record(e *trace.Event) {
	if e.Kind == trace.Transmission || w.err != nil {
		return
	}
	w.line = append(w.line[:0], `{"time_s":`...)
	w.seconds(e.Time)
	w.text("kind", e.Kind.String())
	w.text("node", e.Node)
	switch e.Kind {
	case trace.LinkDown, trace.LinkUp:
		w.optional("link", e.Link)
		w.optional("target", e.Target)
		w.optional("interface", e.Interface)
	case trace.Milestone:
		w.note(&e.Note)
	case trace.Connected, trace.Progress, trace.Completed, trace.Aborted:
		w.application(e)
	case trace.Position:
		w.metres("x_m", e.Place.X)
		w.metres("y_m", e.Place.Y)
		if e.Place.Nowhere {
			w.key("gone")
			w.line = append(w.line, "true"...)
		}
	default:
		w.packet(e)
	}
	w.line = append(w.line, "}\n"...)
	_, w.err = w.w.Write(w.line)
}

// packet writes the keys of a fact about a packet.
func (w *Writer) packet(e *trace.Event) {
	w.optional("link", e.Link)
	if e.Flow != 0 {
		w.text("flow", w.flow(e))
		w.integer("sequence", int64(e.Sequence))
	}
	w.integer("serial", int64(e.Serial))
	if e.Flow != 0 {
		if e.Kind == trace.Origin {
			w.integer("octets", int64(len(e.Octets)))
		} else {
			w.key("born_s")
			w.seconds(e.Born)
		}
		if e.Kind == trace.Delivery || e.Kind == trace.Drop || e.Kind == trace.Held {
			w.integer("overhead_octets", int64(e.Overhead))
		}
	}
	if e.Kind == trace.Drop {
		w.text("reason", e.Reason.String())
	}
}

func (w *Writer) flow(e *trace.Event) string {
	if f, ok := w.setup.Flow(e.Flow); ok {
		return f.Name
	}
	return strconv.FormatUint(uint64(e.Flow), 10)
}

// application writes the keys of what an application over TCP states. The number is that of the
// packet which brought the octets, or of the request.
func (w *Writer) application(e *trace.Event) {
	w.text("flow", w.flow(e))
	if e.Kind == trace.Progress || e.Kind == trace.Completed {
		w.integer("sequence", int64(e.Sequence))
	}
	switch e.Kind {
	case trace.Progress:
		w.integer("octets", int64(e.Count))
	case trace.Connected, trace.Completed:
		w.key("born_s")
		w.seconds(e.Born)
	}
}

// note writes a milestone. Addresses that are unset are absent; a sequence number, status or
// lifetime is present where the milestone has one, 0 included.
func (w *Writer) note(n *trace.Note) {
	w.text("note", n.Kind.String())
	w.address("home", n.Home)
	w.address("care_of", n.CareOf)
	w.address("peer", n.Peer)
	w.optional("interface", n.Interface)
	switch n.Kind {
	case trace.BindingUpdateSent:
		w.integer("binding_sequence", int64(n.Sequence))
		w.integer("lifetime_s", n.Lifetime)
	case trace.BindingAccepted:
		w.integer("binding_sequence", int64(n.Sequence))
		w.integer("status", int64(n.Status))
		w.integer("lifetime_s", n.Lifetime)
	case trace.BindingRejected:
		w.integer("binding_sequence", int64(n.Sequence))
		w.integer("status", int64(n.Status))
	case trace.BindingDeregistered:
		w.integer("binding_sequence", int64(n.Sequence))
	case trace.IPv4HomeAccepted, trace.IPv4HomeRefused:
		w.integer("status", int64(n.Status))
	case trace.BindingCreated, trace.BindingUpdated, trace.DHCPBound, trace.LeaseGranted:
		w.integer("lifetime_s", n.Lifetime)
	}
}

// Close completes the file and returns the first error. It does not close the writer underneath.
func (w *Writer) Close() error {
	if err := w.w.Flush(); w.err == nil {
		w.err = err
	}
	if w.err != nil {
		return fmt.Errorf("events: %w", w.err)
	}
	return nil
}

func (w *Writer) key(name string) {
	w.line = append(w.line, ',', '"')
	w.line = append(w.line, name...)
	w.line = append(w.line, '"', ':')
}

func (w *Writer) integer(name string, v int64) {
	w.key(name)
	w.line = strconv.AppendInt(w.line, v, 10)
}

func (w *Writer) address(name string, a netip.Addr) {
	if a.IsValid() {
		w.key(name)
		w.line = append(w.line, '"')
		w.line = a.AppendTo(w.line)
		w.line = append(w.line, '"')
	}
}

func (w *Writer) metres(name string, v float64) {
	w.key(name)
	w.line = strconv.AppendFloat(w.line, v, 'f', -1, 64)
}

func (w *Writer) optional(name, value string) {
	if value != "" {
		w.text(name, value)
	}
}

func (w *Writer) text(name, value string) {
	w.key(name)
	w.line = appendString(w.line, value)
}

// appendString writes a JSON string. Nearly all names need no escapes.
func appendString(line []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < 0x20 || c > 0x7e || c == '"' || c == '\\' {
			quoted, _ := json.Marshal(s) // a string always marshals
			return append(line, quoted...)
		}
	}
	line = append(line, '"')
	line = append(line, s...)
	return append(line, '"')
}

// seconds writes an instant from its integer, so that no decimal is lost to a float.
func (w *Writer) seconds(t vtime.Time) {
	w.line = strconv.AppendInt(w.line, int64(t)/1e9, 10)
	w.line = append(w.line, '.')
	fraction := strconv.Itoa(int(int64(t) % 1e9))
	for i := len(fraction); i < 9; i++ {
		w.line = append(w.line, '0')
	}
	w.line = append(w.line, fraction...)
}
