package ladder

import (
	"bufio"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

	"dsmipsim/nodes/wire"
	"dsmipsim/reports/table"
	"dsmipsim/sim/vtime"
)

// Style says how a ladder is drawn.
type Style struct {
	Width  int                                 // columns of the terminal; 0 cuts nothing
	Detail bool                                // a line for each header of a message
	Paint  func(r *Row, message string) string // colours a message; nil for none
}

// Widths, in columns.
const (
	timeWidth  = 14
	leastLane  = 4
	mostLane   = 14
	leastRight = 36 // for what stands to the right of the rails
)

// drawing is a ladder under way.
type drawing struct {
	w     *bufio.Writer
	style Style
	at    map[string]int // column of each rail
	lane  int
	right int // where the text begins
}

// Draw draws rows with a rail for each of the nodes.
func Draw(w io.Writer, nodes []string, rows []*Row, style Style) error {
	d := &drawing{w: bufio.NewWriter(w), style: style, at: map[string]int{}}
	d.lane = leastLane
	for _, n := range nodes {
		d.lane = max(d.lane, utf8.RuneCountInString(n)+2)
	}
	d.lane = min(d.lane, mostLane)
	if style.Width > 0 && len(nodes) > 0 {
		d.lane = max(leastLane, min(d.lane, (style.Width-timeWidth-leastRight)/len(nodes)))
	}
	for i, n := range nodes {
		d.at[n] = timeWidth + 2 + i*d.lane
	}
	d.right = timeWidth + 2 + len(nodes)*d.lane
	d.heads(nodes)
	for _, r := range rows {
		d.row(r)
	}
	return d.w.Flush()
}

// heads writes the names above the rails, in as many lines as keep them apart.
func (d *drawing) heads(nodes []string) {
	left := nodes
	for first := true; len(left) > 0; first = false {
		line := []rune(strings.Repeat(" ", d.right))
		if first {
			copy(line, []rune("      time [s]"))
		}
		for _, n := range nodes { // the rails of names above
			if !slices.Contains(left, n) {
				line[d.at[n]] = '|'
			}
		}
		var wait []string
		free := 0
		for _, n := range left {
			if d.at[n] < free {
				wait = append(wait, n)
				continue
			}
			for len(line) < d.at[n]+utf8.RuneCountInString(n) {
				line = append(line, ' ')
			}
			copy(line[d.at[n]:], []rune(n))
			free = d.at[n] + utf8.RuneCountInString(n) + 1
		}
		d.line(string(line), "")
		left = wait
	}
}

// rails is a line with nothing on it but the rails.
func (d *drawing) rails() []rune {
	line := []rune(strings.Repeat(" ", d.right))
	for _, x := range d.at {
		line[x] = '|'
	}
	return line
}

func (d *drawing) row(r *Row) {
	line := d.rails()
	copy(line, []rune(fmt.Sprintf("%*s", timeWidth, seconds(r.Time))))
	from, drawn := d.at[r.From]
	switch {
	case !drawn:
	case r.Remark:
		line[from] = '*'
	default:
		line[from] = 'o'
		for _, to := range r.To {
			if x, ok := d.at[to]; ok {
				arrow(line, from, x)
				if r.Lost {
					line[x] = 'x'
				}
			}
		}
		for _, via := range r.Via {
			if x, ok := d.at[via]; ok {
				line[x] = '+'
			}
		}
	}
	message := r.Message
	if d.style.Paint != nil {
		message = d.style.Paint(r, message)
	}
	d.line(string(line), message, describe(r))
	if !d.style.Detail || r.Remark {
		return
	}
	for _, l := range r.Layers {
		text := "  " + l.Name + ": " + l.Summary
		if l.Name == "Ethernet" || l.Name == wire.LayerData {
			continue
		}
		d.line(string(d.rails()), text)
	}
	if r.Comment != "" {
		d.line(string(d.rails()), "  # "+r.Comment)
	}
}

// arrow draws from one rail to another over those between.
func arrow(line []rune, from, to int) {
	step, head := 1, '>'
	if to < from {
		step, head = -1, '<'
	}
	for x := from + step; x != to; x += step {
		if line[x] == ' ' || line[x] == '|' {
			line[x] = '-'
		}
	}
	line[to] = head
}

// describe says what a row is about beside its name.
func describe(r *Row) string {
	if r.Remark {
		return r.Text
	}
	var parts []string
	if r.Source != "" {
		parts = append(parts, r.Source+" > "+r.Target)
	}
	if e := r.Essence(); e != "" && e != r.Message {
		parts = append(parts, e)
	}
	text := strings.Join(parts, "  ")
	if n := tunnels(r); n != "" {
		text += "  [" + n + "]"
	}
	if r.Count > 1 {
		text += fmt.Sprintf("  (%d times until %s)", r.Count, seconds(r.Last))
	}
	if len(r.To) == 0 {
		text += "  (nobody is there)"
	}
	return text
}

// tunnels names what an ordinary packet does not have: more than one IP header, ESP, a routing
// header, a home address option.
func tunnels(r *Row) string {
	s := r.Stack()
	if strings.Count(s, "IPv4")+strings.Count(s, "IPv6") > 1 || strings.Contains(s, "ESP") || strings.Contains(s, "Routing") || strings.Contains(s, "Destination") {
		return s
	}
	return ""
}

// line writes a line of rails and the words to their right, cut to the width of the terminal.
// The first word may hold colours, which take no room.
func (d *drawing) line(rails string, words ...string) {
	text := strings.TrimRight(strings.Join(words, "  "), " ")
	if d.style.Width > 0 {
		room := d.style.Width - utf8.RuneCountInString(rails) - 1
		text = cut(text, room)
	}
	fmt.Fprintln(d.w, strings.TrimRight(rails+text, " ")) // the error stays with the writer
}

// cut shortens a text to a number of columns; escape sequences take none.
func cut(text string, room int) string {
	columns := 0
	for _, visible := range letters(text) {
		if visible {
			columns++
		}
	}
	var b strings.Builder
	seen := 0
	for c, visible := range letters(text) {
		if visible {
			if seen++; seen > room {
				continue
			}
			if seen == room && columns > room {
				c = '…'
			}
		}
		b.WriteRune(c)
	}
	return b.String()
}

// letters are those of a text, each with whether it takes a column: escape sequences take none.
func letters(text string) iter.Seq2[rune, bool] {
	return func(yield func(rune, bool) bool) {
		escaped := false
		for _, c := range text {
			began := c == '\x1b'
			if !yield(c, !escaped && !began) {
				return
			}
			escaped = began || escaped && c != 'm'
		}
	}
}

// seconds writes a time with microseconds.
func seconds(t vtime.Time) string {
	return fmt.Sprintf("%d.%06d", int64(t)/1e9, int64(t)%1e9/1e3)
}

// Table is the rows as a table.
func Table(rows []*Row) *table.Table {
	t := &table.Table{Title: "Messages", Columns: []table.Column{{Name: "time_s", Number: true}, {Name: "from"}, {Name: "to"}, {Name: "via"},
		{Name: "link"}, {Name: "message"}, {Name: "group"}, {Name: "source"}, {Name: "destination"}, {Name: "detail"}, {Name: "headers"},
		{Name: "octets", Number: true}, {Name: "times", Number: true}, {Name: "comment"}}}
	for _, r := range rows {
		group, octets := r.Group.String(), fmt.Sprint(r.Octets)
		if r.Remark {
			group, octets = "remark", ""
		}
		t.Add(fmt.Sprintf("%d.%09d", int64(r.Time)/1e9, int64(r.Time)%1e9), r.From, r.Ends(), strings.Join(r.Via, ", "), r.Link, r.Message, group,
			r.Source, r.Target, r.Essence(), r.Stack(), octets, fmt.Sprint(r.Count), r.Comment)
	}
	return t
}
