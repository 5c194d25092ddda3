package html

import (
	"cmp"
	"slices"

	"dsmipsim/reports/result"
	"dsmipsim/sim/trace"
)

// layout is the map of the network: places in the units of its drawing.
type layout struct {
	Width  int      `json:"w"`
	Height int      `json:"h"`
	Nodes  [][2]int `json:"nodes"` // of a mobile node: where it stays while it is nowhere
	Links  [][2]int `json:"links"` // of a network: its middle; of a link between routers: halfway
	Lines  []line   `json:"lines"`
}

// line joins two places; Link is the link that it stands for.
type line struct {
	A    [2]int `json:"a"`
	B    [2]int `json:"b"`
	Bend int    `json:"bend"` // how far below the straight line it runs, for a line along its own row
	Link int    `json:"l"`
}

// Distances on the map.
const (
	columnWidth = 150
	rowHeight   = 84
	hostHeight  = 62
	margin      = 30
)

// arrange places the network in rows: on top the networks that no mobile node visits, with their
// hosts above and their routers below; in the middle the routers of the core; at the bottom the
// networks that mobile nodes visit, with their routers above. Only integers are involved, so the
// map is the same everywhere.
func (d *data) arrange() layout {
	visited := map[int]bool{}
	for _, m := range d.Moves {
		visited[m.Link] = true
		visited[m.To] = true
	}
	var top, bottom []int // links of networks
	placed := map[int]bool{}
	for i := range d.Links {
		if d.setup.Links[i].Type == trace.RawIP {
			continue
		}
		if visited[i] || len(d.Moves) == 0 {
			bottom = append(bottom, i)
		} else {
			top = append(top, i)
		}
		for _, n := range d.Links[i].Nodes {
			placed[n] = true
		}
	}
	var core []int // routers without a network
	for i, n := range d.Nodes {
		if !n.Mobile && !placed[i] {
			core = append(core, i)
		}
	}
	m := layout{Nodes: make([][2]int, len(d.Nodes)), Links: make([][2]int, len(d.Links)), Lines: []line{}}
	m.Width = columnWidth * max(len(top), len(bottom), len(core), 2)

	y := margin + 10
	if len(top) > 0 {
		y += d.hostRows(top) * hostHeight
		d.placeNetworks(&m, top, y, -1)
		y += 2 * rowHeight
	}
	d.placeNetworks(&m, bottom, 0, 0) // for the columns of the core
	if len(core) > 0 {
		d.placeCore(&m, core, y)
		y += rowHeight
	}
	y += rowHeight
	d.placeNetworks(&m, bottom, y, 1)
	m.Height = y + d.hostRows(bottom)*hostHeight + 2*hostHeight
	for i, n := range d.Nodes {
		if n.Mobile {
			m.Nodes[i] = [2]int{columnWidth / 4, m.Height - margin}
		}
	}
	d.drawLines(&m)
	return m
}

// hosts are the nodes of a network beside the routers that lead out of it.
func (d *data) hosts(l int) (routers, hosts []int) {
	for _, n := range d.Links[l].Nodes {
		if len(d.setup.Nodes[n].Ports) > 1 || len(routers) == 0 && d.Nodes[n].Role != result.RoleCorrespondent {
			routers = append(routers, n)
		} else {
			hosts = append(hosts, n)
		}
	}
	return routers, hosts
}

// hostRows is how many rows of hosts the fullest of the networks needs.
func (d *data) hostRows(links []int) int {
	rows := 0
	for _, l := range links {
		_, hosts := d.hosts(l)
		rows = max(rows, (len(hosts)+1)/2)
	}
	return rows
}

// placeNetworks spreads networks over a row: their routers towards the core, their hosts away from
// it. side is 1 for networks below the core and -1 for those above.
func (d *data) placeNetworks(m *layout, links []int, y, side int) {
	for i, l := range links {
		x := spread(m.Width, i, len(links))
		m.Links[l] = [2]int{x, y}
		routers, hosts := d.hosts(l)
		for j, n := range routers {
			m.Nodes[n] = [2]int{x + columnWidth/2*(2*j-len(routers)+1)/max(len(routers), 1), y - side*rowHeight}
		}
		for j, n := range hosts {
			at := x
			if len(hosts) > 1 {
				at += columnWidth / 4 * (2*(j%2) - 1)
			}
			m.Nodes[n] = [2]int{at, y + side*(hostHeight*(j/2+1))}
		}
	}
}

// spread is the middle of the i-th of n equal columns.
func spread(width, i, n int) int { return width * (2*i + 1) / (2 * n) }

// placeCore puts the routers of the core into a row, in the order of where their neighbours are.
func (d *data) placeCore(m *layout, core []int, y int) {
	middle := map[int]int{}
	for _, n := range core {
		sum, count := 0, 0
		for _, l := range d.setup.Links {
			a, b := d.nodeNumber(l.Ends[0]), d.nodeNumber(l.Ends[1])
			for _, pair := range [][2]int{{a, b}, {b, a}} {
				if l.Ends[0] != "" && pair[0] == n && pair[1] >= 0 && !slices.Contains(core, pair[1]) {
					sum += m.Nodes[pair[1]][0]
					count++
				}
			}
		}
		middle[n] = m.Width / 2
		if count > 0 {
			middle[n] = sum / count
		}
	}
	ordered := slices.Clone(core)
	slices.SortStableFunc(ordered, func(a, b int) int { return cmp.Compare(middle[a], middle[b]) })
	for i, n := range ordered {
		m.Nodes[n] = [2]int{spread(m.Width, i, len(ordered)), y}
	}
}

func (d *data) drawLines(m *layout) {
	for i, l := range d.setup.Links {
		if l.Type != trace.RawIP {
			for _, n := range d.Links[i].Nodes {
				m.Lines = append(m.Lines, line{A: m.Nodes[n], B: m.Links[i], Link: i})
			}
			continue
		}
		a, b := d.nodeNumber(l.Ends[0]), d.nodeNumber(l.Ends[1])
		if a < 0 || b < 0 {
			continue
		}
		one := line{A: m.Nodes[a], B: m.Nodes[b], Link: i}
		if across := one.A[0] - one.B[0]; one.A[1] == one.B[1] && max(across, -across) > columnWidth {
			one.Bend = -rowHeight / 2 // around what stands between the two
		}
		m.Links[i] = [2]int{(one.A[0] + one.B[0]) / 2, (one.A[1]+one.B[1])/2 + one.Bend/2}
		m.Lines = append(m.Lines, one)
	}
}
