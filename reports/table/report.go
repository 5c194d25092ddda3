package table

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"dsmipsim/reports/result"
)

// Handovers shows the latency of each handover and its phases, and below it what the
// closed formulas expect.
func Handovers(r *result.Result) *Table {
	t := &Table{Title: "Handovers (phases and latency in ms)", Verdicts: []int{3}, Columns: []Column{{"node", false}, {"handover", false}, {"start (s)", true}, {"outcome", false},
		{"l2", true}, {"detect", true}, {"address", true}, {"register", true}, {"rest", true}, {"latency", true}, {"predicted range", true}}}
	optimised := false
	for i := range r.Handovers {
		optimised = optimised || r.Handovers[i].Phases.RouteOptimizationS != 0
	}
	if optimised {
		t.Columns = append(t.Columns[:8], append([]Column{{"route opt.", true}}, t.Columns[8:]...)...)
	}
	cells := func(p result.Phases) []string {
		all := []string{ms(p.L2S), ms(p.DetectS), ms(p.AddressS), ms(p.RegisterS)}
		if optimised {
			all = append(all, ms(p.RouteOptimizationS))
		}
		return append(all, ms(p.RestS))
	}
	for i := range r.Handovers {
		h := &r.Handovers[i]
		name := fmt.Sprintf("%d  %s -> %s", h.Index, place(h.From), place(h.To))
		row := append([]string{h.MobileNode, name, fixed(h.StartS), h.Outcome}, cells(h.Phases)...)
		t.Add(append(row, optionalMS(h.LatencyS), h.PredictedNote)...)
		if p := h.Predicted; p != nil {
			row = append([]string{"", "", "", "  predicted"}, cells(p.Phases)...)
			t.Add(append(row, ms(p.LatencyS), ms(p.LatencyMinS)+" .. "+ms(p.LatencyMaxS))...)
		}
	}
	return t
}

// Interruptions shows what each handover did to each flow. Flows that lost nothing and were
// not interrupted are in it, too: that is a result.
func Interruptions(r *result.Result) *Table {
	t := &Table{Title: "Flows during handovers", Columns: []Column{{"node", false}, {"handover", false}, {"flow", false},
		{"interruption (ms)", true}, {"lost packets", true}}}
	stalls := false
	for i := range r.Handovers {
		for _, f := range r.Handovers[i].Flows {
			stalls = stalls || f.Stall != nil
		}
	}
	if stalls {
		t.Columns = append(t.Columns, Column{"stall (ms)", true})
	}
	for i := range r.Handovers {
		h := &r.Handovers[i]
		node, name := h.MobileNode, fmt.Sprintf("%d  %s -> %s", h.Index, place(h.From), place(h.To))
		for _, f := range h.Flows {
			row := []string{node, name, f.Flow, optionalMS(f.InterruptionS), strconv.Itoa(f.Lost)}
			if f.Stall != nil {
				row = append(row, optionalMS(f.StallS))
			} else if stalls {
				row = append(row, "")
			}
			t.Add(row...)
			node, name = "", "" // said once is enough
		}
	}
	return t
}

// Flows shows the counts and delays of each flow.
func Flows(r *result.Result) *Table {
	t := &Table{Title: "Flows (delays in ms; of a ping, round trips)", Columns: []Column{{"flow", false}, {"kind", false}, {"sent", true}, {"received", true},
		{"lost", true}, {"in flight", true}, {"dup.", true}, {"reord.", true}, {"mean", true}, {"median", true}, {"p99", true},
		{"jitter", true}, {"longest gap (s)", true}, {"lost because", false}}}
	for i := range r.Flows {
		f := &r.Flows[i]
		mean, median, p99 := none, none, none
		if f.Delay != nil {
			mean, median, p99 = ms(f.Delay.MeanS), ms(f.Delay.P50S), ms(f.Delay.P99S)
		}
		gap := none
		if f.LongestGapS != nil {
			gap = fixed(*f.LongestGapS)
		}
		t.Add(f.Name, f.Kind+" "+f.Family, strconv.Itoa(f.Sent), strconv.Itoa(f.Received), strconv.Itoa(f.Lost), strconv.Itoa(f.InFlight),
			strconv.Itoa(f.Duplicates), strconv.Itoa(f.Reordered), mean, median, p99, optionalMS(f.JitterS), gap, reasons(f.Drops))
	}
	return t
}

// TCP shows what flows over TCP are measured by beside their segments.
func TCP(r *result.Result) *Table {
	t := &Table{Title: "TCP (goodput: octets that reached the application; times in ms)", Columns: []Column{{"flow", false},
		{"goodput (octets)", true}, {"goodput (Mbit/s)", true}, {"data segments", true}, {"sent again", true}, {"connect", true}, {"transfer", true},
		{"responses", true}, {"response median", true}, {"p95", true}, {"longest", true}, {"", false}}}
	for i := range r.Flows {
		s := r.Flows[i].Stream
		if s == nil {
			continue
		}
		rate, note := none, ""
		if s.GoodputBPS != nil {
			rate = fixed(float64(*s.GoodputBPS / 1e6))
		}
		if s.Aborted {
			note = "connection lost"
		}
		row := []string{r.Flows[i].Name, strconv.FormatInt(s.GoodputOctets, 10), rate, strconv.Itoa(s.Segments),
			strconv.Itoa(s.Retransmissions), optionalMS(s.ConnectS), optionalMS(s.TransferS)}
		responses := []string{none, none, none, none}
		if x := s.Exchange; x != nil {
			responses[0] = strconv.Itoa(x.Responses)
			if d := x.ResponseTime; d != nil {
				responses = []string{responses[0], ms(d.P50S), ms(d.P95S), ms(d.MaxS)}
			}
		}
		t.Add(append(append(row, responses...), note)...)
	}
	return t
}

// Calls shows how each call is rated.
func Calls(r *result.Result) *Table {
	t := &Table{Title: "Calls (delays in ms; E-model)", Columns: []Column{{"flow", false}, {"codec", false}, {"model", false}, {"network", true},
		{"mouth to ear", true}, {"late", true}, {"loss (%)", true}, {"R", true}, {"MOS", true}}}
	for i := range r.Flows {
		if v := r.Flows[i].Voice; v != nil {
			t.Add(r.Flows[i].Name, v.Codec, v.Model, ms(v.NetworkS), ms(v.MouthToEarS), strconv.Itoa(v.Late), fixed(v.LossPercent), fixed(v.R), fixed(v.MOS))
		}
	}
	return t
}

// Signalling shows the control messages, and their sum in the last row.
func Signalling(r *result.Result) *Table {
	t := &Table{Title: "Signalling (IP octets; octet-hops count every link crossed)", Columns: []Column{{"class", false}, {"message", false},
		{"packets", true}, {"octets", true}, {"octet-hops", true}}}
	s := &r.Signalling
	for _, m := range s.Messages {
		t.Add(m.Class, m.Type, strconv.Itoa(m.Packets), strconv.FormatInt(m.Octets, 10), strconv.FormatInt(m.OctetHops, 10))
	}
	if len(s.Messages) > 0 {
		t.Add("all", "", strconv.Itoa(s.Packets), strconv.FormatInt(s.Octets, 10), strconv.FormatInt(s.OctetHops, 10))
	}
	return t
}

// Expectations shows the verdicts.
func Expectations(r *result.Result) *Table {
	t := &Table{Title: "Expectations", Verdicts: []int{0}, Columns: []Column{{"", false}, {"metric", false}, {"want", false}, {"got", false}, {"note", false}}}
	located := slices.ContainsFunc(r.Expectations, func(e result.Expectation) bool { return e.Where != nil })
	if located {
		t.Columns = slices.Insert(t.Columns, 4, Column{"where", false})
	}
	for _, e := range r.Expectations {
		verdict := "FAIL"
		switch {
		case e.Unjudged:
			verdict = none
		case e.Deviates:
			verdict = "deviates"
		case e.Pass:
			verdict = "pass"
		}
		row := []string{verdict, e.Metric, e.Want, value(e.Got), e.Note}
		if located {
			row = slices.Insert(row, 4, e.Where.Brief())
		}
		t.Add(row...)
	}
	return t
}

// none stands for a value that does not exist.
const none = "-"

func ms(s float64) string { return strconv.FormatFloat(float64(s*1000), 'f', 3, 64) }

func optionalMS(s *float64) string {
	if s == nil {
		return none
	}
	return ms(*s)
}

func fixed(s float64) string { return strconv.FormatFloat(s, 'f', 3, 64) }

func reasons(d result.Drops) string {
	var all []string
	for _, r := range d.Reasons() {
		all = append(all, fmt.Sprintf("%s %d", r, d[r]))
	}
	return strings.Join(all, ", ")
}

func value(v any) string {
	switch v := v.(type) {
	case nil:
		return none
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

// place names a network, or the absence of any.
func place(network string) string {
	if network == "" {
		return "nowhere"
	}
	return network
}
