package scenarios

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"gonum.org/v1/gonum/stat"

	"dsmipsim/reports/result"
)

// Metric is a path into summary.json, read and checked once for many results.
type Metric struct{ q query }

// Summary is a summary.json as many metrics look at it.
type Summary struct{ tree any }

// ParseMetric reads a path. A key that no summary.json has is an error.
func ParseMetric(path string) (Metric, error) {
	q, err := parseQuery(path)
	if err != nil {
		return Metric{}, err
	}
	if err := q.known(reflect.TypeFor[result.Result]()); err != nil {
		return Metric{}, err
	}
	q.checked = true
	return Metric{q}, nil
}

// ParseSummary reads the text of a summary.json.
func ParseSummary(text []byte) (Summary, error) {
	var s Summary
	err := json.Unmarshal(text, &s.tree)
	return s, err
}

// Of returns the numbers that the metric selects in a summary. It may be none. A value that is no
// number is an error.
func (m Metric) Of(s Summary) ([]float64, error) {
	found, err := m.q.run(s.tree)
	if err != nil {
		return nil, err
	}
	var numbers []float64
	for _, v := range found {
		n, ok := v.(float64)
		if !ok {
			return nil, fmt.Errorf("%q: %v is not a number", m.q.text, v)
		}
		numbers = append(numbers, n)
	}
	return numbers, nil
}

// Mean returns the mean of what the metric selects in a summary, and whether that is anything.
func (m Metric) Mean(s Summary) (float64, bool, error) {
	all, err := m.Of(s)
	if err != nil || len(all) == 0 {
		return 0, false, err
	}
	return stat.Mean(all, nil), true, nil
}

// known follows the keys of a path through the types that summary.json is made of.
func (q query) known(t reflect.Type) error {
	for i, st := range q.steps {
		for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
			t = t.Elem()
		}
		switch t.Kind() {
		case reflect.Struct:
			keys := map[string]reflect.Type{}
			var names []string
			jsonKeys(t, func(key string, of reflect.Type) {
				keys[key] = of
				names = append(names, key)
			})
			next, ok := keys[st.key]
			if !ok {
				return fmt.Errorf("%q: nothing is called %q there, wanted one of %s", q.text, st.key, strings.Join(names, ", "))
			}
			t = next
		case reflect.Map:
			t = t.Elem()
		default:
			return fmt.Errorf("%q: %q has nothing below it, found %q", q.text, q.steps[i-1].key, st.key)
		}
	}
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if q.aggregate == "count" {
		return nil
	}
	if k := t.Kind(); !slices.Contains([]reflect.Kind{reflect.Float64, reflect.Int, reflect.Int64, reflect.Uint64}, k) {
		return fmt.Errorf("%q: wanted the path of a number", q.text)
	}
	return nil
}

// jsonKeys visits the keys that a struct has in JSON, those of embedded structs included.
func jsonKeys(t reflect.Type, visit func(key string, of reflect.Type)) {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			of := f.Type
			if of.Kind() == reflect.Pointer {
				of = of.Elem()
			}
			jsonKeys(of, visit)
			continue
		}
		if key, _, _ := strings.Cut(f.Tag.Get("json"), ","); key != "" && key != "-" {
			visit(key, f.Type)
		}
	}
}
