package sweep

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"dsmipsim/reports"
	"dsmipsim/scenarios/sweep/store"
)

// childDirectory tells the program of the tests that it is a child, which carries out the whole
// sweep in that directory.
const childDirectory = "DSMIPSIM_TEST_SWEEP"

func TestMain(m *testing.M) {
	dir := os.Getenv(childDirectory)
	if dir == "" {
		os.Exit(m.Run())
	}
	if err := child(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func child(dir string) error {
	text, err := os.ReadFile("testdata/walk.toml")
	if err != nil {
		return err
	}
	d, err := New(Source{Name: "walk", File: "walk.toml", Text: text, Sets: []string{wholeSweep}})
	if err != nil {
		return err
	}
	b, err := d.Begin(dir, true, "v")
	if err != nil {
		return err
	}
	found, ran := 0, 0
	o := Options{Jobs: 2, Version: "v", Finished: func(p Progress) {
		if found = p.Found; p.Done-p.Found > ran {
			ran = p.Done - p.Found
			fmt.Println("ran")
		}
	}}
	_, err = b.Run(context.Background(), o, reports.Manifest{})
	fmt.Println(found)
	return err
}

// wholeSweep makes it three factors with two or three values each, 30 replications.
const wholeSweep = "sweep.replications=30"

// However a sweep is carried out, its exports are the same: one run after the other, two at a time,
// killed again and again at any moment and resumed, in shards.
func TestExportsAreTheSameHoweverASweepIsCarriedOut(t *testing.T) {
	if testing.Short() {
		t.Skip("runs four times 360 runs")
	}
	d := walk(t, wholeSweep)
	root := t.TempDir()
	one, two, killed, parts := filepath.Join(root, "one"), filepath.Join(root, "two"), filepath.Join(root, "killed"), filepath.Join(root, "parts")
	carryOut(t, d, one, Options{Jobs: 1, Version: "v"})
	carryOut(t, d, two, Options{Jobs: 2, Version: "v"})
	same(t, one, two)

	kills, found := killUntilDone(t, killed)
	t.Logf("killed %d times; the last child found %s runs", kills, found)
	if kills < 3 || found == "0" {
		t.Errorf("it was killed %d times, and %s runs were found then", kills, found)
	}
	same(t, one, killed)

	for i := range 3 {
		if _, err := d.RunShard(t.Context(), parts, Shard{i + 1, 3}, Options{Version: "v"}); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := Merge(t.Context(), parts, nil, reports.Manifest{}); err != nil {
		t.Fatal(err)
	}
	same(t, one, parts)
}

// killUntilDone has a child carry out the sweep, and kills it time and again: shortly after some runs
// more are done or, every other time, soon after it began. How many runs, and how soon, comes from a
// seed, but where in its work the child is then nobody knows.
func killUntilDone(t *testing.T, dir string) (kills int, found string) {
	moments := rand.New(rand.NewPCG(1, 2))
	for {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childDirectory+"="+dir)
		cmd.Stderr = os.Stderr
		said, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		soon := time.Duration(moments.Int64N(int64(20 * time.Millisecond)))
		runs := 20 + moments.IntN(60)
		if kills%2 == 1 {
			soon, runs = 5*soon, 0
		}
		if kills > 20 {
			runs = math.MaxInt // it shall get done
		}
		kill := func() {
			time.Sleep(soon)
			_ = cmd.Process.Kill() // SIGKILL; it may be done already
		}
		if runs == 0 {
			go kill()
		}
		ran := 0
		for lines := bufio.NewScanner(said); lines.Scan(); {
			if found = lines.Text(); found != "ran" {
				continue
			}
			if ran++; ran == runs {
				go kill()
			}
		}
		switch err := cmd.Wait(); {
		case err == nil:
			return kills, found
		case cmd.ProcessState.Exited():
			t.Fatal(err)
		}
		kills++
	}
}

// Two processes do not write the same store.
func TestOneProcessHasADirectory(t *testing.T) {
	d := walk(t)
	dir := filepath.Join(t.TempDir(), "out")
	b, err := d.Begin(dir, false, "v")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDirectory+"="+dir)
	if text, err := cmd.CombinedOutput(); err == nil {
		t.Errorf("another process took it: %s", text)
	} else if want := filepath.Join(dir, "runs.sqlite") + ": in use by another process\n"; string(text) != want {
		t.Errorf("another process was told %q, want %q", text, want)
	}
	if _, err := d.Begin(dir, true, "v"); !errors.Is(err, store.ErrInUse) {
		t.Errorf("it was taken twice: %v", err)
	}
	if _, err := b.Run(t.Context(), Options{Version: "v"}, reports.Manifest{}); err != nil {
		t.Error(err)
	}
}
