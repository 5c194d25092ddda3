package metric

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"dsmipsim/reports/result"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

func TestFlowCountsAndDelays(t *testing.T) {
	// Delays in order of reception: 20, 30, 50 (sequence 3), 70 (sequence 2, late), 20, 20 ms.
	//
	// jitter: J = 0; |30-20| -> 10/16 = 0.625; |50-30| = 20 -> 0.625 + 19.375/16 = 1.8359375;
	// |70-50| = 20 -> 1.8359375 + 18.1640625/16 = 2.97119140625; |20-70| = 50 ->
	// 2.97119140625 + 47.02880859375/16 = 5.910491943359375; |20-20| -> that * 15/16 =
	// 5.541086196899414 ms.
	r := play(t, roaming(), `
		1.000s cn origin down 0
		1.020s mn delivery down 0
		1.100s cn origin down 1
		1.130s mn delivery down 1
		1.135s mn delivery down 1       # a duplicate
		1.200s cn origin down 2
		1.210s cn origin down 3
		1.260s mn delivery down 3
		1.270s mn delivery down 2       # reordered
		1.300s cn origin down 4
		1.310s r1 drop down 4 queue_full core
		1.400s cn origin down 5
		1.420s mn delivery down 5
		1.430s cn origin down 6
		1.450s mn delivery down 6
		1.500s cn origin down 7
		1.600s cn held down 7
		1.600s cn origin down 8
		1.600s cn drop down 8 no_route
		1.600s cn drop down 8 too_big    # a second fragment of it`)
	f := finish(t, r, 2*time.Second).Flows[0]
	got := fmt.Sprintf("sent %d octets %d received %d lost %d in flight %d duplicates %d reordered %d overhead %d drops %v gap %s jitter %s delay %v",
		f.Sent, f.SentOctets, f.Received, f.Lost, f.InFlight, f.Duplicates, f.Reordered, f.OverheadOctets, f.Drops,
		show(f.LongestGapS), show(f.JitterS), *f.Delay)
	// 10 deliveries and drops with 40 octets each; gap from 1.270 to 1.420.
	want := "sent 9 octets 540 received 6 lost 2 in flight 1 duplicates 1 reordered 1 overhead 400 drops map[no_route:1 queue_full:1] " +
		"gap 0.15 jitter 0.005541086 delay {0.02 0.035 0.02 0.07 0.07 0.07}"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestPingIsReceivedWhenItsReplyIs(t *testing.T) {
	r := play(t, roaming(), `
		1.00s mn origin ping-out 0
		1.01s cn delivery ping-out 0     # the request, were it stated
		1.01s cn turn ping-out 0
		1.03s mn delivery ping-out 0
		2.00s mn origin ping-out 1
		2.01s cn turn ping-out 1
		2.02s r1 drop ping-out 1 link_loss core`)
	f := finish(t, r, 3*time.Second).Flows[2]
	if f.Sent != 2 || f.Received != 1 || f.Lost != 1 || f.Delay.MeanS != 0.03 || f.LongestGapS != nil || f.JitterS != nil {
		t.Errorf("got %+v, delay %+v", f, f.Delay)
	}
}

func TestContradictionsAreErrors(t *testing.T) {
	cases := []struct{ name, script, want string }{
		{"a packet that vanished", `
			1s cn origin down 0
			1s mn delivery down 0
			2s cn origin down 1
			3s cn origin down 2
			3s cn held down 2`,
			"flow down: sent 3, but received 1 + lost 0 + in flight 1: sequence 1, sent at 2.000000000s, is unaccounted for"},
		{"a packet from nowhere", "1s mn delivery down 9", "flow down: delivery of sequence 9 at mn, which was never sent"},
		{"a sequence number used twice", "1s cn origin down 3\n1s mn delivery down 3\n2s cn origin down 3", "flow down: sequence 3 sent after 3"},
		{"time running backwards", "2s mn up home\n1s mn up home", "a link_up fact of mn at 1.000000000s came after one at 2.000000000s"},
	}
	for _, c := range cases {
		_, err := play(t, roaming(), c.script).Result(0, 0)
		if err == nil || err.Error() != c.want {
			t.Errorf("%s: error %v, want %s", c.name, err, c.want)
		}
	}
	r := New(roaming(), classifyText)
	r.Record(&trace.Event{Kind: trace.Origin, Node: "cn", Flow: 99})
	if _, err := r.Result(0, 0); err == nil || !strings.Contains(err.Error(), "flow 99") {
		t.Errorf("unknown flow: error %v", err)
	}
}

// harm writes what a handover did to each flow.
func harm(h result.Handover) string {
	var b strings.Builder
	for _, f := range h.Flows {
		fmt.Fprintf(&b, "%s %s/%d ", f.Flow, show(f.InterruptionS), f.Lost)
	}
	return strings.TrimSpace(b.String())
}

func TestInterruption(t *testing.T) {
	r := play(t, roaming(), `
		0s     mn up home
		9.90s  cn origin down 0
		9.92s  mn delivery down 0           # last over the old path
		9.97s  mn origin out 0
		9.98s  cn origin down 1             # in flight at the detach
		9.985s mn origin out 1              # in flight at the detach, yet it arrives
		9.99s  cn delivery out 0
		9.99s  mn origin ping-out 0
		9.99s  cn origin ping-in 0
		9.995s mn turn ping-in 0
		9.999s cn origin ping-in 1          # finds the node at its new link
		10s    mn down home campus-lan
		10s    mn drop down 1 detached home
		10.01s cn delivery out 1            # last over the old path
		10.02s cn delivery ping-in 0        # answered over the old path
		10.02s mn drop ping-out 0 detached home
		10.02s mn origin out 2
		10.02s mn drop out 2 link_unavailable
		10.03s mn origin out 3              # waits for the new path
		10.5s  mn up campus-lan
		10.6s  cn delivery out 3            # first over the new path
		10.6s  cn origin down 2
		10.7s  cn origin down 3
		10.75s mn delivery down 3           # first over the new path
		10.76s r1 drop down 2 link_loss core
		11.1s  mn turn ping-in 1
		11.2s  cn delivery ping-in 1
		12s    cn origin down 4
		12.1s  mn drop down 4 link_loss campus-lan  # later, no handover's fault
		49.99s mn origin ping-out 1
		50s    mn down campus-lan cafe
		50s    mn up cafe
		50.01s mn delivery ping-out 1       # over the campus path, but after its end
		51s    cn origin down 5
		51.1s  ha drop down 5 no_binding
		69.9s  cn origin down 6
		70s    mn down cafe home
		70s    mn up home
		70s    ha drop down 6 no_binding
		70.5s  cn origin down 7
		70.6s  mn delivery down 7`)
	res := finish(t, r, 100*time.Second)
	want := []string{
		// down: 9.92 to 10.75; lost are 1 and 2. out: 10.01 to 10.6. ping-in: 10.02 to 11.2.
		"down 0.83/2 out 0.59/1 ping-out null/1 ping-in 1.18/0",
		// Nothing arrives in the cafe. down 5 is lost to it; the pings and out send nothing.
		"down null/1 out null/0 ping-out null/0 ping-in null/0",
		// No reception over the old path: counted from the start of the handover at 70 s.
		"down 0.6/1 out null/0 ping-out null/0 ping-in null/0",
	}
	for i, h := range res.Handovers {
		if got := harm(h); got != want[i] {
			t.Errorf("handover %d: got %s, want %s", i+1, got, want[i])
		}
	}
}

func TestInterruptionIsNeverNegativeAndNeedsAFlow(t *testing.T) {
	r := play(t, roaming(), `
		0s     mn up home
		9.99s  mn origin out 0
		10s    mn down home campus-lan
		10s    mn up campus-lan
		10.01s mn origin out 1
		10.02s cn delivery out 1    # the new path is faster
		10.05s cn delivery out 0
		10.5s  cn origin down 0     # begins after the handover
		10.6s  mn delivery down 0`)
	if got := harm(finish(t, r, 20*time.Second).Handovers[0]); got != "down null/0 out 0/0 ping-out null/0 ping-in null/0" {
		t.Error(got)
	}
}

func TestSamples(t *testing.T) {
	r := play(t, roaming(), `
		1s cn origin down 5
		2s cn origin down 7
		3s mn delivery down 5
		4s r1 drop down 7 link_loss`)
	got := r.Samples()[0].Packets
	want := []result.Sample{
		{Sequence: 5, Fate: result.Received, Sent: vtime.Time(time.Second), End: vtime.Time(3 * time.Second), Octets: 60, Overhead: 40, Hops: 0},
		{Sequence: 7, Fate: result.Lost, Reason: trace.LinkLoss, Sent: vtime.Time(2 * time.Second), End: vtime.Time(4 * time.Second), Octets: 60, Overhead: 40},
	}
	if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("got %+v", got)
	}
}
