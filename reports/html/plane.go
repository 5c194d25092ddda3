package html

// plane is where the cells are and where mobile nodes go.
type plane struct {
	Cells  []cell  `json:"cells"`
	Tracks []track `json:"tracks"`
}

// cell is a disc or, with corners, a polygon.
type cell struct {
	Network string       `json:"network"`
	X       float64      `json:"x"`
	Y       float64      `json:"y"`
	Radius  float64      `json:"radius"`
	Corners [][2]float64 `json:"corners,omitempty"`
}

// track is the way of a mobile node, straight and at constant speed from place to place.
type track struct {
	Node   int     `json:"n"`
	Places []place `json:"at"`
}

type place struct {
	Time int64   `json:"t"`
	X    float64 `json:"x"` // metres to the east
	Y    float64 `json:"y"` // metres to the north
	Gone bool    `json:"gone,omitempty"`
}

func (d *data) position(at int64, f *fact) {
	if d.Plane == nil {
		d.Plane = &plane{Cells: []cell{}}
		for _, n := range d.setup.Networks {
			for _, c := range n.Cells {
				d.Plane.Cells = append(d.Plane.Cells, cell{Network: n.Name, X: c.X, Y: c.Y, Radius: c.Radius, Corners: c.Corners})
			}
		}
	}
	n := d.nodeNumber(f.Node)
	p := place{Time: at, X: f.X, Y: f.Y, Gone: f.Gone}
	for i := range d.Plane.Tracks {
		if t := &d.Plane.Tracks[i]; t.Node == n {
			t.Places = append(t.Places, p)
			return
		}
	}
	d.Plane.Tracks = append(d.Plane.Tracks, track{Node: n, Places: []place{p}})
}
