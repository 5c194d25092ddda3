// Package batch knows in which environment variables batch systems tell a task which one it is,
// so that a shard of a sweep can be named where no shell is at hand to count.
package batch

import (
	"fmt"
	"strconv"
	"strings"
)

// System is where one batch system tells a task its number.
type System struct {
	Name        string
	Index       string // variable with the number of the task
	Base        int    // the number of the first task, unless First tells it
	First, Last string // variables with the first and the last number; "" if there are none
	Step        string // variable with the distance of two numbers
	Count       string // variable with how many tasks there are: fewer if some were picked
	None        string // what Index is in a job that is no array, apart from ""
}

// Systems are those that are known, with the variables of their manuals.
var Systems = []System{
	{Name: "Slurm", Index: "SLURM_ARRAY_TASK_ID", Base: 1,
		First: "SLURM_ARRAY_TASK_MIN", Last: "SLURM_ARRAY_TASK_MAX", Step: "SLURM_ARRAY_TASK_STEP", Count: "SLURM_ARRAY_TASK_COUNT"},
	{Name: "Grid Engine", Index: "SGE_TASK_ID", Base: 1, First: "SGE_TASK_FIRST", Last: "SGE_TASK_LAST", Step: "SGE_TASK_STEPSIZE", None: "undefined"},
	{Name: "Kubernetes", Index: "JOB_COMPLETION_INDEX", Base: 0},
	{Name: "PBS", Index: "PBS_ARRAY_INDEX", Base: 1},
	{Name: "LSF", Index: "LSB_JOBINDEX", Base: 1, None: "0"}, // its LSB_JOBINDEX_END says nothing of indices that were left out
	{Name: "AWS Batch", Index: "AWS_BATCH_JOB_ARRAY_INDEX", Base: 0},
}

// Shard returns which shard this task is to compute, from 1 on, and of how many. A count above 0
// is what the user says; else the system must tell it. getenv is os.Getenv.
func Shard(count int, getenv func(string) string) (shard, of int, err error) {
	var s System
	for _, one := range Systems {
		switch value := getenv(one.Index); {
		case value == "" || value == one.None:
		case s.Name != "":
			return 0, 0, fmt.Errorf("found both %s and %s in the environment, wanted one of them, or the shard as i/n", s.Index, one.Index)
		default:
			s = one
		}
	}
	if s.Name == "" {
		var names []string
		for _, one := range Systems {
			names = append(names, one.Index)
		}
		return 0, 0, fmt.Errorf("found the number of a task in none of the variables %s, wanted one of them, or the shard as i/n", strings.Join(names, ", "))
	}
	index, err := number(s.Index, getenv(s.Index))
	if err != nil {
		return 0, 0, err
	}
	if count > 0 {
		return s.within(index, s.Base, 1, count)
	}
	if s.First == "" {
		return 0, 0, fmt.Errorf("found only %s in the environment: %s does not tell how many tasks there are; wanted auto/n", s.Index, s.Name)
	}
	return s.told(index, getenv)
}

// told is the shard where the system tells the range of its tasks.
func (s System) told(index int, getenv func(string) string) (shard, of int, err error) {
	first, err := number(s.First, getenv(s.First))
	if err != nil {
		return 0, 0, err
	}
	last, err := number(s.Last, getenv(s.Last))
	if err != nil {
		return 0, 0, err
	}
	step := 1
	if text := getenv(s.Step); text != "" && last > first { // one task alone has any step
		if step, err = number(s.Step, text); err != nil {
			return 0, 0, err
		}
	}
	if step < 1 || last < first {
		return 0, 0, fmt.Errorf("found tasks from %d to %d by %d (%s, %s, %s), wanted auto/n", first, last, step, s.First, s.Last, s.Step)
	}
	count := (last-first)/step + 1
	if s.Count != "" && getenv(s.Count) != strconv.Itoa(count) {
		return 0, 0, fmt.Errorf("%s: found %q for tasks from %d to %d, which are some of an array: wanted auto/n", s.Count, getenv(s.Count), first, last)
	}
	return s.within(index, first, step, count)
}

// within numbers the tasks from 1 on.
func (s System) within(index, first, step, count int) (shard, of int, err error) {
	last := first + (count-1)*step
	if index < first || index > last || (index-first)%step != 0 {
		return 0, 0, fmt.Errorf("%s: found %d, wanted one of %d to %d by %d for %d shards", s.Index, index, first, last, step, count)
	}
	return (index-first)/step + 1, count, nil
}

// number reads a variable.
func number(name, value string) (int, error) {
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%s: found %q, wanted a number", name, value)
	}
	return n, nil
}
