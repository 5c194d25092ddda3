package result

import (
	"reflect"
	"strings"
)

// Key is a key of summary.json.
type Key struct {
	Path  string // with [] behind lists, such as "handovers[].phases.l2_s"
	Type  string // text, number, integer, bool, list, object, counts, any
	Unit  string // "" of what has none
	About string
	Null  bool // may be null, or absent
}

// Keys returns every key of summary.json in the order of the file, each object before its keys.
func Keys() []Key { return keysOf("", reflect.TypeFor[Result]()) }

func keysOf(prefix string, t reflect.Type) []Key {
	var all []Key
	for i := range t.NumField() {
		f := t.Field(i)
		tag, isKey := f.Tag.Lookup("json")
		if !isKey && f.Anonymous { // an embedded pointer: its keys are this object's if it is set
			for _, k := range keysOf(prefix, f.Type.Elem()) {
				k.Null = true
				all = append(all, k)
			}
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		inner := f.Type
		k := Key{Path: prefix + name, Unit: Unit(name), About: f.Tag.Get("doc"), Null: options == "omitempty"}
		if inner.Kind() == reflect.Pointer {
			inner, k.Null = inner.Elem(), true
		}
		k.Type = typeName(inner)
		if inner.Kind() == reflect.Slice {
			k.Path += "[]"
			inner = inner.Elem()
		}
		all = append(all, k)
		if inner.Kind() == reflect.Struct {
			all = append(all, keysOf(k.Path+".", inner)...)
		}
	}
	return all
}

func typeName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "bool"
	case reflect.Float64:
		return "number"
	case reflect.Slice:
		return "list"
	case reflect.Struct:
		return "object"
	case reflect.Map:
		return "counts"
	case reflect.Interface:
		return "any"
	}
	return "integer"
}

// Unit returns the unit that the name of a key or column says; "" for none.
func Unit(name string) string {
	switch {
	case name == "hops" || name == "hops_mean" || name == "direct_hops":
		return "links"
	case strings.HasSuffix(name, "octet_hops"):
		return "octet-hops"
	case strings.HasSuffix(name, "octets"):
		return "octets"
	case strings.HasSuffix(name, "_s"):
		return "s"
	case strings.HasSuffix(name, "_bps"):
		return "bit/s"
	case strings.HasSuffix(name, "_percent"):
		return "%"
	}
	return ""
}
