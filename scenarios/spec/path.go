package spec

import (
	"bytes"
	"errors"
	"math"
	"time"

	"dsmipsim/scenarios/movements"
)

// follow works out the path of a node that moves along one: of the k-th of a number of counted
// nodes.
func (c *checker) follow(at *node, m *Motion, k, count int) {
	if m == nil || at.bad {
		return
	}
	switch m.Model {
	case MotionTrace:
		c.trace(at, m, k, count)
	case MotionWaypoints:
		if absent(at, "path") && absent(at, "start") {
			c.missing(at, "path", "start or path: where the node is")
		}
		c.timePath(at.items("path"), m)
	}
}

// trace turns a node of a movement file into waypoints.
func (c *checker) trace(at *node, m *Motion, k, count int) {
	file := at.get("file")
	if !sound(file) || !sound(at.get("format")) {
		return
	}
	nodes, ok := c.movements(file, m)
	if !ok {
		return
	}
	n, ok := c.traced(at, m, nodes, k, count)
	if !ok {
		return
	}
	m.Model, m.File, m.Format, m.Node = MotionWaypoints, File{}, "", ""
	for i, s := range n.Samples {
		if i == 0 && s.At == 0 && !s.Gone {
			m.Start = &Position{s.X, s.Y}
			continue
		}
		m.Path = append(m.Path, Waypoint{At: s.At, To: Position{s.X, s.Y}, Gone: s.Gone})
	}
}

// movements reads a movement file, once for all nodes.
func (c *checker) movements(at *node, m *Motion) ([]movements.Node, bool) {
	key := m.Format + " " + m.File.Name
	if nodes, ok := c.traces[key]; ok {
		return nodes, true
	}
	nodes, err := movements.Read(movements.Format(m.Format), bytes.NewReader(m.File.Data))
	if bad, ok := errors.AsType[*movements.Error](err); ok && bytes.IndexByte(m.File.Data, 0) < 0 {
		c.inFile(at, &m.File, bad.Line, "%s", bad.Message)
		return nil, false
	}
	if err != nil { // compressed, so that no line of it can be shown
		c.inFile(at, &m.File, 0, "%v", err)
		return nil, false
	}
	c.traces[key] = nodes
	return nodes, true
}

// traced chooses the node of a movement file that a mobile node moves like.
func (c *checker) traced(at *node, m *Motion, nodes []movements.Node, k, count int) (movements.Node, bool) {
	name := at.get("node")
	if name == nil && k < len(nodes) && (count > 1 || len(nodes) == 1) {
		return nodes[k], true
	}
	switch {
	case name != nil && count > 1:
		c.say(name, "counted mobile nodes move like one node of the file after the other: wanted no node")
	case name != nil:
		var names []string
		for _, n := range nodes {
			if n.Name == m.Node {
				return n, true
			}
			names = append(names, n.Name)
		}
		if sound(name) {
			c.value(name, Problem{Wanted: "the name of a node of the file", Suggestion: nearest(m.Node, names),
				Message: "no node of the file is called " + show(name)})
		}
	case count > 1:
		c.say(at, "%d mobile nodes are to move like those of the file, which has %d", count, len(nodes))
	default:
		c.missing(at, "node", "the name of one of the nodes of the file")
	}
	return movements.Node{}, false
}

// timePath works out when a node is at each of its waypoints.
func (c *checker) timePath(items []*node, m *Motion) {
	from, leaves := m.Start, time.Duration(0)
	for i := range m.Path {
		w, item := &m.Path[i], items[i]
		at, speed := item.get("at"), item.get("speed")
		if item.bad || !sound(item.get("to")) || at != nil && at.bad || speed != nil && speed.bad || item.near("pause").bad {
			return
		}
		switch {
		case at != nil && speed != nil:
			c.say(speed, "the time at which it gets there (%s) says how fast it goes", at.where())
			return
		case at == nil && from == nil && speed == nil:
			c.missing(item, "at", "when it appears here: before that it is nowhere")
			return
		case at == nil && from == nil:
			c.say(speed, "the node appears here: wanted at, when it does")
			return
		case at == nil:
			v := w.Speed
			if v == 0 {
				v = defaultWalk
			}
			dx, dy := float64(w.To[0]-from[0]), float64(w.To[1]-from[1])
			// Micrometres by millimetres per hour, in nanoseconds.
			w.At = leaves + time.Duration(math.Round(float64(math.Sqrt(float64(dx*dx)+float64(dy*dy))/float64(v)*3.6e9)))
			if w.At <= leaves {
				c.say(item.get("to"), "the node is there already: wanted a pause of the waypoint before")
				return
			}
		case w.At <= leaves && (i > 0 || from != nil):
			c.say(at, "wanted a time after %s, when the node leaves the place before", formatDuration(leaves))
			return
		}
		if pause := item.get("pause"); w.Gone && w.Pause > 0 {
			c.say(pause, "a node that is gone does not rest")
			return
		}
		w.Speed = 0 // the time says it all
		from, leaves = &w.To, w.At+w.Pause
		if w.Gone {
			from = nil
		}
	}
}
