// Package events writes the facts of a run as events.jsonl: one JSON object per line, in the
// order of the facts. Transmissions are left out, since packets.pcapng has them whole.
//
// Keys tells which keys a line may have; one that does not apply to the fact is absent.
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
	w.line = append(w.line[:0], '{')
	for _, k := range keysOf[e.Kind] {
		if k.when == nil || k.when(e) {
			w.key(k.Name)
			k.put(w, e)
		}
	}
	w.line = append(w.line, "}\n"...)
	_, w.err = w.w.Write(w.line)
}

func (w *Writer) flow(e *trace.Event) string {
	if f, ok := w.setup.Flow(e.Flow); ok {
		return f.Name
	}
	return strconv.FormatUint(uint64(e.Flow), 10)
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
	if len(w.line) > 1 {
		w.line = append(w.line, ',')
	}
	w.line = append(w.line, '"')
	w.line = append(w.line, name...)
	w.line = append(w.line, '"', ':')
}

func (w *Writer) integer(v int64) { w.line = strconv.AppendInt(w.line, v, 10) }

func (w *Writer) address(a netip.Addr) {
	w.line = append(w.line, '"')
	w.line = a.AppendTo(w.line)
	w.line = append(w.line, '"')
}

func (w *Writer) metres(v float64) { w.line = strconv.AppendFloat(w.line, v, 'f', -1, 64) }

func (w *Writer) text(value string) { w.line = appendString(w.line, value) }

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
