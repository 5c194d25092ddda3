// Package reports writes the outputs of a run into a directory.
//
// The files grow in a temporary directory beside the final one, which takes its name only
// when all are complete: whoever looks sees the whole result or none.
//
//	d, err := reports.Begin("out")     // refuses to replace what is not ours
//	defer d.Abort()                    // no effect after Write
//	sinks, err := d.Sinks(setup)       // capture and facts, written while the run lasts
//	...
//	err = d.Write(artefacts)
package reports

import (
	"bufio"
	"errors"
	"fmt"

	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"dsmipsim/nodes/wire"
	"dsmipsim/reports/result"
	"dsmipsim/sim/trace"
)

// Artefacts is what a run leaves to be written when it is over.
type Artefacts struct {
	Result   *result.Result
	Samples  []result.FlowSamples
	Queues   []result.QueueSamples
	Bin      time.Duration // of the series over time; 0 for 100 ms
	Packets  bool          // packets.parquet is wanted
	Scenario []byte        // the effective scenario, as TOML
	Manifest Manifest
	Inputs   []Input // files that the scenario names

	Associations []result.Association // of ESP, if the run used it; those of the Setup

	Setup      result.Setup        // that the sinks were made for
	Dissection wire.DissectOptions // how to read the frames of the capture

	files fs.FS // set by Write: the directory in the making, if facts were recorded
}

// Directory is an output directory in the making.
type Directory struct {
	name    string // as the user gave it, for messages
	final   string
	work    string   // the temporary directory, "" when it is gone
	parents []string // made for it, outermost first
	open    []*file
}

// file is an open output of a run that is under way.
type file struct {
	name   string
	stream stream
	buffer *bufio.Writer
	file   *os.File
}

// Begin makes the temporary directory. It returns a *RefusedError, and makes nothing, if dir
// is something that must not be replaced.
func Begin(dir string) (*Directory, error) {
	final, err := resolve(dir)
	if err != nil {
		return nil, fmt.Errorf("output directory: %w", err)
	}
	if err := replaceable(final, dir); err != nil {
		return nil, err
	}
	if here, err := os.Getwd(); err == nil && here == final {
		return nil, &RefusedError{Dir: dir, Why: "it is the current directory"}
	}
	d := &Directory{name: dir, final: final}
	if err := d.makeParents(filepath.Dir(final)); err != nil {
		d.Abort()
		return nil, fmt.Errorf("output directory: %w", err)
	}
	work, err := sibling(final, "new", func(name string) error { return os.Mkdir(name, 0o777) })
	if err != nil {
		d.Abort()
		return nil, fmt.Errorf("output directory: %w", err)
	}
	d.work = work
	return d, nil
}

// resolve makes a path absolute and, where it exists, follows links: a link to a directory
// stays in place when the directory is replaced.
func resolve(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if real, err := filepath.EvalSymlinks(abs); err == nil {
		return real, nil
	}
	return abs, nil
}

func (d *Directory) makeParents(dir string) error {
	if _, err := os.Stat(dir); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := d.makeParents(filepath.Dir(dir)); err != nil {
		return err
	}
	err := os.Mkdir(dir, 0o777)
	if err == nil {
		d.parents = append(d.parents, dir)
	}
	return err
}

// sibling finds a free hidden name beside path, for which claim succeeds.
func sibling(path, what string, claim func(name string) error) (string, error) {
	for i := 0; ; i++ {
		name := filepath.Join(filepath.Dir(path), fmt.Sprintf(".%s.%s%d", filepath.Base(path), what, i))
		err := claim(name)
		if err == nil {
			return name, nil
		}
		if !errors.Is(err, fs.ErrExist) || i == 1000 {
			return "", err
		}
	}
}

// Sinks starts the outputs that are written from facts. They are complete after Write.
func (d *Directory) Sinks(setup result.Setup) ([]trace.Sink, error) {
	var sinks []trace.Sink
	for _, k := range Kinds() {
		if k.stream == nil {
			continue
		}
		f, err := d.create(k.File)
		if err != nil {
			return nil, err
		}
		d.open = append(d.open, f)
		if f.stream, err = k.stream(f.buffer, setup); err != nil {
			return nil, fmt.Errorf("%s: %w", k.File, err)
		}
		sinks = append(sinks, f.stream)
	}
	return sinks, nil
}

// Write completes all outputs and puts the directory in place. After an error there is
// nothing at the final name that was not there before.
func (d *Directory) Write(a Artefacts) error {
	if d.work == "" {
		return errors.New("output directory: already written or given up")
	}
	m := &a.Manifest
	m.Format, m.Fingerprint, m.Inputs, m.Files = ManifestFormat, a.Result.Fingerprint, a.Inputs, nil
	if len(d.open) > 0 {
		a.files = os.DirFS(d.work)
	}
	for len(d.open) > 0 {
		f := d.open[0]
		d.open = d.open[1:]
		m.Files = append(m.Files, f.name)
		if err := f.close(); err != nil {
			return err
		}
	}
	for _, in := range a.Inputs {
		if in.File == "" {
			continue
		}
		f, err := d.create(in.File)
		if err != nil {
			return err
		}
		_, err = f.buffer.Write(in.Data)
		if err = errors.Join(err, f.close()); err != nil {
			return fmt.Errorf("%s: %w", in.File, err)
		}
		m.Files = append(m.Files, in.File)
	}
	for _, k := range Kinds() {
		if k.write == nil || k.absent != nil && k.absent(&a) {
			continue
		}
		f, err := d.create(k.File)
		if err != nil {
			return err
		}
		err = k.write(f.buffer, &a)
		if err = errors.Join(err, f.close()); err != nil {
			return fmt.Errorf("%s: %w", k.File, err)
		}
		m.Files = append(m.Files, k.File)
		slices.Sort(m.Files)
	}
	return d.install()
}

func (d *Directory) create(name string) (*file, error) {
	path := filepath.Join(d.work, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return nil, err
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	return &file{name: name, buffer: bufio.NewWriterSize(f, 1<<16), file: f}, nil
}

func (f *file) close() error {
	var err error
	if f.stream != nil {
		err = f.stream.Close()
	}
	if err == nil {
		err = f.buffer.Flush()
	}
	if err = errors.Join(err, f.file.Close()); err != nil {
		return fmt.Errorf("%s: %w", f.name, err)
	}
	return nil
}

// install renames the temporary directory to the final one. What was there moves aside
// first, comes back if the renaming fails, and is removed if it succeeds.
func (d *Directory) install() error {
	// Somebody may have put something there since Begin.
	if err := replaceable(d.final, d.name); err != nil {
		return err
	}
	old, err := sibling(d.final, "old", func(name string) error {
		if _, err := os.Lstat(name); err == nil {
			return fs.ErrExist
		}
		return os.Rename(d.final, name)
	})
	if errors.Is(err, fs.ErrNotExist) {
		old = ""
	} else if err != nil {
		return fmt.Errorf("output directory: %w", err)
	}
	if err := os.Rename(d.work, d.final); err != nil {
		if old != "" {
			err = errors.Join(err, os.Rename(old, d.final))
		}
		return fmt.Errorf("output directory: %w", err)
	}
	d.work, d.parents = "", nil
	if old != "" {
		return os.RemoveAll(old)
	}
	return nil
}

// Abort removes what was made so far and leaves no trace. It has no effect after Write has
// succeeded.
func (d *Directory) Abort() {
	for _, f := range d.open {
		_ = f.file.Close() // the file goes with the directory
	}
	d.open = nil
	if d.work != "" {
		_ = os.RemoveAll(d.work) // whoever aborts has a better error to tell
		d.work = ""
	}
	for i := len(d.parents) - 1; i >= 0; i-- {
		_ = os.Remove(d.parents[i]) // stays if somebody else has put something there
	}
	d.parents = nil
}
