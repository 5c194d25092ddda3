package main

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"dsmipsim/scenarios"
	"dsmipsim/scenarios/check"
	"dsmipsim/scenarios/spec"
)

// target is a scenario to check.
type target struct {
	check.Scenario
	file string // as the user gave it; "" of a bundled one

	label string // in outputs: the name or, where another has it too, the file
}

// collect loads the scenarios that the arguments mean, each with its baseline, and reports the
// mistakes of all of them.
func (f *checkFlags) collect(args []string) ([]target, error) {
	var all []target
	var wrong []string
	baselines := baselineFinder{flags: f, open: map[string]*check.Baseline{}}
	for _, arg := range args {
		found, err := findSources(arg)
		if err != nil {
			return nil, err
		}
		for _, src := range found {
			t := target{Scenario: check.Scenario{Name: src.name, Source: src.text}, file: src.path}
			if t.Spec, err = src.load(f.sets); err != nil {
				wrong = append(wrong, err.Error())
				continue
			}
			if err := baselines.assign(&t, arg); err != nil {
				return nil, err
			}
			if len(t.Spec.Expects) == 0 && t.Baseline == nil && !f.twice {
				wrong = append(wrong, src.file+": expects nothing: wanted an [[expect]], or a baseline")
				continue
			}
			all = append(all, t)
		}
	}
	if len(wrong) > 0 {
		return nil, usagef("%s", strings.Join(wrong, "\n"))
	}
	label(all)
	return all, nil
}

// label names the scenarios, so that those of the same name in different folders are told apart.
func label(all []target) {
	files := map[string]map[string]bool{} // by name
	for _, t := range all {
		if files[t.Name] == nil {
			files[t.Name] = map[string]bool{}
		}
		files[t.Name][t.file] = true
	}
	for i := range all {
		t := &all[i]
		if t.label = t.Name; len(files[t.Name]) > 1 && t.file != "" {
			t.label = filepath.ToSlash(t.file)
		}
	}
}

// findSources is findSource for arguments that may be folders.
func findSources(arg string) ([]source, error) {
	info, err := os.Stat(arg)
	if err != nil || !info.IsDir() {
		if bundled := scenarios.Folder(arg); err != nil && bundled != nil {
			var all []source
			for _, e := range bundled {
				all = append(all, bundledSource(e))
			}
			return all, nil
		}
		one, err := findSource(arg)
		return []source{one}, err
	}
	var all []source
	err = filepath.WalkDir(arg, func(path string, d fs.DirEntry, err error) error { // in order of names
		if err != nil || d.IsDir() || filepath.Ext(path) != ".toml" {
			return err
		}
		one, err := findSource(path)
		all = append(all, one)
		return err
	})
	if err == nil && len(all) == 0 {
		return nil, usagef("%s: found no .toml file in the folder", arg)
	}
	return all, err
}

// replications counts the runs of scenarios, and their virtual time together.
func replications(all []check.Scenario) (runs int, whole time.Duration) {
	for _, s := range all {
		runs += s.Replications()
		whole += time.Duration(s.Replications()) * s.Spec.Duration
	}
	return runs, whole
}

// baselineFinder finds the baseline of each scenario, and opens each once.
type baselineFinder struct {
	flags *checkFlags
	open  map[string]*check.Baseline // by path
}

// assign gives a scenario its baseline, if it has one or is to get one: that of the flag, or the
// nearest one in its folder or above, or a new one in the folder that the argument names.
func (b *baselineFinder) assign(t *target, arg string) error {
	path := b.flags.baseline
	switch {
	case b.flags.noBaseline:
		return nil
	case path != "":
	case t.file == "" && b.flags.update:
		return usagef("%s: a bundled scenario is in no folder: wanted --baseline FILE with --update", t.Name)
	case t.file == "":
		return nil
	default:
		path = nearestBaseline(filepath.Dir(t.file))
		if path == "" && b.flags.update {
			path = filepath.Join(filepath.Dir(t.file), check.BaselineFile)
			if info, err := os.Stat(arg); err == nil && info.IsDir() {
				path = filepath.Join(arg, check.BaselineFile)
			}
		}
		if path == "" {
			return nil
		}
	}
	one := b.open[path]
	if one == nil {
		var err error
		if one, err = check.OpenBaseline(path); err != nil {
			return usage(err)
		}
		if !one.Exists() && !b.flags.update {
			return usagef("--baseline: found no file %s; check --update writes it", path)
		}
		if info, err := os.Stat(filepath.Dir(path)); err != nil || !info.IsDir() {
			return usagef("--baseline: found no folder %s", filepath.Dir(path))
		}
		b.open[path] = one
	}
	t.Baseline, t.Key = one, t.Name
	if t.file != "" {
		var err error
		if t.Key, err = one.Name(t.file); err != nil {
			return usage(err)
		}
	}
	return nil
}

// nearestBaseline is the baseline in a folder or in the nearest one above it, up to the root of a
// repository; "" for none.
func nearestBaseline(dir string) string {
	for {
		path := filepath.Join(dir, check.BaselineFile)
		if _, err := os.Stat(path); err == nil {
			return path
		}
		if _, err := os.Stat(filepath.Join(dir, ".git")); err == nil {
			return ""
		}
		abs, err := filepath.Abs(dir)
		if err != nil || filepath.Dir(abs) == abs {
			return ""
		}
		if filepath.Base(dir) == "." || filepath.Base(dir) == ".." {
			dir = filepath.Join(dir, "..")
		} else {
			dir = filepath.Dir(dir)
		}
	}
}

// tellUnjudged says how many scenarios have no baseline.
func tellUnjudged(all []check.Scenario, stderr io.Writer) {
	n := 0
	for _, s := range all {
		if s.Baseline == nil {
			n++
		}
	}
	if n > 0 {
		fmt.Fprintf(stderr, "dsmipsim: %d of %d scenarios have no baseline, and their fingerprints are not judged\n", n, len(all))
	}
}

// update makes the runs of now the baselines, and tells what has changed.
func update(ctx context.Context, all []check.Scenario, report *check.Report, o check.Options, stderr io.Writer) error {
	var done []*check.Baseline
	for _, s := range all {
		b := s.Baseline
		if slices.Contains(done, b) {
			continue
		}
		done = append(done, b)
		changes, err := b.Update(ctx, all, report.Prints, o)
		if err != nil {
			return err
		}
		if len(changes) == 0 {
			fmt.Fprintf(stderr, "dsmipsim: %s: nothing has changed\n", b.Path())
		}
		for _, c := range changes {
			fmt.Fprintf(stderr, "dsmipsim: %s: %s\n", b.Path(), c)
		}
	}
	return nil
}

// bundledSource is the source of a scenario that comes with the program.
func bundledSource(e scenarios.Entry) source {
	return source{name: e.Name, file: e.Name + ".toml (bundled)", text: e.Source, files: spec.Files{Beside: e.ReadFile, Here: readFile}}
}
