package reports

import (
	"io"
	"slices"
	"time"

	"dsmipsim/reports/espsa"
	"dsmipsim/reports/events"
	"dsmipsim/reports/html"
	"dsmipsim/reports/parquet"
	"dsmipsim/reports/pcapng"
	"dsmipsim/reports/plot"
	"dsmipsim/reports/result"
	"dsmipsim/reports/tidy"
	"dsmipsim/sim/trace"
)

// Kind is one output of a run: a file in its directory. Either it is written from the facts
// while the run lasts, or from the artefacts afterwards.
type Kind struct {
	File  string // with / between folder and file
	About string // one line for people

	stream func(w io.Writer, setup result.Setup) (stream, error)
	write  func(w io.Writer, a *Artefacts) error
	absent func(a *Artefacts) bool // there is nothing to write; nil for never
}

// stream is a file that grows with the facts.
type stream interface {
	trace.Sink
	Close() error // completes the file
}

// Kinds lists the outputs. A new one is a package and a row.
func Kinds() []Kind {
	return []Kind{
		{File: "summary.json", About: "the whole result", write: summary},
		{File: "packets.pcapng", About: "every transmission, for Wireshark; comments name the handover phase", stream: capture},
		{File: "events.jsonl", About: "the facts of the run but for transmissions, one JSON object a line", stream: facts},
		{File: "handovers.csv", About: "one row per handover: latency, phases, prediction", write: table(tidy.Handovers)},
		{File: "interruptions.csv", About: "one row per handover and flow: interruption, packets lost", write: table(tidy.Interruptions)},
		{File: "flows.csv", About: "one row per flow: counts and delays", write: table(tidy.Flows)},
		{File: "goodput.csv", About: "TCP: one row per flow and 100 ms: octets that reached the application", write: goodput, absent: withoutTCP},
		{File: "signalling.csv", About: "one row per message type: packets, octets, octet-hops", write: table(tidy.Signalling)},
		{File: "signalling_details.csv", About: "one row per message type, phase and link", write: table(tidy.SignallingDetails)},
		{File: "paths.csv", About: "one row per flow and network of the mobile node: hops, delay, encapsulation, against the direct path", write: table(tidy.Paths)},
		{File: "bindings.csv", About: "one row per time that a home agent or correspondent had a care-of address", write: table(tidy.Bindings)},
		{File: "links.csv", About: "one row per link: what it carried and dropped", write: table(tidy.Links)},
		{File: "queue_totals.csv", About: "one row per transmitter at which frames waited", write: table(tidy.QueueTotals)},
		{File: "attribution.csv", About: "with --attribute: one row per handover and cause: what it costs", write: table(tidy.Attribution), absent: withoutAttribution},
		{File: "throughput.csv", About: "one row per flow and interval: packets and octets received", write: throughput, absent: withoutFlows},
		{File: "delays.csv", About: "one row per test packet: fate, delay, path", write: delays, absent: withoutFlows},
		{File: "queues.csv", About: "one row per transmitter and interval in which frames waited", write: queues, absent: withoutQueues},
		{File: "packets.parquet", About: "with --packets: delays.csv and more for statistics programs", write: packets, absent: withoutPackets},
		{File: "plots/delay.svg", About: "delay against time with handovers and losses", write: figure("delay", plot.SVG), absent: nothing("delay")},
		{File: "plots/delay.png", About: "the same at 200 dpi", write: figure("delay", plot.PNG), absent: nothing("delay")},
		{File: "plots/phases.svg", About: "mean phases of each kind of handover; dsmipsim plot makes more", write: figure("phases", plot.SVG), absent: nothing("phases")},
		{File: "plots/loss.svg", About: "lost packets of each flow by reason", write: figure("loss", plot.SVG), absent: nothing("loss")},
		{File: "plots/signalling.svg", About: "signalling octets by message", write: figure("signalling", plot.SVG), absent: nothing("signalling")},
		{File: "report.html", About: "all of it in one page for a browser, without network", write: page, absent: withoutFacts},
		{File: "scenario.toml", About: "the effective scenario; running it gives the same fingerprint", write: scenario},
		{File: "esp_sa", About: "keys with which Wireshark decrypts and verifies the ESP packets", write: keys, absent: withoutESP},
		// The last one, since it names the others.
		{File: manifestFile, About: "provenance: version, revision, Go version, command, seed", write: manifest},
	}
}

func summary(w io.Writer, a *Artefacts) error {
	text, err := a.Result.JSON()
	if err == nil {
		_, err = w.Write(text)
	}
	return err
}

func capture(w io.Writer, setup result.Setup) (stream, error) { return pcapng.New(w, setup) }

func facts(w io.Writer, setup result.Setup) (stream, error) { return events.New(w, setup), nil }

func table(write func(io.Writer, *result.Result) error) func(io.Writer, *Artefacts) error {
	return func(w io.Writer, a *Artefacts) error { return write(w, a.Result) }
}

func goodput(w io.Writer, a *Artefacts) error { return tidy.Goodput(w, a.Result, a.Samples) }

func withoutTCP(a *Artefacts) bool {
	return !slices.ContainsFunc(a.Samples, func(s result.FlowSamples) bool { return s.Flow.TCP() })
}

func throughput(w io.Writer, a *Artefacts) error {
	return tidy.Throughput(w, a.Result, a.Samples, a.bin())
}

func delays(w io.Writer, a *Artefacts) error { return tidy.Delays(w, a.Samples) }

func queues(w io.Writer, a *Artefacts) error { return tidy.Queues(w, a.Queues, a.bin()) }

func packets(w io.Writer, a *Artefacts) error { return parquet.Write(w, a.Samples) }

func withoutPackets(a *Artefacts) bool { return !a.Packets || withoutFlows(a) }

func withoutFlows(a *Artefacts) bool { return len(a.Samples) == 0 }

func withoutQueues(a *Artefacts) bool { return len(a.Queues) == 0 }

func withoutAttribution(a *Artefacts) bool { return len(a.Result.Attribution) == 0 }

func (a *Artefacts) bin() time.Duration {
	if a.Bin > 0 {
		return a.Bin
	}
	return 100 * time.Millisecond
}

// figure draws a kind of plot.
func figure(kind string, f plot.Format) func(io.Writer, *Artefacts) error {
	return func(w io.Writer, a *Artefacts) error { return drawn(kind, a).Write(w, f, plot.Paper) }
}

// nothing spares the reader an empty picture.
func nothing(kind string) func(a *Artefacts) bool {
	return func(a *Artefacts) bool { return drawn(kind, a).Empty != "" }
}

func drawn(kind string, a *Artefacts) *plot.Figure {
	k, ok := plot.FindKind(kind)
	if !ok {
		panic("reports: no kind of plot is called " + kind)
	}
	return k.Make([]plot.Run{{Name: a.Result.Scenario, Result: a.Result, Samples: a.Samples}})
}

// page is made of the files that are complete by then, as the command report does.
func page(w io.Writer, a *Artefacts) error {
	return html.Write(w, html.Input{Result: a.Result, Setup: a.Setup, Dissection: a.Dissection, Files: a.files})
}

// withoutFacts is of a run whose facts nobody recorded.
func withoutFacts(a *Artefacts) bool { return a.files == nil }

func scenario(w io.Writer, a *Artefacts) error {
	_, err := w.Write(a.Scenario)
	return err
}

func keys(w io.Writer, a *Artefacts) error { return espsa.Write(w, a.Associations) }

func withoutESP(a *Artefacts) bool { return len(a.Associations) == 0 }

func manifest(w io.Writer, a *Artefacts) error {
	text, err := a.Manifest.Encode()
	if err == nil {
		_, err = w.Write(text)
	}
	return err
}
