// Package listing keeps what happened in a run, event by event, so small that it can be
// committed: with it another version of the program, on another machine, finds the first event
// at which its own run goes another way.
//
// A listing has every fact of the run with its time, place and text, and of every transmission
// decoded a line and a check of its octets and of all before them. What repeats is written once:
// most events differ from others in their time alone.
package listing

import (
	"bytes"
	"hash/crc32"
	"strings"

	"dsmipsim/nodes/wire"
	"dsmipsim/reports/events"
	"dsmipsim/reports/metric"
	"dsmipsim/reports/result"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// Listing is what happened in a run.
type Listing struct {
	Fingerprint result.Fingerprint
	Summary     []byte // summary.json without fingerprints, compact
	Total       int    // events of the run; those beyond Limit are not listed

	rows   []Row
	events []event
}

// Row is what events have in common that differ in time and number alone.
type Row struct {
	Kind string // of the fact; of a milestone or drop with its name or reason
	Node string
	Link string // of a transmission
	Flow string // "" of protocol traffic
	Text string
}

// event is one fact.
type event struct {
	time     vtime.Time
	row      int32
	sequence uint32 // within the flow
	check    uint32 // of a transmission
}

// Limit is how many events of a run are listed.
const Limit = 1 << 20

// transmission is the kind of rows whose events have a check.
var transmission = trace.Transmission.String()

// Checks are the low octets of a sum over all transmissions so far. A packet of the protocol
// has three, a test packet, of which there are many, one: a difference in its octets alone is
// missed there once in 256 times, and found at the next packet.
const (
	testCheck     = 1
	protocolCheck = 3
)

// checkOctets returns how many octets the check of an event of the row has.
func (r *Row) checkOctets() int {
	switch {
	case r.Kind != transmission:
		return 0
	case r.Flow != "":
		return testCheck
	}
	return protocolCheck
}

var sums = crc32.MakeTable(crc32.Castagnoli)

// Recorder is a trace.Sink that lists a run.
type Recorder struct {
	setup  result.Setup
	opts   wire.DissectOptions
	list   Listing
	known  map[Row]int32
	alike  map[likeness]int32
	facts  *events.Writer
	fact   bytes.Buffer
	sum    uint32
	octets []byte
	limit  int
}

// New returns a Recorder for a run that is known by setup; opts tell how to read its packets.
func New(setup result.Setup, opts wire.DissectOptions) *Recorder {
	r := &Recorder{setup: setup, opts: opts, known: map[Row]int32{}, alike: map[likeness]int32{}, limit: Limit}
	r.facts = events.New(&r.fact, setup)
	return r
}

// Record adds a fact.
func (r *Recorder) Record(e *trace.Event) {
	r.list.Total++
	if e.Kind == trace.Transmission {
		r.octets = metric.AppendWire(r.octets[:0], e)
		r.sum = crc32.Update(r.sum, sums, r.octets)
	}
	if r.list.Total > r.limit {
		return
	}
	one := event{time: e.Time, row: r.rowOf(e)}
	if n := r.list.rows[one.row].checkOctets(); n > 0 {
		one.check = r.sum & (1<<(8*n) - 1)
	}
	if e.Flow != 0 {
		one.sequence = e.Sequence
	}
	r.list.events = append(r.list.events, one)
}

// likeness is what the row of a fact about a test packet follows from. Most facts are such, and
// alike.
type likeness struct {
	kind                    trace.Kind
	reason                  trace.Reason
	node, link              string
	flow                    uint32
	overhead, octets, count int
}

// rowOf returns the number of the row of a fact, which may be a new one.
func (r *Recorder) rowOf(e *trace.Event) int32 {
	if e.Flow == 0 || e.Kind == trace.Transmission {
		return r.add(r.row(e))
	}
	like := likeness{e.Kind, e.Reason, e.Node, e.Link, e.Flow, e.Overhead, len(e.Octets), e.Count}
	i, known := r.alike[like]
	if !known {
		i = r.add(r.row(e))
		r.alike[like] = i
	}
	return i
}

// add returns the number of a row.
func (r *Recorder) add(row Row) int32 {
	i, known := r.known[row]
	if !known {
		i = int32(len(r.list.rows))
		r.known[row] = i
		r.list.rows = append(r.list.rows, row)
	}
	return i
}

// row describes a fact but for its time and number.
func (r *Recorder) row(e *trace.Event) Row {
	row := Row{Kind: e.Kind.String(), Node: e.Node}
	if f, ok := r.setup.Flow(e.Flow); ok {
		row.Flow = f.Name
	}
	if e.Kind == trace.Transmission {
		link := wire.LinkEthernet
		if e.LinkType == trace.RawIP {
			link = wire.LinkRaw
		}
		row.Link = e.Link
		row.Text = wire.Line(wire.Classify(e.Octets, link, r.opts), wire.Dissect(e.Octets, link, r.opts), len(e.Octets))
		return row
	}
	switch e.Kind {
	case trace.Milestone:
		row.Kind += " " + e.Note.Kind.String()
	case trace.Drop:
		row.Kind += " " + e.Reason.String()
	}
	r.fact.Reset()
	r.facts.Record(e)
	_ = r.facts.Close() // a buffer takes everything
	var parts []string
	for _, v := range flatten(r.fact.Bytes()) {
		switch v.path {
		case "time_s", "kind", "node", "note", "reason", "flow", "sequence", "serial", "born_s": // said already, or not repeated
		default:
			parts = append(parts, v.path+" "+v.text)
		}
	}
	row.Text = strings.Join(parts, ", ")
	return row
}

// Listing completes the listing with the result of the run.
func (r *Recorder) Listing(res *result.Result) (*Listing, error) {
	bare := *res
	bare.Fingerprint = result.Fingerprint{}
	text, err := bare.JSON()
	if err != nil {
		return nil, err
	}
	l := r.list
	l.Fingerprint = res.Fingerprint
	l.Summary, err = compact(text)
	return &l, err
}
