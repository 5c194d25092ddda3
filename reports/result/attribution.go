package result

// Attribution tells what each cause costs one handover, by a run without it on the same random
// numbers.
type Attribution struct {
	MobileNode string   `json:"mobile_node"`
	Index      int      `json:"index"`
	From       string   `json:"from"`
	To         string   `json:"to"`
	LatencyS   *float64 `json:"latency_s"` // with all causes
	Costs      []Cost   `json:"costs"`
}

// Cost is the price of one cause.
type Cost struct {
	Cause    string   `json:"cause"`
	WithoutS *float64 `json:"without_s"` // latency of the handover without the cause; null if it has none, or there is no such handover
	CostS    *float64 `json:"cost_s"`    // latency_s less without_s; null if one of them is
}
