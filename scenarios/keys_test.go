package scenarios

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dsmipsim/nodes/wire"
	"dsmipsim/scenarios/spec"
)

// keyRow says how a key shows: a change of this one value changes the result.
type keyRow struct {
	key string // as in the reference
	// What --set gives the key.
	set string
	// The scenario: a bundled one or a file of testdata/keys, world where empty; nat and nat-tcp are made here.
	base string
	// Sets that hold before and after the change, separated by "; ".
	with string
	// fails is part of the message with which the scenario is refused after the change, for
	// keys whose other values cannot stand alone.
	fails string
}

// silent are keys without an effect on a run, and why.
var silent = map[string]string{
	"title":                 "it heads reports",
	"expect[].id":           "it heads reports",
	"expect[].source":       "it heads reports",
	"expect[].published":    "it heads reports",
	"expect[].predicted":    "it heads reports",
	"expect[].aggregate":    "a run is one replication, which check folds with others",
	"expect[].tolerance_se": "a run is one replication, which has no standard error",
}

// ofSweeps begins the keys that a single run ignores. Package sweep has a test of them.
const ofSweeps = "sweep."

// No key is without effect: every one is changed alone, and the result differs. A key without
// a row fails the test.
func TestEveryKeyHasAnEffect(t *testing.T) {
	rows := map[string]keyRow{}
	for _, r := range keyRows {
		if _, twice := rows[r.key]; twice {
			t.Errorf("%s has two rows", r.key)
		}
		rows[r.key] = r
	}
	known := map[string]bool{}
	before := map[string][]byte{}
	for _, k := range spec.Keys() {
		known[k.Path] = true
		if k.Type == "table" || k.Type == "tables" || silent[k.Path] != "" || strings.HasPrefix(k.Path, ofSweeps) || len(k.Planned) == 1 && k.Planned[0] == "*" {
			continue
		}
		r, ok := rows[k.Path]
		if !ok {
			t.Errorf("%s has no row: give it one that shows its effect", k.Path)
			continue
		}
		t.Run(k.Path, func(t *testing.T) {
			id := r.base + "; " + r.with
			if before[id] == nil {
				was, err := r.run(t)
				if err != nil {
					t.Fatalf("before the change: %v", err)
				}
				before[id] = was
			}
			after, err := r.run(t, r.set)
			switch {
			case r.fails != "":
				if err == nil || !strings.Contains(err.Error(), r.fails) {
					t.Errorf("with %s: error %v, want one with %q", r.set, err, r.fails)
				}
			case err != nil:
				t.Errorf("with %s: %v", r.set, err)
			case bytes.Equal(before[id], after):
				t.Errorf("%s changes nothing", r.set)
			}
		})
	}
	for _, r := range keyRows {
		if !known[r.key] {
			t.Errorf("a row is about %s, which is no key", r.key)
		}
	}
	for key := range silent {
		if !known[key] {
			t.Errorf("%s is said to be silent, and is no key", key)
		}
	}
}

// run returns what a run with the sets leaves, as octets.
func (r keyRow) run(t *testing.T, sets ...string) ([]byte, error) {
	t.Helper()
	file := "testdata/keys/world.toml"
	if r.base != "" {
		file = "library/" + r.base + ".toml"
		if own := "testdata/keys/" + r.base + ".toml"; exists(own) {
			file = own
		}
	}
	var src []byte
	switch r.base {
	case "nat":
		src = []byte(natSource())
	case "nat-tcp":
		src = []byte(natScenario + segments(append(opening(), inward(9*time.Second, wire.TCPAck))))
	default:
		var err error
		if src, err = os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
	}
	if r.with != "" {
		sets = append(strings.Split(r.with, "; "), sets...)
	}
	s, err := spec.LoadFiles(file, src, sets, spec.Files{
		Beside: func(path string) ([]byte, error) { return os.ReadFile(filepath.Join(filepath.Dir(file), path)) },
		Here:   os.ReadFile,
	})
	if err != nil {
		return nil, err
	}
	o, err := Run("keys", s, Options{})
	if err != nil {
		return nil, err
	}
	// The seed and the duration stand in the result in any case; they must be seen elsewhere.
	o.Result.Seed, o.Result.DurationS, o.Result.Fingerprint.Result = 0, 0, ""
	text, err := o.Result.JSON()
	return text, err
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
