package metric

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"gonum.org/v1/gonum/stat"

	"dsmipsim/reports/result"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// TestPhaseOfSignalling follows a packet by the phase in which it was transmitted first.
func TestPhaseOfSignalling(t *testing.T) {
	r := play(t, roaming(), `
		0s     mn up home
		1s     r1 frame core 1 discovery RA 100    # between handovers
		10s    mn down home campus-lan
		10.01s r1 frame core 2 discovery RA 100    # l2
		10.05s mn up campus-lan
		10.06s mn frame campus-lan 3 discovery RS 56
		10.10s mn note movement_detected
		10.10s r1 frame core 3 discovery RS 56     # the same packet, further on
		10.11s r1 frame core 2 discovery RA 100`)
	got := fmt.Sprint(finish(t, r, 20*time.Second).Signalling.Details)
	want := "[{RA discovery  core 1 100 100} {RA discovery l2 core 1 100 200} {RS discovery detect campus-lan 1 56 56} {RS discovery detect core 0 0 56}]"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestSeveralHandovers has two nodes move at once: a router's packet belongs to neither.
func TestSeveralHandovers(t *testing.T) {
	setup := roaming()
	setup.MobileNodes = []string{"mn", "mn2"}
	r := play(t, setup, `
		0s  mn up home
		0s  mn2 up home
		10s mn down home cell
		11s mn2 down home cell
		11s mn up cell
		11s mn frame cell 1 discovery RS 56
		11s mn2 frame cell 2 discovery RS 56
		11s r1 frame cell 3 discovery RA 100`)
	got := fmt.Sprint(finish(t, r, 20*time.Second).Signalling.Details)
	if want := "[{RA discovery several cell 1 100 100} {RS discovery detect cell 1 56 56} {RS discovery l2 cell 1 56 56}]"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestQueue has three frames that come at 0, 1 and 3 ms and leave at 2, 4 and 6 ms.
func TestQueue(t *testing.T) {
	r := New(roaming(), classifyText)
	for _, f := range []struct{ at, waited, octets int }{{0, 0, 700}, {2, 2, 100}, {4, 3, 200}, {6, 3, 400}} {
		r.Record(&trace.Event{Time: vtime.Time(f.at) * 1e6, Kind: trace.Transmission, Node: "r1", Link: "core", Waited: vtime.Time(f.waited) * 1e6, Octets: make([]byte, f.octets)})
	}
	queues := finish(t, r, 8*time.Millisecond).Links[4].Queues
	want := result.Queue{Node: "r1", Frames: 3, MaxFrames: 2, MaxOctets: 600, MeanFrames: 1, MeanOctets: (200.0 + 600 + 1200) / 8, MeanWaitS: 0.002666667, MaxWaitS: 0.003}
	if len(queues) != 1 || queues[0] != want {
		t.Errorf("got %+v, want %+v", queues, want)
	}
	if s := r.Queues(); len(s) != 1 || len(s[0].Stays) != 3 || s[0].Stays[1] != (result.Stay{From: 1e6, Until: 4e6, Octets: 200}) {
		t.Errorf("samples %+v", s)
	}
}

func TestBindings(t *testing.T) {
	r := play(t, roaming(), `
		1s ha note binding_created home=2001:db8::1 coa=2001:db8:a::1
		2s ha note binding_updated home=2001:db8::1 coa=2001:db8:a::1
		3s cn note binding_created home=2001:db8::1 coa=2001:db8:a::1
		4s ha note binding_updated home=2001:db8::1 coa=2001:db8:b::1
		5s ha note binding_removed home=2001:db8::1
		6s ha note binding_removed home=2001:db8::1
		7s ha note binding_created home=2001:db8::1 coa=2001:db8:c::1`)
	got := ""
	for _, b := range finish(t, r, 10*time.Second).Bindings {
		until := "on"
		if b.UntilS != nil {
			until = fmt.Sprint(*b.UntilS)
		}
		got += fmt.Sprintf("%s %s %v..%s %d\n", b.Node, b.CareOf, b.FromS, until, b.Updates)
	}
	if want := "ha 2001:db8:a::1 1..4 2\ncn 2001:db8:a::1 3..on 1\nha 2001:db8:b::1 4..5 1\nha 2001:db8:c::1 7..on 1\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestPaths(t *testing.T) {
	r := play(t, roaming(), `
		0s  mn up home
		1s  cn origin down 0
		1s  cn frame core 100 data UDP 60
		2s  mn delivery down 0
		10s mn down home campus-lan
		11s mn up campus-lan
		12s cn origin down 1
		15s mn delivery down 1
		20s cn origin down 2
		21s mn delivery down 2`)
	f := finish(t, r, 30*time.Second).Flows[0]
	if got := fmt.Sprintf("%+v", f.Paths); got != "[{Network:home Received:1 HopsMean:0 DelayMinS:1 DelayMeanS:1 OverheadOctets:40 DirectHops:<nil> DirectDelayS:<nil> HopStretch:<nil> DelayStretch:<nil>}"+
		" {Network:campus Received:2 HopsMean:0 DelayMinS:1 DelayMeanS:2 OverheadOctets:80 DirectHops:<nil> DirectDelayS:<nil> HopStretch:<nil> DelayStretch:<nil>}]" {
		t.Error(got)
	}
	// Three packets of 60 octets from 1 s to 21 s.
	if f.ReceivedOctets != 180 || f.ThroughputBPS == nil || *f.ThroughputBPS != 72 {
		t.Errorf("octets %d, throughput %v", f.ReceivedOctets, f.ThroughputBPS)
	}
	if l := f.Limits; l.G114 != "unacceptable" || !slices.Equal(l.Y1541Classes, []int{5}) || l.DelayVariationS != 2 {
		t.Errorf("limits %+v", l)
	}
}

// TestQuantilesAreThoseOfTheRawSeries compares with gonum on delays that are not sorted.
func TestQuantilesAreThoseOfTheRawSeries(t *testing.T) {
	var d delays
	var raw []float64
	for i := range 997 {
		delay := vtime.Time((i*7919)%997+1) * 1_000_003
		d.receive(vtime.Time(i)*1e7, vtime.Time(i)*1e7+delay)
		raw = append(raw, float64(delay)/1e9)
	}
	slices.Sort(raw)
	got, _, _ := d.result()
	for _, q := range []struct{ p, got float64 }{{0.5, got.P50S}, {0.95, got.P95S}, {0.99, got.P99S}, {0, got.MinS}, {1, got.MaxS}} {
		if want := stat.Quantile(q.p, stat.Empirical, raw, nil); q.got != want {
			t.Errorf("quantile %v: got %v, want %v", q.p, q.got, want)
		}
	}
	if v, _ := d.variation(); v != result.SecondsOf((stat.Quantile(0.999, stat.Empirical, raw, nil)-raw[0])*1e9) {
		t.Errorf("variation %v", v)
	}
}
