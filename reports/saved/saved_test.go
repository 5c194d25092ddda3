package saved

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dsmipsim/reports"
	"dsmipsim/reports/plot"
	"dsmipsim/reports/result"
	"dsmipsim/scenarios"
	"dsmipsim/scenarios/spec"
	"dsmipsim/sim/trace"
)

// What is read back from a directory is what the run had, for flows of every kind, lost and
// duplicated packets included.
func TestOpen(t *testing.T) {
	for name, sets := range map[string][]string{
		"roaming":        {"duration=100s"},
		"tcp-roaming":    {"duration=24s"},
		"troubled-links": nil,
	} {
		t.Run(name, func(t *testing.T) {
			e, ok := scenarios.Find(name)
			if !ok {
				t.Fatal("no such scenario")
			}
			s, err := spec.Load(name, e.Source, append(sets, "expect=[]"))
			if err != nil {
				t.Fatal(err)
			}
			dir := filepath.Join(t.TempDir(), "out")
			d, err := reports.Begin(dir)
			if err != nil {
				t.Fatal(err)
			}
			defer d.Abort()
			o, err := scenarios.Run(name, s, scenarios.Options{Sinks: func(setup result.Setup) ([]trace.Sink, error) { return d.Sinks(setup) }})
			if err != nil {
				t.Fatal(err)
			}
			if err := d.Write(reports.Artefacts{Result: o.Result, Samples: o.Samples, Scenario: s.Encode()}); err != nil {
				t.Fatal(err)
			}
			r, err := Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			if r.Name != "out" || len(r.Samples) != len(o.Samples) {
				t.Fatalf("run %q of %d flows, want %d", r.Name, len(r.Samples), len(o.Samples))
			}
			for i := range o.Samples {
				want := o.Samples[i]
				want.Flow.MobileNode, want.Flow.TowardsMobile = "", false
				if len(want.Packets) == 0 {
					t.Errorf("flow %s has no packets", want.Flow.Name)
				}
				for k := range want.Packets {
					p := &want.Packets[k]
					p.Overhead, p.Hops, p.Attachment = 0, 0, 0
				}
				if len(want.Progress) == 0 {
					want.Progress = nil
				}
				if diff := cmp.Diff(want, r.Samples[i]); diff != "" {
					t.Fatalf("flow %s (-run +read):\n%.2000s", want.Flow.Name, diff)
				}
			}
		})
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		sub := filepath.Join(dir, name)
		if err := os.Mkdir(sub, 0o777); err != nil {
			t.Fatal(err)
		}
		for _, file := range strings.Split(text, "\f") {
			name, content, _ := strings.Cut(file, "\n")
			if err := os.WriteFile(filepath.Join(sub, name), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return sub
	}
	good := "summary.json\n" + `{"format":"dsmipsim/summary/1","flows":[{"name":"f"}]}` + "\f"
	for want, of := range map[string]string{
		"found no summary.json":                    write("a", "other.txt\n"),
		"found a file, wanted the directory":       filepath.Join(write("b", "other.txt\n"), "other.txt"),
		"no such file":                             filepath.Join(dir, "missing"),
		"unexpected EOF":                           write("c", "summary.json\n{"),
		`found flow "g", which summary.json`:       write("d", good+"events.jsonl\n{\"flow\":\"g\"}"),
		"line 2: unexpected end of JSON":           write("e", good+"events.jsonl\n{}\n{\"flow\":\"f"+"\","),
		`found time 1e9, wanted seconds with nine`: write("f", good+"events.jsonl\n{\"time_s\":1e9,\"flow\":\"f\"}"),
	} {
		if _, err := Open(of); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestQueues(t *testing.T) {
	const head = "link,node,start_s,mean_frames,mean_octets,arrivals\n"
	got, err := Queues(strings.NewReader(head+"home,ha,0.4,1.5,100,3\nhome,ha,0.8,2,100,3\nhome,mn,0.6,0.25,10,1\n"), 2)
	want := []plot.Occupancy{
		{Link: "home", Node: "ha", BinS: 0.2, Frames: map[int]float64{2: 1.5, 4: 2}},
		{Link: "home", Node: "mn", BinS: 0.2, Frames: map[int]float64{3: 0.25}},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	for text, want := range map[string]string{
		"":                        "found nothing",
		"link,node,start_s\n":     "found no column mean_frames",
		head + "a,b,x,1,1,1\n":    `line 2: found "x", wanted a number`,
		head + "a,b\n":            "wrong number of fields",
		head + "a,b,1,-2,100,1\n": `found "-2"`,
	} {
		if _, err := Queues(strings.NewReader(text), 1); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
}
