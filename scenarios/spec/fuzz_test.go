package spec

import (
	"errors"
	"strings"
	"testing"
)

// FuzzLoad checks that no text and no override makes Load panic, that every problem has a place
// in the text, and that whatever loads survives Encode.
func FuzzLoad(f *testing.F) {
	for _, folder := range []string{"good", "bad"} {
		for _, src := range fixtures(f, folder) {
			f.Add(src, "network.campus.link.delay=20ms")
		}
	}
	f.Add("a = [[{b = '''x'''''}], \"\"\"\\\"\"\"\"\"]\n[[a.b]]\n", "mobile_node.mn.visit[0].at=5s")
	f.Add("\ufeffduration = \"1s\"\r\n", "visit[0][1]=[")
	f.Fuzz(func(t *testing.T, src, set string) {
		if len(src) > 1<<14 || len(set) > 1<<10 {
			t.Skip()
		}
		if strings.Contains(src+set, "count") {
			// Thousands of nodes are fine but slow.
			src, set = strings.ReplaceAll(src, "000", "0"), strings.ReplaceAll(set, "000", "0")
		}
		s, err := Load("fuzz", []byte(src), []string{set})
		if err == nil {
			roundTrip(t, s)
			return
		}
		var r *Report
		if !errors.As(err, &r) || len(r.Problems) == 0 {
			t.Fatalf("not a report: %v", err)
		}
		lines := strings.Split(strings.TrimPrefix(src, "\ufeff"), "\n")
		for _, p := range r.Problems {
			if p.Line > len(lines) || p.Line == 0 && !strings.HasPrefix(p.File, "--set") {
				t.Errorf("no such place: %+v", p)
			}
		}
	})
}
