package main

import (
	"fmt"
	"io"
	"net/netip"
	"strings"

	"dsmipsim/sim/trace"
)

// milestones is a Sink that tells each milestone and attachment in a line.
type milestones struct{ to io.Writer }

// Record implements trace.Sink.
func (m milestones) Record(e *trace.Event) {
	var what, text string
	switch n := &e.Note; e.Kind {
	case trace.LinkDown, trace.LinkUp:
		what, text = e.Kind.String(), e.Link
	case trace.Milestone:
		what = n.Kind.String()
		for _, a := range []netip.Addr{n.Home, n.CareOf, n.Peer} {
			if a.IsValid() {
				text += " " + a.String()
			}
		}
	default:
		return
	}
	fmt.Fprintf(m.to, "%s  %-12s %-24s %s\n", e.Time, e.Node, what, strings.TrimSpace(text))
}
