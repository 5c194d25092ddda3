package batch

import (
	"fmt"
	"strings"
	"testing"
)

func TestShard(t *testing.T) {
	for _, c := range []struct {
		environment string
		count       int
		want        string // shard/of, or a part of the error
	}{
		{"SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=8 SLURM_ARRAY_TASK_COUNT=8 SLURM_ARRAY_TASK_STEP=1", 0, "3/8"},
		{"SLURM_ARRAY_TASK_ID=0 SLURM_ARRAY_TASK_MIN=0 SLURM_ARRAY_TASK_MAX=7 SLURM_ARRAY_TASK_COUNT=8 SLURM_ARRAY_TASK_STEP=1", 0, "1/8"},
		{"SLURM_ARRAY_TASK_ID=7 SLURM_ARRAY_TASK_MIN=3 SLURM_ARRAY_TASK_MAX=7 SLURM_ARRAY_TASK_COUNT=2 SLURM_ARRAY_TASK_STEP=1", 0, `SLURM_ARRAY_TASK_COUNT: found "2" for tasks from 3 to 7, which are some of an array: wanted auto/n`},
		{"SLURM_ARRAY_TASK_ID=7 SLURM_ARRAY_TASK_MIN=3 SLURM_ARRAY_TASK_MAX=7 SLURM_ARRAY_TASK_COUNT=2 SLURM_ARRAY_TASK_STEP=1", 8, "7/8"},
		{"SLURM_ARRAY_TASK_ID=9 SLURM_ARRAY_TASK_COUNT=9", 8, "SLURM_ARRAY_TASK_ID: found 9, wanted one of 1 to 8 by 1 for 8 shards"},
		{"SLURM_ARRAY_TASK_ID=9", 0, `SLURM_ARRAY_TASK_MIN: found "", wanted a number`},
		{"SGE_TASK_ID=2 SGE_TASK_FIRST=1 SGE_TASK_LAST=4 SGE_TASK_STEPSIZE=1", 0, "2/4"},
		{"SGE_TASK_ID=3 SGE_TASK_FIRST=1 SGE_TASK_LAST=5 SGE_TASK_STEPSIZE=2", 0, "2/3"},
		{"SGE_TASK_ID=4 SGE_TASK_FIRST=1 SGE_TASK_LAST=5 SGE_TASK_STEPSIZE=2", 0, "SGE_TASK_ID: found 4, wanted one of 1 to 5 by 2 for 3 shards"},
		{"SGE_TASK_ID=0 SGE_TASK_FIRST=1 SGE_TASK_LAST=5 SGE_TASK_STEPSIZE=2", 0, "SGE_TASK_ID: found 0"},
		{"SGE_TASK_ID=2 SGE_TASK_FIRST=2 SGE_TASK_LAST=2 SGE_TASK_STEPSIZE=0", 0, "1/1"},
		{"SGE_TASK_ID=2 SGE_TASK_FIRST=5 SGE_TASK_LAST=2", 0, "found tasks from 5 to 2 by 1"},
		{"SGE_TASK_ID=undefined SGE_TASK_FIRST=undefined", 0, "in none of the variables SLURM_ARRAY_TASK_ID, "},
		{"JOB_COMPLETION_INDEX=0", 5, "1/5"},
		{"JOB_COMPLETION_INDEX=4", 5, "5/5"},
		{"JOB_COMPLETION_INDEX=5", 5, "JOB_COMPLETION_INDEX: found 5, wanted one of 0 to 4 by 1 for 5 shards"},
		{"JOB_COMPLETION_INDEX=0", 0, "Kubernetes does not tell how many tasks there are; wanted auto/n"},
		{"AWS_BATCH_JOB_ARRAY_INDEX=1", 2, "2/2"},
		{"PBS_ARRAY_INDEX=1", 2, "1/2"},
		{"PBS_ARRAY_INDEX=0", 2, "PBS_ARRAY_INDEX: found 0, wanted one of 1 to 2 by 1"},
		{"PBS_ARRAY_INDEX=one", 2, `PBS_ARRAY_INDEX: found "one", wanted a number`},
		{"LSB_JOBINDEX=2", 2, "2/2"},
		{"LSB_JOBINDEX=0", 2, "in none of the variables"}, // LSF's word for no array
		{"LSB_JOBINDEX=0 JOB_COMPLETION_INDEX=0", 2, "1/2"},
		{"JOB_COMPLETION_INDEX=0 SLURM_ARRAY_TASK_ID=3", 5, "found both SLURM_ARRAY_TASK_ID and JOB_COMPLETION_INDEX"},
		{"", 5, "in none of the variables"},
	} {
		environment := map[string]string{}
		for _, v := range strings.Fields(c.environment) {
			name, value, _ := strings.Cut(v, "=")
			environment[name] = value
		}
		shard, of, err := Shard(c.count, func(name string) string { return environment[name] })
		got := fmt.Sprintf("%d/%d", shard, of)
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%s, count %d: %s, wanted %s", c.environment, c.count, got, c.want)
		}
	}
}
