package scenarios

import (
	"dsmipsim/scenarios/plan"
	"dsmipsim/sim/vtime"
	"dsmipsim/topology/motion"
)

// visits returns the steps of an itinerary: from network to network, or by way of none.
func (w *world) visits(it *plan.Itinerary) []motion.Visit {
	var steps []motion.Visit
	for i, v := range it.Visits {
		begins := i == 0 && it.Start == "" // out of reach already
		if !begins && v.At > v.Left {
			steps = append(steps, motion.Visit{At: vtime.Time(v.Left)})
		}
		if v.Network != "" {
			steps = append(steps, motion.Visit{At: vtime.Time(v.At), Network: w.access[v.Network]})
		}
	}
	return steps
}
