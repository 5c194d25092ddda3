package spec

import (
	"net/netip"
	"reflect"
	"strings"
	"time"
)

// parseUnit reads a text with a unit as a count of the basic unit.
func parseUnit(unit string, n *node) (int64, bool) {
	s, ok := n.text()
	if !ok {
		return 0, false
	}
	switch unit {
	case "duration":
		d, err := parseDuration(s)
		return int64(d), err == nil
	case "rate":
		r, err := parseRate(s)
		return r, err == nil
	case "size":
		size, err := parseSize(s)
		return int64(size), err == nil
	case "length":
		l, err := parseLength(s)
		return l, err == nil
	case "speed":
		v, err := parseScaled(s, speedUnits)
		return v, err == nil
	case "angle":
		a, err := parseScaled(s, angleUnits)
		return a, err == nil
	}
	return 0, false
}

// parseRange reads a duration, or a pair of them in order.
func parseRange(n *node) (Range, bool) {
	if d, ok := parseUnit("duration", n); ok {
		return Range{Min: time.Duration(d), Max: time.Duration(d)}, true
	}
	l, ok := n.value.(*list)
	if !ok || len(l.items) != 2 {
		return Range{}, false
	}
	low, okLow := parseUnit("duration", l.items[0])
	high, okHigh := parseUnit("duration", l.items[1])
	return Range{Min: time.Duration(low), Max: time.Duration(high)}, okLow && okHigh && low <= high
}

// seconds reads a number, or a duration as its seconds.
func seconds(n *node) (float64, bool) {
	if d, ok := parseUnit("duration", n); ok {
		return float64(d) / 1e9, true
	}
	return number(n)
}

// special reads the values that have a type of their own.
func (b *binder) special(f field, n *node) (reflect.Value, bool) {
	s, isText := n.text()
	switch f.kind() {
	case "distribution":
		d, ok := b.distribution(f, n)
		return reflect.ValueOf(d), ok
	case "durations":
		return listOf(n, func(item *node) (time.Duration, bool) {
			d, ok := parseUnit("duration", item)
			return time.Duration(d), ok
		})
	case "numbers":
		return listOf(n, number)
	case "texts":
		return listOf(n, (*node).text)
	case "value":
		_, isNumber := number(n)
		return reflect.ValueOf(n.value), isNumber || isText
	case "position":
		p, ok := parsePosition(n)
		if ok && f.typ.Kind() == reflect.Pointer {
			return reflect.ValueOf(&p), true
		}
		return reflect.ValueOf(p), ok
	case "positions":
		return listOf(n, parsePosition)
	case "limit":
		q, err := parseLimit(s)
		return reflect.ValueOf(q), isText && err == nil
	case "queue":
		q, ok := b.queue(f, n)
		return reflect.ValueOf(q), ok
	case "loss":
		l, ok := b.loss(f, n)
		return reflect.ValueOf(l), ok
	case "address":
		if f.unit == "" {
			a, err := netip.ParseAddr(s)
			return reflect.ValueOf(a), isText && err == nil && a.Zone() == ""
		}
		a, ok := parseAddr(s, f.unit == "ipv4")
		return reflect.ValueOf(a), isText && ok
	case "prefix":
		return b.prefix(f, n, s)
	case "ipv4home":
		if s == "dynamic" {
			return reflect.ValueOf(IPv4Home{Dynamic: true}), true
		}
		a, ok := parseAddr(s, true)
		return reflect.ValueOf(IPv4Home{Static: a}), isText && ok
	case "want":
		w, ok := parseWant(n)
		return reflect.ValueOf(w), ok
	case "pair":
		var pair [2]string
		l, ok := n.value.(*list)
		if !ok || len(l.items) != 2 {
			return reflect.Value{}, false
		}
		for i, item := range l.items {
			name, ok := item.text()
			if !ok || !validName(name) {
				return reflect.Value{}, false
			}
			pair[i] = name
		}
		return reflect.ValueOf(pair), true
	}
	return reflect.Value{}, false
}

// listOf reads a list of values that are all of one type, at least one.
func listOf[T any](n *node, parse func(*node) (T, bool)) (reflect.Value, bool) {
	l, ok := n.value.(*list)
	if !ok || len(l.items) == 0 {
		return reflect.Value{}, false
	}
	all := make([]T, len(l.items))
	for i, item := range l.items {
		if all[i], ok = parse(item); !ok {
			return reflect.Value{}, false
		}
	}
	return reflect.ValueOf(all), true
}

// parseAddr reads an address of one family, without a zone.
func parseAddr(s string, v4 bool) (netip.Addr, bool) {
	a, err := netip.ParseAddr(s)
	return a, err == nil && a.Is4() == v4 && !a.Is4In6() && a.Zone() == ""
}

// prefix reads a prefix and refuses host bits, which netip lets pass.
func (b *binder) prefix(f field, n *node, s string) (reflect.Value, bool) {
	p, err := netip.ParsePrefix(s)
	if err != nil || p.Addr().Is4() != (f.unit == "ipv4") || p.Addr().Is4In6() {
		return reflect.Value{}, false
	}
	if p != p.Masked() {
		b.reporter.value(n, Problem{
			Wanted: "no bits beyond the prefix length", Suggestion: p.Masked().String(),
		})
		return reflect.ValueOf(netip.Prefix{}), true // reported
	}
	return reflect.ValueOf(p), true
}

// parseWant reads the value of an expectation.
func parseWant(n *node) (*Want, bool) {
	items, w := []*node{n}, &Want{}
	if l, ok := n.value.(*list); ok {
		items, w.List = l.items, true
	}
	for _, item := range items {
		if x, ok := seconds(item); ok {
			w.Values = append(w.Values, Value{Number: x})
		} else if s, ok := item.text(); ok {
			w.Values = append(w.Values, Value{Text: s, IsText: true})
		} else {
			return nil, false
		}
	}
	return w, len(w.Values) > 0
}

// noDates refuses dates and numbers that are none, in lists of free values.
func (b *binder) noDates(n *node) bool {
	switch v := n.value.(type) {
	case *table:
		for _, key := range v.keys {
			if !b.noDates(v.kids[key]) {
				return false
			}
		}
	case *list:
		for _, item := range v.items {
			if !b.noDates(item) {
				return false
			}
		}
	case string, bool:
	default:
		if _, ok := number(n); !ok {
			b.reporter.value(n, Problem{Wanted: "a number, a text, a list or a table"})
			return false
		}
	}
	return true
}

func oneOfBare(words []string) string { return strings.Join(words, ", ") }
