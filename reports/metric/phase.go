package metric

import (
	"dsmipsim/reports/handover"
	"dsmipsim/sim/trace"
)

// several stands for the phase where more than one mobile node is in a handover and nothing
// tells whose packet it is.
const several = "several"

// stages tells during which phase of a handover a control packet was first transmitted: that
// of the mobile node if one sent it, else that of the handover that was under way. It tells
// when, not why: a periodic advertisement elsewhere has the phase too.
type stages struct {
	active   []*handover.Handover
	bySerial map[uint64]string // of packets that were transmitted during a handover
}

func newStages() stages { return stages{bySerial: map[uint64]string{}} }

// follow takes note that a handover began or went on.
func (p *stages) follow(h *handover.Handover) {
	if h == nil {
		return
	}
	var active []*handover.Handover
	for _, a := range p.active {
		if a.Node != h.Node && a.Phase() != "" {
			active = append(active, a)
		}
	}
	if h.Phase() != "" {
		active = append(active, h)
	}
	p.active = active
}

// of returns the phase of the packet of a transmission.
func (p *stages) of(e *trace.Event, first bool) string {
	if !first {
		return p.bySerial[e.Serial]
	}
	now := p.now(e.Node)
	if now != "" && e.Serial != 0 {
		p.bySerial[e.Serial] = now
	}
	return now
}

func (p *stages) now(node string) string {
	name, busy := "", 0
	for _, a := range p.active {
		phase := a.Phase()
		if phase == "" { // a correspondent ended it
			continue
		}
		if a.Node == node {
			return phase
		}
		name = phase
		busy++
	}
	if busy > 1 {
		return several
	}
	return name
}
