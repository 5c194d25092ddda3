package spec

import (
	"net/netip"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"dsmipsim/sim/draw"
)

// field is one key of the format: what the tags of a struct field say.
type field struct {
	key, deflt, derived, unit string
	min, max, doc, ref        string
	values, planned           []string
	of                        []string // a sibling key, then its values for which there is this one
	required, encode          bool
	nonzero                   bool  // Encode leaves a zero value out
	index                     []int // of the struct field, through embedded structs
	typ                       reflect.Type
}

var (
	durationType = reflect.TypeFor[time.Duration]()
	addrType     = reflect.TypeFor[netip.Addr]()
	prefixType   = reflect.TypeFor[netip.Prefix]()
	rangeType    = reflect.TypeFor[Range]()
	queueType    = reflect.TypeFor[Queue]()
	limitType    = reflect.TypeFor[QueueLimit]()
	lossType     = reflect.TypeFor[Loss]()
	homeType     = reflect.TypeFor[IPv4Home]()
	wantType     = reflect.TypeFor[*Want]()
	anyListType  = reflect.TypeFor[[]any]()
	pairType     = reflect.TypeFor[[2]string]()
	fileType     = reflect.TypeFor[File]()

	speedsType    = reflect.TypeFor[Speeds]()
	positionType  = reflect.TypeFor[Position]()
	startType     = reflect.TypeFor[*Position]()
	positionsType = reflect.TypeFor[[]Position]()

	distributionType = reflect.TypeFor[draw.Distribution]()
	durationsType    = reflect.TypeFor[[]time.Duration]()
	floatsType       = reflect.TypeFor[[]float64]()
	textsType        = reflect.TypeFor[[]string]()
	freeType         = reflect.TypeFor[any]()
)

// known are the results of fieldsOf, by type: to read tags takes longer than all else that a
// scenario's loading does.
var known sync.Map

// fieldsOf returns the keys of a struct type in the order of its fields. Nobody may change them.
func fieldsOf(t reflect.Type) []field {
	if fields, ok := known.Load(t); ok {
		return fields.([]field)
	}
	fields := readFields(t)
	known.Store(t, fields)
	return fields
}

func readFields(t reflect.Type) []field {
	var fields []field
	for i := range t.NumField() {
		sf := t.Field(i)
		if sf.Anonymous {
			for _, f := range fieldsOf(sf.Type) {
				f.index = append([]int{i}, f.index...)
				fields = append(fields, f)
			}
			continue
		}
		key, ok := sf.Tag.Lookup("key")
		if !ok {
			continue
		}
		tag := sf.Tag.Get
		fields = append(fields, field{
			key: key, deflt: tag("default"), derived: tag("derived"), unit: tag("unit"),
			min: tag("min"), max: tag("max"), doc: tag("doc"), ref: tag("ref"),
			values: strings.Fields(tag("values")), planned: strings.Fields(tag("planned")), of: words(tag("of")),
			required: tag("required") == "true", encode: tag("encode") != "-", nonzero: tag("encode") == "nonzero",
			index: []int{i}, typ: sf.Type,
		})
	}
	return fields
}

// words is strings.Fields that returns nil for none.
func words(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Fields(s)
}

// belongs reports whether the key is there for a value of the sibling that it depends on.
func (f field) belongs(value string) bool { return f.of == nil || slices.Contains(f.of[1:], value) }

func findField(fields []field, key string) (field, bool) {
	for _, f := range fields {
		if f.key == key {
			return f, true
		}
	}
	return field{}, false
}

func keysOf(fields []field) []string {
	keys := make([]string, len(fields))
	for i, f := range fields {
		keys[i] = f.key
	}
	return keys
}

// tableType returns the struct type that the field's table, or its list of tables, binds to.
func (f field) tableType() (t reflect.Type, isList, ok bool) {
	t = f.typ
	switch f.typ.Kind() {
	case reflect.Slice:
		t, isList = t.Elem(), true
	case reflect.Pointer:
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || f.kind() != "" {
		return nil, false, false
	}
	return t, isList, true
}

// openTable returns the struct type of the keys that a single value may be written with as a
// table, nil if it has no such form.
func (f field) openTable() reflect.Type {
	return openTables[f.kind()]
}

// kind names the type of a single value; it is empty for tables and lists of tables.
func (f field) kind() string {
	switch f.typ {
	case durationType:
		return "duration"
	case rangeType:
		return "range"
	case distributionType:
		return "distribution"
	case durationsType:
		return "durations"
	case floatsType:
		return "numbers"
	case textsType:
		return "texts"
	case freeType:
		return "value"
	case queueType:
		return "queue"
	case limitType:
		return "limit"
	case lossType:
		return "loss"
	case homeType:
		return "ipv4home"
	case wantType:
		return "want"
	case anyListType:
		return "list"
	case pairType:
		return "pair"
	case fileType:
		return "file"
	case speedsType:
		return "speeds"
	case positionType, startType:
		return "position"
	case positionsType:
		return "positions"
	case addrType:
		return "address"
	case prefixType:
		return "prefix"
	}
	switch f.typ.Kind() {
	case reflect.Bool:
		return "bool"
	case reflect.Int, reflect.Int64:
		if f.unit != "" {
			return f.unit // rate, size
		}
		return "integer"
	case reflect.Float64:
		return f.unit // probability, number
	case reflect.String:
		return "text"
	case reflect.Pointer:
		if f.typ.Elem().Kind() == reflect.Float64 {
			return "number"
		}
	}
	return ""
}

// wanted says in words what the field takes.
func (f field) wanted() string {
	if len(f.values) > 0 {
		return oneOf(f.values)
	}
	switch f.kind() {
	case "duration":
		return `a duration with a unit such as "20ms"`
	case "range":
		return `a duration such as "1s" or a pair such as ["0.5s", "1.5s"]`
	case "distribution":
		return `a duration such as "50ms", a pair such as ["40ms", "60ms"] or a distribution such as { dist = "lognormal", median = "50ms", sigma = 0.5 }`
	case "durations":
		return `durations such as ["40ms", "60ms"]`
	case "numbers":
		return "a list of numbers"
	case "texts":
		return "a list of texts in quotes"
	case "value":
		return `a number, or a quantity such as "20ms"`
	case "limit":
		return `a number of packets such as "100packets" or a size such as "64kB"`
	case "queue":
		return `a number of packets such as "100packets", a size such as "64kB" or a table such as { kind = "codel", limit = "100packets" }`
	case "loss":
		return `a number from 0 to 1 or a table such as { model = "gilbert-elliott", p = 0.01, r = 0.2 }`
	case "rate":
		return `a rate with a unit such as "54Mbps"`
	case "size":
		return `a size with a unit such as "1500B"`
	case "length":
		return `a length with a unit such as "80m" or "1.2km"`
	case "speed":
		return `a speed with a unit such as "1.4mps" or "50kmh"`
	case "speeds":
		return `a speed such as "1.4mps" or "50kmh", or a pair such as ["0.5mps", "2mps"]`
	case "angle":
		return `an angle such as "22.5deg"`
	case "position":
		return `a place such as ["120m", "-40m"], to the east and to the north`
	case "positions":
		return `a list of places such as [["0m", "0m"], ["50m", "0m"], ["0m", "50m"]]`
	case "probability":
		return "a number from 0 to 1"
	case "number":
		return `a number, or a duration such as "3s"`
	case "want":
		return `a number, a text, a duration such as "3s", or a list of these`
	case "ipv4home":
		return `an IPv4 address such as "192.0.2.100" or "dynamic"`
	case "address":
		if f.unit == "" {
			return `an address such as "2001:db8::1", "192.0.2.1" or "::ffff:192.0.2.1"`
		}
		if f.unit == "ipv4" {
			return `an IPv4 address such as "192.0.2.1"`
		}
		return `an IPv6 address such as "2001:db8::1"`
	case "prefix":
		if f.unit == "ipv4" {
			return `an IPv4 prefix such as "192.0.2.0/24"`
		}
		return `an IPv6 prefix such as "2001:db8:1::/64"`
	case "pair":
		return `two names such as ["a", "b"]`
	case "file":
		return "the path of a file, relative to the scenario's folder"
	case "list":
		return "a list of values"
	case "bool":
		return "true or false"
	case "integer":
		return "a whole number"
	case "text":
		if f.unit == "name" {
			return `a name of letters, digits, "-" and "_"`
		}
		if f.unit == "hex" {
			return `octets in hexadecimal such as "6000 0000"`
		}
		return "a text in quotes"
	}
	if _, isList, _ := f.tableType(); isList {
		return "a list of tables [[" + f.key + "]]"
	}
	return "a table"
}

// oneOf joins alternatives for a message.
func oneOf(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = strconv.Quote(w)
	}
	if len(quoted) == 1 {
		return quoted[0]
	}
	last := len(quoted) - 1
	return strings.Join(quoted[:last], ", ") + " or " + quoted[last]
}

// validName reports whether a name can stand in a --set path, a metric and a file name.
func validName(s string) bool {
	for i, r := range s {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if !letter && (i == 0 || r != '-' && r != '_') {
			return false
		}
	}
	return s != "" && len(s) <= 64
}

func formatInt(v int64) string { return strconv.FormatInt(v, 10) }
