package result

// Attribution tells what each cause costs one handover, by a run without it on the same random
// numbers.
type Attribution struct {
	MobileNode string   `json:"mobile_node" doc:"The mobile node."`
	Index      int      `json:"index" doc:"Number of the handover, as in handovers."`
	From       string   `json:"from" doc:"Network left."`
	To         string   `json:"to" doc:"Network entered."`
	LatencyS   *float64 `json:"latency_s" doc:"Latency of the handover with all causes."`
	Costs      []Cost   `json:"costs" doc:"What each cause costs."`
}

// Cost is the price of one cause.
type Cost struct {
	Cause    string   `json:"cause" doc:"What was taken away, such as duplicate address detection."`
	WithoutS *float64 `json:"without_s" doc:"Latency of the handover without the cause; null if it has none, or there is no such handover."`
	CostS    *float64 `json:"cost_s" doc:"latency_s less without_s; null if one of them is."`
}
