package html

import (
	"fmt"
	"strconv"

	"dsmipsim/reports/result"
)

// phase is a part of a handover.
type phase struct {
	name    string
	seconds float64
}

// phasesOf lists the phases in the order in which they happen.
func phasesOf(p *result.Phases) []phase {
	return []phase{
		{"l2", p.L2S}, {"detect", p.DetectS}, {"address", p.AddressS}, {"register", p.RegisterS}, {"rest", p.RestS},
		{"route optimization", p.RouteOptimizationS},
	}
}

func handoverName(h *result.Handover) string {
	from, to := h.From, h.To
	if from == "" {
		from = "nowhere"
	}
	if to == "" {
		to = "nowhere"
	}
	return fmt.Sprintf("%d %s → %s", h.Index, from, to)
}

// bar is a handover in the picture of the phases, in the units of the drawing.
type bar struct {
	Label, Value string
	Parts        []part
	Predicted    string // x of the predicted latency; "" without
	PredictedMS  string
	Y            int
}

// part is a phase of a bar.
type part struct {
	Class, Title string
	X, Width     string
}

// bars is the picture of the phases.
type bars struct {
	Bars   []bar
	Height int
	Ticks  []tick
	Legend []part
	More   string // what is not shown
}

type tick struct{ X, Label string }

// Sizes of the picture.
const (
	barsLeft  = 10
	barsRight = 690
	barPitch  = 46
	maxBars   = 40
)

// phaseBars draws the phases of each handover on one scale.
func phaseBars(r *result.Result) *bars {
	b := &bars{}
	handovers := r.Handovers[:min(len(r.Handovers), maxBars)]
	if n := len(r.Handovers); n > maxBars {
		b.More = fmt.Sprintf("The first %d handovers of %d; handovers.csv has all.", maxBars, n)
	}
	longest := 0.0
	for i := range handovers {
		total := 0.0
		for _, p := range phasesOf(&handovers[i].Phases) {
			total += max(p.seconds, 0)
		}
		longest = max(longest, total)
		if p := handovers[i].Predicted; p != nil {
			longest = max(longest, p.LatencyS)
		}
	}
	if longest == 0 {
		return b
	}
	step := tickStep(longest)
	x := func(s float64) string {
		return strconv.FormatFloat(barsLeft+float64(float64(barsRight-barsLeft)*s/longest), 'f', 1, 64)
	}
	for k := 0; float64(float64(k)*step) <= longest; k++ {
		s := float64(float64(k) * step)
		b.Ticks = append(b.Ticks, tick{x(s), strconv.FormatFloat(s*1000, 'f', -1, 64)})
	}
	seen := map[string]bool{}
	for i := range handovers {
		h := &handovers[i]
		one := bar{Label: h.MobileNode + " " + handoverName(h), Value: h.Outcome, Y: barPitch * i}
		if h.LatencyS != nil {
			one.Value = milliseconds(*h.LatencyS)
		}
		at := 0.0
		for _, p := range phasesOf(&h.Phases) {
			if p.seconds <= 0 {
				continue
			}
			seen[p.name] = true
			one.Parts = append(one.Parts, part{
				Class: phaseClass(p.name), Title: p.name + " " + milliseconds(p.seconds), X: x(at),
				Width: strconv.FormatFloat(float64(float64(barsRight-barsLeft)*p.seconds/longest), 'f', 1, 64),
			})
			at += p.seconds
		}
		if h.Predicted != nil {
			one.Predicted, one.PredictedMS = x(h.Predicted.LatencyS), milliseconds(h.Predicted.LatencyS)
		}
		b.Bars = append(b.Bars, one)
	}
	for _, p := range phasesOf(&result.Phases{}) {
		if seen[p.name] {
			b.Legend = append(b.Legend, part{Class: phaseClass(p.name), Title: p.name})
		}
	}
	b.Height = barPitch*len(b.Bars) + 24
	return b
}

// phaseClass is the style of a phase.
func phaseClass(name string) string {
	if name == "route optimization" {
		return "phase-route"
	}
	return "phase-" + name
}

// tickStep is a round distance that gives at most nine ticks.
func tickStep(longest float64) float64 {
	for _, s := range []float64{0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000} {
		if longest/s <= 8 {
			return s
		}
	}
	return longest
}

func milliseconds(s float64) string {
	return strconv.FormatFloat(float64(s*1000), 'f', 3, 64) + " ms"
}
