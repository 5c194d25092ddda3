package scenarios

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dsmipsim/reports/events"
	"dsmipsim/reports/pcapng"
	"dsmipsim/reports/result"
	"dsmipsim/sim/trace"
)

// The list of bundled scenarios and the folder hold the same names.
func TestLibraryIsComplete(t *testing.T) {
	files, err := filepath.Glob("library/*.toml")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != len(Library()) {
		t.Errorf("%d files, %d bundled scenarios", len(files), len(Library()))
	}
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".toml")
		e, ok := Find(name)
		if !ok {
			t.Errorf("%s is not bundled", f)
		}
		if e.Title == "" || len(e.Title) > 75 {
			t.Errorf("%s: the title %q is missing or too long for a list", f, e.Title)
		}
	}
	if _, ok := Find("nowhere"); ok {
		t.Error("Find found a scenario that is not there")
	}
}

// Every bundled scenario, the experiments as they stand too, runs, meets its expectations, and gives the same octets again.
func TestLibrary(t *testing.T) {
	for _, e := range slices.Concat(Library(), Folder(Experiments)) {
		if len(e.Title) > 75 {
			t.Errorf("%s: the title %q is too long for a list", e.Name, e.Title)
		}
		t.Run(e.Name, func(t *testing.T) {
			r, artefacts := runEntry(t, e)
			if len(r.Expectations) == 0 {
				t.Error("nothing is expected")
			}
			for _, x := range r.Expectations {
				if !x.Pass {
					t.Errorf("%s: want %s, got %v", x.Metric, x.Want, x.Got)
				}
			}
			if c := r.Conservation; c.Made != c.Delivered+c.Dropped+c.Absorbed+c.Held {
				t.Errorf("packets are not conserved: %+v", c)
			}
			if _, again := runEntry(t, e); !bytes.Equal(again, artefacts) {
				t.Error("a second run differs")
			}
		})
	}
}

// runEntry runs a bundled scenario and returns its result, and all that it left as octets.
func runEntry(t *testing.T, e Entry) (*result.Result, []byte) {
	t.Helper()
	s, err := e.Load()
	if err != nil {
		t.Fatal(err)
	}
	var capture, log bytes.Buffer
	var frames *pcapng.Writer
	var lines *events.Writer
	o, err := Run(e.Name, s, Options{Sinks: func(setup result.Setup) ([]trace.Sink, error) {
		var err error
		lines = events.New(&log, setup)
		frames, err = pcapng.New(&capture, setup)
		return []trace.Sink{frames, lines}, err
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := frames.Close(); err != nil {
		t.Fatal(err)
	}
	if err := lines.Close(); err != nil {
		t.Fatal(err)
	}
	summary, err := o.Result.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if capture.Len() == 0 || log.Len() == 0 {
		t.Fatal("no capture or no events")
	}
	return o.Result, bytes.Join([][]byte{summary, capture.Bytes(), log.Bytes()}, nil)
}
