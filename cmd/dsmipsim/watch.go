package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/mattn/go-isatty"

	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// watch follows a run: it knows how far it is, shows that on a terminal, and ends the run
// when the user interrupts.
type watch struct {
	ctx   context.Context
	end   vtime.Time
	now   vtime.Time
	facts uint64
	to    io.Writer // nil where nobody looks
	shown time.Time
}

// interrupted is what watch panics with to get out of a run, which knows no other way to be
// stopped in the middle.
type interrupted struct{}

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
	if w.ctx.Err() != nil {
		panic(interrupted{})
	}
	if w.to == nil || time.Since(w.shown) < progressRefresh {
		return
	}
	w.shown = time.Now()
	fmt.Fprintf(w.to, "\r%3.0f %%  %s of %s", 100*float64(w.now)/float64(w.end), w.now, w.end)
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
