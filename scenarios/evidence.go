package scenarios

import (
	"net/netip"
	"slices"
	"strings"

	"dsmipsim/nodes/wire"
	"dsmipsim/reports/handover"
	"dsmipsim/reports/result"
	"dsmipsim/scenarios/spec"
	"dsmipsim/sim/trace"
)

// evidence keeps, for expectations about handovers and flows, which packets of the capture they
// were decided by.
type evidence struct {
	setup     *result.Setup
	opts      wire.DissectOptions
	handovers bool // some expectation is about handovers
	flows     bool // some expectation is about flows

	tracker *handover.Tracker
	updates map[string]*sighting // latest Binding Update of each mobile node to its home agent
	answers []sighting           // the latest Binding Acknowledgements on any link
	deciding
	numbers [][]int // in the capture, of the packets of each flow by sequence number
}

// deciding are the packets that decided handovers: the acknowledgement, or the last update that
// had none. The state of a handover tells which.
type deciding struct {
	outcome map[*handover.Handover]handover.Outcome
	packet  map[*handover.Handover]sighting
}

// recentAnswers is how many acknowledgements are kept until a mobile node accepts one.
const recentAnswers = 64

func newEvidence(expects []spec.Expect, setup *result.Setup, opts wire.DissectOptions) *evidence {
	v := &evidence{setup: setup, opts: opts, tracker: handover.NewTracker(setup.MobileNodes, setup.HomeAgents), updates: map[string]*sighting{},
		deciding: deciding{map[*handover.Handover]handover.Outcome{}, map[*handover.Handover]sighting{}}, numbers: make([][]int, len(setup.Flows)+1)}
	for i := range expects {
		v.handovers = v.handovers || strings.HasPrefix(expects[i].Metric, "handovers")
		v.flows = v.flows || strings.HasPrefix(expects[i].Metric, "flows")
	}
	return v
}

// record takes note of a fact; number is that of the latest packet of the capture.
func (v *evidence) record(e *trace.Event, number int) {
	if v.flows && e.Kind == trace.Transmission && e.Flow != 0 && int(e.Flow) < len(v.numbers) {
		of := &v.numbers[e.Flow]
		for uint32(len(*of)) <= e.Sequence {
			*of = append(*of, 0)
		}
		if (*of)[e.Sequence] == 0 {
			(*of)[e.Sequence] = number
		}
	}
	if !v.handovers {
		return
	}
	if e.Kind == trace.Transmission && e.Flow == 0 {
		v.mobility(e, number)
		return
	}
	if !v.tracker.Update(e) {
		return
	}
	if h := v.tracker.Last(e.Node); h != nil && e.Kind == trace.Milestone {
		v.decide(h, e)
	}
}

// mobility keeps the messages that decide handovers.
func (v *evidence) mobility(e *trace.Event, number int) {
	link := linkOf(e)
	c := wire.Classify(e.Octets, link, v.opts)
	switch c.Message {
	case "BU":
		agent, mobile := v.setup.HomeAgents[e.Node]
		if mobile && (!agent.IsValid() || agent == c.Destination || v.updates[e.Node] == nil) {
			one := &sighting{}
			one.keep(number, e, c, link)
			v.updates[e.Node] = one
		}
	case "BA":
		if len(v.answers) == recentAnswers {
			v.answers = slices.Delete(v.answers, 0, 1)
		}
		var one sighting
		one.keep(number, e, c, link)
		v.answers = append(v.answers, one)
	}
}

// decide notes what gave a handover its outcome, when it changes.
func (v *evidence) decide(h *handover.Handover, e *trace.Event) {
	if v.outcome[h] == h.Outcome {
		return
	}
	v.outcome[h] = h.Outcome
	if s := v.answer(h.Node, &e.Note); s != nil {
		v.packet[h] = *s
	}
}

// answer finds the acknowledgement that a milestone of a mobile node is about: the latest one
// of that sender on the node's link and, as long as one is, to its address.
func (v *evidence) answer(node string, n *trace.Note) *sighting {
	link := v.tracker.Attached(node)
	to := func(a netip.Addr) bool { return a == n.Home.Unmap() || a == n.CareOf.Unmap() }
	for _, fits := range []func(s *sighting) bool{
		func(s *sighting) bool { return s.link == link && to(s.class.Destination.Unmap()) },
		func(s *sighting) bool { return s.link == link },
		func(s *sighting) bool { return to(s.class.Destination.Unmap()) },
	} {
		for i := range slices.Backward(v.answers) {
			if s := &v.answers[i]; s.class.Source.Unmap() == n.Peer.Unmap() && s.node != node && fits(s) {
				return s
			}
		}
	}
	return nil
}
