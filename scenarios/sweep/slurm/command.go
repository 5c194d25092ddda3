package slurm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// patience is how long one command of Slurm may take. They try again by themselves for a while
// when the controller does not answer.
const patience = 3 * time.Minute

// runner runs a command of Slurm and returns what it prints.
type runner func(ctx context.Context, name string, args ...string) (string, error)

// command is the runner that runs it here. It lets it end when the context does: nobody
// would know the number of a job whose submission was cut off.
func command(ctx context.Context, name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	c := exec.CommandContext(ctx, name, args...)
	apart(c)
	var out, said bytes.Buffer
	c.Stdout, c.Stderr = &out, &said
	err := c.Run()
	switch {
	case err == nil:
		return out.String(), nil
	case errors.Is(err, exec.ErrNotFound):
		return "", fmt.Errorf("found no %s on PATH, wanted Slurm's commands; is this a login node of the cluster?", name)
	case ctx.Err() != nil:
		return "", fmt.Errorf("%s did not end within %s", name, patience)
	}
	text := strings.TrimSpace(said.String())
	if text == "" {
		text = err.Error()
	}
	return "", &commandError{name: name, said: text}
}

// commandError is what a command of Slurm said when it failed.
type commandError struct{ name, said string }

// Error names the command and what it said.
func (e *commandError) Error() string { return e.name + " failed: " + e.said }

// submit hands the script in for some of its tasks, and returns the number of the job, after
// a semicolon with the cluster's name if there are several.
func (run runner) submit(ctx context.Context, script, indices string) (job string, err error) {
	out, err := run(ctx, "sbatch", "--parsable", "--array="+indices, script)
	if err != nil {
		return "", err
	}
	job = strings.TrimSpace(out)
	id, _, _ := strings.Cut(job, ";")
	if _, err := strconv.ParseUint(id, 10, 64); err != nil {
		return "", fmt.Errorf("sbatch printed %q, wanted the number of a job", job)
	}
	return job, nil
}

// cancel ends a job with all its tasks, or one of them if it is not 0.
func (run runner) cancel(ctx context.Context, job string, task int) error {
	id, clusters := address(job)
	if task > 0 {
		id += "_" + strconv.Itoa(task)
	}
	_, err := run(ctx, "scancel", append(clusters, id)...)
	return err
}

// address splits what sbatch --parsable prints into the number of a job, and the option that
// leads other commands to its cluster.
func address(job string) (id string, option []string) {
	id, cluster, several := strings.Cut(job, ";")
	if several {
		option = []string{"--clusters=" + cluster}
	}
	return id, option
}

// MaxTasks is how many tasks an array may have: the cluster's MaxArraySize is the first index
// that it does not take.
func MaxTasks(ctx context.Context) (int, error) { return runner(command).maxTasks(ctx) }

func (run runner) maxTasks(ctx context.Context) (int, error) {
	out, err := run(ctx, "scontrol", "show", "config")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(out) {
		name, value, _ := strings.Cut(line, "=")
		if strings.TrimSpace(name) != "MaxArraySize" {
			continue
		}
		n, err := strconv.Atoi(strings.TrimSpace(value))
		if err != nil || n < 2 {
			return 0, fmt.Errorf("scontrol shows MaxArraySize %q: this cluster takes no job arrays", strings.TrimSpace(value))
		}
		return n - 1, nil
	}
	return 0, errors.New("scontrol show config has no MaxArraySize")
}

// taskState is what squeue says of a task.
type taskState struct {
	state  string // such as RUNNING
	reason string // why it waits, or how it ended
}

// ended are the states that a task does not leave any more. In all others, ones that newer
// versions may add included, it is there and will go on.
const ended = " BOOT_FAIL CANCELLED COMPLETED DEADLINE FAILED NODE_FAIL OUT_OF_MEMORY PREEMPTED REVOKED TIMEOUT "

func (s taskState) over() bool { return strings.Contains(ended, " "+s.state+" ") }

func (s taskState) waits() bool { return s.state == "PENDING" || s.state == "CONFIGURING" }

// held reports whether a task waits for a person.
func (s taskState) held() bool {
	return s.state == "PENDING" && (strings.HasPrefix(s.reason, "JobHeld") || strings.Contains(s.reason, "held"))
}

// states asks for the tasks of a job, by index. Slurm forgets a job some minutes after its end,
// hence a task that is not there has ended.
func (run runner) states(ctx context.Context, job string) (map[int]taskState, error) {
	id, clusters := address(job)
	out, err := run(ctx, "squeue", append(clusters, "--noheader", "--array", "--states=all", "--format=%i|%T|%r", "--jobs="+id)...)
	var failed *commandError
	if errors.As(err, &failed) && strings.Contains(failed.said, "Invalid job id") {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	all := map[int]taskState{}
	for line := range strings.Lines(out) {
		parts := strings.SplitN(strings.TrimSpace(line), "|", 3)
		if len(parts) != 3 { // CLUSTER: name, before the tasks of one
			continue
		}
		_, index, _ := strings.Cut(parts[0], "_")
		if i, err := strconv.Atoi(index); err == nil {
			all[i] = taskState{state: parts[1], reason: parts[2]}
		}
	}
	return all, nil
}
