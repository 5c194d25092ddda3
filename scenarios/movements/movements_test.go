package movements

import (
	"math"
	"os"
	"strings"
	"testing"
	"time"
)

func load(t *testing.T, format Format, file string) []Node {
	t.Helper()
	f, err := os.Open("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	nodes, err := Read(format, f)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	for _, n := range nodes {
		for i, s := range n.Samples {
			if i > 0 && s.At <= n.Samples[i-1].At {
				t.Errorf("%s: node %s: sample %d is not after the one before", file, n.Name, i)
			}
		}
	}
	return nodes
}

// where interpolates; the second result tells whether the node is there.
func where(n Node, at time.Duration) (x, y float64, there bool) {
	for i, s := range n.Samples {
		if s.At > at {
			break
		}
		x, y, there = float64(s.X)/1e6, float64(s.Y)/1e6, !s.Gone
		if there && i+1 < len(n.Samples) && n.Samples[i+1].At > at {
			next := n.Samples[i+1]
			share := float64(at-s.At) / float64(next.At-s.At)
			x += share * float64(next.X-s.X) / 1e6
			y += share * float64(next.Y-s.Y) / 1e6
		}
	}
	return x, y, there
}

func near(t *testing.T, n Node, at time.Duration, x, y float64) {
	t.Helper()
	gotX, gotY, there := where(n, at)
	if !there || math.Abs(gotX-x) > 2e-6 || math.Abs(gotY-y) > 2e-6 {
		t.Errorf("node %s at %v: %v, %v (there: %v), want %v, %v", n.Name, at, gotX, gotY, there, x, y)
	}
}

func TestBonnMotion(t *testing.T) {
	nodes := load(t, BonnMotion, "bonnmotion-rwp.movements.gz")
	if len(nodes) != 3 || nodes[2].Name != "2" || len(nodes[2].Samples) != 4 {
		t.Fatalf("got %+v", nodes)
	}
	near(t, nodes[0], 0, 271.30084642259055, 87.93612592823929)
	near(t, nodes[1], 8*time.Second, 225.7529845771953, 6.283647765316158) // a pause
	near(t, nodes[0], 30*time.Second, (271.30084642259055+162.0501667267264)/2, (87.93612592823929+103.43241926413447)/2)
	near(t, nodes[0], time.Hour, 162.0501667267264, 103.43241926413447)
	if n := len(load(t, BonnMotion, "bonnmotion-manhattan.movements")); n != 2 {
		t.Errorf("%d nodes in the Manhattan grid", n)
	}
}

// BonnMotion converts its own file to commands for ns-2: both must say the same, but for the
// 10 m by which it moves everything.
func TestBonnMotionAndItsOwnExportAgree(t *testing.T) {
	native, exported := load(t, BonnMotion, "bonnmotion-rwp.movements.gz"), load(t, NS2, "bonnmotion-rwp.ns_movements")
	for i := range native {
		for at := time.Duration(0); at < time.Minute; at += 777 * time.Millisecond {
			x, y, _ := where(native[i], at)
			near(t, exported[i], at, x+10, y+10)
		}
	}
}

func TestSetdest(t *testing.T) {
	one := load(t, NS2, "setdest-1.tcl")
	if len(one) != 3 {
		t.Fatalf("%d nodes", len(one))
	}
	near(t, one[0], 2*time.Second, 187.751109048778, 91.197929663856)
	// The tool itself says when node 0 arrives: 58.988022100244 s.
	near(t, one[0], 58988022100*time.Nanosecond, 122.925668994090, 194.925784260166)
	near(t, one[2], 54173189477*time.Nanosecond, 139.701299662206, 22.675817673227)
	near(t, one[2], 56*time.Second, 139.701299662206, 22.675817673227)
	two := load(t, NS2, "setdest-2.tcl")
	near(t, two[1], 7483278054*time.Nanosecond, 221.802071816016, 77.045140980135)
	near(t, two[1], 9483278054*time.Nanosecond, 221.802071816016, 77.045140980135)
	near(t, two[1], 53909726590*time.Nanosecond, 78.160529247809, 86.086096220163)
}

// A command replaces the one before it, wherever the node is by then.
func TestSetdestTurnsUnderWay(t *testing.T) {
	nodes, err := Read(NS2, strings.NewReader(`
$node_(a) set X_ 0
$node_(a) set Y_ 0
$ns_ at 1.0 "$node_(a) setdest 100 0 10"
$ns_ at 4.0 "$node_(a) setdest 30 50 10"
$ns_ at 6.0 "$node_(a) setdest 0 0 0"
$ns_ at 8.0 "$node_(a) setdest 30 40 10"
`))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ at, x, y float64 }{{0.5, 0, 0}, {3, 20, 0}, {4, 30, 0}, {5, 30, 10}, {6, 30, 20}, {7, 30, 20}, {9, 30, 30}, {10, 30, 40}, {99, 30, 40}} {
		near(t, nodes[0], time.Duration(c.at*1e9), c.x, c.y)
	}
}

func TestSUMO(t *testing.T) {
	nodes := load(t, SUMO, "sumo-grid.fcd.xml")
	if len(nodes) != 3 || nodes[1].Name != "1" {
		t.Fatalf("got %d nodes", len(nodes))
	}
	near(t, nodes[0], 1500*time.Millisecond, -1.60, (189.86+186.58)/2)
	if _, _, there := where(nodes[1], 3999*time.Millisecond); there {
		t.Error("vehicle 1 departs at 4 s and is there before")
	}
	near(t, nodes[1], 4*time.Second, 101.60, 12.30)
	last := nodes[0].Samples[len(nodes[0].Samples)-1]
	if !last.Gone {
		t.Errorf("vehicle 0 arrives before the end and stays: %+v", last)
	}
	exported := load(t, NS2, "sumo-grid.tcl")
	for i := range exported { // which sends each vehicle where it is already: a step behind
		x, y, _ := where(nodes[i], 12*time.Second)
		gotX, gotY, _ := where(exported[i], 12*time.Second)
		if d := math.Hypot(x-gotX, y-gotY); d > 15 {
			t.Errorf("vehicle %d is %v m away from itself", i, d)
		}
	}
}

// A vehicle that is out of sight for a time is gone for that time.
func TestSUMOGap(t *testing.T) {
	nodes, err := Read(SUMO, strings.NewReader(`<fcd-export>
<timestep time="0.00"><vehicle id="a" x="1" y="1"/><person id="p" x="5" y="5"/></timestep>
<timestep time="1.00"><person id="p" x="5" y="6"/></timestep>
<timestep time="2.00"><vehicle id="a" x="9" y="1"/></timestep>
</fcd-export>`))
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[float64]bool{0: false, 1: false, 2: true, 3: true} {
		if _, _, there := where(nodes[0], time.Duration(at*1e9)); there != want {
			t.Errorf("at %v s: there = %v", at, there)
		}
	}
	if s := nodes[1].Samples[1]; !s.Gone {
		t.Errorf("the person is there: %+v", s)
	}
}

func TestCSV(t *testing.T) {
	const table = `t,node,x,y
0,bus,0,0
# a remark
1.5, car, 10, -20.25
10,bus,100,0
12,bus,,
20,bus,50,50
`
	nodes, err := Read(CSV, strings.NewReader(table))
	if err != nil {
		t.Fatal(err)
	}
	near(t, nodes[0], 5*time.Second, 50, 0)
	near(t, nodes[0], 11*time.Second, 100, 0)
	if _, _, there := where(nodes[0], 15*time.Second); there {
		t.Error("the bus has left")
	}
	near(t, nodes[0], 20*time.Second, 50, 50)
	near(t, nodes[1], 2*time.Second, 10, -20.25)
}

// What a reader does not know it refuses, with the line.
func TestRefuses(t *testing.T) {
	for _, c := range []struct {
		format    Format
		text, err string
	}{
		{BonnMotion, "", "line 1: no node moves here"},
		{BonnMotion, "0 1 2\n0 1 2 3", "line 2: wanted triples of time, x and y, found 4 numbers"},
		{BonnMotion, "0 1 2 0 3 4", `line 1: node "0" is at two places at 0 s, or goes back in time`},
		{BonnMotion, "0 1 x", `line 1: "x" is no coordinate in metres`},
		{BonnMotion, "-1 1 1", `line 1: "-1" is no time in seconds from 0 up`},
		{BonnMotion, "NaN 1 1", `line 1: "NaN" is no time in seconds from 0 up`},
		{BonnMotion, "0 Inf 1", `line 1: "Inf" is no coordinate in metres`},
		{NS2, "$node_(0) set X_ 1\n$node_(0) set Y_ 1\n$node_(0) color red", `line 3: "$node_(0) color red" is no command that places or moves a node`},
		{NS2, `$ns_ at 1.0 "$node_(0) setdest 1 1 1"`, `line 1: node "0" has no place yet: wanted set X_ and set Y_ before`},
		{NS2, "$node_(0) set X_ 1", `line 1: node "0" has no place: wanted set X_ and set Y_`},
		{NS2, "$node_(0) set X_ 1\n$node_(0) set X_ 2", `line 2: the node has its X_ already`},
		{NS2, "$node_(0) set X_ 1\n$node_(0) set Y_ 1\n" + `$ns_ at 1.0 "$node_(0) on"`, `line 3: "$node_(0) on" does not send a node to a destination`},
		{NS2, "$node_(0) set X_ 1\n$node_(0) set Y_ 1\n" + `$ns_ at 1.0 "$node_(0) setdest 1 1 -1"`, `line 3: "-1" is no speed in m/s`},
		{NS2, "$node_(0) set X_ 1\n$node_(0) set Y_ 1\n" + `$ns_ at 2 "$node_(0) setdest 9 9 1"` + "\n" + `$ns_ at 1 "$node_(0) setdest 1 1 1"`, `line 4: the commands of a node must be in order of time`},
		{NS2, "$node_(0) set X_ 1\n$node_(0) set Y_ 1\n" + `$ns_ at 1 "$node_(0) setdest 9e6 9 1e-9"`, `line 3: the node would never get there`},
		{SUMO, "<fcd-export>\n<timestep time=\"0\"><tram id=\"1\"/></timestep></fcd-export>", "line 2: no element <tram> belongs here"},
		{SUMO, "<routes>\n</routes>", "line 1: no element <routes> belongs here"},
		{SUMO, "<fcd-export>\n<timestep time=\"0\">\n<vehicle id=\"1\" x=\"3\"/></timestep></fcd-export>", `line 3: "" is no coordinate in metres`},
		{SUMO, "<fcd-export>\n<timestep time=\"1\"/><timestep time=\"1\"/></fcd-export>", "line 2: the time steps must be in order"},
		{SUMO, "<fcd-export>\n<timestep time=\"1\">", "line 2: not XML: unexpected EOF"},
		{SUMO, "", "line 1: the file ends too early"},
		{CSV, "time;x\n", "line 1: wanted the four columns t, node, x and y, found 1"},
		{CSV, "a,b,c,d\n", `line 1: wanted the columns "t,node,x,y", found "a,b,c,d"`},
		{CSV, "0,n,1,1\n1,n,1\n", "line 2: wanted the four columns t, node, x and y, found 3"},
		{CSV, "0,n,,\n", `line 1: node "n" is not there and cannot leave`},
		{CSV, "0,,1,1\n", "line 1: the node has no name"},
	} {
		_, err := Read(c.format, strings.NewReader(c.text))
		if err == nil || err.Error() != c.err {
			t.Errorf("%s %q:\n got %v\nwant %s", c.format, c.text, err, c.err)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, name := range []string{"bonnmotion-rwp.movements.gz", "setdest-1.tcl", "sumo-grid.fcd.xml"} {
		b, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		for i := range 4 {
			f.Add(uint8(i), string(b))
		}
	}
	f.Add(uint8(3), "t,node,x,y\n0,a,1,2\n1,a,,\n")
	formats := []Format{BonnMotion, NS2, SUMO, CSV}
	f.Fuzz(func(t *testing.T, format uint8, text string) {
		nodes, err := Read(formats[format%4], strings.NewReader(text))
		if err != nil {
			return
		}
		for _, n := range nodes {
			if len(n.Samples) == 0 || n.Samples[0].At < 0 {
				t.Fatalf("%+v", n)
			}
			for i := 1; i < len(n.Samples); i++ {
				if n.Samples[i].At <= n.Samples[i-1].At {
					t.Fatalf("%+v", n)
				}
			}
		}
	})
}
