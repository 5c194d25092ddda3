package handover

import (
	"net/netip"
	"testing"
	"time"

	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

var (
	agent = netip.MustParseAddr("2001:db8:100::1")
	cn1   = netip.MustParseAddr("2001:db8:c::1")
	cn2   = netip.MustParseAddr("2001:db8:c::2")
	home  = netip.MustParseAddr("2001:db8:100::1000")
	away  = netip.MustParseAddr("2001:db8:a::1000")
)

// story tells a tracker of milestones of the node mn, one each 100 ms.
func story(agents map[string]netip.Addr, notes ...trace.Note) *Handover {
	t := NewTracker([]string{"mn"}, agents)
	at := vtime.Time(0)
	tell := func(e trace.Event) {
		e.Time, e.Node = at, "mn"
		t.Record(&e)
		at = at.Add(100 * time.Millisecond)
	}
	tell(trace.Event{Kind: trace.LinkDown, Link: "home"})
	tell(trace.Event{Kind: trace.LinkUp, Link: "campus"})
	for _, n := range notes {
		if n.Kind == 0 {
			at = at.Add(2 * time.Second)
			continue
		}
		n.Home = home
		tell(trace.Event{Kind: trace.Milestone, Note: n})
	}
	return t.Last("mn")
}

func note(k trace.NoteKind, peer netip.Addr) trace.Note {
	return trace.Note{Kind: k, Peer: peer, CareOf: away}
}

// What a mobile node arranges with correspondents is no home registration, in whatever order
// it comes.
func TestCorrespondentsAreNotTheHomeAgent(t *testing.T) {
	h := story(map[string]netip.Addr{"mn": agent},
		note(trace.MovementDetected, netip.Addr{}), note(trace.CareOfAddressReady, netip.Addr{}),
		note(trace.BindingUpdateSent, cn1), note(trace.BindingAccepted, cn1), note(trace.BindingRejected, cn1),
		note(trace.BindingUpdateSent, agent), note(trace.BindingAccepted, cn2), note(trace.BindingAccepted, agent))
	if h.Outcome != Registered || h.Update != vtime.Time(700*time.Millisecond) || h.End != vtime.Time(900*time.Millisecond) {
		t.Errorf("outcome %v, first update %v, end %v", h.Outcome, h.Update, h.End)
	}
	if h.Optimised != vtime.Never {
		t.Errorf("optimised at %v by what nobody began", h.Optimised)
	}
}

// The phase ends with the last of the correspondents whose update began within a second of
// the registration; a refresh of one of them, a later one, and one that failed do not count.
func TestRouteOptimizationPhase(t *testing.T) {
	begin := []trace.Note{
		note(trace.MovementDetected, netip.Addr{}), note(trace.CareOfAddressReady, netip.Addr{}),
		note(trace.BindingUpdateSent, agent), note(trace.BindingAccepted, agent), // ends at 0.5 s
		note(trace.RouteOptimizationStarted, cn1), note(trace.RouteOptimizationStarted, cn2),
	}
	for _, c := range []struct {
		what  string
		notes []trace.Note
		want  vtime.Time
		phase string
	}{
		{"none done", nil, vtime.Never, "route_optimization"},
		{"one done", []trace.Note{note(trace.BindingAccepted, cn1)}, vtime.Time(800 * time.Millisecond), "route_optimization"},
		{"both done", []trace.Note{note(trace.BindingAccepted, cn1), note(trace.BindingAccepted, cn2)}, vtime.Time(900 * time.Millisecond), ""},
		{"one deleted", []trace.Note{note(trace.BindingAccepted, cn1), note(trace.BindingDeregistered, cn2)}, vtime.Time(900 * time.Millisecond), ""},
		{"one failed", []trace.Note{note(trace.BindingAccepted, cn1), note(trace.RouteOptimizationFailed, cn2)}, vtime.Time(800 * time.Millisecond), ""},
		{"a refresh", []trace.Note{note(trace.BindingAccepted, cn1), note(trace.BindingAccepted, cn2), note(trace.BindingAccepted, cn1)}, vtime.Time(900 * time.Millisecond), ""},
		{"late", []trace.Note{note(trace.BindingAccepted, cn1), note(trace.BindingAccepted, cn2), {}, note(trace.RouteOptimizationStarted, away), note(trace.BindingAccepted, away)}, vtime.Time(900 * time.Millisecond), ""},
	} {
		h := story(map[string]netip.Addr{"mn": agent}, append(begin[:len(begin):len(begin)], c.notes...)...)
		if h.Optimised != c.want || h.Phase() != c.phase || h.Outcome != Registered {
			t.Errorf("%s: optimised at %v, want %v; phase %q, want %q", c.what, h.Optimised, c.want, h.Phase(), c.phase)
		}
	}
}
