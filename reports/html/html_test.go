package html

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"dsmipsim/nodes/wire"
	"dsmipsim/reports/internal/sample"
	"dsmipsim/reports/pcapng"
	"dsmipsim/reports/result"
	"dsmipsim/sim/trace"
)

const hostile = `</script><b id="x">&'"` + "\u2028"

// input is a run of a router and a mobile node, whose names try to get out of their place.
func input(t *testing.T) Input {
	t.Helper()
	setup := result.Setup{
		Scenario: "sample", MobileNodes: []string{"mn" + hostile},
		Flows:    []result.FlowInfo{{Name: "talk", Kind: "cbr", Family: "ipv6", From: "r", To: "mn" + hostile}, {Name: "echo", Kind: "ping", From: "r", To: "mn" + hostile}},
		Networks: []result.NetworkInfo{{Name: "lan", Kind: "home", Cells: []result.CellInfo{{X: 1, Y: 2, Radius: 3}}}},
		Links:    []result.LinkInfo{{Name: "lan", Network: "lan"}, {Name: "core", Type: trace.RawIP, Ends: [2]string{"r", "s"}}},
		Nodes: []result.NodeInfo{
			{Name: "r", Role: result.RoleRouter, Ports: []result.PortInfo{{Link: "lan", MAC: [6]byte{2, 0, 0, 0, 0, 1}}, {Link: "core"}}},
			{Name: "s", Role: result.RoleRouter, Ports: []result.PortInfo{{Link: "core"}}},
			{Name: "mn" + hostile, Role: result.RoleMobileNode, Ports: []result.PortInfo{{MAC: [6]byte{2, 0, 0, 0, 0, 9}}}},
		},
	}
	var capture bytes.Buffer
	w, err := pcapng.New(&capture, setup)
	if err != nil {
		t.Fatal(err)
	}
	arp := func(to ...byte) []byte {
		return append(append(to, 2, 0, 0, 0, 0, 1, 8, 6), 0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1, 192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 192, 0, 2, 2)
	}
	send := func(node, link string, octets []byte) {
		w.Record(&trace.Event{Time: 1e9, Kind: trace.Transmission, Node: node, Link: link, Octets: octets})
	}
	send("r", "lan", arp(255, 255, 255, 255, 255, 255))
	send("r", "lan", arp(2, 0, 0, 0, 0, 9))
	send("r", "lan", arp(2, 0, 0, 0, 0, 8)) // nobody
	unreachable := []byte{69, 0, 0, 28, 0, 0, 0, 0, 64, 1, 0xf6, 0xdd, 192, 0, 2, 1, 192, 0, 2, 2, 3, 1, 0xfc, 0xfe, 0, 0, 0, 0}
	send("s", "core", unreachable)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	name, _ := json.Marshal("mn" + hostile)
	lines := fmt.Sprintf(`{"time_s":0.000000000,"kind":"link_up","node":%[1]s,"link":"lan"}
{"time_s":0.500000000,"kind":"origin","node":"r","flow":"talk","sequence":0,"serial":1,"octets":100}
{"time_s":0.510000000,"kind":"delivery","node":%[1]s,"flow":"talk","sequence":0,"serial":1,"born_s":0.500000000}
{"time_s":0.511000000,"kind":"delivery","node":%[1]s,"flow":"talk","sequence":0,"serial":1,"born_s":0.500000000}
{"time_s":0.600000000,"kind":"origin","node":"r","flow":"talk","sequence":1,"serial":2,"octets":100}
{"time_s":0.610000000,"kind":"drop","node":"r","flow":"talk","sequence":1,"serial":2,"born_s":0.600000000,"reason":"no_route"}
{"time_s":0.700000000,"kind":"origin","node":"r","flow":"echo","sequence":0,"serial":3,"octets":100}
{"time_s":0.720000000,"kind":"delivery","node":%[1]s,"flow":"echo","sequence":0,"serial":3,"born_s":0.700000000}
{"time_s":0.740000001,"kind":"delivery","node":"r","flow":"echo","sequence":0,"serial":4,"born_s":0.700000000}
{"time_s":2.000000000,"kind":"milestone","node":%[1]s,"note":"binding_accepted","home":"2001:db8::1"}
{"time_s":2.000000000,"kind":"position","node":%[1]s,"x_m":1.5,"y_m":-2,"gone":true}
`, name)
	r := sample.Result()
	r.Scenario = hostile
	return Input{Result: r, Setup: setup, Files: fstest.MapFS{
		"events.jsonl": {Data: []byte(lines)}, "packets.pcapng": {Data: capture.Bytes()},
	}}
}

func write(t *testing.T, in Input) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, in); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// embedded returns the data of a page.
func embedded(t *testing.T, page string) *data {
	t.Helper()
	_, rest, _ := strings.Cut(page, `<script type="application/json" id="data">`)
	text, _, found := strings.Cut(rest, "</script>")
	d := &data{}
	if err := json.Unmarshal([]byte(text), d); !found || err != nil {
		t.Fatalf("the data of the page: %v", err)
	}
	return d
}

func TestNamesStayInTheirPlace(t *testing.T) {
	page := write(t, input(t))
	if strings.Contains(page, hostile) || strings.Contains(page, "<b id") {
		t.Error("a name is in the page as it stands")
	}
	d := embedded(t, page)
	if d.Scenario != hostile || d.Nodes[2].Name != "mn"+hostile {
		t.Errorf("found scenario %q and node %q", d.Scenario, d.Nodes[2].Name)
	}
	if n := strings.Count(page, "<script"); n != 3 {
		t.Errorf("%d scripts, want 3", n)
	}
}

func TestSameInputSamePage(t *testing.T) {
	if write(t, input(t)) != write(t, input(t)) {
		t.Error("two pages of one run differ")
	}
}

func TestData(t *testing.T) {
	d := embedded(t, write(t, input(t)))
	var got []string
	at := int64(0)
	for i, n := range d.Rows.Content {
		at += d.Rows.Time[i]
		what := ""
		if n >= 0 {
			what = d.Text[d.Contents[n].Message] + fmt.Sprint(d.Rows.Sets[d.Rows.To[i]])
		} else {
			what = d.Text[-1-n]
		}
		got = append(got, fmt.Sprintf("%d from %d: %s", at/1e6, d.Rows.From[i], what))
	}
	want := []string{
		"0 from 2: on lan", "1000 from 0: ARP request[2]", "1000 from 0: ARP request[2]", "1000 from 0: ARP request[]",
		"1000 from 1: ICMPv4 destination unreachable[0]", "2000 from 2: binding accepted, 2001:db8::1",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("rows\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	// One way until the first copy; of a ping until the reply; lost by the time of sending.
	flows := fmt.Sprint(d.Flows[0].Sent, d.Flows[0].Delay, d.Flows[0].Lost, d.Flows[1].Sent, d.Flows[1].Delay, d.Flows[1].Lost)
	if flows != "[500000] [10000] [600000] [700000] [40000] []" {
		t.Errorf("flows %s", flows)
	}
	if p := fmt.Sprint(*d.Plane); p != "{[{lan 1 2 3 []}] [{2 [{2000000000 1.5 -2 true}]}]}" {
		t.Errorf("plane %s", p)
	}
}

// A full chart does without resolution first, then without discovery, and then it ends.
func TestRoom(t *testing.T) {
	d := &data{text: map[string]int{}}
	groups := []wire.Group{wire.GroupMobility, wire.GroupDiscovery, wire.GroupResolution}
	for _, g := range groups {
		d.Contents = append(d.Contents, &content{Group: g.String()})
	}
	offer := func(group, n int) {
		for range n {
			if at := int64(len(d.rows)) * 1e9; d.room(groups[group], at) {
				d.rows = append(d.rows, row{Time: at, Content: group})
			}
		}
	}
	offer(2, 10)
	offer(1, 10)
	offer(0, maxMessages-20)
	if m := d.omitted.missing(); m != "" || len(d.rows) != maxMessages {
		t.Fatalf("%d rows, without %s", len(d.rows), m)
	}
	offer(0, 10)
	offer(2, 5)
	if m := d.omitted.missing(); m != "15 messages of resolution" || len(d.rows) != maxMessages {
		t.Fatalf("%d rows, without %s", len(d.rows), m)
	}
	offer(1, 1)
	offer(0, 20)
	d.notes = []row{{Time: 1, Content: -1}, {Time: 1 << 60, Content: -1}}
	d.merge()
	want := fmt.Sprintf("15 messages of resolution, 11 messages of discovery, 10 messages after %d.000 s", maxMessages)
	if m := d.omitted.missing(); m != want || len(d.rows) != maxMessages+1 {
		t.Fatalf("%d rows, without %s, want %s", len(d.rows), m, want)
	}
}

// Bars and rows have an end, and the page says so.
func TestManyHandovers(t *testing.T) {
	in := input(t)
	one := in.Result.Handovers[0]
	in.Result.Handovers = nil
	for i := range 500 {
		one.Index = i + 1
		in.Result.Handovers = append(in.Result.Handovers, one)
	}
	page := write(t, in)
	for _, want := range []string{"The first 40 handovers of 500", "600 of 1000 rows are not shown"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if n := strings.Count(page, `class="predicted"><title>`); n != maxBars {
		t.Errorf("%d bars, want %d", n, maxBars)
	}
}

// Of many handovers under way a few are named.
func TestPhasesUnderWay(t *testing.T) {
	for want, comments := range map[string][]string{"a; b; c": {"a; b", "c"}, "a; b; c; and 2 more": {"a; b; c; d; e"}} {
		if got := phases(comments); got != want {
			t.Errorf("%q: got %q, want %q", comments, got, want)
		}
	}
}

// Of many packets the least and the greatest delay of each group remain, in order.
func TestManySamples(t *testing.T) {
	s := &samples{info: result.FlowInfo{Name: "talk"}}
	for i := range int64(1000) {
		s.packets = append(s.packets, uneven(i))
	}
	out := s.series(maxSamples * 5)
	if out.Factor != 10 || len(out.Sent) != 200 {
		t.Fatalf("of every %d packets: %d delays of 1000", out.Factor, len(out.Sent))
	}
	least, most := out.Delay[0], out.Delay[0]
	for i := range out.Sent {
		if i > 0 && out.Sent[i] <= 0 {
			t.Fatalf("entry %d is %d us after the one before", i, out.Sent[i])
		}
		least, most = min(least, out.Delay[i]), max(most, out.Delay[i])
	}
	if least != 1000 || most != 1999 {
		t.Errorf("delays from %d to %d us, want 1000 to 1999", least, most)
	}
}

// uneven is the i-th of a thousand packets whose delays are all different.
func uneven(i int64) testPacket {
	return testPacket{sent: i * 1e6, received: i*1e6 + (1000+i*7919%1000)*1000, lost: -1}
}

func TestMapKeepsNodesApart(t *testing.T) {
	m := embedded(t, write(t, input(t))).Map
	seen := map[[2]int]bool{}
	for _, at := range append(m.Nodes, m.Links[0]) {
		if seen[at] || at[0] < 0 || at[1] < 0 || at[0] > m.Width || at[1] > m.Height {
			t.Errorf("something at %v of %d by %d, where something is or nothing can be", at, m.Width, m.Height)
		}
		seen[at] = true
	}
}

func TestBadFiles(t *testing.T) {
	for name, c := range map[string]struct{ file, text, want string }{
		"no line of JSON": {"events.jsonl", "{}\nhello", "events.jsonl: line 1: found time"},
		"no capture":      {"packets.pcapng", "hello", "packets.pcapng: found octets that begin with 68656c6c"},
		"nothing":         {"packets.pcapng", "", "packets.pcapng: found fewer than 4 octets"},
	} {
		t.Run(name, func(t *testing.T) {
			in := input(t)
			in.Files.(fstest.MapFS)[c.file] = &fstest.MapFile{Data: []byte(c.text)}
			if err := Write(&bytes.Buffer{}, in); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
	in := input(t)
	in.Files = fstest.MapFS{}
	if err := Write(&bytes.Buffer{}, in); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}
