package spec

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
)

// SchemaDialect is the version of JSON Schema that Schema is written in.
const SchemaDialect = "https://json-schema.org/draft/2020-12/schema"

// Schema returns the format as a JSON Schema: keys, types, units, allowed values and bounds, with
// their meaning and defaults, for editors that complete and check TOML while it is written. What
// follows from several keys together, such as names that must exist, only Load checks.
func Schema() []byte {
	root := object{
		{"$schema", SchemaDialect},
		{"title", "dsmipsim scenario"},
		{"description", "A scenario of dsmipsim, a simulator of Dual Stack Mobile IPv6."},
	}
	root = append(root, tableSchema(reflect.TypeFor[Spec]())...)
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(root); err != nil {
		panic("spec: " + err.Error()) // it is made of texts, numbers and lists
	}
	return out.Bytes()
}

// object is a JSON object whose members keep their order, which is that of the format.
type object []member

type member struct {
	name  string
	value any
}

// MarshalJSON writes the members in their order.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	for i, m := range o {
		b.WriteByte("{,"[min(i, 1)])
		b.WriteString(strconv.Quote(m.name))
		b.WriteByte(':')
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if err := e.Encode(m.value); err != nil {
			return nil, err
		}
	}
	if len(o) == 0 {
		b.WriteByte('{')
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// tableSchema describes a table: its keys and no others.
func tableSchema(t reflect.Type) object {
	properties, required := object{}, []string{}
	for _, f := range fieldsOf(t) {
		properties = append(properties, member{f.key, fieldSchema(f)})
		if f.required && f.of == nil {
			required = append(required, f.key)
		}
	}
	o := object{{"type", "object"}, {"properties", properties}, {"additionalProperties", false}}
	if len(required) > 0 {
		o = append(o, member{"required", required})
	}
	return o
}

// fieldSchema describes a key: what it means, and what it takes.
func fieldSchema(f field) object {
	var o object
	if text := describeKey(f); text != "" {
		o = append(o, member{"description", text})
	}
	if v, ok := defaultOf(f); ok {
		o = append(o, member{"default", v})
	}
	if inner, isList, ok := f.tableType(); ok {
		if isList {
			return append(o, object{{"type", "array"}, {"items", tableSchema(inner)}}...)
		}
		return append(o, tableSchema(inner)...)
	}
	return append(o, valueSchema(f)...)
}

func describeKey(f field) string {
	text := f.doc
	if f.derived != "" {
		text += " Without it: " + f.derived + "."
	}
	if f.ref != "" {
		text += " (" + f.ref + ")"
	}
	return strings.TrimSpace(text)
}

// defaultOf is the value of an absent key as JSON has it.
func defaultOf(f field) (any, bool) {
	if f.deflt == "" {
		return nil, false
	}
	var v struct{ V any }
	if _, err := toml.Decode("V = "+f.deflt, &v); err != nil {
		return f.deflt, true // a bare text
	}
	return v.V, true
}

// Patterns of texts with a unit, in the syntax that JSON Schema shares with ECMAScript.
const (
	durationPattern = `^(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+$`
	namePattern     = `^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`
	ipv4Pattern     = `^[0-9]{1,3}(\.[0-9]{1,3}){3}$`
	ipv6Pattern     = `^[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*$`
	hexPattern      = `^[0-9A-Fa-f\s]*$`
)

// scaledPattern is the pattern of a number with one of the units.
func scaledPattern(sign string, units ...scaled) string {
	var names []string
	for _, u := range units {
		names = append(names, u.name)
	}
	return `^` + sign + `[0-9]+(\.[0-9]+)?(` + strings.Join(names, "|") + `)$`
}

func matching(pattern string) object { return object{{"type", "string"}, {"pattern", pattern}} }

func anyOf(all ...object) object { return object{{"anyOf", all}} }

func listSchema(item object, least int) object {
	return object{{"type", "array"}, {"items", item}, {"minItems", least}}
}

func exactly(n int, item object) object {
	return append(listSchema(item, n), member{"maxItems", n})
}

// valueSchema describes the values of a key that is no table.
func valueSchema(f field) object {
	if len(f.values) > 0 {
		return object{{"type", "string"}, {"enum", f.values}}
	}
	duration := matching(durationPattern)
	limit := matching(scaledPattern("", slices.Concat(packetUnits, sizeUnits)...))
	speed := matching(scaledPattern("", speedUnits...))
	position := exactly(2, matching(scaledPattern("-?", lengthUnits...)))
	switch kind := f.kind(); kind {
	case "duration":
		return duration
	case "range":
		return anyOf(duration, exactly(2, duration))
	case "distribution":
		return anyOf(duration, exactly(2, duration), tableSchema(openTables[kind]))
	case "durations":
		return listSchema(duration, 1)
	case "numbers":
		return listSchema(object{{"type", "number"}}, 1)
	case "texts":
		return listSchema(object{{"type", "string"}}, 1)
	case "value":
		return object{{"type", []string{"number", "string"}}}
	case "limit":
		return limit
	case "queue":
		return anyOf(limit, tableSchema(openTables[kind]))
	case "loss":
		return anyOf(object{{"type", "number"}, {"minimum", 0}, {"maximum", 1}}, tableSchema(openTables[kind]))
	case "rate":
		return matching(scaledPattern("", rateUnits...))
	case "size":
		return matching(scaledPattern("", sizeUnits...))
	case "length":
		return matching(scaledPattern("", lengthUnits...))
	case "speed":
		return speed
	case "speeds":
		return anyOf(speed, exactly(2, speed))
	case "angle":
		return matching(scaledPattern("", angleUnits...))
	case "position":
		return position
	case "positions":
		return listSchema(position, 1)
	case "probability":
		return append(object{{"type", "number"}}, bounds(f)...)
	case "number":
		return anyOf(append(object{{"type", "number"}}, bounds(f)...), duration)
	case "integer":
		return append(object{{"type", "integer"}}, bounds(f)...)
	case "bool":
		return object{{"type", "boolean"}}
	case "want":
		one := object{{"type", []string{"number", "string"}}}
		return anyOf(one, listSchema(one, 1))
	case "pair":
		return exactly(2, matching(namePattern))
	case "list":
		return object{{"type", "array"}}
	case "ipv4home":
		return anyOf(matching(ipv4Pattern), object{{"const", "dynamic"}})
	case "address":
		return matching(addressPattern(f.unit, "$"))
	case "prefix":
		return matching(addressPattern(f.unit, `/[0-9]{1,3}$`))
	case "text":
		switch f.unit {
		case "name":
			return matching(namePattern)
		case "hex":
			return matching(hexPattern)
		}
		return object{{"type", "string"}}
	case "file":
		return object{{"type", "string"}}
	}
	return object{}
}

// addressPattern is the pattern of addresses of a family, or of both, with another end.
func addressPattern(family, end string) string {
	v4, v6 := strings.TrimSuffix(ipv4Pattern, "$")+end, strings.TrimSuffix(ipv6Pattern, "$")+end
	switch family {
	case "ipv4":
		return v4
	case "ipv6":
		return v6
	}
	return v4 + "|" + v6
}

// bounds are the bounds of a number.
func bounds(f field) (o object) {
	for _, b := range []struct{ text, inclusive, exclusive string }{
		{f.min, "minimum", "exclusiveMinimum"}, {f.max, "maximum", "exclusiveMaximum"},
	} {
		name := b.inclusive
		text, strict := strings.CutPrefix(strings.TrimPrefix(b.text, "<"), ">")
		if strict || strings.HasPrefix(b.text, "<") {
			name = b.exclusive
		}
		if v, err := strconv.ParseFloat(text, 64); err == nil {
			o = append(o, member{name, v})
		}
	}
	return o
}
