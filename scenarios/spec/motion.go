package spec

import (
	"slices"
	"time"

	"dsmipsim/sim/draw"
)

// Position is a place on the plane: micrometres to the east and to the north of the origin.
type Position [2]int64

// Speeds is a range of speeds, in millimetres per hour, from which values are drawn uniformly.
// Min equals Max if the value is fixed.
type Speeds struct {
	Min, Max int64
}

// MetresPerSecond converts a speed.
func MetresPerSecond(millimetresPerHour int64) float64 { return float64(millimetresPerHour) / 3.6e6 }

// Shape names a shape of cells.
type Shape string

// The shapes of cells.
const (
	ShapeDisc       Shape = "disc"
	ShapePolygon    Shape = "polygon"
	ShapeEverywhere Shape = "everywhere"
)

// Cell is a part of the plane that a network covers.
type Cell struct {
	Pos     Pos
	Shape   Shape      `key:"shape" required:"true" values:"disc polygon everywhere" doc:"Form of the cell: a disc, a polygon, or the whole plane."`
	Center  Position   `key:"center" required:"true" of:"shape disc" unit:"position" doc:"Where its middle is."`
	Radius  int64      `key:"radius" required:"true" of:"shape disc" unit:"length" min:">0m" doc:"How far it reaches."`
	Corners []Position `key:"corners" required:"true" of:"shape polygon" unit:"positions" doc:"Its corners in order, at least three; the edges between them do not cross."`
}

// MotionModel names how a node moves.
type MotionModel string

// The models of movement.
const (
	MotionWaypoints      MotionModel = "waypoints"
	MotionRandomWaypoint MotionModel = "random-waypoint"
	MotionRandomWalk     MotionModel = "random-walk"
	MotionGaussMarkov    MotionModel = "gauss-markov"
	MotionManhattan      MotionModel = "manhattan"
	// MotionTrace is of the file alone: Load turns it into waypoints.
	MotionTrace MotionModel = "trace"
)

// The ways of choosing among networks.
const (
	PreferPriority = "priority"
	PreferNearest  = "nearest"
	PreferStay     = "stay"
)

// Motion is how a mobile node moves on the plane, and how it chooses among the networks whose
// cells it comes into.
type Motion struct {
	Pos   Pos
	Model MotionModel `key:"model" required:"true" values:"waypoints random-waypoint random-walk gauss-markov manhattan trace" doc:"How the node moves: along a path of given waypoints or of a movement file, or at random."`

	File   File   `key:"file" required:"true" of:"model trace" encode:"-" unit:"file" doc:"The movement file; Load puts what it says into path."`
	Format string `key:"format" required:"true" of:"model trace" encode:"-" values:"bonnmotion ns2 sumo-fcd csv" doc:"Its format: of BonnMotion, of ns-2 and its setdest, Floating Car Data of SUMO, or a table with columns t, node, x and y in seconds and metres."`
	Node   string `key:"node" of:"model trace" encode:"-" derived:"the only node of the file, or, of counted mobile nodes, one after the other" doc:"The node of the file that this one moves like."`

	Start *Position  `key:"start" of:"model waypoints random-waypoint random-walk gauss-markov manhattan" derived:"anywhere in the area; with waypoints, the node is nowhere before the first" unit:"position" doc:"Where the node is when the run begins; in a Manhattan grid a crossing."`
	Path  []Waypoint `key:"path" of:"model waypoints" doc:"Where it goes, in order of time; after the last waypoint it stays."`

	Area               *Area             `key:"area" required:"true" of:"model random-waypoint random-walk gauss-markov manhattan" doc:"The rectangle that the node does not leave, with the streets of a Manhattan grid from its south-west corner on."`
	Speed              Speeds            `key:"speed" of:"model random-waypoint random-walk gauss-markov manhattan" default:"1.4mps" unit:"speeds" min:"0.01mps" max:"10000mps" doc:"Speed, drawn anew for each walk, step or block if it is a pair; the mean speed of gauss-markov."`
	Pause              draw.Distribution `key:"pause" of:"model random-waypoint" default:"0s" unit:"distribution" doc:"How long it rests after each walk."`
	Initial            string            `key:"initial" of:"model random-waypoint" default:"uniform" values:"uniform stationary" doc:"How place and speed are drawn when the run begins: anywhere and setting out, or as of a node that has walked for ever, so that nothing has to settle." ref:"Navidi, Camp 2004"`
	Step               time.Duration     `key:"step" of:"model random-walk gauss-markov" default:"1s" unit:"duration" min:"1ms" doc:"After what time speed and direction change."`
	Memory             float64           `key:"memory" of:"model gauss-markov" default:"0.75" unit:"probability" min:"0" max:"1" doc:"Correlation of speed and direction from one step to the next: 0 for none, 1 for a straight line." ref:"Liang, Haas 1999"`
	SpeedDeviation     int64             `key:"speed_deviation" of:"model gauss-markov" default:"0.5mps" unit:"speed" max:"1000mps" doc:"Standard deviation of the speed around its mean; a speed below 0 counts as 0."`
	DirectionDeviation int64             `key:"direction_deviation" of:"model gauss-markov" default:"22.5deg" unit:"angle" max:"360deg" doc:"Standard deviation of the direction around its mean."`
	Block              Position          `key:"block" of:"model manhattan" default:"['100m', '100m']" unit:"position" doc:"Distances of the streets that run north and of those that run east."`
	Turn               float64           `key:"turn" of:"model manhattan" default:"0.5" unit:"probability" min:"0" max:"1" doc:"Probability of turning at a crossing, half of it to either side." ref:"3GPP TR 101 112 annex B.1.6.2"`

	Preference    string        `key:"preference" default:"priority" values:"priority nearest stay" doc:"When it leaves a network that still covers it: for one of higher priority, also for one of the same whose centre is nearer, or never."`
	Hysteresis    int64         `key:"hysteresis" default:"0m" unit:"length" doc:"How far beyond the edge of its cell a network is kept once it has been entered, and with preference nearest how much nearer another must be."`
	TimeToTrigger time.Duration `key:"time_to_trigger" default:"0s" unit:"duration" doc:"How long another network must have been the better one before the node changes to it; who has lost its network does not wait." ref:"3GPP TS 38.331 section 5.5.4"`
}

// Waypoint is a place on the way of a node.
type Waypoint struct {
	Pos   Pos
	To    Position      `key:"to" required:"true" unit:"position" doc:"The place."`
	At    time.Duration `key:"at" derived:"from the distance and speed" unit:"duration" doc:"When the node gets there, in a straight line and at constant speed from the waypoint before; required for the first without start, where it then appears."`
	Speed int64         `key:"speed" derived:"1.4mps without at" encode:"-" unit:"speed" min:"0.01mps" doc:"How fast it goes there, in place of at."`
	Pause time.Duration `key:"pause" encode:"nonzero" unit:"duration" doc:"How long it rests there."`
	Gone  bool          `key:"gone" encode:"nonzero" doc:"Whether the node disappears there, until the next waypoint, if there is one."`
}

// defaultWalk is the speed of a waypoint that names neither speed nor time: 1.4 m/s.
const defaultWalk = 14 * 3.6e5

// Area is a rectangle.
type Area struct {
	Pos  Pos
	From Position `key:"from" required:"true" unit:"position" doc:"Its south-west corner."`
	To   Position `key:"to" required:"true" unit:"position" doc:"Its north-east corner."`
}

// Random reports whether the movement depends on random numbers.
func (m *Motion) Random() bool { return m.Model != MotionWaypoints && m.Model != MotionTrace }

// clone returns a copy that shares nothing that Load changes.
func (m *Motion) clone() *Motion {
	if m == nil {
		return nil
	}
	c := *m
	c.Path = slices.Clone(m.Path)
	return &c
}

// parsePosition reads two coordinates.
func parsePosition(n *node) (Position, bool) {
	l, ok := n.value.(*list)
	if !ok || len(l.items) != 2 {
		return Position{}, false
	}
	var p Position
	for i, item := range l.items {
		s, isText := item.text()
		v, err := parseCoordinate(s)
		if !isText || err != nil {
			return Position{}, false
		}
		p[i] = v
	}
	return p, true
}

// parseSpeeds reads a speed, or a pair of them in order.
func parseSpeeds(n *node) (Speeds, bool) {
	if v, ok := parseUnit("speed", n); ok {
		return Speeds{Min: v, Max: v}, true
	}
	l, ok := n.value.(*list)
	if !ok || len(l.items) != 2 {
		return Speeds{}, false
	}
	low, okLow := parseUnit("speed", l.items[0])
	high, okHigh := parseUnit("speed", l.items[1])
	return Speeds{Min: low, Max: high}, okLow && okHigh && low <= high
}
