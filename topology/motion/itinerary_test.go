package motion

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"dsmipsim/nodes/wire"
	"dsmipsim/sim"
	"dsmipsim/sim/draw"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
	"dsmipsim/topology"
	"dsmipsim/topology/access"
	"dsmipsim/topology/motion/plane"
)

// diary notes the facts, and what the node hears of its port.
type diary struct {
	loop *sim.Loop
	got  []string
}

func (d *diary) Record(e *trace.Event) {
	s := fmt.Sprintf("%v %s %v %s", time.Duration(e.Time), e.Node, e.Kind, e.Link)
	if e.Target != "" {
		s += ">" + e.Target
	}
	d.got = append(d.got, strings.TrimRight(s, " "))
}

func (d *diary) Receive(*topology.Port, *packet.Buf) {}

func (d *diary) LinkChanged(at *topology.Port, up bool) {
	name := "nothing"
	if at.Link() != nil {
		name = at.Link().Name
	}
	d.got = append(d.got, fmt.Sprintf("%v port up=%v on %s", time.Duration(d.loop.Now()), up, name))
}

// journey starts at network a and makes visits written as "2s b".
func journey(t *testing.T, visits string, want string) {
	t.Helper()
	d := &diary{loop: sim.New("journey", 1, 0)}
	net := topology.New(d.loop, &packet.Pool{}, d)
	network := map[string]access.Network{}
	network["nowhere"] = access.Network{}
	for name, attach := range map[string]time.Duration{"a": 0, "b": 50 * time.Millisecond, "c": 200 * time.Millisecond} {
		network[name] = access.Network{Name: name, Link: net.Shared(name, topology.Params{}), Attach: []draw.Distribution{draw.Always(attach)}}
	}
	var list []Visit
	for v := range strings.SplitSeq(visits, ",") {
		if v == "" {
			continue
		}
		at, to, _ := strings.Cut(strings.TrimSpace(v), " ")
		when, err := time.ParseDuration(at)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, Visit{At: vtime.Time(when), Network: network[to]})
	}
	first := network["a"]
	if len(list) > 0 && list[0].At == 0 {
		first, list = list[0].Network, list[1:]
	}
	Start(net, net.NewPort(d, "mn", "wlan0", 0, wire.MAC{2, 0, 0, 0, 0, 1}), first, list)
	d.loop.Run(vtime.Time(time.Minute))
	if d.loop.Pending() != 0 {
		t.Errorf("%d events left", d.loop.Pending())
	}
	var wants []string
	for line := range strings.Lines(want) {
		if line = strings.TrimSpace(line); line != "" {
			wants = append(wants, line)
		}
	}
	if !slices.Equal(d.got, wants) {
		t.Errorf("visits %q\ngot:\n\t%s\nwant:\n\t%s", visits, strings.Join(d.got, "\n\t"), strings.Join(wants, "\n\t"))
	}
}

// The fact comes before what the node makes of it.
func TestStartsAttached(t *testing.T) {
	journey(t, "", `
		0s mn link_up a
		0s port up=true on a`)
}

func TestAttachingTakesItsTime(t *testing.T) {
	journey(t, "1s b, 2s c, 3s a", `
		0s mn link_up a
		0s port up=true on a
		1s mn link_down a>b
		1s port up=false on nothing
		1.05s mn link_up b
		1.05s port up=true on b
		2s mn link_down b>c
		2s port up=false on nothing
		2.2s mn link_up c
		2.2s port up=true on c
		3s mn link_down c>a
		3s port up=false on nothing
		3s mn link_up a
		3s port up=true on a`)
}

// A visit that comes while the node still attaches takes the place of the attachment,
// which never comes about.
func TestVisitInterruptsAttaching(t *testing.T) {
	journey(t, "1s c, 1.1s b", `
		0s mn link_up a
		0s port up=true on a
		1s mn link_down a>c
		1s port up=false on nothing
		1.1s mn link_down >b
		1.15s mn link_up b
		1.15s port up=true on b`)
}

// So does one in the very instant in which the attachment would have ended.
func TestVisitAtTheEndOfAttaching(t *testing.T) {
	journey(t, "1s b, 1.05s c", `
		0s mn link_up a
		0s port up=true on a
		1s mn link_down a>b
		1s port up=false on nothing
		1.05s mn link_down >c
		1.25s mn link_up c
		1.25s port up=true on c`)
}

// A visit to where the node is makes it attach anew.
func TestVisitToTheSameNetwork(t *testing.T) {
	journey(t, "1s b, 2s b", `
		0s mn link_up a
		0s port up=true on a
		1s mn link_down a>b
		1s port up=false on nothing
		1.05s mn link_up b
		1.05s port up=true on b
		2s mn link_down b>b
		2s port up=false on nothing
		2.05s mn link_up b
		2.05s port up=true on b`)
}

// A node that leaves all coverage is in one handover until it has found another network.
func TestOutOfReach(t *testing.T) {
	journey(t, "1s b, 2s nowhere, 3s b", `
		0s mn link_up a
		0s port up=true on a
		1s mn link_down a>b
		1s port up=false on nothing
		1.05s mn link_up b
		1.05s port up=true on b
		2s mn link_down b
		2s port up=false on nothing
		3.05s mn link_up b
		3.05s port up=true on b`)
}

// An attachment that has not come about by then is given up.
func TestOutOfReachWhileAttaching(t *testing.T) {
	journey(t, "1s b, 1.01s nowhere, 5s c", `
		0s mn link_up a
		0s port up=true on a
		1s mn link_down a>b
		1s port up=false on nothing
		1.01s mn link_down 
		5.2s mn link_up c
		5.2s port up=true on c`)
}

func TestBeginsOutOfReach(t *testing.T) {
	journey(t, "0s nowhere, 1s b", `
		0s mn link_down
		0s port up=false on nothing
		1.05s mn link_up b
		1.05s port up=true on b`)
}

func TestTrail(t *testing.T) {
	loop := sim.New("trail", 1, 0)
	var got []trace.Event
	track := plane.Track{{At: vtime.Time(time.Second), Point: plane.Point{X: 1 * plane.Metre, Y: 2 * plane.Metre}}}.Go(plane.Point{X: 4 * plane.Metre, Y: 6 * plane.Metre}, 5)
	track[1].Gone = true
	Follow(loop, record(func(e *trace.Event) { got = append(got, *e) }), "mn", track)
	Follow(loop, nil, "nobody", nil)
	loop.Run(vtime.Time(time.Minute))
	want := []trace.Event{
		{Time: vtime.Time(time.Second), Kind: trace.Position, Node: "mn", Place: trace.Place{X: 1, Y: 2}},
		{Time: vtime.Time(2 * time.Second), Kind: trace.Position, Node: "mn", Place: trace.Place{X: 4, Y: 6, Nowhere: true}},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Addr{})); diff != "" {
		t.Errorf("facts (-want +got):\n%s", diff)
	}
}

type record func(e *trace.Event)

func (r record) Record(e *trace.Event) { r(e) }
