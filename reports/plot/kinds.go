package plot

import (
	"fmt"
	"strings"

	"dsmipsim/reports/result"
)

// Run is a run as figures show it.
type Run struct {
	Name    string // in legends
	Result  *result.Result
	Samples []result.FlowSamples
	Queues  []Occupancy
}

// Occupancy is how many frames waited at one transmitter, on average over each interval.
type Occupancy struct {
	Link, Node string
	BinS       float64
	Frames     map[int]float64 // by the number of the interval, from 0; absent for none
}

// Kind is one kind of figure.
type Kind struct {
	Name   string
	About  string
	Needs  string // of the runs, to show anything
	Single bool   // shows one run; several runs give a figure each

	make func(runs []Run) *Figure
}

// Make makes the figure of runs, of which there is at least one.
func (k Kind) Make(runs []Run) *Figure { return k.make(runs) }

// Kinds lists the kinds of figures of runs.
func Kinds() []Kind {
	single := func(draw func(Run) *Figure) func([]Run) *Figure {
		return func(runs []Run) *Figure { return draw(runs[0]) }
	}
	return []Kind{
		{Name: "delay", About: "delay of every packet over time, losses, handovers", Needs: "a flow", Single: true, make: single(Delay)},
		{Name: "throughput", About: "rate at which octets reach the applications over time", Needs: "a flow of which something was received", Single: true, make: single(Throughput)},
		{Name: "queues", About: "frames that wait at the busiest transmitters over time", Needs: "a frame that waited", Single: true, make: single(Queues)},
		{Name: "bindings", About: "care-of addresses at home agents and correspondents over time", Needs: "a binding", Single: true, make: single(Bindings)},
		{Name: "calls", About: "mean opinion score of each call over time", Needs: "a call of which something was heard", Single: true, make: single(Opinion)},
		{Name: "delay-cdf", About: "distribution of the packets' delay, a line for each flow", Needs: "a flow of which something was received", make: DelayCDF},
		{Name: "delay-boxes", About: "box plot of the packets' delay, a box for each flow", Needs: "a flow of which something was received", make: DelayBoxes},
		{Name: "stretch", About: "least delay of each flow by network, against the shortest path", Needs: "a flow of which something was received", make: StretchBars},
		{Name: "overhead", About: "octets that encapsulation added to each flow", Needs: "a flow that was encapsulated", make: OverheadBars},
		{Name: "rating", About: "rating R and MOS of each call, and what delay, codec and loss cost", Needs: "a call of which something was heard", make: RatingBars},
		{Name: "handover-cdf", About: "distribution of handover latency, a line for each kind of handover or each run", Needs: "a handover that ended in a binding", make: HandoverCDF},
		{Name: "handover-boxes", About: "box plot of handover latency, a box for each kind of handover", Needs: "a handover that ended in a binding", make: HandoverBoxes},
		{Name: "phases", About: "mean phases of each kind of handover, and the predicted latency", Needs: "a handover that ended in a binding", make: PhaseBars},
		{Name: "attribution", About: "what each cause costs a handover", Needs: "a run with --attribute", make: AttributionBars},
		{Name: "interruption", About: "mean interruption of each flow by each kind of handover", Needs: "a handover that a flow survived", make: InterruptionBars},
		{Name: "stalls", About: "mean stall of each TCP transfer at each kind of handover", Needs: "a handover that a transfer survived", make: StallBars},
		{Name: "loss", About: "share of each flow's packets that was lost, by reason", Needs: "a flow", make: LossBars},
		{Name: "disorder", About: "share of each flow's packets that came reordered, twice or late", Needs: "such a packet", make: DisorderBars},
		{Name: "signalling", About: "signalling octets on all links by message", Needs: "signalling", make: SignallingBars},
	}
}

// FindKind returns the kind of that name.
func FindKind(name string) (Kind, bool) {
	for _, k := range Kinds() {
		if k.Name == name {
			return k, true
		}
	}
	return Kind{}, false
}

// title names the runs behind what a figure shows.
func title(what string, runs []Run) string {
	if len(runs) == 1 {
		return what + ": " + runs[0].Name
	}
	return fmt.Sprintf("%s: %d runs", what, len(runs))
}

// of adds the run's name to that of one of its parts, where there are several runs.
func (r Run) of(part string, runs []Run) string {
	if len(runs) == 1 {
		return part
	}
	return part + ", " + r.Name
}

// sentences joins those that are not empty.
func sentences(all ...string) string {
	return strings.Join(strings.Fields(strings.Join(all, " ")), " ")
}
