package table

import (
	"strings"
	"testing"

	"dsmipsim/reports/result"
)

// Flows over TCP have a table of their own, and bulk transfers a column of stalls.
func TestTCP(t *testing.T) {
	r := &result.Result{
		Handovers: []result.Handover{{MobileNode: "mn", Index: 1, From: "home", To: "campus", Flows: []result.Interruption{
			{Flow: "load", InterruptionS: result.Some(1.5), Lost: 3, Stall: &result.Stall{StallS: result.Some(2.25)}},
			{Flow: "pages", Lost: 1},
		}}},
		Flows: []result.Flow{
			{Name: "load", Kind: "tcp", Family: "ipv6", Stream: &result.Stream{GoodputOctets: 1000, GoodputBPS: result.Some(9_450_000), Segments: 8,
				Retransmissions: 1, ConnectS: result.Some(0.04), Aborted: true}},
			{Name: "pages", Kind: "request", Family: "ipv4", Stream: &result.Stream{Exchange: &result.Exchange{Responses: 2,
				ResponseTime: &result.Delay{P50S: 0.1, P95S: 0.2, MaxS: 0.3}}}},
		},
	}
	var b strings.Builder
	usual, err := Choose("usual")
	if err != nil {
		t.Fatal(err)
	}
	if err := usual.Write(&b, Terminal, r, nil); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"1500.000             3    2250.000",
		"load               1000             9.450              8           1   40.000",
		"connection lost",
		"100.000  200.000  300.000",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not in\n%s", want, b.String())
		}
	}
}
