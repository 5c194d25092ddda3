package table

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"dsmipsim/reports/result"
	"dsmipsim/reports/tidy"
)

// Kind is one table of a result: for people in Make, for programs in Tidy.
type Kind struct {
	Name  string
	About string
	Usual bool // shown if nobody asks for certain tables
	Make  func(*result.Result) *Table
	Tidy  func(io.Writer, *result.Result) error
}

// Kinds lists the tables in the order in which they are shown. A new one is a function and a row.
func Kinds() []Kind {
	return []Kind{
		{"handovers", "each change of network: phases, latency, prediction", true, Handovers, tidy.Handovers},
		{"interruptions", "what each handover did to each flow", true, Interruptions, tidy.Interruptions},
		{"attribution", "with --attribute: what each cause costs", true, Attribution, tidy.Attribution},
		{"flows", "counts and delays of each flow", true, Flows, tidy.Flows},
		{"tcp", "goodput, retransmissions, responses", true, TCP, tidy.Flows},
		{"calls", "how the E-model rates each call", true, Calls, tidy.Calls},
		{"signalling", "control messages by type", true, Signalling, tidy.Signalling},
		{"expectations", "what the scenario expects, and the verdicts", true, Expectations, tidy.Expectations},
		{"limits", "delays and losses of each flow against G.114, Y.1541 and G.109", false, FlowLimits, tidy.FlowLimits},
		{"handover-limits", "handovers and interruptions against M.2134 and 3GPP TR 25.913", false, HandoverLimits, tidy.HandoverLimits},
		{"paths", "hops and delay of each flow by network, against the direct path", false, Paths, tidy.Paths},
		{"bindings", "when home agents and correspondents had which care-of address", false, Bindings, tidy.Bindings},
		{"details", "control messages by type, phase of the handover and link", false, Details, tidy.SignallingDetails},
		{"links", "what each link carried and dropped", false, Links, tidy.Links},
		{"queues", "what waited at each transmitter", false, Queues, tidy.QueueTotals},
		{"drops", "why packets were dropped", false, Drops, tidy.Drops},
	}
}

// Choose returns the kinds that a list of names means: "usual", "all", or names of tables. Tables
// that were asked for by name are shown even if there is nothing in them.
func Choose(list string) (Choice, error) {
	var c Choice
	for _, name := range strings.Split(list, ",") {
		name = strings.TrimSpace(name)
		known := false
		for _, k := range Kinds() {
			named := k.Name == name
			if named || name == "all" || name == "usual" && k.Usual {
				known = true
				c.named = c.named || named
				c.add(k)
			}
		}
		if !known {
			return c, fmt.Errorf("found table %q, wanted usual, all, or some of %s", name, strings.Join(Names(), ", "))
		}
	}
	c.usual = list == "usual"
	return c, nil
}

// Names are the names of all tables.
func Names() []string {
	var all []string
	for _, k := range Kinds() {
		all = append(all, k.Name)
	}
	return all
}

// Choice is some kinds of tables.
type Choice struct {
	kinds []Kind
	named bool // by their names
	usual bool // nobody chose
}

func (c *Choice) add(k Kind) {
	if !slices.ContainsFunc(c.kinds, func(other Kind) bool { return other.Name == k.Name }) {
		c.kinds = append(c.kinds, k)
	}
}

// All returns the usual tables of a result that have rows.
func All(r *result.Result) []*Table {
	usual, _ := Choose("usual") // which is known
	return usual.tables(r)
}

// tables makes the tables of a result, without those that have no rows and no name.
func (c *Choice) tables(r *result.Result) []*Table {
	var all []*Table
	for _, k := range c.kinds {
		if t := k.Make(r); c.named || len(t.Rows) > 0 {
			all = append(all, t)
		}
	}
	return all
}

// Write shows tables of a result: on a terminal and in Markdown as tables for people, with paint
// for the verdicts or nil; as CSV the tidy tables one after the other with a blank line between;
// as JSON an object with a list of rows for each table. Of the usual ones that is the summary
// itself, and the four tables of handovers, interruptions, flows and signalling.
func (c *Choice) Write(w io.Writer, f Format, r *result.Result, paint func(string) string) error {
	switch {
	case f == JSON && c.usual:
		text, err := r.JSON()
		if err == nil {
			_, err = w.Write(text)
		}
		return err
	case f == JSON:
		return c.json(w, r)
	case f == CSV && c.usual:
		all, err := Choose("handovers,interruptions,flows,signalling")
		if err != nil {
			return err
		}
		return all.csv(w, r)
	case f == CSV:
		return c.csv(w, r)
	}
	for i, t := range c.tables(r) {
		if i > 0 {
			if _, err := io.WriteString(w, "\n"); err != nil {
				return err
			}
		}
		t.Paint = paint
		if len(t.Rows) == 0 {
			if _, err := fmt.Fprintf(w, "%s: none\n", t.Title); err != nil {
				return err
			}
			continue
		}
		if err := t.Render(w, f); err != nil {
			return err
		}
	}
	return nil
}

func (c *Choice) csv(w io.Writer, r *result.Result) error {
	for i, k := range c.kinds {
		if i > 0 {
			if _, err := io.WriteString(w, "\n"); err != nil {
				return err
			}
		}
		if err := k.Tidy(w, r); err != nil {
			return err
		}
	}
	return nil
}

// json writes what the tidy tables have, with numbers as numbers and empty cells as null.
func (c *Choice) json(w io.Writer, r *result.Result) error {
	var b strings.Builder
	for i, k := range c.kinds {
		var text bytes.Buffer
		if err := k.Tidy(&text, r); err != nil {
			return err
		}
		rows, err := csv.NewReader(&text).ReadAll()
		if err != nil {
			return err
		}
		b.WriteString([]string{"{", ","}[min(i, 1)] + "\n  " + quote(k.Name) + ": [")
		for n, row := range rows[1:] {
			var pairs []string
			for at, cell := range row {
				pairs = append(pairs, quote(rows[0][at])+": "+literal(cell, tidy.IsText(rows[0][at])))
			}
			b.WriteString([]string{"", ","}[min(n, 1)] + "\n    {" + strings.Join(pairs, ", ") + "}")
		}
		b.WriteString("\n  ]")
	}
	b.WriteString("\n}\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// literal is a cell as JSON.
func literal(cell string, text bool) string {
	switch {
	case cell == "":
		return "null"
	case !text && json.Valid([]byte(cell)): // a number, true or false
		return cell
	}
	return quote(cell)
}
