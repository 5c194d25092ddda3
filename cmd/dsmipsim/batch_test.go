package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"dsmipsim/scenarios/sweep/batch"
)

// batchPage is the tutorial for batch systems.
func batchPage(t *testing.T) string {
	t.Helper()
	page, err := tutorials.ReadFile("help/batch.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

// What the tutorial shows for each batch system computes all shards of a sweep, where that system
// is played by a shell that sets its variables, and the merged sweep is that of one machine.
func TestBatchManifests(t *testing.T) {
	systems := map[string]func(*testing.T, string, string){
		"slurm":      slurmArray,
		"gridengine": gridEngineArray,
		"pbs":        pbsArray,
		"yaml":       kubernetesJob,
		"condor":     condorQueue,
		"parallel":   gnuParallel,
		"xargs":      func(t *testing.T, dir, text string) { shell(t, dir, text) },
		"ssh":        sshLoop,
	}
	local := t.TempDir()
	shell(t, local, "dsmipsim init study.toml\ndsmipsim sweep study.toml --replications 6 -o study -q")
	scenario := wholeFile(t, filepath.Join(local, "study.toml"))
	shown := map[string]bool{}
	for _, b := range block.FindAllStringSubmatch(batchPage(t), -1) {
		kind, text := b[1], b[2]
		if kind == "sh" { // see TestTutorials
			continue
		}
		shown[kind] = true
		t.Run(kind, func(t *testing.T) {
			play := systems[kind]
			if play == nil {
				t.Fatalf("a block of kind %q is not checked", kind)
			}
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "study.toml"), scenario, 0o600); err != nil {
				t.Fatal(err)
			}
			play(t, dir, text)
			shell(t, dir, "dsmipsim merge study")
			for _, name := range []string{"sweep.json", "runs.csv", "points.csv"} {
				if !bytes.Equal(wholeFile(t, filepath.Join(dir, "study", name)), wholeFile(t, filepath.Join(local, "study", name))) {
					t.Errorf("%s is not that of one machine", name)
				}
			}
		})
	}
	for kind := range systems {
		if !shown[kind] {
			t.Errorf("the tutorial shows nothing for %s", kind)
		}
	}
}

// shell runs a script in a folder.
func shell(t *testing.T, dir, script string, environment ...string) {
	t.Helper()
	c := exec.Command("sh", "-e", "-c", script)
	c.Dir, c.Env = dir, append(os.Environ(), environment...)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%s\n%v: %s", script, err, out)
	}
}

func wholeFile(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// found is the first group of a pattern as a number.
func found(t *testing.T, pattern, text string) int {
	t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("found no %s in\n%s", pattern, text)
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func slurmArray(t *testing.T, dir, text string) {
	n := found(t, `#SBATCH --array=1-(\d+)`, text)
	for i := 1; i <= n; i++ {
		shell(t, dir, text, fmt.Sprint("SLURM_ARRAY_TASK_ID=", i), "SLURM_ARRAY_TASK_MIN=1", fmt.Sprint("SLURM_ARRAY_TASK_MAX=", n),
			fmt.Sprint("SLURM_ARRAY_TASK_COUNT=", n), "SLURM_ARRAY_TASK_STEP=1")
	}
}

func gridEngineArray(t *testing.T, dir, text string) {
	n := found(t, `#\$ -t 1-(\d+)`, text)
	for i := n; i >= 1; i-- { // in whatever order
		shell(t, dir, text, fmt.Sprint("SGE_TASK_ID=", i), "SGE_TASK_FIRST=1", fmt.Sprint("SGE_TASK_LAST=", n), "SGE_TASK_STEPSIZE=1")
	}
}

func pbsArray(t *testing.T, dir, text string) {
	for i := 1; i <= found(t, `#PBS -J 1-(\d+)`, text); i++ {
		shell(t, t.TempDir(), text, fmt.Sprint("PBS_ARRAY_INDEX=", i), "PBS_O_WORKDIR="+dir)
	}
}

func kubernetesJob(t *testing.T, dir, text string) {
	var job struct {
		APIVersion string `yaml:"apiVersion"`
		Kind       string
		Metadata   struct{ Name string }
		Spec       struct {
			CompletionMode       string `yaml:"completionMode"`
			Completions          int
			Parallelism          int
			BackoffLimitPerIndex int `yaml:"backoffLimitPerIndex"`
			Template             struct {
				Spec struct {
					RestartPolicy string `yaml:"restartPolicy"`
					Containers    []struct {
						Name, Image  string
						WorkingDir   string `yaml:"workingDir"`
						Command      []string
						Resources    map[string]map[string]string
						VolumeMounts []struct {
							Name      string
							MountPath string `yaml:"mountPath"`
						} `yaml:"volumeMounts"`
					}
					Volumes []struct {
						Name  string
						Claim struct {
							Name string `yaml:"claimName"`
						} `yaml:"persistentVolumeClaim"`
					}
				}
			}
		}
	}
	reader := yaml.NewDecoder(strings.NewReader(text))
	reader.KnownFields(true)
	if err := reader.Decode(&job); err != nil {
		t.Fatal(err)
	}
	if job.APIVersion != "batch/v1" || job.Kind != "Job" || job.Spec.CompletionMode != "Indexed" || len(job.Spec.Template.Spec.Containers) != 1 {
		t.Fatalf("no Indexed Job with one container: %+v", job)
	}
	c := job.Spec.Template.Spec.Containers[0]
	if c.WorkingDir != c.VolumeMounts[0].MountPath || c.VolumeMounts[0].Name != job.Spec.Template.Spec.Volumes[0].Name {
		t.Errorf("the program does not run in the volume: %+v", job)
	}
	for i := range job.Spec.Completions {
		run := exec.Command(c.Command[0], c.Command[1:]...)
		run.Dir, run.Env = dir, append(os.Environ(), fmt.Sprint("JOB_COMPLETION_INDEX=", i))
		if out, err := run.CombinedOutput(); err != nil {
			t.Fatalf("%q: %v: %s", c.Command, err, out)
		}
	}
}

func condorQueue(t *testing.T, dir, text string) {
	commands := map[string]string{}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(line, "="); ok {
			commands[strings.TrimSpace(name)] = strings.TrimSpace(value)
		}
	}
	queue := regexp.MustCompile(`queue shard in \((.*)\)`).FindStringSubmatch(text)
	if queue == nil || commands["initialdir"] != filepath.ToSlash(filepath.Dir(commands["executable"])) {
		t.Fatalf("no queue, or not in the shared folder:\n%s", text)
	}
	for shard := range strings.SplitSeq(queue[1], ", ") {
		shell(t, dir, filepath.Base(commands["executable"])+" "+strings.ReplaceAll(commands["arguments"], "$(shard)", shard))
	}
}

func gnuParallel(t *testing.T, dir, text string) {
	if _, err := exec.LookPath("parallel"); err != nil {
		if os.Getenv("DSMIPSIM_ORACLES") != "" {
			t.Fatal("GNU parallel is required here: ", err)
		}
		t.Skip("no GNU parallel: ", err)
	}
	shell(t, dir, text)
}

// sshLoop plays ssh to this machine.
func sshLoop(t *testing.T, dir, text string) {
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "ssh"), []byte("#!/bin/sh\nshift\nexec sh -c \"$*\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text, "cd /shared ") {
		t.Fatalf("wanted cd /shared in\n%s", text)
	}
	shell(t, dir, strings.ReplaceAll(text, "/shared", dir), "PATH="+bin+string(filepath.ListSeparator)+os.Getenv("PATH"))
}

// The table of variables is that of the program.
func TestBatchVariables(t *testing.T) {
	var want []string
	for _, s := range batch.Systems {
		total := "no"
		if s.First != "" {
			total = "yes"
		}
		want = append(want, fmt.Sprintf("| %s | %s | %d | %s |", s.Name, s.Index, s.Base, total))
	}
	_, table, _ := strings.Cut(batchPage(t), "| --- |\n")
	if got := strings.Split(strings.TrimSpace(table), "\n"); !slices.Equal(got, want) {
		t.Errorf("help/batch.md has\n%s\nwanted\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
