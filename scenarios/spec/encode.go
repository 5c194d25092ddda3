package spec

import (
	"bytes"
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"dsmipsim/sim/draw"
)

// Encode writes the effective scenario: every key with its value, defaults included, without
// comments, in the order of the format and, within lists, of the file. Loading the result gives
// the same Spec apart from positions. Counted elements are written out one by one.
func (s *Spec) Encode() []byte {
	var b bytes.Buffer
	v := reflect.ValueOf(s).Elem()
	fields := fieldsOf(v.Type())
	for _, f := range fields {
		if _, _, ok := f.tableType(); !ok {
			writeKey(&b, f, v.FieldByIndex(f.index))
		}
	}
	for _, f := range fields {
		writeTables(&b, "", f, v.FieldByIndex(f.index))
	}
	return b.Bytes()
}

// writeTables writes a table, or a list of them, under headers of their own.
func writeTables(b *bytes.Buffer, prefix string, f field, v reflect.Value) {
	_, isList, ok := f.tableType()
	switch path := dot(prefix, f.key); {
	case !ok || v.Kind() == reflect.Pointer && v.IsNil():
	case isList:
		for i := range v.Len() {
			fmt.Fprintf(b, "\n[[%s]]\n", path)
			writeTable(b, path, v.Index(i))
		}
	default:
		fmt.Fprintf(b, "\n[%s]\n", path)
		writeTable(b, path, reflect.Indirect(v))
	}
}

// writeTable writes the keys of a table. Tables inside become inline tables, except in [sweep],
// whose values may be long.
func writeTable(b *bytes.Buffer, path string, v reflect.Value) {
	fields := fieldsOf(v.Type())
	nested := path == "sweep"
	for _, f := range fields {
		if _, _, isTable := f.tableType(); !isTable || !nested {
			writeKey(b, f, v.FieldByIndex(f.index))
		}
	}
	for _, f := range fields {
		if nested {
			writeTables(b, path, f, v.FieldByIndex(f.index))
		}
	}
}

func writeKey(b *bytes.Buffer, f field, v reflect.Value) {
	if text := formatField(f, v); text != "" {
		fmt.Fprintf(b, "%s = %s\n", f.key, text)
	}
}

// formatField writes a value as TOML. The empty text stands for a key to leave out.
func formatField(f field, v reflect.Value) string {
	if !f.encode || f.nonzero && v.IsZero() {
		return ""
	}
	if _, isList, ok := f.tableType(); ok {
		switch {
		case isList && v.Len() == 0, v.Kind() == reflect.Pointer && v.IsNil():
			return ""
		case isList:
			items := make([]string, v.Len())
			for i := range items {
				items[i] = formatInline(v.Index(i))
			}
			return bracket(items)
		}
		return formatInline(reflect.Indirect(v))
	}
	switch x := v.Interface().(type) {
	case time.Duration:
		return quote(formatDuration(x))
	case Range:
		if x.Min == x.Max {
			return quote(formatDuration(x.Min))
		}
		return bracket([]string{quote(formatDuration(x.Min)), quote(formatDuration(x.Max))})
	case draw.Distribution:
		return formatDistribution(x)
	case Queue:
		return formatQueue(x)
	case QueueLimit:
		return quote(formatLimit(x))
	case Loss:
		return formatLoss(x)
	case IPv4Home:
		if x.Dynamic {
			return quote("dynamic")
		}
		return formatAddr(x.Static)
	case netip.Addr:
		return formatAddr(x)
	case netip.Prefix:
		if !x.IsValid() {
			return ""
		}
		return quote(x.String())
	case File:
		if !x.Given() {
			return ""
		}
		return quote(x.Name)
	case Speeds:
		if x.Min == x.Max {
			return quote(formatSpeed(x.Min))
		}
		return bracket([]string{quote(formatSpeed(x.Min)), quote(formatSpeed(x.Max))})
	case Position:
		return formatPosition(x)
	case *Position:
		if x == nil {
			return ""
		}
		return formatPosition(*x)
	case []Position:
		items := make([]string, len(x))
		for i, p := range x {
			items[i] = formatPosition(p)
		}
		if len(items) == 0 {
			return ""
		}
		return bracket(items)
	case *Want:
		return formatWant(x)
	case *float64:
		if x == nil {
			return ""
		}
		return formatFloat(*x)
	case [2]string:
		return bracket([]string{quote(x[0]), quote(x[1])})
	case []any:
		return formatAny(x)
	case []string:
		items := make([]string, len(x))
		for i, text := range x {
			items[i] = quote(text)
		}
		if len(items) == 0 {
			return ""
		}
		return bracket(items)
	}
	switch f.kind() {
	case "rate":
		return quote(formatRate(v.Int()))
	case "size":
		return quote(formatSize(int(v.Int())))
	case "length":
		return quote(formatLength(v.Int()))
	case "speed":
		return quote(formatSpeed(v.Int()))
	case "angle":
		return quote(formatAngle(v.Int()))
	case "integer":
		return formatInt(v.Int())
	case "bool":
		return strconv.FormatBool(v.Bool())
	case "probability", "number":
		return formatFloat(v.Float())
	}
	if v.String() == "" {
		return ""
	}
	return quote(v.String())
}

func formatPosition(p Position) string {
	return bracket([]string{quote(formatLength(p[0])), quote(formatLength(p[1]))})
}

// sibling returns the text of another key of a table.
func sibling(v reflect.Value, key string) string {
	f, _ := findField(fieldsOf(v.Type()), key)
	return v.FieldByIndex(f.index).String()
}

// formatInline writes a struct as an inline table.
func formatInline(v reflect.Value) string {
	var parts []string
	for _, f := range fieldsOf(v.Type()) {
		if f.of != nil && !f.belongs(sibling(v, f.of[0])) {
			continue
		}
		if text := formatField(f, v.FieldByIndex(f.index)); text != "" {
			parts = append(parts, f.key+" = "+text)
		}
	}
	return "{ " + strings.Join(parts, ", ") + " }"
}

func formatAddr(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return quote(a.String())
}

func formatWant(w *Want) string {
	if w == nil {
		return ""
	}
	items := make([]string, len(w.Values))
	for i, v := range w.Values {
		items[i] = formatFloat(v.Number)
		if v.IsText {
			items[i] = quote(v.Text)
		}
	}
	if !w.List {
		return items[0]
	}
	return bracket(items)
}

// FormatValue writes a value of a factor as TOML.
func FormatValue(value any) string { return formatAny(value) }

// formatAny writes a free value of a sweep factor.
func formatAny(value any) string {
	switch v := value.(type) {
	case string:
		return quote(v)
	case int64:
		return formatInt(v)
	case float64: // with a point or exponent, so that it stays a float
		text := formatFloat(v)
		if !strings.ContainsAny(text, ".e") {
			text += ".0"
		}
		return text
	case bool:
		return strconv.FormatBool(v)
	case []any:
		items := make([]string, len(v))
		for i, item := range v {
			items[i] = formatAny(item)
		}
		return bracket(items)
	case map[string]any:
		keys := make([]string, 0, len(v))
		for key := range v {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		for i, key := range keys {
			keys[i] = quote(key) + " = " + formatAny(v[key])
		}
		return "{ " + strings.Join(keys, ", ") + " }"
	}
	return fmt.Sprint(value) // a date, which only messages show
}

func formatFloat(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

func bracket(items []string) string { return "[" + strings.Join(items, ", ") + "]" }

// quote writes a basic string of TOML.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
