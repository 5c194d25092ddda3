package scenarios

import (
	"fmt"
	"math"
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
	expects []spec.Expect
	values  [][]any // of the packets of each expectation, as its field says
	opts    wire.DissectOptions
	owner   map[netip.Addr]string // who has an address now
	packets bool                  // some expectation is about packets
}

func newJudge(s *spec.Spec) *judge {
	j := &judge{expects: s.Expects, values: make([][]any, len(s.Expects)), opts: Dissection(s), owner: map[netip.Addr]string{}}
	for i := range s.Expects {
		j.packets = j.packets || s.Expects[i].Packets != nil
	}
	return j
}

// CheckExpectations finds the mistakes in a scenario's expectations that can be known
// before it runs.
func CheckExpectations(s *spec.Spec) error {
	for i := range s.Expects {
		if e := &s.Expects[i]; e.Metric != "" {
			if _, err := parseQuery(e.Metric); err != nil {
				return fmt.Errorf("line %d: expect.metric: %w", e.Pos.Line, err)
			}
		}
	}
	return nil
}

// Record implements trace.Sink.
func (j *judge) Record(e *trace.Event) {
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

func (j *judge) transmission(e *trace.Event) {
	link := wire.LinkEthernet
	if e.LinkType == trace.RawIP {
		link = wire.LinkRaw
	}
	c := wire.Classify(e.Octets, link, j.opts)
	for i := range j.expects {
		p := j.expects[i].Packets
		if p == nil || p.From != "" && p.From != e.Node || p.Link != "" && p.Link != e.Link ||
			p.To != "" && j.owner[c.Destination] != p.To || !j.hasType(p.Type, c.Message, e.Octets, link) && (p.Answer == "" || !j.hasType(p.Answer, c.Message, e.Octets, link)) {
			continue
		}
		switch f := j.expects[i].Field; {
		case f == spec.FieldOctets:
			j.values[i] = append(j.values[i], float64(c.IPOctets))
		case f.Decoded():
			if v, ok := decoded(wire.Dissect(e.Octets, link, j.opts), string(f)); ok {
				j.values[i] = append(j.values[i], v)
			}
		default:
			j.values[i] = append(j.values[i], e.Time.Seconds())
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
func (j *judge) judge(r *result.Result) ([]Finding, error) {
	t, err := tree(r)
	if err != nil {
		return nil, err
	}
	r.Expectations = []result.Expectation{}
	found := make([]Finding, len(j.expects))
	for i := range j.expects {
		e := &j.expects[i]
		found[i] = j.find(i, t)
		v := Verdict(e, found[i:i+1])
		r.Expectations = append(r.Expectations, result.Expectation{
			Metric: title(e), Want: want(e), Note: v.Note, Got: v.Got, Pass: v.Pass, Unjudged: v.Unjudged, Deviates: v.Deviates,
		})
	}
	return found, nil
}

// find returns what the run says about an expectation.
func (j *judge) find(i int, t any) (f Finding) {
	e := &j.expects[i]
	if e.Packets != nil {
		f.Values = j.ofPackets(i)
		return f
	}
	q, err := parseQuery(e.Metric)
	if err == nil {
		f.Values, err = q.run(t)
	}
	if err != nil {
		f.Problem = err.Error()
		return f
	}
	if p, ok := predictedQuery(q); ok && e.Predicted == nil {
		f.Predicted, _ = p.run(t)
	}
	return f
}

// ofPackets returns what an expectation reads from its packets.
func (j *judge) ofPackets(i int) []any {
	e, vs := &j.expects[i], j.values[i]
	if e.Field == spec.FieldCount {
		return []any{float64(len(vs))}
	}
	got := make([]any, len(vs))
	for k, v := range vs {
		x, ok := v.(float64)
		if !ok {
			got[k] = v
			continue
		}
		if e.Relative {
			x -= vs[0].(float64)
		}
		got[k] = math.Round(x*1e9) / 1e9
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
