package scenarios

import (
	"dsmipsim/reports/result"
	"dsmipsim/scenarios/plan"
	"dsmipsim/scenarios/spec"
	"dsmipsim/sim/trace"
)

type judge struct{}

func newJudge(*spec.Spec) *judge                { return &judge{} }
func (*judge) Record(*trace.Event)              {}
func (*judge) judge(*result.Result) error       { return nil }
func predictAll(*plan.Plan, *result.Result)     {}
