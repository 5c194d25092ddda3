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
	Format    string  `json:"format"`
	Scenario  string  `json:"scenario"`
	Mode      string  `json:"mode"` // draft00, mipv6, ...
	Seed      int64   `json:"seed"`
	DurationS float64 `json:"duration_s"` // virtual time simulated
	Events    uint64  `json:"events"`     // events that the loop executed

	Fingerprint  Fingerprint   `json:"fingerprint,omitzero"`
	Handovers    []Handover    `json:"handovers"`
	Flows        []Flow        `json:"flows"`
	Signalling   Signalling    `json:"signalling"`
	Conservation Conservation  `json:"conservation"`
	Drops        Drops         `json:"drops"` // every drop of the run, protocol packets included
	Links        []Link        `json:"links"`
	Bindings     []Binding     `json:"bindings"`
	Attribution  []Attribution `json:"attribution,omitempty"` // of a run that was asked for it
	Expectations []Expectation `json:"expectations"`
}

// Fingerprint tells whether two runs are the same run. Each part is a SHA-256 in hex.
type Fingerprint struct {
	Trajectory string `json:"trajectory"` // every fact: time, node, kind
	Wire       string `json:"wire"`       // every transmission: time, link, octets
	Result     string `json:"result"`     // summary.json without this object; see Seal
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
	MobileNode string   `json:"mobile_node"`
	Index      int      `json:"index"` // counts from 1 for each mobile node
	From       string   `json:"from"`  // network left; "" if the node began out of reach of every network
	To         string   `json:"to"`    // network entered; "" if none was in reach any more
	Kind       string   `json:"kind"`  // kinds of the two networks, such as "home->ipv6"
	StartS     float64  `json:"start_s"`
	Outcome    string   `json:"outcome"`
	LatencyS   *float64 `json:"latency_s"` // start until the binding stands; null where it never did
	Phases     Phases   `json:"phases"`

	// OverlapS is address configuration that ran while the node was still finding out
	// where it is (DHCP beside router discovery). It cost no time and is in no phase.
	OverlapS float64 `json:"overlap_s"`

	// FromInterface and Interface carried the binding before and after; empty at a node that
	// has only one.
	FromInterface string `json:"from_interface,omitempty"`
	Interface     string `json:"interface,omitempty"`

	Predicted     *Prediction    `json:"predicted"`
	PredictedNote string         `json:"predicted_note,omitempty"` // why there is no prediction
	Flows         []Interruption `json:"flows"`
}

// Phases split a handover's latency. A phase that was not reached is 0.
type Phases struct {
	L2S                float64 `json:"l2_s"`                 // link down until link up
	DetectS            float64 `json:"detect_s"`             // link up until the node knows that it moved
	AddressS           float64 `json:"address_s"`            // then until the care-of address may be used
	RegisterS          float64 `json:"register_s"`           // first Binding Update until its acknowledgement
	RouteOptimizationS float64 `json:"route_optimization_s"` // then until the last correspondent has accepted its update; not part of the latency
	RestS              float64 `json:"rest_s"`               // latency that no phase explains
}

// Prediction is what the closed formulas expect of a handover from the scenario alone.
type Prediction struct {
	Phases      Phases  `json:"phases"`
	LatencyS    float64 `json:"latency_s"`
	LatencyMinS float64 `json:"latency_min_s"`
	LatencyMaxS float64 `json:"latency_max_s"`
}

// Interruption is what one handover did to one flow of the mobile node.
type Interruption struct {
	Flow          string   `json:"flow"`
	InterruptionS *float64 `json:"interruption_s"` // null if nothing arrived over the new path before the next handover
	Lost          int      `json:"lost"`           // packets lost to this handover
	*Stall                 // of a bulk transfer over TCP, else absent
}

// Flow is one test flow over the whole run. Sent = Received + Lost + InFlight. The packets of a
// flow over TCP are the segments of both ends; its delays are those from From to To.
type Flow struct {
	Name           string   `json:"name"`
	Kind           string   `json:"kind"`   // cbr, ping
	Family         string   `json:"family"` // ipv4, ipv6
	From           string   `json:"from"`
	To             string   `json:"to"`
	Sent           int      `json:"sent"`            // packets handed to the stack; requests of a ping
	SentOctets     int64    `json:"sent_octets"`     // their IP octets before any encapsulation
	Received       int      `json:"received"`        // at least once; replies of a ping
	ReceivedOctets int64    `json:"received_octets"` // of those that arrived, the IP octets that were sent
	Lost           int      `json:"lost"`            // dropped and never received
	InFlight       int      `json:"in_flight"`       // still on the way when the run ended
	Duplicates     int      `json:"duplicates"`      // receptions beyond the first
	Reordered      int      `json:"reordered"`       // Type-P-Reordered of RFC 4737 section 3.3
	Delay          *Delay   `json:"delay"`           // null if nothing was received
	JitterS        *float64 `json:"jitter_s"`        // RFC 3550 section 6.4.1, at the end; null below two receptions
	LongestGapS    *float64 `json:"longest_gap_s"`
	OverheadOctets int64    `json:"overhead_octets"` // encapsulation added on the way
	ThroughputBPS  *float64 `json:"throughput_bps"`  // received octets as bits, over the time from the first sending to the last reception; null if there is none
	Drops          Drops    `json:"drops"`           // reasons of the lost packets; sums to Lost
	Paths          []Path   `json:"paths"`           // by where the mobile node was, in the order of first use
	Limits         *Limits  `json:"limits"`          // null if nothing was received
	Voice          *Voice   `json:"voice,omitempty"` // of a call of which something was heard
	*Stream                 // of a flow over TCP, else absent
}

// Voice rates a call by the E-model (ITU-T G.107). What was on the way when the run ended does
// not count.
type Voice struct {
	Model       string  `json:"model"`       // cole-rosenbluth, full
	Codec       string  `json:"codec"`       // with its impairment figures' name
	R           float64 `json:"r"`           // rating
	MOS         float64 `json:"mos"`         // mean opinion score, 1 to 4.5
	PacketizeS  float64 `json:"packetize_s"` // the parts of the delay from mouth to ear
	LookAheadS  float64 `json:"look_ahead_s"`
	NetworkS    float64 `json:"network_s"` // of the packets that came soonest
	PlayoutS    float64 `json:"playout_s"` // in the playout buffer
	MouthToEarS float64 `json:"mouth_to_ear_s"`
	Late        int     `json:"late"`         // received, but after their turn
	LossPercent float64 `json:"loss_percent"` // lost and late packets
	BurstR      float64 `json:"burst_r"`      // mean burst of losses over that of independent ones
}

// Delay describes the delays of the received packets: one way from hand-over to the stack
// until reception, or the round trip of a ping. Quantiles are values that occurred (the
// inverse of the empirical distribution, not interpolated).
type Delay struct {
	MinS  float64 `json:"min_s"`
	MeanS float64 `json:"mean_s"`
	P50S  float64 `json:"p50_s"`
	P95S  float64 `json:"p95_s"`
	P99S  float64 `json:"p99_s"`
	MaxS  float64 `json:"max_s"`
}

// Path is what the packets of a flow met that were received while the mobile node was at one
// network, compared with the shortest path of the topology between the two ends. Of a ping,
// everything is there and back.
type Path struct {
	Network        string   `json:"network"` // "" of a flow between nodes that do not move
	Received       int      `json:"received"`
	HopsMean       float64  `json:"hops_mean"` // links crossed by a packet; each fragment counts
	DelayMinS      float64  `json:"delay_min_s"`
	DelayMeanS     float64  `json:"delay_mean_s"`
	OverheadOctets int64    `json:"overhead_octets"` // encapsulation added to them
	DirectHops     *int     `json:"direct_hops"`     // links of the shortest path; null if it is not known
	DirectDelayS   *float64 `json:"direct_delay_s"`  // of the smallest packet of the flow over it, links idle
	HopStretch     *float64 `json:"hop_stretch"`     // hops_mean over direct_hops
	DelayStretch   *float64 `json:"delay_stretch"`   // delay_min_s over direct_delay_s
}

// Limits compares a flow with published limits of transmission quality; see package limits.
type Limits struct {
	LossRatio       float64 `json:"loss_ratio"`        // lost over lost and received
	DelayVariationS float64 `json:"delay_variation_s"` // the 99.9 % quantile less the least delay (Y.1541 section 5.3.2)
	G114            string  `json:"g114"`              // of the mean delay, one way, of a call from mouth to ear: preferred, acceptable, unacceptable; "" of a ping
	Y1541Classes    []int   `json:"y1541_classes"`     // network classes 0 to 5 whose limits it keeps; none of a ping
}

// Signalling counts the control packets of the run; test traffic is not in it.
type Signalling struct {
	Packets   int       `json:"packets"`
	Octets    int64     `json:"octets"`
	OctetHops int64     `json:"octet_hops"`
	Messages  []Message `json:"messages"` // sorted by class, then type
	Details   []Detail  `json:"details"`  // the same, split; sorted by class, type, phase, link
}

// Detail counts the packets of one message type in one phase on one link. Packets and octets
// count where a packet was transmitted first; octet-hops count on every link.
type Detail struct {
	Type      string `json:"type"`
	Class     string `json:"class"`
	Phase     string `json:"phase"` // of the handover that was under way: l2, detect, address, register, route_optimization; "" between handovers
	Link      string `json:"link"`
	Packets   int    `json:"packets"`
	Octets    int64  `json:"octets"`
	OctetHops int64  `json:"octet_hops"`
}

// Message counts the packets of one message type.
type Message struct {
	Type      string `json:"type"`
	Class     string `json:"class"` // mobility, discovery, address, resolution
	Packets   int    `json:"packets"`
	Octets    int64  `json:"octets"`     // IP octets, outer headers included, as originated
	OctetHops int64  `json:"octet_hops"` // the same, once for every link crossed
}

// Conservation counts what became of every packet of the run.
// Made = Delivered + Dropped + Absorbed + Held.
type Conservation struct {
	Made      int `json:"made"`
	Delivered int `json:"delivered"` // to an application
	Dropped   int `json:"dropped"`   // for a named reason, and nowhere delivered
	Absorbed  int `json:"absorbed"`  // consumed by a protocol: requests answered, control messages acted upon
	Held      int `json:"held"`      // in a queue or in flight when the run ended
}

// Link counts what one link carried.
type Link struct {
	Name          string  `json:"name"`
	Transmissions int     `json:"transmissions"`
	Octets        int64   `json:"octets"` // of the whole frames
	Drops         Drops   `json:"drops"`
	Queues        []Queue `json:"queues"` // of the transmitters at which a frame ever waited, in the order in which one first did
}

// Queue is what waited at one transmitter of a link. Frames that were transmitted count, those
// that the queue dropped do not.
type Queue struct {
	Node       string  `json:"node"`   // whose transmitter
	Frames     int     `json:"frames"` // that waited
	MaxFrames  int     `json:"max_frames"`
	MaxOctets  int64   `json:"max_octets"`
	MeanFrames float64 `json:"mean_frames"` // over the whole run
	MeanOctets float64 `json:"mean_octets"`
	MeanWaitS  float64 `json:"mean_wait_s"` // of the frames that waited
	MaxWaitS   float64 `json:"max_wait_s"`
}

// Binding is a time during which a home agent or a correspondent node had one care-of address
// for a home address.
type Binding struct {
	Node    string   `json:"node"`
	Home    string   `json:"home_address"`
	CareOf  string   `json:"care_of_address"`
	FromS   float64  `json:"from_s"`
	UntilS  *float64 `json:"until_s"` // null if it stood when the run ended
	Updates int      `json:"updates"` // acceptances, the first included
}

// Expectation is the verdict on one [[expect]] of the scenario.
type Expectation struct {
	Metric string `json:"metric"`
	Want   string `json:"want"` // the condition in words, such as "<= 3 s"
	Got    any    `json:"got"`  // a number, a list of numbers, text, or null
	Pass   bool   `json:"pass"`
	Note   string `json:"note,omitempty"`

	// Margin is how far inside what is wanted the worst value lies, negative outside; Where tells
	// where in the run. Both only of one that is not met, and where they are known.
	Margin *float64 `json:"margin,omitempty"`
	Where  *Where   `json:"where,omitempty"`

	// Unjudged says that one run alone cannot tell: check judges over replications.
	Unjudged bool `json:"unjudged,omitempty"`
	// Deviates says that it is not met, as the scenario explains; the note is its explanation.
	Deviates bool `json:"deviates,omitempty"`
}
