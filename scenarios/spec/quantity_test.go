package spec

import (
	"testing"
	"time"
)

func TestQuantities(t *testing.T) {
	duration := func(s string) (int64, error) { d, err := parseDuration(s); return int64(d), err }
	size := func(s string) (int64, error) { n, err := parseSize(s); return int64(n), err }
	const refused = -1
	for _, tc := range []struct {
		name  string
		parse func(string) (int64, error)
		text  string
		want  int64
	}{
		{"duration", duration, "20ms", 20e6},
		{"duration", duration, "1.5s", 15e8},
		{"duration", duration, "1h30m", 54e11},
		{"duration", duration, "0s", 0},
		{"duration", duration, "0", refused},
		{"duration", duration, "", refused},
		{"duration", duration, "+1s", refused},
		{"duration", duration, "-1s", refused},
		{"duration", duration, "20", refused},
		{"duration", duration, "20 ms", refused},
		{"duration", duration, "300000000000h", refused},
		{"rate", parseRate, "54Mbps", 54e6},
		{"rate", parseRate, "0.1Gbps", 1e8},
		{"rate", parseRate, "9600bps", 9600},
		{"rate", parseRate, "128kbps", 128000},
		{"rate", parseRate, "9223372036854775807bps", 9223372036854775807},
		{"rate", parseRate, "9223372036854775808bps", refused},
		{"rate", parseRate, "1.2345bps", refused},
		{"rate", parseRate, "54mbps", refused},
		{"rate", parseRate, "54", refused},
		{"rate", parseRate, "Mbps", refused},
		{"rate", parseRate, "1.Mbps", refused},
		{"rate", parseRate, ".5Mbps", refused},
		{"rate", parseRate, "1.2.3Mbps", refused},
		{"rate", parseRate, "-1Mbps", refused},
		{"rate", parseRate, "1e3bps", refused},
		{"rate", parseRate, "00000000000000000000000000000000000000000001bps", refused},
		{"size", size, "1500B", 1500},
		{"size", size, "1.5kB", 1500},
		{"size", size, "64KiB", 65536},
		{"size", size, "1MB", 1e6},
		{"size", size, "1MiB", 1048576},
		{"size", size, "2000000MB", refused},
		{"size", size, "0.5B", refused},
		{"size", size, "1500b", refused},
	} {
		got, err := tc.parse(tc.text)
		if err != nil {
			got = refused
		}
		if got != tc.want {
			t.Errorf("%s %q: %d, want %d", tc.name, tc.text, got, tc.want)
		}
	}
}

// What is formatted reads back, in the greatest unit that keeps it whole.
func TestFormatQuantities(t *testing.T) {
	for _, tc := range []struct{ got, want string }{
		{formatDuration(0), "0s"},
		{formatDuration(100 * time.Second), "100s"},
		{formatDuration(1500 * time.Millisecond), "1500ms"},
		{formatDuration(7), "7ns"},
		{formatRate(54e6), "54Mbps"},
		{formatRate(0), "0bps"},
		{formatSize(1500), "1500B"},
		{formatSize(64000), "64kB"},
		{formatSize(65536), "64KiB"},
		{formatLimit(QueueLimit{Packets: 1}), "1packets"},
		{formatLimit(QueueLimit{Octets: 2 << 20}), "2MiB"},
	} {
		if tc.got != tc.want {
			t.Errorf("%q, want %q", tc.got, tc.want)
		}
	}
}

func TestNearest(t *testing.T) {
	for _, tc := range []struct{ word, want string }{
		{"intreval", "interval"}, {"Interval", "interval"}, {"intervall", "interval"}, {"dealy", "delay"},
		{"xyz", ""}, {"delay", ""}, {"", ""},
	} {
		if got := nearest(tc.word, []string{"interval", "delay", "to"}); got != tc.want {
			t.Errorf("nearest to %q: %q, want %q", tc.word, got, tc.want)
		}
	}
}

func TestIPv4HomeNone(t *testing.T) {
	if !(IPv4Home{}).None() || (IPv4Home{Dynamic: true}).None() {
		t.Error("None")
	}
}
