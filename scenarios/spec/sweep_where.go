package spec

import (
	"fmt"
	"slices"
	"strings"
)

// condition is true of a combination if all comparisons of one of its alternatives are.
type condition [][]comparison

// comparison compares two operands, at least one of which is a factor.
type comparison struct {
	left, right operand
	op          string
	kind        string // of quantities that are compared as such, else ""
}

// operand is a factor, or a value.
type operand struct {
	factor int // -1 for a value
	value  any
}

var operators = []string{"==", "!=", "<=", ">=", "<", ">"}

// condition reads a condition on the factors of a sweep.
func (b *binder) condition(s *Sweep, at *node) {
	text, _ := at.text()
	words, err := wordsOf(text)
	if err != nil {
		b.say(at, "%v", err)
		return
	}
	var c condition
	var all []comparison
	for {
		if len(words) < 3 || !slices.Contains(operators, words[1].text) || words[1].quoted {
			b.reporter.value(at, Problem{Wanted: "comparisons such as 'delay <= 50ms', joined by 'and' and 'or'"})
			return
		}
		one, ok := b.comparison(s, at, words[0], words[1].text, words[2])
		if !ok {
			return
		}
		all = append(all, one)
		words = words[3:]
		if len(words) == 0 {
			s.conditions = append(s.conditions, append(c, all))
			return
		}
		switch words[0].text {
		case "and":
		case "or":
			c, all = append(c, all), nil
		default:
			b.say(at, "found %q, wanted 'and', 'or' or the end", words[0].text)
			return
		}
		words = words[1:]
	}
}

// word is a word of a condition, or what stands in quotes.
type word struct {
	text   string
	quoted bool
}

// wordsOf splits a condition into operands, operators, and the words that join comparisons.
func wordsOf(text string) (words []word, err error) {
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimLeft(text, " \t\n") {
		if quote := text[0]; quote == '"' || quote == '\'' {
			end := strings.IndexByte(text[1:], quote)
			if end < 0 {
				return nil, fmt.Errorf("a quotation is not closed: %s", text)
			}
			words, text = append(words, word{text[1 : 1+end], true}), text[2+end:]
			continue
		}
		if k := slices.IndexFunc(operators, func(op string) bool { return strings.HasPrefix(text, op) }); k >= 0 {
			words, text = append(words, word{text: operators[k]}), text[len(operators[k]):]
			continue
		}
		if text[0] == '[' && strings.Contains(text, "]") { // a list, such as of bounds
			end := strings.IndexByte(text, ']') + 1
			words, text = append(words, word{text: text[:end]}), text[end:]
			continue
		}
		end := strings.IndexAny(text, " \t\n=!<>\"'")
		if end == 0 {
			return nil, fmt.Errorf("found %q, wanted one of %s", text, strings.Join(operators, " "))
		}
		if end < 0 {
			end = len(text)
		}
		words, text = append(words, word{text: text[:end]}), text[end:]
	}
	return words, nil
}

func (b *binder) comparison(s *Sweep, at *node, left word, op string, right word) (c comparison, ok bool) {
	c = comparison{left: s.operand(left), right: s.operand(right), op: op}
	if c.left.factor < 0 && c.right.factor < 0 {
		var names []string
		for i := range s.Factors {
			names = append(names, s.Factors[i].Set, s.Factors[i].Name)
		}
		b.reporter.value(at, Problem{Found: left.text, Suggestion: nearest(left.text, names),
			Message: fmt.Sprintf("neither %q nor %q is the path or the name of a factor", left.text, right.text)})
		return c, false
	}
	kinds := []string{}
	quantities := true
	for _, o := range []operand{c.left, c.right} {
		if o.factor >= 0 {
			kinds = append(kinds, s.kinds[o.factor])
		}
	}
	for _, o := range []operand{c.left, c.right} {
		for _, v := range s.valuesOf(o) {
			if _, ok := quantity(kinds[0], v); !ok {
				quantities = false
				if strings.ContainsAny(op, "<>") {
					b.say(at, "%s cannot be compared by %s as a quantity of the kind of %s", formatAny(v), op, s.Factors[max(c.left.factor, c.right.factor)].Set)
					return c, false
				}
			}
		}
	}
	if quantities {
		c.kind = kinds[0]
	}
	if len(kinds) == 2 && kinds[0] != kinds[1] {
		b.say(at, "%s and %s are of different kinds", left.text, right.text)
		return c, false
	}
	if !strings.ContainsAny(op, "<>") && len(kinds) == 1 && !slices.ContainsFunc(s.valuesOf(c.left), func(l any) bool {
		return slices.ContainsFunc(s.valuesOf(c.right), func(r any) bool { return c.compare(l, r) == 0 })
	}) {
		literal, of := right.text, c.left
		if c.left.factor < 0 {
			literal, of = left.text, c.right
		}
		b.say(at, "%s has no value %s, found %s", s.Factors[of.factor].Set, literal, formatAny(s.valuesOf(of)))
		return c, false
	}
	return c, true
}

// operand is what a word stands for: a factor by its path or name, else a value.
func (s *Sweep) operand(w word) operand {
	for i := range s.Factors {
		if w.text == s.Factors[i].Set || w.text == s.Factors[i].Name {
			return operand{factor: i}
		}
	}
	if w.quoted {
		return operand{factor: -1, value: w.text}
	}
	return operand{factor: -1, value: parseLoose(w.text)}
}

// valuesOf returns all values that an operand can have.
func (s *Sweep) valuesOf(o operand) []any {
	if o.factor < 0 {
		return []any{o.value}
	}
	return s.Factors[o.factor].Values
}

// meets reports whether a combination, as the indices of its values, meets all conditions.
func (s *Sweep) meets(chosen []int) bool {
	value := func(o operand) any {
		if o.factor < 0 {
			return o.value
		}
		return s.Factors[o.factor].Values[chosen[o.factor]]
	}
	for _, c := range s.conditions {
		if !slices.ContainsFunc(c, func(all []comparison) bool {
			return !slices.ContainsFunc(all, func(one comparison) bool { return !one.holds(value(one.left), value(one.right)) })
		}) {
			return false
		}
	}
	return true
}

func (c *comparison) holds(left, right any) bool {
	switch d := c.compare(left, right); c.op {
	case "==":
		return d == 0
	case "!=":
		return d != 0
	case "<":
		return d < 0
	case "<=":
		return d <= 0
	case ">":
		return d > 0
	default:
		return d >= 0
	}
}

// compare returns a number below, equal to or above 0; of what are no quantities, 0 for equal
// values.
func (c *comparison) compare(left, right any) float64 {
	if c.kind != "" {
		l, _ := quantity(c.kind, left) // which have been checked
		r, _ := quantity(c.kind, right)
		return l - r
	}
	if formatAny(left) == formatAny(right) {
		return 0
	}
	return 1
}
