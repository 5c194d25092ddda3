package technology

var nr5g = Technology{
	Name: "nr5g",
	Doc:  "5G NR below 6 GHz, mobile broadband; attaching is a handover to a known cell with one interruption",
	Settings: []Setting{
		{"rate", "100Mbps", "User experienced data rate, downlink.", "ITU-R M.2410 section 4.3"},
		{"up.rate", "50Mbps", "User experienced data rate, uplink.", "ITU-R M.2410 section 4.3"},
		{"delay", "4ms", "Target for the user plane latency of mobile broadband, each way.", "3GPP TR 38.913 section 7.5"},
		{"attach", "['22ms', '62ms']", "Processing 20 ms and margin 2 ms; up to 20 ms for time tracking and 20 ms until the random access.", "3GPP TS 38.133 section 6.1.1.2"},
	},
}
