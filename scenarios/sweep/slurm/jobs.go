package slurm

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// recordFormat is the first key of jobs.json.
const recordFormat = "dsmipsim/slurm/1"

// record is what the engine remembers of a sweep in its folder, so that another process can
// follow the jobs that this one has submitted.
type record struct {
	Format string   `json:"format"`
	Shards int      `json:"shards"`
	Jobs   []jobRow `json:"jobs"`
}

// jobRow is a job, and the shards of its tasks.
type jobRow struct {
	ID     string `json:"id"`
	Shards []int  `json:"shards"`
}

func recordFile(dir string) string { return filepath.Join(dir, Folder, "jobs.json") }

// readRecord reads what the engine has written into a folder, nothing if it has not.
func readRecord(dir string) (record, error) {
	var r record
	text, err := os.ReadFile(recordFile(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(text, &r); err != nil || r.Format != recordFormat || r.Shards < 1 {
		return r, fmt.Errorf("%s: found no record of format %q", recordFile(dir), recordFormat)
	}
	return r, nil
}

// Shards is into how many shards the engine has divided the sweep in a folder; 0 if it has not.
func Shards(dir string) (int, error) {
	r, err := readRecord(dir)
	return r.Shards, err
}

func (r record) write(dir string) error {
	r.Format = recordFormat
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(r); err != nil {
		return err
	}
	return replace(recordFile(dir), b.Bytes())
}

// replace writes a file so that no reader sees half of it.
func replace(name string, data []byte) error {
	if err := os.WriteFile(name+".tmp", data, 0o666); err != nil {
		return err
	}
	return os.Rename(name+".tmp", name)
}
