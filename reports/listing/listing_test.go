package listing

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dsmipsim/nodes/wire"
	"dsmipsim/reports/result"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

var setup = result.Setup{Flows: []result.FlowInfo{{Name: "talk", From: "cn", To: "mn"}}}

// frame is a packet that no decoder knows, with so many octets of such a value.
func frame(n int, value byte) []byte { return bytes.Repeat([]byte{value}, n) }

// run lists a made-up run of 40 packets, every second one of a flow, and two milestones; alter
// changes its facts before they are listed.
func run(t *testing.T, alter func(i int, e *trace.Event) bool) *Listing {
	t.Helper()
	r := New(setup, wire.DissectOptions{})
	n := 0
	state := func(e trace.Event) {
		if alter == nil || alter(n, &e) {
			r.Record(&e)
		}
		n++
	}
	for i := range 40 {
		at := vtime.Time(i) * 1e7
		e := trace.Event{Time: at, Kind: trace.Transmission, Node: "mn", Link: "home", LinkType: trace.RawIP, Octets: frame(60, byte(i))}
		if i%2 == 1 {
			e.Flow, e.Sequence = 1, uint32(i)
		}
		state(e)
		if i%20 == 10 {
			state(trace.Event{Time: at, Kind: trace.Milestone, Node: "mn", Note: trace.Note{Kind: trace.BindingAccepted, Sequence: uint16(i), Lifetime: 600}})
		}
	}
	l, err := r.Listing(&result.Result{Format: result.Format, Scenario: "made up", Fingerprint: result.Fingerprint{Wire: "w"}, Events: uint64(n)})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// A file has all of a listing, and the same octets each time.
func TestFile(t *testing.T) {
	l := run(t, nil)
	data, err := l.Encode()
	if err != nil {
		t.Fatal(err)
	}
	again, err := run(t, nil).Encode()
	if err != nil || !bytes.Equal(data, again) {
		t.Errorf("two files of the same run differ: %v", err)
	}
	read, err := Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(l, read, cmp.AllowUnexported(Listing{}, event{})); d != "" {
		t.Error(d)
	}
}

// What is damaged is an error, and never a panic.
func TestDamagedFile(t *testing.T) {
	data, err := run(t, nil).Encode()
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	pack := func(text []byte) []byte {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, _ = w.Write(text)
		_ = w.Close()
		return b.Bytes()
	}
	for _, cut := range []int{0, 10, len(data) / 2, len(data) - 1} {
		if _, err := Decode(data[:cut]); err == nil {
			t.Errorf("%d of %d octets were taken for a listing", cut, len(data))
		}
	}
	for key, bad := range map[string]any{
		"format": "dsmipsim/listing/0", "row": []int{99}, "time_ns": []int{1}, "sequence": []int{}, "check": "", "events": 3,
	} {
		var object map[string]any
		if err := json.Unmarshal(text, &object); err != nil {
			t.Fatal(err)
		}
		object[key] = bad
		changed, _ := json.Marshal(object)
		if _, err := Decode(pack(changed)); err == nil {
			t.Errorf("a listing was read whose %s is %v", key, bad)
		}
	}
	for key, bad := range map[string]string{`"row":[0`: `"row":[-1`, `"time_ns":[0`: `"time_ns":[-1`, `"sequence":[`: `"sequence":[0,`} {
		if _, err := Decode(pack(bytes.Replace(text, []byte(key), []byte(bad), 1))); err == nil {
			t.Errorf("a listing was read that has %s", bad)
		}
	}
}

func TestCompare(t *testing.T) {
	base := run(t, nil)
	if d := Compare(base, run(t, nil)); d != nil {
		t.Errorf("equal runs differ: %v", d.Lines())
	}
	for _, c := range []struct {
		what  string
		alter func(i int, e *trace.Event) bool
		want  []string // beginnings of lines, in this order
	}{
		{"later", func(i int, e *trace.Event) bool {
			if i >= 20 {
				e.Time += 5
			}
			return true
		}, []string{"the first difference is at 0.190000000 s, after 20 equal events:", "  0.140000000 s  mn on home: packet 15: ", "  0.180000000 s  mn on home: packet 19: ",
			"- 0.190000000 s  mn on home: packet 20, number 19 of flow talk: ", "+ 0.190000005 s  mn on home: packet 20, number 19 of flow talk: "}},
		{"octets of a packet of the protocol", func(i int, e *trace.Event) bool {
			if i == 6 {
				e.Octets[59]++
			}
			return true
		}, []string{"the first difference is at 0.060000000 s, after 6 equal events, in the octets of a packet that is decoded the same:", "- 0.060000000 s  mn on home: packet 7: ", "+ 0.060000000 s  mn on home: packet 7: "}},
		{"octets of a test packet", func(i int, e *trace.Event) bool {
			if i == 5 {
				e.Octets[40] = 99
			}
			return true
		}, []string{"the first difference is at 0.050000000 s, after 5 equal events, in the octets of a packet that is decoded the same:"}},
		{"a milestone", func(i int, e *trace.Event) bool {
			if i == 11 {
				e.Note.Kind = trace.BindingRejected
			}
			return true
		}, []string{"the first difference is at 0.100000000 s, after 11 equal events:", "- 0.100000000 s  mn: milestone binding_accepted: binding_sequence 10, status 0, lifetime_s 600",
			"+ 0.100000000 s  mn: milestone binding_rejected: binding_sequence 10, status 0"}},
		{"a missing packet", func(i int, _ *trace.Event) bool { return i != 4 }, []string{"the first difference is at 0.040000000 s, after 4 equal events:",
			"- 0.040000000 s  mn on home: packet 5: ", "+ 0.050000000 s  mn on home: packet 5, number 5 of flow talk"}},
		{"a milestone and then another packet", func(i int, e *trace.Event) bool {
			if i > 11 {
				e.Time++
			}
			return i != 11
		}, []string{"the first difference is at 0.100000000 s, after 11 equal events:", "- 0.100000000 s  mn: milestone", "+ 0.110000001 s  mn on home: packet 12",
			"the first packet that differs:", "- 0.110000000 s  mn on home: packet 12", "+ 0.110000001 s  mn on home: packet 12"}},
		{"the end", func(i int, _ *trace.Event) bool { return i < 30 }, []string{"the first difference is at 0.290000000 s, after 30 equal events:", "- 0.290000000 s", "+ nothing: the run is over"}},
		{"another node", func(i int, e *trace.Event) bool {
			if i == 3 {
				e.Node = "cn"
			}
			return true
		}, []string{"the first difference is at 0.030000000 s, after 3 equal events:", "- 0.030000000 s  mn on home", "+ 0.030000000 s  cn on home"}},
	} {
		d := Compare(base, run(t, c.alter))
		if d == nil {
			t.Errorf("%s: no difference was found", c.what)
			continue
		}
		left := c.want
		for _, line := range d.Lines() {
			if len(left) > 0 && strings.HasPrefix(line, left[0]) {
				left = left[1:]
			}
		}
		if len(left) > 0 {
			t.Errorf("%s: wanted %q in\n%s", c.what, left[0], strings.Join(d.Lines(), "\n"))
		}
		if back := Compare(run(t, c.alter), base); back == nil || back.Equal != d.Equal || len(back.Want) != len(d.Got) {
			t.Errorf("%s: the other way round it is %+v", c.what, back)
		}
	}
}

// Of a long run only the beginning is listed.
func TestLimit(t *testing.T) {
	r := New(setup, wire.DissectOptions{})
	r.limit = 100
	e := trace.Event{Kind: trace.Turn, Node: "mn", Flow: 1}
	for range 110 {
		e.Time++
		r.Record(&e)
	}
	l, err := r.Listing(&result.Result{})
	if err != nil || l.Total != 110 || len(l.events) != 100 {
		t.Errorf("%d of %d events are listed, %v", len(l.events), l.Total, err)
	}
}

func TestChanges(t *testing.T) {
	want := &Listing{Summary: []byte(`{"a":1,"b":[{"c":"x"},{"c":null}],"d":1e-9,"f":{"g":true}}`)}
	got := &Listing{Summary: []byte(`{"a":1,"b":[{"c":"y"},{"c":null},{"c":"z"}],"d":1.5,"h":0}`)}
	var lines []string
	for _, c := range Changes(want, got) {
		lines = append(lines, fmt.Sprint(c))
	}
	if d := cmp.Diff([]string{"b[0].c: want x, got y", "b[2].c: want nothing, got z", "d: want 1e-9, got 1.5", "h: want nothing, got 0", "f.g: want true, got nothing"}, lines); d != "" {
		t.Error(d)
	}
	if c := Changes(want, want); len(c) > 0 {
		t.Errorf("found %v", c)
	}
}
