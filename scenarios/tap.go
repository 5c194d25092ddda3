package scenarios

import (
	"context"
	"fmt"
	"runtime/debug"

	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// tap is what all facts of a run go through. It holds back those of the building phase until
// there are sinks, which need to know what was built, and ends the run when its context does.
type tap struct {
	context context.Context
	facts   uint64
	now     vtime.Time
	sinks   trace.Sinks
	early   []trace.Event
	ready   bool
}

// factsPerLook is how many facts pass between two looks at the context and two words of progress.
const factsPerLook = 1024

// interrupted is what ends a run in the middle: a loop knows no other way out.
type interrupted struct{}

// Record implements trace.Sink.
func (t *tap) Record(e *trace.Event) {
	t.now = e.Time
	if t.facts++; t.facts%factsPerLook == 0 && t.context != nil && t.context.Err() != nil {
		panic(interrupted{})
	}
	if t.ready {
		t.sinks.Record(e)
		return
	}
	kept := *e
	kept.Octets = append([]byte(nil), e.Octets...)
	t.early = append(t.early, kept)
}

func (t *tap) open(sinks trace.Sinks) {
	t.sinks, t.ready = sinks, true
	for i := range t.early {
		sinks.Record(&t.early[i])
	}
	t.early = nil
}

// Defect is a broken invariant of the program, with all that is needed to see it again.
type Defect struct {
	Scenario    string
	Seed        int64
	Replication uint64
	At          vtime.Time // of the last fact
	What        any
	Stack       []byte
}

// Error tells where the program is wrong.
func (d *Defect) Error() string {
	return fmt.Sprintf("internal error in scenario %s, seed %d, replication %d, at virtual time %s: %v", d.Scenario, d.Seed, d.Replication, d.At, d.What)
}

// rescue turns a panic into the error of a run.
func (t *tap) rescue(name string, seed int64, replication uint64, o **Outcome, err *error) {
	switch p := recover(); p {
	case nil:
	case interrupted{}:
		*o, *err = nil, context.Cause(t.context)
	default:
		*o, *err = nil, &Defect{Scenario: name, Seed: seed, Replication: replication, At: t.now, What: p, Stack: debug.Stack()}
	}
}
