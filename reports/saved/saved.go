// Package saved reads back what a run wrote into its directory.
package saved

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"dsmipsim/reports/plot"
	"dsmipsim/reports/result"
	"dsmipsim/sim/trace"
	"dsmipsim/sim/vtime"
)

// Open reads a run directory: summary.json, what events.jsonl tells of the test packets, and
// queues.csv. The name of the run is the directory's own. A directory without one of the latter
// gives a run without samples or queues.
func Open(dir string) (plot.Run, error) {
	r := plot.Run{Name: name(dir)}
	summary, err := os.Open(filepath.Join(dir, "summary.json"))
	if err != nil {
		if info, statErr := os.Stat(dir); statErr == nil && !info.IsDir() {
			return r, fmt.Errorf("%s: found a file, wanted the directory of a run", dir)
		} else if statErr == nil && errors.Is(err, fs.ErrNotExist) {
			return r, fmt.Errorf("%s: found no summary.json, wanted the directory of a run", dir)
		}
		return r, err
	}
	defer summary.Close()
	if r.Result, err = result.Read(bufio.NewReader(summary)); err != nil {
		return r, fmt.Errorf("%s: %w", filepath.Join(dir, "summary.json"), err)
	}
	err = optional(dir, "events.jsonl", func(f io.Reader) (err error) {
		r.Samples, err = Samples(f, r.Result)
		return err
	})
	if err == nil {
		err = optional(dir, "queues.csv", func(f io.Reader) (err error) {
			r.Queues, err = Queues(bufio.NewReader(f), r.Result.DurationS)
			return err
		})
	}
	return r, err
}

// optional reads a file of a directory if it is there.
func optional(dir, name string, read func(io.Reader) error) error {
	f, err := os.Open(filepath.Join(dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	if err := read(f); err != nil {
		return fmt.Errorf("%s: %w", filepath.Join(dir, name), err)
	}
	return nil
}

// name is how a directory is called, whatever way leads there.
func name(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	return filepath.Base(dir)
}

// fact is what a line of events.jsonl says of a test packet.
type fact struct {
	Time     instant `json:"time_s"`
	Kind     string  `json:"kind"`
	Node     string  `json:"node"`
	Flow     string  `json:"flow"`
	Sequence uint32  `json:"sequence"`
	Octets   int32   `json:"octets"`
	Reason   string  `json:"reason"`
}

// instant is seconds with up to nine decimals, without the detour of a float.
type instant vtime.Time

// UnmarshalJSON implements json.Unmarshaler.
func (t *instant) UnmarshalJSON(text []byte) error {
	whole, fraction, _ := strings.Cut(string(text), ".")
	for len(fraction) < 9 {
		fraction += "0"
	}
	ns, err := strconv.ParseInt(whole+fraction, 10, 64)
	if err != nil || len(fraction) > 9 {
		return fmt.Errorf("found time %s, wanted seconds with nine decimals", text)
	}
	*t = instant(ns)
	return nil
}

// flow collects the packets of one flow.
type flow struct {
	samples result.FlowSamples
	index   map[uint32]int // of a sequence number in the samples
}

// Samples reads the facts of a run and returns the packets of its flows, as the run itself had
// them but for their overhead, hops and attachment.
func Samples(r io.Reader, of *result.Result) ([]result.FlowSamples, error) {
	flows := make([]flow, len(of.Flows))
	byName := map[string]*flow{}
	for i := range of.Flows {
		f := &of.Flows[i]
		flows[i] = flow{index: map[uint32]int{}, samples: result.FlowSamples{
			Flow: result.FlowInfo{Name: f.Name, Kind: f.Kind, Family: f.Family, From: f.From, To: f.To}}}
		byName[f.Name] = &flows[i]
	}
	reasons := map[string]trace.Reason{}
	for _, reason := range trace.Reasons() {
		reasons[reason.String()] = reason
	}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		if !strings.Contains(lines.Text(), `"flow":`) {
			continue // of no test packet
		}
		var x fact
		if err := json.Unmarshal(lines.Bytes(), &x); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		f := byName[x.Flow]
		if f == nil {
			return nil, fmt.Errorf("line %d: found flow %q, which summary.json does not have", n, x.Flow)
		}
		f.take(&x, reasons[x.Reason])
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	samples := make([]result.FlowSamples, len(flows))
	for i := range flows {
		samples[i] = flows[i].samples
	}
	return samples, nil
}

// take notes a fact. A reception counts before a drop, which was that of a copy then; the first
// of either stands.
func (f *flow) take(x *fact, reason trace.Reason) {
	info, at := &f.samples.Flow, vtime.Time(x.Time)
	switch x.Kind {
	case "origin":
		if info.TCP() && x.Node != info.From {
			return // what the other end sends has no place among the samples
		}
		f.index[x.Sequence] = len(f.samples.Packets)
		f.samples.Packets = append(f.samples.Packets, result.Sample{Sequence: x.Sequence, Fate: result.InFlight, Octets: x.Octets, Sent: at, End: vtime.Never})
		return
	case "progress":
		f.samples.Progress = append(f.samples.Progress, result.Progress{At: at, Octets: int(x.Octets)})
		return
	}
	i, known := f.index[x.Sequence]
	if !known {
		return
	}
	p := &f.samples.Packets[i]
	switch {
	case x.Kind == "delivery" && p.Fate != result.Received && (!info.Ping() || x.Node == info.From):
		p.Fate, p.End, p.Reason = result.Received, at, 0
	case x.Kind == "drop" && p.Fate == result.InFlight:
		p.Fate, p.End, p.Reason = result.Lost, at, reason
	}
}
