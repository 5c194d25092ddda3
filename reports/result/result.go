// Package result holds what a run found out, as data: it is the content of summary.json.
//
// Durations are seconds and end in _s, sizes are octets. Every second value stems from whole
// nanoseconds, so it has at most nine decimals. A value that does not exist, such as the
// latency of a handover that never ended, is null rather than a number that means nothing.
package result

// Format names the layout of summary.json. A change that breaks a reader raises its number.
const Format = "dsmipsim/summary/1"

// Result is the whole outcome of one run.
type Result struct {
	Format    string  `json:"format" doc:"Layout of the file; its number rises with a change that breaks a reader."`
	Scenario  string  `json:"scenario" doc:"Name of the scenario."`
	Mode      string  `json:"mode" doc:"The mobility protocol: draft00 or mipv6."`
	Seed      int64   `json:"seed" doc:"Seed of all random numbers."`
	DurationS float64 `json:"duration_s" doc:"Virtual time simulated."`
	Events    uint64  `json:"events" doc:"Events that the loop executed."`

	Fingerprint  Fingerprint   `json:"fingerprint,omitzero" doc:"Tells whether two runs are the same run."`
	Handovers    []Handover    `json:"handovers" doc:"Each change of a mobile node's attachment."`
	Flows        []Flow        `json:"flows" doc:"Each test flow over the whole run."`
	Signalling   Signalling    `json:"signalling" doc:"Control packets; test traffic is not in it."`
	Conservation Conservation  `json:"conservation" doc:"What became of every packet: made is delivered, dropped, absorbed and held."`
	Drops        Drops         `json:"drops" doc:"Every drop of the run by reason, protocol packets included."`
	Links        []Link        `json:"links" doc:"What each link carried."`
	Bindings     []Binding     `json:"bindings" doc:"Each time during which a home agent or a correspondent had one care-of address for a home address."`
	Attribution  []Attribution `json:"attribution,omitempty" doc:"With --attribute: what each cause costs a handover, by a run without it on the same random numbers."`
	Expectations []Expectation `json:"expectations" doc:"The verdict on each [[expect]]."`
}

// Fingerprint tells whether two runs are the same run. Each part is a SHA-256 in hex.
type Fingerprint struct {
	Trajectory string `json:"trajectory" doc:"SHA-256 of every fact: time, node, kind."`
	Wire       string `json:"wire" doc:"SHA-256 of every transmission: time, link, octets."`
	Result     string `json:"result" doc:"SHA-256 of this file without the fingerprint."`
}

// Outcomes of a handover.
const (
	Registered         = "registered"          // the home agent accepted the binding
	Deregistered       = "deregistered"        // at home, and the home agent confirmed
	UnsupportedNetwork = "unsupported_network" // no binding is possible from this network
	Failed             = "failed"              // the home agent refused and nothing better followed
	Superseded         = "superseded"          // the next handover began before this one ended
	Unfinished         = "unfinished"          // the run ended first
)

// Handover is one change of a mobile node's attachment.
type Handover struct {
	MobileNode string   `json:"mobile_node" doc:"The mobile node."`
	Index      int      `json:"index" doc:"Counts from 1 for each mobile node."`
	From       string   `json:"from" doc:"Network left; \"\" if the node began out of reach of every network."`
	To         string   `json:"to" doc:"Network entered; \"\" if none was in reach any more."`
	Kind       string   `json:"kind" doc:"Kinds of the two networks, such as \"home->ipv6\"."`
	StartS     float64  `json:"start_s" doc:"When the old link went down, or the new one was chosen where both are up."`
	Outcome    string   `json:"outcome" doc:"How it ended: registered, deregistered, unsupported_network, failed, superseded or unfinished."`
	LatencyS   *float64 `json:"latency_s" doc:"From the start until the home agent's acknowledgement was accepted; null where it never was."`
	Phases     Phases   `json:"phases" doc:"Parts of the latency; one that was not reached is 0."`

	OverlapS float64 `json:"overlap_s" doc:"Address configuration that ran while the node was still finding out where it is; it cost no time and is in no phase."`

	FromInterface string `json:"from_interface,omitempty" doc:"Interface that carried the binding before, at a node that has several."`
	Interface     string `json:"interface,omitempty" doc:"Interface that carries the binding after, at a node that has several."`

	Predicted     *Prediction    `json:"predicted" doc:"What closed formulas expect from the scenario alone; null if there are none."`
	PredictedNote string         `json:"predicted_note,omitempty" doc:"Why there is no prediction."`
	Flows         []Interruption `json:"flows" doc:"What the handover did to each flow of the mobile node."`
}

// Phases split a handover's latency. A phase that was not reached is 0.
type Phases struct {
	L2S                float64 `json:"l2_s" doc:"Link down until link up."`
	DetectS            float64 `json:"detect_s" doc:"Link up until the node knows that it moved."`
	AddressS           float64 `json:"address_s" doc:"From then until the care-of address may be used."`
	RegisterS          float64 `json:"register_s" doc:"First Binding Update until its acknowledgement."`
	RouteOptimizationS float64 `json:"route_optimization_s" doc:"From the acknowledgement until the last correspondent has accepted its update; not part of the latency."`
	RestS              float64 `json:"rest_s" doc:"Latency that no phase explains."`
}

// Prediction is what the closed formulas expect of a handover from the scenario alone.
type Prediction struct {
	Phases      Phases  `json:"phases" doc:"Mean of each phase."`
	LatencyS    float64 `json:"latency_s" doc:"Mean latency."`
	LatencyMinS float64 `json:"latency_min_s" doc:"Least latency."`
	LatencyMaxS float64 `json:"latency_max_s" doc:"Greatest latency."`
}

// Interruption is what one handover did to one flow of the mobile node.
type Interruption struct {
	Flow          string   `json:"flow" doc:"Name of the flow."`
	InterruptionS *float64 `json:"interruption_s" doc:"From the last packet received over the old path to the first over the new; null if none arrived before the next handover."`
	Lost          int      `json:"lost" doc:"Packets lost to this handover."`
	*Stall                 // of a bulk transfer over TCP, else absent
}

// Flow is one test flow over the whole run. Sent = Received + Lost + InFlight. The packets of a
// flow over TCP are the segments of both ends; its delays are those from From to To.
type Flow struct {
	Name           string   `json:"name" doc:"Its name in the scenario."`
	Kind           string   `json:"kind" doc:"As in the scenario: cbr, poisson, voip, ping, tcp and others."`
	Family         string   `json:"family" doc:"Of its packets: ipv4 or ipv6."`
	From           string   `json:"from" doc:"Name of the sending node."`
	To             string   `json:"to" doc:"Name of the receiving node."`
	Sent           int      `json:"sent" doc:"Packets handed to the stack; requests of a ping."`
	SentOctets     int64    `json:"sent_octets" doc:"IP octets of the packets sent, before any encapsulation."`
	Received       int      `json:"received" doc:"Packets received at least once; replies of a ping."`
	ReceivedOctets int64    `json:"received_octets" doc:"IP octets of the packets received, as they were sent."`
	Lost           int      `json:"lost" doc:"Packets dropped and never received."`
	InFlight       int      `json:"in_flight" doc:"Packets still on the way when the run ended."`
	Duplicates     int      `json:"duplicates" doc:"Receptions beyond the first."`
	Reordered      int      `json:"reordered" doc:"Packets received out of order: Type-P-Reordered of RFC 4737 section 3.3."`
	Delay          *Delay   `json:"delay" doc:"Of the received packets, one way or of a ping the round trip; quantiles are values that occurred; null if nothing was received."`
	JitterS        *float64 `json:"jitter_s" doc:"Interarrival jitter of RFC 3550 section 6.4.1 at the end; null below two receptions."`
	LongestGapS    *float64 `json:"longest_gap_s" doc:"Longest time between two receptions over the whole run; null below two."`
	OverheadOctets int64    `json:"overhead_octets" doc:"Encapsulation added to the packets on the way."`
	ThroughputBPS  *float64 `json:"throughput_bps" doc:"Received octets as bits, over the time from the first sending to the last reception; null if there is none."`
	Drops          Drops    `json:"drops" doc:"Lost packets by reason; they add up to lost."`
	Paths          []Path   `json:"paths" doc:"What packets met, by where the mobile node was, in the order of first use; of a ping there and back."`
	Limits         *Limits  `json:"limits" doc:"Comparison with published limits of transmission quality; null if nothing was received."`
	Voice          *Voice   `json:"voice,omitempty" doc:"Of a call of which something was heard: its rating by the E-model (ITU-T G.107)."`
	*Stream                 // of a flow over TCP, else absent
}

// OneWay is the mean delay that published limits are about, in seconds: of a call from mouth to
// ear, of any other flow that of its packets. There must have been some.
func (f *Flow) OneWay() float64 {
	if f.Voice != nil {
		return f.Voice.MouthToEarS
	}
	return f.Delay.MeanS
}

// Voice rates a call by the E-model (ITU-T G.107). What was on the way when the run ended does
// not count.
type Voice struct {
	Model       string  `json:"model" doc:"Of the rating: cole-rosenbluth or full."`
	Codec       string  `json:"codec" doc:"Name of the codec's impairment figures."`
	R           float64 `json:"r" doc:"Rating of the E-model, 0 to 100."`
	MOS         float64 `json:"mos" doc:"Mean opinion score, 1 to 4.5."`
	PacketizeS  float64 `json:"packetize_s" doc:"Part of the delay from mouth to ear: speech in one packet."`
	LookAheadS  float64 `json:"look_ahead_s" doc:"Part of the delay from mouth to ear: what the codec looks ahead."`
	NetworkS    float64 `json:"network_s" doc:"Part of the delay from mouth to ear: of the packets that came soonest."`
	PlayoutS    float64 `json:"playout_s" doc:"Part of the delay from mouth to ear: in the playout buffer."`
	MouthToEarS float64 `json:"mouth_to_ear_s" doc:"The delay from mouth to ear."`
	Late        int     `json:"late" doc:"Packets received, but after their turn."`
	LossPercent float64 `json:"loss_percent" doc:"Lost and late packets of all."`
	BurstR      float64 `json:"burst_r" doc:"Mean burst of losses over that of independent ones."`
}

// Delay describes the delays of the received packets: one way from hand-over to the stack
// until reception, or the round trip of a ping. Quantiles are values that occurred (the
// inverse of the empirical distribution, not interpolated).
type Delay struct {
	MinS  float64 `json:"min_s" doc:"Least delay."`
	MeanS float64 `json:"mean_s" doc:"Mean delay."`
	P50S  float64 `json:"p50_s" doc:"Median delay."`
	P95S  float64 `json:"p95_s" doc:"95 % of the delays are not above it."`
	P99S  float64 `json:"p99_s" doc:"99 % of the delays are not above it."`
	MaxS  float64 `json:"max_s" doc:"Greatest delay."`
}

// Path is what the packets of a flow met that were received while the mobile node was at one
// network, compared with the shortest path of the topology between the two ends. Of a ping,
// everything is there and back.
type Path struct {
	Network        string   `json:"network" doc:"Where the mobile node was; empty of a flow between nodes that do not move."`
	Received       int      `json:"received" doc:"Packets received while the mobile node was there."`
	HopsMean       float64  `json:"hops_mean" doc:"Mean of the links that a packet crossed; each fragment counts."`
	DelayMinS      float64  `json:"delay_min_s" doc:"Least delay of them."`
	DelayMeanS     float64  `json:"delay_mean_s" doc:"Mean delay of them."`
	OverheadOctets int64    `json:"overhead_octets" doc:"Encapsulation added to them."`
	DirectHops     *int     `json:"direct_hops" doc:"Links of the shortest path; null if it is not known."`
	DirectDelayS   *float64 `json:"direct_delay_s" doc:"Delay of the smallest packet of the flow over the shortest path, links idle."`
	HopStretch     *float64 `json:"hop_stretch" doc:"hops_mean over direct_hops."`
	DelayStretch   *float64 `json:"delay_stretch" doc:"delay_min_s over direct_delay_s."`
}

// Limits compares a flow with published limits of transmission quality; see package limits.
type Limits struct {
	LossRatio       float64 `json:"loss_ratio" doc:"Lost over lost and received."`
	DelayVariationS float64 `json:"delay_variation_s" doc:"The 99.9 % quantile less the least delay (Y.1541 section 5.3.2)."`
	G114            string  `json:"g114" doc:"What ITU-T G.114 calls the mean delay, one way, of a call from mouth to ear: preferred, acceptable, unacceptable; \"\" of a ping."`
	Y1541Classes    []int   `json:"y1541_classes" doc:"Network classes 0 to 5 of ITU-T Y.1541 whose limits it keeps; none of a ping."`
}

// Signalling counts the control packets of the run; test traffic is not in it.
type Signalling struct {
	Packets   int       `json:"packets" doc:"All control packets."`
	Octets    int64     `json:"octets" doc:"IP octets of them, outer headers included, as originated."`
	OctetHops int64     `json:"octet_hops" doc:"The same octets, once for every link crossed."`
	Messages  []Message `json:"messages" doc:"By message type."`
	Details   []Detail  `json:"details" doc:"The same by message type, phase and link."`
}

// Detail counts the packets of one message type in one phase on one link. Packets and octets
// count where a packet was transmitted first; octet-hops count on every link.
type Detail struct {
	Type      string `json:"type" doc:"Message type."`
	Class     string `json:"class" doc:"Mobility, discovery, address or resolution."`
	Phase     string `json:"phase" doc:"Of the handover that was under way: l2, detect, address, register, route_optimization; empty between handovers."`
	Link      string `json:"link" doc:"Name of the link."`
	Packets   int    `json:"packets" doc:"Packets that were transmitted first on this link."`
	Octets    int64  `json:"octets" doc:"IP octets of them, outer headers included."`
	OctetHops int64  `json:"octet_hops" doc:"IP octets of all such packets that crossed this link."`
}

// Message counts the packets of one message type.
type Message struct {
	Type      string `json:"type" doc:"Message type."`
	Class     string `json:"class" doc:"Mobility, discovery, address or resolution."`
	Packets   int    `json:"packets" doc:"Packets of this type."`
	Octets    int64  `json:"octets" doc:"IP octets, outer headers included, as originated."`
	OctetHops int64  `json:"octet_hops" doc:"The same octets, once for every link crossed."`
}

// Conservation counts what became of every packet of the run.
// Made = Delivered + Dropped + Absorbed + Held.
type Conservation struct {
	Made      int `json:"made" doc:"Packets that nodes made."`
	Delivered int `json:"delivered" doc:"Packets that reached an application."`
	Dropped   int `json:"dropped" doc:"Packets dropped for a named reason, and nowhere delivered."`
	Absorbed  int `json:"absorbed" doc:"Packets consumed by a protocol: requests answered, control messages acted upon."`
	Held      int `json:"held" doc:"Packets in a queue or in flight when the run ended."`
}

// Link counts what one link carried.
type Link struct {
	Name          string  `json:"name" doc:"Its name in the scenario."`
	Transmissions int     `json:"transmissions" doc:"Frames that the link carried."`
	Octets        int64   `json:"octets" doc:"Octets of the frames, headers of the link included."`
	Drops         Drops   `json:"drops" doc:"Packets dropped on it by reason."`
	Queues        []Queue `json:"queues" doc:"What waited at each transmitter at which a frame ever waited, in the order in which one first did."`
}

// Queue is what waited at one transmitter of a link. Frames that were transmitted count, those
// that the queue dropped do not.
type Queue struct {
	Node       string  `json:"node" doc:"Whose transmitter it is."`
	Frames     int     `json:"frames" doc:"Frames that waited."`
	MaxFrames  int     `json:"max_frames" doc:"Most frames that waited at once."`
	MaxOctets  int64   `json:"max_octets" doc:"Most octets that waited at once."`
	MeanFrames float64 `json:"mean_frames" doc:"Frames that waited, mean over the whole run."`
	MeanOctets float64 `json:"mean_octets" doc:"Octets that waited, mean over the whole run."`
	MeanWaitS  float64 `json:"mean_wait_s" doc:"Mean wait of the frames that waited."`
	MaxWaitS   float64 `json:"max_wait_s" doc:"Longest wait of a frame."`
}

// Binding is a time during which a home agent or a correspondent node had one care-of address
// for a home address.
type Binding struct {
	Node    string   `json:"node" doc:"The home agent or correspondent."`
	Home    string   `json:"home_address" doc:"Home address."`
	CareOf  string   `json:"care_of_address" doc:"Care-of address."`
	FromS   float64  `json:"from_s" doc:"When it began."`
	UntilS  *float64 `json:"until_s" doc:"When it ended; null if it stood when the run did."`
	Updates int      `json:"updates" doc:"Binding Updates accepted in that time, the first included."`
}

// Expectation is the verdict on one [[expect]] of the scenario.
type Expectation struct {
	Metric string `json:"metric" doc:"What the expectation is about."`
	Want   string `json:"want" doc:"What is wanted, in words such as \"<= 3 s\"."`
	Got    any    `json:"got" doc:"What came: a number, a list of numbers, text, or null."`
	Pass   bool   `json:"pass" doc:"Whether it is met."`
	Note   string `json:"note,omitempty" doc:"What the scenario, or the judge, says about it."`

	Margin   *float64 `json:"margin,omitempty" doc:"How far inside what is wanted the worst value lies, negative outside; only of one that is not met, where it is known."`
	Where    *Where   `json:"where,omitempty" doc:"Where in the run; only of one that is not met, where it is known."`
	Unjudged bool     `json:"unjudged,omitempty" doc:"true if one run alone cannot tell: check judges over replications."`
	Deviates bool     `json:"deviates,omitempty" doc:"true if it is not met, as the scenario explains; the note is its explanation."`
}
