// Package table shows a result as tables on a terminal, in Markdown, as CSV or as JSON.
package table

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

// Format is how a table is written.
type Format string

// The formats, by the names that --format takes.
const (
	Terminal Format = "table"
	Markdown Format = "markdown"
	CSV      Format = "csv"
	JSON     Format = "json"
)

// Formats lists the names of all formats.
func Formats() []string {
	return []string{string(Terminal), string(Markdown), string(CSV), string(JSON)}
}

// ParseFormat returns the format of that name.
func ParseFormat(name string) (Format, error) {
	for _, f := range Formats() {
		if f == name {
			return Format(f), nil
		}
	}
	return "", fmt.Errorf("unknown format %q, want one of %s", name, strings.Join(Formats(), ", "))
}

// Column heads a column of cells.
type Column struct {
	Name   string // with the unit, if it has one
	Number bool   // aligned to the right
}

// Table is cells with a title. Every row has as many cells as there are columns.
type Table struct {
	Title   string // "" for none
	Columns []Column
	Rows    [][]string

	// Verdicts are the numbers of the columns whose cells are outcomes or verdicts, and Paint
	// colours those on a terminal; nil for nobody.
	Verdicts []int
	Paint    func(cell string) string
}

// Add appends a row.
func (t *Table) Add(cells ...string) { t.Rows = append(t.Rows, cells) }

// Render writes the table. CSV has no title; JSON is a list of objects of text.
func (t *Table) Render(w io.Writer, f Format) error {
	for i, row := range t.Rows {
		if len(row) != len(t.Columns) { // the library would add a column without a word
			return fmt.Errorf("table %q: row %d has %d cells for %d columns", t.Title, i+1, len(row), len(t.Columns))
		}
	}
	switch f {
	case Terminal, Markdown:
		return t.draw(w, f)
	case CSV:
		return t.csv(w)
	case JSON:
		return t.json(w)
	}
	return fmt.Errorf("unknown format %q", f)
}

// draw uses the table library with all that depends on the environment or changes the texts
// switched off.
func (t *Table) draw(w io.Writer, f Format) error {
	align := make([]tw.Align, len(t.Columns))
	header := make([]any, len(t.Columns))
	for i, c := range t.Columns {
		align[i] = tw.AlignLeft
		if c.Number {
			align[i] = tw.AlignRight
		}
		header[i] = escape(c.Name, f)
	}
	options := []tablewriter.Option{
		tablewriter.WithEastAsian(tw.Off), // else the width of some characters follows the locale
		tablewriter.WithHeaderAutoFormat(tw.Off),
		tablewriter.WithHeaderAutoWrap(tw.WrapNone),
		tablewriter.WithRowAutoWrap(tw.WrapNone),
		tablewriter.WithTrimSpace(tw.Off), // keeps the indent of a cell
		tablewriter.WithHeaderAlignmentConfig(tw.CellAlignment{PerColumn: align}),
		tablewriter.WithRowAlignmentConfig(tw.CellAlignment{PerColumn: align}),
	}
	title := t.Title + "\n"
	if f == Markdown {
		options = append(options, tablewriter.WithRenderer(renderer.NewMarkdown()))
		title = "### " + t.Title + "\n\n"
	} else {
		options = append(options, tablewriter.WithRendition(tw.Rendition{
			Borders: tw.BorderNone,
			Symbols: tw.NewSymbols(tw.StyleLight),
			Settings: tw.Settings{
				Separators: tw.Separators{BetweenColumns: tw.Off, BetweenRows: tw.Off, ShowHeader: tw.On},
				Lines:      tw.Lines{ShowTop: tw.Off, ShowBottom: tw.Off, ShowHeaderLine: tw.On},
			},
		}))
	}
	if t.Title != "" {
		if _, err := io.WriteString(w, title); err != nil {
			return err
		}
	}
	lines := &trimmer{w: w}
	table := tablewriter.NewTable(lines, options...)
	table.Header(header...)
	for _, row := range t.Rows {
		cells := make([]string, len(row))
		for i, c := range row {
			cells[i] = escape(c, f)
			if t.Paint != nil && f == Terminal && slices.Contains(t.Verdicts, i) {
				cells[i] = t.Paint(cells[i])
			}
		}
		if err := table.Append(cells); err != nil {
			return fmt.Errorf("table %q: %w", t.Title, err)
		}
	}
	if err := table.Render(); err != nil {
		return fmt.Errorf("table %q: %w", t.Title, err)
	}
	return lines.flush()
}

// escape keeps a cell in its place. The Markdown renderer does not do so itself.
func escape(cell string, f Format) string {
	if f == Markdown {
		cell = strings.ReplaceAll(cell, "|", `\|`)
	}
	return strings.ReplaceAll(cell, "\n", " ")
}

func (t *Table) csv(w io.Writer) error {
	c := csv.NewWriter(w)
	names := make([]string, len(t.Columns))
	for i := range t.Columns {
		names[i] = t.Columns[i].Name
	}
	if err := c.Write(names); err != nil {
		return err
	}
	if err := c.WriteAll(t.Rows); err != nil {
		return err
	}
	return c.Error()
}

// json writes the objects by hand, since a map would lose the order of the columns.
func (t *Table) json(w io.Writer) error {
	var b strings.Builder
	b.WriteString("[")
	for i, row := range t.Rows {
		pairs := make([]string, len(row))
		for k, cell := range row {
			pairs[k] = quote(t.Columns[k].Name) + ": " + quote(cell)
		}
		if i > 0 {
			b.WriteString(",")
		}
		b.WriteString("\n  {" + strings.Join(pairs, ", ") + "}")
	}
	b.WriteString("\n]\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// quote writes a JSON string; arrows such as -> stay readable.
func quote(text string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(text) // a string always encodes
	return strings.TrimSuffix(b.String(), "\n")
}

// trimmer takes the blanks off the ends of lines, which the library pads.
type trimmer struct {
	w    io.Writer
	line []byte
}

func (t *trimmer) Write(p []byte) (int, error) {
	for _, c := range p {
		if c != '\n' {
			t.line = append(t.line, c)
			continue
		}
		t.line = append([]byte(strings.TrimRight(string(t.line), " ")), '\n')
		if err := t.flush(); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

func (t *trimmer) flush() error {
	_, err := t.w.Write(t.line)
	t.line = t.line[:0]
	return err
}
