package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"dsmipsim/scenarios"
	"dsmipsim/scenarios/spec"
)

// source is the text of a scenario and the names it goes by.
type source struct {
	name  string // in results: the scenario's, never a path, so that results do not depend on it
	file  string // in messages
	path  string // of the file; "" of a bundled scenario
	text  []byte
	files spec.Files
}

// findSource returns the scenario that an argument means: a file if there is one of that
// name, else a bundled scenario.
func findSource(arg string) (source, error) {
	text, err := os.ReadFile(arg)
	if err == nil {
		return source{name: scenarioName(arg, text), file: arg, path: arg, text: text, files: filesBeside(arg)}, nil
	}
	info, statErr := os.Stat(arg)
	if e, ok := scenarios.Find(arg); ok && (errors.Is(err, fs.ErrNotExist) || statErr == nil && info.IsDir()) {
		return bundledSource(e), nil
	}
	if statErr == nil && info.IsDir() {
		return source{}, usagef("%s: found a directory, wanted a scenario file", arg)
	}
	if errors.Is(err, fs.ErrNotExist) && !strings.ContainsAny(arg, "/.") {
		return source{}, unknownScenario(arg)
	}
	return source{}, usagef("scenario: %w", err)
}

// unknownScenario says that nothing goes by a name.
func unknownScenario(name string) error {
	var names []string
	for _, e := range scenarios.Library() {
		names = append(names, e.Name)
	}
	return usagef("no scenario is called %q%s\nWanted a file or a bundled scenario; `dsmipsim list` names those.", name, didYouMean(name, names))
}

// load reads and checks the scenario, with overrides.
func (s source) load(sets []string) (*spec.Spec, error) {
	loaded, err := spec.LoadFiles(s.file, s.text, sets, s.files)
	if err != nil {
		return nil, invalid(err)
	}
	if err := scenarios.CheckExpectations(loaded); err != nil {
		return nil, usagef("%s: %w", s.file, err)
	}
	if err := scenarios.Prepare(loaded); err != nil {
		return nil, usagef("%s: %w", s.file, err)
	}
	return loaded, nil
}

// invalid puts a heading above the problems of a scenario.
func invalid(err error) error {
	var r *spec.Report
	if !errors.As(err, &r) {
		return usage(err)
	}
	n := "1 problem"
	if len(r.Problems) > 1 {
		n = fmt.Sprintf("%d problems", len(r.Problems))
	}
	return usagef("%s in the scenario:\n%w", n, err)
}

// scenarioName is the name that a scenario file gives itself, or else the file's own
// without folder and ending.
func scenarioName(file string, text []byte) string {
	first, _, _ := strings.Cut(string(text), "\n")
	if name, ok := strings.CutPrefix(strings.TrimSpace(first), scenarios.NameMark); ok && strings.TrimSpace(name) != "" {
		return strings.TrimSpace(name)
	}
	return strings.TrimSuffix(filepath.Base(file), ".toml")
}

// effective is the text of scenario.toml: every key with its value.
func (s source) effective(loaded *spec.Spec) []byte {
	head := scenarios.NameMark + s.name + "\n# The effective scenario of a run, overrides and defaults included.\n\n"
	return append([]byte(head), loaded.Encode()...)
}
