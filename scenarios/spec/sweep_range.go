package spec

import (
	"math"
	"strconv"
	"time"
)

// Scale says how the values of a range lie.
type Scale string

// The scales.
const (
	ScaleLinear Scale = "linear" // equal differences
	ScaleLog    Scale = "log"    // equal ratios
)

// FactorRange is the values of a factor from one to another. Step or Count is there.
type FactorRange struct {
	Pos   Pos
	From  any   `key:"from" required:"true" doc:"The first value."`
	To    any   `key:"to" required:"true" doc:"The last value, or with step a bound that the last one does not pass."`
	Step  any   `key:"step" doc:"From one value to the next."`
	Count int   `key:"count" derived:"as many as step makes" min:"2" max:"100000" doc:"How many values."`
	Scale Scale `key:"scale" default:"linear" values:"linear log" doc:"With count: equal differences, or equal ratios, the values then rounded to four digits."`
}

// quantityKind names the unit of what a key takes, as far as its values can be put in order:
// "" of others.
func quantityKind(f field) string {
	if f.typ == nil { // an element of a plain list
		return ""
	}
	switch k := f.kind(); k {
	case "duration", "range", "distribution", "durations":
		return "duration"
	case "speed", "speeds":
		return "speed"
	case "rate", "size", "length", "angle":
		return k
	case "limit", "queue":
		return "limit"
	case "integer", "probability", "number", "loss":
		return "number"
	}
	return ""
}

// quantity reads a value that can be put in order: in the basic unit of its kind.
func quantity(kind string, value any) (float64, bool) {
	n := &node{value: value}
	switch kind {
	case "":
		return 0, false
	case "number":
		return number(n)
	case "limit":
		s, _ := n.text()
		q, err := parseLimit(s)
		return float64(q.Packets + q.Octets), err == nil
	}
	v, ok := parseUnit(kind, n)
	return float64(v), ok
}

// spelt writes a quantity as the value that stands for it.
func spelt(kind string, like any, x float64) any {
	v := int64(math.Round(x))
	switch kind {
	case "duration":
		return formatDuration(time.Duration(v))
	case "rate":
		return formatRate(v)
	case "size":
		return formatSize(int(v))
	case "length":
		return formatLength(v)
	case "speed":
		return formatSpeed(v)
	case "angle":
		return formatAngle(v)
	case "limit":
		q, _ := parseLimit(like.(string)) // it is one
		if q.Packets > 0 {
			return formatLimit(QueueLimit{Packets: int(v)})
		}
		return formatLimit(QueueLimit{Octets: int(v)})
	}
	return x
}

// digits rounds to so many significant decimal digits.
func digits(x float64, n int) float64 {
	v, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'e', n-1, 64), 64) // of what was just written
	return v
}

// spread makes the values of a factor from its range.
func (b *binder) spread(f *Factor, key field, at *node) {
	r, kind := f.Range, quantityKind(key)
	if kind == "" {
		b.say(at, "%s takes no quantity: wanted a list of values", key.key)
		return
	}
	read := func(name string, value any) (float64, bool) {
		x, ok := quantity(kind, value)
		if !ok && sound(at.get(name)) {
			b.reporter.value(at.get(name), Problem{Wanted: key.wanted()})
		}
		return x, ok
	}
	from, okFrom := read("from", r.From)
	to, okTo := read("to", r.To)
	if !okFrom || !okTo {
		return
	}
	whole := key.kind() == "integer"
	var all []float64
	switch step, count := at.get("step"), at.get("count"); {
	case (step == nil) == (count == nil):
		b.say(at, "wanted step or count, one of them")
		return
	case step != nil && r.Scale == ScaleLog:
		b.say(at.get("scale"), "wanted linear: values that are a step apart lie so")
		return
	case step != nil:
		by, ok := read("step", r.Step)
		if !ok {
			return
		}
		if by <= 0 || to < from {
			b.say(step, "no step leads from %s to %s", formatAny(r.From), formatAny(r.To))
			return
		}
		n := int(math.Floor((to-from)/by+1e-9)) + 1
		if n > maxPoints {
			b.say(step, "found %d values, wanted at most %d", n, maxPoints)
			return
		}
		for i := range n {
			all = append(all, digits(from+float64(float64(i)*by), 15))
		}
	case r.Scale == ScaleLog && (from <= 0 || to <= 0):
		b.say(at.near("from"), "values in equal ratios are all above 0")
		return
	default:
		for i := range r.Count {
			part := float64(i) / float64(r.Count-1)
			x := from + float64(part*(to-from))
			if r.Scale == ScaleLog {
				x = digits(from*math.Pow(to/from, part), 4)
			}
			if i == 0 || i == r.Count-1 { // exactly
				x = []float64{from, to}[min(i, 1)]
			}
			all = append(all, digits(x, 15))
		}
	}
	f.Values = nil
	for i, x := range all {
		value := spelt(kind, r.From, x)
		if whole {
			value = int64(math.Round(x))
		}
		if i > 0 && value == f.Values[i-1] {
			b.say(at, "found the value %s twice: there are not so many between %s and %s", formatAny(value), formatAny(r.From), formatAny(r.To))
			return
		}
		f.Values = append(f.Values, value)
		b.factorValue(key, &node{parent: at, key: "from", index: -1, pos: at.pos, keyPos: at.keyPos, flag: at.flag, value: value})
	}
}
