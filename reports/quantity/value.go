package quantity

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// rate is a data rate in TOML.
var rate = regexp.MustCompile(`^([0-9.]+)([kMG]?)bps$`)

// Parse reads a value of a scenario as TOML has it: a duration in s, a rate in b/s, a size in
// octets, or a bare number.
func Parse(text string) (v float64, unit string, ok bool) {
	text = strings.Trim(text, `"`)
	if v, err := strconv.ParseFloat(text, 64); err == nil {
		return v, "", true
	}
	if d, err := time.ParseDuration(text); err == nil {
		return d.Seconds(), "s", true
	}
	if m := rate.FindStringSubmatch(text); m != nil {
		v, err := strconv.ParseFloat(m[1], 64)
		return v * map[string]float64{"": 1, "k": 1e3, "M": 1e6, "G": 1e9}[m[2]], "b/s", err == nil
	}
	if octets, found := strings.CutSuffix(text, "B"); found {
		v, err := strconv.ParseFloat(octets, 64)
		return v, "octets", err == nil
	}
	return 0, "", false
}

// pair is a list of two texts or numbers in TOML.
var pair = regexp.MustCompile(`^\["?([^",\]]+)"?, *"?([^",\]]+)"?\]$`)

// measured is a number with a unit.
var measured = regexp.MustCompile(`^([0-9.]+)([a-zA-Z]*)$`)

// Span returns the ends of values with their unit, and whether all of them are numbers of one
// unit.
func Span(values []string) (least, greatest float64, unit string, ok bool) {
	for i, text := range values {
		v, u, number := Parse(text)
		if !number || i > 0 && u != unit {
			return 0, 0, "", false
		}
		if i == 0 {
			least, greatest, unit = v, v, u
		}
		least, greatest = min(least, v), max(greatest, v)
	}
	return least, greatest, unit, len(values) > 0
}

// Plain writes a value of a scenario as people do: without quotes, a pair as an interval, as in
// 30-70ms.
func Plain(text string) string {
	if m := pair.FindStringSubmatch(text); m != nil {
		low, high := measured.FindStringSubmatch(m[1]), measured.FindStringSubmatch(m[2])
		if low != nil && high != nil {
			if low[2] == high[2] {
				return low[1] + "-" + m[2]
			}
			return m[1] + "-" + m[2]
		}
	}
	return strings.ReplaceAll(text, `"`, "")
}

// Same reports whether two texts are the same value: 1s is 1000ms, and "a" is a.
func Same(a, b string) bool {
	x, unitX, okX := Parse(a)
	y, unitY, okY := Parse(b)
	if okX && okY {
		return x == y && unitX == unitY
	}
	return a == b || Plain(a) == Plain(b)
}
