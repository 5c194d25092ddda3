package reports

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dsmipsim/reports/internal/golden"
	"dsmipsim/reports/internal/sample"
	"dsmipsim/reports/result"
	"dsmipsim/sim/trace"
)

// download is a flow over TCP of one segment.
var download = result.FlowSamples{
	Flow: result.FlowInfo{Name: "download", Kind: "tcp", Family: "ipv6", From: "cn", To: "mn"}, Packets: []result.Sample{{Fate: result.Received, End: 1}},
	Progress: []result.Progress{{At: 1, Octets: 1400}},
}

func artefacts() Artefacts {
	r := sample.Result()
	r.Attribution = []result.Attribution{{MobileNode: "mn", Index: 1, Costs: []result.Cost{{Cause: "dad", CostS: result.Some(1)}}}}
	return Artefacts{Result: r, Packets: true, Queues: []result.QueueSamples{{Link: "lan", Node: "mn", Stays: []result.Stay{{From: 1, Until: 2, Octets: 60}}}}, Samples: append(sample.Samples(), download), Scenario: []byte("title = \"sample\"\n"),
		Manifest:     Manifest{Version: "v1.2.3", Revision: "abc", GoVersion: "go1.26", Command: []string{"dsmipsim", "run", "sample", "-o", "out"}, Platform: "linux/amd64", Scenario: "sample", Seed: 1},
		Setup:        setup,
		Associations: []result.Association{{SPI: 1000, Cipher: "NULL", Integrity: "HMAC-SHA1-96", Key: make([]byte, 20)}}}
}

var setup = result.Setup{Scenario: "sample", MobileNodes: []string{"mn"}, Links: []result.LinkInfo{{Name: "lan"}}}

// run writes a whole result, facts included, as the command does.
func run(t *testing.T, dir string) error {
	t.Helper()
	d, err := Begin(dir)
	if err != nil {
		return err
	}
	defer d.Abort()
	sinks, err := d.Sinks(setup)
	if err != nil {
		return err
	}
	trace.Sinks(sinks).Record(&trace.Event{Kind: trace.LinkUp, Node: "mn", Link: "lan"})
	trace.Sinks(sinks).Record(&trace.Event{Time: 1, Kind: trace.Transmission, Node: "mn", Link: "lan", Octets: make([]byte, 60)})
	return d.Write(artefacts())
}

// tree lists the files below a directory with their content.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		all[filepath.ToSlash(name)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return strings.Join(all, " ")
}

func TestWriteMakesEveryKind(t *testing.T) {
	parent := t.TempDir()
	if err := run(t, filepath.Join(parent, "results", "a", "out")); err != nil {
		t.Fatal(err)
	}
	files := tree(t, filepath.Join(parent, "results", "a", "out"))
	for _, k := range Kinds() {
		if files[k.File] == "" {
			t.Errorf("%s is missing or empty", k.File)
		}
		delete(files, k.File)
	}
	if len(files) > 0 {
		t.Errorf("files that no kind names: %v", files)
	}
	if got := names(t, filepath.Join(parent, "results", "a")); got != "out" {
		t.Errorf("left beside it: %s", got)
	}
}

func TestEqualRunsWriteEqualFiles(t *testing.T) {
	a, b := filepath.Join(t.TempDir(), "a"), filepath.Join(t.TempDir(), "other name")
	for _, dir := range []string{a, b} {
		if err := run(t, dir); err != nil {
			t.Fatal(err)
		}
	}
	first, second := tree(t, a), tree(t, b)
	for _, k := range Kinds() {
		if first[k.File] != second[k.File] {
			t.Errorf("%s differs", k.File)
		}
	}
}

func TestManifest(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	if err := run(t, dir); err != nil {
		t.Fatal(err)
	}
	golden.Check(t, "manifest.json", []byte(tree(t, dir)["manifest.json"]))
}

func TestWhatIsReplaced(t *testing.T) {
	cases := []struct {
		name    string
		prepare func(dir string) error
		refused string // "" if it is replaced
	}{
		{"nothing", func(string) error { return nil }, ""},
		{"an empty directory", func(dir string) error { return os.Mkdir(dir, 0o755) }, ""},
		{"an earlier result", func(dir string) error {
			if err := write(dir, artefacts()); err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(dir, "stale"), nil, 0o644)
		}, ""},
		{"a foreign directory", func(dir string) error {
			return errors.Join(os.Mkdir(dir, 0o755), os.WriteFile(filepath.Join(dir, "thesis.tex"), []byte("dear"), 0o644))
		}, "it holds 1 entry and no manifest.json of dsmipsim"},
		{"another program's manifest", func(dir string) error {
			return errors.Join(os.Mkdir(dir, 0o755), os.WriteFile(filepath.Join(dir, "manifest.json"), []byte(`{"format":"other/1"}`), 0o644))
		}, "it holds 1 entry and no manifest.json of dsmipsim"},
		{"a file", func(dir string) error { return os.WriteFile(dir, []byte("dear"), 0o644) }, "it is not a directory that can be read"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			parent := t.TempDir()
			dir := filepath.Join(parent, "out")
			if err := c.prepare(dir); err != nil {
				t.Fatal(err)
			}
			before := tree(t, parent)
			err := write(dir, artefacts())
			after := tree(t, parent)
			if c.refused == "" {
				if err != nil || after["out/summary.json"] == "" || slices.Contains(strings.Fields(names(t, dir)), "stale") || names(t, parent) != "out" {
					t.Errorf("not replaced: %v, %s; beside it %s", err, names(t, dir), names(t, parent))
				}
				return
			}
			var refused *RefusedError
			if !errors.As(err, &refused) || refused.Why != c.refused || !strings.Contains(err.Error(), dir) {
				t.Errorf("error %v", err)
			}
			if len(before) != len(after) || names(t, parent) != "out" {
				t.Errorf("a refusal changed something: %v", after)
			}
		})
	}
}

func TestTheCurrentDirectoryStays(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := write(".", artefacts()); err == nil || !strings.Contains(err.Error(), "current directory") {
		t.Errorf("error %v", err)
	}
}

func TestALinkStaysInPlace(t *testing.T) {
	parent := t.TempDir()
	target, link := filepath.Join(parent, "target"), filepath.Join(parent, "link")
	if err := errors.Join(os.Mkdir(target, 0o755), os.Symlink(target, link)); err != nil {
		t.Fatal(err)
	}
	if err := write(link, artefacts()); err != nil {
		t.Fatal(err)
	}
	if to, err := os.Readlink(link); err != nil || to != target || tree(t, target)["summary.json"] == "" {
		t.Errorf("link leads to %q (%v)", to, err)
	}
}

// TestAnInterruptedRunLeavesNothing aborts between facts and result.
func TestAnInterruptedRunLeavesNothing(t *testing.T) {
	parent := t.TempDir()
	d, err := Begin(filepath.Join(parent, "results", "out"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Sinks(result.Setup{Links: []result.LinkInfo{{Name: "lan"}}}); err != nil {
		t.Fatal(err)
	}
	if got := names(t, filepath.Join(parent, "results")); got != ".out.new0" {
		t.Errorf("while it runs there is %q", got)
	}
	d.Abort()
	if got := names(t, parent); got != "" {
		t.Errorf("left behind: %s", got)
	}
	if err := d.Write(artefacts()); err == nil {
		t.Error("an aborted directory was written")
	}
}

// TestAFailureKeepsTheEarlierResult lets the capture fail.
func TestAFailureKeepsTheEarlierResult(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "out")
	if err := run(t, dir); err != nil {
		t.Fatal(err)
	}
	before := tree(t, parent)
	d, err := Begin(dir)
	if err != nil {
		t.Fatal(err)
	}
	sinks, err := d.Sinks(result.Setup{Links: []result.LinkInfo{{Name: "lan"}}})
	if err != nil {
		t.Fatal(err)
	}
	trace.Sinks(sinks).Record(&trace.Event{Kind: trace.Transmission, Link: "nowhere"})
	if err := d.Write(artefacts()); err == nil || !strings.HasPrefix(err.Error(), "packets.pcapng: ") {
		t.Errorf("error %v", err)
	}
	d.Abort()
	after := tree(t, parent)
	if len(after) != len(before) || after["out/packets.pcapng"] != before["out/packets.pcapng"] {
		t.Errorf("the earlier result is gone: %s", names(t, parent))
	}
}

// TestSomebodyElseWasFaster puts a foreign file at the final name while the run lasts.
func TestSomebodyElseWasFaster(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	d, err := Begin(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Abort()
	if err := errors.Join(os.Mkdir(dir, 0o755), os.WriteFile(filepath.Join(dir, "thesis.tex"), nil, 0o644)); err != nil {
		t.Fatal(err)
	}
	var refused *RefusedError
	if err := d.Write(artefacts()); !errors.As(err, &refused) {
		t.Errorf("error %v", err)
	}
}

func TestNoEmptyFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	a := artefacts()
	a.Samples, a.Associations, a.Queues, a.Result.Attribution = nil, nil, nil, nil
	a.Result.Flows, a.Result.Handovers, a.Result.Signalling = nil, nil, result.Signalling{}
	if err := write(dir, a); err != nil {
		t.Fatal(err)
	}
	if got := names(t, dir); got != "bindings.csv flows.csv handovers.csv interruptions.csv links.csv manifest.json paths.csv queue_totals.csv scenario.toml signalling.csv signalling_details.csv summary.json" {
		t.Errorf("got %s", got)
	}
}

// The directory holds copies of the files that the effective scenario names, and the manifest
// tells of all that went in.
func TestInputs(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	a := artefacts()
	a.Inputs = []Input{
		{Path: "../walk.csv", SHA256: "ab", Octets: 3, File: "data/walk.csv", Data: []byte("1,2")},
		{Path: "net.graphml", SHA256: "cd", Octets: 4, Data: []byte("<xml")},
	}
	if err := write(dir, a); err != nil {
		t.Fatal(err)
	}
	files := tree(t, dir)
	if files["data/walk.csv"] != "1,2" || files["data/net.graphml"] != "" {
		t.Errorf("walk.csv holds %q, net.graphml %q", files["data/walk.csv"], files["data/net.graphml"])
	}
	for _, want := range []string{`"path": "../walk.csv"`, `"sha256": "cd"`, `"file": "data/walk.csv"`, `"data/walk.csv",`} {
		if !strings.Contains(files[manifestFile], want) {
			t.Errorf("the manifest lacks %s:\n%s", want, files[manifestFile])
		}
	}
}

// write writes the artefacts of a run whose facts nobody recorded.
func write(dir string, a Artefacts) error {
	d, err := Begin(dir)
	if err != nil {
		return err
	}
	defer d.Abort()
	return d.Write(a)
}
