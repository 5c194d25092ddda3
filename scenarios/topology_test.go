package scenarios

import (
	"strings"
	"testing"

	"dsmipsim/scenarios/spec"
)

// square is four routers in a cycle, with two links between the first two.
const square = `
title = "Four routers"
duration = "1s"
[[router]]
name = "r1"
[[router]]
name = "r2"
[[router]]
name = "r3"
[[router]]
name = "r4"
[[link]]
name = "slow"
between = ["r1", "r2"]
delay = "20ms"
[[link]]
name = "fast"
between = ["r2", "r1"]
delay = "10ms"
[[link]]
between = ["r2", "r3"]
delay = "1ms"
[[link]]
between = ["r3", "r4"]
delay = "1ms"
[[link]]
between = ["r4", "r1"]
delay = "1ms"
[[network]]
name = "a"
kind = "wired"
ipv4 = "192.0.2.0/24"
uplink = { to = "r1" }
[[network]]
name = "b"
kind = "wired"
ipv4 = "198.51.100.0/24"
uplink = { to = "r2" }
[[correspondent]]
name = "x"
network = "a"
[[correspondent]]
name = "y"
network = "b"
[[flow]]
name = "f"
kind = "cbr"
from = "x"
to = "y"
family = "ipv4"
interval = "10ms"
`

// Packets take the way with the least delay, around the cycle or over one of parallel links.
func TestWays(t *testing.T) {
	around := "[[link]]\nbetween = [\"r4\", \"r1\"]\ndelay = \"1ms\"\n"
	for _, tt := range []struct {
		name, src string
		sets      []string
		want      string // range of the delay
	}{
		{"around the cycle", square, nil, "3ms"},
		{"over the faster of two", strings.Replace(square, around, "", 1), nil, "10ms"},
		{"over the other of two", strings.Replace(square, around, "", 1), []string{"link.fast.delay=30ms"}, "20ms"},
		{"over the first of equals", strings.Replace(square, around, "", 1), []string{"link.fast.delay=20ms", "link.slow.loss=1.0"}, ""},
	} {
		s, err := spec.Load("square", []byte(tt.src), tt.sets)
		if err != nil {
			t.Fatal(err)
		}
		o, err := Run("square", s, Options{})
		if err != nil {
			t.Fatal(err)
		}
		f := o.Result.Flows[0]
		if tt.want == "" {
			if f.Received != 0 {
				t.Errorf("%s: %d packets arrive", tt.name, f.Received)
			}
			continue
		}
		want := map[string]float64{"3ms": 0.003, "10ms": 0.010, "20ms": 0.020}[tt.want]
		if f.Delay == nil || f.Delay.MinS < want || f.Delay.MinS > want+0.001 {
			t.Errorf("%s: %+v, want a delay of %s", tt.name, f.Delay, tt.want)
		}
	}
}
