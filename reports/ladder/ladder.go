// Package ladder draws the message sequence of a run as a ladder in plain text: a rail for each
// node, an arrow for each message, time downwards.
//
// A Builder takes frames and remarks in order of time and makes rows of them; Filter chooses
// among the rows, Draw and Table show them.
package ladder

import (
	"slices"
	"strings"

	"dsmipsim/nodes/wire"
	"dsmipsim/sim/vtime"
)

// Row is one step of the sequence: a message from one node to others, or a remark on one node.
type Row struct {
	Time vtime.Time // when the sender's frame, or the first of several hops, left
	Last vtime.Time // when the last hop's frame left, or the last repetition
	From string     // the node that sent it
	To   []string   // those it reached; more than one for multicasts, none if nobody was there
	Via  []string   // the routers that forwarded it unchanged
	Link string     // of the first hop
	Lost bool       // the receiver was not on the last link

	Message string // as expectations name it; of a remark, what happened
	Group   wire.Group
	Layers  []wire.Layer
	Octets  int // of the first frame
	Count   int // how often it was sent without anything new in between, 1 or more
	Comment string
	Remark  bool   // no message
	Text    string // of a remark
	Source  string // innermost addresses
	Target  string

	key packetKey
}

// Ends joins the names of those the row reached.
func (r *Row) Ends() string { return strings.Join(r.To, ", ") }

// Essence is the innermost header or message in one line.
func (r *Row) Essence() string {
	if r.Remark {
		return r.Text
	}
	text := ""
	for _, l := range r.Layers {
		if l.Name != wire.LayerData || text == "" {
			text = l.Summary
		}
	}
	return text
}

// Stack names the headers from the outermost IP header on.
func (r *Row) Stack() string {
	var names []string
	for _, l := range r.Layers {
		if l.Name != "Ethernet" && l.Name != wire.LayerData {
			names = append(names, l.Name)
		}
	}
	return strings.Join(names, " | ")
}

// involves reports whether the row touches a node.
func (r *Row) involves(node string) bool {
	return r.From == node || slices.Contains(r.To, node) || slices.Contains(r.Via, node)
}

// Filter chooses rows. The zero value takes all messages that somebody receives but data.
type Filter struct {
	Nodes    []string // that take part, any of them; empty for all
	Types    []string // messages or groups by name, in any case of letters; empty for all
	From, To vtime.Time
	Until    bool // To holds
	Data     bool // user traffic, too
	Remarks  bool // what nodes state about themselves, too
	Unheard  bool // multicasts that nobody received, too
}

// Match reports whether the filter takes a row.
func (f *Filter) Match(r *Row) bool {
	if r.Time < f.From || f.Until && r.Time > f.To {
		return false
	}
	if len(f.Nodes) > 0 && !slices.ContainsFunc(f.Nodes, r.involves) {
		return false
	}
	if r.Remark {
		return f.Remarks && (len(f.Types) == 0 || f.named(r))
	}
	if len(f.Types) > 0 {
		return f.named(r)
	}
	if len(r.To) == 0 && !f.Unheard {
		return false
	}
	return f.Data || r.Group != wire.GroupData
}

func (f *Filter) named(r *Row) bool {
	return slices.ContainsFunc(f.Types, func(t string) bool {
		return strings.EqualFold(t, r.Message) || !r.Remark && strings.EqualFold(t, r.Group.String())
	})
}

// Select returns the rows that the filter takes.
func (f *Filter) Select(rows []*Row) []*Row {
	var chosen []*Row
	for _, r := range rows {
		if f.Match(r) {
			chosen = append(chosen, r)
		}
	}
	return chosen
}
