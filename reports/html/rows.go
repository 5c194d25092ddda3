package html

import (
	"fmt"
	"strings"

	"dsmipsim/nodes/wire"
)

// row is a line of the message sequence chart: a frame, or a fact that a node states.
type row struct {
	Time    int64
	From    int    // who sends it or states it; -1 if nobody is known by the address
	To      []int  // on which nodes' line it arrives
	Link    int    // -1 of a fact
	Content int    // -1 of a fact
	Phase   int    // text: the handover phase; -1 outside
	Note    string // of a fact
}

// chart is the rows in columns, which take a third of the room that objects would.
type chart struct {
	Time    []int64 `json:"t"` // differences to the row before
	From    []int   `json:"a"`
	To      []int   `json:"b"` // number of a set
	Sets    [][]int `json:"sets"`
	Link    []int   `json:"l"`
	Content []int   `json:"c"` // of a fact: -1 less the number of its text
	Phase   []int   `json:"p"`
}

func (d *data) chart() chart {
	c := chart{Time: []int64{}, From: []int{}, To: []int{}, Sets: [][]int{}, Link: []int{}, Content: []int{}, Phase: []int{}}
	known := map[string]int{}
	last := int64(0)
	for i := range d.rows {
		r := &d.rows[i]
		key := fmt.Sprint(r.To)
		set, ok := known[key]
		if !ok {
			set = len(c.Sets)
			known[key] = set
			c.Sets = append(c.Sets, append([]int{}, r.To...))
		}
		content := r.Content
		if content < 0 {
			content = -1 - d.intern(r.Note)
		}
		c.Time, c.From, c.To = append(c.Time, r.Time-last), append(c.From, r.From), append(c.To, set)
		c.Link, c.Content, c.Phase = append(c.Link, r.Link), append(c.Content, content), append(c.Phase, r.Phase)
		last = r.Time
	}
	return c
}

// omitted counts the messages that a report does not have.
type omitted struct {
	groups [2]int // of the groups that go first, in their order
	later  int    // of all groups, after the last that is there
	until  int64
}

// leftFirst are the groups of messages that a long report does without: they come all the time,
// and tell least of handovers.
var leftFirst = [2]wire.Group{wire.GroupResolution, wire.GroupDiscovery}

// room makes room for one more message if the chart is full, and tells whether the message is to
// be kept.
func (d *data) room(g wire.Group, at int64) bool {
	for i, first := range leftFirst {
		if d.omitted.groups[i] == 0 {
			if len(d.rows) < maxMessages {
				return true
			}
			kept := d.rows[:0]
			for _, r := range d.rows {
				if d.Contents[r.Content].Group == first.String() {
					d.omitted.groups[i]++
				} else {
					kept = append(kept, r)
				}
			}
			d.rows = kept
			if d.omitted.groups[i] == 0 {
				continue // there was none of these
			}
		}
		if g == first {
			d.omitted.groups[i]++
			return false
		}
	}
	if len(d.rows) < maxMessages {
		return true
	}
	if d.omitted.later == 0 {
		d.omitted.until = at
	}
	d.omitted.later++
	return false
}

// missing says in words what the chart does not have.
func (o *omitted) missing() string {
	var parts []string
	for i, n := range o.groups {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d messages of %s", n, leftFirst[i]))
		}
	}
	if o.later > 0 {
		parts = append(parts, fmt.Sprintf("%d messages after %.3f s", o.later, float64(o.until)/1e9))
	}
	return strings.Join(parts, ", ")
}

// merge puts the facts among the frames, a fact before the frames of its instant, which mostly
// follow from it. Facts after the last frame that has room are left out, too.
func (d *data) merge() {
	var all []row
	i := 0
	for _, r := range d.rows {
		for i < len(d.notes) && d.notes[i].Time <= r.Time {
			all = append(all, d.notes[i])
			i++
		}
		all = append(all, r)
	}
	if d.omitted.later == 0 {
		all = append(all, d.notes[i:]...)
	}
	d.rows = all
}
