package technology

var ethernet = Technology{
	Name: "ethernet",
	Doc:  "gigabit Ethernet to a switch; attaching is plugging in a cable",
	Settings: []Setting{
		{"rate", "1Gbps", "1000BASE-T.", "IEEE Std 802.3 clause 40"},
		{"frame_time", "192ns", "24 octets around each frame at 1 Gb/s: preamble and delimiter 8, check sequence 4, gap 12.", "IEEE Std 802.3 clauses 3 and 4.4.2"},
		{"attach", "['1.7s', '2.5s']", "Auto-negotiation: break_link_timer 1200 to 1500 ms, then autoneg_wait_timer 500 to 1000 ms.", "IEEE Std 802.3 clause 28.3.2"},
	},
}
