package metric

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"dsmipsim/reports/result"
)

// rows writes handovers in one line each.
func rows(res *result.Result) string {
	var b strings.Builder
	for _, h := range res.Handovers {
		p := h.Phases
		fmt.Fprintf(&b, "%s %d %s %s->%s start %v %s latency %s = %v %v %v %v %v rest %v overlap %v\n", h.MobileNode, h.Index, h.Kind,
			h.From, h.To, h.StartS, h.Outcome, show(h.LatencyS), p.L2S, p.DetectS, p.AddressS, p.RegisterS,
			p.RouteOptimizationS, p.RestS, h.OverlapS)
	}
	return b.String()
}

func TestHandovers(t *testing.T) {
	cases := []struct{ name, script, want string }{
		{"attaching at the beginning and refreshing are no handovers", `
			0s mn up home
			1s mn note movement_detected
			2s mn note care_of_address_ready
			3s mn note binding_update_sent peer=2001:db8::1
			4s mn note binding_accepted peer=2001:db8::1`,
			""},
		{"every phase, a rest, and a refresh afterwards", `
			0s      mn up home
			10s     mn down home campus-lan
			10.050s mn up campus-lan
			10.080s mn note movement_detected
			11.080s mn note care_of_address_ready coa=2001:db8:a::1
			11.081s mn note binding_update_sent coa=2001:db8:a::1 peer=2001:db8::1
			11.500s mn note binding_update_sent coa=2001:db8:a::1 peer=2001:db8::1   # a retransmission
			12.131s mn note binding_accepted peer=2001:db8::1
			40s     mn note binding_update_sent coa=2001:db8:a::1 peer=2001:db8::1
			41s     mn note binding_accepted peer=2001:db8::1`,
			"mn 1 home->ipv6 home->campus start 10 registered latency 2.131 = 0.05 0.03 1 1.05 0 rest 0.001 overlap 0\n"},
		{"address from DHCP beside detection", `
			0s    mn up home
			10s   mn down home cell
			10.2s mn up cell
			10.5s mn note dhcp_bound home=198.51.100.9
			11.2s mn note movement_detected
			11.2s mn note care_of_address_ready coa=198.51.100.9
			11.2s mn note binding_update_sent coa=::ffff:198.51.100.9 peer=192.0.2.1
			11.3s mn note binding_accepted peer=::ffff:192.0.2.1`,
			"mn 1 home->ipv4-public home->cell start 10 registered latency 1.3 = 0.2 1 0 0.1 0 rest 0 overlap 0.3\n"},
		{"a lease that the binding does not use is no overlap", `
			10s   mn down home campus-lan
			10.1s mn up campus-lan
			10.2s mn note dhcp_bound home=198.51.100.9
			10.5s mn note movement_detected
			10.6s mn note care_of_address_ready coa=198.51.100.9
			10.9s mn note care_of_address_ready coa=2001:db8:a::1
			10.9s mn note binding_update_sent coa=2001:db8:a::1 peer=2001:db8::1
			11s   mn note binding_accepted peer=2001:db8::1`,
			"mn 1 home->ipv6 home->campus start 10 registered latency 1 = 0.1 0.4 0.4 0.1 0 rest 0 overlap 0\n"},
		{"of two addresses the first is bound", `
			10s   mn down home campus-lan
			10.1s mn up campus-lan
			10.2s mn note movement_detected
			10.3s mn note care_of_address_ready coa=2001:db8:a::1
			10.6s mn note care_of_address_ready coa=198.51.100.9
			10.7s mn note binding_update_sent coa=2001:db8:a::1 peer=2001:db8::1
			11s   mn note binding_accepted peer=2001:db8::1`,
			"mn 1 home->ipv6 home->campus start 10 registered latency 1 = 0.1 0.1 0.1 0.3 0 rest 0.4 overlap 0\n"},
		{"an address that is ready before the movement is detected, and a link that is up twice", `
			10s   mn down home campus-lan
			10.1s mn up campus-lan
			10.3s mn note care_of_address_ready coa=2001:db8:a::1
			10.4s mn up cell
			10.6s mn note movement_detected
			10.6s mn note binding_update_sent coa=2001:db8:a::1 peer=2001:db8::1
			11s   mn note binding_accepted peer=2001:db8::1`,
			"mn 1 home->ipv6 home->campus start 10 registered latency 1 = 0.1 0.5 0 0.4 0 rest 0 overlap 0.2\n"},
		{"a correspondent's acknowledgement does not end it", `
			10s   mn down home campus-lan
			10.1s mn up campus-lan
			10.2s mn note movement_detected
			10.3s mn note care_of_address_ready coa=2001:db8:a::1
			10.3s mn note binding_update_sent coa=2001:db8:a::1 peer=2001:db8::1
			10.4s mn note binding_accepted peer=2001:db8:c::1
			10.7s mn note binding_accepted peer=2001:db8::1`,
			"mn 1 home->ipv6 home->campus start 10 registered latency 0.7 = 0.1 0.1 0.1 0.4 0 rest 0 overlap 0\n"},
		{"a refresh of the old binding before detection does not end it", `
			10s   mn down home campus-lan
			10.1s mn up campus-lan
			10.2s mn note binding_update_sent peer=2001:db8::1
			10.3s mn note binding_accepted peer=2001:db8::1
			10.5s mn note movement_detected
			10.5s mn note care_of_address_ready
			10.6s mn note binding_update_sent peer=2001:db8::1
			10.8s mn note binding_accepted peer=2001:db8::1`,
			"mn 1 home->ipv6 home->campus start 10 registered latency 0.8 = 0.1 0.4 0 0.2 0 rest 0.1 overlap 0\n"},
		{"unsupported, then home", `
			50s   mn down cell cafe
			50.1s mn up cafe
			51.1s mn note movement_detected
			51.2s mn note care_of_address_ready coa=10.1.1.4
			51.2s mn note unsupported_network coa=10.1.1.4
			70s   mn down cafe home
			70s   mn up home
			70.1s mn note movement_detected
			70.1s mn note care_of_address_ready coa=2001:db8:100::1000
			70.1s mn note binding_update_sent coa=2001:db8:100::1000 peer=2001:db8:100::1
			70.2s mn note binding_deregistered peer=2001:db8:100::1`,
			"mn 1 ipv4-public->ipv4-private cell->cafe start 50 unsupported_network latency null = 0.1 1 0.1 0 0 rest 0 overlap 0\n" +
				"mn 2 ipv4-private->home cafe->home start 70 deregistered latency 0.2 = 0 0.1 0 0.1 0 rest 0 overlap 0\n"},
		{"refused, superseded, refused and mended, unfinished", `
			0s  mn up home
			10s mn down home campus-lan
			11s mn up campus-lan
			12s mn note movement_detected
			13s mn note care_of_address_ready
			13s mn note binding_update_sent peer=2001:db8::1
			14s mn note binding_rejected peer=2001:db8::1
			20s mn down campus-lan cell
			21s mn down - home                         # changes its mind before it arrives
			22s mn up home
			23s mn note movement_detected
			23s mn note binding_update_sent peer=2001:db8::1
			24s mn note binding_rejected peer=2001:db8::1
			25s mn note binding_update_sent peer=2001:db8::1
			26s mn note binding_accepted peer=2001:db8::1
			30s mn down home cell
			31s mn up cell`,
			"mn 1 home->ipv6 home->campus start 10 failed latency null = 1 1 1 0 0 rest 0 overlap 0\n" +
				"mn 2 ipv6->ipv4-public campus->cell start 20 superseded latency null = 0 0 0 0 0 rest 0 overlap 0\n" +
				"mn 3 ipv6->home campus->home start 21 registered latency 5 = 1 1 0 3 0 rest 0 overlap 0\n" +
				"mn 4 home->ipv4-public home->cell start 30 unfinished latency null = 1 0 0 0 0 rest 0 overlap 0\n"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			res := finish(t, play(t, roaming(), c.script), 100*time.Second)
			if got := rows(res); got != c.want {
				t.Errorf("got\n%swant\n%s", got, c.want)
			}
		})
	}
}
