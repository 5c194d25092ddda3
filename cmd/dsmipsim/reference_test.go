package main

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dsmipsim/reports"
	"dsmipsim/reports/events"
	"dsmipsim/reports/result"
	"dsmipsim/reports/table"
	"dsmipsim/reports/tidy"
)

// documented are runs in which, together, every output has all that it can have.
var documented = [][]string{
	{"roaming", "--attribute"},
	{"tcp-roaming"},
	{"two-interfaces"},
	{"vehicles"}, // one of which leaves the plane
	{"traffic-mix"},
	{"troubled-links"},
	{"behind-nat"},
	// Connections to a network that carries nothing are given up.
	{"tcp-roaming", "--set", "duration=300s", "--set", "expect=[]", "--set", "mobile_node.mn.visit=[]", "--set", "network.home.link.loss=1"},
	// Expectations that are not met, that deviate, and that one run cannot judge.
	{"roaming", "--set", `expect=[{packets={type="BU",from="mn"},field="count",max=1}]`},
	{"validation/v01c-inet-return-home"},
	{"validation/e12-ipv4-by-the-book"},
}

// Nothing is in the files of a run that the reference does not have, and the reference has
// nothing that is in no file.
func TestReferenceOfOutputs(t *testing.T) {
	t.Chdir(t.TempDir())
	found := map[string]bool{} // "file key"
	for i, args := range documented {
		var out, errs bytes.Buffer
		dir := "out" + string(rune('a'+i))
		if code := run(append([]string{"run", "-o", dir, "-q"}, args...), strings.NewReader(""), &out, &errs); code > statusFailed {
			t.Fatalf("%v: exit status %d: %s", args, code, errs.String())
		}
		for _, k := range reports.Kinds() {
			path := filepath.Join(dir, k.File)
			if _, err := os.Stat(path); err != nil {
				continue
			}
			switch {
			case filepath.Ext(k.File) == ".csv":
				csvKeys(t, path, func(key string) { found[k.File+" "+key] = true })
			case k.File == "events.jsonl":
				eventKeys(t, path, func(key string) { found[k.File+" "+key] = true })
			case k.File == "summary.json":
				text, err := os.ReadFile(path)
				var any any
				if err == nil {
					err = json.Unmarshal(text, &any)
				}
				if err != nil {
					t.Fatal(err)
				}
				summaryKeys("", any, func(key string) { found[k.File+" "+key] = true })
			}
		}
	}
	wanted := map[string]bool{}
	for _, k := range result.Keys() {
		wanted["summary.json "+strings.TrimSuffix(k.Path, "[]")] = true
	}
	for _, f := range tidy.Tables() {
		if filepath.Ext(f.File) != ".csv" {
			continue // only printed, from what summary.json has
		}
		for _, c := range f.Columns {
			wanted[f.File+" "+c.Name] = true
		}
	}
	for _, k := range events.Keys() {
		for _, kind := range k.Kinds {
			wanted["events.jsonl "+kind.String()+"."+k.Name] = true
		}
	}
	for k := range found {
		if !wanted[k] {
			t.Errorf("no reference has %s", k)
		}
	}
	for k := range wanted {
		if !found[k] {
			t.Errorf("no run has %s", k)
		}
	}
}

func csvKeys(t *testing.T, path string, take func(string)) {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	header, err := csv.NewReader(f).Read()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range header {
		take(name)
	}
}

func eventKeys(t *testing.T, path string, take func(string)) {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var fact map[string]any
		if err := json.Unmarshal(lines.Bytes(), &fact); err != nil {
			t.Fatal(err)
		}
		for key := range fact {
			take(fact["kind"].(string) + "." + key)
		}
	}
}

// summaryKeys walks through a value of JSON. Counts by reason have no keys of their own.
func summaryKeys(path string, value any, take func(string)) {
	switch v := value.(type) {
	case []any:
		for _, one := range v {
			summaryKeys(path+"[]", one, take)
		}
	case map[string]any:
		if strings.HasSuffix(path, "drops") {
			return
		}
		if path != "" {
			path += "."
		}
		for key, one := range v {
			take(path + key)
			summaryKeys(path+key, one, take)
		}
	}
}

// Every row of the reference has a meaning in a sentence.
func TestReferenceIsWhole(t *testing.T) {
	for _, p := range pages {
		for _, page := range p.tables() {
			meaning := slices.IndexFunc(page.Columns, func(c table.Column) bool { return c.Name == "meaning" })
			if len(page.Rows) == 0 || meaning < 0 && p.name != "rulings" {
				t.Errorf("%s: %q has no rows or no meanings", p.name, page.Title)
			}
			for _, row := range page.Rows {
				if meaning >= 0 && !strings.HasSuffix(strings.TrimSpace(row[meaning]), ".") {
					t.Errorf("%s: %s: found the meaning %q, wanted a sentence", p.name, row[0], row[meaning])
				}
			}
		}
	}
}
