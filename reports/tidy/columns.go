package tidy

import (
	"slices"
	"strings"

	"dsmipsim/reports/result"
)

// Column is a column of one of the tables.
type Column struct {
	Name  string
	Unit  string // "" of what has none
	About string
	Text  bool // no number and no truth value
}

// Table tells what is in one of the files.
type Table struct {
	File    string
	Columns []Column
}

// Tables describes all tables: the files of a run first, then those without one, which the
// command line shows.
func Tables() []Table {
	return []Table{
		{"handovers.csv", handoverColumns}, {"interruptions.csv", interruptionColumns}, {"flows.csv", flowColumns},
		{"goodput.csv", goodputColumns}, {"signalling.csv", signallingColumns}, {"signalling_details.csv", detailColumns},
		{"paths.csv", pathColumns}, {"bindings.csv", bindingColumns}, {"links.csv", linkColumns}, {"queue_totals.csv", queueTotalColumns},
		{"attribution.csv", attributionColumns}, {"throughput.csv", throughputColumns}, {"delays.csv", delayColumns}, {"queues.csv", queueColumns},
		{"calls", callColumns}, {"expectations", expectationColumns}, {"limits", flowLimitColumns}, {"handover-limits", handoverLimitColumns}, {"drops", dropColumns},
	}
}

// The columns. What summary.json has, too, is described there.
var (
	phaseNames = []string{"l2_s", "detect_s", "address_s", "register_s", "route_optimization_s", "rest_s"}
	delayNames = []string{"min_s", "mean_s", "p50_s", "p95_s", "p99_s", "max_s"}

	handoverColumns = slices.Concat(
		keys("", "handovers[].", "mobile_node", "index", "from", "to", "kind", "start_s", "outcome", "latency_s"),
		keys("", "handovers[].phases.", phaseNames...),
		keys("", "handovers[].", "overlap_s"),
		keys("predicted_", "handovers[].predicted.", "latency_s", "latency_min_s", "latency_max_s"),
		keys("predicted_", "handovers[].predicted.phases.", phaseNames...),
		keys("", "handovers[].", "predicted_note", "from_interface", "interface"))

	interruptionColumns = slices.Concat(
		keys("", "handovers[].", "mobile_node", "index", "from", "to"),
		keys("", "handovers[].flows[].", "flow", "interruption_s", "lost", "stall_s"))

	flowColumns = slices.Concat(
		keys("", "flows[].", "name", "kind", "family", "from", "to", "sent", "sent_octets", "received", "lost", "in_flight", "duplicates", "reordered"),
		keys("delay_", "flows[].delay.", delayNames...),
		keys("", "flows[].", "jitter_s", "longest_gap_s", "overhead_octets", "goodput_octets", "goodput_bps", "segments", "retransmissions",
			"retransmitted_octets", "connect_s", "transfer_s", "responses"),
		keys("response_", "flows[].response_time.", "mean_s", "p50_s", "p95_s", "p99_s", "max_s"))

	signallingColumns = keys("", "signalling.messages[].", "class", "type", "packets", "octets", "octet_hops")
	detailColumns     = keys("", "signalling.details[].", "class", "type", "phase", "link", "packets", "octets", "octet_hops")

	pathColumns = slices.Concat(
		words("flow", "Name of the flow."),
		keys("", "flows[].paths[].", "network", "received", "hops_mean", "delay_min_s", "delay_mean_s", "overhead_octets",
			"direct_hops", "direct_delay_s", "hop_stretch", "delay_stretch"))

	bindingColumns = keys("", "bindings[].", "node", "home_address", "care_of_address", "from_s", "until_s", "updates")

	linkColumns = slices.Concat(
		words("link", "Name of the link."), keys("", "links[].", "transmissions", "octets"),
		own("drops", "Packets dropped on it; the reasons are in summary.json."))

	queueTotalColumns = slices.Concat(
		words("link", "Name of the link."),
		keys("", "links[].queues[].", "node", "frames", "max_frames", "max_octets", "mean_frames", "mean_octets", "mean_wait_s", "max_wait_s"))

	attributionColumns = slices.Concat(
		keys("", "attribution[].", "mobile_node", "index", "from", "to", "latency_s"),
		keys("", "attribution[].costs[].", "cause", "without_s", "cost_s"))

	callColumns = slices.Concat(
		words("flow", "Name of the flow."),
		keys("", "flows[].voice.", "model", "codec", "r", "mos", "packetize_s", "look_ahead_s", "network_s", "playout_s", "mouth_to_ear_s", "late", "loss_percent", "burst_r"))

	expectationColumns = keys("", "expectations[].", "metric", "want", "got", "pass", "note", "margin", "unjudged", "deviates")

	flowLimitColumns = slices.Concat(
		words("flow", "Name of the flow."), own("delay_s", "Mean delay, one way, of a call from mouth to ear."),
		keys("", "flows[].limits.", "g114", "delay_variation_s", "loss_ratio", "y1541_classes"),
		keys("", "flows[].voice.", "r"))

	handoverLimitColumns = slices.Concat(
		keys("", "handovers[].", "mobile_node", "index", "from", "to"),
		keys("", "handovers[].phases.", "l2_s"),
		keys("", "handovers[].flows[].", "flow", "interruption_s"),
		words("kept", "Limits that are kept, separated by semicolons: of the radio part by the time without a link, others by the interruption."))

	dropColumns = slices.Concat(words("reason", "Why packets were dropped."), own("packets", "How many, those of the protocols included."))

	goodputColumns = slices.Concat(words("flow", "Name of the flow."), own(
		"start_s", "Beginning of the interval of 100 ms, since the run began.",
		"octets", "Octets that reached the application in it, each once and in order.",
		"goodput_bps", "The same as a rate."))

	throughputColumns = slices.Concat(words("flow", "Name of the flow."), own(
		"start_s", "Beginning of the interval, whose length is that of --bin, since the run began.",
		"packets", "Packets received in it.",
		"octets", "IP octets of them, as they were sent.",
		"throughput_bps", "The same as a rate."))

	delayColumns = slices.Concat(
		words("flow", "Name of the flow."),
		own("sequence", "Number of the packet within the flow.", "sent_s", "When it was sent, since the run began."),
		words("fate", "What became of it: received, lost or in_flight."),
		own("delay_s", "Of one that was received: its delay, of a ping the round trip."),
		words("reason", "Of one that was lost: why."),
		own(
			"octets", "Size of its IP packet as it was sent.",
			"overhead_octets", "Encapsulation added to it on the way.",
			"hops", "Transmissions on links until it was received; each fragment counts.",
			"attachment", "Attachment of the mobile node over which it went or came, from 0."))

	queueColumns = slices.Concat(
		words("link", "Name of the link.", "node", "Whose transmitter it is."),
		own(
			"start_s", "Beginning of the interval, whose length is that of --bin, since the run began.",
			"mean_frames", "Frames that waited, mean over the interval.",
			"mean_octets", "Octets that waited, mean over the interval.",
			"arrivals", "Frames that began to wait in it."))
)

// keys are columns that have the values of keys of summary.json, whose names they have behind a
// prefix.
func keys(prefix, path string, names ...string) []Column {
	var all []Column
	for _, name := range names {
		i := slices.IndexFunc(summary, func(k result.Key) bool { return strings.TrimSuffix(k.Path, "[]") == path+name })
		if i < 0 {
			panic("tidy: summary.json has no " + path + name)
		}
		k := summary[i]
		all = append(all, Column{prefix + name, k.Unit, k.About, k.Type == "text" || k.Type == "list"})
	}
	return all
}

var summary = result.Keys()

// own are columns that summary.json does not have: names and what they mean in turn.
func own(pairs ...string) []Column {
	var all []Column
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, Column{pairs[i], result.Unit(pairs[i]), pairs[i+1], false})
	}
	return all
}

// words are such columns of text.
func words(pairs ...string) []Column {
	all := own(pairs...)
	for i := range all {
		all[i].Text = true
	}
	return all
}

// IsText reports whether columns of that name hold text, which may look like a number.
func IsText(name string) bool { return texts[name] }

var texts = func() map[string]bool {
	all := map[string]bool{}
	for _, t := range Tables() {
		for _, c := range t.Columns {
			all[c.Name] = all[c.Name] || c.Text
		}
	}
	return all
}()

// names are the names of columns, for the first line of a table.
func names(columns []Column) []string {
	all := make([]string, len(columns))
	for i, c := range columns {
		all[i] = c.Name
	}
	return all
}
