package technology

// The time of a frame in OFDM at 54 Mb/s: DIFS 34 us, half of the least contention window of
// 15 slots of 9 us, preamble and PLCP header 20 us, SIFS 16 us, acknowledgement at 24 Mb/s
// 28 us; and 22 octets that an 802.11 data frame with LLC/SNAP is longer than its Ethernet
// frame. With 1500 octets that makes about 30 Mb/s, as is seen in practice.
var wifi = Technology{
	Name: "wifi",
	Doc:  "IEEE 802.11a/g at 54 Mb/s without contention; attaching is an active scan, authentication and association",
	Settings: []Setting{
		{"rate", "54Mbps", "The highest rate of OFDM in 20 MHz.", "IEEE Std 802.11-2016 clause 17"},
		{"medium", "shared", "All stations and the access point use one channel.", "IEEE Std 802.11-2016 section 10.2"},
		{"frame_time", "169us", "DIFS, mean backoff, preamble, SIFS and acknowledgement, and 22 octets of header; without collisions.", "IEEE Std 802.11-2016 table 17-21 and section 10.3"},
		{"scan", `{ dist = "lognormal", median = "150ms", sigma = 0.6, min = "50ms", max = "400ms" }`, "Probing takes nine tenths of a handoff, from some 60 ms to 400 ms by card and access point; median and shape are choices.", "A. Mishra, M. Shin, W. Arbaugh, An empirical analysis of the IEEE 802.11 MAC layer handoff process, CCR 33(2), 2003"},
		{"authentication", "['1ms', '5ms']", "One exchange, open system; a choice of a few milliseconds.", "Mishra, Shin, Arbaugh 2003"},
		{"association", "['1ms', '10ms']", "One exchange, in part with the old access point; a choice of a few milliseconds.", "Mishra, Shin, Arbaugh 2003"},
	},
}
