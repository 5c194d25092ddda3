package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"dsmipsim/reports/result"
	"dsmipsim/sim/trace"
)

// breaks panics at the second fact, as a defect would.
type breaks struct{ facts int }

func (b *breaks) Record(*trace.Event) {
	if b.facts++; b.facts == 2 {
		panic("a timer of the past")
	}
}

// A panic becomes a message with all that is needed to see it again, and status 3.
func TestPanicIsReported(t *testing.T) {
	src, err := findSource("first-registration")
	if err != nil {
		t.Fatal(err)
	}
	s, err := src.load([]string{"seed=7"})
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	f := runFlags{verbose: true}
	_, err = f.simulate(t.Context(), src, s, func(result.Setup) ([]trace.Sink, error) {
		return []trace.Sink{&breaks{}}, nil
	}, &said)
	const want = "internal error in scenario first-registration, seed 7, replication 0, at virtual time 0.000000000s: a timer of the past"
	if err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	if !strings.Contains(said.String(), "goroutine ") {
		t.Errorf("with -v there should be a stack, found %q", said.String())
	}
	if code := report(err, &said); code != statusInternal {
		t.Errorf("exit status %d, want %d", code, statusInternal)
	}
}

// Whoever interrupts finds nothing half written.
func TestInterruptedRunLeavesNothing(t *testing.T) {
	t.Chdir(t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, errs bytes.Buffer
	if code := runContext(ctx, []string{"run", "roaming", "-o", "out"}, strings.NewReader(""), &out, &errs); code != statusInterrupt {
		t.Errorf("exit status %d, want %d; %s", code, statusInterrupt, errs.String())
	}
	left, err := os.ReadDir(".")
	if err != nil || len(left) > 0 || out.Len() > 0 {
		t.Errorf("left over: %v, %v, %q", left, err, out.String())
	}
}

// full is a standard output that takes nothing more.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

// What cannot be printed is no fault of the user's input.
func TestFullDisk(t *testing.T) {
	for _, args := range [][]string{{"run", "no-answer"}, {"list"}, {"show", "roaming"}, {"lint", "roaming"}, {"version"}} {
		var errs bytes.Buffer
		if code := run(args, strings.NewReader(""), full{}, &errs); code != statusInternal || !strings.Contains(errs.String(), "no space left") {
			t.Errorf("%v: exit status %d, want %d; %s", args, code, statusInternal, errs.String())
		}
	}
}

func TestDidYouMean(t *testing.T) {
	names := []string{"run", "roaming", "return-home"}
	for word, want := range map[string]string{
		"rnu": "run", "raoming": "roaming", "Return-Home": "return-home", "returnhome": "return-home",
		"x": "", "zebra": "", "": "",
	} {
		got := didYouMean(word, names)
		if want == "" && got != "" || want != "" && !strings.Contains(got, `"`+want+`"`) {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}

// Colours follow the flag, and what is no terminal has none by itself.
func TestColours(t *testing.T) {
	for choice, want := range map[string]string{"always": "\x1b[31mx\x1b[0m", "never": "x", "auto": "x"} {
		p, err := colours(choice, &bytes.Buffer{})
		if got := p.paint(red, "x"); err != nil || got != want {
			t.Errorf("%s: found %q, %v", choice, got, err)
		}
	}
}

// What tells programs apart is there, whatever the format of the program is.
func TestProgramIdentity(t *testing.T) {
	a, err := programIdentity()
	b, again := programIdentity()
	if err != nil || again != nil || len(a) < 40 || a != b {
		t.Errorf("found %q and %q, %v, %v", a, b, err, again)
	}
}
