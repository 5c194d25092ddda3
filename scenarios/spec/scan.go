package spec

import (
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"
)

// span is where a key and its value are written.
type span struct {
	key, val Pos
}

// joinKey and joinIndex build the paths under which the scanner files its spans. Separators
// are control characters, which keys do not contain in practice.
func joinKey(path, key string) string { return path + "\x00" + key }

func joinIndex(path string, i int) string { return path + "\x01" + strconv.Itoa(i) }

// scanner finds the position of every key and value. The TOML library has accepted the text
// before, so the scanner recognises structure and reports nothing; on text that is not TOML it
// finds fewer positions but still ends.
type scanner struct {
	src   string
	i     int
	lines []int          // offsets at which lines begin
	seen  map[string]int // how many tables each [[list]] has so far
	spans map[string]span
}

// scanPositions returns the spans of all keys and values of a TOML text by path.
func scanPositions(src string) map[string]span {
	s := &scanner{src: src, lines: lineStarts(src), seen: map[string]int{}, spans: map[string]span{}}
	s.spans[""] = span{key: Pos{1, 1}, val: Pos{1, 1}}
	prefix := ""
	for {
		s.skipBlank("")
		if s.i >= len(s.src) {
			return s.spans
		}
		if s.src[s.i] == '[' {
			prefix = s.header()
		} else {
			s.entry(prefix)
		}
		s.skipLine()
	}
}

func lineStarts(src string) []int {
	starts := []int{0}
	for i := range len(src) {
		if src[i] == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}

// posOf converts an offset to a line and a column in characters.
func posOf(src string, starts []int, offset int) Pos {
	line := sort.SearchInts(starts, offset+1)
	return Pos{Line: line, Col: utf8.RuneCountInString(src[starts[line-1]:offset]) + 1}
}

func (s *scanner) here() Pos { return posOf(s.src, s.lines, s.i) }

func (s *scanner) at(prefix string) bool { return strings.HasPrefix(s.src[s.i:], prefix) }

// skipBlank skips white space, comments and the given separators.
func (s *scanner) skipBlank(separators string) {
	for s.i < len(s.src) {
		c := s.src[s.i]
		switch {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n' || strings.IndexByte(separators, c) >= 0:
			s.i++
		case c == '#':
			s.skipLine()
		default:
			return
		}
	}
}

func (s *scanner) skipLine() {
	if end := strings.IndexByte(s.src[s.i:], '\n'); end >= 0 {
		s.i += end + 1
	} else {
		s.i = len(s.src)
	}
}

// header reads [table] or [[list]] and returns the path of the table that it opens.
func (s *scanner) header() string {
	place := s.here()
	isList := s.at("[[")
	s.i++
	if isList {
		s.i++
	}
	path := ""
	parts := s.key()
	for i, part := range parts {
		path = joinKey(path, part.name)
		s.note(path, span{key: place, val: place})
		if isList && i == len(parts)-1 {
			s.seen[path]++
		}
		if n := s.seen[path]; n > 0 { // a list of tables: its last element is meant
			path = joinIndex(path, n-1)
			s.note(path, span{key: place, val: place})
		}
	}
	return path
}

// note keeps the first place of a path.
func (s *scanner) note(path string, at span) {
	if _, ok := s.spans[path]; !ok {
		s.spans[path] = at
	}
}

// entry reads key = value.
func (s *scanner) entry(path string) {
	var at span
	for i, part := range s.key() {
		if i > 0 {
			s.note(path, span{key: at.key, val: at.key})
		}
		path = joinKey(path, part.name)
		at.key = part.pos
	}
	s.skipSpace()
	if s.at("=") {
		s.i++
	}
	s.skipSpace()
	at.val = s.here()
	s.note(path, at)
	s.value(path)
}

func (s *scanner) skipSpace() {
	for s.i < len(s.src) && (s.src[s.i] == ' ' || s.src[s.i] == '\t') {
		s.i++
	}
}

// value skips a value and files the positions inside it.
func (s *scanner) value(path string) {
	switch {
	case s.i >= len(s.src):
	case s.src[s.i] == '"' || s.src[s.i] == '\'':
		s.quoted()
	case s.src[s.i] == '[':
		s.i++
		for n := 0; ; n++ {
			s.skipBlank(",")
			if s.i >= len(s.src) || s.src[s.i] == ']' {
				s.i = min(s.i+1, len(s.src))
				return
			}
			start := s.i
			item := joinIndex(path, n)
			s.note(item, span{key: s.here(), val: s.here()})
			s.value(item)
			s.advanceFrom(start)
		}
	case s.src[s.i] == '{':
		s.i++
		for {
			s.skipBlank(",")
			if s.i >= len(s.src) || s.src[s.i] == '}' {
				s.i = min(s.i+1, len(s.src))
				return
			}
			start := s.i
			s.entry(path)
			s.advanceFrom(start)
		}
	default:
		s.skipUntil(" \t\r\n,]}#")
	}
}

// advanceFrom makes sure that the scanner moves on even over text that is not TOML.
func (s *scanner) advanceFrom(start int) {
	if s.i == start {
		s.i++
	}
}

func (s *scanner) skipUntil(stops string) {
	if end := strings.IndexAny(s.src[s.i:], stops); end >= 0 {
		s.i += end
	} else {
		s.i = len(s.src)
	}
}

// quoted skips a string of any of the four kinds and returns what stands between its quotes.
func (s *scanner) quoted() string {
	quote := s.src[s.i : s.i+1]
	escapes := quote == `"`
	if triple := strings.Repeat(quote, 3); s.at(triple) {
		quote = triple
	}
	s.i += len(quote)
	start := s.i
	for s.i < len(s.src) && !s.at(quote) {
		if escapes && s.src[s.i] == '\\' {
			s.i++
		}
		s.i++
	}
	end := min(s.i, len(s.src))
	s.i = min(s.i+len(quote), len(s.src))
	for len(quote) == 3 && s.at(quote[:1]) { // """a"""" ends with a quote of its own
		s.i++
		end++
	}
	return s.src[start:end]
}

// keyPart is one part of a dotted key.
type keyPart struct {
	name string
	pos  Pos
}

// key reads a possibly dotted, possibly quoted key.
func (s *scanner) key() []keyPart {
	var parts []keyPart
	for {
		s.skipSpace()
		part := keyPart{pos: s.here()}
		switch {
		case s.at(`"`):
			part.name = unescape(s.quoted())
		case s.at(`'`):
			part.name = s.quoted()
		default:
			start := s.i
			s.skipUntil(" \t\r\n.=]},#[{'\"")
			part.name = s.src[start:s.i]
		}
		parts = append(parts, part)
		s.skipSpace()
		if !s.at(".") {
			return parts
		}
		s.i++
	}
}

// unescape resolves the escapes of a basic string as far as keys need it.
func unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	if v, err := parseTOML(`"` + s + `"`); err == nil {
		if text, ok := v.(string); ok {
			return text
		}
	}
	return s
}
