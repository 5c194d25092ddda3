package spec

import "strconv"

// Field names what an expectation reads from each selected packet: one of the values below, or
// a field of the decoded packet as decode prints it, such as "Status".
type Field string

// The fields of a packet selection.
const (
	FieldTime   Field = "time_s"
	FieldOctets Field = "octets"
	FieldCount  Field = "count"
)

// Decoded reports whether the field is one of the decoded packet. These begin with a capital.
func (f Field) Decoded() bool { return f != "" && f[0] >= 'A' && f[0] <= 'Z' }

// Expect is a statement about the result: about a metric, a path into summary.json, or about
// packets of the capture. Exactly one of Metric and Packets is set.
type Expect struct {
	Pos       Pos
	ID        string          `key:"id" doc:"Identifier for reports."`
	Metric    string          `key:"metric" doc:"Path into summary.json: [key=value], [name] or [n] selects, an aggregate may end it."`
	Packets   *PacketSelector `key:"packets" doc:"Packets of the capture, decoded from the outermost to the innermost header."`
	Field     Field           `key:"field" doc:"What is read from the packets: 'time_s', when they were sent; 'octets' of the IP packet; their 'count'; or a field that 'decode' shows, such as 'Lifetime', of the innermost header that has it. Required with packets."`
	Relative  bool            `key:"relative" default:"false" doc:"Whether times count from the first of the packets."`
	Min       *float64        `key:"min" unit:"number" doc:"Least value; a duration stands for its seconds."`
	Max       *float64        `key:"max" unit:"number" doc:"Greatest value; a duration stands for its seconds."`
	Equal     *Want           `key:"equal" unit:"want" doc:"The value, or a list of the values; a duration stands for its seconds."`
	Tolerance float64         `key:"tolerance" default:"0" unit:"number" min:"0" doc:"How far a value may lie beyond min, max or equal; a duration stands for its seconds."`
	Source    string          `key:"source" doc:"Where the value comes from."`
	Published *Want           `key:"published" unit:"want" doc:"The value that the source gives, for the table of validation."`
	Note      string          `key:"note" doc:"Remark for reports."`
	// Deviation explains an expectation that the simulator honestly does not meet.
	Deviation string    `key:"deviation" doc:"Why this is known not to be met: the verdict is then 'deviates' and does not fail the run. It fails if the expectation is met after all."`
	Aggregate Aggregate `key:"aggregate" values:"mean median min max p95 sum" doc:"How the values of all replications are folded into one that is judged, for numbers; absent, each replication has to meet the expectation. A run alone is one replication."`
	Predicted *Want     `key:"predicted" unit:"want" doc:"What a formula gives, for the table of check; absent, the scenario's own prediction where the metric is a latency or a phase of handovers."`
	// ToleranceSE widens the tolerance by standard errors of the mean over replications.
	ToleranceSE float64 `key:"tolerance_se" default:"0" unit:"number" min:"0" doc:"For aggregate = 'mean': so many standard errors are added to the tolerance. The standard error then has to be at most 1 % of the wanted value."`
}

// Aggregate folds the values of replications into one.
type Aggregate string

// The aggregates.
const (
	AggregateMean   Aggregate = "mean"
	AggregateMedian Aggregate = "median"
	AggregateMin    Aggregate = "min"
	AggregateMax    Aggregate = "max"
	AggregateP95    Aggregate = "p95"
	AggregateSum    Aggregate = "sum"
)

// PacketSelector selects packets of the capture. Empty fields select all.
type PacketSelector struct {
	Pos  Pos
	Type string `key:"type" required:"true" doc:"Type of the message, such as BU or RA."`
	// Answer widens the selection, so that relative times tell how long an answer took.
	Answer string `key:"answer" doc:"Type of another message that is selected too, such as BA: with relative = true the times tell when the answer came."`
	From   string `key:"from" unit:"name" doc:"The node that sent it."`
	To     string `key:"to" unit:"name" doc:"The node that received it."`
	Link   string `key:"link" unit:"name" doc:"The link on which it was sent."`
}

// Want is a wanted value, or a list of them.
type Want struct {
	List   bool
	Values []Value
}

// Value is a number, or a text if IsText is set. A duration is a number of seconds.
type Value struct {
	Number float64
	Text   string
	IsText bool
}

// String is the value as text.
func (v Value) String() string {
	if v.IsText {
		return v.Text
	}
	return strconv.FormatFloat(v.Number, 'f', -1, 64)
}
