package plot

import (
	"sort"
	"strings"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
)

// shorten cuts a text to a width and marks the place with an ellipsis. The middle goes, since
// names differ more often at their ends.
func shorten(style text.Style, s string, most vg.Length) string {
	if style.Width(s) <= most {
		return s
	}
	r := []rune(s)
	cut := func(kept int) string { return string(r[:(kept+1)/2]) + "…" + string(r[len(r)-kept/2:]) }
	// The least number of letters to leave out.
	out := 1 + sort.Search(len(r)-1, func(i int) bool { return style.Width(cut(len(r)-1-i)) <= most })
	if kept := len(r) - out; kept > 1 {
		return cut(kept)
	}
	return "…"
}

// wrap breaks a text between words into lines of at most a width.
func wrap(style text.Style, s string, most vg.Length) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		word = shorten(style, word, most)
		if line != "" && style.Width(line+" "+word) > most {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}

// arrows writes "home->ipv6" as people do.
func arrows(kind string) string { return strings.ReplaceAll(kind, "->", " → ") }
