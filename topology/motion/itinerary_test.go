package motion

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"dsmipsim/nodes/wire"
	"dsmipsim/sim"
	"dsmipsim/sim/draw"
	"dsmipsim/sim/packet"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
	"dsmipsim/topology"
	"dsmipsim/topology/access"
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
	d.got = append(d.got, s)
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
	Start(net, net.NewPort(d, "mn", "wlan0", 0, wire.MAC{2, 0, 0, 0, 0, 1}), network["a"], list)
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
