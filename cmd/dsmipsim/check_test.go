package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"dsmipsim/reports/listing"
	"dsmipsim/scenarios/check"
	"dsmipsim/scenarios/spec"
)

// Workflow commands are one line, whatever the scenario is called and the verdict says. A
// property ends at a comma or a colon, a message only with the line.
func TestAnnotations(t *testing.T) {
	for _, c := range []struct {
		in   telling
		want string
	}{
		{telling{scenario: "a", file: "b.toml", line: 3, title: "c", text: "d"}, "::error file=b.toml,line=3,title=a%3A c::d"},
		{telling{scenario: "100%", title: "x,y:z\r\n", text: "50 % of a, b: c\r", lines: []string{"+ 1", "- 2"}},
			"::error title=100%25%3A x%2Cy%3Az%0D%0A::50 %25 of a, b: c%0D%0A+ 1%0A- 2"},
		{telling{scenario: "a", file: "x,y/b:c.toml", title: "fingerprints", text: "d"}, "::error file=x%2Cy/b%3Ac.toml,line=1,title=a%3A fingerprints::d"},
	} {
		t.Setenv("GITHUB_WORKSPACE", "")
		if got := c.in.annotation(); got != c.want {
			t.Errorf("found %q, wanted %q", got, c.want)
		}
	}
	root := t.TempDir()
	t.Setenv("GITHUB_WORKSPACE", root)
	for file, want := range map[string]string{
		filepath.Join(root, "deep", "x.toml"): "deep/x.toml", "/elsewhere/x.toml": "/elsewhere/x.toml",
	} {
		if got := inWorkspace(file); got != want {
			t.Errorf("%s is %s in the workspace, wanted %s", file, got, want)
		}
	}
}

// What check writes, failures and deviations included, keeps to the schema.
func TestJUnitOfCheck(t *testing.T) {
	if _, err := exec.LookPath("xmllint"); err != nil {
		t.Skip(err) // reports/junit requires it where it must be there
	}
	schema, err := filepath.Abs("../../reports/junit/testdata/junit-10.xsd")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	perform := func(want int, command string) {
		t.Helper()
		var out, errs strings.Builder
		if code := run(strings.Fields(command), strings.NewReader(""), &out, &errs); code != want {
			t.Fatalf("%s: exit status %d, wanted %d: %s", command, code, want, errs.String())
		}
	}
	perform(0, "check no-answer first-registration validation/v01c-inet-return-home --baseline b.json --update -q")
	perform(1, "check no-answer first-registration validation/v01c-inet-return-home --baseline b.json -q --twice --junit j.xml --set duration=101s")
	if out, err := exec.Command("xmllint", "--noout", "--nonet", "--schema", schema, "j.xml").CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

// A run that does not come out the same again fails, and is told with the event.
func TestRepetitionThatDiffers(t *testing.T) {
	line := listing.Line{Time: 3e9, Packet: 7, Row: listing.Row{Kind: "transmission", Node: "mn", Link: "home", Text: "BU"}}
	d := &listing.Divergence{Equal: 5, Got: []listing.Line{line}, GotPacket: &line}
	var again []check.Match
	for _, name := range []string{"trajectory", "wire", "result"} {
		again = append(again, check.Match{Scenario: "x", Name: name, Pass: name == "result", Replication: 2, Want: "a", Got: "b", Divergence: d})
	}
	rows := rowsOf([]target{{Scenario: check.Scenario{Name: "x", Spec: &spec.Spec{}}, file: "x.toml", label: "x"}}, nil, nil, again)
	var said strings.Builder
	for _, told := range tellings(failures(rows)) {
		told.write(&said)
	}
	code := report(sentence(rows, 1, &said), &said)
	const want = `dsmipsim: x: fingerprints trajectory, wire are not those of the run before, replication 2
    the first difference is at 3.000000000 s, after 5 equal events:
    - nothing: the run is over
    + 3.000000000 s  mn on home: packet 7: BU
dsmipsim: 2 of 3 fingerprints not the same again
`
	if code != statusFailed || said.String() != want {
		t.Errorf("exit status %d, found\n%s\nwanted\n%s", code, said.String(), want)
	}
}

// Without a baseline beside it, a scenario has that of the nearest folder above.
func TestNearestBaseline(t *testing.T) {
	t.Chdir(t.TempDir())
	write := func(path, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("repo/.git/HEAD", "")
	write("dsmipsim.baseline.json", "{}") // of another repository
	write("repo/a/b/x.toml", "")
	if got := nearestBaseline("repo/a/b"); got != "" {
		t.Errorf("found %s outside of the repository", got)
	}
	write("repo/dsmipsim.baseline.json", "{}")
	if got := nearestBaseline("repo/a/b"); got != filepath.FromSlash("repo/dsmipsim.baseline.json") {
		t.Errorf("found %q", got)
	}
	write("repo/a/dsmipsim.baseline.json", "{}")
	if got := nearestBaseline("repo/a/b"); got != filepath.FromSlash("repo/a/dsmipsim.baseline.json") {
		t.Errorf("found %q", got)
	}
	t.Chdir("repo/a/b")
	if got := nearestBaseline("."); got != filepath.FromSlash("../dsmipsim.baseline.json") {
		t.Errorf("found %q", got)
	}
}
