package spec

import (
	"reflect"
	"strings"
)

// KeyDoc describes one key of the format, for the reference page, `explain` and the schema.
type KeyDoc struct {
	// Path is the key under its tables, as in network[].link.delay; [] marks a list of tables.
	Path string
	// Type is table, tables, duration, range, distribution, rate, size, queue, loss, probability, number, want,
	// integer, bool, text, address, prefix, ipv4home, pair, file, length, speed, speeds, angle, position,
	// positions or list.
	Type string
	// Wanted says in words what the key takes.
	Wanted string
	// Default is the TOML of the value of an absent key under the standard profile; Derived says in words what it becomes
	// where that depends on other keys.
	Default, Derived string
	// Required says that the key must be there if its table is.
	Required bool
	// Values are the allowed texts, Planned those that are in the format but not built yet.
	Values, Planned []string
	// Min and Max are bounds; a leading ">" excludes the bound itself.
	Min, Max string
	// Unit refines the type: name for texts that are names, ipv4 or ipv6 for addresses.
	Unit string
	// Doc says what the key means, Ref where that comes from.
	Doc, Ref string
}

// Keys returns every key of the format in the order of the format, tables before their keys.
func Keys() []KeyDoc { return keysUnder("", reflect.TypeFor[Spec]()) }

func keysUnder(prefix string, t reflect.Type) []KeyDoc {
	var docs []KeyDoc
	for _, f := range fieldsOf(t) {
		doc := KeyDoc{
			Path: dot(prefix, f.key), Type: f.kind(), Wanted: f.wanted(), Derived: f.derived,
			Required: f.required, Values: f.values, Planned: f.planned, Min: f.min, Max: f.max,
			Unit: f.unit, Doc: f.doc, Ref: f.ref,
		}
		if f.of != nil {
			doc.Doc += " Of " + f.of[0] + " " + strings.Join(f.of[1:], ", ") + "."
		}
		if f.deflt != "" {
			v := reflect.New(f.typ).Elem()
			b := &binder{reporter: newReporter("", "")}
			b.absent(doc.Path, f, v)
			f.encode = true
			doc.Default = formatField(f, v)
		}
		inner, isList, isTable := f.tableType()
		if !isTable {
			docs = append(docs, doc)
			continue
		}
		path := doc.Path
		doc.Type = "table"
		if isList {
			doc.Type = "tables"
			path += "[]"
		}
		docs = append(append(docs, doc), keysUnder(path, inner)...)
	}
	return docs
}
