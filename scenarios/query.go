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
	// checked says that the keys are known to be those of a summary.json: one that is absent in a
	// result has no value there.
	checked bool
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

// spot is a value in the tree and the way to it: keys, and numbers of elements.
type spot struct {
	value any
	way   []string
}

func (p spot) child(key string, value any) spot {
	return spot{value, append(slices.Clone(p.way), key)}
}

// values are the values of spots.
func values(spots []spot) []any {
	var all []any
	for _, p := range spots {
		all = append(all, p.value)
	}
	return all
}

// run returns the values that the path selects, nulls left out. An unknown key is an error.
func (q query) run(t any) ([]any, error) {
	found, _, err := q.locate(t)
	return values(found), err
}

// locate is run that tells where each value is and, beside them, where there is null. An
// aggregate is where the value is that it took or, of a sum or mean, the greatest.
func (q query) locate(t any) (found, nulls []spot, err error) {
	at := []spot{{value: t}}
	for _, st := range q.steps {
		var next []spot
		known := len(at) == 0
		for _, p := range at {
			m, ok := p.value.(map[string]any)
			if !ok {
				continue
			}
			child, ok := m[st.key]
			if !ok {
				continue
			}
			known = true
			next = append(next, p.child(st.key, child))
		}
		if !known && !q.checked && !sparse(at) {
			return nil, nil, fmt.Errorf("%q: nothing is called %q there", q.text, st.key)
		}
		at = nil
		for _, p := range next {
			at = append(at, st.elements(p)...)
		}
	}
	for _, p := range at {
		if p.value == nil {
			nulls = append(nulls, p)
		} else {
			found = append(found, p)
		}
	}
	found, err = q.fold(found)
	return found, nulls, err
}

// elements returns the elements of a list that the selectors of the step take, or what is no
// list as it is, if nothing is selected.
func (st step) elements(p spot) []spot {
	list, ok := p.value.([]any)
	if !ok {
		if len(st.selectors) > 0 {
			return nil
		}
		return []spot{p}
	}
	var all []spot
	for i, e := range list {
		all = append(all, p.child(strconv.Itoa(i), e))
	}
	for _, selector := range st.selectors {
		all = narrow(all, selector)
	}
	return all
}

// sparse reports whether the values are all null, or objects whose keys depend on the run,
// such as drops by reason: a missing key is no mistake there.
func sparse(at []spot) bool {
	for _, p := range at {
		m, ok := p.value.(map[string]any)
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

// narrow keeps those elements of a list that a selector takes.
func narrow(list []spot, selector string) []spot {
	if n, err := strconv.Atoi(selector); err == nil {
		if n < 0 || n >= len(list) {
			return nil
		}
		return list[n : n+1]
	}
	var some []spot
	for _, p := range list {
		if matches(p.value, selector) {
			some = append(some, p)
		}
	}
	return some
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
func (q query) fold(found []spot) ([]spot, error) {
	if q.aggregate == "" {
		return found, nil
	}
	if q.aggregate == "count" {
		return []spot{{value: float64(len(found))}}, nil
	}
	if len(found) == 0 {
		return nil, nil
	}
	x := make([]float64, len(found))
	for i, p := range found {
		f, ok := p.value.(float64)
		if !ok {
			return nil, fmt.Errorf("%q: %v is not a number", q.text, p.value)
		}
		x[i] = f
	}
	folded, source := fold(q.aggregate, slices.Clone(x)), slices.Index(x, slices.Max(x))
	if i := slices.Index(x, folded); i >= 0 {
		source = i
	}
	return []spot{{folded, found[source].way}}, nil
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

// PredictedPath returns the path of what closed formulas predict for what a path into summary.json
// selects: the latency or a phase of handovers.
func PredictedPath(path string) (string, bool) {
	q, err := parseQuery(path)
	if err != nil {
		return "", false
	}
	if _, ok := predictedQuery(q); !ok {
		return "", false
	}
	end := len(q.steps[0].key)
	for _, selector := range q.steps[0].selectors {
		end += len("[" + selector + "]")
	}
	return path[:end] + ".predicted" + path[end:], true
}
