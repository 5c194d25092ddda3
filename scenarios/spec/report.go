package spec

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one mistake in a scenario.
type Problem struct {
	// File is the name given to Load, or the --set flag or the named file that the mistake is in.
	File string
	// Line and Col are the place in the file, in characters from 1; 0 for a flag.
	Line, Col int
	// Path is the key, as --set takes it; empty for the whole file.
	Path string
	// Found is the offending text and Wanted what should be there, where that can be said.
	Found, Wanted string
	// Suggestion is the nearest right key, name or value, if one is near.
	Suggestion string
	// Message is the whole sentence, without place, path and suggestion.
	Message string

	source string // the offending line
}

// String formats the problem as file:line:col: path: message, and the line with a caret.
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", p.Line, p.Col)
	}
	if p.Path != "" {
		b.WriteString(": " + p.Path)
	}
	b.WriteString(": " + p.Message)
	if p.Suggestion != "" {
		fmt.Fprintf(&b, "; did you mean %q?", p.Suggestion)
	}
	if p.Line > 0 {
		number := fmt.Sprintf("%5d | ", p.Line)
		margin := strings.Repeat(" ", len(number)-2) + "| "
		fmt.Fprintf(&b, "\n%s%s\n%s%s^", number, p.source, margin, blank(p.source, p.Col-1))
	}
	return b.String()
}

// blank returns n columns of white space that line up under the text: tabs stay tabs.
func blank(text string, n int) string {
	var b strings.Builder
	for _, r := range text {
		if n == 0 {
			break
		}
		if r != '\t' {
			r = ' '
		}
		b.WriteRune(r)
		n--
	}
	return b.String() + strings.Repeat(" ", max(n, 0))
}

// Report is the error of Load: every mistake of the scenario, in the order of the file, then of
// the flags, then of the files that the scenario names.
type Report struct {
	Problems []Problem
}

// Error formats all problems, one after the other.
func (r *Report) Error() string {
	texts := make([]string, len(r.Problems))
	for i, p := range r.Problems {
		texts[i] = p.String()
	}
	return strings.Join(texts, "\n")
}

// reporter collects problems and knows the text they are about.
type reporter struct {
	file     string
	lines    []string
	problems []Problem
	foreign  []Problem // in files that the scenario names
}

func newReporter(file, src string) *reporter {
	return &reporter{file: file, lines: strings.Split(src, "\n")}
}

// report returns the collected problems as an error, or nil.
func (r *reporter) report() error {
	if len(r.problems)+len(r.foreign) == 0 {
		return nil
	}
	slices.SortStableFunc(r.problems, func(a, b Problem) int {
		if (a.Line == 0) != (b.Line == 0) { // flags come last
			return cmp.Compare(b.Line, a.Line)
		}
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
	})
	return &Report{Problems: append(r.problems, r.foreign...)}
}

// place adds a problem at a position of the file, or of a flag if there is one.
func (r *reporter) place(flag string, at Pos, p Problem) {
	p.File = r.file
	if flag != "" {
		p.File = flag
	} else {
		p.Line, p.Col = max(at.Line, 1), max(at.Col, 1)
		p.source = strings.TrimSuffix(r.lines[min(p.Line, len(r.lines))-1], "\r")
	}
	if p.Message == "" {
		p.Message = "wanted " + p.Wanted + ", found " + p.Found
	}
	r.problems = append(r.problems, p)
}

// value reports a value, once: what is wrong with it first is enough.
func (r *reporter) value(n *node, p Problem) {
	if n.bad {
		return
	}
	n.bad = true
	p.Path = n.path()
	if p.Found == "" {
		p.Found = show(n)
	}
	r.place(n.flag, n.pos, p)
}

// say reports a value with a sentence of its own.
func (r *reporter) say(n *node, format string, args ...any) {
	r.value(n, Problem{Message: fmt.Sprintf(format, args...)})
}

// unknown reports a key that the format does not have.
func (r *reporter) unknown(n *node, suggestion string) {
	n.bad = true
	r.place(n.flag, n.keyPos, Problem{
		Path: n.path(), Found: n.key, Suggestion: suggestion, Message: "unknown key",
	})
}

// missing reports a required key that the table n lacks.
func (r *reporter) missing(n *node, key, wanted string) {
	r.place(n.flag, n.pos, Problem{
		Path: dot(n.path(), key), Wanted: wanted, Message: "missing: wanted " + wanted,
	})
}

// show names the value of a node as a message quotes it.
func show(n *node) string {
	switch v := n.value.(type) {
	case nil:
		return "nothing"
	case *table:
		return "a table"
	case *list:
		if text := formatAny(n.plain()); len(text) <= 60 {
			return text
		}
		return "a list"
	case string:
		return fmt.Sprintf("%q", v)
	case bool, int64, float64:
		return fmt.Sprint(v)
	}
	return "a date or time"
}

// nearest returns the candidate that differs least from the word, if the difference looks like
// a slip of the hand. The first of equally near ones wins.
func nearest(word string, candidates []string) string {
	best, least := "", len(word)/3+1
	for _, c := range candidates {
		if d := distance(strings.ToLower(word), strings.ToLower(c)); c != word && d <= least && d < len(c) {
			if d < least || best == "" {
				best, least = c, d
			}
		}
	}
	return best
}

// distance counts the insertions, deletions, replacements and swaps of neighbours that make
// one word of the other.
func distance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return 64
	}
	before, prev := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, prev = prev, row
	}
	return prev[len(b)]
}
