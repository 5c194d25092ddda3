package main

import (
	"strings"

	"dsmipsim/reports/events"
	"dsmipsim/reports/result"
	"dsmipsim/reports/table"
	"dsmipsim/reports/tidy"
	"dsmipsim/sim/trace"
)

// summaryTable is made of the structure that summary.json is written from.
func summaryTable() *table.Table {
	t := &table.Table{Title: "Keys of summary.json", Columns: columns("key", "type", "unit", "meaning")}
	for _, k := range result.Keys() {
		kind := k.Type
		if k.Null {
			kind += " or null"
		}
		t.Add(k.Path, kind, k.Unit, k.About)
	}
	return t
}

func csvTable() *table.Table {
	t := &table.Table{Title: "Columns of the CSV files, and of further tables that the command table prints", Columns: columns("file or table", "column", "unit", "meaning")}
	for _, file := range tidy.Tables() {
		for _, c := range file.Columns {
			t.Add(file.File, c.Name, c.Unit, c.About)
		}
	}
	return t
}

// eventTables describe events.jsonl: its keys, and the words that are values of kind, note and
// reason.
func eventTables() []*table.Table {
	keys := &table.Table{Title: "Keys of events.jsonl, in their order in a line", Columns: columns("key", "unit", "in facts of kind", "meaning")}
	all := len(events.Kinds())
	for _, k := range events.Keys() {
		var kinds []string
		for _, kind := range k.Kinds {
			kinds = append(kinds, kind.String())
		}
		if len(kinds) == all {
			kinds = []string{"every kind"}
		}
		keys.Add(k.Name, k.Unit, strings.Join(kinds, ", "), k.About)
	}
	kinds := &table.Table{Title: "Kinds of facts", Columns: columns("kind", "meaning")}
	for _, k := range events.Kinds() {
		kinds.Add(k.String(), k.About())
	}
	notes := &table.Table{Title: "Milestones", Columns: columns("note", "meaning")}
	for _, n := range trace.NoteKinds() {
		notes.Add(n.String(), n.About())
	}
	reasons := &table.Table{Title: "Reasons for which packets are dropped", Columns: columns("reason", "meaning")}
	for _, r := range trace.Reasons() {
		reasons.Add(r.String(), r.About())
	}
	return []*table.Table{keys, kinds, notes, reasons}
}
