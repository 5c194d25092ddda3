package handover

import (
	"testing"
	"time"

	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// tell makes facts of a node with the interfaces wlan0 and wwan0, one each 100 ms.
func tell(facts ...trace.Event) *Tracker {
	t := NewTracker([]string{"mn"}, nil)
	for i := range facts {
		e := facts[i]
		e.Time, e.Node = vtime.Time(i)*vtime.Time(100*time.Millisecond), "mn"
		t.Record(&e)
	}
	return t
}

func up(iface, link string) trace.Event {
	return trace.Event{Kind: trace.LinkUp, Link: link, Interface: iface}
}

func down(iface, link string) trace.Event {
	return trace.Event{Kind: trace.LinkDown, Link: link, Interface: iface}
}

func says(iface string, k trace.NoteKind) trace.Event {
	return trace.Event{Kind: trace.Milestone, Note: trace.Note{Kind: k, CareOf: away, Home: home, Peer: agent, Interface: iface}}
}

// What happens on the other interface is no handover, until it is chosen: then one starts if
// the old link is up, and all that was done there before belongs to no phase.
func TestChosenWhileBothAreUp(t *testing.T) {
	tr := tell(up("wlan0", "home"), up("wwan0", "cell"), says("wwan0", trace.MovementDetected), says("wwan0", trace.CareOfAddressReady),
		says("wwan0", trace.InterfaceChosen), says("", trace.BindingUpdateSent), says("", trace.BindingAccepted), down("wlan0", "home"))
	all := tr.All()
	if len(all) != 1 {
		t.Fatalf("%d handovers", len(all))
	}
	h := all[0]
	if h.From != "home" || h.To != "cell" || h.FromInterface != "wlan0" || h.Interface != "wwan0" || !h.Both || h.Outcome != Registered {
		t.Errorf("%+v", h)
	}
	if at := vtime.Time(400 * time.Millisecond); h.Start != at || h.Up != at || h.Detected != at || h.Ready != at || h.Update != at+vtime.Time(100*time.Millisecond) {
		t.Errorf("start %v, up %v, detected %v, ready %v, update %v", h.Start, h.Up, h.Detected, h.Ready, h.Update)
	}
}

// If the link that carries the binding goes down, the handover starts then and ends on the
// interface that is ready first, whose phases count from there.
func TestChosenAfterTheLinkWentDown(t *testing.T) {
	tr := tell(up("wlan0", "home"), down("wlan0", "home"), up("wwan0", "cell"), says("wwan0", trace.MovementDetected), says("wwan0", trace.CareOfAddressReady),
		says("wwan0", trace.InterfaceChosen), says("", trace.BindingUpdateSent), says("", trace.BindingAccepted))
	all := tr.All()
	if len(all) != 1 {
		t.Fatalf("%d handovers", len(all))
	}
	h, ms := all[0], vtime.Time(time.Millisecond)
	if h.From != "home" || h.To != "cell" || h.Both || h.Outcome != Registered || h.Start != 100*ms || h.Up != 200*ms || h.Detected != 300*ms || h.Ready != 400*ms {
		t.Errorf("%+v", h)
	}
}
