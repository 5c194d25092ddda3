package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"math/big"
	"slices"
	"testing"

	"dsmipsim/cmd/dsmipsim/internal/recompute"
)

// packets compares each test packet, and what was received in each interval.
func (o *outputs) packets(t *testing.T) {
	names := map[recompute.Fate]string{recompute.Received: "received", recompute.UnderWay: "in_flight"}
	got := readCSV(t, string(o.read(t, "delays.csv")))
	var want []row
	for _, f := range o.judge.Flows {
		if f.TCP() {
			got = o.segments(t, f, got)
			continue
		}
		for _, p := range f.Packets {
			r := row{"flow": f.Name, "sequence": digits(p.Sequence), "fate": "lost", "delay_s": ""}
			if name, ok := names[p.Fate]; ok {
				r["fate"] = name
			}
			if p.Sent != recompute.Never {
				r["sent_s"] = seconds(p.Sent)
			}
			if p.Octets > 0 {
				r["octets"] = digits(p.Octets)
				r["hops"] = digits(p.Hops)
				r["overhead_octets"] = digits(p.Added)
			}
			if p.Fate == recompute.Received {
				r["delay_s"] = seconds(p.End - p.Sent)
				r["attachment"] = digits(p.Attachment)
			}
			want = append(want, r)
		}
	}
	agree(t, "delays.csv", got, want)
}

// segments compares the instants of receptions at the end that a connection is to, and returns
// the rows of other flows.
func (o *outputs) segments(t *testing.T, f *recompute.Flow, rows []row) (rest []row) {
	var got, want []string
	for _, r := range rows {
		if r["flow"] != f.Name {
			rest = append(rest, r)
		} else if r["fate"] == "received" {
			sent, _ := new(big.Rat).SetString(r["sent_s"])
			delay, _ := new(big.Rat).SetString(r["delay_s"])
			got = append(got, decimal(sent.Add(sent, delay).FloatString(9)))
		}
	}
	for _, p := range f.Packets {
		if p.Fate == recompute.Received && p.Sequence == 0 {
			want = append(want, seconds(p.End))
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("delays.csv: %s: %d receptions, by the capture %d, or at other instants", f.Name, len(got), len(want))
	}
	return rest
}

// paths compares by the network where the mobile node was.
func (o *outputs) paths(t *testing.T) {
	var want []row
	for _, f := range o.judge.Flows {
		if f.TCP() {
			return // the ends of a connection share one list
		}
		type sum struct{ received, hops, added, delay, least int64 }
		sums := map[string]*sum{}
		var networks []string
		for _, p := range f.Packets {
			if p.Fate != recompute.Received {
				continue
			}
			name := o.judge.Scenario.Stays[p.Attachment].Network
			if sums[name] == nil {
				sums[name] = &sum{least: recompute.Never}
				networks = append(networks, name)
			}
			x := sums[name]
			x.received++
			x.hops += int64(p.Hops)
			x.added += int64(p.Added)
			x.delay += p.End - p.Sent
			x.least = min(x.least, p.End-p.Sent)
		}
		for _, name := range networks {
			x := sums[name]
			want = append(want, row{"flow": f.Name, "network": name, "received": digits(x.received), "overhead_octets": digits(x.added),
				"hops_mean":   decimal(big.NewRat(x.hops, x.received).FloatString(6)),
				"delay_min_s": seconds(x.least), "delay_mean_s": decimal(big.NewRat(x.delay, x.received*1e9).FloatString(9))})
		}
	}
	agree(t, "paths.csv", readCSV(t, string(o.read(t, "paths.csv"))), want)
}

// interval is the width of the rows of throughput.csv and goodput.csv.
const interval = int64(100_000_000)

// intervals compares what was received in each 100 ms. Of a connection it is what the end received that
// the flow is to, and what the applications could read.
func (o *outputs) intervals(t *testing.T) {
	var throughput, goodput []row
	end := o.judge.Scenario.End
	for _, f := range o.judge.Flows {
		first := int64(recompute.Never)
		packets, octets, read := map[int64]int{}, map[int64]int{}, map[int64]int{}
		for _, p := range f.Packets {
			first = min(first, p.Sent)
			if p.Fate == recompute.Received && (!f.TCP() || p.Sequence == 0) {
				packets[p.End/interval]++
				octets[p.End/interval] += p.Octets
			}
		}
		if f.TCP() {
			for _, p := range f.Stream.Progress {
				read[p.At/interval] += p.Octets
			}
			first = f.Start
		}
		for n := first / interval; n*interval < end; n++ {
			at := row{"flow": f.Name, "start_s": seconds(n * interval)}
			throughput = append(throughput, row{"flow": at["flow"], "start_s": at["start_s"], "packets": digits(packets[n]),
				"octets": digits(octets[n]), "throughput_bps": digits(octets[n] * 80)})
			if f.TCP() {
				goodput = append(goodput, row{"flow": at["flow"], "start_s": at["start_s"], "octets": digits(read[n]), "goodput_bps": digits(read[n] * 80)})
			}
		}
	}
	agree(t, "throughput.csv", readCSV(t, string(o.read(t, "throughput.csv"))), throughput)
	if goodput != nil {
		agree(t, "goodput.csv", readCSV(t, string(o.read(t, "goodput.csv"))), goodput)
	}
}

// events compares what events.jsonl has of test packets and attachments.
func (o *outputs) events(t *testing.T) {
	type key struct {
		kind, flow string
		sequence   int
	}
	got := map[key]string{}
	var moves []string
	lines := bufio.NewScanner(bytes.NewReader(o.read(t, "events.jsonl")))
	for lines.Scan() {
		var e struct {
			Time     json.Number `json:"time_s"`
			Kind     string
			Node     string
			Link     string
			Flow     string
			Sequence int
		}
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		switch e.Kind {
		case "origin", "delivery":
			got[key{e.Kind, e.Flow, e.Sequence}] = decimal(e.Time.String())
		case "link_down", "link_up":
			if e.Node == o.judge.Scenario.Mobile {
				moves = append(moves, e.Kind+" "+e.Link+" "+decimal(e.Time.String()))
			}
		}
	}
	wrong := 0
	for _, f := range o.judge.Flows {
		if f.TCP() { // segments are numbered by nobody but the simulator
			continue
		}
		for _, p := range f.Packets {
			sent, received := "", ""
			if p.Sent != recompute.Never {
				sent = seconds(p.Sent)
			}
			if p.Fate == recompute.Received {
				received = seconds(p.End)
			}
			origin, delivery := got[key{"origin", f.Name, p.Sequence}], got[key{"delivery", f.Name, p.Sequence}]
			if (sent != "" && origin != sent || origin == "" || delivery != received) && wrong < 10 {
				wrong++
				t.Errorf("%s, packet %d: sent at %s and received at %q, by the capture %s and %q", f.Name, p.Sequence, origin, delivery, sent, received)
			}
		}
	}
	want := []string{"link_up " + o.judge.Scenario.Home + " 0"}
	for _, h := range o.judge.Handover {
		want = append(want, "link_down "+h.From+" "+seconds(h.Start), "link_up "+h.To+" "+seconds(h.Up))
	}
	if !slices.Equal(moves, want) {
		t.Errorf("attachments %q, by the scenario %q", moves, want)
	}
}

// bindings compares each home agent's and correspondent's care-of addresses. The home agent has the same
// for each home address.
func (o *outputs) bindings(t *testing.T) {
	var want, got []row
	for _, b := range o.judge.Bindings {
		r := row{"node": b.Node, "care_of_address": b.CareOf, "from_s": seconds(b.From), "until_s": seconds(b.Until), "updates": digits(b.Updates)}
		if b.Node == "" {
			r["node"] = "home agent"
			want = append(want, slices.Repeat([]row{r}, o.judge.Scenario.Homes-1)...)
		}
		want = append(want, r)
	}
	for _, b := range readCSV(t, string(o.read(t, "bindings.csv"))) {
		if b["node"] == "ha" {
			b["node"] = "home agent"
		}
		got = append(got, b)
	}
	agree(t, "bindings.csv", got, want)
}
