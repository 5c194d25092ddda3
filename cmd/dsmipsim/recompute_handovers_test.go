package main

import (
	"math/big"
	"slices"
	"strings"
	"testing"

	"dsmipsim/cmd/dsmipsim/internal/recompute"
)

// handoverRows are the handovers as the capture has them. The phases detect and address end with
// decisions of the mobile node, of which the capture has only the frames before and after; see
// o.handovers.
func (o *outputs) handoverRows() (rows []row) {
	for i, h := range o.judge.Handover {
		r := row{"mobile_node": o.judge.Scenario.Mobile, "index": digits(i + 1), "from": h.From, "to": h.To,
			"start_s": seconds(h.Start), "outcome": h.Outcome, "l2_s": seconds(h.Up - h.Start), "rest_s": "0"}
		r["latency_s"], r["register_s"], r["route_optimization_s"] = "", "0", "0"
		if h.Accepted != recompute.Never {
			r["latency_s"] = seconds(h.Accepted - h.Start)
			// The Binding Update leaves at once, or behind the request for its router's hardware address.
			n := slices.IndexFunc(h.Phases, func(p recompute.Phase) bool { return p.Name == "register" })
			r["register_s"] = seconds(h.Accepted - h.Phases[n].Own)
		}
		if h.Updated != recompute.Never {
			r["route_optimization_s"] = seconds(h.Updated - h.Accepted)
		}
		if h.Silent {
			delete(r, "latency_s")
		}
		rows = append(rows, r)
	}
	return rows
}

func (o *outputs) handovers(t *testing.T) {
	want := o.handoverRows()
	file := readCSV(t, string(o.read(t, "handovers.csv")))
	agree(t, "handovers.csv", file, want)
	all := objects(o.summary, "handovers")
	for i := range all {
		for key, cell := range all[i] {
			if name, ok := strings.CutPrefix(key, "phases_"); ok {
				all[i][name] = cell
				if i < len(file) && file[i][name] != cell {
					t.Errorf("handover %d: %s is %s in handovers.csv and %s in summary.json", i+1, name, file[i][name], cell)
				}
			}
		}
	}
	agree(t, "summary.json", all, want)
	if t.Failed() {
		return
	}

	// Each frame that names a phase left while the phase lasted, and no other frame did.
	var spans [][2]int64
	for i, h := range o.judge.Handover {
		at := instant(file[i]["start_s"])
		span := [2]int64{at, at}
		phases := map[string][2]int64{}
		for _, name := range []string{"l2", "detect", "address", "register", "route_optimization"} {
			end := at + instant(file[i][name+"_s"])
			phases[name] = [2]int64{at, end}
			at, span[1] = end, end
		}
		spans = append(spans, span)
		for _, p := range h.Phases {
			if span, ok := phases[p.Name]; !ok || p.First < span[0] || p.Last > span[1] {
				t.Errorf("handover %d: frames from %s to %s name the phase %s, which lasted from %s to %s", i+1,
					seconds(p.First), seconds(p.Last), p.Name, seconds(span[0]), seconds(span[1]))
			}
		}
	}
	for _, at := range o.judge.Quiet {
		for i, span := range spans {
			if at > span[0] && at < span[1] {
				t.Fatalf("a frame at %s names no phase, and handover %d lasted from %s to %s", seconds(at), i+1, seconds(span[0]), seconds(span[1]))
			}
		}
	}
}

// instant converts seconds to nanoseconds.
func instant(seconds string) int64 {
	ns, _ := toNanoseconds(seconds)
	return ns.Int64()
}

func rat(text string) *big.Rat {
	x, ok := new(big.Rat).SetString(text)
	if !ok {
		panic("no number: " + text)
	}
	return x
}

// interruptionRows are what the handovers did to the flows. Of a connection with segments that were
// refused at their source it is not known to which handover these were lost.
func (o *outputs) interruptionRows() (rows []row) {
	for i, h := range o.judge.Handover {
		for k, f := range o.judge.Flows {
			r := row{"mobile_node": o.judge.Scenario.Mobile, "index": digits(i + 1), "from": h.From, "to": h.To, "flow": f.Name,
				"interruption_s": seconds(f.Harm[i].Interruption), "lost": digits(f.Harm[i].Lost)}
			if refused, _, _, _ := o.drops(k); f.TCP() && refused > 0 {
				delete(r, "lost")
			}
			if f.Kind == "tcp" {
				r["stall_s"] = seconds(f.Stream.Stalls[i])
			}
			rows = append(rows, r)
		}
	}
	return rows
}

func (o *outputs) interruptions(t *testing.T) {
	want := o.interruptionRows()
	agree(t, "interruptions.csv", readCSV(t, string(o.read(t, "interruptions.csv"))), want)
	var all []row
	handovers, _ := o.summary["handovers"].([]any)
	for _, x := range handovers {
		h := x.(map[string]any)
		for _, r := range objects(h, "flows") {
			for _, key := range []string{"mobile_node", "index", "from", "to"} {
				flatten(key, h[key], r)
			}
			all = append(all, r)
		}
	}
	agree(t, "summary.json", all, want)
}

// signalling compares the messages, and where and in which phase they were seen.
func (o *outputs) signalling(t *testing.T) {
	var want, places []row
	counted := func(m *recompute.Message) row {
		return row{"class": m.Class, "type": m.Type, "packets": digits(m.Packets), "octets": digits(m.Octets), "octet_hops": digits(m.Crossing)}
	}
	sum := recompute.Message{}
	for _, m := range o.judge.Messages {
		want = append(want, counted(m))
		for at, m := range m.Places {
			r := counted(m)
			r["phase"], r["link"] = at.Phase, at.Link
			places = append(places, r)
		}
		sum.Packets += m.Packets
		sum.Octets += m.Octets
		sum.Crossing += m.Crossing
	}
	slices.SortFunc(places, func(a, b row) int {
		key := func(r row) string {
			return strings.Join([]string{r["class"], r["type"], r["phase"], r["link"]}, "\x00")
		}
		return strings.Compare(key(a), key(b))
	})
	all := o.summary["signalling"].(map[string]any)
	agree(t, "summary.json", objects(all, "messages"), want)
	agree(t, "summary.json, details", objects(all, "details"), places)
	agree(t, "signalling.csv", readCSV(t, string(o.read(t, "signalling.csv"))), want)
	agree(t, "signalling_details.csv", readCSV(t, string(o.read(t, "signalling_details.csv"))), places)
	agree(t, "summary.json, sums", []row{flatten("", all, row{})},
		[]row{{"packets": digits(sum.Packets), "octets": digits(sum.Octets), "octet_hops": digits(sum.Crossing)}})
}
