package html

import (
	"dsmipsim/reports/result"
	"dsmipsim/sim/trace"
)

// data is what the scripts of the page work with. Times are nanoseconds since the run began, unless
// a comment says otherwise; numbers of nodes and links are positions in their lists.
type data struct {
	Scenario string     `json:"scenario"`
	Duration int64      `json:"duration"`
	Nodes    []node     `json:"nodes"`
	Links    []link     `json:"links"`
	Map      layout     `json:"map"`
	Plane    *plane     `json:"plane"` // null if no node has a position
	Text     []string   `json:"text"`  // what contents refer to
	Contents []*content `json:"contents"`
	Rows     chart      `json:"rows"`
	Flows    []series   `json:"flows"`
	Moves    []move     `json:"moves"`     // in order of time
	Handover []span     `json:"handovers"` // in the order of the result

	setup   *result.Setup
	nodes   map[string]int
	links   map[string]int
	ports   map[port]int // node by link and hardware address
	mobile  map[string]int
	text    map[string]int
	frames  map[string]int // content by octets
	decoded int
	flows   []*samples
	byName  map[string]*samples
	notes   []row
	rows    []row
	omitted omitted
}

type node struct {
	Name   string `json:"name"`
	Role   string `json:"role"`
	Mobile bool   `json:"mobile"`
}

type link struct {
	Name    string `json:"name"`
	Network string `json:"network"` // "" between routers
	Kind    string `json:"kind"`    // of the network
	Nodes   []int  `json:"nodes"`   // that are always on it
}

// series is the delays of a flow. Times are differences to the entry before.
type series struct {
	Name   string  `json:"name"`
	About  string  `json:"about"`
	Sent   []int64 `json:"t"`     // microseconds
	Delay  []int64 `json:"d"`     // microseconds
	Lost   []int64 `json:"lost"`  // microseconds
	Factor int     `json:"every"` // of so many packets only the least and the greatest delay are there; 1 for all
}

// move is a change of a mobile node's attachment.
type move struct {
	Time int64 `json:"t"`
	Node int   `json:"n"`
	Link int   `json:"l"` // -1: detached
	To   int   `json:"to"`
}

// span is the time of a handover.
type span struct {
	Label string `json:"label"`
	Node  int    `json:"n"`
	Start int64  `json:"t"`
	End   int64  `json:"end"`
	// Phases are pairs of the name and the time when the phase is over.
	Phases []phaseEnd `json:"phases"`
}

type phaseEnd struct {
	Name string `json:"name"`
	End  int64  `json:"end"`
}

// port is a place that frames go to.
type port struct {
	link int
	mac  [6]byte
}

func newData(in *Input) *data {
	d := &data{
		Scenario: in.Result.Scenario, Duration: nanoseconds(in.Result.DurationS), setup: &in.Setup,
		nodes: map[string]int{}, links: map[string]int{}, ports: map[port]int{}, mobile: map[string]int{},
		text: map[string]int{}, frames: map[string]int{}, byName: map[string]*samples{},
		Contents: []*content{}, Flows: []series{}, Moves: []move{}, Text: []string{},
	}
	for i, l := range in.Setup.Links {
		d.links[l.Name] = i
		network, kind := in.Setup.NetworkOf(l.Name)
		if l.Type == trace.RawIP {
			network = ""
		}
		d.Links = append(d.Links, link{Name: l.Name, Network: network, Kind: kind, Nodes: []int{}})
	}
	for i, n := range in.Setup.Nodes {
		d.nodes[n.Name] = i
		d.Nodes = append(d.Nodes, node{Name: n.Name, Role: n.Role, Mobile: n.Role == result.RoleMobileNode})
		for _, p := range n.Ports {
			if l, ok := d.links[p.Link]; ok {
				d.Links[l].Nodes = append(d.Links[l].Nodes, i)
				d.ports[port{l, p.MAC}] = i
			}
			if n.Role == result.RoleMobileNode {
				d.mobile[string(p.MAC[:])] = i
			}
		}
	}
	for _, f := range in.Setup.Flows {
		s := &samples{info: f}
		d.flows = append(d.flows, s)
		d.byName[f.Name] = s
	}
	for i := range in.Result.Handovers {
		d.Handover = append(d.Handover, d.span(&in.Result.Handovers[i]))
	}
	return d
}

// finish puts together what was read.
func (d *data) finish() {
	d.merge()
	d.Rows = d.chart()
	d.Map = d.arrange()
	total := 0
	for _, s := range d.flows {
		total += len(s.packets)
	}
	for _, s := range d.flows {
		d.Flows = append(d.Flows, s.series(total))
	}
}

func (d *data) span(h *result.Handover) span {
	at := nanoseconds(h.StartS)
	s := span{Label: h.MobileNode + " " + handoverName(h), Node: d.nodeNumber(h.MobileNode), Start: at}
	for _, p := range phasesOf(&h.Phases) {
		if p.seconds > 0 {
			at += nanoseconds(p.seconds)
			s.Phases = append(s.Phases, phaseEnd{p.name, at})
		}
	}
	s.End = at
	return s
}

func (d *data) nodeNumber(name string) int {
	if i, ok := d.nodes[name]; ok {
		return i
	}
	return -1
}

func (d *data) linkNumber(name string) int {
	if i, ok := d.links[name]; ok {
		return i
	}
	return -1
}

// intern returns the number of a text in the list.
func (d *data) intern(s string) int {
	i, ok := d.text[s]
	if !ok {
		i = len(d.Text)
		d.text[s] = i
		d.Text = append(d.Text, s)
	}
	return i
}
