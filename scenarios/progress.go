package scenarios

import (
	"dsmipsim/sim"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// Progress hears how far a run is: its virtual time, and how many events its loop has handled.
// It hears so now and then while the run lasts, and once when the run is over, and must not
// touch the run.
type Progress func(now vtime.Time, events uint64)

// pulse is a Sink that tells Progress every so many facts.
type pulse struct {
	loop  *sim.Loop
	tell  Progress
	facts uint64
}

// Record implements trace.Sink.
func (p *pulse) Record(*trace.Event) {
	if p.facts++; p.facts%factsPerLook == 0 {
		p.tell(p.loop.Now(), p.loop.Events())
	}
}
