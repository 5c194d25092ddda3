package table

import (
	"fmt"
	"strconv"
	"strings"

	"dsmipsim/reports/limits"
	"dsmipsim/reports/result"
	"dsmipsim/sim/trace"
)

// Words for whether a limit is kept.
const (
	kept   = "kept"
	missed = "missed"
)

func within(value, limit float64) string {
	if value <= limit {
		return kept
	}
	return missed
}

// FlowLimits holds each flow against published limits: one way, of a call from mouth to ear. Pings
// have none.
func FlowLimits(r *result.Result) *Table {
	t := &Table{Title: "Published limits of flows (delays in ms)", Columns: []Column{{"flow", false}, {"delay", true}}}
	delays := limits.Of(limits.OneWayDelay)
	for _, l := range delays {
		t.Verdicts = append(t.Verdicts, len(t.Columns))
		t.Columns = append(t.Columns, Column{l.Name + " (" + whole(l.Value) + ")", false})
	}
	t.Columns = append(t.Columns, Column{"variation", true}, Column{"lost (%)", true}, Column{"classes of Y.1541", false}, Column{"R", true}, Column{"G.109", false})
	for i := range r.Flows {
		f := &r.Flows[i]
		if f.Limits == nil || f.Limits.G114 == "" {
			continue
		}
		delay := f.OneWay()
		row := []string{f.Name, ms(delay)}
		for _, l := range delays {
			row = append(row, within(delay, l.Value))
		}
		classes := make([]string, len(f.Limits.Y1541Classes))
		for k, n := range f.Limits.Y1541Classes {
			classes[k] = strconv.Itoa(n)
		}
		rating, best := "", ""
		if f.Voice != nil {
			rating, best = fixed(f.Voice.R), "below poor"
			for _, l := range limits.Of(limits.Rating) {
				if f.Voice.R >= l.Value {
					best = strings.TrimPrefix(l.Name, "G.109 ")
					break
				}
			}
		}
		t.Add(append(row, ms(f.Limits.DelayVariationS), fixed(float64(f.Limits.LossRatio*100)), strings.Join(classes, " "), rating, best)...)
	}
	return t
}

// HandoverLimits holds each handover against published limits: those of ITU-R M.2134 are about its
// radio part, which is the time without a link, those of 3GPP about the interruption of a service.
func HandoverLimits(r *result.Result) *Table {
	t := &Table{Title: "Published limits of handovers (ms)", Columns: []Column{{"node", false}, {"handover", false}, {"l2", true}}}
	column := func(l limits.Limit) {
		t.Verdicts = append(t.Verdicts, len(t.Columns))
		t.Columns = append(t.Columns, Column{l.Name + " (" + whole(l.Value) + ")", false})
	}
	var radio, service []limits.Limit
	for _, l := range limits.Of(limits.Interruption) {
		if l.Radio {
			radio = append(radio, l)
			column(l)
		}
	}
	t.Columns = append(t.Columns, Column{"flow", false}, Column{"interruption", true})
	for _, l := range limits.Of(limits.Interruption) {
		if !l.Radio {
			service = append(service, l)
			column(l)
		}
	}
	for i := range r.Handovers {
		h := &r.Handovers[i]
		row := []string{h.MobileNode, fmt.Sprintf("%d  %s -> %s", h.Index, place(h.From), place(h.To)), ms(h.Phases.L2S)}
		for _, l := range radio {
			row = append(row, within(h.Phases.L2S, l.Value))
		}
		for _, f := range h.Flows {
			one := append(row[:len(row):len(row)], f.Flow, optionalMS(f.InterruptionS))
			for _, l := range service {
				verdict := missed // it never came back
				if f.InterruptionS != nil {
					verdict = within(*f.InterruptionS, l.Value)
				}
				one = append(one, verdict)
			}
			t.Add(one...)
			row = make([]string, len(row)) // said once is enough
		}
		if len(h.Flows) == 0 {
			t.Add(append(row, make([]string, len(t.Columns)-len(row))...)...)
		}
	}
	return t
}

// Paths shows what packets met, by where the mobile node was.
func Paths(r *result.Result) *Table {
	t := &Table{Title: "Paths (delays in ms; stretch: over the direct path)", Columns: []Column{{"flow", false}, {"network", false}, {"received", true},
		{"hops", true}, {"direct", true}, {"stretch", true}, {"least delay", true}, {"direct", true}, {"stretch", true}, {"mean delay", true}, {"overhead (octets)", true}}}
	for i := range r.Flows {
		name := r.Flows[i].Name
		for _, p := range r.Flows[i].Paths {
			hops := none
			if p.DirectHops != nil {
				hops = strconv.Itoa(*p.DirectHops)
			}
			t.Add(name, p.Network, strconv.Itoa(p.Received), fixed(p.HopsMean), hops, optionalFixed(p.HopStretch),
				ms(p.DelayMinS), optionalMS(p.DirectDelayS), optionalFixed(p.DelayStretch), ms(p.DelayMeanS), strconv.FormatInt(p.OverheadOctets, 10))
			name = ""
		}
	}
	return t
}

// Bindings shows when a home agent or correspondent had which care-of address.
func Bindings(r *result.Result) *Table {
	t := &Table{Title: "Bindings", Columns: []Column{{"node", false}, {"home address", false}, {"care-of address", false}, {"from (s)", true}, {"until (s)", true}, {"updates", true}}}
	for _, b := range r.Bindings {
		t.Add(b.Node, b.Home, b.CareOf, fixed(b.FromS), optionalFixed(b.UntilS), strconv.Itoa(b.Updates))
	}
	return t
}

// Details shows the control messages by the phase in which they were sent, and by link.
func Details(r *result.Result) *Table {
	t := &Table{Title: "Signalling by phase and link", Columns: []Column{{"class", false}, {"message", false}, {"phase", false}, {"link", false},
		{"packets", true}, {"octets", true}, {"octet-hops", true}}}
	for _, d := range r.Signalling.Details {
		phase := d.Phase
		if phase == "" {
			phase = none
		}
		t.Add(d.Class, d.Type, phase, d.Link, strconv.Itoa(d.Packets), strconv.FormatInt(d.Octets, 10), strconv.FormatInt(d.OctetHops, 10))
	}
	return t
}

// Links shows what each link carried and dropped.
func Links(r *result.Result) *Table {
	t := &Table{Title: "Links", Columns: []Column{{"link", false}, {"transmissions", true}, {"octets", true}, {"dropped", true}}}
	for _, l := range r.Links {
		t.Add(l.Name, strconv.Itoa(l.Transmissions), strconv.FormatInt(l.Octets, 10), strconv.Itoa(l.Drops.Total()))
	}
	return t
}

// Queues shows what waited at transmitters.
func Queues(r *result.Result) *Table {
	t := &Table{Title: "Queues (waits in ms)", Columns: []Column{{"link", false}, {"node", false}, {"waited", true}, {"most frames", true}, {"most octets", true},
		{"mean frames", true}, {"mean octets", true}, {"mean wait", true}, {"longest wait", true}}}
	for _, l := range r.Links {
		for _, q := range l.Queues {
			t.Add(l.Name, q.Node, strconv.Itoa(q.Frames), strconv.Itoa(q.MaxFrames), strconv.FormatInt(q.MaxOctets, 10),
				fixed(q.MeanFrames), fixed(q.MeanOctets), ms(q.MeanWaitS), ms(q.MaxWaitS))
		}
	}
	return t
}

// Drops shows why packets were dropped, those of the protocols included.
func Drops(r *result.Result) *Table {
	t := &Table{Title: "Packets dropped", Columns: []Column{{"reason", false}, {"packets", true}, {"meaning", false}}}
	about := map[string]string{}
	for _, reason := range trace.Reasons() {
		about[reason.String()] = reason.About()
	}
	for _, reason := range r.Drops.Reasons() {
		t.Add(reason, strconv.Itoa(r.Drops[reason]), about[reason])
	}
	return t
}

// whole is a limit in ms without needless decimals.
func whole(s float64) string { return strconv.FormatFloat(float64(s*1000), 'f', -1, 64) + " ms" }

func optionalFixed(v *float64) string {
	if v == nil {
		return none
	}
	return fixed(*v)
}
