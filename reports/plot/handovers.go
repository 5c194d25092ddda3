package plot

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/stat"

	"dsmipsim/reports/result"
)

// group is values of one kind from one run.
type group struct {
	kind   string
	run    int
	values []float64
}

// grouped collects values by kind and run: kinds in the order of their first appearance, of
// each the runs in their order.
func grouped(runs []Run, visit func(r Run, add func(kind string, value float64))) []group {
	var kinds []string
	found := make([]map[string][]float64, len(runs))
	for i, run := range runs {
		found[i] = map[string][]float64{}
		visit(run, func(kind string, value float64) {
			if !slices.Contains(kinds, kind) {
				kinds = append(kinds, kind)
			}
			found[i][kind] = append(found[i][kind], value)
		})
	}
	var all []group
	for _, kind := range kinds {
		for i := range runs {
			if v := found[i][kind]; len(v) > 0 {
				slices.Sort(v)
				all = append(all, group{kind, i, v})
			}
		}
	}
	return all
}

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

// HandoverCDF draws the empirical distribution of handover latency: a line for each kind of
// handover of one run, or for each of several runs.
func HandoverCDF(runs []Run) *Figure {
	groups := latencies(runs)
	if len(runs) > 1 {
		groups = grouped(runs, func(r Run, add func(string, float64)) {
			for i := range r.Result.Handovers {
				if h := &r.Result.Handovers[i]; h.LatencyS != nil {
					add("", *h.LatencyS)
				}
			}
		})
	}
	f := cdf("handover latency", groups, func(g group) string {
		if len(runs) > 1 {
			return runs[g.run].Name
		}
		return g.kind
	})
	f.Title = title("Distribution of handover latency", runs)
	if f.Empty != "" {
		f.Empty = noHandover
		return f
	}
	f.body.(*lines).yLabel = "share of handovers"
	f.body.(*lines).note = unbounded(runs)
	return f
}

// cdf draws distributions of seconds.
func cdf(quantity string, groups []group, name func(group) string) *Figure {
	if len(groups) == 0 {
		return &Figure{Empty: "There is nothing to show."}
	}
	greatest := 0.0
	for _, g := range groups {
		greatest = max(greatest, g.values[len(g.values)-1])
	}
	u := unit(greatest, secondUnits)
	l := &lines{xLabel: quantity + " (" + u.name + ")", yLabel: "share of packets", xMax: greatest / u.factor * 1.04, yMax: 1.02}
	if l.xMax == 0 {
		l.xMax = 1
	}
	for i, g := range groups {
		scaled := make([]float64, len(g.values))
		for k, v := range g.values {
			scaled[k] = v / u.factor
		}
		points := append(append([]point{{0, 0}}, distribution(scaled)...), point{l.xMax, 1})
		l.series = append(l.series, series{
			name: fmt.Sprintf("%s (n = %d)", name(g), len(g.values)), style: curveStroke(i), steps: true, points: points,
		})
	}
	return &Figure{body: l}
}

// boxNote explains the boxes.
const boxNote = "Box: quartiles and median; whiskers: 5 % and 95 %; dots: least and greatest value. n: number of values."

// boxes draws distributions of seconds.
func boxes(quantity string, groups []group, name func(group) string) *Figure {
	if len(groups) == 0 {
		return &Figure{Empty: "There is nothing to show."}
	}
	greatest := 0.0
	for _, g := range groups {
		greatest = max(greatest, g.values[len(g.values)-1])
	}
	u := unit(greatest, secondUnits)
	f := &rows{xLabel: quantity + " (" + u.name + ")", note: boxNote}
	last := ""
	n := 0
	for _, g := range groups {
		if g.kind != last {
			last, n = g.kind, n+1
		}
		at := func(p float64) float64 { return stat.Quantile(p, stat.Empirical, g.values, nil) / u.factor }
		f.rows = append(f.rows, row{name: name(g), group: n, text: "n = " + strconv.Itoa(len(g.values)), box: &box{
			min: at(0), low: at(0.05), q1: at(0.25), median: at(0.5), q3: at(0.75), high: at(0.95), max: at(1), fill: g.run,
		}})
	}
	return &Figure{body: f}
}

// HandoverBoxes draws a box plot of handover latency for each kind of handover and run.
func HandoverBoxes(runs []Run) *Figure {
	f := boxes("handover latency", latencies(runs), func(g group) string { return runs[g.run].of(g.kind, runs) })
	f.Title = title("Handover latency", runs)
	if f.Empty != "" {
		f.Empty = noHandover
		return f
	}
	f.body.(*rows).note = sentences(boxNote, unbounded(runs))
	return f
}

// phaseNames are the phases in their order.
var phaseNames = []string{"layer 2", "detection", "address", "registration", "rest", "route optimization (not part of the latency)"}

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
	greatest := 0.0
	for _, g := range groups {
		bars = append(bars, meanPhases(runs, g))
		greatest = max(greatest, bars[len(bars)-1].end())
	}
	u := unit(greatest, secondUnits)
	b := &rows{xLabel: "time since the handover began (" + u.name + ")", rows: bars,
		note: sentences("Means over the n handovers of a kind.", unbounded(runs))}
	present := make([]bool, len(phaseNames))
	anyMark := false
	last, n := "", 0
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
		if groups[i].kind != last {
			last, n = groups[i].kind, n+1
		}
		r.group = n
		r.name = runs[groups[i].run].of(groups[i].kind, runs)
		latency := 0.0
		for _, p := range r.parts[:len(r.parts)-1] {
			latency += p.value
		}
		r.text = fmt.Sprintf("%s %s, n = %d", digits(latency), u.name, len(groups[i].values))
	}
	for i, name := range phaseNames {
		if present[i] {
			b.parts = append(b.parts, entry{name, fillSign(i)})
		}
	}
	if anyMark {
		b.parts = append(b.parts, entry{"predicted latency", predictedSign})
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

// InterruptionBars draws how long each flow was interrupted by each kind of handover.
func InterruptionBars(runs []Run) *Figure {
	groups := grouped(runs, func(r Run, add func(string, float64)) {
		for i := range r.Result.Handovers {
			for _, x := range r.Result.Handovers[i].Flows {
				if x.InterruptionS != nil {
					add(arrows(r.Result.Handovers[i].Kind)+", "+x.Flow, *x.InterruptionS)
				}
			}
		}
	})
	f := &Figure{Title: title("Interruption by handovers", runs)}
	if len(groups) == 0 {
		f.Empty = "No flow was received both before and after a handover, so none has an interruption."
		return f
	}
	greatest := 0.0
	for _, g := range groups {
		greatest = max(greatest, stat.Mean(g.values, nil))
	}
	u := unit(greatest, secondUnits)
	b := &rows{xLabel: "interruption (" + u.name + ")", note: "Means over the n handovers of a kind."}
	last, n := "", 0
	for _, g := range groups {
		apart := g.kind // bars of one flow, or of one run those of one kind of handover
		if len(runs) == 1 {
			apart = g.kind[:strings.LastIndex(g.kind, ", ")]
		}
		if apart != last {
			last, n = apart, n+1
		}
		mean := stat.Mean(g.values, nil) / u.factor
		b.rows = append(b.rows, row{name: runs[g.run].of(g.kind, runs), group: n, parts: []part{{mean, g.run}},
			text: fmt.Sprintf("%s %s, n = %d", digits(mean), u.name, len(g.values))})
	}
	f.body = b
	return f
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
