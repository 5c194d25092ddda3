package technology

var lte = Technology{
	Name: "lte",
	Doc:  "LTE, FDD, user equipment of category 4; attaching is a handover to a known cell",
	Settings: []Setting{
		{"rate", "150Mbps", "Downlink of category 4, the most that one user gets.", "3GPP TS 36.306 table 4.1-1"},
		{"up.rate", "50Mbps", "Uplink of category 4.", "3GPP TS 36.306 table 4.1-2"},
		{"delay", "7.5ms", "Downlink: processing, alignment to subframes, transmission and decoding.", "3GPP TR 36.881 clause 5"},
		{"up.delay", "17ms", "Uplink: scheduling request and grant come before the transmission.", "3GPP TR 36.881 clause 5"},
		{"jitter", `{ dist = "empirical", values = ["0s", "0s", "0s", "0s", "0s", "0s", "0s", "0s", "0s", "8ms"] }`, "One packet in ten is sent again a HARQ round trip later; RLC keeps the order.", "3GPP TS 36.213 section 7.2.3 (10 % target), TS 36.321 section 7.7 (8 subframes)"},
		{"attach", "['20ms', '50ms']", "Interruption of a handover to a known cell: 20 ms and up to 30 ms until the random access.", "3GPP TS 36.133 section 5.1.2.1.2"},
	},
}
