// Package slurm computes the shards of a sweep as the tasks of a Slurm job array: it writes the
// batch script, submits it, follows the tasks, and submits again what ended without a complete
// shard. It speaks to the cluster through Slurm's own commands, and to its tasks through files:
// that a shard is complete is what counts, not how its task ended.
package slurm

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Folder is where the engine keeps its files, below the folder of the sweep.
const Folder = "slurm"

// Array is a sweep as a job array: task i of it computes shard i.
type Array struct {
	Dir       string // the folder of the sweep, absolute, on a file system that all nodes share
	Command   string // what a task runs, as a line for a POSIX shell; --shard i/n follows it
	Name      string // of the job, for people who look at the queue
	Shards    int
	AtOnce    int      // how many tasks may run at a time; 0 leaves that to Slurm
	Partition string   // "" for the cluster's default
	Options   []string // more options of sbatch, as after #SBATCH
}

// ours are the options that the engine sets: a task would compute another shard, or its log
// would not be found, if a user changed them.
var ours = []string{"-a", "--array", "-D", "--chdir", "-o", "--output", "-e", "--error", "--parsable", "--wait", "-W"}

// Check tells what is wrong with the options.
func (a Array) Check() error {
	for _, o := range a.Options {
		name, _, _ := strings.Cut(o, "=")
		name, _, _ = strings.Cut(name, " ")
		switch {
		case !strings.HasPrefix(o, "-") || strings.ContainsAny(o, "\n\r"):
			return fmt.Errorf("found %q, wanted an option of sbatch such as --time=02:00:00", o)
		case slices.Contains(ours, name) || len(name) > 2 && name[1] != '-' && slices.Contains(ours, name[:2]):
			return fmt.Errorf("found %q, wanted another option of sbatch: this one is set by the engine", o)
		}
	}
	if i := strings.IndexAny(a.Dir, "\"\\%\n\r"); i >= 0 {
		return fmt.Errorf("found %q in the folder's name %q, which Slurm takes for a pattern or a quote; wanted a name without", a.Dir[i], a.Dir)
	}
	return nil
}

// Script is the batch script. It is complete: `sbatch script` submits all tasks.
func (a Array) Script() string {
	var b strings.Builder
	fmt.Fprintf(&b, "#!/bin/sh\n#SBATCH --job-name=%s\n#SBATCH --array=%s\n", quoteOption(a.Name), a.indices(nil))
	fmt.Fprintf(&b, "#SBATCH --chdir=%s\n#SBATCH --output=%s/%%A_%%a.log\n#SBATCH --open-mode=append\n", quoteOption(a.Dir), Folder)
	fmt.Fprint(&b, "#SBATCH --ntasks=1\n#SBATCH --cpus-per-task=1\n")
	if a.Partition != "" {
		fmt.Fprintf(&b, "#SBATCH --partition=%s\n", quoteOption(a.Partition))
	}
	for _, o := range a.Options {
		fmt.Fprintf(&b, "#SBATCH %s\n", o)
	}
	fmt.Fprintf(&b, "\n# Task i computes shard i of %d. A task that is run twice does no harm.\nexec %s", a.Shards, a.Command)
	fmt.Fprintf(&b, " --jobs \"${SLURM_CPUS_PER_TASK:-1}\" --shard \"$SLURM_ARRAY_TASK_ID/%d\"\n", a.Shards)
	return b.String()
}

// indices writes shards as sbatch's --array wants them, with the limit of tasks at a time; nil
// stands for all shards.
func (a Array) indices(shards []int) string {
	text := fmt.Sprintf("1-%d", a.Shards)
	if shards != nil {
		text = ranges(shards)
	}
	if a.AtOnce > 0 {
		text += "%" + strconv.Itoa(a.AtOnce)
	}
	return text
}

// ranges writes ascending numbers such as 3,7-9.
func ranges(all []int) string {
	var parts []string
	for i := 0; i < len(all); {
		j := i
		for j+1 < len(all) && all[j+1] == all[j]+1 {
			j++
		}
		part := strconv.Itoa(all[i])
		if j > i {
			part += "-" + strconv.Itoa(all[j])
		}
		parts, i = append(parts, part), j+1
	}
	return strings.Join(parts, ",")
}

// quoteOption makes one word of a text for the #SBATCH lines, which know quotes and backslashes.
func quoteOption(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// log is where the output of a shard's task is.
func (a Array) log(job string, shard int) string {
	id, _, _ := strings.Cut(job, ";")
	return filepath.Join(a.Dir, Folder, fmt.Sprintf("%s_%d.log", id, shard))
}
