// Package quantity knows the quantities that paths into summary.json select: how an axis calls
// them, in which unit it shows them, and whether more of them is better.
package quantity

import (
	"regexp"
	"strings"
)

// Direction tells which values of a quantity are the better ones.
type Direction int

// The directions.
const (
	Unknown Direction = iota
	Lower
	Higher
)

// Quantity is what a path selects.
type Quantity struct {
	Name   string    // with the aggregate, such as "mean handover latency"
	Part   string    // what the selectors of the path narrow it down to, such as "to=campus"
	Base   string    // unit of the values in summary.json: s, b/s, octets; "" for a bare number
	Unit   string    // that axes and tables show
	Factor float64   // of the value in that unit
	Better Direction // Unknown also of a number of values, and of what was predicted
}

// Label is the text of an axis.
func (q Quantity) Label() string {
	if q.Unit == "" {
		return q.Title()
	}
	return q.Title() + " (" + q.Unit + ")"
}

// Title is the name with the part.
func (q Quantity) Title() string {
	if q.Part == "" {
		return q.Name
	}
	return q.Name + ", " + q.Part
}

// rows are the quantities, by the last keys of their paths: the first that fits counts. Another
// quantity is a row here.
var rows = []struct {
	end, name string
	better    Direction
}{
	{"latency_s", "handover latency", Lower},
	{"interruption_s", "interruption", Lower},
	{"l2_s", "layer 2", Lower},
	{"detect_s", "movement detection", Lower},
	{"address_s", "address configuration", Lower},
	{"register_s", "registration", Lower},
	{"route_optimization_s", "route optimization", Lower},
	{"response_time.min_s", "least response time", Lower},
	{"response_time.mean_s", "mean response time", Lower},
	{"response_time.p50_s", "median response time", Lower},
	{"response_time.p95_s", "95 % quantile of response time", Lower},
	{"response_time.p99_s", "99 % quantile of response time", Lower},
	{"response_time.max_s", "greatest response time", Lower},
	{"min_s", "least delay", Lower},
	{"mean_s", "mean delay", Lower},
	{"p50_s", "median delay", Lower},
	{"p95_s", "95 % quantile of delay", Lower},
	{"p99_s", "99 % quantile of delay", Lower},
	{"max_s", "greatest delay", Lower},
	{"delay_min_s", "least delay", Lower},
	{"delay_mean_s", "mean delay", Lower},
	{"delay_variation_s", "delay variation", Lower},
	{"jitter_s", "jitter", Lower},
	{"longest_gap_s", "longest gap", Lower},
	{"stall_s", "stall", Lower},
	{"connect_s", "time to connect", Lower},
	{"transfer_s", "transfer time", Lower},
	{"mouth_to_ear_s", "delay from mouth to ear", Lower},
	{"mean_wait_s", "mean wait in the queue", Lower},
	{"max_wait_s", "longest wait in the queue", Lower},
	{"lost", "lost packets", Lower},
	{"late", "late packets", Lower},
	{"duplicates", "duplicated packets", Lower},
	{"reordered", "reordered packets", Lower},
	{"retransmissions", "segments sent again", Lower},
	{"loss_ratio", "loss ratio", Lower},
	{"loss_percent", "lost and late packets (%)", Lower},
	{"hop_stretch", "hop stretch", Lower},
	{"delay_stretch", "delay stretch", Lower},
	{"received", "received packets", Higher},
	{"received_octets", "received octets", Higher},
	{"throughput_bps", "throughput", Higher},
	{"goodput_bps", "goodput", Higher},
	{"goodput_octets", "goodput (octets)", Higher},
	{"mos", "mean opinion score", Higher},
	{"voice.r", "rating R", Higher},
	{"overhead_octets", "overhead (octets)", Lower},
	{"octet_hops", "signalling octets on all links", Lower},
	{"signalling.octets", "signalling octets", Lower},
	{"signalling.packets", "signalling packets", Lower},
	{"signalling.messages.octets", "signalling octets", Lower},
	{"signalling.messages.packets", "signalling packets", Lower},
	{"signalling.details.octets", "signalling octets", Lower},
	{"signalling.details.packets", "signalling packets", Lower},
}

// aggregates say which of several values an aggregate at the end of a path takes.
var aggregates = map[string]string{"min": "least ", "max": "greatest ", "mean": "mean ", "sum": "total ", "count": "number of values: ", "p50": "median ", "p95": "95 % quantile of "}

var selector = regexp.MustCompile(`\[[^\]]*\]`)

// Of names what a path into summary.json selects. Of a quantity that has no row it is the path
// itself.
func Of(path string) Quantity {
	bare := selector.ReplaceAllString(path, "")
	prefix := ""
	if i := strings.LastIndex(bare, "."); i > 0 {
		if p, ok := aggregates[bare[i+1:]]; ok {
			prefix, bare = p, bare[:i]
		}
	}
	q := Quantity{Name: bare, Factor: 1}
	for _, r := range rows {
		if bare == r.end || strings.HasSuffix(bare, "."+r.end) {
			q.Name, q.Better = r.name, r.better
			break
		}
	}
	if strings.Contains(bare+".", ".predicted.") {
		q.Name, q.Better = "predicted "+q.Name, Unknown
	}
	switch {
	case prefix == aggregates["count"]:
		q.Better = Unknown
	case strings.HasSuffix(bare, "_s"):
		q.Base, q.Unit, q.Factor = "s", "ms", 1e3
	case strings.HasSuffix(bare, "_bps"):
		q.Base, q.Unit, q.Factor = "b/s", "Mb/s", 1e-6
	case strings.HasSuffix(bare, "octets"), strings.HasSuffix(bare, "octet_hops"):
		q.Base = "octets"
	}
	q.Name = prefix + q.Name
	var chosen []string
	for _, s := range selector.FindAllString(path, -1) {
		if s = strings.Trim(s, "[]"); s != "" {
			chosen = append(chosen, s)
		}
	}
	q.Part = strings.Join(chosen, ", ")
	return q
}
