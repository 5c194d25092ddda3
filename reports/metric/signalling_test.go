package metric

import (
	"fmt"
	"testing"
	"time"

	"dsmipsim/reports/result"
	"dsmipsim/sim/trace"
)

func TestSignalling(t *testing.T) {
	r := play(t, roaming(), `
		1s mn frame campus-lan 1 mobility BU 104
		1s r1 frame core       1 mobility BU 104
		1s r2 frame home       1 mobility BU 104
		2s ha frame home       2 mobility BA 88
		3s r1 frame campus-lan 3 discovery RA 120
		4s r1 frame campus-lan 4 discovery RA 120
		5s mn frame cell       5 resolution ARP 28
		6s mn frame cell       6 address DISCOVER 300
		7s cn frame core       7 data UDP 1000`)
	// A test packet is no signalling, whatever its octets look like.
	r.Record(&trace.Event{Time: 8e9, Kind: trace.Transmission, Node: "cn", Link: "core", Flow: 1, Serial: 8, Octets: []byte("mobility BU 104")})
	got := finish(t, r, 10*time.Second).Signalling
	want := result.Signalling{Packets: 6, Octets: 104 + 88 + 240 + 28 + 300, OctetHops: 3*104 + 88 + 240 + 28 + 300,
		Messages: []result.Message{
			{Type: "DISCOVER", Class: "address", Packets: 1, Octets: 300, OctetHops: 300},
			{Type: "RA", Class: "discovery", Packets: 2, Octets: 240, OctetHops: 240},
			{Type: "BA", Class: "mobility", Packets: 1, Octets: 88, OctetHops: 88},
			{Type: "BU", Class: "mobility", Packets: 1, Octets: 104, OctetHops: 312},
			{Type: "ARP", Class: "resolution", Packets: 1, Octets: 28, OctetHops: 28},
		},
		Details: []result.Detail{
			{Type: "DISCOVER", Class: "address", Link: "cell", Packets: 1, Octets: 300, OctetHops: 300},
			{Type: "RA", Class: "discovery", Link: "campus-lan", Packets: 2, Octets: 240, OctetHops: 240},
			{Type: "BA", Class: "mobility", Link: "home", Packets: 1, Octets: 88, OctetHops: 88},
			{Type: "BU", Class: "mobility", Link: "campus-lan", Packets: 1, Octets: 104, OctetHops: 104},
			{Type: "BU", Class: "mobility", Link: "core", OctetHops: 104},
			{Type: "BU", Class: "mobility", Link: "home", OctetHops: 104},
			{Type: "ARP", Class: "resolution", Link: "cell", Packets: 1, Octets: 28, OctetHops: 28},
		}}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestLinksDropsAndConservation(t *testing.T) {
	r := play(t, roaming(), `
		1s cn frame core 1 0123456789
		1s r1 frame home 1 0123456789
		2s cn origin down 0
		2s r1 drop down 0 queue_full core
		3s cn origin down 1
		3s mn drop down 1 no_socket
		4s cn origin down 2
		4s mn delivery down 2
		5s cn origin down 3
		5s mn held down 3`)
	res := finish(t, r, 10*time.Second)
	links := fmt.Sprint(res.Links)
	if want := "[{home 1 10 map[] []} {campus-lan 0 0 map[] []} {cell 0 0 map[] []} {cafe 0 0 map[] []} {core 1 10 map[queue_full:1] []}]"; links != want {
		t.Errorf("links %s, want %s", links, want)
	}
	if got := fmt.Sprint(res.Drops); got != "map[no_socket:1 queue_full:1]" || res.Drops.Total() != 2 {
		t.Errorf("drops %s", got)
	}
	// Packet 1 was transmitted and no fact tells its end: a protocol absorbed it.
	seen := result.Conservation{Made: 5, Delivered: 1, Dropped: 2, Absorbed: 1, Held: 1}
	if res.Conservation != seen {
		t.Errorf("conservation %+v", res.Conservation)
	}
	exact := result.Conservation{Made: 8, Delivered: 1, Dropped: 2, Absorbed: 4, Held: 1}
	if err := res.Conserve(exact); err != nil || res.Conservation != exact {
		t.Errorf("conserve: %v, %+v", err, res.Conservation)
	}
	if err := res.Conserve(result.Conservation{Made: 9, Delivered: 1, Dropped: 2, Absorbed: 4, Held: 1}); err == nil {
		t.Error("a lost packet went unnoticed")
	}
	for _, other := range []result.Conservation{
		{Made: 9, Delivered: 2, Dropped: 2, Absorbed: 4, Held: 1},
		{Made: 9, Delivered: 1, Dropped: 3, Absorbed: 4, Held: 1},
		{Made: 9, Delivered: 1, Dropped: 2, Absorbed: 4, Held: 2},
	} {
		res.Conservation = seen
		if err := res.Conserve(other); err == nil {
			t.Errorf("%+v: an end without a fact went unnoticed", other)
		}
	}
}

func TestFingerprints(t *testing.T) {
	base := "0s mn up home\n1s mn frame home 1 mobility BU 104\n2s mn note dad_started"
	first := finish(t, play(t, roaming(), base), 9*time.Second).Fingerprint
	if again := finish(t, play(t, roaming(), base), 9*time.Second).Fingerprint; again != first {
		t.Errorf("equal runs differ: %v %v", first, again)
	}
	for _, c := range []struct {
		name, script     string
		trajectory, wire bool // expected to change
	}{
		{"an octet", "0s mn up home\n1s mn frame home 1 mobility BU 105\n2s mn note dad_started", false, true},
		{"a link", "0s mn up home\n1s mn frame cell 1 mobility BU 104\n2s mn note dad_started", false, true},
		{"a node", "0s mn up home\n1s ha frame home 1 mobility BU 104\n2s mn note dad_started", true, false},
		{"a milestone", "0s mn up home\n1s mn frame home 1 mobility BU 104\n2s mn note dad_failed", true, false},
		{"a time", "0s mn up home\n1s mn frame home 1 mobility BU 104\n3s mn note dad_started", true, false},
	} {
		got := finish(t, play(t, roaming(), c.script), 9*time.Second).Fingerprint
		if (got.Trajectory != first.Trajectory) != c.trajectory || (got.Wire != first.Wire) != c.wire {
			t.Errorf("%s: trajectory or wire fingerprint is wrong", c.name)
		}
	}
	drop := func(reason string) result.Fingerprint {
		return finish(t, play(t, roaming(), "1s cn origin down 0\n2s cn drop down 0 "+reason), 9*time.Second).Fingerprint
	}
	if drop("no_route").Trajectory == drop("too_big").Trajectory {
		t.Error("the reason of a drop is not in the trajectory")
	}
	// Users keep fingerprints in their repositories, so the encoding must not drift. These two
	// were computed from the description of hashes by another program.
	if first.Trajectory != "bb8ebe9fb9dcb4a3dfc3c9e302810c1cc5b28e4bc8ff771f8129112dc7108773" ||
		first.Wire != "b610af217423a982f958a8c403966f716bec42bbf14bdfaadfffb9fb4c9d6c6c" {
		t.Errorf("fingerprints are encoded otherwise: %+v", first)
	}
}
