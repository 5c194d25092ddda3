package conformance

import (
	"embed"
	"errors"
	"fmt"
	"strings"

	"dsmipsim/scenarios/spec"
)

//go:embed library/*.toml
var files embed.FS

// common is what all scenarios share: the networks and their addresses are those of the
// protocol reference. A file of the library begins where it ends.
const commonFile = "library/common.toml"

// source returns the text of a scenario of the library: its own head, the common networks, and
// the rest.
func source(name string) (string, error) {
	own, err := files.ReadFile("library/" + name + ".toml")
	if err != nil {
		return "", err
	}
	common, err := files.ReadFile(commonFile)
	if err != nil {
		return "", err
	}
	head, rest, found := strings.Cut(string(own), "\n#---\n")
	if !found {
		return "", fmt.Errorf("library scenario %s does not say where the common networks go", name)
	}
	return head + "\n" + string(common) + "\n" + rest, nil
}

// Skipped is a scenario that this version cannot run yet.
type Skipped struct{ Name, Why string }

// load reads a scenario of the library. A scenario that uses nothing wrong, but something that
// is not built yet, is skipped: it begins to count when that is built.
func load(name string, sets ...string) (*spec.Spec, *Skipped, error) {
	text, err := source(name)
	if err != nil {
		return nil, nil, err
	}
	s, err := spec.Load(name, []byte(text), sets)
	if err == nil {
		return s, nil, nil
	}
	var report *spec.Report
	if errors.As(err, &report) {
		for _, p := range report.Problems {
			if !strings.Contains(p.Message, "not built yet") && !strings.Contains(p.Message, "unknown key") {
				return nil, nil, err
			}
		}
		return nil, &Skipped{name, report.Problems[0].Path + ": " + report.Problems[0].Message}, nil
	}
	return nil, nil, err
}

// Scenarios returns the names of the library.
func Scenarios() []string { return append([]string(nil), scenarioNames...) }

// Source returns the TOML of a scenario of the library.
func Source(name string) (string, error) {
	for _, n := range scenarioNames {
		if n == name {
			return source(name)
		}
	}
	return "", fmt.Errorf("no scenario %q in the library", name)
}
