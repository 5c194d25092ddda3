package slurm

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

func TestScript(t *testing.T) {
	a := Array{
		Dir: "/scratch/a b", Command: "/opt/dsmipsim sweep 'x y.toml'", Name: "roaming", Shards: 40, AtOnce: 10,
		Partition: "main", Options: []string{"--time=02:00:00", "-A lab"},
	}
	want := `#!/bin/sh
#SBATCH --job-name="roaming"
#SBATCH --array=1-40%10
#SBATCH --chdir="/scratch/a b"
#SBATCH --output=slurm/%A_%a.log
#SBATCH --open-mode=append
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=1
#SBATCH --partition="main"
#SBATCH --time=02:00:00
#SBATCH -A lab

# Task i computes shard i of 40. A task that is run twice does no harm.
exec /opt/dsmipsim sweep 'x y.toml' --jobs "${SLURM_CPUS_PER_TASK:-1}" --shard "$SLURM_ARRAY_TASK_ID/40"
`
	if got := a.Script(); got != want {
		t.Errorf("%s\nwanted\n%s", got, want)
	}
	if err := a.Check(); err != nil {
		t.Error(err)
	}
}

// A shell runs the command with the task's shard, and with as many jobs as it has processors.
func TestScriptInAShell(t *testing.T) {
	a := Array{Dir: "/d", Command: `printf '%s\n' 'a b'`, Name: "x", Shards: 3}
	for environment, want := range map[string]string{"X=": "1", "SLURM_CPUS_PER_TASK=4": "4"} {
		c := exec.Command("sh", "-c", a.Script())
		c.Env = []string{"PATH=" + os.Getenv("PATH"), "SLURM_ARRAY_TASK_ID=2", environment}
		out, err := c.Output()
		if err != nil {
			t.Fatal(err)
		}
		if want := strings.Join([]string{"a b", "--jobs", want, "--shard", "2/3"}, "\n") + "\n"; string(out) != want {
			t.Errorf("%s\nwanted\n%s", out, want)
		}
	}
}

func TestOptionsOfTheEngineAreRefused(t *testing.T) {
	for _, o := range []string{"--array=1-3", "-a 1-3", "-a1-3", "-o x", "--output=x", "-D/tmp", "--parsable", "time=3", "", "--comment=a\n#SBATCH --hold"} {
		if err := (Array{Dir: "/d", Options: []string{o}}).Check(); err == nil {
			t.Errorf("%q was taken", o)
		}
	}
	for _, o := range []string{"--account=lab", "-A lab", "--export=ALL", "--oversubscribe", "--exclusive"} {
		if err := (Array{Dir: "/d", Options: []string{o}}).Check(); err != nil {
			t.Error(err)
		}
	}
	if err := (Array{Dir: "/data/100%"}).Check(); err == nil {
		t.Error("a folder that Slurm takes for a pattern was taken")
	}
}

func TestRanges(t *testing.T) {
	for want, all := range map[string][]int{"3": {3}, "1-4": {1, 2, 3, 4}, "3,7-9,12": {3, 7, 8, 9, 12}} {
		if got := ranges(all); got != want {
			t.Errorf("%v: %s, wanted %s", all, got, want)
		}
	}
}
