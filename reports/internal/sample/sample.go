// Package sample holds an invented run for the tests of the writers: two flows, three
// handovers, one of them into a network without a binding.
package sample

import (
	"time"

	"dsmipsim/reports/result"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// Result returns the invented result. Its names hold characters that formats must escape.
func Result() *result.Result {
	r := &result.Result{
		Format: result.Format, Scenario: "sample", Mode: "draft00", Seed: 1, DurationS: 40, Events: 12345,
		Fingerprint: result.Fingerprint{Trajectory: "aa", Wire: "bb"},
		Handovers: []result.Handover{
			{MobileNode: "mn", Index: 1, From: "home", To: "campus", Kind: "home->ipv6", StartS: 10, Outcome: result.Registered,
				LatencyS: result.Some(2.131), Phases: result.Phases{L2S: 0.05, DetectS: 0.03, AddressS: 1, RegisterS: 1.05, RestS: 0.001},
				Predicted: &result.Prediction{Phases: result.Phases{L2S: 0.05, DetectS: 0.0263, AddressS: 1, RegisterS: 1.05},
					LatencyS: 2.1263, LatencyMinS: 2.1, LatencyMaxS: 2.17},
				Flows: []result.Interruption{{Flow: "voice6", InterruptionS: result.Some(2.15), Lost: 107}, {Flow: "voice4", InterruptionS: result.Some(2.14), Lost: 106}}},
			{MobileNode: "mn", Index: 2, From: "campus", To: "cafe", Kind: "ipv6->ipv4-private", StartS: 20, Outcome: result.UnsupportedNetwork,
				Phases: result.Phases{L2S: 0.05, DetectS: 1, AddressS: 0.0005}, OverlapS: 0.02, PredictedNote: "no binding is possible behind a NAT",
				Flows: []result.Interruption{{Flow: "voice6", Lost: 350}, {Flow: "voice4", Lost: 349}}},
			{MobileNode: "mn", Index: 3, From: "cafe", To: "home", Kind: "ipv4-private->home", StartS: 27, Outcome: result.Deregistered,
				LatencyS: result.Some(0.115), Phases: result.Phases{L2S: 0.05, DetectS: 0.045, RegisterS: 0.02},
				Flows: []result.Interruption{{Flow: "voice6", InterruptionS: result.Some(0.14), Lost: 6}, {Flow: "voice4", InterruptionS: result.Some(0.2), Lost: 6}}},
		},
		Flows: []result.Flow{
			{Name: "voice6", Kind: "cbr", Family: "ipv6", From: "cn", To: "mn", Sent: 1950, SentOctets: 1950 * 208, Received: 1486, Lost: 463, InFlight: 1, Reordered: 2,
				Delay:   &result.Delay{MinS: 0.02, MeanS: 0.0315, P50S: 0.031, P95S: 0.042, P99S: 0.043, MaxS: 0.051},
				JitterS: result.Some(0.000123456), LongestGapS: result.Some(7.29), OverheadOctets: 32000, Drops: result.Drops{"no_care_of_address": 350, "detached": 113},
				ReceivedOctets: 1486 * 208, ThroughputBPS: result.Some(63408.3),
				Paths: []result.Path{{Network: "home", Received: 1100, HopsMean: 4, DelayMinS: 0.02, DelayMeanS: 0.021, DirectHops: some(4), DirectDelayS: result.Some(0.02), HopStretch: result.Some(1), DelayStretch: result.Some(1)},
					{Network: "campus", Received: 386, HopsMean: 6, DelayMinS: 0.031, DelayMeanS: 0.032, OverheadOctets: 15440}},
				Limits: &result.Limits{LossRatio: 0.237558, DelayVariationS: 0.03, G114: "preferred", Y1541Classes: []int{5}}},
			{Name: `voice4 "a|b"`, Kind: "ping", Family: "ipv4", From: "mn", To: "cn", Sent: 2, SentOctets: 168, Lost: 2, Drops: result.Drops{"no_route": 2}, Paths: []result.Path{}},
		},
		Signalling: result.Signalling{Packets: 8, Octets: 952, OctetHops: 1500, Messages: []result.Message{
			{Type: "RA", Class: "discovery", Packets: 5, Octets: 600, OctetHops: 600},
			{Type: "BA", Class: "mobility", Packets: 1, Octets: 144, OctetHops: 432},
			{Type: "BU", Class: "mobility", Packets: 2, Octets: 208, OctetHops: 468}},
			Details: []result.Detail{
				{Type: "RA", Class: "discovery", Link: "campus", Packets: 5, Octets: 600, OctetHops: 600},
				{Type: "BA", Class: "mobility", Phase: "register", Link: "core", Packets: 1, Octets: 144, OctetHops: 432},
				{Type: "BU", Class: "mobility", Phase: "register", Link: "core", Packets: 2, Octets: 208, OctetHops: 468}}},
		Conservation: result.Conservation{Made: 3000, Delivered: 1486, Dropped: 465, Absorbed: 1048, Held: 1},
		Drops:        result.Drops{"no_care_of_address": 350, "detached": 115},
		Links: []result.Link{{Name: "core", Transmissions: 10, Octets: 1000, Drops: result.Drops{},
			Queues: []result.Queue{{Node: "ha", Frames: 3, MaxFrames: 2, MaxOctets: 400, MeanFrames: 0.000012, MeanOctets: 0.0024, MeanWaitS: 0.00016, MaxWaitS: 0.0002}}}},
		Bindings: []result.Binding{{Node: "ha", Home: "2001:db8:100::1000", CareOf: "2001:db8:a::1", FromS: 12.1, UntilS: result.Some(27.1), Updates: 1}},
		Expectations: []result.Expectation{
			{Metric: "handovers[to=campus].latency_s.max", Want: "<= 3 s", Got: 2.131, Pass: true},
			{Metric: "flows[voice6].lost", Want: "= 0", Got: 463.0, Note: "loss 0 was asked for"},
			{Metric: "handovers[to=cafe].latency_s.max", Want: "<= 3 s", Got: nil}},
	}
	if err := r.Seal(); err != nil {
		panic(err) // plain data always marshals
	}
	return r
}

// Samples returns packets that fit the handovers of Result: a voice flow in each family
// whose delay depends on the network, with losses while the node moves. The little waves
// stand for queueing; they come from integers, so they are the same everywhere.
func Samples() []result.FlowSamples {
	flow := func(name, family string, base, period time.Duration) result.FlowSamples {
		s := result.FlowSamples{Flow: result.FlowInfo{Name: name, Kind: "cbr", Family: family, From: "cn", To: "mn", MobileNode: "mn", TowardsMobile: true}}
		for i := 0; ; i++ {
			sent := time.Second + time.Duration(i)*period
			if sent >= 40*time.Second {
				return s
			}
			wave := time.Duration((i*7919)%97) * 15 * time.Microsecond
			p := result.Sample{Sequence: uint32(i), Fate: result.Received, Sent: vtime.Time(sent)}
			delay := base + wave
			switch {
			case sent < 10*time.Second:
			case sent < 12131*time.Millisecond:
				p.Fate, p.Reason = result.Lost, trace.NoCareOfAddress
			case sent < 20*time.Second:
				delay += 11 * time.Millisecond
			case sent < 27115*time.Millisecond:
				p.Fate, p.Reason = result.Lost, trace.NoBinding
			}
			p.End = vtime.Time(sent + delay)
			s.Packets = append(s.Packets, p)
		}
	}
	return []result.FlowSamples{
		flow("voice6", "ipv6", 20*time.Millisecond, 20*time.Millisecond),
		flow("voice4", "ipv4", 23*time.Millisecond, 50*time.Millisecond),
	}
}

func some(n int) *int { return &n }
