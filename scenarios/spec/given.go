package spec

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/BurntSushi/toml"
)

// Given writes a scenario as it is given: what the file and the overrides say, without defaults
// and comments. Unlike the effective scenario that Encode writes, it stays open to overrides of
// keys on which others depend, such as the profile, or of counted elements. The files that it
// names go by their Names, as those of the Spec that Load makes of the same arguments. The
// error is that of LoadFiles.
func Given(name string, src []byte, sets []string, files Files) ([]byte, error) {
	l := load(name, src, sets, files)
	if err := l.report(); err != nil {
		return nil, err
	}
	root := l.given(src, sets)
	root.walk(func(n *node) {
		if file, ok := l.binder.named[n.path()]; ok {
			n.value = file
		}
	})
	var b bytes.Buffer
	writeGiven(&b, "", root)
	return b.Bytes(), nil
}

// given returns the tree of a scenario that has been loaded, with overrides and before anything
// was filled in. Only where an override is about what comes from a file of a topology, the routers
// and links of that stand in the tree instead.
func (l *loaded) given(src []byte, sets []string) *node {
	var raw map[string]any
	text := strings.TrimPrefix(string(src), "\ufeff")
	_, _ = toml.Decode(text, &raw) // which has succeeded before
	root := newTree(raw, scanPositions(text), "")
	if raw == nil {
		root.value = &table{kids: map[string]*node{}}
	}
	r := newReporter("", "")
	for _, set := range sets {
		r.set(root, set)
	}
	replicate(root)
	if r.report() != nil {
		return l.root
	}
	return root
}

// writeGiven writes a table: its values, then the tables in it under headers of their own if it is
// the whole scenario or [sweep].
func writeGiven(b *bytes.Buffer, path string, n *node) {
	t := n.value.(*table)
	headed := func(kid *node) (tables []*node, isList bool) {
		if path != "" && path != "sweep" {
			return nil, false
		}
		switch v := kid.value.(type) {
		case *table:
			if path == "" {
				tables = []*node{kid}
			}
		case *list:
			for _, item := range v.items {
				if _, ok := item.value.(*table); !ok {
					return nil, false
				}
			}
			return v.items, true
		}
		return tables, false
	}
	for _, key := range t.keys {
		if tables, _ := headed(t.kids[key]); len(tables) == 0 {
			fmt.Fprintf(b, "%s = %s\n", key, formatNode(t.kids[key]))
		}
	}
	for _, key := range t.keys {
		tables, isList := headed(t.kids[key])
		for _, one := range tables {
			head := "[" + dot(path, key) + "]"
			if isList {
				head = "[" + head + "]"
			}
			fmt.Fprintf(b, "\n%s\n", head)
			writeGiven(b, dot(path, key), one)
		}
	}
}

// formatNode writes a value as TOML, the keys of tables in their order.
func formatNode(n *node) string {
	switch v := n.value.(type) {
	case *table:
		parts := make([]string, len(v.keys))
		for i, key := range v.keys {
			parts[i] = key + " = " + formatNode(v.kids[key])
		}
		if len(parts) == 0 {
			return "{}"
		}
		return "{ " + strings.Join(parts, ", ") + " }"
	case *list:
		items := make([]string, len(v.items))
		for i, item := range v.items {
			items[i] = formatNode(item)
		}
		return bracket(items)
	}
	return formatAny(n.value)
}
