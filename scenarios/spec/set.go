package spec

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode"
)

// set applies one --set override to the tree.
func (r *reporter) set(root *node, override string) {
	if factor, ok := strings.CutPrefix(override, factorMark); ok {
		r.factor(root, factor)
		return
	}
	flag := "--set " + override
	if strings.ContainsFunc(override, unicode.IsControl) { // one line per message
		flag = "--set " + strconv.Quote(override)
	}
	path, value, ok := strings.Cut(override, "=")
	path = strings.TrimSpace(path)
	if !ok || path == "" {
		r.place(flag, Pos{}, Problem{Message: "wanted path=value, as in network.campus.link.delay=20ms"})
		return
	}
	target, problem := resolve(root, path)
	if problem != nil {
		problem.Path = path
		r.place(flag, Pos{}, *problem)
		return
	}
	kid := newTree(parseLoose(strings.TrimSpace(value)), nil, flag)
	if target.index >= 0 {
		kid.parent, kid.index = target.node, target.index
		target.node.value.(*list).items[target.index] = kid
		return
	}
	n := target.node
	for _, key := range target.create {
		fresh := newTree(map[string]any{}, nil, flag)
		n.put(key, fresh)
		n = fresh
	}
	n.put(target.key, kid)
}

// target is where a path of --set leads: an entry of a table, or an element of a list.
type target struct {
	node   *node
	create []string // tables between node and key that do not exist yet
	key    string
	index  int // -1 for an entry of a table
	field  field
}

// resolve follows a path of --set through the tree and the format at once, so that a key that
// is in the format but not in the file is found too.
func resolve(root *node, path string) (target, *Problem) {
	at := target{node: root, index: -1}
	t := reflect.TypeFor[Spec]()
	rest := strings.Split(path, ".")
	for len(rest) > 0 {
		if t == nil {
			return at, &Problem{Message: fmt.Sprintf("%s is not a table", at.key)}
		}
		key, index, ok := cutIndex(rest[0])
		if !ok {
			return at, &Problem{Message: fmt.Sprintf("wanted an index such as [0] in %q", rest[0])}
		}
		f, known := findField(fieldsOf(t), key)
		if !known {
			return at, &Problem{Found: key, Suggestion: nearest(key, keysOf(fieldsOf(t))),
				Message: fmt.Sprintf("unknown key %q", key)}
		}
		if problem := at.enter(key); problem != nil {
			return at, problem
		}
		at.field, rest = f, rest[1:]
		var isList bool
		if t, isList, ok = f.tableType(); !ok {
			t = f.openTable()
		}
		if index < 0 && isList && len(rest) > 0 { // an element by name
			element, problem := at.named(rest[0])
			if problem != nil {
				return at, problem
			}
			f.typ = t
			at = target{node: element.parent, index: element.index, field: f}
			rest = rest[1:]
		} else if index >= 0 {
			if problem := at.indexed(index); problem != nil {
				return at, problem
			}
			at.field = field{} // an element of a plain list is checked with its list
			if isList {
				f.typ = t
				at.field = f
			}
		}
	}
	return at, nil
}

// cutIndex splits visit[0] into its key and index; the index is -1 if there is none.
func cutIndex(part string) (key string, index int, ok bool) {
	key, suffix, found := strings.Cut(part, "[")
	if !found {
		return part, -1, true
	}
	index, err := strconv.Atoi(strings.TrimSuffix(suffix, "]"))
	return key, index, err == nil && index >= 0 && strings.HasSuffix(suffix, "]")
}

// current returns the node that the target stands for, nil if it does not exist yet.
func (t *target) current() *node {
	switch {
	case t.index >= 0:
		return t.node.value.(*list).items[t.index]
	case len(t.create) > 0:
		return nil
	case t.key == "":
		return t.node
	}
	return t.node.get(t.key)
}

// enter steps from a table to one of its keys.
func (t *target) enter(key string) *Problem {
	n := t.current()
	if n == nil {
		t.create = append(t.create, t.key)
		t.key = key
		return nil
	}
	if _, ok := n.value.(*table); !ok {
		return &Problem{Message: fmt.Sprintf("%s is not a table", n.path())}
	}
	*t = target{node: n, key: key, index: -1}
	return nil
}

// named finds an element of a list of tables by its name.
func (t *target) named(name string) (*node, *Problem) {
	var names []string
	if n := t.current(); n != nil {
		if l, ok := n.value.(*list); ok {
			for _, item := range l.items {
				own := elementName(item)
				if own == name {
					return item, nil
				}
				if own != "" {
					names = append(names, own)
				}
			}
		}
	}
	return nil, &Problem{Found: name, Suggestion: nearest(name, names),
		Message: fmt.Sprintf("no %s is called %q", t.key, name)}
}

// elementName returns the name of an element, for a link also the one it has by default.
func elementName(n *node) string {
	if name, ok := n.get("name").text(); ok {
		return name
	}
	if ends := n.items("between"); len(ends) == 2 {
		a, _ := ends[0].text()
		b, _ := ends[1].text()
		return a + "-" + b
	}
	return ""
}

// indexed steps from a list to one of its elements.
func (t *target) indexed(index int) *Problem {
	n := t.current()
	l := &list{}
	if n != nil {
		l, _ = n.value.(*list)
	}
	if l == nil || index >= len(l.items) {
		return &Problem{Message: fmt.Sprintf("%s has no element [%d]", t.key, index)}
	}
	*t = target{node: n, index: index}
	return nil
}
