package tidy

import (
	"bytes"
	"testing"
	"time"

	"dsmipsim/reports/result"
	"dsmipsim/sim/trace"
)

func TestSeries(t *testing.T) {
	samples := []result.FlowSamples{{Flow: result.FlowInfo{Name: "f"}, Packets: []result.Sample{
		{Sequence: 0, Fate: result.Received, Sent: 1.05e9, End: 1.15e9, Octets: 100, Hops: 4},
		{Sequence: 1, Fate: result.Lost, Reason: trace.Detached, Sent: 1.1e9, End: 1.2e9, Octets: 100, Overhead: 40},
		{Sequence: 2, Fate: result.InFlight, Sent: 1.2e9, Octets: 100, Attachment: 1}}}}
	queues := []result.QueueSamples{{Link: "l", Node: "n", Stays: []result.Stay{{From: 0.05e9, Until: 0.15e9, Octets: 1000}, {From: 0.30e9, Until: 0.40e9, Octets: 500}}}}
	var b bytes.Buffer
	for _, err := range []error{
		Throughput(&b, &result.Result{DurationS: 1.25}, samples, 100*time.Millisecond),
		Delays(&b, samples),
		Queues(&b, queues, 100*time.Millisecond),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	const want = `flow,start_s,packets,octets,throughput_bps
f,1,0,0,0
f,1.1,1,100,8000
f,1.2,0,0,0
flow,sequence,sent_s,fate,delay_s,reason,octets,overhead_octets,hops,attachment
f,0,1.05,received,0.1,,100,0,4,0
f,1,1.1,lost,,detached,100,40,0,0
f,2,1.2,in_flight,,,100,0,0,1
link,node,start_s,mean_frames,mean_octets,arrivals
l,n,0,0.5,500,1
l,n,0.1,0.5,500,0
l,n,0.3,1,500,1
`
	if got := b.String(); got != want {
		t.Errorf("got\n%s", got)
	}
}
