package conformance

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"dsmipsim/reports/table"
)

// Select keeps the judgements whose row begins with the prefix and belongs to the section; an
// empty text selects all.
func (r *Report) Select(prefix, section string) {
	var kept []Judgement
	for _, g := range r.Judgements {
		if strings.HasPrefix(g.Row.ID, prefix) && (section == "" || g.Row.Section == section) {
			kept = append(kept, g)
		}
	}
	r.Judgements = kept
}

// Fails reports whether some row is violated, or is a MUST or SHOULD that nothing exercises.
func (r *Report) Fails() bool {
	for i := range r.Judgements {
		if r.Judgements[i].Fails() {
			return true
		}
	}
	return false
}

// verdicts in the order of the summary.
var verdicts = []Verdict{Shown, Violated, NotExercised, NeedsMIP4}

// Counts returns how many rows have each verdict.
func (r *Report) Counts() map[Verdict]int {
	n := map[Verdict]int{}
	for _, g := range r.Judgements {
		n[g.Verdict]++
	}
	return n
}

// Summary says in one line what came out.
func (r *Report) Summary() string {
	counts := r.Counts()
	parts := []string{fmt.Sprintf("%d rows", len(r.Judgements))}
	for _, v := range verdicts {
		if counts[v] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[v], v))
		}
	}
	text := strings.Join(parts, ", ") + fmt.Sprintf("; %d scenarios", len(r.Scenarios))
	for _, s := range r.Skipped {
		text += fmt.Sprintf("; %s not run: %s", s.Name, s.Why)
	}
	return text
}

// Write prints a table for each section, and the summary; paint colours verdicts on a terminal,
// nil for nobody.
func (r *Report) Write(w io.Writer, f table.Format, paint func(verdict string) string) error {
	var sections []string
	bySection := map[string]*table.Table{}
	for i := range r.Judgements {
		g := &r.Judgements[i]
		name := group(g.Row)
		t := bySection[name]
		if t == nil {
			t = &table.Table{Title: name, Verdicts: []int{2}, Paint: paint, Columns: []table.Column{{Name: "row"}, {Name: "strength"}, {Name: "verdict"}, {Name: "scenario"}, {Name: "where"}, {Name: "requirement"}}}
			sections, bySection[name] = append(sections, name), t
		}
		text := g.Row.Text
		if g.Verdict != Shown {
			text += " -- " + g.Why
		}
		scenario := ""
		if g.Finding != nil {
			scenario = g.Finding.Scenario
		}
		t.Add(g.Row.ID, g.Row.Strength, string(g.Verdict), scenario, g.Finding.Where(), text)
	}
	for _, name := range sections {
		if err := bySection[name].Render(w, f); err != nil {
			return err
		}
		if _, err := io.WriteString(w, "\n"); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(w, r.Summary())
	return err
}

// group is the heading under which a row stands: the draft by its sections, Mobile IPv6 in one.
func group(row *Row) string {
	if strings.HasPrefix(row.ID, "B-") {
		return "Mobile IPv6 (RFC 6275)"
	}
	if row.Section == "Abstract" {
		return "draft-soliman-v4v6-mipv6-00, abstract"
	}
	return "draft-soliman-v4v6-mipv6-00, section " + row.Section
}

// line is a judgement as `conformance --json` prints it.
type line struct {
	Row      string   `json:"row"`
	Section  string   `json:"section"`
	Role     string   `json:"role"`
	Strength string   `json:"strength"`
	Text     string   `json:"requirement"`
	Verdict  Verdict  `json:"verdict"`
	Scenario string   `json:"scenario,omitempty"`
	Packet   int      `json:"packet,omitempty"` // number in the scenario's packets.pcapng
	TimeS    *float64 `json:"time_s,omitempty"`
	Count    int      `json:"count"` // how many places show or violate it
	Why      string   `json:"reason"`
}

// JSON prints one object: the judgements, the scenarios and the counts.
func (r *Report) JSON(w io.Writer) error {
	out := struct {
		Format    string   `json:"format"`
		Rows      []line   `json:"rows"`
		Scenarios []string `json:"scenarios"`
		Summary   string   `json:"summary"`
		Pass      bool     `json:"pass"`
	}{Format: "dsmipsim/conformance/1", Rows: []line{}, Scenarios: r.Scenarios, Summary: r.Summary(), Pass: !r.Fails()}
	for i := range r.Judgements {
		g := &r.Judgements[i]
		l := line{Row: g.Row.ID, Section: g.Row.Section, Role: g.Row.Role, Strength: g.Row.Strength, Text: g.Row.Text, Verdict: g.Verdict, Count: g.Count, Why: g.Why}
		if g.Finding != nil {
			l.Scenario, l.Packet = g.Finding.Scenario, g.Finding.Packet
			if t := g.Finding.Time.Seconds(); t > 0 {
				l.TimeS = &t
			}
		}
		out.Rows = append(out.Rows, l)
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(out)
}
