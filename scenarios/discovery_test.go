package scenarios

import (
	"slices"
	"testing"
	"time"

	"dsmipsim/sim/vtime"
)

// A home agent that is not the router of its network serves a mobile node like any other: it
// takes the home addresses over on the home link, and traffic goes through it in both
// directions until the mobile node is back.
func TestHomeAgentBesideTheRouter(t *testing.T) {
	s := load(t, "library/home-agent-discovery.toml")
	s.HomeAgents[1].Policies = nil
	up, four := s.Flows[0], s.Flows[0]
	up.Name, up.From, up.To = "up", "mn", "cn"
	four.Name, four.Family = "four", "ipv4"
	s.Flows = append(s.Flows, up, four)
	s.Expects = nil
	var bound []string
	o, err := Run("test", s, Options{Watch: &Watch{Every: time.Second, See: func(now vtime.Time, st State) {
		if now != vtime.Time(25*time.Second) && now != vtime.Time(55*time.Second) {
			return
		}
		for _, a := range st.Agents {
			for _, b := range a.Bindings {
				if campus := s.Network("campus").IPv6; !b.Deleted && campus.Contains(b.CareOf) {
					bound = append(bound, a.Name+" "+b.HomeAddress.String())
				}
			}
		}
	}}})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"busy 2001:db8:100::1000", "busy 192.0.2.100"}
	if !slices.Equal(bound, want) {
		t.Errorf("bindings %q, want %q, and none at the end", bound, want)
	}
	for _, f := range o.Result.Flows {
		// All but those of the first stay in the cell, and few more.
		if f.Received < 2200 || f.Duplicates > 0 {
			t.Errorf("flow %s: %d of %d received, %d twice", f.Name, f.Received, f.Sent, f.Duplicates)
		}
	}
	for _, h := range o.Result.Handovers[1:] {
		if h.Outcome != "registered" && h.Outcome != "deregistered" {
			t.Errorf("%s -> %s: %s", h.From, h.To, h.Outcome)
		}
	}
}
