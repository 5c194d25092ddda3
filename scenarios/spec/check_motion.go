package spec

import (
	"dsmipsim/sim/draw"
	"dsmipsim/topology/motion/plane"
)

// metre is the least side of an area or a block.
const metre = plane.Metre

// cells checks what networks cover.
func (c *checker) cells() {
	moves := false
	for i := range c.s.MobileNodes {
		moves = moves || c.mobiles[i].get("motion") != nil
	}
	for i := range c.s.Networks {
		n, at := &c.s.Networks[i], c.networks[i]
		if priority := at.get("priority"); n.Priority != 0 && len(n.Cells) == 0 && sound(priority) {
			c.say(priority, "a network without a cell is never in reach of a node that moves on the plane")
		}
		for k, item := range at.items("cell") {
			if item.bad {
				continue
			}
			if !moves {
				c.say(item, "no mobile node has a motion: nobody comes into a cell")
				return
			}
			if n.Kind == KindWired {
				c.say(item, "network %q is of kind wired: mobile nodes cannot visit it", n.Name)
			}
			if corners := item.get("corners"); sound(corners) && n.Cells[k].Shape == ShapePolygon {
				if len(n.Cells[k].Corners) < 3 {
					c.value(corners, Problem{Wanted: "at least three corners"})
				} else if !n.Cells[k].polygon().Simple() {
					c.say(corners, "the edges of the polygon touch each other, or enclose nothing")
				}
			}
		}
	}
}

// polygon returns the cell as a polygon.
func (c *Cell) polygon() plane.Polygon {
	var p plane.Polygon
	for _, at := range c.Corners {
		x, y := plane.Point{X: at[0], Y: at[1]}.Metres()
		p.Corners = append(p.Corners, [2]float64{x, y})
	}
	return p
}

// On returns the cell on the plane.
func (c *Cell) On() plane.Cell {
	switch c.Shape {
	case ShapeDisc:
		x, y := plane.Point{X: c.Center[0], Y: c.Center[1]}.Metres()
		return plane.Disc{X: x, Y: y, Radius: float64(c.Radius) / plane.Metre}
	case ShapePolygon:
		return c.polygon()
	}
	return plane.Everywhere{}
}

// motions checks the movements of mobile nodes.
func (c *checker) motions() {
	cells, priorities := false, map[int]bool{}
	for i := range c.s.Networks {
		if c.networks[i].get("cell") != nil {
			cells = true
			priorities[c.s.Networks[i].Priority] = true
		}
	}
	for i := range c.s.MobileNodes {
		m, at := &c.s.MobileNodes[i], c.mobiles[i].get("motion")
		if at == nil || m.Motion == nil {
			continue
		}
		if visit := c.mobiles[i].get("visit"); visit != nil {
			c.say(visit, "a mobile node has an itinerary or a motion (%s), not both", at.where())
		}
		if !cells {
			c.say(at, "no network has a cell: the node would never be in reach of one")
		}
		for k := range c.s.Networks {
			if n := &c.s.Networks[k]; len(n.Cells) > 0 && n.Kind != KindWired {
				c.visit(c.networks[k].get("cell"), n, m, c.s.HomeAgent(m.HomeAgent))
			}
		}
		if trigger := at.get("time_to_trigger"); m.Motion.TimeToTrigger > 0 && sound(trigger) {
			switch {
			case m.Motion.Preference == PreferStay:
				c.say(trigger, "a node that stays while it can does not change for a better network")
			case m.Motion.Preference == PreferPriority && len(priorities) == 1:
				c.say(trigger, "all networks with cells have the same priority: none is better than another")
			}
		}
		if !at.bad && m.Motion.Random() {
			c.random(at, m.Motion)
		}
	}
}

// random checks what a random model needs.
func (c *checker) random(at *node, m *Motion) {
	area := at.get("area")
	if m.Area == nil || area.bad || !sound(area.get("from")) || !sound(area.get("to")) {
		return
	}
	from, to := m.Area.From, m.Area.To
	width, height := to[0]-from[0], to[1]-from[1]
	if width < metre || height < metre {
		c.value(area.get("to"), Problem{Wanted: "a place at least 1m east and 1m north of from"})
		return
	}
	start, block := at.get("start"), at.near("block")
	if m.Start != nil && (m.Start[0] < from[0] || m.Start[1] < from[1] || m.Start[0] > to[0] || m.Start[1] > to[1]) && sound(start) {
		c.say(start, "the node would begin outside its area (%s)", area.where())
	}
	switch m.Model {
	case MotionManhattan:
		if block.bad {
			return
		}
		if m.Block[0] < metre || m.Block[1] < metre {
			c.value(block, Problem{Wanted: "distances of at least 1m"})
			return
		}
		if m.Block[0] > width && m.Block[1] > height {
			c.say(block, "the area (%s) has no room for a block", area.where())
		}
		if m.Start != nil && ((m.Start[0]-from[0])%m.Block[0] != 0 || (m.Start[1]-from[1])%m.Block[1] != 0) && sound(start) {
			c.say(start, "no two streets cross here")
		}
	case MotionGaussMarkov:
		if speed := at.get("speed"); m.Speed.Min != m.Speed.Max && sound(speed) {
			c.say(speed, "wanted one speed, the mean, from which speed_deviation says how far others are")
		}
	case MotionRandomWaypoint:
		if m.Initial != "stationary" {
			return
		}
		if start != nil {
			c.say(start, "where a node begins that has walked for ever is drawn")
		}
		if pause := at.near("pause"); m.Pause.Kind != draw.Constant && m.Pause.Kind != draw.Uniform && !pause.bad {
			c.say(pause, "a stationary beginning is built for a fixed pause and for a pair")
		}
	}
}
