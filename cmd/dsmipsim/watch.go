package main

import (
	"fmt"
	"io"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/mattn/go-isatty"

	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// watch follows a run and shows on a terminal how far it is.
type watch struct {
	end   vtime.Time
	now   vtime.Time
	facts uint64
	to    io.Writer // nil where nobody looks
	began time.Time
	shown time.Time
}

const (
	factsPerLook    = 1024 // between two looks at the wall clock
	progressRefresh = 200 * time.Millisecond
)

// Record implements trace.Sink.
func (w *watch) Record(e *trace.Event) {
	w.now = e.Time
	if w.facts++; w.facts%factsPerLook != 0 {
		return
	}
	if w.to == nil || time.Since(w.shown) < progressRefresh {
		return
	}
	w.shown = time.Now()
	fmt.Fprint(w.to, "\r\x1b[K", progressLine(w.now, w.end, w.facts, w.shown.Sub(w.began)))
}

// progressLine says how far a run is, how fast it goes, and when it will be over if it goes on so.
func progressLine(now, end vtime.Time, facts uint64, took time.Duration) string {
	text := fmt.Sprintf("%3.0f %%  %.1f s of %.1f s", 100*float64(now)/float64(end), now.Seconds(), end.Seconds())
	if took <= 0 || now <= 0 {
		return text
	}
	left := time.Duration(float64(took) * (float64(end)/float64(now) - 1))
	return text + fmt.Sprintf("  %.0f facts/s  ETA %s", float64(facts)/took.Seconds(), left.Round(time.Second))
}

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

// clear takes the progress off the terminal.
func (w *watch) clear() {
	if w.to != nil && !w.shown.IsZero() {
		fmt.Fprint(w.to, "\r\x1b[K")
	}
}

// terminal returns the writer if it is a terminal, else nil.
func terminal(w io.Writer) io.Writer {
	if f, ok := w.(*os.File); ok && isatty.IsTerminal(f.Fd()) {
		return w
	}
	return nil
}
