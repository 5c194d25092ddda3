package table

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"dsmipsim/reports/internal/golden"
	"dsmipsim/reports/internal/sample"
)

func TestReport(t *testing.T) {
	for _, f := range Formats() {
		format, err := ParseFormat(f)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		for file, list := range map[string]string{"report.": "usual", "all.": "all"} {
			b.Reset()
			c, err := Choose(list)
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Write(&b, format, sample.Result(), nil); err != nil {
				t.Fatal(err)
			}
			if format == JSON && !json.Valid(b.Bytes()) {
				t.Errorf("%s is no JSON", list)
			}
			golden.Check(t, file+f, b.Bytes())
		}
	}
}

func TestRenderKeepsOrderAndEscapes(t *testing.T) {
	table := &Table{Columns: []Column{{Name: "zeta"}, {Name: "alpha (ms)", Number: true}}}
	table.Add("a|b", "1")
	table.Add("line\nbreak", "2")
	want := map[Format]string{
		Markdown: "| zeta       | alpha (ms) |\n|:-----------|-----------:|\n| a\\|b       |          1 |\n| line break |          2 |\n",
		CSV:      "zeta,alpha (ms)\na|b,1\n\"line\nbreak\",2\n",
		JSON:     "[\n  {\"zeta\": \"a|b\", \"alpha (ms)\": \"1\"},\n  {\"zeta\": \"line\\nbreak\", \"alpha (ms)\": \"2\"}\n]\n",
	}
	for _, f := range []Format{Markdown, CSV, JSON} {
		var b bytes.Buffer
		if err := table.Render(&b, f); err != nil {
			t.Fatal(err)
		}
		if b.String() != want[f] {
			t.Errorf("%s: got\n%s\nwant\n%s", f, b.String(), want[f])
		}
		if f == JSON && !json.Valid(b.Bytes()) {
			t.Error("not JSON")
		}
	}
}

func TestLocaleDoesNotMatter(t *testing.T) {
	render := func() string {
		var b strings.Builder
		for _, table := range All(sample.Result()) {
			if err := table.Render(&b, Terminal); err != nil {
				t.Fatal(err)
			}
		}
		return b.String()
	}
	before := render()
	t.Setenv("LC_ALL", "ja_JP.UTF-8")
	if render() != before {
		t.Error("the table follows LC_ALL")
	}
}

func TestBadTables(t *testing.T) {
	if _, err := ParseFormat("xml"); err == nil || err.Error() != `unknown format "xml", want one of table, markdown, csv, json` {
		t.Errorf("format: %v", err)
	}
	table := &Table{Title: "x", Columns: []Column{{Name: "a"}}}
	table.Add("1", "2")
	if err := table.Render(&bytes.Buffer{}, Terminal); err == nil {
		t.Error("a row with too many cells was accepted")
	}
}
