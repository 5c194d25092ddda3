package quantity

import "testing"

func TestParse(t *testing.T) {
	for text, want := range map[string]struct {
		v    float64
		unit string
	}{
		`"20ms"`: {0.02, "s"}, `"1.5s"`: {1.5, "s"}, `3`: {3, ""}, `0.25`: {0.25, ""}, `"54Mbps"`: {54e6, "b/s"}, `"9.6kbps"`: {9600, "b/s"}, `"1500B"`: {1500, "octets"},
	} {
		if v, unit, ok := Parse(text); !ok || v != want.v || unit != want.unit {
			t.Errorf("%s: %v %q %v", text, v, unit, ok)
		}
	}
	for _, text := range []string{`"ideal"`, `["30ms", "70ms"]`, `true`, `""`} {
		if v, unit, ok := Parse(text); ok {
			t.Errorf("%s is no number: %v %q", text, v, unit)
		}
	}
}

func TestPlain(t *testing.T) {
	for text, want := range map[string]string{
		`"ideal"`: "ideal", `["30ms", "70ms"]`: "30-70ms", `["50ms", "1.5s"]`: "50ms-1.5s", `[1, 2]`: "1-2", `"20ms"`: "20ms", `true`: "true",
		`["a b", "c"]`: "[a b, c]", `["1s", "2s", "3s"]`: "[1s, 2s, 3s]",
	} {
		if got := Plain(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func TestSame(t *testing.T) {
	for _, p := range [][2]string{{`"1s"`, `"1000ms"`}, {`"a"`, `a`}, {`["1s", "2s"]`, `["1s","2s"]`}, {`["30ms", "70ms"]`, "30-70ms"}, {"5", "5.0"}} {
		if !Same(p[0], p[1]) {
			t.Errorf("%v are the same", p)
		}
	}
	for _, p := range [][2]string{{`"1s"`, `1`}, {`"a"`, `"b"`}, {"true", "false"}} {
		if Same(p[0], p[1]) {
			t.Errorf("%v are not the same", p)
		}
	}
}
