package spec

import (
	"cmp"
	"slices"
	"strconv"
)

// node is one value of a scenario, between the TOML text and the typed Spec. It knows where it
// was written, which the TOML library forgets.
type node struct {
	parent *node
	key    string // in its table; "" for an element of a list
	index  int    // in its list; -1 for an entry of a table
	keyPos Pos    // of the key, or of the value where there is none
	pos    Pos    // of the value
	flag   string // the --set flag that gave the value, "" for the file
	bad    bool   // already reported: later checks stay silent about it
	value  any    // *table, *list, string, int64, float64, bool or a TOML date
}

type table struct {
	keys []string // in file order
	kids map[string]*node
}

type list struct {
	items []*node
}

// newTree gives every decoded value its node. A nil spans marks values that come from a flag.
func newTree(value any, spans map[string]span, flag string) *node {
	root := &node{index: -1, flag: flag}
	root.fill(value, "", spans)
	return root
}

// fill converts a decoded TOML value to the value of n and of the nodes below it.
func (n *node) fill(value any, path string, spans map[string]span) {
	switch v := value.(type) {
	case map[string]any:
		t := &table{kids: make(map[string]*node, len(v))}
		for key, kid := range v {
			k := n.child(key, -1, joinKey(path, key), spans)
			k.fill(kid, joinKey(path, key), spans)
			t.kids[key] = k
			t.keys = append(t.keys, key)
		}
		slices.SortFunc(t.keys, func(a, b string) int {
			ka, kb := t.kids[a].keyPos, t.kids[b].keyPos
			return cmp.Or(cmp.Compare(ka.Line, kb.Line), cmp.Compare(ka.Col, kb.Col), cmp.Compare(a, b))
		})
		n.value = t
	case []map[string]any: // what the library makes of [[tables]]
		l := &list{}
		for i, item := range v {
			k := n.child("", i, joinIndex(path, i), spans)
			k.fill(item, joinIndex(path, i), spans)
			l.items = append(l.items, k)
		}
		n.value = l
	case []any:
		l := &list{}
		for i, item := range v {
			k := n.child("", i, joinIndex(path, i), spans)
			k.fill(item, joinIndex(path, i), spans)
			l.items = append(l.items, k)
		}
		n.value = l
	default:
		n.value = value
	}
}

func (n *node) child(key string, index int, path string, spans map[string]span) *node {
	s, ok := spans[path]
	if !ok { // an approximate place is better than none
		s = span{key: n.keyPos, val: n.pos}
	}
	return &node{parent: n, key: key, index: index, keyPos: s.key, pos: s.val, flag: n.flag}
}

// get walks down a path of table keys and returns nil where it ends early.
func (n *node) get(keys ...string) *node {
	for _, key := range keys {
		if n == nil {
			return nil
		}
		t, ok := n.value.(*table)
		if !ok {
			return nil
		}
		n = t.kids[key]
	}
	return n
}

// near is get, except that it stops at the last node that exists: the best place for an error.
func (n *node) near(keys ...string) *node {
	for _, key := range keys {
		kid := n.get(key)
		if kid == nil {
			return n
		}
		n = kid
	}
	return n
}

// items returns the elements of the list at a key, none if there is no list.
func (n *node) items(key string) []*node {
	kid := n.get(key)
	if kid == nil {
		return nil
	}
	if l, ok := kid.value.(*list); ok {
		return l.items
	}
	return nil
}

// put adds or replaces an entry of a table.
func (n *node) put(key string, kid *node) {
	t := n.value.(*table)
	if t.kids[key] == nil {
		t.keys = append(t.keys, key)
	}
	kid.parent, kid.key, kid.index = n, key, -1
	t.kids[key] = kid
}

// text returns the value if it is a string.
func (n *node) text() (string, bool) {
	if n == nil {
		return "", false
	}
	s, ok := n.value.(string)
	return s, ok
}

// path returns the path of the node as --set takes it: elements of the file's lists by name
// where the name is theirs alone, and by index otherwise.
func (n *node) path() string {
	if n.parent == nil {
		return ""
	}
	up := n.parent.path()
	if n.index < 0 {
		return dot(up, n.key)
	}
	ofTheFile := n.parent.parent != nil && n.parent.parent.parent == nil
	if name, ok := n.get("name").text(); ok && validName(name) && ofTheFile {
		same := 0
		for _, sibling := range n.parent.value.(*list).items {
			if other, _ := sibling.get("name").text(); other == name {
				same++
			}
		}
		if same == 1 {
			return dot(up, name)
		}
	}
	return up + "[" + strconv.Itoa(n.index) + "]"
}

func dot(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// where says in words where the node was written, for the second position of a message.
func (n *node) where() string {
	if n.flag != "" {
		return n.flag
	}
	return "line " + strconv.Itoa(n.pos.Line)
}

// plain returns the value as the TOML library would give it.
func (n *node) plain() any {
	switch v := n.value.(type) {
	case *table:
		m := make(map[string]any, len(v.keys))
		for _, key := range v.keys {
			m[key] = v.kids[key].plain()
		}
		return m
	case *list:
		l := make([]any, len(v.items))
		for i, item := range v.items {
			l[i] = item.plain()
		}
		return l
	}
	return n.value
}

// remove takes an entry out of a table.
func (n *node) remove(key string) {
	t := n.value.(*table)
	delete(t.kids, key)
	t.keys = slices.DeleteFunc(t.keys, func(k string) bool { return k == key })
}

// list returns the list at a key of a table, which it makes if there is none.
func (n *node) list(key string) *node {
	kid := n.get(key)
	if kid == nil {
		kid = &node{value: &list{}}
		n.put(key, kid)
	}
	return kid
}

// append adds an element to a list, if it is one. Messages about the element point at another
// node, which it comes from.
func (n *node) append(value map[string]any, from *node) {
	l, ok := n.value.(*list)
	if !ok {
		return
	}
	kid := newTree(value, nil, from.flag)
	kid.walk(func(k *node) { k.keyPos, k.pos = from.pos, from.pos })
	kid.parent, kid.index = n, len(l.items)
	l.items = append(l.items, kid)
}

// walk visits a node and all below it.
func (n *node) walk(visit func(*node)) {
	visit(n)
	switch v := n.value.(type) {
	case *table:
		for _, key := range v.keys {
			v.kids[key].walk(visit)
		}
	case *list:
		for _, item := range v.items {
			item.walk(visit)
		}
	}
}
