package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dsmipsim/nodes/wire"
	"dsmipsim/reports/capture"
	"dsmipsim/reports/events"
	"dsmipsim/reports/ladder"
	"dsmipsim/reports/pcapng"
	"dsmipsim/reports/result"
	"dsmipsim/reports/table"
	"dsmipsim/scenarios"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// traceFlags are the flags of `trace`.
type traceFlags struct {
	nodes, types []string
	from, to     string
	all, detail  bool
	quiet        bool
	width        int
	format       string
	colour       string
	sets         []string
}

func newTrace() *cobra.Command {
	f := traceFlags{format: string(table.Terminal)}
	c := &cobra.Command{
		Use:   "trace DIR|FILE|SCENARIO",
		Short: "Show the message sequence of a run as a ladder",
		Long: `Show the message sequence as a ladder: a rail for each node, an arrow for each message, time
downwards. An argument is the directory of a result, a capture of any program, or a scenario,
which is run without writing anything.

An arrow is as long as the packet's way up to where its headers change: + marks routers that
forward it as it is, and behind a NAT or at the end of a tunnel a new arrow begins. An arrow with
several heads is a multicast. A multicast that is repeated before its sender or receivers say
anything else is one arrow, and one that reaches nobody is left out, as is user traffic. An x for a
head says that the receiver had left. * marks what a node states about itself: attachments,
milestones, packets dropped.

A capture of another program has no names of nodes: its rails are IP addresses, and its times
begin at its first packet.`,
		Example: `  dsmipsim trace first-registration
  dsmipsim trace out --node mn --from 30s --to 33s
  dsmipsim trace out --type BU,BA --detail
  dsmipsim trace out --type mobility --format csv`,
		Args: exactly(1, "a result directory, a capture or a scenario"),
		RunE: func(c *cobra.Command, args []string) error {
			return f.run(c.Context(), args[0], c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	c.Flags().StringSliceVar(&f.nodes, "node", nil, "only what these `nodes` take part in")
	c.Flags().StringSliceVar(&f.types, "type", nil, "only these `messages`, such as BU,BA, or groups: mobility, discovery, address, resolution, error, data")
	c.Flags().StringVar(&f.from, "from", "", "only from this `time` on, as in 30s")
	c.Flags().StringVar(&f.to, "to", "", "only up to this `time`")
	c.Flags().BoolVar(&f.all, "all", false, "everything: user traffic, all milestones, multicasts that reach nobody")
	c.Flags().BoolVar(&f.detail, "detail", false, "a line for each header of a message")
	c.Flags().BoolVarP(&f.quiet, "quiet", "q", false, "only messages, not what nodes state about themselves")
	c.Flags().IntVar(&f.width, "width", 0, "cut lines to this number of `columns`; by default to those of the terminal")
	addColour(c, &f.colour)
	addSet(c, &f.sets)
	addFormat(c, &f.format)
	return c
}

func (f *traceFlags) run(ctx context.Context, arg string, stdout, stderr io.Writer) error {
	format, err := table.ParseFormat(f.format)
	if err != nil {
		return usage(err)
	}
	paint, err := colours(f.colour, stdout)
	if err != nil {
		return err
	}
	if f.width < 0 {
		return usagef("--width: found %d, wanted 0 for no limit or a number of columns", f.width)
	}
	filter := ladder.Filter{Nodes: f.nodes, Types: f.types, Data: f.all, Remarks: !f.quiet, Unheard: f.all}
	if filter.From, err = momentOf("--from", f.from, 0); err != nil {
		return err
	}
	filter.Until = f.to != ""
	if filter.To, err = momentOf("--to", f.to, 0); err != nil {
		return err
	}
	rec, err := f.open(ctx, arg, stderr)
	if err != nil {
		return err
	}
	builder, err := rec.rows(f.all || len(f.types) > 0, f.all)
	if err != nil {
		return usagef("%s: %w", rec.name, err)
	}
	rows := builder.Rows()
	if err := f.known(builder, rows); err != nil {
		return err
	}
	chosen := filter.Select(rows)
	if format != table.Terminal {
		return ladder.Table(chosen).Render(stdout, format)
	}
	if len(chosen) == 0 {
		fmt.Fprintf(stderr, "dsmipsim: %s has no such messages\n", arg)
		return nil
	}
	width := f.width
	if width == 0 {
		width = widthOf(stdout)
	}
	return ladder.Draw(stdout, builder.Nodes(chosen), chosen, ladder.Style{Width: width, Detail: f.detail, Paint: func(r *ladder.Row, s string) string {
		return paint.paint(messageColour(r), s)
	}})
}

func messageColour(r *ladder.Row) string {
	if r.Remark {
		return dim
	}
	return map[wire.Group]string{wire.GroupMobility: bold, wire.GroupDiscovery: green, wire.GroupAddress: cyan,
		wire.GroupResolution: blue, wire.GroupError: red, wire.GroupData: magenta}[r.Group]
}

// momentOf reads a moment of the run: a duration, or seconds without a unit.
func momentOf(flag, text string, absent vtime.Time) (vtime.Time, error) {
	if text == "" {
		return absent, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		d, err = time.ParseDuration(text + "s")
	}
	if err != nil || d < 0 {
		return 0, usagef(`%s: found %q, wanted a time since the run began, such as "30s"`, flag, text)
	}
	return vtime.Time(d), nil
}

// known refuses nodes and messages that occur nowhere, which are misspelt.
func (f *traceFlags) known(b *ladder.Builder, rows []*ladder.Row) error {
	nodes := b.Nodes(rows)
	for _, r := range rows {
		nodes = append(nodes, r.Via...)
	}
	for _, n := range f.nodes {
		if !slices.Contains(nodes, n) {
			all := b.Nodes(rows)
			return usagef("--node: found %q, wanted one of %s%s", n, strings.Join(all, ", "), didYouMean(n, all))
		}
	}
	var names []string
	for _, r := range rows {
		if !slices.Contains(names, r.Message) {
			names = append(names, r.Message)
		}
	}
	slices.Sort(names)
	for g := wire.GroupData; g <= wire.GroupError; g++ {
		names = append(names, g.String())
	}
	for _, t := range f.types {
		if !slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, t) }) {
			return usagef("--type: found %q, wanted one of %s%s", t, strings.Join(names, ", "), didYouMean(t, names))
		}
	}
	return nil
}

// recording is a run that is over: its capture, its facts and what the names mean.
type recording struct {
	name    string
	capture io.Reader
	events  io.Reader // nil if there are none
	setup   result.Setup
	decoder ladder.Decoder
}

// open finds what the argument means.
func (f *traceFlags) open(ctx context.Context, arg string, stderr io.Writer) (*recording, error) {
	info, err := os.Stat(arg)
	switch {
	case err == nil && info.IsDir():
		if _, err := os.Stat(filepath.Join(arg, "packets.pcapng")); err == nil {
			return f.openResult(arg)
		}
		if _, bundled := scenarios.Find(arg); !bundled {
			return nil, usagef("%s: found a directory without packets.pcapng, wanted a result of `dsmipsim run -o`", arg)
		}
	case err == nil && filepath.Ext(arg) != ".toml":
		if filepath.Base(arg) == "packets.pcapng" {
			if r, err := f.openResult(filepath.Dir(arg)); err == nil {
				return r, nil
			}
		}
		return f.openCapture(arg)
	case err != nil && strings.Contains(filepath.Base(arg), ".pcap"):
		return nil, usagef("capture: %w", err)
	}
	return f.perform(ctx, arg, stderr)
}

// openResult reads the directory of a result.
func (f *traceFlags) openResult(dir string) (*recording, error) {
	if len(f.sets) > 0 {
		return nil, usagef("--set: %s is a run that is over, wanted a scenario", dir)
	}
	src, err := findSource(filepath.Join(dir, "scenario.toml"))
	if err != nil {
		return nil, err
	}
	r, err := named(src, nil)
	if err != nil {
		return nil, err
	}
	octets, err := os.ReadFile(filepath.Join(dir, "packets.pcapng"))
	if err != nil {
		return nil, usagef("capture: %w", err)
	}
	r.name, r.capture = dir, bytes.NewReader(octets)
	facts, err := os.ReadFile(filepath.Join(dir, "events.jsonl"))
	if err == nil {
		r.events = bytes.NewReader(facts)
	} else if !errors.Is(err, os.ErrNotExist) {
		return nil, usagef("events: %w", err)
	}
	return r, nil
}

// named tells what a scenario says about the octets and names of its run.
func named(src source, sets []string) (*recording, error) {
	s, err := src.load(sets)
	if err != nil {
		return nil, err
	}
	setup, err := scenarios.Setup(src.name, s)
	if err != nil {
		return nil, usagef("%s: %w", src.file, err)
	}
	return &recording{name: src.name, setup: setup, decoder: ours{scenarios.Dissection(s)}}, nil
}

// openCapture reads a capture of unknown origin.
func (f *traceFlags) openCapture(name string) (*recording, error) {
	if len(f.sets) > 0 {
		return nil, usagef("--set: %s is a capture, wanted a scenario", name)
	}
	octets, err := os.ReadFile(name)
	if err != nil {
		return nil, usagef("capture: %w", err)
	}
	keys, err := keysFor(name, "")
	if err != nil {
		return nil, err
	}
	return &recording{name: name, capture: bytes.NewReader(octets), decoder: foreign{keys}}, nil
}

// perform runs a scenario and keeps what `run -o` would write.
func (f *traceFlags) perform(ctx context.Context, arg string, stderr io.Writer) (*recording, error) {
	src, err := findSource(arg)
	if err != nil {
		return nil, err
	}
	s, err := src.load(f.sets)
	if err != nil {
		return nil, err
	}
	var packets, facts bytes.Buffer
	var closers []io.Closer
	run := runFlags{quiet: f.quiet}
	o, err := run.simulate(ctx, src, s, func(setup result.Setup) ([]trace.Sink, error) {
		p, err := pcapng.New(&packets, setup)
		if err != nil {
			return nil, err
		}
		e := events.New(&facts, setup)
		closers = append(closers, p, e)
		return []trace.Sink{p, e}, nil
	}, stderr)
	if err != nil {
		return nil, err
	}
	for _, c := range closers {
		if err := c.Close(); err != nil {
			return nil, err
		}
	}
	return &recording{name: src.name, capture: &packets, events: &facts, setup: o.Setup, decoder: ours{scenarios.Dissection(s)}}, nil
}

// rows makes the rows of the ladder.
func (r *recording) rows(data, plumbing bool) (*ladder.Builder, error) {
	b := ladder.NewBuilder(r.setup, r.decoder)
	b.Data = data
	var facts []ladder.Fact
	if r.events != nil {
		var err error
		if facts, err = ladder.ReadFacts(r.events, func(f *ladder.Fact) bool {
			switch f.Kind {
			case trace.LinkDown.String(), trace.LinkUp.String(), trace.Drop.String():
				return true
			case trace.Milestone.String():
				return plumbing || !f.Plumbing()
			}
			return false
		}); err != nil {
			return nil, fmt.Errorf("events.jsonl: %w", err)
		}
	}
	c, err := capture.Open(r.capture)
	if err != nil {
		return nil, err
	}
	var began, last time.Time
	for n := 1; ; n++ {
		f, err := c.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("packet %d: %w", n, err)
		}
		switch {
		case n == 1 && len(r.setup.Nodes) == 0:
			began = f.Time
		case n == 1:
			began = time.Unix(0, 0)
		case f.Time.IsZero(): // the file does not tell
			f.Time = last
		}
		last = f.Time
		link, known := f.Begins()
		if !known {
			continue
		}
		t := vtime.Time(f.Time.Sub(began))
		for len(facts) > 0 && (facts[0].Time < t || facts[0].Time == t && facts[0].Before()) {
			facts[0].Apply(b)
			facts = facts[1:]
		}
		b.Frame(ladder.Frame{Time: t, Link: f.Interface, Type: link, Sender: sender(r.setup, f), Octets: f.Octets, Length: f.Length, Comment: strings.Join(f.Comments, "; ")})
	}
	for i := range facts {
		facts[i].Apply(b)
	}
	return b, nil
}

// sender tells who sent a frame on a link between two routers.
func sender(setup result.Setup, f capture.Frame) string {
	for _, l := range setup.Links {
		if l.Name != f.Interface || l.Ends[0] == "" {
			continue
		}
		switch f.Direction {
		case capture.Outbound:
			return l.Ends[0]
		case capture.Inbound:
			return l.Ends[1]
		}
	}
	return ""
}

// ours decodes the packets of a scenario.
type ours struct{ options wire.DissectOptions }

func (d ours) Classify(f *ladder.Frame) wire.Class {
	return wire.Classify(f.Octets, f.Type, d.options)
}

func (d ours) Dissect(f *ladder.Frame) []wire.Layer {
	return wire.Dissect(f.Octets, f.Type, d.options)
}

// foreign decodes packets of unknown origin.
type foreign struct{ opener }

func (d foreign) Classify(f *ladder.Frame) wire.Class {
	_, options := d.dissect(f.Octets, f.Type, f.Cut())
	return wire.Classify(f.Octets, f.Type, options)
}

func (d foreign) Dissect(f *ladder.Frame) []wire.Layer {
	layers, _ := d.dissect(f.Octets, f.Type, f.Cut())
	return layers
}
