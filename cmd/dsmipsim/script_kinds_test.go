package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// readsNoFile are the commands to which no file or folder is given.
var readsNoFile = []string{"completion", "conformance", "help", "list", "reference", "schema", "show", "version"}

// Each command has a script of its own name, in testdata/script, with a good run, and with
// refusals below comments that begin with "# Bad arguments" and, where a file or folder is given
// to it, "# Bad files" or "# Bad directories".
func TestEveryCommandHasAScript(t *testing.T) {
	for _, c := range newRoot(nil).Commands() {
		if !c.Runnable() {
			continue // a tutorial
		}
		name := c.Name()
		text, err := os.ReadFile(filepath.Join("testdata/script", name+".txtar"))
		if err != nil {
			t.Errorf("%s has no script: %v", name, err)
			continue
		}
		found := kindsOfRuns(name, string(text))
		wanted := []string{"a good run", "bad arguments", "bad files"}
		for _, no := range readsNoFile {
			if no == name {
				wanted = wanted[:2]
			}
		}
		for _, kind := range wanted {
			if !found[kind] {
				t.Errorf("%s.txtar has no run with %s", name, kind)
			}
		}
	}
}

// kindsOfRuns tells which kinds of runs of a command a script has.
func kindsOfRuns(name, script string) map[string]bool {
	found, phase := map[string]bool{}, "a good run"
	for line := range strings.Lines(script) {
		line = strings.TrimSpace(line)
		refused := strings.HasPrefix(line+" ", "exits 2 dsmipsim "+name+" ")
		switch {
		case strings.HasPrefix(line, "-- "):
			return found
		case strings.HasPrefix(line, "# Bad arguments"):
			phase = "bad arguments"
		case strings.HasPrefix(line, "# Bad files"), strings.HasPrefix(line, "# Bad directories"):
			phase = "bad files"
		case strings.HasPrefix(line, "# "):
			phase = "a good run"
		case phase != "a good run" && refused,
			phase == "a good run" && strings.HasPrefix(line+" ", "exec dsmipsim "+name+" "):
			found[phase] = true
		}
	}
	return found
}
