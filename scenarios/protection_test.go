package scenarios

import (
	"fmt"
	"testing"

	"dsmipsim/nodes/wire"
	"dsmipsim/reports/result"
	"dsmipsim/sim/trace"
)

// With payload protection every packet of a flow that crosses an access network in the tunnel
// is inside ESP, over IPv6 and over IPv4, and arrives as without it.
func TestPayloadProtection(t *testing.T) {
	plain := runFile(t, "library/roaming.toml")
	for _, cipher := range []string{"null", "aes-cbc"} {
		s := load(t, "library/roaming.toml", "protocol.ipsec_payload=true", "protocol.esp_cipher="+cipher, "expect=[]")
		seen := map[string]int{}
		sink := sinkFunc(func(e *trace.Event) {
			if e.Kind != trace.Transmission || e.Flow == 0 || e.Link != "campus" && e.Link != "cell" {
				return
			}
			b := e.Octets[wire.EthernetLen:]
			protocol := b[6] // next header of IPv6
			if b[0]>>4 == 4 {
				protocol = b[9]
			}
			seen[fmt.Sprintf("%s %d", e.Link, protocol)]++
		})
		o, err := Run("test", s, Options{Sinks: func(result.Setup) ([]trace.Sink, error) { return []trace.Sink{sink}, nil }})
		if err != nil {
			t.Fatal(err)
		}
		for _, link := range []string{"campus", "cell"} {
			if n := seen[fmt.Sprintf("%s %d", link, wire.ProtoESP)]; n < 1000 {
				t.Errorf("%s: %d packets in ESP on %s", cipher, n, link)
			}
			for _, clear := range []int{wire.ProtoIPv4, wire.ProtoIPv6, wire.ProtoUDP} {
				if n := seen[fmt.Sprintf("%s %d", link, clear)]; n > 0 {
					t.Errorf("%s: %d packets of protocol %d in the clear on %s", cipher, n, clear, link)
				}
			}
		}
		for i, f := range o.Result.Flows {
			if p := plain.Flows[i]; f.Received < p.Received-3 || f.Received > p.Received+3 || f.OverheadOctets <= p.OverheadOctets {
				t.Errorf("%s %s: %d received, %d without protection; overhead %d, %d without", cipher, f.Name, f.Received, p.Received, f.OverheadOctets, p.OverheadOctets)
			}
		}
		for _, why := range []string{"security_failed", "security_required"} {
			if n := o.Result.Drops[why]; n > 0 {
				t.Errorf("%s: %d packets dropped for %s", cipher, n, why)
			}
		}
	}
}

// Home tests travel in ESP in tunnel mode by default: 24 octets more for each.
func TestHomeTestProtection(t *testing.T) {
	for set, octets := range map[string]float64{"protocol.ipsec_home_tests=true": 120, "protocol.ipsec_home_tests=false": 96} {
		s := load(t, "library/route-optimization.toml", set, "expect=[]")
		var got []float64
		sink := sinkFunc(func(e *trace.Event) {
			if e.Kind == trace.Transmission && e.Node == "mn" && e.Link == "campus" {
				if c := wire.Classify(e.Octets, wire.LinkEthernet, Dissection(s)); c.Message == "HoTI" {
					got = append(got, float64(c.IPOctets))
				}
			}
		})
		o, err := Run("test", s, Options{Sinks: func(result.Setup) ([]trace.Sink, error) { return []trace.Sink{sink}, nil }})
		if err != nil {
			t.Fatal(err)
		}
		if len(got) == 0 || got[0] != octets {
			t.Errorf("%s: Home Test Inits of %v octets, want %v", set, got, octets)
		}
		for _, d := range deviations(o.Result) {
			t.Errorf("%s: %s", set, d)
		}
	}
}
