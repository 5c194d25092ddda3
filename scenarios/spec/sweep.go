package spec

import (
	"fmt"
	"reflect"
	"strings"
)

// maxPoints bounds the combinations of a sweep.
const maxPoints = 1_000_000

// Sweep says which runs a sweep makes: every combination of the factors' values that the
// conditions allow, each with Replications seeds or as many as Until wants.
type Sweep struct {
	Pos          Pos
	Replications int      `key:"replications" default:"1" min:"1" max:"1000000" encode:"nonzero" doc:"How often each combination is run, with different seeds."`
	Metrics      []string `key:"metrics" doc:"What the tables show: paths into summary.json, such as 'handovers[to=campus].latency_s'. Absent, latency and phases of each kind of handover, and what flows and signalling tell."`
	Where        []string `key:"where" doc:"Conditions that a combination meets, or it is not run: comparisons of factors, by their paths or names, with each other or with values, joined by 'and' and 'or', such as 'loss == 0 or delay < 50ms'."`
	Until        *Until   `key:"until" doc:"In place of replications: each combination is run until the mean of a metric is known well enough."`
	Factors      []Factor `key:"factor" doc:"A key that the sweep varies."`

	// MetricsAt are the places of Metrics.
	MetricsAt []Pos

	conditions []condition
	kinds      []string // of the factors' values, see quantityKind
}

// Until is a stop rule: a combination has the least number of replications, from Min on, for which
// half the confidence interval of the mean of Metric, at 95 % by Student's t distribution, is at
// most RelativeCI of that mean.
type Until struct {
	Pos        Pos
	Metric     string  `key:"metric" required:"true" doc:"Path into summary.json; of several values of one run, their mean counts."`
	RelativeCI float64 `key:"relative_ci" required:"true" unit:"probability" min:">0" doc:"Half the 95 % confidence interval of the mean over replications, in parts of that mean, that is good enough."`
	Min        int     `key:"min" default:"10" min:"2" max:"1000000" doc:"Least number of replications."`
	Max        int     `key:"max" default:"1000" min:"2" max:"1000000" doc:"Greatest number of replications, if the interval stays too wide."`
}

// Factor is one key that a sweep varies, addressed as with --set. Values are what TOML gives:
// int64, float64, bool, string, []any and map[string]any.
type Factor struct {
	Pos    Pos
	Set    string       `key:"set" required:"true" doc:"Path of the key, as for --set."`
	Name   string       `key:"name" doc:"What axes and columns call it; its path otherwise."`
	Values []any        `key:"values" doc:"The values that it takes; this or range is there."`
	Range  *FactorRange `key:"range" encode:"-" doc:"Its values, at equal distances: from, to, and step or count."`
	Zip    string       `key:"zip" unit:"name" doc:"Factors with the same word here, and the same number of values, go through their values together instead of in all combinations."`
}

// Least returns how often a combination is run at least.
func (s *Sweep) Least() int {
	if s.Until != nil {
		return s.Until.Min
	}
	return s.Replications
}

// sweep checks the factors: every path must be one that --set accepts, and every value one that
// the key accepts. How the values work together shows when the sweep loads each combination.
func (b *binder) sweep(spec *Spec, root *node) {
	at := root.get("sweep")
	if at == nil || at.bad || spec.Sweep == nil {
		return
	}
	s := spec.Sweep
	if s.Until != nil {
		s.Replications = 0
		if number := at.get("replications"); number != nil {
			b.say(number, "until says how often (%s): wanted one of them", at.get("until").where())
		}
		if until := at.get("until"); s.Until.Max < s.Until.Min && sound(until.get("max")) && sound(until.get("min")) {
			b.say(until.near("max"), "wanted at least min, which is %d", s.Until.Min)
		}
	}
	for _, item := range at.items("metrics") {
		s.MetricsAt = append(s.MetricsAt, item.pos)
	}
	before := len(b.problems)
	s.kinds = make([]string, len(s.Factors))
	sets, names := map[string]*node{}, map[string]*node{}
	for i, item := range at.items("factor") {
		if _, ok := item.value.(*table); !ok {
			continue
		}
		f := &s.Factors[i]
		field, ok := b.factorKey(root, item, sets)
		if !ok {
			continue
		}
		s.kinds[i] = quantityKind(field)
		name := f.Name
		if name == "" {
			name = f.Set
		}
		if other := names[name]; other != nil {
			b.say(item.near("name"), "another factor is called so, too (%s)", other.where())
		}
		names[name] = item
		b.factorValues(f, field, item)
	}
	if len(b.problems) == before {
		b.zips(s, at)
	}
	for i, item := range at.items("where") {
		if i < len(s.Where) && len(b.problems) == before {
			b.condition(s, item)
		}
	}
	if len(b.problems) == before {
		if n := s.count(); n > maxPoints {
			b.say(at, "found %d combinations, wanted at most %d", n, maxPoints)
		} else if len(s.Points()) == 0 {
			b.say(at.get("where"), "no combination meets all conditions")
		}
	}
}

// factorKey finds the key that a factor sets.
func (b *binder) factorKey(root, item *node, sets map[string]*node) (field, bool) {
	set := item.get("set")
	path, ok := set.text()
	if !ok || set.bad || path == "" {
		return field{}, false
	}
	target, problem := resolveCounted(root, path)
	if problem == nil && (path == "sweep" || strings.HasPrefix(path, "sweep.") || strings.HasPrefix(path, "sweep[")) {
		problem = &Problem{Message: "a sweep cannot vary itself"}
	}
	if other := sets[path]; problem == nil && other != nil {
		problem = &Problem{Message: fmt.Sprintf("another factor varies this key, too (%s)", other.where())}
	}
	sets[path] = item
	if problem != nil {
		b.reporter.value(set, *problem)
		return field{}, false
	}
	return target.field, true
}

// factorValues checks the values of a factor, and makes them if a range gives them.
func (b *binder) factorValues(f *Factor, key field, item *node) {
	values, span := item.get("values"), item.get("range")
	switch {
	case values != nil && span != nil:
		b.say(span, "the values are given, too (%s): wanted one of them", values.where())
	case span != nil:
		if f.Range != nil && !span.bad {
			b.spread(f, key, span)
		}
		f.Range = nil
	case values == nil:
		b.missing(item, "values", "a list of values, or a range")
	default:
		for i, value := range item.items("values") {
			b.factorValue(key, value)
			if i < len(f.Values) {
				f.Values[i] = value.plain() // a file has another name now
			}
		}
	}
}

// factorValue binds a value of a factor to a throw-away field.
func (b *binder) factorValue(f field, value *node) {
	if f.typ == nil || value.bad {
		return
	}
	if path, ok := value.text(); ok && f.kind() == "file" && !b.trial {
		if file, ok := b.file(f, value, path); ok {
			value.value = file.Name
		}
		return
	}
	trial := &binder{reporter: newReporter("", ""), trial: true}
	n := newTree(value.plain(), nil, "value")
	trial.value("", f, reflect.New(f.typ).Elem(), n)
	if len(trial.problems) > 0 {
		p := trial.problems[0]
		message := p.Message
		if p.Path != "" {
			message = p.Path + ": " + message
		}
		b.reporter.value(value, Problem{Found: p.Found, Wanted: p.Wanted, Suggestion: p.Suggestion,
			Message: fmt.Sprintf("%s does not take this value: %s", f.key, message)})
	}
}

// zips checks that factors that go together have as many values each.
func (b *binder) zips(s *Sweep, at *node) {
	first := map[string]int{}
	for i := range s.Factors {
		f := &s.Factors[i]
		if f.Zip == "" {
			continue
		}
		k, ok := first[f.Zip]
		if !ok {
			first[f.Zip] = i
			continue
		}
		if n := len(s.Factors[k].Values); n != len(f.Values) {
			b.say(at.items("factor")[i].near("values"), "found %d values, wanted %d: as many as of %s, with which it goes through them", len(f.Values), n, s.Factors[k].Set)
		}
	}
}

// groups are the factors that advance together, in the order of their first ones.
func (s *Sweep) groups() [][]int {
	var all [][]int
	at := map[string]int{}
	for i := range s.Factors {
		zip := s.Factors[i].Zip
		if k, ok := at[zip]; ok && zip != "" {
			all[k] = append(all[k], i)
			continue
		}
		at[zip] = len(all)
		all = append(all, []int{i})
	}
	return all
}

// count is the number of combinations, or more than maxPoints.
func (s *Sweep) count() int {
	n := 1
	for _, g := range s.groups() {
		if n *= len(s.Factors[g[0]].Values); n > maxPoints {
			break
		}
	}
	return n
}

// Points returns the combinations that are run, each as the index of the value of every factor,
// in the order of the scenario, the last factor fastest.
func (s *Sweep) Points() [][]int {
	var all [][]int
	groups := s.groups()
	chosen := make([]int, len(s.Factors))
	var choose func(k int)
	choose = func(k int) {
		if k == len(groups) {
			if s.meets(chosen) {
				all = append(all, append([]int{}, chosen...))
			}
			return
		}
		for v := range s.Factors[groups[k][0]].Values {
			for _, i := range groups[k] {
				chosen[i] = v
			}
			choose(k + 1)
		}
	}
	choose(0)
	return all
}

// resolveCounted resolves a path, where the name of a counted element may also stand in a
// scenario that Encode has expanded: mn is there if mn1 is.
func resolveCounted(root *node, path string) (target, *Problem) {
	found, problem := resolve(root, path)
	if problem == nil {
		return found, nil
	}
	parts := strings.Split(path, ".")
	if len(parts) > 1 {
		parts[1] += "1"
		if found, again := resolve(root, strings.Join(parts, ".")); again == nil {
			return found, nil
		}
	}
	return found, problem
}
