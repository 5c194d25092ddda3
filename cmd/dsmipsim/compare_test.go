package main

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"dsmipsim/reports/comparison"
)

// walked makes a sweep of the test scenario of package sweep: one node that hands over once, with
// link, advertisements and losses that vary.
func walked(t *testing.T, name string, sets ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), name)
	args := []string{"sweep", "../../scenarios/sweep/testdata/walk.toml", "-o", dir, "-q", "--replications", "30", "--set", "duration=5s", "--set", "flow.talk.interval=200ms"}
	for _, set := range sets {
		args = append(args, "--set", set)
	}
	var out, errs bytes.Buffer
	if code := run(args, strings.NewReader(""), &out, &errs); code != 0 {
		t.Fatalf("exit status %d: %s", code, errs.String())
	}
	return dir
}

// compared runs `compare` and returns the verdicts by metric.
func compared(t *testing.T, status int, args ...string) map[string][]comparison.Verdict {
	t.Helper()
	var out, errs bytes.Buffer
	if code := run(append([]string{"compare", "--format", "json"}, args...), strings.NewReader(""), &out, &errs); code != status {
		t.Fatalf("exit status %d, want %d: %s", code, status, errs.String())
	}
	var found struct {
		Findings []struct {
			Metric, Test string
			Verdict      comparison.Verdict
		}
	}
	if err := json.Unmarshal(out.Bytes(), &found); err != nil {
		t.Fatal(err)
	}
	verdicts := map[string][]comparison.Verdict{}
	for _, f := range found.Findings {
		verdicts[f.Metric] = append(verdicts[f.Metric], f.Verdict)
	}
	return verdicts
}

// Sweeps of one scenario with other seeds do not differ; those of a link that takes 10 % longer
// do, on the same random numbers, though its time varies more than that from run to run.
func TestCompareRealSweeps(t *testing.T) {
	link := "network.campus.link.attach={dist=\"uniform\",min=\"20ms\",max=\"180ms\"}"
	slower := "network.campus.link.attach={dist=\"uniform\",min=\"22ms\",max=\"198ms\"}"
	base, other, slow := walked(t, "base", link), walked(t, "other", link, "seed=2"), walked(t, "slow", slower)
	for metric, verdicts := range compared(t, 0, base, other) {
		for _, v := range verdicts {
			if v != comparison.NoDifference {
				t.Errorf("another seed: %s: %s", metric, v)
			}
		}
	}
	const l2 = "handovers[from=home,to=campus].phases.l2_s"
	found := compared(t, 1, base, slow)
	if len(found[l2]) != 12 {
		t.Fatalf("%d verdicts on %s", len(found[l2]), l2)
	}
	for _, v := range found[l2] {
		if v != comparison.Worse {
			t.Errorf("a link 10 %% slower: %s", v)
		}
	}
	for _, v := range compared(t, 0, slow, base)[l2] {
		if v != comparison.Better {
			t.Errorf("a link 10 %% faster: %s", v)
		}
	}
	// Without pairs 30 replications are too few to see that.
	for _, v := range compared(t, 0, base, slow, "--test", "welch")[l2] {
		if v != comparison.NoDifference {
			t.Errorf("as independent samples: %s", v)
		}
	}
	compared(t, 0, base, slow, "--tolerance", "11%", "--metric", l2)
}
