package main

import (
	"encoding/json"
	"errors"
	"maps"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// column is one of a Parquet file.
type column struct {
	Name, Type, Repetition string
	Text                   bool
}

// parquetColumns are those of packets.parquet. Times are whole nanoseconds.
var parquetColumns = []column{
	{"flow", "BYTE_ARRAY", "REQUIRED", true},
	{"kind", "BYTE_ARRAY", "REQUIRED", true},
	{"family", "BYTE_ARRAY", "REQUIRED", true},
	{"from", "BYTE_ARRAY", "REQUIRED", true},
	{"to", "BYTE_ARRAY", "REQUIRED", true},
	{"sequence", "INT64", "REQUIRED", false},
	{"sent_ns", "INT64", "REQUIRED", false},
	{"fate", "BYTE_ARRAY", "REQUIRED", true},
	{"end_ns", "INT64", "OPTIONAL", false},
	{"delay_ns", "INT64", "OPTIONAL", false},
	{"reason", "BYTE_ARRAY", "REQUIRED", true},
	{"octets", "INT32", "REQUIRED", false},
	{"overhead_octets", "INT32", "REQUIRED", false},
	{"hops", "INT32", "REQUIRED", false},
	{"attachment", "INT32", "REQUIRED", false},
	{"mobile_node", "BYTE_ARRAY", "REQUIRED", true},
}

// parquetReader returns the command of hyparquet, which is not the library that writes. It has its
// place in the folder that DSMIPSIM_PARQUET names: a copy of .ci/parquet after npm ci. With
// DSMIPSIM_ORACLES=1 it must be there.
func parquetReader(t *testing.T) []string {
	t.Helper()
	node, err := exec.LookPath("node")
	folder := os.Getenv("DSMIPSIM_PARQUET")
	if err == nil && folder == "" {
		err = errors.New("DSMIPSIM_PARQUET names no folder")
	}
	if err != nil && os.Getenv("DSMIPSIM_ORACLES") == "1" {
		t.Fatal("a reader of Parquet is required by DSMIPSIM_ORACLES=1: ", err)
	} else if err != nil {
		t.Skip(err)
	}
	return []string{node, filepath.Join(folder, "read.mjs")}
}

func readParquet(t *testing.T, reader []string, file string) (columns []column, stated, groups int, rows []row) {
	t.Helper()
	out, err := exec.Command(reader[0], append(reader[1:], file)...).Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var head struct {
		Columns []column
		Rows    int `json:",string"`
		Groups  int
	}
	dec := json.NewDecoder(strings.NewReader(string(out)))
	dec.UseNumber()
	if err := dec.Decode(&head); err != nil {
		t.Fatal(err)
	}
	for dec.More() {
		var x map[string]any
		if err := dec.Decode(&x); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, flatten("", x, row{}))
	}
	return head.Columns, head.Rows, head.Groups, rows
}

// Another reader finds in packets.parquet the packets of delays.csv, with the types that are promised.
func TestParquetByAnotherReader(t *testing.T) {
	reader := parquetReader(t)
	for _, c := range []struct {
		args   string
		groups int // of rows; more than 65536 take two
	}{
		{"roaming", 1},
		{"traffic-mix", 1},
		{"tcp-roaming", 1},
		{"no-answer", 0}, // has no flows
		{"dual-stack-access --set flow.voice4.interval=280us", 2},
	} {
		t.Run(c.args, func(t *testing.T) {
			o := &outputs{dir: filepath.Join(t.TempDir(), "out")}
			execute(t, append(append([]string{"run"}, strings.Fields(c.args)...), "--packets", "-o", o.dir)...)
			file := filepath.Join(o.dir, "packets.parquet")
			if _, err := os.Stat(file); c.groups == 0 {
				if err == nil {
					t.Error("a run without flows has a packets.parquet")
				}
				return
			}
			columns, stated, groups, rows := readParquet(t, reader, file)
			if !slices.Equal(columns, parquetColumns) {
				t.Errorf("columns\n%+v\nwant\n%+v", columns, parquetColumns)
			}
			if stated != len(rows) || groups != c.groups {
				t.Errorf("the footer states %d rows in %d groups; read were %d, wanted %d groups", stated, groups, len(rows), c.groups)
			}
			flows := map[string]row{}
			for _, f := range readCSV(t, string(o.read(t, "flows.csv"))) {
				flows[f["name"]] = f
			}
			want := readCSV(t, string(o.read(t, "delays.csv")))
			for i, r := range want {
				sent, _ := toNanoseconds(r["sent_s"])
				delay, received := toNanoseconds(r["delay_s"])
				r["sent_ns"], r["delay_ns"], r["mobile_node"] = sent.String(), "", "mn"
				switch {
				case received:
					r["delay_ns"], r["end_ns"] = delay.String(), delay.Add(delay, sent).String()
				case r["fate"] == "in_flight":
					r["end_ns"] = ""
				case i < len(rows): // when a packet was lost is in no other file
					if end, ok := new(big.Int).SetString(rows[i]["end_ns"], 10); !ok || end.Cmp(sent) < 0 {
						t.Errorf("row %d: sent at %s and lost at %q", i+1, sent, rows[i]["end_ns"])
					}
				}
				for _, key := range []string{"kind", "family", "from", "to"} {
					r[key] = flows[r["flow"]][key]
				}
				delete(r, "sent_s")
				delete(r, "delay_s")
			}
			agree(t, "packets.parquet", rows, want)
			if got := slices.Sorted(maps.Keys(rows[0])); len(got) != len(parquetColumns) {
				t.Errorf("a row has %q", got)
			}
		})
	}
}

// toNanoseconds converts seconds, which must be whole nanoseconds; false for an empty cell.
func toNanoseconds(seconds string) (*big.Int, bool) {
	if seconds == "" {
		return nil, false
	}
	x := rat(seconds)
	if x.Mul(x, big.NewRat(1e9, 1)); !x.IsInt() {
		panic("not whole nanoseconds: " + seconds)
	}
	return x.Num(), true
}
