package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// swept has three factors and 240 runs, which take long enough that one can be interrupted among them.
const swept = `duration = "40s"
[[network]]
name = "home"
kind = "home"
ipv6 = "2001:db8:100::/64"
ipv4 = "192.0.2.0/24"
[[network]]
name = "campus"
kind = "ipv6"
ipv6 = "2001:db8:a::/64"
link = { delay = "2ms", rate = "54Mbps", loss = 0.1, attach = ["40ms", "60ms"] }
uplink = { to = "home", delay = "15ms" }
[[home_agent]]
name = "ha"
network = "home"
ipv6 = "2001:db8:100::1"
[[mobile_node]]
name = "mn"
home_agent = "ha"
home_address = "2001:db8:100::1000"
visit = [ { at = "500ms", network = "campus" } ]
[[correspondent]]
name = "cn"
network = "home"
[[flow]]
name = "talk"
kind = "cbr"
from = "cn"
to = "mn"
family = "ipv6"
interval = "5ms"
[sweep]
replications = 30
[[sweep.factor]]
set = "network.campus.uplink.delay"
name = "delay"
values = ["5ms", "50ms"]
[[sweep.factor]]
set = "network.campus.link.loss"
values = [0, 0.1]
[[sweep.factor]]
set = "protocol.route_optimization"
values = [false, true]
`

// A sweep on a real Slurm is that of one machine, whatever happens to its tasks.
func TestSweepOnSlurm(t *testing.T) {
	startCluster(t)
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "swept.toml"), []byte(swept), 0o600))
	t.Chdir(dir)
	shell(t, dir, "dsmipsim sweep swept.toml -o local --jobs 2 -q\ndsmipsim sweep swept.toml -o one --jobs 1 -q")
	sameExports(t, "local", "one")
	shell(t, dir, `dsmipsim sweep swept.toml -o again -q & while ! test -s again/runs.sqlite-wal && kill -0 $!; do sleep 0.05; done
sleep 0.2; kill -9 $!; wait; test ! -e again/sweep.json; dsmipsim sweep swept.toml -o again -q --resume`)
	sameExports(t, "local", "again")
	submit := []string{"sweep", "swept.toml", "--engine", "slurm", "--tasks", "4", "--poll", "300ms"}

	t.Run("two tasks are killed", func(t *testing.T) {
		c := begin(t, append(submit, "-o", "killed")...)
		until(t, "the begin of shard 2", func() bool { return underWay("killed", 2) })
		job := lastJob(t) // before shard 2 gets one of its own
		kill(t, "killed", 2)
		until(t, "the begin of shard 3", func() bool { return underWay("killed", 3) })
		shell(t, dir, "scancel --signal=KILL "+job+"_3")
		c.ends(t, 0)
		c.wants(t, `task 2 of job \d+ ended as FAILED \(\w+\) without a complete shard: submitting it again \(1 of 2\)`)
		c.wants(t, `task 3 of job \d+ ended as CANCELLED without a complete shard: submitting it again \(1 of 2\)`)
		c.wants(t, "the results of 240 runs are in killed")
		sameExports(t, "local", "killed")
	})
	t.Run("nobody follows at first", func(t *testing.T) {
		c := begin(t, append(submit, "-o", "detached", "--detach")...)
		c.ends(t, 0)
		c = begin(t, append(submit, "-o", "detached", "--resume")...)
		c.ends(t, 0)
		c.wants(t, "following job ")
		if strings.Contains(c.said.String(), " has 4 tasks, logs in") {
			t.Errorf("it was submitted again:\n%s", c.said.String())
		}
		sameExports(t, "local", "detached")
	})
	t.Run("the user interrupts, and a task is given up", func(t *testing.T) {
		c := begin(t, append(submit, "-o", "interrupted")...)
		until(t, "the begin of shard 1", func() bool { return underWay("interrupted", 1) })
		must(t, c.cmd.Process.Signal(os.Interrupt))
		c.ends(t, 130)
		c.wants(t, "interrupted, and the jobs are cancelled")
		until(t, "the end of the jobs", func() bool { return slurmSays("squeue", "--noheader", "--format=%A") == "" })

		c = begin(t, append(submit, "-o", "interrupted", "--resume", "--retries", "0")...)
		kill(t, "interrupted", 4)
		c.ends(t, 3)
		c.wants(t, "1 of 4 shards are not complete\nshard 4: tried once, as task 4 of job ")
		c = begin(t, append(submit, "-o", "interrupted", "--resume")...)
		c.ends(t, 0)
		c.wants(t, "3 of 4 shards are complete\n")
		c.wants(t, "job \\d+ has 1 task, logs in")
		sameExports(t, "local", "interrupted")
	})
	t.Run("what Slurm refuses leaves nothing", func(t *testing.T) {
		c := begin(t, append(submit, "-o", "nowhere", "--partition", "nosuch")...)
		c.ends(t, 3)
		c.wants(t, "sbatch failed: sbatch: error: invalid partition specified: nosuch")
		if _, err := os.Stat("nowhere"); err == nil {
			t.Error("the folder is there")
		}
		c = begin(t, "sweep", "swept.toml", "--engine", "slurm", "--tasks", "41", "-o", "nowhere")
		c.ends(t, 2)
		c.wants(t, "--tasks: found 41, wanted at most 40, which is what an array of this cluster may have")
	})
}

// process is a dsmipsim that has begun.
type process struct {
	cmd  *exec.Cmd
	said bytes.Buffer
}

func begin(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command("dsmipsim", args...)}
	p.cmd.Stderr = &p.said
	must(t, p.cmd.Start())
	return p
}

func (p *process) ends(t *testing.T, want int) {
	t.Helper()
	_ = p.cmd.Wait() // the status tells
	if got := p.cmd.ProcessState.ExitCode(); got != want {
		t.Fatalf("%q: exit status %d, wanted %d:\n%s", p.cmd.Args, got, want, p.said.String())
	}
}

func (p *process) wants(t *testing.T, pattern string) {
	t.Helper()
	if !regexp.MustCompile(pattern).MatchString(p.said.String()) {
		t.Errorf("%q did not say %q:\n%s", p.cmd.Args, pattern, p.said.String())
	}
}

// lastJob is the number of the newest job.
func lastJob(t *testing.T) string {
	t.Helper()
	return strings.Fields(slurmSays("squeue", "--noheader", "--sort=-i", "--format=%F") + " ?")[0]
}

// underWay reports whether a task has results of a shard of four that is not complete.
func underWay(dir string, shard int) bool {
	name := filepath.Join(dir, "shards", fmt.Sprintf("%d-of-4.sqlite", shard))
	parts, _ := filepath.Glob(name + ".*.part-wal")
	for _, part := range parts {
		if info, err := os.Stat(part); err == nil && info.Size() > 100_000 {
			_, err := os.Stat(name)
			return err != nil
		}
	}
	return false
}

// kill ends the process that computes a shard of four, as soon as it has begun.
func kill(t *testing.T, dir string, shard int) {
	t.Helper()
	until(t, fmt.Sprint("the begin of shard ", shard), func() bool { return underWay(dir, shard) })
	entries, err := filepath.Glob("/proc/[0-9]*/cmdline")
	must(t, err)
	for _, e := range entries {
		words, err := os.ReadFile(e)
		if err == nil && bytes.HasSuffix(words, fmt.Appendf(nil, "\x00--shard\x00%d/4\x00", shard)) && bytes.Contains(words, []byte("/"+dir+"\x00")) {
			pid, err := strconv.Atoi(filepath.Base(filepath.Dir(e)))
			must(t, err)
			must(t, syscall.Kill(pid, syscall.SIGKILL))
			return
		}
	}
	t.Fatalf("found no process of shard %d", shard)
}

// sameExports wants two sweeps to show the same, octet by octet.
func sameExports(t *testing.T, a, b string) {
	t.Helper()
	for _, name := range []string{"sweep.json", "runs.csv", "points.csv"} {
		if !bytes.Equal(wholeFile(t, filepath.Join(a, name)), wholeFile(t, filepath.Join(b, name))) {
			t.Errorf("%s of %s and %s differ", name, a, b)
		}
	}
}
