package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dsmipsim/scenarios/sweep/slurm"
)

func TestSlurmIsMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	dir := filepath.Join(t.TempDir(), "out")
	for _, tasks := range []string{"", "--tasks=1"} {
		var out, errs bytes.Buffer
		args := strings.Fields("sweep first-registration --engine slurm -o " + dir + " " + tasks)
		if code := run(args, strings.NewReader(""), &out, &errs); code != statusInternal {
			t.Errorf("exit status %d", code)
		}
		if want := "dsmipsim: found no scontrol on PATH, wanted Slurm's commands; is this a login node of the cluster?\n"; errs.String() != want {
			t.Errorf("%q, wanted %q", errs.String(), want)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Error("the folder is there")
		}
	}
	var out, errs bytes.Buffer // the script can be had without
	if code := run(strings.Fields("sweep first-registration --engine slurm --dry-run -o "+dir), strings.NewReader(""), &out, &errs); code != 0 {
		t.Errorf("exit status %d: %s", code, errs.String())
	}
	if !strings.Contains(out.String(), "\n#SBATCH --array=1-1\n") {
		t.Errorf("no script:\n%s", out.String())
	}
}

func TestTasksTakeMinutes(t *testing.T) {
	for _, c := range []struct {
		runs       int
		cost       time.Duration
		most, want int
	}{
		{1000, time.Second, 1000, 4}, // 300 runs each
		{90, 10 * time.Millisecond, 90, 1},
		{90, 10 * time.Minute, 90, 90},
		{90, 10 * time.Minute, 40, 40},
		{1, 0, 1, 1},
	} {
		if got := tasksFor(c.runs, c.cost, c.most); got != c.want {
			t.Errorf("%d runs of %s: %d tasks, wanted %d", c.runs, c.cost, got, c.want)
		}
	}
}

func TestSlurmLine(t *testing.T) {
	for want, s := range map[string]slurm.Status{
		" 50 %  2 of 4 shards, 1 running, 1 waiting (Resources)  1m5s": {Shards: 4, Complete: 2, Running: 1, Waiting: 1, Reason: "Resources"},
		" 75 %  3 of 4 shards, 1 given up  1m5s":                       {Shards: 4, Complete: 3, GivenUp: 1},
	} {
		if got := slurmLine(s, 65*time.Second); got != want {
			t.Errorf("%q, wanted %q", got, want)
		}
	}
}
