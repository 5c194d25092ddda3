package quantity

import "testing"

func TestOf(t *testing.T) {
	for path, want := range map[string]Quantity{
		"handovers[to=campus].latency_s.mean":            {"mean handover latency", "to=campus", "s", "ms", 1e3, Lower},
		"handovers[].latency_s.count":                    {"number of values: handover latency", "", "", "", 1, Unknown},
		"handovers.predicted.latency_s.mean":             {"mean predicted handover latency", "", "s", "ms", 1e3, Unknown},
		"handovers[to=a].flows[voice].lost.sum":          {"total lost packets", "to=a, voice", "", "", 1, Lower},
		"flows[voice].delay.mean_s":                      {"mean delay", "voice", "s", "ms", 1e3, Lower},
		"flows[bulk].goodput_bps":                        {"goodput", "bulk", "b/s", "Mb/s", 1e-6, Higher},
		"flows[call].voice.mos":                          {"mean opinion score", "call", "", "", 1, Higher},
		"flows[call].received":                           {"received packets", "call", "", "", 1, Higher},
		"flows[call].in_flight":                          {"flows.in_flight", "call", "", "", 1, Unknown},
		"signalling.messages[class=mobility].octets.sum": {"total signalling octets", "class=mobility", "octets", "", 1, Lower},
		"signalling.octet_hops":                          {"signalling octets on all links", "", "octets", "", 1, Lower},
		"links[backbone].octets":                         {"links.octets", "backbone", "octets", "", 1, Unknown},
		"duration_s":                                     {"duration_s", "", "s", "ms", 1e3, Unknown},
	} {
		if got := Of(path); got != want {
			t.Errorf("%s:\ngot  %+v\nwant %+v", path, got, want)
		}
	}
	if got := Of("handovers[to=campus].latency_s.mean").Label(); got != "mean handover latency, to=campus (ms)" {
		t.Error(got)
	}
	if got := Of("flows[].lost").Label(); got != "lost packets" {
		t.Error(got)
	}
}
