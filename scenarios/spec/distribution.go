package spec

import (
	"errors"
	"slices"
	"strings"
	"time"

	"dsmipsim/sim/draw"
)

// distributionTable is the long form of a random duration: which of the keys it takes, its
// dist tells (see draw.Families).
type distributionTable struct {
	Dist   string          `key:"dist" required:"true" values:"uniform exponential normal lognormal gamma pareto weibull empirical quantiles"`
	Mean   time.Duration   `key:"mean" unit:"duration"`
	SD     time.Duration   `key:"sd" unit:"duration"`
	Median time.Duration   `key:"median" unit:"duration"`
	Sigma  float64         `key:"sigma" unit:"number"`
	Shape  float64         `key:"shape" unit:"number"`
	Scale  time.Duration   `key:"scale" unit:"duration"`
	Min    time.Duration   `key:"min" unit:"duration"`
	Max    time.Duration   `key:"max" unit:"duration"`
	Values []time.Duration `key:"values"`
	At     []float64       `key:"at"`
}

// distribution reads a random duration: one duration, a pair between which it is uniform, or
// a table.
func (b *binder) distribution(f field, n *node) (draw.Distribution, bool) {
	if r, ok := parseRange(n); ok {
		if r.Max > draw.Longest {
			b.reporter.value(n, Problem{Wanted: "at most 24h"})
			return draw.Distribution{}, true
		}
		return draw.Between(r.Min, r.Max), true
	}
	if _, ok := n.value.(*table); !ok {
		return draw.Distribution{}, false
	}
	var t distributionTable
	if !b.longForm(f, &t, n) || !b.parameters(t.Dist, n) {
		n.bad = true
		return draw.Distribution{}, true // reported
	}
	d := t.distribution()
	var wrong *draw.ParameterError
	if err := d.Check(); errors.As(err, &wrong) {
		b.reporter.value(n.near(wrong.Key), Problem{Wanted: wrong.Wanted})
		n.bad = true
		return draw.Distribution{}, true
	}
	_ = b.within(f, n, float64(d.Min())) && b.within(f, n, float64(d.Max())) // which reports
	return d, true
}

// parameters checks that a table has the keys that its dist takes.
func (b *binder) parameters(dist string, n *node) bool {
	for _, family := range draw.Families() {
		if string(family.Kind) != dist {
			continue
		}
		ok := true
		for _, key := range family.Required {
			if n.get(key) == nil {
				b.missing(n, key, "it, which dist "+quote(dist)+" needs")
				ok = false
			}
		}
		for _, key := range n.value.(*table).keys {
			if key != "dist" && !slices.Contains(family.Required, key) && !slices.Contains(family.Optional, key) {
				takes := strings.Join(append(slices.Clone(family.Required), family.Optional...), ", ")
				b.say(n.get(key), "dist %q takes no such parameter, only %s", dist, takes)
				ok = false
			}
		}
		return ok
	}
	return false
}

func (t *distributionTable) distribution() draw.Distribution {
	return draw.Distribution{
		Kind: draw.Kind(t.Dist), Low: t.Min, High: t.Max, Centre: t.Mean + t.Median, Spread: t.SD,
		Scale: t.Scale, Shape: t.Sigma + t.Shape, Values: t.Values, At: t.At,
	}
}

// formatDistribution writes a random duration in the shortest form that reads as the same.
func formatDistribution(d draw.Distribution) string {
	switch d.Kind {
	case draw.Constant:
		return quote(formatDuration(d.High))
	case draw.Uniform:
		return bracket([]string{quote(formatDuration(d.Low)), quote(formatDuration(d.High))})
	}
	parts := []string{"dist = " + quote(string(d.Kind))}
	duration := func(key string, v time.Duration) {
		if v != 0 {
			parts = append(parts, key+" = "+quote(formatDuration(v)))
		}
	}
	centre, shape := "mean", "shape"
	if d.Kind == draw.LogNormal {
		centre, shape = "median", "sigma"
	}
	duration(centre, d.Centre)
	duration("sd", d.Spread)
	if d.Shape != 0 {
		parts = append(parts, shape+" = "+formatFloat(d.Shape))
	}
	duration("scale", d.Scale)
	duration("min", d.Low)
	duration("max", d.High)
	if d.Values != nil {
		parts = append(parts, "values = "+formatDurations(d.Values))
	}
	if d.At != nil {
		parts = append(parts, "at = "+formatFloats(d.At))
	}
	return "{ " + strings.Join(parts, ", ") + " }"
}

func formatDurations(all []time.Duration) string {
	items := make([]string, len(all))
	for i, d := range all {
		items[i] = quote(formatDuration(d))
	}
	return bracket(items)
}

func formatFloats(all []float64) string {
	items := make([]string, len(all))
	for i, x := range all {
		items[i] = formatFloat(x)
	}
	return bracket(items)
}
