package scenarios

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"dsmipsim/reports/result"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"
)

// A query is a path into summary.json: keys separated by dots, each followed by selectors in
// brackets. [key=value] keeps the elements of a list with that value, several of them
// separated by commas; [name] keeps those that are called so; [n] is the element of that
// number, from 0; a list without selector, or with [], stands for all its elements. An
// aggregate may end the path.
type query struct {
	text      string
	steps     []step
	aggregate string
}

type step struct {
	key       string
	selectors []string
}

var aggregates = []string{"min", "max", "mean", "sum", "count", "p50", "p95"}

// names are the keys by which [name] finds an element, in the lists that have them.
var names = []string{"name", "type", "mobile_node", "flow", "metric"}

func parseQuery(text string) (query, error) {
	q := query{text: text}
	rest := text
	for rest != "" {
		n := strings.IndexAny(rest, ".[")
		st := step{key: rest}
		if n >= 0 {
			st.key, rest = rest[:n], rest[n:]
		} else {
			rest = ""
		}
		for strings.HasPrefix(rest, "[") {
			end := strings.IndexByte(rest, ']')
			if end < 0 {
				return q, fmt.Errorf("%q: a bracket is not closed", text)
			}
			st.selectors = append(st.selectors, rest[1:end])
			rest = rest[end+1:]
		}
		if st.key == "" {
			return q, fmt.Errorf("%q: a key is missing", text)
		}
		if rest != "" {
			if rest[0] != '.' || len(rest) == 1 {
				return q, fmt.Errorf("%q: found %q, wanted a dot and a key", text, rest)
			}
			rest = rest[1:]
		}
		q.steps = append(q.steps, st)
	}
	if len(q.steps) == 0 {
		return q, fmt.Errorf("an empty path")
	}
	if last := q.steps[len(q.steps)-1]; len(q.steps) > 1 && slices.Contains(aggregates, last.key) && last.selectors == nil {
		q.aggregate = last.key
		q.steps = q.steps[:len(q.steps)-1]
	}
	return q, nil
}

// Measure returns the numbers that a path into summary.json, such as the metric of an expectation,
// selects in a result. It may be none. An unknown key and a value that is no number are errors.
func Measure(r *result.Result, path string) ([]float64, error) {
	q, err := parseQuery(path)
	if err != nil {
		return nil, err
	}
	t, err := tree(r)
	if err != nil {
		return nil, err
	}
	return Metric{q}.Of(Summary{t})
}

// tree returns the result as the values of its JSON.
func tree(r *result.Result) (any, error) {
	b, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	var t any
	return t, json.Unmarshal(b, &t)
}

// run returns the values that the path selects, nulls left out. An unknown key is an error.
func (q query) run(t any) ([]any, error) {
	at := []any{t}
	for _, st := range q.steps {
		var next []any
		known := len(at) == 0
		for _, v := range at {
			m, ok := v.(map[string]any)
			if !ok {
				continue
			}
			child, ok := m[st.key]
			if !ok {
				continue
			}
			known = true
			next = append(next, child)
		}
		if !known && !sparse(at) {
			return nil, fmt.Errorf("%q: nothing is called %q there", q.text, st.key)
		}
		for _, sel := range st.selectors {
			next = narrow(next, sel)
		}
		at = flatten(next)
	}
	kept := at[:0]
	for _, v := range at {
		if v != nil {
			kept = append(kept, v)
		}
	}
	return q.fold(kept)
}

// sparse reports whether the values are all null, or objects whose keys depend on the run,
// such as drops by reason: a missing key is no mistake there.
func sparse(at []any) bool {
	for _, v := range at {
		m, ok := v.(map[string]any)
		if ok && len(m) > 0 {
			for _, e := range m {
				if _, number := e.(float64); !number {
					return false
				}
			}
		}
	}
	return true
}

func flatten(vs []any) []any {
	var flat []any
	for _, v := range vs {
		if list, ok := v.([]any); ok {
			flat = append(flat, list...)
		} else {
			flat = append(flat, v)
		}
	}
	return flat
}

// narrow applies one selector to lists.
func narrow(vs []any, selector string) []any {
	var kept []any
	for _, v := range vs {
		list, ok := v.([]any)
		if !ok {
			continue
		}
		if n, err := strconv.Atoi(selector); err == nil {
			if n >= 0 && n < len(list) {
				kept = append(kept, list[n])
			}
			continue
		}
		var some []any
		for _, e := range list {
			if matches(e, selector) {
				some = append(some, e)
			}
		}
		kept = append(kept, some)
	}
	return kept
}

func matches(e any, selector string) bool {
	m, ok := e.(map[string]any)
	if !ok || selector == "" {
		return selector == ""
	}
	if !strings.Contains(selector, "=") {
		for _, k := range names {
			if v, ok := m[k]; ok {
				return v == selector
			}
		}
		return false
	}
	for _, cond := range strings.Split(selector, ",") {
		k, want, _ := strings.Cut(cond, "=")
		if got, ok := m[strings.TrimSpace(k)]; !ok || fmt.Sprint(got) != strings.TrimSpace(want) {
			return false
		}
	}
	return true
}

// fold applies the aggregate. Of nothing there is only a count.
func (q query) fold(vs []any) ([]any, error) {
	if q.aggregate == "" {
		return vs, nil
	}
	if q.aggregate == "count" {
		return []any{float64(len(vs))}, nil
	}
	if len(vs) == 0 {
		return nil, nil
	}
	x := make([]float64, len(vs))
	for i, v := range vs {
		f, ok := v.(float64)
		if !ok {
			return nil, fmt.Errorf("%q: %v is not a number", q.text, v)
		}
		x[i] = f
	}
	return []any{fold(q.aggregate, x)}, nil
}

func fold(aggregate string, x []float64) float64 {
	slices.Sort(x)
	switch aggregate {
	case "min":
		return x[0]
	case "max":
		return x[len(x)-1]
	case "mean":
		return floats.Sum(x) / float64(len(x))
	case "sum":
		return floats.Sum(x)
	case "p50":
		return stat.Quantile(0.5, stat.Empirical, x, nil)
	default:
		return stat.Quantile(0.95, stat.Empirical, x, nil)
	}
}

// predictedQuery returns the path of what was predicted for what a path selects: the latency and
// the phases of handovers.
func predictedQuery(q query) (query, bool) {
	n := len(q.steps)
	at := slices.IndexFunc(q.steps, func(s step) bool { return s.key == "latency_s" || s.key == "phases" })
	if n < 2 || q.steps[0].key != "handovers" || at != 1 {
		return q, false
	}
	p := q
	p.steps = append([]step{q.steps[0], {key: "predicted"}}, q.steps[1:]...)
	return p, true
}
