package main

import (
	"runtime"

	"dsmipsim/reports"
	"dsmipsim/reports/result"
)

// provenance tells where a result comes from: it is all that a result directory holds of the
// machine.
func provenance(command []string, r *result.Result) reports.Manifest {
	b := readBuild()
	return reports.Manifest{
		Scenario: r.Scenario, Seed: r.Seed, Command: command,
		Version: b.Version, Revision: b.Revision, Modified: b.Modified, GoVersion: b.Go,
		Platform: runtime.GOOS + "/" + runtime.GOARCH,
	}
}
