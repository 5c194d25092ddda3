package events

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"testing"

	"dsmipsim/reports/internal/golden"
	"dsmipsim/reports/result"
	"dsmipsim/sim/trace"
)

func TestEvents(t *testing.T) {
	setup := result.Setup{Flows: []result.FlowInfo{{Name: "voice \"6\""}}}
	home, agent := netip.MustParseAddr("2001:db8::5"), netip.MustParseAddr("2001:db8::1")
	careOf := netip.MustParseAddr("198.51.100.9")
	facts := []trace.Event{
		{Kind: trace.LinkUp, Node: "mn", Link: "home"},
		{Time: 1, Kind: trace.Origin, Node: "cn", Flow: 1, Sequence: 0, Serial: 3, Octets: make([]byte, 208)},
		{Time: 2, Kind: trace.Transmission, Node: "cn", Link: "lan", Flow: 1, Octets: []byte{1}},
		{Time: 1_000_000_000, Kind: trace.Delivery, Node: "mn", Flow: 1, Sequence: 0, Serial: 3, Born: 1, Overhead: 40},
		{Time: 1_500_000_000, Kind: trace.LinkDown, Node: "mn", Link: "home", Target: "cell"},
		{Time: 12_345_678_901, Kind: trace.Drop, Node: "r1", Link: "core", Flow: 1, Sequence: 9, Serial: 8, Born: 12_000_000_000, Reason: trace.QueueFull},
		{Time: 12_345_678_901, Kind: trace.Drop, Node: "r1", Serial: 9, Reason: trace.HopLimit},
		{Time: 13_000_000_000, Kind: trace.Turn, Node: "mn", Flow: 1, Sequence: 2, Serial: 10, Born: 12_900_000_000},
		{Time: 14_000_000_000, Kind: trace.Held, Node: "mn", Flow: 2, Sequence: 2, Serial: 11, Born: 13_900_000_000, Overhead: 20},
		{Time: 15_000_000_000, Kind: trace.Milestone, Node: "mn", Note: trace.Note{Kind: trace.BindingUpdateSent, Home: home, CareOf: careOf, Peer: agent, Sequence: 0, Lifetime: 600}},
		{Time: 15_100_000_000, Kind: trace.Milestone, Node: "mn", Note: trace.Note{Kind: trace.BindingAccepted, Home: home, CareOf: careOf, Peer: agent, Lifetime: 600}},
		{Time: 15_200_000_000, Kind: trace.Milestone, Node: "mn", Note: trace.Note{Kind: trace.BindingRejected, Peer: agent, Sequence: 7, Status: 134}},
		{Time: 15_200_000_000, Kind: trace.Milestone, Node: "mn", Note: trace.Note{Kind: trace.BindingDeregistered, Home: home, Peer: agent, Sequence: 8}},
		{Time: 15_300_000_000, Kind: trace.Milestone, Node: "mn", Note: trace.Note{Kind: trace.IPv4HomeRefused, Status: 255}},
		{Time: 15_400_000_000, Kind: trace.Milestone, Node: "naïve", Note: trace.Note{Kind: trace.DADStarted, Home: home}},
		{Time: 16_000_000_000, Kind: trace.Connected, Node: "mn", Flow: 1, Born: 15_900_000_000},
		{Time: 16_100_000_000, Kind: trace.Progress, Node: "cn", Flow: 1, Sequence: 3, Count: 1400},
		{Time: 16_200_000_000, Kind: trace.Completed, Node: "mn", Flow: 1, Sequence: 1, Born: 16_000_000_000},
		{Time: 16_300_000_000, Kind: trace.Aborted, Node: "mn", Flow: 9},
		{Time: 16_000_000_000, Kind: trace.Position, Node: "mn", Place: trace.Place{X: 12.345678, Y: -4}},
		{Time: 17_000_000_000, Kind: trace.Position, Node: "mn", Place: trace.Place{X: 0, Y: 1e6, Nowhere: true}},
	}
	var b bytes.Buffer
	w := New(&b, setup)
	for i := range facts {
		w.Record(&facts[i])
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for i, line := range bytes.Split(bytes.TrimSpace(b.Bytes()), []byte("\n")) {
		if !json.Valid(line) {
			t.Errorf("line %d is no JSON: %s", i+1, line)
		}
	}
	golden.Check(t, "events.jsonl", b.Bytes())
}
