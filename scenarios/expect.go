package scenarios

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"dsmipsim/nodes/wire"
	"dsmipsim/reports/result"
	"dsmipsim/scenarios/spec"
	"dsmipsim/sim/trace"
)

// judge compares a run with what its scenario expects. It listens to the run for the
// expectations about packets.
type judge struct {
	expects  []spec.Expect
	selected []selection // of each expectation about packets
	opts     wire.DissectOptions
	owner    map[netip.Addr]string // who has an address now
	number   int                   // of the latest packet of the capture
	packets  bool                  // some expectation is about packets
	evidence *evidence
}

func newJudge(s *spec.Spec, setup *result.Setup) *judge {
	j := &judge{expects: s.Expects, selected: make([]selection, len(s.Expects)), opts: Dissection(s), owner: map[netip.Addr]string{}}
	j.evidence = newEvidence(s.Expects, setup, j.opts)
	for i := range s.Expects {
		j.packets = j.packets || s.Expects[i].Packets != nil
	}
	return j
}

// CheckExpectations finds the mistakes in a scenario's expectations, and in the metrics of its
// sweep, that can be known before it runs.
func CheckExpectations(s *spec.Spec) error {
	if s.Sweep != nil {
		for i, path := range s.Sweep.Metrics {
			if _, err := ParseMetric(path); err != nil {
				return fmt.Errorf("%ssweep.metrics: %w", line(s.Sweep.MetricsAt[i]), err)
			}
		}
		if u := s.Sweep.Until; u != nil {
			if _, err := ParseMetric(u.Metric); err != nil {
				return fmt.Errorf("%ssweep.until.metric: %w", line(u.Pos), err)
			}
		}
	}
	for i := range s.Expects {
		if e := &s.Expects[i]; e.Metric != "" {
			if _, err := parseQuery(e.Metric); err != nil {
				return fmt.Errorf("line %d: expect.metric: %w", e.Pos.Line, err)
			}
		}
	}
	return nil
}

// line names the line of a place, if that is in the file.
func line(at spec.Pos) string {
	if at.Line == 0 {
		return ""
	}
	return fmt.Sprintf("line %d: ", at.Line)
}

// Record implements trace.Sink.
func (j *judge) Record(e *trace.Event) {
	if e.Kind == trace.Transmission {
		j.number++
	}
	j.evidence.record(e, j.number)
	if !j.packets {
		return
	}
	switch {
	case e.Kind == trace.Transmission:
		j.transmission(e)
	case e.Kind == trace.Milestone && e.Note.Kind == trace.AddressAdded:
		j.owner[e.Note.Home] = e.Node
	}
}

// linkOf tells how the octets of a transmission begin.
func linkOf(e *trace.Event) wire.LinkType {
	if e.LinkType == trace.RawIP {
		return wire.LinkRaw
	}
	return wire.LinkEthernet
}

func (j *judge) transmission(e *trace.Event) {
	link := linkOf(e)
	c := wire.Classify(e.Octets, link, j.opts)
	keep := func(s *sighting) { s.keep(j.number, e, c, link) }
	for i := range j.expects {
		p := j.expects[i].Packets
		if p == nil || p.From != "" && p.From != e.Node || p.Link != "" && p.Link != e.Link ||
			p.To != "" && j.owner[c.Destination] != p.To || !j.hasType(p.Type, c.Message, e.Octets, link) && (p.Answer == "" || !j.hasType(p.Answer, c.Message, e.Octets, link)) {
			continue
		}
		s := &j.selected[i]
		switch f := j.expects[i].Field; {
		case f == spec.FieldOctets:
			s.take(&j.expects[i], float64(c.IPOctets), keep)
		case f.Decoded():
			if v, ok := decoded(wire.Dissect(e.Octets, link, j.opts), string(f)); ok {
				s.take(&j.expects[i], v, keep)
			}
		default:
			s.take(&j.expects[i], e.Time.Seconds(), keep)
		}
	}
}

// hasType reports whether the packet's innermost message, or any of its headers, is of the
// wanted type.
func (j *judge) hasType(want, message string, octets []byte, link wire.LinkType) bool {
	if want == message {
		return true
	}
	if !slices.Contains(headers, want) {
		return false
	}
	for _, l := range wire.Dissect(octets, link, j.opts) {
		if l.Name == want {
			return true
		}
	}
	return false
}

// decoded returns a field of the innermost layer that has it: a number, also where its meaning
// stands behind it in parentheses, a duration in seconds, or text.
func decoded(layers []wire.Layer, name string) (any, bool) {
	for _, l := range slices.Backward(layers) {
		for _, f := range l.Fields {
			if f.Name != name {
				continue
			}
			bare, _, _ := strings.Cut(f.Value, " (")
			if x, err := strconv.ParseFloat(bare, 64); err == nil {
				return x, true
			}
			if d, err := time.ParseDuration(bare); err == nil {
				return d.Seconds(), true
			}
			return f.Value, true
		}
	}
	return nil, false
}

// headers are the names of headers that stand in front of messages.
var headers = []string{"Ethernet", "ARP", "IPv4", "IPv6", "ESP", "UDP", "Destination Options", "Routing", "Fragment", "Hop-by-Hop Options", "ICMPv4", "ICMPv6"}

// judge puts a verdict on every expectation into the result, and returns what it found for each.
// The samples are those of the run, to tell which test packet it was.
func (j *judge) judge(r *result.Result, samples []result.FlowSamples) ([]Finding, error) {
	t, err := tree(r)
	if err != nil {
		return nil, err
	}
	r.Expectations = []result.Expectation{}
	found := make([]Finding, len(j.expects))
	for i := range j.expects {
		e := &j.expects[i]
		found[i] = j.find(i, t, &account{r, samples})
		v := Verdict(e, found[i:i+1])
		one := result.Expectation{Metric: title(e), Want: want(e), Note: v.Note, Got: v.Got, Pass: v.Pass, Unjudged: v.Unjudged, Deviates: v.Deviates}
		if v.Failed() {
			one.Margin, one.Where = v.Margin, v.Where
		}
		r.Expectations = append(r.Expectations, one)
	}
	return found, nil
}

// find returns what the run says about an expectation.
func (j *judge) find(i int, t any, a *account) (f Finding) {
	e := &j.expects[i]
	if e.Packets != nil {
		f.Values = j.ofPackets(i)
		if e.Aggregate != "" || !passes(e, f.Values) {
			f.Where = j.selected[i].where(e, j.number, j.opts)
		}
		return f
	}
	q, err := parseQuery(e.Metric)
	if err != nil {
		f.Problem = err.Error()
		return f
	}
	found, nulls, err := q.locate(t)
	if err != nil {
		f.Problem = err.Error()
		return f
	}
	f.Values = values(found)
	if e.Aggregate != "" || !passes(e, f.Values) {
		f.Where = j.evidence.where(e, found, nulls, a)
	}
	if p, ok := predictedQuery(q); ok && e.Predicted == nil {
		f.Predicted, _ = p.run(t)
	}
	return f
}

// ofPackets returns what an expectation reads from its packets.
func (j *judge) ofPackets(i int) []any {
	e, vs := &j.expects[i], j.selected[i].values
	if e.Field == spec.FieldCount {
		return []any{float64(len(vs))}
	}
	got := make([]any, len(vs))
	for k, v := range vs {
		got[k] = valueOf(e, v, vs[0])
	}
	return got
}

// title names what an expectation is about.
func title(e *spec.Expect) string {
	if e.Packets == nil {
		return e.Metric
	}
	cond := []string{"type=" + e.Packets.Type}
	for _, c := range [][2]string{{"answer", e.Packets.Answer}, {"from", e.Packets.From}, {"to", e.Packets.To}, {"link", e.Packets.Link}} {
		if c[1] != "" {
			cond = append(cond, c[0]+"="+c[1])
		}
	}
	text := "packets[" + strings.Join(cond, ",") + "]." + string(e.Field)
	if e.Relative {
		text += " (relative)"
	}
	return text
}

// want says in words what an expectation wants.
func want(e *spec.Expect) string {
	var parts []string
	if e.Min != nil {
		parts = append(parts, ">= "+number(*e.Min))
	}
	if e.Max != nil {
		parts = append(parts, "<= "+number(*e.Max))
	}
	if e.Equal != nil {
		texts := make([]string, len(e.Equal.Values))
		for i, v := range e.Equal.Values {
			texts[i] = v.Text
			if !v.IsText {
				texts[i] = number(v.Number)
			}
		}
		text := strings.Join(texts, ", ")
		if e.Equal.List {
			text = "[" + text + "]"
		}
		parts = append(parts, "= "+text)
	}
	text := strings.Join(parts, " and ")
	if e.Tolerance > 0 {
		text += " +- " + number(e.Tolerance)
	}
	return text
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
