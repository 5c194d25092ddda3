package slurm

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Engine computes the shards of a sweep on a cluster.
type Engine struct {
	Array
	Poll     time.Duration                    // between two looks at the queue
	Retries  int                              // how often a shard is submitted again before the engine gives it up
	Complete func(shard int) (bool, error)    // whether the file of a shard is there, with all its runs
	Note     func(format string, args ...any) // tells what a user wants to know even where nobody watches
	Progress func(Status)                     // after each look

	slurm  runner // nil for the commands on PATH
	record record
	open   map[int]*task // shards that are not complete and not given up
	lost   []*task       // those given up
	status Status
	silent int             // how often in a row Slurm did not answer
	held   map[string]bool // jobs of which it was told that they are held
}

// Status is how far a sweep is, in shards.
type Status struct {
	Shards, Complete, Running, Waiting, GivenUp int
	Reason                                      string // why one of those waits, in Slurm's words
}

// task is a shard that a job has to compute.
type task struct {
	shard, retries int
	job            string
	state          taskState
	gone           int // looks since it ended
}

const (
	// A file that another machine has just written may be seen late (NFS caches attributes), so
	// that a task is called failed only at the second look after its end.
	looksAfterEnd = 2
	// tolerance is how often in a row Slurm may not answer. A controller that is restarted,
	// or busy, is no reason to end.
	tolerance = 20
	tailLines = 8
	tailTasks = 3
)

// Start submits the shards that are not complete and that no job of an earlier process is
// computing, and says so.
func (e *Engine) Start(ctx context.Context) error {
	if e.slurm == nil {
		e.slurm = command
	}
	r, err := readRecord(e.Dir)
	if err != nil {
		return err
	}
	r.Shards = e.Shards
	e.record, e.open, e.held = r, map[int]*task{}, map[string]bool{}
	e.status = Status{Shards: e.Shards}
	for shard := 1; shard <= e.Shards; shard++ {
		complete, err := e.Complete(shard)
		if err != nil {
			return err
		}
		if complete {
			e.status.Complete++
			continue
		}
		e.open[shard] = &task{shard: shard}
	}
	if err := e.adopt(ctx); err != nil {
		return err
	}
	var missing []int
	for _, shard := range e.shards() {
		if e.open[shard].job == "" {
			missing = append(missing, shard)
		}
	}
	if e.status.Complete > 0 {
		e.Note("%d of %d shards are complete", e.status.Complete, e.Shards)
	}
	if len(missing) == 0 {
		return nil
	}
	return e.submitted(ctx, missing)
}

// adopt finds which open shards the recorded jobs are computing.
func (e *Engine) adopt(ctx context.Context) error {
	var alive []jobRow
	for _, row := range e.record.Jobs {
		queue, err := e.slurm.states(ctx, row.ID)
		if err != nil {
			return fmt.Errorf("cannot tell whether job %s is still there: %w", row.ID, err)
		}
		n := 0
		for _, shard := range row.Shards {
			if s, there := queue[shard]; there && !s.over() && e.open[shard] != nil {
				e.open[shard].job = row.ID
				n++
			}
		}
		if n > 0 {
			e.Note("following job %s, which has %s left", row.ID, Tasks(n))
			alive = append(alive, row)
		}
	}
	e.record.Jobs = alive
	return nil
}

// submitted submits shards and records that.
func (e *Engine) submitted(ctx context.Context, shards []int) error {
	if err := os.MkdirAll(filepath.Join(e.Dir, Folder), 0o777); err != nil {
		return err
	}
	script := filepath.Join(e.Dir, Folder, "job.sh")
	if err := replace(script, []byte(e.Script())); err != nil {
		return err
	}
	job, err := e.slurm.submit(ctx, script, e.indices(shards))
	if err != nil {
		return err
	}
	for _, shard := range shards {
		e.open[shard].job, e.open[shard].gone = job, 0
	}
	e.record.Jobs = append(e.record.Jobs, jobRow{ID: job, Shards: shards})
	if err := e.record.write(e.Dir); err != nil { // nobody would find the job again
		return errors.Join(err, e.slurm.cancel(ctx, job, 0))
	}
	e.Note("job %s has %s, logs in %s", job, Tasks(len(shards)), filepath.Join(e.Dir, Folder))
	return nil
}

// Follow waits until all shards are complete or given up. If the context ends before, the jobs
// go on; see Cancel.
func (e *Engine) Follow(ctx context.Context) error {
	for {
		if err := e.look(ctx); err != nil {
			return err
		}
		e.Progress(e.status)
		if len(e.open) == 0 {
			break
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(e.Poll):
		}
	}
	if len(e.lost) > 0 {
		return e.failure()
	}
	return nil
}

// look asks Slurm once, and submits again what has failed.
func (e *Engine) look(ctx context.Context) error {
	queue, err := e.queue(ctx)
	if queue == nil {
		return err
	}
	e.status.Running, e.status.Waiting, e.status.Reason = 0, 0, ""
	var again []int
	for _, shard := range e.shards() {
		t := e.open[shard]
		state, there := queue[t.job][shard]
		t.state = state
		failed, err := e.judge(ctx, t, there && !state.over())
		if err != nil {
			return err
		}
		if failed {
			again = append(again, shard)
		}
	}
	if again == nil {
		return nil
	}
	e.status.Waiting += len(again)
	return e.submitted(ctx, again)
}

// queue asks for the tasks of all jobs with open shards; nil if Slurm does not answer, which is an
// error only if it goes on so.
func (e *Engine) queue(ctx context.Context) (map[string]map[int]taskState, error) {
	all := map[string]map[int]taskState{}
	for _, row := range e.record.Jobs {
		if !e.waitsFor(row.ID) {
			continue
		}
		tasks, err := e.slurm.states(ctx, row.ID)
		if err != nil {
			if e.silent++; e.silent == 1 {
				e.Note("%s; asking again every %s", err, e.Poll)
			}
			if e.silent < tolerance {
				return nil, nil
			}
			return nil, fmt.Errorf("the jobs may go on, but nothing is known of them: %w", err)
		}
		all[row.ID] = tasks
	}
	e.silent = 0
	return all, nil
}

// judge settles what has become of a task, and reports whether it is to be submitted again.
func (e *Engine) judge(ctx context.Context, t *task, alive bool) (failed bool, err error) {
	complete, err := e.Complete(t.shard)
	switch {
	case err != nil:
		return false, err
	case complete:
		if alive && t.state.waits() {
			// Slurm gave its node up and will run it again, but the task went on there to its end.
			_ = e.slurm.cancel(ctx, t.job, t.shard) // else it will find that there is nothing to do
		}
		delete(e.open, t.shard)
		e.status.Complete++
		return false, nil
	case alive:
		t.gone = 0
		e.count(t)
		return false, nil
	}
	t.gone++
	switch {
	case t.gone < looksAfterEnd:
		e.status.Running++
		return false, nil
	case t.retries < e.Retries:
		t.retries++
		e.Note("task %d of job %s ended%s without a complete shard: submitting it again (%d of %d)", t.shard, t.job, t.how(), t.retries, e.Retries)
		return true, nil
	}
	delete(e.open, t.shard)
	e.lost = append(e.lost, t)
	e.status.GivenUp++
	return false, nil
}

// count adds a task that is still there to the status.
func (e *Engine) count(t *task) {
	if !t.state.waits() {
		e.status.Running++
		return
	}
	e.status.Waiting++
	e.status.Reason = t.state.reason
	if t.state.held() && !e.held[t.job] {
		e.held[t.job] = true
		id, _ := address(t.job)
		e.Note("task %d of job %s is held (%s) and waits for `scontrol release %s_%d`", t.shard, t.job, t.state.reason, id, t.shard)
	}
}

// how says in what state a task ended, if Slurm still knows it.
func (t *task) how() string {
	switch {
	case t.state.state == "":
		return ""
	case t.state.reason == "" || t.state.reason == "None":
		return " as " + t.state.state
	}
	return fmt.Sprintf(" as %s (%s)", t.state.state, t.state.reason)
}

func (e *Engine) waitsFor(job string) bool {
	for _, t := range e.open {
		if t.job == job {
			return true
		}
	}
	return false
}

// shards are the open ones in order.
func (e *Engine) shards() []int {
	var all []int
	for shard := range e.open {
		all = append(all, shard)
	}
	slices.Sort(all)
	return all
}

// Cancel ends the jobs that are still there. Complete shards are kept.
func (e *Engine) Cancel(ctx context.Context) error {
	for _, row := range e.record.Jobs {
		if !e.waitsFor(row.ID) {
			continue
		}
		if err := e.slurm.cancel(ctx, row.ID, 0); err != nil {
			return err
		}
		e.Note("job %s is cancelled", row.ID)
	}
	return nil
}
