package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"dsmipsim/scenarios/sweep"
)

// arrays are the variables by which clusters tell a task of an array its number.
var arrays = []struct {
	system, number string
	first          int // number of the first task of an array of n, if it is not told
	from, step     string
	last, count    string
}{
	{system: "Slurm", number: "SLURM_ARRAY_TASK_ID", first: 1, from: "SLURM_ARRAY_TASK_MIN", step: "SLURM_ARRAY_TASK_STEP", count: "SLURM_ARRAY_TASK_COUNT"},
	{system: "Grid Engine", number: "SGE_TASK_ID", first: 1, from: "SGE_TASK_FIRST", step: "SGE_TASK_STEPSIZE", last: "SGE_TASK_LAST"},
	{system: "PBS", number: "PBS_ARRAY_INDEX", first: 1},
	{system: "LSF", number: "LSB_JOBINDEX", first: 1, step: "LSB_JOBINDEX_STEP", last: "LSB_JOBINDEX_END"},
	{system: "Kubernetes", number: "JOB_COMPLETION_INDEX", first: 0},
}

// shardOf reads --shard: i/n; auto/n, with i from the task's number in an array of n; or auto, with
// both from there.
func shardOf(text string) (sweep.Shard, error) {
	rest, auto := strings.CutPrefix(text, "auto")
	if !auto {
		return sweep.ParseShard(text)
	}
	var names []string
	for _, a := range arrays {
		names = append(names, a.number)
		task, ok := variable(a.number)
		if !ok {
			continue
		}
		if count, ok := strings.CutPrefix(rest, "/"); ok {
			return sweep.ParseShard(fmt.Sprintf("%d/%s", task-a.first+1, count))
		}
		first, step := a.first, 1
		if v, ok := variable(a.from); ok {
			first = v
		}
		if v, ok := variable(a.step); ok && v > 0 {
			step = v
		}
		count, ok := variable(a.count)
		if last, known := variable(a.last); known {
			count, ok = (last-first)/step+1, true
		}
		if !ok || rest != "" {
			return sweep.Shard{}, fmt.Errorf("found %q, wanted auto/n: %s does not tell how many tasks there are", text, a.system)
		}
		return sweep.ParseShard(fmt.Sprintf("%d/%d", (task-first)/step+1, count))
	}
	return sweep.Shard{}, fmt.Errorf("found %q, but none of the variables of an array of tasks: %s", text, strings.Join(names, ", "))
}

// variable reads a number from the environment.
func variable(name string) (int, bool) {
	v, err := strconv.Atoi(os.Getenv(name))
	return v, name != "" && err == nil
}
