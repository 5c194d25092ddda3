package events

import (
	"slices"

	"dsmipsim/sim/trace"
)

// Key is a key that a line of the file may have.
type Key struct {
	Name  string
	Unit  string // "" of what has none
	About string
	Kinds []trace.Kind // of facts that may have it

	when func(e *trace.Event) bool // whether a fact of such a kind has it; nil for always
	put  func(w *Writer, e *trace.Event)
}

// Keys returns the keys in the order in which they stand in a line.
func Keys() []Key { return slices.Clone(keys) }

// Kinds returns the kinds of facts that are written: all but transmissions.
func Kinds() []trace.Kind {
	return slices.DeleteFunc(trace.Kinds(), func(k trace.Kind) bool { return k == trace.Transmission })
}

var (
	packets     = []trace.Kind{trace.Origin, trace.Delivery, trace.Turn, trace.Drop, trace.Held}
	application = []trace.Kind{trace.Connected, trace.Progress, trace.Completed, trace.Aborted}
	attachments = []trace.Kind{trace.LinkDown, trace.LinkUp}
	milestones  = []trace.Kind{trace.Milestone}
	positions   = []trace.Kind{trace.Position}
)

// keys is what the writer works from.
var keys = []Key{
	{"time_s", "s", "When, in virtual time since the run began, with nine decimals.", Kinds(), nil,
		func(w *Writer, e *trace.Event) { w.seconds(e.Time) }},
	{"kind", "", "What sort of fact it is.", Kinds(), nil,
		func(w *Writer, e *trace.Event) { w.text(e.Kind.String()) }},
	{"node", "", "Who states it.", Kinds(), nil,
		func(w *Writer, e *trace.Event) { w.text(e.Node) }},
	{"link", "", "The link that was left or entered, or on which the packet was.", []trace.Kind{trace.Drop, trace.Held, trace.LinkDown, trace.LinkUp},
		func(e *trace.Event) bool { return e.Link != "" }, func(w *Writer, e *trace.Event) { w.text(e.Link) }},
	{"target", "", "The link that the node moves to.", []trace.Kind{trace.LinkDown},
		func(e *trace.Event) bool { return e.Target != "" }, func(w *Writer, e *trace.Event) { w.text(e.Target) }},
	{"interface", "", "Which interface, at a node that has several.", attachments,
		func(e *trace.Event) bool { return e.Interface != "" }, func(w *Writer, e *trace.Event) { w.text(e.Interface) }},
	{"flow", "", "The test flow of the packet; absent of packets of the protocols.", slices.Concat(packets, application),
		func(e *trace.Event) bool { return e.Flow != 0 || !isPacket(e) }, func(w *Writer, e *trace.Event) { w.text(w.flow(e)) }},
	{"sequence", "", "The number of the packet within its flow; of progress that of the packet which brought the octets, of completed that of the request.",
		slices.Concat(packets, []trace.Kind{trace.Progress, trace.Completed}),
		func(e *trace.Event) bool { return e.Flow != 0 || !isPacket(e) }, func(w *Writer, e *trace.Event) { w.integer(int64(e.Sequence)) }},
	{"serial", "", "The number of the packet within the run.", packets, nil,
		func(w *Writer, e *trace.Event) { w.integer(int64(e.Serial)) }},
	{"octets", "octets", "Of origin the size of the IP packet; of progress the new octets of the stream.", []trace.Kind{trace.Origin, trace.Progress},
		func(e *trace.Event) bool { return e.Flow != 0 || !isPacket(e) }, func(w *Writer, e *trace.Event) {
			if e.Kind == trace.Progress {
				w.integer(int64(e.Count))
				return
			}
			w.integer(int64(len(e.Octets)))
		}},
	{"born_s", "s", "When the test packet was sent; of connected and completed when the application asked.",
		[]trace.Kind{trace.Delivery, trace.Turn, trace.Drop, trace.Held, trace.Connected, trace.Completed},
		func(e *trace.Event) bool { return e.Flow != 0 || !isPacket(e) }, func(w *Writer, e *trace.Event) { w.seconds(e.Born) }},
	{"overhead_octets", "octets", "Encapsulation that was added to the test packet on its way.", []trace.Kind{trace.Delivery, trace.Drop, trace.Held},
		func(e *trace.Event) bool { return e.Flow != 0 }, func(w *Writer, e *trace.Event) { w.integer(int64(e.Overhead)) }},
	{"reason", "", "Why the packet was dropped.", []trace.Kind{trace.Drop}, nil,
		func(w *Writer, e *trace.Event) { w.text(e.Reason.String()) }},
	{"x_m", "m", "Where the node is, to the east of the scenario's origin.", positions, nil,
		func(w *Writer, e *trace.Event) { w.metres(e.Place.X) }},
	{"y_m", "m", "Where the node is, to the north of the scenario's origin.", positions, nil,
		func(w *Writer, e *trace.Event) { w.metres(e.Place.Y) }},
	{"gone", "", "true if the node is nowhere until its next position.", positions,
		func(e *trace.Event) bool { return e.Place.Nowhere }, func(w *Writer, _ *trace.Event) { w.line = append(w.line, "true"...) }},
	{"note", "", "Which milestone it is.", milestones, nil,
		func(w *Writer, e *trace.Event) { w.text(e.Note.Kind.String()) }},
	{"home", "", "The home address, or the address that the milestone is about.", milestones,
		func(e *trace.Event) bool { return e.Note.Home.IsValid() }, func(w *Writer, e *trace.Event) { w.address(e.Note.Home) }},
	{"care_of", "", "The care-of address.", milestones,
		func(e *trace.Event) bool { return e.Note.CareOf.IsValid() }, func(w *Writer, e *trace.Event) { w.address(e.Note.CareOf) }},
	{"peer", "", "The other node: home agent, correspondent, router, server.", milestones,
		func(e *trace.Event) bool { return e.Note.Peer.IsValid() }, func(w *Writer, e *trace.Event) { w.address(e.Note.Peer) }},
	{"interface", "", "Which interface, at a node that has several.", milestones,
		func(e *trace.Event) bool { return e.Note.Interface != "" }, func(w *Writer, e *trace.Event) { w.text(e.Note.Interface) }},
	{"binding_sequence", "", "The sequence number of the Binding Update or Acknowledgement.", milestones,
		noted(trace.BindingUpdateSent, trace.BindingAccepted, trace.BindingRejected, trace.BindingDeregistered),
		func(w *Writer, e *trace.Event) { w.integer(int64(e.Note.Sequence)) }},
	{"status", "", "The status of the Binding Acknowledgement or of the IPv4 acknowledgement in it.", milestones,
		noted(trace.BindingAccepted, trace.BindingRejected, trace.IPv4HomeAccepted, trace.IPv4HomeRefused),
		func(w *Writer, e *trace.Event) { w.integer(int64(e.Note.Status)) }},
	{"lifetime_s", "s", "The lifetime of the binding or lease.", milestones,
		noted(trace.BindingUpdateSent, trace.BindingAccepted, trace.BindingCreated, trace.BindingUpdated, trace.DHCPBound, trace.LeaseGranted),
		func(w *Writer, e *trace.Event) { w.integer(e.Note.Lifetime) }},
}

// keysOf are the keys by the kind of the fact.
var keysOf = func() (by [256][]*Key) {
	for i := range keys {
		for _, kind := range keys[i].Kinds {
			by[kind] = append(by[kind], &keys[i])
		}
	}
	return by
}()

func isPacket(e *trace.Event) bool { return slices.Contains(packets, e.Kind) }

// noted selects milestones.
func noted(kinds ...trace.NoteKind) func(e *trace.Event) bool {
	return func(e *trace.Event) bool { return slices.Contains(kinds, e.Note.Kind) }
}
