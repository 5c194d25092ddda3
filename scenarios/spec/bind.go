package spec

import (
	"math"
	"reflect"
	"slices"
)

// binder fills a Spec from a tree and reports everything that does not fit, instead of
// stopping at the first mistake as the TOML library does.
type binder struct {
	*reporter
	profile map[string]ProfileSetting // defaults by key that differ from the usual ones
	files   Files
	read    []File            // so far
	named   map[string]string // Names of the files read, by the path of the key
	trial   bool              // values are thrown away: files are not read

	given   *Topology // that the routers and links of a file come from, and its node
	givenAt *node

	technology map[string]string // defaults by key of the access link that is being bound
}

// table fills a struct from the node of its table, whose keys lie below the path (see KeyDoc).
func (b *binder) table(path string, v reflect.Value, n *node) {
	if pos := v.FieldByName("Pos"); pos.IsValid() {
		pos.Set(reflect.ValueOf(n.pos))
	}
	if t := technologyOf(path, n); t != nil {
		b.technology = t
		defer func() { b.technology = nil }()
	}
	fields := fieldsOf(v.Type())
	misspelt := map[string]bool{} // keys that an unknown key probably means
	for _, key := range n.value.(*table).keys {
		if _, ok := findField(fields, key); ok {
			continue
		}
		suggestion := nearest(key, keysOf(fields))
		misspelt[suggestion] = true
		b.unknown(n.get(key), suggestion)
	}
	for _, f := range fields {
		kid := n.get(f.key)
		switch value, known := b.sibling(fields, f, n); {
		case !f.belongs(value):
			if kid != nil && known {
				b.say(kid, "%s %s has no %s", f.of[0], value, f.key)
			}
		case kid != nil:
			b.value(dot(path, f.key), f, v.FieldByIndex(f.index), kid)
		case f.required && !misspelt[f.key]:
			b.missing(n, f.key, f.wanted())
		default:
			b.absent(dot(path, f.key), f, v.FieldByIndex(f.index))
		}
	}
}

// sibling returns the value of the key that decides whether there is a key f, and whether it
// is one that the key takes.
func (b *binder) sibling(fields []field, f field, n *node) (value string, known bool) {
	if f.of == nil {
		return "", true
	}
	decides, _ := findField(fields, f.of[0])
	value, _ = n.get(f.of[0]).text()
	return value, slices.Contains(decides.values, value)
}

// absent gives the field of a path the value of a key that is not there.
func (b *binder) absent(path string, f field, v reflect.Value) {
	if t, isList, ok := f.tableType(); ok {
		if !isList && f.typ.Kind() != reflect.Pointer {
			v.Set(b.defaults(path, t))
		}
		return
	}
	text := f.deflt
	if s, ok := b.profile[path]; ok {
		text = s.Value
	}
	if s, ok := b.technology[path]; ok {
		text = s
	}
	if text != "" {
		b.value(path, f, v, newTree(parseTag(text), nil, "default"))
	}
}

// defaults returns a struct whose keys, below the path, are all absent.
func (b *binder) defaults(path string, t reflect.Type) reflect.Value {
	v := reflect.New(t).Elem()
	for _, f := range fieldsOf(t) {
		b.absent(dot(path, f.key), f, v.FieldByIndex(f.index))
	}
	return v
}

// value fills the field of a path from the node of its value.
func (b *binder) value(path string, f field, v reflect.Value, n *node) {
	if t, isList, ok := f.tableType(); ok {
		b.tables(path, f, t, isList, v, n)
		return
	}
	b.scalar(f, v, n)
}

// tables fills a struct, a pointer to one, or a list of them.
func (b *binder) tables(path string, f field, t reflect.Type, isList bool, v reflect.Value, n *node) {
	if l, ok := n.value.(*list); ok && isList {
		v.Set(reflect.MakeSlice(f.typ, len(l.items), len(l.items)))
		for i, item := range l.items {
			if _, ok := item.value.(*table); !ok {
				b.reporter.value(item, Problem{Wanted: "a table"})
				continue
			}
			b.table(path+"[]", v.Index(i), item)
		}
		return
	}
	if _, ok := n.value.(*table); !ok || isList {
		b.reporter.value(n, Problem{Wanted: f.wanted()})
		return
	}
	if f.typ.Kind() == reflect.Pointer {
		v.Set(reflect.New(t))
		v = v.Elem()
	}
	b.table(path, v, n)
}

// scalar fills a field that takes a single value, or a short list.
func (b *binder) scalar(f field, v reflect.Value, n *node) {
	switch f.kind() {
	case "bool":
		if on, ok := n.value.(bool); ok {
			v.SetBool(on)
			return
		}
	case "integer":
		if i, ok := n.value.(int64); ok {
			if v.OverflowInt(i) {
				break
			}
			if b.within(f, n, float64(i)) {
				v.SetInt(i)
			}
			return
		}
	case "duration", "rate", "size", "length", "speed", "angle":
		if i, ok := parseUnit(f.kind(), n); ok {
			if b.within(f, n, float64(i)) {
				v.SetInt(i)
			}
			return
		}
	case "probability":
		if x, ok := number(n); ok {
			if b.within(f, n, x) {
				v.SetFloat(x)
			}
			return
		}
	case "number":
		if x, ok := seconds(n); ok {
			if !b.within(f, n, x) {
				return
			}
			if f.typ.Kind() == reflect.Pointer {
				v.Set(reflect.ValueOf(&x))
			} else {
				v.SetFloat(x)
			}
			return
		}
	case "text":
		if s, ok := n.text(); ok {
			b.text(f, v, n, s)
			return
		}
	case "speeds":
		if s, ok := parseSpeeds(n); ok {
			if b.within(f, n, float64(s.Min)) && b.within(f, n, float64(s.Max)) {
				v.Set(reflect.ValueOf(s))
			}
			return
		}
	case "range":
		if r, ok := parseRange(n); ok {
			if b.within(f, n, float64(r.Min)) && b.within(f, n, float64(r.Max)) {
				v.Set(reflect.ValueOf(r))
			}
			return
		}
	case "file":
		if path, ok := n.text(); ok && path != "" {
			if file, ok := b.file(f, n, path); ok {
				v.Set(reflect.ValueOf(file))
			}
			return
		}
	case "list":
		if l, ok := n.value.(*list); ok && len(l.items) > 0 {
			if b.noDates(n) {
				v.Set(reflect.ValueOf(n.plain()))
			}
			return
		}
	default:
		if value, ok := b.special(f, n); ok {
			v.Set(value)
			return
		}
	}
	wanted := f.wanted()
	if turned, ok := reversed(f, n); ok {
		wanted = "the lesser first, " + turned
	}
	b.reporter.value(n, Problem{Wanted: wanted})
}

// reversed returns a pair of bounds in the order in which it would be right, if order is all that is
// wrong with it.
func reversed(f field, n *node) (string, bool) {
	l, ok := n.value.(*list)
	if !ok || len(l.items) != 2 {
		return "", false
	}
	turned := newTree([]any{l.items[1].plain(), l.items[0].plain()}, nil, "")
	switch f.kind() {
	case "range", "distribution":
		_, ok = parseRange(turned)
	case "speeds":
		_, ok = parseSpeeds(turned)
	default:
		return "", false
	}
	low, _ := l.items[1].text()
	high, _ := l.items[0].text()
	return bracket([]string{quote(low), quote(high)}), ok
}

// text fills a field of text: free text, a name or one of the values.
func (b *binder) text(f field, v reflect.Value, n *node, s string) {
	switch {
	case slices.Contains(f.planned, s):
		b.notBuilt(f, n, `"`+s+`"`, oneOfBare(f.values))
	case len(f.values) > 0 && !slices.Contains(f.values, s):
		all := append(slices.Clone(f.values), f.planned...)
		b.reporter.value(n, Problem{Wanted: f.wanted(), Suggestion: nearest(s, all)})
	case f.unit == "name" && !validName(s), f.unit == "hex" && !validHex(s), f.required && s == "":
		b.reporter.value(n, Problem{Wanted: f.wanted()})
	default:
		v.SetString(s)
	}
}

// notBuilt refuses a value that the format has and this version does not.
func (b *binder) notBuilt(f field, n *node, found, wanted string) {
	b.reporter.value(n, Problem{
		Found: found, Wanted: wanted,
		Message: found + " is in the format but not built yet (wanted " + wanted + ")",
	})
}

// within checks the bounds of a field.
func (b *binder) within(f field, n *node, x float64) bool {
	if lowest, exclusive, ok := f.bound(f.min); ok && (x < lowest || exclusive && x == lowest) {
		if exclusive {
			b.reporter.value(n, Problem{Wanted: "more than " + f.min[1:]})
		} else {
			b.reporter.value(n, Problem{Wanted: "at least " + f.min})
		}
		return false
	}
	if highest, _, ok := f.bound(f.max); ok && x > highest {
		b.reporter.value(n, Problem{Wanted: "at most " + f.max})
		return false
	}
	return true
}

// bound reads a min or max tag in the field's own unit.
func (f field) bound(tag string) (limit float64, exclusive, ok bool) {
	if tag == "" {
		return 0, false, false
	}
	if tag[0] == '>' {
		tag, exclusive = tag[1:], true
	}
	n := newTree(parseTag(tag), nil, "bound")
	unit := f.kind()
	switch unit {
	case "range", "distribution":
		unit = "duration"
	case "speeds":
		unit = "speed"
	}
	if i, ok := parseUnit(unit, n); ok {
		return float64(i), exclusive, true
	}
	limit, ok = number(n)
	return limit, exclusive, ok
}

// number reads a finite number.
func number(n *node) (float64, bool) {
	switch v := n.value.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, !math.IsNaN(v) && !math.IsInf(v, 0)
	}
	return 0, false
}
