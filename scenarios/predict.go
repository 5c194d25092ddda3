package scenarios

import (
	"dsmipsim/reports/result"
	"dsmipsim/scenarios/plan"
	"dsmipsim/scenarios/predict"
)

// predictAll puts the prediction beside every handover of the result.
func predictAll(p *plan.Plan, r *result.Result) {
	predictions := map[string][]predict.Handover{}
	random := map[string]bool{}
	for i := range p.Spec.MobileNodes {
		m := &p.Spec.MobileNodes[i]
		predictions[m.Name] = predict.Handovers(p, m)
		random[m.Name] = p.Itinerary(m).Random
	}
	for i := range r.Handovers {
		h := &r.Handovers[i]
		of := predictions[h.MobileNode]
		if random[h.MobileNode] {
			h.PredictedNote = "the mobile node moves at random"
		}
		if h.Interface != "" {
			h.PredictedNote = "which of several interfaces is up when is not worked out"
		} else if n := h.Index - 1; n < len(of) {
			h.Predicted, h.PredictedNote = of[n].Result(), of[n].Note
		}
	}
}
