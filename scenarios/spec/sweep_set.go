package spec

import (
	"strings"
	"unicode"
)

// factorMark tells a factor among overrides. No path begins so.
const factorMark = "--factor "

// FactorOverride makes an override of LoadFiles from path=value,value,...: a factor of the sweep,
// in place of one that varies the same key if there is one.
func FactorOverride(text string) string { return factorMark + text }

// factor adds a factor to the sweep, or gives new values to the one of that key.
func (r *reporter) factor(root *node, text string) {
	flag := factorMark + text
	path, rest, ok := strings.Cut(text, "=")
	path = strings.TrimSpace(path)
	values := splitValues(rest)
	if !ok || path == "" || len(values) == 0 || strings.ContainsFunc(text, unicode.IsControl) {
		r.place(flag, Pos{}, Problem{Message: "wanted path=value,value,... as in network.campus.link.delay=10ms,20ms"})
		return
	}
	if root.get("sweep") == nil {
		root.put("sweep", newTree(map[string]any{}, nil, flag))
	}
	sweep := root.get("sweep")
	if _, ok := sweep.value.(*table); !ok {
		return // the binder says so
	}
	kid := newTree(values, nil, flag)
	for _, item := range sweep.items("factor") {
		if set, _ := item.get("set").text(); set == path {
			item.remove("range")
			item.put("values", kid)
			return
		}
	}
	factors := sweep.list("factor")
	l, ok := factors.value.(*list)
	if !ok {
		return // the binder says so
	}
	item := newTree(map[string]any{"set": path, "values": values}, nil, flag)
	item.parent, item.index = factors, len(l.items)
	l.items = append(l.items, item)
}

// splitValues splits at the commas that stand in no brackets and quotation marks.
func splitValues(text string) (values []any) {
	depth, quote, begin := 0, rune(0), 0
	add := func(part string) {
		if part = strings.TrimSpace(part); part != "" {
			values = append(values, parseLoose(part))
		}
	}
	for i, c := range text {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '[' || c == '{':
			depth++
		case c == ']' || c == '}':
			depth--
		case c == ',' && depth == 0:
			add(text[begin:i])
			begin = i + 1
		}
	}
	add(text[begin:])
	return values
}

// replicate settles what says how often a combination is run, a number or a stop rule: a flag counts
// more than the file, and what it overrides leaves the tree.
func replicate(root *node) {
	sweep := root.get("sweep")
	number, until := sweep.get("replications"), sweep.get("until")
	switch {
	case number == nil || until == nil:
	case number.flag != "" && until.flag == "":
		sweep.remove("until")
	case number.flag == "" && until.flag != "":
		sweep.remove("replications")
	}
}
