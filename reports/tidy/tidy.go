// Package tidy writes parts of a result as CSV tables for statistics programs: one
// observation per row, one variable per column, units in the column names (_s seconds), an
// empty cell where there is no value. Lines end with a line feed.
package tidy

import (
	"encoding/csv"
	"io"
	"math"
	"strconv"
	"time"

	"dsmipsim/reports/result"
)

// Handovers writes one row per handover.
func Handovers(w io.Writer, r *result.Result) error {
	t := newTable(w, handoverColumns)
	for i := range r.Handovers {
		h := &r.Handovers[i]
		row := []string{h.MobileNode, strconv.Itoa(h.Index), h.From, h.To, h.Kind, number(h.StartS), h.Outcome, optional(h.LatencyS)}
		row = append(row, phases(h.Phases)...)
		row = append(row, number(h.OverlapS))
		if p := h.Predicted; p != nil {
			row = append(row, number(p.LatencyS), number(p.LatencyMinS), number(p.LatencyMaxS))
			row = append(row, phases(p.Phases)...)
		} else {
			row = append(row, "", "", "", "", "", "", "", "", "")
		}
		t.write(append(row, h.PredictedNote, h.FromInterface, h.Interface)...)
	}
	return t.done()
}

func phases(p result.Phases) []string {
	return []string{number(p.L2S), number(p.DetectS), number(p.AddressS), number(p.RegisterS),
		number(p.RouteOptimizationS), number(p.RestS)}
}

// Interruptions writes one row per handover and flow of its mobile node.
func Interruptions(w io.Writer, r *result.Result) error {
	t := newTable(w, interruptionColumns)
	for i := range r.Handovers {
		h := &r.Handovers[i]
		for _, f := range h.Flows {
			t.write(h.MobileNode, strconv.Itoa(h.Index), h.From, h.To, f.Flow, optional(f.InterruptionS), strconv.Itoa(f.Lost), stall(f.Stall))
		}
	}
	return t.done()
}

func stall(s *result.Stall) string {
	if s == nil {
		return ""
	}
	return optional(s.StallS)
}

// Flows writes one row per flow. Drops by reason are in summary.json: they have no fixed
// set of columns.
func Flows(w io.Writer, r *result.Result) error {
	t := newTable(w, flowColumns)
	for i := range r.Flows {
		f := &r.Flows[i]
		row := []string{f.Name, f.Kind, f.Family, f.From, f.To, strconv.Itoa(f.Sent), integer(f.SentOctets),
			strconv.Itoa(f.Received), strconv.Itoa(f.Lost), strconv.Itoa(f.InFlight), strconv.Itoa(f.Duplicates), strconv.Itoa(f.Reordered)}
		if d := f.Delay; d != nil {
			row = append(row, number(d.MinS), number(d.MeanS), number(d.P50S), number(d.P95S), number(d.P99S), number(d.MaxS))
		} else {
			row = append(row, "", "", "", "", "", "")
		}
		row = append(row, optional(f.JitterS), optional(f.LongestGapS), integer(f.OverheadOctets))
		t.write(append(row, stream(f.Stream)...)...)
	}
	return t.done()
}

// stream returns the cells of a flow over TCP, empty ones of any other.
func stream(s *result.Stream) []string {
	cells := make([]string, 13)
	if s == nil {
		return cells
	}
	copy(cells, []string{integer(s.GoodputOctets), optional(s.GoodputBPS), strconv.Itoa(s.Segments), strconv.Itoa(s.Retransmissions),
		integer(s.RetransmittedOctets), optional(s.ConnectS), optional(s.TransferS)})
	if x := s.Exchange; x != nil {
		cells[7] = strconv.Itoa(x.Responses)
		if d := x.ResponseTime; d != nil {
			copy(cells[8:], []string{number(d.MeanS), number(d.P50S), number(d.P95S), number(d.P99S), number(d.MaxS)})
		}
	}
	return cells
}

// goodputBin is the length of the intervals over which Goodput counts.
const goodputBin = 100 * time.Millisecond

// Goodput writes, for each flow over TCP, one row per 100 ms from its first segment to the end
// of the run: the octets that reached the application in that time, each once and in order.
func Goodput(w io.Writer, r *result.Result, samples []result.FlowSamples) error {
	t := newTable(w, goodputColumns)
	end := time.Duration(math.Round(r.DurationS * 1e9))
	for i := range samples {
		s := &samples[i]
		if !s.Flow.TCP() || len(s.Packets) == 0 {
			continue
		}
		progress := s.Progress
		for at := time.Duration(s.Packets[0].Sent) / goodputBin * goodputBin; at < end; at += goodputBin {
			octets := 0
			for len(progress) > 0 && time.Duration(progress[0].At) < at+goodputBin {
				octets += progress[0].Octets
				progress = progress[1:]
			}
			bps := int64(octets) * 8 * int64(time.Second/goodputBin)
			t.write(s.Flow.Name, number(result.Seconds(at)), strconv.Itoa(octets), integer(bps))
		}
	}
	return t.done()
}

// Signalling writes one row per message type.
func Signalling(w io.Writer, r *result.Result) error {
	t := newTable(w, signallingColumns)
	for _, m := range r.Signalling.Messages {
		t.write(m.Class, m.Type, strconv.Itoa(m.Packets), integer(m.Octets), integer(m.OctetHops))
	}
	return t.done()
}

// table is a CSV writer that checks the number of cells and keeps the first error.
type table struct {
	w       *csv.Writer
	columns int
	err     error
}

func newTable(w io.Writer, columns []Column) *table {
	t := &table{w: csv.NewWriter(w), columns: len(columns)}
	t.write(names(columns)...)
	return t
}

func (t *table) write(cells ...string) {
	if len(cells) != t.columns {
		panic("tidy: a row has another number of cells than the header")
	}
	if t.err == nil {
		t.err = t.w.Write(cells)
	}
}

func (t *table) done() error {
	t.w.Flush()
	if t.err == nil {
		t.err = t.w.Error()
	}
	return t.err
}

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func integer(v int64) string { return strconv.FormatInt(v, 10) }

func optional(v *float64) string {
	if v == nil {
		return ""
	}
	return number(*v)
}
