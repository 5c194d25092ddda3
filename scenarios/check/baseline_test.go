package check

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dsmipsim/nodes/wire"
	"dsmipsim/scenarios"
	"dsmipsim/sim/vtime"
	"dsmipsim/topology"
)

// bundled loads bundled scenarios with a baseline.
func bundled(t *testing.T, b *Baseline, sets []string, names ...string) []Scenario {
	t.Helper()
	var all []Scenario
	for _, name := range names {
		e, ok := scenarios.Find(name)
		if !ok {
			t.Fatalf("there is no scenario %s", name)
		}
		s, err := e.Load(sets...)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, Scenario{Name: name, Spec: s, Baseline: b, Key: name, Source: e.Source})
	}
	return all
}

// performed runs scenarios.
func performed(t *testing.T, all []Scenario, o Options) *Report {
	t.Helper()
	r, err := Run(t.Context(), all, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// compared judges fingerprints, and returns which scenarios do not match, by name, with the lines.
func compared(t *testing.T, all []Scenario, o Options) (failed map[string]string) {
	t.Helper()
	matches, err := Compare(t.Context(), all, performed(t, all, o).Prints, o)
	if err != nil {
		t.Fatal(err)
	}
	if len(matches) != Fingerprints*len(all) {
		t.Fatalf("%d verdicts for %d scenarios", len(matches), len(all))
	}
	failed = map[string]string{}
	for _, m := range matches {
		if !m.Pass {
			failed[m.Scenario+" "+m.Name] = strings.Join(m.Lines(), "\n")
		}
	}
	return failed
}

func opened(t *testing.T, path string) *Baseline {
	t.Helper()
	b, err := OpenBaseline(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func updated(t *testing.T, b *Baseline, all []Scenario) []string {
	t.Helper()
	changes, err := b.Update(t.Context(), all, performed(t, all, Options{}).Prints, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return changes
}

// files reads all below a folder.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	if err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		all[path] = string(text)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

// A baseline that was written is met; a changed timer is not, and the first packet that goes
// another way is shown from the file alone; --update makes it the new baseline.
func TestBaseline(t *testing.T) {
	path := filepath.Join(t.TempDir(), BaselineFile)
	names := []string{"no-answer", "first-registration"}
	b := opened(t, path)
	if b.Exists() {
		t.Error("a baseline exists before it is written")
	}
	all := bundled(t, b, nil, names...)
	if changes := updated(t, b, all); len(changes) != 2 || changes[0] != "no-answer: added, 1 runs" {
		t.Errorf("changes: %q", changes)
	}
	before := files(t, filepath.Dir(path))

	b = opened(t, path)
	all = bundled(t, b, nil, names...)
	if failed := compared(t, all, Options{}); len(failed) > 0 {
		t.Errorf("not met: %v", failed)
	}
	if changes := updated(t, b, all); len(changes) > 0 {
		t.Errorf("changes: %q", changes)
	}
	if after := files(t, filepath.Dir(path)); !same(before, after) {
		t.Error("an update without a change writes other octets")
	}

	// The first wait for an acknowledgement is 1.5 times the time of an address verification.
	changed := bundled(t, b, []string{"neighbor_discovery.retrans_timer=2s"}, "no-answer")
	failed := compared(t, changed, Options{})
	for _, name := range []string{"trajectory", "wire"} {
		text := failed["no-answer "+name]
		for _, want := range []string{"the first difference is at ", "\n  ", "\n- ", "\n+ ", "mn on "} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: wanted %q in\n%s", name, want, text)
			}
		}
	}
	if text := failed["no-answer result"]; !strings.Contains(text, "summary.json: ") {
		t.Errorf("result: %s", text)
	}
	if strings.Contains(failed["no-answer wire"], "the text") {
		t.Errorf("the text has not changed: %s", failed["no-answer wire"])
	}
	edited := bundled(t, b, []string{"neighbor_discovery.retrans_timer=2s"}, "no-answer")
	edited[0].Source = []byte("another")
	if text := compared(t, edited, Options{})["no-answer wire"]; !strings.HasPrefix(text, "the text of the scenario has changed since the baseline was written\nthe first difference") {
		t.Errorf("the text has changed: %s", text)
	}
	if changes := updated(t, b, changed); len(changes) != 1 || changes[0] != "no-answer: changed: trajectory, wire, result" {
		t.Errorf("changes: %q", changes)
	}
	if failed := compared(t, bundled(t, opened(t, path), []string{"neighbor_discovery.retrans_timer=2s"}, "no-answer"), Options{}); len(failed) > 0 {
		t.Errorf("after the update: %v", failed)
	}
	if failed := compared(t, bundled(t, opened(t, path), nil, "first-registration"), Options{}); len(failed) > 0 {
		t.Errorf("the update has changed another scenario: %v", failed)
	}
}

func same(a, b map[string]string) bool {
	for name, text := range a {
		if b[name] != text {
			return false
		}
	}
	return len(a) == len(b)
}

// What a baseline does not have, or no longer has, fails and says so.
func TestBaselineWithoutRun(t *testing.T) {
	path := filepath.Join(t.TempDir(), "base.json")
	b := opened(t, path)
	updated(t, b, bundled(t, b, nil, "no-answer"))
	for _, c := range []struct {
		sets []string
		name string
		want string
	}{
		{nil, "first-registration", "has no run of first-registration with seed 1, replication 0; check --update adds it"},
		{[]string{"seed=2"}, "no-answer", "has no run of no-answer with seed 2"},
		{[]string{"sweep={replications=2}"}, "no-answer", "has no run of no-answer with seed 1, replication 1"},
	} {
		failed := compared(t, bundled(t, b, c.sets, c.name), Options{})
		if len(failed) != Fingerprints || !strings.Contains(failed[c.name+" wire"], c.want) {
			t.Errorf("%s %v: %v", c.name, c.sets, failed)
		}
	}
	// Without its listing a run is still told from another, but not where.
	listings, err := filepath.Glob(filepath.Join(filepath.Dir(path), "base", "*"))
	if err != nil || len(listings) != 1 {
		t.Fatalf("listings: %v, %v", listings, err)
	}
	changed := bundled(t, b, []string{"network.campus.link.delay=3ms"}, "no-answer")
	if err := os.WriteFile(listings[0], []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	if failed := compared(t, changed, Options{}); !strings.Contains(failed["no-answer wire"], "the first difference is not known: ") {
		t.Errorf("with a damaged listing: %v", failed)
	}
	if failed := compared(t, bundled(t, b, nil, "no-answer"), Options{}); len(failed) > 0 {
		t.Errorf("with a damaged listing an equal run fails: %v", failed)
	}
	updated(t, b, bundled(t, b, nil, "no-answer")) // which mends it
	if failed := compared(t, changed, Options{}); !strings.Contains(failed["no-answer wire"], "the first difference is at ") {
		t.Errorf("with the listing mended: %v", failed)
	}
}

// Replications each have an entry, and an update removes what is no more.
func TestBaselineOfReplications(t *testing.T) {
	path := filepath.Join(t.TempDir(), BaselineFile)
	b := opened(t, path)
	updated(t, b, bundled(t, b, []string{"sweep={replications=12}"}, "first-registration"))
	if n := len(files(t, filepath.Dir(path))); n != 1+listed || len(b.Entries) != 12 {
		t.Errorf("%d files and %d entries", n, len(b.Entries))
	}
	if changes := updated(t, b, bundled(t, b, []string{"sweep={replications=2}"}, "first-registration")); len(changes) != 1 || changes[0] != "first-registration: 2 runs in the place of 12" {
		t.Errorf("changes: %q", changes)
	}
	if n := len(files(t, filepath.Dir(path))); n != 3 || len(b.Entries) != 2 {
		t.Errorf("%d files and %d entries", n, len(b.Entries))
	}
	b.Entries[0].Scenario = "gone.toml"
	if changes := updated(t, b, bundled(t, b, []string{"sweep={replications=2}"}, "first-registration")); !slices.Contains(changes, "gone.toml: removed, since there is no such file any more") {
		t.Errorf("changes: %q", changes)
	}
}

// What is no baseline is refused with file and line.
func TestBaselineFileIsChecked(t *testing.T) {
	path := filepath.Join(t.TempDir(), BaselineFile)
	for text, want := range map[string]string{
		"{\n\"format\": 1}": ":2: found no baseline",
		"{\n\n\"x\": 1}":    ":3: found no baseline",
		"":                  ":1: found no baseline",
		`{"format": "dsmipsim/baseline/0", "runs": []}`:                                `found format "dsmipsim/baseline/0", wanted "dsmipsim/baseline/1"`,
		`{"format": "dsmipsim/baseline/1", "runs": [{"listing": "../../etc/passwd"}]}`: "wanted a path below the folder of the baseline",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenBaseline(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, wanted %q", text, err, want)
		}
	}
}

// Neither verdicts nor baselines depend on how many runs go on at a time.
func TestJobsDoNotMatter(t *testing.T) {
	sets := []string{"sweep={replications=3}"}
	var all []map[string]string
	for _, jobs := range []int{1, 4} {
		dir := t.TempDir()
		b := opened(t, filepath.Join(dir, BaselineFile))
		s := bundled(t, b, sets, "no-answer", "first-registration")
		o := Options{Jobs: jobs}
		if _, err := b.Update(t.Context(), s, performed(t, s, o).Prints, o); err != nil {
			t.Fatal(err)
		}
		written := map[string]string{}
		for path, text := range files(t, dir) {
			written[strings.TrimPrefix(path, dir)] = text
		}
		for k, v := range compared(t, bundled(t, b, append(sets, "network.campus.link.delay=9ms"), "no-answer", "first-registration"), o) {
			written[k] = strings.ReplaceAll(v, dir, "")
		}
		all = append(all, written)
	}
	if !same(all[0], all[1]) {
		t.Error("the baselines or verdicts of 1 and 4 jobs differ")
	}
}

// Equal runs are equal again; one that is not is caught, with the packet.
func TestTwice(t *testing.T) {
	all := bundled(t, nil, []string{"sweep={replications=2}"}, "first-registration", "no-answer")
	check := func(o Options) []Match {
		first := performed(t, all, o)
		matches, err := Twice(t.Context(), all, first.Prints, o)
		if err != nil {
			t.Fatal(err)
		}
		return matches
	}
	for _, m := range check(Options{}) {
		if !m.Pass || m.Want != m.Got || m.Want == "" {
			t.Errorf("%s %s is not the same again", m.Scenario, m.Name)
		}
	}
	// In the second pass the first Binding Update is lost on its way.
	broken := Options{alter: func(pass int, o *scenarios.Options) {
		if pass == secondPass && o.Replication == 1 {
			o.Tamper = loseFirst("BU", scenarios.Dissection(all[0].Spec))
		}
	}}
	failed := map[string]string{}
	for _, m := range check(broken) {
		if !m.Pass {
			failed[m.Scenario+" "+m.Name] = strings.Join(m.Lines(), "\n")
		}
	}
	text := failed["first-registration wire"]
	if len(failed) != 2*Fingerprints || !strings.Contains(text, "the first difference is at ") || !strings.Contains(text, "- ") || !strings.Contains(text, "  BU  [") {
		t.Errorf("found %d differences, of the first:\n%s", len(failed), text)
	}
}

// loseFirst takes the first message of a type off its first link.
func loseFirst(message string, opts wire.DissectOptions) topology.Tamper {
	lost := false
	return func(_ vtime.Time, _ *topology.Port, frame []byte) []byte {
		if !lost && wire.Classify(frame, wire.LinkEthernet, opts).Message == message {
			lost = true
			return nil
		}
		return frame
	}
}
