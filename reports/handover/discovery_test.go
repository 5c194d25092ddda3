package handover

import (
	"net/netip"
	"testing"
	"time"

	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// A mobile node that discovers its home agent registers with the one that it has chosen last;
// the registration begins when the care-of address is ready, and a refusal by another home
// agent is no end.
func TestDiscoveredHomeAgent(t *testing.T) {
	other := netip.MustParseAddr("2001:db8:100::2")
	h := story(nil,
		note(trace.MovementDetected, netip.Addr{}), note(trace.CareOfAddressReady, netip.Addr{}),
		note(trace.HomeAgentChosen, other), note(trace.BindingUpdateSent, other), note(trace.BindingRejected, other),
		note(trace.HomeAgentChosen, agent), note(trace.BindingUpdateSent, agent), note(trace.BindingAccepted, agent))
	if h.Outcome != Registered || h.Update != h.Ready || h.Ready != vtime.Time(300*time.Millisecond) || h.End != vtime.Time(900*time.Millisecond) {
		t.Errorf("outcome %v, ready %v, registration from %v to %v", h.Outcome, h.Ready, h.Update, h.End)
	}
}
