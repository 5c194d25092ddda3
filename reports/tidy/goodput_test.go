package tidy

import (
	"strings"
	"testing"

	"dsmipsim/reports/result"
	"dsmipsim/sim/vtime"
)

// Each 100 ms from the first segment to the end of the run has a row, also those without
// progress; what came at the end of an interval belongs to the next.
func TestGoodput(t *testing.T) {
	const ms = vtime.Time(1_000_000)
	r := &result.Result{DurationS: 0.55}
	samples := []result.FlowSamples{
		{Flow: result.FlowInfo{Name: "voice", Kind: "cbr"}, Packets: []result.Sample{{}}},
		{Flow: result.FlowInfo{Name: "idle", Kind: "tcp"}},
		{Flow: result.FlowInfo{Name: "load", Kind: "tcp"}, Packets: []result.Sample{{Sent: 150 * ms}},
			Progress: []result.Progress{{At: 190 * ms, Octets: 1000}, {At: 200 * ms, Octets: 10}, {At: 450 * ms, Octets: 5}, {At: 499 * ms, Octets: 5}}},
	}
	var b strings.Builder
	if err := Goodput(&b, r, samples); err != nil {
		t.Fatal(err)
	}
	want := `flow,start_s,octets,goodput_bps
load,0.1,1000,80000
load,0.2,10,800
load,0.3,0,0
load,0.4,10,800
load,0.5,0,0
`
	if b.String() != want {
		t.Errorf("got\n%s", b.String())
	}
}

// A flow over TCP fills the cells that others leave empty.
func TestStreamCells(t *testing.T) {
	s := &result.Stream{GoodputOctets: 7, GoodputBPS: result.Some(8), Segments: 9, Retransmissions: 2, RetransmittedOctets: 3, ConnectS: result.Some(0.5)}
	if got := strings.Join(stream(s), ","); got != "7,8,9,2,3,0.5,,,,,,," {
		t.Error(got)
	}
	s.Exchange = &result.Exchange{Responses: 4, ResponseTime: &result.Delay{MinS: 1, MeanS: 2, P50S: 3, P95S: 4, P99S: 5, MaxS: 6}}
	if got := strings.Join(stream(s), ","); got != "7,8,9,2,3,0.5,,4,2,3,4,5,6" {
		t.Error(got)
	}
	if got := stall(&result.Stall{StallS: result.Some(1.5)}) + stall(&result.Stall{}) + stall(nil); got != "1.5" {
		t.Error(got)
	}
}
