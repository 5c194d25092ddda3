package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"dsmipsim/reports/events"
	"dsmipsim/reports/pcapng"
	"dsmipsim/reports/result"
	"dsmipsim/reports/tidy"
	"dsmipsim/sim/trace"
)

// output is a directory in the making. All files are written into a hidden folder beside it,
// which takes its name at the end: nobody ever sees half a result under that name.
type output struct {
	dir     string
	staging string // "" until the run begins
	open    []closer
}

// closer is a file of facts, and what writes it.
type closer struct {
	sink interface{ Close() error }
	text *bufio.Writer
	file *os.File
}

// checkOutput refuses a directory that was not made here: it would be replaced.
func checkOutput(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return usagef("output: %w", err)
	case len(entries) == 0 || ours(dir):
		return nil
	}
	return usagef("output: %s exists and holds no result of dsmipsim; wanted a new name, or an earlier result to replace", dir)
}

// ours reports whether a directory holds a manifest of dsmipsim.
func ours(dir string) bool {
	text, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	var m manifest
	return err == nil && json.Unmarshal(text, &m) == nil && strings.HasPrefix(m.Format, "dsmipsim/manifest/")
}

// sinks makes the folder and the files that are written while the run goes on.
func (o *output) sinks(setup result.Setup) ([]trace.Sink, error) {
	parent := filepath.Dir(filepath.Clean(o.dir))
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return nil, fmt.Errorf("output: %w", err)
	}
	var err error
	if o.staging, err = os.MkdirTemp(parent, ".dsmipsim-"); err != nil {
		return nil, fmt.Errorf("output: %w", err)
	}
	capture, err := o.create("packets.pcapng")
	if err != nil {
		return nil, err
	}
	frames, err := pcapng.New(capture.text, setup)
	if err != nil {
		return nil, err
	}
	capture.sink = frames
	log, err := o.create("events.jsonl")
	if err != nil {
		return nil, err
	}
	lines := events.New(log.text, setup)
	log.sink = lines
	return []trace.Sink{frames, lines}, nil
}

func (o *output) create(name string) (*closer, error) {
	file, err := os.Create(filepath.Join(o.staging, name))
	if err != nil {
		return nil, fmt.Errorf("output: %w", err)
	}
	o.open = append(o.open, closer{text: bufio.NewWriter(file), file: file})
	return &o.open[len(o.open)-1], nil
}

// finish writes the rest and gives the directory its name.
func (o *output) finish(r *result.Result, scenario []byte, m manifest) error {
	for _, c := range o.open {
		if err := errors.Join(c.sink.Close(), c.text.Flush(), c.file.Close()); err != nil {
			return fmt.Errorf("output: %w", err)
		}
	}
	o.open = nil
	summary, err := r.JSON()
	if err != nil {
		return err
	}
	files := map[string][]byte{"summary.json": summary, "scenario.toml": scenario}
	for name, write := range map[string]func(io.Writer, *result.Result) error{
		"handovers.csv": tidy.Handovers, "interruptions.csv": tidy.Interruptions, "flows.csv": tidy.Flows, "signalling.csv": tidy.Signalling,
	} {
		var b bytes.Buffer
		if err := write(&b, r); err != nil {
			return fmt.Errorf("output: %s: %w", name, err)
		}
		files[name] = b.Bytes()
	}
	m.Files = []string{"packets.pcapng", "events.jsonl"}
	for name, text := range files {
		if err := o.write(name, text); err != nil {
			return err
		}
		m.Files = append(m.Files, name)
	}
	slices.Sort(m.Files)
	text, err := m.text()
	if err != nil {
		return err
	}
	if err := o.write("manifest.json", text); err != nil {
		return err
	}
	return o.publish()
}

func (o *output) write(name string, text []byte) error {
	if err := os.WriteFile(filepath.Join(o.staging, name), text, 0o644); err != nil {
		return fmt.Errorf("output: %w", err)
	}
	return nil
}

// publish puts the finished folder in the place of the directory. An earlier result steps
// aside first, and comes back if the new one cannot take its place.
func (o *output) publish() error {
	if err := os.Chmod(o.staging, 0o755); err != nil {
		return fmt.Errorf("output: %w", err)
	}
	old := o.staging + "-old"
	err := os.Rename(o.dir, old)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("output: %w", err)
	}
	replaced := err == nil
	if err := os.Rename(o.staging, o.dir); err != nil {
		if replaced {
			err = errors.Join(err, os.Rename(old, o.dir))
		}
		return fmt.Errorf("output: %w", err)
	}
	o.staging = ""
	if replaced {
		return os.RemoveAll(old)
	}
	return nil
}

// abandon removes what is unfinished. After finish there is nothing left to remove.
func (o *output) abandon() {
	for _, c := range o.open {
		_ = c.file.Close() // it is removed now
	}
	if o.staging != "" {
		_ = os.RemoveAll(o.staging) // there is nobody left to tell
	}
}
