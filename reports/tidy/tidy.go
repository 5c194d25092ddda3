// Package tidy writes parts of a result as CSV tables for statistics programs: one
// observation per row, one variable per column, units in the column names (_s seconds), an
// empty cell where there is no value. Lines end with a line feed.
package tidy

import (
	"encoding/csv"
	"io"
	"strconv"

	"dsmipsim/reports/result"
)

// Handovers writes one row per handover.
func Handovers(w io.Writer, r *result.Result) error {
	t := newTable(w, "mobile_node", "index", "from", "to", "kind", "start_s", "outcome", "latency_s",
		"l2_s", "detect_s", "address_s", "register_s", "route_optimization_s", "rest_s", "overlap_s",
		"predicted_latency_s", "predicted_latency_min_s", "predicted_latency_max_s",
		"predicted_l2_s", "predicted_detect_s", "predicted_address_s", "predicted_register_s",
		"predicted_route_optimization_s", "predicted_rest_s", "predicted_note")
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
		t.write(append(row, h.PredictedNote)...)
	}
	return t.done()
}

func phases(p result.Phases) []string {
	return []string{number(p.L2S), number(p.DetectS), number(p.AddressS), number(p.RegisterS),
		number(p.RouteOptimizationS), number(p.RestS)}
}

// Interruptions writes one row per handover and flow of its mobile node.
func Interruptions(w io.Writer, r *result.Result) error {
	t := newTable(w, "mobile_node", "index", "from", "to", "flow", "interruption_s", "lost")
	for i := range r.Handovers {
		h := &r.Handovers[i]
		for _, f := range h.Flows {
			t.write(h.MobileNode, strconv.Itoa(h.Index), h.From, h.To, f.Flow, optional(f.InterruptionS), strconv.Itoa(f.Lost))
		}
	}
	return t.done()
}

// Flows writes one row per flow. Drops by reason are in summary.json: they have no fixed
// set of columns.
func Flows(w io.Writer, r *result.Result) error {
	t := newTable(w, "name", "kind", "family", "from", "to", "sent", "sent_octets", "received", "lost", "in_flight",
		"duplicates", "reordered", "delay_min_s", "delay_mean_s", "delay_p50_s", "delay_p95_s", "delay_p99_s", "delay_max_s",
		"jitter_s", "longest_gap_s", "overhead_octets")
	for i := range r.Flows {
		f := &r.Flows[i]
		row := []string{f.Name, f.Kind, f.Family, f.From, f.To, strconv.Itoa(f.Sent), integer(f.SentOctets),
			strconv.Itoa(f.Received), strconv.Itoa(f.Lost), strconv.Itoa(f.InFlight), strconv.Itoa(f.Duplicates), strconv.Itoa(f.Reordered)}
		if d := f.Delay; d != nil {
			row = append(row, number(d.MinS), number(d.MeanS), number(d.P50S), number(d.P95S), number(d.P99S), number(d.MaxS))
		} else {
			row = append(row, "", "", "", "", "", "")
		}
		t.write(append(row, optional(f.JitterS), optional(f.LongestGapS), integer(f.OverheadOctets))...)
	}
	return t.done()
}

// Signalling writes one row per message type.
func Signalling(w io.Writer, r *result.Result) error {
	t := newTable(w, "class", "type", "packets", "octets", "octet_hops")
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

func newTable(w io.Writer, columns ...string) *table {
	t := &table{w: csv.NewWriter(w), columns: len(columns)}
	t.write(columns...)
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
