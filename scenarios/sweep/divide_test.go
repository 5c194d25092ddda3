package sweep

import (
	"testing"
	"time"
)

func TestCostIsEstimatedWithinABudget(t *testing.T) {
	d := walk(t, "duration=1000000s")
	began := time.Now()
	cost, err := d.Cost(t.Context(), 50*time.Millisecond)
	if err != nil || cost < time.Second {
		t.Errorf("%s (%v), wanted what so long a run takes", cost, err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
}

func TestRunsAndShards(t *testing.T) {
	for _, c := range []struct {
		set          string
		runs, shards int
	}{
		{"sweep.replications=3", 36, 36},
		{`sweep.until={metric="events",relative_ci=0.01,min=2,max=6}`, 72, 12},
	} {
		if runs, shards := walk(t, c.set).Runs(); runs != c.runs || shards != c.shards {
			t.Errorf("%s: %d runs in at most %d shards, wanted %d and %d", c.set, runs, shards, c.runs, c.shards)
		}
	}
}
