package main

import (
	"encoding/json"
	"runtime"

	"dsmipsim/reports/result"
)

// manifestFormat names the layout of manifest.json. An output directory is known by it.
const manifestFormat = "dsmipsim/manifest/1"

// manifest tells where a result comes from. It is the one file of an output directory that
// may differ between equal runs.
type manifest struct {
	Format      string             `json:"format"`
	Scenario    string             `json:"scenario"`
	Seed        int64              `json:"seed"`
	Command     []string           `json:"command"`
	Version     string             `json:"version"`
	Revision    string             `json:"revision"`
	Modified    bool               `json:"modified"` // the source had changes that the revision lacks
	Go          string             `json:"go"`
	Platform    string             `json:"platform"`
	Fingerprint result.Fingerprint `json:"fingerprint"`
	Files       []string           `json:"files"`
}

// provenance is the manifest of a result, files aside.
func provenance(command []string, r *result.Result) manifest {
	b := readBuild()
	return manifest{
		Format: manifestFormat, Scenario: r.Scenario, Seed: r.Seed, Command: command,
		Version: b.Version, Revision: b.Revision, Modified: b.Modified, Go: b.Go,
		Platform: runtime.GOOS + "/" + runtime.GOARCH, Fingerprint: r.Fingerprint,
	}
}

func (m manifest) text() ([]byte, error) {
	text, err := json.MarshalIndent(m, "", "  ")
	return append(text, '\n'), err
}
