package slurm

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// cluster answers as Slurm's commands do. A task goes on by one step of its script with each
// look; a shard is complete as soon as one of its tasks is at the step "done".
type cluster struct {
	t        *testing.T
	jobs     int
	tasks    map[string]int    // looks of a task "job_shard"
	scripts  map[string]string // of a task "job_shard"; by default it runs once and is done
	complete map[int]bool
	failing  int // so many commands fail
	said     []string
	notes    []string
}

func (c *cluster) run(_ context.Context, name string, args ...string) (string, error) {
	c.said = append(c.said, name+" "+strings.Join(args, " "))
	if c.failing > 0 {
		c.failing--
		return "", &commandError{name: name, said: "Unable to contact slurm controller"}
	}
	switch name {
	case "sbatch":
		c.jobs++
		list, _, _ := strings.Cut(strings.TrimPrefix(args[1], "--array="), "%")
		for part := range strings.SplitSeq(list, ",") {
			var from, to int
			if n, _ := fmt.Sscanf(part, "%d-%d", &from, &to); n == 1 {
				to = from
			}
			for i := from; i <= to; i++ {
				c.tasks[fmt.Sprintf("%d_%d", c.jobs, i)] = 0
			}
		}
		return fmt.Sprintf("%d\n", c.jobs), nil
	case "squeue":
		job := strings.TrimPrefix(args[len(args)-1], "--jobs=")
		var out strings.Builder
		for _, id := range slices.Sorted(maps.Keys(c.tasks)) {
			of, shard, _ := strings.Cut(id, "_")
			if of != job {
				continue
			}
			script := strings.Fields(c.scripts[id])
			if len(script) == 0 {
				script = []string{"RUNNING", "done"}
			}
			step := script[min(c.tasks[id], len(script)-1)]
			c.tasks[id]++
			switch step {
			case "done":
				var n int
				fmt.Sscan(shard, &n)
				c.complete[n] = true
				step = "COMPLETED"
			case "forgotten":
				continue
			}
			state, reason, _ := strings.Cut(step, ":")
			fmt.Fprintf(&out, "%s|%s|%s\n", id, state, reason)
		}
		if out.Len() == 0 {
			return "", &commandError{name: name, said: "slurm_load_jobs error: Invalid job id specified"}
		}
		return out.String(), nil
	case "scancel":
		return "", nil
	}
	c.t.Fatalf("unknown command %s", name)
	return "", nil
}

func newCluster(t *testing.T) *cluster {
	return &cluster{t: t, tasks: map[string]int{}, scripts: map[string]string{}, complete: map[int]bool{}}
}

func (c *cluster) engine(dir string, shards int) *Engine {
	return &Engine{
		Array:   Array{Dir: dir, Command: "/shared/dsmipsim", Name: "x", Shards: shards},
		Retries: 2, Poll: time.Microsecond, slurm: c.run,
		Complete: func(shard int) (bool, error) { return c.complete[shard], nil },
		Note:     func(format string, args ...any) { c.notes = append(c.notes, fmt.Sprintf(format, args...)) },
		Progress: func(Status) {},
	}
}

func (c *cluster) submissions() []string {
	var all []string
	for _, s := range c.said {
		if rest, ok := strings.CutPrefix(s, "sbatch --parsable --array="); ok {
			list, _, _ := strings.Cut(rest, " ")
			all = append(all, list)
		}
	}
	return all
}

func (c *cluster) wantSubmissions(want ...string) {
	c.t.Helper()
	if got := c.submissions(); !slices.Equal(got, want) {
		c.t.Errorf("submitted %q, wanted %q", got, want)
	}
}

func (c *cluster) wantNote(part string) {
	c.t.Helper()
	if !strings.Contains(strings.Join(c.notes, "\n"), part) {
		c.t.Errorf("no note has %q:\n%s", part, strings.Join(c.notes, "\n"))
	}
}

func follow(t *testing.T, e *Engine) error {
	t.Helper()
	if err := e.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return e.Follow(t.Context())
}

func TestTasksThatFailAreSubmittedAgain(t *testing.T) {
	c := newCluster(t)
	c.scripts["1_2"] = "PENDING:Priority RUNNING FAILED:NonZeroExitCode"
	c.scripts["1_4"] = "RUNNING forgotten"
	c.scripts["2_4"] = "RUNNING NODE_FAIL PENDING:BeginTime RUNNING done" // Slurm requeues it at once
	e := c.engine(t.TempDir(), 4)
	e.AtOnce = 3
	if err := follow(t, e); err != nil {
		t.Fatal(err)
	}
	c.wantSubmissions("1-4%3", "4%3", "2%3")
	c.wantNote("task 2 of job 1 ended as FAILED (NonZeroExitCode) without a complete shard: submitting it again (1 of 2)")
	c.wantNote("task 4 of job 1 ended without a complete shard")
	if e.status.Complete != 4 {
		t.Errorf("status %+v", e.status)
	}
}

// What others do: a shard that is complete counts, however its task ended.
func TestACompleteShardCountsWhateverItsTask(t *testing.T) {
	c := newCluster(t)
	c.scripts["1_1"] = "FAILED:NonZeroExitCode"
	c.complete[2] = true
	e := c.engine(t.TempDir(), 2)
	calls := 0
	e.Complete = func(shard int) (bool, error) {
		if shard == 1 {
			calls++
			return calls > 2, nil // seen at the second look after its end, as over NFS
		}
		return c.complete[shard], nil
	}
	if err := follow(t, e); err != nil {
		t.Fatal(err)
	}
	c.wantSubmissions("1")
	c.wantNote("1 of 2 shards are complete")
}

// A node that Slurm has given up may finish its task all the same: nobody waits for the repetition.
func TestATaskOfALostNodeCounts(t *testing.T) {
	c := newCluster(t)
	c.scripts["1_1"] = "RUNNING NODE_FAIL PENDING:BeginTime"
	e := c.engine(t.TempDir(), 2)
	e.Complete = func(shard int) (bool, error) { return c.complete[shard] || c.tasks["1_1"] > 4, nil }
	if err := follow(t, e); err != nil {
		t.Fatal(err)
	}
	c.wantSubmissions("1-2")
	if last := c.said[len(c.said)-1]; last != "scancel 1_1" {
		t.Errorf("%q, wanted the repetition cancelled", last)
	}
}

func TestGivingUp(t *testing.T) {
	c := newCluster(t)
	for job := 1; job <= 4; job++ {
		c.scripts[fmt.Sprintf("%d_2", job)] = "CANCELLED:None"
	}
	dir := t.TempDir()
	e := c.engine(dir, 3)
	if err := os.Mkdir(filepath.Join(dir, Folder), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, Folder, "3_2.log"), []byte("one\ntwo\n3\n4\n5\n6\n7\n8\n9\nlast words\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := follow(t, e)
	var incomplete *IncompleteError
	if !errors.As(err, &incomplete) {
		t.Fatalf("%v, wanted an IncompleteError", err)
	}
	want := "1 of 3 shards are not complete\nshard 2: tried 3 times, the last time as task 2 of job 3, which ended as CANCELLED; the end of " +
		filepath.Join(dir, Folder, "3_2.log") + ":\n    3\n    4\n    5\n    6\n    7\n    8\n    9\n    last words"
	if err.Error() != want {
		t.Errorf("%s\nwanted\n%s", err, want)
	}
	c.wantSubmissions("1-3", "2", "2")

	// Another process submits what is missing, and no more.
	c.scripts["4_2"] = "done"
	if err := follow(t, c.engine(dir, 3)); err != nil {
		t.Fatal(err)
	}
	c.wantSubmissions("1-3", "2", "2", "2")
}

// A process that follows what another has submitted does not submit it again.
func TestFollowingTheJobsOfAnotherProcess(t *testing.T) {
	c := newCluster(t)
	dir := t.TempDir()
	c.scripts["1_1"] = "RUNNING RUNNING RUNNING done"
	c.scripts["1_2"] = "FAILED"
	if err := c.engine(dir, 3).Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := follow(t, c.engine(dir, 3)); err != nil {
		t.Fatal(err)
	}
	c.wantSubmissions("1-3", "2")
	c.wantNote("following job 1, which has 2 tasks left")
	if n, err := Shards(dir); n != 3 || err != nil {
		t.Errorf("%d shards (%v), wanted 3", n, err)
	}
}

func TestASilentControllerIsAskedAgain(t *testing.T) {
	c := newCluster(t)
	e := c.engine(t.TempDir(), 2)
	if err := e.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.failing = tolerance - 1
	if err := e.Follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.wantNote("Unable to contact slurm controller; asking again")
	if len(c.notes) != 2 {
		t.Errorf("it was told %d times", len(c.notes)-1)
	}
	c.wantSubmissions("1-2")

	c = newCluster(t)
	e = c.engine(t.TempDir(), 2)
	if err := e.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.failing = tolerance
	if err := e.Follow(t.Context()); err == nil || !strings.Contains(err.Error(), "the jobs may go on") {
		t.Errorf("%v, wanted an error after %d failures", err, tolerance)
	}
}

func TestAHeldTaskIsTold(t *testing.T) {
	c := newCluster(t)
	c.scripts["1_1"] = "PENDING:JobHeldUser PENDING:JobHeldUser done"
	c.scripts["1_2"] = "PENDING:JobHeldUser done"
	if err := follow(t, c.engine(t.TempDir(), 2)); err != nil {
		t.Fatal(err)
	}
	c.wantNote("task 1 of job 1 is held (JobHeldUser) and waits for `scontrol release 1_1`")
	if len(c.notes) != 2 { // of one task of the job, once
		t.Errorf("notes %q", c.notes)
	}
}

func TestCancel(t *testing.T) {
	c := newCluster(t)
	c.scripts["1_1"], c.scripts["1_2"] = "RUNNING", "FAILED"
	c.scripts["2_2"] = "done"
	e := c.engine(t.TempDir(), 2)
	if err := e.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 4 {
		if err := e.look(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := e.Follow(ctx); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if err := e.Cancel(ctx); err != nil {
		t.Fatal(err)
	}
	if last := c.said[len(c.said)-1]; last != "scancel 1" {
		t.Errorf("%q, wanted job 1 cancelled, and not job 2, which has no open shard", last)
	}
}

// A job on one of several clusters is asked for there.
func TestClusters(t *testing.T) {
	var said []string
	run := runner(func(_ context.Context, name string, args ...string) (string, error) {
		said = append(said, name+" "+strings.Join(args, " "))
		return map[string]string{"sbatch": "12;west\n", "squeue": "CLUSTER: west\n12_1|RUNNING|None\n12_2|PENDING|Resources\n"}[name], nil
	})
	job, err := run.submit(t.Context(), "job.sh", "1-2")
	if err != nil || job != "12;west" {
		t.Fatal(job, err)
	}
	tasks, err := run.states(t.Context(), job)
	if want := map[int]taskState{1: {"RUNNING", "None"}, 2: {"PENDING", "Resources"}}; err != nil || !maps.Equal(tasks, want) {
		t.Errorf("%v (%v), wanted %v", tasks, err, want)
	}
	if err := run.cancel(t.Context(), job, 3); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(said[1], "squeue --clusters=west ") || said[2] != "scancel --clusters=west 12_3" {
		t.Errorf("%q", said)
	}
	if l := (Array{Dir: "/d"}).log(job, 2); l != filepath.FromSlash("/d/slurm/12_2.log") {
		t.Errorf("log %s", l)
	}
}

func TestMaxTasks(t *testing.T) {
	for answer, want := range map[string]int{
		"Configuration data\nMaxArraySize            = 1001\nMaxJobCount = 5\n": 1000,
		"MaxArraySize            = 0\n":                                         0,
		"MaxJobCount = 5\n":                                                     0,
	} {
		run := runner(func(context.Context, string, ...string) (string, error) { return answer, nil })
		if got, err := run.maxTasks(t.Context()); got != want || (err != nil) != (want == 0) {
			t.Errorf("%q: %d (%v), wanted %d", answer, got, err, want)
		}
	}
}
