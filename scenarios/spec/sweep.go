package spec

import (
	"fmt"
	"reflect"
	"strings"
)

// sweep checks the factors: every path must be one that --set accepts, and every value one that
// the key accepts. How the values work together shows when the sweep loads each combination.
func (b *binder) sweep(root *node) {
	if s := root.get("sweep"); s == nil || s.bad {
		return
	}
	for _, factor := range root.get("sweep").items("factor") {
		set := factor.get("set")
		path, ok := set.text()
		if !ok || set.bad || path == "" {
			continue
		}
		target, problem := resolveCounted(root, path)
		if problem == nil && (path == "sweep" || strings.HasPrefix(path, "sweep.")) {
			problem = &Problem{Message: "a sweep cannot vary itself"}
		}
		if problem != nil {
			b.reporter.value(set, *problem)
			continue
		}
		for _, value := range factor.items("values") {
			b.factorValue(target.field, value)
		}
	}
}

// factorValue binds a value of a factor to a throw-away field.
func (b *binder) factorValue(f field, value *node) {
	if f.typ == nil || value.bad {
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
