package main

import (
	"fmt"
	"slices"
	"strings"

	"dsmipsim/reports/comparison"
	"dsmipsim/reports/quantity"
	"dsmipsim/scenarios/sweep"
)

// matching says which points of two sweeps belong together.
type matching struct {
	a, b    *sweep.Sweep
	factors []string // names, in the order of the first sweep
	pairs   [][2]int // indices of points
	notes   []string // on those that have no partner
}

// match pairs the points of two sweeps by the values of their factors, whatever order these have.
func match(nameA string, a *sweep.Sweep, nameB string, b *sweep.Sweep) (*matching, error) {
	m := &matching{a: a, b: b}
	place := make([]int, len(a.Factors)) // of each factor of a in b
	for i, f := range a.Factors {
		m.factors = append(m.factors, f.Name)
		place[i] = slices.IndexFunc(b.Factors, func(g sweep.Factor) bool { return g.Set == f.Set })
		if place[i] < 0 {
			return nil, usagef("compare: %s varies %s and %s does not; wanted the same factors", nameA, f.Set, nameB)
		}
	}
	if len(a.Factors) != len(b.Factors) {
		for _, f := range b.Factors {
			if !slices.ContainsFunc(a.Factors, func(g sweep.Factor) bool { return g.Set == f.Set }) {
				return nil, usagef("compare: %s varies %s and %s does not; wanted the same factors", nameB, f.Set, nameA)
			}
		}
	}
	partner := map[string]int{}
	for i, p := range b.Points {
		values := make([]string, len(place))
		for k, n := range place {
			values[k] = p.Values[n]
		}
		partner[identity(values)] = i
	}
	var onlyA, onlyB []string
	for i, p := range a.Points {
		key := identity(p.Values)
		if k, ok := partner[key]; ok {
			m.pairs = append(m.pairs, [2]int{i, k})
			delete(partner, key)
		} else {
			onlyA = append(onlyA, pointName(a, p))
		}
	}
	for _, p := range b.Points {
		values := make([]string, len(place))
		for k, n := range place {
			values[k] = p.Values[n]
		}
		if _, left := partner[identity(values)]; left {
			onlyB = append(onlyB, pointName(b, p))
		}
	}
	for _, only := range []struct {
		name   string
		points []string
	}{{nameA, onlyA}, {nameB, onlyB}} {
		if len(only.points) > 0 {
			m.notes = append(m.notes, fmt.Sprintf("Only in %s, not compared: %s.", only.name, strings.Join(only.points, "; ")))
		}
	}
	if len(m.pairs) == 0 {
		return nil, usagef("compare: %s and %s have no point in common", nameA, nameB)
	}
	return m, nil
}

// identity is equal of equal values of factors, however these are written: 1s is 1000ms.
func identity(values []string) string {
	all := make([]string, len(values))
	for i, text := range values {
		all[i] = text
		if v, unit, ok := quantity.Parse(text); ok {
			all[i] = fmt.Sprint(v, " ", unit)
		}
	}
	return strings.Join(all, "\x00")
}

func pointName(s *sweep.Sweep, p sweep.Point) string {
	all := make([]string, len(p.Values))
	for i, v := range p.Values {
		all[i] = s.Factors[i].Name + " = " + quantity.Plain(v)
	}
	return strings.Join(all, ", ")
}

// shared splits metrics into those that both sweeps have and the others.
func shared(a, b []string) (both, only []string) {
	for _, m := range a {
		if slices.Contains(b, m) {
			both = append(both, m)
		} else {
			only = append(only, m)
		}
	}
	for _, m := range b {
		if !slices.Contains(a, m) {
			only = append(only, m)
		}
	}
	return both, only
}

// cases are all metrics at all points that have a partner.
func (m *matching) cases(metrics []string) ([]comparison.Case, error) {
	x, err := m.a.MeasureAll(metrics)
	if err != nil {
		return nil, err
	}
	y, err := m.b.MeasureAll(metrics)
	if err != nil {
		return nil, err
	}
	var all []comparison.Case
	for _, pair := range m.pairs {
		p, q := m.a.Points[pair[0]], m.b.Points[pair[1]]
		var point []string
		for _, v := range p.Values {
			point = append(point, quantity.Plain(v))
		}
		for i, metric := range metrics {
			all = append(all, comparison.Case{Point: point, Metric: metric, A: sideOf(p, x[i][pair[0]]), B: sideOf(q, y[i][pair[1]])})
		}
	}
	return all, nil
}

func sideOf(p sweep.Point, values []sweep.Value) (s comparison.Side) {
	for r := range p.Replications {
		s.Replications = append(s.Replications, r)
	}
	for _, v := range values {
		s.Values = append(s.Values, comparison.Value{Replication: v.Replication, V: v.V})
	}
	return s
}
