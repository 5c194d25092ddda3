package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
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
		},
	})
}

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"dsmipsim": main})
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

// interrupt COMMAND... starts a command, sends SIGINT as soon as it has said something on
// standard error, and wants exit status 130.
func interrupt(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: interrupt COMMAND...")
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir, cmd.Env = ts.MkAbs("."), append(os.Environ(), "PATH="+ts.Getenv("PATH"))
	path, err := exec.LookPath(filepath.Join(filepath.SplitList(ts.Getenv("PATH"))[0], args[0]))
	ts.Check(err)
	cmd.Path, cmd.Err = path, nil
	said, err := cmd.StderrPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	_, err = said.Read(make([]byte, 1))
	ts.Check(err)
	time.Sleep(200 * time.Millisecond) // into the run: what is interrupted is half written
	ts.Check(cmd.Process.Signal(os.Interrupt))
	var rest bytes.Buffer
	_, err = rest.ReadFrom(said)
	ts.Check(err)
	if got := exitStatus(ts, cmd.Wait()); got != 130 {
		ts.Fatalf("exit status %d, want 130; it said:\n%s", got, rest.String())
	}
	ts.Logf("%s", rest.String())
}
