package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"dsmipsim/cmd/dsmipsim/internal/recompute"
)

// All outputs of a run say the same, and what they say follows from its capture: a judge that shares
// nothing with the simulator reads packets.pcapng and measures flows, handovers and signalling once
// more. Numbers are compared digit by digit; where an output rounds, the digits that it has.
//
// What the capture does not tell is named where it is compared.
func TestOutputsAgreeWithCapture(t *testing.T) {
	for i, scenario := range []string{
		"roaming",            // streams and pings over each kind of network
		"traffic-mix",        // calls, video, random arrivals, a capture sent again
		"route-optimization", // destination option and routing header instead of tunnels
		"tcp-roaming",        // TCP
		"dual-stack-access",  // IPv4 in IPv6
		"isatap-access",      // IPv6 in IPv4 on the access network
		"private-ipv4",       // no binding at all
		"all-handovers",      // thirty of them
	} {
		t.Run(scenario, func(t *testing.T) {
			o := &outputs{dir: filepath.Join(t.TempDir(), "out"), text: map[string]string{}}
			formats := []string{"table", "csv", "json", "markdown"}
			if i > 0 { // the others take their time
				formats = formats[3:]
			}
			for _, format := range formats {
				o.text[format] = execute(t, "run", scenario, "--format", format, "-o", o.dir)
			}
			var err error
			if o.judge, err = recompute.Read(o.dir); err != nil {
				t.Fatal(err)
			}
			o.summary = parsed(t, o.read(t, "summary.json"))
			t.Run("fates", o.fates)
			t.Run("flows", o.flows)
			t.Run("packets", o.packets)
			t.Run("paths", o.paths)
			t.Run("intervals", o.intervals)
			t.Run("events", o.events)
			t.Run("bindings", o.bindings)
			t.Run("handovers", o.handovers)
			t.Run("interruptions", o.interruptions)
			t.Run("signalling", o.signalling)
			t.Run("links", o.links)
			t.Run("formats", o.formats)
			t.Run("terminal", o.terminal)
			t.Run("page", o.page)
			t.Run("page-data", o.pageData)
			t.Run("plots", o.plots)
		})
	}
}

// execute runs a command of the program and returns what it prints.
func execute(t *testing.T, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if code := run(args, strings.NewReader(""), &out, &errs); code != 0 {
		t.Fatalf("%s: exit status %d: %s", strings.Join(args, " "), code, errs.String())
	}
	return out.String()
}

// outputs are those of a run, and what the judge found.
type outputs struct {
	dir     string
	judge   *recompute.Run
	summary map[string]any
	text    map[string]string // on the terminal, by format
}

func (o *outputs) read(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(o.dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func parsed(t *testing.T, text []byte) map[string]any {
	t.Helper()
	var m map[string]any
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(&m); err != nil {
		t.Fatal(err)
	}
	return m
}

// row is a line of a table or an object, cells by name.
type row map[string]string

// flatten makes a row of an object: delay { min_s } becomes delay_min_s.
func flatten(prefix string, v any, into row) row {
	switch v := v.(type) {
	case map[string]any:
		for key, x := range v {
			flatten(strings.TrimPrefix(prefix+"_"+key, "_"), x, into)
		}
	case nil:
		into[prefix] = ""
	case json.Number:
		into[prefix] = decimal(v.String())
	default:
		into[prefix] = fmt.Sprint(v)
	}
	return into
}

// decimal writes a number without exponent and needless zeros; it leaves other text as it is.
func decimal(text string) string {
	x, ok := new(big.Rat).SetString(text)
	if !ok || strings.Contains(text, "/") {
		return text
	}
	s := x.FloatString(15)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// objects returns a list of an object as rows.
func objects(m map[string]any, key string) (rows []row) {
	list, _ := m[key].([]any)
	for _, x := range list {
		rows = append(rows, flatten("", x, row{}))
	}
	return rows
}

// readCSV reads a table whose first line names the columns.
func readCSV(t *testing.T, text string) (rows []row) {
	t.Helper()
	lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines[1:] {
		r := row{}
		for i, cell := range line {
			r[lines[0][i]] = decimal(cell)
		}
		rows = append(rows, r)
	}
	return rows
}

// agree compares the cells that the judge knows; exactly as many rows must be there.
func agree(t *testing.T, where string, got, want []row) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d rows, the capture tells of %d", where, len(got), len(want))
		return
	}
	wrong := 0
	for i := range want {
		for _, key := range slices.Sorted(maps.Keys(want[i])) {
			cell, there := got[i][key]
			if w := want[i][key]; cell != w || !there {
				if wrong++; wrong <= 10 {
					t.Errorf("%s: row %d: %s is %q, by the capture %q", where, i+1, key, cell, w)
				}
			}
		}
	}
	if wrong > 10 {
		t.Errorf("%s: %d cells are wrong", where, wrong)
	}
}

// seconds writes nanoseconds; "" below 0, which is the judge's null.
func seconds(ns int64) string {
	if ns < 0 || ns == recompute.Never {
		return ""
	}
	return decimal(fmt.Sprintf("%d.%09d", ns/1e9, ns%1e9))
}

func digits[T int | int64](n T) string { return strconv.FormatInt(int64(n), 10) }

// refusals are the reasons for which a source drops a packet before it reaches a link.
var refusals = []string{"no_care_of_address", "no_binding", "no_source"}

// drops returns the drops of a flow by the judge's fates.
func (o *outputs) drops(i int) (refused, noReceiver, detached, others int) {
	flow := o.summary["flows"].([]any)[i].(map[string]any)
	for reason, n := range flow["drops"].(map[string]any) {
		count, _ := strconv.Atoi(n.(json.Number).String())
		switch {
		case slices.Contains(refusals, reason):
			refused += count
		case reason == "no_receiver":
			noReceiver += count
		case reason == "detached":
			detached += count
		default:
			others += count
		}
	}
	return refused, noReceiver, detached, others
}

// Each reason of a drop is of a kind that the capture knows. Of a connection it does not tell
// that segments were refused, because nothing numbers them.
func (o *outputs) fates(t *testing.T) {
	for i, f := range o.judge.Flows {
		refused, noReceiver, detached, others := o.drops(i)
		if f.TCP() {
			refused = 0
		}
		want := [...]int{f.Received, refused, noReceiver, detached, others, f.Fates[recompute.UnderWay]}
		if f.Fates != want {
			t.Errorf("%s: drops say received, refused, no receiver, detached, forgotten, under way: %v, the capture %v", f.Name, want, f.Fates)
		}
	}
}

// flowRows are the flows as the capture has them.
func (o *outputs) flowRows() (rows []row) {
	for i, f := range o.judge.Flows {
		lost := f.Fates[recompute.Refused] + f.Fates[recompute.NoReceiver] + f.Fates[recompute.Detached] + f.Fates[recompute.Forgotten]
		refused := 0 // segments of which the capture knows nothing
		if f.TCP() {
			refused, _, _, _ = o.drops(i)
		}
		r := row{"name": f.Name, "kind": f.Kind, "family": f.Family, "from": f.From, "to": f.To,
			"sent": digits(len(f.Packets) + refused), "received": digits(f.Received), "lost": digits(lost + refused),
			"in_flight": digits(f.Fates[recompute.UnderWay]), "duplicates": digits(f.Duplicates), "reordered": digits(f.Reordered),
			"longest_gap_s": seconds(f.LongestGap), "overhead_octets": digits(f.Added)}
		octets, known := 0, refused == 0
		for _, p := range f.Packets {
			if p.Fate == recompute.Refused {
				known = known && f.Interval > 0 // all packets have one length
				octets += f.Packets[0].Octets
			}
			octets += p.Octets
		}
		if known {
			r["sent_octets"] = digits(octets)
		}
		if d := f.Delay; d != nil {
			r["jitter_s"] = seconds(f.Jitter)
			for name, v := range map[string]int64{"min": d.Min, "mean": d.Mean, "p50": d.P50, "p95": d.P95, "p99": d.P99, "max": d.Max} {
				r["delay_"+name+"_s"] = seconds(v)
			}
		}
		if f.Stream != nil {
			stream(r, f, refused == 0)
		}
		rows = append(rows, r)
	}
	return rows
}

// stream adds what is known of a connection. Delays are not: when a segment was handed to the
// stack is not in the capture. Segments that were refused at their source carried octets, too, so
// what was sent again is known only if there are none.
func stream(r row, f *recompute.Flow, all bool) {
	s := f.Stream
	r["goodput_octets"] = digits(s.Goodput)
	r["connect_s"] = seconds(s.Connected - f.Start)
	if all {
		r["segments"], r["retransmissions"], r["retransmitted_octets"] = digits(s.Segments), digits(s.Again), digits(s.AgainOctets)
	}
	if f.Kind == "tcp" {
		r["transfer_s"] = seconds(s.Finished - f.Start)
		rate := big.NewRat(s.Goodput*8*1e9, s.Finished-f.Packets[0].Sent)
		r["goodput_bps"] = rate.FloatString(0)
	}
}

func (o *outputs) flows(t *testing.T) {
	want := o.flowRows()
	agree(t, "summary.json", objects(o.summary, "flows"), want)
	agree(t, "flows.csv", readCSV(t, string(o.read(t, "flows.csv"))), want)
}

func (o *outputs) links(t *testing.T) {
	var want []row
	for _, l := range o.judge.Links {
		want = append(want, row{"link": l.Name, "name": l.Name, "transmissions": digits(l.Frames), "octets": digits(l.Octets)})
	}
	got := readCSV(t, string(o.read(t, "links.csv")))
	for _, r := range got {
		r["name"] = r["link"]
	}
	agree(t, "links.csv", got, want)
	all := objects(o.summary, "links")
	for _, r := range all {
		r["link"] = r["name"]
	}
	agree(t, "summary.json", all, want)
}
