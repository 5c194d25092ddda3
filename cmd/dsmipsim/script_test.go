package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"dsmipsim/scenarios"
	"dsmipsim/scenarios/spec"
	"dsmipsim/sim/vtime"
)

// The command line is specified by the scripts in testdata/script, one per subcommand or
// question; see https://pkg.go.dev/github.com/rogpeppe/go-internal/testscript.
func TestScripts(t *testing.T) {
	foreign, err := filepath.Abs("../../reports/capture/testdata")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("FOREIGN", foreign) // captures of other programs
			return nil
		},
		UpdateScripts:       os.Getenv("UPDATE") != "",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":     exits,
			"sametree":  sametree,
			"interrupt": interrupt,
			"paste":     paste,
		},
	})
}

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"dsmipsim": func() {
		if os.Getenv("DSMIPSIM_TEST_DEFECT") != "" {
			runScenario = runDefective
		}
		main()
	}})
}

// runDefective runs a scenario, in which replication 1 meets a defect of the program.
func runDefective(name string, s *spec.Spec, o scenarios.Options) (*scenarios.Outcome, error) {
	if o.Replication == 1 {
		o.Watch = &scenarios.Watch{Every: time.Second, See: func(vtime.Time, scenarios.State) { panic("it does not hold") }}
	}
	return scenarios.Run(name, s, o)
}

// exits STATUS COMMAND... runs a command and wants that exit status.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS COMMAND...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if got := exitStatus(ts, ts.Exec(args[1], args[2:]...)); got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

func exitStatus(ts *testscript.TestScript, err error) int {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	}
	ts.Check(err)
	return -1
}

// sametree A B [EXCEPT...] wants two folders with the same files in them, octet by octet,
// apart from files of the names after them, which need only be there.
func sametree(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: [!] sametree A B [EXCEPT...]")
	}
	a, b := tree(ts, args[0]), tree(ts, args[1])
	var differ []string
	for name, octets := range a {
		other, there := b[name]
		if !there || !bytes.Equal(octets, other) && !slices.Contains(args[2:], name) {
			differ = append(differ, name)
		}
	}
	for name := range b {
		if _, there := a[name]; !there {
			differ = append(differ, name)
		}
	}
	slices.Sort(differ)
	if (len(differ) > 0) != neg {
		ts.Fatalf("differing files: %v", differ)
	}
}

// tree reads all files below a folder.
func tree(ts *testscript.TestScript, dir string) map[string][]byte {
	files, root := map[string][]byte{}, ts.MkAbs(dir)
	ts.Check(filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		files[filepath.ToSlash(name)], err = os.ReadFile(path)
		return err
	}))
	return files
}

// paste STATUS gives the first command that the last one proposed on standard error, in a line
// that begins with two blanks, to a shell, and wants that exit status.
func paste(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: paste STATUS")
	}
	for _, line := range strings.Split(ts.ReadFile("stderr"), "\n") {
		if command, ok := strings.CutPrefix(line, "  dsmipsim "); ok {
			exits(ts, false, []string{args[0], "sh", "-c", "dsmipsim " + command})
			return
		}
	}
	ts.Fatalf("no command was proposed")
}

// interrupt [-when FILE] COMMAND... starts a command, sends SIGINT as soon as it has said something
// on standard error, or made the file, and wants exit status 130. With -when, the file said has what
// it said.
func interrupt(ts *testscript.TestScript, neg bool, args []string) {
	file := ""
	if len(args) > 2 && args[0] == "-when" {
		file, args = ts.MkAbs(args[1]), args[2:]
	}
	if neg || len(args) == 0 {
		ts.Fatalf("usage: interrupt [-when FILE] COMMAND...")
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir, cmd.Env = ts.MkAbs("."), append(os.Environ(), "PATH="+ts.Getenv("PATH"))
	path, err := exec.LookPath(filepath.Join(filepath.SplitList(ts.Getenv("PATH"))[0], args[0]))
	ts.Check(err)
	cmd.Path, cmd.Err = path, nil
	said, err := cmd.StderrPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	if file == "" {
		_, err = said.Read(make([]byte, 1))
		ts.Check(err)
	}
	for patience := 60_000; file != "" && patience > 0; patience-- {
		if info, err := os.Stat(file); err == nil && info.Size() > 0 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	time.Sleep(200 * time.Millisecond) // into the run: what is interrupted is half written
	ts.Check(cmd.Process.Signal(os.Interrupt))
	var rest bytes.Buffer
	_, err = rest.ReadFrom(said)
	ts.Check(err)
	if file != "" {
		ts.Check(os.WriteFile(ts.MkAbs("said"), rest.Bytes(), 0o600))
	}
	if got := exitStatus(ts, cmd.Wait()); got != 130 {
		ts.Fatalf("exit status %d, want 130; it said:\n%s", got, rest.String())
	}
	ts.Logf("%s", rest.String())
}
