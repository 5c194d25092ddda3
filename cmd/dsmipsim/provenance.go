package main

import (
	"runtime"

	"dsmipsim/reports"
	"dsmipsim/reports/result"
	"dsmipsim/scenarios/spec"
)

// provenance tells where a result comes from: it is all that a result directory holds of the
// machine.
func provenance(command []string, r *result.Result) reports.Manifest {
	m := made(command)
	m.Scenario, m.Seed = r.Scenario, r.Seed
	return m
}

// made tells which program made something, and by which command.
func made(command []string) reports.Manifest {
	b := readBuild()
	return reports.Manifest{
		Command: command, Version: b.Version, Revision: b.Revision, Modified: b.Modified, GoVersion: b.Go,
		Platform: runtime.GOOS + "/" + runtime.GOARCH,
	}
}

// inputs are the files that the scenario names. Those that the effective scenario names, too,
// go into the result directory.
func inputs(s *spec.Spec) []reports.Input {
	var all []reports.Input
	for i := range s.Files {
		f := &s.Files[i]
		in := reports.Input{Path: f.Path, SHA256: f.SHA256(), Octets: len(f.Data), Data: f.Data}
		if !f.Spent {
			in.File = f.Name
		}
		all = append(all, in)
	}
	return all
}
