package scenarios

import (
	"math"
	"testing"

	"dsmipsim/reports/result"
	"dsmipsim/scenarios/spec"
)

// TestAttribution: where everything is fixed, each cause costs what its phase takes, and all
// of them together the latency but for the time that packets occupy links.
func TestAttribution(t *testing.T) {
	const name = "fixed-timing"
	text, _ := Text(name)
	s, err := spec.Load(name, text, nil)
	if err != nil {
		t.Fatal(err)
	}
	before := string(s.Encode())
	o, err := Run(name, s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	all, err := Attribute(s, o.Result, func(cause string, s *spec.Spec) (*result.Result, error) {
		o, err := Run(name, s, Options{})
		if err != nil {
			return nil, err
		}
		return o.Result, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if string(s.Encode()) != before {
		t.Error("removing a cause changed the scenario itself")
	}
	if len(all) != len(o.Result.Handovers) || len(all) == 0 {
		t.Fatalf("%d handovers attributed of %d", len(all), len(o.Result.Handovers))
	}
	first := all[0]
	phases := o.Result.Handovers[0].Phases
	costs := map[string]float64{}
	for _, c := range first.Costs {
		if c.CostS == nil {
			t.Fatalf("no cost of %s", c.Cause)
		}
		costs[c.Cause] = *c.CostS
		t.Logf("%s %.9f", c.Cause, *c.CostS)
	}
	near := func(what string, got, want float64) {
		if math.Abs(got-want) > 1e-3 {
			t.Errorf("%s costs %.6f s, want %.6f", what, got, want)
		}
	}
	near("layer2", costs["layer2"], phases.L2S)
	near("dad", costs["dad"], phases.AddressS)
	near("ha_dad", costs["ha_dad"], 1)
}
