package conformance

import (
	"fmt"
	"slices"

	"dsmipsim/reports/result"
	"dsmipsim/scenarios"
	"dsmipsim/scenarios/spec"
	"dsmipsim/sim/trace"
)

// Capture runs a scenario of the library for others than this package's judge: the sinks write
// what was on its links, as a capture for instance, and find in the setup the keys that open it.
// It returns the numbers, counted from 1 as Wireshark does, of the frames that carry what the
// injector forged: nobody may expect those to be right.
func Capture(name string, sinks func(result.Setup) ([]trace.Sink, error)) (forged []int, err error) {
	if !slices.Contains(scenarioNames, name) {
		return nil, fmt.Errorf("no scenario %q in the library", name)
	}
	s, skipped, err := load(name)
	if err != nil {
		return nil, err
	}
	if skipped != nil {
		return nil, fmt.Errorf("scenario %s: %s", name, skipped.Why)
	}
	return capture(name, s, sinks)
}

func capture(name string, s *spec.Spec, sinks func(result.Setup) ([]trace.Sink, error)) ([]int, error) {
	f := &forgeries{serials: map[uint64]bool{}}
	_, err := scenarios.Run(name, s, scenarios.Options{Sinks: func(setup result.Setup) ([]trace.Sink, error) {
		all, err := sinks(setup)
		return append(all, f), err
	}})
	return f.frames, err
}

// forgeries finds the frames of forged packets: those that the injector transmits, and those of
// the same packet behind it, since a router or a tunnel carries on what it was given.
type forgeries struct {
	count   int
	serials map[uint64]bool
	frames  []int
}

// Record implements trace.Sink.
func (f *forgeries) Record(e *trace.Event) {
	if e.Kind != trace.Transmission {
		return
	}
	f.count++
	if e.Node == scenarios.InjectName {
		f.serials[e.Serial] = true
	}
	if f.serials[e.Serial] {
		f.frames = append(f.frames, f.count)
	}
}
