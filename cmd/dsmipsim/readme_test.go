package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"dsmipsim/scenarios"
)

const readmeFile = "../../README.md"

// block is a fenced block of README.md: ```sh, ```toml, ```text or ```yaml.
var block = regexp.MustCompile("(?s)```(\\w+)\n(.*?)```")

// Everything that README.md links to in the repository is there.
func TestReadmeLinks(t *testing.T) {
	readme, err := os.ReadFile(readmeFile)
	if err != nil {
		t.Fatal(err)
	}
	links := regexp.MustCompile(`\]\(([^)]+)\)`).FindAllSubmatch(readme, -1)
	if len(links) == 0 {
		t.Error("no link was found")
	}
	for _, l := range links {
		if _, err := os.Stat(filepath.Join(filepath.Dir(readmeFile), string(l[1]))); err != nil {
			t.Error(err)
		}
	}
}

// Every command in README.md works, in its order and with the scenario that README.md gives,
// and prints and draws what README.md shows. UPDATE=1 puts the true output and pictures there.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile(readmeFile)
	if err != nil {
		t.Fatal(err)
	}
	target, err := filepath.Abs(readmeFile)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	commands, printed := 0, map[string]string{} // by command
	var last []string                           // the commands of the last sh block
	for _, b := range block.FindAllStringSubmatch(string(readme), -1) {
		switch kind, text := b[1], b[2]; kind {
		case "toml":
			name, ok := strings.CutPrefix(strings.SplitN(text, "\n", 2)[0], "# ")
			if !ok {
				t.Fatalf("the first line of a scenario names its file: %.40q", text)
			}
			if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		case "sh":
			last = strings.Split(strings.TrimSpace(text), "\n")
			for _, command := range last {
				printed[command] = perform(t, command)
				commands++
			}
		case "text":
			// The second command of the block before begins with this.
			begin, _, _ := strings.Cut(printed[last[1]], "\n\n")
			if begin+"\n" == text {
				continue
			}
			if os.Getenv("UPDATE") == "" {
				t.Errorf("%s begins with\n%s\nREADME.md has\n%s", last[1], begin, text)
				continue
			}
			readme = bytes.Replace(readme, []byte("```text\n"+text+"```"), []byte("```text\n"+begin+"\n```"), 1)
			if err := os.WriteFile(target, readme, 0o600); err != nil {
				t.Fatal(err)
			}
		case "yaml":
			for _, command := range commandsOf(t, text) {
				perform(t, command)
				commands++
			}
		default:
			t.Errorf("a block of kind %q is not checked", kind)
		}
	}
	for _, name := range []string{"delay.png", "phases.svg"} {
		now, err := os.ReadFile(filepath.Join("out/plots", name))
		if err != nil {
			t.Fatal(err)
		}
		shown := filepath.Join(filepath.Dir(target), ".pictures", "roaming-"+name)
		switch before, err := os.ReadFile(shown); {
		case err == nil && bytes.Equal(before, now):
		case os.Getenv("UPDATE") != "":
			if err := os.WriteFile(shown, now, 0o600); err != nil {
				t.Fatal(err)
			}
		case strings.HasSuffix(name, ".png") && runtime.GOARCH != "amd64":
			// Other processors may round a pixel otherwise.
		default:
			t.Errorf("%s is not what the command draws (error %v); UPDATE=1 puts that there", shown, err)
		}
	}
	if commands < 8 {
		t.Errorf("only %d commands were found", commands)
	}
}

// commandsOf returns what a workflow of GitHub or a job of GitLab runs.
func commandsOf(t *testing.T, text string) []string {
	t.Helper()
	type step struct{ Uses, Run string }
	var file map[string]struct { // of GitHub the part jobs, of GitLab the only job
		Image  string
		Script []string
		Check  *struct {
			RunsOn string `yaml:"runs-on"`
			Steps  []step
		}
		Artifacts struct{ Reports struct{ JUnit string } }
	}
	var parts map[string]yaml.Node
	if err := yaml.Unmarshal([]byte(text), &parts); err != nil {
		t.Fatal(err)
	}
	if _, github := parts["jobs"]; github { // name and on are no jobs
		text = text[strings.Index(text, "jobs:"):]
	}
	if err := yaml.Unmarshal([]byte(text), &file); err != nil {
		t.Fatal(err)
	}
	var all []string
	for name, job := range file {
		all = append(all, job.Script...)
		if job.Check == nil {
			if job.Image == "" || job.Artifacts.Reports.JUnit != "checks.xml" {
				t.Errorf("job %s has image %q and report %q", name, job.Image, job.Artifacts.Reports.JUnit)
			}
			continue
		}
		if len(parts["on"].Content) == 0 || job.Check.RunsOn == "" {
			t.Errorf("the workflow never runs, or nowhere")
		}
		for _, s := range job.Check.Steps {
			if (s.Uses == "") == (s.Run == "") {
				t.Errorf("a step uses %q and runs %q", s.Uses, s.Run)
			}
			if s.Run != "" {
				all = append(all, s.Run)
			}
		}
	}
	if len(all) == 0 {
		t.Errorf("nothing is run by\n%s", text)
	}
	return all
}

// perform runs a command of README.md in this process, or with the program that it names, and
// returns what it prints.
func perform(t *testing.T, command string) string {
	t.Helper()
	words := strings.Fields(command)
	if command == "go test ./..." { // this is what runs now
		return ""
	}
	if rest, ok := strings.CutPrefix(command, "go run ./cmd/dsmipsim "); ok {
		if strings.HasPrefix(rest, "sweep "+scenarios.Experiments+"/") {
			rest += " --replications 2" // of thirty
		}
		var out, errs bytes.Buffer
		if code := run(strings.Fields(rest), strings.NewReader(""), &out, &errs); code != 0 {
			t.Errorf("%s: exit status %d: %s", command, code, errs.String())
		}
		if out.Len() == 0 {
			t.Errorf("%s printed nothing", command)
		}
		return out.String()
	}
	if words[0] != "tshark" {
		t.Errorf("README.md has a command that no test runs: %s", command)
		return ""
	}
	if _, err := exec.LookPath("tshark"); err != nil {
		if os.Getenv("DSMIPSIM_ORACLES") != "" {
			t.Fatal("tshark is required here: ", err)
		}
		return ""
	}
	out, err := exec.Command("tshark", words[1:]...).Output()
	if err != nil || !strings.Contains(string(out), "Binding Update") {
		t.Errorf("%s: %v, and no Binding Update in\n%s", command, err, out)
	}
	return string(out)
}
