package reports

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"dsmipsim/reports/result"
)

// ManifestFormat marks a manifest, and with it a directory that we made.
const ManifestFormat = "dsmipsim/manifest/1"

const manifestFile = "manifest.json"

// Manifest tells where a result comes from. The caller gives all of it: nothing here looks
// at the machine. It is the one file that may differ between equal runs.
type Manifest struct {
	Format      string   `json:"format"`         // set by Write
	Kind        string   `json:"kind,omitempty"` // of the directory: "sweep", or absent for a run
	Scenario    string   `json:"scenario"`
	Seed        int64    `json:"seed"`
	Replication uint64   `json:"replication,omitempty"`
	Command     []string `json:"command"`
	Attribute   bool     `json:"attribute,omitempty"` // causes were attributed, which is part of the result
	Version     string   `json:"version"`
	Revision    string   `json:"revision"`
	Modified    bool     `json:"modified"` // the source had changes that the revision lacks
	GoVersion   string   `json:"go"`
	Platform    string   `json:"platform"` // operating system and processor

	Inputs []Input `json:"inputs,omitempty"` // set by Write: files that the scenario names

	Fingerprint result.Fingerprint `json:"fingerprint"` // set by Write
	Files       []string           `json:"files"`       // set by Write: all but the manifest itself
}

// Input is a file that the scenario names.
type Input struct {
	Path   string `json:"path"` // as the scenario gives it
	SHA256 string `json:"sha256"`
	Octets int    `json:"octets"`
	File   string `json:"file,omitempty"` // its copy in the directory, which the effective scenario names
	Data   []byte `json:"-"`
}

// KindSweep is the Kind of a sweep's directory.
const KindSweep = "sweep"

// Encode returns the text of manifest.json.
func (m Manifest) Encode() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(m)
	return b.Bytes(), err
}

// Replaceable returns nil if a result may take the place of what is at dir: nothing, an empty
// directory, or an earlier result. Otherwise the error is a *RefusedError.
func Replaceable(dir string) error {
	final, err := resolve(dir)
	if err != nil {
		return fmt.Errorf("output directory: %w", err)
	}
	return replaceable(final, dir)
}

// ours reports whether the directory holds one of our manifests.
func ours(dir string) bool {
	text, err := os.ReadFile(filepath.Join(dir, manifestFile))
	if err != nil {
		return false
	}
	var m Manifest
	return json.Unmarshal(text, &m) == nil && m.Format == ManifestFormat
}

// replaceable returns nil if a result may be put at dir: nothing is there, or an empty
// directory, or an earlier result. Messages call it by the name that the user gave.
func replaceable(dir, name string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return &RefusedError{Dir: name, Why: "it is not a directory that can be read"}
	case len(entries) == 0 || ours(dir):
		return nil
	}
	return &RefusedError{Dir: name, Why: fmt.Sprintf("it holds %s and no %s of dsmipsim", quantity(len(entries)), manifestFile)}
}

func quantity(entries int) string {
	if entries == 1 {
		return "1 entry"
	}
	return fmt.Sprintf("%d entries", entries)
}

// RefusedError tells that a result would take the place of something that is not ours.
type RefusedError struct {
	Dir string
	Why string
}

// Error says what is in the way and what to do.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("output directory %s is not replaced: %s; choose another one, or empty it", e.Dir, e.Why)
}
