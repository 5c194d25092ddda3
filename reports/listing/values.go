package listing

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
)

// compact takes the blanks out of a JSON text.
func compact(text []byte) ([]byte, error) {
	var b bytes.Buffer
	err := json.Compact(&b, text)
	return b.Bytes(), err
}

// value is a value in a JSON text with the path to it.
type value struct{ path, text string }

// flatten returns the values of a JSON text in their order; of what is no JSON those before the
// mistake.
func flatten(text []byte) []value {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var all []value
	walk(dec, "", &all)
	return all
}

// walk adds the next value, and reports whether there was one.
func walk(dec *json.Decoder, path string, all *[]value) bool {
	t, err := dec.Token()
	if err != nil {
		return false
	}
	switch t {
	case json.Delim('{'):
		for dec.More() {
			key, err := dec.Token()
			if err != nil {
				return false
			}
			below := fmt.Sprint(key)
			if path != "" {
				below = path + "." + below
			}
			if !walk(dec, below, all) {
				return false
			}
		}
	case json.Delim('['):
		for i := 0; dec.More(); i++ {
			if !walk(dec, path+"["+strconv.Itoa(i)+"]", all) {
				return false
			}
		}
	default:
		text := fmt.Sprint(t)
		if t == nil {
			text = "null"
		}
		*all = append(*all, value{path, text})
		return true
	}
	_, err = dec.Token() // the closing bracket
	return err == nil
}

// Change is a value of the summary that differs; a text is empty where that summary has no
// such value.
type Change struct{ Path, Want, Got string }

// String says what was wanted and what came.
func (c Change) String() string {
	or := func(s string) string {
		if s == "" {
			return "nothing"
		}
		return s
	}
	return fmt.Sprintf("%s: want %s, got %s", c.Path, or(c.Want), or(c.Got))
}

// Changes compares the summaries of two runs, value by value, in the order of the one that was
// got, and then of what that lacks.
func Changes(want, got *Listing) []Change {
	wanted, before := map[string]string{}, flatten(want.Summary)
	for _, v := range before {
		wanted[v.path] = v.text
	}
	var all []Change
	seen := map[string]bool{}
	for _, v := range flatten(got.Summary) {
		seen[v.path] = true
		if w, ok := wanted[v.path]; !ok || w != v.text {
			all = append(all, Change{v.path, w, v.text})
		}
	}
	for _, v := range before {
		if !seen[v.path] {
			all = append(all, Change{v.path, v.text, ""})
		}
	}
	return all
}
