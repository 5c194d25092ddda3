package plot

import (
	"fmt"
	"strconv"

	"dsmipsim/reports/limits"
	"dsmipsim/reports/result"
)

// latencies collects the latencies of handovers that ended in a binding, by their kind.
func latencies(runs []Run) []group {
	return grouped(runs, func(r Run, add func(string, float64)) {
		for i := range r.Result.Handovers {
			if h := &r.Result.Handovers[i]; h.LatencyS != nil {
				add(arrows(h.Kind), *h.LatencyS)
			}
		}
	})
}

// unbounded tells how many handovers have no latency.
func unbounded(runs []Run) string {
	all, without := 0, 0
	for _, run := range runs {
		for i := range run.Result.Handovers {
			all++
			if run.Result.Handovers[i].LatencyS == nil {
				without++
			}
		}
	}
	if without == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d handovers ended without a binding and are not shown.", without, all)
}

const noHandover = "No handover of these runs ended in a binding, so none has a latency."

// kindsMost is how many kinds of handovers have lines of their own that can be told apart.
const kindsMost = 8

// handoverLatency is the latency of handovers by their kind.
func handoverLatency(what string, runs []Run) measured {
	m := measured{title: title(what, runs), quantity: "handover latency", counted: "handovers", limits: limits.Interruption,
		groups: latencies(runs), empty: noHandover, note: unbounded(runs)}
	m.name = func(g group) string { return runs[g.run].of(g.kind, runs) }
	return m
}

// HandoverCDF draws the empirical distribution of handover latency: a line for each kind of
// handover of one run, or for each of several runs.
func HandoverCDF(runs []Run) *Figure {
	m := handoverLatency("Distribution of handover latency", runs)
	if len(runs) == 1 && len(m.groups) <= kindsMost {
		return m.cdf()
	}
	m.groups = grouped(runs, func(r Run, add func(string, float64)) {
		for i := range r.Result.Handovers {
			if h := &r.Result.Handovers[i]; h.LatencyS != nil {
				add("all handovers", *h.LatencyS)
			}
		}
	})
	if len(runs) > 1 {
		m.name = func(g group) string { return runs[g.run].Name }
	}
	return m.cdf()
}

// HandoverBoxes draws a box plot of handover latency for each kind of handover and run.
func HandoverBoxes(runs []Run) *Figure {
	m := handoverLatency("Handover latency", runs)
	return m.boxes()
}

// phaseNames are the phases in their order.
var phaseNames = []string{"layer 2", "detection", "address", "registration", "rest", "route optimization"}

func phaseValues(p *result.Phases) []float64 {
	return []float64{p.L2S, p.DetectS, p.AddressS, p.RegisterS, p.RestS, p.RouteOptimizationS}
}

// PhaseBars draws the mean phases of each kind of handover, stacked, and where all of a kind are
// predicted the mean of the predicted latencies.
func PhaseBars(runs []Run) *Figure {
	groups := latencies(runs)
	f := &Figure{Title: title("Phases of handovers", runs)}
	if len(groups) == 0 {
		f.Empty = noHandover
		return f
	}
	bars := make([]row, 0, len(groups))
	longest := 0.0
	for _, g := range groups {
		bars = append(bars, meanPhases(runs, g))
		longest = max(longest, bars[len(bars)-1].end())
	}
	u := unit(longest, secondUnits)
	b := &rows{xLabel: "time since the handover began (" + u.name + ")", rows: bars,
		note: sentences("Means over the n handovers of a kind.", unbounded(runs))}
	present := make([]bool, len(phaseNames))
	anyMark := false
	number := apart()
	for i := range b.rows {
		r := &b.rows[i]
		for k := range r.parts {
			r.parts[k].value /= u.factor
			present[r.parts[k].fill] = present[r.parts[k].fill] || r.parts[k].value > 0
		}
		if r.mark != nil {
			*r.mark /= u.factor
			anyMark = true
		}
		r.group = number(groups[i].kind)
		r.name = runs[groups[i].run].of(groups[i].kind, runs)
		latency := 0.0
		for _, p := range r.parts[:len(r.parts)-1] {
			latency += p.value
		}
		r.text = fmt.Sprintf("%s %s, n = %d", digits(latency), u.name, len(groups[i].values))
	}
	for i, name := range phaseNames {
		if present[i] {
			b.parts = append(b.parts, entry{name: name, sign: fillSign(i)})
		}
	}
	if present[len(present)-1] {
		b.note = sentences(b.note, "Route optimization is not part of the latency.")
	}
	if anyMark {
		b.parts = append(b.parts, entry{name: "predicted latency", sign: predictedSign})
	}
	f.body = b
	return f
}

// meanPhases returns the bar of one kind of handover in one run, in seconds.
func meanPhases(runs []Run, g group) (r row) {
	sums := make([]float64, len(phaseNames))
	prediction, n := 0.0, float64(len(g.values))
	predictedAll := true
	for i := range runs[g.run].Result.Handovers {
		h := &runs[g.run].Result.Handovers[i]
		if h.LatencyS == nil || arrows(h.Kind) != g.kind {
			continue
		}
		for k, v := range phaseValues(&h.Phases) {
			sums[k] += v
		}
		if h.Predicted == nil {
			predictedAll = false
			continue
		}
		prediction += h.Predicted.LatencyS
	}
	for k, sum := range sums {
		r.parts = append(r.parts, part{value: sum / n, fill: k})
	}
	if predictedAll {
		r.mark = result.Some(prediction / n)
	}
	return r
}

// digits writes a number with three digits that count.
func digits(v float64) string {
	switch {
	case v >= 100 || v == 0:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case v >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	case v >= 1:
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	return strconv.FormatFloat(v, 'f', 3, 64)
}
