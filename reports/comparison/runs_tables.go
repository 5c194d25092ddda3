package comparison

import (
	"fmt"
	"io"
	"strconv"

	"dsmipsim/reports/table"
)

// Write writes the comparison: tables for people, the metrics as CSV, or all as JSON.
func (p *Pair) Write(w io.Writer, f table.Format) error {
	switch f {
	case table.CSV:
		return p.csv().Render(w, f)
	case table.JSON:
		return encode(w, p)
	}
	for i, t := range p.tables() {
		if len(t.Rows) == 0 {
			continue
		}
		if i > 0 {
			fmt.Fprintln(w)
		}
		if err := t.Render(w, f); err != nil {
			return err
		}
	}
	return writeNotes(w, f, p.Notes)
}

func (p *Pair) tables() []*table.Table {
	fingerprints := &table.Table{Title: fmt.Sprintf("Fingerprints of %s (A) and %s (B)", p.A, p.B),
		Columns: []table.Column{{Name: "of"}, {Name: "A"}, {Name: "B"}, {Name: ""}}}
	for _, f := range p.Fingerprints {
		verdict := "same"
		if !f.Same {
			verdict = "differs"
		}
		fingerprints.Add(f.Name, begin(f.A), begin(f.B), verdict)
	}
	metrics := &table.Table{Title: "Metrics", Columns: []table.Column{{Name: "metric"}, {Name: "unit"}, {Name: "A", Number: true}, {Name: "B", Number: true},
		{Name: "difference", Number: true}, {Name: "relative", Number: true}, {Name: "verdict"}}}
	for _, c := range p.Metrics {
		q := shownAs(c.Metric)
		difference, relative := none, none
		if c.Difference != nil {
			difference = signed(q.show(c.Difference))
		}
		if c.Relative != nil {
			relative = signed(percent(*c.Relative))
		}
		metrics.Add(c.Metric, q.Unit, q.show(c.A), q.show(c.B), difference, relative, string(c.Verdict))
	}
	return []*table.Table{fingerprints, p.handovers(), metrics, p.steady()}
}

// begin is enough of a fingerprint to tell it from others.
func begin(hex string) string { return hex[:min(len(hex), 12)] }

func (p *Pair) handovers() *table.Table {
	t := &table.Table{Title: "Handovers (ms; of the phases the differences)", Columns: []table.Column{{Name: "node"}, {Name: "handover"}, {Name: "outcome"},
		{Name: "A", Number: true}, {Name: "B", Number: true}, {Name: "difference", Number: true}, {Name: "l2", Number: true}, {Name: "detect", Number: true},
		{Name: "address", Number: true}, {Name: "register", Number: true}, {Name: "verdict"}}}
	ms := unit{Factor: 1e3}
	for _, h := range p.Handovers {
		phases := []string{none, none, none, none}
		if q := h.Phases; q != nil {
			phases = nil
			for _, v := range []float64{q.L2S, q.DetectS, q.AddressS, q.RegisterS} {
				phases = append(phases, signed(ms.show(&v)))
			}
		}
		difference := none
		if h.DifferenceS != nil {
			difference = signed(ms.show(h.DifferenceS))
		}
		row := []string{h.MobileNode, strconv.Itoa(h.Index) + "  " + both(h.HandoverA, h.HandoverB), both(h.OutcomeA, h.OutcomeB),
			ms.show(h.LatencyAS), ms.show(h.LatencyBS), difference}
		t.Add(append(append(row, phases...), string(h.Verdict))...)
	}
	return t
}

// both says two things, once if they are equal.
func both(a, b string) string {
	switch {
	case a == b:
		return a
	case a == "":
		return "(only in B) " + b
	case b == "":
		return "(only in A) " + a
	}
	return a + " | " + b
}

func (p *Pair) steady() *table.Table {
	t := &table.Table{Title: fmt.Sprintf("Mean delay of flows in the long run (ms; intervals of %d batches after a warm-up by MSER-5)", batches),
		Columns: []table.Column{{Name: "flow"}, {Name: "warm-up A", Number: true}, {Name: "A", Number: true}, {Name: "95 % interval", Number: true},
			{Name: "warm-up B", Number: true}, {Name: "B", Number: true}, {Name: "95 % interval", Number: true}}}
	ms := unit{Factor: 1e3}
	cells := func(r *Range) []string {
		if r == nil {
			return []string{none, none}
		}
		return []string{ms.show(&r.MeanS), ms.show(&r.LowS) + " .. " + ms.show(&r.HighS)}
	}
	for _, s := range p.SteadyDelay {
		row := append([]string{s.Flow, strconv.Itoa(s.WarmUpA)}, cells(s.A)...)
		t.Add(append(append(row, strconv.Itoa(s.WarmUpB)), cells(s.B)...)...)
	}
	return t
}

func (p *Pair) csv() *table.Table {
	t := &table.Table{}
	for _, name := range []string{"metric", "a", "b", "difference", "relative", "verdict", "beyond_tolerance"} {
		t.Columns = append(t.Columns, table.Column{Name: name})
	}
	for _, c := range p.Metrics {
		t.Add(c.Metric, exact(c.A), exact(c.B), exact(c.Difference), exact(c.Relative), string(c.Verdict), strconv.FormatBool(c.Beyond))
	}
	return t
}
