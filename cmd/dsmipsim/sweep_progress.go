package main

import (
	"fmt"
	"math"
	"time"

	"dsmipsim/scenarios/sweep"
)

// showSweep returns what shows how far a sweep is.
func showSweep(p *progress) func(sweep.Progress) {
	return func(so sweep.Progress) {
		p.tell(func(took time.Duration) string { return sweepLine(so, took) })
	}
}

// sweepLine says how far a sweep is after that time, how fast it goes, when it will be over if it
// goes on so, and how well a metric is known that a stop rule looks at.
func sweepLine(so sweep.Progress, took time.Duration) string {
	atMost := ""
	if so.AtMost {
		atMost = "at most "
	}
	text := fmt.Sprintf("%3.0f %%  %d of %s%d runs", 100*float64(so.Done)/float64(max(so.Total, 1)), so.Done, atMost, so.Total)
	if so.Found > 0 {
		text += fmt.Sprintf(" (%d from before)", so.Found)
	}
	if so.Failed > 0 {
		text += fmt.Sprintf(", %d failed", so.Failed)
	}
	if ran := so.Done - so.Found; ran > 0 && took > 0 {
		rate := float64(ran) / took.Seconds()
		left := time.Duration(float64(so.Total-so.Done) / rate * 1e9)
		text += fmt.Sprintf("  %.1f runs/s  %.0f events/s  ETA %s%s", rate, float64(so.Events)/took.Seconds(), atMost, left.Round(time.Second))
	}
	if !math.IsNaN(so.Relative) {
		text += fmt.Sprintf("  point %d: +-%.2g %% after %d", so.Point, 100*so.Relative, so.N)
	}
	return text
}
