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
	"handovers.mobile_node": ofHandovers(func(h *result.Handover) string { return h.MobileNode }),
	"handovers.from":        networks,
	"handovers.to":          networks,
	"handovers.kind":        ofHandovers(func(h *result.Handover) string { return h.Kind }),
	"flows.name":            ofFlows(func(f *result.Flow) string { return f.Name }),
	"flows.kind":            ofFlows(func(f *result.Flow) string { return f.Kind }),
	"flows.family":          ofFlows(func(f *result.Flow) string { return f.Family }),
}

// networks are those that nodes leave or enter, in the order of the journey, so that panels by
// either are in the same order.
func networks(r *result.Result) (names []string) {
	for i := range r.Handovers {
		names = append(names, r.Handovers[i].From, r.Handovers[i].To)
	}
	return names
}

func ofHandovers(of func(*result.Handover) string) func(*result.Result) []string {
	return func(r *result.Result) (values []string) {
		for i := range r.Handovers {
			values = append(values, of(&r.Handovers[i]))
		}
		return values
	}
}

func ofFlows(of func(*result.Flow) string) func(*result.Result) []string {
	return func(r *result.Result) (values []string) {
		for i := range r.Flows {
			values = append(values, of(&r.Flows[i]))
		}
		return values
	}
}

// variantsOf makes a variant of each metric for each value of the attributes among the keys, and
// returns these values in their order.
func variantsOf(c corpus, paths, keys []string) (all []variant, order map[string][]string, err error) {
	keys = slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return attributes[key] == nil })
	if order, err = attributesOf(c, keys); err != nil {
		return nil, nil, err
	}
	for _, path := range paths {
		all = append(all, variant{path, map[string]string{metricKey: partOf(path)}})
	}
	for _, key := range keys {
		list, attribute, _ := strings.Cut(key, ".")
		var narrowed []variant
		for _, v := range all {
			end := strings.IndexAny(v.path, ".[")
			if end < 0 || v.path[:end] != list {
				return nil, nil, usagef("found the key %s and the metric %s, wanted a metric of %s", key, v.path, list)
			}
			for _, value := range order[key] {
				n := variant{v.path[:end] + "[" + attribute + "=" + value + "]" + v.path[end:], map[string]string{key: value}}
				for k, known := range v.values {
					n.values[k] = known
				}
				narrowed = append(narrowed, n)
			}
		}
		all = narrowed
	}
	return all, order, nil
}

// attributesOf finds the values of attributes in all runs.
func attributesOf(c corpus, keys []string) (map[string][]string, error) {
	values := map[string][]string{}
	if len(keys) == 0 {
		return values, nil
	}
	return values, c.visit(func(r *result.Result) {
		for _, key := range keys {
			for _, v := range attributes[key](r) {
				if !slices.Contains(values[key], v) {
					values[key] = append(values[key], v)
				}
			}
		}
	})
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
