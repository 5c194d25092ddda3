package router

import (
	"testing"
	"time"

	"dsmipsim/nodes/wire"
	"dsmipsim/sim/vtime"
)

// A renumbering gives the prefix new lifetimes, which run down from then on and never below
// zero, and puts another one beside it.
func TestPrefixChange(t *testing.T) {
	old := wire.PrefixInformation{PrefixLen: 64, ValidLifetime: time.Hour, PreferredLifetime: time.Hour}
	other := wire.PrefixInformation{PrefixLen: 64, ValidLifetime: 2 * time.Hour, PreferredLifetime: 2 * time.Hour}
	c := Config{Prefix: old, Change: &Change{At: vtime.Time(10 * time.Second), Valid: 60 * time.Second, Preferred: 20 * time.Second, New: other}}
	for _, x := range []struct {
		at               time.Duration
		valid, preferred time.Duration
		prefixes         int
	}{
		{9 * time.Second, time.Hour, time.Hour, 1},
		{10 * time.Second, 60 * time.Second, 20 * time.Second, 2},
		{25 * time.Second, 45 * time.Second, 5 * time.Second, 2},
		{40 * time.Second, 30 * time.Second, 0, 2},
		{90 * time.Second, 0, 0, 2},
	} {
		got := c.Prefixes(vtime.Time(x.at))
		if len(got) != x.prefixes || got[0].ValidLifetime != x.valid || got[0].PreferredLifetime != x.preferred || x.prefixes > 1 && got[1] != other {
			t.Errorf("at %v: %+v", x.at, got)
		}
	}
	c.Change.New = wire.PrefixInformation{}
	if got := c.Prefixes(vtime.Time(time.Minute)); len(got) != 1 {
		t.Errorf("without a new prefix: %+v", got)
	}
}
