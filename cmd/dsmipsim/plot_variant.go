package main

import (
	"slices"
	"strings"

	"dsmipsim/reports/quantity"
	"dsmipsim/reports/result"
)

// variant is a metric with values that it gives to keys: which metric of several it is, or which
// of the handovers or flows it is narrowed down to.
type variant struct {
	path   string
	values map[string]string
}

// attributes are what can tell handovers and flows of a run apart, by the key that does.
var attributes = map[string]func(r *result.Result) []string{
	"handovers.mobile_node": func(r *result.Result) []string {
		return ofHandovers(r, func(h *result.Handover) string { return h.MobileNode })
	},
	"handovers.from": func(r *result.Result) []string {
		return ofHandovers(r, func(h *result.Handover) string { return h.From })
	},
	"handovers.to": func(r *result.Result) []string {
		return ofHandovers(r, func(h *result.Handover) string { return h.To })
	},
	"handovers.kind": func(r *result.Result) []string {
		return ofHandovers(r, func(h *result.Handover) string { return h.Kind })
	},
	"flows.name":   func(r *result.Result) []string { return ofFlows(r, func(f *result.Flow) string { return f.Name }) },
	"flows.kind":   func(r *result.Result) []string { return ofFlows(r, func(f *result.Flow) string { return f.Kind }) },
	"flows.family": func(r *result.Result) []string { return ofFlows(r, func(f *result.Flow) string { return f.Family }) },
}

func ofHandovers(r *result.Result, of func(*result.Handover) string) (values []string) {
	for i := range r.Handovers {
		values = append(values, of(&r.Handovers[i]))
	}
	return values
}

func ofFlows(r *result.Result, of func(*result.Flow) string) (values []string) {
	for i := range r.Flows {
		values = append(values, of(&r.Flows[i]))
	}
	return values
}

// variantsOf makes a variant of each metric for each value of the attributes among the keys.
func variantsOf(c corpus, paths, keys []string) ([]variant, error) {
	var all []variant
	for _, path := range paths {
		all = append(all, variant{path, map[string]string{metricKey: partOf(path)}})
	}
	for _, key := range keys {
		of, ok := attributes[key]
		if !ok {
			continue
		}
		list, attribute, _ := strings.Cut(key, ".")
		var values []string
		err := c.visit(func(r *result.Result) {
			for _, v := range of(r) {
				if !slices.Contains(values, v) {
					values = append(values, v)
				}
			}
		})
		if err != nil {
			return nil, err
		}
		var narrowed []variant
		for _, v := range all {
			end := strings.IndexAny(v.path, ".[")
			if end < 0 || v.path[:end] != list {
				return nil, usagef("found the key %s and the metric %s, wanted a metric of %s", key, v.path, list)
			}
			for _, value := range values {
				n := variant{v.path[:end] + "[" + attribute + "=" + value + "]" + v.path[end:], map[string]string{key: value}}
				for k, known := range v.values {
					n.values[k] = known
				}
				narrowed = append(narrowed, n)
			}
		}
		all = narrowed
	}
	return all, nil
}

// place returns the values of the keys for the i-th part of the corpus, and whether it meets the
// conditions.
func (v *variant) place(c corpus, i int, r roles, held []condition) (x, by, facet, row string, keep bool, err error) {
	of := func(key string) string {
		if value, ok := v.values[key]; ok || key == "" {
			return value
		}
		value, wrong := c.key(i, key)
		if wrong != nil && err == nil {
			err = wrong
		}
		return value
	}
	keep = true
	for _, h := range held {
		keep = keep && quantity.Same(of(h.key), h.value)
	}
	return of(r.x), of(r.by), of(r.facet), of(r.row), keep, err
}

// partOf names a metric among others of its quantity by what it is narrowed down to.
func partOf(path string) string {
	q := quantity.Of(path)
	var from, to string
	for _, condition := range strings.FieldsFunc(q.Part, func(r rune) bool { return r == ',' || r == ' ' }) {
		key, value, _ := strings.Cut(condition, "=")
		switch key {
		case "from":
			from = value
		case "to":
			to = value
		case "kind":
			if a, b, ok := strings.Cut(value, "->"); ok {
				from, to = a, b
			}
		}
	}
	switch {
	case from != "" && to != "":
		return from + " → " + to
	case q.Part == "":
		return "all"
	}
	return strings.ReplaceAll(q.Part, "->", " → ")
}
