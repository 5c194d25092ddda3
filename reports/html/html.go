// Package html writes the report of a run as one HTML file that needs no network: a summary, the
// delays over time, a message sequence chart whose messages open to decoded headers and octets, a
// map of the network that plays the run back, phase bars and tables.
//
// The report is made of what a run leaves in its directory (the summary, the facts of events.jsonl
// and the frames of packets.pcapng), so it can be made again from there with the same octets.
package html

import (
	"fmt"
	"io"
	"io/fs"

	"dsmipsim/nodes/wire"
	"dsmipsim/reports/result"
)

// Input is what a report is made of.
type Input struct {
	Result     *result.Result
	Setup      result.Setup        // the nodes and links behind the names
	Dissection wire.DissectOptions // how to read the frames of this scenario
	Files      fs.FS               // with events.jsonl and packets.pcapng
}

// Bounds on what a report embeds, so that a browser opens the report of a long run, too. The report
// says what it leaves out.
const (
	maxMessages = 12000  // rows of the message sequence chart
	maxDecoded  = 200000 // octets of frames that are decoded, equal frames counted once
	maxSamples  = 40000  // delays over all flows
)

// Write writes the report.
func Write(w io.Writer, in Input) error {
	d := newData(&in)
	for _, f := range []struct {
		name string
		read func(io.Reader) error
	}{
		{"events.jsonl", d.readEvents},
		{"packets.pcapng", func(r io.Reader) error { return d.readCapture(r, in.Dissection) }},
	} {
		if err := read(in.Files, f.name, f.read); err != nil {
			return fmt.Errorf("report: %w", err)
		}
	}
	d.finish()
	if err := render(w, in.Result, d); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

func read(files fs.FS, name string, use func(io.Reader) error) error {
	f, err := files.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := use(f); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
