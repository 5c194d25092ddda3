package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/mattn/go-isatty"

	"dsmipsim/scenarios"
	"dsmipsim/sim/vtime"
)

// progress shows on a terminal, in one line that is drawn over and over, how far runs are. Its
// methods may be called from several goroutines. It is a writer, too: what is written through it
// to standard error is not mixed with the line.
//
//	p := newProgress(stderr, quiet)
//	defer p.clear()
//	p.expect(runs, whole)
//	scenarios.Run(name, s, scenarios.Options{Progress: p.follow(name, s.Duration)})
type progress struct {
	mu    sync.Mutex
	to    io.Writer
	on    bool // somebody looks
	drawn bool // the line is on the terminal
	shown time.Time
	began time.Time
	march
}

// march is how far all runs are together.
type march struct {
	done, total      int        // runs
	simulated, whole vtime.Time // virtual time of all runs
	events           uint64     // that their loops have handled
	name             string     // of the run that went on last
}

const progressRefresh = 200 * time.Millisecond

// newProgress shows nothing if stderr is no terminal, or quiet.
func newProgress(stderr io.Writer, quiet bool) *progress {
	return &progress{to: stderr, on: !quiet && terminal(stderr), began: time.Now()}
}

// expect says how many runs there will be, and how much virtual time they take together.
func (p *progress) expect(runs int, whole time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.total, p.whole, p.began = runs, vtime.Time(whole), time.Now()
}

// follow returns what hears how far one run of such a duration is.
func (p *progress) follow(name string, duration time.Duration) scenarios.Progress {
	if !p.on {
		return nil
	}
	var then vtime.Time
	var had uint64
	return func(now vtime.Time, events uint64) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if now >= vtime.Time(duration) && then < now {
			p.done++
		}
		p.simulated += now - then
		p.events += events - had
		p.name, then, had = name, now, events
		p.draw(time.Now())
	}
}

// tell shows a line of another making, after so much time.
func (p *progress) tell(line func(took time.Duration) string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.on {
		p.drawLine(time.Now(), line)
	}
}

// draw shows the line anew if that has not been done for a while.
func (p *progress) draw(now time.Time) { p.drawLine(now, p.line) }

func (p *progress) drawLine(now time.Time, text func(took time.Duration) string) {
	if now.Sub(p.shown) < progressRefresh {
		return
	}
	p.shown, p.drawn = now, true
	line := text(now.Sub(p.began))
	if width := widthOf(p.to); width > 0 && len(line) >= width { // a line that wraps cannot be drawn over
		line = line[:width-1]
	}
	fmt.Fprint(p.to, "\r\x1b[K", line)
}

// line says how far the runs are after that time, how fast they go, and when they will be over
// if they go on so.
func (m *march) line(took time.Duration) string {
	part := 0.0
	if m.whole > 0 {
		part = float64(m.simulated) / float64(m.whole)
	}
	text := fmt.Sprintf("%3.0f %%  %.1f s of %.1f s", 100*part, m.simulated.Seconds(), m.whole.Seconds())
	if m.total > 1 {
		text = fmt.Sprintf("%3.0f %%  %d of %d runs", 100*part, m.done, m.total)
	}
	if took > 0 && part > 0 {
		left := time.Duration(float64(took) * (1/part - 1))
		text += fmt.Sprintf("  %.0f events/s  ETA %s", float64(m.events)/took.Seconds(), left.Round(time.Second))
	}
	if m.total > 1 {
		text += "  " + m.name
	}
	return text
}

// Write writes to standard error, above the line.
func (p *progress) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wipe()
	return p.to.Write(text)
}

// clear takes the line off the terminal.
func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wipe()
}

func (p *progress) wipe() {
	if p.drawn {
		fmt.Fprint(p.to, "\r\x1b[K")
		p.drawn = false
	}
}

// terminal reports whether a writer is a terminal that can draw over what it shows.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd()) && os.Getenv("TERM") != "dumb"
}
