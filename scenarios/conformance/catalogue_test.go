package conformance

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"dsmipsim/reports/table"
)

// whole is the judgement of the unbroken library, made once.
var whole = sync.OnceValues(Judge)

func judged(t *testing.T) *Report {
	t.Helper()
	report, err := whole()
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// The catalogue has the rows of the requirements, each once, in order, with section, role and
// strength as written there.
func TestCatalogueIsComplete(t *testing.T) {
	text, err := os.ReadFile("testdata/requirements.md")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		cells := strings.Split(line, "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		want = append(want, strings.Join(cells[1:5], " | "))
	}
	var got []string
	for _, row := range Catalogue() {
		got = append(got, strings.Join([]string{row.ID, row.Section, row.Role, row.Strength}, " | "))
		if row.Text == "" || row.Judge == nil && row.Fixed == "" {
			t.Errorf("%s has no text or no judge", row.ID)
		}
	}
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			t.Errorf("missing: %s", want[i])
		case i >= len(want):
			t.Errorf("not in the requirements: %s", got[i])
		case got[i] != want[i]:
			t.Errorf("row %d: %s, want %s", i+1, got[i], want[i])
		}
	}
}

// Only the rows that the plan names may go without a verdict from runs.
func TestFixedVerdicts(t *testing.T) {
	want := map[string]Verdict{"D-1-3": NeedsMIP4, "D-1.1-3": NeedsMIP4, "D-2.3-5": NeedsMIP4}
	for _, row := range Catalogue() {
		if row.Fixed != want[row.ID] {
			t.Errorf("%s: fixed verdict %q, want %q", row.ID, row.Fixed, want[row.ID])
		}
	}
}

// unbuilt are the rows that wait for something that is not built yet. The list shrinks: a row
// that has been shown must be taken off it.
var unbuilt = strings.Fields(``)

// No row is violated, and only what is known to be unbuilt is not exercised.
func TestVerdicts(t *testing.T) {
	report := judged(t)
	for i := range report.Judgements {
		g := &report.Judgements[i]
		waiting := slices.Contains(unbuilt, g.Row.ID)
		switch {
		case g.Verdict == Violated:
			t.Errorf("%s is violated in %s, %s: %s", g.Row.ID, g.Finding.Scenario, g.Finding.Where(), g.Why)
		case g.Verdict == NotExercised && !waiting:
			t.Errorf("%s is not exercised: %s", g.Row.ID, g.Why)
		case g.Verdict != NotExercised && waiting:
			t.Errorf("%s is %s now: take it off the list", g.Row.ID, g.Verdict)
		}
	}
	for _, s := range report.Skipped {
		t.Logf("skipped: %s: %s", s.Name, s.Why)
	}
}

// A row names scenarios that there are, and is shown where it says.
func TestRowsAreShownWhereTheySay(t *testing.T) {
	planned := strings.Fields("ro-no-answer")
	report := judged(t)
	for i := range report.Judgements {
		g := &report.Judgements[i]
		for _, name := range strings.Fields(g.Row.In) {
			if !slices.Contains(scenarioNames, name) && !slices.Contains(planned, name) {
				t.Errorf("%s names a scenario %q that is not in the library", g.Row.ID, name)
			}
		}
		if g.Verdict == Shown && !in(g.Finding.Scenario, g.Row.In) {
			t.Errorf("%s is shown in %s, meant to be in %s", g.Row.ID, g.Finding.Scenario, g.Row.In)
		}
	}
}

// Two judgements of the same version print the same octets.
func TestJudgementIsDeterministic(t *testing.T) {
	var outputs [2]bytes.Buffer
	for i := range outputs {
		report, err := Judge()
		if err != nil {
			t.Fatal(err)
		}
		if err := report.JSON(&outputs[i]); err != nil {
			t.Fatal(err)
		}
		if err := report.Write(&outputs[i], table.Terminal, nil); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(outputs[0].Bytes(), outputs[1].Bytes()) {
		t.Error("two judgements differ")
	}
}

// What fails the command: a violated row, or a MUST or SHOULD that nothing exercises.
func TestFails(t *testing.T) {
	for _, c := range []struct {
		strength string
		verdict  Verdict
		want     bool
	}{
		{"fact", Violated, true}, {"MUST", Shown, false}, {"MUST", NotExercised, true}, {"SHOULD NOT", NotExercised, true},
		{"MAY", NotExercised, false}, {"fact", NotExercised, false}, {"fact", NeedsMIP4, false}, {"should", NeedsMIP4, false},
		{"should (list: MUST)", NotExercised, true},
	} {
		g := Judgement{Row: &Row{Strength: c.strength}, Verdict: c.verdict}
		if g.Fails() != c.want {
			t.Errorf("%s %s: fails %t, want %t", c.strength, c.verdict, g.Fails(), c.want)
		}
	}
}
