package result_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dsmipsim/reports/internal/golden"
	"dsmipsim/reports/internal/sample"
	"dsmipsim/reports/result"
)

func TestSummary(t *testing.T) {
	r := sample.Result()
	text, err := r.JSON()
	if err != nil {
		t.Fatal(err)
	}
	golden.Check(t, "summary.json", text)
	back, err := result.Read(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(r, back); d != "" {
		t.Errorf("what was written is not what is read:\n%s", d)
	}
	if _, err := result.Read(strings.NewReader(`{"format":"dsmipsim/summary/2"}`)); err == nil {
		t.Error("a foreign format was accepted")
	}
}

// TestListsAreNeverNull lets readers iterate without a check.
func TestListsAreNeverNull(t *testing.T) {
	r := result.Result{Format: result.Format, Handovers: []result.Handover{{}}, Flows: []result.Flow{{}}, Links: []result.Link{{}}}
	text, err := r.JSON()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(text), "\n") {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch key {
		case `"latency_s"`, `"predicted"`, `"delay"`, `"jitter_s"`, `"longest_gap_s"`, `"throughput_bps"`, `"limits"`:
			continue // values that may be absent
		}
		if strings.HasPrefix(value, "null") {
			t.Errorf("%s is null", key)
		}
	}
}

// TestSeal removes the fingerprint from the text, as an outside check would.
func TestSeal(t *testing.T) {
	r := sample.Result()
	text, err := r.JSON()
	if err != nil {
		t.Fatal(err)
	}
	before, rest, _ := strings.Cut(string(text), "  \"fingerprint\": {\n")
	_, after, found := strings.Cut(rest, "  },\n")
	sum := sha256.Sum256([]byte(before + after))
	if !found || r.Fingerprint.Result != hex.EncodeToString(sum[:]) {
		t.Errorf("fingerprint %s is not that of the text without fingerprint", r.Fingerprint.Result)
	}
	r.Expectations[0].Pass = false
	old := r.Fingerprint.Result
	if err := r.Seal(); err != nil || r.Fingerprint.Result == old {
		t.Errorf("a changed result has the same fingerprint (%v)", err)
	}
}

func TestSecondsHaveAtMostNineDecimals(t *testing.T) {
	if got := result.Seconds(86400*time.Second + 1); got != 86400.000000001 {
		t.Errorf("got %v", got)
	}
	if got := result.SecondsOf(1e9 / 3.0); got != 0.333333333 {
		t.Errorf("got %v", got)
	}
}
