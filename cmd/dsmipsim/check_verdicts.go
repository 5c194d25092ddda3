package main

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"dsmipsim/reports"
	"dsmipsim/reports/junit"
	"dsmipsim/reports/table"
	"dsmipsim/scenarios"
	"dsmipsim/scenarios/check"
)

// Kinds of verdicts.
const (
	ofExpectation = "expectation"
	ofFingerprint = "fingerprint"
	ofRepetition  = "repetition"
)

// Verdicts.
const (
	verdictPass     = "pass"
	verdictDeviates = "deviates"
	verdictFail     = "FAIL"
)

// verdictRow is one verdict, as all outputs show it.
type verdictRow struct {
	kind, verdict string
	scenario      string
	file          string // "" of a bundled scenario
	line          int    // of the [[expect]]

	id, about, published, predicted, ours, wanted, margin, source, note string

	text  string   // what is wrong, in one line; of a fingerprint, what it is not that of
	print string   // name of the fingerprint
	where string   // in short: moment and packet
	lines []string // all that is known
}

// rowsOf makes the rows of a check: for each scenario its expectations, then its fingerprints.
func rowsOf(targets []target, judged []check.Judgement, matches, again []check.Match) []verdictRow {
	var rows []verdictRow
	for _, t := range targets {
		own := len(t.Spec.Expects)
		for _, j := range judged[:own] {
			rows = append(rows, expectationRow(j))
		}
		judged = judged[own:]
		if t.Baseline != nil && len(matches) > 0 {
			for _, m := range matches[:check.Fingerprints] {
				rows = append(rows, matchRow(m, ofFingerprint, t.Baseline.Path()))
			}
			matches = matches[check.Fingerprints:]
		}
		if len(again) > 0 {
			for _, m := range again[:check.Fingerprints] {
				rows = append(rows, matchRow(m, ofRepetition, ""))
			}
			again = again[check.Fingerprints:]
		}
		for i := len(rows) - 1; i >= 0 && rows[i].scenario == ""; i-- {
			rows[i].scenario, rows[i].file = t.label, t.file
		}
	}
	return rows
}

func expectationRow(j check.Judgement) verdictRow {
	d := &j.Decision
	r := verdictRow{kind: ofExpectation, verdict: verdictPass, line: j.Expect.Pos.Line, id: j.Expect.ID, published: shown(j.Published()),
		predicted: shown(j.Predicted), ours: shown(d.Got), source: j.Expect.Source, note: d.Note}
	switch {
	case d.Deviates:
		r.verdict = verdictDeviates
	case !d.Pass:
		r.verdict = verdictFail
	}
	r.about, r.wanted = scenarios.Describe(j.Expect)
	got := r.ours
	if got == "" {
		got = "no value"
	}
	r.text = fmt.Sprintf("%s: want %s, got %s%s", r.about, r.wanted, got, beyond(d.Margin))
	if r.id != "" {
		r.text = r.id + ": " + r.text
	}
	if d.Note != "" {
		r.text += " (" + d.Note + ")"
	}
	if d.SE > 0 {
		r.ours += " (SE " + strconv.FormatFloat(d.SE, 'g', 3, 64) + ")"
	}
	if j.Expect.ToleranceSE > 0 {
		r.wanted += " +- " + shown(j.Expect.ToleranceSE) + " SE"
	}
	if j.Expect.Aggregate != "" {
		r.about = string(j.Expect.Aggregate) + " of " + r.about
	}
	if d.Margin != nil {
		r.margin = shown(*d.Margin)
	}
	if r.verdict == verdictFail && d.Where != nil {
		r.where, r.lines = d.Where.Brief(), d.Where.Lines()
		if d.Replication > 0 {
			r.lines[0] = fmt.Sprintf("replication %d, %s", d.Replication, r.lines[0])
		}
	}
	return r
}

// matchRow is the verdict on a fingerprint, compared with a baseline or with the run before.
func matchRow(m check.Match, kind, baseline string) verdictRow {
	r := verdictRow{kind: kind, verdict: verdictPass, about: "fingerprint " + m.Name, ours: m.Got, wanted: m.Want, lines: m.Lines()}
	if kind == ofRepetition {
		r.about = "again: " + m.Name
	}
	if m.Pass {
		return r
	}
	r.verdict = verdictFail
	if d := m.Divergence; d != nil {
		r.where = d.Brief()
	}
	r.print = m.Name
	r.text = "of the baseline " + baseline
	if kind == ofRepetition {
		r.text = "of the run before"
	}
	if m.Replication > 0 {
		r.text += fmt.Sprintf(", replication %d", m.Replication)
	}
	return r
}

func failures(rows []verdictRow) []verdictRow {
	return slices.DeleteFunc(slices.Clone(rows), func(r verdictRow) bool { return r.verdict != verdictFail })
}

// verdictTable is the table of all verdicts. In short, lists are cut, and sources and notes left out.
func verdictTable(rows []verdictRow, long bool) *table.Table {
	t := &table.Table{Verdicts: []int{0}, Columns: []table.Column{
		{Name: "verdict"}, {Name: "id"}, {Name: "scenario"}, {Name: "about"}, {Name: "published", Number: true}, {Name: "predicted", Number: true},
		{Name: "ours", Number: true}, {Name: "wanted"}, {Name: "margin", Number: true},
	}}
	located := slices.ContainsFunc(rows, func(r verdictRow) bool { return r.where != "" })
	cut := func(s string) string { return s }
	switch {
	case long:
		t.Columns = append(t.Columns, table.Column{Name: "source"}, table.Column{Name: "note"}, table.Column{Name: "file"}, table.Column{Name: "where"})
	case located:
		t.Columns = append(t.Columns, table.Column{Name: "where"})
	}
	if !long {
		cut = shorten
	}
	for _, r := range rows {
		row := []string{r.verdict, r.id, r.scenario, r.about, cut(r.published), cut(r.predicted), cut(r.ours), cut(r.wanted), r.margin}
		switch {
		case long:
			row = append(row, r.source, r.note, r.place(), strings.Join(r.lines, "\n"))
		case located:
			row = append(row, r.where)
		}
		t.Add(row...)
	}
	return t
}

// place is the file and the line, as far as there are any.
func (r *verdictRow) place() string {
	if r.line > 0 && r.file != "" {
		return r.file + ":" + strconv.Itoa(r.line)
	}
	return r.file
}

// fingerprintDigits is the length of a fingerprint.
const fingerprintDigits = 64

// shorten cuts a long list or a fingerprint so that a terminal can show it.
func shorten(s string) string {
	const longest = 28
	if len(s) == fingerprintDigits && !strings.Contains(s, " ") {
		return s[:12] + "..."
	}
	if len(s) <= longest || strings.Count(s, ", ") < 2 {
		return s
	}
	head := s[:longest]
	return head[:strings.LastIndex(head, ", ")+2] + "..."
}

// shown writes a value for a table, numbers rounded to nanoseconds.
func shown(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case float64:
		return strconv.FormatFloat(math.Round(v*1e9)/1e9, 'f', -1, 64)
	case []any:
		all := make([]string, len(v))
		for i, one := range v {
			all[i] = shown(one)
		}
		return strings.Join(all, ", ")
	}
	return fmt.Sprint(v)
}

// telling is what is said of one or more verdicts that have the same cause.
type telling struct {
	scenario, file string
	line           int
	title, text    string
	lines          []string
}

// tellings puts together what fails: the fingerprints of a scenario differ for one reason.
func tellings(failed []verdictRow) []telling {
	var all []telling
	for len(failed) > 0 {
		r := failed[0]
		n := 1
		for r.kind != ofExpectation && n < len(failed) && failed[n].kind == r.kind && failed[n].scenario == r.scenario && failed[n].file == r.file {
			n++
		}
		t := telling{scenario: r.scenario, file: r.file, line: r.line, title: r.about, text: r.text, lines: slices.Clone(r.lines)}
		if r.kind != ofExpectation {
			t.title, t.text = "fingerprints", fingerprintsText(failed[:n])
		}
		for _, other := range failed[1:n] {
			for _, line := range other.lines {
				if !slices.Contains(t.lines, line) {
					t.lines = append(t.lines, line)
				}
			}
		}
		all = append(all, t)
		failed = failed[n:]
	}
	return all
}

// fingerprintsText says which fingerprints differ.
func fingerprintsText(rows []verdictRow) string {
	names := make([]string, len(rows))
	for i, r := range rows {
		names[i] = r.print
	}
	if len(names) == 1 {
		return "fingerprint " + names[0] + " is not that " + rows[0].text
	}
	return "fingerprints " + strings.Join(names, ", ") + " are not those " + rows[0].text
}

// write tells it to people.
func (t *telling) write(w io.Writer) {
	fmt.Fprintf(w, "dsmipsim: %s: %s\n", t.scenario, t.text)
	for _, line := range t.lines {
		fmt.Fprintf(w, "    %s\n", line)
	}
}

// writeJUnit writes a suite for each scenario and a case for each verdict.
func writeJUnit(path string, targets []target, rows []verdictRow) error {
	var suites []junit.Suite
	for _, t := range targets {
		s := junit.Suite{Name: t.label}
		for len(rows) > 0 && rows[0].scenario == t.label && rows[0].file == t.file {
			r := rows[0]
			rows = rows[1:]
			c := junit.Case{Name: strings.TrimSpace(r.id + " " + r.about)}
			if r.kind == ofExpectation {
				c.Name += " " + r.wanted
			}
			switch r.verdict {
			case verdictFail:
				message := r.text
				if r.kind != ofExpectation {
					message = fingerprintsText([]verdictRow{r})
				}
				text := append([]string{message}, r.lines...)
				if place := r.place(); place != "" {
					text = append([]string{filepath.ToSlash(place)}, text...)
				}
				c.Failure = &junit.Failure{Message: message, Type: r.kind, Text: strings.Join(text, "\n")}
			case verdictDeviates:
				c.Skipped = "deviates: " + r.note
			}
			s.Cases = append(s.Cases, c)
		}
		suites = append(suites, s)
	}
	var text bytes.Buffer
	if err := junit.Write(&text, "dsmipsim check", suites); err != nil {
		return err
	}
	return reports.Replace(path, text.Bytes())
}

// tally counts the verdicts of a kind.
type tally struct{ all, failed, deviating int }

// sentence says how the check ended.
func sentence(rows []verdictRow, files int, stderr io.Writer) error {
	of := map[string]*tally{ofExpectation: {}, ofFingerprint: {}, ofRepetition: {}}
	for _, r := range rows {
		t := of[r.kind]
		t.all++
		switch r.verdict {
		case verdictFail:
			t.failed++
		case verdictDeviates:
			t.deviating++
		}
	}
	expect, prints, again := of[ofExpectation], of[ofFingerprint], of[ofRepetition]
	var bad, good []string
	if expect.failed > 0 {
		bad = append(bad, fmt.Sprintf("%d of %d expectations in %d scenarios not met", expect.failed, expect.all, files))
	}
	if prints.failed > 0 {
		bad = append(bad, fmt.Sprintf("%d of %d fingerprints not those of the baseline; if that is wanted, check --update takes the new ones", prints.failed, prints.all))
	}
	if again.failed > 0 {
		bad = append(bad, fmt.Sprintf("%d of %d fingerprints not the same again", again.failed, again.all))
	}
	if len(bad) > 0 {
		return &status{code: statusFailed, err: fmt.Errorf("%s", strings.Join(bad, "; "))}
	}
	switch {
	case expect.deviating > 0:
		good = append(good, fmt.Sprintf("%d expectations in %d scenarios are met, %d deviate as the scenarios explain", expect.all-expect.deviating, files, expect.deviating))
	case expect.all > 0:
		good = append(good, fmt.Sprintf("all %d expectations in %d scenarios are met", expect.all, files))
	}
	if prints.all > 0 {
		good = append(good, fmt.Sprintf("all %d fingerprints are those of the baseline", prints.all))
	}
	if again.all > 0 {
		good = append(good, "all runs are the same again")
	}
	fmt.Fprintf(stderr, "dsmipsim: %s\n", strings.Join(good, "; "))
	return nil
}
