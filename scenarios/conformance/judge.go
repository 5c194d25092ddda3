// Package conformance judges the requirement catalogue: every statement of
// draft-soliman-v4v6-mipv6-00 (rows D) and of the Mobile IPv6 that it rests on (rows B) gets a
// verdict from bundled runs.
//
// The judge reads the octets on the links, opens ESP with the exported keys, looks at
// snapshots of what nodes know, and counts what becomes of test packets. It shares no code with
// the protocol machines beyond the codecs of nodes/wire, and never listens to what a machine
// says about itself. Each row is judged over all runs: one counter-example violates it, and it
// is shown only where a run exercised it.
package conformance

import (
	"fmt"
	"slices"
	"strings"

	"dsmipsim/sim/vtime"
)

// Verdict is the outcome for a row.
type Verdict string

// The verdicts.
const (
	Shown        Verdict = "shown"
	Violated     Verdict = "violated"
	NotExercised Verdict = "not exercised"
	NeedsMIP4    Verdict = "needs mip4"
)

// Row is a requirement with its judge.
type Row struct {
	ID       string
	Section  string
	Role     string
	Strength string
	Text     string // the requirement in few words

	// In names the bundled scenarios that are meant to exercise the row; it is judged over all.
	In string
	// Parts are what must be shown, each at least once, for the row to be shown; none if any
	// exercise will do.
	Parts string
	// Judge looks at one run.
	Judge func(r *Run, j *Jury)
	// Fixed is the verdict of rows that no run can judge yet, with Why.
	Fixed Verdict
	Why   string
}

// Finding is what was seen of a row at one place.
type Finding struct {
	Scenario string
	Packet   int        // number in the capture; 0 if the finding is about a state
	Time     vtime.Time // virtual
	Why      string
	part     string
}

// Where names the place in few characters.
func (f *Finding) Where() string {
	switch {
	case f == nil:
		return ""
	case f.Packet > 0:
		return fmt.Sprintf("packet %d", f.Packet)
	case f.Time > 0:
		return fmt.Sprintf("t=%.3fs", f.Time.Seconds())
	}
	return "configuration"
}

// Judgement is a row with its verdict.
type Judgement struct {
	Row     *Row
	Verdict Verdict
	Finding *Finding // the first that decides; nil if there is none
	Count   int      // how many findings there are of that kind
	Why     string
}

// Jury collects the findings of one row.
type Jury struct {
	run   *Run
	shown []Finding
	bad   []Finding
}

// Show notes that the run does what the row asks, at a packet.
func (j *Jury) Show(p *Packet, format string, args ...any) {
	j.shown = append(j.shown, Finding{Scenario: j.run.Name, Packet: p.N, Time: p.Time, Why: fmt.Sprintf(format, args...)})
}

// ShowPart is Show for one of the row's Parts.
func (j *Jury) ShowPart(part string, p *Packet, format string, args ...any) {
	j.Show(p, format, args...)
	j.shown[len(j.shown)-1].part = part
}

// ShowAt notes the same of a state.
func (j *Jury) ShowAt(part string, t vtime.Time, format string, args ...any) {
	j.shown = append(j.shown, Finding{Scenario: j.run.Name, Time: t, Why: fmt.Sprintf(format, args...), part: part})
}

// Bad notes a counter-example at a packet.
func (j *Jury) Bad(p *Packet, format string, args ...any) {
	j.bad = append(j.bad, Finding{Scenario: j.run.Name, Packet: p.N, Time: p.Time, Why: fmt.Sprintf(format, args...)})
}

// BadAt notes a counter-example in a state.
func (j *Jury) BadAt(t vtime.Time, format string, args ...any) {
	j.bad = append(j.bad, Finding{Scenario: j.run.Name, Time: t, Why: fmt.Sprintf(format, args...)})
}

// Check shows the row if good, and violates it otherwise.
func (j *Jury) Check(good bool, p *Packet, format string, args ...any) {
	if good {
		j.Show(p, format, args...)
	} else {
		j.Bad(p, "not so: "+format, args...)
	}
}

// CheckPart is Check for one of the row's Parts.
func (j *Jury) CheckPart(part string, good bool, p *Packet, format string, args ...any) {
	j.Check(good, p, format, args...)
	if good {
		j.shown[len(j.shown)-1].part = part
	}
}

// CheckAt is Check for a state.
func (j *Jury) CheckAt(part string, good bool, t vtime.Time, format string, args ...any) {
	if good {
		j.ShowAt(part, t, format, args...)
	} else {
		j.BadAt(t, "not so: "+format, args...)
	}
}

// judge puts the verdict on a row from all runs.
func (row *Row) judge(runs []*Run) Judgement {
	if row.Judge == nil {
		return Judgement{Row: row, Verdict: row.Fixed, Why: row.Why}
	}
	var all Jury
	for _, r := range runs {
		j := Jury{run: r}
		row.Judge(r, &j)
		all.shown, all.bad = append(all.shown, j.shown...), append(all.bad, j.bad...)
	}
	if len(all.bad) > 0 {
		return Judgement{row, Violated, &all.bad[0], len(all.bad), all.bad[0].Why}
	}
	var missing []string
	for _, part := range strings.Fields(row.Parts) {
		if !slices.ContainsFunc(all.shown, func(f Finding) bool { return f.part == part }) {
			missing = append(missing, part)
		}
	}
	switch {
	case len(missing) > 0:
		return Judgement{Row: row, Verdict: NotExercised, Why: "nothing shows: " + strings.Join(missing, ", ")}
	case len(all.shown) == 0:
		return Judgement{Row: row, Verdict: NotExercised, Why: "no run exercises it"}
	}
	best := 0
	for i := range all.shown { // where the catalogue says that it is to be seen, if it is
		if in(all.shown[i].Scenario, row.In) && !in(all.shown[best].Scenario, row.In) {
			best = i
		}
	}
	verdict, why := Shown, all.shown[best].Why
	if row.Fixed != "" {
		verdict, why = row.Fixed, row.Why+" ("+why+")"
	}
	return Judgement{row, verdict, &all.shown[best], len(all.shown), why}
}

// Fails reports whether the verdict makes the command fail: a violated row, or a MUST or
// SHOULD that nothing exercises.
func (g *Judgement) Fails() bool {
	return g.Verdict == Violated || g.Verdict == NotExercised && (strings.Contains(g.Row.Strength, "MUST") || strings.Contains(g.Row.Strength, "SHOULD"))
}
